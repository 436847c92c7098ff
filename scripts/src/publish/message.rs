//! What is to be published, as it is read.

use alloy::primitives::{B256, U256, Uint, keccak256, utils::parse_units};
use clearing_math::surface::{PublishedSmile, SmileError};
use clearing_math::svi::{ArbitrageError, check_calendar};
use serde::Deserialize;

use super::quotes::Quotes;

/// One line.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", deny_unknown_fields)]
pub enum Message {
    /// A price for a `SignedPrice` contract.
    Spot(Spot),
    /// One volatility an expiry for all strikes, from a publisher that sends by itself.
    Volatility(Volatility),
    /// Slices of a publisher.
    Surface(Surface),
    /// Option quotes for a `SignedQuotes` contract.
    Quotes(Quotes),
}

/// A price.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Spot {
    /// Decimal, quote units.
    pub price: String,
    /// How sure the signers are, 1 = sure.
    #[serde(default = "sure")]
    pub confidence: f64,
    /// Unix seconds; the chain's time if left out.
    pub timestamp: Option<u64>,
}

/// Flat volatilities.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Volatility {
    /// Name or hash.
    pub feed: String,
    /// By expiry.
    pub volatilities: Vec<FlatVolatility>,
}

/// One expiry's.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
pub struct FlatVolatility {
    /// Unix seconds.
    pub expiry: u32,
    /// 1 = 100 % per year.
    pub volatility: f64,
}

/// Slices of one publisher.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Surface {
    /// Name or hash; `--feed` if left out.
    #[serde(default)]
    pub feed: String,
    /// Place among the feed's publishers.
    #[serde(default)]
    pub publisher: u8,
    /// For slices that do not say their own, unix seconds.
    #[serde(default)]
    pub published_at: u32,
    /// Price of the underlying: with it and its forward a slice says its carry.
    #[serde(default)]
    pub spot: Option<f64>,
    /// Soonest first.
    pub slices: Vec<Slice>,
}

/// One expiry. Parameters in 1e-9 of annualised variance, as `fit-svi` writes them.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "the names of raw SVI")]
pub struct Slice {
    /// Unix seconds.
    pub expiry: u32,
    pub a: i64,
    pub b: u64,
    pub rho: i64,
    pub m: i64,
    pub sigma: u64,
    /// Unix seconds.
    #[serde(default)]
    pub published_at: u32,
    /// Quote units.
    #[serde(default)]
    pub forward: Option<f64>,
    /// Interest rate per year, 1 = 100 %.
    #[serde(default)]
    pub rate: f64,
    /// How unsure forward and rate are, 0 to 1.
    #[serde(default)]
    pub doubt: f64,
}

/// The file of `fit-svi`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct SurfaceFile {
    /// One a chain.
    pub surfaces: Vec<FittedSurface>,
}

/// One chain of it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FittedSurface {
    /// `BTC`.
    pub underlying: String,
    /// The rest.
    #[serde(flatten)]
    pub surface: Surface,
}

/// Why a message cannot be sent.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum MessageError {
    /// No feed.
    #[error("no feed: name it in the message or with --feed")]
    NoFeed,
    /// Not a decimal number that fits.
    #[error("price `{given}` is no decimal number above 0 of at most {decimals} decimals")]
    Price {
        /// As given.
        given: String,
        /// What the contract has.
        decimals: u8,
    },
    /// A number outside of what can be published.
    #[error("{name} is {given}: {least} to {most} are allowed")]
    OutOfRange {
        /// Which.
        name: &'static str,
        /// As given.
        given: f64,
        /// The least.
        least: f64,
        /// The most.
        most: f64,
    },
    /// A slice that the contract would refuse.
    #[error("the slice of {expiry} may not be published: {error:?}")]
    Smile {
        /// Which.
        expiry: u32,
        /// Why.
        error: SmileError,
    },
    /// Two slices that the contract would refuse together.
    #[error("the slices of {near} and {far} have calendar arbitrage: {error:?}")]
    Calendar {
        /// The sooner.
        near: u32,
        /// The later.
        far: u32,
        /// Why.
        error: ArbitrageError,
    },
    /// Quotes of another feed than the contract's.
    #[error("the contract publishes feed {theirs}, not {given}")]
    OtherFeed {
        /// As given.
        given: B256,
        /// The contract's.
        theirs: B256,
    },
    /// No smile agrees with the quotes of any expiry.
    #[error("no smile agrees with the quotes: {reasons}")]
    NoSmile {
        /// By expiry.
        reasons: String,
    },
    /// Not in order.
    #[error("expiry {next} follows {previous}: they must rise")]
    UnsortedExpiries {
        /// The one before.
        previous: u32,
        /// The one that does not rise.
        next: u32,
    },
}

const fn sure() -> f64 {
    1.0
}

/// A feed's id: 32 bytes in hex, or the hash of its name.
///
/// # Errors
/// [`MessageError::NoFeed`] for an empty name.
pub fn feed_id(name: &str) -> Result<B256, MessageError> {
    if name.is_empty() {
        return Err(MessageError::NoFeed);
    }
    Ok(name.parse().unwrap_or_else(|_| keccak256(name)))
}

pub(super) fn in_range(
    name: &'static str,
    given: f64,
    least: f64,
    most: f64,
) -> Result<f64, MessageError> {
    let error = MessageError::OutOfRange {
        name,
        given,
        least,
        most,
    };
    (least..=most)
        .contains(&given)
        .then_some(given)
        .ok_or(error)
}

impl Spot {
    /// In units of `decimals`.
    ///
    /// # Errors
    /// [`MessageError::Price`].
    pub fn units(&self, decimals: u8) -> Result<U256, MessageError> {
        let error = || MessageError::Price {
            given: self.price.clone(),
            decimals,
        };
        let precise = self
            .price
            .split_once('.')
            .is_none_or(|(_, fraction)| fraction.len() <= usize::from(decimals));
        let parsed = parse_units(&self.price, decimals).map_err(|_| error())?;
        let is_positive = precise && !parsed.is_negative() && !parsed.is_zero();
        is_positive.then(|| parsed.into()).ok_or_else(error)
    }

    /// In WAD.
    ///
    /// # Errors
    /// [`MessageError::OutOfRange`].
    pub fn confidence_wad(&self) -> Result<u64, MessageError> {
        in_range("confidence", self.confidence, 0.0, 1.0).map(wad)
    }
}

impl FlatVolatility {
    /// In WAD.
    ///
    /// # Errors
    /// [`MessageError::OutOfRange`].
    pub fn wad(&self) -> Result<u64, MessageError> {
        in_range("volatility", self.volatility, 0.01, 18.0).map(wad)
    }
}

/// Below 18.4.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn wad(x: f64) -> u64 {
    (x * 1e18).round() as u64
}

impl Surface {
    /// The words to publish, checked as the contract will check them at `now`. With `restamp`, as if the quotes were of now.
    ///
    /// # Errors
    /// [`MessageError`]: what the contract would refuse.
    pub fn words(
        &self,
        now: u64,
        restamp: bool,
    ) -> Result<(Vec<B256>, Vec<Uint<80, 2>>), MessageError> {
        let (mut words, mut terms) = (Vec::new(), Vec::new());
        let mut previous: Option<(u32, clearing_math::svi::Smile)> = None;
        for slice in &self.slices {
            let smile = self.smile(slice, now, restamp);
            let expiry = smile.expiry;
            let error = |error| MessageError::Smile { expiry, error };
            let total = smile.check(now).map_err(error)?;
            if let Some((near, before)) = &previous {
                if *near >= expiry {
                    return Err(MessageError::UnsortedExpiries {
                        previous: *near,
                        next: expiry,
                    });
                }
                check_calendar(before, &total).map_err(|error| MessageError::Calendar {
                    near: *near,
                    far: expiry,
                    error,
                })?;
            }
            previous = Some((expiry, total));
            words.push(B256::from(smile.to_word()));
            terms.push(self.term(slice, smile.published_at)?);
        }
        Ok((words, terms))
    }

    fn smile(&self, slice: &Slice, now: u64, restamp: bool) -> PublishedSmile {
        let stated = match slice.published_at {
            0 => self.published_at,
            at => at,
        };
        PublishedSmile {
            a: slice.a,
            b: slice.b,
            rho: slice.rho,
            m: slice.m,
            sigma: slice.sigma,
            expiry: slice.expiry,
            published_at: match restamp {
                true => u32::try_from(now).unwrap_or(u32::MAX),
                false => stated,
            },
        }
    }

    /// `carry i32 · rate i32 · doubt u16`, in 1e-9 per year and 1e-4. Carry is what leads from spot to the forward; without both it is the rate's.
    fn term(&self, slice: &Slice, published_at: u32) -> Result<Uint<80, 2>, MessageError> {
        let quoted_at = if self.published_at == 0 {
            published_at
        } else {
            self.published_at
        };
        let years = f64::from(slice.expiry.saturating_sub(quoted_at).max(1)) / 31_536_000.0;
        let carry = match (slice.forward, self.spot) {
            // Of an expiry hours away the quotient says nothing: what is paid until then is within rounding of the quotes.
            (Some(forward), Some(spot)) if years > 1.0 / 365.0 => (forward / spot).ln() / years,
            _ => slice.rate,
        };
        let carry = in_range("carry", carry, -1.0, 1.0)?;
        let rate = in_range("rate", slice.rate, -1.0, 1.0)?;
        let doubt = in_range("doubt", slice.doubt, 0.0, 1.0)?;
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let term = {
            let nano = |x: f64| u128::from((x * 1e9).round() as i32 as u32);
            nano(carry) << 48 | nano(rate) << 16 | u128::from((doubt * 1e4).round() as u16)
        };
        Ok(Uint::from(term))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_read() {
        let spot: Message =
            serde_json::from_str(r#"{"kind":"spot","price":"1934.55"}"#).expect("spot");
        let Message::Spot(spot) = spot else {
            panic!("{spot:?}")
        };
        assert_eq!(spot.units(8), Ok(U256::from(193_455_000_000_u64)));
        assert_eq!(spot.confidence_wad(), Ok(1_000_000_000_000_000_000));
        let flat = r#"{"kind":"volatility","feed":"ETH/USD","volatilities":[{"expiry":9,"volatility":0.82}]}"#;
        let flat: Message = serde_json::from_str(flat).expect("volatility");
        let Message::Volatility(flat) = flat else {
            panic!("{flat:?}")
        };
        assert_eq!(flat.volatilities[0].wad(), Ok(820_000_000_000_000_000));
        let quotes = r#"{"kind":"quotes","spot":"2000","expiries":[{"expiry":9,"forward":"2001.5","quotes":[
            {"strike":"1900","type":"put","ask":"0.5"},{"strike":"2100.5","type":"call","bid":"1","ask":"1.25"}]}]}"#;
        let quotes: Message = serde_json::from_str(quotes).expect("quotes");
        let Message::Quotes(quotes) = quotes else {
            panic!("{quotes:?}")
        };
        let (expiry, options) = quotes.expiries[0].read().expect("words");
        assert_eq!(
            (expiry.forward, expiry.quotes),
            (2_001_500_000_000_000_000_000, 2)
        );
        assert_eq!((options[0].bid, options[1].strike), (0, 210_050_000_000));
        assert!(serde_json::from_str::<Message>(r#"{"kind":"weather"}"#).is_err());
    }

    #[test]
    fn prices_that_are_none_are_refused() {
        for price in ["", "0", "-1", "1.123456789", "1e3", "nan"] {
            let spot = Spot {
                price: price.to_owned(),
                confidence: 1.0,
                timestamp: None,
            };
            assert!(spot.units(8).is_err(), "{price}");
        }
    }

    fn slice(expiry: u32, a: i64) -> Slice {
        Slice {
            expiry,
            a,
            b: 0,
            rho: 0,
            m: 0,
            sigma: 1_000_000_000,
            published_at: 0,
            forward: Some(101.0),
            rate: -0.01,
            doubt: 0.5,
        }
    }

    fn surface(slices: Vec<Slice>) -> Surface {
        Surface {
            feed: String::new(),
            publisher: 0,
            published_at: 1_000,
            spot: Some(100.0),
            slices,
        }
    }

    #[test]
    fn a_term_holds_carry_rate_and_doubt() {
        let one_year = 1_000 + 31_536_000;
        let (words, terms) = surface(vec![slice(one_year, 250_000_000)])
            .words(1_000, false)
            .expect("a surface");
        assert_eq!(words.len(), 1);
        let term: u128 = terms[0].to();
        // ln 1.01 = 0.009950331.
        assert_eq!((term >> 48) as u32 as i32, 9_950_331);
        assert_eq!((term >> 16) as u32 as i32, -10_000_000);
        assert_eq!(term as u16, 5_000);
    }

    #[test]
    fn what_the_contract_would_refuse_is_refused_before_it_is_sent() {
        // A day and two, without a forward: 1 % in a day would be a carry out of bounds, which is another refusal.
        let (near, far) = (100_000, 200_000);
        let slice = |expiry, a| Slice {
            forward: None,
            ..slice(expiry, a)
        };
        // Total variance may not fall: 0.25 until the first, 0.05 until the second.
        let falling = surface(vec![slice(near, 250_000_000), slice(far, 50_000_000)]);
        assert!(matches!(
            falling.words(1_000, false),
            Err(MessageError::Calendar { .. })
        ));
        let unsorted = surface(vec![slice(far, 250_000_000), slice(near, 250_000_000)]);
        assert!(matches!(
            unsorted.words(1_000, false),
            Err(MessageError::UnsortedExpiries { .. })
        ));
        let negative = surface(vec![slice(near, -1)]);
        assert!(matches!(
            negative.words(1_000, false),
            Err(MessageError::Smile { .. })
        ));
        assert_eq!(feed_id(""), Err(MessageError::NoFeed));
    }
}
