//! `eth_call` with overrides, and estimates.

use alloy::{
    network::TransactionBuilder,
    primitives::{Address, U256},
    providers::Provider,
    sol_types::SolCall,
};
use serde_json::json;

use crate::support::{Chain, Counter, counter, ether, quantity, refusal, request};

const NOBODY: Address = Address::with_last_byte(0x77);

fn data(call: impl SolCall) -> String {
    alloy::primitives::hex::encode_prefixed(call.abi_encode())
}

#[tokio::test]
async fn overrides_last_for_one_call() {
    let chain = Chain::start().await;
    let at = chain.deploy(counter()).await;
    let code = chain.provider.get_code_at(at).await.expect("answered");
    let number = json!({ "to": NOBODY, "data": data(Counter::numberCall {}) });
    let slot = format!("{:064x}", 0);

    let answer = chain
        .request(
            "eth_call",
            json!([number, "latest", { NOBODY.to_string(): {
            "code": code, "stateDiff": { format!("0x{slot}"): format!("0x{:064x}", 42) } } }]),
        )
        .await
        .expect("returns");
    assert_eq!(quantity(&answer), 42);

    // `state` replaces all storage, `stateDiff` some of it.
    chain
        .transact(
            at,
            Counter::setCall {
                value: U256::from(7),
            },
        )
        .await;
    let number = json!({ "to": at, "data": data(Counter::numberCall {}) });
    let replaced = json!({ at.to_string(): { "state": {} } });
    let answer = chain
        .request("eth_call", json!([number, "latest", replaced]))
        .await;
    assert_eq!(quantity(&answer.expect("returns")), 0);
    let answer = chain
        .request("eth_call", json!([number, "latest"]))
        .await
        .expect("returns");
    assert_eq!(quantity(&answer), 7, "the state itself is untouched");

    let time = json!({ "to": at, "data": data(Counter::timeCall {}) });
    let answer = chain
        .request(
            "eth_call",
            json!([time, "latest", {}, { "time": "0x1234" }]),
        )
        .await;
    assert_eq!(quantity(&answer.expect("returns")), 0x1234);
}

#[tokio::test]
async fn a_call_with_value_needs_the_value_and_nothing_for_gas() {
    let chain = Chain::start().await;
    let at = chain.deploy(counter()).await;
    let call = json!({ "from": NOBODY, "to": at, "value": "0x1", "data": data(Counter::incrementCall {}) });
    let (code, message, _) = refusal(chain.request("eth_call", json!([call, "latest"])).await);
    assert_eq!(code, -32_000);
    assert!(
        message.starts_with("insufficient funds for gas * price + value"),
        "{message}"
    );
    let rich = json!({ NOBODY.to_string(): { "balance": "0x1" } });
    chain
        .request("eth_call", json!([call, "latest", rich]))
        .await
        .expect("returns");
}

#[tokio::test]
async fn a_call_sees_the_past() {
    let chain = Chain::start().await;
    let at = chain.deploy(counter()).await;
    chain
        .transact(
            at,
            Counter::setCall {
                value: U256::from(5),
            },
        )
        .await;
    chain
        .transact(
            at,
            Counter::setCall {
                value: U256::from(6),
            },
        )
        .await;
    let number = json!({ "to": at, "data": data(Counter::numberCall {}) });
    for (block, expected) in [
        ("0x1", 0),
        ("0x2", 5),
        ("0x3", 6),
        ("latest", 6),
        ("pending", 6),
    ] {
        let answer = chain
            .request("eth_call", json!([number, block]))
            .await
            .expect("returns");
        assert_eq!(quantity(&answer), expected, "at {block}");
    }
    let (_, message, _) = refusal(chain.request("eth_call", json!([number, "0x99"])).await);
    assert_eq!(message, "header not found");
}

#[tokio::test]
async fn an_estimate_suffices_and_is_close() {
    let chain = Chain::start().await;
    let at = chain.deploy(counter()).await;
    let increment =
        request(at, Counter::incrementCall {}.abi_encode()).with_from(chain.dev.address());
    let gas = chain
        .provider
        .estimate_gas(increment.clone())
        .await
        .expect("estimates");
    let receipt = chain.sent(increment.with_gas_limit(gas)).await;
    assert!(gas >= receipt.gas_used);
    assert!(
        gas <= receipt.gas_used * 103 / 100,
        "{gas} for {}",
        receipt.gas_used
    );

    // A slot set back to zero is refunded after execution: the limit must cover more than what is used.
    chain
        .transact(
            at,
            Counter::setCall {
                value: U256::from(9),
            },
        )
        .await;
    let clear = request(at, Counter::setCall { value: U256::ZERO }.abi_encode())
        .with_from(chain.dev.address());
    let gas = chain
        .provider
        .estimate_gas(clear.clone())
        .await
        .expect("estimates");
    let receipt = chain.sent(clear.with_gas_limit(gas)).await;
    assert!(gas > receipt.gas_used);
}

#[tokio::test]
async fn an_estimate_is_bounded_by_what_the_sender_can_pay() {
    let chain = Chain::start().await;
    let at = chain.deploy(counter()).await;
    chain
        .request("anvil_setBalance", json!([NOBODY, "0x3b9aca00"]))
        .await
        .expect("set"); // 1 gwei buys 10 gas
    let call = json!({ "from": NOBODY, "to": at, "gasPrice": "0x5f5e100", "data": data(Counter::incrementCall {}) });
    let (_, message, _) = refusal(chain.request("eth_estimateGas", json!([call])).await);
    assert_eq!(message, "gas required exceeds allowance (10)");
    chain
        .request("anvil_setBalance", json!([NOBODY, ether(1)]))
        .await
        .expect("set");
    chain
        .request("eth_estimateGas", json!([call]))
        .await
        .expect("estimates");
}
