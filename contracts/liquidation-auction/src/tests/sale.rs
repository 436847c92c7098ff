//! What is for sale, over random accounts.

use clearing_math::auction::buffer_margin;
use clearing_math::fixed::mul_div_ceil;
use proptest::prelude::*;

use crate::sale::{Account, Clock, WHOLE, sale};

/// WAD quote units in a token unit of 6 decimals.
const SCALE: u128 = 1_000_000_000_000;
const WAD: i128 = 1_000_000_000_000_000_000;
const START: u64 = 1_000_000;

fn clock(elapsed: u64) -> Clock {
    Clock {
        started_at: START,
        insolvent_since: 0,
        now: START + elapsed,
    }
}

prop_compose! {
    /// An account below its buffer, of up to a billion quote units, with or without debt and cash paid in.
    fn accounts()(
        mark in -1_000_000_000_000_000_i128..1_000_000_000_000_000,
        requirement in 0_i128..1_000_000_000_000_000,
        cash in 0_u128..1_000_000_000_000_000,
        debt in prop_oneof![Just(0_u128), 0_u128..1_000_000_000],
        paid_in in 0_u128..1_000_000_000_000_000,
    ) -> Account {
        Account {
            mark: mark * SCALE as i128,
            maintenance: (mark - requirement) * SCALE as i128,
            cash,
            debt,
            paid_in,
            wad_per_unit: SCALE,
        }
    }
}

proptest! {
    #[test]
    fn one_bid_restores_the_buffer_or_takes_all(account in accounts(), elapsed in 0_u64..44_000) {
        let account = Account { debt: 0, ..account };
        let sale = sale(&account, &clock(elapsed)).unwrap();
        prop_assume!(sale.buffer_margin < 0 && !sale.worthless);
        let bid = sale.bid(WHOLE).unwrap();
        prop_assert!(bid.fraction > 0 && bid.fraction <= WHOLE);
        if bid.fraction < WHOLE {
            let fraction = u128::from(bid.fraction);
            let kept = (sale.reserved * SCALE) as i128;
            let paid = (bid.payment * SCALE) as i128;
            let mark = account.mark - mul_div_ceil(account.mark - kept, fraction, WHOLE.into()).unwrap();
            let maintenance = account.maintenance
                - mul_div_ceil(account.maintenance - kept, fraction, WHOLE.into()).unwrap();
            let left = buffer_margin(maintenance + paid, mark + paid).unwrap();
            // The fraction is rounded up at 1e-18, the payment at a token unit; what rounds the other way above is below 10 wei.
            prop_assert!(left >= -10, "buffer margin {left} after selling {}", bid.fraction);
        }
    }

    #[test]
    fn a_bidder_pays_at_most_the_value_and_two_units(account in accounts(), elapsed in 0_u64..50_000, fraction in 1_u64..WHOLE) {
        let sale = sale(&account, &clock(elapsed)).unwrap();
        prop_assume!(sale.buffer_margin < 0);
        let bid = sale.bid(fraction).unwrap();
        let everything = account.mark + (account.debt * SCALE) as i128;
        let sold = everything - (sale.reserved * SCALE) as i128;
        let value = mul_div_ceil(sold.max(0), bid.fraction.into(), WHOLE.into()).unwrap();
        prop_assert!(((bid.payment + bid.insurance_fee) * SCALE) as i128 <= value + 2 * SCALE as i128);
        prop_assert!(sale.reserved <= account.paid_in.min(account.cash));
        prop_assert!(bid.payment == 0 || bid.insurance_payment == 0);
    }

    #[test]
    fn the_price_never_rises_with_time(account in accounts(), elapsed in 0_u64..50_000, later in 0_u64..10_000, fraction in 1_u64..WHOLE) {
        let sale_now = sale(&account, &clock(elapsed)).unwrap();
        let sale_later = sale(&account, &clock(elapsed + later)).unwrap();
        prop_assume!(sale_now.buffer_margin < 0);
        // What is for sale grows as the price falls; the same fraction never gets dearer.
        prop_assert!(sale_later.most >= sale_now.most);
        let fraction = fraction.min(sale_now.most);
        let (first, second) = (sale_now.bid(fraction).unwrap(), sale_later.bid(fraction).unwrap());
        prop_assert!(second.payment <= first.payment);
        prop_assert!(second.insurance_payment >= first.insurance_payment);
    }

    #[test]
    fn insurance_never_pays_more_than_the_maintenance_deficit(account in accounts(), elapsed in 0_u64..100_000, fraction in 1_u64..WHOLE) {
        let sale = sale(&account, &clock(elapsed)).unwrap();
        prop_assume!(sale.buffer_margin < 0);
        let bid = sale.bid(fraction).unwrap();
        let deficit = (0 - account.maintenance - (account.debt * SCALE) as i128).max(0);
        let most = mul_div_ceil(deficit, bid.fraction.into(), WHOLE.into()).unwrap();
        prop_assert!((bid.insurance_payment * SCALE) as i128 <= most);
    }
}

#[test]
fn an_account_of_dust_is_sold_whole() {
    let account = Account {
        mark: 100 * WAD - 1,
        maintenance: -WAD,
        cash: 0,
        debt: 0,
        paid_in: 0,
        wad_per_unit: SCALE,
    };
    assert_eq!(sale(&account, &clock(0)).unwrap().most, WHOLE);
    let larger = Account {
        mark: 100 * WAD,
        ..account
    };
    assert!(sale(&larger, &clock(0)).unwrap().most < WHOLE);
}

#[test]
fn insolvency_counts_from_the_earlier_of_record_and_slow_phase_end() {
    let account = Account {
        mark: -100 * WAD,
        maintenance: -300 * WAD,
        cash: 0,
        debt: 0,
        paid_in: 0,
        wad_per_unit: SCALE,
    };
    let paid = |elapsed: u64, insolvent_since: u64| {
        let clock = Clock {
            insolvent_since,
            ..clock(elapsed)
        };
        let bid = sale(&account, &clock).unwrap().bid(WHOLE).unwrap();
        bid.insurance_payment / 1_000_000
    };
    // Never recorded: nothing has risen.
    assert_eq!(paid(600, 0), 100);
    assert_eq!(paid(1_800, START), 200);
    assert_eq!(paid(44_100 + 1_800, 0), 200);
    assert_eq!(paid(44_100 + 1_800, START + 44_100 + 1_000), 200);
    // A record from the future, which cannot be, counts as now.
    assert_eq!(paid(600, START + 700), 100);
}

#[test]
fn overflow_is_no_panic() {
    let account = Account {
        mark: i128::MAX,
        maintenance: i128::MIN,
        cash: u128::MAX,
        debt: 0,
        paid_in: 0,
        wad_per_unit: SCALE,
    };
    assert_eq!(sale(&account, &clock(0)), None);
    let indebted = Account {
        debt: u128::MAX,
        ..account
    };
    assert_eq!(sale(&indebted, &clock(0)), None);
}
