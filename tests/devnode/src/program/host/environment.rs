//! Block, transaction and message; gas and ink; payment for pages of memory.

use alloy_primitives::{Address, U256};

use super::frame::{Escape, Host};
use crate::program::prices::{HOSTIO, PTR};

/// Gas left after paying for the question.
pub fn gas_left(host: &mut Host<'_>) -> Result<u64, Escape> {
    host.buy_ink(HOSTIO)?;
    Ok(host.gas_left())
}

/// Ink left after paying for the question.
pub fn ink_left(host: &mut Host<'_>) -> Result<u64, Escape> {
    host.buy_ink(HOSTIO)?;
    Ok(host.ink_left())
}

/// Base fee of the block, wei.
pub fn base_fee(host: &mut Host<'_>, dest: u32) -> Result<(), Escape> {
    let base_fee = host.api().facts().base_fee;
    give_number(host, dest, base_fee)
}

/// Chain id.
pub fn chain_id(host: &mut Host<'_>) -> Result<u64, Escape> {
    host.buy_ink(HOSTIO)?;
    Ok(host.api().facts().chain_id)
}

/// Coinbase of the block.
pub fn coinbase(host: &mut Host<'_>, dest: u32) -> Result<(), Escape> {
    let coinbase = host.api().facts().coinbase;
    give_address(host, dest, coinbase)
}

/// Gas limit of the block.
pub fn block_gas_limit(host: &mut Host<'_>) -> Result<u64, Escape> {
    host.buy_ink(HOSTIO)?;
    Ok(host.api().facts().block_gas_limit)
}

/// L1 block number.
pub fn block_number(host: &mut Host<'_>) -> Result<u64, Escape> {
    host.buy_ink(HOSTIO)?;
    Ok(host.api().facts().block_number)
}

/// Unix seconds.
pub fn block_timestamp(host: &mut Host<'_>) -> Result<u64, Escape> {
    host.buy_ink(HOSTIO)?;
    Ok(host.api().facts().block_timestamp)
}

/// Acting address.
pub fn contract_address(host: &mut Host<'_>, dest: u32) -> Result<(), Escape> {
    let contract = host.api().facts().contract;
    give_address(host, dest, contract)
}

/// 1 when another frame of the acting address is live.
pub fn reentrant(host: &mut Host<'_>) -> Result<u32, Escape> {
    host.buy_ink(HOSTIO)?;
    Ok(u32::from(host.api().facts().reentrant))
}

/// `msg.sender`
pub fn sender(host: &mut Host<'_>, dest: u32) -> Result<(), Escape> {
    let caller = host.api().facts().caller;
    give_address(host, dest, caller)
}

/// `msg.value`, wei.
pub fn value(host: &mut Host<'_>, dest: u32) -> Result<(), Escape> {
    let value = host.api().facts().value;
    give_number(host, dest, value)
}

/// Effective gas price, wei.
pub fn gas_price(host: &mut Host<'_>, dest: u32) -> Result<(), Escape> {
    let gas_price = host.api().facts().gas_price;
    give_number(host, dest, gas_price)
}

/// Ink per gas.
pub fn ink_price(host: &mut Host<'_>) -> Result<u32, Escape> {
    host.buy_ink(HOSTIO)?;
    Ok(host.state().config.ink_price)
}

/// `tx.origin`
pub fn origin(host: &mut Host<'_>, dest: u32) -> Result<(), Escape> {
    let origin = host.api().facts().origin;
    give_address(host, dest, origin)
}

/// Pays for growing memory by `pages`, which memory.grow is about to do.
pub fn pay_for_memory_grow(host: &mut Host<'_>, pages: u32) -> Result<(), Escape> {
    // The chain reads the low 16 bits.
    let pages = (pages & 0xffff) as u16;
    if pages == 0 {
        return host.buy_ink(HOSTIO);
    }
    let (open, ever) = host.api().pages();
    let gas = host.memory_model().gas(pages, open, ever);
    let open = open.saturating_add(pages);
    // Counted before it is paid: the high-water mark stays even if the payment fails.
    host.api().set_pages(open, ever.max(open));
    host.buy_gas(gas)
}

fn give_number(host: &mut Host<'_>, dest: u32, number: U256) -> Result<(), Escape> {
    host.buy_ink(HOSTIO + PTR)?;
    host.write_number(dest, number)
}

fn give_address(host: &mut Host<'_>, dest: u32, address: Address) -> Result<(), Escape> {
    host.buy_ink(HOSTIO + PTR)?;
    host.write_slice(dest, address.as_slice())
}
