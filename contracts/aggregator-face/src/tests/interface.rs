//! The router against the interface: every method is reached, and what it reads and writes is what the generated encoders write and read.

use alloc::string::ToString;
use alloc::vec::Vec;

use alloy_primitives::aliases::U80;
use alloy_primitives::{B256, U256};
use alloy_sol_types::{SolCall, SolInterface, SolValue};
use interfaces::IAggregatorFace as abi;
use motsu::prelude::*;
use stylus_sdk::abi::Router;

use super::adapter::{Adapter, Script};
use super::scene::{DOLLAR, ETHER, FEED, MAX_AGE, NOW, RELAYER, WAD, open};
use crate::AggregatorFace;

/// Calls through our router, whose answer must be that of the generated one.
fn ask(face: &Contract<AggregatorFace>, calldata: &[u8]) -> Result<Vec<u8>, Vec<u8>> {
    let (selector, input) = calldata.split_first_chunk().unwrap();
    let selector = u32::from_be_bytes(*selector);
    let ours = face.sender(RELAYER).serve(calldata);
    let generated = AggregatorFace::route(&mut *face.sender(RELAYER), selector, input);
    assert_eq!(Some(&ours), generated.as_ref());
    ours
}

fn read<C: SolCall>(face: &Contract<AggregatorFace>, call: &C) -> C::Return {
    C::abi_decode_returns(&ask(face, &call.abi_encode()).unwrap(), true).unwrap()
}

#[motsu::test]
fn every_selector_is_known(face: Contract<AggregatorFace>, adapter: Contract<Adapter>) {
    open(&face, &adapter);
    for selector in abi::IAggregatorFaceCalls::selectors() {
        let found = face.sender(RELAYER).dispatch(selector, &[]);
        assert_ne!(found, Ok(None), "{selector:02x?}");
    }
    let unknown = face.sender(RELAYER).dispatch([1, 2, 3, 4], &[]);
    assert_eq!(unknown, Ok(None));
    for calldata in [&[][..], &[1, 2, 3], &[1, 2, 3, 4]] {
        assert_eq!(face.sender(RELAYER).serve(calldata), Err(Vec::new()));
    }
}

#[motsu::test]
fn every_method_speaks_the_interface(face: Contract<AggregatorFace>, adapter: Contract<Adapter>) {
    let description = "ETH / USD of Novation";
    let eighteen = U256::from(18);
    let arguments = (
        adapter.address(),
        FEED,
        U256::from(8),
        ETHER,
        eighteen,
        DOLLAR,
        U256::from(6),
        MAX_AGE,
        description.to_string(),
    );
    let built = face
        .sender(RELAYER)
        .construct(&arguments.abi_encode_params());
    assert_eq!(built, Ok(()));
    adapter.say(2_000 * WAD, NOW - 9, 0);

    assert_eq!(read(&face, &abi::pokeCall {}).roundId, U80::from(1));
    assert_eq!(read(&face, &abi::decimalsCall {})._0, 8);
    assert_eq!(read(&face, &abi::descriptionCall {})._0, description);
    assert_eq!(read(&face, &abi::versionCall {})._0, U256::from(1));
    let latest = read(&face, &abi::latestRoundDataCall {});
    let first = read(
        &face,
        &abi::getRoundDataCall {
            roundId: U80::from(1),
        },
    );
    assert_eq!((latest.id, latest.answer), (first.id, first.answer));
    assert_eq!(
        (latest.startedAt, latest.updatedAt, latest.answeredInRound),
        (U256::from(NOW - 9), U256::from(NOW - 9), U80::from(1))
    );
    let one = U256::from(1);
    let answer = read(&face, &abi::getAnswerCall { roundId: one })._0;
    assert_eq!(answer, latest.answer);
    assert_eq!(read(&face, &abi::latestAnswerCall {})._0, answer);
    let at = read(&face, &abi::getTimestampCall { roundId: one })._0;
    assert_eq!(at, latest.updatedAt);
    assert_eq!(read(&face, &abi::latestTimestampCall {})._0, at);
    assert_eq!(read(&face, &abi::latestRoundCall {})._0, one);
    let quote = abi::getQuoteCall {
        inAmount: U256::from(WAD),
        base: ETHER,
        quote: DOLLAR,
    };
    assert_eq!(read(&face, &quote).outAmount, U256::from(2_000_000_000_u64));
    let adapters = read(&face, &abi::oracleAdapterCall {})._0;
    assert_eq!(adapters, adapter.address());
    assert_eq!(read(&face, &abi::feedCall {})._0, B256::from(FEED));
    assert_eq!(read(&face, &abi::maxAgeCall {})._0, MAX_AGE);
    let pair = read(&face, &abi::pairCall {});
    assert_eq!(
        (pair.base, pair.baseDecimals, pair.quote, pair.quoteDecimals),
        (ETHER, 18, DOLLAR, 6)
    );
}

#[motsu::test]
fn truncated_and_dirty_calldata_revert(face: Contract<AggregatorFace>, adapter: Contract<Adapter>) {
    open(&face, &adapter);
    adapter.say(2_000 * WAD, NOW, 0);
    let mut quote = abi::getQuoteCall {
        inAmount: U256::from(WAD),
        base: ETHER,
        quote: DOLLAR,
    }
    .abi_encode();
    assert!(ask(&face, &quote).is_ok());
    assert_eq!(face.sender(RELAYER).serve(&quote[..99]), Err(Vec::new()));
    quote[36] = 1;
    assert_eq!(face.sender(RELAYER).serve(&quote), Err(Vec::new()));
}
