//! The errors of the committee beside those of signed data. Encoded word by word: the generated encoders cost kilobytes.

use alloy_primitives::{B256, U256};
use alloy_sol_types::SolError;
use interfaces::ISettlementCommittee::{
    DisputeClosed, NotExpired, NotMoreSigners, ParameterOutOfBounds,
};
use interfaces::Revert;
use interfaces::words::{Word, encode};

#[inline(never)]
fn refuse(selector: [u8; 4], words: &[B256]) -> Revert {
    Revert::from_callee(encode(&selector, words))
}

/// Errors: `ParameterOutOfBounds` outside of [least, most].
pub(crate) fn within(given: U256, least: u128, most: u128) -> Result<(), Revert> {
    if given < U256::from(least) || given > U256::from(most) {
        return Err(refuse(
            ParameterOutOfBounds::SELECTOR,
            &[given.word(), least.word(), most.word()],
        ));
    }
    Ok(())
}

pub(crate) fn not_expired(expiry: u32, time: u64) -> Revert {
    refuse(NotExpired::SELECTOR, &[expiry.word(), time.word()])
}

pub(crate) fn dispute_closed(final_at: u64, time: u64) -> Revert {
    refuse(DisputeClosed::SELECTOR, &[final_at.word(), time.word()])
}

/// `stands` signed what would be replaced; one more would have to.
pub(crate) fn not_more_signers(given: u8, stands: u8) -> Revert {
    let needed = u32::from(stands).saturating_add(1);
    refuse(
        NotMoreSigners::SELECTOR,
        &[u32::from(given).word(), needed.word()],
    )
}
