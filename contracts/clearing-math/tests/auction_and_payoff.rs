//! Liquidation auction, payoffs and the sharing of a shortfall.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::doc_markdown,
    reason = "tests panic on overflow, and measure in doubles"
)]

use clearing_math::{
    WAD,
    auction::{
        Terms, bid_price, buffer_after, buffer_margin, discount, insolvent_payment, max_fraction,
    },
    leg::OptionKind,
    payoff::{intrinsic, long_down, short_up},
    waterfall::share_down,
};
use proptest::prelude::*;

const TERMS: Terms = Terms::DEFAULT;
const UNIT: i128 = WAD as i128;

#[test]
fn the_discount_falls_from_95_to_70_percent_in_15_minutes_and_to_nothing_in_12_hours_more() {
    let percent = |elapsed| discount(&TERMS, elapsed) / 10_000_000_000_000_000;
    assert_eq!(
        [0, 450, 900, 900 + 21_600, 900 + 43_200, u64::MAX].map(percent),
        [95, 82, 70, 35, 0, 0]
    );
    let mut last = u64::MAX;
    for elapsed in 0..50_000 {
        let now = discount(&TERMS, elapsed);
        assert!(now <= last, "rose at {elapsed}");
        last = now;
    }
}

#[test]
fn buffer_margin_is_15_percent_of_the_way_beyond_maintenance() {
    assert_eq!(buffer_margin(-100 * UNIT, 200 * UNIT), Some(-145 * UNIT));
    assert_eq!(buffer_margin(i128::MIN, i128::MAX), None);
}

#[test]
fn a_healthy_account_is_not_for_sale_and_an_insolvent_one_is_whole() {
    assert_eq!(max_fraction(0, UNIT, WAD as u64, 0), Some(0));
    assert_eq!(max_fraction(-1, 0, WAD as u64, 0), Some(WAD as u64));
    // 1 / (1 + 2), rounded up: a hair less would leave the buffer short.
    let third = WAD as u64 / 3 + 1;
    assert_eq!(max_fraction(-1, 2, WAD as u64, 0), Some(third));
    // 50 / (50 + 100·0.5) = 1/2
    assert_eq!(
        max_fraction(-50 * UNIT, 100 * UNIT, WAD as u64 / 2, 0),
        Some(WAD as u64 / 2)
    );
}

#[test]
fn insurance_pays_from_the_mark_to_maintenance_over_an_hour() {
    let pay =
        |elapsed, fraction| insolvent_payment(&TERMS, elapsed, -10 * UNIT, -30 * UNIT, fraction);
    let one = WAD as u64;
    assert_eq!(pay(0, one), Some(10 * WAD));
    assert_eq!(pay(1_800, one), Some(20 * WAD));
    assert_eq!(pay(9_000, one / 2), Some(15 * WAD));
    // A mark above zero starts from nothing.
    assert_eq!(insolvent_payment(&TERMS, 0, UNIT, -30 * UNIT, one), Some(0));
}

#[test]
fn payoffs() {
    let strike = 3_000 * 100_000_000;
    assert_eq!(intrinsic(OptionKind::Call, strike, 3_001 * WAD), WAD);
    assert_eq!(intrinsic(OptionKind::Call, strike, 2_999 * WAD), 0);
    assert_eq!(intrinsic(OptionKind::Put, strike, 2_999 * WAD), WAD);
    assert_eq!(
        intrinsic(OptionKind::Put, u64::MAX, 0),
        u128::from(u64::MAX) * 10_000_000_000
    );
    assert_eq!((long_down(1, 1), short_up(1, 1)), (Some(0), Some(1)));
    assert_eq!((long_down(WAD, 5), short_up(WAD, 5)), (Some(5), Some(5)));
    assert_eq!(long_down(u128::MAX, u128::MAX), None);
}

#[test]
fn a_winner_with_more_credit_than_is_owed_in_total_is_refused() {
    assert_eq!(share_down(11, 5, 10), None);
    assert_eq!(share_down(0, 0, 0), Some(0));
    assert_eq!(share_down(10, 10, 10), Some(10));
}

proptest! {
    /// Selling the largest fraction restores the buffer, up to rounding, and one percent less does not.
    #[test]
    fn the_largest_fraction_is_the_one_that_restores_the_buffer(
        mark in 1..1_000_000_i128,
        requirement in 1..1_000_000_i128,
        elapsed in 0..50_000_u64,
        reserved_share in 0..90_i128,
    ) {
        let (mark, reserved) = (mark * UNIT, (mark * reserved_share / 100) as u128 * WAD);
        let maintenance = mark - requirement * UNIT;
        let buffer = buffer_margin(maintenance, mark).unwrap();
        prop_assume!(buffer < 0);
        let d = discount(&TERMS, elapsed);
        let fraction = max_fraction(buffer, mark, d, reserved).unwrap();
        prop_assert!(fraction > 0 && fraction <= WAD as u64);
        let after = buffer_after(buffer, mark, d, reserved, fraction).unwrap();
        // The fraction has 18 digits: one unit of it is worth about the account's size in units.
        prop_assert!(after >= -3_000_000, "{after}");
        if fraction < WAD as u64 && fraction > 100 {
            let less = fraction - fraction / 100;
            prop_assert!(buffer_after(buffer, mark, d, reserved, less).unwrap() < 0);
        }
    }

    /// Whoever buys in pieces at one moment pays no less than who buys at once.
    #[test]
    fn bids_round_up(mark in 0..i128::from(u64::MAX), d in 0..=WAD as u64, fraction in 1..=WAD as u64) {
        let half = fraction / 2;
        let pieces = bid_price(mark, 0, d, half).unwrap() + bid_price(mark, 0, d, fraction - half).unwrap();
        prop_assert!(pieces >= bid_price(mark, 0, d, fraction).unwrap());
    }

    #[test]
    fn shares_never_exceed_the_pot(credits in prop::collection::vec(0..u128::from(u64::MAX), 1..20), pot in any::<u64>()) {
        let owed: u128 = credits.iter().sum();
        let pot = u128::from(pot);
        let paid: u128 = credits.iter().map(|&credit| share_down(credit, pot, owed).unwrap()).sum();
        prop_assert!(paid <= pot.max(owed) && (pot >= owed || paid <= pot));
        prop_assert!(paid + credits.len() as u128 > pot.min(owed), "more than a unit a winner is lost");
    }

    /// Nothing is paid to the longs that the shorts do not owe.
    #[test]
    fn longs_receive_no_more_than_shorts_owe(contracts in 0..u128::from(u64::MAX), price in 0..u128::from(u64::MAX), strike: u64) {
        for kind in [OptionKind::Call, OptionKind::Put] {
            let each = intrinsic(kind, strike, price);
            prop_assert!(long_down(contracts, each).unwrap() <= short_up(contracts, each).unwrap());
        }
    }
}
