//! The legs of one expiry, prepared once so that a scenario costs one evaluation of the time value per leg.
//!
//! A leg is worth its contracts times the out-of-the-money value, plus, in the money, contracts times
//! `±(S − K·e^(−rT))`. The second part is linear, so it is summed over the legs before it is multiplied by the
//! scenario's spot, exactly: a synthetic forward has no pricing noise.

use crate::{
    WAD,
    black_scholes::{Deviation, Tenor},
    elementary::{LN_BITS, exp, ln_ratio},
    fixed::{mul_div_down, mul_div_floor, mul_div_up},
    leg::{Leg, OptionKind},
    magnitude::Magnitude,
    margin::{MAX_LEGS, MarginError, profile::RiskProfile},
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

/// What pricing needs of a leg.
#[derive(Clone, Copy)]
struct Prepared {
    is_call: bool,
    /// `K·e^(−rT)`, WAD.
    strike: u128,
    strike_magnitude: Magnitude,
    /// `ln(mid / (K·e^(−rT)))`, Q58.
    log_moneyness: i64,
    contracts: i128,
    /// `|contracts|` in units of the underlying.
    size: Magnitude,
    /// What the strike contributes in the money, WAD quote, rounded down: call `−c·K·e^(−rT)`, put `+c·K·e^(−rT)`.
    strike_part: i128,
}

const UNUSED: Prepared = Prepared {
    is_call: false,
    strike: 0,
    strike_magnitude: Magnitude::ZERO,
    log_moneyness: 0,
    contracts: 0,
    size: Magnitude::ZERO,
    strike_part: 0,
};

/// All legs of one expiry.
pub(crate) struct ExpiryGroup {
    legs: [Prepared; MAX_LEGS],
    count: usize,
    /// Seconds to expiry, zero once it has passed.
    seconds: u64,
    tenor: Tenor,
    net_calls: i128,
    net_puts: i128,
}

impl ExpiryGroup {
    /// Collects the legs of `expiry`.
    pub(crate) fn collect(
        legs: &[Leg],
        expiry: u32,
        now: u64,
        rate: i64,
        mid: &SpotPoint,
    ) -> Result<Self, MarginError> {
        let seconds = u64::from(expiry).saturating_sub(now);
        let tenor = Tenor::new(seconds, rate)?;
        let mut group = Self {
            legs: [UNUSED; MAX_LEGS],
            count: 0,
            seconds,
            tenor,
            net_calls: 0,
            net_puts: 0,
        };
        let members = legs.iter().filter(|leg| leg.expiry == expiry);
        for (slot, leg) in group.legs.iter_mut().zip(members) {
            *slot = Prepared::new(leg, &tenor, mid)?;
            let net = if slot.is_call {
                &mut group.net_calls
            } else {
                &mut group.net_puts
            };
            *net = net
                .checked_add(leg.contracts)
                .ok_or(MarginError::Overflow)?;
            group.count = group.count.wrapping_add(1);
        }
        Ok(group)
    }

    /// Contracts (1e-18) that are short after netting calls with calls and puts with puts.
    pub(crate) fn net_short(&self) -> Option<u128> {
        let short = |net: i128| net.min(0).unsigned_abs();
        short(self.net_calls).checked_add(short(self.net_puts))
    }

    /// Whether the expiry has passed: such legs have intrinsic value only.
    pub(crate) const fn has_expired(&self) -> bool {
        self.seconds == 0
    }

    /// `σ√T` unshocked.
    pub(crate) fn deviation(&self, volatility: u64) -> Deviation {
        self.tenor.deviation(volatility)
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

    /// Value of the group at a spot, WAD quote units; `deviation` is `None` once expired.
    /// Long time value is rounded down, short up, the linear part down.
    pub(crate) fn value(&self, spot: &SpotPoint, deviation: Option<&Deviation>) -> Option<i128> {
        let mut total = 0_i128;
        let mut in_the_money = 0_i128;
        for leg in self.legs.iter().take(self.count) {
            let call_is_out = spot.price < leg.strike;
            if leg.is_call != call_is_out {
                let contracts = if leg.is_call {
                    leg.contracts
                } else {
                    0_i128.checked_sub(leg.contracts)?
                };
                in_the_money = in_the_money.checked_add(contracts)?;
                total = total.checked_add(leg.strike_part)?;
            }
            let Some(deviation) = deviation else { continue };
            let x = leg
                .log_moneyness
                .saturating_add(spot.shift)
                .clamp(-FARTHEST, FARTHEST);
            let x = Magnitude::scaled(x.unsigned_abs(), -LN_BITS);
            let Some(standing) = deviation.standing(x) else {
                continue;
            };
            let smaller = if call_is_out {
                spot.magnitude
            } else {
                leg.strike_magnitude
            };
            let size = standing.value().times(smaller).times(leg.size).to_u128()?;
            // Below 2^127 by construction of `to_u128`.
            let size = size as i128;
            total = if leg.contracts < 0 {
                total.checked_sub(size)?.checked_sub(1)?
            } else {
                total.checked_add(size)?
            };
        }
        total.checked_add(mul_div_floor(in_the_money, spot.price, WAD)?)
    }
}

impl Prepared {
    fn new(leg: &Leg, tenor: &Tenor, mid: &SpotPoint) -> Result<Self, MarginError> {
        if leg.strike == 0 {
            return Err(MarginError::ZeroStrike);
        }
        let overflow = MarginError::Overflow;
        let (strike, strike_magnitude) = tenor
            .discounted(strike_to_wad(leg.strike))
            .ok_or(overflow)?;
        let is_call = leg.kind == OptionKind::Call;
        let contracts = leg.contracts.unsigned_abs();
        // A call's strike is paid when long and received when short; a put's the other way round.
        let paid = is_call == (leg.contracts > 0);
        let strike_part = if paid {
            let part = mul_div_up(contracts, strike, WAD).ok_or(overflow)?;
            0_i128.checked_sub_unsigned(part)
        } else {
            let part = mul_div_down(contracts, strike, WAD).ok_or(overflow)?;
            i128::try_from(part).ok()
        };
        Ok(Self {
            is_call,
            strike,
            strike_magnitude,
            log_moneyness: ln_ratio(mid.magnitude, strike_magnitude).to_fixed(),
            contracts: leg.contracts,
            size: Magnitude::from_u128(contracts).times(PER_WAD),
            strike_part: strike_part.ok_or(overflow)?,
        })
    }
}
