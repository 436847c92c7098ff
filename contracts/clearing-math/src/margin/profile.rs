//! A risk profile: the scenarios and factors of portfolio margin, as data with hard bounds.

/// WAD as the type of a profile's numbers.
const ONE: u64 = crate::WAD as u64;
/// A hundredth.
const PERCENT: u64 = ONE / 100;
/// Most scenarios a profile may hold.
pub const MAX_SCENARIOS: usize = 40;

/// How a scenario moves volatility.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum VolatilityMove {
    /// Left alone.
    Unchanged,
    /// Raised by the profile's upward shock.
    Up,
    /// Lowered by the profile's downward shock.
    Down,
}

/// One scenario.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Scenario {
    /// Factor on the spot, WAD.
    pub spot: u64,
    /// Move of every volatility.
    pub volatility: VolatilityMove,
    /// Factor on the change of value, WAD, at most one: far scenarios count in part.
    pub damping: u64,
}

/// Everything that turns a portfolio and a market into a margin requirement. All numbers WAD unless said.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RiskProfile<'a> {
    /// Moves of spot and volatility.
    pub scenarios: &'a [Scenario],
    /// Upward volatility shock at 30 days: `σ·(1 + up·(30d/max(T, 1d))^power)`.
    pub volatility_up: u64,
    /// Downward volatility shock at 30 days: `σ·max(0, 1 − down·(30d/max(T, 1d))^power)`.
    pub volatility_down: u64,
    /// Power of the shocks up to 30 days.
    pub short_power: u64,
    /// Power of the shocks beyond 30 days.
    pub long_power: u64,
    /// The shocked-up volatility is at least this.
    pub volatility_floor: u64,
    /// Factor on the worst change, maintenance margin.
    pub maintenance_factor: u64,
    /// Factor on the worst change, initial margin.
    pub initial_factor: u64,
    /// Factor on the forward of every expiry, upward basis move.
    pub basis_up: u64,
    /// Factor on the forward of every expiry, downward basis move.
    pub basis_down: u64,
    /// Share of a basis change that counts: `min(1, basis_share + basis_share_per_year·T)`.
    pub basis_share: u64,
    /// See `basis_share`.
    pub basis_share_per_year: u64,
    /// Shocked value that is owned counts `e^(−T·(owned_add + owned_rate·max(r, 0)))`, per expiry.
    pub owned_add: u64,
    /// See `owned_add`.
    pub owned_rate: u64,
    /// Shocked value that is owed counts `e^(+T·(owed_add + owed_rate·max(r, 0)))`, per expiry.
    pub owed_add: u64,
    /// See `owed_add`.
    pub owed_rate: u64,
    /// Share of spot per net short contract of an expiry and kind, both margins.
    pub naked_short: u64,
    /// The same, on top, initial margin only.
    pub naked_short_initial: u64,
    /// Share of the base asset's value that initial margin does not count.
    pub base_haircut: u64,
}

/// A number of a profile that has bounds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Parameter {
    /// Number of scenarios.
    ScenarioCount,
    /// Spot factor of the scenario with this index.
    ScenarioSpot(u32),
    /// Damping of the scenario with this index.
    ScenarioDamping(u32),
    /// `volatility_up`.
    VolatilityUp,
    /// `volatility_down`.
    VolatilityDown,
    /// `short_power`.
    ShortPower,
    /// `long_power`.
    LongPower,
    /// `volatility_floor`.
    VolatilityFloor,
    /// `maintenance_factor`.
    MaintenanceFactor,
    /// `initial_factor`.
    InitialFactor,
    /// `basis_up`.
    BasisUp,
    /// `basis_down`.
    BasisDown,
    /// `basis_share`.
    BasisShare,
    /// `basis_share_per_year`.
    BasisSharePerYear,
    /// `owned_add`.
    OwnedAdd,
    /// `owned_rate`.
    OwnedRate,
    /// `owed_add`.
    OwedAdd,
    /// `owed_rate`.
    OwedRate,
    /// `naked_short`.
    NakedShort,
    /// `naked_short_initial`.
    NakedShortInitial,
    /// `base_haircut`.
    BaseHaircut,
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

impl RiskProfile<'_> {
    /// Checks every number against hard bounds. They keep the arithmetic of a margin call in range and the stated
    /// properties true (factors at most one; maintenance never above initial).
    ///
    /// # Errors
    /// [`ProfileError`] for the first number out of bounds.
    pub fn validate(&self) -> Result<(), ProfileError> {
        use Parameter as P;
        let count = self.scenarios.len() as u64;
        check(P::ScenarioCount, count, 1, MAX_SCENARIOS as u64)?;
        for (index, scenario) in (0_u32..).zip(self.scenarios) {
            check(
                P::ScenarioSpot(index),
                scenario.spot,
                10 * PERCENT,
                10 * ONE,
            )?;
            check(P::ScenarioDamping(index), scenario.damping, 1, ONE)?;
        }
        check(P::VolatilityUp, self.volatility_up, 0, 2 * ONE)?;
        check(P::VolatilityDown, self.volatility_down, 0, ONE)?;
        check(P::ShortPower, self.short_power, 0, ONE)?;
        check(P::LongPower, self.long_power, 0, ONE)?;
        check(P::VolatilityFloor, self.volatility_floor, 0, 2 * ONE)?;
        check(P::InitialFactor, self.initial_factor, 50 * PERCENT, ONE)?;
        check(
            P::MaintenanceFactor,
            self.maintenance_factor,
            50 * PERCENT,
            self.initial_factor,
        )?;
        check(P::BasisUp, self.basis_up, ONE, 150 * PERCENT)?;
        check(P::BasisDown, self.basis_down, 50 * PERCENT, ONE)?;
        check(P::BasisShare, self.basis_share, 0, ONE)?;
        check(P::BasisSharePerYear, self.basis_share_per_year, 0, 10 * ONE)?;
        check(P::OwnedAdd, self.owned_add, 0, ONE)?;
        check(P::OwnedRate, self.owned_rate, 0, 10 * ONE)?;
        check(P::OwedAdd, self.owed_add, 0, ONE)?;
        check(P::OwedRate, self.owed_rate, 0, 10 * ONE)?;
        check(P::NakedShort, self.naked_short, 0, 10 * PERCENT)?;
        check(
            P::NakedShortInitial,
            self.naked_short_initial,
            0,
            10 * PERCENT,
        )?;
        check(P::BaseHaircut, self.base_haircut, 0, 50 * PERCENT)
    }
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

const fn full(spot_permille: u64, volatility: VolatilityMove) -> Scenario {
    Scenario {
        spot: spot_permille.saturating_mul(ONE / 1_000),
        volatility,
        damping: ONE,
    }
}

/// A far move with volatility up; damping in 1e-5.
const fn tail(spot_percent: u64, damping: u64) -> Scenario {
    Scenario {
        spot: spot_percent.saturating_mul(PERCENT),
        volatility: VolatilityMove::Up,
        damping: damping.saturating_mul(ONE / 100_000),
    }
}

const SCENARIOS: [Scenario; 31] = {
    use VolatilityMove::{Down, Unchanged, Up};
    [
        full(820, Up),
        full(865, Up),
        full(865, Unchanged),
        full(865, Down),
        full(910, Up),
        full(910, Unchanged),
        full(910, Down),
        full(955, Up),
        full(955, Unchanged),
        full(955, Down),
        full(1_000, Up),
        full(1_000, Unchanged),
        full(1_000, Down),
        full(1_045, Up),
        full(1_045, Unchanged),
        full(1_045, Down),
        full(1_090, Up),
        full(1_090, Unchanged),
        full(1_090, Down),
        full(1_135, Up),
        full(1_135, Unchanged),
        full(1_135, Down),
        full(1_180, Up),
        tail(34, 21_000),
        tail(67, 42_000),
        tail(150, 27_720),
        tail(200, 13_860),
        tail(300, 6_930),
        tail(400, 4_620),
        tail(500, 3_465),
        tail(600, 2_772),
    ]
};

/// Novation's default: 31 scenarios in the shape of the published scenario margins, without skew.
pub const NOVATION_DEFAULT: RiskProfile<'static> = RiskProfile {
    scenarios: &SCENARIOS,
    volatility_up: 50 * PERCENT,
    volatility_down: 30 * PERCENT,
    short_power: 30 * PERCENT,
    long_power: 13 * PERCENT,
    volatility_floor: 40 * PERCENT,
    maintenance_factor: 80 * PERCENT,
    initial_factor: ONE,
    basis_up: 1_045 * (ONE / 1_000),
    basis_down: 955 * (ONE / 1_000),
    basis_share: 50 * PERCENT,
    basis_share_per_year: 2 * ONE,
    owned_add: 16 * PERCENT,
    owned_rate: ONE,
    owed_add: 16 * PERCENT,
    owed_rate: ONE,
    naked_short: 3 * (ONE / 1_000),
    naked_short_initial: 2 * (ONE / 1_000),
    base_haircut: PERCENT,
};
