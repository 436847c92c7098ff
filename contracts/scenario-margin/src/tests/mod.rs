//! Scenario margin as a program: its answers are the native crate's, its refusals have names, and both doors - our router and the generated one - lead to the same.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    clippy::items_after_statements,
    clippy::match_bool,
    clippy::type_complexity,
    reason = "tests panic on overflow"
)]

#[path = "../../../margin-model/tests/request/mod.rs"]
mod request;

use alloy_primitives::{Address, B256, I256, U256};
use alloy_sol_types::SolInterface;
use clearing_math::margin::{
    DERIBIT_STYLE, NOVATION_DEFAULT, PMRM, PMRM_2, RiskProfile, STANDARD_STYLE,
};
use interfaces::IMarginModel::{IMarginModelCalls, UnknownModel};
use interfaces::Revert;
use motsu::prelude::*;
use stylus_sdk::abi::{Bytes, CONSTRUCTOR_SELECTOR, Router};
use stylus_sdk::host::{VM, WasmVM};

use self::request::{Request, bytes, calldata, send};
use crate::{ScenarioMargin, enter};

/// Every preset of the family.
const FAMILY: &[RiskProfile] = &[DERIBIT_STYLE, NOVATION_DEFAULT, PMRM, PMRM_2];

#[test]
fn random_requests_are_answered_as_the_native_crate_does() {
    request::agrees_with_the_native_crate::<ScenarioMargin>(FAMILY);
}

#[test]
fn what_has_no_margin_is_refused_by_its_name() {
    for profile in FAMILY {
        request::refusals_are_typed::<ScenarioMargin>(profile);
    }
}

#[test]
fn what_is_no_request_is_refused_and_never_panics() {
    request::malformed_requests_are_refused::<ScenarioMargin>(&NOVATION_DEFAULT, &STANDARD_STYLE);
}

#[motsu::test]
fn both_doors_lead_to_the_same(program: Contract<ScenarioMargin>, alice: Address) {
    for seed in 0..20 {
        let words = Request::random(seed).words();
        for (changes, profile) in [
            (false, &FAMILY[0]),
            (true, &FAMILY[0]),
            (false, &STANDARD_STYLE),
        ] {
            let calldata = calldata(changes, &bytes(profile), &words);
            let (selector, input) = calldata.split_first_chunk().unwrap();
            let selector = u32::from_be_bytes(*selector);
            let generated = ScenarioMargin::route(&mut *program.sender(alice), selector, input);
            let ours = send::<ScenarioMargin>(&calldata).map_err(Into::into);
            assert_eq!(generated, Some(ours), "seed {seed}");
        }
    }
    let known =
        |selector| ScenarioMargin::route(&mut *program.sender(alice), selector, &[]).is_some();
    for selector in IMarginModelCalls::selectors() {
        assert!(known(u32::from_be_bytes(selector)));
    }
    assert!(!known(0x0102_0304));
}

#[motsu::test]
fn the_methods_answer_in_the_types_of_the_interface(
    program: Contract<ScenarioMargin>,
    alice: Address,
) {
    let request = Request::plain();
    let profile = || Bytes(bytes(&NOVATION_DEFAULT));
    let expected = request.requirement(&NOVATION_DEFAULT);
    let signed = |x: i128| I256::try_from(x).unwrap();
    let answer = program
        .sender(alice)
        .requirement(profile(), request.words());
    let there = (
        signed(expected.initial),
        signed(expected.maintenance),
        signed(expected.mark),
        expected.worst_scenario,
    );
    assert_eq!(answer, Ok(there));
    let answer = program.sender(alice).changes(profile(), request.words());
    let there: Vec<I256> = request
        .changes(&NOVATION_DEFAULT)
        .into_iter()
        .map(signed)
        .collect();
    assert_eq!(answer, Ok(there));
    let stranger = Bytes(bytes(&STANDARD_STYLE));
    let answer = program.sender(alice).requirement(stranger, request.words());
    assert_eq!(answer, Err(Revert::from(UnknownModel {})));
}

#[motsu::test]
fn the_entry_point_takes_calls_and_nothing_else(program: Contract<ScenarioMargin>, alice: Address) {
    // motsu has a contract to call once there is a sender.
    let _ = program.sender(alice).changes(Bytes(vec![]), vec![]);
    let call = |input: &[u8]| {
        enter(
            input.to_vec(),
            VM {
                host: Box::new(WasmVM {}),
            },
        )
    };
    let words = Request::plain().words();
    let calldata = calldata(false, &bytes(&NOVATION_DEFAULT), &words);
    assert_eq!(
        call(&calldata),
        send::<ScenarioMargin>(&calldata).map_err(Into::into)
    );
    for none in [&[][..], &[1, 2, 3], &[1, 2, 3, 4]] {
        assert_eq!(call(none), Err(Vec::new()));
    }
    assert_eq!(call(&CONSTRUCTOR_SELECTOR.to_be_bytes()), Ok(Vec::new()));
    assert_eq!(B256::from(U256::ZERO), B256::ZERO);
}
