//! Who may offer, apply and withdraw a version of a risk profile, and when: each refusal typed, and not a slot changed by it.

use alloy::primitives::Bytes;
use anyhow::ensure;
use clearing_math::margin::NOVATION_DEFAULT;
use end_to_end::on_the_local_node;
use novation::bindings::IOwnable2Step::OwnableUnauthorizedAccount;
use novation::bindings::ISeriesFactory::{
    MalformedRiskProfile, NothingPending, RampUnderway, TooEarly, UnknownRiskProfile,
    applyRiskProfileCall, listRiskProfileCall, proposeRiskProfileCall, riskProfileBytesCall,
};
use novation::risk_profiles::encoded;

use super::{
    APPLY, CANCEL, DELAY, PROFILE, RAMP, apply_at, calm_until, default_with, factory, milder,
    offer, propose, stricter, versions,
};

#[test]
fn nobody_but_the_owner_offers_lists_or_withdraws_a_version() {
    on_the_local_node(async |stage| {
        let stranger = stage.trader("stranger", stage.eth()).await?;
        propose(stage, &milder()?).await?;
        let at = factory(stage);
        for signer in [&stranger.signer, &stage.guardian] {
            let list = listRiskProfileCall {
                profile: encoded(&NOVATION_DEFAULT),
            };
            let error: OwnableUnauthorizedAccount = stage.reverts_with(signer, at, &list).await?;
            ensure!(error.account == signer.address());
            for profile in [stricter()?, milder()?] {
                let error: OwnableUnauthorizedAccount =
                    stage.reverts_with(signer, at, &offer(&profile)).await?;
                ensure!(error.account == signer.address());
            }
            let error: OwnableUnauthorizedAccount = stage.reverts_with(signer, at, &CANCEL).await?;
            ensure!(error.account == signer.address());
        }
        Ok(())
    });
}

#[test]
fn a_milder_version_is_refused_before_its_time_and_applied_by_anyone_from_then_on() {
    on_the_local_node(async |stage| {
        let stranger = stage.trader("stranger", stage.eth()).await?;
        let (at, chain) = (factory(stage), stage.protocol.chain());
        let new = milder()?;
        let (effective, offered) = propose(stage, &new).await?;
        ensure!(effective == offered + DELAY);
        // At once, and a second too early: by the owner himself as by anyone.
        for (signer, time) in [
            (&stage.owner, offered + 60),
            (&stranger.signer, effective - 1),
        ] {
            chain.set_next_time(time).await?;
            let error: TooEarly = stage.reverts_with(signer, at, &APPLY).await?;
            ensure!(
                (error.time, error.effectiveAt) == (time, effective),
                "{} {}",
                error.time,
                error.effectiveAt
            );
        }
        apply_at(stage, &stranger.signer, effective).await?;
        let stored = versions(stage).await?;
        ensure!(stored.version == 2 && stored.pending.is_zero() && stored.effectiveAt == 0);
        ensure!((stored.rampStart, stored.rampEnd) == (effective, effective + RAMP));
        let call = riskProfileBytesCall {
            riskProfile: PROFILE,
        };
        ensure!(chain.read(at, &call).await? == encoded(&new));
        // Once.
        let error: NothingPending = stage.reverts_with(&stranger.signer, at, &APPLY).await?;
        ensure!(error.riskProfile == PROFILE);
        Ok(())
    });
}

#[test]
fn a_version_withdrawn_is_gone_and_another_one_waits_anew() {
    on_the_local_node(async |stage| {
        let (at, chain) = (factory(stage), stage.protocol.chain());
        let error: NothingPending = stage.reverts_with(&stage.owner, at, &CANCEL).await?;
        ensure!(error.riskProfile == PROFILE);
        let (first, _) = propose(stage, &milder()?).await?;
        chain.send("cancel", &stage.owner, at, &CANCEL).await?;
        let stored = versions(stage).await?;
        ensure!(stored.version == 1 && stored.pending.is_zero() && stored.effectiveAt == 0);
        // The time of the version that was withdrawn brings nothing into effect.
        stage.warp_to(first).await?;
        let error: NothingPending = stage.reverts_with(&stage.guardian, at, &APPLY).await?;
        ensure!(error.riskProfile == PROFILE);

        // One that waits is replaced by the next, which does not inherit its waiting.
        let (second, _) = propose(stage, &milder()?).await?;
        stage.warp_to(second - 3_600).await?;
        let other = default_with(|profile| profile.maintenance_factor -= 1)?;
        let (third, offered) = propose(stage, &other).await?;
        ensure!(third == offered + DELAY && third > second);
        chain.set_next_time(second).await?;
        let error: TooEarly = stage.reverts_with(&stage.guardian, at, &APPLY).await?;
        ensure!((error.time, error.effectiveAt) == (second, third));
        apply_at(stage, &stage.guardian, third).await?;
        let call = riskProfileBytesCall {
            riskProfile: PROFILE,
        };
        ensure!(chain.read(at, &call).await? == encoded(&other));
        Ok(())
    });
}

#[test]
fn while_accounts_are_on_their_way_no_further_version_takes_effect() {
    on_the_local_node(async |stage| {
        let at = factory(stage);
        // A milder one waits; half a day before its time a stricter one takes effect.
        let (effective, _) = propose(stage, &milder()?).await?;
        calm_until(stage, effective - RAMP / 2).await?;
        let new = stricter()?;
        let chain = stage.protocol.chain();
        chain
            .send("propose", &stage.owner, at, &offer(&new))
            .await?;
        let stored = versions(stage).await?;
        let end = stored.rampEnd;
        ensure!(stored.version == 2 && stored.effectiveAt == effective && end > effective);

        // Another that is stricter still would take effect now: refused. So is the one that has waited.
        let strictest = default_with(|profile| {
            profile.maintenance_factor = 1_000_000_000_000_000_000;
            profile.contingencies.naked_short.both = 30_000_000_000_000_000;
        })?;
        let error: RampUnderway = stage
            .reverts_with(&stage.owner, at, &offer(&strictest))
            .await?;
        ensure!((error.riskProfile, error.rampEnd) == (PROFILE, end));
        for time in [effective, end - 1] {
            chain.set_next_time(time).await?;
            let error: RampUnderway = stage.reverts_with(&stage.guardian, at, &APPLY).await?;
            ensure!((error.riskProfile, error.rampEnd) == (PROFILE, end));
        }
        apply_at(stage, &stage.guardian, end).await?;
        let stored = versions(stage).await?;
        ensure!(stored.version == 3 && stored.rampStart == end && stored.rampEnd == end + RAMP);
        Ok(())
    });
}

#[test]
fn unknown_profiles_and_bytes_that_are_none_are_refused() {
    on_the_local_node(async |stage| {
        let (at, owner) = (factory(stage), &stage.owner);
        for unknown in [0, 99] {
            let propose = proposeRiskProfileCall {
                riskProfile: unknown,
                profile: encoded(&NOVATION_DEFAULT),
            };
            let error: UnknownRiskProfile = stage.reverts_with(owner, at, &propose).await?;
            ensure!(error.riskProfile == unknown);
            let apply = applyRiskProfileCall {
                riskProfile: unknown,
            };
            let error: UnknownRiskProfile = stage.reverts_with(owner, at, &apply).await?;
            ensure!(error.riskProfile == unknown);
        }
        let whole = encoded(&NOVATION_DEFAULT);
        for bytes in [
            Bytes::new(),
            whole.slice(..whole.len() - 1),
            Bytes::from([&whole[..], &[0]].concat()),
            Bytes::from(vec![0xff; whole.len()]),
        ] {
            let given = bytes.len();
            let propose = proposeRiskProfileCall {
                riskProfile: PROFILE,
                profile: bytes,
            };
            let error: MalformedRiskProfile = stage.reverts_with(owner, at, &propose).await?;
            ensure!(
                usize::try_from(error.length)? == given,
                "{} {given}",
                error.length
            );
        }
        Ok(())
    });
}
