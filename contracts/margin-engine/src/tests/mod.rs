//! Unit tests, one file per entry point; within a file the reverts first, then the paths.

mod interface;
mod margin;
mod price;
mod scene;
mod units;
