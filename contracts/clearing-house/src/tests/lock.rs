//! The lock: whatever calls back during an outside call is refused, and the lock is open again afterwards.

use super::stand_ins::re_entries;
use super::*;

#[motsu::test]
fn every_entry_and_every_dependent_view_is_locked_during_an_outside_call(
    alice: Address,
    bob: Address,
) {
    let world = World::new();
    let account = world.fund(alice, 100);
    let house = world.house.address();
    world.vault.sender(GUARDIAN).call_back(house);
    world
        .house
        .sender(alice)
        .withdraw(account, CASH, U256::from(1), bob)
        .motsu_unwrap();
    let refused = world.vault.sender(GUARDIAN).refused.get();
    assert_eq!(refused, U256::from(re_entries(account).len()));
    // Open again.
    world.house.sender(alice).health(account).motsu_unwrap();
    world
        .house
        .sender(alice)
        .withdraw(account, CASH, U256::from(1), bob)
        .motsu_unwrap();
}
