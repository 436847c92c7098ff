//! One file per entry point: first the reverts, then the paths.

mod abi;
mod list_pool;
mod list_series;
mod ownership;
mod world;
