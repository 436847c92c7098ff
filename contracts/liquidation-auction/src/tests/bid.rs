//! `bid` and `preview`.

use interfaces::ILiquidationAuction;

use super::*;

/// A tenth of an account worth 500 at the initial 95 %.
const TENTH: (u128, u128) = (47_500_000, 250_000);

#[motsu::test]
fn bid_reverts_past_its_deadline(
    auction: Contract<LiquidationAuction>,
    kernel: Contract<Kernel>,
    alice: Address,
    bob: Address,
) {
    let scene = Scene::new(&auction, &kernel, alice, bob);
    scene.hold(UNHEALTHY);
    scene.start().unwrap();
    assert_eq!(
        scene.bid_within(ALL, I256::MAX, 0, NOW - 1).unwrap_err(),
        revert(ILiquidationAuction::DeadlinePassed {
            deadline: NOW - 1,
            time: NOW
        })
    );
    scene.bid_within(ALL, I256::MAX, 0, NOW).unwrap();
}

#[motsu::test]
fn bid_reverts_for_a_bidder_of_another_pool(
    auction: Contract<LiquidationAuction>,
    kernel: Contract<Kernel>,
    alice: Address,
    bob: Address,
) {
    let mut scene = Scene::new(&auction, &kernel, alice, bob);
    scene.hold(UNHEALTHY);
    scene.start().unwrap();
    scene.bidder = ids::account_id(bob, POOL + 1, 0);
    assert_eq!(
        scene.bid(ALL).unwrap_err(),
        revert(ILiquidationAuction::WrongPool {
            given: POOL + 1,
            expected: POOL
        })
    );
}

#[motsu::test]
fn bid_reverts_for_who_does_not_act_for_the_bidder(
    auction: Contract<LiquidationAuction>,
    kernel: Contract<Kernel>,
    alice: Address,
    bob: Address,
    carol: Address,
) {
    let mut scene = Scene::new(&auction, &kernel, alice, bob);
    scene.hold(UNHEALTHY);
    scene.start().unwrap();
    scene.bidder = ids::account_id(carol, POOL, 0);
    assert_eq!(
        scene.bid(ALL).unwrap_err(),
        revert(ILiquidationAuction::NotAuthorized {
            account: scene.bidder,
            caller: bob
        })
    );
    // An operator of the bidder's account may.
    kernel.sender(bob).set_operator(scene.bidder, bob);
    scene.bid(ALL).unwrap();
}

#[motsu::test]
fn bid_reverts_for_owner_and_operators_of_the_account(
    auction: Contract<LiquidationAuction>,
    kernel: Contract<Kernel>,
    alice: Address,
    bob: Address,
) {
    let mut scene = Scene::new(&auction, &kernel, alice, bob);
    scene.hold(UNHEALTHY);
    scene.start().unwrap();
    let refused = revert(ILiquidationAuction::SelfLiquidation {
        account: scene.account,
        caller: bob,
    });

    // Another account of the same owner, through an operator of that account.
    let bobs = scene.bidder;
    scene.bidder = ids::account_id(alice, POOL, 1);
    kernel.sender(bob).set_operator(scene.bidder, bob);
    assert_eq!(scene.bid(ALL).unwrap_err(), refused);

    // An operator of the account.
    scene.bidder = bobs;
    kernel.sender(bob).set_operator(scene.account, bob);
    assert_eq!(scene.bid(ALL).unwrap_err(), refused);

    // The owner, as operator of a friend's account.
    kernel.sender(bob).set_operator(bobs, alice);
    let error = auction
        .sender(alice)
        .bid(scene.account, bobs, ALL, I256::MAX, 0, NOW)
        .motsu_unwrap_err();
    assert_eq!(
        error,
        revert(ILiquidationAuction::SelfLiquidation {
            account: scene.account,
            caller: alice
        })
    );
}

#[motsu::test]
fn bid_reverts_for_a_fraction_of_zero_beyond_one_or_of_dust(
    auction: Contract<LiquidationAuction>,
    kernel: Contract<Kernel>,
    alice: Address,
    bob: Address,
) {
    let scene = Scene::new(&auction, &kernel, alice, bob);
    scene.hold(UNHEALTHY);
    scene.start().unwrap();
    let one = units(1);
    for fraction in [U256::ZERO, one, ALL + one, U256::MAX, percent(1) - one] {
        let refused = revert(ILiquidationAuction::BadFraction { fraction });
        assert_eq!(scene.bid(fraction).unwrap_err(), refused);
    }
    scene.bid(percent(1)).unwrap();
}

#[motsu::test]
fn bid_reverts_without_auction_and_on_a_restored_account(
    auction: Contract<LiquidationAuction>,
    kernel: Contract<Kernel>,
    alice: Address,
    bob: Address,
) {
    let scene = Scene::new(&auction, &kernel, alice, bob);
    scene.hold(UNHEALTHY);
    assert_eq!(
        scene.bid(ALL).unwrap_err(),
        revert(ILiquidationAuction::NoAuction {
            account: scene.account
        })
    );
    scene.start().unwrap();
    scene.hold(Portfolio {
        requirement: 400 * WAD,
        ..UNHEALTHY
    });
    assert_eq!(
        scene.bid(ALL).unwrap_err(),
        revert(ILiquidationAuction::Healthy {
            account: scene.account,
            balance: int(40 * WAD)
        })
    );
}

#[motsu::test]
fn bid_reverts_when_it_costs_one_unit_more_than_its_limit(
    auction: Contract<LiquidationAuction>,
    kernel: Contract<Kernel>,
    alice: Address,
    bob: Address,
) {
    let scene = Scene::new(&auction, &kernel, alice, bob);
    scene.hold(UNHEALTHY);
    scene.start().unwrap();
    let cost = (TENTH.0 + TENTH.1) as i128;
    assert_eq!(
        scene
            .bid_within(percent(10), int(cost - 1), 0, NOW)
            .unwrap_err(),
        revert(ILiquidationAuction::Slippage {
            netPayment: int(cost),
            limit: int(cost - 1)
        })
    );
    scene.bid_within(percent(10), int(cost), 0, NOW).unwrap();
}

#[motsu::test]
fn a_replayed_bid_reverts_stale_version(
    auction: Contract<LiquidationAuction>,
    kernel: Contract<Kernel>,
    alice: Address,
    bob: Address,
) {
    let scene = Scene::new(&auction, &kernel, alice, bob);
    scene.hold(UNHEALTHY);
    scene.start().unwrap();
    scene.bid_within(ALL, I256::MAX, 0, NOW).unwrap();
    // The auction is over by now; the replay is told that it is one all the same.
    assert_eq!(scene.auction_of(), (0, U256::ZERO));
    assert_eq!(
        scene.bid_within(ALL, I256::MAX, 0, NOW).unwrap_err(),
        revert(ILiquidationAuction::StaleVersion {
            given: 0,
            current: 1
        })
    );
}

#[motsu::test]
fn a_bid_the_clearing_house_refuses_changes_nothing(
    auction: Contract<LiquidationAuction>,
    kernel: Contract<Kernel>,
    alice: Address,
    bob: Address,
) {
    let scene = Scene::new(&auction, &kernel, alice, bob);
    scene.hold(UNHEALTHY);
    scene.start().unwrap();
    kernel.sender(bob).set_refuses();
    assert_eq!(
        scene.bid(ALL).unwrap_err(),
        Revert::from_callee(b"gate".to_vec())
    );
    assert_eq!(scene.auction_of(), (NOW, U256::ZERO));
    assert_eq!(scene.portfolio(), UNHEALTHY);
}

#[motsu::test]
fn a_bid_takes_no_more_than_restores_the_buffer_and_ends_the_auction(
    auction: Contract<LiquidationAuction>,
    kernel: Contract<Kernel>,
    alice: Address,
    bob: Address,
) {
    let scene = Scene::new(&auction, &kernel, alice, bob);
    scene.hold(UNHEALTHY);
    scene.start().unwrap();
    let bid = scene.bid(ALL).unwrap();
    // 305 / (305 + .95 · 500), up; .95 · 500 of it, up; a tenth of .05 · 500 of it, up.
    assert_eq!(
        bid,
        (
            units(391_025_641_025_641_026),
            units(185_737_180),
            units(977_565),
            U256::ZERO
        )
    );
    assert!(auction.emitted(&ILiquidationAuction::AuctionBid {
        account: scene.account,
        bidder: scene.bidder,
        fraction: bid.0,
        payment: bid.1,
        insuranceFee: bid.2,
        insurancePayment: bid.3,
    }));
    assert!(auction.emitted(&ILiquidationAuction::AuctionEnded {
        account: scene.account,
    }));
    assert_eq!(scene.auction_of(), (0, U256::ZERO));
    assert_eq!(kernel.sender(bob).insurance(), 977_565);
}

#[motsu::test]
fn preview_is_the_bid_to_the_unit(
    auction: Contract<LiquidationAuction>,
    kernel: Contract<Kernel>,
    alice: Address,
    bob: Address,
) {
    let scene = Scene::new(&auction, &kernel, alice, bob);
    scene.hold(UNHEALTHY);
    scene.start().unwrap();
    for (seconds_ago, fraction) in [(0, 3), (450, 7), (900, 11), (20_000, 5), (44_100, 2)] {
        scene.started(seconds_ago);
        scene.insure(1_000_000 * QUOTE);
        let (fraction, payment, fee, insurance_payment, version) = auction
            .sender(bob)
            .preview(scene.account, percent(fraction))
            .unwrap();
        assert_eq!(version, scene.version());
        assert_eq!(
            scene.bid(fraction).unwrap(),
            (fraction, payment, fee, insurance_payment)
        );
    }
}

#[motsu::test]
fn cash_paid_in_is_not_sold_to_the_next_bidder(
    auction: Contract<LiquidationAuction>,
    kernel: Contract<Kernel>,
    alice: Address,
    bob: Address,
) {
    let scene = Scene::new(&auction, &kernel, alice, bob);
    scene.hold(UNHEALTHY);
    scene.start().unwrap();
    scene.bid(percent(10)).unwrap();
    assert_eq!(scene.auction_of(), (NOW, units(TENTH.0)));
    // 900 of the 1,000 and the payment.
    assert_eq!(scene.portfolio().cash, 900 * QUOTE + TENTH.0);

    // The rest is worth 450 without the cash paid in: a tenth costs 42.75.
    let (_, payment, fee, _) = scene.bid(percent(10)).unwrap();
    assert_eq!((payment, fee), (units(42_750_000), units(225_000)));
    assert_eq!(scene.auction_of(), (NOW, units(TENTH.0 + 42_750_000)));
    assert_eq!(scene.portfolio().cash, 810 * QUOTE + TENTH.0 + 42_750_000);
}

#[motsu::test]
fn cash_paid_in_is_used_before_the_insurance(
    auction: Contract<LiquidationAuction>,
    kernel: Contract<Kernel>,
    alice: Address,
    bob: Address,
) {
    let scene = Scene::new(&auction, &kernel, alice, bob);
    scene.hold(UNHEALTHY);
    scene.start().unwrap();
    scene.bid(percent(10)).unwrap();
    // Without the 47.5 paid in the rest is worth −20; with it 27.5. No insurance is needed.
    scene.hold(Portfolio {
        value: -920 * WAD,
        ..scene.portfolio()
    });
    let (fraction, payment, _, insurance_payment) = scene.bid(ALL).unwrap();
    assert_eq!(fraction, ALL);
    assert_eq!(payment, units(26_125_000));
    assert_eq!(insurance_payment, U256::ZERO);
    assert_eq!(scene.portfolio().cash, 26_125_000);
    assert_eq!(scene.auction_of(), (0, U256::ZERO));
}

#[motsu::test]
fn debt_stays_behind_and_is_repaid_out_of_the_payment(
    auction: Contract<LiquidationAuction>,
    kernel: Contract<Kernel>,
    alice: Address,
    bob: Address,
) {
    let scene = Scene::new(&auction, &kernel, alice, bob);
    // Mark 400; what is sold is worth 500, because the debt is not.
    scene.hold(Portfolio {
        debt: 100 * QUOTE,
        ..UNHEALTHY
    });
    scene.start().unwrap();
    let (_, payment, fee, _) = scene.bid(percent(10)).unwrap();
    assert_eq!((payment, fee), (units(TENTH.0), units(TENTH.1)));
    // The payment went to the insurance: it is not reserved for anybody.
    assert_eq!(scene.portfolio().debt, 0);
    assert_eq!(scene.auction_of(), (NOW, U256::ZERO));
}

#[motsu::test]
fn insurance_pays_for_a_worthless_account_more_every_minute_for_an_hour(
    auction: Contract<LiquidationAuction>,
    kernel: Contract<Kernel>,
    alice: Address,
    bob: Address,
) {
    let scene = Scene::new(&auction, &kernel, alice, bob);
    scene.insure(10_000 * QUOTE);
    scene.hold(WORTHLESS);
    scene.start().unwrap();
    // From −mark = 100 to −maintenance = 300.
    for (seconds, payment) in [(0, 100), (1_800, 200), (3_600, 300), (90_000, 300)] {
        auction
            .sender(bob)
            .auctions
            .setter(scene.account)
            .set_insolvent_since(NOW - seconds);
        let (fraction, paid, fee, insurance_payment, _) =
            auction.sender(bob).preview(scene.account, ALL).unwrap();
        assert_eq!((fraction, paid, fee), (ALL, U256::ZERO, U256::ZERO));
        assert_eq!(insurance_payment, units(payment * QUOTE));
    }
    let limit = int(-300 * QUOTE as i128);
    assert_eq!(
        scene.bid_within(ALL, limit - int(1), 0, NOW).unwrap_err(),
        revert(ILiquidationAuction::Slippage {
            netPayment: limit,
            limit: limit - int(1)
        })
    );
    scene.bid_within(ALL, limit, 0, NOW).unwrap();
    assert_eq!(kernel.sender(bob).insurance(), 9_700 * QUOTE);
    assert_eq!(scene.auction_of(), (0, U256::ZERO));
}

#[motsu::test]
fn insurance_that_cannot_pay_for_all_pays_for_a_part(
    auction: Contract<LiquidationAuction>,
    kernel: Contract<Kernel>,
    alice: Address,
    bob: Address,
) {
    let scene = Scene::new(&auction, &kernel, alice, bob);
    scene.insure(100 * QUOTE - 1);
    scene.hold(WORTHLESS);
    scene.start().unwrap();
    assert_eq!(
        scene.bid(ALL).unwrap_err(),
        revert(ILiquidationAuction::InsuranceExhausted {
            pool: POOL,
            balance: units(100 * QUOTE - 1),
            needed: units(100 * QUOTE)
        })
    );
    scene.bid(percent(50)).unwrap();
    assert_eq!(kernel.sender(bob).insurance(), 50 * QUOTE - 1);
    // Still worthless: the auction stays open.
    assert_eq!(scene.auction_of(), (NOW, U256::ZERO));
}

#[motsu::test]
fn after_the_slow_phase_insurance_pays_for_an_account_nobody_took_for_nothing(
    auction: Contract<LiquidationAuction>,
    kernel: Contract<Kernel>,
    alice: Address,
    bob: Address,
) {
    let scene = Scene::new(&auction, &kernel, alice, bob);
    scene.insure(1_000 * QUOTE);
    scene.hold(UNHEALTHY);
    scene.start().unwrap();
    // Half of the ramp from nothing to −maintenance = 200.
    scene.started(44_100 + 1_800);
    let bid = scene.bid(ALL).unwrap();
    assert_eq!(bid, (ALL, U256::ZERO, U256::ZERO, units(100 * QUOTE)));
}

#[motsu::test]
fn a_bid_while_worth_something_clears_a_recorded_insolvency(
    auction: Contract<LiquidationAuction>,
    kernel: Contract<Kernel>,
    alice: Address,
    bob: Address,
) {
    let scene = Scene::new(&auction, &kernel, alice, bob);
    scene.insure(1_000 * QUOTE);
    scene.hold(WORTHLESS);
    scene.start().unwrap();
    auction
        .sender(bob)
        .auctions
        .setter(scene.account)
        .set_insolvent_since(NOW - 3_600);
    scene.hold(UNHEALTHY);
    scene.bid(percent(10)).unwrap();
    // Worthless again: the insurance's payment starts anew, at what makes the bidder whole at the mark.
    scene.hold(WORTHLESS);
    let (_, _, _, insurance_payment) = scene.bid(percent(50)).unwrap();
    assert_eq!(insurance_payment, units(50 * QUOTE));
}
