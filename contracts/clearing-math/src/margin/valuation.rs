//! The value of a leg at a point.
//!
//! A leg is worth its contracts times the out-of-the-money value, plus, in the money, contracts times `±D·(F − K)`. The second
//! part is linear, so it is summed over the legs before it is multiplied by the point's forward: a synthetic forward has no
//! pricing noise.

use crate::{
    elementary::{LN_BITS, ln_ratio_fixed},
    leg::{Leg, OptionKind},
    magnitude::{Magnitude, even_shifted_out, high},
    margin::{
        MarginError,
        expiry::{Expiry, SKEW_BITS, Shocks, Skew, Step, product_floor, scaled_down},
        grid::{ABSOLUTE, DOWN, FORMS, Form, LINEAR, UNCHANGED, UP},
    },
    payoff::strike_to_wad,
    tables::PER_WAD,
    tenor::Width,
};

/// A leg's log-moneyness is held within this, Q58, so that its sum with a point's shift stays below 32: a strike beyond e^±26 of
/// the forward is priced as if it were there.
const FARTHEST_STRIKE: i64 = 26 << LN_BITS;
/// A leg's value at any point, and so every sum of 128, stays below 2^127: nothing in the loop needs a check.
const VALUE_BITS: i32 = 117;
/// Contracts of a leg, for the same reason.
const CONTRACTS_BITS: u32 = 117;

/// `σ√T` of a leg in each of its forms; an eighth entry spares the lookup its bounds check.
pub(super) struct Widths([Width; FORMS + 1]);

impl Widths {
    /// Those of a leg at log-moneyness `ln(F/K)`, Q58; all of them unshocked without shocks.
    #[inline(never)]
    pub(super) fn new(
        expiry: &Expiry,
        shocks: Option<&Shocks>,
        volatility: Magnitude,
        log_moneyness: i64,
    ) -> Self {
        let whole = volatility.times(expiry.root);
        let mut forms = [whole; FORMS + 1];
        let Some(shocks) = shocks else {
            return Self::of_deviations(&forms);
        };
        let risen = whole.times(shocks.up);
        let up = if risen.is_below(shocks.floor) {
            shocks.floor
        } else {
            risen
        };
        let [_, of_up, of_down, skewed @ ..] = &mut forms;
        (*of_up, *of_down) = (up, whole.times(shocks.down));
        let Some(skews) = &shocks.skews else {
            return Self::of_deviations(&forms);
        };
        let distance = Magnitude::scaled(log_moneyness.unsigned_abs(), -LN_BITS);
        let size = |skew: &Skew| {
            let moved = distance.times(skew.slope).to_fixed(SKEW_BITS);
            moved.min(i64::MAX as u64) as i64
        };
        // k is −ln(F/K), and the slope has the sign of the cap.
        let signed = |size: i64, falls: bool| if falls { size.wrapping_neg() } else { size };
        let Skew { cap, .. } = skews.linear;
        let linear = signed(size(&skews.linear), (cap < 0) ^ (log_moneyness > 0))
            .min(cap)
            .max(cap.saturating_neg());
        let Skew { cap, .. } = skews.absolute;
        let absolute = signed(size(&skews.absolute), cap < 0).min(cap);
        let [back, absolute_back] = if skews.both_ways {
            [linear.wrapping_neg(), absolute.wrapping_neg()]
        } else {
            [linear, absolute]
        };
        // In the order of the forms.
        for (form, change) in skewed
            .iter_mut()
            .zip([linear, absolute, back, absolute_back])
        {
            let multiple = (1_u64 << SKEW_BITS).saturating_add_signed(change);
            *form = whole.times(Magnitude::scaled(multiple, -SKEW_BITS));
        }
        Self::of_deviations(&forms)
    }

    /// One copy for every form.
    #[inline(never)]
    fn of_deviations(forms: &[Magnitude; FORMS + 1]) -> Self {
        Self(forms.map(Width::new))
    }

    #[cfg_attr(not(feature = "compact"), inline(always))]
    const fn of(&self, form: Form) -> &Width {
        &self.0[(form & 7) as usize]
    }
}

/// What valuing a leg needs of it.
pub(super) struct PreparedLeg {
    is_call: bool,
    /// `ln(F/K)` at the median, Q58, within ±[`FARTHEST_STRIKE`].
    pub(super) log_moneyness: i64,
    /// `|contracts|` in units of the underlying.
    size: Magnitude,
    /// `|contracts|·D·K`, WAD quote units.
    sized_strike: Magnitude,
    /// All ones when short, zero when long.
    sign: i128,
    /// Contracts of the underlying that the leg stands for in the money: `c` of a call, `−c` of a put.
    underlying: i128,
    /// What the strike contributes in the money, WAD quote, rounded down: call `−c·D·K`, put `+c·D·K`.
    strike_part: i128,
}

impl PreparedLeg {
    /// Prepares `leg`, whose index is `index`, for forwards up to `highest`; refuses what could overflow a sum.
    #[inline(never)]
    pub(super) fn new(
        leg: &Leg,
        index: u32,
        expiry: &Expiry,
        highest: Magnitude,
    ) -> Result<Self, MarginError> {
        if leg.strike == 0 {
            return Err(MarginError::ZeroStrike { leg: index });
        }
        let overflow = MarginError::LegOverflow { leg: index };
        let undiscounted = strike_to_wad(leg.strike);
        let (strike, strike_magnitude) = expiry.tenor.discounted(undiscounted).ok_or(overflow)?;
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
        let strike_part = product_floor(exchanged, strike);
        let log_moneyness = ln_ratio_fixed(expiry.forward(), Magnitude::from_u128(undiscounted));
        Ok(Self {
            is_call,
            log_moneyness: log_moneyness.clamp(-FARTHEST_STRIKE, FARTHEST_STRIKE),
            size,
            sized_strike,
            sign: leg.contracts >> 127,
            underlying: exchanged.wrapping_neg(),
            strike_part: strike_part.ok_or(overflow)?,
        })
    }
}

/// The value of some legs of one expiry at one point, as it is being summed.
#[derive(Clone, Copy)]
pub(super) struct Sum {
    /// Time values, and strikes of what is in the money, WAD quote units.
    settled: i128,
    /// Net contracts that stand for a unit of the underlying: calls less puts in the money, 1e-18.
    underlying: i128,
}

impl Sum {
    pub(super) const ZERO: Self = Self {
        settled: 0,
        underlying: 0,
    };

    /// Adds a leg. Long time value is rounded down, short up.
    #[cfg_attr(not(feature = "compact"), inline(always))]
    fn add(&mut self, leg: &PreparedLeg, step: &Step, width: &Width) {
        // 26 + 5 < 32.
        let x = leg.log_moneyness.wrapping_add(step.shift);
        let call_is_out = x < 0;
        let mut added = leg.sign;
        // More than nine deviations out none of the value is owned, a unit is owed.
        if let Some(standing) = width.standing_at(x.unsigned_abs()) {
            let weight = if call_is_out {
                leg.size.times(step.price)
            } else {
                leg.sized_strike
            };
            let (mantissa, exponent) = standing.value();
            let product = high(mantissa, weight.mantissa);
            // The product times 2^(exponent + 64), below 2^117: at least 10 of 128 bits are shifted out.
            let by = 0_i32.wrapping_sub(exponent.wrapping_add(weight.exponent));
            let (upper, lower) = even_shifted_out(product, by);
            // `!v` is −v − 1.
            added ^= (i128::from(upper as i64) << 64) | i128::from(lower);
        }
        // Below 2^117 each, at most 128 legs: the sums stay below 2^124.
        if leg.is_call != call_is_out {
            self.underlying = self.underlying.wrapping_add(leg.underlying);
            added = added.wrapping_add(leg.strike_part);
        }
        self.settled = self.settled.wrapping_add(added);
    }

    /// The sum where the underlying is worth `price`, WAD quote units, rounded down. `None` on overflow.
    #[inline(never)]
    pub(super) fn value(&self, price: Magnitude) -> Option<i128> {
        if self.underlying == 0 {
            return Some(self.settled);
        }
        self.settled
            .checked_add(scaled_down(self.underlying, price.times(PER_WAD))?)
    }

    /// The same at a price that is an integer, the linear part exact but for its last digit.
    pub(super) fn exact_value(&self, price: u128) -> Option<i128> {
        self.settled
            .checked_add(product_floor(self.underlying, price)?)
    }
}

/// Adds a leg at every point: the loop a margin call spends its gas in.
#[inline(never)]
pub(super) fn add_leg(sums: &mut [Sum], leg: &PreparedLeg, widths: &Widths, steps: &[Step]) {
    for (step, sum) in steps.iter().zip(sums) {
        sum.add(leg, step, widths.of(step.form));
    }
}

const _: () = assert!(UNCHANGED == 0 && UP == 1 && DOWN == 2 && LINEAR == 3 && ABSOLUTE == 4);
