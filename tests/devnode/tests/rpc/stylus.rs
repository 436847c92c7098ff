//! Stylus programs on the chain: activation, storage, and calls in both directions.

use alloy::{
    network::TransactionBuilder,
    primitives::{Address, B256, Bytes, U256},
    providers::Provider,
    sol_types::{SolCall, SolError, SolEvent},
};
use serde_json::json;

use crate::support::{
    ArbWasm, Caller, Chain, Counter, RELAY, caller, counter, ether, program_code, refusal, request,
};

pub const KEY: B256 = B256::repeat_byte(0x11);
pub const VALUE: B256 = B256::repeat_byte(0x22);

/// Operation byte and arguments of `relay.wat`.
pub fn op(number: u8, parts: &[&[u8]]) -> Vec<u8> {
    [&[number], parts.concat().as_slice()].concat()
}

fn relay(to: Address, data: &[u8]) -> Vec<u8> {
    op(0, &[to.as_slice(), data])
}

pub async fn stored(chain: &Chain, at: Address) -> B256 {
    chain.slot(at, KEY.into()).await.into()
}

#[tokio::test]
async fn a_program_runs_only_once_activated() {
    let chain = Chain::start().await;
    let at = chain.deploy_program(RELAY).await;
    let load = op(4, &[KEY.as_slice()]);
    let (code, _, data) = refusal(chain.call_raw(at, load.clone()).await);
    assert_eq!(code, 3);
    assert_eq!(
        data,
        Some(ArbWasm::ProgramNotActivated {}.abi_encode().into())
    );
    chain.activate(at).await;
    assert_eq!(
        chain.call_raw(at, load).await.expect("returns"),
        Bytes::from(B256::ZERO)
    );
    let code = chain.provider.get_code_at(at).await.expect("answered");
    assert_eq!(
        code,
        Bytes::from(program_code(RELAY)),
        "the code stays visible as bytes"
    );
}

#[tokio::test]
async fn writes_count_only_when_flushed_and_not_reverted() {
    let chain = Chain::start().await;
    let at = chain.program(RELAY).await;
    chain
        .sent(request(at, op(3, &[KEY.as_slice(), VALUE.as_slice()])))
        .await;
    assert_eq!(
        stored(&chain, at).await,
        B256::ZERO,
        "cached, not flushed: lost"
    );
    chain
        .sent(request(at, op(2, &[KEY.as_slice(), VALUE.as_slice()])))
        .await;
    assert_eq!(stored(&chain, at).await, VALUE);
    assert_eq!(
        chain
            .call_raw(at, op(4, &[KEY.as_slice()]))
            .await
            .expect("returns"),
        Bytes::from(VALUE)
    );

    let revert = op(5, &[KEY.as_slice(), B256::repeat_byte(0x33).as_slice()]);
    let (code, _, data) = refusal(chain.call_raw(at, revert.clone()).await);
    assert_eq!(
        (code, data),
        (3, Some(Bytes::from(KEY))),
        "a program reverts with data"
    );
    let receipt = chain
        .send(request(at, revert).with_gas_limit(500_000))
        .await
        .expect("accepted");
    assert!(!receipt.status());
    assert_eq!(
        stored(&chain, at).await,
        VALUE,
        "flushed, then reverted: taken back"
    );
}

#[tokio::test]
async fn solidity_calls_stylus_calls_solidity() {
    let chain = Chain::start().await;
    let (program, outer) = (chain.program(RELAY).await, chain.deploy(caller()).await);
    let inner = chain.deploy(caller()).await;
    let note = Caller::noteCall {
        value: U256::from(41),
    }
    .abi_encode();
    let forward = Caller::forwardCall {
        target: program,
        data: relay(inner, &note).into(),
    };
    let answer = chain.call(outer, forward.clone()).await.expect("returns");
    assert_eq!(
        U256::from_be_slice(&answer),
        U256::from(42),
        "the answer came through a program"
    );

    let receipt = chain.transact(outer, forward).await;
    let event = Caller::Noted::decode_log(&receipt.logs()[0].inner).expect("decodes");
    assert_eq!(event.by, program, "the program is the sender");
    assert_eq!(
        chain
            .call(inner, Caller::callsCall {})
            .await
            .expect("returns"),
        U256::ONE
    );
}

#[tokio::test]
async fn reverts_bubble_both_ways_and_take_state_back() {
    let chain = Chain::start().await;
    let (program, outer) = (chain.program(RELAY).await, chain.deploy(caller()).await);
    let inner = chain.deploy(caller()).await;
    let refuse = Caller::noteThenRevertCall {}.abi_encode();

    // Solidity → Stylus (writes, flushes) → Solidity (writes, reverts): the typed error arrives at the top, nothing is kept.
    let write_and_call = op(
        14,
        &[KEY.as_slice(), VALUE.as_slice(), inner.as_slice(), &refuse],
    );
    let forward = Caller::forwardCall {
        target: program,
        data: write_and_call.clone().into(),
    };
    let (code, _, data) = refusal(chain.call(outer, forward.clone()).await);
    assert_eq!(code, 3);
    assert_eq!(
        data,
        Some(Caller::Refused { calls: U256::ONE }.abi_encode().into())
    );
    let tx = request(outer, forward.abi_encode()).with_gas_limit(1_000_000);
    assert!(!chain.send(tx).await.expect("accepted").status());
    assert_eq!(stored(&chain, program).await, B256::ZERO);

    // The outer contract swallows the revert: still nothing of the inner calls is kept.
    let attempt = Caller::attemptCall {
        target: program,
        data: write_and_call.into(),
    };
    chain.transact(outer, attempt).await;
    assert_eq!(stored(&chain, program).await, B256::ZERO);
    assert_eq!(
        chain
            .call(inner, Caller::callsCall {})
            .await
            .expect("returns"),
        U256::ZERO
    );

    // The program swallows the revert of its callee: what the program did is kept, what the callee did is not.
    chain
        .sent(request(program, op(1, &[inner.as_slice(), &refuse])))
        .await;
    assert_eq!(
        chain
            .call(inner, Caller::callsCall {})
            .await
            .expect("returns"),
        U256::ZERO
    );

    // Solidity reverts after the program succeeded.
    let write = op(2, &[KEY.as_slice(), VALUE.as_slice()]);
    let call = Caller::forwardThenRevertCall {
        target: program,
        data: write.into(),
    };
    let tx = request(outer, call.abi_encode()).with_gas_limit(1_000_000);
    assert!(!chain.send(tx).await.expect("accepted").status());
    assert_eq!(stored(&chain, program).await, B256::ZERO);
}

#[tokio::test]
async fn a_static_frame_holds_through_programs() {
    let chain = Chain::start().await;
    let (program, outer) = (chain.program(RELAY).await, chain.deploy(caller()).await);
    let attempt = async |data: Vec<u8>| {
        let call = Caller::attemptStaticCall {
            target: program,
            data: data.into(),
        };
        chain.call(outer, call).await.expect("returns")
    };
    assert!(
        attempt(op(4, &[KEY.as_slice()])).await.ok,
        "reading is allowed"
    );
    let write = attempt(op(2, &[KEY.as_slice(), VALUE.as_slice()])).await;
    assert!(
        !write.ok && write.answer.is_empty(),
        "a write fails without data"
    );
    assert!(!attempt(op(11, &[KEY.as_slice()])).await.ok, "no logs");
    assert!(
        !attempt(op(10, &counter_parts(&counter()))).await.ok,
        "no creation"
    );
    let note = Caller::noteCall { value: U256::ONE }.abi_encode();
    assert!(
        !attempt(relay(outer, &note)).await.ok,
        "no writes one call further down"
    );
}

fn counter_parts(init: &[u8]) -> [&[u8]; 1] {
    [init]
}

#[tokio::test]
async fn a_delegate_call_writes_to_the_caller() {
    let chain = Chain::start().await;
    let (program, outer) = (chain.program(RELAY).await, chain.deploy(caller()).await);
    let write = op(2, &[KEY.as_slice(), VALUE.as_slice()]);
    chain
        .transact(
            outer,
            Caller::attemptDelegateCall {
                target: program,
                data: write.into(),
            },
        )
        .await;
    assert_eq!(stored(&chain, outer).await, VALUE);
    assert_eq!(stored(&chain, program).await, B256::ZERO);
}

#[tokio::test]
async fn value_moves_through_programs() {
    let chain = Chain::start().await;
    let (program, outer) = (chain.program(RELAY).await, chain.deploy(caller()).await);
    let bob = Address::repeat_byte(0xB0);
    let send = |amount: U256| op(8, &[bob.as_slice(), &amount.to_be_bytes::<32>()]);
    let forward = Caller::forwardCall {
        target: program,
        data: send(ether(1)).into(),
    };
    let tx = request(outer, forward.abi_encode()).with_value(ether(3));
    chain.sent(tx).await;
    assert_eq!(chain.balance(bob).await, ether(1));
    assert_eq!(chain.balance(program).await, ether(2));
    let too_much = request(program, send(ether(9))).with_gas_limit(500_000);
    assert!(!chain.send(too_much).await.expect("accepted").status());
    assert_eq!(chain.balance(program).await, ether(2));
}

#[tokio::test]
async fn a_program_creates_contracts_and_logs() {
    let chain = Chain::start().await;
    let program = chain.program(RELAY).await;
    let create = op(10, &[&counter()]);
    let at = chain
        .call_raw(program, create.clone())
        .await
        .expect("returns");
    let at = Address::from_slice(&at);
    assert_eq!(at, program.create(1));
    chain.sent(request(program, create)).await;
    chain.transact(at, Counter::incrementCall {}).await;

    let receipt = chain
        .sent(request(program, op(11, &[KEY.as_slice(), b"hello"])))
        .await;
    let log = &receipt.logs()[0];
    assert_eq!((log.address(), log.topics()), (program, [KEY].as_slice()));
    assert_eq!(log.data().data, Bytes::from_static(b"hello"));
}

#[tokio::test]
async fn a_program_knows_when_it_is_entered_again() {
    let chain = Chain::start().await;
    let (program, between) = (chain.program(RELAY).await, chain.deploy(caller()).await);
    let flag = async |data: Vec<u8>| chain.call_raw(program, data).await.expect("returns");
    assert_eq!(flag(op(9, &[])).await, Bytes::from_static(&[0; 4]));
    let again = relay(program, &op(9, &[]));
    assert_eq!(flag(again).await, Bytes::from_static(&[1, 0, 0, 0]));
    let through = Caller::forwardCall {
        target: program,
        data: op(9, &[]).into(),
    }
    .abi_encode();
    let answer = flag(relay(between, &through)).await;
    let inner = Caller::forwardCall::abi_decode_returns(&answer).expect("decodes");
    assert_eq!(
        inner,
        Bytes::from_static(&[1, 0, 0, 0]),
        "through Solidity too"
    );
}

#[tokio::test]
async fn calls_nest_as_deep_as_their_memory_allows() {
    let chain = Chain::start().await;
    let program = chain.program(RELAY).await;
    let deep = |levels: u16| op(6, &[&levels.to_le_bytes()]);
    // 40 frames of 2 pages cost about 280,000 gas of memory. 65 frames are more than the 128 pages a transaction may have open:
    // the innermost runs out of gas, and all its callers revert.
    chain.sent(request(program, deep(39))).await;
    for levels in [64, u16::MAX] {
        let (code, message, _) = refusal(chain.call_raw(program, deep(levels)).await);
        assert_eq!(
            (code, message.as_str()),
            (3, "execution reverted"),
            "{levels} levels"
        );
    }
    chain
        .request("eth_chainId", json!([]))
        .await
        .expect("still there");
}

#[tokio::test]
async fn a_loop_without_end_ends_with_the_gas() {
    let chain = Chain::start().await;
    let program = chain.program(RELAY).await;
    let (code, message, _) = refusal(chain.call_raw(program, op(7, &[])).await);
    assert_eq!((code, message.as_str()), (-32_000, "out of gas"));
    let tx = request(program, op(7, &[])).with_gas_limit(1_000_000);
    let receipt = chain.send(tx).await.expect("accepted");
    assert_eq!((receipt.status(), receipt.gas_used), (false, 1_000_000));
}

#[tokio::test]
async fn a_trap_reverts_without_data_and_keeps_gas() {
    let chain = Chain::start().await;
    let program = chain.program(RELAY).await;
    let (code, message, data) = refusal(chain.call_raw(program, op(12, &[])).await);
    assert_eq!((code, message.as_str()), (3, "execution reverted"));
    assert!(data.is_none_or(|data| data.is_empty()));
    let tx = request(program, op(12, &[])).with_gas_limit(1_000_000);
    let receipt = chain.send(tx).await.expect("accepted");
    assert!(
        !receipt.status() && receipt.gas_used < 100_000,
        "{}",
        receipt.gas_used
    );
}
