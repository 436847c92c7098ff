//! What the arbitrage checks refuse, condition by condition, and their verdicts against dense grids in doubles.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::doc_markdown,
    reason = "tests panic on overflow, and measure in doubles"
)]

#[path = "support/smiles.rs"]
mod smiles;

use clearing_math::svi::{
    ArbitrageError, LogMoneyness, Side, Slice, SliceError, check_calendar, check_slice,
};
use smiles::{Random, Raw};

const ONE: i64 = 1_000_000_000_000_000_000;

/// Of decimals with up to nine places.
fn slice(a: f64, b: f64, rho: f64, m: f64, sigma: f64) -> Slice {
    Raw {
        a,
        b,
        rho,
        m,
        sigma,
    }
    .slice()
}

/// Axel Vogt's example, in Gatheral and Jacquier, "Arbitrage-free SVI volatility surfaces", section 3.
fn vogt() -> Slice {
    slice(-0.0410, 0.1331, 0.3060, 0.3586, 0.4153)
}

/// A smile without arbitrage.
fn plain() -> Slice {
    slice(0.04, 0.1, -0.3, 0.02, 0.2)
}

#[test]
fn the_slice_of_axel_vogt_is_refused_where_its_density_is_negative() {
    let Err(ArbitrageError::Butterfly { k, g }) = check_slice(&vogt()) else {
        panic!("accepted, or refused for another reason");
    };
    // g < 0 from k = 0.638 to 1.258, at worst −0.0327.
    let k = k as f64 / 1e18;
    assert!((0.63..1.27).contains(&k), "{k}");
    assert!((-0.033e18..0.0).contains(&(g as f64)), "{g}");
}

#[test]
fn the_repair_of_gatheral_and_jacquier_is_accepted() {
    check_slice(&slice(
        -0.030_519_9,
        0.102_717,
        0.100_718,
        0.272_344,
        0.412_398,
    ))
    .expect("free of arbitrage");
}

#[test]
fn parameters_out_of_range_are_refused_with_what_is_allowed() {
    let eight = 8 * ONE;
    let base = plain();
    let refused = |slice: Slice, error: SliceError| {
        assert_eq!(slice.prepare(), Err(error));
        assert_eq!(check_slice(&slice), Err(ArbitrageError::Range(error)));
        assert_eq!(slice.implied_volatility(1, 1, 1), Err(error));
    };
    for a in [eight + 1, -eight - 1, i64::MAX, i64::MIN] {
        refused(
            Slice { a, ..base },
            SliceError::Level {
                given: a,
                allowed: eight,
            },
        );
    }
    for b in [eight as u64 + 1, u64::MAX] {
        refused(
            Slice { b, ..base },
            SliceError::Slope {
                given: b,
                allowed: eight as u64,
            },
        );
    }
    for rho in [ONE, -ONE, i64::MAX, i64::MIN] {
        refused(
            Slice { rho, ..base },
            SliceError::Correlation {
                given: rho,
                below: ONE,
            },
        );
    }
    for m in [eight + 1, -eight - 1, i64::MAX, i64::MIN] {
        refused(
            Slice { m, ..base },
            SliceError::Centre {
                given: m,
                allowed: eight,
            },
        );
    }
    for sigma in [0, eight as u64 + 1, u64::MAX] {
        refused(
            Slice { sigma, ..base },
            SliceError::Width {
                given: sigma,
                allowed: eight as u64,
            },
        );
    }
    for slice in [
        Slice { a: eight, ..base },
        Slice { m: -eight, ..base },
        Slice { sigma: 1, ..base },
        Slice {
            rho: ONE - 1,
            ..base
        },
    ] {
        assert!(slice.prepare().is_ok(), "{slice:?}");
    }
}

#[test]
fn a_negative_least_variance_is_refused_where_it_is() {
    // bσ√(1 − ρ²) = 0.05·0.8.
    let touching = slice(-0.04, 0.1, 0.6, 0.1, 0.5);
    let above = Slice {
        a: touching.a + 1,
        ..touching
    };
    let is_low = |slice: &Slice| {
        matches!(
            check_slice(slice),
            Err(ArbitrageError::NegativeVariance { .. })
        )
    };
    assert!(
        !is_low(&above) && is_low(&touching),
        "zero is in doubt, one unit more is not"
    );
    let lower = Slice {
        a: touching.a - 1000,
        ..touching
    };
    let Err(ArbitrageError::NegativeVariance { k, least }) = check_slice(&lower) else {
        panic!("accepted, or refused for another reason");
    };
    // m − ρσ/√(1 − ρ²) = 0.1 − 0.375.
    assert!(k.abs_diff(-275 * i128::from(ONE) / 1000) <= 2, "{k}");
    assert!(least.abs_diff(-1000) <= 1, "{least}");
}

/// However little is left of a negative level, a slice that is accepted has a volatility at every strike.
#[test]
fn slices_without_negative_variance_have_a_volatility_everywhere() {
    let mut random = Random(4);
    for _ in 0..300 {
        let raw = Raw {
            m: random.uniform(-3.0, 3.0),
            ..Raw::any(&mut random)
        };
        let bent = raw.slice();
        let is_low = |a: i64| {
            matches!(
                check_slice(&Slice { a, ..bent }),
                Err(ArbitrageError::NegativeVariance { .. })
            )
        };
        // The lowest level that is not refused.
        let (mut low, mut high) = (-8 * ONE, 0);
        while high - low > 1 {
            let middle = i64::midpoint(low, high);
            if is_low(middle) {
                low = middle;
            } else {
                high = middle;
            }
        }
        let smile = Slice { a: high, ..bent }.prepare().expect("in range");
        let expiry = smile.expiring_in(86_400, ONE as u128).expect("in range");
        let offset = bent.rho as f64 / 1e18;
        let lowest = raw.m - offset * raw.sigma / (1.0 - offset * offset).sqrt();
        for step in -40..=40_i128 {
            let k =
                LogMoneyness::from_wad((lowest * 1e18) as i128 + step * 1_000_000).expect("near");
            assert!(expiry.volatility(k).is_ok(), "{raw:?} at {k:?}");
        }
    }
}

#[test]
fn wings_steeper_than_2_are_refused_before_anything_else() {
    for (rho, m, side) in [
        (0.114_8, -0.121_1, Side::Right),
        (-0.114_8, 0.121_1, Side::Left),
    ] {
        // The density is negative in the other wing.
        let steep = slice(0.002_73, 1.803, rho, m, 0.011_65);
        let Err(ArbitrageError::WingTooSteep {
            side: seen,
            given,
            allowed,
        }) = check_slice(&steep)
        else {
            panic!("accepted, or refused for another reason");
        };
        assert_eq!((seen, allowed), (side, 2 * ONE as u64));
        assert!(given.abs_diff(2_009_984_400_000_000_000) <= 200, "{given}");
    }
    // A hair within the bound, and wide enough for the rest.
    check_slice(&slice(4.0, 0.999_999, 0.0, 0.0, 2.0)).expect("free of arbitrage");
}

#[test]
fn a_flat_slice_is_accepted_even_without_variance() {
    for a in [0.0, 0.25] {
        check_slice(&slice(a, 0.0, 0.0, 0.0, 0.1)).expect("free of arbitrage");
    }
}

/// What is accepted must be free of arbitrage on 2,000 points; refusals of what a grid of 20,000 calls free are counted.
#[test]
fn verdicts_agree_with_dense_grids() {
    let mut random = Random(1);
    for (name, draw) in [
        ("any", Raw::any as fn(&mut Random) -> Raw),
        ("usual", Raw::usual as fn(&mut Random) -> Raw),
    ] {
        let (mut accepted, mut refused, mut doubtful) = (0, 0, 0);
        for _ in 0..3000 {
            let raw = draw(&mut random);
            match check_slice(&raw.slice()) {
                Ok(_) => {
                    accepted += 1;
                    let least = raw.least_g(1000);
                    assert!(least >= -1e-9, "accepted {raw:?} with g = {least}");
                }
                Err(ArbitrageError::Butterfly { k, g }) => {
                    refused += 1;
                    // The place named is one where it fails, in doubles too.
                    let there = raw.g(k as f64 / 1e18);
                    if there > 1e-9 || g > 0 {
                        let least = raw.least_g(10_000);
                        if least >= 0.0 {
                            doubtful += 1;
                            println!("refused {raw:?} with g ≥ {least:e}");
                        }
                    }
                }
                Err(error) => panic!("{raw:?}: {error:?}"),
            }
        }
        println!(
            "{name}: {accepted} accepted, {refused} refused, {doubtful} of these free of arbitrage on 20,000 points"
        );
        assert!(accepted >= 1000 && refused >= 100, "both verdicts occur");
        assert_eq!(doubtful, 0, "refused in doubt");
    }
}

/// Between an accepted and a refused slice the verdict changes where `g` touches zero, not before.
#[test]
fn verdicts_change_where_the_density_touches_zero() {
    let mut random = Random(2);
    let (mut pairs, mut worst) = (0, 0.0_f64);
    for _ in 0..20_000 {
        if pairs == 100 {
            break;
        }
        let (mut good, mut bad) = (Raw::usual(&mut random), Raw::any(&mut random));
        if check_slice(&good.slice()).is_err()
            || !matches!(
                check_slice(&bad.slice()),
                Err(ArbitrageError::Butterfly { .. })
            )
        {
            continue;
        }
        let mut steps = 0;
        while steps < 48 {
            let mid = |x: f64, y: f64| f64::midpoint(x, y);
            let middle = Raw {
                a: mid(good.a, bad.a),
                b: mid(good.b, bad.b),
                rho: mid(good.rho, bad.rho),
                m: mid(good.m, bad.m),
                sigma: mid(good.sigma, bad.sigma),
            };
            match check_slice(&middle.slice()) {
                Ok(_) => good = middle,
                Err(_) => bad = middle,
            }
            steps += 1;
        }
        // Halfway variance or wings may fail first: only the density is looked at here.
        if !matches!(
            check_slice(&bad.slice()),
            Err(ArbitrageError::Butterfly { .. })
        ) {
            continue;
        }
        pairs += 1;
        let least = good.least_g(10_000);
        assert!(least >= -1e-9, "accepted {good:?} with g = {least}");
        worst = worst.max(least);
    }
    assert_eq!(pairs, 100, "too few pairs of verdicts");
    // A grid of 20,000 points finds the minimum of g to about this.
    println!("g at the last accepted slice: at most {worst:e}");
    assert!(worst <= 1e-4, "{worst}");
}

#[test]
fn a_later_slice_below_an_earlier_one_is_refused_where_it_is() {
    let near = plain().prepare().expect("in range");
    let lower = slice(0.045, 0.11, -0.3, 0.02, 0.1)
        .prepare()
        .expect("in range");
    let Err(ArbitrageError::Calendar {
        k,
        near: sooner,
        far: later,
    }) = check_calendar(&near, &lower)
    else {
        panic!("accepted, or refused for another reason");
    };
    assert!(
        later < sooner && k.abs() < i128::from(ONE),
        "{k} {sooner} {later}"
    );
    let higher = slice(0.06, 0.11, -0.3, 0.02, 0.1)
        .prepare()
        .expect("in range");
    check_calendar(&near, &higher).expect("above everywhere");
}

#[test]
fn parallel_slices_are_compared_by_level() {
    let near = plain();
    let smile = near.prepare().expect("in range");
    check_calendar(&smile, &smile).expect("no variance in between is none too little");
    let below = Slice {
        a: near.a - 1,
        ..near
    }
    .prepare()
    .expect("in range");
    assert_eq!(check_calendar(&below, &smile), Ok(()));
    assert!(matches!(
        check_calendar(&smile, &below),
        Err(ArbitrageError::Calendar { k: 0, .. })
    ));
}

#[test]
fn wings_that_cross_beyond_all_strikes_are_refused() {
    let near = plain().prepare().expect("in range");
    for (rho, side) in [(-0.3 - 1e-6, Side::Right), (-0.3 + 1e-6, Side::Left)] {
        // 0.1 higher, and falling behind by 1e-7 per unit of k.
        let far = slice(0.14, 0.1, rho, 0.02, 0.2)
            .prepare()
            .expect("in range");
        let Err(ArbitrageError::CalendarWing {
            side: seen,
            near,
            far,
        }) = check_calendar(&near, &far)
        else {
            panic!("accepted, or refused for another reason");
        };
        assert_eq!(seen, side);
        assert!(
            near.abs_diff(far).abs_diff(100_000_000_000) <= 20,
            "{near} {far}"
        );
    }
}

#[test]
fn calendar_verdicts_agree_with_dense_grids() {
    let mut random = Random(3);
    let (mut accepted, mut refused, mut doubtful) = (0, 0, 0);
    for round in 0..6000 {
        let near = Raw::usual(&mut random);
        let far = if round % 2 == 0 {
            Raw::usual(&mut random)
        } else {
            // The next expiry: a little more of everything.
            Raw {
                a: near.a + near.variance(0.0) * random.uniform(-0.1, 0.6),
                b: near.b * random.uniform(1.0, 1.2),
                rho: near.rho * random.uniform(0.98, 1.02),
                m: near.m + random.uniform(-0.02, 0.02),
                sigma: near.sigma * random.uniform(0.9, 1.4),
            }
        };
        let smiles = (near.slice().prepare(), far.slice().prepare());
        let (Ok(near_smile), Ok(far_smile)) = smiles else {
            continue;
        };
        let least = near
            .grid(1000)
            .chain(far.grid(1000))
            .filter(|k| k.abs() <= 16.0)
            .map(|k| far.variance(k) - near.variance(k))
            .fold(f64::INFINITY, f64::min);
        match check_calendar(&near_smile, &far_smile) {
            Ok(()) => {
                accepted += 1;
                assert!(least >= -1e-13, "accepted {near:?} {far:?}: {least}");
            }
            Err(ArbitrageError::Calendar {
                k,
                near: sooner,
                far: later,
            }) => {
                refused += 1;
                let there = far.variance(k as f64 / 1e18) - near.variance(k as f64 / 1e18);
                if later >= sooner || there > 1e-13 {
                    doubtful += 1;
                    println!("refused {near:?} {far:?}: {least:e}, {there:e} at {k}");
                }
            }
            Err(ArbitrageError::CalendarWing { .. }) => {
                refused += 1;
                let slope = |raw: &Raw, side: f64| raw.b * (1.0 + side * raw.rho);
                assert!(
                    [-1.0, 1.0]
                        .iter()
                        .any(|&side| slope(&far, side) < slope(&near, side) + 1e-15)
                );
            }
            Err(error) => panic!("{error:?}"),
        }
    }
    println!("{accepted} accepted, {refused} refused, {doubtful} in doubt");
    assert!(accepted >= 300 && refused >= 300, "both verdicts occur");
    assert_eq!(doubtful, 0);
}
