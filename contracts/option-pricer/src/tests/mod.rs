//! Unit tests, one file per entry point; within a file the reverts first, then the paths.
#![allow(clippy::arithmetic_side_effects, reason = "a test may panic")]
