//! What a keeper knows of accounts: discovered by events, re-read only when an event touched them.

use std::collections::{BTreeMap, BTreeSet};

use alloy::primitives::{B256, U256};
use alloy::providers::Provider;
use alloy::rpc::types::{Filter, Log};
use alloy::sol_types::SolEvent;

use crate::bindings::{IClearingHouse, ICollateralVault, IExpirySettlement, ILiquidationAuction};
use crate::client::{AccountState, Protocol};
use crate::errors::ChainError;
use crate::ids;

/// Blocks asked for at once: public nodes limit the range.
const BLOCKS_AT_ONCE: u64 = 5_000;

/// Accounts, auctions and unclaimed credits, up to a block.
#[derive(Debug)]
pub(super) struct Book {
    from_block: u64,
    next_block: u64,
    states: BTreeMap<U256, AccountState>,
    /// Accounts an event touched since they were read.
    touched: BTreeSet<U256>,
    auctions: BTreeSet<U256>,
    credits: BTreeSet<(u32, U256)>,
}

impl Book {
    pub(super) fn new(from_block: u64) -> Self {
        Self {
            from_block,
            next_block: from_block,
            states: BTreeMap::new(),
            touched: BTreeSet::new(),
            auctions: BTreeSet::new(),
            credits: BTreeSet::new(),
        }
    }

    pub(super) fn accounts(&self) -> impl Iterator<Item = U256> + '_ {
        self.states.keys().copied()
    }

    pub(super) fn states(&self) -> impl Iterator<Item = (U256, &AccountState)> {
        self.states.iter().map(|(account, state)| (*account, state))
    }

    pub(super) fn state(&self, account: U256) -> Option<&AccountState> {
        self.states.get(&account)
    }

    pub(super) fn has_auction(&self, account: U256) -> bool {
        self.auctions.contains(&account)
    }

    /// Settled winners not paid yet: (expiry, account).
    pub(super) fn credits(&self) -> Vec<(u32, U256)> {
        self.credits.iter().copied().collect()
    }

    /// Reads new events and every account they touched. After an error it goes on where it stopped.
    pub(super) async fn catch_up(&mut self, protocol: &Protocol) -> Result<(), ChainError> {
        let latest = protocol.chain().block_number().await?;
        if latest.saturating_add(1) < self.next_block {
            // The chain went back (a reverted snapshot): what was seen is no longer true.
            *self = Self::new(self.from_block);
        }
        while self.next_block <= latest {
            let last = latest.min(self.next_block.saturating_add(BLOCKS_AT_ONCE - 1));
            let at = protocol.at();
            let filter = Filter::new()
                .from_block(self.next_block)
                .to_block(last)
                .address(vec![at.vault, at.clearing_house, at.auction, at.settlement]);
            let logs = protocol.chain().provider().get_logs(&filter).await;
            let logs = logs.map_err(|error| ChainError::from_rpc("reading events", error))?;
            for log in &logs {
                self.read_event(log);
            }
            self.next_block = last.saturating_add(1);
        }
        while let Some(account) = self.touched.first().copied() {
            let state = protocol.account_state(account).await?;
            self.states.insert(account, state);
            self.touched.remove(&account);
        }
        Ok(())
    }

    fn read_event(&mut self, log: &Log) {
        let topics = log.topics();
        let Some(event) = topics.first().copied() else {
            return;
        };
        let first = topics.get(1).map(|topic| U256::from_be_bytes(topic.0));
        let second = topics.get(2).map(|topic| U256::from_be_bytes(topic.0));
        for account in touched_by(event, first, second) {
            // Insurance and pots have no owner and no positions.
            if !ids::account_owner(account).is_zero() {
                self.touched.insert(account);
            }
        }
        let (Some(account), data) = (first, log.data()) else {
            return;
        };
        match event {
            ILiquidationAuction::AuctionStarted::SIGNATURE_HASH => {
                self.auctions.insert(account);
            }
            ILiquidationAuction::AuctionEnded::SIGNATURE_HASH => {
                self.auctions.remove(&account);
            }
            IExpirySettlement::AccountSettled::SIGNATURE_HASH => {
                if let Ok(settled) = IExpirySettlement::AccountSettled::decode_log_data(data)
                    && settled.net.is_positive()
                {
                    self.credits.insert((settled.expiry, account));
                }
            }
            IExpirySettlement::CreditClaimed::SIGNATURE_HASH => {
                if let Ok(claimed) = IExpirySettlement::CreditClaimed::decode_log_data(data) {
                    self.credits.remove(&(claimed.expiry, account));
                }
            }
            _ => {}
        }
    }
}

/// Accounts whose state an event changes, from its indexed arguments.
fn touched_by(
    event: B256,
    first: Option<U256>,
    second: Option<U256>,
) -> impl Iterator<Item = U256> {
    let (first, second) = match event {
        ICollateralVault::CollateralDeposited::SIGNATURE_HASH
        | ICollateralVault::CollateralReleased::SIGNATURE_HASH
        | IClearingHouse::PositionChanged::SIGNATURE_HASH
        | IClearingHouse::DebtChanged::SIGNATURE_HASH
        | IExpirySettlement::AccountSettled::SIGNATURE_HASH => (first, None),
        ICollateralVault::BalanceMoved::SIGNATURE_HASH
        | IClearingHouse::PortfolioLiquidated::SIGNATURE_HASH => (first, second),
        _ => (None, None),
    };
    first.into_iter().chain(second)
}

#[cfg(test)]
mod tests {
    use alloy::primitives::{Address, I256, LogData};

    use super::*;

    fn log(event: &impl SolEvent) -> Log {
        let data: LogData = event.encode_log_data();
        let inner = alloy::primitives::Log {
            address: Address::ZERO,
            data,
        };
        Log {
            inner,
            ..Log::default()
        }
    }

    fn account(byte: u8) -> U256 {
        ids::account_id(Address::repeat_byte(byte), 1, 0)
    }

    #[test]
    fn both_sides_of_a_movement_are_read_again_and_pool_buckets_are_not() {
        let mut book = Book::new(0);
        let moved = |from, to| ICollateralVault::BalanceMoved {
            from,
            to,
            asset: Address::ZERO,
            assets: U256::from(1),
        };
        book.read_event(&log(&moved(account(1), account(2))));
        book.read_event(&log(&moved(account(3), ids::insurance_bucket(1))));
        assert_eq!(
            book.touched,
            BTreeSet::from([account(1), account(2), account(3)])
        );
    }

    #[test]
    fn a_credit_lives_from_settlement_to_claim_and_debtors_have_none() {
        let mut book = Book::new(0);
        let settled = |account, net: i64| IExpirySettlement::AccountSettled {
            account,
            expiry: 9,
            net: I256::try_from(net).expect("fits"),
            paidCash: U256::ZERO,
            paidBase: U256::ZERO,
            paidInsurance: U256::ZERO,
            shortfall: U256::ZERO,
        };
        book.read_event(&log(&settled(account(1), 5)));
        book.read_event(&log(&settled(account(2), -5)));
        assert_eq!(book.credits(), [(9, account(1))]);
        let claimed = IExpirySettlement::CreditClaimed {
            account: account(1),
            expiry: 9,
            credit: U256::from(5),
            cash: U256::from(5),
            base: U256::ZERO,
        };
        book.read_event(&log(&claimed));
        assert!(book.credits().is_empty());
    }

    #[test]
    fn auctions_are_known_from_start_to_end() {
        let mut book = Book::new(0);
        book.read_event(&log(&ILiquidationAuction::AuctionStarted {
            account: account(1),
            caller: Address::ZERO,
            maintenance: I256::MINUS_ONE,
            mark: I256::ONE,
        }));
        assert!(book.has_auction(account(1)));
        book.read_event(&log(&ILiquidationAuction::AuctionEnded {
            account: account(1),
        }));
        assert!(!book.has_auction(account(1)));
    }
}
