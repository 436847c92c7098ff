//! Deadlines and timestamps, at their bounds.

use signed_data::{Refusal, before_deadline, not_in_future};

#[test]
fn data_count_up_to_and_at_their_deadline() {
    assert_eq!(before_deadline(100, 99), Ok(()));
    assert_eq!(before_deadline(100, 100), Ok(()));
    let expired = Refusal::Expired {
        deadline: 100,
        time: 101,
    };
    assert_eq!(before_deadline(100, 101), Err(expired));
    assert_eq!(before_deadline(u64::MAX, u64::MAX), Ok(()));
}

#[test]
fn a_timestamp_may_run_ahead_by_the_skew_and_no_further() {
    assert_eq!(not_in_future(110, 100, 10), Ok(()));
    let ahead = Refusal::FutureTimestamp {
        timestamp: 111,
        latest: 110,
    };
    assert_eq!(not_in_future(111, 100, 10), Err(ahead));
    assert_eq!(not_in_future(u64::MAX, u64::MAX - 1, 10), Ok(()));
}
