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

    /// The cell of a row, without spaces around it; empty when the row is too short.
    pub fn text<'r>(&self, row: &'r StringRecord) -> &'r str {
        row.get(self.index).unwrap_or_default().trim()
    }

    /// The whole number in a row, `least..=most`. `Err` says what stands there and what may.
    pub fn integer<T>(&self, row: &StringRecord, least: T, most: T) -> Result<T, String>
    where
        T: std::str::FromStr + PartialOrd + std::fmt::Display + Copy,
    {
        let text = self.text(row);
        let number = text
            .parse()
            .ok()
            .filter(|number| (least..=most).contains(number));
        number.ok_or_else(|| {
            let given = if text.is_empty() { "empty" } else { text };
            format!(
                "{} is {given}: whole numbers from {least} to {most} are allowed",
                self.name
            )
        })
    }
}

fn missing(header: &StringRecord, wanted: &str) -> ColumnError {
    ColumnError::Missing {
        wanted: wanted.to_owned(),
        found: header.iter().collect::<Vec<_>>().join(", "),
    }
}

/// Names a column may have that says `call` or `put`.
const KIND_NAMES: [&str; 6] = ["kind", "type", "side", "option_type", "call_put", "cp"];

/// Where it says which side is priced: a column of words (`call`, `put`, `c`, `p`), or a column called `call` or `put` of flags.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KindColumn {
    column: Column,
    flag: Option<OptionKind>,
}

impl KindColumn {
    /// The first of [`KIND_NAMES`] in the header, else a column called `call` or `put`.
    pub fn find(header: &StringRecord) -> Result<Self, ColumnError> {
        for name in KIND_NAMES {
            if let Some(column) = Column::look(header, name)? {
                return Ok(Self { column, flag: None });
            }
        }
        for (name, kind) in [("call", OptionKind::Call), ("put", OptionKind::Put)] {
            if let Some(column) = Column::look(header, name)? {
                return Ok(Self {
                    column,
                    flag: Some(kind),
                });
            }
        }
        let wanted = format!(
            "{} (call or put), or call or put (true or false)",
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
        for cell in ["21", "-1", "1e3", "", "1.0"] {
            let refusal = column.integer(&record(&[cell]), 0_u64, 20).expect_err(cell);
            assert!(
                refusal.starts_with("T_sec is ") && refusal.contains("from 0 to 20"),
                "{refusal}"
            );
        }
    }

    #[test]
    fn the_side_is_a_word_or_a_flag() {
        let words = KindColumn::find(&record(&["call", "Type"])).expect("there");
        assert_eq!(words.kind(&record(&["9", "PUT"])), Ok(OptionKind::Put));
        assert!(words.kind(&record(&["9", "straddle"])).is_err());
        let flags = KindColumn::find(&record(&["put"])).expect("there");
        assert_eq!(flags.kind(&record(&["true"])), Ok(OptionKind::Put));
        assert_eq!(flags.kind(&record(&["0"])), Ok(OptionKind::Call));
        assert!(KindColumn::find(&record(&["id"])).is_err());
    }
}
