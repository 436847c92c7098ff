//! `eth_getProof`, judged by `alloy-trie`'s verifier against the state roots of headers.

use alloy::{
    consensus::constants::EMPTY_ROOT_HASH,
    primitives::{Address, B256, KECCAK256_EMPTY, U256, keccak256},
    providers::Provider,
    rpc::types::EIP1186AccountProofResponse,
};
use alloy_trie::{Nibbles, TrieAccount, proof::verify_proof};
use serde_json::json;

use crate::{
    stylus::{KEY, VALUE, op},
    support::{Chain, Counter, RELAY, counter, ether, refusal, request},
};

async fn root(chain: &Chain, block: u64) -> B256 {
    let block = chain.provider.get_block_by_number(block.into()).await;
    block.expect("answered").expect("kept").header.state_root
}

async fn proof(
    chain: &Chain,
    address: Address,
    slots: Vec<B256>,
    block: u64,
) -> EIP1186AccountProofResponse {
    let asked = chain.provider.get_proof(address, slots);
    asked.number(block).await.expect("answered")
}

/// Verifies the account, if it is there, and all slots.
fn verify(root: B256, found: &EIP1186AccountProofResponse, exists: bool) {
    let account = TrieAccount {
        nonce: found.nonce,
        balance: found.balance,
        storage_root: found.storage_hash,
        code_hash: found.code_hash,
    };
    let leaf = exists.then(|| alloy_rlp::encode(account));
    let path = Nibbles::unpack(keccak256(found.address));
    verify_proof(root, path, leaf, &found.account_proof).expect("the account is proved");
    for slot in &found.storage_proof {
        let path = Nibbles::unpack(keccak256(slot.key.as_b256()));
        let value = (!slot.value.is_zero()).then(|| alloy_rlp::encode(slot.value));
        verify_proof(found.storage_hash, path, value, &slot.proof).expect("the slot is proved");
    }
}

#[tokio::test]
async fn accounts_and_slots_are_proved_under_the_root_of_their_block() {
    let chain = Chain::start().await;
    let at = chain.deploy(counter()).await;
    let program = chain.program(RELAY).await;
    let write = op(2, &[KEY.as_slice(), VALUE.as_slice()]);
    let first = chain.sent(request(program, write)).await;
    let first = first.block_number.expect("mined");
    for _ in 0..3 {
        chain.transact(at, Counter::incrementCall {}).await;
    }
    let last = chain.provider.get_block_number().await.expect("answered");

    // What a Stylus program stored, what Solidity stored, slots that are empty, and what was there before.
    let found = proof(&chain, program, vec![KEY, B256::ZERO], first).await;
    assert_eq!(found.storage_proof[0].value, U256::from_be_bytes(VALUE.0));
    assert_eq!(found.storage_proof[1].value, U256::ZERO);
    verify(root(&chain, first).await, &found, true);
    for (block, number) in [(last, 3), (last - 1, 2), (first, 0)] {
        let found = proof(&chain, at, vec![B256::ZERO], block).await;
        assert_eq!(found.storage_proof[0].value, U256::from(number));
        verify(root(&chain, block).await, &found, true);
    }
    // The sender, the account of ArbOS, somebody who is not there.
    let arbos = "0xA4B05FffffFffFFFFfFFfffFfffFFfffFfFfFFFf";
    for address in [chain.dev.address(), arbos.parse().expect("an address")] {
        let found = proof(&chain, address, vec![KEY], last).await;
        verify(root(&chain, last).await, &found, true);
    }
    let nobody = proof(&chain, Address::repeat_byte(9), vec![KEY], last).await;
    assert_eq!(nobody.storage_hash, EMPTY_ROOT_HASH);
    assert_ne!(nobody.code_hash, KECCAK256_EMPTY);
    verify(root(&chain, last).await, &nobody, false);
}

#[tokio::test]
async fn edits_are_in_the_root_of_the_next_block_and_gone_with_the_revert() {
    let chain = Chain::start().await;
    let bob = Address::repeat_byte(0xB0);
    let before = root(&chain, 0).await;
    let taken = chain.request("evm_snapshot", json!([])).await;
    let balance = json!([bob, format!("{:#x}", ether(5))]);
    chain
        .request("anvil_setBalance", balance)
        .await
        .expect("set");
    let slot = json!([bob, "0x1", B256::repeat_byte(7)]);
    chain
        .request("anvil_setStorageAt", slot)
        .await
        .expect("set");
    chain.request("evm_mine", json!([])).await.expect("mined");
    let found = proof(&chain, bob, vec![B256::with_last_byte(1)], 1).await;
    assert_eq!(found.balance, ether(5));
    assert_eq!(found.storage_proof[0].value, U256::from_be_bytes([7; 32]));
    verify(root(&chain, 1).await, &found, true);

    let reverted = chain.request("evm_revert", json!([taken.expect("taken")]));
    assert_eq!(reverted.await.expect("answered"), json!(true));
    chain.request("evm_mine", json!([])).await.expect("mined");
    assert_eq!(root(&chain, 1).await, before, "nothing has changed since");
}

/// A dump carries accounts, not tries: the root of the loaded state is that of the dumped one.
#[tokio::test]
async fn loaded_chain_has_the_same_root() {
    let chain = Chain::start().await;
    let program = chain.program(RELAY).await;
    let write = op(2, &[KEY.as_slice(), VALUE.as_slice()]);
    chain.sent(request(program, write)).await;
    let dump = chain.request("anvil_dumpState", json!([])).await;
    let other = Chain::start().await;
    let loaded = other.request("anvil_loadState", json!([dump.expect("dumped")]));
    assert_eq!(loaded.await.expect("loaded"), json!(true));
    for chain in [&chain, &other] {
        chain.request("evm_mine", json!([])).await.expect("mined");
    }
    let last = chain.provider.get_block_number().await.expect("answered");
    assert_eq!(root(&chain, last).await, root(&other, last).await);
    assert_ne!(root(&chain, last).await, EMPTY_ROOT_HASH);
}

#[tokio::test]
async fn too_many_slots_are_refused() {
    let chain = Chain::start().await;
    for (count, fits) in [(1_024, true), (1_025, false)] {
        let slots = json!([Address::ZERO, vec![B256::ZERO; count], "latest"]);
        let answer = chain.request("eth_getProof", slots).await;
        if fits {
            answer.expect("answered");
        } else {
            let (code, message, _) = refusal(answer);
            assert_eq!(code, -32_602);
            assert_eq!(message, "too many slots (max 1024)");
        }
    }
}
