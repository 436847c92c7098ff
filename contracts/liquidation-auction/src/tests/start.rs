//! `start`.

use interfaces::ILiquidationAuction;

use super::*;

#[motsu::test]
fn start_reverts_without_legs(
    auction: Contract<LiquidationAuction>,
    kernel: Contract<Kernel>,
    alice: Address,
    bob: Address,
) {
    let scene = Scene::new(&auction, &kernel, alice, bob);
    scene.hold(Portfolio {
        legs: 0,
        value: 0,
        requirement: 0,
        cash: 0,
        debt: 5 * QUOTE,
    });
    assert_eq!(
        scene.start().unwrap_err(),
        revert(ILiquidationAuction::NothingToLiquidate {
            account: scene.account
        })
    );
}

#[motsu::test]
fn start_reverts_at_maintenance_margin_and_opens_one_wei_below(
    auction: Contract<LiquidationAuction>,
    kernel: Contract<Kernel>,
    alice: Address,
    bob: Address,
) {
    let scene = Scene::new(&auction, &kernel, alice, bob);
    let at_margin = Portfolio {
        requirement: 500 * WAD,
        ..UNHEALTHY
    };
    scene.hold(at_margin);
    assert_eq!(
        scene.start().unwrap_err(),
        revert(ILiquidationAuction::Healthy {
            account: scene.account,
            balance: I256::ZERO
        })
    );
    assert_eq!(scene.auction_of(), (0, U256::ZERO));

    scene.hold(Portfolio {
        requirement: 500 * WAD + 1,
        ..UNHEALTHY
    });
    scene.start().unwrap();
    assert_eq!(scene.auction_of(), (NOW, U256::ZERO));
    assert!(auction.emitted(&ILiquidationAuction::AuctionStarted {
        account: scene.account,
        caller: bob,
        maintenance: int(-1),
        mark: int(500 * WAD),
    }));
}

#[motsu::test]
fn start_reverts_when_open_and_nothing_is_to_be_recorded(
    auction: Contract<LiquidationAuction>,
    kernel: Contract<Kernel>,
    alice: Address,
    bob: Address,
) {
    let scene = Scene::new(&auction, &kernel, alice, bob);
    scene.hold(UNHEALTHY);
    scene.start().unwrap();
    scene.started(60);
    assert_eq!(
        scene.start().unwrap_err(),
        revert(ILiquidationAuction::AuctionExists {
            account: scene.account,
            startedAt: NOW - 60
        })
    );
}

#[motsu::test]
fn start_passes_on_that_the_oracle_has_no_quorum(
    auction: Contract<LiquidationAuction>,
    kernel: Contract<Kernel>,
    alice: Address,
    bob: Address,
) {
    let scene = Scene::new(&auction, &kernel, alice, bob);
    scene.hold(UNHEALTHY);
    kernel.sender(bob).set_blind();
    assert_eq!(
        scene.start().unwrap_err(),
        Revert::from_callee(b"quorum".to_vec())
    );
    assert_eq!(scene.auction_of(), (0, U256::ZERO));
}

#[motsu::test]
fn start_waits_for_the_grace_period_unless_less_than_half_of_the_requirement_is_left(
    auction: Contract<LiquidationAuction>,
    kernel: Contract<Kernel>,
    alice: Address,
    bob: Address,
) {
    let scene = Scene::new(&auction, &kernel, alice, bob);
    let until = NOW + 5;
    kernel.sender(bob).set_grace(until);
    let account = scene.account;
    let waits = || revert(ILiquidationAuction::GracePeriod { account, until });
    // Mark 500: exactly half of 1,000 is left, and a wei less.
    let half = Portfolio {
        requirement: 1_000 * WAD,
        ..UNHEALTHY
    };
    for shallow in [UNHEALTHY, half] {
        scene.hold(shallow);
        assert_eq!(scene.start().unwrap_err(), waits());
        assert_eq!(scene.auction_of(), (0, U256::ZERO));
    }
    scene.hold(Portfolio {
        requirement: 1_000 * WAD + 1,
        ..half
    });
    scene.start().unwrap();
    assert_eq!(scene.auction_of(), (NOW, U256::ZERO));

    // What is open is noted and sold, whatever it is worth meanwhile.
    scene.hold(UNHEALTHY);
    scene.seen(60);
    scene.start().unwrap();
    scene.bid(percent(10)).unwrap();
}

#[motsu::test]
fn a_healthy_account_is_told_that_it_is_and_not_to_wait(
    auction: Contract<LiquidationAuction>,
    kernel: Contract<Kernel>,
    alice: Address,
    bob: Address,
) {
    let scene = Scene::new(&auction, &kernel, alice, bob);
    kernel.sender(bob).set_grace(NOW + 5);
    scene.hold(Portfolio {
        requirement: 500 * WAD,
        ..UNHEALTHY
    });
    let (account, balance) = (scene.account, I256::ZERO);
    assert_eq!(
        scene.start().unwrap_err(),
        revert(ILiquidationAuction::Healthy { account, balance })
    );
    kernel.sender(bob).set_grace(0);
    scene.hold(UNHEALTHY);
    scene.start().unwrap();
}

#[motsu::test]
fn start_of_an_open_auction_records_insolvency_and_its_end(
    auction: Contract<LiquidationAuction>,
    kernel: Contract<Kernel>,
    alice: Address,
    bob: Address,
) {
    let scene = Scene::new(&auction, &kernel, alice, bob);
    scene.hold(UNHEALTHY);
    scene.start().unwrap();
    scene.started(60);

    scene.hold(WORTHLESS);
    scene.start().unwrap();
    assert!(auction.emitted(&ILiquidationAuction::InsolvencyRecorded {
        account: scene.account,
        since: NOW,
    }));
    // The auction's own clock goes on.
    assert_eq!(scene.auction_of(), (NOW - 60, U256::ZERO));
    assert!(scene.start().is_err());

    scene.hold(UNHEALTHY);
    scene.start().unwrap();
    assert!(auction.emitted(&ILiquidationAuction::InsolvencyRecorded {
        account: scene.account,
        since: 0,
    }));
    assert!(scene.start().is_err());
}

#[motsu::test]
fn an_account_with_unclaimed_winnings_is_not_sold_as_worthless(
    auction: Contract<LiquidationAuction>,
    kernel: Contract<Kernel>,
    alice: Address,
    bob: Address,
) {
    let scene = Scene::new(&auction, &kernel, alice, bob);
    // Worth −100 without the 1,000 it won: the insurance would pay a bidder 100 at once, and alice would still collect her 1,000.
    scene.hold(WORTHLESS);
    scene.insure(1_000 * QUOTE);
    scene.kernel.sender(bob).set_unclaimed(1_000 * QUOTE);
    let refused = || {
        revert(ILiquidationAuction::UnclaimedCredit {
            account: scene.account,
            credit: units(1_000 * QUOTE),
        })
    };
    assert_eq!(scene.start().unwrap_err(), refused());
    assert_eq!(scene.auction_of(), (0, U256::ZERO));

    // An auction that was open before it won sells nothing either, and records no insolvency.
    scene.kernel.sender(bob).set_unclaimed(0);
    scene.start().unwrap();
    scene.kernel.sender(bob).set_unclaimed(1_000 * QUOTE);
    assert_eq!(scene.bid(ALL).unwrap_err(), refused());
    assert_eq!(scene.start().unwrap_err(), refused());
    assert_eq!(scene.kernel.sender(bob).insurance(), 1_000 * QUOTE);

    scene.kernel.sender(bob).set_unclaimed(0);
    scene.bid(ALL).unwrap();
}

#[motsu::test]
fn nobody_is_put_up_or_sold_while_a_jump_is_unconfirmed_and_other_doubts_stop_nothing(
    auction: Contract<LiquidationAuction>,
    kernel: Contract<Kernel>,
    alice: Address,
    bob: Address,
) {
    let scene = Scene::new(&auction, &kernel, alice, bob);
    let account = scene.account;
    let waits = || revert(ILiquidationAuction::UnconfirmedJump { account });
    scene.hold(UNHEALTHY);
    // With another doubt beside it, and of an account deep in shortfall.
    for (doubts, held) in [
        (2, UNHEALTHY),
        (2 | 4, UNHEALTHY),
        (
            2,
            Portfolio {
                requirement: 10_000 * WAD,
                ..UNHEALTHY
            },
        ),
    ] {
        scene.hold(held);
        kernel.sender(bob).set_doubts(doubts);
        assert_eq!(scene.start().unwrap_err(), waits());
        assert_eq!(scene.auction_of(), (0, U256::ZERO));
    }
    scene.hold(UNHEALTHY);
    kernel.sender(bob).set_doubts(!2);
    scene.start().unwrap();
    scene.bid(percent(10)).unwrap();
    // What is open is not sold meanwhile, at whatever price; it is noted, and ends when it is sound.
    kernel.sender(bob).set_doubts(2);
    assert_eq!(scene.bid(percent(10)).unwrap_err(), waits());
    scene.seen(60);
    scene.start().unwrap();
    kernel.sender(bob).set_doubts(0);
    scene.bid(percent(10)).unwrap();
}
