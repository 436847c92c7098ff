//! What a quote says, free of units: how far the option is from the money, and what its time value is of the most it can be.

use super::{ImpliedVolatilityError, fixed24::logarithm};
use crate::{
    black_scholes::PricingError,
    elementary::{LN_WIDE_BITS, ln_ratio_exact, ln_ratio_wide},
    leg::OptionKind,
    magnitude::Magnitude,
};

/// `|ln(F/K)|` must be below this, Q116, as for pricing.
const FARTHEST: u128 = 30 << LN_WIDE_BITS;
/// 1/16, Q116.
const ONE_SIXTEENTH: u128 = 1 << (LN_WIDE_BITS - 4);

/// Which of two numbers that add up to one is known to its last digits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Side {
    /// The out-of-the-money value over the smaller of `S` and `K·e^(−rT)`, up to one half.
    Value,
    /// One less that value, below one half.
    Shortfall,
}

/// What a deviation is sought for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Target {
    /// `|ln(F/K)|`.
    pub(super) log_moneyness: Magnitude,
    /// The known side, at most one half.
    pub(super) ratio: Magnitude,
    /// `ln(ratio)`, Q56.
    pub(super) logarithm: i64,
    /// Which side is known.
    pub(super) side: Side,
    /// What the sides are fractions of: the smaller of `S` and `K·e^(−rT)`, WAD.
    pub(super) whole: Magnitude,
    /// Discounted intrinsic value, WAD.
    pub(super) intrinsic: u128,
}

/// An amount rounded down to WAD units, and to 64 significant bits.
pub(super) type Amount = (u128, Magnitude);

/// `F/K` as `underlying/strike · e^interest`.
#[derive(Clone, Copy)]
pub(super) struct Moneyness {
    /// What the option is on, undiscounted: spot or forward.
    pub(super) underlying: u128,
    /// Strike, undiscounted.
    pub(super) strike: u128,
    /// `rT` between the two, Q116.
    pub(super) interest: i128,
}

impl Moneyness {
    /// `|ln(F/K)|`, Q116, to 2^-60.
    fn logarithm(self) -> u128 {
        let (underlying, strike) = (self.underlying, self.strike);
        let ratio = ln_ratio_wide(
            Magnitude::from_u128(underlying),
            Magnitude::from_u128(strike),
        );
        ratio.wrapping_add(self.interest).unsigned_abs()
    }

    /// The same to its own last digits where it is small.
    fn exact_logarithm(self) -> u128 {
        let ratio = ln_ratio_exact(self.underlying, self.strike);
        ratio.wrapping_add(self.interest).unsigned_abs()
    }
}

impl Target {
    /// From the price of an option on a discounted forward `spot` with the discounted strike `strike`.
    pub(super) fn new(
        kind: OptionKind,
        price: u128,
        (spot, spot_magnitude): Amount,
        (strike, strike_magnitude): Amount,
        moneyness: Moneyness,
    ) -> Result<Self, ImpliedVolatilityError> {
        let log_moneyness = moneyness.logarithm();
        if log_moneyness >= FARTHEST {
            return Err(PricingError::StrikeTooFar.into());
        }
        let (bound, other) = match kind {
            OptionKind::Call => (spot, strike),
            OptionKind::Put => (strike, spot),
        };
        let intrinsic = bound.saturating_sub(other);
        let Some(time_value) = price.checked_sub(intrinsic) else {
            return Err(ImpliedVolatilityError::BelowIntrinsicValue {
                given: price,
                allowed: intrinsic.saturating_add(1),
            });
        };
        if time_value == 0 {
            return Err(ImpliedVolatilityError::NoTimeValue {
                given: price,
                allowed: intrinsic.saturating_add(1),
            });
        }
        // Below 2^-62 of the smaller side, 2e-19, no price tells one volatility from another.
        let smaller = spot.min(strike);
        let least_shortfall = (smaller >> 62).max(1);
        let shortfall = match smaller.checked_sub(time_value) {
            Some(shortfall) if shortfall >= least_shortfall => shortfall,
            _ => {
                return Err(ImpliedVolatilityError::AtUpperBound {
                    given: price,
                    allowed: bound.saturating_sub(least_shortfall),
                });
            }
        };
        let (side, part) = if time_value <= shortfall {
            (Side::Value, time_value)
        } else {
            (Side::Shortfall, shortfall)
        };
        let whole = if spot_magnitude.is_below(strike_magnitude) {
            spot_magnitude
        } else {
            strike_magnitude
        };
        let ratio = Magnitude::from_u128(part).over(whole);
        // A deviation below 2^-8 has a value below 2^-8, fifteen of them are less than 1/16.
        let is_narrow = ratio.is_below(Magnitude::scaled(1, -8)) && log_moneyness < ONE_SIXTEENTH;
        let log_moneyness = if is_narrow && side == Side::Value {
            moneyness.exact_logarithm()
        } else {
            log_moneyness
        };
        Ok(Self {
            log_moneyness: Magnitude::from_u128(log_moneyness).doubled(-LN_WIDE_BITS),
            ratio,
            logarithm: logarithm(ratio),
            side,
            whole,
            intrinsic,
        })
    }
}
