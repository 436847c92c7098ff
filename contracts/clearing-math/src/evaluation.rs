//! Prices and sensitivities at the kernel's full precision.
//!
//! Everything hangs on `D = S·φ(d1) = Kd·φ(d2)` and on the Mills ratios of `a` and `b`: out of the money, spot and discounted
//! strike times their probabilities are `D·M(a)` and `D·M(b)`. Without volatility or time the limits are taken: deltas 0 or
//! ±1 (one half where spot equals the discounted strike), no gamma, no vega.

use crate::{
    WAD,
    magnitude::{Magnitude, Signed},
    tables::INVERSE_SQRT_TWO_PI,
    time_value::Position,
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

/// What every sensitivity is made of, before signs and roundings. Gamma and vega may lack the top bit of their mantissa.
pub(crate) struct Sensitivities {
    /// Size of the delta of the call.
    pub delta_call: Magnitude,
    /// Size of the delta of the put.
    pub delta_put: Magnitude,
    pub gamma: Magnitude,
    pub vega: Magnitude,
    /// `S·φ(d1)·σ/(2√T)`: what both sides lose to the passing of time.
    pub decay: Magnitude,
    /// `Kd·Φ(d2)`
    pub strike_in: Magnitude,
    /// `Kd·Φ(−d2)`
    pub strike_out: Magnitude,
    /// `T`
    pub years: Magnitude,
}

/// The smaller times `Φ(a)`: of two that add up to it, the one that is known better than from their difference when `a` is
/// negative.
#[cfg_attr(not(feature = "compact"), inline(always))]
fn smaller_rest(smaller: Magnitude, position: &Position) -> Magnitude {
    smaller.times(position.rest_a)
}

impl Valuation {
    /// `S·φ(d1) = Kd·φ(d2)`
    #[cfg_attr(not(feature = "compact"), inline(always))]
    fn density(&self) -> Magnitude {
        self.smaller()
            .times(self.position.density.times(INVERSE_SQRT_TWO_PI))
    }

    /// What the greeks are made of.
    #[cfg_attr(not(feature = "compact"), inline(always))]
    pub(crate) fn sensitivities(&self, terms: &Terms) -> Sensitivities {
        let Position { tail_a, tail_b, .. } = self.position;
        let (call_is_out, call_is_in) = (self.call_is_out, !self.call_is_out);
        let smaller = self.smaller();
        let density = self.density();
        let per_unit = terms.underlying.reciprocal().times(ONE_WAD);
        // The smaller is the spot of a call out of the money and the discounted strike of a put.
        let spot_tail = tail_b.or_if(tail_a, call_is_out);
        let strike_tail = tail_a.or_if(tail_b, call_is_out);
        // Of the side that is out of the money; the sizes of both add up to the delta of the discounted forward.
        let delta = spot_tail.times(smaller.times(per_unit));
        let other_delta = terms.delta.less(delta);
        let strike = smaller.times(strike_tail);
        let other_strike = if self.position.a.negative && self.call_is_out == 0 {
            smaller_rest(smaller, &self.position)
        } else {
            self.strike_magnitude.less(strike)
        };
        let root_years = self.tenor.root_years;
        let per_deviation = density.times(self.inverse_deviation);
        Sensitivities {
            delta_call: delta.or_if(other_delta, call_is_in),
            delta_put: delta.or_if(other_delta, call_is_out),
            gamma: per_deviation.times(per_unit).loosely_times(per_unit),
            vega: density.loosely_times(root_years),
            // σ/√T = σ²/s.
            decay: per_deviation
                .times(terms.volatility)
                .times(terms.volatility)
                .doubled(-1),
            strike_in: strike.or_if(other_strike, call_is_in),
            strike_out: strike.or_if(other_strike, call_is_out),
            years: root_years.times(root_years),
        }
    }

    /// Prices and greeks; `forward_value` is `S − Kd` to its own last digits.
    #[inline(never)]
    pub(crate) fn evaluation(&self, terms: &Terms, forward_value: Signed) -> Evaluation {
        let mut seen = self.sensitivities(terms);
        if self.position.a.negative && self.call_is_out != 0 {
            let rest = smaller_rest(self.smaller(), &self.position);
            seen.delta_put = rest.times(terms.underlying.reciprocal()).times(ONE_WAD);
        }
        let in_the_money = Signed::positive(self.time_value)
            .plus(Signed::positive(forward_value.size))
            .size;
        let (call, put) = if self.call_is_out == 0 {
            (in_the_money, self.time_value)
        } else {
            (self.time_value, in_the_money)
        };
        let decay = Signed::negative(seen.decay);
        // The discounted quote that each side owes at expiry, or that its price is when the forward stays.
        let (call_owes, put_owes) = if terms.forward {
            (Signed::negative(call), Signed::negative(put))
        } else {
            (
                Signed::positive(seen.strike_in),
                Signed::negative(seen.strike_out),
            )
        };
        let interest = |owed: Signed| owed.times(terms.rate.size).signed_by(!terms.rate.negative);
        Evaluation {
            call,
            put,
            delta_call: Signed::positive(seen.delta_call),
            delta_put: Signed::negative(seen.delta_put),
            gamma: seen.gamma.aligned(),
            vega: seen.vega.aligned(),
            theta_call: decay.plus(interest(call_owes)),
            theta_put: decay.plus(interest(put_owes)),
            rho_call: call_owes.times(seen.years),
            rho_put: put_owes.times(seen.years),
        }
    }

    /// Vanna `−D/U·d2/σ` and volga `vega·d1·d2/σ`; zero without volatility.
    #[inline(never)]
    pub(crate) fn cross_evaluation(&self, terms: &Terms) -> CrossEvaluation {
        let Position { a, b, .. } = self.position;
        let per_volatility = self.density().times(terms.volatility.reciprocal());
        // d1·d2 = a·b with the sign of a, and d2 is −b of a call out of the money, a of a put.
        let d2 = if self.call_is_out == 0 {
            a
        } else {
            Signed::negative(b)
        };
        let per_unit = terms.underlying.reciprocal().times(ONE_WAD);
        CrossEvaluation {
            vanna: d2.negated().times(per_volatility.times(per_unit)),
            volga: a
                .times(b)
                .times(per_volatility.times(self.tenor.root_years)),
        }
    }
}
