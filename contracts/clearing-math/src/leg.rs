//! One option position of a portfolio, and its packing into a 32-byte word.
//!
//! Word, big-endian: `expiry u32 | strike u64 | kind u8 | reserved 24 bits, zero | contracts i128`.

/// The right an option gives.
#[derive(Clone, Copy, PartialEq, Eq, Debug, PartialOrd, Ord, Hash)]
pub enum OptionKind {
    /// The right to buy: pays `max(0, price − strike)`.
    Call,
    /// The right to sell: pays `max(0, strike − price)`.
    Put,
}

impl OptionKind {
    /// The byte that encodes the kind: call 0, put 1.
    #[must_use]
    pub const fn to_byte(self) -> u8 {
        match self {
            Self::Call => 0,
            Self::Put => 1,
        }
    }

    /// The kind a byte encodes, if any.
    #[must_use]
    pub const fn from_byte(byte: u8) -> Option<Self> {
        match byte {
            0 => Some(Self::Call),
            1 => Some(Self::Put),
            _ => None,
        }
    }
}

/// A position in one option series of a pool.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Leg {
    /// Expiry, unix seconds.
    pub expiry: u32,
    /// Strike, 1e-8 quote units per unit of the underlying. Never zero in a decoded leg.
    pub strike: u64,
    /// Call or put.
    pub kind: OptionKind,
    /// Signed size, 1e-18 units of the underlying: long > 0.
    pub contracts: i128,
}

/// Why a word is not a leg.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LegError {
    /// The kind byte is neither 0 (call) nor 1 (put).
    UnknownKind(u8),
    /// The reserved 24 bits, given here, are not zero.
    ReservedBits(u32),
    /// The strike is zero.
    ZeroStrike,
}

impl Leg {
    /// Reads a leg from its word.
    ///
    /// # Errors
    /// [`LegError`] when the word is not one that [`Leg::to_word`] writes for a leg with a strike.
    pub fn from_word(word: &[u8; 32]) -> Result<Self, LegError> {
        let [
            e0,
            e1,
            e2,
            e3,
            k0,
            k1,
            k2,
            k3,
            k4,
            k5,
            k6,
            k7,
            kind,
            r0,
            r1,
            r2,
            contracts @ ..,
        ] = *word;
        let kind = OptionKind::from_byte(kind).ok_or(LegError::UnknownKind(kind))?;
        let reserved = u32::from_be_bytes([0, r0, r1, r2]);
        if reserved != 0 {
            return Err(LegError::ReservedBits(reserved));
        }
        let strike = u64::from_be_bytes([k0, k1, k2, k3, k4, k5, k6, k7]);
        if strike == 0 {
            return Err(LegError::ZeroStrike);
        }
        Ok(Self {
            expiry: u32::from_be_bytes([e0, e1, e2, e3]),
            strike,
            kind,
            contracts: i128::from_be_bytes(contracts),
        })
    }

    /// Writes the leg to its word.
    #[must_use]
    pub fn to_word(&self) -> [u8; 32] {
        let [e0, e1, e2, e3] = self.expiry.to_be_bytes();
        let [k0, k1, k2, k3, k4, k5, k6, k7] = self.strike.to_be_bytes();
        let [
            c0,
            c1,
            c2,
            c3,
            c4,
            c5,
            c6,
            c7,
            c8,
            c9,
            ca,
            cb,
            cc,
            cd,
            ce,
            cf,
        ] = self.contracts.to_be_bytes();
        [
            e0,
            e1,
            e2,
            e3,
            k0,
            k1,
            k2,
            k3,
            k4,
            k5,
            k6,
            k7,
            self.kind.to_byte(),
            0,
            0,
            0,
            c0,
            c1,
            c2,
            c3,
            c4,
            c5,
            c6,
            c7,
            c8,
            c9,
            ca,
            cb,
            cc,
            cd,
            ce,
            cf,
        ]
    }
}
