//! SVI slices against 80 digits (`generate/golden_svi.py`): total variance, its derivatives, volatility and Durrleman's function.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::doc_markdown,
    reason = "tests panic on overflow, and measure in doubles"
)]

#[allow(dead_code, reason = "each test binary uses a part")]
#[path = "support/exact.rs"]
mod exact;

use clearing_math::svi::Slice;
use exact::Exact;

/// `2^-60`, the unit the kernel is precise to.
const UNIT: f64 = 8.7e-19;

struct Row {
    kind: String,
    slice: Slice,
    seconds: u64,
    forward: u128,
    strike: u128,
    /// `w`, `w′`, `w″`, volatility, `g`.
    want: [Exact; 5],
}

/// Rows of `$NOVATION_GOLDEN_SVI`, for a longer run than the committed one, else of the committed file.
fn rows() -> Vec<Row> {
    let path = std::env::var("NOVATION_GOLDEN_SVI").unwrap_or_else(|_| {
        concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/svi.csv").to_owned()
    });
    let text = std::fs::read_to_string(path).expect("golden rows");
    text.lines()
        .skip(1)
        .map(|line| {
            let f: Vec<&str> = line.split(',').collect();
            Row {
                kind: f[0].to_owned(),
                slice: Slice {
                    a: f[1].parse().expect("a"),
                    b: f[2].parse().expect("b"),
                    rho: f[3].parse().expect("rho"),
                    m: f[4].parse().expect("m"),
                    sigma: f[5].parse().expect("sigma"),
                },
                seconds: f[6].parse().expect("seconds"),
                forward: f[7].parse().expect("forward"),
                strike: f[8].parse().expect("strike"),
                want: core::array::from_fn(|i| Exact::decimal(f[9 + i], 0)),
            }
        })
        .collect()
}

fn wad(x: i64) -> f64 {
    x as f64 / 1e18
}

#[test]
fn slices_agree_with_80_digits() {
    let rows = rows();
    assert!(rows.len() >= 400, "{} rows", rows.len());
    // Relative error of w, usual rows; of all rows over the sizes of its terms; w′ over b; w″ relative; volatility in WAD units;
    // volatility relative, usual rows; g over its terms, usual rows.
    let mut worst = [0.0_f64; 7];
    for row in &rows {
        let Slice {
            a,
            b,
            rho,
            m,
            sigma,
        } = row.slice;
        let smile = row.slice.prepare().expect("in range");
        let expiry = smile
            .expiring_in(row.seconds, row.forward)
            .expect("in range");
        let k = expiry.log_moneyness(row.strike).expect("in range");
        let point = smile.at(k);
        let [w, slope, curvature, volatility, g] = row.want;
        let (b, rho) = (b as f64 / 1e18, wad(rho));
        let log = (row.strike as f64 / row.forward as f64).ln();
        // R from the reference: x = k − m may be too small a difference for doubles.
        let width = sigma as f64 / 1e18;
        let radius = if curvature.double() > 0.0 {
            (b * width * width / curvature.double()).cbrt()
        } else {
            (log - wad(m)).hypot(width)
        };
        // The terms of w, and what an error of k moves it by: 2^-58 where strike and forward are far apart, else 2^-60 of k and
        // 2^-63 because prices are read to 64 bits. An error of k relative to x turns slope and curvature as well.
        let terms = wad(a).abs() + (w.double() - wad(a)).abs();
        let log_error = if log.abs() < 0.7 {
            log.abs() + 0.125
        } else {
            4.0
        };
        let argument_error = log_error + log.abs() + 2.0 * wad(m).abs();
        let moved = argument_error * b * (1.0 + rho.abs());
        let error = Exact::from(point.total_variance).error(w);
        let usual = row.kind == "usual";
        let mut see = |index: usize, error: f64| {
            if error > worst[index] {
                worst[index] = error;
            }
        };
        if usual {
            see(0, error / w.double());
        }
        see(1, error / (terms + moved + 1e-300));
        let turned = argument_error / radius;
        see(
            2,
            Exact::from(point.slope).error(slope) / (b * (1.0 + turned) + 1e-300),
        );
        see(
            3,
            Exact::from(point.curvature).error(curvature)
                / (curvature.double() * (1.0 + 3.0 * turned) + 1e-300),
        );
        // What is left of a negative level may be less than the terms are known to.
        let Ok(seen) = expiry.implied_volatility(row.strike) else {
            assert!(
                !usual && w.double() <= 4.0 * UNIT * (terms + moved),
                "{:?}",
                row.slice
            );
            continue;
        };
        let seen_exact = expiry.volatility_exact(k).expect("variance");
        let exact = Exact::from(seen_exact).scaled(0);
        let want_wad = volatility.times(Exact::from(1e18));
        let condition = 1.0 + (terms + moved) / w.double();
        see(4, exact.error(want_wad) / want_wad.double() / condition);
        if usual {
            see(5, exact.error(want_wad) / want_wad.double());
            let turns = 1.0
                + (log * slope.double() / (2.0 * w.double())).powi(2)
                + slope.double().powi(2) / w.double();
            see(
                6,
                Exact::from(smile.butterfly(k)).error(g) / (turns + curvature.double()),
            );
        }
        // To the nearest unit, and one unit of the last of 64 bits of what does not fit them.
        let rounding = 0.5 + want_wad.double() * 1e-15 * condition;
        assert!(
            Exact::from(seen).error(want_wad) <= rounding,
            "{:?}: {seen}",
            row.slice
        );
        assert_eq!(
            row.slice
                .implied_volatility(row.forward, row.strike, row.seconds),
            Ok(seen)
        );
    }
    println!(
        "w relative {:.1e}, of its terms {:.1e}, slope {:.1e}, curvature {:.1e}, volatility per condition {:.1e}, usual {:.1e}, g {:.1e}",
        worst[0], worst[1], worst[2], worst[3], worst[4], worst[5], worst[6]
    );
    let allowed = [
        1e-16,
        4.0 * UNIT,
        4.0 * UNIT,
        8.0 * UNIT,
        4.0 * UNIT,
        5e-17,
        1e-16,
    ];
    for (index, (seen, allowed)) in worst.iter().zip(allowed).enumerate() {
        assert!(seen <= &allowed, "figure {index}: {seen:e} of {allowed:e}");
    }
}
