//! `claim`.

use interfaces::IExpirySettlement;

use super::*;

#[motsu::test]
fn claim_reverts_without_credit(
    settlement: Contract<ExpirySettlement>,
    kernel: Contract<Kernel>,
    alice: Address,
) {
    let scene = Scene::new(&settlement, &kernel, alice);
    assert_eq!(
        scene.claim(account(0)).unwrap_err(),
        revert(IExpirySettlement::NothingToClaim {
            account: account(0),
            expiry: EXPIRED
        })
    );
}

#[motsu::test]
fn claim_reverts_until_every_short_is_settled_and_the_second_time(
    settlement: Contract<ExpirySettlement>,
    kernel: Contract<Kernel>,
    alice: Address,
) {
    let scene = Scene::new(&settlement, &kernel, alice);
    scene.hold(account(0), calls(EXPIRED, ONE));
    scene.hold(account(1), calls(EXPIRED, -ONE / 4));
    scene.hold(account(2), calls(EXPIRED, -ONE * 3 / 4));
    scene.put(account(1), 250 * QUOTE, 0);
    scene.put(account(2), 900 * QUOTE, 0);
    scene.settle(account(0)).unwrap();
    scene.settle(account(1)).unwrap();
    assert_eq!(
        scene.claim(account(0)).unwrap_err(),
        revert(IExpirySettlement::ShortsUnsettled {
            pool: POOL,
            expiry: EXPIRED,
            contracts: units(750_000_000_000_000_000)
        })
    );
    assert_eq!(scene.credit(account(0)), units(1_000 * QUOTE));
    assert_eq!(scene.unclaimed(account(0)), units(1_000 * QUOTE));

    scene.settle(account(2)).unwrap();
    assert_eq!(
        scene.claim(account(0)).unwrap(),
        (units(1_000 * QUOTE), U256::ZERO)
    );
    assert_eq!(scene.balances(account(0)), (1_000 * QUOTE, 0));
    assert_eq!(scene.credit(account(0)), U256::ZERO);
    assert_eq!(scene.unclaimed(account(0)), U256::ZERO);
    assert!(settlement.emitted(&IExpirySettlement::CreditClaimed {
        account: account(0),
        expiry: EXPIRED,
        credit: units(1_000 * QUOTE),
        cash: units(1_000 * QUOTE),
        base: U256::ZERO,
    }));

    assert_eq!(
        scene.claim(account(0)).unwrap_err(),
        revert(IExpirySettlement::NothingToClaim {
            account: account(0),
            expiry: EXPIRED
        })
    );
    assert_eq!(scene.balances(account(0)), (1_000 * QUOTE, 0));
}

#[motsu::test]
fn winners_share_a_shortfall_pro_rata_in_any_order(
    settlement: Contract<ExpirySettlement>,
    kernel: Contract<Kernel>,
    alice: Address,
) {
    let scene = Scene::new(&settlement, &kernel, alice);
    // Owed 1,000 + 2,000; paid 600 and .3 base (worth 900): half of it.
    scene.hold(account(0), calls(EXPIRED, ONE));
    scene.hold(account(1), calls(EXPIRED, 2 * ONE));
    scene.hold(account(2), calls(EXPIRED, -3 * ONE));
    scene.put(account(2), 600 * QUOTE, BASE * 3 / 10);
    scene.settle(account(2)).unwrap();
    scene.settle(account(1)).unwrap();
    assert_eq!(
        scene.claim(account(1)).unwrap(),
        (units(400 * QUOTE), units(BASE / 5))
    );
    // Who settles last receives no less.
    scene.settle(account(0)).unwrap();
    assert_eq!(
        scene.claim(account(0)).unwrap(),
        (units(200 * QUOTE), units(BASE / 10))
    );
    assert_eq!(scene.balances(ids::pot_bucket(POOL, EXPIRED)), (0, 0));
}

#[motsu::test]
fn a_claim_on_an_empty_pot_pays_nothing_and_is_done(
    settlement: Contract<ExpirySettlement>,
    kernel: Contract<Kernel>,
    alice: Address,
) {
    let scene = Scene::new(&settlement, &kernel, alice);
    scene.hold(account(0), calls(EXPIRED, ONE));
    scene.hold(account(1), calls(EXPIRED, -ONE));
    scene.settle(account(0)).unwrap();
    scene.settle(account(1)).unwrap();
    assert_eq!(scene.claim(account(0)).unwrap(), (U256::ZERO, U256::ZERO));
    assert!(scene.claim(account(0)).is_err());
}
