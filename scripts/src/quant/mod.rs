//! Checking the option mathematics from outside: prices and volatilities of CSV files, natively or inside the compiled WASM, and the ink of
//! every function over a stated lattice.
//!
//! `commands` is what the command line calls. `price_table` and `volatility_table` compute rows, `table` drives them, `columns` reads
//! cells, `decimal` writes numbers, `refusal` words. `module` builds the WASM, `runner` runs it under the node's meter, `wire` says how
//! values cross. `lattice` is what ink is measured over, `measured` what is measured, `ink_report` what came of it.

mod columns;
pub mod commands;
pub mod decimal;
pub mod ink_report;
pub mod lattice;
pub mod measured;
pub mod module;
pub mod price_table;
pub mod refusal;
pub mod runner;
pub mod table;
pub mod volatility_table;
pub mod wire;

pub use self::columns::{Column, ColumnError, KindColumn};
