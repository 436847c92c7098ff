//! The contract answers exactly the functions of `ICollateralVault.sol`.

use alloc::vec::Vec;

use interfaces::ICollateralVault::ICollateralVaultCalls;
use stylus_sdk::abi::Router;

use super::world::World;
use crate::CollateralVault;

#[motsu::test]
fn every_function_of_the_interface_is_answered() {
    let world = World::new();
    let mut vault = world.vault.sender(world.bob);
    let unanswered: Vec<_> = ICollateralVaultCalls::SELECTORS
        .iter()
        .filter(|selector| {
            let selector = u32::from_be_bytes(**selector);
            <CollateralVault as Router<CollateralVault>>::route(&mut vault, selector, &[]).is_none()
        })
        .collect();
    assert!(unanswered.is_empty(), "{unanswered:02x?}");
    assert!(<CollateralVault as Router<CollateralVault>>::route(&mut vault, 0, &[]).is_none());
}
