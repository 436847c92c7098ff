//! An account that the next version would liquidate: safe at the instant it takes effect, sold once the ramp has reached it.

use alloy::primitives::{I256, U256};
use anyhow::ensure;
use clearing_math::auction::buffer_margin;
use clearing_math::margin::{NOVATION_DEFAULT, RiskProfile};
use end_to_end::auction_scene::{any_bid, contracts, scene};
use end_to_end::{USDC, on_the_local_node};
use novation::bindings::IClearingHouse::{InsufficientInitialMargin, withdrawCall};
use novation::bindings::ILiquidationAuction::{Healthy, startCall};

use super::{RAMP, apply_at, calm_until, default_with, look, propose};

const HOUR: u64 = 3_600;

/// Stricter for writers by far, but not provably so for everyone (a wider shock of volatility helps some portfolios): it waits.
fn harsher() -> anyhow::Result<RiskProfile> {
    default_with(|profile| {
        profile.volatility.up = 1_000_000_000_000_000_000;
        profile.contingencies.naked_short.both = 50_000_000_000_000_000;
    })
}

#[test]
fn a_writer_the_next_version_would_liquidate_is_safe_when_it_takes_effect_and_sold_when_the_ramp_reaches_him()
 {
    on_the_local_node(async |stage| {
        let scene = scene(stage, 0).await?;
        let (debtor, keeper) = (&scene.debtor, &scene.bidder.signer);
        let new = harsher()?;
        let profiles = [&NOVATION_DEFAULT, &new];
        let (effective, _) = propose(stage, &new).await?;
        calm_until(stage, effective - HOUR).await?;

        // He keeps twenty dollars above his initial margin, by the version in effect.
        let account = debtor.account;
        let free = look(stage, account, profiles).await?.chain.initial / 1_000_000_000_000;
        let taken = U256::from(u128::try_from(free)? - 20 * USDC);
        stage
            .protocol
            .withdraw(&debtor.signer, account, stage.usdc, taken, debtor.address())
            .await?;
        calm_until(stage, effective - 1).await?;
        let before = look(stage, account, profiles).await?;
        ensure!(before.chain.maintenance == before.native[0].maintenance);
        ensure!(
            before.chain.initial >= 0 && before.native[1].maintenance < 0,
            "healthy now and not by the next version, or nothing is shown: {before:?}"
        );

        // The instant: anyone brings it about, and nobody can use it against him.
        apply_at(stage, keeper, effective).await?;
        let instant = look(stage, account, profiles).await?;
        instant.check(effective)?;
        ensure!(
            instant.chain.maintenance >= 0
                && instant.chain.maintenance == instant.native[0].maintenance
        );
        let start = startCall { account };
        let auction = stage.protocol.at().auction;
        let error: Healthy = stage.reverts_with(keeper, auction, &start).await?;
        ensure!(error.account == account && error.balance >= I256::ZERO);
        // New risk is held to the harsher version from this very block.
        let leave = withdrawCall {
            account,
            asset: stage.usdc,
            assets: U256::from(1),
            recipient: debtor.address(),
        };
        let house = stage.protocol.at().clearing_house;
        let error: InsufficientInitialMargin =
            stage.reverts_with(&debtor.signer, house, &leave).await?;
        ensure!(error.balance.is_negative());

        // Hour by hour: refused while the line is above zero, and not a moment longer.
        let mut crossed = None;
        for hour in 1..24 {
            calm_until(stage, effective + hour * HOUR).await?;
            let seen = look(stage, account, profiles).await?;
            seen.check(effective)?;
            if seen.promised(effective).1 < 0 {
                crossed = Some(hour);
                break;
            }
            let _: Healthy = stage.reverts_with(keeper, auction, &start).await?;
        }
        let crossed = crossed.unwrap_or_default();
        ensure!((2..24).contains(&crossed), "crossed after {crossed} h");

        // In the middle of the ramp the auction opens, sells what restores the buffer, and ends.
        stage.protocol.start_auction(keeper, account).await?;
        let held = stage.protocol.account_state(account).await?;
        let bid = any_bid(stage, &scene).await?;
        let sold = stage.protocol.bid(keeper, &bid).await?.value;
        ensure!(!sold.fraction.is_zero() && sold.fraction < U256::from(end_to_end::WAD));
        let left = stage.protocol.account_state(account).await?;
        ensure!(contracts(&held) < contracts(&left) && contracts(&left) < 0);
        let after = look(stage, account, profiles).await?;
        ensure!(after.now < effective + RAMP);
        after.check(effective)?;
        let buffer = buffer_margin(after.chain.maintenance, after.chain.mark);
        ensure!(buffer.is_some_and(|buffer| buffer >= 0), "{after:?}");
        ensure!(
            stage.protocol.auction_of(account).await?.is_none(),
            "still open"
        );
        // The other side of his puts never noticed.
        let holder = look(stage, scene.holder.account, profiles).await?;
        holder.check(effective)?;
        ensure!(holder.chain.maintenance > 0);
        Ok(())
    });
}
