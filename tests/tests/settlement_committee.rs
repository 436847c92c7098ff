//! The third step of the settlement ladder: what k of n keys attest, who can dispute it and until when, and what is settled by it.

use alloy::primitives::{Address, B256, Bytes, U256};
use alloy::signers::local::PrivateKeySigner;
use alloy::sol_types::SolEvent;
use anyhow::{Context, ensure};
use clearing_math::leg::OptionKind;
use end_to_end::stage::key;
use end_to_end::{Pool, Stage, USDC, WAD, on_any_node, on_the_local_node};
use novation::bindings::IOracleAdapter::{
    InsufficientSamples, SettlementPriceFixed, Source, listingCall,
};
use novation::bindings::ISettlementCommittee::{
    DisputeClosed, NotExpired, NotMoreSigners, UnknownSigner, attestCall, attestationCall,
    signerSetCall,
};
use novation::per_feed::deploy_settlement_committee;
use novation::progress::Progress;
use novation::publish::signing::{self, Attestation};
use novation::wasm_build;

use crate::faults::pool::pool_with;

/// How long an attestation may be disputed, seconds.
pub const DISPUTE: u64 = 21_600;

/// Five keys, three of whom must sign.
pub struct Committee {
    pub address: Address,
    /// Ascending by address.
    pub keys: Vec<PrivateKeySigner>,
}

impl Committee {
    /// Deploys it and has the stage watch its storage.
    pub async fn open(stage: &Stage) -> anyhow::Result<Self> {
        let mut keys: Vec<_> = (0..5)
            .map(|index| key(&format!("committee {index}")))
            .collect();
        keys.sort_unstable_by_key(PrivateKeySigner::address);
        let programs = wasm_build::build(&stage.checkout, &Progress::silent())?;
        let signers: Vec<_> = keys.iter().map(PrivateKeySigner::address).collect();
        let chain = stage.protocol.chain();
        let deployed =
            deploy_settlement_committee(chain, &stage.owner, &programs, &signers, 3).await?;
        stage.watch(deployed.address);
        Ok(Self {
            address: deployed.address,
            keys,
        })
    }

    /// As a source of a feed.
    pub fn source(&self) -> Source {
        Source {
            account: self.address,
            kind: 6,
            maxAge: 1,
            origin: B256::repeat_byte(6),
            id: B256::ZERO,
        }
    }

    /// `dollars` for an expiry, signed by `keys`, good for an hour.
    pub async fn attestation(
        &self,
        stage: &Stage,
        pool: &Pool,
        expiry: u32,
        dollars: u128,
        keys: &[PrivateKeySigner],
    ) -> anyhow::Result<attestCall> {
        let message = Attestation {
            feed: pool.feed,
            expiry,
            price: U256::from(dollars * WAD),
            deadline: stage.now().await? + 3_600,
        };
        let domain = signing::committee_domain(stage.protocol.chain().id(), self.address);
        Ok(attestCall {
            feed: message.feed,
            expiry,
            price: message.price,
            deadline: message.deadline,
            signatures: signing::sign(&message, &domain, keys)?,
        })
    }

    /// Submits it; when it is final.
    pub async fn attest(&self, stage: &Stage, call: &attestCall) -> anyhow::Result<u64> {
        let chain = stage.protocol.chain();
        let sent = chain
            .send("attest", &stage.owner, self.address, call)
            .await?;
        Ok(sent.value)
    }
}

/// Fixes the price of an expiry; the price in whole dollars, and the step that gave it.
pub async fn fix(stage: &Stage, pool: &Pool, expiry: u32) -> anyhow::Result<(u128, u8)> {
    let sent = stage
        .protocol
        .fix_settlement_price(&stage.owner, pool.feed, expiry)
        .await?;
    let event = sent
        .receipt
        .logs()
        .iter()
        .find_map(|log| SettlementPriceFixed::decode_log(&log.inner).ok())
        .context("the price is announced")?;
    ensure!(event.price == sent.value && event.feed == pool.feed && event.expiry == expiry);
    Ok((u128::try_from(event.price / U256::from(WAD))?, event.step))
}

fn fix_call(
    pool: &Pool,
    expiry: u32,
) -> novation::bindings::IOracleAdapter::fixSettlementPriceCall {
    novation::bindings::IOracleAdapter::fixSettlementPriceCall {
        feed: pool.feed,
        expiry,
    }
}

#[test]
fn a_committee_is_listed_and_shown_last_with_its_origin() {
    on_any_node(async |stage| {
        let committee = Committee::open(stage).await?;
        let chain = stage.protocol.chain();
        let set = chain.read(committee.address, &signerSetCall {}).await?;
        let signers: Vec<_> = committee.keys.iter().map(|key| key.address()).collect();
        assert_eq!((set.signers, set.threshold), (signers, 3));
        let pool = pool_with(stage, vec![committee.source()]).await?;
        let call = listingCall { feed: pool.feed };
        let listing = chain.read(stage.protocol.at().adapter, &call).await?;
        let (last, sources) = listing.sources.split_last().context("sources")?;
        assert_eq!(*last, committee.source());
        assert_eq!(sources.len(), pool.venues.len());
        for (source, venue) in sources.iter().zip(&pool.venues) {
            assert_eq!((source.account, source.kind), (venue.source, 0));
            assert!(!source.origin.is_zero());
        }
        assert_eq!(listing.rules.quorum, 3);
        Ok(())
    });
}

#[test]
fn f_23_a_forged_attestation_is_unknown_and_a_dispute_after_the_window_is_closed() {
    on_the_local_node(async |stage| {
        let committee = Committee::open(stage).await?;
        let pool = pool_with(stage, vec![committee.source()]).await?;
        let expiry = stage.expiries[0];
        let (owner, at, keys) = (&stage.owner, committee.address, &committee.keys);
        let early = committee
            .attestation(stage, &pool, expiry, 2_000, &keys[..3])
            .await?;
        let error: NotExpired = stage.reverts_with(owner, at, &early).await?;
        ensure!(error.expiry == expiry);
        stage.warp_to(u64::from(expiry)).await?;
        let outsiders: Vec<_> = (0..3)
            .map(|index| key(&format!("forger {index}")))
            .collect();
        let forged = committee
            .attestation(stage, &pool, expiry, 9_000, &outsiders)
            .await?;
        let error: UnknownSigner = stage.reverts_with(owner, at, &forged).await?;
        ensure!(outsiders.iter().any(|key| key.address() == error.signer));

        // Three of five attest 9,000, four outvote them, as many cannot.
        let wrong = committee
            .attestation(stage, &pool, expiry, 9_000, &keys[..3])
            .await?;
        let final_at = committee.attest(stage, &wrong).await?;
        ensure!(final_at == stage.now().await? + DISPUTE);
        let right = committee
            .attestation(stage, &pool, expiry, 2_010, &keys[1..])
            .await?;
        ensure!(committee.attest(stage, &right).await? == final_at);
        let again = committee
            .attestation(stage, &pool, expiry, 9_000, &keys[..4])
            .await?;
        let error: NotMoreSigners = stage.reverts_with(owner, at, &again).await?;
        ensure!((error.given, error.needed) == (U256::from(4), U256::from(5)));

        // The adapter waits for the end of the window, and then nobody disputes, not all five.
        let adapter = stage.protocol.at().adapter;
        stage.warp_to(final_at - 2).await?;
        let _: InsufficientSamples = stage
            .reverts_with(owner, adapter, &fix_call(&pool, expiry))
            .await?;
        stage.warp_to(final_at).await?;
        let late = committee
            .attestation(stage, &pool, expiry, 9_000, keys)
            .await?;
        let error: DisputeClosed = stage.reverts_with(owner, at, &late).await?;
        ensure!(error.finalAt == final_at && error.time >= final_at);
        ensure!(fix(stage, &pool, expiry).await? == (2_010, 3));
        let _: DisputeClosed = stage.reverts_with(owner, at, &late).await?;
        let stands = attestationCall {
            feed: pool.feed,
            expiry,
        };
        let stands = stage.protocol.chain().read(at, &stands).await?;
        ensure!(stands.price == U256::from(2_010 * WAD));
        Ok(())
    });
}

#[test]
fn f_22_thin_samples_leave_the_price_to_the_committee_within_their_extremes() {
    on_the_local_node(async |stage| {
        let committee = Committee::open(stage).await?;
        let pool = pool_with(stage, vec![committee.source()]).await?;
        let (far, keys) = (stage.expiries[1], &committee.keys);
        let writer = stage.funded("writer", &pool, 9_000 * USDC).await?;
        let holder = stage.funded("holder", &pool, 9_000 * USDC).await?;
        let series = stage.series(&pool, far, 2_000, OptionKind::Call).await?;
        stage
            .agree(&holder, &writer, series, WAD, 130 * USDC)
            .await?;
        for (at, dollars) in [(-90_i64, 2_040), (30, 2_060)] {
            stage
                .warp_to(u64::from(far).saturating_add_signed(at))
                .await?;
            stage.set_price(&pool, dollars * WAD).await?;
            stage
                .protocol
                .record_sample(&stage.owner, pool.feed, far)
                .await?;
        }
        let first = committee
            .attestation(stage, &pool, far, 2_061, &keys[..3])
            .await?;
        let final_at = committee.attest(stage, &first).await?;
        stage.warp_to(final_at).await?;
        // Final, but beyond what the chain recorded: not believed, and the ladder goes on without it.
        let (owner, adapter) = (&stage.owner, stage.protocol.at().adapter);
        let thin: InsufficientSamples = stage
            .reverts_with(owner, adapter, &fix_call(&pool, far))
            .await?;
        ensure!((thin.given, thin.needed) == (U256::from(2), U256::from(6)));
        // A day later the median counts, up to the same extremes.
        stage.warp_to(u64::from(far) + 86_400).await?;
        stage.set_price(&pool, 2_500 * WAD).await?;
        ensure!(fix(stage, &pool, far).await? == (2_060, 4));
        for who in [&writer, &holder] {
            stage.protocol.settle(owner, who.account, far).await?;
        }
        let before = stage.protocol.account_state(holder.account).await?.cash;
        stage.protocol.claim(owner, holder.account, far).await?;
        let after = stage.protocol.account_state(holder.account).await?.cash;
        ensure!(after - before == U256::from(60 * USDC), "{before} {after}");
        Ok(())
    });
}

#[test]
fn an_attestation_that_nobody_signed_in_full_changes_nothing() {
    on_any_node(async |stage| {
        let committee = Committee::open(stage).await?;
        let call = attestCall {
            feed: stage.eth().feed,
            expiry: u32::try_from(stage.now().await?)? - 60,
            price: U256::from(WAD),
            deadline: u64::MAX,
            signatures: Bytes::new(),
        };
        let error: novation::bindings::ISettlementCommittee::NotEnoughSigners = stage
            .reverts_with(&stage.owner, committee.address, &call)
            .await?;
        assert_eq!((error.given, error.needed), (U256::ZERO, U256::from(3)));
        Ok(())
    });
}
