//! What stands on the chain when a test begins, and what tests do with it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use alloy::primitives::{Address, B256, U256, keccak256};
use alloy::signers::local::PrivateKeySigner;
use anyhow::ensure;
use clearing_math::leg::OptionKind;
use devnode::NodeHandle;
use novation::chain::Sent;
use novation::checkout::Checkout;
use novation::client::{Protocol, Terms};
use novation::deployment::Deployment;
use novation::ids;
use novation::local_chain::dev_account;
use novation::market::{FeedTerms, PoolTerms, Venue, deploy_token, deploy_venue};

use crate::WAD;

/// Decimals of the venues' answers, as Chainlink's USD feeds have.
const ANSWER_DECIMALS: u8 = 8;
/// Venues of a pool.
pub const VENUES: u8 = 5;
/// Age up to which an answer counts, seconds.
pub const MAX_AGE: u32 = 3_600;
/// Age up to which a volatility is fresh, seconds.
pub const VOLATILITY_AGE: u32 = 7_200;
/// Volatility published when the stage opens, WAD: 60 %.
pub const VOLATILITY: u64 = 600_000_000_000_000_000;
/// Most contracts of a series, 1e18.
pub const OPEN_INTEREST_CAP: u128 = 10_000 * WAD;
/// Strikes are multiples of it, 1e-8 quote: one dollar.
pub const STRIKE_TICK: u64 = 100_000_000;
/// Longest tenor, seconds.
pub const MAX_TENOR: u32 = 365 * 86_400;
const HOUR: u64 = 3_600;

/// One pool with its market.
#[derive(Clone, Debug)]
pub struct Pool {
    /// Id.
    pub id: u32,
    /// Price feed.
    pub feed: B256,
    /// Base asset.
    pub base: Address,
    /// Decimals of the base asset.
    pub base_decimals: u8,
    /// Price sources.
    pub venues: Vec<Venue>,
    /// Price when the stage opens, WAD.
    pub spot: u128,
}

/// Someone with an account.
#[derive(Clone, Debug)]
pub struct Trader {
    /// Key of the owner.
    pub signer: PrivateKeySigner,
    /// Account id.
    pub account: U256,
}

impl Trader {
    /// Address of the owner.
    pub fn address(&self) -> Address {
        self.signer.address()
    }
}

/// Where other processes find the node and what is deployed on it.
#[derive(Clone, Debug)]
pub struct Site {
    /// JSON-RPC over HTTP.
    pub http: String,
    /// JSON-RPC over WebSocket.
    pub websocket: String,
    /// The deployment.
    pub deployment: Deployment,
}

/// Two pools, their markets and a clean deployment. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Stage {
    /// The deployment.
    pub protocol: Protocol,
    /// The same for clients in other processes.
    pub site: Arc<Site>,
    /// Owner of adapter and factory, the venues' printer, the volatility publisher.
    pub owner: PrivateKeySigner,
    /// May pause trades.
    pub guardian: PrivateKeySigner,
    /// Settlement asset of both pools: 6 decimals.
    pub usdc: Address,
    /// ETH at 2,000 (base of 18 decimals), BTC at 60,000 (base of 8 decimals).
    pub pools: [Pool; 2],
    /// About two days and about a month after the opening, on the hour, of both pools.
    pub expiries: [u32; 2],
    /// Where the sources are.
    pub checkout: Checkout,
    node: Option<Arc<NodeHandle>>,
    state: Arc<State>,
}

/// What grows during a test.
#[derive(Debug, Default)]
struct State {
    nonce: AtomicU64,
    contracts: Mutex<Vec<Address>>,
    accounts: Mutex<Vec<U256>>,
}

/// The guardian's key.
pub fn guardian() -> PrivateKeySigner {
    key("guardian")
}

/// A key by name; the same in every run.
///
/// # Panics
/// Never: no name is known that hashes to something that is no scalar.
pub fn key(name: &str) -> PrivateKeySigner {
    PrivateKeySigner::from_bytes(&keccak256(format!("novation end to end: {name}")))
        .expect("a hash is a scalar but for one in 2^128")
}

/// Whole dollars as a strike, 1e-8 quote.
pub fn strike(dollars: u64) -> u64 {
    dollars * STRIKE_TICK
}

impl Stage {
    /// Deploys tokens and venues, lists feeds and pools, publishes volatilities.
    pub(crate) async fn set(
        protocol: &Protocol,
        site: Arc<Site>,
        checkout: &Checkout,
        node: Option<Arc<NodeHandle>>,
    ) -> anyhow::Result<Self> {
        let owner = dev_account();
        let chain = protocol.chain();
        let usdc = deploy_token(chain, checkout, &owner, "USD Coin", "USDC", 6).await?;
        let now = chain.time().await?;
        let on_the_hour = |ahead: u64| u32::try_from((now + ahead) / HOUR * HOUR);
        let expiries = [on_the_hour(48 * HOUR)?, on_the_hour(30 * 24 * HOUR)?];
        let mut stage = Self {
            protocol: protocol.clone(),
            site,
            owner,
            guardian: guardian(),
            usdc,
            pools: [Self::unlisted(2_000, 18), Self::unlisted(60_000, 8)],
            expiries,
            checkout: checkout.clone(),
            node,
            state: Arc::default(),
        };
        for (index, symbol) in ["ETH", "BTC"].into_iter().enumerate() {
            let spot = stage.pools[index].spot;
            let decimals = stage.pools[index].base_decimals;
            stage.pools[index] = stage.open_pool(symbol, spot, decimals).await?;
        }
        Ok(stage)
    }

    fn unlisted(dollars: u128, base_decimals: u8) -> Pool {
        Pool {
            id: 0,
            feed: B256::ZERO,
            base: Address::ZERO,
            base_decimals,
            venues: Vec::new(),
            spot: dollars * WAD,
        }
    }

    /// Deploys a base token and five venues at `spot` (WAD), lists feed and pool settled in USDC, publishes volatilities of both expiries.
    pub async fn open_pool(
        &self,
        symbol: &str,
        spot: u128,
        base_decimals: u8,
    ) -> anyhow::Result<Pool> {
        let (chain, owner) = (self.protocol.chain(), &self.owner);
        let base =
            deploy_token(chain, &self.checkout, owner, symbol, symbol, base_decimals).await?;
        let venues = self.open_venues(symbol, spot).await?;
        let nonce = self.next_nonce();
        let feed = keccak256(format!("{symbol}/USD of {} at {nonce}", self.usdc));
        self.protocol
            .list_feed(owner, &self.feed_terms(feed, &venues, spot))
            .await?;
        self.protocol
            .set_publisher(owner, feed, owner.address(), VOLATILITY_AGE)
            .await?;
        let terms = self.pool_terms(self.usdc, base, feed);
        let id = self.protocol.list_pool(owner, &terms).await?.value;
        let pool = Pool {
            id,
            feed,
            base,
            base_decimals,
            venues,
            spot,
        };
        self.publish(&pool, VOLATILITY).await?;
        self.watch(base);
        Ok(pool)
    }

    /// Five venues at `spot`, WAD.
    pub async fn open_venues(&self, symbol: &str, spot: u128) -> anyhow::Result<Vec<Venue>> {
        let mut venues = Vec::new();
        for index in 0..VENUES {
            let name = format!("{symbol}/USD venue {index}");
            let price = U256::from(spot);
            let chain = self.protocol.chain();
            let venue = deploy_venue(
                chain,
                &self.checkout,
                &self.owner,
                &name,
                ANSWER_DECIMALS,
                price,
            )
            .await?;
            self.watch(venue.source);
            venues.push(venue);
        }
        Ok(venues)
    }

    /// A feed of these venues: bounds a hundredth and a hundredfold of `spot`, quorum the majority.
    pub fn feed_terms(&self, feed: B256, venues: &[Venue], spot: u128) -> FeedTerms {
        FeedTerms {
            feed,
            sources: venues.iter().map(|venue| venue.source).collect(),
            max_age: MAX_AGE,
            min_price: U256::from(spot / 100),
            max_price: U256::from(spot * 100),
            quorum: 3,
        }
    }

    /// A pool with hourly expiries and strikes on whole dollars.
    pub fn pool_terms(
        &self,
        settlement_asset: Address,
        base_asset: Address,
        feed: B256,
    ) -> PoolTerms {
        PoolTerms {
            settlement_asset,
            base_asset,
            feed,
            risk_profile: 1,
            expiry_interval: 3_600,
            expiry_offset: 0,
            max_tenor: MAX_TENOR,
            strike_tick: STRIKE_TICK,
            open_interest_cap: OPEN_INTEREST_CAP,
        }
    }

    /// The first pool.
    pub fn eth(&self) -> &Pool {
        &self.pools[0]
    }

    /// The second pool.
    pub fn btc(&self) -> &Pool {
        &self.pools[1]
    }

    /// The node, when it runs inside this process.
    pub fn node(&self) -> Option<&NodeHandle> {
        self.node.as_deref()
    }

    /// Every contract whose storage a refused transaction must leave alone.
    pub fn contracts(&self) -> Vec<Address> {
        let at = self.protocol.at();
        let mut contracts = vec![
            at.surface,
            at.adapter,
            at.factory,
            at.vault,
            at.engine,
            at.auction,
            at.settlement,
            at.clearing_house,
            self.usdc,
        ];
        contracts.extend(&*lock(&self.state.contracts));
        contracts.sort_unstable();
        contracts.dedup();
        contracts
    }

    /// Accounts opened so far.
    pub fn accounts(&self) -> Vec<U256> {
        lock(&self.state.accounts).clone()
    }

    /// Adds a contract to those compared around refused transactions.
    pub fn watch(&self, contract: Address) {
        lock(&self.state.contracts).push(contract);
    }

    /// A number never given out before on this stage.
    pub fn next_nonce(&self) -> u64 {
        self.state.nonce.fetch_add(1, Ordering::Relaxed)
    }

    /// Time of the latest block, unix seconds.
    pub async fn now(&self) -> anyhow::Result<u64> {
        Ok(self.protocol.chain().time().await?)
    }

    /// Gives an address ether for gas.
    pub async fn fuel(&self, address: Address) -> anyhow::Result<()> {
        let wei = U256::from(WAD);
        if self.node.is_some() {
            self.protocol.chain().set_balance(address, wei).await?;
        } else {
            let fuel = wei / U256::from(100);
            self.protocol
                .chain()
                .transfer(&self.owner, address, fuel)
                .await?;
        }
        Ok(())
    }

    /// A new owner with ether and account 0 in a pool, holding nothing.
    pub async fn trader(&self, name: &str, pool: &Pool) -> anyhow::Result<Trader> {
        // Another stage on the same chain must not meet the same accounts.
        let signer = key(&format!("{name} on {}", self.usdc));
        self.fuel(signer.address()).await?;
        let account = ids::account_id(signer.address(), pool.id, 0);
        lock(&self.state.accounts).push(account);
        Ok(Trader { signer, account })
    }

    /// A new owner with `cash` (USDC units) in his account.
    pub async fn funded(&self, name: &str, pool: &Pool, cash: u128) -> anyhow::Result<Trader> {
        let trader = self.trader(name, pool).await?;
        self.deposit(&trader, self.usdc, cash).await?;
        Ok(trader)
    }

    /// Mints and deposits token units.
    pub async fn deposit(
        &self,
        trader: &Trader,
        asset: Address,
        assets: u128,
    ) -> anyhow::Result<Sent<()>> {
        let assets = U256::from(assets);
        let (signer, account) = (&trader.signer, trader.account);
        Ok(self
            .protocol
            .mint_and_deposit(signer, account, asset, assets)
            .await?)
    }

    /// Mints USDC units and gives them to a pool's insurance.
    pub async fn insure(&self, pool: &Pool, assets: u128) -> anyhow::Result<()> {
        let (protocol, owner, assets) = (&self.protocol, &self.owner, U256::from(assets));
        protocol
            .mint(owner, self.usdc, owner.address(), assets)
            .await?;
        protocol
            .deposit_insurance(owner, pool.id, self.usdc, assets)
            .await?;
        Ok(())
    }

    /// Lists a series. `dollars`: the strike.
    pub async fn series(
        &self,
        pool: &Pool,
        expiry: u32,
        dollars: u64,
        kind: OptionKind,
    ) -> anyhow::Result<U256> {
        let protocol = &self.protocol;
        let listed = protocol
            .list_series(&self.owner, pool.id, expiry, strike(dollars), kind)
            .await?;
        Ok(listed.value)
    }

    /// Terms with a nonce of their own, good for a day. `contracts` 1e18, `premium` USDC units.
    pub async fn terms(
        &self,
        buyer: &Trader,
        seller: &Trader,
        series: U256,
        contracts: u128,
        premium: u128,
    ) -> anyhow::Result<Terms> {
        Ok(Terms {
            buyer: buyer.account,
            seller: seller.account,
            series,
            contracts,
            premium: U256::from(premium),
            deadline: self.now().await? + 86_400,
            nonce: self.next_nonce(),
        })
    }

    /// The buyer approves, the seller executes.
    pub async fn agree(
        &self,
        buyer: &Trader,
        seller: &Trader,
        series: U256,
        contracts: u128,
        premium: u128,
    ) -> anyhow::Result<Sent<B256>> {
        let terms = self
            .terms(buyer, seller, series, contracts, premium)
            .await?;
        let (buyer, seller) = (&buyer.signer, &seller.signer);
        Ok(self.protocol.agree(buyer, seller, &terms).await?)
    }

    /// All venues of a pool print a price (WAD) now.
    pub async fn set_price(&self, pool: &Pool, price: u128) -> anyhow::Result<()> {
        for index in 0..pool.venues.len() {
            self.print(pool, index, price).await?;
        }
        Ok(())
    }

    /// One venue prints a price (WAD) now.
    pub async fn print(&self, pool: &Pool, venue: usize, price: u128) -> anyhow::Result<()> {
        self.protocol
            .set_venue_price(&self.owner, pool.venues[venue], U256::from(price))
            .await?;
        Ok(())
    }

    /// Publishes one volatility (WAD) for both expiries.
    pub async fn publish(&self, pool: &Pool, volatility: u64) -> anyhow::Result<()> {
        let values = self.expiries.map(|expiry| (expiry, volatility));
        self.protocol
            .publish_volatility(&self.owner, pool.feed, &values)
            .await?;
        Ok(())
    }

    /// Mines a block at `time`; prices and volatilities grow old. The node inside this process only, so that no test for any node sets the time.
    pub async fn warp_to(&self, time: u64) -> anyhow::Result<()> {
        ensure!(
            self.node.is_some(),
            "a test that sets the time must run `on_the_local_node`"
        );
        Ok(self.protocol.chain().set_time(time).await?)
    }

    /// [`Self::warp_to`] some seconds ahead.
    pub async fn warp(&self, seconds: u64) -> anyhow::Result<()> {
        let now = self.now().await?;
        self.warp_to(now + seconds).await
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
