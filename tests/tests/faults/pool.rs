//! A pool on a feed of the tests' own: someone trades there while the oracle is in trouble.

use alloy::primitives::{I256, U256};
use anyhow::ensure;
use clearing_math::leg::OptionKind;
use end_to_end::stage::{VOLATILITY, VOLATILITY_AGE};
use end_to_end::{Pool, Stage, Trader, USDC};
use novation::bindings::IClearingHouse::{MarketDegraded, tradeCall};
use novation::bindings::IOracleAdapter::Source;
use novation::client::Terms;
use novation::lifecycle::Bid;
use novation::market::FeedTerms;

use super::WAD;

/// A writer (9,000 dollars) short ten calls at 2,000 to a holder, a rescuer with plenty, and an idle account.
pub struct Market {
    pub pool: Pool,
    pub writer: Trader,
    pub holder: Trader,
    pub rescuer: Trader,
    pub idle: Trader,
    pub series: U256,
}

/// A pool on the venues of ETH and `others` beside them.
pub async fn pool_with(stage: &Stage, others: Vec<Source>) -> anyhow::Result<Pool> {
    let mut pool = stage.eth().clone();
    let owner = &stage.owner;
    pool.feed = alloy::primitives::keccak256(format!("fault pool {}", stage.next_nonce()));
    let mut call = FeedTerms {
        ..stage.feed_terms(pool.feed, &pool.venues, pool.spot)
    }
    .call();
    call.sources.extend(others);
    let (chain, at) = (stage.protocol.chain(), stage.protocol.at().adapter);
    chain.send("list feed", owner, at, &call).await?;
    stage
        .protocol
        .set_publisher(owner, pool.feed, owner.address(), VOLATILITY_AGE)
        .await?;
    stage.publish(&pool, VOLATILITY).await?;
    let terms = stage.pool_terms(stage.usdc, pool.base, pool.feed);
    pool.id = stage.protocol.list_pool(owner, &terms).await?.value;
    Ok(pool)
}

impl Market {
    pub async fn open(stage: &Stage, pool: Pool) -> anyhow::Result<Self> {
        let writer = stage.funded("writer", &pool, 9_000 * USDC).await?;
        let holder = stage.funded("holder", &pool, 50_000 * USDC).await?;
        let rescuer = stage.funded("rescuer", &pool, 5_000_000 * USDC).await?;
        let idle = stage.funded("idle", &pool, 1_000 * USDC).await?;
        let series = stage
            .series(&pool, stage.expiries[1], 2_000, OptionKind::Call)
            .await?;
        stage
            .agree(&holder, &writer, series, 10 * WAD, 1_300 * USDC)
            .await?;
        Ok(Self {
            pool,
            writer,
            holder,
            rescuer,
            idle,
            series,
        })
    }

    /// The rescuer, who has plenty, would sell one to the holder.
    async fn one_more(&self, stage: &Stage) -> anyhow::Result<Terms> {
        let terms = stage
            .terms(&self.holder, &self.rescuer, self.series, WAD, 100 * USDC)
            .await?;
        let buyer = &self.holder;
        stage
            .protocol
            .approve_trade(&buyer.signer, buyer.account, &terms)
            .await?;
        Ok(terms)
    }

    /// New risk is refused because the market is doubtful.
    pub async fn opens_are_refused(&self, stage: &Stage) -> anyhow::Result<()> {
        let terms = self.one_more(stage).await?;
        let error: MarketDegraded = stage
            .reverts_with(
                &self.rescuer.signer,
                stage.protocol.at().clearing_house,
                &trade(&terms),
            )
            .await?;
        ensure!(error.pool == self.pool.id);
        Ok(())
    }

    /// Deposits, withdrawals of those without shorts, and buying back go on.
    pub async fn exits_go_on(&self, stage: &Stage) -> anyhow::Result<()> {
        stage.deposit(&self.writer, stage.usdc, USDC).await?;
        self.idle_withdraws(stage).await?;
        // The writer buys one back from the holder, who had bought it.
        stage
            .agree(&self.writer, &self.holder, self.series, WAD, 130 * USDC)
            .await?;
        Ok(())
    }

    pub async fn idle_withdraws(&self, stage: &Stage) -> anyhow::Result<()> {
        let (signer, to) = (&self.idle.signer, self.idle.address());
        let five = U256::from(5 * USDC);
        stage
            .protocol
            .withdraw(signer, self.idle.account, stage.usdc, five, to)
            .await?;
        Ok(())
    }

    /// The writer, below maintenance margin by now, is auctioned and bid for.
    pub async fn liquidation_goes_on(&self, stage: &Stage) -> anyhow::Result<()> {
        let protocol = &stage.protocol;
        let health = protocol.health(self.writer.account).await?;
        ensure!(health.maintenance < 0, "{health:?}");
        protocol
            .start_auction(&self.rescuer.signer, self.writer.account)
            .await?;
        let (_, version) = protocol
            .preview_bid(self.writer.account, U256::from(WAD))
            .await?;
        let bid = Bid {
            account: self.writer.account,
            bidder: self.rescuer.account,
            max_fraction: U256::from(WAD / 2),
            max_net_payment: I256::MAX,
            expected_version: version,
            deadline: stage.now().await? + 600,
        };
        let done = protocol.bid(&self.rescuer.signer, &bid).await?.value;
        ensure!(!done.fraction.is_zero(), "{done:?}");
        Ok(())
    }
}

/// The trade's call, to be refused.
pub fn trade(terms: &Terms) -> tradeCall {
    tradeCall {
        buyer: terms.buyer,
        seller: terms.seller,
        seriesId: terms.series,
        contracts: U256::from(terms.contracts),
        premium: terms.premium,
        deadline: terms.deadline,
        nonce: terms.nonce,
    }
}
