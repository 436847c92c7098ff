//! Which functions are measured, on which inputs, and what the project asks of each.

mod ledger;
mod numbers;
mod options;
mod surface;

use super::lattice::Lattice;

/// What a mean may be, ink.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Bar {
    /// More fails the test.
    pub at_most: u64,
    /// What we try to reach.
    pub aim: u64,
}

/// One measured function.
#[derive(Clone, Debug)]
pub struct Measured {
    /// Its name in the report.
    pub name: String,
    /// Export of the module that is called.
    pub export: &'static str,
    /// What it computes, and over which inputs where that is not the lattice.
    pub what: &'static str,
    /// What its mean may be.
    pub bar: Option<Bar>,
    /// Words of each call.
    pub calls: Vec<Vec<u64>>,
}

impl Measured {
    fn new(export: &'static str, what: &'static str, calls: Vec<Vec<u64>>) -> Self {
        Self {
            name: export.to_owned(),
            export,
            what,
            bar: None,
            calls,
        }
    }

    fn named(mut self, name: String) -> Self {
        self.name = name;
        self
    }

    fn with_bar(mut self, at_most: u64, aim: u64) -> Self {
        self.bar = Some(Bar { at_most, aim });
        self
    }
}

/// Every measured function with its calls over `lattice`.
pub fn all(lattice: &Lattice) -> Vec<Measured> {
    let mut measured = vec![Measured::new(
        "nothing",
        "the floor of every figure: reads a word, writes a word",
        vec![vec![0]],
    )];
    measured.extend(options::measured(&lattice.options()));
    measured.extend(surface::measured(lattice));
    measured.extend(numbers::measured());
    measured.extend(ledger::measured(lattice));
    measured
}
