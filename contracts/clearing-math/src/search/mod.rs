//! Questions that margin answers by being asked again: how much may be withdrawn or traded, and at which price an account becomes
//! liquidatable. A question is a closure from an amount or a price to a balance, so that a contract can ask by an outside call.
//!
//! | function | answers | true of any balance | the most, the nearest, if the balance is |
//! |---|---|---|---|
//! | [`largest`] | the most that leaves a balance of at least zero | what is returned was asked and is allowed | concave in the amount, or falling |
//! | [`liquidation_price`] | the nearest price at which a balance is below zero | both ends were asked: healthy, and liquidatable | below zero wherever it is between two healthy rungs |
//!
//! Scenario margin and full collateral are concave in positions, cash and base asset (two portfolios together have at least the sum
//! of their balances, and half a portfolio has half), so what [`largest`] returns is the most, to the resolution asked for. Margin by
//! percentages is not: there it is an amount that is allowed, and a larger one might be.
//!
//! Random accounts take 5 questions for a withdrawal of base asset and 15 for a trade on average, to 1e-9 of a unit. Their number is
//! bounded by the caller; an answer found with too few is still true, only less sharp.

mod account;
mod bracket;
mod liquidation;

pub use account::{
    cash_withdrawal, largest_base_withdrawal, largest_trade, liquidation_price_of, moved_term,
};
pub use bracket::{Limits, Most, largest};
pub use liquidation::{Crossing, Direction, Ladder, Outcome, liquidation_price};
