//! F-20: a volatility feed that has died raises initial margin and leaves maintenance margin where it was.

use clearing_math::leg::OptionKind;
use end_to_end::stage::{VOLATILITY, VOLATILITY_AGE};
use end_to_end::{WAD, on_the_local_node};

/// Units of USDC.
const USDC: u128 = 1_000_000;

#[test]
fn f_20_a_dead_volatility_feed_raises_initial_margin_and_leaves_maintenance() {
    on_the_local_node(async |stage| {
        let pool = stage.eth();
        let buyer = stage
            .funded("buyer of the stale", pool, 100_000 * USDC)
            .await?;
        let seller = stage
            .funded("seller of the stale", pool, 100_000 * USDC)
            .await?;
        let series = stage
            .series(pool, stage.expiries[1], 2_200, OptionKind::Call)
            .await?;
        stage
            .agree(&buyer, &seller, series, 10 * WAD, 500 * USDC)
            .await?;
        // One second before and one after the last smile grows old; the venues speak just before, so that prices are fresh and equal.
        let spot = pool.spot;
        // However long the steps above took.
        stage.publish(pool, VOLATILITY).await?;
        let edge = stage.now().await? + u64::from(VOLATILITY_AGE);
        let mut seen = Vec::new();
        for time in [edge - 60, edge + 60] {
            stage.warp_to(time - 10).await?;
            stage.set_price(pool, spot).await?;
            seen.push(stage.protocol.health(seller.account).await?);
        }
        let [fresh, stale] = [&seen[0], &seen[1]];
        println!("{fresh:?}\n{stale:?}");
        assert!(stale.initial < fresh.initial, "initial margin must rise");
        // Two minutes of decay, and nothing else.
        let moved = fresh.maintenance.abs_diff(stale.maintenance);
        assert!(
            moved * 1_000 < fresh.maintenance.unsigned_abs(),
            "maintenance moved by {moved}"
        );
        Ok(())
    });
}
