//! The published cases of the manager with damped tails and skew: both margins, the mark, the contingency of forwards, and the
//! change under every scenario.
//!
//! Parameters are those of each case. A case may hold several collaterals; ours is one. Those that cancel risk become one base
//! asset, with the average of their haircuts; the others do not move in any scenario, so that their value, haircuts and doubt are
//! added to the results by the README's formulas. All are stated in dollars, and worth so many units of the stablecoin.

use clearing_math::{
    leg::{Leg, OptionKind},
    margin::{
        Basis, BasisRule, Charge, Contingencies, Discount, DoubtRule, Linear, MAX_MOVES,
        NakedShortRule, PMRM_2, RiskProfile, Scenario, ScenarioProfile, Scenarios, SkewCounting,
        SkewShocks, StaticDiscounts, Term, VolatilityMove, VolatilityShocks, margin,
        scenario_changes,
    },
};
use serde_json::Value;

use super::{NOW, ONE, Question, cases, list, support::wad};

/// Agreement relative to the result, or to one where that is larger; 1e-6 is asked for.
const BAR: f64 = 1e-9;
/// Settlement prices are averages over so many seconds.
const AVERAGED: f64 = 1_800.0;

fn double(value: &Value) -> f64 {
    let text = value.as_str();
    let parsed = text.and_then(|text| text.parse().ok());
    parsed.or(value.as_f64()).expect("a number")
}

/// The decimal that the file shows, in units of 1e-18.
fn decimal(x: f64) -> i128 {
    wad(&format!("{x:e}"))
}

fn unit(value: &Value) -> u64 {
    u64::try_from(decimal(double(value))).expect("at most 18")
}

/// In units of 1e-12.
fn pico(value: &Value) -> i64 {
    (decimal(double(value)) / 1_000_000) as i64
}

fn scenarios(given: &Value) -> Scenarios {
    let one = |scenario: &Value| Scenario {
        spot: unit(&scenario["SpotShock"]),
        volatility: match scenario["VolShockDirection"].as_str() {
            Some("Up") => VolatilityMove::Up,
            Some("Down") => VolatilityMove::Down,
            Some("None") => VolatilityMove::Unchanged,
            Some("LINEAR") => VolatilityMove::LinearSkew,
            Some("ABS") => VolatilityMove::AbsoluteSkew,
            other => panic!("{other:?} is no move of volatility"),
        },
        damping: unit(&scenario["DampeningFactor"]),
    };
    let all: Vec<Scenario> = list(given).iter().map(one).collect();
    Scenarios::new(&all).expect("at most 40")
}

/// A case's parameters; `base` is what its collateral is charged.
fn profile(given: &Value, base: Charge) -> ScenarioProfile {
    let (shock, skew, margin) = (&given["VolShock"], &given["SkewShock"], &given["Margin"]);
    let (basis, other) = (&given["BasisContingency"], &given["OtherContingency"]);
    let discount = |base: &str, side: &str| Discount {
        base: unit(&margin[base]),
        add: unit(&margin[format!("{side}_RATE_ADDSCALE")]),
        multiple: unit(&margin[format!("{side}_RATE_MULTSCALE")]),
    };
    let charge = |both: &str, initial: &str| Charge {
        both: unit(&other[both]),
        initial: unit(&other[initial]),
    };
    ScenarioProfile {
        scenarios: scenarios(&given["Scenarios"]),
        volatility: VolatilityShocks {
            up: unit(&shock["VOLRANGEUP"]),
            down: unit(&shock["VOLRANGEDOWN"]),
            short_power: unit(&shock["SHORTTERMPOWER"]),
            long_power: unit(&shock["LONGTERMPOWER"]),
            floor: unit(&shock["MIN_VOL_EVAL_SHOCKED"]),
            shortest: (double(&shock["DTE_FLOOR"]) * 86_400.0) as u64,
        },
        skew: SkewShocks {
            linear_base: pico(&skew["LINEAR_CBASE"]),
            linear_cap: unit(&skew["LINEAR_SCALE_CAP"]),
            absolute_base: pico(&skew["ABS_CBASE"]),
            absolute_cap: unit(&skew["ABS_SCALE_CAP"]),
            least_width: unit(&skew["MIN_K_STAR"]),
            width: unit(&skew["MIN_WIDTH_SCALE"]),
            level: unit(&skew["VOL_PARAM_STATIC"]),
            slope: pico(&skew["VOL_PARAM_SCALE"]),
            counting: SkewCounting::Magnitude,
        },
        discounts: StaticDiscounts {
            owned: discount("BASE_STATIC_DISCOUNT", "LONG"),
            owed: discount("BASE_STATIC_DISCOUNT_NEG", "SHORT"),
            owed_at_most_undiscounted: true,
            at_market_rate: true,
        },
        basis: Basis {
            up: unit(&basis["SCENARIO_SPOT_UP"]),
            down: unit(&basis["SCENARIO_SPOT_DOWN"]),
            share: pico(&basis["BASIS_CONT_ADD_FACTOR"]) as u64,
            share_per_year: pico(&basis["BASIS_CONT_MULT_FACTOR"]) as u64,
            most: u64::MAX,
            rule: BasisRule::Apart,
        },
        contingencies: Contingencies {
            naked_short: charge("MM_OPTION_PERCENT", "IM_OPTION_PERCENT"),
            naked_rule: NakedShortRule::PerStrike,
            base,
            linear: charge("MM_PERP_PERCENT", "IM_PERP_PERCENT"),
            factored: false,
            confidence_threshold: unit(&other["CONF_THRESHOLD"]),
            confidence_factor: unit(&other["CONF_MARGIN"]),
            peg_threshold: unit(&other["PEG_LOSS_THRESHOLD"]),
            peg_factor: unit(&other["PEG_LOSS_FACTOR"]),
            doubt_rule: DoubtRule::Published,
        },
        maintenance_factor: unit(&margin["MM_LOSS_FACTOR"]),
        initial_factor: unit(&margin["IM_LOSS_FACTOR"]),
    }
}

/// What the collaterals of a case come to, in units of the stablecoin.
#[derive(Default)]
struct Collateral {
    /// Of those that cancel risk.
    cancelling: f64,
    /// Haircuts of these: both margins, initial besides.
    cancelling_haircuts: [f64; 2],
    /// Of the others.
    others: f64,
    /// Haircuts of these.
    haircuts: [f64; 2],
    /// What doubt charges of either, beyond what it charges of those that cancel risk at the price's own confidence.
    doubted: f64,
}

fn collateral(case: &Value) -> Collateral {
    let (scenario, rules) = (&case["Scenario"], &case["Parameters"]["OtherContingency"]);
    let (threshold, margin) = (
        double(&rules["CONF_THRESHOLD"]),
        double(&rules["CONF_MARGIN"]),
    );
    let of_price = double(&scenario["SpotConfidence"]);
    let charge = |confidence: f64| {
        if confidence < threshold {
            margin * (1.0 - confidence)
        } else {
            0.0
        }
    };
    let mut sum = Collateral::default();
    for held in list(&scenario["Collaterals"]) {
        let of = |name: &str| double(&held[name]);
        let value = of("Amount") * of("Price") / double(&scenario["StablePrice"]);
        let haircuts = [of("MMHaircut"), of("IMHaircut")].map(|share| share * value);
        let doubted = value * charge(of("Confidence").min(of_price));
        if held["IsRiskCancelling"] == true {
            sum.cancelling += value;
            sum.cancelling_haircuts = [0, 1].map(|i| sum.cancelling_haircuts[i] + haircuts[i]);
            sum.doubted += doubted - value * charge(of_price);
        } else {
            sum.others += value;
            sum.haircuts = [0, 1].map(|i| sum.haircuts[i] + haircuts[i]);
            sum.doubted += doubted;
        }
    }
    sum
}

fn question(scenario: &Value, collateral: &Collateral) -> Question {
    let mut terms = vec![];
    for feed in list(&scenario["OptionFeeds"]) {
        let of = |name: &str| double(&feed[name]);
        let seconds = of("FeedExpiry");
        let averaged = 1.0 - (seconds / AVERAGED).min(1.0);
        let confidences = [
            "ForwardConfidence",
            "RateConfidence",
            "OptionVolConfidences",
        ];
        let least = confidences.iter().map(|name| of(name)).fold(1.0, f64::min);
        terms.push(Term {
            expiry: (NOW as i64 + seconds as i64) as u32,
            forward: decimal(of("Forward")) as u128,
            fixed: decimal(of("Forward") * averaged) as u128,
            rate: decimal(of("Rate")) as i64,
            confidence: decimal(least) as u64,
        });
    }
    let (mut legs, mut volatilities) = (vec![], vec![]);
    for option in list(&scenario["Options"]) {
        let of = |name: &str| double(&option[name]);
        legs.push(Leg {
            expiry: (NOW as i64 + of("Expiry") as i64) as u32,
            strike: (decimal(of("Strike")) / 10_000_000_000) as u64,
            kind: if of("IsCall") > 0.5 {
                OptionKind::Call
            } else {
                OptionKind::Put
            },
            contracts: decimal(of("Amount")),
        });
        volatilities.push(u64::try_from(decimal(of("MarkVol"))).unwrap_or(u64::MAX));
    }
    let of = |name: &str| double(&scenario[name]);
    let cash = [
        of("Cash"),
        of("UnrealisedPerpPNL"),
        of("UnrealisedFunding"),
        collateral.others,
    ];
    Question {
        mid: decimal(of("SpotPrice")) as u128,
        stable: decimal(of("StablePrice")) as u64,
        confidence: decimal(of("SpotConfidence")) as u64,
        terms,
        legs,
        volatilities,
        cash: cash.map(decimal).iter().sum(),
        base: decimal(collateral.cancelling / of("SpotPrice")) as u128,
        linear: Linear {
            contracts: decimal(of("NumPerps")),
            price: decimal(of("PerpPrice")) as u128,
            confidence: decimal(of("PerpConfidence")) as u64,
        },
    }
}

/// The published change of every scenario, in the order of the parameters.
fn published_changes(result: &Value) -> Vec<f64> {
    let of = |name: &str, at: usize| -> Vec<f64> {
        list(&result[name])
            .iter()
            .map(|row| double(&row[at]))
            .collect()
    };
    [
        of("reg_losses", 2),
        of("tail_losses", 2),
        of("skew_losses", 1),
    ]
    .concat()
}

/// How far a case is off at most, and where.
fn compare(name: &str, case: &Value) -> (f64, String) {
    let collateral = collateral(case);
    let share = |of: f64| match collateral.cancelling {
        0.0 => 0,
        value => decimal(of / value) as u64,
    };
    let [both, initial] = collateral.cancelling_haircuts.map(share);
    let parameters = profile(&case["Parameters"], Charge { both, initial });
    let profile = RiskProfile::ScenarioReprice(parameters);
    let question = question(&case["Scenario"], &collateral);
    let (market, portfolio) = (question.market(), question.portfolio());
    let got = margin(&profile, &market, &portfolio).unwrap();
    let mut changes = [0; MAX_MOVES];
    scenario_changes(&profile, &market, &portfolio, &mut changes).unwrap();

    let units = |x: i128| x as f64 / 1e18;
    let result = &case["Result"];
    let of = |name: &str| double(&result[name]);
    let [both, initial] = collateral.haircuts;
    let mut pairs = vec![
        (
            "initial".to_owned(),
            units(got.initial) - both - initial - collateral.doubted,
            of("IM"),
        ),
        (
            "maintenance".to_owned(),
            units(got.maintenance) - both,
            of("MM"),
        ),
        ("mark".to_owned(), units(got.mark), of("PortfolioMTM")),
    ];
    let published = published_changes(result);
    let scenarios = parameters.scenarios.as_slice();
    assert_eq!(scenarios.len(), published.len(), "{name}");
    for (index, want) in published.into_iter().enumerate() {
        let got = units(changes[index]) * scenarios[index].damping as f64 / ONE as f64;
        pairs.push((format!("scenario {index}"), got, want));
    }
    let basis = units(changes[scenarios.len()]);
    pairs.push(("forwards".to_owned(), basis, of("ForwardContingency")));
    let off = |&(_, got, want): &(String, f64, f64)| (got - want).abs() / want.abs().max(1.0);
    let worst = pairs.iter().max_by(|a, b| off(a).total_cmp(&off(b)));
    let worst = worst.expect("there are several");
    let (what, got, want) = worst;
    (off(worst), format!("{what} of {name}: {got}, {want}"))
}

#[test]
fn published_cases_with_skew_agree_to_1e_9_in_every_scenario() {
    let cases = cases("scenario_margin_skew.json");
    let mut worst = (0.0_f64, String::new());
    for (name, case) in &cases {
        let (off, what) = compare(name, case);
        assert!(off <= BAR, "{what}, off {off:e}");
        if off >= worst.0 {
            worst = (off, what);
        }
    }
    println!(
        "{} cases with skew, off by at most {:e} ({})",
        cases.len(),
        worst.0,
        worst.1
    );
}

/// The preset is what most cases state, but for the base asset's charge, which is each case's own, and the last digits of doubles.
#[test]
fn the_preset_has_the_parameters_of_most_cases() {
    let RiskProfile::ScenarioReprice(preset) = PMRM_2 else {
        panic!("a profile of scenarios");
    };
    let cases = cases("scenario_margin_skew.json");
    let same = cases.iter().filter(|(_, case)| {
        let mut stated = profile(&case["Parameters"], preset.contingencies.base);
        let (list, named) = (stated.scenarios.as_slice(), preset.scenarios.as_slice());
        let near = |a: u64, b: u64| a.abs_diff(b) < 1_000;
        let alike = list.iter().zip(named).all(|(a, b)| {
            a.volatility == b.volatility && near(a.spot, b.spot) && near(a.damping, b.damping)
        });
        let alike = alike && list.len() == named.len();
        let charge = &mut stated.contingencies.linear.initial;
        let near_charge = near(*charge, preset.contingencies.linear.initial);
        *charge = preset.contingencies.linear.initial;
        stated.scenarios = preset.scenarios;
        alike && near_charge && stated == preset
    });
    assert_eq!(same.count(), if cases.is_empty() { 0 } else { 16 });
}
