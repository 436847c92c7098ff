//! The router against the interface: every method is reached, and what it reads and writes is what the generated encoders write and read.

use alloy_primitives::{Address, I256, U256};
use alloy_sol_types::{SolCall, SolInterface};
use clearing_math::leg::OptionKind;
use interfaces::IMarginEngine as abi;
use motsu::prelude::*;
use stylus_sdk::abi::{CONSTRUCTOR_SELECTOR, Router};

use super::scene::{
    Adapter, Factory, MONTH, POOL, caller, encoded_market, leg, set_degraded, set_scene, words,
};
use crate::MarginEngine;

/// Calls through our router, whose answer must be that of the generated one.
fn serve(engine: &Contract<MarginEngine>, calldata: &[u8]) -> Result<Vec<u8>, Vec<u8>> {
    let (selector, input) = calldata.split_first_chunk().unwrap();
    let selector = u32::from_be_bytes(*selector);
    let ours = engine.sender(caller()).serve(calldata);
    let generated = MarginEngine::route(&mut *engine.sender(caller()), selector, input);
    assert_eq!(Some(&ours), generated.as_ref());
    ours
}

fn call<C: SolCall>(engine: &Contract<MarginEngine>, call: &C) -> C::Return {
    let answer = serve(engine, &call.abi_encode()).unwrap();
    C::abi_decode_returns(&answer, true).unwrap()
}

#[motsu::test]
fn every_selector_is_known(engine: Contract<MarginEngine>) {
    let ask = |selector| engine.sender(caller()).dispatch(selector, &[]);
    for selector in abi::IMarginEngineCalls::selectors() {
        assert_ne!(ask(selector), Ok(None), "{selector:02x?}");
    }
    assert_eq!(ask([1, 2, 3, 4]), Ok(None));
    for calldata in [&[][..], &[1, 2, 3], &[1, 2, 3, 4]] {
        assert_eq!(engine.sender(caller()).serve(calldata), Err(Vec::new()));
    }
}

#[motsu::test]
fn truncated_and_dirty_calldata_revert(
    engine: Contract<MarginEngine>,
    factory: Contract<Factory>,
    adapter: Contract<Adapter>,
) {
    set_scene(&engine, &factory, &adapter);
    let legs = words(&[leg(MONTH, 2_000, OptionKind::Put, -100)]);
    let margin = abi::marginCall {
        pool: POOL,
        legs,
        cash: I256::ZERO,
        base: U256::ZERO,
    };
    let good = margin.abi_encode();
    assert!(serve(&engine, &good).is_ok());
    assert_eq!(serve(&engine, &good[..good.len() - 1]), Err(Vec::new()));
    // A pool beyond its type; an offset and a length beyond the input.
    for byte in [4, 4 + 32, 4 + 4 * 32] {
        let mut dirty = good.clone();
        dirty[byte] = 1;
        assert_eq!(serve(&engine, &dirty), Err(Vec::new()), "byte {byte}");
    }
}

#[motsu::test]
fn every_method_speaks_the_interface(
    engine: Contract<MarginEngine>,
    factory: Contract<Factory>,
    adapter: Contract<Adapter>,
) {
    set_scene(&engine, &factory, &adapter);
    set_degraded(&adapter, true);
    let (legs, cash) = (
        words(&[leg(MONTH, 2_000, OptionKind::Put, -100)]),
        I256::MINUS_ONE,
    );
    let direct = engine
        .sender(caller())
        .margin(POOL, legs.clone(), cash, U256::from(5))
        .motsu_unwrap();
    let routed = call(
        &engine,
        &abi::marginCall {
            pool: POOL,
            legs,
            cash,
            base: U256::from(5),
        },
    );
    assert_eq!(
        (
            routed.initial,
            routed.maintenance,
            routed.mark,
            routed.worstScenario,
            routed.degraded
        ),
        direct
    );
    assert!(direct.0 < I256::ZERO && direct.4);

    let (legs, base) = (
        words(&[leg(MONTH, 2_000, OptionKind::Put, -100)]),
        U256::ZERO,
    );
    let given = encoded_market(&adapter, &[MONTH]);
    let at = abi::marginAtCall {
        pool: POOL,
        legs: legs.clone(),
        cash,
        base,
        marketData: given.into(),
    };
    assert!(call(&engine, &at).initial < I256::ZERO);
    let pnl = abi::scenarioPnlCall {
        pool: POOL,
        legs,
        base,
    };
    assert!(call(&engine, &pnl).changes.len() > 30);

    assert_eq!(
        call(&engine, &abi::seriesFactoryCall {})._0,
        factory.address()
    );
    assert_eq!(
        call(&engine, &abi::oracleAdapterCall {})._0,
        adapter.address()
    );
}

#[motsu::test]
fn the_constructor_runs_once(engine: Contract<MarginEngine>) {
    let (factory, adapter) = (Address::repeat_byte(1), Address::repeat_byte(2));
    let construct = |first: Address, second: Address| {
        let selector = CONSTRUCTOR_SELECTOR.to_be_bytes();
        let args = [first, second, factory, factory]
            .map(|address| address.into_word())
            .concat();
        engine
            .sender(caller())
            .serve(&[&selector[..], &args].concat())
    };
    assert!(construct(factory, adapter).is_ok());
    assert!(construct(adapter, factory).is_err());
    assert_eq!(engine.sender(caller()).series_factory(), factory);
    assert_eq!(engine.sender(caller()).oracle_adapter(), adapter);
}
