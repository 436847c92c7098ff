//! `eth_getProof`: an account and some of its slots, with the nodes of the trie that prove them under the state root of the block.

use alloy_primitives::{Address, B256};
use alloy_rpc_types_eth::{EIP1186AccountProofResponse, EIP1186StorageProof};
use alloy_serde::JsonStorageKey;
use jsonrpsee::core::RegisterMethodError;

use super::{Answer, Api, Methods, arguments::Arguments, error, json};

/// Slots of one request, geth's number.
const MAX_SLOTS: usize = 1_024;

/// Adds the methods of this file.
pub fn register(methods: &mut Methods) -> Result<(), RegisterMethodError> {
    methods.query("eth_getProof", get_proof)
}

fn get_proof(api: &Api, args: &mut Arguments) -> Answer {
    let address: Address = args.required()?;
    let slots: Vec<JsonStorageKey> = args.required()?;
    let block = args.block()?;
    if slots.len() > MAX_SLOTS {
        let message = format!("too many slots (max {MAX_SLOTS})");
        return Err(error::invalid_params(&message));
    }
    let mut state = {
        let chain = api.chain();
        let state = chain.state_at(block).map_err(|e| error::chain(&e))?;
        state.clone()
    };
    let account = state.account(&address);
    let proof = |key: JsonStorageKey| {
        let slot = key.as_b256().into();
        EIP1186StorageProof {
            key,
            value: state.slot(&address, &slot),
            proof: account.prove_slot(&slot),
        }
    };
    let storage_proof = slots.into_iter().map(proof).collect();
    json(EIP1186AccountProofResponse {
        address,
        balance: account.balance,
        // As geth has it: an account that is not there has not even the hash of no code.
        code_hash: if state.exists(&address) {
            account.code_hash
        } else {
            B256::ZERO
        },
        nonce: account.nonce,
        storage_hash: account.storage_root(),
        account_proof: state.prove(&address),
        storage_proof,
    })
}
