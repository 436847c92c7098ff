//! A risk profile as bytes: versioned, without loss, and short, because it lies on chain as the code of a contract.
//!
//! Byte 0 is the version, byte 1 the model. A number is a header byte, `exponent·8 + length − 1`, and so many bytes of a
//! big-endian integer, times `10^exponent`: nearly every number of a profile has few decimal digits, 0.955 is three bytes. Negative
//! numbers are preceded by a sign byte. The built-in profiles take 170 to 310 bytes.

use crate::{
    margin::profile::{
        BasisRule, DoubtRule, MAX_SCENARIOS, NakedShortRule, RiskProfile, Scenario,
        ScenarioProfile, Scenarios, SkewCounting, VolatilityMove,
    },
    percentage_margin::Percentages,
};

/// Most bytes a profile can take, its numbers having all the digits there are.
pub const MAX_PROFILE_BYTES: usize = 1_280;
/// The only version.
const VERSION: u8 = 1;
/// Model byte, the second of an encoding: scenario repricing.
pub const SCENARIO_REPRICE: u8 = 0;
/// Model byte: percentages, 15 numbers.
const PERCENTAGES: u8 = 1;
/// Model byte: maximum loss, without a number.
const MAXIMUM_LOSS: u8 = 2;
/// Largest exponent.
const MOST_ZEROS: u8 = 19;

/// Why bytes are not a profile.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CodecError {
    /// Not this version.
    UnknownVersion(u8),
    /// Not a model.
    UnknownModel(u8),
    /// Not a move of volatility, or a set of rules.
    UnknownRule(u8),
    /// More scenarios than [`MAX_SCENARIOS`].
    TooManyScenarios(u8),
    /// A number does not fit 64 bits.
    NumberOutOfRange,
    /// A number takes more bytes than it needs: every profile has one form.
    NotShortest,
    /// The bytes end early.
    TooShort,
    /// So many bytes are left over.
    TooLong(usize),
}

/// Writes bytes and numbers one after another.
#[derive(Debug)]
pub struct Writer<'a> {
    buffer: &'a mut [u8; MAX_PROFILE_BYTES],
    length: usize,
}

impl<'a> Writer<'a> {
    /// Writes from the start of `buffer`.
    pub const fn new(buffer: &'a mut [u8; MAX_PROFILE_BYTES]) -> Self {
        Self { buffer, length: 0 }
    }

    /// One byte. What exceeds the buffer is left out, which no profile does.
    pub fn byte(&mut self, byte: u8) {
        if let Some(place) = self.buffer.get_mut(self.length) {
            *place = byte;
            self.length = self.length.wrapping_add(1);
        }
    }

    /// A number.
    pub fn number(&mut self, number: u64) {
        let (mut mantissa, mut zeros) = (number, 0_u8);
        while mantissa != 0 && mantissa.is_multiple_of(10) && zeros < MOST_ZEROS {
            mantissa /= 10;
            zeros = zeros.wrapping_add(1);
        }
        let bytes = mantissa.to_be_bytes();
        let leading = (mantissa.leading_zeros() / 8).min(7);
        self.byte((zeros << 3) | 7_u8.wrapping_sub(leading as u8));
        for &byte in bytes.iter().skip(leading as usize) {
            self.byte(byte);
        }
    }

    /// A number with a sign.
    pub fn signed(&mut self, number: i64) {
        self.byte(u8::from(number < 0));
        self.number(number.unsigned_abs());
    }

    /// How many bytes were written.
    #[must_use]
    pub const fn length(&self) -> usize {
        self.length
    }
}

/// Reads bytes and numbers one after another. What is missing or malformed reads as zero, and is refused at the end.
#[derive(Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
    fault: Option<CodecError>,
}

impl<'a> Reader<'a> {
    /// Reads from the start of `bytes`.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self {
            rest: bytes,
            fault: None,
        }
    }

    /// Notes why the bytes will be refused, if nothing else was before.
    pub fn refuse(&mut self, error: CodecError) {
        self.fault.get_or_insert(error);
    }

    /// One byte.
    #[inline(never)]
    pub fn byte(&mut self) -> u8 {
        let Some((&first, rest)) = self.rest.split_first() else {
            self.refuse(CodecError::TooShort);
            return 0;
        };
        self.rest = rest;
        first
    }

    /// A number.
    #[inline(never)]
    pub fn number(&mut self) -> u64 {
        let header = self.byte();
        let mut number = 0_u64;
        for _ in 0..=(header & 7) {
            number = (number << 8) | u64::from(self.byte());
        }
        let (length, zeros) = (header & 7, header >> 3);
        let padded = number.wrapping_shr(u32::from(length) << 3) == 0 && length != 0;
        let divisible = number.is_multiple_of(10) && zeros < MOST_ZEROS;
        if padded || if number == 0 { zeros != 0 } else { divisible } {
            self.refuse(CodecError::NotShortest);
        }
        for _ in 0..zeros {
            number = number.checked_mul(10).unwrap_or_else(|| {
                self.refuse(CodecError::NumberOutOfRange);
                0
            });
        }
        number
    }

    /// A number with a sign.
    pub fn signed(&mut self) -> i64 {
        let negative = self.byte();
        let size = i64::try_from(self.number());
        if negative > 1 || size.is_err() {
            self.refuse(CodecError::NumberOutOfRange);
        }
        let size = size.unwrap_or(0);
        if negative == 1 && size == 0 {
            self.refuse(CodecError::NotShortest);
        }
        if negative == 1 {
            size.wrapping_neg()
        } else {
            size
        }
    }

    /// Nothing may be left.
    ///
    /// # Errors
    /// The first fault, or [`CodecError::TooLong`].
    pub const fn end(self) -> Result<(), CodecError> {
        match self.fault {
            Some(error) => Err(error),
            None if self.rest.is_empty() => Ok(()),
            None => Err(CodecError::TooLong(self.rest.len())),
        }
    }
}

impl RiskProfile {
    /// Writes the profile to the start of `buffer`, and returns how many bytes it takes.
    #[must_use]
    pub fn to_bytes(&self, buffer: &mut [u8; MAX_PROFILE_BYTES]) -> usize {
        let mut writer = Writer::new(buffer);
        writer.byte(VERSION);
        match self {
            Self::ScenarioReprice(profile) => {
                writer.byte(SCENARIO_REPRICE);
                profile.write(&mut writer);
            }
            Self::Percentages(percentages) => {
                writer.byte(PERCENTAGES);
                for number in percentages.numbers() {
                    writer.number(number);
                }
            }
            Self::MaximumLoss => writer.byte(MAXIMUM_LOSS),
        }
        writer.length()
    }

    /// Reads what [`RiskProfile::to_bytes`] wrote; whether its numbers are within their bounds is another question.
    ///
    /// # Errors
    /// [`CodecError`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, CodecError> {
        Self::decode::<true, true>(bytes)
    }

    /// [`RiskProfile::from_bytes`] of scenarios only: a program that reads no others does without their decoder.
    ///
    /// # Errors
    /// [`CodecError`]; [`CodecError::UnknownModel`] for any other profile.
    pub fn scenarios_from_bytes(bytes: &[u8]) -> Result<Self, CodecError> {
        Self::decode::<true, false>(bytes)
    }

    /// [`RiskProfile::from_bytes`] of anything but scenarios.
    ///
    /// # Errors
    /// [`CodecError`]; [`CodecError::UnknownModel`] for a profile of scenarios.
    pub fn formula_from_bytes(bytes: &[u8]) -> Result<Self, CodecError> {
        Self::decode::<false, true>(bytes)
    }

    #[inline(never)]
    fn decode<const SCENARIOS: bool, const FORMULAS: bool>(
        bytes: &[u8],
    ) -> Result<Self, CodecError> {
        let mut reader = Reader::new(bytes);
        let version = reader.byte();
        if version != VERSION {
            return Err(CodecError::UnknownVersion(version));
        }
        let profile = match reader.byte() {
            SCENARIO_REPRICE if SCENARIOS => {
                Self::ScenarioReprice(ScenarioProfile::read(&mut reader))
            }
            PERCENTAGES if FORMULAS => {
                Self::Percentages(Percentages::from_numbers(core::array::from_fn(|_| {
                    reader.number()
                })))
            }
            MAXIMUM_LOSS if FORMULAS => Self::MaximumLoss,
            unknown => return Err(CodecError::UnknownModel(unknown)),
        };
        reader.end().map(|()| profile)
    }
}

const MOVES: [VolatilityMove; 5] = [
    VolatilityMove::Unchanged,
    VolatilityMove::Up,
    VolatilityMove::Down,
    VolatilityMove::LinearSkew,
    VolatilityMove::AbsoluteSkew,
];

impl ScenarioProfile {
    /// Every number without a sign, in the order of the bytes.
    const fn numbers(&mut self) -> [&mut u64; 34] {
        let (volatility, skew) = (&mut self.volatility, &mut self.skew);
        let (owned, owed) = (&mut self.discounts.owned, &mut self.discounts.owed);
        let (basis, rules) = (&mut self.basis, &mut self.contingencies);
        [
            &mut volatility.up,
            &mut volatility.down,
            &mut volatility.short_power,
            &mut volatility.long_power,
            &mut volatility.floor,
            &mut volatility.shortest,
            &mut skew.linear_cap,
            &mut skew.absolute_cap,
            &mut skew.least_width,
            &mut skew.width,
            &mut skew.level,
            &mut owned.base,
            &mut owned.add,
            &mut owned.multiple,
            &mut owed.base,
            &mut owed.add,
            &mut owed.multiple,
            &mut basis.up,
            &mut basis.down,
            &mut basis.share,
            &mut basis.share_per_year,
            &mut basis.most,
            &mut rules.naked_short.both,
            &mut rules.naked_short.initial,
            &mut rules.base.both,
            &mut rules.base.initial,
            &mut rules.linear.both,
            &mut rules.linear.initial,
            &mut rules.confidence_threshold,
            &mut rules.confidence_factor,
            &mut rules.peg_threshold,
            &mut rules.peg_factor,
            &mut self.maintenance_factor,
            &mut self.initial_factor,
        ]
    }

    /// Every number with a sign, in the order of the bytes.
    const fn signed_numbers(&mut self) -> [&mut i64; 3] {
        let skew = &mut self.skew;
        [
            &mut skew.linear_base,
            &mut skew.absolute_base,
            &mut skew.slope,
        ]
    }

    /// The rules that are one of two, a bit each.
    fn rules(&self) -> u8 {
        let (discounts, rules) = (&self.discounts, &self.contingencies);
        [
            self.skew.counting == SkewCounting::BothWays,
            discounts.owed_at_most_undiscounted,
            discounts.at_market_rate,
            self.basis.rule == BasisRule::Apart,
            rules.naked_rule == NakedShortRule::PerKind,
            rules.factored,
            rules.doubt_rule == DoubtRule::NakedShorts,
        ]
        .iter()
        .rev()
        .fold(0, |bits, &bit| (bits << 1) | u8::from(bit))
    }

    fn write(&self, writer: &mut Writer) {
        let mut held = *self;
        writer.byte(self.rules());
        for number in held.numbers() {
            writer.number(*number);
        }
        for number in held.signed_numbers() {
            writer.signed(*number);
        }
        let scenarios = self.scenarios.as_slice();
        writer.byte(scenarios.len() as u8);
        for scenario in scenarios {
            writer.byte(scenario.volatility as u8);
            writer.number(scenario.spot);
            writer.number(scenario.damping);
        }
    }

    fn read(reader: &mut Reader) -> Self {
        let mut held = Self::NONE;
        let rules = reader.byte();
        if rules > 127 {
            reader.refuse(CodecError::UnknownRule(rules));
        }
        let is_set = |bit: u8| rules.wrapping_shr(bit.into()) & 1 != 0;
        if is_set(0) {
            held.skew.counting = SkewCounting::BothWays;
        }
        held.discounts.owed_at_most_undiscounted = is_set(1);
        held.discounts.at_market_rate = is_set(2);
        if is_set(3) {
            held.basis.rule = BasisRule::Apart;
        }
        if is_set(4) {
            held.contingencies.naked_rule = NakedShortRule::PerKind;
        }
        held.contingencies.factored = is_set(5);
        if is_set(6) {
            held.contingencies.doubt_rule = DoubtRule::NakedShorts;
        }
        for number in held.numbers() {
            *number = reader.number();
        }
        for number in held.signed_numbers() {
            *number = reader.signed();
        }
        let count = reader.byte();
        if usize::from(count) > MAX_SCENARIOS {
            reader.refuse(CodecError::TooManyScenarios(count));
        }
        let mut list = [Scenario::NONE; MAX_SCENARIOS];
        for scenario in list.iter_mut().take(count.into()) {
            let volatility = reader.byte();
            let known = MOVES.get(usize::from(volatility));
            if known.is_none() {
                reader.refuse(CodecError::UnknownRule(volatility));
            }
            *scenario = Scenario {
                volatility: *known.unwrap_or(&VolatilityMove::Unchanged),
                spot: reader.number(),
                damping: reader.number(),
            };
        }
        held.scenarios = Scenarios::first(count.into(), list);
        held
    }
}
