//! Days on which venues disagreed, from `../shared/data`: the median stays among the honest, and liquidates nobody they would not. Days whose
//! markets are no three independent origins are refused, and show why.

use std::path::PathBuf;

use novation::oracle_replay::listing::Refusal;
use novation::oracle_replay::replay::Outcome;
use novation::oracle_replay::{replay_all, verdicts};

#[test]
fn no_wrong_venue_moves_the_median_out_of_the_honest_range_or_liquidates_anyone() {
    let data = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    if !data.join("spot").is_dir() {
        println!("NOT TESTED: {} is absent", data.display());
        return;
    }
    let outcomes = replay_all(&data).expect("replays");
    for outcome in &outcomes {
        let name = outcome.event.name;
        assert!(
            outcome.steps.len() > 250,
            "{name}: {} steps",
            outcome.steps.len()
        );
        // Somebody is liquidated on these days, or the comparison would be empty.
        assert!(
            outcome.liquidated.iter().any(|kind| kind.honest > 0),
            "{name}"
        );
        if outcome.refusal.is_none() {
            assert_eq!(outcome.outside, 0, "{name}");
            let wrongly = outcome.wrongly_liquidated();
            assert_eq!(wrongly, 0, "{name}: {:?}", outcome.liquidated);
        }
    }
    for verdict in verdicts(&outcomes) {
        assert!(verdict.holds, "{}", verdict.text);
    }
    let feeds = outcomes.iter().filter(|outcome| outcome.refusal.is_none());
    assert_eq!((feeds.count(), outcomes.len()), (6, 10));

    let day = |name: &str| -> &Outcome {
        let mut found = outcomes.iter();
        let found = found.find(|outcome| outcome.event.name.starts_with(name));
        found.expect("an event")
    };
    // What the data's own notes say of the wrong sources is there to be withstood.
    assert!(day("2020-03-13").furthest > 0.15);
    assert!(day("2023-03-11 BTC in dollars, one").furthest > 0.10);
    assert!(day("2023-03-11 BTC in USDC").furthest > 0.10);
    assert!(day("2023-08-17 ETH").furthest > 0.03);

    // A majority that is wrong together does harm, which is why it may not be called independent.
    for refused in ["two of three markets", "five markets of three"] {
        let day = day(&format!("2023-03-11 BTC in dollars, {refused}"));
        assert!(
            day.wrongly_liquidated() > 0 && day.moved > 0.01,
            "{refused}"
        );
    }
    assert!(matches!(
        day("2025-10-10 BTC").refusal,
        Some(Refusal::DuplicateOrigin { left: 2, .. })
    ));

    // USDC lost more than a tenth of its value: initial margin asked for more, maintenance did not.
    let peg = day("2023-03-11 BTC in dollars, one")
        .peg
        .expect("a source that watches");
    assert!(peg.lowest < 0.9 && peg.asked_more > 0.01, "{peg:?}");
    assert!(!peg.moved_maintenance);
}
