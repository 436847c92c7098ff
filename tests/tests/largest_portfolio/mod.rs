//! The largest portfolio there can be, on the widest market there can be, in every action that has to be possible with it: each goes through with
//! half of a block's gas, so that no account is too large to be sold or settled.
//!
//! Largest in every dimension that has a bound: legs of an account (128) and of whom it deals with, over as many expiries as it may hold (32), base
//! asset beside cash; publishers (15) and expiries of each (16), every leg between two of them; sources (15, and the settlement asset's); scenarios (40)
//! and skews (8) of the profile, two versions of it while one follows the other; prices apart, so that margin is calculated at the middle and at
//! both ends of the band, and volatilities stale, so that it is calculated at the ceilings too. Programs are not cached.

mod scene;
mod source;

use alloy::network::TransactionBuilder;
use alloy::primitives::{Address, I256, U256};
use alloy::providers::Provider;
use alloy::rpc::types::{BlockId, TransactionRequest};
use alloy::signers::local::PrivateKeySigner;
use alloy::sol_types::{SolCall, SolError};
use anyhow::{Context, ensure};
use clearing_math::leg::OptionKind;
use clearing_math::margin::{MAX_EXPIRIES, MAX_LEGS};
use end_to_end::gas::Report;
use end_to_end::stage::strike;
use end_to_end::{Stage, Trader, USDC, WAD, on_the_local_node};
use novation::bindings::IClearingHouse::{TooManyExpiries, TooManyLegs, tradeCall, withdrawCall};
use novation::bindings::IExpirySettlement::{claimCall, settleCall};
use novation::bindings::ILiquidationAuction::{bidCall, previewCall, startCall};
use novation::bindings::IMarginEngine::marginCall;
use novation::bindings::IOracleAdapter::evaluateCall;
use novation::errors::ChainError;
use novation::risk_profiles::PRESETS;

use scene::{OPENING, SIZE, SMILE_AGE, Scene};
use source::Price;

/// Half of the 32,000,000 a block takes.
const HALF_BLOCK: u64 = 16_000_000;

/// What actions take, by name.
struct Costs<'a> {
    stage: &'a Stage,
    report: Report,
}

impl<'a> Costs<'a> {
    fn new(stage: &'a Stage) -> Self {
        Self {
            stage,
            report: Report::new(),
        }
    }

    /// Tries the call with half a block's gas, with which it must go through (refunds come too late to help), then sends it. Notes what it used.
    async fn of<C: SolCall>(
        &mut self,
        action: &str,
        signer: &PrivateKeySigner,
        to: Address,
        call: &C,
    ) -> anyhow::Result<C::Return> {
        let request = TransactionRequest::default()
            .with_from(signer.address())
            .with_to(to)
            .with_input(call.abi_encode())
            .with_gas_limit(HALF_BLOCK);
        let chain = self.stage.protocol.chain();
        let trial = chain.provider().call(request).block(BlockId::pending());
        let trial = trial.await.map(drop);
        let sent = chain.send("largest portfolio", signer, to, call).await;
        let sent = sent.with_context(|| format!("{action}, with a whole block"))?;
        println!("{action:<58} {:>10}", sent.gas());
        self.report.insert(action.to_owned(), sent.gas());
        trial
            .map_err(|error| ChainError::from_rpc("half a block", error))
            .with_context(|| format!("{action} used {} gas in a whole block", sent.gas()))?;
        Ok(sent.value)
    }

    async fn bid(
        &mut self,
        action: &str,
        account: U256,
        bidder: &Trader,
        fraction: u128,
    ) -> anyhow::Result<()> {
        let auction = self.stage.protocol.at().auction;
        let call = bid(self.stage, account, bidder, fraction).await?;
        let preview = previewCall {
            account,
            maxFraction: call.maxFraction,
        };
        let preview = self.stage.protocol.chain().read(auction, &preview).await?;
        let sold = self.of(action, &bidder.signer, auction, &call).await?;
        ensure!(
            sold.fraction == call.maxFraction.min(preview.fraction),
            "{action}: sold {}",
            sold.fraction
        );
        Ok(())
    }
}

/// A bid for at most `fraction` (1e18 = all), at any price.
async fn bid(
    stage: &Stage,
    account: U256,
    bidder: &Trader,
    fraction: u128,
) -> anyhow::Result<bidCall> {
    Ok(bidCall {
        account,
        bidder: bidder.account,
        maxFraction: U256::from(fraction),
        maxNetPayment: I256::MAX,
        expectedVersion: stage.protocol.account_state(account).await?.version,
        deadline: u64::MAX,
    })
}

#[test]
fn the_largest_portfolio_is_traded_and_sold_within_half_a_block() {
    on_the_local_node(async |stage| {
        let mut scene = Scene::open(stage).await?;
        for _ in 0..MAX_EXPIRIES {
            scene.add_leg(stage).await?;
        }
        one_expiry_more_is_refused(stage, &scene).await?;
        for _ in MAX_EXPIRIES..MAX_LEGS {
            scene.add_leg(stage).await?;
        }
        one_leg_more_is_refused(stage, &scene).await?;
        scene.begin_ramp(stage).await?;
        let mut costs = Costs::new(stage);
        fresh_market(stage, &scene, &mut costs).await?;
        let dollars = falling_market(stage, &scene, &mut costs).await?;
        other_models(stage, &scene, &mut costs).await?;
        dear_sources(stage, &scene, &mut costs, dollars).await?;
        everything(stage, &scene, &mut costs).await
    });
}

/// F-27 for expiries, on the compiled programs.
async fn one_expiry_more_is_refused(stage: &Stage, scene: &Scene) -> anyhow::Result<()> {
    let refused = refused_leg::<TooManyExpiries>(stage, scene, scene.next_expiry()).await?;
    let (given, most) = (U256::from(MAX_EXPIRIES + 1), U256::from(MAX_EXPIRIES));
    ensure!((refused.given, refused.most) == (given, most));
    Ok(())
}

/// F-27, on the compiled programs.
async fn one_leg_more_is_refused(stage: &Stage, scene: &Scene) -> anyhow::Result<()> {
    let refused = refused_leg::<TooManyLegs>(stage, scene, stage.expiries[0]).await?;
    let (given, most) = (U256::from(MAX_LEGS + 1), U256::from(MAX_LEGS));
    ensure!((refused.given, refused.most) == (given, most));
    Ok(())
}

/// A leg of `expiry` that neither account has is refused with `E`.
async fn refused_leg<E: SolError>(stage: &Stage, scene: &Scene, expiry: u32) -> anyhow::Result<E> {
    let protocol = &stage.protocol;
    let series = protocol
        .list_series(
            &stage.owner,
            scene.pool,
            expiry,
            strike(3_000),
            OptionKind::Call,
        )
        .await?;
    let (holder, debtor) = (&scene.holder, &scene.debtor);
    let terms = stage.terms(holder, debtor, series.value, SIZE, 0).await?;
    protocol
        .approve_trade(&holder.signer, holder.account, &terms)
        .await?;
    let clearing_house = protocol.at().clearing_house;
    stage
        .reverts_with::<E>(&debtor.signer, clearing_house, &trade(&terms))
        .await
}

fn trade(terms: &novation::client::Terms) -> tradeCall {
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

/// What accounts do themselves: a trade that both sides' initial margin carries, a withdrawal.
async fn fresh_market(stage: &Stage, scene: &Scene, costs: &mut Costs<'_>) -> anyhow::Result<()> {
    let clearing_house = stage.protocol.at().clearing_house;
    let terms = stage
        .terms(&scene.holder, &scene.debtor, scene.series[0], SIZE, USDC)
        .await?;
    let (holder, debtor) = (&scene.holder, &scene.debtor);
    stage
        .protocol
        .approve_trade(&holder.signer, holder.account, &terms)
        .await?;
    costs
        .of(
            "largest portfolio, trade",
            &debtor.signer,
            clearing_house,
            &trade(&terms),
        )
        .await?;
    // Down to the initial margin.
    let health = stage.protocol.health(debtor.account).await?;
    ensure!(!health.degraded && health.initial > 0, "{health:?}");
    let free = health.initial.unsigned_abs() / 1_000_000_000_000;
    let withdraw = withdrawCall {
        account: debtor.account,
        asset: stage.usdc,
        assets: U256::from(free - 10 * USDC),
        recipient: debtor.address(),
    };
    costs
        .of(
            "largest portfolio, withdrawal",
            &debtor.signer,
            clearing_house,
            &withdraw,
        )
        .await?;
    Ok(())
}

/// Smiles grow stale and the price falls until the debtor is below maintenance margin: a trade that reduces the risk of both sides, for which each is
/// margined before and after it, the start of the auction, a bid for a part.
async fn falling_market(
    stage: &Stage,
    scene: &Scene,
    costs: &mut Costs<'_>,
) -> anyhow::Result<u128> {
    stage.warp(u64::from(SMILE_AGE) + 600).await?;
    let (debtor, at) = (&scene.debtor, stage.protocol.at());
    let mut dollars = OPENING;
    loop {
        dollars -= 20;
        scene.print(stage, dollars, Price::Ordinary).await?;
        let health = stage.protocol.health(debtor.account).await?;
        ensure!(health.degraded && health.mark > 0, "{dollars}: {health:?}");
        if health.maintenance < 0 {
            println!("below maintenance margin at {dollars} dollars: {health:?}");
            break;
        }
    }
    // The holder sells back a hundredth of a put struck at 2,508, a little above what it is worth at once.
    let premium = (2_530 - dollars) * USDC / 100;
    let series = scene.series[MAX_LEGS - 2];
    let terms = stage
        .terms(debtor, &scene.holder, series, SIZE / 10, premium)
        .await?;
    stage
        .protocol
        .approve_trade(&debtor.signer, debtor.account, &terms)
        .await?;
    costs
        .of(
            "largest portfolio, trade that reduces risk",
            &scene.holder.signer,
            at.clearing_house,
            &trade(&terms),
        )
        .await?;
    let start = startCall {
        account: debtor.account,
    };
    let bidder = scene.bidder(stage, "first bidder").await?;
    costs
        .of(
            "largest portfolio, start of an auction",
            &bidder.signer,
            at.auction,
            &start,
        )
        .await?;
    costs
        .bid(
            "largest portfolio, bid for a part",
            debtor.account,
            &bidder,
            WAD / 50,
        )
        .await?;
    legs_are(stage, debtor, MAX_LEGS).await?;
    legs_are(stage, &bidder, MAX_LEGS).await?;
    Ok(dollars)
}

/// A margin call for the same legs on the same market under every preset, percentages and full collateral among them: none is as dear as the profile of
/// this scene, so that what holds here holds for every pool.
async fn other_models(stage: &Stage, scene: &Scene, costs: &mut Costs<'_>) -> anyhow::Result<()> {
    let (protocol, engine) = (&stage.protocol, stage.protocol.at().engine);
    let state = protocol.account_state(scene.debtor.account).await?;
    let mut pools = vec![("the profile of the scene", scene.pool)];
    for (id, (name, _)) in (1..).zip(&PRESETS) {
        let mut terms = stage.pool_terms(stage.usdc, stage.eth().base, scene.feed);
        terms.risk_profile = id;
        pools.push((*name, protocol.list_pool(&stage.owner, &terms).await?.value));
    }
    let mut dearest = None;
    for (name, pool) in pools {
        let action = format!("largest portfolio, margin call under {name}");
        let call = marginCall {
            pool,
            legs: state.legs.iter().map(|leg| leg.to_word().into()).collect(),
            cash: I256::try_from(state.cash)?,
            base: state.base,
        };
        costs.of(&action, &stage.owner, engine, &call).await?;
        let gas = costs.report[&action];
        ensure!(gas <= *dearest.get_or_insert(gas), "{action}: {gas}");
    }
    Ok(())
}

/// Every source spends all the gas it is given, and yet answers. A bid then asks all of them three times, which takes more than half a block, but no whole
/// one. An evaluation fits in half, and whoever bids in the second it is stored in asks no source.
async fn dear_sources(
    stage: &Stage,
    scene: &Scene,
    costs: &mut Costs<'_>,
    dollars: u128,
) -> anyhow::Result<()> {
    let (chain, at) = (stage.protocol.chain(), stage.protocol.at());
    let bidder = scene.bidder(stage, "second bidder").await?;
    let fresh = scene.bidder(stage, "third bidder").await?;
    scene.print(stage, dollars, Price::Everything).await?;
    let account = scene.debtor.account;
    let call = bid(stage, account, &bidder, WAD / 50).await?;
    let dear = chain
        .send("bid", &bidder.signer, at.auction, &call)
        .await?
        .gas();
    println!("largest portfolio, bid without an evaluation of dear sources {dear}");
    let evaluate = evaluateCall { feed: scene.feed };
    let action = "evaluation, every source at its limit";
    costs
        .of(action, &stage.owner, at.adapter, &evaluate)
        .await?;
    // The next block within the second of this one.
    chain.set_next_time(stage.now().await?).await?;
    let action = "largest portfolio, bid after an evaluation of dear sources";
    costs.bid(action, account, &fresh, WAD / 50).await?;
    scene.print(stage, dollars, Price::Ordinary).await
}

/// The price falls until nothing is left of the account, and all of it is taken.
async fn everything(stage: &Stage, scene: &Scene, costs: &mut Costs<'_>) -> anyhow::Result<()> {
    // Beyond the second of the round that was stored: in it no source is asked.
    stage.warp(2).await?;
    scene.insure(stage).await?;
    let debtor = &scene.debtor;
    let mut dollars = OPENING / 2;
    loop {
        scene.print(stage, dollars, Price::Ordinary).await?;
        let health = stage.protocol.health(debtor.account).await?;
        if health.mark < 0 {
            println!("insolvent at {dollars} dollars: {health:?}");
            break;
        }
        dollars -= 50;
    }
    let bidder = scene.bidder(stage, "last bidder").await?;
    costs
        .bid(
            "largest portfolio, bid for all of it",
            debtor.account,
            &bidder,
            WAD,
        )
        .await?;
    legs_are(stage, debtor, 0).await?;
    legs_are(stage, &bidder, MAX_LEGS).await
}

async fn legs_are(stage: &Stage, trader: &Trader, count: usize) -> anyhow::Result<()> {
    let held = stage.protocol.account_state(trader.account).await?.legs;
    ensure!(held.len() == count, "{} legs, not {count}", held.len());
    Ok(())
}

/// Every leg but one of one expiry, which has passed; whoever is short owes more than he has, and keeps the last leg: he pays in cash and base asset, the
/// insurance pays, the rest is booked as his debt.
#[test]
fn a_hundred_and_twenty_seven_legs_of_one_expiry_settle_within_half_a_block() {
    on_the_local_node(async |stage| {
        let (protocol, pool, at) = (&stage.protocol, stage.eth(), stage.protocol.at());
        let [near, far] = stage.expiries;
        let writer = stage.funded("writer", pool, 40_000 * USDC).await?;
        let buyer = stage.funded("buyer", pool, 1_000 * USDC).await?;
        stage.deposit(&writer, pool.base, WAD).await?;
        stage.insure(pool, 1_000 * USDC).await?;
        for index in 0..MAX_LEGS as u64 {
            let expiry = if index == 0 { far } else { near };
            let series = stage
                .series(pool, expiry, 2_000 + index, OptionKind::Call)
                .await?;
            stage.agree(&buyer, &writer, series, SIZE, 0).await?;
        }
        let mut costs = Costs::new(stage);
        // 12.7 calls a thousand dollars in the money and more.
        stage.expire_at(pool, near, 9_000 * WAD).await?;
        let settle = |account| settleCall {
            account,
            expiry: near,
        };
        let owner = &stage.owner;
        let action = "settlement of 127 legs, a debtor left in debt";
        let (cash, account) = (stage.usdc, writer.account);
        costs
            .of(action, owner, at.settlement, &settle(account))
            .await?;
        legs_are(stage, &writer, 1).await?;
        ensure!(protocol.balance_of(account, cash).await?.is_zero());
        ensure!(protocol.balance_of(account, pool.base).await?.is_zero());
        ensure!(protocol.insurance_of(pool.id).await?.is_zero());
        ensure!(!protocol.account_state(account).await?.debt.is_zero());
        let action = "settlement of 127 legs, a creditor";
        let account = buyer.account;
        costs
            .of(action, owner, at.settlement, &settle(account))
            .await?;
        let claim = claimCall {
            account,
            expiry: near,
        };
        costs
            .of("claim, 127 legs settled", owner, at.settlement, &claim)
            .await?;
        legs_are(stage, &buyer, 1).await
    });
}
