//! Prices and sensitivities at the kernel's full precision.
//!
//! Everything hangs on `D = S·φ(d1) = Kd·φ(d2)` and on the Mills ratios of `a` and `b`: out of the money, spot and discounted
//! strike times their probabilities are `D·M(a)` and `D·M(b)`. Without volatility or time the limits are taken: deltas 0 or
//! ±1 (one half where spot equals the discounted strike), no gamma, no vega.

use crate::{
    WAD,
    magnitude::{Magnitude, Signed},
    tables::INVERSE_SQRT_TWO_PI,
    valuation::Valuation,
};

/// Prices and sensitivities in WAD units (1e18 is one), 64 significant bits each: what is small keeps its digits.
///
/// "The underlying" is the spot for spot inputs and the forward for forward inputs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Evaluation {
    /// Value of the call, quote.
    pub call: Magnitude,
    /// Value of the put, quote.
    pub put: Magnitude,
    /// Change of the call per unit of the underlying.
    pub delta_call: Signed,
    /// Change of the put per unit of the underlying.
    pub delta_put: Signed,
    /// Change of either delta per unit of the underlying.
    pub gamma: Magnitude,
    /// Change of either price per 1.00 of volatility, quote.
    pub vega: Magnitude,
    /// Change of the call per year that passes, quote.
    pub theta_call: Signed,
    /// Change of the put per year that passes, quote.
    pub theta_put: Signed,
    /// Change of the call per 1.00 of rate, quote.
    pub rho_call: Signed,
    /// Change of the put per 1.00 of rate, quote.
    pub rho_put: Signed,
}

/// Second-order sensitivities to volatility, WAD units, the same for call and put.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CrossEvaluation {
    /// Change of either delta per 1.00 of volatility.
    pub vanna: Signed,
    /// Change of vega per 1.00 of volatility, quote.
    pub volga: Signed,
}

/// What sensitivities are taken to.
pub(crate) struct Terms {
    /// Spot or forward, WAD.
    pub underlying: Magnitude,
    /// Change of the discounted forward per unit of the underlying, WAD units.
    pub delta: Magnitude,
    /// Volatility, one is 100 %.
    pub volatility: Magnitude,
    /// Interest rate, one is 100 %.
    pub rate: Signed,
    /// Whether the underlying is the forward, which the rate does not move.
    pub forward: bool,
}

/// WAD as a magnitude; exact.
pub(crate) const ONE_WAD: Magnitude = Magnitude::scaled(WAD as u64, 0);

/// Spot and discounted strike, each times the probability, under its own measure, that the option ends in or out of the
/// money: the four products every result is made of.
struct Parts {
    /// `S·Φ(d1)`
    spot_in: Magnitude,
    /// `S·Φ(−d1)`
    spot_out: Magnitude,
    /// `Kd·Φ(d2)`
    strike_in: Magnitude,
    /// `Kd·Φ(−d2)`
    strike_out: Magnitude,
    /// `S·φ(d1)`
    density: Magnitude,
}

/// `whole − part`, never below zero.
fn less(whole: Magnitude, part: Magnitude) -> Magnitude {
    let rest = Signed::positive(whole).minus(Signed::positive(part));
    if rest.negative {
        Magnitude::ZERO
    } else {
        rest.size
    }
}

impl Valuation {
    fn call_is_out(&self) -> bool {
        self.spot_magnitude.is_below(self.strike_magnitude)
    }

    /// `S·φ(d1)·√2π`
    fn weighted_density(&self) -> Magnitude {
        let smaller = if self.call_is_out() {
            self.spot_magnitude
        } else {
            self.strike_magnitude
        };
        self.standing
            .map_or(Magnitude::ZERO, |at| smaller.times(at.density()))
    }

    fn parts(&self) -> Parts {
        let (spot, strike) = (self.spot_magnitude, self.strike_magnitude);
        let (smaller, larger) = if self.call_is_out() {
            (spot, strike)
        } else {
            (strike, spot)
        };
        let weighted = self.weighted_density();
        // Probability that the out-of-the-money side pays, times the smaller and the larger.
        let (small_in, large_in) = match &self.standing {
            Some(standing) => {
                let tail = weighted.times(standing.mills_a());
                let small = if standing.is_near() {
                    less(smaller, tail)
                } else {
                    tail
                };
                (small, weighted.times(standing.mills_b()))
            }
            None if spot == strike => (smaller.doubled(-1), larger.doubled(-1)),
            None => (Magnitude::ZERO, Magnitude::ZERO),
        };
        let small_out = less(smaller, small_in);
        let large_out = less(larger, large_in);
        let density = weighted.times(INVERSE_SQRT_TWO_PI);
        if self.call_is_out() {
            Parts {
                spot_in: small_in,
                spot_out: small_out,
                strike_in: large_in,
                strike_out: large_out,
                density,
            }
        } else {
            Parts {
                spot_in: large_out,
                spot_out: large_in,
                strike_in: small_out,
                strike_out: small_in,
                density,
            }
        }
    }

    /// Prices and greeks.
    pub(crate) fn evaluation(&self, terms: &Terms) -> Evaluation {
        let parts = self.parts();
        let intrinsic = less_exactly(self);
        let in_the_money = Signed::positive(self.time_value).plus(intrinsic).size;
        let (call, put) = if intrinsic.negative {
            (self.time_value, less_of(self.time_value, intrinsic))
        } else {
            (in_the_money, self.time_value)
        };
        let per_unit = terms.underlying.reciprocal().times(ONE_WAD);
        // Their sizes add up to the delta of the discounted forward; the smaller one is taken from it.
        let (delta_call, delta_put) = if self.call_is_out() {
            let delta = parts.spot_in.times(per_unit);
            (delta, less(terms.delta, delta))
        } else {
            let delta = parts.spot_out.times(per_unit);
            (less(terms.delta, delta), delta)
        };
        let root_years = self.tenor.root_years;
        let vega = parts.density.times(root_years);
        // D·σ/(2√T): what both sides lose to the passing of time.
        let decay = if root_years.is_zero() {
            Magnitude::ZERO
        } else {
            parts
                .density
                .times(terms.volatility)
                .over(root_years)
                .doubled(-1)
        };
        let decay = Signed::positive(decay).negated();
        // The discounted quote that each side owes at expiry, or that its price is when the forward stays.
        let (call_owes, put_owes) = if terms.forward {
            (
                Signed::positive(call).negated(),
                Signed::positive(put).negated(),
            )
        } else {
            (
                Signed::positive(parts.strike_in),
                Signed::positive(parts.strike_out).negated(),
            )
        };
        let interest = |owed: Signed| {
            let product = owed.times(terms.rate.size);
            if terms.rate.negative {
                product
            } else {
                product.negated()
            }
        };
        let years = root_years.times(root_years);
        Evaluation {
            call,
            put,
            delta_call: Signed::positive(delta_call),
            delta_put: Signed::positive(delta_put).negated(),
            gamma: parts
                .density
                .times(per_unit)
                .times(per_unit)
                .times(self.deviation.inverse),
            vega,
            theta_call: decay.plus(interest(call_owes)),
            theta_put: decay.plus(interest(put_owes)),
            rho_call: call_owes.times(years),
            rho_put: put_owes.times(years),
        }
    }

    /// Vanna `−D/U·d2/σ` and volga `vega·d1·d2/σ`; zero without volatility.
    pub(crate) fn cross_evaluation(&self, terms: &Terms) -> CrossEvaluation {
        let none = CrossEvaluation {
            vanna: Signed::ZERO,
            volga: Signed::ZERO,
        };
        let Some(standing) = &self.standing else {
            return none;
        };
        let density = self.weighted_density().times(INVERSE_SQRT_TWO_PI);
        let per_volatility = density.times(terms.volatility.reciprocal());
        // d1·d2 = a·b with the sign of a, and d2 is −b of a call out of the money, a of a put.
        let (a, b) = (standing.a(), Signed::positive(standing.b()));
        let d2 = if self.call_is_out() { b.negated() } else { a };
        let per_unit = terms.underlying.reciprocal().times(ONE_WAD);
        CrossEvaluation {
            vanna: d2.negated().times(per_volatility.times(per_unit)),
            volga: a
                .times(b.size)
                .times(per_volatility.times(self.tenor.root_years)),
        }
    }
}

/// `S − Kd`.
fn less_exactly(valuation: &Valuation) -> Signed {
    Signed::positive(valuation.spot_magnitude).minus(Signed::positive(valuation.strike_magnitude))
}

/// `value + |intrinsic|`.
fn less_of(value: Magnitude, intrinsic: Signed) -> Magnitude {
    Signed::positive(value)
        .plus(Signed::positive(intrinsic.size))
        .size
}
