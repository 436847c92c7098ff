//! Unit tests, one file per concept; within a file the reverts first, then the paths.
#![allow(clippy::arithmetic_side_effects, reason = "a test may panic")]

mod aggregator;
mod constructor;
mod interface;
mod replacement;
mod scene;
mod update;
