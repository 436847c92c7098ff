//! How fast one publisher may move the volatility at the forward.

use alloy_primitives::{Address, B256, U256};
use interfaces::IVolatilitySurface as abi;
use motsu::prelude::*;
use smile_proof::SmileProof;

use super::host::{START, set_time};
use super::scene::{CEILING, MAX_AGE, MONTH, OTHER_FEED, error, flat, listed};
use crate::VolatilitySurface;

#[motsu::test]
fn the_volatility_at_the_forward_moves_no_faster_than_the_rules_allow(
    surface: Contract<VolatilitySurface>,
    proof: Contract<SmileProof>,
    alice: Address,
) {
    listed(&surface, &proof, alice, &[alice]);
    // 20 % a minute.
    surface
        .sender(alice)
        .list_surface(OTHER_FEED, vec![alice], 0, MAX_AGE, CEILING, 2_000)
        .motsu_unwrap();
    let send = |smile: B256| {
        surface
            .sender(alice)
            .publish_surface(OTHER_FEED, 0, vec![smile], vec![], 0, vec![].into())
            .motsu_res()
    };
    // The first is free.
    send(flat(50, MONTH)).unwrap();
    let jump = |given: u64, previous: u64, limit: u64| {
        let percent = 10_000_000_000_000_000;
        error(abi::VolatilityJump {
            expiry: MONTH,
            given: given * percent,
            previous: previous * percent,
            limitBps: U256::from(limit),
        })
    };
    assert_eq!(send(flat(51, MONTH)), Err(jump(51, 50, 10_000)));
    assert_eq!(send(flat(50, MONTH)), Ok(()));
    set_time(START + 30);
    assert_eq!(send(flat(56, MONTH)), Err(jump(56, 50, 11_000)));
    assert_eq!(send(flat(45, MONTH)), Err(jump(45, 50, 11_000)));
    send(flat(46, MONTH)).unwrap();
    // The longer ago, the further it may be.
    set_time(START + 30 + 600);
    assert_eq!(send(flat(139, MONTH)), Err(jump(139, 46, 30_000)));
    send(flat(137, MONTH)).unwrap();
}
