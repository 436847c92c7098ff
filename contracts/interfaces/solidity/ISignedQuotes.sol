// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

/// A publisher of the volatility surface that states no volatility: k of n keys sign the bids and offers of listed options, which everybody can look up, and
/// this contract solves the volatilities they imply. Anyone relays them together with a smile, which nobody signs: it is published if it lies within bid
/// and offer of every quote. So signers answer for prices alone, and who fits the smile need not be trusted. One contract per feed and place among
/// its publishers. Nobody owns it; the signers alone may replace themselves.
///
/// Signed under the domain ("Novation Signed Quotes", "1", chain id, this contract):
///   OptionQuotes(bytes32 feed,uint64 observedAt,uint128 spot,bytes32[] expiries,bytes32[] quotes,uint64 deadline)
///   SignerReplacement(address[] signers,uint8 threshold,uint64 generation,uint64 deadline)
/// `signatures` are 65 bytes each (r, s, v), strictly ascending by the signer's address, s in the lower half of the order, v 27 or 28.
///
/// An expiry is one word, most significant first: 32 zero bits, expiry u32 (unix seconds), quotes u16 (how many are its own), doubt u16 (1e-4), rate i32 (1e-9 per
/// year), forward u128 (1e18 quote per underlying). A quote is one word: strike u64 (1e-8), kind u8 (0 call, 1 put), 8 zero bits, bid u88,
/// ask u88 (1e18 quote per contract, paid now; bid 0: nobody bids). Quotes lie in the order of the expiries, by rising strike, at most 64 an expiry.
/// Prices of an expiry are those of one moment, `observedAt`; spot is the underlying's then, and the carry that is published leads from it to the forward.
///
/// The rule, for each expiry: the smile is nowhere further than `tolerance` outside of the volatilities of bid and offer. Firm quotes (bid and offer at
/// most `maxSpread` apart in volatility) are at least `leastQuotes`; they reach at least `reachBps` / 10,000 standard deviations to either side of the forward,
/// and leave no wider gap on the way. Beyond them the smile is bounded by the surface's proof of no arbitrage, and by quotes without a bid. Of one
/// observation the first smile that agrees is published, and replaced by one that is nearer to the middle of the quotes: whose largest miss, in
/// 1e-4 of what is allowed, is smaller by at least 100. A relayer can thus choose within the bands, for as long as nobody sends a better smile.
interface ISignedQuotes {
    /// Ascending by address; how many must sign; how often they were replaced, the first set included.
    struct Signers {
        address[] signers;
        uint8 threshold;
        uint64 generation;
    }

    /// missBps: how far the smile is from the middle of the firm quote that it fits worst, of what is allowed there (10,000).
    event QuotesPublished(
        uint32 indexed expiry, uint64 observedAt, uint128 forward, uint16 firmQuotes, uint16 missBps, bytes32 smile
    );
    event SignersReplaced(uint64 indexed generation, uint8 signers, uint8 threshold);

    error ParameterOutOfBounds(uint256 given, uint256 least, uint256 most);
    error BadSigner(address signer);
    error NotEnoughSigners(uint256 given, uint256 needed);
    error UnknownSigner(address signer);
    error DuplicateSigner(address signer);
    error UnsortedSigners(address previous, address next);
    error BadSignature(uint256 index);
    error Expired(uint64 deadline, uint64 time);
    /// Thrown when quotes were observed after the block's time.
    error FutureTimestamp(uint64 timestamp, uint64 latest);
    error WrongGeneration(uint64 given, uint64 current);
    /// Thrown when there is not one smile an expiry, or expiries have other numbers of quotes than are given.
    error LengthMismatch(uint256 first, uint256 second);
    /// Thrown when a word is no expiry.
    error MalformedExpiry(uint256 index);
    /// Thrown when an expiry has passed.
    error BadExpiry(uint32 expiry, uint64 earliest, uint64 latest);
    /// Thrown when quotes are older than the rules allow, or than what is published.
    error StaleQuotes(uint32 expiry, uint64 observedAt, uint64 earliest);
    /// Thrown when a smile was published from this observation already, and the one given is not better by 100.
    error WorseSmile(uint32 expiry, uint256 missBps, uint256 mostBps);
    error TooManyQuotes(uint32 expiry, uint256 given, uint256 most);
    /// Thrown when a word is no quote. Indices count all quotes of the call.
    error MalformedQuote(uint256 index);
    /// Thrown when the bid is not below the offer (1e18).
    error CrossedQuote(uint256 index, uint256 bid, uint256 ask);
    /// Thrown when strikes of an expiry do not rise (1e-8).
    error UnsortedStrikes(uint256 index, uint64 previous, uint64 next);
    /// Thrown when a price implies no volatility. code: 1 below the discounted intrinsic value, 2 no time value, 3 less time value than is resolved, 4 more than any
    /// volatility gives, 5 volatility above 10,000 %, 6 forward, strike or time outside of what is priced. Price given, and the nearest that is solved (1e18).
    error QuoteWithoutVolatility(uint256 index, uint8 code, uint256 given, uint256 allowed);
    /// Thrown when the smile's volatility at a quote's strike is outside of [low, high] (1e18): bid and offer, widened by the tolerance.
    error SmileMissesQuote(uint256 index, uint64 low, uint64 high, uint64 given);
    error TooFewQuotes(uint32 expiry, uint256 firm, uint256 needed);
    /// Thrown when the lowest or the highest firm quote, as ln(strike / forward), is nearer to the forward than `reach` (1e18).
    error QuotesTooNarrow(uint32 expiry, int256 lowest, int256 highest, uint256 reach);
    /// Thrown when a firm quote is further above the one before, in ln(strike), than `most` (1e18).
    error QuotesTooSparse(uint256 index, uint256 gap, uint256 most);
    /// Thrown when a parameter of the smile is out of range: see `IVolatilitySurface`, whose own refusals are passed on.
    error InvalidSmile(uint32 expiry, uint8 code, int256 k, int256 given, int256 limit);

    /// Publishes smiles, one per expiry, as of `observedAt`, all or none. A smile of zero leaves its expiry out; of the others the parameters count, expiry and
    /// time are those of the quotes.
    function publish(
        uint64 observedAt,
        uint128 spot,
        bytes32[] memory expiries,
        bytes32[] memory quotes,
        bytes32[] memory smiles,
        uint64 deadline,
        bytes memory signatures
    ) external;
    /// Replaces the signers, signed by those of `generation`, the present one.
    function replaceSigners(
        address[] memory signers,
        uint8 threshold,
        uint64 generation,
        uint64 deadline,
        bytes memory signatures
    ) external;

    /// Volatilities (1e18) that bids and offers of one expiry imply; zero for a bid of zero. For fitting a smile to the very numbers it is held against.
    function impliedVolatilities(uint64 observedAt, bytes32 expiry, bytes32[] memory quotes)
        external
        view
        returns (uint64[] memory bids, uint64[] memory asks);
    /// What was published last of an expiry: when it was observed, the forward then, firm quotes, and the smile's largest miss. Zeros before the first.
    function latestOf(uint32 expiry)
        external
        view
        returns (uint64 observedAt, uint128 forward, uint16 firmQuotes, uint16 missBps);
    /// See above. maxSpread and tolerance: volatility, 1e18; maxAge: seconds that quotes may be old when they are published.
    function rules()
        external
        view
        returns (uint16 leastQuotes, uint16 reachBps, uint64 maxSpread, uint64 tolerance, uint32 maxAge);
    /// Where it publishes: the surface, the feed, and its place among the feed's publishers.
    function place() external view returns (address surface, bytes32 feed, uint8 publisher);
    function signerSet() external view returns (Signers memory);
    function domainSeparator() external view returns (bytes32);
}
