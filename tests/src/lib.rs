//! Harness of the end-to-end tests: the compiled programs on the local node, through the client the tool itself uses.
//!
//! A test is `#[test] fn a_sentence() { on_any_node(async |stage| { … Ok(()) }) }`. What it gets:
//!
//! * [`node::on_any_node`], [`node::on_the_local_node`] run a test on a [`stage::Stage`] as it was when it opened. All tests share
//!   one node and one deployment, take turns, and begin from a snapshot. `NOVATION_RPC_URL` points them at another node; tests that set the
//!   time or look into storage are then skipped with a line that says so.
//! * [`stage::Stage`]: two pools (ETH and BTC, both settled in one USDC of 6 decimals), five venues each, volatilities, helpers to open and
//!   fund accounts ([`stage::Trader`]), list series, agree on trades, move prices and time.
//! * [`refusal`]: `stage.reverts_with::<E>(…)` sends a transaction that must fail with `E`, and compares every storage slot before and after.
//! * [`expiry`]: the life of a series after its expiry: samples, settlement price, settlement, claims.
//! * [`gas`]: the committed gas report.
//! * [`overtaking`]: somebody else's transaction between the trial of one and its block.
//! * [`invariants`]: what must hold after every step of every run.

pub mod auction_scene;
pub mod bindings;
pub mod books;
pub mod expiry;
pub mod gas;
pub mod invariants;
pub mod node;
pub mod overtaking;
pub mod refusal;
pub mod stage;
pub mod walk;

pub use node::{on_any_node, on_the_local_node};
pub use stage::{Pool, Stage, Trader};

/// 1e18: one contract, one quote unit in prices.
pub const WAD: u128 = clearing_math::WAD;
/// One USDC in token units.
pub const USDC: u128 = 1_000_000;
