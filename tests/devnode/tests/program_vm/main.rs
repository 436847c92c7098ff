//! Programs run against a small chain of their own: what they cost to the last ink, what they may do, how they end.

mod activation;
mod bombs;
mod calls;
mod chain;
mod endings;
mod hooks;
mod host_prices;
mod hostile;
mod ink;
mod memory;
mod opcodes;
mod random;
mod refusals;
mod second_meter;
mod storage;
mod stored;
