//! Columns of an input file, found by the names in its first line, and what their cells may hold.

use clearing_math::leg::OptionKind;
use csv::StringRecord;

/// Why a file cannot be read at all.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ColumnError {
    /// A column is missing.
    #[error("no column {wanted} in the input; its columns are: {found}")]
    Missing {
        /// Name or names it may have.
        wanted: String,
        /// Columns of the input.
        found: String,
    },
    /// A column is there more than once.
    #[error("column {name} is in the input more than once")]
    Twice {
        /// Its name.
        name: String,
    },
}

/// Where a column is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    name: String,
    index: usize,
}

impl Column {
    /// The column called `name`; spaces around names and the case of letters do not matter.
    pub fn find(header: &StringRecord, name: &str) -> Result<Self, ColumnError> {
        Self::look(header, name)?.ok_or_else(|| missing(header, name))
    }

    fn look(header: &StringRecord, name: &str) -> Result<Option<Self>, ColumnError> {
        // A byte order mark is no part of the first name.
        let same = |cell: &str| {
            cell.trim_start_matches('\u{feff}')
                .trim()
                .eq_ignore_ascii_case(name)
        };
        let mut found = header.iter().enumerate().filter(|(_, cell)| same(cell));
        let first = found.next().map(|(index, _)| Self {
            name: name.to_owned(),
            index,
        });
        if found.next().is_some() {
            return Err(ColumnError::Twice {
                name: name.to_owned(),
            });
        }
        Ok(first)
    }

    /// The first of several names that is a column.
    pub fn find_any(header: &StringRecord, names: &[&str]) -> Result<Option<Self>, ColumnError> {
        for name in names {
            if let Some(column) = Self::look(header, name)? {
                return Ok(Some(column));
            }
        }
        Ok(None)
    }

    /// What it is called.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The cell of a row, without spaces around it; empty when the row is too short.
    pub fn text<'r>(&self, row: &'r StringRecord) -> &'r str {
        row.get(self.index).unwrap_or_default().trim()
    }

    /// The whole number in a row, `least..=most`, in any notation. `Err` says what stands there and what may.
    pub fn integer<T>(&self, row: &StringRecord, least: T, most: T) -> Result<T, String>
    where
        T: std::str::FromStr + PartialOrd + std::fmt::Display + Copy,
    {
        let text = self.text(row);
        let number = plain(text).and_then(|digits| digits.parse().ok());
        let number = number.filter(|number| (least..=most).contains(number));
        number.ok_or_else(|| {
            let given = if text.is_empty() { "empty" } else { text };
            format!(
                "{} is {given}: whole numbers from {least} to {most} are allowed",
                self.name
            )
        })
    }
}

/// Most zeros behind the digits given: 2^128 has 39 digits.
const MOST_ZEROS: usize = 40;

/// A whole number written `21`, `2.1e1` or `21.0`, as spreadsheets and data frames do, in digits alone. `None` if it is not whole.
fn plain(text: &str) -> Option<String> {
    let (number, exponent) = match text.split_once(['e', 'E']) {
        Some((number, exponent)) => (number, exponent.parse::<i16>().ok()?),
        None => (text, 0),
    };
    let (sign, number) = match number.strip_prefix('-') {
        Some(size) => ("-", size),
        None => ("", number.strip_prefix('+').unwrap_or(number)),
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let mut digits = format!("{sign}{whole}{fraction}");
    if !number.bytes().any(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let zeros = i64::from(exponent) - i64::try_from(fraction.len()).ok()?;
    let places = usize::try_from(zeros.unsigned_abs()).ok()?;
    if zeros >= 0 {
        digits.extend(std::iter::repeat_n(
            '0',
            (places <= MOST_ZEROS).then_some(places)?,
        ));
        return Some(digits);
    }
    let split = digits.len().checked_sub(places)?;
    let (kept, cut) = digits.split_at_checked(split)?;
    let is_whole = cut.bytes().all(|digit| digit == b'0');
    is_whole.then(|| kept.to_owned())
}

fn missing(header: &StringRecord, wanted: &str) -> ColumnError {
    ColumnError::Missing {
        wanted: wanted.to_owned(),
        found: header.iter().collect::<Vec<_>>().join(", "),
    }
}

/// Names a column may have that says `call` or `put`.
const KIND_NAMES: [&str; 10] = [
    "kind",
    "type",
    "side",
    "option_type",
    "call_put",
    "call_or_put",
    "cp",
    "cp_flag",
    "option",
    "right",
];

/// Where it says which side is priced: a column of words (`call`, `put`, `c`, `p`), or a column called `call`, `put`, `is_call` or
/// `is_put` of flags.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KindColumn {
    column: Column,
    flag: Option<OptionKind>,
}

impl KindColumn {
    /// The first of [`KIND_NAMES`] in the header, else a column of flags.
    pub fn find(header: &StringRecord) -> Result<Self, ColumnError> {
        for name in KIND_NAMES {
            if let Some(column) = Column::look(header, name)? {
                return Ok(Self { column, flag: None });
            }
        }
        for (name, kind) in [
            ("call", OptionKind::Call),
            ("put", OptionKind::Put),
            ("is_call", OptionKind::Call),
            ("is_put", OptionKind::Put),
        ] {
            if let Some(column) = Column::look(header, name)? {
                return Ok(Self {
                    column,
                    flag: Some(kind),
                });
            }
        }
        let wanted = format!(
            "{} (call or put), or call, put, is_call or is_put (true or false)",
            KIND_NAMES.join(" or ")
        );
        Err(missing(header, &wanted))
    }

    /// The side of a row. `Err` says what stands there and what may.
    pub fn kind(&self, row: &StringRecord) -> Result<OptionKind, String> {
        let text = self.column.text(row).to_ascii_lowercase();
        let other = |kind| match kind {
            OptionKind::Call => OptionKind::Put,
            OptionKind::Put => OptionKind::Call,
        };
        match (text.as_str(), self.flag) {
            ("call" | "c", _) => Ok(OptionKind::Call),
            ("put" | "p", _) => Ok(OptionKind::Put),
            ("1" | "true" | "yes", Some(kind)) => Ok(kind),
            ("0" | "false" | "no" | "", Some(kind)) => Ok(other(kind)),
            (given, flag) => Err(format!(
                "{} is {}: {} are allowed",
                self.column.name,
                if given.is_empty() { "empty" } else { given },
                if flag.is_some() {
                    "call, put, true and false"
                } else {
                    "call and put"
                }
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(cells: &[&str]) -> StringRecord {
        cells.iter().copied().collect()
    }

    #[test]
    fn columns_are_found_by_name_in_any_order() {
        let header = record(&["\u{feff}Noise", " k_WAD ", "S_wad"]);
        let strike = Column::find(&header, "K_wad").expect("there");
        assert_eq!(strike.text(&record(&["x", " 7 ", "8"])), "7");
        assert_eq!(strike.text(&record(&["x"])), "");
        let error = Column::find(&header, "T_sec")
            .expect_err("missing")
            .to_string();
        assert!(
            error.contains("T_sec") && error.contains("S_wad"),
            "{error}"
        );
        let twice = Column::find(&record(&["id", "ID"]), "id");
        assert!(matches!(twice, Err(ColumnError::Twice { .. })));
    }

    #[test]
    fn cells_that_are_no_number_in_range_say_what_is_allowed() {
        let column = Column::find(&record(&["T_sec"]), "T_sec").expect("there");
        assert_eq!(column.integer(&record(&["12"]), 0_u64, 20), Ok(12));
        for cell in [
            "21", "-1", "1e3", "", "1.5", "1e-1", "5e-324", "e", "1e", "e1", ".", "-", "1.e.0",
            "1_0", "0x1", "1e99999", "é.0", "1e41", "+-1", "--1", "-1.0",
        ] {
            let refusal = column.integer(&record(&[cell]), 0_u64, 20).expect_err(cell);
            assert!(
                refusal.starts_with("T_sec is ") && refusal.contains("from 0 to 20"),
                "{refusal}"
            );
        }
    }

    #[test]
    fn whole_numbers_are_read_in_any_notation() {
        let column = Column::find(&record(&["S_wad"]), "S_wad").expect("there");
        for (cell, number) in [
            ("2000000000000000000000", 2_000_000_000_000_000_000_000),
            ("2e21", 2_000_000_000_000_000_000_000),
            ("2.0512E+21", 2_051_200_000_000_000_000_000),
            ("+20.0", 20),
            ("20.", 20),
            ("200e-1", 20),
            ("0.2e2", 20),
            ("-0.5e1", -5),
            ("0e9", 0),
            ("-3", -3),
        ] {
            let read = column.integer(&record(&[cell]), i128::MIN, i128::MAX);
            assert_eq!(read, Ok(number), "{cell}");
        }
        let most = u128::MAX.to_string();
        assert_eq!(
            column.integer(&record(&[&most]), 0, u128::MAX),
            Ok(u128::MAX)
        );
        assert!(column.integer(&record(&["3.5e38"]), 0, u128::MAX).is_err());
    }

    #[test]
    fn the_side_is_a_word_or_a_flag() {
        let words = KindColumn::find(&record(&["call", "Type"])).expect("there");
        assert_eq!(words.kind(&record(&["9", "PUT"])), Ok(OptionKind::Put));
        assert!(words.kind(&record(&["9", "straddle"])).is_err());
        let flags = KindColumn::find(&record(&["put"])).expect("there");
        assert_eq!(flags.kind(&record(&["true"])), Ok(OptionKind::Put));
        assert_eq!(flags.kind(&record(&["0"])), Ok(OptionKind::Call));
        let flags = KindColumn::find(&record(&["is_call"])).expect("there");
        assert_eq!(flags.kind(&record(&["False"])), Ok(OptionKind::Put));
        assert!(KindColumn::find(&record(&["id"])).is_err());
    }
}
