//! Snapshots and time.

use std::time::Duration;

use alloy::{
    network::TransactionBuilder,
    primitives::{Address, U256},
    providers::Provider,
    rpc::types::TransactionRequest,
};
use devnode::{ChainConfig, Config};
use serde_json::json;

use crate::support::{Chain, Counter, counter, ether, refusal};

#[tokio::test]
async fn a_revert_takes_back_state_blocks_and_receipts() {
    let chain = Chain::start().await;
    let at = chain.deploy(counter()).await;
    chain.transact(at, Counter::incrementCall {}).await;
    let before = chain.timestamp().await;
    let snapshot = chain
        .request("evm_snapshot", json!([]))
        .await
        .expect("taken");

    chain
        .request("evm_increaseTime", json!([86_400]))
        .await
        .expect("moved");
    let later = chain.transact(at, Counter::incrementCall {}).await;
    assert!(chain.timestamp().await >= before + 86_400);
    assert_eq!(
        chain
            .call(at, Counter::numberCall {})
            .await
            .expect("returns"),
        U256::from(2)
    );

    assert_eq!(
        chain
            .request("evm_revert", json!([snapshot]))
            .await
            .expect("done"),
        json!(true)
    );
    assert_eq!(
        chain
            .call(at, Counter::numberCall {})
            .await
            .expect("returns"),
        U256::ONE
    );
    assert_eq!(
        chain.provider.get_block_number().await.expect("answered"),
        2
    );
    let gone = chain
        .provider
        .get_transaction_receipt(later.transaction_hash)
        .await;
    assert_eq!(gone.expect("answered"), None);
    chain.request("evm_mine", json!([])).await.expect("mined");
    assert!(
        chain.timestamp().await < before + 86_400,
        "the clock went back too"
    );
    assert_eq!(
        chain
            .request("evm_revert", json!([snapshot]))
            .await
            .expect("done"),
        json!(false),
        "used up"
    );
}

#[tokio::test]
async fn a_timestamp_can_be_fixed_and_never_runs_back() {
    let chain = Chain::start_with(Config {
        chain: ChainConfig {
            genesis_timestamp: Some(1_700_000_000),
            ..ChainConfig::default()
        },
        ..Config::default()
    })
    .await;
    assert_eq!(chain.timestamp().await, 1_700_000_000);
    let at = chain.deploy(counter()).await;
    chain
        .request("evm_setNextBlockTimestamp", json!([1_800_000_000]))
        .await
        .expect("set");
    chain.transact(at, Counter::incrementCall {}).await;
    assert_eq!(chain.timestamp().await, 1_800_000_000);
    assert_eq!(
        chain.call(at, Counter::timeCall {}).await.expect("returns"),
        U256::from(1_800_000_000)
    );
    let (_, message, _) = refusal(
        chain
            .request("evm_setNextBlockTimestamp", json!([1_799_999_999]))
            .await,
    );
    assert_eq!(
        message,
        "timestamp 1799999999 is before that of the last block, 1800000000"
    );

    chain
        .request(
            "evm_mine",
            json!([{ "timestamp": "0x6b49d300", "blocks": 3 }]),
        )
        .await
        .expect("mined");
    assert_eq!(
        chain.provider.get_block_number().await.expect("answered"),
        5
    );
    assert!(chain.timestamp().await >= 0x6b49_d300);
}

#[tokio::test]
async fn a_call_on_pending_sees_the_time_to_come() {
    let chain = Chain::start().await;
    let at = chain.deploy(counter()).await;
    let now = chain.timestamp().await;
    chain
        .request("evm_increaseTime", json!(["0xe10"]))
        .await
        .expect("moved");
    let data = alloy::primitives::hex::encode_prefixed(alloy::sol_types::SolCall::abi_encode(
        &Counter::timeCall {},
    ));
    let at_block = async |block| {
        let answer = chain
            .request("eth_call", json!([{ "to": at, "data": data }, block]))
            .await;
        crate::support::quantity(&answer.expect("returns"))
    };
    assert_eq!(at_block("latest").await, now);
    assert!(at_block("pending").await >= now + 3_600);
}

#[tokio::test]
async fn balances_can_be_set() {
    let chain = Chain::start().await;
    let bob = Address::with_last_byte(0xB0);
    chain
        .request("anvil_setBalance", json!([bob, ether(5)]))
        .await
        .expect("set");
    assert_eq!(chain.balance(bob).await, ether(5));
    chain
        .sent(
            TransactionRequest::default()
                .with_to(bob)
                .with_value(ether(1)),
        )
        .await;
    assert_eq!(chain.balance(bob).await, ether(6));
}

#[tokio::test]
async fn blocks_come_by_themselves_when_asked_to() {
    let chain = Chain::start_with(Config {
        block_time: Some(Duration::from_millis(50)),
        ..Config::default()
    })
    .await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert!(chain.provider.get_block_number().await.expect("answered") >= 3);
}
