//! What one option is worth where the forward follows the spot by a carry, and how that moves with spot, volatility, time and rate.
//!
//! Black-76 on `F = S·e^(carry·T)`, discounted by `e^(−rate·T)`. The sensitivities are to what a holder watches: delta and gamma to the **spot**
//! (`∂F/∂S = F/S`), theta while the spot stands still (the forward then falls by `carry·F` a year), rho to the rate with the forward held.

use crate::{
    WAD,
    black_scholes::{
        CrossGreeks, ForwardInputs, Greeks, PricingError, cross_greeks_forward,
        price_and_greeks_forward,
    },
    fixed::mul_div_floor,
    leg::OptionKind,
    margin,
};

/// An option and the market it is valued in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Terms {
    /// The right.
    pub kind: OptionKind,
    /// Price of the underlying, WAD quote; not zero.
    pub spot: u128,
    /// Strike, WAD quote.
    pub strike: u128,
    /// Time to expiry, seconds.
    pub seconds: u64,
    /// Volatility per square root of a year, WAD.
    pub volatility: u64,
    /// Growth of the forward per year, WAD.
    pub carry: i64,
    /// Interest per year, WAD.
    pub rate: i64,
}

/// Value and sensitivities of one contract, or of a portfolio; all WAD.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Quotation {
    /// Value, quote units.
    pub value: i128,
    /// Change of the value per unit of spot.
    pub delta: i128,
    /// Change of delta per unit of spot.
    pub gamma: i128,
    /// Change of the value per 1.00 of volatility, quote units.
    pub vega: i128,
    /// Change of the value per year that passes, quote units.
    pub theta: i128,
    /// Change of the value per 1.00 of rate, quote units.
    pub rho: i128,
    /// Change of delta per 1.00 of volatility.
    pub vanna: i128,
    /// Change of vega per 1.00 of volatility, quote units.
    pub volga: i128,
}

impl Quotation {
    /// Value, delta, gamma, vega, theta, rho, vanna, volga.
    #[must_use]
    pub const fn numbers(&self) -> [i128; 8] {
        [
            self.value, self.delta, self.gamma, self.vega, self.theta, self.rho, self.vanna,
            self.volga,
        ]
    }

    const fn from_numbers(numbers: [i128; 8]) -> Self {
        let [value, delta, gamma, vega, theta, rho, vanna, volga] = numbers;
        Self {
            value,
            delta,
            gamma,
            vega,
            theta,
            rho,
            vanna,
            volga,
        }
    }

    /// One contract past its expiry that is not settled yet: its intrinsic value at the spot. `None` when it does not fit.
    #[must_use]
    pub fn expired(kind: OptionKind, spot: u128, strike: u128) -> Option<Self> {
        let (value, slope) = match kind {
            OptionKind::Call => (spot.saturating_sub(strike), WAD as i128),
            OptionKind::Put => (strike.saturating_sub(spot), (WAD as i128).wrapping_neg()),
        };
        Some(Self {
            value: i128::try_from(value).ok()?,
            delta: if value == 0 { 0 } else { slope },
            ..Self::default()
        })
    }

    /// This plus `contracts` (1e-18, long > 0) of what `one` is worth, every number rounded down. `None` when one does not fit.
    #[must_use]
    pub fn plus(&self, contracts: i128, one: &Self) -> Option<Self> {
        let mut sums = self.numbers();
        for (sum, number) in sums.iter_mut().zip(one.numbers()) {
            *sum = sum.checked_add(product(contracts, number)?)?;
        }
        Some(Self::from_numbers(sums))
    }
}

/// Value and sensitivities of one contract.
///
/// # Errors
/// [`PricingError`] outside of the domain of pricing; never a panic.
pub fn quote(terms: &Terms) -> Result<Quotation, PricingError> {
    quote_with_inputs(terms).map(|(quotation, _)| quotation)
}

/// [`quote`], and what Black-76 took for it: forward, discount factor, volatility.
///
/// # Errors
/// As [`quote`].
pub fn quote_with_inputs(terms: &Terms) -> Result<(Quotation, ForwardInputs), PricingError> {
    let inputs = forward_inputs(terms)?;
    let (prices, greeks) = price_and_greeks_forward(&inputs)?;
    let cross = cross_greeks_forward(&inputs)?;
    let (price, delta, theta, rho) = match terms.kind {
        OptionKind::Call => (
            prices.call,
            greeks.delta_call,
            greeks.theta_call,
            greeks.rho_call,
        ),
        OptionKind::Put => (
            prices.put,
            greeks.delta_put,
            greeks.theta_put,
            greeks.rho_put,
        ),
    };
    let quoted = quotation(terms, &inputs, price, (delta, theta, rho), &greeks, &cross);
    Ok((quoted.ok_or(PricingError::Overflow)?, inputs))
}

/// Brings Black-76's sensitivities, which are to the forward, to the spot.
fn quotation(
    terms: &Terms,
    inputs: &ForwardInputs,
    price: u128,
    (delta, theta, rho): (i128, i128, i128),
    greeks: &Greeks,
    cross: &CrossGreeks,
) -> Option<Quotation> {
    let to_spot = |of_forward: i128| mul_div_floor(of_forward, inputs.forward, terms.spot);
    // What the forward loses a year while the spot stands still.
    let slide = product(i128::try_from(inputs.forward).ok()?, terms.carry.into())?;
    let gamma = to_spot(i128::try_from(greeks.gamma).ok()?)?;
    Some(Quotation {
        value: i128::try_from(price).ok()?,
        delta: to_spot(delta)?,
        gamma: to_spot(gamma)?,
        vega: i128::try_from(greeks.vega).ok()?,
        theta: theta.checked_sub(product(delta, slide)?)?,
        rho,
        vanna: to_spot(cross.vanna)?,
        volga: cross.volga,
    })
}

/// Forward and discount factor of an option.
///
/// # Errors
/// [`PricingError::Overflow`] when the forward does not fit.
pub fn forward_inputs(terms: &Terms) -> Result<ForwardInputs, PricingError> {
    let grown = |amount, rate| {
        margin::forward(amount, rate, terms.seconds).map_err(|_| PricingError::Overflow)
    };
    let falls = terms.rate.checked_neg().ok_or(PricingError::Overflow)?;
    Ok(ForwardInputs {
        forward: grown(terms.spot, terms.carry)?,
        strike: terms.strike,
        discount: grown(WAD, falls)?,
        seconds: terms.seconds,
        volatility: terms.volatility.into(),
    })
}

/// `⌊a·b⌋` of two WAD numbers.
fn product(a: i128, b: i128) -> Option<i128> {
    if b < 0 {
        mul_div_floor(a.checked_neg()?, b.unsigned_abs(), WAD)
    } else {
        mul_div_floor(a, b.unsigned_abs(), WAD)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: i128 = WAD as i128;
    const YEAR: u64 = 31_536_000;

    fn terms(kind: OptionKind, carry: i64, rate: i64) -> Terms {
        Terms {
            kind,
            spot: 2_000 * WAD,
            strike: 2_100 * WAD,
            seconds: YEAR / 4,
            volatility: 600_000_000_000_000_000,
            carry,
            rate,
        }
    }

    /// Each sensitivity against the difference of two values a little apart.
    #[test]
    fn sensitivities_are_slopes_of_the_value() {
        let step = 1_000_000_000_000_000_i128;
        for kind in [OptionKind::Call, OptionKind::Put] {
            for (carry, rate) in [(0, 0), (80, 30), (-120, 50)] {
                let percent = |x: i64| x * 1_000_000_000_000_000;
                let at = terms(kind, percent(carry), percent(rate));
                let value = |change: fn(&mut Terms, i64)| {
                    [1, -1].map(|sign| {
                        let mut moved = at;
                        change(&mut moved, sign);
                        quote(&moved).unwrap()
                    })
                };
                let slope = |[up, down]: [i128; 2], width: i128| (up - down) * ONE / width / 2;
                let close = |found: i128, slope: i128, scale: i128, what: &str| {
                    let error = (found - slope).abs();
                    assert!(
                        error < scale / 100_000,
                        "{what} {found} {slope} {carry} {rate}"
                    );
                };
                let one = quote(&at).unwrap();
                let spot =
                    value(|t, sign| t.spot = t.spot.wrapping_add_signed(i128::from(sign) * ONE));
                close(one.delta, slope(spot.map(|q| q.value), ONE), ONE, "delta");
                close(
                    one.gamma,
                    slope(spot.map(|q| q.delta), ONE),
                    ONE / 100,
                    "gamma",
                );
                let vol = value(|t, sign| {
                    t.volatility = t
                        .volatility
                        .wrapping_add_signed(sign * 1_000_000_000_000_000);
                });
                close(
                    one.vega,
                    slope(vol.map(|q| q.value), step),
                    400 * ONE,
                    "vega",
                );
                close(one.vanna, slope(vol.map(|q| q.delta), step), ONE, "vanna");
                close(
                    one.volga,
                    slope(vol.map(|q| q.vega), step),
                    400 * ONE,
                    "volga",
                );
                // An hour more of life is an hour less of the past.
                let time =
                    value(|t, sign| t.seconds = t.seconds.wrapping_add_signed(-3_600 * sign));
                let hour = ONE * 3_600 / i128::from(YEAR);
                close(
                    one.theta,
                    slope(time.map(|q| q.value), hour),
                    1_000 * ONE,
                    "theta",
                );
                // With the forward held: the carry stays what it is.
                let interest = value(|t, sign| t.rate += sign * 1_000_000_000_000_000);
                close(
                    one.rho,
                    slope(interest.map(|q| q.value), step),
                    400 * ONE,
                    "rho",
                );
            }
        }
    }

    #[test]
    fn without_carry_and_rate_call_less_put_is_spot_less_strike() {
        let [call, put] =
            [OptionKind::Call, OptionKind::Put].map(|kind| quote(&terms(kind, 0, 0)).unwrap());
        assert_eq!(call.value - put.value, -100 * ONE);
        assert_eq!(call.delta - put.delta, ONE);
        assert_eq!(
            (call.gamma, call.vega, call.theta),
            (put.gamma, put.vega, put.theta)
        );
    }

    #[test]
    fn a_portfolio_is_the_sum_of_its_contracts_rounded_down() {
        let one = quote(&terms(OptionKind::Put, 0, 0)).unwrap();
        let none = Quotation::default();
        let three = none.plus(3 * ONE, &one).unwrap();
        assert_eq!(three.value, 3 * one.value);
        assert_eq!(three.plus(-3 * ONE, &one), Some(none));
        // A dust short owes at least one unit.
        assert_eq!(none.plus(-1, &one).unwrap().value, -(one.value / ONE) - 1);
        assert_eq!(none.plus(1, &one).unwrap().delta, -1);
        assert_eq!(none.plus(i128::MAX, &one), None);
    }

    #[test]
    fn past_expiry_an_option_is_its_intrinsic() {
        let at = |kind, spot| Quotation::expired(kind, spot * WAD, 2_100 * WAD).unwrap();
        let put = at(OptionKind::Put, 2_000);
        assert_eq!((put.value, put.delta, put.gamma), (100 * ONE, -ONE, 0));
        assert_eq!(at(OptionKind::Call, 2_000), Quotation::default());
        assert_eq!(at(OptionKind::Call, 2_101).value, ONE);
        assert_eq!(Quotation::expired(OptionKind::Put, 0, u128::MAX), None);
    }

    #[test]
    fn what_cannot_be_priced_is_refused() {
        let good = terms(OptionKind::Call, 0, 0);
        let zero = Terms { spot: 0, ..good };
        assert_eq!(quote(&zero), Err(PricingError::ZeroSpot));
        let grown = Terms {
            carry: i64::MAX,
            seconds: 100 * YEAR,
            ..good
        };
        assert_eq!(quote(&grown), Err(PricingError::Overflow));
        let fallen = Terms {
            rate: i64::MIN,
            ..good
        };
        assert_eq!(quote(&fallen), Err(PricingError::Overflow));
    }
}
