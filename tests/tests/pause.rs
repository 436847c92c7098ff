//! The guardian's pause: it stops new risk, and no exit.

use alloy::primitives::{I256, U256};
use clearing_math::leg::OptionKind;
use end_to_end::{USDC, WAD, on_any_node, on_the_local_node};
use novation::bindings::IClearingHouse;
use novation::lifecycle::Bid;

const WEEK: u64 = 604_800;

fn pause(seconds: u64) -> IClearingHouse::pauseCall {
    IClearingHouse::pauseCall {
        durationSeconds: seconds,
    }
}

#[test]
fn pause_reverts_for_everyone_but_the_guardian() {
    on_any_node(async |stage| {
        let alice = stage.trader("alice", stage.eth()).await?;
        let house = stage.protocol.at().clearing_house;
        for signer in [&alice.signer, &stage.owner] {
            for seconds in [0, 60] {
                let error = stage
                    .reverts_with::<IClearingHouse::NotGuardian>(signer, house, &pause(seconds))
                    .await?;
                assert_eq!(error.caller, signer.address());
            }
        }
        Ok(())
    });
}

#[test]
fn pause_reverts_beyond_a_week() {
    on_any_node(async |stage| {
        let house = stage.protocol.at().clearing_house;
        for seconds in [WEEK + 1, u64::MAX] {
            let error = stage
                .reverts_with::<IClearingHouse::PauseTooLong>(
                    &stage.guardian,
                    house,
                    &pause(seconds),
                )
                .await?;
            assert_eq!((error.given, error.most), (seconds, WEEK));
        }
        Ok(())
    });
}

#[test]
fn new_risk_is_refused_while_paused_until_the_pause_is_lifted() {
    on_any_node(async |stage| {
        let (protocol, house) = (&stage.protocol, stage.protocol.at().clearing_house);
        let buyer = stage.funded("buyer", stage.eth(), 50_000 * USDC).await?;
        let seller = stage.funded("seller", stage.eth(), 50_000 * USDC).await?;
        let series = stage
            .series(stage.eth(), stage.expiries[1], 2_000, OptionKind::Call)
            .await?;
        let open = stage.terms(&buyer, &seller, series, WAD, 0).await?;
        // Agreements are no risk: they may be made and taken back.
        protocol
            .chain()
            .send("pause", &stage.guardian, house, &pause(WEEK))
            .await?;
        protocol
            .approve_trade(&buyer.signer, buyer.account, &open)
            .await?;
        let call = IClearingHouse::tradeCall {
            buyer: open.buyer,
            seller: open.seller,
            seriesId: open.series,
            contracts: U256::from(open.contracts),
            premium: open.premium,
            deadline: open.deadline,
            nonce: open.nonce,
        };
        let until = protocol
            .chain()
            .read(house, &IClearingHouse::pausedUntilCall {})
            .await?;
        let error = stage
            .reverts_with::<IClearingHouse::Paused>(&seller.signer, house, &call)
            .await?;
        assert_eq!(error.until, until);
        protocol
            .chain()
            .send("pause", &stage.guardian, house, &pause(0))
            .await?;
        protocol.trade(&seller.signer, &open).await?;
        Ok(())
    });
}

#[test]
fn positions_may_be_closed_but_not_passed_on_or_turned_round_while_paused() {
    on_any_node(async |stage| {
        let (protocol, house) = (&stage.protocol, stage.protocol.at().clearing_house);
        let buyer = stage.funded("buyer", stage.eth(), 50_000 * USDC).await?;
        let seller = stage.funded("seller", stage.eth(), 50_000 * USDC).await?;
        let third = stage.funded("third", stage.eth(), 50_000 * USDC).await?;
        let series = stage
            .series(stage.eth(), stage.expiries[1], 2_000, OptionKind::Call)
            .await?;
        stage.agree(&buyer, &seller, series, 2 * WAD, 0).await?;
        protocol
            .chain()
            .send("pause", &stage.guardian, house, &pause(WEEK))
            .await?;
        let passed_on = stage.terms(&third, &buyer, series, WAD, 0).await?;
        let turned = stage.terms(&seller, &buyer, series, 5 * WAD, 0).await?;
        for (terms, to, by) in [(passed_on, &third, &buyer), (turned, &seller, &buyer)] {
            protocol
                .approve_trade(&to.signer, to.account, &terms)
                .await?;
            let call = IClearingHouse::tradeCall {
                buyer: terms.buyer,
                seller: terms.seller,
                seriesId: terms.series,
                contracts: U256::from(terms.contracts),
                premium: terms.premium,
                deadline: terms.deadline,
                nonce: terms.nonce,
            };
            stage
                .reverts_with::<IClearingHouse::Paused>(&by.signer, house, &call)
                .await?;
        }
        stage.agree(&seller, &buyer, series, WAD, 0).await?;
        stage.agree(&seller, &buyer, series, WAD, 0).await?;
        assert_eq!(protocol.open_interest(series).await?, U256::ZERO);
        Ok(())
    });
}

#[test]
fn deposit_withdrawal_repayment_listing_and_operators_work_while_paused() {
    on_any_node(async |stage| {
        let (protocol, house) = (&stage.protocol, stage.protocol.at().clearing_house);
        let alice = stage.funded("alice", stage.eth(), 100 * USDC).await?;
        protocol
            .chain()
            .send("pause", &stage.guardian, house, &pause(WEEK))
            .await?;
        stage.deposit(&alice, stage.usdc, USDC).await?;
        stage.insure(stage.eth(), USDC).await?;
        stage
            .series(stage.eth(), stage.expiries[0], 1_900, OptionKind::Put)
            .await?;
        protocol.repay_debt(&alice.signer, alice.account).await?;
        protocol
            .set_operator(&alice.signer, alice.account, stage.owner.address(), true)
            .await?;
        let (to, all) = (alice.address(), U256::from(101 * USDC));
        protocol
            .withdraw(&stage.owner, alice.account, stage.usdc, all, to)
            .await?;
        assert_eq!(protocol.token_balance(stage.usdc, to).await?, all);
        Ok(())
    });
}

#[test]
fn liquidation_settlement_and_claim_work_while_paused() {
    on_the_local_node(async |stage| {
        let (protocol, pool) = (&stage.protocol, stage.eth());
        let house = protocol.at().clearing_house;
        let buyer = stage.funded("buyer", pool, 50_000 * USDC).await?;
        let seller = stage.funded("seller", pool, 9_000 * USDC).await?;
        let rescuer = stage.funded("rescuer", pool, 200_000 * USDC).await?;
        let [expiry, _] = stage.expiries;
        let series = stage.series(pool, expiry, 2_000, OptionKind::Call).await?;
        stage
            .agree(&buyer, &seller, series, 10 * WAD, 500 * USDC)
            .await?;
        let opens = u64::from(expiry) - end_to_end::expiry::WINDOW;
        stage.warp_to(opens - 7_200).await?;
        stage.set_price(pool, 2_700 * WAD).await?;
        protocol
            .chain()
            .send("pause", &stage.guardian, house, &pause(WEEK))
            .await?;

        assert!(protocol.health(seller.account).await?.maintenance < 0);
        protocol
            .start_auction(&rescuer.signer, seller.account)
            .await?;
        let (expected, version) = protocol
            .preview_bid(seller.account, U256::from(WAD))
            .await?;
        let bid = Bid {
            account: seller.account,
            bidder: rescuer.account,
            max_fraction: U256::from(WAD),
            max_net_payment: I256::MAX,
            expected_version: version,
            deadline: stage.now().await? + 600,
        };
        let done = protocol.bid(&rescuer.signer, &bid).await?.value;
        assert!(done.fraction > U256::ZERO && done.fraction >= expected.fraction);

        stage.expire_at(pool, expiry, 2_700 * WAD).await?;
        let mut credit = U256::ZERO;
        for trader in [&buyer, &seller, &rescuer] {
            // Whoever sold all his legs has nothing to settle.
            if protocol
                .account_state(trader.account)
                .await?
                .legs
                .is_empty()
            {
                continue;
            }
            protocol
                .settle(&stage.owner, trader.account, expiry)
                .await?;
            credit += protocol.credit_of(trader.account, expiry).await?;
        }
        // Ten calls 700 in the money.
        assert_eq!(credit, U256::from(7_000 * USDC));
        let (cash, _) = protocol
            .claim(&stage.owner, buyer.account, expiry)
            .await?
            .value;
        assert_eq!(cash, credit);
        let paused = protocol
            .chain()
            .read(house, &IClearingHouse::pausedUntilCall {})
            .await?;
        assert!(paused > stage.now().await?, "paused to the end");
        Ok(())
    });
}

#[test]
fn a_pause_ends_by_itself() {
    on_the_local_node(async |stage| {
        let (protocol, pool) = (&stage.protocol, stage.eth());
        let buyer = stage.funded("buyer", pool, 50_000 * USDC).await?;
        let seller = stage.funded("seller", pool, 50_000 * USDC).await?;
        let series = stage
            .series(pool, stage.expiries[1], 2_000, OptionKind::Call)
            .await?;
        let house = protocol.at().clearing_house;
        protocol
            .chain()
            .send("pause", &stage.guardian, house, &pause(WEEK))
            .await?;
        stage.warp(WEEK).await?;
        stage.set_price(pool, pool.spot).await?;
        stage.publish(pool, end_to_end::stage::VOLATILITY).await?;
        stage.agree(&buyer, &seller, series, WAD, 0).await?;
        Ok(())
    });
}
