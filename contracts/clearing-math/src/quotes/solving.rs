//! The volatilities that bid and offer imply.

use super::{OptionQuote, QuotedExpiry};
use crate::{
    WAD,
    implied_volatility::{ForwardQuote, ImpliedVolatilityError, implied_volatility_forward},
    margin,
};

/// WAD a year per 1e-9 a year.
const WAD_PER_NANO: i64 = 1_000_000_000;

/// What solving the quotes of an expiry needs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Pricing {
    /// WAD quote.
    pub forward: u128,
    /// Value now of one unit of quote at expiry, WAD.
    pub discount: u128,
    /// From the observation to the expiry.
    pub seconds: u64,
}

/// Volatilities of bid and offer, WAD; what is above `u64` is held there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Band {
    /// Of the bid; zero when nobody bids.
    pub bid: u64,
    /// Of the offer, not below.
    pub ask: u64,
}

/// Why a quote cannot be used.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum QuoteError {
    /// The bid is not below the offer.
    Crossed {
        /// WAD quote.
        bid: u128,
        /// WAD quote.
        ask: u128,
    },
    /// A price implies no volatility.
    NoVolatility {
        /// 1 below the discounted intrinsic value, 2 no time value, 3 less than is resolved, 4 what no volatility reaches, 5 above 10,000 %, 6 strike,
        /// forward or time is outside of what is priced.
        code: u8,
        /// Price given, WAD quote; of code 5 the volatility.
        given: u128,
        /// The nearest one that is solved; zero of code 6.
        allowed: u128,
    },
}

impl QuotedExpiry {
    /// Forward, discount and time as of the observation (unix seconds).
    #[must_use]
    pub fn pricing(&self, observed_at: u64) -> Pricing {
        let seconds = u64::from(self.expiry).saturating_sub(observed_at);
        // 31 bits times 30.
        let falls = i64::from(self.rate)
            .wrapping_mul(WAD_PER_NANO)
            .wrapping_neg();
        Pricing {
            forward: self.forward,
            // A factor that does not fit is none: the solver refuses it.
            discount: margin::forward(WAD, falls, seconds).unwrap_or(0),
            seconds,
        }
    }
}

impl Pricing {
    /// The volatilities of a quote.
    ///
    /// # Errors
    /// [`QuoteError`].
    pub fn band(&self, quote: &OptionQuote) -> Result<Band, QuoteError> {
        let &OptionQuote { bid, ask, .. } = quote;
        if bid >= ask {
            return Err(QuoteError::Crossed { bid, ask });
        }
        let ask = self.volatility(quote, ask)?;
        if bid == 0 {
            return Ok(Band { bid: 0, ask });
        }
        Ok(Band {
            // Monotone where prices are 1e-17 of the forward apart; held, where they are not.
            bid: self.volatility(quote, bid)?.min(ask),
            ask,
        })
    }

    #[inline(never)]
    fn volatility(&self, quote: &OptionQuote, price: u128) -> Result<u64, QuoteError> {
        let solved = implied_volatility_forward(&ForwardQuote {
            kind: quote.kind,
            price,
            forward: self.forward,
            strike: quote.strike_wad(),
            discount: self.discount,
            seconds: self.seconds,
        });
        match solved {
            Ok(volatility) => Ok(u64::try_from(volatility).unwrap_or(u64::MAX)),
            Err(error) => Err(refused(error, price)),
        }
    }
}

#[cold]
fn refused(error: ImpliedVolatilityError, price: u128) -> QuoteError {
    use ImpliedVolatilityError as E;
    let (code, given, allowed) = match error {
        E::BelowIntrinsicValue { given, allowed } => (1, given, allowed),
        E::NoTimeValue { given, allowed } => (2, given, allowed),
        E::TimeValueTooSmall { given, allowed } => (3, given, allowed),
        E::AtUpperBound { given, allowed } => (4, given, allowed),
        E::VolatilityTooHigh { given, allowed } => (5, given, allowed),
        E::Inputs(_) | E::NoTimeLeft | E::NotConverged { .. } => (6, price, 0),
    };
    QuoteError::NoVolatility {
        code,
        given,
        allowed,
    }
}
