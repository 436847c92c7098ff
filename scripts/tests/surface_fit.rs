//! Fits to the real option chains of `../shared/data/options`, read by path: the published bars, checked apart from the code that fits.

use std::path::PathBuf;

use clearing_math::surface::{PublishedSmile, UNIT};
use novation::surface_fit::chain_file::{self, Chain};
use novation::surface_fit::command::fit_all;
use novation::surface_fit::fitted::{Fitted, Refusal};

/// Points of a grid that looks for arbitrage.
const GRID: u32 = 1_000;
/// Years of ACT/365.
const YEAR: f64 = 31_536_000.0;
/// Bar: median absolute error within ±25 delta, volatility points.
const MOST_MEDIAN_ERROR: f64 = 1.0;
/// The least share of expiries with enough strikes that must have a slice; measured: all but a few.
const LEAST_ACCEPTED: f64 = 0.95;

fn chains() -> Option<Vec<Chain>> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/options");
    if !folder.is_dir() {
        println!("NOT TESTED: {} is absent", folder.display());
        return None;
    }
    let files = [
        "deribit_reference_chains.csv.gz",
        "deribit_btc_2020-05-21_full_greeks.csv",
        "deribit_eth_2021-10-01_mfiv_inputs.csv",
    ];
    let read = |name| {
        chain_file::read(&folder.join(name))
            .expect("a chain")
            .chains
    };
    Some(files.into_iter().flat_map(read).collect())
}

/// A smile read anew from its word: total variance `w`, and `g`, at `k`.
fn total_variance_and_density(word: &[u8; 32], k: f64) -> (f64, f64) {
    let smile = PublishedSmile::from_word(word).expect("a smile");
    let unit = |x: f64| x / UNIT as f64;
    let (a, b) = (unit(smile.a as f64), unit(smile.b as f64));
    let (rho, m, sigma) = (
        unit(smile.rho as f64),
        unit(smile.m as f64),
        unit(smile.sigma as f64),
    );
    let years = f64::from(smile.expiry - smile.published_at) / YEAR;
    let (x, radius) = (k - m, (k - m).hypot(sigma));
    let w = years * (a + b * (rho * x + radius));
    let slope = years * b * (rho + x / radius);
    let curvature = years * b * sigma * sigma / radius.powi(3);
    let g = (1.0 - k * slope / (2.0 * w)).powi(2) - slope * slope / 4.0 * (1.0 / w + 0.25)
        + curvature / 2.0;
    (w, g)
}

/// Twelve deviations of the last expiry to both sides.
fn grid(fitted: &Fitted) -> Vec<f64> {
    let last = fitted.accepted().last().expect("a slice").smile.to_word();
    let reach = (12.0 * total_variance_and_density(&last, 0.0).0.sqrt()).min(8.0);
    (0..=GRID)
        .map(|i| reach * (2.0 * f64::from(i) / f64::from(GRID) - 1.0))
        .collect()
}

#[test]
fn accepted_slices_have_no_arbitrage_on_a_grid_and_fit_the_quotes() {
    let Some(chains) = chains() else { return };
    assert_eq!(chains.len(), 12);
    let (mut accepted, mut refused) = (0_u32, 0_u32);
    for fitted in fit_all(chains).expect("fits") {
        let name = format!("{} at {}", fitted.chain.underlying, fitted.chain.at);
        let middle = fitted.middle();
        assert!(
            middle.quotes > 0 && middle.median <= MOST_MEDIAN_ERROR,
            "{name}: {middle:?}"
        );
        for k in grid(&fitted) {
            let mut before = 0.0;
            for slice in fitted.accepted() {
                let (w, g) = total_variance_and_density(&slice.smile.to_word(), k);
                assert!(g >= 0.0, "{name}: g({k}) = {g} for {:?}", slice.smile);
                assert!(w > 0.0 && w >= before, "{name}: {before} then {w} at {k}");
                before = w;
            }
        }
        for slice in &fitted.slices {
            match slice {
                Ok(slice) => {
                    accepted += 1;
                    let error = slice.middle.median;
                    assert!(
                        error <= MOST_MEDIAN_ERROR,
                        "{name}: {error} for {:?}",
                        slice.smile
                    );
                }
                Err(Refusal::TooFewStrikes { .. }) => {}
                Err(refusal) => {
                    println!("{name}: {refusal}");
                    refused += 1;
                }
            }
        }
    }
    println!("{accepted} slices accepted, {refused} refused");
    let share = f64::from(accepted) / f64::from(accepted + refused);
    assert!(
        share >= LEAST_ACCEPTED,
        "{accepted} accepted, {refused} refused"
    );
}

#[test]
fn prices_alone_give_the_volatilities_that_the_venue_states() {
    let Some(chains) = chains() else { return };
    // The same chain by prices: mark_iv taken away. Deribit rounds its mark to 1e-8 of a coin and states volatilities to 0.01 %.
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/options");
    let text = std::fs::read_to_string(folder.join("deribit_btc_2020-05-21_full_greeks.csv"));
    let text = text.expect("the file").replacen("mark_iv", "not_read", 1);
    let path = std::env::temp_dir().join(format!("chain-{}.csv", std::process::id()));
    std::fs::write(&path, text).expect("a file");
    let by_price = chain_file::read(&path);
    std::fs::remove_file(&path).expect("removed");
    let by_price = &by_price.expect("a chain").chains[0];
    let stated = chains
        .iter()
        .find(|chain| chain.at == by_price.at)
        .expect("it");
    let mut compared = 0;
    for (expiry, solved) in stated.expiries.iter().zip(&by_price.expiries) {
        for quote in &solved.quotes {
            let same = expiry
                .quotes
                .iter()
                .find(|other| other.strike == quote.strike);
            let stated = same.expect("the strike").volatility;
            // Where a tenth of a volatility point moves the price by less than the venue rounds, it is not compared.
            if quote.k.abs() < 0.3 && stated < 1.0 {
                compared += 1;
                assert!(
                    (quote.volatility - stated).abs() < 0.002,
                    "{quote:?}: {stated}"
                );
            }
        }
    }
    assert!(compared >= 50, "{compared}");
}
