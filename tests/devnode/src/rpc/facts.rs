//! Facts of the chain and of accounts.

use alloy_primitives::Bytes;
use alloy_primitives::{Address, B256, hex, keccak256};
use alloy_serde::JsonStorageKey;
use jsonrpsee::core::RegisterMethodError;
use serde_json::{Value, json};

use super::{Answer, Api, Methods, arguments::Arguments, error, json as to_json, quantity};
use crate::chain::config::BASE_FEE;

/// Adds the methods of this file.
pub fn register(methods: &mut Methods) -> Result<(), RegisterMethodError> {
    methods.query("web3_clientVersion", |_, _| {
        Ok(format!("novation-devnode/v{}/stylus", env!("CARGO_PKG_VERSION")).into())
    })?;
    methods.query("web3_sha3", |_, args| {
        let data: Bytes = args.required()?;
        Ok(hex::encode_prefixed(keccak256(&data)).into())
    })?;
    methods.query("net_version", |api, _| {
        Ok(api.chain().config().chain_id.to_string().into())
    })?;
    methods.query("net_listening", |_, _| Ok(true.into()))?;
    methods.query("net_peerCount", |_, _| quantity(0))?;
    methods.query("eth_chainId", |api, _| {
        quantity(api.chain().config().chain_id)
    })?;
    methods.query("eth_syncing", |_, _| Ok(false.into()))?;
    // The node signs nothing, so it has no accounts to offer.
    methods.query("eth_accounts", |_, _| Ok(json!([])))?;
    methods.query("eth_blockNumber", |api, _| {
        quantity(api.chain().head().number())
    })?;
    methods.query("eth_gasPrice", |_, _| quantity(BASE_FEE))?;
    methods.query("eth_maxPriorityFeePerGas", |_, _| quantity(0))?;
    methods.query("eth_getBalance", balance)?;
    methods.query("eth_getCode", code)?;
    methods.query("eth_getStorageAt", storage_at)?;
    methods.query("eth_getTransactionCount", transaction_count)
}

fn balance(api: &Api, args: &mut Arguments) -> Answer {
    let (address, block): (Address, _) = (args.required()?, args.block()?);
    to_json(
        api.chain()
            .state_at(block)
            .map_err(|e| error::chain(&e))?
            .balance(&address),
    )
}

fn code(api: &Api, args: &mut Arguments) -> Answer {
    let (address, block): (Address, _) = (args.required()?, args.block()?);
    to_json(
        api.chain()
            .state_at(block)
            .map_err(|e| error::chain(&e))?
            .code(&address),
    )
}

fn storage_at(api: &Api, args: &mut Arguments) -> Answer {
    let address: Address = args.required()?;
    let key: JsonStorageKey = args.required()?;
    let block = args.block()?;
    let chain = api.chain();
    let state = chain.state_at(block).map_err(|e| error::chain(&e))?;
    Ok(Value::String(
        B256::from(state.slot(&address, &key.as_b256().into())).to_string(),
    ))
}

/// `pending` and `latest` agree: a transaction is mined before its sender hears of it.
fn transaction_count(api: &Api, args: &mut Arguments) -> Answer {
    let (address, block): (Address, _) = (args.required()?, args.block()?);
    quantity(
        api.chain()
            .state_at(block)
            .map_err(|e| error::chain(&e))?
            .nonce(&address),
    )
}
