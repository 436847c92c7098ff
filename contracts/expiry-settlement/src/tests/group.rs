//! Whole groups at random: what must hold whatever the positions, prices, means and order.

use super::*;

/// A small generator, so that a failing round can be run again.
struct Dice(u64);

impl Dice {
    /// A number below `sides`.
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    fn shuffled(&mut self, count: u64) -> Vec<u64> {
        let mut order: Vec<u64> = (0..count).collect();
        for last in (1..order.len()).rev() {
            let other = self.roll(last as u64 + 1) as usize;
            order.swap(last, other);
        }
        order
    }
}

/// Trades among the accounts: what one is long another is short.
fn trade(scene: &Scene<'_>, dice: &mut Dice, accounts: &[U256]) {
    let count = accounts.len() as u64;
    for _trade in 0..8 {
        let buyer = dice.roll(count);
        let seller = (buyer + 1 + dice.roll(count - 1)) % count;
        let kind = if dice.roll(2) == 0 {
            OptionKind::Call
        } else {
            OptionKind::Put
        };
        let leg = Leg {
            expiry: EXPIRED,
            strike: 150_000_000_000 + dice.roll(300_000_000_000),
            kind,
            // Mostly odd sizes, down to dust.
            contracts: 1 + i128::from(dice.roll(u64::MAX >> 33))
                * i128::from(1 + dice.roll(1 << 30)),
        };
        scene.hold(accounts[buyer as usize], leg);
        scene.hold(
            accounts[seller as usize],
            Leg {
                contracts: -leg.contracts,
                ..leg
            },
        );
    }
}

fn total(scene: &Scene<'_>, buckets: &[U256]) -> (u128, u128) {
    buckets.iter().fold((0, 0), |sum, bucket| {
        let (settlement, base) = scene.balances(*bucket);
        (sum.0 + settlement, sum.1 + base)
    })
}

#[motsu::test]
fn no_unit_is_lost_or_made_and_the_pot_suffices_in_any_order(
    settlement: Contract<ExpirySettlement>,
    kernel: Contract<Kernel>,
    alice: Address,
) {
    const ACCOUNTS: u64 = 6;
    let scene = Scene::new(&settlement, &kernel, alice);
    let (mut shortfalls, mut in_full) = (0, 0);
    for round in 0..60 {
        let mut dice = Dice(round);
        // A pool of its own every round: groups never touch.
        let pool = POOL + round as u32;
        let accounts: Vec<U256> = (0..ACCOUNTS)
            .map(|index| ids::account_id(alice, pool, index))
            .collect();
        let pot = ids::pot_bucket(pool, EXPIRED);
        let insurance = ids::insurance_bucket(pool);
        scene.fix_price((1_000 + u128::from(dice.roll(4_000))) * ONE as u128 + 7);
        let rich = u128::from(dice.roll(3));
        for account in &accounts {
            let cash = u128::from(dice.roll(2_000_000_000)) * rich;
            scene.put(*account, cash, u128::from(dice.roll(30_000_000)) * rich);
        }
        scene.put(insurance, u128::from(dice.roll(1_000_000_000)) * rich, 0);
        trade(&scene, &mut dice, &accounts);
        let buckets: Vec<U256> = accounts.iter().copied().chain([pot, insurance]).collect();
        let tokens = total(&scene, &buckets);

        for index in dice.shuffled(ACCOUNTS) {
            // An account without trades has nothing to settle.
            drop(scene.settle(accounts[index as usize]));
        }
        let (owed, paid_cash, _, paid_insurance, shortfall) =
            settlement.sender(alice).group_state(pool, EXPIRED).unwrap();
        let [owed, paid_cash, paid_insurance, shortfall] =
            [owed, paid_cash, paid_insurance, shortfall].map(|sum| sum.to::<u128>());
        let credits: u128 = accounts
            .iter()
            .map(|account| scene.credit(*account).to::<u128>())
            .sum();
        assert!(
            credits <= owed,
            "round {round}: credits exceed what is owed"
        );
        assert!(paid_cash + shortfall <= owed && paid_insurance <= paid_cash);
        let pot_before = scene.balances(pot);
        let mut winners = 0;
        for index in dice.shuffled(ACCOUNTS) {
            let account = accounts[index as usize];
            if !scene.credit(account).is_zero() {
                scene.claim(account).unwrap();
                winners += 1;
            }
        }
        assert_eq!(
            total(&scene, &buckets),
            tokens,
            "round {round}: tokens in = tokens out"
        );
        // What stays in the pot is dust: what rounding made the group owe beyond its credits, as far as it was paid, and less than a unit of
        // each asset per winner.
        let left = scene.balances(pot);
        if winners > 0 {
            assert!(
                left.0 <= owed - credits + winners,
                "round {round}: {left:?}"
            );
            let unowed = pot_before.1 * (owed - credits) / owed;
            assert!(left.1 <= unowed + winners + 1, "round {round}: {left:?}");
        }
        if shortfall > 0 {
            shortfalls += 1;
        } else {
            in_full += 1;
        }
        for account in &accounts {
            assert!(scene.settle(*account).is_err() && scene.claim(*account).is_err());
        }
    }
    assert!(shortfalls > 5 && in_full > 5, "{shortfalls} of 60 rounds");
}
