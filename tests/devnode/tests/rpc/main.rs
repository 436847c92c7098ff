//! The node as its clients see it: every test starts a node of its own and talks to it over HTTP.

mod blocks;
mod calls;
mod contracts;
mod control;
mod lifetime;
mod precompiles;
mod robustness;
mod stylus;
mod support;
mod transfers;
