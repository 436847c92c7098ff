//! Calldata in, result out, and the data returned by the last call.

use super::frame::{Escape, Host, length_of};
use crate::program::prices::{EVM_API, HOSTIO};

/// Copies the calldata to `ptr`.
pub fn read_args(host: &mut Host<'_>, ptr: u32) -> Result<(), Escape> {
    host.buy_ink(HOSTIO)?;
    let calldata = host.state().calldata.clone();
    host.pay_for_write(length_of(calldata.len()))?;
    host.write_slice(ptr, &calldata)
}

/// Sets what the program returns, in place of what it set before.
pub fn write_result(host: &mut Host<'_>, ptr: u32, len: u32) -> Result<(), Escape> {
    host.buy_ink(HOSTIO)?;
    host.pay_for_read_and_copy(len)?;
    host.state().output = host.read_slice(ptr, len)?;
    Ok(())
}

/// Ends the program: status 0 returns, any other reverts.
pub fn exit_early(_host: &mut Host<'_>, status: u32) -> Result<(), Escape> {
    Err(Escape::Exit(status))
}

/// Copies up to `size` bytes of the last call's return data, from `offset`, to `dest`; gives the number of bytes copied.
pub fn read_return_data(
    host: &mut Host<'_>,
    dest: u32,
    offset: u32,
    size: u32,
) -> Result<u32, Escape> {
    host.buy_ink(HOSTIO + EVM_API)?;
    let data = host.state().return_data.clone();
    let rest = data.get(offset as usize..).unwrap_or_default();
    let copied = size.min(length_of(rest.len()));
    host.pay_for_write(copied)?;
    if copied > 0 {
        host.write_slice(dest, &rest[..copied as usize])?;
    }
    Ok(copied)
}

/// Length of the last call's return data.
pub fn return_data_size(host: &mut Host<'_>) -> Result<u32, Escape> {
    host.buy_ink(HOSTIO)?;
    Ok(length_of(host.state().return_data.len()))
}
