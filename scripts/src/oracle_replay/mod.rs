//! `novation replay-oracle`: days on which venues disagreed, through the adapter's own rules, step by step.
//!
//! For every print of every venue: is the median within the range of the venues that were right, and would anyone be liquidated whom the
//! median of those venues alone would not have liquidated? Days whose markets are no three independent origins are refused, as the contract or
//! whoever lists must refuse them, and replayed all the same, to show why. The rules are those of the contract: validity by age and bounds, a majority
//! quorum, [`clearing_math::median`], and the very file that holds jumps back (`oracle-adapter/src/hold.rs`).
//!
//! | module | what it decides |
//! |---|---|
//! | `events`, `days` | what a day is: its sources, who was wrong; the days |
//! | `listing` | whether the sources of a day could be a feed: one venue is one origin |
//! | `prints` | what each source showed when |
//! | `adapter` | the price the contract would have had |
//! | `honest` | the range and the medians of the venues that were right |
//! | `accounts` | who would have been liquidated at a price |
//! | `replay` | an event, step by step |
//! | `output`, `command` | what is printed and drawn |

mod accounts;
mod adapter;
pub mod command;
pub mod days;
pub mod events;
mod honest;
pub mod listing;
mod output;
mod prints;
pub mod replay;

pub use command::{Options, replay_all};
pub use output::{chapter, verdicts};
