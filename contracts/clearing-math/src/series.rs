//! An option series and its 32-byte id.
//!
//! Id, big-endian: 120 zero bits, then `pool u32 | expiry u32 | strike u64 | kind u8`. Every field is in the id, so
//! a series never has to be looked up.

use crate::leg::OptionKind;

/// One listed option of one pool.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Series {
    /// Pool the series is cleared in.
    pub pool: u32,
    /// Expiry, unix seconds.
    pub expiry: u32,
    /// Strike, 1e-8 quote units per unit of the underlying. Never zero in a decoded series.
    pub strike: u64,
    /// Call or put.
    pub kind: OptionKind,
}

/// Why a word is not a series id.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SeriesError {
    /// The kind byte is neither 0 (call) nor 1 (put).
    UnknownKind(u8),
    /// The 120 bits above the id are not zero.
    ReservedBits,
    /// The strike is zero.
    ZeroStrike,
}

impl Series {
    /// Reads a series from its id.
    ///
    /// # Errors
    /// [`SeriesError`] when the word is not one that [`Series::to_id`] writes for a series with a strike.
    pub fn from_id(id: &[u8; 32]) -> Result<Self, SeriesError> {
        let [
            reserved @ ..,
            p0,
            p1,
            p2,
            p3,
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
        ] = *id;
        let reserved: [u8; 15] = reserved;
        if reserved != [0; 15] {
            return Err(SeriesError::ReservedBits);
        }
        let kind = OptionKind::from_byte(kind).ok_or(SeriesError::UnknownKind(kind))?;
        let strike = u64::from_be_bytes([k0, k1, k2, k3, k4, k5, k6, k7]);
        if strike == 0 {
            return Err(SeriesError::ZeroStrike);
        }
        Ok(Self {
            pool: u32::from_be_bytes([p0, p1, p2, p3]),
            expiry: u32::from_be_bytes([e0, e1, e2, e3]),
            strike,
            kind,
        })
    }

    /// Writes the id of the series.
    #[must_use]
    pub fn to_id(&self) -> [u8; 32] {
        let [p0, p1, p2, p3] = self.pool.to_be_bytes();
        let [e0, e1, e2, e3] = self.expiry.to_be_bytes();
        let [k0, k1, k2, k3, k4, k5, k6, k7] = self.strike.to_be_bytes();
        [
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            p0,
            p1,
            p2,
            p3,
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
        ]
    }
}
