//! Hard bounds of a scenario profile's numbers.
//!
//! They keep the arithmetic of a margin call in range, and maintenance margin below initial. What the properties named in the
//! module documentation need besides is said by [`RiskProfile::guarantees`].

use crate::margin::profile::{
    Charge, Discount, MAX_SCENARIOS, MAX_SKEWS, RiskProfile, Scenario, ScenarioProfile,
    VolatilityMove,
};

const ONE: u64 = crate::WAD as u64;
const PERCENT: u64 = ONE / 100;
/// One, in 1e-12.
const PICO: u64 = 1_000_000_000_000;
/// Shocks are stated at 30 days; beyond, a floor of the tenor would make them jump there.
const LONGEST_FLOOR: u64 = 30 * 86_400;

/// See [`Parameter::Skew`].
pub const SKEW_COUNT: u32 = 9;

/// A number of a profile that has bounds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Parameter {
    /// Number of scenarios.
    ScenarioCount,
    /// Spot factor of the scenario with this index.
    ScenarioSpot(u32),
    /// Damping of the scenario with this index.
    ScenarioDamping(u32),
    /// Field of [`VolatilityShocks`](super::VolatilityShocks), counted from zero.
    Volatility(u32),
    /// Field of [`SkewShocks`](super::SkewShocks), counted from zero; a negative number is given as its size.
    /// One past the last, [`SKEW_COUNT`], is the number of skew scenarios.
    Skew(u32),
    /// Base, add and multiple of what is owned (0 to 2) and of what is owed (3 to 5).
    Discounts(u32),
    /// Field of [`Basis`](super::Basis), counted from zero.
    Basis(u32),
    /// Both and initial part of the charge of naked shorts (0, 1), of the base asset (2, 3), of delta-one contracts (4, 5).
    Charge(u32),
    /// `confidence_threshold`, `confidence_factor`, `peg_threshold`, `peg_factor`, in this order.
    Doubt(u32),
    /// `maintenance_factor`.
    MaintenanceFactor,
    /// `initial_factor`.
    InitialFactor,
    /// Field of [`Percentages`](crate::percentage_margin::Percentages), counted from zero.
    Percentage(u32),
}

/// A number of a profile is outside of its bounds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ProfileError {
    /// Which number.
    pub parameter: Parameter,
    /// Its value.
    pub given: u64,
    /// The least allowed.
    pub minimum: u64,
    /// The most allowed.
    pub maximum: u64,
}

impl Parameter {
    /// A number for the kind of parameter, from 0 in the order above, and the index within it, 0 where there is only one.
    #[must_use]
    pub const fn code(self) -> (u8, u32) {
        match self {
            Self::ScenarioCount => (0, 0),
            Self::ScenarioSpot(index) => (1, index),
            Self::ScenarioDamping(index) => (2, index),
            Self::Volatility(index) => (3, index),
            Self::Skew(index) => (4, index),
            Self::Discounts(index) => (5, index),
            Self::Basis(index) => (6, index),
            Self::Charge(index) => (7, index),
            Self::Doubt(index) => (8, index),
            Self::MaintenanceFactor => (9, 0),
            Self::InitialFactor => (10, 0),
            Self::Percentage(index) => (11, index),
        }
    }
}

impl RiskProfile {
    /// Checks every number against its bounds.
    ///
    /// # Errors
    /// [`ProfileError`] for the first number out of bounds.
    pub fn validate(&self) -> Result<(), ProfileError> {
        match self {
            Self::ScenarioReprice(profile) => profile.validate(),
            Self::Percentages(percentages) => percentages.validate(),
            Self::MaximumLoss => Ok(()),
        }
    }
}

impl ScenarioProfile {
    /// Checks every number against its bounds.
    ///
    /// # Errors
    /// [`ProfileError`] for the first number out of bounds.
    pub fn validate(&self) -> Result<(), ProfileError> {
        use Parameter as P;
        let scenarios = self.scenarios.as_slice();
        check(
            P::ScenarioCount,
            scenarios.len() as u64,
            1,
            MAX_SCENARIOS as u64,
        )?;
        for (index, scenario) in (0_u32..).zip(scenarios) {
            check(
                P::ScenarioSpot(index),
                scenario.spot,
                10 * PERCENT,
                10 * ONE,
            )?;
            check(P::ScenarioDamping(index), scenario.damping, 1, ONE)?;
        }
        let skewed = |scenario: &&Scenario| scenario.volatility >= VolatilityMove::LinearSkew;
        let skews = scenarios.iter().filter(skewed).count();
        check(P::Skew(SKEW_COUNT), skews as u64, 0, MAX_SKEWS as u64)?;
        let shocks = &self.volatility;
        list(
            P::Volatility,
            &[
                (shocks.up, 0, 2 * ONE),
                (shocks.down, 0, ONE),
                (shocks.short_power, 0, ONE),
                (shocks.long_power, 0, ONE),
                (shocks.floor, 0, 2 * ONE),
                (shocks.shortest, 1, LONGEST_FLOOR),
            ],
        )?;
        let skew = &self.skew;
        list(
            P::Skew,
            &[
                (skew.linear_base.unsigned_abs(), 0, PICO),
                (skew.linear_cap, 0, ONE),
                (skew.absolute_base.unsigned_abs(), 0, PICO),
                (skew.absolute_cap, 0, ONE),
                (skew.least_width, PERCENT / 10, 10 * ONE),
                (skew.width, 0, 10 * ONE),
                (skew.level, 0, 10 * ONE),
                (skew.slope.unsigned_abs(), 0, 10 * PICO),
            ],
        )?;
        let (owned, owed) = (&self.discounts.owned, &self.discounts.owed);
        list(
            P::Discounts,
            &[
                (owned.base, 10 * PERCENT, ONE),
                (owned.add, 0, ONE),
                (owned.multiple, 0, 10 * ONE),
                (owed.base, ONE, 5 * ONE),
                (owed.add, 0, ONE),
                (owed.multiple, 0, 10 * ONE),
            ],
        )?;
        let basis = &self.basis;
        list(
            P::Basis,
            &[
                (basis.up, ONE, 2 * ONE),
                (basis.down, 10 * PERCENT, ONE),
                (basis.share, 0, 5 * PICO),
                (basis.share_per_year, 0, 10 * PICO),
                (basis.most, 0, u64::MAX),
            ],
        )?;
        let c = &self.contingencies;
        let charges = [c.naked_short, c.base, c.linear];
        for (index, Charge { both, initial }) in (0_u32..).zip(charges) {
            let first = index.saturating_mul(2);
            check(P::Charge(first), both, 0, ONE)?;
            check(P::Charge(first.saturating_add(1)), initial, 0, ONE)?;
        }
        list(
            P::Doubt,
            &[
                (c.confidence_threshold, 0, ONE),
                (c.confidence_factor, 0, 2 * ONE),
                (c.peg_threshold, 0, ONE),
                (c.peg_factor, 0, 10 * ONE),
            ],
        )?;
        check(P::InitialFactor, self.initial_factor, 50 * PERCENT, 5 * ONE)?;
        check(
            P::MaintenanceFactor,
            self.maintenance_factor,
            50 * PERCENT,
            self.initial_factor,
        )
    }
}

impl Discount {
    /// Nothing is discounted.
    pub const NONE: Self = Self {
        base: ONE,
        add: 0,
        multiple: 0,
    };
}

/// Refuses the first of `(given, minimum, maximum)` that is out of bounds.
fn list(parameter: fn(u32) -> Parameter, numbers: &[(u64, u64, u64)]) -> Result<(), ProfileError> {
    for (index, &(given, minimum, maximum)) in (0_u32..).zip(numbers) {
        check(parameter(index), given, minimum, maximum)?;
    }
    Ok(())
}

/// Refuses `given` outside of `minimum..=maximum`.
const fn check(
    parameter: Parameter,
    given: u64,
    minimum: u64,
    maximum: u64,
) -> Result<(), ProfileError> {
    if given < minimum || given > maximum {
        return Err(ProfileError {
            parameter,
            given,
            minimum,
            maximum,
        });
    }
    Ok(())
}
