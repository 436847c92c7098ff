//! Unit tests, one file per concept; within a file the reverts first, then the paths.
#![allow(clippy::arithmetic_side_effects, reason = "a test may panic")]

pub(crate) mod host;

mod access;
mod committee;
mod grace;
mod hold;
mod interface;
mod ladder;
mod last_step;
mod listing;
mod market_data;
mod median;
mod rounds;
mod samples;
mod scene;
mod source;
mod sources;
mod spot;
mod surface;
