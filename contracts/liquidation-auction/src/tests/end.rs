//! `end`: every state of an auction has an exit.

use interfaces::ILiquidationAuction;

use super::*;

#[motsu::test]
fn end_reverts_without_auction(
    auction: Contract<LiquidationAuction>,
    kernel: Contract<Kernel>,
    alice: Address,
    bob: Address,
) {
    let scene = Scene::new(&auction, &kernel, alice, bob);
    scene.hold(UNHEALTHY);
    let error = auction.sender(bob).end(scene.account).motsu_unwrap_err();
    assert_eq!(
        error,
        revert(ILiquidationAuction::NoAuction {
            account: scene.account
        })
    );
}

#[motsu::test]
fn end_reverts_until_the_buffer_is_restored(
    auction: Contract<LiquidationAuction>,
    kernel: Contract<Kernel>,
    alice: Address,
    bob: Address,
) {
    let scene = Scene::new(&auction, &kernel, alice, bob);
    scene.hold(UNHEALTHY);
    scene.start().unwrap();
    // At maintenance margin, but without the buffer: BM = 0 − .15 · 500.
    scene.hold(Portfolio {
        requirement: 500 * WAD,
        ..UNHEALTHY
    });
    let error = auction.sender(bob).end(scene.account).motsu_unwrap_err();
    assert_eq!(
        error,
        revert(ILiquidationAuction::Unhealthy {
            account: scene.account,
            bufferMargin: int(-75 * WAD)
        })
    );
    assert_eq!(scene.auction_of(), (NOW, U256::ZERO));

    // BM = 100 − .15 · 400 = 40.
    scene.hold(Portfolio {
        requirement: 400 * WAD,
        ..UNHEALTHY
    });
    auction.sender(bob).end(scene.account).motsu_unwrap();
    assert_eq!(scene.auction_of(), (0, U256::ZERO));
    assert!(auction.emitted(&ILiquidationAuction::AuctionEnded {
        account: scene.account,
    }));
}

#[motsu::test]
fn end_without_legs_asks_no_oracle(
    auction: Contract<LiquidationAuction>,
    kernel: Contract<Kernel>,
    alice: Address,
    bob: Address,
) {
    let scene = Scene::new(&auction, &kernel, alice, bob);
    scene.hold(UNHEALTHY);
    scene.start().unwrap();
    scene.hold(Portfolio {
        legs: 0,
        debt: 2_000 * QUOTE,
        ..UNHEALTHY
    });
    kernel.sender(bob).set_blind();
    auction.sender(bob).end(scene.account).motsu_unwrap();
    assert_eq!(scene.auction_of(), (0, U256::ZERO));
}

#[motsu::test]
fn an_ended_auction_starts_afresh(
    auction: Contract<LiquidationAuction>,
    kernel: Contract<Kernel>,
    alice: Address,
    bob: Address,
) {
    let scene = Scene::new(&auction, &kernel, alice, bob);
    scene.hold(WORTHLESS);
    scene.start().unwrap();
    scene.started(50_000);
    scene.hold(Portfolio {
        requirement: 0,
        ..UNHEALTHY
    });
    auction.sender(bob).end(scene.account).motsu_unwrap();

    scene.hold(UNHEALTHY);
    scene.start().unwrap();
    assert_eq!(scene.auction_of(), (NOW, U256::ZERO));
    // No insolvency is left over: the price is the initial one, and the insurance pays nothing.
    let (_, payment, _, insurance_payment, _) = auction
        .sender(bob)
        .preview(scene.account, percent(1))
        .unwrap();
    assert_eq!(payment, units(4_750_000));
    assert_eq!(insurance_payment, U256::ZERO);
}
