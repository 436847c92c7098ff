//! `settle`.

use interfaces::{IExpirySettlement, IOracleAdapter};

use super::*;

#[motsu::test]
fn settle_reverts_before_expiry(
    settlement: Contract<ExpirySettlement>,
    kernel: Contract<Kernel>,
    alice: Address,
) {
    let scene = Scene::new(&settlement, &kernel, alice);
    scene.hold(account(0), calls(NOW + 1, ONE));
    let error = settlement
        .sender(alice)
        .settle(account(0), NOW + 1)
        .motsu_unwrap_err();
    assert_eq!(
        error,
        revert(IExpirySettlement::NotExpired {
            expiry: NOW + 1,
            time: NOW.into()
        })
    );
}

#[motsu::test]
fn settle_reverts_until_the_price_is_fixed(
    settlement: Contract<ExpirySettlement>,
    kernel: Contract<Kernel>,
    alice: Address,
) {
    let scene = Scene::new(&settlement, &kernel, alice);
    scene.hold(account(0), calls(EXPIRED, ONE));
    scene.fix_price(0);
    let feed = alloy_primitives::B256::repeat_byte(0xfe);
    assert_eq!(
        scene.settle(account(0)).unwrap_err(),
        revert(IOracleAdapter::NotFixed {
            feed,
            expiry: EXPIRED
        })
    );
}

#[motsu::test]
fn settle_reverts_without_legs_of_that_expiry_and_the_second_time(
    settlement: Contract<ExpirySettlement>,
    kernel: Contract<Kernel>,
    alice: Address,
) {
    let scene = Scene::new(&settlement, &kernel, alice);
    let nothing = revert(IExpirySettlement::NothingToSettle {
        account: account(0),
        expiry: EXPIRED,
    });
    scene.hold(account(0), calls(LATER, ONE));
    assert_eq!(scene.settle(account(0)).unwrap_err(), nothing);

    scene.hold(account(0), calls(EXPIRED, ONE));
    scene.settle(account(0)).unwrap();
    assert_eq!(scene.settle(account(0)).unwrap_err(), nothing);
    assert_eq!(scene.credit(account(0)), units(1_000 * QUOTE));
}

#[motsu::test]
fn settle_reverts_when_the_payoff_overflows(
    settlement: Contract<ExpirySettlement>,
    kernel: Contract<Kernel>,
    alice: Address,
) {
    let scene = Scene::new(&settlement, &kernel, alice);
    scene.hold(account(0), calls(EXPIRED, i128::MAX));
    scene.fix_price(u128::MAX);
    assert_eq!(
        scene.settle(account(0)).unwrap_err(),
        revert(IExpirySettlement::Overflow {})
    );
}

#[motsu::test]
fn a_winner_is_credited_rounded_down_and_a_loser_owes_rounded_up(
    settlement: Contract<ExpirySettlement>,
    kernel: Contract<Kernel>,
    alice: Address,
) {
    let scene = Scene::new(&settlement, &kernel, alice);
    // A payoff of 1,000 · 1e-18 · (1e9 + 1) = 1.000000001 token units.
    scene.hold(account(0), calls(EXPIRED, 1_000_000_001));
    scene.hold(account(1), calls(EXPIRED, -1_000_000_001));
    scene.put(account(1), 10, 0);
    assert_eq!(scene.settle(account(0)).unwrap(), int(1));
    assert_eq!(scene.settle(account(1)).unwrap(), int(-2));
    assert_eq!(scene.credit(account(0)), units(1));
    assert_eq!(scene.credit(account(1)), U256::ZERO);
    assert_eq!(scene.group(), [2, 2, 0, 0, 0]);
    assert_eq!(scene.balances(account(1)), (8, 0));
    assert_eq!(scene.balances(ids::pot_bucket(POOL, EXPIRED)), (2, 0));
    assert!(settlement.emitted(&IExpirySettlement::AccountSettled {
        account: account(1),
        expiry: EXPIRED,
        net: int(-2),
        paidCash: units(2),
        paidBase: U256::ZERO,
        paidInsurance: U256::ZERO,
        shortfall: U256::ZERO,
    }));
}

#[motsu::test]
fn legs_of_one_expiry_are_netted_and_others_stay(
    settlement: Contract<ExpirySettlement>,
    kernel: Contract<Kernel>,
    alice: Address,
) {
    let scene = Scene::new(&settlement, &kernel, alice);
    // Long two calls struck at 2,000, short one: net 1,000 without touching cash.
    scene.hold(account(0), calls(EXPIRED, 2 * ONE));
    scene.hold(
        account(0),
        Leg {
            strike: 200_000_000_001,
            ..calls(EXPIRED, -ONE)
        },
    );
    scene.hold(account(0), calls(LATER, -ONE));
    scene.put(account(0), 5, 0);
    // 2,000 − 999.99999999, down to the token unit.
    assert_eq!(
        scene.settle(account(0)).unwrap(),
        int(1_000 * QUOTE as i128)
    );
    assert_eq!(scene.balances(account(0)), (5, 0));
    let left = kernel.sender(alice).account_state(account(0)).unwrap().0;
    assert_eq!(left, [calls(LATER, -ONE).to_word()]);
}

#[motsu::test]
fn a_net_of_zero_settles_and_credits_nothing(
    settlement: Contract<ExpirySettlement>,
    kernel: Contract<Kernel>,
    alice: Address,
) {
    let scene = Scene::new(&settlement, &kernel, alice);
    // The strike itself, and below: worth nothing.
    for (index, price) in [2_000 * ONE as u128, 1].into_iter().enumerate() {
        scene.fix_price(price);
        let account = account(index as u64);
        scene.hold(account, calls(EXPIRED, -ONE));
        assert_eq!(scene.settle(account).unwrap(), I256::ZERO);
        assert_eq!(scene.credit(account), U256::ZERO);
    }
    assert_eq!(scene.group(), [0; 5]);
}

#[motsu::test]
fn a_loser_pays_cash_then_base_then_insurance_and_the_rest_is_shortfall(
    settlement: Contract<ExpirySettlement>,
    kernel: Contract<Kernel>,
    alice: Address,
) {
    let scene = Scene::new(&settlement, &kernel, alice);
    let insurance = ids::insurance_bucket(POOL);
    let other_insurance = ids::insurance_bucket(POOL + 1);
    scene.put(other_insurance, 1_000_000 * QUOTE, 0);
    scene.put(insurance, 150 * QUOTE, 0);
    // Owes 1,000: 100 in cash, .2 base worth 600, 150 from the insurance, 150 from nobody.
    scene.hold(account(0), calls(EXPIRED, -ONE));
    scene.put(account(0), 100 * QUOTE, BASE / 5);
    assert_eq!(
        scene.settle(account(0)).unwrap(),
        int(-1_000 * QUOTE as i128)
    );
    assert_eq!(
        scene.group(),
        [
            1_000 * QUOTE,
            250 * QUOTE,
            BASE / 5,
            150 * QUOTE,
            150 * QUOTE
        ]
    );
    assert_eq!(scene.balances(account(0)), (0, 0));
    assert_eq!(scene.balances(insurance), (0, 0));
    assert_eq!(
        scene.balances(ids::pot_bucket(POOL, EXPIRED)),
        (250 * QUOTE, BASE / 5)
    );
    // Another pool and another expiry never pay.
    assert_eq!(scene.balances(other_insurance).0, 1_000_000 * QUOTE);
    assert_eq!(scene.balances(ids::pot_bucket(POOL, LATER)), (0, 0));
    // Nothing is left in the account to be held against it.
    assert_eq!(scene.debt(account(0)), 0);
}

#[motsu::test]
fn base_pays_no_more_than_is_owed_rounded_up(
    settlement: Contract<ExpirySettlement>,
    kernel: Contract<Kernel>,
    alice: Address,
) {
    let scene = Scene::new(&settlement, &kernel, alice);
    // 1,000 / 3,000 = .33333333(3) base.
    scene.hold(account(0), calls(EXPIRED, -ONE));
    scene.put(account(0), 0, BASE);
    scene.settle(account(0)).unwrap();
    assert_eq!(scene.balances(account(0)), (0, BASE - 33_333_334));
    assert_eq!(scene.group(), [1_000 * QUOTE, 0, 33_333_334, 0, 0]);
}

#[motsu::test]
fn an_account_that_could_not_pay_owes_the_insurance_while_it_has_other_legs(
    settlement: Contract<ExpirySettlement>,
    kernel: Contract<Kernel>,
    alice: Address,
) {
    let scene = Scene::new(&settlement, &kernel, alice);
    scene.put(ids::insurance_bucket(POOL), 300 * QUOTE, 0);
    scene.hold(account(0), calls(EXPIRED, -ONE));
    scene.hold(account(0), calls(LATER, 5 * ONE));
    scene.put(account(0), 600 * QUOTE, 0);
    scene.settle(account(0)).unwrap();
    // 300 the insurance paid, and 100 that the winners are short of.
    assert_eq!(scene.debt(account(0)), 400 * QUOTE);
    assert_eq!(
        scene.group(),
        [1_000 * QUOTE, 900 * QUOTE, 0, 300 * QUOTE, 100 * QUOTE]
    );
}

#[motsu::test]
fn an_account_that_could_not_pay_owes_the_insurance_while_it_has_an_unclaimed_credit(
    settlement: Contract<ExpirySettlement>,
    kernel: Contract<Kernel>,
    alice: Address,
) {
    let scene = Scene::new(&settlement, &kernel, alice);
    let earlier = EXPIRED - 86_400;
    scene.put(ids::insurance_bucket(POOL), 1_000 * QUOTE, 0);
    scene.hold(account(0), calls(earlier, ONE));
    settlement
        .sender(alice)
        .settle(account(0), earlier)
        .motsu_unwrap();
    scene.hold(account(0), calls(EXPIRED, -ONE));
    scene.settle(account(0)).unwrap();
    assert_eq!(scene.debt(account(0)), 1_000 * QUOTE);
}
