//! A second implementation of the meter, for comparison: it interprets the module as deployed instead of instrumenting it, and its
//! numbers were typed again from `stylus-vm.md`. Where both agree, neither the passes nor the tables of `program` can be wrong in
//! a way the other is not.
//!
//! Shared with the first: the parser of `wasmparser`, and the test chain that answers requests (its answers are no part of the meter).

mod agreement;
mod arithmetic;
mod code;
mod contracts;
mod generator;
mod hooks;
mod machine;
mod prices;
mod random_programs;
mod words;
