//! What the legs of one expiry share: time, discounting, the forward at every point, shocks and skews of volatility.

use crate::{
    WAD,
    elementary::{exp, ln_ratio_fixed},
    fixed::{mul_down, mul_up},
    leg::Leg,
    magnitude::{Magnitude, Signed},
    margin::{
        MarginError, MarketData,
        grid::{Form, Grid, MAX_POINTS, UNCHANGED},
        profile::{Discount, ScenarioProfile, SkewCounting, SkewShocks, StaticDiscounts},
    },
    tables::{PER_WAD, PER_YEAR},
    tenor::Tenor,
};

const ONE: u64 = WAD as u64;
/// Seconds of the tenor at which volatility shocks are stated.
const THIRTY_DAYS: u64 = 30 * 86_400;

/// `1e-12`.
const PER_PICO: Magnitude = PER_WAD.times(Magnitude::scaled(1_000_000, 0));
/// Fractional bits of a skew's change of volatility, which is held within ±16.
pub(super) const SKEW_BITS: i32 = 59;

/// `x` times a WAD factor. One copy for everything that is done once an expiry.
#[inline(never)]
pub(super) fn of_wad(x: Magnitude, factor: u64) -> Magnitude {
    x.times(Magnitude::scaled(factor, 0)).times(PER_WAD)
}

/// `x·factor`, of which the latter is WAD, rounded down exactly; `None` on overflow.
#[inline(never)]
pub(super) fn product_floor(x: i128, factor: u128) -> Option<i128> {
    let size = x.unsigned_abs();
    if x < 0 {
        0_i128.checked_sub_unsigned(mul_up(size, factor)?)
    } else {
        i128::try_from(mul_down(size, factor)?).ok()
    }
}

/// `x` times `factor`, rounded down to 2^-60 of itself; `None` on overflow.
#[inline(never)]
pub(super) fn scaled_down(x: i128, factor: Magnitude) -> Option<i128> {
    if factor == Magnitude::ONE {
        return Some(x);
    }
    let size = Magnitude::from_u128(x.unsigned_abs())
        .times(factor)
        .to_u128()?;
    if x < 0 {
        // The product is at most 2^-60 of itself too small.
        let owed = size.checked_add(size >> 60)?.checked_add(1)?;
        0_i128.checked_sub_unsigned(owed)
    } else {
        i128::try_from(size).ok()
    }
}

/// An expiry seen from now. Once it has passed there is no time left, and its rate does not matter.
pub(super) struct Expiry {
    /// Seconds left.
    pub(super) seconds: u64,
    /// Discounting of payoffs, and the root of time.
    pub(super) tenor: Tenor,
    /// Years left.
    pub(super) years: Magnitude,
    /// Their root, per WAD unit: times a volatility, its deviation.
    pub(super) root: Magnitude,
    /// Market rate per year, at least zero, WAD.
    rate: u64,
    /// How sure the market is of this expiry, WAD.
    pub(super) confidence: u64,
    /// WAD quote per underlying, at the median.
    forward: u128,
    /// Part of it that no move of the spot changes.
    fixed: u128,
}

impl Expiry {
    /// The expiry of `leg`, whose index is `index`. Payoffs are discounted unless told otherwise.
    #[inline(never)]
    pub(super) fn of(
        leg: &Leg,
        index: u32,
        market: &MarketData,
        discounted: bool,
    ) -> Result<Self, MarginError> {
        let seconds = u64::from(leg.expiry).saturating_sub(market.now);
        let found = market.terms.iter().find(|term| term.expiry == leg.expiry);
        let (forward, fixed, rate, confidence) = match found {
            Some(term) => (term.forward, term.fixed, term.rate, term.confidence),
            None if seconds == 0 => (market.mid, 0, 0, ONE),
            None => (0, 0, 0, 0),
        };
        if forward == 0 {
            return Err(MarginError::MissingTerm { leg: index });
        }
        let discount_rate = if discounted { rate } else { 0 };
        let tenor = Tenor::new(seconds, discount_rate)
            .map_err(|_| MarginError::TimeTooLong { leg: index })?;
        Ok(Self {
            seconds,
            tenor,
            years: Magnitude::scaled(seconds, 0).times(PER_YEAR),
            root: tenor.root_years.times(PER_WAD),
            rate: rate.max(0).unsigned_abs(),
            confidence,
            forward,
            fixed: fixed.min(forward),
        })
    }

    /// The forward at the median.
    pub(super) fn forward(&self) -> Magnitude {
        Magnitude::from_u128(self.forward)
    }

    /// The discounted forward at every point of `grid`, and as an integer at the first. `None` on overflow.
    #[inline(never)]
    pub(super) fn steps(&self, grid: &Grid, price: u128, mid: u128) -> Option<Steps> {
        let (fixed, fixed_magnitude) = self.discounted(self.fixed)?;
        let moving = self.forward.wrapping_sub(self.fixed);
        let (moving_integer, moving_magnitude) = self.discounted(moving)?;
        let unmoved = if price == mid {
            moving_integer
        } else {
            let ratio = Magnitude::from_u128(price).over(Magnitude::from_u128(mid));
            moving_magnitude.times(ratio).to_u128()?
        };
        let none = Step {
            price: Magnitude::ZERO,
            shift: 0,
            form: UNCHANGED,
        };
        let mut steps = Steps {
            unmoved: unmoved.checked_add(fixed)?,
            list: [none; MAX_POINTS],
        };
        for (step, point) in steps.list.iter_mut().zip(grid.points()) {
            let moved = moving_magnitude.times(point.factor);
            *step = Step {
                price: moved,
                shift: point.shift,
                form: point.form,
            };
            if self.fixed != 0 {
                let whole = Signed::positive(moved).plus(Signed::positive(fixed_magnitude));
                let (unmoved, _) = self.tenor.discounted(self.forward)?;
                step.price = whole.size;
                step.shift = ln_ratio_fixed(whole.size, Magnitude::from_u128(unmoved));
            }
        }
        Some(steps)
    }

    /// An amount at expiry, now; rounded down. `None` from 2^127 on.
    fn discounted(&self, amount: u128) -> Option<(u128, Magnitude)> {
        if amount == 0 {
            return Some((0, Magnitude::ZERO));
        }
        self.tenor.discounted(amount)
    }

    /// Shocks of this expiry's volatilities, and its skews if some scenario reads them.
    #[inline(never)]
    pub(super) fn shocks(&self, profile: &ScenarioProfile, skewed: bool) -> Shocks {
        let shocks = &profile.volatility;
        let thirty_days = Magnitude::scaled(THIRTY_DAYS, 0);
        let floored = Magnitude::scaled(self.seconds.max(shocks.shortest), 0);
        let growth = ln_ratio_fixed(thirty_days, floored);
        let power = if self.seconds > THIRTY_DAYS {
            shocks.long_power
        } else {
            shocks.short_power
        };
        let exponent = of_wad(
            Magnitude::scaled(growth.unsigned_abs(), -crate::elementary::LN_BITS),
            power,
        );
        // (30d / T)^power.
        let tenor_factor = exp(Signed {
            negative: growth < 0,
            size: exponent,
        });
        let one = Signed::positive(Magnitude::ONE);
        let risen = one.plus(Signed::positive(of_wad(tenor_factor, shocks.up)));
        let fallen = one.minus(Signed::positive(of_wad(tenor_factor, shocks.down)));
        Shocks {
            up: risen.size,
            down: if fallen.negative {
                Magnitude::ZERO
            } else {
                fallen.size
            },
            floor: Magnitude::scaled(shocks.floor, 0).times(self.root),
            skews: skewed.then(|| self.skews(&profile.skew)),
        }
    }

    fn skews(&self, skew: &SkewShocks) -> Skews {
        let root = self.tenor.root_years;
        // base·√T + rest, of 1e-12 and WAD.
        let grown = |base: i64, rest: u64| {
            let by = root.times(Magnitude::scaled(base.unsigned_abs(), 0));
            let by = Signed::positive(by.times(PER_PICO)).signed_by(base < 0);
            by.plus(Signed::positive(Magnitude::scaled(rest, 0).times(PER_WAD)))
        };
        let level = grown(skew.slope, skew.level);
        let width = if level.negative {
            Magnitude::ZERO
        } else {
            of_wad(root.times(level.size), skew.width)
        };
        let least = Magnitude::scaled(skew.least_width.max(1), 0).times(PER_WAD);
        let width = if width.is_below(least) { least } else { width };
        let per_width = width.reciprocal();
        let of = |base: i64, cap: u64| {
            let Signed { negative, size } = grown(base, cap);
            let cap = size.to_fixed(SKEW_BITS).min(i64::MAX as u64) as i64;
            Skew {
                cap: if negative { cap.wrapping_neg() } else { cap },
                slope: size.times(per_width),
            }
        };
        Skews {
            linear: of(skew.linear_base, skew.linear_cap),
            absolute: of(skew.absolute_base, skew.absolute_cap),
            both_ways: skew.counting == SkewCounting::BothWays,
        }
    }

    /// Factors on value that is owned and owed after a scenario.
    #[inline(never)]
    pub(super) fn static_discounts(&self, discounts: &StaticDiscounts) -> [Magnitude; 2] {
        let rate = Magnitude::scaled(self.rate, 0);
        let exponent = |of: &Discount| {
            let yearly = of.add.saturating_add(of_wad(rate, of.multiple).to_fixed(0));
            of_wad(self.years, yearly)
        };
        let based = |of: &Discount, factor: Magnitude| {
            if of.base == ONE {
                factor
            } else {
                of_wad(factor, of.base)
            }
        };
        let owned = exp(Signed::negative(exponent(&discounts.owned)));
        let owed = exp(Signed::positive(exponent(&discounts.owed)));
        let mut owed = based(&discounts.owed, owed);
        if discounts.owed_at_most_undiscounted {
            let undiscounted = exp(Signed::positive(of_wad(self.years, self.rate)));
            if undiscounted.is_below(owed) {
                owed = undiscounted;
            }
        }
        [based(&discounts.owned, owned), owed]
    }
}

/// The discounted forward at one point.
#[derive(Clone, Copy)]
pub(super) struct Step {
    /// WAD quote per underlying.
    pub(super) price: Magnitude,
    /// Logarithm of its ratio to that at the median, Q58.
    pub(super) shift: i64,
    pub(super) form: Form,
}

/// The discounted forward at every point of a grid.
pub(super) struct Steps {
    /// At the first point, WAD quote per underlying, rounded down.
    pub(super) unmoved: u128,
    pub(super) list: [Step; MAX_POINTS],
}

/// `1 + max(−c, min(c, x·c/width))` for a signed cap `c`.
pub(super) struct Skew {
    /// `c`, Q59.
    pub(super) cap: i64,
    /// `|c|/width`.
    pub(super) slope: Magnitude,
}

/// How an expiry's volatilities skew.
pub(super) struct Skews {
    pub(super) linear: Skew,
    pub(super) absolute: Skew,
    /// Whether the other way counts as well.
    pub(super) both_ways: bool,
}

/// How an expiry's volatilities move.
pub(super) struct Shocks {
    /// Factor of the upward shock.
    pub(super) up: Magnitude,
    /// Factor of the downward shock.
    pub(super) down: Magnitude,
    /// Least `σ√T` after the upward shock.
    pub(super) floor: Magnitude,
    pub(super) skews: Option<Skews>,
}
