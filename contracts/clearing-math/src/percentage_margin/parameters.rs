//! The percentages, as data.

use crate::margin::{Parameter, ProfileError};

/// A whole, WAD.
const ONE: u64 = crate::WAD as u64;
/// A hundredth.
const PERCENT: u64 = ONE / 100;
/// A thousandth.
const PERMILLE: u64 = ONE / 1_000;

/// Numbers of [`Percentages`].
pub const PARAMETERS: usize = 15;

/// Everything that turns a portfolio and a market into margin by percentages. All numbers WAD; "share" is of spot times contracts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Percentages {
    /// Share per short option, initial margin, less what it is out of the money by.
    pub initial: u64,
    /// The least that leaves.
    pub initial_least: u64,
    /// Share per short call, maintenance margin.
    pub maintenance_call: u64,
    /// Share per short put, maintenance margin.
    pub maintenance_put: u64,
    /// Share of a short put's mark, if that is more.
    pub maintenance_put_of_mark: u64,
    /// Factor on the forward, per call sold beyond those held, where the maximum loss decides: initial margin.
    pub unpaired_initial: u64,
    /// The same, maintenance margin.
    pub unpaired_maintenance: u64,
    /// Share of the base asset's value that counts, initial margin.
    pub base_initial: u64,
    /// The same, maintenance margin.
    pub base_maintenance: u64,
    /// Share per delta-one contract, initial margin.
    pub linear_initial: u64,
    /// The same, maintenance margin.
    pub linear_maintenance: u64,
    /// Below this confidence initial margin asks for more.
    pub confidence_threshold: u64,
    /// Share asked for at no confidence.
    pub confidence_factor: u64,
    /// Below this price of the settlement asset initial margin asks for more.
    pub peg_threshold: u64,
    /// Share asked for per whole unit that is missing.
    pub peg_factor: u64,
}

/// The parameters of the published cases, which confirm all but four: `maintenance_put_of_mark` (no put is worth more than the spot),
/// `confidence_threshold` (between 0.15 and 1; the cases probe 0.4), `peg_threshold` and `peg_factor` (no settlement asset is off par).
pub const STANDARD_STYLE: Percentages = Percentages {
    initial: 15 * PERCENT,
    initial_least: 10 * PERCENT,
    maintenance_call: 75 * PERMILLE,
    maintenance_put: 75 * PERMILLE,
    maintenance_put_of_mark: 75 * PERMILLE,
    unpaired_initial: 120 * PERCENT,
    unpaired_maintenance: 110 * PERCENT,
    base_initial: 10 * PERCENT,
    base_maintenance: 10 * PERCENT,
    linear_initial: 65 * PERMILLE,
    linear_maintenance: 50 * PERMILLE,
    confidence_threshold: 40 * PERCENT,
    confidence_factor: 40 * PERCENT,
    peg_threshold: 98 * PERCENT,
    peg_factor: 120 * PERCENT,
};

impl Percentages {
    /// All numbers, in the order of the fields.
    #[must_use]
    pub const fn numbers(&self) -> [u64; PARAMETERS] {
        [
            self.initial,
            self.initial_least,
            self.maintenance_call,
            self.maintenance_put,
            self.maintenance_put_of_mark,
            self.unpaired_initial,
            self.unpaired_maintenance,
            self.base_initial,
            self.base_maintenance,
            self.linear_initial,
            self.linear_maintenance,
            self.confidence_threshold,
            self.confidence_factor,
            self.peg_threshold,
            self.peg_factor,
        ]
    }

    /// The inverse of [`Self::numbers`].
    #[must_use]
    pub const fn from_numbers(numbers: [u64; PARAMETERS]) -> Self {
        let [
            initial,
            initial_least,
            maintenance_call,
            maintenance_put,
            maintenance_put_of_mark,
            unpaired_initial,
            unpaired_maintenance,
            base_initial,
            base_maintenance,
            linear_initial,
            linear_maintenance,
            confidence_threshold,
            confidence_factor,
            peg_threshold,
            peg_factor,
        ] = numbers;
        Self {
            initial,
            initial_least,
            maintenance_call,
            maintenance_put,
            maintenance_put_of_mark,
            unpaired_initial,
            unpaired_maintenance,
            base_initial,
            base_maintenance,
            linear_initial,
            linear_maintenance,
            confidence_threshold,
            confidence_factor,
            peg_threshold,
            peg_factor,
        }
    }

    /// Checks every number: maintenance margin never asks for more than initial margin, no collateral counts for more than it is
    /// worth, and a call sold beyond those held never asks for less than its underlying.
    ///
    /// # Errors
    /// [`ProfileError`] for the first number out of bounds; the parameter is the place of its field.
    pub fn validate(&self) -> Result<(), ProfileError> {
        let bounds = [
            (self.initial_least, ONE),
            (0, ONE),
            (0, ONE),
            (0, ONE),
            (0, ONE),
            (self.unpaired_maintenance, 5 * ONE),
            (ONE, 5 * ONE),
            (0, self.base_maintenance),
            (0, ONE),
            (self.linear_maintenance, ONE),
            (0, ONE),
            (0, ONE),
            (0, ONE),
            (0, 2 * ONE),
            (0, 10 * ONE),
        ];
        for (index, (given, (minimum, maximum))) in
            (0_u32..).zip(self.numbers().into_iter().zip(bounds))
        {
            if given < minimum || given > maximum {
                return Err(ProfileError {
                    parameter: Parameter::Percentage(index),
                    given,
                    minimum,
                    maximum,
                });
            }
        }
        Ok(())
    }
}
