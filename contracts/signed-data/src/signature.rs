//! What a signature may look like.

use alloy_primitives::B256;

use crate::refusal::Refusal;

/// Bytes of a signature on the wire: `r`, `s`, `v`.
pub const LENGTH: usize = 65;

/// Half of the curve's order, rounded down. Of the two valid `s` of every signature only the lower one is accepted (EIP-2), so that nobody can
/// turn one signature into another.
pub const HALF_ORDER: [u8; 32] = [
    0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0x5d, 0x57, 0x6e, 0x73, 0x57, 0xa4, 0x50, 0x1d, 0xdf, 0xe9, 0x2f, 0x46, 0x68, 0x1b, 0x20, 0xa0,
];

/// A signature whose `s` is low and whose `v` is 27 or 28. Whether it is one of anybody, recovery says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Signature {
    /// Abscissa of the nonce's point.
    pub r: B256,
    /// The proof.
    pub s: B256,
    /// Parity of the nonce's point: 27 or 28.
    pub v: u8,
}

impl Signature {
    /// Reads signature number `index`.
    ///
    /// Errors: `BadSignature` for `s` above half of the order and for any other `v`.
    pub fn read(bytes: &[u8; LENGTH], index: usize) -> Result<Self, Refusal> {
        let (mut r, mut s) = ([0; 32], [0; 32]);
        r.copy_from_slice(&bytes[..32]);
        s.copy_from_slice(&bytes[32..64]);
        let v = bytes[64];
        if s > HALF_ORDER || !matches!(v, 27 | 28) {
            return Err(Refusal::BadSignature { index });
        }
        Ok(Self {
            r: B256::new(r),
            s: B256::new(s),
            v,
        })
    }
}
