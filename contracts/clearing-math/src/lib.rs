//! Option pricing and portfolio margin in fixed point.
//!
//! Pure: no SDK, no floats, no heap, no dependencies. The same code runs in the contracts, the keeper and the tests,
//! and gives the same bits everywhere.
#![no_std]
// Limb and fixed-point code is made of these; each place says why it is in range.
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    clippy::inline_always,
    clippy::many_single_char_names,
    clippy::similar_names,
    clippy::doc_markdown
)]

pub mod auction;
pub mod black_scholes;
mod elementary;
pub mod fixed;
mod greeks;
pub mod leg;
pub mod magnitude;
pub mod margin;
pub mod median;
pub mod payoff;
pub mod series;
pub mod settlement;
#[allow(clippy::unreadable_literal, reason = "generated")]
mod tables;
mod time_value;
pub mod waterfall;

/// One, with 18 decimals: the scale of prices, quote amounts, volatilities, rates and fractions.
pub const WAD: u128 = 1_000_000_000_000_000_000;
