//! What the legs of one expiry share, and the value of a leg at a spot.
//!
//! A leg is worth its contracts times the out-of-the-money value, plus, in the money, contracts times
//! `±(S − K·e^(−rT))`. The second part is linear, so it is summed over the legs before it is multiplied by the
//! scenario's spot, exactly: a synthetic forward has no pricing noise.

use crate::{
    WAD,
    black_scholes::{Deviation, Tenor},
    elementary::{LN_BITS, exp, ln_ratio},
    fixed::{mul_div_down, mul_div_floor},
    leg::{Leg, OptionKind},
    magnitude::Magnitude,
    margin::{MarginError, profile::RiskProfile},
    payoff::strike_to_wad,
    tables::{PER_WAD, PER_YEAR},
    time_value::complement,
};

const ONE: u64 = WAD as u64;
/// Seconds of the tenor at which volatility shocks are stated.
const THIRTY_DAYS: u64 = 30 * 86_400;
/// Shocks stop growing below this tenor, seconds.
const ONE_DAY: u64 = 86_400;
/// Log-moneyness beyond which nothing changes any more; keeps sums of logarithms inside their format.
const FARTHEST: i64 = 31 << LN_BITS;

/// A spot at which a portfolio is valued.
#[derive(Clone, Copy)]
pub(crate) struct SpotPoint {
    /// WAD quote per underlying.
    pub price: u128,
    /// The same.
    pub magnitude: Magnitude,
    /// `ln(price / mid)`, Q58.
    pub shift: i64,
}

impl SpotPoint {
    /// The median price itself.
    pub(crate) fn mid(price: u128) -> Self {
        Self {
            price,
            magnitude: Magnitude::from_u128(price),
            shift: 0,
        }
    }

    /// This spot at another price.
    pub(crate) fn moved_to(&self, price: u128) -> Self {
        let magnitude = Magnitude::from_u128(price);
        let change = ln_ratio(magnitude, self.magnitude).to_fixed();
        Self {
            price,
            magnitude,
            shift: self.shift.saturating_add(change),
        }
    }

    /// This spot times a WAD multiple whose logarithm is known.
    pub(crate) fn times(&self, multiple: u64, logarithm: i64) -> Option<Self> {
        let price = mul_div_down(self.price, u128::from(multiple), WAD)?;
        Some(Self {
            price,
            magnitude: Magnitude::from_u128(price),
            shift: self.shift.saturating_add(logarithm),
        })
    }
}

/// `ln` of a WAD multiple, Q58.
pub(crate) fn ln_multiple(multiple: u64) -> i64 {
    ln_ratio(Magnitude::scaled(multiple, 0), Magnitude::scaled(ONE, 0)).to_fixed()
}

/// An expiry seen from now: seconds left, none once it has passed, with discounting and the root of time.
pub(crate) struct Expiry {
    pub seconds: u64,
    pub tenor: Tenor,
}

impl Expiry {
    pub(crate) fn at(expiry: u32, now: u64, rate: i64) -> Result<Self, MarginError> {
        let seconds = u64::from(expiry).saturating_sub(now);
        Ok(Self {
            seconds,
            tenor: Tenor::new(seconds, rate)?,
        })
    }

    /// `σ√T` unshocked, and under the upward and the downward shock.
    pub(crate) fn deviations(&self, profile: &RiskProfile, volatility: u64) -> [Deviation; 3] {
        let seconds = self.seconds.max(ONE_DAY);
        let growth = ln_ratio(
            Magnitude::scaled(THIRTY_DAYS, 0),
            Magnitude::scaled(seconds, 0),
        );
        let power = if growth.negative {
            profile.long_power
        } else {
            profile.short_power
        };
        let exponent = growth
            .size
            .times(Magnitude::scaled(power, 0))
            .times(PER_WAD);
        // (30d / T)^power.
        let tenor_factor = exp(exponent, !growth.negative);
        let shock = |size: u64| {
            let shocked = tenor_factor.times(Magnitude::scaled(size, 0)).to_fixed(0);
            Magnitude::scaled(shocked, 0)
                .times(PER_WAD)
                .times(Magnitude::scaled(volatility, 0))
        };
        let up = volatility.saturating_add(shock(profile.volatility_up).to_fixed(0));
        let down = volatility.saturating_sub(shock(profile.volatility_down).to_fixed(0));
        [
            self.tenor.deviation(volatility),
            self.tenor.deviation(up.max(profile.volatility_floor)),
            self.tenor.deviation(down),
        ]
    }

    /// What the static discount takes off a unit of value that is owned, and adds to one that is owed.
    pub(crate) fn static_discounts(&self, profile: &RiskProfile, rate: i64) -> [Magnitude; 2] {
        let years = Magnitude::scaled(self.seconds, 0).times(PER_YEAR);
        let rate = Magnitude::scaled(rate.max(0).unsigned_abs(), 0).times(PER_WAD);
        let exponent = |add: u64, multiple: u64| {
            let by_rate = rate.times(Magnitude::scaled(multiple, 0)).to_fixed(0);
            let yearly = Magnitude::scaled(add.saturating_add(by_rate), 0).times(PER_WAD);
            yearly.times(years)
        };
        let owned = exp(exponent(profile.owned_add, profile.owned_rate), false);
        let owed = exp(exponent(profile.owed_add, profile.owed_rate), true);
        // owed ≥ 1, and e^x − 1 in Q60 covers e^x up to 16.
        let gross = owed.to_fixed(60).saturating_sub(1 << 60);
        [complement(owned), Magnitude::scaled(gross, -60)]
    }

    /// Share of a basis change that counts, WAD: continuous in time and at most one, so that a long option never loses
    /// more than its value.
    pub(crate) fn basis_share(&self, profile: &RiskProfile) -> u64 {
        let years = Magnitude::scaled(self.seconds, 0).times(PER_YEAR);
        let grown = years
            .times(Magnitude::scaled(profile.basis_share_per_year, 0))
            .to_fixed(0);
        profile.basis_share.saturating_add(grown).min(ONE)
    }
}

/// The value of some legs of one expiry at one spot, as it is being summed.
#[derive(Clone, Copy)]
pub(crate) struct Sum {
    /// Time values, and strikes of what is in the money, WAD quote units.
    settled: i128,
    /// Net contracts that stand for a unit of the underlying: calls less puts in the money, 1e-18.
    underlying: i128,
}

impl Sum {
    pub(crate) const ZERO: Self = Self {
        settled: 0,
        underlying: 0,
    };

    /// Adds a leg, without time value when `deviation` is `None`. Long time value is rounded down, short up.
    /// `None` on overflow.
    pub(crate) fn add(
        &mut self,
        leg: &PreparedLeg,
        spot: &SpotPoint,
        deviation: Option<&Deviation>,
    ) -> Option<()> {
        let call_is_out = spot.price < leg.strike;
        if leg.is_call != call_is_out {
            self.underlying = self.underlying.checked_add(leg.underlying)?;
            self.settled = self.settled.checked_add(leg.strike_part)?;
        }
        let Some(deviation) = deviation else {
            return Some(());
        };
        let x = leg
            .log_moneyness
            .saturating_add(spot.shift)
            .clamp(-FARTHEST, FARTHEST);
        let x = Magnitude::scaled(x.unsigned_abs(), -LN_BITS);
        let Some(standing) = deviation.standing(x) else {
            return Some(());
        };
        let smaller = if call_is_out {
            spot.magnitude
        } else {
            leg.strike_magnitude
        };
        // Below 2^127 by construction of `to_u128`.
        let value = standing.value().times(smaller).times(leg.size).to_u128()? as i128;
        self.settled = if leg.is_short {
            self.settled.checked_sub(value)?.checked_sub(1)?
        } else {
            self.settled.checked_add(value)?
        };
        Some(())
    }

    /// The sum, WAD quote units, the linear part rounded down. `None` on overflow.
    pub(crate) fn value(&self, spot: &SpotPoint) -> Option<i128> {
        self.settled
            .checked_add(mul_div_floor(self.underlying, spot.price, WAD)?)
    }
}

/// What valuing a leg needs of it.
pub(crate) struct PreparedLeg {
    is_call: bool,
    is_short: bool,
    /// `K·e^(−rT)`, WAD.
    strike: u128,
    strike_magnitude: Magnitude,
    /// `ln(mid / (K·e^(−rT)))`, Q58.
    log_moneyness: i64,
    /// `|contracts|` in units of the underlying.
    size: Magnitude,
    /// Contracts of the underlying that the leg stands for in the money: `c` of a call, `−c` of a put.
    underlying: i128,
    /// What the strike contributes in the money, WAD quote, rounded down: call `−c·K·e^(−rT)`, put `+c·K·e^(−rT)`.
    strike_part: i128,
}

impl PreparedLeg {
    pub(crate) fn new(leg: &Leg, tenor: &Tenor, mid: &SpotPoint) -> Result<Self, MarginError> {
        if leg.strike == 0 {
            return Err(MarginError::ZeroStrike);
        }
        let (strike, strike_magnitude) = tenor
            .discounted(strike_to_wad(leg.strike))
            .ok_or(MarginError::Overflow)?;
        let is_call = leg.kind == OptionKind::Call;
        let underlying = if is_call {
            Some(leg.contracts)
        } else {
            0_i128.checked_sub(leg.contracts)
        };
        // The strike goes the other way than the underlying.
        let strike_part = underlying
            .and_then(|underlying| 0_i128.checked_sub(underlying))
            .and_then(|exchanged| mul_div_floor(exchanged, strike, WAD));
        let (Some(underlying), Some(strike_part)) = (underlying, strike_part) else {
            return Err(MarginError::Overflow);
        };
        Ok(Self {
            is_call,
            is_short: leg.contracts < 0,
            strike,
            strike_magnitude,
            log_moneyness: ln_ratio(mid.magnitude, strike_magnitude).to_fixed(),
            size: Magnitude::from_u128(leg.contracts.unsigned_abs()).times(PER_WAD),
            underlying,
            strike_part,
        })
    }
}
