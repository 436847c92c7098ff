//! `novation iv`: the volatilities that the prices of a file imply.

use clearing_math::black_scholes::MAX_SECONDS;
use clearing_math::implied_volatility::{Quote, implied_volatility_exact};
use clearing_math::magnitude::Magnitude;
use csv::StringRecord;
use devnode::program::PureFunction;

use super::columns::{Column, ColumnError, KindColumn};
use super::decimal;
use super::refusal::{self, Given};
use super::runner::{QuantModule, Runner};
use super::table::{Table, TableError};
use super::wire;

/// Where the columns are, and where the work is done.
pub struct VolatilityTable {
    id: Column,
    kind: KindColumn,
    price: Column,
    spot: Column,
    strike: Column,
    seconds: Column,
    rate: Column,
    wasm: Option<QuantModule>,
}

/// What a thread keeps: an instance of the compiled module, unless the work is done natively.
pub struct Worker(Option<(Runner, PureFunction)>);

impl VolatilityTable {
    /// Finds the columns in a header; `wasm` computes if given.
    pub fn new(header: &StringRecord, wasm: Option<QuantModule>) -> Result<Self, ColumnError> {
        Ok(Self {
            id: Column::find(header, "id")?,
            kind: KindColumn::find(header)?,
            price: Column::find(header, "price_wad")?,
            spot: Column::find(header, "S_wad")?,
            strike: Column::find(header, "K_wad")?,
            seconds: Column::find(header, "T_sec")?,
            rate: Column::find(header, "r_wad")?,
            wasm,
        })
    }

    fn quote(&self, row: &StringRecord) -> Result<Quote, String> {
        Ok(Quote {
            kind: self.kind.kind(row)?,
            price: self.price.integer(row, 0, u128::MAX)?,
            spot: self.spot.integer(row, 1, u128::MAX)?,
            strike: self.strike.integer(row, 1, u128::MAX)?,
            seconds: self.seconds.integer(row, 0, MAX_SECONDS)?,
            rate: self.rate.integer(row, i64::MIN, i64::MAX)?,
        })
    }

    /// The volatility and its ink, or why there is none.
    fn solve(
        &self,
        worker: &mut Worker,
        row: &StringRecord,
    ) -> Result<Result<(Magnitude, Option<u64>), String>, TableError> {
        let quote = match self.quote(row) {
            Ok(quote) => quote,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let native = || {
            implied_volatility_exact(&quote).map_err(|error| {
                let given = Given {
                    spot: quote.spot,
                    strike: quote.strike,
                };
                refusal::volatility(error, given)
            })
        };
        let Some((runner, function)) = &mut worker.0 else {
            return Ok(native().map(|volatility| (volatility, None)));
        };
        let mut words = [0; 2];
        let called = runner.call(function, &wire::quote(&quote), &mut words)?;
        if called.accepted {
            return Ok(Ok((wire::signed(words).size, Some(called.ink))));
        }
        // The module says no more than no. Native code knows why.
        match native() {
            Err(refusal) => Ok(Err(refusal)),
            Ok(_) => Err(TableError::Disagreement {
                id: self.id.text(row).to_owned(),
                native: "solved",
                wasm: "refused",
            }),
        }
    }
}

impl Table for VolatilityTable {
    const HEADER: &'static [&'static str] = &["id", "implied_volatility", "ink", "status"];
    type Worker = Worker;

    fn worker(&self) -> Result<Worker, TableError> {
        let Some(module) = &self.wasm else {
            return Ok(Worker(None));
        };
        let mut runner = module.runner()?;
        let function = runner.function("implied_volatility_exact")?;
        Ok(Worker(Some((runner, function))))
    }

    fn row(
        &self,
        worker: &mut Worker,
        row: &StringRecord,
        cells: &mut Vec<String>,
    ) -> Result<bool, TableError> {
        let solved = self.solve(worker, row)?.and_then(|(volatility, ink)| {
            let text = decimal::magnitude(volatility)
                .ok_or("the volatility is too small to be written")?;
            Ok((text, ink.map(|ink| ink.to_string()).unwrap_or_default()))
        });
        let found = solved.is_ok();
        cells.push(self.id.text(row).to_owned());
        match solved {
            Ok((volatility, ink)) => cells.extend([volatility, ink, String::new()]),
            Err(refusal) => cells.extend([String::new(), String::new(), refusal]),
        }
        Ok(found)
    }
}
