//! What cannot be read from a slice, and what it says about that.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_wrap,
    clippy::doc_markdown,
    reason = "tests panic on overflow"
)]

use clearing_math::{
    black_scholes::MAX_SECONDS,
    svi::{LogMoneyness, Slice, SliceError},
};

const ONE: u128 = 1_000_000_000_000_000_000;

const SLICE: Slice = Slice {
    a: 40_000_000_000_000_000,
    b: 100_000_000_000_000_000,
    rho: -300_000_000_000_000_000,
    m: 20_000_000_000_000_000,
    sigma: 200_000_000_000_000_000,
};

#[test]
fn prices_of_zero_are_refused() {
    assert_eq!(
        SLICE.implied_volatility(0, 1, 1),
        Err(SliceError::ZeroForward)
    );
    assert_eq!(
        SLICE.implied_volatility(1, 0, 1),
        Err(SliceError::ZeroStrike)
    );
    assert_eq!(LogMoneyness::of(0, 1), Err(SliceError::ZeroForward));
    assert_eq!(LogMoneyness::of(1, 0), Err(SliceError::ZeroStrike));
}

#[test]
fn times_without_volatility_are_refused() {
    let volatility = |seconds| SLICE.implied_volatility(ONE, ONE, seconds);
    assert_eq!(volatility(0), Err(SliceError::NoTime));
    assert!(volatility(1).is_ok() && volatility(MAX_SECONDS).is_ok());
    for given in [MAX_SECONDS + 1, u64::MAX] {
        assert_eq!(
            volatility(given),
            Err(SliceError::TimeTooLong {
                given,
                allowed: MAX_SECONDS
            })
        );
    }
}

#[test]
fn strikes_are_read_up_to_e_to_the_16() {
    let below = 16 * ONE as i128;
    for sign in [1, -1] {
        assert!(LogMoneyness::from_wad(sign * (below - 1000)).is_ok());
        for given in [sign * (below + 1000), sign * 20 * ONE as i128] {
            let Err(SliceError::StrikeTooFar {
                given: seen,
                below: allowed,
            }) = LogMoneyness::from_wad(given)
            else {
                panic!("read");
            };
            // Shown from a product in 64 bits.
            assert!(seen.abs_diff(given) <= 16 && allowed == below, "{seen}");
        }
    }
    // e^13.8 is a million; e^16 is 8,886,110.5.
    assert!(LogMoneyness::of(ONE, 8_886_110 * ONE).is_ok());
    assert!(LogMoneyness::of(8_886_110 * ONE, ONE).is_ok());
    for (forward, strike, sign) in [
        (ONE, 8_886_111 * ONE, 1),
        (8_886_111 * ONE, ONE, -1),
        (1, u128::MAX, 1),
    ] {
        let Err(SliceError::StrikeTooFar { given, below: seen }) =
            LogMoneyness::of(forward, strike)
        else {
            panic!("read");
        };
        assert!(seen == below && given * sign >= below, "{given}");
    }
}

#[test]
fn strikes_without_variance_are_refused_with_it() {
    let low = Slice {
        a: -60_000_000_000_000_000,
        ..SLICE
    };
    let Err(SliceError::NegativeVariance { total_variance }) =
        low.implied_volatility(ONE, ONE, 86_400)
    else {
        panic!("read");
    };
    // −0.06 + 0.1·(0.006 + √(0.0004 + 0.04)) = −0.0393002…
    assert_eq!(total_variance / 10_000_000_000_000, -3930);
    // Far away there is variance enough.
    assert!(low.implied_volatility(ONE, 5 * ONE, 86_400).is_ok());
}

#[test]
fn flat_slices_have_the_volatility_of_their_level() {
    // 0.25 of variance over a quarter of a year: 100 %.
    let flat = Slice {
        a: 250_000_000_000_000_000,
        b: 0,
        ..SLICE
    };
    for strike in [ONE / 1000, ONE, 1000 * ONE] {
        let volatility = flat
            .implied_volatility(ONE, strike, 31_536_000 / 4)
            .expect("in range");
        assert!(volatility.abs_diff(ONE) <= 1, "{volatility}");
    }
    let nothing = Slice { a: 0, ..flat };
    assert_eq!(nothing.implied_volatility(ONE, ONE, 1), Ok(0));
    // 8 of variance within a second: 1,588,353 %, beyond 64 bits.
    let most = Slice {
        a: 8_000_000_000_000_000_000,
        ..flat
    };
    let volatility = most.implied_volatility(ONE, ONE, 1).expect("in range");
    assert!(
        volatility.abs_diff(15_883_576_423_463_326_000_000) < ONE,
        "{volatility}"
    );
}

#[test]
fn points_are_shown_in_wads() {
    let smile = SLICE.prepare().expect("in range");
    // At k = m: w = a + bσ, w′ = bρ, w″ = b/σ.
    let k = LogMoneyness::from_wad(SLICE.m.into()).expect("near");
    let seen = smile.at(k).to_wad();
    let expected = [
        60_000_000_000_000_000,
        -30_000_000_000_000_000,
        500_000_000_000_000_000_i128,
    ];
    for (seen, expected) in seen.iter().zip(expected) {
        assert!(seen.abs_diff(expected) <= 1, "{seen} {expected}");
    }
    assert!(k.to_wad().abs_diff(SLICE.m.into()) <= 1);
}
