//! `eth_call` and `eth_estimateGas`, with state and block overrides.

use std::sync::Arc;

use alloy_eips::{BlockId, BlockNumberOrTag};
use alloy_primitives::TxKind;
use alloy_rpc_types_eth::{BlockOverrides, TransactionRequest, state::StateOverride};
use jsonrpsee::{core::RegisterMethodError, types::ErrorObjectOwned};
use revm::context::{TxEnv, either::Either};

use super::{Answer, Api, Methods, arguments::Arguments, error, json, quantity};
use crate::chain::{
    View,
    config::RPC_GAS_CAP,
    estimate::{Estimate, estimate},
};

/// Adds the methods of this file.
pub fn register(methods: &mut Methods) -> Result<(), RegisterMethodError> {
    methods.task("eth_call", call)?;
    methods.task("eth_estimateGas", estimate_gas)
}

async fn call(api: Arc<Api>, mut args: Arguments) -> Answer {
    let request: TransactionRequest = args.required()?;
    let block = args.block()?;
    let view = view(&api, block, &mut args)?;
    let tx = environment(request, &view)?;
    let result = api
        .on_machine(move |_| view.call(tx))
        .await
        .map_err(error::lost)?;
    let output = error::of_ending(result.map_err(|e| error::chain(&e))?.ending)?;
    json(output)
}

/// Without a block the estimate is for the block to come, which is where the transaction will run.
async fn estimate_gas(api: Arc<Api>, mut args: Arguments) -> Answer {
    let request: TransactionRequest = args.required()?;
    let block = args
        .optional()?
        .unwrap_or(BlockId::Number(BlockNumberOrTag::Pending));
    let view = view(&api, block, &mut args)?;
    let fee_cap = request.gas_price.or(request.max_fee_per_gas).unwrap_or(0);
    let requested = request.gas;
    let tx = environment(request, &view)?;
    let found = api
        .on_machine(move |_| estimate(&view, &tx, requested, fee_cap))
        .await
        .map_err(error::lost)?
        .map_err(|e| error::chain(&e))?;
    match found {
        Estimate::Gas(gas) => quantity(gas),
        Estimate::Fails(ending) => json(error::of_ending(ending)?),
    }
}

fn view(api: &Api, block: BlockId, args: &mut Arguments) -> Result<View, ErrorObjectOwned> {
    let (accounts, overrides) = (args.optional()?, args.optional()?);
    overridden_view(api, block, accounts, overrides)
}

/// The state and block of `block`, changed as the client wishes.
pub fn overridden_view(
    api: &Api,
    block: BlockId,
    accounts: Option<StateOverride>,
    overrides: Option<BlockOverrides>,
) -> Result<View, ErrorObjectOwned> {
    let (accounts, overrides) = (accounts.unwrap_or_default(), overrides.unwrap_or_default());
    let mut view = api.chain().view(block).map_err(|e| error::chain(&e))?;
    override_accounts(&mut view, accounts)?;
    override_block(&mut view, &overrides);
    Ok(view)
}

fn override_accounts(view: &mut View, accounts: StateOverride) -> Result<(), ErrorObjectOwned> {
    for (address, account) in accounts {
        if account.move_precompile_to.is_some() {
            return Err(error::invalid_params(
                "movePrecompileToAddress is not supported",
            ));
        }
        if account.state.is_some() && account.state_diff.is_some() {
            return Err(error::server(&format!(
                "account {address} has both 'state' and 'stateDiff'"
            )));
        }
        if let Some(balance) = account.balance {
            view.state.set_balance(address, balance);
        }
        if let Some(nonce) = account.nonce {
            view.state.set_nonce(address, nonce);
        }
        if let Some(code) = account.code {
            view.state.set_code(address, code);
        }
        if account.state.is_some() {
            view.state.clear_storage(address);
        }
        for (key, value) in account.state.or(account.state_diff).into_iter().flatten() {
            view.state.set_slot(address, key.into(), value.into());
        }
    }
    Ok(())
}

fn override_block(view: &mut View, overrides: &BlockOverrides) {
    let block = &mut view.block;
    if let Some(number) = overrides.number {
        block.number = number;
    }
    if let Some(time) = overrides.time {
        block.timestamp = alloy_primitives::U256::from(time);
    }
    if let Some(gas_limit) = overrides.gas_limit {
        block.gas_limit = gas_limit;
    }
    if let Some(coinbase) = overrides.coinbase {
        block.beneficiary = coinbase;
    }
    if let Some(random) = overrides.random {
        block.prevrandao = Some(random);
    }
    if let Some(base_fee) = overrides.base_fee {
        block.basefee = base_fee.saturating_to();
    }
}

/// A call pays nothing: its price is zero, so only its value must be covered.
pub fn environment(request: TransactionRequest, view: &View) -> Result<TxEnv, ErrorObjectOwned> {
    let caller = request.from.unwrap_or_default();
    let data = request
        .input
        .try_into_unique_input()
        .map_err(|_| error::server("both \"data\" and \"input\" are set and not equal"))?
        .unwrap_or_default();
    let access_list = request.access_list.unwrap_or_default();
    let authorizations = request.authorization_list.unwrap_or_default();
    let tx_type = match (authorizations.is_empty(), access_list.is_empty()) {
        (false, _) => 4,
        (true, false) => 1,
        (true, true) => 0,
    };
    Ok(TxEnv {
        tx_type,
        caller,
        gas_limit: request.gas.unwrap_or(RPC_GAS_CAP),
        gas_price: 0,
        kind: request.to.unwrap_or(TxKind::Create),
        value: request.value.unwrap_or_default(),
        data,
        nonce: request.nonce.unwrap_or_else(|| view.state.nonce(&caller)),
        access_list,
        authorization_list: authorizations.into_iter().map(Either::Left).collect(),
        ..TxEnv::default()
    })
}
