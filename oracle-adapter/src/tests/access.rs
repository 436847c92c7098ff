//! The owner, and its transfer in two steps.

use alloy_primitives::Address;
use motsu::prelude::*;

use super::scene::error;
use crate::OracleAdapter;
use crate::ownership::{
    OwnableInvalidOwner, OwnableUnauthorizedAccount, OwnershipTransferStarted, OwnershipTransferred,
};

#[motsu::test]
fn there_is_an_owner_from_the_start(adapter: Contract<OracleAdapter>, alice: Address) {
    let refused = adapter
        .sender(alice)
        .constructor(Address::ZERO, Address::ZERO)
        .motsu_unwrap_err();
    assert_eq!(
        refused,
        error(OwnableInvalidOwner {
            owner: Address::ZERO
        })
    );
    adapter
        .sender(alice)
        .constructor(alice, Address::ZERO)
        .motsu_unwrap();
    assert_eq!(adapter.sender(alice).owner(), alice);
    let (previous, new) = (Address::ZERO, alice);
    assert!(adapter.emitted(&OwnershipTransferred {
        previousOwner: previous,
        newOwner: new
    }));
}

#[motsu::test]
fn ownership_moves_when_it_is_accepted(
    adapter: Contract<OracleAdapter>,
    alice: Address,
    bob: Address,
    carol: Address,
) {
    let denied = |account| error(OwnableUnauthorizedAccount { account });
    adapter
        .sender(alice)
        .constructor(alice, Address::ZERO)
        .motsu_unwrap();
    let refused = adapter
        .sender(bob)
        .transfer_ownership(bob)
        .motsu_unwrap_err();
    assert_eq!(refused, denied(bob));
    adapter.sender(alice).transfer_ownership(bob).motsu_unwrap();
    assert!(adapter.emitted(&OwnershipTransferStarted {
        previousOwner: alice,
        newOwner: bob
    }));
    assert_eq!(adapter.sender(bob).owner(), alice);
    assert_eq!(adapter.sender(bob).pending_owner(), bob);
    for account in [alice, carol] {
        let refused = adapter
            .sender(account)
            .accept_ownership()
            .motsu_unwrap_err();
        assert_eq!(refused, denied(account));
    }
    adapter.sender(bob).accept_ownership().motsu_unwrap();
    assert_eq!(adapter.sender(bob).owner(), bob);
    assert_eq!(adapter.sender(bob).pending_owner(), Address::ZERO);
    assert_eq!(
        adapter.sender(bob).accept_ownership().motsu_unwrap_err(),
        denied(bob)
    );
}

#[motsu::test]
fn a_renounced_ownership_is_gone(adapter: Contract<OracleAdapter>, alice: Address, bob: Address) {
    adapter
        .sender(alice)
        .constructor(alice, Address::ZERO)
        .motsu_unwrap();
    let refused = adapter.sender(bob).renounce_ownership().motsu_unwrap_err();
    assert_eq!(refused, error(OwnableUnauthorizedAccount { account: bob }));
    adapter.sender(alice).transfer_ownership(bob).motsu_unwrap();
    adapter.sender(alice).renounce_ownership().motsu_unwrap();
    assert_eq!(adapter.sender(alice).owner(), Address::ZERO);
    // The offer is gone as well.
    assert!(adapter.sender(bob).accept_ownership().motsu_res().is_err());
    assert!(
        adapter
            .sender(alice)
            .transfer_ownership(alice)
            .motsu_res()
            .is_err()
    );
}
