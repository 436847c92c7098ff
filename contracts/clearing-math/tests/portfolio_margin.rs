//! Portfolio margin: its properties over random portfolios and markets, for every preset as far as it has them, and its refusals.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::doc_markdown,
    reason = "tests panic on overflow, and measure in doubles"
)]

#[path = "support/portfolio.rs"]
mod portfolio;

use clearing_math::{
    leg::{Leg, OptionKind},
    margin::{
        CodecError, DERIBIT_STYLE, Linear, MAX_LEGS, MAX_MOVES, MAX_PROFILE_BYTES, MarginError,
        MarketData, NOVATION_DEFAULT, PMRM, Portfolio, Requirement, RiskProfile, ScenarioProfile,
        Scenarios, Term,
        codec::{Reader, Writer},
        margin, mark, rounding_bound, scenario_changes,
    },
};
use portfolio::{
    Account, EXPIRIES, NOW, ONE, Scenery, UNIT, default_profile, gross, leg, legs, scenarios_of,
    scenery,
};
use proptest::prelude::*;

/// Those of which a long option never raises a requirement.
const HARMLESS: [RiskProfile; 2] = [NOVATION_DEFAULT, DERIBIT_STYLE];
const PRESETS: [RiskProfile; 3] = [NOVATION_DEFAULT, DERIBIT_STYLE, PMRM];

fn units() -> impl Strategy<Value = u128> {
    prop_oneof![Just(0), 0..1_000_000_u128].prop_map(|milli| milli * UNIT as u128 / 1_000)
}

fn bound(scenery: &Scenery, legs: &[Leg], base: u128) -> i128 {
    rounding_bound(legs.len(), gross(scenery, legs, base)) as i128
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Adding a long option never raises the requirement: no balance falls by more than rounding.
    #[test]
    fn adding_a_long_leg_never_raises_the_requirement(
        scenery in scenery(), legs in legs(0..8), long in leg(), base in units(),
    ) {
        let mut more = legs.clone();
        more.push(Leg { contracts: long.contracts.abs(), ..long });
        let bound = bound(&scenery, &more, base);
        let (legs, more) = (scenery.account(&legs, 0, base), scenery.account(&more, 0, base));
        for profile in &HARMLESS {
            let (before, after) = (scenery.require(profile, &legs), scenery.require(profile, &more));
            prop_assert!(after.initial >= before.initial - bound, "{before:?} {after:?}");
            prop_assert!(after.maintenance >= before.maintenance - bound);
            prop_assert!(after.mark >= before.mark - bound);
        }
    }

    /// Adding base asset never raises the requirement.
    #[test]
    fn adding_base_asset_never_raises_the_requirement(scenery in scenery(), legs in legs(0..8), base in units(), more in units()) {
        let bound = bound(&scenery, &legs, base + more);
        let (less, more) = (scenery.account(&legs, 0, base), scenery.account(&legs, 0, base + more));
        for profile in &HARMLESS {
            let (before, after) = (scenery.require(profile, &less), scenery.require(profile, &more));
            prop_assert!(after.initial >= before.initial - bound);
            prop_assert!(after.maintenance >= before.maintenance - bound);
        }
    }

    /// margin(A ∪ B) ≤ margin(A) + margin(B): together two portfolios have at least the sum of their balances. The published
    /// profiles have this as well.
    #[test]
    fn two_portfolios_together_need_no_more(
        scenery in scenery(), a in legs(0..6), b in legs(0..6), x in units(), y in units(), l in -100_i128..100, m in -100_i128..100,
    ) {
        let together: Vec<Leg> = a.iter().chain(&b).copied().collect();
        let linear = |contracts: i128| Linear { contracts: contracts * UNIT, price: 0, confidence: ONE / 2 };
        let bound = bound(&scenery, &together, x + y) + bound(&scenery, &[], 200 * UNIT as u128);
        let (mut a, mut b) = (scenery.account(&a, 0, x), scenery.account(&b, 0, y));
        let mut both = scenery.account(&together, 0, x + y);
        (a.linear, b.linear, both.linear) = (linear(l), linear(m), linear(l + m));
        // Whether the price of delta-one contracts counts must not differ between the three.
        prop_assume!(l != 0 && m != 0 && l + m != 0);
        for profile in &PRESETS {
            let [ra, rb, both] = [&a, &b, &both].map(|account| scenery.require(profile, account));
            prop_assert!(both.initial >= ra.initial + rb.initial - bound, "{ra:?} {rb:?} {both:?}");
            prop_assert!(both.maintenance >= ra.maintenance + rb.maintenance - bound);
        }
    }

    /// Maintenance never asks for more than initial margin, and neither balance exceeds the mark.
    #[test]
    fn maintenance_never_exceeds_initial(scenery in scenery(), legs in legs(0..10), base in units()) {
        let account = scenery.account(&legs, 0, base);
        for profile in &PRESETS {
            let got = scenery.require(profile, &account);
            prop_assert!(got.initial <= got.maintenance && got.maintenance <= got.mark);
        }
        let got = scenery.require(&NOVATION_DEFAULT, &account);
        prop_assert_eq!(got.mark, mark(&scenery.market(), &account.portfolio()).unwrap());
    }

    /// Whatever the market is not sure of lowers initial margin only: a wider band, a volatility's ceiling, a lack of confidence
    /// in price or term, a settlement asset below par.
    #[test]
    fn degraded_data_touch_initial_only(scenery in scenery(), legs in legs(0..8), base in units()) {
        let (mid, terms) = (scenery.mid, scenery.terms.iter());
        let sure = Scenery {
            low: mid,
            high: mid,
            stable: ONE,
            confidence: ONE,
            terms: terms.map(|term| Term { confidence: ONE, ..*term }).collect(),
            doubt: 0,
            ..scenery.clone()
        };
        let degraded = [
            Scenery { low: scenery.low, ..sure.clone() },
            Scenery { high: scenery.high, ..sure.clone() },
            Scenery { stable: scenery.stable, ..sure.clone() },
            Scenery { confidence: scenery.confidence, ..sure.clone() },
            Scenery { terms: scenery.terms.clone(), ..sure.clone() },
            Scenery { doubt: scenery.doubt, ..sure.clone() },
            scenery,
        ];
        for profile in &PRESETS {
            let best = sure.require(profile, &sure.account(&legs, 0, base));
            for worse in &degraded {
                let got = worse.require(profile, &worse.account(&legs, 0, base));
                prop_assert!(got.initial <= best.initial);
                prop_assert_eq!(Requirement { initial: best.initial, ..got }, best);
            }
        }
    }

    /// Legs in any order give the same bits.
    #[test]
    fn the_order_of_legs_does_not_matter(
        scenery in scenery(), (sorted, shuffled) in legs(0..8).prop_flat_map(|l| (Just(l.clone()), Just(l).prop_shuffle())), base in units(),
    ) {
        let (sorted, shuffled) = (scenery.account(&sorted, 5, base), scenery.account(&shuffled, 5, base));
        for profile in &PRESETS {
            let (a, b) = (scenery.require(profile, &sorted), scenery.require(profile, &shuffled));
            // Which of two moves that are equally bad is named may differ by what rounding makes of them, nothing else.
            prop_assert_eq!(a, b);
        }
    }

    /// A leg split in two gives the same result up to rounding, and so does a leg with its opposite.
    #[test]
    fn splitting_a_leg_does_not_matter(scenery in scenery(), legs in legs(1..8), at in 0..i128::from(u64::MAX)) {
        // Doubt as published counts gross contracts, of which there are more.
        let scenery = Scenery { confidence: ONE, terms: scenery.terms.iter().map(|term| Term { confidence: ONE, ..*term }).collect(), ..scenery };
        let mut split = legs.clone();
        let first = split[0];
        split[0].contracts = first.contracts - at;
        split.push(Leg { contracts: at, ..first });
        let bound = bound(&scenery, &split, 0);
        let (whole, split) = (scenery.account(&legs, 0, 0), scenery.account(&split, 0, 0));
        for profile in &PRESETS {
            let (whole, got) = (scenery.require(profile, &whole), scenery.require(profile, &split));
            prop_assert!((got.initial - whole.initial).abs() <= bound);
            prop_assert!((got.maintenance - whole.maintenance).abs() <= bound);
            prop_assert!((got.mark - whole.mark).abs() <= bound);
        }
    }

    /// No input panics or wraps, however absurd.
    #[test]
    fn no_input_panics(
        raw in prop::collection::vec((any::<u32>(), any::<u64>(), any::<bool>(), any::<i128>(), 0..128_u32), 0..6),
        prices: [u128; 3], shifts in [0..128_u32, 0..128_u32, 0..128_u32], volatility: u64, ceiling: u64, now: u64, rate: i64,
        cash: i128, base: u128, forward: u128, fixed: u128, doubts: [u64; 3], contracts: i128,
    ) {
        let legs: Vec<Leg> = raw.iter().map(|&(expiry, strike, call, contracts, shift)| Leg {
            expiry, strike, kind: if call { OptionKind::Call } else { OptionKind::Put }, contracts: contracts >> shift,
        }).collect();
        let [stable, confidence, sure] = doubts;
        let terms: Vec<Term> = raw.iter().map(|leg| Term {
            expiry: leg.0, forward: forward >> leg.4, fixed: fixed >> leg.4, rate, confidence: sure,
        }).collect();
        let mut prices = [prices[0] >> shifts[0], prices[1] >> shifts[1], prices[2] >> shifts[2]];
        prices.sort_unstable();
        let [low, mid, high] = prices;
        let portfolio = Portfolio {
            legs: &legs,
            volatilities: &vec![volatility; legs.len()],
            ceilings: &vec![ceiling; legs.len()],
            cash,
            base: base >> shifts[1],
            linear: Linear { contracts: contracts >> shifts[0], price: forward >> shifts[2], confidence: sure },
        };
        for now in [now, now >> 32] {
            let market = MarketData { now, mid, low, high, stable, confidence, terms: &terms };
            for profile in &PRESETS {
                if let Ok(got) = margin(profile, &market, &portfolio) {
                    prop_assert!(got.initial <= got.maintenance);
                }
                let _ = scenario_changes(profile, &market, &portfolio, &mut [0; MAX_MOVES]);
            }
            let _ = mark(&market, &portfolio);
        }
    }
}

fn calm() -> Scenery {
    Scenery::calm(3_000 * UNIT as u128)
}

fn option(expiry: usize, strike: u64, kind: OptionKind, contracts: i128) -> Leg {
    Leg {
        expiry: EXPIRIES[expiry].0,
        strike: strike * 100_000_000,
        kind,
        contracts: contracts * UNIT,
    }
}

fn require(scenery: &Scenery, legs: &[Leg], cash: i128, base: u128) -> Requirement {
    scenery.require(&NOVATION_DEFAULT, &scenery.account(legs, cash, base))
}

#[test]
fn refusals_of_a_market_name_what_is_wrong() {
    let legs = [option(3, 3_000, OptionKind::Call, -1)];
    let ask = |scenery: &Scenery| {
        scenery
            .ask(&NOVATION_DEFAULT, &scenery.account(&legs, 0, 0))
            .unwrap_err()
    };
    let mid = calm().mid;
    let zero = Scenery {
        mid: 0,
        low: 0,
        high: 0,
        ..calm()
    };
    assert_eq!(ask(&zero), MarginError::ZeroPrice);
    for low in [0, mid + 1] {
        let high = mid;
        let refused = ask(&Scenery { low, ..calm() });
        assert_eq!(refused, MarginError::BandOutOfOrder { low, mid, high });
    }
    let mut unpriced = calm();
    unpriced.terms[3].forward = 0;
    assert_eq!(ask(&unpriced), MarginError::MissingTerm { leg: 0 });
}

#[test]
fn refusals_of_a_portfolio_name_the_leg() {
    let good = option(3, 3_000, OptionKind::Call, -1);
    let scenery = calm();
    let ask = |bad: Leg| {
        let account = scenery.account(&[good, good, bad], 0, 0);
        scenery.ask(&NOVATION_DEFAULT, &account).unwrap_err()
    };
    let expiry = good.expiry + 1;
    let refused = ask(Leg { expiry, ..good });
    assert_eq!(refused, MarginError::MissingTerm { leg: 2 });
    let refused = ask(Leg { strike: 0, ..good });
    assert_eq!(refused, MarginError::ZeroStrike { leg: 2 });
    for contracts in [i128::MAX, i128::MIN, 1 << 117] {
        let refused = ask(Leg { contracts, ..good });
        assert_eq!(refused, MarginError::LegOverflow { leg: 2 });
    }
    let mut far = calm();
    far.terms.push(Term {
        expiry: u32::MAX,
        ..far.terms[0]
    });
    far.now = 1;
    let late = Leg {
        expiry: u32::MAX,
        ..good
    };
    let refused = far.ask(&NOVATION_DEFAULT, &far.account(&[late], 0, 0));
    assert_eq!(refused, Err(MarginError::TimeTooLong { leg: 0 }));

    let mut account = scenery.account(&[good, good], 0, 0);
    account.volatilities[1] = 0;
    let ask = |account: &Account| scenery.ask(&NOVATION_DEFAULT, account).unwrap_err();
    assert_eq!(ask(&account), MarginError::MissingVolatility { leg: 1 });
    account.ceilings = vec![1];
    let (given, expected) = (1, 2);
    assert_eq!(ask(&account), MarginError::CeilingCount { given, expected });
    account.volatilities.pop();
    let refused = MarginError::VolatilityCount { given, expected };
    assert_eq!(ask(&account), refused);
    let many = vec![good; MAX_LEGS + 1];
    let (given, allowed) = (129, 128);
    let refused = MarginError::TooManyLegs { given, allowed };
    assert_eq!(ask(&scenery.account(&many, 0, 0)), refused);
    require(&scenery, &many[..MAX_LEGS], 0, 0);
    let empty = RiskProfile::ScenarioReprice(ScenarioProfile {
        scenarios: Scenarios::new(&[]).unwrap(),
        ..default_profile()
    });
    let refused = scenery.ask(&empty, &scenery.account(&[good], 0, 0));
    let (given, allowed) = (0, 40);
    assert_eq!(refused, Err(MarginError::ScenarioCount { given, allowed }));
}

#[test]
fn presets_are_within_their_bounds_and_others_are_refused() {
    for profile in &PRESETS {
        assert_eq!(scenarios_of(profile).validate(), Ok(()));
    }
    let harmless = PRESETS.map(|profile| scenarios_of(&profile).keeps_longs_harmless());
    assert_eq!(harmless, [true, true, false]);
    let default = default_profile();
    let loose = ScenarioProfile {
        maintenance_factor: default.initial_factor + 1,
        ..default
    };
    let error = loose.validate().unwrap_err();
    let (given, most) = (default.initial_factor + 1, default.initial_factor);
    assert_eq!((error.given, error.maximum), (given, most));
    let scenarios = Scenarios::new(&[]).unwrap();
    assert!(
        ScenarioProfile {
            scenarios,
            ..default
        }
        .validate()
        .is_err()
    );
}

#[test]
fn an_empty_account_is_worth_its_cash() {
    let got = require(&calm(), &[], -7, 0);
    assert_eq!((got.initial, got.maintenance, got.mark), (-7, -7, -7));
}

#[test]
fn a_covered_call_needs_no_cash_for_its_delta() {
    // Short deep in-the-money call against the asset: what is left is the strike, less the contingencies.
    let legs = [option(3, 1_000, OptionKind::Call, -1)];
    let got = require(&calm(), &legs, 0, UNIT as u128);
    assert!((got.mark - 1_000 * UNIT).abs() < UNIT / 1_000);
    assert!(
        got.maintenance > 900 * UNIT && got.initial > 880 * UNIT,
        "{got:?}"
    );
}

#[test]
fn a_synthetic_forward_moves_with_the_asset_exactly() {
    let legs = [
        option(4, 2_900, OptionKind::Call, 1),
        option(4, 2_900, OptionKind::Put, -1),
    ];
    let scenery = calm();
    let account = scenery.account(&legs, 0, 0);
    let (market, portfolio) = (scenery.market(), account.portfolio());
    assert_eq!(mark(&market, &portfolio), Ok(100 * UNIT - 1));
    let mut changes = [0; MAX_MOVES];
    let count = scenario_changes(&NOVATION_DEFAULT, &market, &portfolio, &mut changes);
    assert_eq!(count, Ok(35));
    // Skew does not move it: what is left is the static discount.
    let discounted = 100.0 * ((-0.16 * 30.0 / 365.0_f64).exp() - 1.0);
    for skew in &changes[31..33] {
        assert!((*skew as f64 / 1e18 - discounted).abs() < 1e-12);
    }
    // Basis moves have no static discount: 4.5 % of 3,000, times the share .5 + 2·30/365.
    let share = 0.5 + 60.0 / 365.0;
    assert!((changes[33] as f64 / 1e18 - 135.0 * share).abs() < 1e-12);
    assert!((changes[34] as f64 / 1e18 + 135.0 * share).abs() < 1e-12);
}

#[test]
fn margin_is_continuous_through_expiry() {
    // One second before expiry nothing but a second's volatility is left: at most S·σ_up·√(1 s / 1 y) per contract.
    let legs = [
        option(3, 3_000, OptionKind::Call, -1),
        option(3, 2_500, OptionKind::Put, -2),
    ];
    let at = |now| require(&Scenery { now, ..calm() }, &legs, 0, 0);
    let expiry = u64::from(EXPIRIES[3].0);
    let (before, after, later) = (at(expiry - 1), at(expiry), at(expiry + 1_000_000));
    assert_eq!(after, later);
    let second = (3_000.0 * 2.0 * (1.0_f64 / 31_536_000.0).sqrt() * 3.0 * 1e18) as i128;
    assert!((before.initial - after.initial).abs() < second);
    assert!((before.maintenance - after.maintenance).abs() < second);
}

#[test]
fn the_worst_scenario_is_named() {
    let scenarios = default_profile().scenarios;
    let worst = |legs: &[Leg]| {
        let index = require(&calm(), legs, 0, 0).worst_scenario;
        scenarios.as_slice()[index as usize]
    };
    assert!(worst(&[option(3, 3_000, OptionKind::Put, -1)]).spot < ONE);
    assert!(worst(&[option(3, 3_000, OptionKind::Call, -1)]).spot > ONE);
    assert_eq!(NOW, calm().now);
}

#[test]
fn profiles_survive_their_bytes_and_malformed_bytes_are_refused() {
    for profile in &PRESETS {
        let mut buffer = [0; MAX_PROFILE_BYTES];
        let length = profile.to_bytes(&mut buffer);
        let bytes = &buffer[..length];
        assert!(length < 400, "{length} bytes");
        assert_eq!(RiskProfile::from_bytes(bytes), Ok(*profile));
        for end in 0..length {
            assert!(RiskProfile::from_bytes(&bytes[..end]).is_err());
        }
        let refused = RiskProfile::from_bytes(&buffer[..=length]);
        assert_eq!(refused, Err(CodecError::TooLong(1)));
        // Whatever byte is changed, it is another profile or none.
        for at in 0..length {
            for bit in 0..8 {
                let mut other = buffer;
                other[at] ^= 1 << bit;
                let same = RiskProfile::from_bytes(&other[..length]) == Ok(*profile);
                assert!(!same, "byte {at}, bit {bit}");
            }
        }
    }
    let refused = RiskProfile::from_bytes(&[2, 0]);
    assert_eq!(refused, Err(CodecError::UnknownVersion(2)));
    let refused = RiskProfile::from_bytes(&[1, 200]);
    assert_eq!(refused, Err(CodecError::UnknownModel(200)));
}

proptest! {
    /// A number of any size survives, and random bytes never panic.
    #[test]
    fn numbers_survive_their_bytes(number: u64, shift in 0..64_u32, zeros in 0..20_u32, signed: i64, noise: Vec<u8>) {
        let mut buffer = [0; MAX_PROFILE_BYTES];
        let numbers = [number, number >> shift, 10_u64.pow(zeros), (number >> 40).saturating_mul(10_u64.pow(zeros)), 0];
        let mut writer = Writer::new(&mut buffer);
        numbers.iter().for_each(|number| writer.number(*number));
        writer.signed(signed.max(-i64::MAX));
        let length = writer.length();
        let mut reader = Reader::new(&buffer[..length]);
        prop_assert_eq!(numbers.map(|_| reader.number()), numbers);
        prop_assert_eq!(reader.signed(), signed.max(-i64::MAX));
        prop_assert_eq!(reader.end(), Ok(()));
        let mut bytes = vec![1, 0];
        bytes.extend(noise);
        let _ = RiskProfile::from_bytes(&bytes);
    }
}
