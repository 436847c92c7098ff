//! Stylus programs: their deployment, a trivial call with and without the cache, and a market from listing to liquidation.

use alloy::primitives::{Address, B256, I256, U256, address, keccak256};
use alloy::providers::Provider;
use alloy::signers::local::PrivateKeySigner;
use clearing_math::leg::OptionKind;

use super::{DiffError, Run, key};
use crate::bindings::{IArbWasmCache, IMarginEngine, IOracleAdapter, IOwnable2Step, IRiskLens};
use crate::client::{Protocol, Terms};
use crate::deploy::{self, Roles};
use crate::errors::ChainError;
use crate::ids::account_id;
use crate::lifecycle::Bid;
use crate::local_chain::dev_account;
use crate::market::{FeedTerms, PoolTerms, Venue, deploy_token, deploy_venue};
use crate::progress::Progress;

const ARB_WASM_CACHE: Address = address!("0000000000000000000000000000000000000072");
const WAD: u128 = clearing_math::WAD;
const USD: u128 = 1_000_000;
const DAY: u64 = 86_400;
/// Price of the underlying when the market opens, and when the seller is ruined; WAD.
const CALM: u128 = 2_000 * WAD;
const CRASH: u128 = 2_600 * WAD;

/// The market once it is open.
struct Market {
    protocol: Protocol,
    pool: u32,
    feed: B256,
    token: Address,
    venues: Vec<Venue>,
    series: U256,
    buyer: U256,
    seller: U256,
    /// Somebody else's: nobody liquidates himself.
    rescuer: U256,
    bidder: PrivateKeySigner,
}

pub(super) async fn measure(run: &mut Run<'_>) -> Result<(), DiffError> {
    let protocol = deployment(run).await?;
    trivial_call(run, &protocol).await?;
    let market = open(run, protocol).await?;
    trade(run, &market).await?;
    liquidate(run, &market).await
}

async fn deployment(run: &mut Run<'_>) -> Result<Protocol, DiffError> {
    let roles = Roles {
        owner: run.signer.address(),
        guardian: run.signer.address(),
    };
    run.tick().await?;
    let progress = Progress::silent();
    let deployment = deploy::deploy_with_salt(
        run.chain,
        &run.signer,
        run.programs,
        roles,
        run.plan.run,
        &progress,
    )
    .await?;
    for (name, contract) in &deployment.contracts {
        run.figures.push((format!("deploy {name}"), contract.gas));
    }
    Ok(Protocol::open(run.chain.clone(), &deployment)?)
}

/// `owner()` reads one slot: nearly all of its gas is the program's start.
async fn trivial_call(run: &mut Run<'_>, protocol: &Protocol) -> Result<(), DiffError> {
    let (call, factory) = (IOwnable2Step::ownerCall {}, protocol.at().factory);
    // The cache knows code by its hash: an earlier run may have left it there.
    let code = run.chain.provider().get_code_at(factory).await;
    let code = code.map_err(|error| ChainError::from_rpc("reading a program", error))?;
    let evict = IArbWasmCache::evictCodehashCall {
        codehash: keccak256(code),
    };
    run.chain
        .send("evict", &dev_account(), ARB_WASM_CACHE, &evict)
        .await?;
    run.send("trivial program call, not cached", factory, &call)
        .await?;
    run.tick().await?;
    let cache = IArbWasmCache::cacheProgramCall { program: factory };
    // Only the chain's owner may, besides cache managers.
    let sent = run
        .chain
        .send("cache", &dev_account(), ARB_WASM_CACHE, &cache)
        .await?;
    run.note("cache a program", &sent.receipt);
    run.send("trivial program call, cached", factory, &call)
        .await?;
    Ok(())
}

async fn open(run: &mut Run<'_>, protocol: Protocol) -> Result<Market, DiffError> {
    let (chain, checkout) = (run.chain, run.checkout);
    let signer = run.signer.clone();
    run.tick().await?;
    let token = deploy_token(chain, checkout, &signer, "Dollar", "USD", 6).await?;
    let mut venues = Vec::new();
    for index in 0..5 {
        let name = format!("venue {index}");
        // Which of two answers is older decides a branch of the median: all are of one time.
        run.tick().await?;
        venues.push(deploy_venue(chain, checkout, &signer, &name, 8, U256::from(CALM)).await?);
    }
    let feed = keccak256(token);
    let terms = FeedTerms {
        feed,
        sources: venues.iter().map(|venue| venue.source).collect(),
        max_age: u32::try_from(DAY).unwrap_or(u32::MAX),
        min_price: U256::from(CALM / 100),
        max_price: U256::from(CALM * 100),
        quorum: 3,
    };
    run.tick().await?;
    let sent = protocol.list_feed(&signer, &terms).await?;
    run.note("list a feed of 5 sources", &sent.receipt);
    run.tick().await?;
    let sent = protocol
        .set_publisher(&signer, feed, signer.address(), terms.max_age)
        .await?;
    run.note("name a publisher", &sent.receipt);
    let expiry = (run.plan.start / DAY + 30) * DAY;
    let expiry = u32::try_from(expiry).map_err(|_| DiffError::Time(expiry))?;
    let volatility = [(expiry, 600_000_000_000_000_000)];
    run.tick().await?;
    let sent = protocol
        .publish_volatility(&signer, feed, &volatility)
        .await?;
    run.note("publish a volatility", &sent.receipt);
    let terms = PoolTerms {
        settlement_asset: token,
        base_asset: Address::ZERO,
        feed,
        risk_profile: 1,
        expiry_interval: 3_600,
        expiry_offset: 0,
        max_tenor: 365 * 86_400,
        strike_tick: 100_000_000,
        open_interest_cap: 10_000 * WAD,
    };
    run.tick().await?;
    let sent = protocol.list_pool(&signer, &terms).await?;
    run.note("list a pool", &sent.receipt);
    let pool = sent.value;
    run.tick().await?;
    let sent = protocol
        .list_series(&signer, pool, expiry, 200_000_000_000, OptionKind::Call)
        .await?;
    run.note("list a series", &sent.receipt);
    let account = |index| account_id(signer.address(), pool, index);
    let bidder = key(run.plan, "bidder")?;
    let ether = U256::from(WAD);
    chain.transfer(&signer, bidder.address(), ether).await?;
    Ok(Market {
        pool,
        feed,
        token,
        venues,
        series: sent.value,
        buyer: account(0),
        seller: account(1),
        rescuer: account_id(bidder.address(), pool, 0),
        bidder,
        protocol,
    })
}

async fn trade(run: &mut Run<'_>, market: &Market) -> Result<(), DiffError> {
    let (protocol, signer) = (&market.protocol, run.signer.clone());
    for (account, dollars, action) in [
        (market.buyer, 1_000, "deposit, the token's first"),
        (market.seller, 3_000, "deposit, an account's first"),
        (market.rescuer, 50_000, "deposit, another account's first"),
        (market.rescuer, 50_000, "deposit"),
    ] {
        let assets = U256::from(dollars * USD);
        run.tick().await?;
        let sent = protocol
            .mint_and_deposit(&signer, account, market.token, assets)
            .await?;
        run.note(action, &sent.receipt);
    }
    let terms = Terms {
        buyer: market.buyer,
        seller: market.seller,
        series: market.series,
        contracts: 4 * WAD,
        premium: U256::from(400 * USD),
        deadline: run.plan.start.saturating_add(DAY),
        nonce: 1,
    };
    run.tick().await?;
    let sent = protocol
        .approve_trade(&signer, market.buyer, &terms)
        .await?;
    run.note("approve a trade", &sent.receipt);
    run.tick().await?;
    let sent = protocol.trade(&signer, &terms).await?;
    run.note("trade", &sent.receipt);
    let (account, to) = (market.seller, signer.address());
    run.tick().await?;
    let sent = protocol
        .withdraw(&signer, account, market.token, U256::from(USD), to)
        .await?;
    run.note("withdraw, with a short position", &sent.receipt);
    let withdraw = crate::bindings::IClearingHouse::withdrawCall {
        account,
        asset: market.token,
        assets: U256::from(3_300 * USD),
        recipient: to,
    };
    let house = protocol.at().clearing_house;
    run.refused("withdraw, refused by margin", house, &withdraw)
        .await?;
    let state = protocol.account_state(account).await?;
    let margin = IMarginEngine::marginCall {
        pool: market.pool,
        legs: state.legs.iter().map(|leg| leg.to_word().into()).collect(),
        cash: I256::try_from(state.cash).unwrap_or(I256::MAX),
        base: state.base,
    };
    run.send("margin check, 1 leg", protocol.at().engine, &margin)
        .await?;
    let price = IRiskLens::priceCall {
        seriesId: market.series,
    };
    run.send("price of a series", protocol.at().lens, &price)
        .await?;
    let spot = IOracleAdapter::spotCall { feed: market.feed };
    run.send("median of 5 sources", protocol.at().adapter, &spot)
        .await?;
    Ok(())
}

async fn liquidate(run: &mut Run<'_>, market: &Market) -> Result<(), DiffError> {
    let (protocol, signer) = (&market.protocol, run.signer.clone());
    for venue in &market.venues {
        run.tick().await?;
        let sent = protocol
            .set_venue_price(&signer, *venue, U256::from(CRASH))
            .await?;
        run.note("a source's price", &sent.receipt);
    }
    run.tick().await?;
    let sent = protocol.start_auction(&signer, market.seller).await?;
    run.note("start an auction", &sent.receipt);
    let (_, version) = protocol.preview_bid(market.seller, U256::from(WAD)).await?;
    let bid = Bid {
        account: market.seller,
        bidder: market.rescuer,
        max_fraction: U256::from(WAD / 2),
        max_net_payment: I256::MAX,
        expected_version: version,
        deadline: run.plan.start.saturating_add(DAY),
    };
    run.tick().await?;
    let sent = protocol.bid(&market.bidder, &bid).await?;
    run.note("bid in an auction", &sent.receipt);
    Ok(())
}
