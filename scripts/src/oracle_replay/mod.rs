//! `novation replay-oracle`: days on which venues disagreed, through the adapter's own rules, step by step.
//!
//! For every print of every venue: is the median within the range of the venues that were right, and would anyone be liquidated whom the
//! median of those venues alone would not have liquidated? The rules are those of the contract: validity by age and bounds, a majority
//! quorum, [`clearing_math::median`], and the very file that holds jumps back (`oracle-adapter/src/hold.rs`).
//!
//! | module | what it decides |
//! |---|---|
//! | `events` | which days, which sources, who was wrong |
//! | `prints` | what each source showed when |
//! | `adapter` | the price the contract would have had |
//! | `accounts` | who would have been liquidated at a price |
//! | `replay` | an event, step by step |
//! | `output`, `command` | what is printed and drawn |

mod accounts;
mod adapter;
pub mod command;
pub mod events;
mod output;
mod prints;
pub mod replay;

pub use command::Options;
