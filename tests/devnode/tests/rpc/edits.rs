//! Changing the chain from outside: Anvil's and Hardhat's helpers, impersonation, dumps and the state file.

use alloy::{
    network::TransactionBuilder,
    primitives::{Address, Bytes, U256, hex},
    providers::{Provider, ext::AnvilApi},
    rpc::types::TransactionRequest,
    sol_types::SolCall,
};
use devnode::{Config, StateFile};
use serde_json::json;

use crate::{
    stylus::op,
    support::{Caller, Chain, Counter, RELAY, caller, counter, ether, refusal, request},
};

#[tokio::test]
async fn alloys_anvil_client_changes_accounts_and_time() {
    let chain = Chain::start().await;
    let (node, bob) = (&chain.provider, Address::repeat_byte(0xB0));
    node.anvil_set_balance(bob, ether(5)).await.expect("set");
    node.anvil_set_nonce(bob, 9).await.expect("set");
    node.anvil_set_code(bob, Bytes::from_static(&[0x00]))
        .await
        .expect("set");
    node.anvil_set_storage_at(bob, U256::ONE, U256::from(2).into())
        .await
        .expect("set");
    assert_eq!(chain.balance(bob).await, ether(5));
    assert_eq!(node.get_transaction_count(bob).await.expect("answered"), 9);
    assert_eq!(
        node.get_code_at(bob).await.expect("answered"),
        Bytes::from_static(&[0x00])
    );
    assert_eq!(chain.slot(bob, U256::ONE).await, U256::from(2));

    let start = chain.timestamp().await;
    node.anvil_mine(Some(3), Some(60)).await.expect("mined");
    assert_eq!(node.get_block_number().await.expect("answered"), 3);
    assert!((start + 120..start + 125).contains(&chain.timestamp().await));
    let snapshot = node.anvil_snapshot().await.expect("taken");
    node.anvil_set_time(start + 1_000_000).await.expect("set");
    chain.request("evm_mine", json!([])).await.expect("mined");
    assert!(chain.timestamp().await >= start + 1_000_000);
    assert!(node.anvil_revert(snapshot).await.expect("done"));
    assert_eq!(node.get_block_number().await.expect("answered"), 3);
}

#[tokio::test]
async fn hardhats_names_work_as_well() {
    let chain = Chain::start().await;
    let bob = Address::repeat_byte(0xB0);
    let ask = async |method, params| chain.request(method, params).await.expect("done");
    ask("hardhat_setBalance", json!([bob, "0x5"])).await;
    ask("hardhat_setNonce", json!([bob, "0x7"])).await;
    ask("hardhat_setCode", json!([bob, "0xfe"])).await;
    ask("hardhat_setStorageAt", json!([bob, "0x0", "0x01"])).await;
    assert_eq!(chain.balance(bob).await, U256::from(5));
    assert_eq!(chain.slot(bob, U256::ZERO).await, U256::ONE);
    ask("hardhat_mine", json!(["0x5"])).await;
    assert_eq!(
        chain.provider.get_block_number().await.expect("answered"),
        5
    );
    ask("hardhat_reset", json!([])).await;
    assert_eq!(
        chain.provider.get_block_number().await.expect("answered"),
        0
    );
    assert_eq!(chain.balance(bob).await, U256::ZERO);
    assert_eq!(chain.balance(chain.dev.address()).await, ether(1_000));
}

#[tokio::test]
async fn an_impersonated_contract_sends_transactions() {
    let chain = Chain::start().await;
    let (at, outer) = (chain.deploy(counter()).await, chain.deploy(caller()).await);
    let increment = hex::encode_prefixed(Counter::incrementCall {}.abi_encode());
    let send = async || {
        let tx = json!([{ "from": outer, "to": at, "data": increment }]);
        chain.request("eth_sendTransaction", tx).await
    };
    let (code, message, _) = refusal(send().await);
    assert_eq!((code, message.as_str()), (-32_000, "unknown account"));

    chain
        .provider
        .anvil_set_balance(outer, ether(1))
        .await
        .expect("set");
    chain
        .provider
        .anvil_impersonate_account(outer)
        .await
        .expect("set");
    let hash = send().await.expect("mined");
    let hash = hash.as_str().expect("a hash").parse().expect("a hash");
    let receipt = chain.provider.get_transaction_receipt(hash).await;
    let receipt = receipt.expect("answered").expect("mined");
    assert!(receipt.status());
    assert_eq!(receipt.from, outer);
    assert_eq!(
        receipt.logs()[0].topics()[1],
        outer.into_word(),
        "the sender the contract saw"
    );
    let mined = chain.provider.get_transaction_by_hash(hash).await;
    assert_eq!(
        mined.expect("answered").expect("mined").inner.signer(),
        outer
    );
    // A trace runs it again, code at the sender or not.
    let trace = json!([hash, { "tracer": "callTracer" }]);
    let trace = chain
        .request("debug_traceTransaction", trace)
        .await
        .expect("traced");
    assert_eq!(trace["from"], json!(outer));

    chain
        .provider
        .anvil_stop_impersonating_account(outer)
        .await
        .expect("set");
    assert_eq!(refusal(send().await).0, -32_000);
    chain
        .request("anvil_autoImpersonateAccount", json!([true]))
        .await
        .expect("set");
    send().await.expect("mined");
    assert_eq!(
        chain
            .call(at, Counter::numberCall {})
            .await
            .expect("returns"),
        U256::from(2)
    );
}

#[tokio::test]
async fn a_signed_transaction_of_an_account_with_code_is_refused() {
    let chain = Chain::start().await;
    let dev = chain.dev.address();
    chain
        .provider
        .anvil_set_code(dev, Bytes::from_static(&[0x00]))
        .await
        .expect("set");
    let tx = TransactionRequest::default()
        .with_to(Address::ZERO)
        .with_gas_limit(21_000);
    let (code, message, _) = refusal(chain.send(tx).await);
    assert_eq!(code, -32_000);
    assert!(
        message.starts_with(&format!("sender not an eoa: address {dev}, codehash: 0x")),
        "{message}"
    );
}

#[tokio::test]
async fn a_dump_goes_on_in_another_node() {
    let chain = Chain::start().await;
    let (program, at) = (chain.program(RELAY).await, chain.deploy(counter()).await);
    let receipt = chain.transact(at, Counter::incrementCall {}).await;
    chain
        .request("evm_increaseTime", json!([86_400]))
        .await
        .expect("moved");
    let dump = chain
        .request("anvil_dumpState", json!([]))
        .await
        .expect("dumped");

    let other = Chain::start().await;
    let loaded = other.request("anvil_loadState", json!([dump])).await;
    assert_eq!(loaded.expect("loaded"), json!(true));
    assert_eq!(
        other
            .call(at, Counter::numberCall {})
            .await
            .expect("returns"),
        U256::ONE
    );
    let found = other
        .provider
        .get_transaction_receipt(receipt.transaction_hash)
        .await;
    assert_eq!(found.expect("answered"), Some(receipt));
    // The program is still active, and the clock still ahead.
    let key = [0x11; 32];
    other.sent(request(program, op(2, &[&key, &key]))).await;
    assert_eq!(
        other.slot(program, U256::from_be_bytes(key)).await,
        U256::from_be_bytes(key)
    );
    let ahead = other
        .timestamp()
        .await
        .saturating_sub(chain.timestamp().await);
    assert!((86_300..86_500).contains(&ahead), "{ahead}");

    for (document, reason) in [
        ("0x7b7d".to_owned(), "not a dump of a chain"),
        (
            hex::encode_prefixed(
                "{\"format\":9,\"chainId\":412346,\"clock\":{\"offset\":0,\"next\":null},\"accounts\":{},\"blocks\":[]}",
            ),
            "dump of format 9, this node reads 1",
        ),
        (
            hex::encode_prefixed(
                "{\"format\":1,\"chainId\":1,\"clock\":{\"offset\":0,\"next\":null},\"accounts\":{},\"blocks\":[]}",
            ),
            "dump of chain 1, this is chain 412346",
        ),
        (
            hex::encode_prefixed(
                "{\"format\":1,\"chainId\":412346,\"clock\":{\"offset\":0,\"next\":null},\"accounts\":{},\"blocks\":[]}",
            ),
            "dump without blocks",
        ),
    ] {
        let (code, message, _) = refusal(other.request("anvil_loadState", json!([document])).await);
        assert!(code == -32_000 && message.starts_with(reason), "{message}");
    }
    assert_eq!(
        other
            .call(at, Counter::numberCall {})
            .await
            .expect("returns"),
        U256::ONE,
        "untouched"
    );
}

#[tokio::test]
async fn a_state_file_carries_the_chain_over_a_restart() {
    let path = std::env::temp_dir().join(format!("devnode-{}.json", std::process::id()));
    let config = || Config {
        state_file: Some(StateFile::new(&path)),
        ..Config::default()
    };
    let chain = Chain::start_with(config()).await;
    let at = chain.deploy(counter()).await;
    let saved = chain
        .request("devnode_saveState", json!([]))
        .await
        .expect("saved");
    assert_eq!(saved, json!(path));
    chain.transact(at, Counter::incrementCall {}).await;
    chain.node.save_and_shutdown().await.expect("saved");

    let chain = Chain::start_with(config()).await;
    assert_eq!(
        chain.provider.get_block_number().await.expect("answered"),
        2
    );
    assert_eq!(
        chain
            .call(at, Counter::numberCall {})
            .await
            .expect("returns"),
        U256::ONE
    );
    chain.node.shutdown().await;
    std::fs::write(&path, "no chain").expect("writes");
    let refused = devnode::Node::spawn(config()).await.expect_err("no chain");
    assert!(
        refused.to_string().contains("not a dump of a chain"),
        "{refused}"
    );
    std::fs::remove_file(&path).expect("removed");

    let without = Chain::start().await;
    assert_eq!(
        refusal(without.request("devnode_saveState", json!([])).await).0,
        -32_000
    );
}

#[tokio::test]
async fn an_access_list_names_what_a_call_touches() {
    let chain = Chain::start().await;
    let (program, outer) = (chain.program(RELAY).await, chain.deploy(caller()).await);
    let inner = chain.deploy(caller()).await;
    let note = Caller::noteCall { value: U256::ONE }.abi_encode();
    let through = op(0, &[inner.as_slice(), &note]);
    let data = Caller::forwardCall {
        target: program,
        data: through.into(),
    };
    let call = json!([{ "from": chain.dev.address(), "to": outer, "data": hex::encode_prefixed(data.abi_encode()) }]);
    let answer = chain
        .request("eth_createAccessList", call)
        .await
        .expect("answered");
    let mut expected = [
        json!({ "address": inner, "storageKeys": [alloy::primitives::B256::ZERO] }),
        json!({ "address": program, "storageKeys": [] }),
    ];
    expected.sort_by_key(|item| item["address"].as_str().unwrap().to_owned());
    assert_eq!(answer["accessList"], json!(expected));
    assert!(answer.get("error").is_none());
    // The list makes warm what the call touches: gas is what a transaction that carries it uses.
    let list = serde_json::from_value(answer["accessList"].clone()).expect("a list");
    let tx = request(outer, data.abi_encode())
        .access_list(list)
        .with_gas_limit(2_000_000);
    let used = chain.sent(tx).await.gas_used;
    let gas = crate::support::quantity(&answer["gasUsed"]);
    assert_eq!(used, gas);
}
