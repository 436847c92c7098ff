//! Smiles as words, and which may be published.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::format_collect,
    clippy::semicolon_if_nothing_returned,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::doc_markdown,
    clippy::many_single_char_names,
    reason = "tests panic on overflow, and measure in doubles"
)]

#[allow(dead_code, reason = "each test binary uses a part")]
#[path = "support/smiles.rs"]
mod smiles;

use clearing_math::{
    surface::{
        LEAST_VOLATILITY, MAX_REACH, MAX_SLOPE, MOST_VOLATILITY, PublishedSmile, SmileError,
        SmilePair, SurfaceError, UNIT, volatility,
    },
    svi::check_calendar,
};
use smiles::{Random, Raw};

const NOW: u64 = 1_763_900_000;
const DAY: u32 = 86_400;
const ONE: u128 = 1_000_000_000_000_000_000;

fn in_days(days: u32) -> u32 {
    NOW as u32 + days * DAY
}

/// 65 % at the money, a skew to the left, 30 days.
const SMILE: PublishedSmile = PublishedSmile {
    a: 200_000_000,
    b: 900_000_000,
    rho: -300_000_000,
    m: 20_000_000,
    sigma: 240_000_000,
    expiry: NOW as u32 + 30 * DAY,
    published_at: NOW as u32,
};

fn code(smile: &PublishedSmile) -> u8 {
    smile.check(NOW).expect_err("refused").refusal().code
}

#[test]
fn a_word_holds_every_field_at_its_place() {
    let smile = PublishedSmile {
        a: -0x12_3456_789A,
        b: 0x23_4567_89AB,
        rho: -0x1234_5678,
        m: -0x1_2345_6789,
        sigma: 0x1_3456_789A,
        expiry: 0x6971_0000,
        published_at: 0x6970_FFFF,
    };
    let word = smile.to_word();
    let expected = [
        "edcba98766",
        "23456789ab",
        "edcba988",
        "fedcba9877",
        "013456789a",
        "69710000",
        "6970ffff",
    ]
    .concat();
    let hex: String = word.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hex, expected);
    assert_eq!(PublishedSmile::from_word(&word), Ok(smile));
}

#[test]
fn every_bit_of_a_word_is_read_and_nothing_panics() {
    // A word that is in range reads back as itself; any other is refused by the field that is not, and reading goes on.
    let mut random = Random(3);
    let mut accepted = 0;
    for round in 0..200_000 {
        let mut word = SMILE.to_word();
        if round % 2 == 0 {
            for byte in &mut word {
                *byte = random.uniform(0.0, 256.0) as u8;
            }
        } else {
            let bit = random.uniform(0.0, 256.0) as usize;
            word[bit / 8] ^= 1 << (bit % 8);
        }
        let Ok(smile) = PublishedSmile::from_word(&word) else {
            continue;
        };
        accepted += 1;
        assert_eq!(smile.to_word(), word);
        let _ = smile.check(NOW);
        let pair = SmilePair::prepare(&word, &SMILE.to_word(), in_days(40), NOW).expect("in range");
        for strike in [1, ONE / 2, ONE, 3 * ONE, u128::MAX] {
            let found = volatility(&[pair], ONE, strike).expect("any strike");
            assert!((LEAST_VOLATILITY..=MOST_VOLATILITY).contains(&found));
        }
    }
    assert!(accepted > 10_000, "{accepted}");
}

#[test]
fn a_smile_is_accepted_and_each_defect_has_its_code() {
    assert!(SMILE.check(NOW).is_ok());
    let changed = |change: fn(&mut PublishedSmile)| {
        let mut smile = SMILE;
        change(&mut smile);
        code(&smile)
    };
    // A negative b, as its 40 bits read.
    assert_eq!(changed(|s| s.b = (1 << 40) - 1), 1);
    assert_eq!(changed(|s| s.b = MAX_SLOPE + 1), 1);
    assert_eq!(changed(|s| s.rho = UNIT as i64), 2);
    assert_eq!(changed(|s| s.rho = -(UNIT as i64)), 2);
    assert_eq!(changed(|s| s.m = MAX_REACH as i64 + 1), 3);
    assert_eq!(changed(|s| s.m = -(MAX_REACH as i64) - 1), 3);
    assert_eq!(changed(|s| s.sigma = 0), 4);
    assert_eq!(changed(|s| s.sigma = MAX_REACH + 1), 4);
    assert_eq!(changed(|s| s.expiry = NOW as u32), 5);
    assert_eq!(changed(|s| s.a = 400 * UNIT as i64), 6);
    assert_eq!(
        changed(|s| {
            s.a = 0;
            s.b = 0
        }),
        6
    );
    // Level so low that variance is negative where it is least, but not at the forward.
    assert_eq!(
        changed(|s| {
            s.a = -130_000_000;
            s.b = 900_000_000;
            s.m = 400_000_000;
            s.sigma = 100_000_000
        }),
        7
    );
    assert_eq!(changed(|s| s.b = 20 * UNIT), 8);
    assert_eq!(
        changed(|s| {
            s.a = 1_000_000;
            s.b = 5 * UNIT;
            s.sigma = 5_000_000;
            s.rho = -900_000_000
        }),
        9
    );

    let near = SMILE.check(NOW).expect("no arbitrage");
    let lower = PublishedSmile {
        a: -20_000_000,
        expiry: in_days(31),
        ..SMILE
    };
    let lower = lower.check(NOW).expect("no arbitrage by itself");
    let refused =
        SmileError::from(check_calendar(&near, &lower).expect_err("variance falls")).refusal();
    assert_eq!(refused.code, 11);
    assert!(refused.given < refused.limit);
    let flat =
        PublishedSmile::flat(2_000_000_000_000_000_000, in_days(60), 0).expect("within bounds");
    let flat = flat.check(NOW).expect("no arbitrage");
    let refused =
        SmileError::from(check_calendar(&near, &flat).expect_err("flatter wings")).refusal();
    assert_eq!(refused.code, 10);
}

#[test]
fn a_flat_smile_reads_as_its_volatility() {
    for volatility_wad in [
        LEAST_VOLATILITY,
        300_000_000_000_000_000,
        800_000_000_000_000_000,
        12 * ONE as u64,
        MOST_VOLATILITY,
    ] {
        let smile = PublishedSmile::flat(volatility_wad, in_days(7), 1).expect("within bounds");
        assert!(smile.check(NOW).is_ok(), "{volatility_wad}");
        let pair = SmilePair::prepare(&smile.to_word(), &smile.to_word(), smile.expiry, NOW)
            .expect("in range");
        for strike in [ONE / 10, ONE, 7 * ONE] {
            let found = volatility(&[pair], ONE, strike).expect("a volatility");
            // These squares are multiples of 1e-9.
            assert!(
                found.abs_diff(volatility_wad) <= 2 + volatility_wad / ONE as u64,
                "{found} {volatility_wad}"
            );
        }
    }
    for given in [0, LEAST_VOLATILITY - 1, MOST_VOLATILITY + 1, u64::MAX] {
        assert_eq!(
            PublishedSmile::flat(given, 1, 0),
            Err(SmileError::Volatility { given })
        );
    }
}

#[test]
fn reading_refuses_nothing_but_prices_of_zero_and_no_publisher() {
    let word = SMILE.to_word();
    let pair = SmilePair::prepare(&word, &word, SMILE.expiry, NOW).expect("in range");
    assert_eq!(volatility(&[pair], 0, 1), Err(SurfaceError::ZeroForward));
    assert_eq!(volatility(&[pair], 1, 0), Err(SurfaceError::ZeroStrike));
    for given in [0, 16] {
        assert_eq!(
            volatility(&vec![pair; given], 1, 1),
            Err(SurfaceError::PublisherCount { given })
        );
    }
    assert!(volatility(&[pair; 15], 1, 1).is_ok());
    // Beyond e^16 the volatility is that of e^16.
    let far = volatility(&[pair], ONE, 20_000_000 * ONE).expect("held");
    assert_eq!(volatility(&[pair], 1, u128::MAX), Ok(far));
}

#[test]
fn what_is_free_of_arbitrage_stays_so_as_time_passes() {
    let mut random = Random(11);
    let (mut kept, mut pairs) = (0, 0);
    while kept < 150 {
        let raw = Raw::usual(&mut random);
        let years = random.log_uniform(2.0 / 365.0, 1.0);
        let unit = |x: f64| (x * 1e9) as i64;
        let near = PublishedSmile {
            a: unit(raw.a / years),
            b: unit(raw.b / years) as u64,
            rho: unit(raw.rho),
            m: unit(raw.m),
            sigma: unit(raw.sigma) as u64,
            expiry: NOW as u32 + (years * 31_536_000.0) as u32,
            published_at: 0,
        };
        let far = PublishedSmile {
            a: near.a + unit(random.uniform(-0.1, 0.3)),
            expiry: near.expiry + 20 * DAY,
            ..near
        };
        let Ok(first) = near.check(NOW) else { continue };
        kept += 1;
        let ordered = far
            .check(NOW)
            .is_ok_and(|second| check_calendar(&first, &second).is_ok());
        pairs += u32::from(ordered);
        for share in [0.3, 0.9, 0.999] {
            let later = NOW + (f64::from(near.expiry - NOW as u32) * share) as u64;
            let first = near.check(later).expect("free of arbitrage later as well");
            if ordered {
                let second = far.check(later).expect("free of arbitrage later as well");
                check_calendar(&first, &second).expect("in order later as well");
            }
        }
    }
    assert!(pairs > 30, "{pairs}");
}

#[test]
fn the_nearer_live_smile_decides_alone_where_the_two_do_not_surround_the_expiry() {
    let flat = |percent: u64, expiry: u32| {
        let smile = PublishedSmile::flat(percent * 10_000_000_000_000_000, expiry, 0);
        smile.expect("within bounds").to_word()
    };
    let read = |near: &[u8; 32], far: &[u8; 32], expiry: u32| {
        let pair = SmilePair::prepare(near, far, expiry, NOW).expect("in range");
        volatility(&[pair], ONE, ONE).expect("a volatility")
    };
    let alone = |word: &[u8; 32]| read(word, word, in_days(15));
    let (near, far) = (flat(50, in_days(10)), flat(90, in_days(20)));
    // Before, at and beyond.
    for (expiry, decides) in [(1, &near), (10, &near), (20, &far), (30, &far)] {
        assert_eq!(
            read(&near, &far, in_days(expiry)),
            alone(decides),
            "{expiry}"
        );
    }
    let between = read(&near, &far, in_days(15));
    assert!(between > alone(&near) && between < alone(&far));
    // The near one has expired: at the very second, and before the one asked for.
    for gone in [NOW as u32, NOW as u32 - DAY] {
        for expiry in [gone - 1, gone, in_days(1), in_days(15)] {
            assert_eq!(read(&flat(50, gone), &far, expiry), alone(&far));
        }
    }
}
