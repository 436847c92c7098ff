//! End-to-end tests, one file per action, in one binary: it links the node and its compiler once, and deploys once.
//!
//! `cargo test --release --manifest-path scripts/Cargo.toml -p end-to-end liquidation::` runs one file.

mod calldata;
mod clients;
mod deposit;
mod diff_gas;
mod faults;
mod gas;
mod harness;
mod hostile_tokens;
mod isolation;
mod keeper_race;
mod largest_portfolio;
mod lens_batches;
mod lens_parity;
mod liquidation;
mod liquidation_refusals;
mod list_pool_and_series;
mod margin_frame;
mod margin_parity;
mod pause;
mod publish_and_spot;
mod publish_tool;
mod quant;
mod random_walk;
mod real_sources;
mod risk_profile_change;
mod seeded_bugs;
mod settlement;
mod settlement_committee;
mod signed_price;
mod signed_quotes;
mod solidity_integrator;
mod surface_gas;
mod trade;
mod volatility_surface;
mod withdraw;
