//! Blocks and receipts hang together.

use alloy::{
    eips::BlockNumberOrTag,
    network::TransactionBuilder,
    primitives::{Address, U256},
    providers::Provider,
    rpc::types::TransactionRequest,
    sol_types::SolCall,
};
use serde_json::json;

use crate::support::{Chain, Counter, counter, ether, quantity, refusal, request};

#[tokio::test]
async fn blocks_chain_up_and_their_hashes_are_those_of_their_headers() {
    let chain = Chain::start().await;
    let at = chain.deploy(counter()).await;
    chain.transact(at, Counter::incrementCall {}).await;
    let mut parent = None;
    for number in 0..=2u64 {
        let block = chain
            .provider
            .get_block_by_number(number.into())
            .full()
            .await;
        let block = block.expect("answered").expect("exists");
        assert_eq!(
            block.header.hash,
            block.header.inner.hash_slow(),
            "hash of block {number}"
        );
        if let Some(parent) = parent {
            assert_eq!(block.header.parent_hash, parent);
        }
        let by_hash = chain
            .provider
            .get_block_by_hash(block.header.hash)
            .full()
            .await;
        assert_eq!(by_hash.expect("answered"), Some(block.clone()));
        assert_eq!(
            block.transactions.len(),
            usize::from(number > 0),
            "a block a transaction"
        );
        parent = Some(block.header.hash);
    }
    let beyond = chain
        .provider
        .get_block_by_number(BlockNumberOrTag::Number(3))
        .await;
    assert_eq!(beyond.expect("answered"), None);
}

#[tokio::test]
async fn a_receipt_has_the_fields_arbitrum_adds() {
    let chain = Chain::start().await;
    let receipt = chain
        .sent(
            TransactionRequest::default()
                .with_to(Address::ZERO)
                .with_value(U256::ONE),
        )
        .await;
    let hash = receipt.transaction_hash;
    let raw = chain
        .request("eth_getTransactionReceipt", json!([hash]))
        .await
        .expect("answered");
    assert_eq!(raw["gasUsedForL1"], "0x0");
    assert_eq!(raw["l1BlockNumber"], "0x0");
    assert_eq!(raw["type"], "0x2");
    assert_eq!(raw["contractAddress"], json!(null));
    let block = chain
        .request("eth_getBlockByNumber", json!(["latest", false]))
        .await;
    let block = block.expect("answered");
    assert_eq!(block["gasLimit"], "0x4000000000000");
    assert_eq!(block["sendCount"], "0x0");
    assert_eq!(block["transactions"], json!([hash]));
    assert_eq!(block["gasUsed"], raw["gasUsed"]);
    let all = chain
        .request("eth_getBlockReceipts", json!(["latest"]))
        .await
        .expect("answered");
    assert_eq!(all, json!([raw]));
    let tx = chain
        .request("eth_getTransactionByHash", json!([hash]))
        .await
        .expect("answered");
    assert_eq!(tx["blockHash"], block["hash"]);
    assert_eq!(tx["gasPrice"], "0x5f5e100");
    let unknown = chain
        .request("eth_getTransactionReceipt", json!([block["hash"]]))
        .await;
    assert_eq!(unknown.expect("answered"), json!(null));
}

#[tokio::test]
async fn balances_and_nonces_of_the_past_are_kept() {
    let chain = Chain::start().await;
    let bob = Address::with_last_byte(0xB0);
    for _ in 0..3 {
        chain
            .sent(
                TransactionRequest::default()
                    .with_to(bob)
                    .with_value(ether(1)),
            )
            .await;
    }
    for number in 0..=3 {
        let block = format!("{number:#x}");
        let balance = chain
            .request("eth_getBalance", json!([bob, block]))
            .await
            .expect("known");
        assert_eq!(balance, json!(ether(number)));
        let nonce = chain
            .request(
                "eth_getTransactionCount",
                json!([chain.dev.address(), block]),
            )
            .await;
        assert_eq!(quantity(&nonce.expect("known")), number);
    }
}

#[tokio::test]
async fn a_filter_tells_what_is_new_since_it_was_asked() {
    let chain = Chain::start().await;
    let at = chain.deploy(counter()).await;
    chain.transact(at, Counter::incrementCall {}).await;
    let logs = chain
        .request("eth_newFilter", json!([{ "address": at }]))
        .await
        .expect("installed");
    let blocks = chain
        .request("eth_newBlockFilter", json!([]))
        .await
        .expect("installed");
    let changes = async |id: &serde_json::Value| {
        let answer = chain
            .request("eth_getFilterChanges", json!([id]))
            .await
            .expect("answered");
        answer.as_array().expect("a list").len()
    };
    assert_eq!(
        (changes(&logs).await, changes(&blocks).await),
        (0, 0),
        "the past is not news"
    );
    let snapshot = chain
        .request("evm_snapshot", json!([]))
        .await
        .expect("taken");
    chain.transact(at, Counter::incrementCall {}).await;
    chain.transact(at, Counter::incrementCall {}).await;
    assert_eq!((changes(&logs).await, changes(&blocks).await), (2, 2));
    assert_eq!(
        (changes(&logs).await, changes(&blocks).await),
        (0, 0),
        "told once"
    );
    chain
        .request("evm_revert", json!([snapshot]))
        .await
        .expect("done");
    assert_eq!(changes(&logs).await, 0);
    // alloy remembers the nonces it gave out; the chain has forgotten two of them.
    let increment = request(at, Counter::incrementCall {}.abi_encode());
    chain.sent(increment.with_nonce(2)).await;
    assert_eq!(changes(&logs).await, 1, "what grows after a revert is news");
    let removed = chain
        .request("eth_uninstallFilter", json!([logs]))
        .await
        .expect("answered");
    assert_eq!(removed, json!(true));
    let (_, message, _) = refusal(chain.request("eth_getFilterChanges", json!([logs])).await);
    assert_eq!(message, "filter not found");
}

#[tokio::test]
async fn fees_of_the_past_are_constant() {
    let chain = Chain::start().await;
    chain.deploy(counter()).await;
    let history = chain
        .provider
        .get_fee_history(5, BlockNumberOrTag::Latest, &[50.0])
        .await;
    let history = history.expect("answered");
    assert_eq!(history.oldest_block, 0);
    assert_eq!(history.base_fee_per_gas, vec![100_000_000; 3]);
    assert_eq!(history.reward, Some(vec![vec![0]; 2]));
}
