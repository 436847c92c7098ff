//! Scenario margin against an independent brute force of 31 digits, over random portfolios, markets and profiles: both balances, the mark,
//! the change of value in every scenario and under both moves of the basis, and which of them is named the worst.
//!
//! `MARGIN_PORTFOLIOS` says how many: 100,000 is the number the project states its agreement for
//! (`MARGIN_PORTFOLIOS=100000 cargo test --release -p clearing-math --test margin_brute_force`); without it, a sample that ordinary
//! runs can afford. One in eight portfolios has up to 128 legs, one in two no more than five.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::float_cmp,
    clippy::many_single_char_names,
    reason = "tests panic on overflow, and measure in doubles"
)]

mod balances;
mod model;
mod quad;
mod random;

use balances::brute_force;
use clearing_math::margin::{
    MAX_MOVES, Requirement, RiskProfile, Scenario, VolatilityMove, margin, rounding_bound,
    scenario_changes,
};
use quad::Quad;
use random::Random;

/// Portfolios without `MARGIN_PORTFOLIOS`.
const SAMPLE: u64 = 1_500;

fn portfolios() -> u64 {
    let asked = std::env::var("MARGIN_PORTFOLIOS").ok();
    asked.map_or(SAMPLE, |count| {
        count.parse().expect("a number of portfolios")
    })
}

/// Worst errors: as a share of what is asked of rounding, and of the gross value.
#[derive(Clone, Copy, Default)]
struct Worst {
    of_bound: f64,
    of_gross: f64,
    /// Changes compared.
    changes: u64,
}

fn compare(seed: u64) -> Worst {
    let case = Random::new(seed).case();
    let (market, portfolio) = (case.market(), case.portfolio());
    let RiskProfile::ScenarioReprice(profile) = case.profile else {
        panic!("a scenario profile");
    };
    let Requirement {
        initial,
        maintenance,
        mark,
        worst_scenario,
    } = margin(&case.profile, &market, &portfolio)
        .unwrap_or_else(|error| panic!("seed {seed}: {error:?}"));
    let want = brute_force(&profile, &market, &portfolio);
    let gross = case.gross();
    // Skews are rounded to 1e-15 of a volatility, doubted contracts to 1e-18 of one.
    let skewed = |scenario: &Scenario| scenario.volatility >= VolatilityMove::LinearSkew;
    let of_skew = if profile.scenarios.as_slice().iter().any(skewed) {
        gross >> 48
    } else {
        0
    };
    let of_doubt = (market.terms.len() as u128 + 2) * (market.high / 1_000_000_000_000_000_000 + 1);
    let bound = (rounding_bound(portfolio.legs.len(), gross) + of_skew + of_doubt) as f64;
    let mut worst = Worst::default();
    let mut check = |what: &str, got: i128, want: Quad| {
        let error = ((Quad::wad(got) - want) * Quad::from(1e18)).double().abs();
        assert!(
            error <= bound,
            "{what} of seed {seed}: {got} against {:?}, off {error:e}, bound {bound:e}, gross {gross:e}, {} legs",
            want.double() * 1e18,
            portfolio.legs.len(),
        );
        worst.of_bound = worst.of_bound.max(error / bound);
        worst.of_gross = worst.of_gross.max(error / (gross as f64 + 1e18));
    };
    check("initial", initial, want.initial);
    check("maintenance", maintenance, want.maintenance);
    check("mark", mark, want.mark);
    let mut changes = [0; MAX_MOVES];
    let count = scenario_changes(&case.profile, &market, &portfolio, &mut changes)
        .unwrap_or_else(|error| panic!("changes of seed {seed}: {error:?}"));
    assert_eq!(count, profile.scenarios.as_slice().len() + 2);
    assert_eq!(want.changes.len(), count);
    for (index, (&got, &want)) in changes.iter().zip(&want.changes).enumerate() {
        check(&format!("change {index} of {count}"), got, want);
    }
    // The move that is named is as bad as any, up to rounding.
    let damped: Vec<f64> = want
        .changes
        .iter()
        .zip(&want.dampings)
        .map(|(&change, &damping)| (change * damping).double() * 1e18)
        .collect();
    let least = damped.iter().copied().fold(0.0, f64::min);
    let named = damped[worst_scenario as usize].min(0.0);
    assert!(
        named - least <= 2.0 * bound,
        "seed {seed}: move {worst_scenario} named the worst at {named:e}, but there is {least:e}"
    );
    worst.changes = count as u64;
    worst
}

#[test]
fn margin_equals_an_independent_brute_force() {
    let count = portfolios();
    let threads = std::env::var("MARGIN_THREADS").map_or(1, |n| n.parse().expect("threads"));
    let worst: Vec<Worst> = std::thread::scope(|scope| {
        let part = |first: u64| {
            let mut worst = Worst::default();
            for seed in (first..count).step_by(threads as usize) {
                let one = compare(seed);
                worst.of_bound = worst.of_bound.max(one.of_bound);
                worst.of_gross = worst.of_gross.max(one.of_gross);
                worst.changes += one.changes;
            }
            worst
        };
        let running: Vec<_> = (0..threads)
            .map(|first| scope.spawn(move || part(first)))
            .collect();
        running
            .into_iter()
            .map(|part| part.join().expect("no portfolio disagrees"))
            .collect()
    });
    let most = |of: fn(&Worst) -> f64| worst.iter().map(of).fold(0.0, f64::max);
    println!(
        "{count} portfolios, {} changes: worst {:e} of gross value, {:.3} of the rounding bound",
        worst.iter().map(|worst| worst.changes).sum::<u64>(),
        most(|w| w.of_gross),
        most(|w| w.of_bound),
    );
}
