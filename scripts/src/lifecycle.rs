//! Client calls after the trade: rounds of prices, auctions of unhealthy accounts, settlement samples and prices, settlement, claims.

use alloy::primitives::{B256, I256, U256};
use alloy::signers::local::PrivateKeySigner;

use crate::bindings::{IExpirySettlement, ILiquidationAuction, IOracleAdapter};
use crate::chain::Sent;
use crate::client::{Protocol, unit};
use crate::errors::ChainError;

/// A bid in an auction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Bid {
    /// Account being sold.
    pub account: U256,
    /// Account that takes over, in the same pool.
    pub bidder: U256,
    /// Most of it to take, 1e18 = all.
    pub max_fraction: U256,
    /// Most the bidder pays, fee included, settlement token units; negative: least the insurance must pay.
    pub max_net_payment: I256,
    /// Version of the account's legs the bid was made for.
    pub expected_version: u64,
    /// Last second the bid is good for.
    pub deadline: u64,
}

/// What a bid does, settlement token units.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BidResult {
    /// Fraction taken, 1e18 = all.
    pub fraction: U256,
    /// From bidder to account.
    pub payment: U256,
    /// From bidder to insurance.
    pub insurance_fee: U256,
    /// From insurance to bidder.
    pub insurance_payment: U256,
}

/// Settlement of one (pool, expiry), settlement token units (`paid_base`: base token units).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct GroupState {
    /// Owed by all debtors.
    pub owed: U256,
    /// Paid into the pot in cash, insurance included.
    pub paid_cash: U256,
    /// Paid into the pot in base asset.
    pub paid_base: U256,
    /// Of it, by the insurance.
    pub paid_insurance: U256,
    /// Not paid by anyone: what winners share.
    pub shortfall: U256,
}

impl Protocol {
    /// Stores what a feed's sources say now as a round. Returns its id.
    pub async fn evaluate(
        &self,
        signer: &PrivateKeySigner,
        feed: B256,
    ) -> Result<Sent<u64>, ChainError> {
        let call = IOracleAdapter::evaluateCall { feed };
        self.chain()
            .send("store round", signer, self.at().adapter, &call)
            .await
    }

    /// Id of a feed's last round and when it was evaluated (unix seconds); `None` before the first.
    pub async fn latest_round(&self, feed: B256) -> Result<Option<(u64, u64)>, ChainError> {
        let call = IOracleAdapter::latestRoundCall { feed };
        match self.chain().read(self.at().adapter, &call).await {
            Ok(round) => Ok(Some((round.id, round.evaluatedAt))),
            Err(error) if error.is::<IOracleAdapter::UnknownRound>() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Opens the auction of an account below maintenance margin.
    pub async fn start_auction(
        &self,
        signer: &PrivateKeySigner,
        account: U256,
    ) -> Result<Sent<()>, ChainError> {
        let call = ILiquidationAuction::startCall { account };
        unit(
            self.chain()
                .send("start auction", signer, self.at().auction, &call)
                .await?,
        )
    }

    /// Bids.
    pub async fn bid(
        &self,
        signer: &PrivateKeySigner,
        bid: &Bid,
    ) -> Result<Sent<BidResult>, ChainError> {
        let call = ILiquidationAuction::bidCall {
            account: bid.account,
            bidder: bid.bidder,
            maxFraction: bid.max_fraction,
            maxNetPayment: bid.max_net_payment,
            expectedVersion: bid.expected_version,
            deadline: bid.deadline,
        };
        let sent = self
            .chain()
            .send("liquidation bid", signer, self.at().auction, &call)
            .await?;
        let done = sent.value;
        let value = BidResult {
            fraction: done.fraction,
            payment: done.payment,
            insurance_fee: done.insuranceFee,
            insurance_payment: done.insurancePayment,
        };
        Ok(Sent {
            value,
            receipt: sent.receipt,
        })
    }

    /// What a bid would do now, and the account's version.
    pub async fn preview_bid(
        &self,
        account: U256,
        max_fraction: U256,
    ) -> Result<(BidResult, u64), ChainError> {
        let call = ILiquidationAuction::previewCall {
            account,
            maxFraction: max_fraction,
        };
        let preview = self.chain().read(self.at().auction, &call).await?;
        let result = BidResult {
            fraction: preview.fraction,
            payment: preview.payment,
            insurance_fee: preview.insuranceFee,
            insurance_payment: preview.insurancePayment,
        };
        Ok((result, preview.version))
    }

    /// Ends the auction of an account whose buffer is restored.
    pub async fn end_auction(
        &self,
        signer: &PrivateKeySigner,
        account: U256,
    ) -> Result<Sent<()>, ChainError> {
        let call = ILiquidationAuction::endCall { account };
        unit(
            self.chain()
                .send("end auction", signer, self.at().auction, &call)
                .await?,
        )
    }

    /// When the auction of an account started (`None`: there is none), and cash paid in so far, token units.
    pub async fn auction_of(&self, account: U256) -> Result<Option<(u64, U256)>, ChainError> {
        let call = ILiquidationAuction::auctionOfCall { account };
        let auction = self.chain().read(self.at().auction, &call).await?;
        Ok((auction.startedAt != 0).then_some((auction.startedAt, auction.reserved)))
    }

    /// Records the median now as a settlement sample. Returns it, WAD.
    pub async fn record_sample(
        &self,
        signer: &PrivateKeySigner,
        feed: B256,
        expiry: u32,
    ) -> Result<Sent<U256>, ChainError> {
        let call = IOracleAdapter::recordSampleCall { feed, expiry };
        self.chain()
            .send("record sample", signer, self.at().adapter, &call)
            .await
    }

    /// Fixes the settlement price. Returns it, WAD.
    pub async fn fix_settlement_price(
        &self,
        signer: &PrivateKeySigner,
        feed: B256,
        expiry: u32,
    ) -> Result<Sent<U256>, ChainError> {
        let call = IOracleAdapter::fixSettlementPriceCall { feed, expiry };
        self.chain()
            .send("fix settlement price", signer, self.at().adapter, &call)
            .await
    }

    /// The settlement price, WAD, once it is fixed.
    pub async fn settlement_price(
        &self,
        feed: B256,
        expiry: u32,
    ) -> Result<Option<U256>, ChainError> {
        let call = IOracleAdapter::settlementPriceCall { feed, expiry };
        match self.chain().read(self.at().adapter, &call).await {
            Ok(price) => Ok(Some(price)),
            Err(error) if error.is::<IOracleAdapter::NotFixed>() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Settles an account's legs of an expiry. Returns the net result, settlement token units.
    pub async fn settle(
        &self,
        signer: &PrivateKeySigner,
        account: U256,
        expiry: u32,
    ) -> Result<Sent<I256>, ChainError> {
        let call = IExpirySettlement::settleCall { account, expiry };
        self.chain()
            .send("settle", signer, self.at().settlement, &call)
            .await
    }

    /// Pays a settled winner. Returns cash and base paid, token units.
    pub async fn claim(
        &self,
        signer: &PrivateKeySigner,
        account: U256,
        expiry: u32,
    ) -> Result<Sent<(U256, U256)>, ChainError> {
        let call = IExpirySettlement::claimCall { account, expiry };
        let sent = self
            .chain()
            .send("claim", signer, self.at().settlement, &call)
            .await?;
        Ok(Sent {
            value: (sent.value.cash, sent.value.base),
            receipt: sent.receipt,
        })
    }

    /// Unclaimed credit of a settled winner, settlement token units.
    pub async fn credit_of(&self, account: U256, expiry: u32) -> Result<U256, ChainError> {
        let call = IExpirySettlement::creditOfCall { account, expiry };
        self.chain().read(self.at().settlement, &call).await
    }

    /// Settlement of one (pool, expiry).
    pub async fn group_state(&self, pool: u32, expiry: u32) -> Result<GroupState, ChainError> {
        let call = IExpirySettlement::groupStateCall { pool, expiry };
        let group = self.chain().read(self.at().settlement, &call).await?;
        Ok(GroupState {
            owed: group.owed,
            paid_cash: group.paidCash,
            paid_base: group.paidBase,
            paid_insurance: group.paidInsurance,
            shortfall: group.shortfall,
        })
    }
}
