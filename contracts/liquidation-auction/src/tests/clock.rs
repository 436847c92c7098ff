//! The clock of an auction: it stands while nobody looks.

use interfaces::ILiquidationAuction;

use super::*;
use crate::auction::UNWATCHED;

#[motsu::test]
fn the_clock_stands_five_minutes_after_the_last_look(
    auction: Contract<LiquidationAuction>,
    kernel: Contract<Kernel>,
    alice: Address,
    bob: Address,
) {
    let scene = Scene::new(&auction, &kernel, alice, bob);
    scene.hold(UNHEALTHY);
    scene.start().unwrap();
    let ask = |scene: &Scene| {
        auction
            .sender(bob)
            .preview(scene.account, percent(10))
            .unwrap()
            .1
    };

    // Half a day ago, watched until now: nothing is asked any more and the insurance would have to pay.
    scene.started(43_200);
    let watched = ask(&scene);
    // The same start, seen only then: five minutes count.
    scene.seen(43_200);
    let unwatched = ask(&scene);
    scene.started(UNWATCHED);
    scene.seen(0);
    assert_eq!(unwatched, ask(&scene));
    assert!(watched < unwatched, "{watched} {unwatched}");
}

#[motsu::test]
fn start_on_an_open_auction_lets_the_clock_run_on(
    auction: Contract<LiquidationAuction>,
    kernel: Contract<Kernel>,
    alice: Address,
    bob: Address,
) {
    let scene = Scene::new(&auction, &kernel, alice, bob);
    scene.hold(UNHEALTHY);
    scene.start().unwrap();
    scene.started(1_000);
    scene.seen(1_000);
    scene.start().unwrap();
    // What it stood is left out for good.
    assert_eq!(scene.auction_of().0, NOW - UNWATCHED);
    // Noted just now.
    assert_eq!(
        scene.start().unwrap_err(),
        revert(ILiquidationAuction::AuctionExists {
            account: scene.account,
            startedAt: NOW - UNWATCHED
        })
    );
}

#[motsu::test]
fn the_ramp_of_the_insurance_stands_with_the_clock(
    auction: Contract<LiquidationAuction>,
    kernel: Contract<Kernel>,
    alice: Address,
    bob: Address,
) {
    let scene = Scene::new(&auction, &kernel, alice, bob);
    scene.hold(WORTHLESS);
    scene.start().unwrap();
    let payment = || auction.sender(bob).preview(scene.account, ALL).unwrap().3;
    let since = |seconds: u64| {
        auction
            .sender(bob)
            .auctions
            .setter(scene.account)
            .set_insolvent_since(NOW - seconds);
    };
    since(3_600);
    scene.started(3_600);
    scene.seen(3_600);
    let unwatched = payment();
    since(UNWATCHED);
    scene.started(UNWATCHED);
    scene.seen(0);
    assert_eq!(unwatched, payment());
}

#[motsu::test]
fn start_reverts_on_an_open_auction_whose_buffer_is_restored(
    auction: Contract<LiquidationAuction>,
    kernel: Contract<Kernel>,
    alice: Address,
    bob: Address,
) {
    let scene = Scene::new(&auction, &kernel, alice, bob);
    scene.hold(UNHEALTHY);
    scene.start().unwrap();
    scene.seen(1_000);
    scene.hold(Portfolio {
        requirement: 100 * WAD,
        ..UNHEALTHY
    });
    // Mark 500, maintenance 400, buffer margin 400 − .15 · 100.
    assert_eq!(
        scene.start().unwrap_err(),
        revert(ILiquidationAuction::Healthy {
            account: scene.account,
            balance: int(385 * WAD)
        })
    );
    // Ending it is for `end`; the clock was not wound on.
    assert_eq!(scene.auction_of().0, NOW);
}
