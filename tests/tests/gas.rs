//! Gas of every kind of action, compared with the committed report.

use alloy::network::TransactionBuilder;
use alloy::primitives::{I256, U256};
use alloy::providers::Provider;
use alloy::rpc::types::TransactionRequest;
use alloy::sol_types::SolCall;
use clearing_math::leg::OptionKind;
use clearing_math::margin::MAX_LEGS;
use end_to_end::gas::{Report, check};
use end_to_end::{Stage, Trader, USDC, WAD, on_the_local_node};
use novation::bindings::{IMarginEngine, IOracleAdapter};
use novation::lifecycle::Bid;

/// Figures while they are collected.
#[derive(Default)]
struct Figures(Report);

impl Figures {
    fn note(&mut self, action: &str, gas: u64) {
        self.0.insert(action.to_owned(), gas);
    }
}

/// Gas of a `margin` call of the engine as a transaction of its own, for the account's legs: an estimate is exact to 1.5 %, so the
/// figure is taken from a transaction.
async fn margin_check(stage: &Stage, trader: &Trader) -> anyhow::Result<u64> {
    let state = stage.protocol.account_state(trader.account).await?;
    let call = IMarginEngine::marginCall {
        pool: stage.eth().id,
        legs: state.legs.iter().map(|leg| leg.to_word().into()).collect(),
        cash: I256::try_from(state.cash)?,
        base: state.base,
    };
    let engine = stage.protocol.at().engine;
    let sent = stage
        .protocol
        .chain()
        .send("margin check", &stage.owner, engine, &call)
        .await?;
    Ok(sent.gas())
}

#[test]
fn gas_of_every_action_is_that_of_the_committed_report() {
    on_the_local_node(async |stage| {
        let mut figures = Figures::default();
        collateral(stage, &mut figures).await?;
        trades_and_margin(stage, &mut figures).await?;
        oracle(stage, &mut figures).await?;
        crate::margin_frame::measure(stage, &mut figures.0).await?;
        liquidation_and_settlement(stage, &mut figures).await?;
        for (action, gas) in &figures.0 {
            println!("{action:<44} {gas:>9}");
        }
        check(&stage.checkout, &figures.0)
    });
}

async fn collateral(stage: &Stage, figures: &mut Figures) -> anyhow::Result<()> {
    let alice = stage.trader("alice", stage.eth()).await?;
    let first = stage.deposit(&alice, stage.usdc, 10 * USDC).await?;
    figures.note("deposit, first of an account", first.gas());
    let again = stage.deposit(&alice, stage.usdc, 10 * USDC).await?;
    figures.note("deposit", again.gas());
    let (signer, to, five) = (&alice.signer, alice.address(), U256::from(5 * USDC));
    let sent = stage
        .protocol
        .withdraw(signer, alice.account, stage.usdc, five, to)
        .await?;
    figures.note("withdraw, no short position", sent.gas());
    Ok(())
}

/// One seller collects as many legs as he may hold.
async fn trades_and_margin(stage: &Stage, figures: &mut Figures) -> anyhow::Result<()> {
    let pool = stage.eth();
    let buyer = stage.funded("buyer", pool, 1_000_000 * USDC).await?;
    let seller = stage.funded("seller", pool, 1_000_000 * USDC).await?;
    let listed = stage
        .protocol
        .list_series(
            &stage.owner,
            pool.id,
            stage.expiries[1],
            170_000_000_000,
            OptionKind::Put,
        )
        .await?;
    figures.note("list series", listed.gas());
    for legs in 1..=MAX_LEGS as u64 {
        let kind = if legs % 2 == 0 {
            OptionKind::Call
        } else {
            OptionKind::Put
        };
        let expiry = stage.expiries[usize::try_from(legs % 2)?];
        let series = stage.series(pool, expiry, 1_600 + 7 * legs, kind).await?;
        let terms = stage
            .terms(&buyer, &seller, series, WAD, 100 * USDC)
            .await?;
        let approved = stage
            .protocol
            .approve_trade(&buyer.signer, buyer.account, &terms)
            .await?;
        let traded = stage.protocol.trade(&seller.signer, &terms).await?;
        if [1, 8, 32, 128].contains(&legs) {
            figures.note(&format!("trade, leg {legs:>3} of the seller"), traded.gas());
            figures.note(
                &format!("margin check, legs {legs:>3}"),
                margin_check(stage, &seller).await?,
            );
        }
        if legs == 1 {
            figures.note("approve trade", approved.gas());
        }
    }
    let (signer, to) = (&seller.signer, seller.address());
    let sent = stage
        .protocol
        .withdraw(signer, seller.account, stage.usdc, U256::from(USDC), to)
        .await?;
    figures.note("withdraw, 128 legs", sent.gas());
    Ok(())
}

async fn oracle(stage: &Stage, figures: &mut Figures) -> anyhow::Result<()> {
    let pool = stage.btc();
    let values = stage
        .expiries
        .map(|expiry| (expiry, 700_000_000_000_000_000));
    let sent = stage
        .protocol
        .publish_volatility(&stage.owner, pool.feed, &values)
        .await?;
    figures.note("publish volatility, 2 expiries", sent.gas());
    let call = IOracleAdapter::spotCall { feed: pool.feed };
    let adapter = stage.protocol.at().adapter;
    let sent = stage
        .protocol
        .chain()
        .send("spot", &stage.owner, adapter, &call)
        .await?;
    figures.note("spot, 5 venues", sent.gas());
    crate::surface_gas::measure(stage, &mut figures.0).await
}

/// Calls on BTC go 30 % into the money: the seller is liquidated in part, the rest settles.
async fn liquidation_and_settlement(stage: &Stage, figures: &mut Figures) -> anyhow::Result<()> {
    let (protocol, pool) = (&stage.protocol, stage.btc());
    let [expiry, _] = stage.expiries;
    let buyer = stage.funded("long", pool, 1_000_000 * USDC).await?;
    let seller = stage.funded("short", pool, 250_000 * USDC).await?;
    let rescuer = stage.funded("rescuer", pool, 5_000_000 * USDC).await?;
    for strike in [58_000, 60_000, 62_000, 64_000] {
        let series = stage.series(pool, expiry, strike, OptionKind::Call).await?;
        stage
            .agree(&buyer, &seller, series, 3 * WAD, 1_000 * USDC)
            .await?;
    }
    let opens = u64::from(expiry) - end_to_end::expiry::WINDOW;
    stage.warp_to(opens - 3_600).await?;
    stage.set_price(pool, 78_000 * WAD).await?;
    let started = protocol
        .start_auction(&rescuer.signer, seller.account)
        .await?;
    figures.note("start auction, 4 legs", started.gas());
    let (_, version) = protocol
        .preview_bid(seller.account, U256::from(WAD))
        .await?;
    let bid = Bid {
        account: seller.account,
        bidder: rescuer.account,
        max_fraction: U256::from(WAD / 2),
        max_net_payment: I256::MAX,
        expected_version: version,
        deadline: stage.now().await? + 600,
    };
    let sent = protocol.bid(&rescuer.signer, &bid).await?;
    figures.note("liquidation bid, 4 legs", sent.gas());

    stage.warp_to(opens).await?;
    stage.set_price(pool, 78_000 * WAD).await?;
    let sampled = protocol
        .record_sample(&stage.owner, pool.feed, expiry)
        .await?;
    figures.note("record sample, 5 venues", sampled.gas());
    stage.record_rest(pool, expiry, 78_000 * WAD).await?;
    let fixed = protocol
        .fix_settlement_price(&stage.owner, pool.feed, expiry)
        .await?;
    figures.note("fix settlement price, 30 samples", fixed.gas());
    let signer = &stage.owner;
    for (who, trader) in [("debtor", &seller), ("creditor", &buyer)] {
        let settled = protocol.settle(signer, trader.account, expiry).await?;
        figures.note(&format!("settle a {who}, 4 legs"), settled.gas());
    }
    protocol.settle(signer, rescuer.account, expiry).await?;
    let claimed = protocol.claim(signer, buyer.account, expiry).await?;
    figures.note("claim", claimed.gas());
    Ok(())
}

#[test]
fn a_hundred_and_twenty_eight_legs_are_priced_within_a_fiftieth_of_a_transaction() {
    on_the_local_node(async |stage| {
        let pool = stage.eth();
        // Over both expiries, signs mixed: every scenario counts. The widest market is another test's (`largest_portfolio`).
        let legs = (0..MAX_LEGS as u64)
            .map(|index| {
                let leg = clearing_math::leg::Leg {
                    expiry: stage.expiries[usize::from(index % 2 == 1)],
                    strike: end_to_end::stage::strike(1_500 + 8 * index),
                    kind: if index % 3 == 0 {
                        OptionKind::Put
                    } else {
                        OptionKind::Call
                    },
                    contracts: if index % 5 < 2 { -1 } else { 1 } * 1_000_000_000_000_000_000,
                };
                leg.to_word().into()
            })
            .collect();
        let call = IMarginEngine::marginCall {
            pool: pool.id,
            legs,
            cash: I256::ZERO,
            base: U256::from(WAD),
        };
        let request = TransactionRequest::default()
            .with_to(stage.protocol.at().engine)
            .with_input(call.abi_encode())
            .with_gas_limit(640_000);
        // A fiftieth of the 32 M gas a transaction may use. Sources demand that 182,384 gas be left, so nothing much smaller could be asked for.
        let answer = stage.protocol.chain().provider().call(request).await?;
        IMarginEngine::marginCall::abi_decode_returns(&answer)?;
        Ok(())
    });
}
