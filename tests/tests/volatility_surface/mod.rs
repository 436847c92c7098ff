//! The volatility surface on the node: what is refused, what keys must sign, what a minority of liars can do, and what a read costs.

mod liars;
mod reading_gas;
mod refusals;
mod signed;
mod stale;

use alloy::primitives::{Address, B256, Bytes, keccak256};
use alloy::signers::local::PrivateKeySigner;
use clearing_math::surface::PublishedSmile;
use end_to_end::Stage;
use novation::bindings::IVolatilitySurface::{
    expiriesOfCall, listSurfaceCall, publishSurfaceCall, smileOfCall,
};

/// A skew around 65 %, stamped at publication; its expiry is filled in.
const SKEW: PublishedSmile = PublishedSmile {
    a: 200_000_000,
    b: 900_000_000,
    rho: -300_000_000,
    m: 20_000_000,
    sigma: 240_000_000,
    expiry: 0,
    published_at: 0,
};
/// Age up to which smiles are fresh, seconds.
const MAX_AGE: u32 = 600;
/// 200 %.
const CEILING: u64 = 2_000_000_000_000_000_000;

fn word(smile: PublishedSmile) -> B256 {
    B256::new(smile.to_word())
}

/// A flat volatility in percent, stamped at publication.
fn flat(percent: u64, expiry: u32) -> B256 {
    let smile = PublishedSmile::flat(percent * 10_000_000_000_000_000, expiry, 0);
    word(smile.expect("within bounds"))
}

/// Lists a new feed on the surface; any change is allowed.
async fn list(stage: &Stage, publishers: Vec<Address>) -> anyhow::Result<B256> {
    let feed = keccak256(format!("surface {}", stage.next_nonce()));
    let call = listSurfaceCall {
        feed,
        publishers,
        quorum: 0,
        maxAge: MAX_AGE,
        ceiling: CEILING,
        maxChangeBps: 0,
    };
    let at = stage.protocol.at().surface;
    stage
        .protocol
        .chain()
        .send("list surface", &stage.owner, at, &call)
        .await?;
    Ok(feed)
}

/// A publication that its sender answers for.
fn publication(feed: B256, publisher: u8, smiles: Vec<B256>) -> publishSurfaceCall {
    publishSurfaceCall {
        feed,
        publisher,
        smiles,
        terms: Vec::new(),
        deadline: 0,
        signatures: Bytes::new(),
    }
}

/// Publishes and returns the gas.
async fn publish(
    stage: &Stage,
    signer: &PrivateKeySigner,
    call: &publishSurfaceCall,
) -> anyhow::Result<u64> {
    let at = stage.protocol.at().surface;
    let sent = stage
        .protocol
        .chain()
        .send("publish surface", signer, at, call)
        .await?;
    Ok(sent.gas())
}

async fn stored(stage: &Stage, feed: B256, publisher: u8, expiry: u32) -> anyhow::Result<B256> {
    let call = smileOfCall {
        feed,
        publisher,
        expiry,
    };
    let at = stage.protocol.at().surface;
    Ok(stage.protocol.chain().read(at, &call).await?.smile)
}

async fn expiries(stage: &Stage, feed: B256, publisher: u8) -> anyhow::Result<Vec<u32>> {
    let at = stage.protocol.at().surface;
    Ok(stage
        .protocol
        .chain()
        .read(at, &expiriesOfCall { feed, publisher })
        .await?)
}

/// The present second as smiles have it.
async fn now(stage: &Stage) -> anyhow::Result<u32> {
    Ok(u32::try_from(stage.now().await?)?)
}

/// A funded key that holds nothing else.
async fn publisher(stage: &Stage, name: &str) -> anyhow::Result<PrivateKeySigner> {
    let signer = end_to_end::stage::key(name);
    stage.fuel(signer.address()).await?;
    Ok(signer)
}
