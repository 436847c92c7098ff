//! What a refusal means for who publishes.

use crate::errors::ChainError;

/// Refusals a publisher meets, and what to do about them.
const MEANINGS: [(&str, &str); 30] = [
    (
        "NotPublisher",
        "this account does not publish that feed: send with the listed account, or sign with the listed keys (--signer-key-file)",
    ),
    (
        "NotEnoughSigners",
        "fewer signatures than the threshold: give more --signer-key-file",
    ),
    (
        "UnknownSigner",
        "a key is not in the contract's set, or signed other data, another chain or another contract",
    ),
    ("DuplicateSigner", "a key was given twice"),
    ("UnsortedSigners", "signatures are not ascending by address"),
    (
        "BadSignature",
        "a signature is malformed, or has s in the upper half",
    ),
    (
        "Expired",
        "the deadline passed before the transaction was mined: publish again, or with a longer --valid-for",
    ),
    (
        "FutureTimestamp",
        "the update is dated ahead of the chain: check the clock",
    ),
    (
        "LowConfidence",
        "the source demands more confidence than the update states",
    ),
    ("UnknownFeed", "the feed is not listed here: check its name"),
    (
        "InvalidSmile",
        "the slice is malformed or holds arbitrage with what is stored now; what was stored stays. code: 7 negative variance, 8 wing too steep, 9 butterfly, 10 and 11 calendar",
    ),
    (
        "BadVolatility",
        "the volatility at the forward is outside of what may be published",
    ),
    (
        "VolatilityJump",
        "volatility may not change so fast on this feed: publish again as minutes pass",
    ),
    (
        "BadTerm",
        "carry or rate is beyond 100 % a year, or doubt above 1",
    ),
    ("UnsortedExpiries", "expiries must rise"),
    (
        "TooManyExpiries",
        "the publisher has as many live expiries as fit: wait until one has passed",
    ),
    (
        "LengthMismatch",
        "as many terms as smiles are needed, or none",
    ),
    ("IndexOutOfBounds", "the feed has no such publisher"),
    (
        "ParameterOutOfBounds",
        "a number is outside of what the contract takes",
    ),
    (
        "NotYetEffective",
        "a replacement takes effect two days after it was announced",
    ),
    ("NoData", "nothing was published yet"),
    (
        "SmileMissesQuote",
        "the smile is outside of a quote, widened by the tolerance: fit again, to the volatilities the contract states",
    ),
    (
        "QuoteWithoutVolatility",
        "a price implies no volatility: quote the side out of the money, and no bid where there is none above intrinsic value",
    ),
    ("CrossedQuote", "a bid is not below its offer"),
    ("UnsortedStrikes", "strikes of an expiry must rise"),
    (
        "TooFewQuotes",
        "fewer firm quotes than the contract demands; wide ones do not count",
    ),
    (
        "QuotesTooNarrow",
        "the firm quotes must reach further from the forward, on both sides",
    ),
    (
        "QuotesTooSparse",
        "two neighbouring firm quotes are too far apart to say what is between them",
    ),
    (
        "StaleQuotes",
        "the quotes are older than the contract allows, or than what is published",
    ),
    (
        "WorseSmile",
        "a smile from the same observation is published, and this one is not better",
    ),
];

/// What to do about an error, if it is a refusal that has a meaning here.
#[must_use]
pub fn explain(error: &ChainError) -> Option<&'static str> {
    let name = error.revert()?.name()?;
    let found = MEANINGS.iter().find(|(known, _)| *known == name);
    found.map(|(_, meaning)| *meaning)
}
