//! Other accounts: balance, code, code hash.

use alloy_primitives::{Address, Bytes};

use super::frame::{Escape, Host, length_of};
use crate::program::prices::{COLD_ACCOUNT, EVM_API, HOSTIO, LOAD_CODE, PTR};

/// Balance of an account.
pub fn balance(host: &mut Host<'_>, address: u32, dest: u32) -> Result<(), Escape> {
    host.buy_ink(HOSTIO + 2 * PTR + EVM_API)?;
    host.require_gas(COLD_ACCOUNT)?;
    let address = host.read_address(address)?;
    let (balance, gas) = host.api().balance(address);
    host.buy_gas(gas)?;
    host.write_number(dest, balance)
}

/// Copies up to `size` bytes of an account's code, from `offset`, to `dest`; gives the number of bytes copied. Paid for the
/// whole code.
pub fn code(
    host: &mut Host<'_>,
    address: u32,
    offset: u32,
    size: u32,
    dest: u32,
) -> Result<u32, Escape> {
    host.buy_ink(HOSTIO + EVM_API)?;
    host.require_gas(COLD_ACCOUNT)?;
    let address = host.read_address(address)?;
    let code = load_code(host, address)?;
    host.pay_for_write(length_of(code.len()))?;
    let rest = code.get(offset as usize..).unwrap_or_default();
    let copied = size.min(length_of(rest.len()));
    host.write_slice(dest, &rest[..copied as usize])?;
    Ok(copied)
}

/// Length of an account's code.
pub fn code_size(host: &mut Host<'_>, address: u32) -> Result<u32, Escape> {
    host.buy_ink(HOSTIO + EVM_API)?;
    host.require_gas(COLD_ACCOUNT)?;
    let address = host.read_address(address)?;
    Ok(length_of(load_code(host, address)?.len()))
}

/// Code hash of an account.
pub fn code_hash(host: &mut Host<'_>, address: u32, dest: u32) -> Result<(), Escape> {
    host.buy_ink(HOSTIO + 2 * PTR + EVM_API)?;
    host.require_gas(COLD_ACCOUNT)?;
    let address = host.read_address(address)?;
    let (hash, gas) = host.api().code_hash(address);
    host.buy_gas(gas)?;
    host.write_slice(dest, hash.as_slice())
}

/// Code of `address`, free if it is the code last asked for. Empty code is asked for again each time.
fn load_code(host: &mut Host<'_>, address: Address) -> Result<Bytes, Escape> {
    if let Some((_, code)) = host
        .state()
        .last_code
        .as_ref()
        .filter(|(last, _)| *last == address)
    {
        return Ok(code.clone());
    }
    let (code, gas) = host.api().code(address);
    host.buy_gas(LOAD_CODE + gas)?;
    if !code.is_empty() {
        host.state().last_code = Some((address, code.clone()));
    }
    Ok(code)
}
