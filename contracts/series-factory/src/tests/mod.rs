//! One file per entry point: first the reverts, then the paths.

#![allow(
    clippy::arithmetic_side_effects,
    reason = "constants; a test that overflows fails"
)]

mod abi;
mod list_pool;
mod list_series;
mod ownership;
mod risk_profile;
mod world;
