//! `eth_createAccessList`: what a call touches, from what the machine had loaded when it was over. Reads of Stylus programs and of EVM
//! code are alike in that.

use std::{collections::BTreeMap, sync::Arc};

use alloy_eips::eip2930::{AccessList, AccessListItem};
use alloy_primitives::{Address, B256, TxKind};
use alloy_rpc_types_eth::TransactionRequest;
use jsonrpsee::{core::RegisterMethodError, types::ErrorObjectOwned};
use revm::{
    context::TxEnv, context_interface::result::ExecutionResult, precompile::PrecompileSpecId,
    state::EvmState,
};
use serde_json::{Value, json};

use super::{Answer, Api, Methods, arguments::Arguments, calls, error, quantity};
use crate::{
    chain::{View, config::SEQUENCER},
    evm::{SPEC, arbos, precompiles, tracer::Tracer},
};

/// Runs it may take until a list with itself in force yields itself; geth has no bound, but contracts that branch on gas may not settle.
const MAX_RUNS: usize = 4;

/// Adds the methods of this file.
pub fn register(methods: &mut Methods) -> Result<(), RegisterMethodError> {
    methods.task("eth_createAccessList", create)
}

async fn create(api: Arc<Api>, mut args: Arguments) -> Answer {
    let request: TransactionRequest = args.required()?;
    let block = args.block()?;
    let view = calls::overridden_view(&api, block, args.optional()?, None)?;
    let tx = calls::environment(request, &view)?;
    let fees = api.chain().config().network_fee_account;
    api.on_machine(move |_| settle(&view, tx, fees))
        .await
        .map_err(error::lost)?
}

fn settle(view: &View, mut tx: TxEnv, fees: Address) -> Answer {
    let mut runs = 1;
    loop {
        let traced = view.trace(tx.clone(), true, Tracer::Off);
        let (outcome, _) = traced.map_err(|e: crate::chain::ChainError| error::chain(&e))?;
        let list = touched(&outcome.changes, &tx, fees);
        if list == tx.access_list || runs == MAX_RUNS {
            return answer(&list, &outcome.result);
        }
        tx.access_list = list;
        tx.tx_type = tx.tx_type.max(1);
        runs += 1;
    }
}

fn answer(list: &AccessList, result: &ExecutionResult) -> Result<Value, ErrorObjectOwned> {
    let mut answer = json!({ "accessList": list, "gasUsed": quantity(result.tx_gas_used())? });
    if let (false, Value::Object(answer)) = (result.is_success(), &mut answer) {
        let error = match result {
            ExecutionResult::Halt { reason, .. } => format!("{reason:?}"),
            _ => "execution reverted".into(),
        };
        answer.insert("error".into(), error.into());
    }
    Ok(answer)
}

/// Accounts and slots a list would warm. Left out is what is warm anyhow or only of the machine: sender, callee without slots,
/// precompiles, sequencer, fee account, ArbOS.
fn touched(changes: &EvmState, tx: &TxEnv, fees: Address) -> AccessList {
    let callee = match tx.kind {
        TxKind::Call(to) => to,
        TxKind::Create => tx.caller.create(tx.nonce),
    };
    let ethereum = revm::precompile::Precompiles::new(PrecompileSpecId::from_spec_id(SPEC));
    let machine = [tx.caller, fees, SEQUENCER, arbos::ADDRESS];
    let items: BTreeMap<Address, AccessListItem> = changes
        .iter()
        .filter(|(address, account)| {
            let warm = **address == callee && account.storage.is_empty();
            let precompile = ethereum.contains(address) || precompiles::ADDRESSES.contains(address);
            !warm && !precompile && !machine.contains(address)
        })
        .map(|(address, account)| {
            let mut keys: Vec<B256> = account.storage.keys().map(|key| B256::from(*key)).collect();
            keys.sort_unstable();
            let item = AccessListItem {
                address: *address,
                storage_keys: keys,
            };
            (*address, item)
        })
        .collect();
    AccessList(items.into_values().collect())
}
