//! Traces: geth's tracers over frames of both kinds of code, and the record of host calls.

use alloy::{
    network::TransactionBuilder,
    primitives::{Address, B256, Bytes, U256, hex},
    providers::ext::DebugApi,
    rpc::types::trace::geth::{
        CallConfig, CallFrame, GethDebugTracingOptions, GethTrace, PreStateConfig, PreStateFrame,
    },
    sol_types::{SolCall, SolError},
};
use serde_json::{Value, json};

use crate::{
    stylus::op,
    support::{Caller, Chain, Counter, RELAY, caller, counter, ether, quantity, refusal, request},
};

const KEY: B256 = B256::repeat_byte(0x11);
const VALUE: B256 = B256::repeat_byte(0x22);

async fn frames(chain: &Chain, hash: B256) -> CallFrame {
    let options = GethDebugTracingOptions::call_tracer(CallConfig::default().with_log());
    let trace = chain.provider.debug_trace_transaction(hash, options).await;
    match trace.expect("traced") {
        GethTrace::CallTracer(frame) => frame,
        other => panic!("{other:?} is no call trace"),
    }
}

/// Solidity → Stylus → Solidity, the innermost logging.
async fn nested(chain: &Chain) -> (Address, Address, Address, Vec<u8>) {
    let (program, outer) = (chain.program(RELAY).await, chain.deploy(caller()).await);
    let inner = chain.deploy(caller()).await;
    let note = Caller::noteCall {
        value: U256::from(7),
    }
    .abi_encode();
    let through = op(0, &[inner.as_slice(), &note]);
    let data = Caller::forwardCall {
        target: program,
        data: through.into(),
    };
    (outer, program, inner, data.abi_encode())
}

#[tokio::test]
async fn call_frames_of_evm_and_stylus_code_stand_in_one_tree() {
    let chain = Chain::start().await;
    let (outer, program, inner, data) = nested(&chain).await;
    let receipt = chain.sent(request(outer, data.clone())).await;
    let top = frames(&chain, receipt.transaction_hash).await;

    assert_eq!(
        (top.typ.as_str(), top.from, top.to),
        ("CALL", chain.dev.address(), Some(outer))
    );
    assert_eq!(top.gas_used, U256::from(receipt.gas_used));
    assert_eq!(top.input, Bytes::from(data));
    let program_frame = &top.calls[0];
    assert_eq!(
        (program_frame.from, program_frame.to),
        (outer, Some(program))
    );
    assert_eq!(program_frame.input[0], 0);
    let innermost = &program_frame.calls[0];
    assert_eq!((innermost.from, innermost.to), (program, Some(inner)));
    assert_eq!(
        innermost.output,
        Some(U256::from(8).to_be_bytes::<32>().into())
    );
    assert_eq!(
        program_frame.output, innermost.output,
        "the program passes it on"
    );
    assert!(innermost.gas_used < program_frame.gas_used && program_frame.gas_used < top.gas_used);
    assert!(innermost.gas <= program_frame.gas * U256::from(63) / U256::from(64));
    assert_eq!(innermost.logs.len(), 1);
    assert_eq!(innermost.logs[0].address, Some(inner));
    assert!(top.logs.is_empty() && program_frame.logs.is_empty());
}

#[tokio::test]
async fn reverts_creations_values_and_precompiles_are_in_the_frames() {
    let chain = Chain::start().await;
    let (program, inner) = (chain.program(RELAY).await, chain.deploy(caller()).await);
    let refuse = Caller::noteThenRevertCall {}.abi_encode();
    let tx = request(program, op(0, &[inner.as_slice(), &refuse])).with_gas_limit(1_000_000);
    let receipt = chain.send(tx).await.expect("accepted");
    let top = frames(&chain, receipt.transaction_hash).await;
    assert_eq!(top.error.as_deref(), Some("execution reverted"));
    let refused: Bytes = Caller::Refused { calls: U256::ONE }.abi_encode().into();
    assert_eq!(top.calls[0].output, Some(refused));

    let reason = chain.deploy(counter()).await;
    let tx = request(
        program,
        op(
            0,
            &[reason.as_slice(), &Counter::refuseCall {}.abi_encode()],
        ),
    );
    let receipt = chain
        .send(tx.with_gas_limit(1_000_000))
        .await
        .expect("accepted");
    let top = frames(&chain, receipt.transaction_hash).await;
    assert_eq!(top.calls[0].revert_reason.as_deref(), Some("not today"));

    // The program logs by a host call, and creates.
    let receipt = chain
        .sent(request(program, op(11, &[KEY.as_slice(), b"hello"])))
        .await;
    let top = frames(&chain, receipt.transaction_hash).await;
    assert_eq!(top.logs.len(), 1);
    assert_eq!(top.logs[0].topics.as_deref(), Some([KEY].as_slice()));
    let receipt = chain.sent(request(program, op(10, &[&counter()]))).await;
    let top = frames(&chain, receipt.transaction_hash).await;
    assert_eq!(
        (top.calls[0].typ.as_str(), top.calls[0].from),
        ("CREATE", program)
    );
    assert!(top.calls[0].to.is_some());

    let send = op(
        8,
        &[
            Address::repeat_byte(0xB0).as_slice(),
            &ether(1).to_be_bytes::<32>(),
        ],
    );
    let receipt = chain
        .sent(request(program, send).with_value(ether(1)))
        .await;
    let top = frames(&chain, receipt.transaction_hash).await;
    assert_eq!(
        (top.value, top.calls[0].value),
        (Some(ether(1)), Some(ether(1)))
    );

    // Identity, a precompile: no frame of code, a call all the same.
    let identity = Address::with_last_byte(4);
    let receipt = chain
        .sent(request(program, op(0, &[identity.as_slice(), b"same"])))
        .await;
    let top = frames(&chain, receipt.transaction_hash).await;
    assert_eq!(
        (top.calls[0].to, top.calls[0].output.clone()),
        (Some(identity), Some(Bytes::from_static(b"same")))
    );
}

async fn host_calls(chain: &Chain, hash: B256) -> Vec<Value> {
    let trace = chain.request(
        "debug_traceTransaction",
        json!([hash, { "tracer": "stylusTracer" }]),
    );
    let trace = trace.await.expect("traced");
    trace.as_array().expect("a list of steps").clone()
}

fn names(steps: &[Value]) -> Vec<&str> {
    steps
        .iter()
        .map(|step| step["name"].as_str().expect("a name"))
        .collect()
}

#[tokio::test]
async fn host_calls_are_recorded_with_data_and_ink() {
    let chain = Chain::start().await;
    let program = chain.program(RELAY).await;
    let write = op(2, &[KEY.as_slice(), VALUE.as_slice()]);
    let receipt = chain.sent(request(program, write.clone())).await;
    let steps = host_calls(&chain, receipt.transaction_hash).await;
    assert_eq!(
        names(&steps),
        [
            "user_entrypoint",
            "read_args",
            "storage_cache_bytes32",
            "storage_flush_cache",
            "user_returned"
        ]
    );
    assert_eq!(steps[0]["args"], "0x00000041", "65 bytes of calldata");
    assert_eq!(steps[1]["outs"], hex::encode_prefixed(&write));
    assert_eq!(
        steps[2]["args"],
        hex::encode_prefixed([KEY.as_slice(), VALUE.as_slice()].concat())
    );
    assert_eq!(
        (&steps[3]["args"], &steps[4]["outs"]),
        (&json!("0x00"), &json!("0x00000000"))
    );
    let cost = |step: &Value| step["startInk"].as_u64().unwrap() - step["endInk"].as_u64().unwrap();
    // HOSTIO 8,400 + write_price(65) = 5,040 + 30·33 = 6,030.
    assert_eq!(cost(&steps[1]), 14_430);
    // 18,480 and no gas for the first eight writes.
    assert_eq!(cost(&steps[2]), 18_480);
    // 68,073 + a cold slot set from zero, 22,100 gas at 10,000 ink.
    assert_eq!(cost(&steps[3]), 68_073 + 221_000_000);
    let inks = steps
        .windows(2)
        .map(|pair| (pair[0]["endInk"].as_u64(), pair[1]["startInk"].as_u64()));
    assert!(
        inks.into_iter().all(|(end, start)| end >= start),
        "code between the calls costs too"
    );

    let read = chain.sent(request(program, op(4, &[KEY.as_slice()]))).await;
    let steps = host_calls(&chain, read.transaction_hash).await;
    assert_eq!(steps[2]["outs"], json!(VALUE));
    assert_eq!(
        (&steps[3]["name"], &steps[3]["args"]),
        (&json!("write_result"), &json!(VALUE))
    );
}

#[tokio::test]
async fn a_callees_host_calls_stand_inside_the_call() {
    let chain = Chain::start().await;
    let (program, second) = (
        chain.program(RELAY).await,
        chain.deploy_program(RELAY).await,
    );
    let read = op(4, &[KEY.as_slice()]);
    let receipt = chain
        .sent(request(program, op(0, &[second.as_slice(), &read])))
        .await;
    let steps = host_calls(&chain, receipt.transaction_hash).await;
    assert_eq!(
        names(&steps),
        [
            "user_entrypoint",
            "read_args",
            "call_contract",
            "read_return_data",
            "write_result",
            "user_returned"
        ]
    );
    let call = &steps[2];
    assert_eq!(call["address"], json!(second));
    let inner = call["steps"].as_array().expect("steps");
    assert_eq!(
        names(inner),
        [
            "user_entrypoint",
            "read_args",
            "storage_load_bytes32",
            "write_result",
            "user_returned"
        ]
    );
    // Address, gas asked for (all), value, calldata; then length of what came back and status.
    let args = [second.as_slice(), &[0xff; 8], &[0; 32], &read].concat();
    assert_eq!(call["args"], hex::encode_prefixed(args));
    assert_eq!(call["outs"], "0x0000002000");

    // Through Solidity: the frame that EVM code opened is a step of its own, with nothing but the frame in it.
    let outer = chain.deploy(caller()).await;
    let data = Caller::forwardCall {
        target: program,
        data: read.into(),
    };
    let receipt = chain.sent(request(outer, data.abi_encode())).await;
    let steps = host_calls(&chain, receipt.transaction_hash).await;
    assert_eq!(names(&steps), ["evm_call_contract"]);
    assert_eq!(
        (&steps[0]["address"], &steps[0]["args"]),
        (&json!(program), &json!("0x"))
    );
    assert_eq!(steps[0]["steps"].as_array().map(Vec::len), Some(5));
}

#[tokio::test]
async fn a_trace_changes_neither_result_nor_gas() {
    let chain = Chain::start().await;
    let (outer, _, _, data) = nested(&chain).await;
    let receipt = chain.sent(request(outer, data)).await;
    // Later blocks change what the transaction found: its trace must not see them.
    chain
        .transact(outer, Caller::noteCall { value: U256::ONE })
        .await;
    let before = chain.node.state();
    for tracer in [
        "callTracer",
        "prestateTracer",
        "stylusTracer",
        "4byteTracer",
        "flatCallTracer",
        "",
    ] {
        let traced = chain.request(
            "debug_traceTransaction",
            json!([receipt.transaction_hash, { "tracer": tracer }]),
        );
        let trace = traced.await.expect("traced");
        match tracer {
            "callTracer" => assert_eq!(quantity(&trace["gasUsed"]), receipt.gas_used),
            "" => assert_eq!(trace["gas"], json!(receipt.gas_used)),
            _ => {}
        }
    }
    assert_eq!(
        chain.node.state().slot(&outer, &U256::ZERO),
        before.slot(&outer, &U256::ZERO)
    );
    assert_eq!(before.slot(&outer, &U256::ZERO), U256::ONE);
}

#[tokio::test]
async fn struct_logs_show_the_instructions_of_evm_code() {
    let chain = Chain::start().await;
    let at = chain.deploy(counter()).await;
    let receipt = chain.transact(at, Counter::incrementCall {}).await;
    let trace = chain.request("debug_traceTransaction", json!([receipt.transaction_hash]));
    let trace = trace.await.expect("traced");
    assert_eq!(
        (&trace["failed"], &trace["gas"]),
        (&json!(false), &json!(receipt.gas_used))
    );
    let steps = trace["structLogs"].as_array().expect("steps");
    assert_eq!(
        (&steps[0]["op"], &steps[0]["pc"]),
        (&json!("PUSH1"), &json!(0))
    );
    assert!(steps.iter().any(|step| step["op"] == "SSTORE"));
    assert!(steps.iter().any(|step| step["op"] == "LOG3"));

    // A loop without end: the log is cut, not the node.
    let spin = json!([{ "to": at, "data": hex::encode_prefixed(Counter::spinCall {}.abi_encode()) }, "latest"]);
    let trace = chain
        .request("debug_traceCall", spin)
        .await
        .expect("traced");
    let steps = trace["structLogs"].as_array().map_or(0, Vec::len);
    assert!((1..=200_000).contains(&steps), "{steps}");
}

#[tokio::test]
async fn prestate_is_what_the_transaction_found() {
    let chain = Chain::start().await;
    let at = chain.deploy(counter()).await;
    chain.transact(at, Counter::incrementCall {}).await;
    let receipt = chain.transact(at, Counter::incrementCall {}).await;
    let options = GethDebugTracingOptions::prestate_tracer(PreStateConfig::default());
    let trace = chain
        .provider
        .debug_trace_transaction(receipt.transaction_hash, options);
    let GethTrace::PreStateTracer(PreStateFrame::Default(state)) = trace.await.expect("traced")
    else {
        panic!("no prestate");
    };
    let account = state.0.get(&at).expect("the contract was there");
    assert_eq!(
        account.storage.get(&B256::ZERO),
        Some(&B256::with_last_byte(1))
    );
}

#[tokio::test]
async fn calls_are_traced_with_overrides() {
    let chain = Chain::start().await;
    let program = chain.program(RELAY).await;
    let read = hex::encode_prefixed(op(4, &[KEY.as_slice()]));
    let options = json!({
        "tracer": "stylusTracer",
        "stateOverrides": { program.to_string(): { "stateDiff": { KEY.to_string(): VALUE } } },
    });
    let call = json!([{ "to": program, "data": read }, "latest", options]);
    let steps = chain
        .request("debug_traceCall", call)
        .await
        .expect("traced");
    assert_eq!(steps[2]["outs"], json!(VALUE));
    let options = json!({ "tracer": "callTracer", "blockOverrides": { "time": "0x77777777" } });
    let at = chain.deploy(counter()).await;
    let time = hex::encode_prefixed(Counter::timeCall {}.abi_encode());
    let call = json!([{ "to": at, "data": time }, "latest", options]);
    let frame = chain
        .request("debug_traceCall", call)
        .await
        .expect("traced");
    assert_eq!(frame["output"], json!(B256::from(U256::from(0x7777_7777))));
}

#[tokio::test]
async fn blocks_are_traced_and_what_is_not_there_is_refused() {
    let chain = Chain::start().await;
    let receipt = chain.deploy_and_receipt(counter()).await;
    let options = json!({ "tracer": "callTracer" });
    let block = chain.request("debug_traceBlockByNumber", json!(["0x1", options]));
    let block = block.await.expect("traced");
    assert_eq!(block[0]["txHash"], json!(receipt.transaction_hash));
    assert_eq!(block[0]["result"]["type"], "CREATE");
    let hash = json!([receipt.block_hash, options]);
    assert_eq!(
        chain
            .request("debug_traceBlockByHash", hash)
            .await
            .expect("traced"),
        block
    );

    let refused = async |method, params| {
        let (code, message, _) = refusal(chain.request(method, params).await);
        (code, message)
    };
    let words = |text: &str| (-32_000, text.to_owned());
    assert_eq!(
        refused("debug_traceTransaction", json!([B256::ZERO])).await,
        words("transaction not found")
    );
    assert_eq!(
        refused("debug_traceBlockByNumber", json!(["0x0"])).await,
        words("genesis is not traceable")
    );
    assert_eq!(
        refused("debug_traceBlockByNumber", json!(["0x9"])).await,
        words("block not found")
    );
    let unknown = json!([receipt.transaction_hash, { "tracer": "coffeeTracer" }]);
    assert_eq!(
        refused("debug_traceTransaction", unknown).await,
        words("tracer not found: coffeeTracer")
    );
    let script = json!([receipt.transaction_hash, { "tracer": "{ hostio: function(info) {} }" }]);
    let (code, message) = refused("debug_traceTransaction", script).await;
    assert!(
        code == -32_000 && message.contains("JavaScript"),
        "{message}"
    );
}
