//! Unit tests, one file per concept; within a file the reverts first, then the paths. The window's end needs a moving clock: end-to-end tests.
#![allow(clippy::arithmetic_side_effects, reason = "a test may panic")]

mod attest;
mod constructor;
mod interface;
mod scene;
