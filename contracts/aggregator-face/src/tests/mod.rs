//! Unit tests against an adapter that says what a test tells it to.
#![allow(clippy::arithmetic_side_effects, reason = "a test may panic")]

mod adapter;
mod interface;
mod quote;
mod rounds;
mod scene;
