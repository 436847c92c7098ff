//! Whether enough of the right keys have signed.

use alloy_primitives::{Address, B256};

use crate::refusal::Refusal;
use crate::signature::{LENGTH, Signature};

/// Checks `signatures`, 65 bytes each, strictly ascending by the signer's address: order makes every duplicate a neighbour.
///
/// All of them are checked, not only the first `needed`: what a relayer sends is right or it is not. `recover` names who signed the digest, if
/// anybody; `is_signer` says whether he counts.
///
/// Errors: `NotEnoughSigners` before any is recovered; then, signature by signature, `BadSignature` (also for a tail that is no whole signature),
/// `UnknownSigner`, `DuplicateSigner`, `UnsortedSigners`.
pub fn verify<E: From<Refusal>>(
    digest: B256,
    signatures: &[u8],
    needed: usize,
    mut recover: impl FnMut(B256, &Signature) -> Result<Option<Address>, E>,
    mut is_signer: impl FnMut(Address) -> bool,
) -> Result<(), E> {
    let (whole, tail) = signatures.as_chunks::<LENGTH>();
    let given = whole.len();
    if given < needed {
        return Err(Refusal::NotEnoughSigners { given, needed }.into());
    }
    if !tail.is_empty() {
        return Err(Refusal::BadSignature { index: given }.into());
    }
    // Nobody signs as the zero address: recovery has no answer for it.
    let mut previous = Address::ZERO;
    for (index, bytes) in whole.iter().enumerate() {
        let signature = Signature::read(bytes, index)?;
        let signer = recover(digest, &signature)?.ok_or(Refusal::BadSignature { index })?;
        if !is_signer(signer) {
            return Err(Refusal::UnknownSigner { signer }.into());
        }
        if signer == previous {
            return Err(Refusal::DuplicateSigner { signer }.into());
        }
        if signer < previous {
            return Err(Refusal::UnsortedSigners {
                previous,
                next: signer,
            }
            .into());
        }
        previous = signer;
    }
    Ok(())
}
