//! Unit tests over motsu; time, refusals on the chain and gas are judged end to end.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::decimal_bitwise_operands,
    reason = "tests panic on overflow"
)]

mod change_limit;
pub(crate) mod host;
mod interface;
mod listing;
mod publishing;
mod scene;
mod terms;
mod walk;
