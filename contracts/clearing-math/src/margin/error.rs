//! Why a portfolio has no margin.

/// A refusal of a market or a portfolio; `leg` is an index of `Portfolio::legs`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MarginError {
    /// The median price is zero.
    ZeroPrice,
    /// Not `0 < low <= mid <= high`.
    BandOutOfOrder {
        /// Lower end given.
        low: u128,
        /// Median given.
        mid: u128,
        /// Upper end given.
        high: u128,
    },
    /// More legs than [`MAX_LEGS`](super::MAX_LEGS).
    TooManyLegs {
        /// Legs given.
        given: usize,
        /// Most allowed.
        allowed: usize,
    },
    /// The profile has no scenario, or more than [`MAX_SCENARIOS`](super::MAX_SCENARIOS).
    ScenarioCount {
        /// Scenarios given.
        given: usize,
        /// Most allowed.
        allowed: usize,
    },
    /// Not one volatility per leg.
    VolatilityCount {
        /// Volatilities given.
        given: usize,
        /// Legs.
        expected: usize,
    },
    /// Neither no volatility ceilings nor one per leg.
    CeilingCount {
        /// Ceilings given.
        given: usize,
        /// Legs.
        expected: usize,
    },
    /// A leg's strike is zero.
    ZeroStrike {
        /// Which leg.
        leg: u32,
    },
    /// The market has no term for the expiry of a leg that has not expired, or one without a forward.
    MissingTerm {
        /// Which leg.
        leg: u32,
    },
    /// No volatility was given for a leg that has not expired.
    MissingVolatility {
        /// Which leg.
        leg: u32,
    },
    /// A leg expires later than pricing reaches.
    TimeTooLong {
        /// Which leg.
        leg: u32,
    },
    /// A leg is too large, alone or at the highest price it is valued at.
    LegOverflow {
        /// Which leg.
        leg: u32,
    },
    /// A sum or an amount does not fit.
    Overflow,
}
