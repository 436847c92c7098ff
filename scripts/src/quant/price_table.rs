//! `novation price`: prices and sensitivities of the options of a file.

use clearing_math::black_scholes::{
    self, CrossEvaluation, Evaluation, Inputs, MAX_SECONDS, MAX_VOLATILITY, PricingError,
};
use csv::StringRecord;
use devnode::program::PureFunction;

use super::columns::{Column, ColumnError};
use super::decimal;
use super::refusal;
use super::runner::{QuantModule, Runner};
use super::table::{Table, TableError};
use super::wire::{self, EVALUATION_WORDS};

/// Where the columns are, and where the work is done.
pub struct PriceTable {
    id: Column,
    spot: Column,
    strike: Column,
    seconds: Column,
    volatility: Column,
    rate: Column,
    wasm: Option<QuantModule>,
}

/// What a thread keeps: an instance of the compiled module, unless the work is done natively.
pub struct Worker(Option<Compiled>);

struct Compiled {
    runner: Runner,
    evaluate: PureFunction,
    evaluate_cross_greeks: PureFunction,
    price: PureFunction,
    price_and_greeks: PureFunction,
}

/// Ink of a row: the functions that contracts call return WAD integers, the digits written come from the unrounded one.
struct Ink {
    /// Prices and first-order greeks, WAD.
    price_and_greeks: u64,
    /// The two prices alone, WAD.
    price: u64,
    /// Prices and first-order greeks, unrounded.
    unrounded: u64,
}

/// What a row comes to.
struct Priced {
    evaluation: Evaluation,
    cross: CrossEvaluation,
    ink: Option<Ink>,
}

impl PriceTable {
    /// Finds the columns in a header; `wasm` computes if given.
    pub fn new(header: &StringRecord, wasm: Option<QuantModule>) -> Result<Self, ColumnError> {
        Ok(Self {
            id: Column::find(header, "id")?,
            spot: Column::find(header, "S_wad")?,
            strike: Column::find(header, "K_wad")?,
            seconds: Column::find(header, "T_sec")?,
            volatility: Column::find(header, "vol_wad")?,
            rate: Column::find(header, "r_wad")?,
            wasm,
        })
    }

    fn inputs(&self, row: &StringRecord) -> Result<Inputs, String> {
        Ok(Inputs {
            spot: self.spot.integer(row, 1, u128::MAX)?,
            strike: self.strike.integer(row, 1, u128::MAX)?,
            seconds: self.seconds.integer(row, 0, MAX_SECONDS)?,
            volatility: self.volatility.integer(row, 0, MAX_VOLATILITY)?,
            rate: self.rate.integer(row, i64::MIN, i64::MAX)?,
        })
    }
}

impl Table for PriceTable {
    const HEADER: &'static [&'static str] = &[
        "id",
        "call",
        "put",
        "delta_call",
        "delta_put",
        "gamma",
        "vega",
        "theta_call",
        "theta_put",
        "rho_call",
        "rho_put",
        "ink",
        "status",
        "vanna",
        "volga",
        "ink_price",
        "ink_unrounded",
    ];
    type Worker = Worker;

    fn worker(&self) -> Result<Worker, TableError> {
        let compiled = self.wasm.as_ref().map(Compiled::new).transpose()?;
        Ok(Worker(compiled))
    }

    fn row(
        &self,
        worker: &mut Worker,
        row: &StringRecord,
        cells: &mut Vec<String>,
    ) -> Result<bool, TableError> {
        let id = self.id.text(row);
        cells.push(id.to_owned());
        let priced = match (self.inputs(row), &mut worker.0) {
            (Err(refusal), _) => Err(refusal),
            (Ok(inputs), None) => {
                natively(&inputs).map_err(|error| refusal::pricing(error, (&inputs).into()))
            }
            (Ok(inputs), Some(compiled)) => match compiled.price(&inputs)? {
                Some(priced) => Ok(priced),
                // The module says no more than no. Native code knows why.
                None => match natively(&inputs) {
                    Err(error) => Err(refusal::pricing(error, (&inputs).into())),
                    Ok(_) => {
                        return Err(TableError::Disagreement {
                            id: id.to_owned(),
                            native: "priced",
                            wasm: "refused",
                        });
                    }
                },
            },
        };
        let (filled, refusal) = match priced {
            Ok(priced) => (
                priced.cells(cells),
                "a result is too small or too large to be written",
            ),
            Err(refusal) => {
                refuse(cells, &refusal);
                return Ok(false);
            }
        };
        if filled.is_none() {
            cells.truncate(1);
            refuse(cells, refusal);
        }
        Ok(filled.is_some())
    }
}

/// Leaves the results empty and gives the reason.
fn refuse(cells: &mut Vec<String>, refusal: &str) {
    let header = PriceTable::HEADER;
    for name in &header[1..] {
        cells.push(if *name == "status" {
            refusal.to_owned()
        } else {
            String::new()
        });
    }
}

fn natively(inputs: &Inputs) -> Result<Priced, PricingError> {
    Ok(Priced {
        evaluation: black_scholes::evaluate(inputs)?,
        cross: black_scholes::evaluate_cross_greeks(inputs)?,
        ink: None,
    })
}

impl Compiled {
    fn new(module: &QuantModule) -> Result<Self, TableError> {
        let mut runner = module.runner()?;
        Ok(Self {
            evaluate: runner.function("evaluate")?,
            evaluate_cross_greeks: runner.function("evaluate_cross_greeks")?,
            price: runner.function("price")?,
            price_and_greeks: runner.function("price_and_greeks")?,
            runner,
        })
    }

    /// `None` where the module refuses the inputs.
    fn price(&mut self, inputs: &Inputs) -> Result<Option<Priced>, TableError> {
        let input = wire::inputs(inputs);
        let mut exact = [0; EVALUATION_WORDS];
        let evaluated = self.runner.call(&self.evaluate, &input, &mut exact)?;
        let mut cross = [0; 4];
        let crossed = self
            .runner
            .call(&self.evaluate_cross_greeks, &input, &mut cross)?;
        // Whether integers in WAD hold the prices does not matter to the unrounded results.
        let priced = self.runner.call(&self.price, &input, &mut [])?;
        let rounded = self.runner.call(&self.price_and_greeks, &input, &mut [])?;
        let [v0, v1, w0, w1] = cross;
        Ok((evaluated.accepted && crossed.accepted).then(|| Priced {
            evaluation: wire::evaluation(&exact),
            cross: CrossEvaluation {
                vanna: wire::signed([v0, v1]),
                volga: wire::signed([w0, w1]),
            },
            ink: Some(Ink {
                price_and_greeks: rounded.ink,
                price: priced.ink,
                unrounded: evaluated.ink,
            }),
        }))
    }
}

impl Priced {
    /// Appends the cells behind the id. `None` if a number cannot be written.
    fn cells(&self, cells: &mut Vec<String>) -> Option<()> {
        let exact = &self.evaluation;
        let ink = |of: fn(&Ink) -> u64| {
            let ink = self.ink.as_ref().map(of);
            ink.map(|ink| ink.to_string()).unwrap_or_default()
        };
        cells.push(decimal::magnitude(exact.call)?);
        cells.push(decimal::magnitude(exact.put)?);
        cells.push(decimal::signed(exact.delta_call)?);
        cells.push(decimal::signed(exact.delta_put)?);
        cells.push(decimal::magnitude(exact.gamma)?);
        cells.push(decimal::magnitude(exact.vega)?);
        cells.push(decimal::signed(exact.theta_call)?);
        cells.push(decimal::signed(exact.theta_put)?);
        cells.push(decimal::signed(exact.rho_call)?);
        cells.push(decimal::signed(exact.rho_put)?);
        cells.push(ink(|ink| ink.price_and_greeks));
        cells.push(String::new());
        cells.push(decimal::signed(self.cross.vanna)?);
        cells.push(decimal::signed(self.cross.volga)?);
        cells.push(ink(|ink| ink.price));
        cells.push(ink(|ink| ink.unrounded));
        Some(())
    }
}
