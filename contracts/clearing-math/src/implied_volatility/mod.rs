//! Implied volatility of a European call or put: the volatility at which the option is worth its price.
//!
//! After P. Jäckel, "Let's be rational" (Wilmott, January 2015), on the Mills-ratio kernel of this crate. The price is brought to its
//! out-of-the-money side by taking the discounted intrinsic value away, exactly, in integers. What is left, over the smaller of `S`
//! and `K·e^(−rT)`, is a number `v` between 0 and 1, and `s = σ√T` solves `v(|x|, s) = v` with `x = ln(F/K)`. Up to one half the
//! solver works with `v`, above with `1 − v`, so that neither loses digits; a guess from fits, at most 4 % off (`guess`), is
//! refined by steps of fourth order (`refine`).
//!
//! An in-the-money price holds only what digits it has beyond its intrinsic value; the same volatility is known better from the
//! price of the other side.
//!
//! | | |
//! |---|---|
//! | domain | that of pricing; volatilities up to 10,000 %; every price between the bounds, but as below |
//! | error, in price terms | 2 units of 1e-18, and 3.8e-18 of `max(S, K·e^(−rT))`; 1e-17 is tested |
//! | error of the volatility | what those move it: the last bits where the price determines it, 64 bits returned |
//! | evaluations | two; three for 0.6 % of prices above one half of the bound, and below it for 0.02 %; at most 32 whatever happens |
//! | monotone | in the price, where prices are 1e-17 of `max(S, K·e^(−rT))` apart |
//! | ink | 1,313,000 on average over 4,032 ordinary options, 1,556,000 at most; over the domain 1,472,000 and 1,706,000; refusals up to 350,000 |
//! | code | 4.5 kB compressed, beside that of pricing |
//!
//! Errors are against references of 130 digits for 20,000 random quotes of the whole domain
//! (`generate/golden_implied_volatility.py 20000 7`); 400 others are committed and tested. Refused, beyond what implies no
//! volatility: prices within 2^-62 of the smaller side from the upper bound, and values so small that the strike is fifteen
//! deviations away, or one deviation below 2^-40. Wherever 1e-18 of spot moves the volatility by less than 1e-6 of itself, there is an
//! answer.

mod fixed24;
mod guess;
mod refine;
mod target;
#[cfg(test)]
mod tests;

use crate::{
    black_scholes::{MAX_VOLATILITY, PricingError},
    evaluation::ONE_WAD,
    leg::OptionKind,
    magnitude::Magnitude,
    tables::PER_WAD,
    tenor::Tenor,
    time_value::{Z_BITS, Z_END},
};
use fixed24::{LOGARITHM_BITS, ONE, product, root};
use refine::{Point, refine};
use target::{Amount, Moneyness, Side, Target};

/// A price of an option on an asset with a spot price.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Quote {
    /// Which right is priced.
    pub kind: OptionKind,
    /// Its price, WAD quote per unit of the underlying.
    pub price: u128,
    /// Price of the underlying, WAD quote.
    pub spot: u128,
    /// Strike, WAD quote.
    pub strike: u128,
    /// Time to expiry, seconds.
    pub seconds: u64,
    /// Interest rate per year, continuously compounded, WAD; may be negative.
    pub rate: i64,
}

/// A price of an option on a forward.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ForwardQuote {
    /// Which right is priced.
    pub kind: OptionKind,
    /// Its price now, WAD quote per unit of the underlying.
    pub price: u128,
    /// Forward price at expiry, WAD quote.
    pub forward: u128,
    /// Strike, WAD quote.
    pub strike: u128,
    /// Value now of one unit of quote at expiry, WAD; above one where rates are negative.
    pub discount: u128,
    /// Time to expiry, seconds.
    pub seconds: u64,
}

/// Why a price implies no volatility. Prices are WAD quote.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ImpliedVolatilityError {
    /// What the price belongs to is outside of the domain of pricing.
    Inputs(PricingError),
    /// No time is left: every volatility gives the same price.
    NoTimeLeft,
    /// The price is below the discounted intrinsic value.
    BelowIntrinsicValue {
        /// Price given.
        given: u128,
        /// Lowest price that has time value.
        allowed: u128,
    },
    /// The price is the discounted intrinsic value, to the last unit: it says nothing of volatility.
    NoTimeValue {
        /// Price given.
        given: u128,
        /// Lowest price that has time value.
        allowed: u128,
    },
    /// There is time value, but less than the kernel tells from none: the strike is fifteen deviations away, or one deviation is
    /// below 2^-40.
    TimeValueTooSmall {
        /// Price given.
        given: u128,
        /// Lowest price that is resolved.
        allowed: u128,
    },
    /// The price is at or above what no volatility reaches, the spot for a call and the discounted strike for a put, or within
    /// 2^-62 of the smaller of the two from it.
    AtUpperBound {
        /// Price given.
        given: u128,
        /// Highest price that is resolved.
        allowed: u128,
    },
    /// The volatility exists, and is above what is priced.
    VolatilityTooHigh {
        /// The volatility, WAD; `u128::MAX` when it does not fit.
        given: u128,
        /// Highest volatility priced, WAD.
        allowed: u128,
    },
    /// The steps did not end. No inputs are known that do this.
    NotConverged {
        /// Most steps allowed.
        allowed: usize,
    },
}

impl From<PricingError> for ImpliedVolatilityError {
    fn from(error: PricingError) -> Self {
        Self::Inputs(error)
    }
}

/// The volatility per square root of a year that `quote` implies, WAD, rounded to the nearest.
///
/// # Errors
/// [`ImpliedVolatilityError`] when the price implies none, or one outside of the domain of pricing; never a panic.
pub fn implied_volatility(quote: &Quote) -> Result<u128, ImpliedVolatilityError> {
    rounded(implied_volatility_exact(quote)?)
}

/// The same unrounded, in WAD units, to 64 significant bits.
///
/// # Errors
/// Those of [`implied_volatility`].
pub fn implied_volatility_exact(quote: &Quote) -> Result<Magnitude, ImpliedVolatilityError> {
    let &Quote {
        kind,
        price,
        spot,
        strike,
        seconds,
        rate,
    } = quote;
    if spot == 0 {
        return Err(PricingError::ZeroSpot.into());
    }
    if strike == 0 {
        return Err(PricingError::ZeroStrike.into());
    }
    let tenor = Tenor::new(seconds, rate)?;
    let discounted = tenor.discounted(strike).ok_or(PricingError::Overflow)?;
    let moneyness = Moneyness {
        underlying: spot,
        strike,
        interest: tenor.wide_interest(),
    };
    let spot = (spot, Magnitude::from_u128(spot));
    solved(kind, price, spot, discounted, moneyness, tenor.root_years)
}

/// The volatility per square root of a year that `quote` implies, WAD, rounded to the nearest.
///
/// # Errors
/// [`ImpliedVolatilityError`] when the price implies none, or one outside of the domain of pricing; never a panic.
pub fn implied_volatility_forward(quote: &ForwardQuote) -> Result<u128, ImpliedVolatilityError> {
    rounded(implied_volatility_forward_exact(quote)?)
}

/// The same unrounded, in WAD units, to 64 significant bits.
///
/// # Errors
/// Those of [`implied_volatility_forward`].
pub fn implied_volatility_forward_exact(
    quote: &ForwardQuote,
) -> Result<Magnitude, ImpliedVolatilityError> {
    let &ForwardQuote {
        kind,
        price,
        forward,
        strike,
        discount,
        seconds,
    } = quote;
    if forward == 0 {
        return Err(PricingError::ZeroSpot.into());
    }
    if strike == 0 {
        return Err(PricingError::ZeroStrike.into());
    }
    if discount == 0 {
        return Err(PricingError::ZeroDiscount.into());
    }
    let discount = if discount == crate::WAD {
        Magnitude::ONE
    } else {
        Magnitude::from_u128(discount).times(PER_WAD)
    };
    let tenor = Tenor::discounting(seconds, discount)?;
    let overflow = PricingError::Overflow;
    let mut spot = tenor.discounted(forward).ok_or(overflow)?;
    let mut discounted = tenor.discounted(strike).ok_or(overflow)?;
    // The larger from the smaller, as pricing does: their difference is known better than from two that are rounded.
    let apart = tenor.discounted(forward.abs_diff(strike));
    let (apart, _) = apart.ok_or(overflow)?;
    if forward < strike {
        discounted.0 = spot.0.saturating_add(apart);
    } else {
        spot.0 = discounted.0.saturating_add(apart);
    }
    let moneyness = Moneyness {
        underlying: forward,
        strike,
        interest: 0,
    };
    solved(kind, price, spot, discounted, moneyness, tenor.root_years)
}

/// From a price and what it is of, discounted; `root_years` is `√T`.
#[inline(never)]
fn solved(
    kind: OptionKind,
    price: u128,
    spot: Amount,
    strike: Amount,
    moneyness: Moneyness,
    root_years: Magnitude,
) -> Result<Magnitude, ImpliedVolatilityError> {
    if root_years.is_zero() {
        return Err(ImpliedVolatilityError::NoTimeLeft);
    }
    let target = Target::new(kind, price, spot, strike, moneyness)?;
    let guess = match target.side {
        Side::Value => guess::from_value(&target),
        Side::Shortfall => guess::from_shortfall(&target),
    };
    if let Some(allowed) = unresolved(&target, guess) {
        return Err(ImpliedVolatilityError::TimeValueTooSmall {
            given: price,
            allowed,
        });
    }
    let (deviation, _) = refine(&target, guess).ok_or(ImpliedVolatilityError::NotConverged {
        allowed: refine::MAX_STEPS,
    })?;
    let volatility = deviation.over(root_years).times(ONE_WAD);
    if Magnitude::from_u128(MAX_VOLATILITY).is_below(volatility) {
        return Err(ImpliedVolatilityError::VolatilityTooHigh {
            given: volatility.to_u128().unwrap_or(u128::MAX),
            allowed: MAX_VOLATILITY,
        });
    }
    Ok(volatility)
}

/// The lowest price that is resolved, where that of `target` is below it. Looked at only where the guess comes near it.
#[cfg_attr(not(feature = "compact"), inline(always))]
fn unresolved(target: &Target, guess: Magnitude) -> Option<u128> {
    /// Highest `b` that the kernel tells from the next, and one that a guess can take for it.
    const FARTHEST: i64 = (Z_END >> (Z_BITS - 24)) as i64 - ONE / 64;
    const SUSPECT: i64 = FARTHEST - ONE / 4;
    /// The least deviation, and one that a guess can take for it.
    const LEAST: Magnitude = Magnitude::scaled(1, -40);
    const SUSPECT_LEAST: Magnitude = Magnitude::scaled(33, -45);
    /// Values above e^-28 are never so far: with |x| below 30, `a² = b² − 2·|x|` is above 150.
    const SURE: i64 = -28 << LOGARITHM_BITS;
    if target.side == Side::Shortfall || (target.logarithm > SURE && !guess.is_below(SUSPECT_LEAST))
    {
        return None;
    }
    let x = target.log_moneyness;
    // |x|/s + s/2
    let distance = x.over(guess).to_fixed(24).min(1 << 40) as i64;
    let b = distance.wrapping_add(guess.to_fixed(23) as i64);
    if b < SUSPECT && !guess.is_below(SUSPECT_LEAST) {
        return None;
    }
    // s = b − a = (b² − a²)/(a + b), a² = b² − 2·|x|; above zero, as 2·|x| is below 60.
    let twice = (x.to_fixed(24) as i64).wrapping_mul(2);
    let a = root(product(FARTHEST, FARTHEST).wrapping_sub(twice));
    let sum = Magnitude::scaled(FARTHEST.wrapping_add(a).unsigned_abs(), -24);
    let farthest = x.doubled(1).over(sum);
    let least = if farthest.is_below(LEAST) {
        LEAST
    } else {
        farthest
    };
    let value = Point::at(target, least).ratio;
    target.ratio.is_below(value).then(|| {
        let time_value = value.times(target.whole).to_u128().unwrap_or(u128::MAX);
        // What dividing it by `whole` again may lose.
        let margin = (time_value >> 56).saturating_add(1);
        let price = target.intrinsic.saturating_add(time_value);
        price.saturating_add(margin)
    })
}

/// To the nearest integer.
fn rounded(volatility: Magnitude) -> Result<u128, ImpliedVolatilityError> {
    let halves = volatility.doubled(1).to_u128();
    Ok(halves.ok_or(PricingError::Overflow)?.wrapping_add(1) >> 1)
}
