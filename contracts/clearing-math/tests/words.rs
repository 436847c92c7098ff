//! Legs and series as 32-byte words.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::doc_markdown,
    reason = "tests panic on overflow, and measure in doubles"
)]

use clearing_math::{
    leg::{Leg, LegError, OptionKind},
    series::{Series, SeriesError},
};
use proptest::prelude::*;

fn kind() -> impl Strategy<Value = OptionKind> {
    prop_oneof![Just(OptionKind::Call), Just(OptionKind::Put)]
}

proptest! {
    #[test]
    fn legs_survive_packing(expiry: u32, strike in 1..=u64::MAX, kind in kind(), contracts: i128) {
        let leg = Leg { expiry, strike, kind, contracts };
        prop_assert_eq!(Leg::from_word(&leg.to_word()), Ok(leg));
    }

    /// Decoding accepts nothing but what encoding writes.
    #[test]
    fn a_word_that_decodes_is_the_word_of_its_leg(word: [u8; 32], clear: bool, low: bool) {
        let mut word = word;
        if clear { word[13..16].fill(0); }
        if low { word[12] &= 1; }
        if let Ok(leg) = Leg::from_word(&word) {
            prop_assert_eq!(leg.to_word(), word);
        } else {
            prop_assert!(word[12] > 1 || word[13..16] != [0; 3] || word[4..12] == [0; 8]);
        }
    }

    #[test]
    fn series_survive_packing(pool: u32, expiry: u32, strike in 1..=u64::MAX, kind in kind()) {
        let series = Series { pool, expiry, strike, kind };
        prop_assert_eq!(Series::from_id(&series.to_id()), Ok(series));
    }
}

#[test]
fn the_leg_layout_is_the_documented_one() {
    let leg = Leg {
        expiry: 0x0102_0304,
        strike: 0x1112_1314_1516_1718,
        kind: OptionKind::Put,
        contracts: -2,
    };
    let mut word = [0xFF_u8; 32];
    word[..13].copy_from_slice(&[
        1, 2, 3, 4, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 1,
    ]);
    word[13..16].fill(0);
    word[31] = 0xFE;
    assert_eq!(leg.to_word(), word);
    word[12] = 2;
    assert_eq!(Leg::from_word(&word), Err(LegError::UnknownKind(2)));
    word[12] = 0;
    word[15] = 9;
    assert_eq!(Leg::from_word(&word), Err(LegError::ReservedBits(9)));
    word[15] = 0;
    word[4..12].fill(0);
    assert_eq!(Leg::from_word(&word), Err(LegError::ZeroStrike));
}

#[test]
fn the_series_id_is_the_documented_one() {
    let series = Series {
        pool: 1,
        expiry: 2,
        strike: 3,
        kind: OptionKind::Put,
    };
    let mut id = [0_u8; 32];
    id[18] = 1;
    id[22] = 2;
    id[30] = 3;
    id[31] = 1;
    assert_eq!(series.to_id(), id);
    id[0] = 1;
    assert_eq!(Series::from_id(&id), Err(SeriesError::ReservedBits));
    id[0] = 0;
    id[31] = 7;
    assert_eq!(Series::from_id(&id), Err(SeriesError::UnknownKind(7)));
    id[31] = 0;
    id[30] = 0;
    assert_eq!(Series::from_id(&id), Err(SeriesError::ZeroStrike));
}
