//! One file per entry point: first the reverts, then the paths.

mod abi;
mod balances;
mod connect;
mod deposit;
mod deposit_insurance;
mod lock;
mod move_balance;
mod release;
mod tokens;
mod world;
