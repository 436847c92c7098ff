//! Who signed: the precompile at address 1, which every chain of this kind has.

use alloc::vec::Vec;

use alloy_primitives::{Address, B256, address};
use interfaces::Revert;
use interfaces::words::{Word, Words, encode};
use stylus_sdk::prelude::*;

use crate::signature::Signature;

/// The precompile.
pub const ECRECOVER: Address = address!("0000000000000000000000000000000000000001");

/// Who signed `digest`; `None` when it is no signature of anybody.
///
/// Errors: empty revert data when the precompile fails, which it does for lack of gas only.
pub fn signer(
    vm: &dyn Host,
    digest: B256,
    signature: &Signature,
) -> Result<Option<Address>, Revert> {
    let v = u32::from(signature.v).word();
    let input = encode(&[], &[digest, v, signature.r, signature.s]);
    let mut answered = 0_usize;
    // SAFETY: address and input outlive the call. No cached storage is flushed first because a precompile cannot read any.
    let failed = unsafe {
        vm.static_call_contract(
            ECRECOVER.as_ptr(),
            input.as_ptr(),
            input.len(),
            u64::MAX,
            &mut answered,
        )
    };
    if failed != 0 {
        return Err(Revert::empty());
    }
    // Empty when there is no such point or key.
    let answer: Vec<u8> = vm.read_return_data(0, Some(answered));
    if answer.is_empty() {
        return Ok(None);
    }
    let mut words = Words::new(&answer);
    let signer = words.address();
    words.end()?;
    Ok(Some(signer).filter(|signer| !signer.is_zero()))
}
