//! Programs that are refused, and what the client is told.

use alloy::{
    network::TransactionBuilder, providers::Provider, rpc::types::TransactionRequest,
    sol_types::SolCall,
};

use crate::{
    chain_at,
    support::{ARB_WASM, ArbWasm, deployment, ether, refusal, request},
};

/// A whole module with `more` in it and `body` as its entry point.
fn with(more: &str, body: &str) -> String {
    format!(
        r#"(module {more} (memory (export "memory") 1 1)
            (func (export "user_entrypoint") (param i32) (result i32) {body} i32.const 0))"#
    )
}

#[tokio::test]
async fn programs_that_cannot_be_activated_are_refused_with_the_reason() {
    let chain = chain_at(61).await;
    let grows = r#"(module (memory (export "memory") 1))"#;
    for (wat, reason) in [
        (
            with("", "f64.const 1 f64.const 2 f64.add drop"),
            "unsupported opcode F64Const in function 0",
        ),
        (
            with("(func $s) (start $s)", ""),
            "start functions are not allowed",
        ),
        (
            with(r#"(import "env" "abort" (func))"#, ""),
            "unknown import env.abort",
        ),
        (
            with(r#"(import "vm_hooks" "msg_sender" (func (param i64)))"#, ""),
            "import vm_hooks.msg_sender has type (i64) -> (), expected (i32) -> ()",
        ),
        // What a contract without #[entrypoint] looks like; cargo-stylus recognises it by the name.
        (
            grows.into(),
            "missing import vm_hooks.pay_for_memory_grow (is the entry point declared?)",
        ),
        (
            r#"(module (memory (export "memory") 1 1))"#.into(),
            "missing export user_entrypoint",
        ),
        (
            with("", "").replace("1 1", "129 129"),
            "module exceeds the limit of InitialPages: 129, allowed 128",
        ),
    ] {
        let program = chain.deploy_program(&wat).await;
        let call = ArbWasm::activateProgramCall { program }.abi_encode();
        let tx = request(ARB_WASM, call).with_value(ether(1));
        let (code, message, _) = refusal(chain.provider.call(tx.clone()).await);
        assert_eq!(
            (code, message),
            (-32_000, format!("program activation failed: {reason}"))
        );
        // Sent all the same, it fails and takes all the gas.
        let receipt = chain
            .send(tx.with_gas_limit(3_000_000))
            .await
            .expect("mined");
        assert!(!receipt.status());
        assert_eq!(receipt.gas_used, 3_000_000, "{reason}");
    }
}

#[tokio::test]
async fn code_beyond_24576_bytes_is_refused_at_its_creation() {
    let chain = chain_at(61).await;
    let mut code = vec![0xef, 0xf0, 0x00, 0x00];
    code.resize(24_576, 1);
    let create = |code: &[u8]| TransactionRequest::default().with_deploy_code(deployment(code));
    chain
        .provider
        .call(create(&code))
        .await
        .expect("the largest code is accepted");
    code.push(1);
    let (_, message, _) = refusal(chain.provider.call(create(&code)).await);
    assert_eq!(message, "max code size exceeded");
}
