//! Requirements over real volatility and prices, from `../shared/data`: they rise with volatility before prices move.

use std::path::PathBuf;

use novation::dynamic_collateral::command::replay_all;

#[test]
fn requirements_rise_with_volatility_before_prices_move() {
    let data = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    if !data.join("options").is_dir() {
        println!("NOT TESTED: {} is absent", data.display());
        return;
    }
    let replay = replay_all(&data).expect("replays");
    let histories = &replay.histories;
    assert_eq!(replay.chains.len(), 12);
    // Four portfolios a chain; in every hour of a crash at two volatilities, and once at the opening.
    let hours: usize = histories.iter().map(|history| history.hours.len()).sum();
    let asked = 4 * (12 + 2 * hours + histories.len());
    assert_eq!(replay.answered().count(), asked);
    for history in histories {
        let name = history.crash.name;
        assert!(
            history.hours.len() >= 60,
            "{name}: {} hours",
            history.hours.len()
        );
        for hour in &history.hours {
            // At one price the requirement of short options is on the side of volatility.
            if (hour.volatility - 1.0).abs() > 1e-9 {
                let more = hour.live > hour.still;
                assert_eq!(more, hour.volatility > 1.0, "{name}: {hour:?}");
            }
        }
    }
    // In August 2023 and April 2025 volatility rose by a day and more before prices fell.
    for name in ["August 2023", "April 2025"] {
        let history = histories.iter().find(|history| history.crash.name == name);
        let history = history.expect("replayed");
        let (before, low) = history
            .before_prices_moved()
            .zip(history.lowest())
            .expect("hours");
        assert!(
            before.live > 1.01 && before.live > before.still,
            "{name}: {before:?}"
        );
        assert!(before.volatility > 1.05, "{name}: {before:?}");
        assert!(
            low.at > before.at + 6 * 3_600 && low.spot < 0.93,
            "{name}: {low:?}"
        );
    }
}
