//! What a keeper did.

use std::fmt;

use alloy::primitives::{B256, I256, U256};

use crate::bindings::ILiquidationAuction;
use crate::errors::ChainError;
use crate::lifecycle::BidResult;

/// One thing done, found or failed. Money in token units, prices and margins in WAD.
#[derive(Clone, PartialEq, Eq, Debug)]
#[allow(
    missing_docs,
    reason = "the fields are those of the events and calls they come from"
)]
pub enum Action {
    /// A round of prices was stored.
    RoundStored { feed: B256, id: u64, gas: u64 },
    /// A settlement sample was recorded.
    SampleRecorded {
        feed: B256,
        expiry: u32,
        price: U256,
        gas: u64,
    },
    /// A settlement price was fixed.
    PriceFixed {
        feed: B256,
        expiry: u32,
        price: U256,
        gas: u64,
    },
    /// An account was settled.
    Settled {
        account: U256,
        expiry: u32,
        net: I256,
        gas: u64,
    },
    /// A winner was paid.
    Claimed {
        account: U256,
        expiry: u32,
        cash: U256,
        base: U256,
        gas: u64,
    },
    /// An auction was opened.
    AuctionStarted {
        account: U256,
        maintenance: i128,
        mark: i128,
        gas: u64,
    },
    /// A bid was made.
    BidMade {
        account: U256,
        bidder: U256,
        result: BidResult,
        gas: u64,
    },
    /// The auction of a recovered account was ended.
    AuctionEnded { account: U256, gas: u64 },
    /// No bid: it would leave the bidder below initial margin, or cost more than it brings.
    NotBid { account: U256, reason: String },
    /// This machine and the chain calculate different margins: a defect.
    MarginMismatch {
        account: U256,
        native: String,
        chain: String,
    },
    /// A transaction would have gone through when it was sent and was refused in its block: somebody was faster, or the market moved. The next
    /// step tries again. `in_a_row`: how often this was lost, this time included.
    RaceLost {
        what: String,
        error: String,
        in_a_row: u32,
    },
    /// Something did not work; the next step tries again.
    Failed { what: String, error: String },
}

impl Action {
    pub(super) fn failed(what: impl Into<String>, error: &impl fmt::Display) -> Self {
        Self::Failed {
            what: what.into(),
            error: error.to_string(),
        }
    }

    /// What a refused transaction is: a lost race, or a failure.
    pub(super) fn refused(what: impl Into<String>, error: &ChainError) -> Self {
        // A bid's price was read a moment before its trial: the same race, one step earlier.
        if error.is_overtaken() || error.is::<ILiquidationAuction::Slippage>() {
            return Self::RaceLost {
                what: what.into(),
                error: error.to_string(),
                in_a_row: 1,
            };
        }
        Self::failed(what, error)
    }

    /// Gas used; 0 for what is no transaction.
    pub fn gas(&self) -> u64 {
        match self {
            Self::RoundStored { gas, .. }
            | Self::SampleRecorded { gas, .. }
            | Self::PriceFixed { gas, .. }
            | Self::Settled { gas, .. }
            | Self::Claimed { gas, .. }
            | Self::AuctionStarted { gas, .. }
            | Self::BidMade { gas, .. }
            | Self::AuctionEnded { gas, .. } => *gas,
            Self::NotBid { .. }
            | Self::MarginMismatch { .. }
            | Self::RaceLost { .. }
            | Self::Failed { .. } => 0,
        }
    }

    /// Whether something is wrong that a person should look at.
    pub fn is_failure(&self) -> bool {
        matches!(self, Self::Failed { .. } | Self::MarginMismatch { .. })
    }

    /// Writes it to the log at the level it deserves.
    pub fn log(&self) {
        match self {
            Self::MarginMismatch { .. } => tracing::error!("{self}"),
            Self::Failed { .. } => tracing::warn!("{self}"),
            Self::NotBid { .. } => tracing::debug!("{self}"),
            _ => tracing::info!(gas = self.gas(), "{self}"),
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RoundStored { feed, id, .. } => write!(f, "stored round {id} of feed {feed}"),
            Self::SampleRecorded {
                feed,
                expiry,
                price,
                ..
            } => {
                write!(
                    f,
                    "recorded sample {price} of feed {feed} for expiry {expiry}"
                )
            }
            Self::PriceFixed {
                feed,
                expiry,
                price,
                ..
            } => {
                write!(
                    f,
                    "fixed settlement price {price} of feed {feed} for expiry {expiry}"
                )
            }
            Self::Settled {
                account,
                expiry,
                net,
                ..
            } => {
                write!(f, "settled account {account:#x} for expiry {expiry}: {net}")
            }
            Self::Claimed {
                account,
                expiry,
                cash,
                base,
                ..
            } => {
                write!(
                    f,
                    "claimed {cash} cash and {base} base for account {account:#x}, expiry {expiry}"
                )
            }
            Self::AuctionStarted {
                account,
                maintenance,
                mark,
                ..
            } => {
                write!(
                    f,
                    "opened the auction of account {account:#x}: maintenance {maintenance}, mark {mark}"
                )
            }
            Self::BidMade {
                account,
                bidder,
                result,
                ..
            } => write!(
                f,
                "account {bidder:#x} took {} of account {account:#x}: paid {}, fee {}, received {}",
                result.fraction, result.payment, result.insurance_fee, result.insurance_payment
            ),
            Self::AuctionEnded { account, .. } => {
                write!(f, "ended the auction of account {account:#x}")
            }
            Self::NotBid { account, reason } => {
                write!(f, "no bid for account {account:#x}: {reason}")
            }
            Self::MarginMismatch {
                account,
                native,
                chain,
            } => {
                write!(
                    f,
                    "margin of account {account:#x} differs: native {native}, chain {chain}"
                )
            }
            Self::RaceLost {
                what,
                error,
                in_a_row,
            } => write!(f, "{what}: lost a race ({in_a_row} in a row): {error}"),
            Self::Failed { what, error } => write!(f, "{what}: {error}"),
        }
    }
}
