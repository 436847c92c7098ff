//! The arithmetic of the waterfall, over random numbers.

use clearing_math::leg::{Leg, OptionKind};
use proptest::prelude::*;

use crate::waterfall::{Means, Net, Terms, collect, net, share, wad_per_unit};

const WAD: u128 = 1_000_000_000_000_000_000;

prop_compose! {
    fn terms()(price in 1_u128..1_000_000 * WAD, decimals in 0_u32..=18, base_decimals in 0_u32..=18) -> Terms {
        Terms {
            price,
            wad_per_unit: wad_per_unit(decimals).unwrap(),
            wad_per_base_unit: wad_per_unit(base_decimals).unwrap(),
        }
    }
}

prop_compose! {
    fn leg()(contracts in -1_000_000 * WAD as i128..1_000_000 * WAD as i128, strike in 1_u64..100_000_000_000_000, call: bool) -> Leg {
        let kind = if call { OptionKind::Call } else { OptionKind::Put };
        Leg { expiry: 1, strike, kind, contracts }
    }
}

proptest! {
    #[test]
    fn credits_never_exceed_debits(
        legs in prop::collection::vec((leg(), 0_usize..5, 0_usize..5), 1..20),
        terms in terms(),
    ) {
        let mut accounts: [Vec<Leg>; 5] = Default::default();
        for (leg, buyer, seller) in legs {
            accounts[buyer].push(leg);
            accounts[seller].push(Leg { contracts: -leg.contracts, ..leg });
        }
        let (mut credits, mut owed) = (0, 0);
        for legs in &accounts {
            match net(legs, &terms).unwrap() {
                Net::Credit(units) => credits += units,
                Net::Debit(units) => owed += units,
            }
        }
        prop_assert!(credits <= owed);
    }

    #[test]
    fn every_part_of_a_debit_is_paid_once_and_within_means(
        debit in 0_u128..1_000_000_000_000,
        cash in 0_u128..1_000_000_000_000,
        base in 0_u128..1_000_000_000_000,
        insurance in 0_u128..1_000_000_000_000,
        terms in terms(),
    ) {
        let means = Means { cash, base, insurance };
        let payment = collect(debit, &means, &terms).unwrap();
        prop_assert!(payment.cash <= cash && payment.base <= base && payment.insurance <= insurance);
        let by_base = debit - payment.cash - payment.insurance - payment.shortfall;
        // What base paid is covered by its value, exactly: base · scale · price / 1e18 ≥ by_base · scale.
        let value = payment.base * terms.wad_per_base_unit;
        let covered = clearing_math::fixed::mul_div_down(value, terms.price, WAD).unwrap();
        prop_assert!(covered >= by_base * terms.wad_per_unit);
        // In this order, and each to its end before the next.
        prop_assert!(payment.base == 0 || payment.cash == cash);
        prop_assert!(payment.insurance == 0 || payment.base == base);
        prop_assert!(payment.shortfall == 0 || payment.insurance == insurance);
        // One base token unit less would not have been enough.
        if by_base > 0 && payment.insurance == 0 && payment.shortfall == 0 && payment.base < base {
            let less = (payment.base - 1) * terms.wad_per_base_unit;
            let covered = clearing_math::fixed::mul_div_down(less, terms.price, WAD).unwrap();
            prop_assert!(covered < by_base * terms.wad_per_unit);
        }
    }

    #[test]
    fn shares_never_exceed_the_pot(
        credits in prop::collection::vec(1_u128..1_000_000_000_000_000, 1..10),
        rounding in 0_u128..10,
        paid in 0_u64..=1_000_000,
        base in 0_u128..u128::from(u64::MAX),
    ) {
        let owed = credits.iter().sum::<u128>() + rounding;
        let cash = owed * u128::from(paid) / 1_000_000;
        let (mut cash_out, mut base_out) = (0, 0);
        for credit in &credits {
            let (cash_share, base_share) = share(*credit, owed, cash, base).unwrap();
            prop_assert!(cash_share <= *credit);
            cash_out += cash_share;
            base_out += base_share;
        }
        prop_assert!(cash_out <= cash && base_out <= base);
        // Less than a unit per winner stays, beyond what rounding made the debtors owe.
        prop_assert!(cash - cash_out <= credits.len() as u128 + rounding);
    }
}

#[test]
fn dust_sold_by_two_does_not_pay_one_buyer_more_than_they_owe() {
    // Worth half a unit each: the sellers owe one unit each, the buyer of both is paid one.
    let terms = Terms {
        price: 2_000 * WAD + WAD / 2,
        wad_per_unit: 1,
        wad_per_base_unit: 1,
    };
    let calls = |contracts| Leg {
        expiry: 1,
        strike: 200_000_000_000,
        kind: OptionKind::Call,
        contracts,
    };
    assert_eq!(net(&[calls(2)], &terms), Some(Net::Credit(1)));
    assert_eq!(net(&[calls(-1)], &terms), Some(Net::Debit(1)));
    assert_eq!(net(&[calls(1)], &terms), Some(Net::Credit(0)));
}

#[test]
fn base_of_a_pot_is_shared_in_its_own_units() {
    // A pot of base with 18 decimals against debts in 6: the numbers are not comparable.
    assert_eq!(share(500_000, 1_000_000, 0, WAD), Some((0, WAD / 2)));
}

#[test]
fn a_credit_beyond_what_is_owed_is_refused() {
    assert_eq!(share(2, 1, 1, 0), None);
    assert_eq!(share(1, 0, 0, 0), None);
}

#[test]
fn base_is_not_taken_at_a_price_of_zero() {
    let terms = Terms {
        price: 0,
        wad_per_unit: 1,
        wad_per_base_unit: 1,
    };
    let means = Means {
        cash: 0,
        base: 5,
        insurance: 0,
    };
    let payment = collect(7, &means, &terms).unwrap();
    assert_eq!((payment.base, payment.shortfall), (0, 7));
}

#[test]
fn all_base_is_taken_when_what_is_needed_exceeds_every_number() {
    let terms = Terms {
        price: 1,
        wad_per_unit: 1_000_000_000_000,
        wad_per_base_unit: 1,
    };
    let means = Means {
        cash: 0,
        base: 5,
        insurance: 0,
    };
    let debit = 1_000_000_000_000_000_000_000_000;
    let payment = collect(debit, &means, &terms).unwrap();
    assert_eq!((payment.base, payment.shortfall), (5, debit));
}

#[test]
fn decimals_beyond_18_have_no_scale() {
    assert_eq!(wad_per_unit(18), Some(1));
    assert_eq!(wad_per_unit(19), None);
}
