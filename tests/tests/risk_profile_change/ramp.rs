//! Both balances between two versions, against native numbers, bit for bit.

use anyhow::ensure;
use clearing_math::margin::{NOVATION_DEFAULT, RiskProfile};
use end_to_end::auction_scene::{Scene, scene};
use end_to_end::{Stage, on_the_local_node};

use super::{DELAY, RAMP, apply_at, calm_until, look, milder, propose, stricter, versions};

const HOUR: u64 = 3_600;

/// Looks at both sides of a trade 0, 6, 12, 18 and 24 hours into a ramp, a second before its end and an hour after it. Returns what the writer's
/// initial balance gained by its end, WAD.
async fn follow(
    stage: &Stage,
    scene: &Scene,
    [before, after]: [&RiskProfile; 2],
    start: u64,
) -> anyhow::Result<i128> {
    let accounts = [scene.debtor.account, scene.holder.account];
    for account in accounts {
        let first = look(stage, account, [before, after]).await?;
        ensure!(first.now == start, "{} is not {start}", first.now);
        first.check(start)?;
        ensure!(
            first.chain.maintenance == first.native[0].maintenance,
            "maintenance moved at the instant of the change"
        );
    }
    let mut gained = 0;
    for passed in [6 * HOUR, 12 * HOUR, 18 * HOUR, RAMP - 1, RAMP, RAMP + HOUR] {
        if passed == RAMP {
            // The block before was a second earlier.
            stage.warp_to(start + RAMP).await?;
        } else {
            calm_until(stage, start + passed).await?;
        }
        for account in accounts {
            let seen = look(stage, account, [before, after]).await?;
            ensure!(seen.now == start + passed);
            if passed < RAMP {
                seen.check(start)?;
            } else {
                // Arrived: the version before is forgotten, for initial margin too.
                let arrived = (seen.chain.initial, seen.chain.maintenance);
                let new = &seen.native[1];
                ensure!(arrived == (new.initial, new.maintenance), "{seen:?}");
            }
        }
        let writer = look(stage, scene.debtor.account, [before, after]).await?;
        if passed < RAMP {
            // The check can fail: a second more or less is another number.
            let (_, late) = writer.promised(start + 1);
            ensure!(
                late != writer.chain.maintenance,
                "the line is flat: {writer:?}"
            );
        }
        gained = writer.chain.initial - writer.promised(start).0;
    }
    Ok(gained)
}

#[test]
fn a_stricter_version_binds_new_risk_at_once_and_maintenance_over_a_day() {
    on_the_local_node(async |stage| {
        let scene = scene(stage, 0).await?;
        let new = stricter()?;
        let start = stage.now().await? + 2 * HOUR;
        calm_until(stage, start - 1).await?;
        let unchanged = look(stage, scene.debtor.account, [&NOVATION_DEFAULT, &new]).await?;
        ensure!(unchanged.chain.initial == unchanged.native[0].initial);

        stage.protocol.chain().set_next_time(start).await?;
        let (effective, offered) = propose(stage, &new).await?;
        ensure!(
            effective == start && offered == start,
            "{effective} {offered}"
        );
        let stored = versions(stage).await?;
        ensure!(stored.version == 2 && stored.pending.is_zero() && !stored.previous.is_zero());
        ensure!((stored.rampStart, stored.rampEnd) == (start, start + RAMP));

        let writer = look(stage, scene.debtor.account, [&NOVATION_DEFAULT, &new]).await?;
        ensure!(
            writer.chain.initial == writer.native[1].initial
                && writer.native[1].initial < writer.native[0].initial,
            "new risk is not held to the stricter version: {writer:?}"
        );
        let gained = follow(stage, &scene, [&NOVATION_DEFAULT, &new], start).await?;
        ensure!(
            gained == 0,
            "the stricter version goes on binding: {gained}"
        );
        Ok(())
    });
}

#[test]
fn a_milder_version_frees_initial_margin_only_when_maintenance_has_arrived() {
    on_the_local_node(async |stage| {
        let scene = scene(stage, 0).await?;
        let new = milder()?;
        let (effective, offered) = propose(stage, &new).await?;
        ensure!(effective == offered + DELAY, "{effective} {offered}");
        calm_until(stage, effective - 1).await?;
        // Until then nothing is any milder.
        let waiting = look(stage, scene.debtor.account, [&NOVATION_DEFAULT, &new]).await?;
        let unchanged = &waiting.native[0];
        ensure!(
            (waiting.chain.initial, waiting.chain.maintenance)
                == (unchanged.initial, unchanged.maintenance),
            "{waiting:?}"
        );
        ensure!(waiting.native[1].initial > unchanged.initial);

        apply_at(stage, &scene.holder.signer, effective).await?;
        let gained = follow(stage, &scene, [&NOVATION_DEFAULT, &new], effective).await?;
        ensure!(gained > 0, "nothing was freed");
        Ok(())
    });
}
