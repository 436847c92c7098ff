//! The published cases of the 21-scenario manager: initial and maintenance margin.

use clearing_math::{
    leg::{Leg, OptionKind},
    margin::{Linear, PMRM, Term, margin},
};
use serde_json::Value;

use super::{NOW, Question, cases, list};

/// Absolute agreement in quote units: 1e-9 is asked for.
const BAR: f64 = 1e-10;

/// A number of 18 decimals.
fn wad(value: &Value) -> i128 {
    value.as_f64().expect("a number") as i128
}

fn unit(value: &Value) -> u64 {
    wad(value) as u64
}

fn question(scenario: &Value) -> Question {
    let mut terms: Vec<Term> = vec![];
    let (mut legs, mut volatilities) = (vec![], vec![]);
    for option in 0..list(&scenario["OptionExpiries"]).len() {
        let at = |name: &str| &scenario[name][option];
        let expiry = NOW as u32 + at("OptionExpiries").as_u64().expect("seconds") as u32;
        if terms.iter().all(|term| term.expiry != expiry) {
            let (fixed, moving) = (wad(at("ForwardsFixed")), wad(at("ForwardsVariable")));
            let confidences = [
                "ForwardConfidences",
                "RateConfidences",
                "OptionVolConfidences",
            ];
            terms.push(Term {
                expiry,
                forward: (fixed + moving) as u128,
                fixed: fixed as u128,
                rate: wad(at("Rates")) as i64,
                confidence: confidences
                    .iter()
                    .map(|name| unit(at(name)))
                    .min()
                    .expect("three"),
            });
        }
        legs.push(Leg {
            expiry,
            strike: (wad(at("OptionStrikes")) / 10_000_000_000) as u64,
            kind: if at("OptionIsCall").as_u64() == Some(1) {
                OptionKind::Call
            } else {
                OptionKind::Put
            },
            contracts: wad(at("OptionAmounts")),
        });
        volatilities.push(unit(at("OptionVols")));
    }
    let of = |name: &str| wad(&scenario[name]);
    Question {
        mid: of("SpotPrice") as u128,
        stable: of("StablePrice") as u64,
        confidence: of("SpotConfidence") as u64,
        terms,
        legs,
        volatilities,
        cash: of("Cash") + of("UnrealisedPerpPNL") + of("UnrealisedFunding"),
        base: of("Base") as u128,
        linear: Linear {
            contracts: of("Perps"),
            price: of("PerpPrice") as u128,
            confidence: of("PerpConfidence") as u64,
        },
    }
}

#[test]
fn published_cases_of_21_scenarios_agree_to_1e_10() {
    let mut worst = (0.0_f64, String::new());
    let cases = cases("scenario_margin.json");
    for (name, case) in &cases {
        let question = question(&case["Scenario"]);
        let got = margin(&PMRM, &question.market(), &question.portfolio()).unwrap();
        let mark = got.mark;
        for (what, got) in [
            ("InitialMarginHand", got.initial),
            ("MaintenanceMarginHand", got.maintenance),
        ] {
            let want = case["Result"][what].as_f64().expect("a number");
            let off = (got as f64 - want).abs() / 1e18;
            assert!(
                off <= BAR,
                "{name} {what}: {got} (mark {mark}), {want}, off {off:e}"
            );
            if off >= worst.0 {
                worst = (off, format!("{what} of {name}"));
            }
        }
    }
    println!(
        "{} cases of 21 scenarios, off by at most {:e} ({})",
        cases.len(),
        worst.0,
        worst.1
    );
}
