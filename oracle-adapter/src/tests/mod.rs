//! Unit tests, one file per concept; within a file the reverts first, then the paths.

pub(crate) mod host;

mod access;
mod interface;
mod ladder;
mod listing;
mod market_data;
mod samples;
mod scene;
mod source;
mod sources;
mod spot;
mod volatility;
