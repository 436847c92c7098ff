//! `novation replay-margin`: what a fixed set of portfolios must post while real implied volatility moves, before prices do and while they crash.
//!
//! The level of volatility is Deribit's DVOL of the hour, the shape of the smile that of a real chain, fitted as `fit-svi` fits, the price
//! that of the day; positions never change. Beside it stands what the same positions would have to post had volatility stood still: the
//! difference is what a margin that reads the live surface asks for earlier. And the same portfolios on every real chain there is.
//!
//! | module | what it decides |
//! |---|---|
//! | `portfolios` | the positions, and what they must post |
//! | `question` | one of them on a given market: answered natively, or by a deployed engine |
//! | `history` | the hours of a crash |
//! | `output`, `command` | what is printed and drawn |

pub mod command;
pub mod history;
mod output;
pub mod portfolios;
pub mod question;

pub use command::{Options, Replay, replay_all};
pub use output::chapter;
