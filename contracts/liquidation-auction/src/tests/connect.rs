//! `connect`.

use interfaces::{IClearingHouse, ILiquidationAuction};

use super::*;

#[motsu::test]
fn connect_reverts_for_all_but_the_deployer(
    auction: Contract<LiquidationAuction>,
    kernel: Contract<Kernel>,
    alice: Address,
    bob: Address,
) {
    auction.sender(alice).constructor(alice).unwrap();
    kernel
        .sender(alice)
        .set_parties(kernel.address(), auction.address());
    let error = auction
        .sender(bob)
        .connect(kernel.address())
        .motsu_unwrap_err();
    assert_eq!(
        error,
        revert(ILiquidationAuction::NotDeployer { caller: bob })
    );
    assert_eq!(auction.sender(bob).clearing_house().unwrap(), Address::ZERO);
}

#[motsu::test]
fn connect_reverts_when_the_clearing_house_has_another_auction(
    auction: Contract<LiquidationAuction>,
    kernel: Contract<Kernel>,
    alice: Address,
    bob: Address,
) {
    auction.sender(alice).constructor(alice).unwrap();
    kernel.sender(alice).set_parties(kernel.address(), bob);
    let error = auction
        .sender(alice)
        .connect(kernel.address())
        .motsu_unwrap_err();
    assert_eq!(
        error,
        revert(IClearingHouse::NotModule {
            caller: auction.address()
        })
    );
}

#[motsu::test]
fn connect_reverts_the_second_time(
    auction: Contract<LiquidationAuction>,
    kernel: Contract<Kernel>,
    alice: Address,
    bob: Address,
) {
    let scene = Scene::new(&auction, &kernel, alice, bob);
    let error = scene.auction.sender(alice).connect(bob).motsu_unwrap_err();
    assert_eq!(
        error,
        revert(ILiquidationAuction::AlreadyConnected {
            clearingHouse: kernel.address()
        })
    );
}

#[motsu::test]
fn connect_fixes_the_clearing_house_and_logs_it(
    auction: Contract<LiquidationAuction>,
    kernel: Contract<Kernel>,
    alice: Address,
    bob: Address,
) {
    let scene = Scene::new(&auction, &kernel, alice, bob);
    assert_eq!(
        scene.auction.sender(bob).clearing_house().unwrap(),
        kernel.address()
    );
    assert!(auction.emitted(&ILiquidationAuction::Connected {
        clearingHouse: kernel.address(),
    }));
}
