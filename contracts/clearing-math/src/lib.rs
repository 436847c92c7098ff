//! Option pricing and portfolio margin in fixed point.
//!
//! Pure: no SDK, no floats, no heap, no dependencies. The same code runs in the contracts, the keeper and the tests. Integers
//! only, so the same bits everywhere; no input panics or wraps.
//!
//! | module | what it decides |
//! |---|---|
//! | [`black_scholes`] | price and sensitivities of a European call and put, from spot and rate or from forward and discount factor |
//! | [`implied_volatility`] | the volatility that a price implies, or why it implies none |
//! | [`svi`] | the volatility surface: SVI slices, and the proof that they are free of arbitrage |
//! | [`normal`], [`elementary`] | distribution function, density, Mills ratio; exponential, logarithm, root |
//! | [`margin`] | initial and maintenance margin of a portfolio, by repricing it in every scenario of a risk profile |
//! | [`median`], [`settlement`] | one price from many feeds, one settlement price from many samples |
//! | [`payoff`], [`waterfall`] | what an expired option pays, and who bears a shortfall |
//! | [`auction`] | what a liquidated account costs and how much of it may be taken |
//! | [`leg`], [`series`] | positions and series as 32-byte words |
//! | [`fixed`], [`magnitude`] | checked integers with the rounding in the name; mantissa and exponent for the hot path |
//!
//! # Accuracy
//!
//! Maximum errors over the domain below, against 60-digit references. `S` spot, `Kd = K·e^(−rT)`, `s = σ√T` where it is below
//! one, else one: greeks of an option with little deviation left are as steep as that, so is their error.
//!
//! | quantity | bound tested | seen |
//! |---|---|---|
//! | call, put / max(S, Kd) | 1e-17 | 6.9e-18 |
//! | call, put, relative, where ≥ 1e-9 of min(S, Kd) | 1e-11 | 9.6e-12 at s = 1e-7; 2e-14 on the grid of ordinary options |
//! | delta · s | 5e-18 | 2.9e-18 |
//! | gamma · S · s² | 1e-17 | 1.5e-18 |
//! | vega · s / (max(S, Kd)·√T) | 1e-17 | 1.5e-18 |
//! | theta, of its two terms over s | 1e-17 | 6.6e-18 |
//! | rho · s / (Kd·T) | 1e-17 | 6.3e-18 |
//! | call − put − (S − Kd) | exact | 0 |
//! | margin balances / gross value, against a second implementation in doubles | 1e-11 | – |
//!
//! Two units of 1e-18 come on top, from rounding the result. "Seen" is over 12,000 random options (`generate/golden.py 12000 7`);
//! the 360 that are committed are the test. Tests: `accuracy_golden`, `accuracy_reference_grid` (needs the
//! shared data folder and says so), `pricing_properties`, `portfolio_margin`.
//!
//! Domain: `S`, `K` from 1e-9 to 1e12 and `K/S` from 1e-6 to 1e6 (computed up to `|ln(F/K)| < 30`), 1 second to 10 years
//! (accepted from 0 to 100 years), volatility 0.1 % to 2,000 % (accepted from 0, which gives the limit, to 10,000 %), rate −50 % to +100 %
//! (accepted up to ±922 %). Monotone in spot, strike, volatility and, without rate, time, up to the bounds above.
//!
//! # Cost
//!
//! Ink on the Stylus VM (10,000 ink = 1 gas), pure computation, built at opt-level 3, measured under the local node's meter: call
//! and put 379,000 on average over 4,224 options (426,000 at most), with all greeks 615,000 (683,000). One leg in one scenario of
//! a margin call 150,000; a whole margin call over four expiries, with / without an adverse band (which adds its own
//! scenarios): 16 legs 27 / 12 k gas, 32 legs 44 / 20 k, 128 legs 147 / 67 k. No library call of wide multiplication or division
//! is left in any of it: a test reads the compiled module.
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
mod black_76;
pub mod black_scholes;
pub mod elementary;
mod evaluation;
pub mod fixed;
mod greeks;
pub mod implied_volatility;
pub mod leg;
pub mod magnitude;
pub mod margin;
pub mod median;
pub mod normal;
pub mod payoff;
pub mod series;
pub mod settlement;
pub mod svi;
#[allow(clippy::unreadable_literal, reason = "generated")]
mod tables;
mod tenor;
mod time_value;
mod valuation;
pub mod waterfall;

/// One, with 18 decimals: the scale of prices, quote amounts, volatilities, rates and fractions.
pub const WAD: u128 = 1_000_000_000_000_000_000;
