//! Blocks and receipts hang together.

use alloy::{
    eips::BlockNumberOrTag,
    network::TransactionBuilder,
    primitives::{Address, U256},
    providers::Provider,
    rpc::types::TransactionRequest,
};
use serde_json::json;

use crate::support::{Chain, Counter, counter, ether, quantity};

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
