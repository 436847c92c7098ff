//! Random options of the whole domain, extremes over-weighted, and a double's view of them.

use clearing_math::black_scholes::Inputs;
use proptest::prelude::*;

/// Seconds of ten years.
pub const TEN_YEARS: u64 = 315_360_000;

/// Every decade equally often, the ends in every tenth draw.
pub fn decades(low: f64, high: f64) -> impl Strategy<Value = f64> {
    prop_oneof![
        8 => (low.ln()..high.ln()).prop_map(f64::exp),
        1 => Just(low),
        1 => Just(high),
    ]
}

prop_compose! {
    /// Anything in the domain: every second strike within nine deviations of the forward.
    pub fn options()(
        spot in decades(1e-9, 1e12), near in any::<bool>(), ratio in decades(1e-6, 1e6), step in -9.0..9.0_f64,
        seconds in decades(1.0, TEN_YEARS as f64), volatility in decades(0.001, 20.0),
        rate in prop_oneof![Just(0.0), Just(-0.5), Just(1.0), -0.5..1.0_f64],
    ) -> Inputs {
        let years: f64 = seconds.floor() / 31_536_000.0;
        let deviation = volatility * years.sqrt();
        let ratio = if near { (step * deviation + rate * years).exp() } else { ratio };
        // An integer of one unit less than the domain's ends is outside of it.
        let spot = ((spot * 1e18) as u128).clamp(1_000_000_000, 10_u128.pow(30));
        let strike = (spot as f64 * ratio.clamp(1e-6, 1e6)) as u128;
        Inputs {
            spot,
            strike: strike.clamp(spot.div_ceil(1_000_000).max(1_000_000_000), (spot * 1_000_000).min(10_u128.pow(30))),
            seconds: (seconds as u64).clamp(1, TEN_YEARS),
            volatility: ((volatility * 1e18) as u128).clamp(10_u128.pow(15), 20 * 10_u128.pow(18)),
            rate: (rate * 1e18) as i64,
        }
    }
}

pub fn years(inputs: &Inputs) -> f64 {
    inputs.seconds as f64 / 31_536_000.0
}

/// `σ√T`.
pub fn deviation(inputs: &Inputs) -> f64 {
    inputs.volatility as f64 / 1e18 * years(inputs).sqrt()
}

/// `max(S, K·e^(−rT))`, WAD.
pub fn larger(inputs: &Inputs) -> f64 {
    let discounted = inputs.strike as f64 * (-(inputs.rate as f64) / 1e18 * years(inputs)).exp();
    discounted.max(inputs.spot as f64)
}
