//! Jumps that are held back, and for how long.

use proptest::prelude::*;

use crate::hold::{LAPSE, Limit, Memory, is_beyond, share};

const LIMIT: Limit = Limit {
    bps: 1_000,
    delay: 60,
};
const T: u64 = 1_000_000;

/// Evaluates at each (second, price); what is accepted in the end.
fn after(evaluations: &[(u64, u128)]) -> Memory {
    let start = Memory::default();
    evaluations.iter().fold(start, |memory, (at, price)| {
        memory.after(*price, T + at, T + at, LIMIT)
    })
}

fn accepted(evaluations: &[(u64, u128)]) -> (u128, bool) {
    let memory = after(evaluations);
    (memory.accepted, memory.holds())
}

#[test]
fn the_first_price_and_moves_up_to_the_limit_are_accepted_at_once() {
    assert_eq!(accepted(&[(0, 1_000)]), (1_000, false));
    assert_eq!(accepted(&[(0, 1_000), (1, 1_100)]), (1_100, false));
    assert_eq!(accepted(&[(0, 1_000), (1, 900)]), (900, false));
    assert_eq!(accepted(&[(0, 1_000), (1, 1_101)]), (1_000, true));
    assert_eq!(accepted(&[(0, 1_000), (1, 899)]), (1_000, true));
}

#[test]
fn a_print_that_does_not_last_moves_nothing() {
    assert_eq!(
        accepted(&[(0, 1_000), (10, 400), (20, 1_010)]),
        (1_010, false)
    );
    // Nor does one in either direction: the clock starts again.
    assert_eq!(
        accepted(&[(0, 1_000), (10, 400), (65, 2_000), (71, 400)]),
        (1_000, true)
    );
    // One print now and one a delay later, fair in between.
    assert_eq!(
        accepted(&[(0, 1_000), (10, 400), (40, 1_000), (70, 400)]),
        (1_000, true)
    );
}

#[test]
fn a_move_that_lasts_is_accepted_after_the_delay_and_not_a_second_before() {
    assert_eq!(accepted(&[(0, 1_000), (10, 700), (69, 700)]), (1_000, true));
    assert_eq!(accepted(&[(0, 1_000), (10, 700), (70, 690)]), (690, false));
    assert_eq!(
        accepted(&[(0, 1_000), (10, 1_400), (70, 1_500)]),
        (1_500, false)
    );
}

#[test]
fn no_more_is_accepted_than_every_evaluation_saw_and_one_limit() {
    // 850 lasted, 500 did not: 850 is taken, 500 waits for its own minute.
    let steps = [(0, 1_000), (10, 850), (70, 500)];
    assert_eq!(accepted(&steps), (850, true));
    assert_eq!(
        accepted(&[steps.as_slice(), &[(130, 500)]].concat()),
        (500, false)
    );
    // The least of what was seen counts, not the first.
    let steps = [(0, 1_000), (10, 500), (40, 850), (70, 500)];
    assert_eq!(accepted(&steps), (850, true));
    let steps = [(0, 1_000), (10, 2_000), (40, 1_150), (70, 2_000)];
    assert_eq!(accepted(&steps), (1_150, true));
}

#[test]
fn what_nobody_renewed_lapses() {
    let lapse = u64::from(LIMIT.delay) * LAPSE;
    assert_eq!(accepted(&[(0, 1_000), (lapse - 1, 10)]), (1_000, true));
    assert_eq!(accepted(&[(0, 1_000), (lapse, 10)]), (10, false));
    // A held move does not renew.
    assert_eq!(
        accepted(&[(0, 1_000), (1, 10), (lapse, 99_999)]),
        (99_999, false)
    );
}

#[test]
fn without_a_limit_everything_is_accepted() {
    let limit = Limit { bps: 0, delay: 60 };
    let memory = Memory::default()
        .after(1_000, T, T, limit)
        .after(1, T, T, limit);
    assert_eq!((memory.accepted, memory.holds()), (1, false));
}

#[test]
fn a_share_is_rounded_down_and_does_not_overflow() {
    assert_eq!(share(10_000, 1), 1);
    assert_eq!(share(9_999, 1), 0);
    assert_eq!(share(19_999, 5_000), 9_999);
    let most = 10_u128.pow(36);
    assert_eq!(share(most, 10_000), most);
    // 1 % of 12,345 is 123.45: 124 away is beyond, 123 is not.
    assert!(is_beyond(12_345 + 124, 12_345, 100));
    assert!(!is_beyond(12_345 + 123, 12_345, 100));
}

proptest! {
    /// However prices run: from the moment a keeper evaluates every `delay` seconds or more often, what is accepted is a price that was seen
    /// within twice the delay, and a crash that stays is followed within twice the delay.
    #[test]
    fn nothing_is_frozen_longer_than_twice_the_delay(
        start in 1_000_u128..1_000_000,
        path in prop::collection::vec((1_u64..=60, 1_u128..2_000_000), 1..40),
        level in 1_u128..2_000_000,
    ) {
        let mut memory = Memory::default().after(start, T, T, LIMIT);
        let mut now = T;
        for (wait, price) in path {
            now += wait;
            memory = memory.after(price, now, now, LIMIT);
        }
        // From here on the market stays at `level`.
        let stays = now + 1;
        for at in [stays, stays + 60, stays + 120] {
            memory = memory.after(level, at, at, LIMIT);
        }
        prop_assert_eq!(memory.accepted, level);
        prop_assert!(!memory.holds());
    }

    /// A move beyond the limit is never accepted from evaluations that lie less than the delay apart.
    #[test]
    fn nothing_beyond_the_limit_is_accepted_within_the_delay(
        start in 10_000_u128..1_000_000,
        path in prop::collection::vec((0_u64..20, 1_u128..2_000_000), 1..3),
    ) {
        let mut memory = Memory::default().after(start, T, T, LIMIT);
        let mut now = T;
        for (wait, price) in path {
            let before = memory.accepted;
            now += wait;
            memory = memory.after(price, now, now, LIMIT);
            prop_assert!(!is_beyond(memory.accepted, before, LIMIT.bps));
        }
    }
}
