//! The fee for keeping a program's native code: a price per byte that rises with recent demand and falls with time.

use alloy_primitives::U256;

/// Bytes of demand that a second forgives.
const BYTES_PER_SECOND: u64 = 34_865;
/// Least price of a byte, in wei.
const MIN_PRICE: u64 = 82_928_201;
/// Demand, in bytes, at which the price has risen by the factor e.
const INERTIA: u64 = 21_360_419;
/// Basis points in one.
const ONE: u64 = 10_000;
/// Terms of the series of the exponential.
const TERMS: u64 = 12;

/// State of the price.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DataPricer {
    /// Bytes asked for and not yet forgiven.
    pub demand: u32,
    /// When demand was last brought up to date, in unix seconds.
    pub last_update: u64,
}

impl DataPricer {
    /// Adds `bytes` of native code at `now` (unix seconds) and returns their fee in wei.
    pub fn charge(&mut self, bytes: u32, now: u64) -> U256 {
        let forgiven = now
            .saturating_sub(self.last_update)
            .saturating_mul(BYTES_PER_SECOND);
        let forgiven = u32::try_from(forgiven).unwrap_or(u32::MAX);
        self.demand = self.demand.saturating_sub(forgiven).saturating_add(bytes);
        self.last_update = now;
        let multiplier = exponential(ONE * u64::from(self.demand) / INERTIA);
        // 2^27 · 2^64 · 2^32 fits.
        let price = U256::from(u128::from(MIN_PRICE) * u128::from(multiplier) / u128::from(ONE));
        price.saturating_mul(U256::from(bytes))
    }
}

/// e^x in basis points, for x in basis points, from twelve terms of its series, each rounded down; saturates.
fn exponential(x: u64) -> u64 {
    let x = u128::from(x);
    let one = u128::from(ONE);
    let mut sum = one + x / u128::from(TERMS);
    for term in (1..TERMS).rev() {
        sum = one + sum * x / (u128::from(term) * one);
    }
    u64::try_from(sum).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exponential_matches_e() {
        assert_eq!(exponential(0), 10_000);
        // e = 2.71828…, rounded down in each of twelve terms.
        assert!((27_180..=27_182).contains(&exponential(10_000)));
    }

    #[test]
    fn program_of_600_kilobytes_on_an_idle_chain_costs_about_5e13_wei() {
        let fee = DataPricer::default().charge(600 * 1024, 1_000_000);
        assert!(fee > U256::from(50_000_000_000_000u64) && fee < U256::from(53_000_000_000_000u64));
    }

    /// Demand of eight times the inertia: twelve terms of e^8 are 27906960 basis points, thirteen would be 28789968.
    #[test]
    fn every_constant_counts() {
        let mut pricer = DataPricer::default();
        let fee = pricer.charge(170883352, 0);
        // ⌊82,928,201 · 27906960 / 10,000⌋ = 231427398817 wei a byte
        assert_eq!(fee, U256::from(231427398817u64) * U256::from(170883352));
        pricer.charge(0, 100);
        assert_eq!(pricer.demand, 170883352 - 3_486_500);
    }

    #[test]
    fn price_rises_with_demand_and_time_forgives() {
        let mut pricer = DataPricer::default();
        let first = pricer.charge(600_000, 100);
        let second = pricer.charge(600_000, 100);
        assert!(second > first);
        assert_eq!(pricer.charge(600_000, 1_000), first);
    }
}
