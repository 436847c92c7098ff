//! Rounds are those the adapter stored, and no others.

use alloy_primitives::aliases::U80;
use alloy_primitives::{I256, U256};
use interfaces::IAggregatorFace::{NoData, ParameterOutOfBounds};
use interfaces::IOracleAdapter::QuorumLost;
use motsu::prelude::*;

use super::adapter::{Adapter, Script};
use super::scene::{NOW, RELAYER, WAD, construct, error, open};
use crate::AggregatorFace;

#[motsu::test]
fn before_the_first_round_there_is_no_answer(
    face: Contract<AggregatorFace>,
    adapter: Contract<Adapter>,
) {
    open(&face, &adapter);
    let face = face.sender(RELAYER);
    let none = || error(NoData { roundId: U80::ZERO });
    assert_eq!(face.latest_round_data(), Err(none()));
    assert_eq!(face.latest_answer(), Err(none()));
    assert_eq!(face.latest_timestamp(), Err(none()));
    assert_eq!(face.latest_round(), Err(none()));
}

#[motsu::test]
fn every_stored_round_is_answered_in_both_dialects(
    face: Contract<AggregatorFace>,
    adapter: Contract<Adapter>,
) {
    open(&face, &adapter);
    adapter.say(2_000 * WAD, NOW - 20, 0);
    adapter.say(2_001 * WAD, NOW - 10, 1);
    let face = face.sender(RELAYER);
    for (id, dollars, at) in [(1, 2_000, NOW - 20), (2, 2_001, NOW - 10)] {
        let (id, at) = (U80::from(id), U256::from(at));
        let answer = I256::try_from(dollars * 100_000_000_i64).unwrap();
        assert_eq!(face.get_round_data(id), Ok((id, answer, at, at, id)));
        assert_eq!(face.get_answer(U256::from(id)), Ok(answer));
        assert_eq!(face.get_timestamp(U256::from(id)), Ok(at));
    }
    assert_eq!(face.latest_round_data(), face.get_round_data(U80::from(2)));
    assert_eq!(face.latest_answer(), face.get_answer(U256::from(2)));
    assert_eq!(face.latest_timestamp(), face.get_timestamp(U256::from(2)));
    assert_eq!(face.latest_round(), Ok(U256::from(2)));
}

#[motsu::test]
fn a_round_that_was_never_stored_is_no_data(
    face: Contract<AggregatorFace>,
    adapter: Contract<Adapter>,
) {
    open(&face, &adapter);
    adapter.say(WAD, NOW, 0);
    let face = face.sender(RELAYER);
    for id in [
        U80::ZERO,
        U80::from(2),
        U80::from(1_u128 << 64 | 1),
        U80::MAX,
    ] {
        let refused = face.get_round_data(id);
        assert_eq!(refused, Err(error(NoData { roundId: id })));
    }
    // What is no round id at all is told as the highest one.
    let highest = error(NoData { roundId: U80::MAX });
    assert_eq!(face.get_answer(U256::MAX), Err(highest));
}

#[motsu::test]
fn answers_are_rounded_down_to_the_decimals(
    face: Contract<AggregatorFace>,
    adapter: Contract<Adapter>,
) {
    open(&face, &adapter);
    adapter.say(19_999_999_999, NOW, 0);
    let one = I256::try_from(1).unwrap();
    assert_eq!(face.sender(RELAYER).latest_answer(), Ok(one));
    adapter.say(9_999_999_999, NOW, 0);
    assert_eq!(face.sender(RELAYER).latest_answer(), Ok(I256::ZERO));
}

#[motsu::test]
fn anyone_has_a_round_stored_and_the_adapters_refusal_comes_through(
    face: Contract<AggregatorFace>,
    adapter: Contract<Adapter>,
) {
    open(&face, &adapter);
    adapter.say(WAD, NOW, 0);
    assert_eq!(face.sender(RELAYER).poke(), Ok(U80::from(1)));
    adapter.lose_quorum();
    let lost = QuorumLost {
        valid: U256::from(1),
        needed: U256::from(3),
    };
    assert_eq!(face.sender(RELAYER).poke(), Err(error(lost)));
}

#[motsu::test]
fn decimals_are_at_most_eighteen(face: Contract<AggregatorFace>, adapter: Contract<Adapter>) {
    let bounds = || {
        error(ParameterOutOfBounds {
            given: U256::from(19),
            least: U256::ZERO,
            most: U256::from(18),
        })
    };
    for (answers, assets) in [(19, [18, 6]), (8, [19, 6]), (8, [18, 19])] {
        assert_eq!(construct(&face, &adapter, answers, assets), Err(bounds()));
    }
    assert_eq!(construct(&face, &adapter, 18, [18, 0]), Ok(()));
}
