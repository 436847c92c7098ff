//! Unit tests: one file per reason to refuse, and the router against the interface.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    reason = "tests panic on overflow"
)]

mod constructor;
mod interface;
mod publishing;
mod quotes;
mod replacement;
mod scene;
mod signing;
