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

use clearing_math::svi::{LogMoneyness, Slice};
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

/// What errors of a row are measured in, in doubles.
struct Scales {
    b: f64,
    /// `ln(K/F)`.
    log: f64,
    /// The terms of `w`.
    terms: f64,
    /// What the error of `k` and of `k − m` moves `w` by, in units of `UNIT`.
    moved: f64,
    /// The same error relative to `R`: what turns slope and curvature.
    turned: f64,
}

impl Scales {
    fn of(row: &Row) -> Self {
        let Slice {
            a,
            b,
            rho,
            m,
            sigma,
        } = row.slice;
        let (a, b, rho, m, width) = (
            wad(a),
            b as f64 / 1e18,
            wad(rho),
            wad(m),
            sigma as f64 / 1e18,
        );
        let [w, _, curvature, ..] = row.want.map(Exact::double);
        let log = (row.strike as f64 / row.forward as f64).ln();
        // R from the reference: x = k − m may be too small a difference for doubles.
        let radius = if curvature > 0.0 {
            (b * width * width / curvature).cbrt()
        } else {
            (log - m).hypot(width)
        };
        // The logarithm is good to 2^-58 where strike and forward are far apart, else to 2^-60 of itself and 2^-63 because prices
        // are read to 64 bits.
        let log_error = if log.abs() < 0.7 {
            log.abs() + 0.125
        } else {
            4.0
        };
        let argument_error = log_error + log.abs() + 2.0 * m.abs();
        Self {
            b,
            log,
            terms: a.abs() + (w - a).abs(),
            moved: argument_error * b * (1.0 + rho.abs()),
            turned: argument_error / radius,
        }
    }
}

/// Keeps the largest error seen for each figure.
struct Worst([f64; 7]);

impl Worst {
    fn see(&mut self, index: usize, error: f64) {
        if error > self.0[index] {
            self.0[index] = error;
        }
    }

    /// Compares one row with the crate.
    fn measure(&mut self, row: &Row) {
        let Scales {
            b,
            log,
            terms,
            moved,
            turned,
        } = Scales::of(row);
        let smile = row.slice.prepare().expect("in range");
        let expiry = smile
            .expiring_in(row.seconds, row.forward)
            .expect("in range");
        let k = expiry.log_moneyness(row.strike).expect("in range");
        let point = smile.at(k);
        let [w, slope, curvature, volatility, g] = row.want;
        let usual = row.kind == "usual";

        let error = Exact::from(point.total_variance).error(w);
        self.see(1, error / (terms + moved));
        let error_slope = Exact::from(point.slope).error(slope);
        self.see(2, error_slope / (b * (1.0 + turned) + 1e-300));
        let error_curvature = Exact::from(point.curvature).error(curvature);
        self.see(
            3,
            error_curvature / (curvature.double() * (1.0 + 3.0 * turned) + 1e-300),
        );
        // What is left of a negative level may be less than the terms are known to.
        let Ok(seen) = expiry.implied_volatility(row.strike) else {
            let is_lost = w.double() <= 4.0 * UNIT * (terms + moved);
            assert!(!usual && is_lost, "{:?}", row.slice);
            return;
        };
        let exact = Exact::from(expiry.volatility_exact(k).expect("variance"));
        let want = volatility.times(Exact::from(1e18));
        let condition = 1.0 + (terms + moved) / w.double();
        self.see(4, exact.error(want) / want.double() / condition);
        if usual {
            self.see(0, error / w.double());
            self.see(5, exact.error(want) / want.double());
            let lean = log * slope.double() / (2.0 * w.double());
            let of_g = 1.0 + lean * lean + slope.double().powi(2) / w.double() + curvature.double();
            self.see(6, Exact::from(smile.butterfly(k)).error(g) / of_g);
        }
        // To the nearest unit, and to what the 64 bits behind it are good for.
        let rounding = 0.5 + 4.0 * UNIT * want.double() * condition;
        assert!(
            Exact::from(seen).error(want) <= rounding,
            "{:?}: {seen}",
            row.slice
        );
        let at_once = row
            .slice
            .implied_volatility(row.forward, row.strike, row.seconds);
        assert_eq!(at_once, Ok(seen));
    }
}

#[test]
fn slices_agree_with_80_digits() {
    let rows = rows();
    assert!(rows.len() >= 400, "{} rows", rows.len());
    let mut worst = Worst([0.0; 7]);
    for row in &rows {
        worst.measure(row);
    }
    for (name, seen, allowed) in [
        ("w of usual slices, relative", worst.0[0], 1e-15),
        ("w, of its terms", worst.0[1], 4.0 * UNIT),
        ("slope, of b", worst.0[2], 4.0 * UNIT),
        ("curvature, relative", worst.0[3], 8.0 * UNIT),
        (
            "volatility, relative, per condition",
            worst.0[4],
            4.0 * UNIT,
        ),
        ("volatility of usual slices, relative", worst.0[5], 5e-16),
        ("g of usual slices, of its terms", worst.0[6], 1e-15),
    ] {
        println!("{name}: {seen:.1e}");
        assert!(seen <= allowed, "{name}: {seen:e} of {allowed:e}");
        assert!(seen > 0.0, "{name} was not measured");
    }
}

/// In the flat wing of a steep skew all that is left of `ρx + R` is a small difference: half a unit of `1 − ρ`, at the extreme.
#[test]
fn steep_skews_keep_their_digits_in_the_flat_wing() {
    const ONE: i64 = 1_000_000_000_000_000_000;
    for below_one in [
        1_i64,
        1_000,
        1_000_000_000_000,
        9_999_999_999_999_999,
        10_000_000_000_000_000,
    ] {
        for (sign, width) in [(1, 1_u64), (-1, 1_000_000), (1, 1_000_000_000_000_000)] {
            let slice = Slice {
                a: 0,
                b: ONE as u64,
                rho: sign * (ONE - below_one),
                m: 0,
                sigma: width,
            };
            let smile = slice.prepare().expect("in range");
            for x in [0.001, 0.5, 3.0, 13.0] {
                let k =
                    LogMoneyness::from_wad(-i128::from(sign) * (x * 1e18) as i128).expect("near");
                // (σ² + (1 − ρ²)x²)/(R + |ρ|x), every term positive.
                let (gap, sigma) = (below_one as f64 / 1e18, width as f64 / 1e18);
                let flatness = gap * (2.0 - gap);
                let expected =
                    (sigma * sigma + flatness * x * x) / (x.hypot(sigma) + (1.0 - gap) * x);
                let seen = Exact::from(smile.total_variance(k)).double();
                let error = (seen / expected - 1.0).abs();
                // A few roundings of doubles.
                assert!(error <= 1e-15, "{slice:?} at {x}: {error:e}");
            }
        }
    }
}
