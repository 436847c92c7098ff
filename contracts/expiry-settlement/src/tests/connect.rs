//! `connect`.

use interfaces::{IClearingHouse, IExpirySettlement};

use super::*;

#[motsu::test]
fn connect_reverts_for_all_but_the_deployer_and_the_second_time(
    settlement: Contract<ExpirySettlement>,
    kernel: Contract<Kernel>,
    alice: Address,
    bob: Address,
) {
    let own = kernel.address();
    kernel.sender(alice).set_parties(own, settlement.address());
    settlement
        .sender(alice)
        .constructor(alice, own, own, own)
        .unwrap();
    let error = settlement.sender(bob).connect(own).motsu_unwrap_err();
    assert_eq!(
        error,
        revert(IExpirySettlement::NotDeployer { caller: bob })
    );
    assert_eq!(
        settlement.sender(bob).clearing_house().unwrap(),
        Address::ZERO
    );

    settlement.sender(alice).connect(own).motsu_unwrap();
    assert_eq!(settlement.sender(bob).clearing_house().unwrap(), own);
    assert!(settlement.emitted(&IExpirySettlement::Connected { clearingHouse: own }));

    let error = settlement.sender(alice).connect(bob).motsu_unwrap_err();
    assert_eq!(
        error,
        revert(IExpirySettlement::AlreadyConnected { clearingHouse: own })
    );
}

#[motsu::test]
fn connect_reverts_when_the_clearing_house_has_another_settlement_or_vault(
    settlement: Contract<ExpirySettlement>,
    kernel: Contract<Kernel>,
    alice: Address,
    bob: Address,
) {
    let own = kernel.address();
    let refused = revert(IClearingHouse::NotModule {
        caller: settlement.address(),
    });
    settlement
        .sender(alice)
        .constructor(alice, own, own, own)
        .unwrap();
    kernel.sender(alice).set_parties(own, bob);
    let error = settlement.sender(alice).connect(own).motsu_unwrap_err();
    assert_eq!(error, refused);

    kernel.sender(alice).set_parties(bob, settlement.address());
    let error = settlement.sender(alice).connect(own).motsu_unwrap_err();
    assert_eq!(error, refused);
}
