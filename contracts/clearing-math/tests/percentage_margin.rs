//! Margin by percentages: its formulas a second time in doubles, properties of its own over random portfolios, and those it lacks. What it
//! shares with the other models stands in `margin_properties`.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "tests panic on overflow, and measure in doubles"
)]

#[path = "support/portfolio.rs"]
mod portfolio;

use clearing_math::{
    black_scholes::{ForwardInputs, price_forward},
    leg::{Leg, OptionKind},
    margin::{
        Linear, MAX_PROFILE_BYTES, Parameter, ProfileError, RiskProfile, STANDARD_STYLE, Term,
    },
    percentage_margin::{self, PARAMETERS, Percentages},
};
use portfolio::{Account, EXPIRIES, NOW, ONE, Scenery, UNIT, legs, percentages, scenery};
use proptest::prelude::*;

const NUMBERS: Percentages = percentage_margin::STANDARD_STYLE;
const WAD: u128 = UNIT as u128;

fn ask(scenery: &Scenery, account: &Account) -> [f64; 2] {
    let required = scenery.require(&STANDARD_STYLE, account);
    [required.initial, required.maintenance].map(|balance| balance as f64 / 1e18)
}

/// One leg a series.
fn distinct(mut legs: Vec<Leg>) -> Vec<Leg> {
    legs.sort_by_key(|leg| (leg.expiry, leg.strike, leg.kind));
    legs.dedup_by_key(|leg| (leg.expiry, leg.strike, leg.kind));
    legs
}

/// The formulas in the module documentation, read again, at the median, without ceilings.
fn plainly(numbers: &Percentages, scenery: &Scenery, account: &Account) -> [f64; 2] {
    let share = |number: u64| number as f64 / 1e18;
    let whole = |number: u128| number as f64 / 1e18;
    let spot = whole(scenery.mid);
    let doubt = |confidence: u64| {
        let below = confidence < numbers.confidence_threshold;
        f64::from(u8::from(below)) * (1.0 - share(confidence)) * share(numbers.confidence_factor)
    };
    let depeg =
        share(numbers.peg_threshold.saturating_sub(scenery.stable)) * share(numbers.peg_factor);
    let base = whole(account.base) * spot;
    let linear = account.linear.contracts.unsigned_abs() as f64 / 1e18 * spot;
    let mut initial = base * (share(numbers.base_initial) - doubt(scenery.confidence))
        - linear
            * (share(numbers.linear_initial)
                + doubt(scenery.confidence.min(account.linear.confidence))
                + depeg);
    let mut maintenance =
        base * share(numbers.base_maintenance) - linear * share(numbers.linear_maintenance);
    for &(expiry, _) in &EXPIRIES {
        let held: Vec<(&Leg, u64)> = account
            .legs
            .iter()
            .zip(account.volatilities.iter().copied())
            .filter(|(leg, _)| leg.expiry == expiry)
            .collect();
        let seconds = u64::from(expiry).saturating_sub(NOW);
        let term = scenery.terms.iter().find(|term| term.expiry == expiry);
        let sure = Term {
            expiry,
            forward: scenery.mid,
            fixed: 0,
            rate: 0,
            confidence: ONE,
        };
        let term = *term.unwrap_or(&sure);
        let forward = whole(term.forward);
        let (mut isolated, mut shorts) = ([0.0; 2], 0.0);
        for &(leg, volatility) in held.iter().filter(|(leg, _)| leg.contracts < 0) {
            let strike = leg.strike as f64 / 1e8;
            let prices = price_forward(&ForwardInputs {
                forward: term.forward,
                strike: u128::from(leg.strike) * 10_000_000_000,
                discount: WAD,
                seconds,
                volatility: u128::from(volatility),
            })
            .expect("a price");
            let (mark, out, least) = match leg.kind {
                OptionKind::Call => (
                    whole(prices.call),
                    strike - spot,
                    share(numbers.maintenance_call) * spot,
                ),
                OptionKind::Put => {
                    let mark = whole(prices.put);
                    let of_mark = share(numbers.maintenance_put_of_mark) * mark;
                    (
                        mark,
                        spot - strike,
                        (share(numbers.maintenance_put) * spot).max(of_mark),
                    )
                }
            };
            let ratio = share(numbers.initial) - out.max(0.0) / spot;
            let most = (ratio.max(share(numbers.initial_least)) * spot).max(least);
            let size = leg.contracts.unsigned_abs() as f64 / 1e18;
            isolated[0] -= size * (most + mark);
            isolated[1] -= size * (least + mark);
            shorts += size;
        }
        let payoff = |price: f64| -> f64 {
            let one = |leg: &Leg| {
                let strike = leg.strike as f64 / 1e8;
                let intrinsic = match leg.kind {
                    OptionKind::Call => price - strike,
                    OptionKind::Put => strike - price,
                };
                leg.contracts as f64 / 1e18 * intrinsic.max(0.0)
            };
            held.iter().map(|(leg, _)| one(leg)).sum()
        };
        let corners = held
            .iter()
            .map(|(leg, _)| leg.strike as f64 / 1e8)
            .chain([0.0]);
        let worst = corners.map(payoff).fold(f64::INFINITY, f64::min);
        let calls = held.iter().filter(|(leg, _)| leg.kind == OptionKind::Call);
        let unpaired = -calls
            .map(|(leg, _)| leg.contracts as f64 / 1e18)
            .sum::<f64>()
            .min(0.0);
        let bounded = |scale: u64| worst - unpaired * share(scale) * forward;
        initial += isolated[0].max(bounded(numbers.unpaired_initial)).min(0.0)
            - shorts * spot * (doubt(scenery.confidence.min(term.confidence)) + depeg);
        maintenance += isolated[1]
            .max(bounded(numbers.unpaired_maintenance))
            .min(0.0);
    }
    let cash = account.cash as f64 / 1e18;
    [initial + cash, maintenance + cash]
}

/// The same with calls bought for sold, and sold for bought, in expiries that sell more.
fn paired(mut legs: Vec<Leg>) -> Vec<Leg> {
    for (expiry, _) in EXPIRIES {
        let is_call = |leg: &Leg| leg.expiry == expiry && leg.kind == OptionKind::Call;
        let calls = || legs.iter().filter(|leg| is_call(leg));
        if calls().map(|leg| leg.contracts).sum::<i128>() < 0 {
            for leg in legs.iter_mut().filter(|leg| is_call(leg)) {
                leg.contracts = -leg.contracts;
            }
        }
    }
    legs
}

/// The market when the median is elsewhere: what of a forward is fixed stays.
fn moved(scenery: &Scenery, mid: u128) -> Scenery {
    let ratio = mid as f64 / scenery.mid as f64;
    let terms = scenery.terms.iter().map(|term| Term {
        forward: ((term.forward - term.fixed) as f64 * ratio) as u128 + term.fixed,
        ..*term
    });
    Scenery {
        mid,
        terms: terms.collect(),
        ..scenery.clone()
    }
}

fn gross(scenery: &Scenery, account: &Account) -> f64 {
    let spot = scenery.high as f64 / 1e18;
    let legs = account.legs.iter().map(|leg| {
        leg.contracts.unsigned_abs() as f64 / 1e18 * (spot * 2.0).max(leg.strike as f64 / 1e8)
    });
    let linear = account.linear.contracts.unsigned_abs() as f64 / 1e18;
    legs.sum::<f64>() + (account.base as f64 / 1e18 + linear) * spot + 1.0
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn margin_equals_the_plain_formulas(
        numbers in percentages(), scenery in scenery(), legs in legs(0..10), cash in -1_000_000..1_000_000_i128, base in 0..100_u128, linear in -10..10_i128,
    ) {
        prop_assert_eq!(numbers.validate(), Ok(()));
        let mut account = scenery.account(&distinct(legs), cash * UNIT / 7, base * WAD / 3);
        account.linear = Linear { contracts: linear * UNIT, price: 0, confidence: ONE / 2 };
        let got = scenery.require(&RiskProfile::Percentages(numbers), &account);
        let sure = plainly(&numbers, &scenery, &account);
        let mut raised = account.clone();
        for (volatility, ceiling) in raised.volatilities.iter_mut().zip(&account.ceilings) {
            *volatility = (*volatility).max(*ceiling);
        }
        let edges = [scenery.low, scenery.mid, scenery.high];
        let initial = edges.map(|edge| plainly(&numbers, &moved(&scenery, edge), &raised)[0]);
        let initial = initial.into_iter().fold(sure[0], f64::min);
        let scale = gross(&scenery, &account) + account.cash.abs() as f64 / 1e18;
        for (got, want) in [(got.initial, initial), (got.maintenance, sure[1])] {
            let error = (got as f64 / 1e18 - want).abs();
            prop_assert!(error < 1e-13 * scale, "{} against {want}, off {error:e} of {scale:e}", got as f64 / 1e18);
        }
    }

    /// Another long option, more base asset, more cash never lower a balance, where no calls are sold beyond those held.
    #[test]
    fn more_is_never_less(scenery in scenery(), before in legs(0..8), long in legs(1..3), base in 0..50_u128, more in 0..50_u128) {
        let before = paired(before);
        let mut after = before.clone();
        after.extend(long.iter().map(|leg| Leg { contracts: leg.contracts.abs(), ..*leg }));
        let [with, without] = [(&after, base + more), (&before, base)]
            .map(|(legs, base)| scenery.account(legs, 0, base * WAD));
        // Base asset of an uncertain market may cost more than it counts: the published charge is on all of its value.
        let sure = Scenery { confidence: ONE, ..scenery };
        let slack = 1e-15 * gross(&sure, &with);
        for (after, before) in ask(&sure, &with).into_iter().zip(ask(&sure, &without)) {
            prop_assert!(after >= before - slack, "{after} after {before}");
        }
    }

    /// Maintenance margin never asks for more than initial margin.
    #[test]
    fn maintenance_never_exceeds_initial(numbers in percentages(), scenery in scenery(), legs in legs(0..10), base in 0..50_u128) {
        let account = scenery.account(&legs, 0, base * WAD);
        let got = scenery.require(&RiskProfile::Percentages(numbers), &account);
        prop_assert!(got.initial <= got.maintenance, "{got:?}");
    }

    /// Initial margin at ceilings is that of an account whose volatilities are there; a ceiling below a volatility says nothing.
    #[test]
    fn ceilings_stand_in_for_volatilities(scenery in scenery(), legs in legs(1..8), raise in 1..ONE) {
        let plain = Scenery { doubt: 0, ..scenery };
        let account = plain.account(&legs, 0, 0);
        let moved = |by: fn(u64, u64) -> u64| account.volatilities.iter().map(|&v| by(v, raise)).collect::<Vec<u64>>();
        let raised = moved(|v, by| v + by);
        let of = |volatilities: &[u64], ceilings: &[u64]| {
            let account = Account { volatilities: volatilities.to_vec(), ceilings: ceilings.to_vec(), ..account.clone() };
            plain.require(&STANDARD_STYLE, &account)
        };
        let (sure, uncertain) = (of(&account.volatilities, &[]), of(&account.volatilities, &raised));
        prop_assert_eq!(uncertain.maintenance, sure.maintenance);
        let slack = (1e3 * gross(&plain, &account)) as i128;
        prop_assert!((uncertain.initial - of(&raised, &[]).initial).abs() <= slack);
        let below = of(&account.volatilities, &moved(|v, by| v - v.min(by)));
        prop_assert_eq!(below.initial, sure.initial);
    }

    /// Portfolios of different expiries need together what they need apart.
    #[test]
    fn expiries_add_up(scenery in scenery(), legs in legs(0..10), base in 0..50_u128) {
        let sharp = Scenery { low: scenery.mid, high: scenery.mid, ..scenery };
        let of = |legs: &[Leg], base: u128| sharp.require(&STANDARD_STYLE, &sharp.account(legs, 0, base));
        let whole = of(&legs, base * WAD);
        let mut apart = [0, 0];
        for (index, &(expiry, _)) in EXPIRIES.iter().enumerate() {
            let part: Vec<Leg> = legs.iter().filter(|leg| leg.expiry == expiry).copied().collect();
            let part = of(&part, if index == 0 { base * WAD } else { 0 });
            apart = [apart[0] + part.initial, apart[1] + part.maintenance];
        }
        prop_assert_eq!([whole.initial, whole.maintenance], apart);
    }

    /// Neither the order of legs nor a split shows, to the last digit.
    #[test]
    fn order_and_splits_do_not_matter(
        scenery in scenery(), (legs, shuffled) in legs(1..8).prop_flat_map(|l| (Just(l.clone()), Just(l).prop_shuffle())), part in -UNIT..UNIT,
    ) {
        let whole = scenery.require(&STANDARD_STYLE, &scenery.account(&legs, 5, 0));
        let mut split = shuffled;
        split[0].contracts -= part;
        let rest = Leg { contracts: part, ..split[0] };
        split.push(rest);
        let split = scenery.require(&STANDARD_STYLE, &scenery.account(&split, 5, 0));
        prop_assert_eq!((split.initial, split.maintenance), (whole.initial, whole.maintenance));
    }

    /// No input panics or wraps.
    #[test]
    fn no_input_panics(
        raw: [u64; PARAMETERS],
        raw_legs in prop::collection::vec((any::<u32>(), any::<u64>(), any::<bool>(), any::<i128>(), 0..128_u32), 0..6),
        mid: u128, shift in 0..128_u32, cash: i128, base: u128, linear: i128, by in 0..128_u32, stable: u64,
    ) {
        let legs: Vec<Leg> = raw_legs.iter().map(|&(expiry, strike, is_call, contracts, shift)| Leg {
            expiry: EXPIRIES[expiry as usize % 6].0, strike,
            kind: if is_call { OptionKind::Call } else { OptionKind::Put }, contracts: contracts >> shift,
        }).collect();
        let mid = mid >> shift;
        let scenery = Scenery { low: mid / 2, high: mid.saturating_mul(2), stable, ..Scenery::calm(mid) };
        let mut account = scenery.account(&legs, cash >> by, base >> by);
        account.linear = Linear { contracts: linear >> by, price: mid ^ 7, confidence: stable };
        let profile = RiskProfile::Percentages(Percentages::from_numbers(raw));
        if let Ok(got) = scenery.ask(&profile, &account) {
            prop_assert!(got.initial <= got.maintenance);
        }
    }

    #[test]
    fn profiles_survive_their_bytes(numbers in percentages()) {
        let mut buffer = [0; MAX_PROFILE_BYTES];
        for profile in [RiskProfile::Percentages(numbers), RiskProfile::MaximumLoss] {
            let length = profile.to_bytes(&mut buffer);
            prop_assert_eq!(RiskProfile::from_bytes(&buffer[..length]), Ok(profile));
            prop_assert!(RiskProfile::from_bytes(&buffer[..length - 1]).is_err());
        }
    }
}

fn option(strike: u64, kind: OptionKind, contracts: i128) -> Leg {
    Leg {
        expiry: EXPIRIES[4].0,
        strike: strike * 100_000_000,
        kind,
        contracts: contracts * UNIT,
    }
}

fn initial_of(legs: &[Leg]) -> i128 {
    let scenery = Scenery::calm(3_000 * WAD);
    let account = scenery.account(legs, 0, 0);
    scenery.require(&STANDARD_STYLE, &account).initial
}

/// The published model itself: each measure adds up, the better of two does not.
#[test]
fn two_portfolios_of_one_expiry_may_need_more_together() {
    let naked = [option(2_000, OptionKind::Put, -1)];
    let spread = [
        option(2_000, OptionKind::Call, -1),
        option(2_050, OptionKind::Call, 1),
    ];
    let together = initial_of(&[naked.as_slice(), &spread].concat());
    assert!(together < initial_of(&naked) + initial_of(&spread) - 100 * UNIT);
}

/// The published model itself: what calls sold beyond those held can lose is looked at up to the last strike, a bought one's too.
#[test]
fn a_bought_option_may_be_looked_at_where_unpaired_calls_lose_more() {
    let sold = [
        option(2_000, OptionKind::Call, -11),
        option(1_900, OptionKind::Call, 10),
    ];
    let far = |contracts: i128| {
        let put = Leg {
            contracts,
            ..option(9_000, OptionKind::Put, 1)
        };
        [sold.as_slice(), &[put]].concat()
    };
    let with_put = far(1);
    assert_eq!(initial_of(&far(0)), initial_of(&sold));
    assert!(initial_of(&with_put) < initial_of(&sold));
}

#[test]
fn numbers_out_of_bounds_are_refused_by_their_place() {
    for place in 0..PARAMETERS {
        let mut numbers = NUMBERS.numbers();
        assert_eq!(Percentages::from_numbers(numbers), NUMBERS);
        numbers[place] = 11 * ONE;
        // Three are bounds of others, which come first.
        let first = match place {
            1 => 0,
            6 => 5,
            10 => 9,
            own => own,
        };
        let refused = Percentages::from_numbers(numbers).validate().unwrap_err();
        assert_eq!(refused.parameter, Parameter::Percentage(first as u32));
        assert!(refused.given > refused.maximum || refused.given < refused.minimum);
    }
    let loose = Percentages {
        unpaired_maintenance: NUMBERS.unpaired_initial + 1,
        ..NUMBERS
    };
    assert!(matches!(
        loose.validate(),
        Err(ProfileError {
            parameter: Parameter::Percentage(5),
            ..
        })
    ));
    assert_eq!(STANDARD_STYLE.validate(), Ok(()));
}
