//! The inputs over which ink is measured: 4 spots × 9 strikes × 7 times × 8 volatilities × 2 rates = 4,032 options.

use clearing_math::black_scholes::Inputs;
use serde::Serialize;

/// Axes of the lattice.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Lattice {
    /// Spot, whole quote units.
    pub spots: [u32; 4],
    /// Strike, percent of spot.
    pub strikes_percent_of_spot: [u32; 9],
    /// Time to expiry, seconds: 1 hour, 6 hours, 1 day, 7, 30, 90 and 365 days.
    pub seconds: [u64; 7],
    /// Volatility per square root of a year, percent.
    pub volatilities_percent: [u32; 8],
    /// Rate per year, percent.
    pub rates_percent: [u32; 2],
}

/// Prices a desk asks for: an hour to a year, far out and far in, calm and wild.
pub const LATTICE: Lattice = Lattice {
    spots: [1_000, 2_000, 3_000, 4_000],
    strikes_percent_of_spot: [20, 50, 80, 95, 100, 105, 125, 200, 500],
    seconds: [
        3_600, 21_600, 86_400, 604_800, 2_592_000, 7_776_000, 31_536_000,
    ],
    volatilities_percent: [10, 25, 50, 75, 100, 150, 200, 300],
    rates_percent: [0, 5],
};

/// One percent, WAD.
const PERCENT: u128 = clearing_math::WAD / 100;

impl Lattice {
    /// Every option, the rate turning fastest.
    pub fn options(&self) -> Vec<Inputs> {
        let mut options = Vec::new();
        for spot in self.spots.map(|spot| u128::from(spot) * clearing_math::WAD) {
            for strike in self.strikes_percent_of_spot {
                for seconds in self.seconds {
                    for volatility in self.volatilities_percent {
                        for rate in self.rates_percent {
                            options.push(Inputs {
                                spot,
                                strike: spot / 100 * u128::from(strike),
                                seconds,
                                volatility: u128::from(volatility) * PERCENT,
                                rate: (u128::from(rate) * PERCENT) as i64,
                            });
                        }
                    }
                }
            }
        }
        options
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lattice_has_4032_options_between_its_corners() {
        let options = LATTICE.options();
        assert_eq!(options.len(), 4_032);
        let wad = clearing_math::WAD;
        let (first, last) = (options[0], options[options.len() - 1]);
        assert_eq!(
            (first.spot, first.strike, first.seconds),
            (1_000 * wad, 200 * wad, 3_600)
        );
        assert_eq!(
            (last.spot, last.strike, last.seconds),
            (4_000 * wad, 20_000 * wad, 31_536_000)
        );
        assert_eq!((first.rate, last.rate), (0, 50_000_000_000_000_000));
    }
}
