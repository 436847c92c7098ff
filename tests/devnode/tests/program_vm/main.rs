//! Programs run against a small chain of their own: what they cost to the last ink, what they may do, how they end.

mod activation;
mod calls;
mod chain;
mod endings;
mod hooks;
mod hostile;
mod ink;
mod memory;
mod refusals;
mod storage;
