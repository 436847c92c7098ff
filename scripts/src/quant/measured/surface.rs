//! The volatility surface: SVI slices like those fitted to crypto markets, one for each time and volatility of the lattice.

use clearing_math::WAD;
use clearing_math::surface::{PublishedSmile, UNIT};
use clearing_math::svi::{Slice, check_calendar, check_slice};

use super::Measured;
use crate::quant::lattice::Lattice;
use crate::quant::wire;

/// Now, where expiries matter, unix seconds.
const NOW: u64 = 1_763_900_000;
/// Seconds of a year.
const YEAR: u64 = 31_536_000;
/// Strikes of `svi_16_strikes`, percent of the forward.
const STRIKES: [u32; 16] = [
    20, 35, 50, 65, 80, 90, 95, 100, 105, 110, 125, 150, 200, 275, 350, 500,
];
/// Log-moneyness of `svi_point`, percent.
const LOG_MONEYNESS: [i64; 9] = [-160, -80, -40, -10, 0, 10, 40, 80, 160];

pub(super) fn measured(lattice: &Lattice) -> Vec<Measured> {
    let (mut single, mut many, mut points) = (Vec::new(), Vec::new(), Vec::new());
    let (mut checks, mut pairs) = (Vec::new(), Vec::new());
    for volatility in lattice.volatilities_percent {
        let slices = lattice
            .seconds
            .map(|seconds| (seconds, slice(volatility, seconds)));
        for (seconds, slice) in slices {
            for spot in lattice.spots {
                let forward = u128::from(spot) * WAD;
                for percent in lattice.strikes_percent_of_spot {
                    let mut call = wire::slice(&slice).to_vec();
                    call.extend(wire::words(forward));
                    call.extend(wire::words(forward / 100 * u128::from(percent)));
                    call.push(seconds);
                    single.push(call);
                }
                let mut call = wire::slice(&slice).to_vec();
                call.extend(wire::words(forward));
                call.push(seconds);
                for percent in STRIKES {
                    call.extend(wire::words(forward / 100 * u128::from(percent)));
                }
                many.push(call);
            }
            for percent in LOG_MONEYNESS {
                let k = i128::from(percent) * (WAD / 100).cast_signed();
                let mut call = wire::slice(&slice).to_vec();
                call.extend(wire::words(k.cast_unsigned()));
                points.push(call);
            }
            if check_slice(&slice).is_ok() {
                checks.push(wire::slice(&slice).to_vec());
            }
        }
        for [(_, near), (_, far)] in slices.array_windows() {
            let accepted = near
                .prepare()
                .and_then(|near| Ok((near, far.prepare()?)))
                .is_ok_and(|(near, far)| check_calendar(&near, &far).is_ok());
            if accepted {
                pairs.push([wire::slice(near), wire::slice(far)].concat());
            }
        }
    }
    vec![
        Measured::new(
            "svi_implied_volatility",
            "one strike from raw parameters, logarithm included: 56 slices, 36 strikes each",
            single,
        )
        .with_bar(250_000, 120_000),
        Measured::new(
            "svi_16_strikes",
            "16 strikes of one expiry, prepared once: 56 slices, 4 forwards",
            many,
        ),
        Measured::new(
            "svi_point",
            "total variance, two derivatives, butterfly g(k): 56 slices, 9 strikes",
            points,
        ),
        Measured::new(
            "svi_check_slice",
            "proof that a slice has no static arbitrage: those of the 56 slices that have none",
            checks,
        ),
        Measured::new(
            "svi_check_calendar",
            "proof that two slices have no calendar arbitrage: neighbours that have none",
            pairs,
        ),
    ]
    .into_iter()
    .chain(published(lattice))
    .collect()
}

/// Three publishers' smiles, read at one of their expiries and between two of them.
fn published(lattice: &Lattice) -> Vec<Measured> {
    let (mut between, mut exact, mut strikes) = (Vec::new(), Vec::new(), [Vec::new(), Vec::new()]);
    for volatility in lattice.volatilities_percent {
        let words = |index: u32, expiry: u64| {
            let smile = PublishedSmile {
                expiry: u32::try_from(expiry).unwrap_or(u32::MAX),
                ..smile(volatility + index)
            };
            smile.to_word()
        };
        for seconds in lattice.seconds {
            let (near, far) = (NOW + seconds, NOW + 2 * seconds + 86_400);
            let middle = u64::midpoint(near, far);
            for (expiry, single) in [(near, true), (middle, false)] {
                let mut call = vec![NOW, expiry];
                for index in 0..3 {
                    let first = words(index, near);
                    let second = if single { first } else { words(index, far) };
                    for word in [first, second] {
                        let parts = word.as_chunks::<8>().0.iter();
                        call.extend(parts.map(|part| u64::from_be_bytes(*part)));
                    }
                }
                let of_one = if single { &mut exact } else { &mut between };
                of_one.push(call.clone());
                let forward = 2_000 * WAD;
                call.extend(wire::words(forward));
                for percent in STRIKES {
                    call.extend(wire::words(forward / 100 * u128::from(percent)));
                }
                strikes[usize::from(!single)].push(call);
            }
        }
    }
    let [at, interpolated] = strikes;
    let named =
        |name: &str, export, what, calls| Measured::new(export, what, calls).named(name.to_owned());
    vec![
        named(
            "surface_prepare",
            "surface_prepare",
            "three publishers' smiles of an expiry: 56 expiries",
            exact,
        ),
        named(
            "surface_prepare, between expiries",
            "surface_prepare",
            "three publishers, two smiles each: 56 expiries",
            between,
        ),
        named(
            "surface_16_strikes",
            "surface_16_strikes",
            "the same with 16 strikes: 56 expiries",
            at,
        ),
        named(
            "surface_16_strikes, between expiries",
            "surface_16_strikes",
            "the same with 16 strikes, two smiles each: 56 expiries",
            interpolated,
        ),
    ]
}

/// A smile around `volatility` percent as publishers sign them, annualised: a skew, bent within the width of a month.
fn smile(volatility: u32) -> PublishedSmile {
    let square = u64::from(volatility) * u64::from(volatility) * (UNIT / 10_000);
    PublishedSmile {
        a: (square / 2).cast_signed(),
        b: square / 2,
        rho: (i64::from(volatility) - 250) * 2_500_000,
        m: 20_000_000,
        sigma: 240_000_000 + u64::from(volatility) * 1_000_000,
        expiry: 0,
        published_at: 0,
    }
}

/// A smile around `volatility` percent: level and slope grow with the deviation `σ√T` as fitted ones do; calm markets are skewed to the
/// left, wild ones a little to the right.
fn slice(volatility: u32, seconds: u64) -> Slice {
    let wad = WAD as u64;
    // σ²T in WAD, and σ√T from it: √(x·1e18).
    let variance =
        u128::from(volatility) * u128::from(volatility) * (WAD / 10_000) * u128::from(seconds)
            / u128::from(YEAR);
    let deviation = (variance * WAD).isqrt() as u64;
    let variance = variance as u64;
    Slice {
        a: (variance / 2).cast_signed(),
        b: deviation / 4,
        rho: (i64::from(volatility) - 250) * (wad / 400).cast_signed(),
        m: (deviation / 20).cast_signed(),
        sigma: (deviation / 2 + variance / 2).clamp(wad / 1_000, 4 * wad),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quant::lattice::LATTICE;

    #[test]
    fn most_slices_are_free_of_arbitrage_so_that_the_checks_run_to_their_end() {
        let measured = measured(&LATTICE);
        let calls = |name| {
            measured
                .iter()
                .find(|one| one.name == name)
                .map_or(0, |one| one.calls.len())
        };
        assert_eq!(calls("svi_implied_volatility"), 2_016);
        assert!(
            calls("svi_check_slice") >= 40,
            "{}",
            calls("svi_check_slice")
        );
        assert!(
            calls("svi_check_calendar") >= 40,
            "{}",
            calls("svi_check_calendar")
        );
    }
}
