//! What is forgotten, so that memory stays as it is: old blocks, old snapshots; and what a client hears of it.

use alloy::{
    network::TransactionBuilder,
    primitives::{Address, U256},
    providers::Provider,
    rpc::types::{TransactionReceipt, TransactionRequest},
};
use devnode::{ChainConfig, Config};
use serde_json::{Value, json};

use crate::support::{Chain, Counter, counter, quantity, refusal};

const BOB: Address = Address::with_last_byte(0xB0);

async fn chain_of(block_history: usize) -> Chain {
    let chain = ChainConfig {
        block_history,
        ..ChainConfig::default()
    };
    Chain::start_with(Config {
        chain,
        ..Config::default()
    })
    .await
}

async fn mine(chain: &Chain, blocks: u64) {
    let mined = chain.request("anvil_mine", json!([blocks])).await;
    mined.expect("mined");
}

async fn pay(chain: &Chain) -> TransactionReceipt {
    // Asked for each time: alloy would count on after a revert.
    let nonce = chain
        .provider
        .get_transaction_count(chain.dev.address())
        .await;
    let tx = TransactionRequest::default()
        .with_to(BOB)
        .with_value(U256::ONE)
        .with_nonce(nonce.expect("answered"));
    chain.sent(tx).await
}

#[tokio::test]
async fn forgotten_blocks_are_refused_as_a_pruned_geth_refuses_them() {
    let chain = chain_of(5).await;
    let at = chain.deploy(counter()).await;
    let old = chain.transact(at, Counter::incrementCall {}).await;
    // Blocks 0 to 10; 6 to 10 are kept.
    mine(&chain, 8).await;

    let get = json!({ "to": at, "data": "0x8381f58a" });
    for (method, params) in [
        ("eth_getBlockByNumber", json!(["0x5", false])),
        ("eth_getBlockTransactionCountByNumber", json!(["0x2"])),
        ("eth_getUncleCountByBlockNumber", json!(["0x2"])),
        (
            "eth_getTransactionByBlockNumberAndIndex",
            json!(["0x2", "0x0"]),
        ),
        ("eth_getBlockReceipts", json!(["0x2"])),
        ("eth_getBalance", json!([BOB, "0x0"])),
        ("eth_call", json!([get, "0x5"])),
        ("debug_traceBlockByNumber", json!(["0x2"])),
        ("eth_getLogs", json!([{ "fromBlock": "0x5" }])),
        ("eth_getLogs", json!([{ "fromBlock": "0x0" }])),
    ] {
        let (code, message, _) = refusal(chain.request(method, params).await);
        let expected = (4_444, "pruned history unavailable");
        assert_eq!((code, message.as_str()), expected, "{method}");
    }
    // A hash says nothing about the age of what it names.
    for (method, params) in [
        ("eth_getTransactionByHash", json!([old.transaction_hash])),
        ("eth_getTransactionReceipt", json!([old.transaction_hash])),
        ("eth_getRawTransactionByHash", json!([old.transaction_hash])),
        ("eth_getBlockByHash", json!([old.block_hash, false])),
    ] {
        let answer = chain.request(method, params).await.expect("answered");
        assert_eq!(answer, Value::Null, "{method}");
    }
    let by_hash = json!([{ "blockHash": old.block_hash }]);
    let (_, message, _) = refusal(chain.request("eth_getLogs", by_hash).await);
    assert_eq!(message, "unknown block");

    // The rest is there, `earliest` is the first of it, and the state is whole.
    for tag in ["0x6", "earliest"] {
        let block = chain.request("eth_getBlockByNumber", json!([tag, false]));
        assert_eq!(quantity(&block.await.expect("answered")["number"]), 6);
    }
    let logs = json!([{ "fromBlock": "earliest" }]);
    let logs = chain.request("eth_getLogs", logs).await;
    assert_eq!(logs.expect("answered"), json!([]));
    let fees = chain.request("eth_feeHistory", json!(["0x400", "latest", []]));
    let fees = fees.await.expect("answered");
    assert_eq!(quantity(&fees["oldestBlock"]), 6);
    assert_eq!(fees["gasUsedRatio"].as_array().expect("a list").len(), 5);
    let number = chain.call(at, Counter::numberCall {}).await;
    assert_eq!(number.expect("returns"), U256::ONE);
}

#[tokio::test]
async fn snapshot_outlives_the_blocks_it_was_taken_on() {
    let chain = chain_of(5).await;
    pay(&chain).await;
    let taken = chain.request("evm_snapshot", json!([])).await;
    let head = chain.provider.get_block_by_number(1.into()).await;
    let head = head.expect("answered").expect("kept");
    for _ in 0..10 {
        pay(&chain).await;
    }
    let reverted = chain.request("evm_revert", json!([taken.expect("taken")]));
    assert_eq!(reverted.await.expect("answered"), json!(true));
    let latest = chain.provider.get_block_by_number(1.into()).await;
    assert_eq!(latest.expect("answered"), Some(head.clone()));
    assert_eq!(chain.balance(BOB).await, U256::ONE);
    // And on it goes from there.
    let next = pay(&chain).await;
    assert_eq!(next.block_number, Some(2));
    let block = chain.provider.get_block_by_number(2.into()).await;
    let block = block.expect("answered").expect("kept");
    assert_eq!(block.header.parent_hash, head.header.hash);
    assert_eq!(chain.balance(BOB).await, U256::from(2));
}

#[tokio::test]
async fn revert_takes_back_what_was_edited_between_two_blocks() {
    let chain = Chain::start().await;
    let taken = chain.request("evm_snapshot", json!([])).await;
    let edit = chain.request("anvil_setBalance", json!([BOB, "0x7"]));
    edit.await.expect("set");
    assert_eq!(chain.balance(BOB).await, U256::from(7));
    let reverted = chain.request("evm_revert", json!([taken.expect("taken")]));
    assert_eq!(reverted.await.expect("answered"), json!(true));
    assert_eq!(chain.balance(BOB).await, U256::ZERO);
}

#[tokio::test]
async fn oldest_of_too_many_snapshots_is_forgotten() {
    let chain = Chain::start().await;
    let mut taken = Vec::new();
    for _ in 0..=4_096 {
        let id = chain.request("evm_snapshot", json!([])).await;
        taken.push(id.expect("taken"));
    }
    for (id, known) in [(0, false), (1, true)] {
        let reverted = chain.request("evm_revert", json!([taken[id]]));
        assert_eq!(reverted.await.expect("answered"), json!(known));
    }
}

#[tokio::test]
async fn dump_of_a_chain_without_its_beginning_is_taken() {
    let chain = chain_of(3).await;
    for _ in 0..6 {
        pay(&chain).await;
    }
    let last = chain.provider.get_block_by_number(6.into()).await;
    let dump = chain.request("anvil_dumpState", json!([])).await;
    let other = Chain::start().await;
    let loaded = other.request("anvil_loadState", json!([dump.expect("dumped")]));
    assert_eq!(loaded.await.expect("loaded"), json!(true));
    assert_eq!(
        other
            .provider
            .get_block_by_number(6.into())
            .await
            .expect("answered"),
        last.expect("answered")
    );
    let (code, _, _) = refusal(
        other
            .request("eth_getBlockByNumber", json!(["0x3", false]))
            .await,
    );
    assert_eq!(code, 4_444);
    assert_eq!(pay(&other).await.block_number, Some(7));
}

#[tokio::test]
async fn filters_may_name_a_thousand_addresses_and_topics_at_a_place() {
    let chain = Chain::start().await;
    let addresses = |count: u64| vec![Address::ZERO; usize::try_from(count).expect("few")];
    let topics = |count: u64| {
        (0..count)
            .map(|n| json!(alloy::primitives::B256::from(U256::from(n))))
            .collect::<Vec<_>>()
    };
    // Twice the same address is one, as in a set.
    let distinct: Vec<_> = (0..=1_000u64)
        .map(|n| Address::from_word(U256::from(n).into()))
        .collect();
    for method in ["eth_getLogs", "eth_newFilter"] {
        let fits = json!([{ "address": addresses(1_500), "topics": [topics(1_000)] }]);
        chain.request(method, fits).await.expect("taken");
        for filter in [
            json!([{ "address": distinct }]),
            json!([{ "topics": [null, topics(1_001)] }]),
        ] {
            let (_, message, _) = refusal(chain.request(method, filter).await);
            assert_eq!(
                message,
                "exceed max addresses or topics per search position"
            );
        }
    }
}
