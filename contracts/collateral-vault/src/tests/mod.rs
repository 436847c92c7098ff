//! One file per entry point: first the reverts, then the paths.

#![allow(clippy::arithmetic_side_effects, reason = "small test amounts")]

mod abi;
mod balances;
mod connect;
mod custody_walk;
mod deposit;
mod deposit_insurance;
mod lock;
mod move_balance;
mod release;
mod tokens;
mod world;
