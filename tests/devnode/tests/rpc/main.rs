//! The node as its clients see it: every test starts a node of its own and talks to it over HTTP.

mod blocks;
mod calls;
mod contracts;
mod control;
mod edits;
mod history;
mod lifetime;
mod precompiles;
mod process;
mod proof;
mod robustness;
mod stylus;
mod subscriptions;
mod support;
mod traces;
mod transfers;
