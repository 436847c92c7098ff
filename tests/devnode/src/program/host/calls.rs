//! Calls to and creations of other contracts.

use alloy_primitives::{Address, U256};

use super::frame::{Escape, Host};
use crate::program::{
    evm_api::CallKind,
    prices::{EVM_API, HOSTIO, PTR},
};

/// Status of a call that returned.
const CALL_RETURNED: u32 = 0;
/// Status of a call that did not: reverts, out of gas, depth and write protection are not told apart.
const CALL_FAILED: u32 = 2;

/// What a call is given, as pointers.
struct CallArguments {
    contract: u32,
    data: u32,
    len: u32,
    value: Option<u32>,
    gas: u64,
    ret_len: u32,
}

/// CALL
pub fn call(
    host: &mut Host<'_>,
    contract: u32,
    data: u32,
    len: u32,
    value: u32,
    gas: u64,
    ret_len: u32,
) -> Result<u32, Escape> {
    let value = Some(value);
    make_call(
        host,
        CallKind::Call,
        CallArguments {
            contract,
            data,
            len,
            value,
            gas,
            ret_len,
        },
    )
}

/// DELEGATECALL
pub fn delegate_call(
    host: &mut Host<'_>,
    contract: u32,
    data: u32,
    len: u32,
    gas: u64,
    ret_len: u32,
) -> Result<u32, Escape> {
    let value = None;
    make_call(
        host,
        CallKind::Delegate,
        CallArguments {
            contract,
            data,
            len,
            value,
            gas,
            ret_len,
        },
    )
}

/// STATICCALL
pub fn static_call(
    host: &mut Host<'_>,
    contract: u32,
    data: u32,
    len: u32,
    gas: u64,
    ret_len: u32,
) -> Result<u32, Escape> {
    let value = None;
    make_call(
        host,
        CallKind::Static,
        CallArguments {
            contract,
            data,
            len,
            value,
            gas,
            ret_len,
        },
    )
}

fn make_call(host: &mut Host<'_>, kind: CallKind, args: CallArguments) -> Result<u32, Escape> {
    host.buy_ink(HOSTIO + 3 * PTR + EVM_API)?;
    host.pay_for_read_and_copy(args.len)?;
    let gas_left = host.gas_left();
    let gas_requested = args.gas.min(gas_left);
    let to = host.read_address(args.contract)?;
    let data = host.read_slice(args.data, args.len)?;
    let value = match args.value {
        Some(ptr) => host.read_number(ptr)?,
        None => U256::ZERO,
    };
    let outcome = host
        .api()
        .call(kind, to, data, value, gas_left, gas_requested);
    host.buy_gas(outcome.gas_cost)?;
    let returned = outcome.return_data.len();
    host.state().return_data = outcome.return_data;
    host.write_length(args.ret_len, returned)?;
    Ok(if outcome.success {
        CALL_RETURNED
    } else {
        CALL_FAILED
    })
}

/// CREATE
pub fn create1(
    host: &mut Host<'_>,
    code: u32,
    len: u32,
    endowment: u32,
    contract: u32,
    revert_len: u32,
) -> Result<(), Escape> {
    host.buy_ink(HOSTIO + 3 * PTR + EVM_API)?;
    create(host, code, len, endowment, None, contract, revert_len)
}

/// CREATE2
pub fn create2(
    host: &mut Host<'_>,
    code: u32,
    len: u32,
    endowment: u32,
    salt: u32,
    contract: u32,
    revert_len: u32,
) -> Result<(), Escape> {
    host.buy_ink(HOSTIO + 4 * PTR + EVM_API)?;
    create(host, code, len, endowment, Some(salt), contract, revert_len)
}

fn create(
    host: &mut Host<'_>,
    code: u32,
    len: u32,
    endowment: u32,
    salt: Option<u32>,
    contract: u32,
    revert_len: u32,
) -> Result<(), Escape> {
    host.pay_for_read_and_copy(len)?;
    let code = host.read_slice(code, len)?;
    let endowment = host.read_number(endowment)?;
    let salt = match salt {
        Some(ptr) => Some(host.read_number(ptr)?),
        None => None,
    };
    let gas_left = host.gas_left();
    let created = host.api().create(code, endowment, salt, gas_left);
    let outcome = created.map_err(|failure| host.fail(failure))?;
    host.buy_gas(outcome.gas_cost)?;
    let returned = outcome.return_data.len();
    host.state().return_data = outcome.return_data;
    host.write_length(revert_len, returned)?;
    host.write_slice(
        contract,
        outcome.address.unwrap_or(Address::ZERO).as_slice(),
    )
}
