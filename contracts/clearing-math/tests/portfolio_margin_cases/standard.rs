//! The published cases of margin by percentages: twenty portfolios, two underlyings, initial and maintenance margin.
//!
//! Each underlying is margined by itself, and so are its delta-one contracts, at their own price: of this model everything adds up but
//! the options of one expiry. What delta-one contracts have gained is cash. Results are doubles.

use clearing_math::{
    leg::{Leg, OptionKind},
    margin::{Linear, MarketData, Portfolio, Requirement, RiskProfile, Term, margin},
    percentage_margin::STANDARD_STYLE,
};
use serde_json::Value;

const ONE: u64 = 1_000_000_000_000_000_000;
/// The relative agreement asked for.
const BAR: f64 = 1e-12;
/// Expiries are stated in seconds from now.
const NOW: u64 = 1_000_000_000;

fn double(value: &Value) -> f64 {
    value.as_f64().expect("a number")
}

/// A number of 18 decimals that is a double, exactly.
fn wad(value: &Value) -> i128 {
    if value.is_null() {
        0
    } else {
        double(value) as i128
    }
}

fn entry(list: &Value, index: usize) -> i128 {
    wad(&list[index])
}

/// One underlying of a case: options and base asset, then its delta-one contracts.
fn required(scenario: &Value, underlying: &str, index: usize) -> [Requirement; 2] {
    let of = |name: &str| wad(&scenario[format!("{underlying}{name}")]);
    let named = |name: &str| wad(&scenario[format!("{name}{underlying}")]);
    let spot = of("SpotPrice") as u128;
    let confidences = &scenario["SpotPerpConfidences"][index];
    let mut legs = Vec::new();
    let mut volatilities = Vec::new();
    let mut terms: Vec<Term> = Vec::new();
    let kinds = scenario["OptionIsCall"].as_array().expect("a list");
    for (option, is_call) in kinds.iter().enumerate() {
        if scenario["OptionUnderlying"][option] != underlying {
            continue;
        }
        let at = |name: &str| entry(&scenario[name], option);
        let expiry = (i128::from(NOW) + at("OptionExpiries")) as u32;
        legs.push(Leg {
            expiry,
            // To the nearest 1e-8: some are off by what a double holds.
            strike: ((at("OptionStrikes") + 5_000_000_000) / 10_000_000_000) as u64,
            kind: if *is_call == 1 {
                OptionKind::Call
            } else {
                OptionKind::Put
            },
            contracts: at("OptionAmounts"),
        });
        volatilities.push(at("OptionVols") as u64);
        let confidence = at("OptionVolConfidences").min(at("ForwardConfidences")) as u64;
        if let Some(known) = terms.iter_mut().find(|term| term.expiry == expiry) {
            known.confidence = known.confidence.min(confidence);
            continue;
        }
        // A share of the settlement price is averaged already.
        let fixed_share = double(&scenario[format!("PercentFixed{underlying}")]);
        let fixed = (fixed_share * named("TWAP_") as f64) as u128;
        let moving = (1.0 - fixed_share) * double(&scenario["Forwards"][option]);
        terms.push(Term {
            expiry,
            forward: fixed + moving as u128,
            fixed,
            rate: 0,
            confidence,
        });
    }
    let market = MarketData {
        now: NOW,
        mid: spot,
        low: spot,
        high: spot,
        stable: wad(&scenario["USDCValue"]) as u64,
        confidence: entry(confidences, 0) as u64,
        terms: &terms,
    };
    let options = Portfolio {
        legs: &legs,
        volatilities: &volatilities,
        ceilings: &[],
        cash: 0,
        base: of_base(scenario, underlying),
        linear: Linear::NONE,
    };
    let contracts = wad(&scenario[format!("Perps_{underlying}")]);
    let price = entry(&scenario["PerpPrice"], index);
    let index_now = of("GlobalFundingIndex");
    let entered = wad(&scenario[format!("LastEntry{underlying}")]);
    let funded = wad(&scenario[format!("Account{underlying}FundingIndex")]);
    // Gains since the entry; what funding has accrued is paid by the long.
    let gained =
        (contracts as f64 / 1e18) * ((price - entered) as f64 - (index_now - funded) as f64);
    let delta_one = Portfolio {
        legs: &[],
        volatilities: &[],
        ceilings: &[],
        cash: gained as i128,
        base: 0,
        linear: Linear {
            contracts,
            price: price as u128,
            confidence: entry(confidences, 1) as u64,
        },
    };
    let profile = RiskProfile::Percentages(STANDARD_STYLE);
    [options, delta_one].map(|portfolio| margin(&profile, &market, &portfolio).expect("margin"))
}

fn of_base(scenario: &Value, underlying: &str) -> u128 {
    wad(&scenario[format!("w{underlying}")]) as u128
}

#[test]
fn margin_by_percentages_agrees_with_every_published_case() {
    let Some(text) =
        crate::support::shared_text("data/reference/portfolio_margin/standard_margin.json")
    else {
        return;
    };
    let cases: Value = serde_json::from_str(&text).expect("JSON");
    let cases = cases.as_object().expect("cases");
    let mut worst = 0.0_f64;
    for (name, case) in cases {
        let scenario = &case["Scenario"];
        let parts = [("ETH", 0), ("BTC", 1)]
            .map(|(underlying, index)| required(scenario, underlying, index));
        let cash = wad(&scenario["Cash"]);
        let sum = |of: fn(&Requirement) -> i128| {
            let parts = parts.as_flattened().iter().map(of).sum::<i128>();
            (parts + cash) as f64
        };
        for (what, got) in [
            ("realIM", sum(|r| r.initial)),
            ("realMM", sum(|r| r.maintenance)),
        ] {
            let want = double(&case["Result"][what]);
            let error = (got - want).abs() / want.abs().max(ONE as f64);
            assert!(
                error <= BAR,
                "{name} {what}: {got:e} against {want:e}, off {error:e}"
            );
            worst = worst.max(error);
        }
    }
    assert_eq!(cases.len(), 20, "every case was read");
    println!(
        "{} cases of margin by percentages: worst {worst:e} relative",
        cases.len()
    );
}
