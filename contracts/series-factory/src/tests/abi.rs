//! The contract answers every function of `ISeriesFactory.sol`, and those of an owned contract.

use alloc::vec::Vec;

use interfaces::IOwnable2Step::IOwnable2StepCalls;
use interfaces::ISeriesFactory::ISeriesFactoryCalls;
use stylus_sdk::abi::Router;

use super::world::World;
use crate::SeriesFactory;

#[motsu::test]
fn every_function_of_the_interface_is_answered() {
    let world = World::new();
    let mut factory = world.factory.sender(world.alice);
    let unanswered: Vec<_> = ISeriesFactoryCalls::SELECTORS
        .iter()
        .chain(IOwnable2StepCalls::SELECTORS)
        .filter(|selector| {
            let selector = u32::from_be_bytes(**selector);
            <SeriesFactory as Router<SeriesFactory>>::route(&mut factory, selector, &[]).is_none()
        })
        .collect();
    assert!(unanswered.is_empty(), "{unanswered:02x?}");
    assert!(<SeriesFactory as Router<SeriesFactory>>::route(&mut factory, 0, &[]).is_none());
}
