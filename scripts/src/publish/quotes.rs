//! Option quotes that keys sign, and the smiles that go with them.

use alloy::primitives::{B256, U256, utils::parse_units};
use clearing_math::leg::OptionKind;
use clearing_math::quotes::{MOST_PRICE, OptionQuote, QuotedExpiry, Rules, agree};
use clearing_math::surface::PublishedSmile;
use serde::{Deserialize, Serialize};

use super::message::{MessageError, in_range};
use crate::surface_fit::witness::{self, WitnessError};

/// Decimals of prices.
const WAD: u8 = 18;
/// Decimals of strikes.
const STRIKE: u8 = 8;

/// Quotes of one moment, for a `SignedQuotes` contract. Prices are decimal, in quote units per unit of the underlying.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Quotes {
    /// Name or hash; what the contract publishes, if left out.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub feed: String,
    /// Unix seconds; the chain's time if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_at: Option<u64>,
    /// Of the underlying.
    pub spot: String,
    /// Soonest first.
    pub expiries: Vec<ExpiryQuotes>,
}

/// One expiry.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ExpiryQuotes {
    /// Unix seconds.
    pub expiry: u32,
    /// Price of the future.
    pub forward: String,
    /// Interest rate per year, 1 = 100 %.
    #[serde(default)]
    pub rate: f64,
    /// How unsure forward and rate are, 0 to 1.
    #[serde(default)]
    pub doubt: f64,
    /// By rising strike.
    pub quotes: Vec<Quote>,
    /// The smile to propose; fitted if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub smile: Option<SmileParameters>,
}

/// One option.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Quote {
    /// Price of the right.
    pub strike: String,
    /// Which right.
    #[serde(rename = "type")]
    pub kind: Kind,
    /// What somebody pays; left out where nobody bids.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bid: Option<String>,
    /// What somebody asks.
    pub ask: String,
}

/// Call or put.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Kind {
    /// The right to buy.
    Call,
    /// The right to sell.
    Put,
}

/// Raw SVI of annualised variance, in 1e-9, as `fit-svi` writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[allow(missing_docs, reason = "the names of raw SVI")]
pub struct SmileParameters {
    pub a: i64,
    pub b: u64,
    pub rho: i64,
    pub m: i64,
    pub sigma: u64,
}

/// What the keys sign, and what is proposed.
#[derive(Clone, Debug, PartialEq)]
pub struct Signable {
    /// WAD.
    pub spot: u128,
    /// Words.
    pub expiries: Vec<B256>,
    /// Words, those of all expiries.
    pub quotes: Vec<B256>,
    /// One an expiry; zero where none agrees.
    pub smiles: Vec<B256>,
    /// Expiries without a smile, and why.
    pub left_out: Vec<(u32, WitnessError)>,
}

impl Quotes {
    /// The words, with a smile for every expiry that has one under `rules`.
    ///
    /// # Errors
    /// [`MessageError`]: a number that no word holds.
    pub fn signable(&self, observed_at: u64, rules: &Rules) -> Result<Signable, MessageError> {
        let read: Result<Vec<_>, _> = self.expiries.iter().map(ExpiryQuotes::read).collect();
        let read = read?;
        let mut signable = Signable {
            spot: positive(&self.spot, WAD)?,
            expiries: Vec::new(),
            quotes: Vec::new(),
            smiles: vec![B256::ZERO; read.len()],
            left_out: Vec::new(),
        };
        // From the last to the first, each below the one after it.
        let mut later: Option<PublishedSmile> = None;
        for (index, (expiry, quotes)) in read.iter().enumerate().rev() {
            let given = self.expiries[index].smile;
            let found = match given {
                Some(parameters) => given_smile(parameters, expiry, observed_at, quotes, rules),
                None => witness::fit(expiry, observed_at, quotes, rules, later.as_ref())
                    .map(|witness| witness.smile),
            };
            match found {
                Ok(smile) => {
                    signable.smiles[index] = smile.to_word().into();
                    later = Some(smile);
                }
                Err(error) => signable.left_out.push((expiry.expiry, error)),
            }
        }
        for (expiry, quotes) in &read {
            signable.expiries.push(expiry.to_word().into());
            let words = quotes.iter().map(|quote| B256::from(quote.to_word()));
            signable.quotes.extend(words);
        }
        Ok(signable)
    }
}

/// The proposal of a message, held against its quotes as the contract will.
fn given_smile(
    parameters: SmileParameters,
    expiry: &QuotedExpiry,
    observed_at: u64,
    quotes: &[OptionQuote],
    rules: &Rules,
) -> Result<PublishedSmile, WitnessError> {
    let SmileParameters {
        a,
        b,
        rho,
        m,
        sigma,
    } = parameters;
    let smile = PublishedSmile {
        a,
        b,
        rho,
        m,
        sigma,
        expiry: expiry.expiry,
        published_at: u32::try_from(observed_at).unwrap_or(u32::MAX),
    };
    let words: Vec<_> = quotes.iter().map(OptionQuote::to_word).collect();
    agree(expiry, observed_at, &words, &smile.to_word(), rules)
        .map_err(WitnessError::Disagreement)?;
    smile.check(observed_at).map_err(WitnessError::Smile)?;
    Ok(smile)
}

impl ExpiryQuotes {
    /// As the contract reads them.
    ///
    /// # Errors
    /// [`MessageError`].
    pub fn read(&self) -> Result<(QuotedExpiry, Vec<OptionQuote>), MessageError> {
        let rate = in_range("rate", self.rate, -1.0, 1.0)?;
        let doubt = in_range("doubt", self.doubt, 0.0, 1.0)?;
        let quotes: Result<Vec<_>, _> = self.quotes.iter().map(Quote::read).collect();
        let quotes = quotes?;
        let count = u16::try_from(quotes.len()).map_err(|_| MessageError::OutOfRange {
            name: "number of quotes",
            given: quotes.len() as f64,
            least: 0.0,
            most: u16::MAX.into(),
        })?;
        // Both are below 2^31.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let expiry = QuotedExpiry {
            expiry: self.expiry,
            quotes: count,
            doubt: (doubt * 1e4).round() as u16,
            rate: (rate * 1e9).round() as i32,
            forward: positive(&self.forward, WAD)?,
        };
        Ok((expiry, quotes))
    }
}

impl Quote {
    fn read(&self) -> Result<OptionQuote, MessageError> {
        let within = |text: &str| {
            positive(text, WAD).and_then(|price| match price <= MOST_PRICE {
                true => Ok(price),
                false => Err(not_a_price(text, WAD)),
            })
        };
        Ok(OptionQuote {
            strike: u64::try_from(positive(&self.strike, STRIKE)?)
                .map_err(|_| not_a_price(&self.strike, STRIKE))?,
            kind: match self.kind {
                Kind::Call => OptionKind::Call,
                Kind::Put => OptionKind::Put,
            },
            bid: self.bid.as_deref().map_or(Ok(0), within)?,
            ask: within(&self.ask)?,
        })
    }
}

fn not_a_price(given: &str, decimals: u8) -> MessageError {
    MessageError::Price {
        given: given.to_owned(),
        decimals,
    }
}

/// A decimal number above zero, exactly.
fn positive(text: &str, decimals: u8) -> Result<u128, MessageError> {
    let error = || not_a_price(text, decimals);
    let precise = text
        .split_once('.')
        .is_none_or(|(_, fraction)| fraction.len() <= usize::from(decimals));
    let parsed = parse_units(text, decimals).map_err(|_| error())?;
    if !precise || parsed.is_negative() || parsed.is_zero() {
        return Err(error());
    }
    let units: U256 = parsed.into();
    u128::try_from(units).map_err(|_| error())
}
