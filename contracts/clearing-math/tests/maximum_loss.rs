//! Full collateral: published cases, every settlement price tried, every partition of the base asset tried, and its properties.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "tests panic on overflow"
)]

use clearing_math::{
    leg::{Leg, OptionKind},
    margin::MarginError,
    maximum_loss::{Collateral, balance, cash_needed, cheapest, least_base},
};
use proptest::prelude::*;

const UNIT: i128 = 1_000_000_000_000_000_000;
const STRIKE_UNIT: u64 = 100_000_000;

fn leg(expiry: u32, kind: OptionKind, strike: u64, contracts: i128) -> Leg {
    Leg {
        expiry,
        strike: strike * STRIKE_UNIT,
        kind,
        contracts: contracts * UNIT,
    }
}

fn put(strike: u64, contracts: i128) -> Leg {
    leg(1, OptionKind::Put, strike, contracts)
}

fn call(strike: u64, contracts: i128) -> Leg {
    leg(1, OptionKind::Call, strike, contracts)
}

fn units(amount: u128) -> u128 {
    amount * UNIT as u128
}

#[test]
fn published_spreads_need_what_they_can_lose() {
    assert_eq!(
        cash_needed(&[put(250, -1), put(200, 1)], 0),
        Ok(Some(units(50)))
    );
    assert_eq!(
        cash_needed(&[put(200, -2), put(250, 1)], 0),
        Ok(Some(units(150)))
    );
    // Others demand 28,000 and one unit.
    let condor = [
        put(17_000, -1),
        put(18_000, 1),
        call(21_000, -1),
        call(22_000, -8),
        call(25_000, 16),
        call(26_000, -8),
    ];
    assert_eq!(least_base(&condor), Ok(units(1)));
    assert_eq!(cash_needed(&condor, units(1)), Ok(Some(units(3_000))));
    assert_eq!(cash_needed(&condor, units(1) - 1), Ok(None));
    assert_eq!(balance(&condor, 3_000 * UNIT, units(1)), Ok(0));
    assert_eq!(balance(&condor, 3_000 * UNIT - 1, units(1)), Ok(-1));
    // No cash replaces the unit; more of it replaces the cash, and costs less where a unit is worth less than 25,000.
    let but_a_bit = balance(&condor, i128::MAX / 2, units(1) - 1).unwrap();
    assert!(but_a_bit < 0);
    let cheap = cheapest(&condor, units(20_000)).unwrap();
    assert_eq!(
        cheap,
        Collateral {
            cash: 0,
            base: units(112) / 100
        }
    );
    let dear = cheapest(&condor, units(25_000)).unwrap();
    assert_eq!(
        dear,
        Collateral {
            cash: units(3_000),
            base: units(1)
        }
    );
}

#[test]
fn one_expiry_never_offsets_the_price_of_another() {
    // Bought for later, sold for sooner: the sold one must be covered by itself, the bought one counts nothing.
    let calendar = [
        leg(1, OptionKind::Call, 100, -1),
        leg(2, OptionKind::Call, 100, 1),
    ];
    assert_eq!(least_base(&calendar), Ok(units(1)));
    assert_eq!(cash_needed(&calendar, units(1)), Ok(Some(0)));
    let puts = [
        leg(1, OptionKind::Put, 100, -1),
        leg(2, OptionKind::Put, 100, 1),
    ];
    assert_eq!(cash_needed(&puts, 0), Ok(Some(units(100))));
    // One unit of base asset with the bought put is worth 100 for sure, but not before the second expiry.
    assert_eq!(cash_needed(&puts, units(1)), Ok(Some(units(100))));
    // Two units sold: one price may take the first, another the second.
    let both = [
        leg(1, OptionKind::Call, 100, -1),
        leg(2, OptionKind::Call, 90, -1),
    ];
    assert_eq!(least_base(&both), Ok(units(2)));
    // A sure gain is not there yet.
    let box_spread = [call(100, 1), put(100, -1), call(150, -1), put(150, 1)];
    assert_eq!(balance(&box_spread, 0, 0), Ok(0));
}

#[test]
fn what_does_not_fit_is_refused_with_its_reason() {
    let many: Vec<Leg> = (0..129).map(|strike| put(strike + 1, -1)).collect();
    assert_eq!(
        balance(&many, 0, 0),
        Err(MarginError::TooManyLegs {
            given: 129,
            allowed: 128
        })
    );
    assert!(balance(&many[..128], 0, 0).is_ok());
    let huge = Leg {
        contracts: i128::MIN,
        ..put(100, 1)
    };
    assert_eq!(balance(&[huge], 0, 0), Err(MarginError::Overflow));
    assert_eq!(balance(&[], -7, 5), Ok(-7));
    // Amounts of an asset that is worth next to nothing fit: a million millions of units at a strike of 1e-5.
    let many = Leg {
        strike: 1_000,
        contracts: -1_000_000_000_000 * UNIT,
        ..call(1, -1)
    };
    assert_eq!(balance(&[many], 3, units(1_000_000_000_000)), Ok(3));
    assert!(balance(&[many], i128::MAX / 8, units(999_999_999_999)).unwrap() < 0);
    assert!(balance(&[many], 0, 0).unwrap() < -(1 << 124));
}

/// Payoff of an expiry at a price, both in whole units.
fn payoff(legs: &[Leg], price: i128) -> i128 {
    let one = |leg: &Leg| {
        let strike = i128::from(leg.strike / STRIKE_UNIT);
        let intrinsic = match leg.kind {
            OptionKind::Call => price - strike,
            OptionKind::Put => strike - price,
        };
        leg.contracts / UNIT * intrinsic.max(0)
    };
    legs.iter().map(one).sum()
}

/// The worst of one expiry with `sixtieths` of a unit of base asset, in sixtieths of a quote unit; `None` without a bound.
fn worst(legs: &[Leg], sixtieths: i128) -> Option<i128> {
    // Past the highest strike everything is a line: two prices there tell whether it falls.
    let at = |price: i128| 60 * payoff(legs, price) + sixtieths * price;
    let prices = (0..=20).map(at).min()?;
    (at(20) >= at(19)).then_some(prices.min(0))
}

fn small_legs(expiries: u32) -> impl Strategy<Value = Vec<Leg>> {
    // Strikes from 1 to 6: hulls have slopes whose denominators divide sixty.
    let one = (1..=expiries, any::<bool>(), 1..7_u64, -3..4_i128).prop_map(
        |(expiry, is_call, strike, contracts)| {
            let kind = if is_call {
                OptionKind::Call
            } else {
                OptionKind::Put
            };
            leg(expiry, kind, strike, contracts)
        },
    );
    prop::collection::vec(one, 0..8)
}

/// Sizes that do not divide, strikes to the last digit.
fn any_legs() -> impl Strategy<Value = Vec<Leg>> {
    let one = (
        1..4_u32,
        any::<bool>(),
        prop_oneof![
            1..1_000_000_000_000_u64,
            (1..20_u64).prop_map(|k| k * 50 * STRIKE_UNIT)
        ],
        -1_000_000_000_000_000_000_000_000..1_000_000_000_000_000_000_000_000_i128,
    );
    let one = one.prop_map(|(expiry, is_call, strike, contracts)| Leg {
        expiry,
        strike,
        kind: if is_call {
            OptionKind::Call
        } else {
            OptionKind::Put
        },
        contracts,
    });
    prop::collection::vec(one, 0..10)
}

fn any_base() -> impl Strategy<Value = u128> {
    prop_oneof![Just(0), 0..10_u128.pow(25)]
}

/// What rounding takes off at most.
fn rounding(legs: usize) -> i128 {
    legs as i128 * 3 + 8
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    /// Three expiries, every partition of the base asset in sixtieths, every settlement price: the best of the worst.
    #[test]
    fn the_best_partition_of_the_base_asset_is_found(legs in small_legs(3), base in 0..6_i128) {
        let of = |expiry: u32| -> Vec<Leg> {
            legs.iter().filter(|leg| leg.expiry == expiry).copied().collect()
        };
        let all = 60 * base;
        let tables: Vec<Vec<Option<i128>>> = (1..=3).map(|expiry| {
            let legs = of(expiry);
            (0..=all).map(|part| worst(&legs, part)).collect()
        }).collect();
        let mut best = None;
        for first in 0..=all {
            for second in 0..=(all - first) {
                let parts = [first, second, all - first - second];
                let sum: Option<i128> = tables.iter().zip(parts).map(|(table, part)| table[part as usize]).sum();
                best = best.max(sum);
            }
        }
        let got = balance(&legs, 0, units(base as u128)).unwrap();
        match best {
            // A sixtieth of a unit has no end in decimals: rounded down once an expiry.
            Some(best) => {
                let want = (best * UNIT).div_euclid(60);
                prop_assert!(got <= want && got >= want - 6, "{got} against {best}/60");
            }
            None => prop_assert!(got < 0),
        }
        let needed = cash_needed(&legs, units(base as u128)).unwrap();
        prop_assert_eq!(needed, best.map(|_| got.unsigned_abs()));
        prop_assert_eq!(best.is_some(), least_base(&legs).unwrap() <= units(base as u128));
    }

    /// One expiry: no price inside a segment is worse than its ends.
    #[test]
    fn no_settlement_price_is_worse(legs in small_legs(1), base in 0..6_i128) {
        if let Some(worst) = worst(&legs, 60 * base) {
            prop_assert_eq!(balance(&legs, 0, units(base as u128)), Ok(worst / 60 * UNIT));
        }
    }

    /// Together two portfolios have at least the sum of their balances.
    #[test]
    fn two_portfolios_together_need_no_more(a in any_legs(), b in any_legs(), x in any_base(), y in any_base()) {
        let together: Vec<Leg> = a.iter().chain(&b).copied().collect();
        let (apart, both) = (balance(&a, 3, x).unwrap() + balance(&b, -5, y).unwrap(), balance(&together, -2, x + y).unwrap());
        prop_assert!(both >= apart - rounding(together.len()), "{both} against {apart}");
    }

    /// Another long, more base asset, more cash never lower the balance.
    #[test]
    fn more_is_never_less(legs in any_legs(), more in any_legs(), base in any_base(), extra in any_base(), cash in 0..UNIT) {
        let before = balance(&legs, 0, base).unwrap();
        let mut with = legs.clone();
        with.extend(more.iter().map(|leg| Leg { contracts: leg.contracts.abs(), ..*leg }));
        prop_assert!(balance(&with, 0, base).unwrap() >= before - rounding(with.len()));
        prop_assert!(balance(&legs, 0, base + extra).unwrap() >= before - rounding(legs.len()));
        prop_assert!(balance(&legs, cash, base).unwrap() >= before);
    }

    /// Neither order nor a split shows, to the last digit.
    #[test]
    fn order_and_splits_do_not_matter(
        (legs, shuffled) in any_legs().prop_flat_map(|l| (Just(l.clone()), Just(l).prop_shuffle())), base in any_base(), part in -UNIT..UNIT,
    ) {
        let whole = balance(&legs, 0, base).unwrap();
        let mut split = shuffled;
        if let Some(last) = split.last_mut() {
            last.contracts -= part;
            let rest = Leg { contracts: part, ..*last };
            split.insert(0, rest);
        }
        prop_assert_eq!(balance(&split, 0, base).unwrap(), whole);
    }

    /// What is said to be needed covers, a unit less does not, and no pair nearby is worth less than the cheapest.
    #[test]
    fn what_is_needed_covers_and_the_cheapest_is(legs in any_legs(), spot in 1..10_000_u128, other in any_base()) {
        let spot = units(spot);
        let cheap = cheapest(&legs, spot).unwrap();
        let worth = |pair: Collateral| pair.cash + pair.base / 1_000_000_000 * (spot / 1_000_000_000);
        prop_assert_eq!(balance(&legs, cheap.cash as i128, cheap.base).unwrap(), 0);
        if cheap.cash > 0 {
            prop_assert!(balance(&legs, cheap.cash as i128 - 1, cheap.base).unwrap() < 0);
        }
        for base in [other, cheap.base / 2, cheap.base * 9 / 10, cheap.base * 11 / 10, least_base(&legs).unwrap()] {
            if let Some(cash) = cash_needed(&legs, base).unwrap() {
                let pair = Collateral { cash, base };
                // A unit of base asset is rounded up once an expiry, to 1e-18 of it, and both are read to 1e-9.
                let slack = 3 * spot / UNIT as u128 + base / 1_000_000_000 + spot / 1_000_000_000 + 64;
                prop_assert!(worth(cheap) <= worth(pair) + slack, "{cheap:?} {pair:?}");
            }
        }
    }

    /// No input panics or wraps.
    #[test]
    fn no_input_panics(
        raw in prop::collection::vec((any::<u32>(), any::<u64>(), any::<bool>(), any::<i128>(), 0..128_u32), 0..20),
        cash: i128, base: u128, shift in 0..128_u32, spot: u128,
    ) {
        let legs: Vec<Leg> = raw.iter().map(|&(expiry, strike, is_call, contracts, by)| Leg {
            expiry: expiry % 3, strike, kind: if is_call { OptionKind::Call } else { OptionKind::Put }, contracts: contracts >> by,
        }).collect();
        let base = base >> shift;
        if let (Ok(balance), Ok(None)) = (balance(&legs, cash >> shift, base), cash_needed(&legs, base)) {
            prop_assert!(balance < 0);
        }
        let _ = cheapest(&legs, spot >> shift);
    }
}
