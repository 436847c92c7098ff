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
//! | [`surface`] | smiles as publishers sign and contracts store them, and the median of their volatilities |
//! | [`quotes`] | option quotes as exchanges show them, and whether a smile agrees with them |
//! | [`normal`], [`elementary`] | distribution function, density, Mills ratio; exponential, logarithm, root |
//! | [`margin`] | initial and maintenance margin of a portfolio, by repricing it in every scenario of a risk profile |
//! | [`maximum_loss`], [`percentage_margin`] | two simpler models: full collateral in cash and base asset, and percentages per short option |
//! | [`search`] | the most that may be withdrawn or traded, and the price of liquidation, by asking a balance again |
//! | [`median`], [`settlement`] | one price from many feeds, one settlement price from many samples |
//! | [`payoff`], [`waterfall`] | what an expired option pays, and who bears a shortfall |
//! | [`auction`] | what a liquidated account costs and how much of it may be taken |
//! | [`leg`], [`series`] | positions and series as 32-byte words |
//! | [`fixed`], [`magnitude`] | checked integers with the rounding in the name; mantissa and exponent for the hot path |
//!
//! # Accuracy
//!
//! Largest errors of unrounded results, tested against references of 60 to 130 digits (`generate/reference.py`, which checks its
//! closed forms against numeric integrals), random over the whole domain, its corners, the least deviations and the seams of
//! every table over-weighted. Nothing is forgiven for a small `s = σ√T`, of which 1.8e-7 is the least. `S` is the spot, or the
//! discounted forward, `Kd` the discounted strike, `b` the largest of 1, `|d1|` and `|d2|`, "peak" the size of a greek at the
//! money: its own scale. "Seen" is the worst of 180,000 options on spot and 20,000 on forwards, and of 20,000 arguments of each
//! elementary function; the test is over a few hundred that are committed, and takes the larger sets as well.
//!
//! | function | domain | error in | bound | seen | test |
//! |---|---|---|---|---|---|
//! | [`elementary::exp`] | `|x| ≤ 1400` | relative | (1 + `|x|`)·2^-60 | 0.89 of it | `accuracy_elementary` |
//! | [`elementary::ln`] | not zero | relative | 2.7e-18 | 2.1e-18 | ″ |
//! | [`elementary::square_root`] | all | relative | 2^-61 | 3.7e-19 | ″ |
//! | [`normal::density`] | `|z| < 16` | relative | (1 + z²)·2^-59 | 4.6e-17 | ″ |
//! | [`normal::cumulative`] | `|z| < 15` | relative, both tails | (10 + z²)·2^-60 | 6.7e-17; 2.0e-18 absolute | ″ |
//! | [`normal::mills`] | 0 to 15 | relative | (28 + 4z)·2^-60 | 5.9e-17; 5.2e-18 absolute | ″ |
//! | call, put | below | max(S, Kd) | 2e-17 | 6.4e-18 | `accuracy_golden`, `accuracy_black_76` |
//! | call, put, from 1e-9 of S | ″ | relative | 1e-13 | 1.6e-14 | ″ |
//! | delta | ″ | 1 | 1e-15 | 6.6e-16 | ″ |
//! | gamma·S, vega/S | ″ | peak: 0.4/s, 0.4·√T | 2e-15 | 9.6e-16 | ″ |
//! | theta/S | ″ | peak 0.4·σ/2√T, and its interest | 1e-14 | 5.6e-15 | ″ |
//! | rho/Kd | ″ | T | 1e-15 | 6.6e-16 | ″ |
//! | each of these, from 1e-9 of the peak | ″, deltas, thetas and rhos for s ≤ 6 | relative; theta to the sum of its two parts | 1e-14 | 8.6e-15 | ″ |
//! | vanna, volga/S | ″ | peak: 0.4·(1 + s)/σ, 0.4·√T·(1 + s)²/σ | 5e-15 | 1.6e-15 | ″ |
//! | vanna, volga | ″ | φ(d1)·b/σ, S·φ(d1)·√T·b²/σ | 1e-14 | 6.9e-15 | ″ |
//! | Black-76: all of these | discount factor 4.5e-5 to 148 | the same scales | the same | price 3.1e-18, theta 1.1e-15, greeks 4e-18 | `accuracy_black_76` |
//! | call − put | ″ | the same for every volatility; S − K without rate | exact | 0 | `pricing_properties` |
//! | [`implied_volatility`] | where a unit of price, or 1e-18 of spot, determines it to 1e-6 | its price, of max(S, Kd), beyond two units | 1e-17 | 3.8e-18 | `implied_volatility_golden` |
//! | [`svi`]: total variance, volatility | slices without negative level | relative | 1e-15, 5e-16 | 1.3e-17, 7.7e-18 | `svi_accuracy` |
//! | [`svi`]: first, second derivative | all | of b; relative | 3.5e-18, 7e-18 | 8.5e-19, 1.7e-18 | ″ |
//! | [`margin`]: balances, mark, every scenario's change | 83 published portfolios | absolute, or relative above 1 | 1e-9; 1e-10 of the 21 scenarios | 6.2e-12; 4e-13 | `portfolio_margin_cases` |
//! | balances and mark, against a second implementation of 31 digits | 100,000 random portfolios, markets and profiles | gross value | [`margin::rounding_bound`], 2^-48 with skews | 0.89 of it | `margin_brute_force` |
//! | [`percentage_margin`]: balances | 20 published portfolios; random ones | relative; gross value | 1e-12; 1e-13 | 1.8e-15; – | `portfolio_margin_cases`, `percentage_margin` |
//! | [`maximum_loss`]: balance | published; every partition of base asset tried | a unit a leg, two an expiry | exact but for these | – | `maximum_loss` |
//!
//! Where s is above 0.02, greeks are within 4e-16 of the peak (seen 2.4e-16) and 1e-15 of themselves (5.7e-16). Rounded to 1e-18,
//! they are off by less than two units more, prices by less than three, thetas by less than four; a price of an asset worth 1e-9
//! is known no better than that. A side less than half a deviation out of the money is its measure less the
//! other side, and from three deviations on, beyond s = 6, known to 2^-60 of the peak rather than of itself.
//!
//! Monotone: exp, ln, square root and density to the last bit, wherever millions of neighbours were tried (`monotonicity_elementary`),
//! the distribution function to 8 units of 2^-63 of itself, the Mills ratio to 256; call and put in spot, strike, volatility and,
//! without rate, time, and convex in strike, to the error of two prices (`pricing_properties`); implied volatility in the price.
//! Nothing jumps where branches or table pieces meet (`pricing_continuity`).
//!
//! Others' figures are met to what they are good for: QuantLib's and mpmath's grid of 7,056 options (1e-16 of the price), Jäckel's
//! own prices (2e-16), Haug's tables, py_vollib's test data, 7,900 marks and greeks of Deribit (`accuracy_reference_grid`,
//! `accuracy_published`, `accuracy_deribit`; they need the shared data folder, and say so where it is absent).
//!
//! Domain: `S`, `K` from 1e-9 to 1e12 and `K/S` from 1e-6 to 1e6 (computed up to `|ln(F/K)| < 30`), 1 second to 10 years
//! (accepted from 0 to 100 years), volatility 0.1 % to 2,000 % (accepted from 0, which gives the limit, to 10,000 %), rate −50 % to
//! +100 % (accepted up to ±922 %). Nothing inside is refused, and nothing anywhere panics.
//!
//! # Cost
//!
//! Ink on the Stylus VM (10,000 ink = 1 gas), built at opt-level 3, arguments read and results written included, by the node's
//! price table over 4,032 options (spot 1,000–4,000, strikes 0.2–5 times that, an hour to a year, 10–300 %, rate 0 and 5 %): call
//! and put 251,000 on average (415,000 at most, for deviations below 2^-8, which take a more careful path), with all greeks
//! 459,000 (627,000). Traded for it, within the bounds above: the four highest terms of each polynomial are products of 32 bits,
//! products leave out the lowest of four parts, integers hold 63 significant bits of what they are rounded from.
//! A margin call of 33 scenarios, no adverse band: 1 leg 2.6 k gas, 8 legs of one expiry 5.5 k, 32 legs of four 21.2 k, 128 legs
//! 67.6 k; one more leg in one scenario 126,000 ink a day from expiry, 146,000 over a day to 90 days. No library call of
//! wide multiplication or division is left in any of it: a test reads the compiled module.
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
pub mod conditions;
pub mod elementary;
mod evaluation;
pub mod fixed;
mod greeks;
pub mod implied_volatility;
pub mod leg;
pub mod magnitude;
pub mod margin;
pub mod maximum_loss;
pub mod median;
pub mod normal;
pub mod payoff;
pub mod percentage_margin;
pub mod quotation;
pub mod quotes;
pub mod search;
pub mod series;
pub mod settlement;
pub mod surface;
pub mod svi;
#[allow(clippy::unreadable_literal, reason = "generated")]
mod tables;
mod tenor;
mod time_value;
mod valuation;
pub mod waterfall;

/// One, with 18 decimals: the scale of prices, quote amounts, volatilities, rates and fractions.
pub const WAD: u128 = 1_000_000_000_000_000_000;
