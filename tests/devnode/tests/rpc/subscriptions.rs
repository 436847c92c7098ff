//! Subscriptions over WebSocket, as alloy's client sees them, and as bytes.

use std::time::Duration;

use alloy::{
    primitives::{Address, B256},
    providers::{DynProvider, Provider, ProviderBuilder, WsConnect},
    rpc::types::{Filter, TransactionRequest},
    sol_types::SolEvent,
};
use serde_json::json;
use tokio::{io::AsyncWriteExt, time::timeout};

use crate::{
    robustness::{heard, raw_websocket, text_frame},
    support::{Chain, Counter, counter, refusal},
};

const PATIENCE: Duration = Duration::from_secs(10);
/// Long enough for a message that must not come.
const SILENCE: Duration = Duration::from_millis(300);

async fn listener(chain: &Chain) -> DynProvider {
    ProviderBuilder::new()
        .connect_ws(WsConnect::new(chain.node.ws_url()))
        .await
        .expect("connects")
        .erased()
}

macro_rules! next {
    ($subscription:expr) => {
        timeout(PATIENCE, $subscription.recv())
            .await
            .expect("news come in time")
            .expect("the subscription is open")
    };
}

#[tokio::test]
async fn new_heads_are_told_in_order_with_their_hashes() {
    let chain = Chain::start().await;
    let client = listener(&chain).await;
    let mut heads = client.subscribe_blocks().await.expect("subscribes");
    let receipt = chain.deploy_and_receipt(counter()).await;
    chain.request("evm_mine", json!([])).await.expect("mined");

    let (first, second) = (next!(heads), next!(heads));
    assert_eq!((first.number, second.number), (1, 2));
    assert_eq!(Some(first.hash), receipt.block_hash);
    assert_eq!(second.inner.parent_hash, first.hash);
    assert_eq!(first.hash_slow(), first.hash, "the header is whole");
}

#[tokio::test]
async fn logs_are_told_by_address_and_topic_and_taken_back_by_a_revert() {
    let chain = Chain::start().await;
    let (at, other) = (chain.deploy(counter()).await, chain.deploy(counter()).await);
    let client = listener(&chain).await;
    let filter = Filter::new()
        .address(at)
        .event_signature(Counter::Incremented::SIGNATURE_HASH);
    let mut logs = client.subscribe_logs(&filter).await.expect("subscribes");
    let wrong_topic = Filter::new().address(at).event_signature(B256::ZERO);
    let mut none = client
        .subscribe_logs(&wrong_topic)
        .await
        .expect("subscribes");
    let snapshot = chain
        .request("evm_snapshot", json!([]))
        .await
        .expect("taken");

    chain.transact(other, Counter::incrementCall {}).await;
    let receipt = chain.transact(at, Counter::incrementCall {}).await;
    let log = next!(logs);
    assert_eq!((log.address(), log.removed), (at, false));
    assert_eq!(log.transaction_hash, Some(receipt.transaction_hash));
    assert_eq!(log.block_hash, receipt.block_hash);

    chain
        .request("evm_revert", json!([snapshot]))
        .await
        .expect("done");
    let gone = next!(logs);
    assert_eq!(
        (gone.transaction_hash, gone.removed),
        (log.transaction_hash, true)
    );
    assert!(timeout(SILENCE, none.recv()).await.is_err(), "nothing else");
}

#[tokio::test]
async fn pending_transactions_are_told_as_hashes_or_whole() {
    let chain = Chain::start().await;
    let client = listener(&chain).await;
    let mut hashes = client
        .subscribe_pending_transactions()
        .await
        .expect("subscribes");
    let mut whole = client
        .subscribe_full_pending_transactions()
        .await
        .expect("subscribes");
    let tx = TransactionRequest::default().to(Address::repeat_byte(0xB0));
    let receipt = chain.sent(tx).await;
    assert_eq!(next!(hashes), receipt.transaction_hash);
    let transaction = next!(whole);
    assert_eq!(*transaction.inner.tx_hash(), receipt.transaction_hash);
    assert_eq!(transaction.inner.signer(), chain.dev.address());
}

/// Spoken in bytes: alloy's client has identifiers of its own.
#[tokio::test]
async fn a_cancelled_subscription_is_silent_and_cancelled_once() {
    let chain = Chain::start().await;
    let mut stream = raw_websocket(&chain).await;
    let mut say = async |method: &str, param: &str| {
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": [param] });
        let frame = text_frame(body.to_string().as_bytes());
        stream.write_all(&frame).await.expect("sends");
        heard(&mut stream).await
    };
    let answer = say("eth_subscribe", "newHeads").await;
    let id = answer
        .split("\"result\":\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next());
    let id = id.expect("an identifier").to_owned();
    assert!(id.starts_with("0x") && id.len() == 34, "{id}");
    chain.request("evm_mine", json!([])).await.expect("mined");
    let answer = say("eth_unsubscribe", &id).await;
    assert!(
        answer.contains(&format!("\"subscription\":\"{id}\"")),
        "{answer}"
    );
    assert!(answer.contains("\"result\":true"), "{answer}");
    chain.request("evm_mine", json!([])).await.expect("mined");
    let answer = say("eth_unsubscribe", &id).await;
    assert!(!answer.contains("eth_subscription"), "{answer}");
    assert!(answer.contains("\"result\":false"), "used up: {answer}");
}

#[tokio::test]
async fn what_cannot_be_subscribed_to_is_refused_in_words() {
    let chain = Chain::start().await;
    let (code, message, _) = refusal(chain.request("eth_subscribe", json!(["newHeads"])).await);
    assert_eq!(
        (code, message.as_str()),
        (-32_001, "notifications not supported")
    );

    let client = listener(&chain).await;
    let ask = async |params| {
        let answer = client.raw_request::<_, String>("eth_subscribe".into(), params);
        let (code, message, _) = refusal(answer.await);
        (code, message)
    };
    assert_eq!(
        ask(json!(["weather"])).await,
        (
            -32_601,
            "no \"weather\" subscription in eth namespace".into()
        )
    );
    assert_eq!(
        ask(json!([])).await,
        (-32_602, "missing value for required argument 0".into())
    );
    assert_eq!(ask(json!(["logs", { "topics": 7 }])).await.0, -32_602);
}
