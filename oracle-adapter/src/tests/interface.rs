//! The router against the interface: every method is reached, and what it reads and writes is what the generated encoders write and read.

use alloy_primitives::{Address, B256, U256};
use alloy_sol_types::{SolCall, SolInterface, SolValue};
use interfaces::IOracleAdapter as abi;
use motsu::prelude::*;
use stylus_sdk::abi::{CONSTRUCTOR_SELECTOR, Router};

use super::host::{START, set_time};
use super::samples::{EXPIRY, OPENS};
use super::scene::{FEED, fresh, fresh_at, wad};
use super::source::{Script, Source};
use super::surface::{Surface, smiles, term};
use crate::OracleAdapter;
use crate::ownership::IOwnable2Step as owned;

/// Reads through our router, whose answer must be that of the generated one.
fn ask(adapter: &Contract<OracleAdapter>, calldata: &[u8]) -> Result<Vec<u8>, Vec<u8>> {
    let (selector, input) = calldata.split_first_chunk().unwrap();
    let selector = u32::from_be_bytes(*selector);
    let ours = adapter.sender(Address::ZERO).serve(calldata);
    let generated = OracleAdapter::route(&mut *adapter.sender(Address::ZERO), selector, input);
    assert_eq!(Some(&ours), generated.as_ref());
    ours
}

fn read<C: SolCall>(adapter: &Contract<OracleAdapter>, call: &C) -> C::Return {
    C::abi_decode_returns(&ask(adapter, &call.abi_encode()).unwrap(), true).unwrap()
}

/// Calls through our router.
fn call<C: SolCall>(adapter: &Contract<OracleAdapter>, caller: Address, call: &C) -> C::Return {
    let answer = adapter.sender(caller).serve(&call.abi_encode()).unwrap();
    C::abi_decode_returns(&answer, true).unwrap()
}

#[motsu::test]
fn every_selector_is_known(adapter: Contract<OracleAdapter>, alice: Address) {
    let selectors =
        abi::IOracleAdapterCalls::selectors().chain(owned::IOwnable2StepCalls::selectors());
    for selector in selectors {
        let found = adapter.sender(alice).dispatch(selector, &[]);
        assert_ne!(found, Ok(None), "{selector:02x?}");
    }
    assert_eq!(adapter.sender(alice).dispatch([1, 2, 3, 4], &[]), Ok(None));
    for calldata in [&[][..], &[1, 2, 3], &[1, 2, 3, 4]] {
        assert_eq!(adapter.sender(alice).serve(calldata), Err(Vec::new()));
    }
}

#[motsu::test]
fn truncated_and_dirty_calldata_revert(
    adapter: Contract<OracleAdapter>,
    a: Contract<Source>,
    b: Contract<Source>,
    c: Contract<Source>,
    alice: Address,
) {
    super::scene::set_scene(&adapter, alice, [&a, &b, &c]);
    let spot = abi::spotCall { feed: FEED }.abi_encode();
    assert!(ask(&adapter, &spot).is_ok());
    assert_eq!(ask(&adapter, &spot[..35]), Err(Vec::new()));
    // Numbers beyond their types.
    let mut dirty = abi::roundCall { feed: FEED, id: 1 }.abi_encode();
    assert_ne!(ask(&adapter, &dirty), Err(Vec::new()));
    dirty[36] = 1;
    assert_eq!(ask(&adapter, &dirty), Err(Vec::new()));
}

#[motsu::test]
fn every_method_speaks_the_interface(
    adapter: Contract<OracleAdapter>,
    surface: Contract<Surface>,
    a: Contract<Source>,
    b: Contract<Source>,
    c: Contract<Source>,
    alice: Address,
    bob: Address,
) {
    for (source, price) in [(&a, 100), (&b, 101), (&c, 102)] {
        fresh(source, price);
    }
    let built = adapter.sender(bob).constructor(alice, surface.address());
    assert!(built.is_ok());

    let source = |at: Address, age| abi::Source {
        account: at,
        kind: 0,
        maxAge: age,
        origin: at.into_word(),
        id: B256::ZERO,
    };
    let listing = abi::listFeedCall {
        feed: FEED,
        sources: vec![
            source(a.at(), 600),
            source(b.at(), 700),
            source(c.at(), 86_400),
        ],
        rules: abi::FeedRules {
            minPrice: wad(1),
            maxPrice: wad(1_000_000),
            quorum: 3,
            warnBps: 100,
            haltBps: 250,
            jumpBps: 1_000,
            jumpDelay: 60,
            confidenceBps: 30,
            twapBps: 300,
        },
    };
    call(&adapter, alice, &listing);
    let spot = read(&adapter, &abi::spotCall { feed: FEED });
    assert_eq!(
        (spot.mid, spot.low, spot.high),
        (wad(101), wad(100), wad(102))
    );
    assert_eq!((spot.updatedAt, spot.valid, spot.sources), (START, 3, 3));
    let median = read(&adapter, &abi::medianCall { feed: FEED });
    assert_eq!((median.mid, median.updatedAt), (wad(101), START));
    assert_eq!(call(&adapter, bob, &abi::evaluateCall { feed: FEED }).id, 1);
    let round = read(&adapter, &abi::roundCall { feed: FEED, id: 1 });
    assert_eq!(
        (round.mid, round.low, round.high),
        (wad(101), wad(100), wad(102))
    );
    assert_eq!(
        (round.updatedAt, round.evaluatedAt, round.doubts),
        (START, START, 0)
    );
    let latest = read(&adapter, &abi::latestRoundCall { feed: FEED });
    assert_eq!(
        (latest.id, latest.mid, latest.low, latest.high),
        (1, round.mid, round.low, round.high)
    );
    assert_eq!(
        (latest.updatedAt, latest.evaluatedAt, latest.doubts),
        (START, START, 0)
    );
    let expiries = vec![EXPIRY, EXPIRY + 1];
    let question = abi::marketDataCall {
        feed: FEED,
        expiries: expiries.clone(),
    };
    let data = read(&adapter, &question)._0;
    assert_eq!(
        (data.mid, data.low, data.high),
        (wad(101), wad(100), wad(102))
    );
    assert_eq!((data.stable, data.doubts), (10_u64.pow(18), 0));
    assert_eq!(data.terms[1].abi_encode(), term(EXPIRY + 1).abi_encode());
    assert_eq!(data.smiles, [smiles(EXPIRY), smiles(EXPIRY + 1)].concat());
    let found = read(&adapter, &abi::volatilitySurfaceCall {});
    assert_eq!(found._0, surface.address());
    let status = read(
        &adapter,
        &abi::sourceStatusCall {
            feed: FEED,
            index: 2,
        },
    );
    assert_eq!((status.source, status.status), (c.at(), 0));
    assert_eq!((status.price, status.updatedAt), (wad(102), START));
    for slot in 0..30 {
        let time = OPENS + 60 * slot;
        set_time(time);
        for source in [&a, &b, &c] {
            fresh_at(source, 200, time);
        }
        let recording = abi::recordSampleCall {
            feed: FEED,
            expiry: EXPIRY,
        };
        assert_eq!(call(&adapter, bob, &recording).price, wad(200));
    }
    let count = read(
        &adapter,
        &abi::sampleCountCall {
            feed: FEED,
            expiry: EXPIRY,
        },
    );
    assert_eq!(count._0, U256::from(30));
    let index = U256::from(29);
    let sample = read(
        &adapter,
        &abi::sampleAtCall {
            feed: FEED,
            expiry: EXPIRY,
            index,
        },
    );
    assert_eq!((sample.at, sample.price), (OPENS + 60 * 29, wad(200)));
    set_time(u64::from(EXPIRY));
    let fixing = abi::fixSettlementPriceCall {
        feed: FEED,
        expiry: EXPIRY,
    };
    assert_eq!(call(&adapter, bob, &fixing).price, wad(200));
    let settled = read(
        &adapter,
        &abi::settlementPriceCall {
            feed: FEED,
            expiry: EXPIRY,
        },
    );
    assert_eq!(settled.price, wad(200));

    call(
        &adapter,
        alice,
        &owned::transferOwnershipCall { newOwner: bob },
    );
    assert_eq!(read(&adapter, &owned::pendingOwnerCall {})._0, bob);
    call(&adapter, bob, &owned::acceptOwnershipCall {});
    assert_eq!(read(&adapter, &owned::ownerCall {})._0, bob);
    call(&adapter, bob, &owned::renounceOwnershipCall {});
    assert_eq!(read(&adapter, &owned::ownerCall {})._0, Address::ZERO);
}

#[motsu::test]
fn the_constructor_runs_once(adapter: Contract<OracleAdapter>, alice: Address) {
    let construct = |owner: Address| {
        let selector = CONSTRUCTOR_SELECTOR.to_be_bytes();
        let args = [owner.into_word(), alice.into_word()].concat();
        adapter
            .sender(alice)
            .serve(&[&selector[..], &args].concat())
    };
    assert!(construct(alice).is_ok());
    assert!(construct(Address::repeat_byte(1)).is_err());
    assert_eq!(adapter.sender(alice).owner(), alice);
}
