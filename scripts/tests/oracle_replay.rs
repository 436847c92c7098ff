//! Days on which venues disagreed, from `../shared/data`: the median stays among the honest, and liquidates nobody they would not.

use std::path::PathBuf;

use novation::oracle_replay::command::replay_all;

#[test]
fn no_wrong_venue_moves_the_median_out_of_the_honest_range_or_liquidates_anyone() {
    let data = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    if !data.join("spot").is_dir() {
        println!("NOT TESTED: {} is absent", data.display());
        return;
    }
    let outcomes = replay_all(&data).expect("replays");
    assert_eq!(outcomes.len(), 7);
    for outcome in &outcomes {
        let name = outcome.event.name;
        assert!(
            outcome.steps.len() > 300,
            "{name}: {} steps",
            outcome.steps.len()
        );
        assert_eq!(outcome.outside, 0, "{name}");
        if outcome.event.listable {
            assert_eq!(
                outcome.wrongly_liquidated(),
                0,
                "{name}: {:?}",
                outcome.liquidated
            );
        }
        // Somebody is liquidated on these days, or the comparison would be empty.
        assert!(
            outcome.liquidated.iter().any(|kind| kind.honest > 0),
            "{name}"
        );
    }
    // What the data's own notes say of the wrong sources is there to be withstood.
    let furthest = |name: &str| {
        let found = outcomes
            .iter()
            .find(|outcome| outcome.event.name.starts_with(name));
        found.expect("an event").furthest
    };
    assert!(furthest("2020-03-13") > 0.15);
    assert!(furthest("2023-03-11 USDC, one") > 0.10);
    assert!(furthest("2023-08-17 ETH") > 0.03);
}
