//! The volatility surface: SVI slices like those fitted to crypto markets, one for each time and volatility of the lattice.

use clearing_math::WAD;
use clearing_math::svi::{Slice, check_calendar, check_slice};

use super::Measured;
use crate::quant::lattice::Lattice;
use crate::quant::wire;

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
