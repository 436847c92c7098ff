//! Methods that change the state outside any transaction, speak for accounts, and carry the chain from one node to another.

use std::sync::Arc;

use alloy_primitives::{Address, Bytes, TxKind, U256};
use alloy_rpc_types_eth::TransactionRequest;
use alloy_serde::JsonStorageKey;
use jsonrpsee::core::RegisterMethodError;
use serde_json::Value;

use super::{Answer, Api, Methods, arguments::Arguments, error, json};
use crate::chain::Unsigned;

/// Adds the methods of this file.
pub fn register(methods: &mut Methods) -> Result<(), RegisterMethodError> {
    methods.query_as(&["anvil_setBalance", "hardhat_setBalance"], |api, args| {
        let (address, balance): (Address, U256) = (args.required()?, args.required()?);
        api.chain().set_balance(address, balance);
        Ok(Value::Null)
    })?;
    methods.query_as(&["anvil_setNonce", "hardhat_setNonce"], |api, args| {
        let address: Address = args.required()?;
        let nonce = args.number()?;
        api.chain()
            .edit_state(|state| state.set_nonce(address, nonce));
        Ok(Value::Null)
    })?;
    methods.query_as(&["anvil_setCode", "hardhat_setCode"], |api, args| {
        let (address, code): (Address, Bytes) = (args.required()?, args.required()?);
        api.chain()
            .edit_state(|state| state.set_code(address, code));
        Ok(Value::Null)
    })?;
    methods.query_as(
        &["anvil_setStorageAt", "hardhat_setStorageAt"],
        |api, args| {
            let (address, key): (Address, JsonStorageKey) = (args.required()?, args.required()?);
            let value: JsonStorageKey = args.required()?;
            let (key, value) = (key.as_b256().into(), value.as_b256().into());
            api.chain()
                .edit_state(|state| state.set_slot(address, key, value));
            Ok(true.into())
        },
    )?;
    methods.query_as(
        &["anvil_impersonateAccount", "hardhat_impersonateAccount"],
        |api, args| {
            api.chain().impersonate(args.required()?);
            Ok(Value::Null)
        },
    )?;
    methods.query_as(
        &[
            "anvil_stopImpersonatingAccount",
            "hardhat_stopImpersonatingAccount",
        ],
        |api, args| {
            let account: Address = args.required()?;
            api.chain().stop_impersonating(&account);
            Ok(Value::Null)
        },
    )?;
    methods.query("anvil_autoImpersonateAccount", |api, args| {
        api.chain().impersonate_everybody(args.required()?);
        Ok(Value::Null)
    })?;
    methods.query_as(&["anvil_dumpState", "hardhat_dumpState"], |api, _| {
        let dump = api.chain().dump();
        json(Bytes::from(
            dump.map_err(|e| error::server(&e.to_string()))?,
        ))
    })?;
    methods.query_as(&["anvil_loadState", "hardhat_loadState"], |api, args| {
        let dump: Bytes = args.required()?;
        let loaded = api.chain().load(&dump);
        loaded.map_err(|e| error::server(&e.to_string()))?;
        Ok(true.into())
    })?;
    methods.task("eth_sendTransaction", send_transaction)?;
    methods.task("devnode_saveState", save_state)
}

/// Only for accounts a test speaks for: the node holds no keys.
async fn send_transaction(api: Arc<Api>, mut args: Arguments) -> Answer {
    let request: TransactionRequest = args.required()?;
    let from = request
        .from
        .ok_or_else(|| error::invalid_params("missing \"from\""))?;
    let input = request
        .input
        .try_into_unique_input()
        .map_err(|_| error::server("both \"data\" and \"input\" are set and not equal"))?;
    let tx = Unsigned {
        from,
        kind: request.to.unwrap_or(TxKind::Create),
        value: request.value.unwrap_or_default(),
        input: input.unwrap_or_default(),
        gas_limit: request.gas,
        nonce: request.nonce,
    };
    let sent = api
        .on_machine(move |api| api.chain().send_unsigned(tx))
        .await
        .map_err(error::lost)?;
    json(sent.map_err(|e| error::chain(&e))?)
}

/// Writes the chain to the file the node was started with; gives the path.
async fn save_state(api: Arc<Api>, _: Arguments) -> Answer {
    let file = api
        .state_file
        .clone()
        .ok_or_else(|| error::server("the node was started without a state file"))?;
    let path = file.path().display().to_string();
    let chain = Arc::clone(&api.chain);
    let saved = api
        .on_machine(move |_| file.save(&chain))
        .await
        .map_err(error::lost)?;
    saved.map_err(|e| error::server(&e.to_string()))?;
    Ok(path.into())
}
