//! `novation fit-svi`: one raw-SVI slice an expiry, fitted to an option chain, in the form the chain stores.
//!
//! A slice is `v(k) = a + b·(ρ·(k − m) + √((k − m)² + σ²))`, `v` the annualised variance `σ_iv²` and `k = ln(K/F)`; published are
//! integers of 1e-9. The fit is quasi-explicit (Zeliade Systems, "Quasi-Explicit Calibration of Gatheral's SVI model", 2009): for given
//! `m` and `σ` the rest is linear and solved exactly within its bounds, and Nelder–Mead looks for `m` and `σ`. What then fails the
//! proofs of `clearing_math::svi` is fitted again with arbitrage as a penalty, and refused if it still fails. Expiries are fitted from
//! the last to the first, each below the one after it: extrapolated wings of short expiries carry no information, quotes do.
//!
//! | module | what it decides |
//! |---|---|
//! | `chain_columns`, `chain_file` | what a file of option quotes says |
//! | `smile` | parameters in floating point, and how far they are from arbitrage |
//! | `quasi_explicit` | the fit |
//! | `repair` | the fit that keeps clear of arbitrage |
//! | `slice` | the published integers, and whether they may be published |
//! | `fitted` | a whole chain, expiry by expiry, and how well it fits |
//! | `witness` | the smile within bid and offer of every quote, for a `SignedQuotes` contract |
//! | `output`, `command` | what is written, printed and drawn |

mod chain_columns;
pub mod chain_file;
pub mod command;
pub mod fitted;
mod output;
mod quasi_explicit;
mod repair;
pub mod slice;
mod smile;
pub mod witness;

pub use command::Options;

/// Seconds of a year, ACT/365 as on chain.
pub const YEAR: f64 = 31_536_000.0;
