//! The engine's request to a margin model on the wire; see `IMarginModel.sol`.

use alloc::vec::Vec;

use alloy_primitives::B256;

use crate::words::{Word, encode};

/// `profile` and `request` as arguments behind `head` (a selector, or nothing).
#[must_use]
pub fn encoded(head: &[u8], profile: &[u8], request: &[B256]) -> Vec<u8> {
    // The bytes come last, so that nothing stands behind their padding: words 0 and 1 are the offsets, the list begins at word 2.
    let profile_at = (request.len() as u128).saturating_add(3).saturating_mul(32);
    let offsets = [
        profile_at.word(),
        64_u32.word(),
        (request.len() as u128).word(),
    ];
    let mut input = encode(head, &offsets);
    input.extend(encode(&[], request));
    input.extend(encode(&[], &[(profile.len() as u128).word()]));
    input.extend_from_slice(profile);
    let padded = profile.len().next_multiple_of(32);
    input.resize(
        input
            .len()
            .saturating_add(padded.saturating_sub(profile.len())),
        0,
    );
    input
}
