//! What the legs of one expiry share, and the value of a leg at a spot.
//!
//! A leg is worth its contracts times the out-of-the-money value, plus, in the money, contracts times
//! `±(S − K·e^(−rT))`. The second part is linear, so it is summed over the legs before it is multiplied by the
//! scenario's spot, exactly: a synthetic forward has no pricing noise.

use crate::{
    WAD,
    elementary::{LN_BITS, exp, ln_ratio_fixed},
    fixed::{mul_div_down, mul_div_floor},
    leg::{Leg, OptionKind},
    magnitude::{Magnitude, Signed, even_shifted_out, high},
    margin::{
        MarginError,
        profile::{RiskProfile, VolatilityMove},
    },
    payoff::strike_to_wad,
    tables::{PER_WAD, PER_YEAR},
    tenor::{Deviation, Tenor},
    time_value::complement,
};

const ONE: u64 = WAD as u64;
/// Seconds of the tenor at which volatility shocks are stated.
const THIRTY_DAYS: u64 = 30 * 86_400;
/// Shocks stop growing below this tenor, seconds.
const ONE_DAY: u64 = 86_400;
/// A leg's log-moneyness and a spot's distance from the median are held within these, so that their sum stays below 32.
/// A strike beyond e^±26 of the median is priced as if it were there, a spot beyond e^±5 likewise.
const FARTHEST_STRIKE: i64 = 26 << LN_BITS;
/// See [`FARTHEST_STRIKE`].
const FARTHEST_SPOT: i64 = 5 << LN_BITS;
/// A leg's value at any spot, and so every sum of 128, stays below 2^127: nothing in the loop needs a check.
const VALUE_BITS: i32 = 117;
/// Contracts of a leg, for the same reason.
const CONTRACTS_BITS: u32 = 117;

/// A spot at which a portfolio is valued.
#[derive(Clone, Copy)]
pub(crate) struct SpotPoint {
    /// WAD quote per underlying.
    pub price: u128,
    /// The same.
    pub magnitude: Magnitude,
    /// `ln(price / mid)`, Q58, within ±[`FARTHEST_SPOT`].
    shift: i64,
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
        let change = ln_ratio_fixed(magnitude, self.magnitude);
        let shift = self
            .shift
            .saturating_add(change)
            .clamp(-FARTHEST_SPOT, FARTHEST_SPOT);
        Self {
            price,
            magnitude,
            shift,
        }
    }

    /// This spot times a WAD multiple.
    pub(crate) fn times(&self, multiple: u64) -> Option<Self> {
        Some(self.moved_to(mul_div_down(self.price, u128::from(multiple), WAD)?))
    }
}

/// `x` times a WAD factor. One copy for everything that is done once an expiry.
#[inline(never)]
fn of_wad(x: Magnitude, factor: u64) -> Magnitude {
    x.times(Magnitude::scaled(factor, 0)).times(PER_WAD)
}

/// An expiry seen from now: seconds left, none once it has passed, with discounting and the root of time.
pub(crate) struct Expiry {
    pub seconds: u64,
    pub tenor: Tenor,
    years: Magnitude,
}

impl Expiry {
    pub(crate) fn at(expiry: u32, now: u64, rate: i64) -> Result<Self, MarginError> {
        let seconds = u64::from(expiry).saturating_sub(now);
        let years = Magnitude::scaled(seconds, 0).times(PER_YEAR);
        Ok(Self {
            seconds,
            tenor: Tenor::new(seconds, rate)?,
            years,
        })
    }

    /// `σ√T`.
    #[inline(never)]
    pub(crate) fn deviation(&self, volatility: u64) -> Deviation {
        self.tenor.deviation(Magnitude::scaled(volatility, 0))
    }

    /// `σ√T` unshocked, and under the upward and the downward shock.
    pub(crate) fn deviations(&self, profile: &RiskProfile, volatility: Option<u64>) -> Deviations {
        let Some(volatility) = volatility else {
            return Deviations::unshocked(self, None);
        };
        let seconds = self.seconds.max(ONE_DAY);
        let growth = ln_ratio_fixed(
            Magnitude::scaled(THIRTY_DAYS, 0),
            Magnitude::scaled(seconds, 0),
        );
        let power = if growth < 0 {
            profile.long_power
        } else {
            profile.short_power
        };
        let exponent = of_wad(Magnitude::scaled(growth.unsigned_abs(), -LN_BITS), power);
        // (30d / T)^power.
        let tenor_factor = exp(Signed {
            negative: growth < 0,
            size: exponent,
        });
        let volatility_magnitude = Magnitude::scaled(volatility, 0);
        let shock = |size: u64| of_wad(tenor_factor, size).times(volatility_magnitude);
        let up = volatility.saturating_add(shock(profile.volatility_up).to_fixed(0));
        let down = volatility.saturating_sub(shock(profile.volatility_down).to_fixed(0));
        let unshocked = self.deviation(volatility);
        let up = self.deviation(up.max(profile.volatility_floor));
        Deviations([unshocked, up, self.deviation(down), unshocked])
    }

    /// What the static discount takes off a unit of value that is owned, and adds to one that is owed.
    pub(crate) fn static_discounts(&self, profile: &RiskProfile, rate: i64) -> [Magnitude; 2] {
        let rate = Magnitude::scaled(rate.max(0).unsigned_abs(), 0);
        let exponent = |add: u64, multiple: u64| {
            let yearly = add.saturating_add(of_wad(rate, multiple).to_fixed(0));
            of_wad(self.years, yearly)
        };
        let owned =
            exp(Signed::positive(exponent(profile.owned_add, profile.owned_rate)).negated());
        let owed = exp(Signed::positive(exponent(
            profile.owed_add,
            profile.owed_rate,
        )));
        // owed ≥ 1, and e^x − 1 in Q60 covers e^x up to 16.
        let gross = owed.to_fixed(60).saturating_sub(1 << 60);
        [complement(owned), Magnitude::scaled(gross, -60)]
    }

    /// Share of a basis change that counts, WAD: continuous in time and at most one, so that a long option never loses
    /// more than its value.
    pub(crate) fn basis_share(&self, profile: &RiskProfile) -> u64 {
        let per_year = Magnitude::scaled(profile.basis_share_per_year, 0);
        let grown = self.years.times(per_year).to_fixed(0);
        profile.basis_share.saturating_add(grown).min(ONE)
    }
}

/// `σ√T` of an expiry under each move of volatility; a fourth entry spares the lookup its bounds check.
pub(crate) struct Deviations([Deviation; 4]);

impl Deviations {
    /// The given volatility whatever the move, zero once expired.
    pub(crate) fn unshocked(seen: &Expiry, volatility: Option<u64>) -> Self {
        Self([seen.deviation(volatility.unwrap_or(0)); 4])
    }

    /// `σ√T` under `volatility`.
    #[inline(always)]
    pub(crate) const fn under(&self, volatility: VolatilityMove) -> &Deviation {
        let index = match volatility {
            VolatilityMove::Unchanged => 0,
            VolatilityMove::Up => 1,
            VolatilityMove::Down => 2,
        };
        &self.0[index & 3]
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

    /// Adds a leg. Long time value is rounded down, short up.
    #[inline(always)]
    pub(crate) fn add(&mut self, leg: &PreparedLeg, spot: &SpotPoint, deviation: &Deviation) {
        // 26 + 5 < 32.
        let x = leg.log_moneyness.wrapping_add(spot.shift);
        let call_is_out = x < 0;
        let weight = if call_is_out {
            leg.size.times(spot.magnitude)
        } else {
            leg.sized_strike
        };
        // Below 2^117 each, at most 128 legs: the sums stay below 2^124.
        if leg.is_call != call_is_out {
            self.underlying = self.underlying.wrapping_add(leg.underlying);
            self.settled = self.settled.wrapping_add(leg.strike_part);
        }
        let (mantissa, exponent) = deviation.standing_of_fixed(x.unsigned_abs()).value();
        let product = high(mantissa, weight.mantissa);
        // The product times 2^(exponent + 64), below 2^117: at least 10 of 128 bits are shifted out.
        let by = 0_i32.wrapping_sub(exponent.wrapping_add(weight.exponent));
        let (upper, lower) = even_shifted_out(product, by);
        let value = (i128::from(upper as i64) << 64) | i128::from(lower);
        // `!v` is −v − 1.
        self.settled = self.settled.wrapping_add(value ^ leg.sign);
    }

    /// The sum, WAD quote units, the linear part rounded down. `None` on overflow.
    #[inline(never)]
    pub(crate) fn value(&self, spot: &SpotPoint) -> Option<i128> {
        self.settled
            .checked_add(mul_div_floor(self.underlying, spot.price, WAD)?)
    }
}

/// What valuing a leg needs of it.
pub(crate) struct PreparedLeg {
    is_call: bool,
    /// `ln(mid / (K·e^(−rT)))`, Q58, within ±[`FARTHEST_STRIKE`].
    log_moneyness: i64,
    /// `|contracts|` in units of the underlying.
    size: Magnitude,
    /// `|contracts|·K·e^(−rT)`, WAD quote units.
    sized_strike: Magnitude,
    /// All ones when short, zero when long.
    sign: i128,
    /// Contracts of the underlying that the leg stands for in the money: `c` of a call, `−c` of a put.
    underlying: i128,
    /// What the strike contributes in the money, WAD quote, rounded down: call `−c·K·e^(−rT)`, put `+c·K·e^(−rT)`.
    strike_part: i128,
}

impl PreparedLeg {
    /// Prepares `leg` for spots up to `highest`; refuses what could overflow a sum.
    #[inline(never)]
    pub(crate) fn new(
        leg: &Leg,
        tenor: &Tenor,
        mid: &SpotPoint,
        highest: Magnitude,
    ) -> Result<Self, MarginError> {
        if leg.strike == 0 {
            return Err(MarginError::ZeroStrike);
        }
        let overflow = MarginError::Overflow;
        let (strike, strike_magnitude) = tenor
            .discounted(strike_to_wad(leg.strike))
            .ok_or(overflow)?;
        let contracts = leg.contracts.unsigned_abs();
        let size = Magnitude::from_u128(contracts).times(PER_WAD);
        let sized_strike = size.times(strike_magnitude);
        let most = Magnitude::new(1 << 63, VALUE_BITS.wrapping_sub(65));
        if contracts >> CONTRACTS_BITS != 0
            || !sized_strike.is_below(most)
            || !size.times(highest).is_below(most)
        {
            return Err(overflow);
        }
        let is_call = leg.kind == OptionKind::Call;
        // Below 2^117: the negation is safe. The strike goes the other way than the underlying.
        let exchanged = if is_call {
            leg.contracts.wrapping_neg()
        } else {
            leg.contracts
        };
        let log_moneyness = ln_ratio_fixed(mid.magnitude, strike_magnitude);
        Ok(Self {
            is_call,
            log_moneyness: log_moneyness.clamp(-FARTHEST_STRIKE, FARTHEST_STRIKE),
            size,
            sized_strike,
            sign: leg.contracts >> 127,
            underlying: exchanged.wrapping_neg(),
            strike_part: mul_div_floor(exchanged, strike, WAD).ok_or(overflow)?,
        })
    }
}
