//! Logs.

use alloy_primitives::B256;

use super::frame::{Escape, Host};
use crate::program::prices::{EVM_API, HOSTIO, LOG, LOG_BYTE};

/// Emits the log whose `topics` words stand first in the `len` bytes at `data`.
pub fn emit(host: &mut Host<'_>, data: u32, len: u32, topics: u32) -> Result<(), Escape> {
    host.buy_ink(HOSTIO + EVM_API)?;
    if topics > 4 || len < topics * 32 {
        return Err(Escape::Failure("malformed log"));
    }
    host.pay_for_read(len)?;
    let data_len = u64::from(len - topics * 32);
    host.buy_gas(LOG * (1 + u64::from(topics)) + LOG_BYTE * data_len)?;
    let bytes = host.read_slice(data, len)?;
    let words = bytes
        .chunks_exact(32)
        .take(topics as usize)
        .map(B256::from_slice)
        .collect();
    let emitted = host
        .api()
        .emit_log(words, bytes.slice(topics as usize * 32..));
    emitted.map_err(|failure| host.fail(failure))
}
