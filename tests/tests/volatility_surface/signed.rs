//! F-18: smiles that k of n keys sign.

use alloy::primitives::{Address, B256, Bytes, U256, uint};
use alloy::signers::local::PrivateKeySigner;
use end_to_end::{Stage, on_any_node};
use novation::bindings::IVolatilitySurface::{
    BadSignature, DuplicateSigner, Expired, FutureTimestamp, NotEnoughSigners, UnknownSigner,
    publishSurfaceCall, replacePublisherCall,
};
use novation::publish::signing::{PublishSurface, sign, surface_domain};

use super::{SKEW, list, now, publish, publisher, stored, word};
use clearing_math::surface::PublishedSmile;

/// Order of secp256k1.
const ORDER: U256 = uint!(0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141_U256);

/// Three keys, ascending by address.
fn keys() -> Vec<PrivateKeySigner> {
    let mut keys: Vec<_> = ["one", "two", "three"].map(end_to_end::stage::key).into();
    keys.sort_by_key(PrivateKeySigner::address);
    keys
}

/// A feed of one publisher: two of the three keys.
async fn feed_of_keys(stage: &Stage) -> anyhow::Result<B256> {
    let feed = list(stage, vec![Address::ZERO]).await?;
    let call = replacePublisherCall {
        feed,
        publisher: 0,
        account: Address::ZERO,
        signers: keys().iter().map(PrivateKeySigner::address).collect(),
        threshold: 2,
    };
    let at = stage.protocol.at().surface;
    stage
        .protocol
        .chain()
        .send("name keys", &stage.owner, at, &call)
        .await?;
    Ok(feed)
}

/// The skew, signed by `signers` for a contract and chain.
fn signed(
    feed: B256,
    smile: PublishedSmile,
    deadline: u64,
    signers: &[PrivateKeySigner],
    (chain, contract): (u64, Address),
) -> anyhow::Result<publishSurfaceCall> {
    let message = PublishSurface {
        feed,
        publisher: 0,
        smiles: vec![word(smile)],
        terms: Vec::new(),
        deadline,
    };
    let signatures = sign(&message, &surface_domain(chain, contract), signers)?;
    let PublishSurface { smiles, terms, .. } = message;
    Ok(publishSurfaceCall {
        feed,
        publisher: 0,
        smiles,
        terms,
        deadline,
        signatures,
    })
}

#[test]
fn f_18_smiles_are_taken_from_enough_of_the_right_keys_only() {
    on_any_node(async |stage| {
        let feed = feed_of_keys(stage).await?;
        let (at, chain) = (stage.protocol.at().surface, stage.protocol.chain().id());
        let here = (chain, at);
        let keys = keys();
        let relayer = publisher(stage, "relayer").await?;
        let time = now(stage).await?;
        let deadline = u64::from(time) + 3_600;
        let smile = PublishedSmile {
            expiry: stage.expiries[0],
            published_at: time,
            ..SKEW
        };
        let good = signed(feed, smile, deadline, &keys[..2], here)?;
        let with = |signatures: Bytes| publishSurfaceCall {
            signatures,
            ..good.clone()
        };

        let few = signed(feed, smile, deadline, &keys[..1], here)?;
        let error = stage
            .reverts_with::<NotEnoughSigners>(&relayer, at, &few)
            .await?;
        assert_eq!((error.given, error.needed), (U256::from(1), U256::from(2)));
        stage
            .reverts_with::<NotEnoughSigners>(&relayer, at, &with(Bytes::new()))
            .await?;
        // The owner is nobody here.
        stage
            .reverts_with::<NotEnoughSigners>(&stage.owner, at, &with(Bytes::new()))
            .await?;

        let first = &good.signatures[..65];
        let twice = with([first, first].concat().into());
        let error = stage
            .reverts_with::<DuplicateSigner>(&relayer, at, &twice)
            .await?;
        assert_eq!(error.signer, keys[0].address());

        let stranger = end_to_end::stage::key("stranger");
        let strange = signed(
            feed,
            smile,
            deadline,
            &[keys[1].clone(), stranger.clone()],
            here,
        )?;
        let error = stage
            .reverts_with::<UnknownSigner>(&relayer, at, &strange)
            .await?;
        assert_eq!(error.signer, stranger.address());

        // The same signature with the other s recovers to the same key elsewhere; not here.
        let mut bytes = good.signatures.to_vec();
        let s = ORDER - U256::from_be_slice(&bytes[32..64]);
        bytes[32..64].copy_from_slice(&s.to_be_bytes::<32>());
        bytes[64] = 27 + 28 - bytes[64];
        let error = stage
            .reverts_with::<BadSignature>(&relayer, at, &with(bytes.into()))
            .await?;
        assert_eq!(error.index, U256::ZERO);

        for elsewhere in [(chain + 1, at), (chain, stage.protocol.at().adapter)] {
            let call = signed(feed, smile, deadline, &keys[..2], elsewhere)?;
            stage
                .reverts_with::<UnknownSigner>(&relayer, at, &call)
                .await?;
        }
        // Signed for another feed, or another smile than is sent.
        let other = signed(!feed, smile, deadline, &keys[..2], here)?;
        stage
            .reverts_with::<UnknownSigner>(&relayer, at, &with(other.signatures))
            .await?;
        let altered = PublishedSmile {
            a: SKEW.a + 1,
            ..smile
        };
        let altered = publishSurfaceCall {
            smiles: vec![word(altered)],
            ..good.clone()
        };
        stage
            .reverts_with::<UnknownSigner>(&relayer, at, &altered)
            .await?;

        let late = signed(feed, smile, u64::from(time) - 1, &keys[..2], here)?;
        let error = stage.reverts_with::<Expired>(&relayer, at, &late).await?;
        assert_eq!(error.deadline, u64::from(time) - 1);
        let future = PublishedSmile {
            published_at: time + 3_000,
            ..smile
        };
        let call = signed(feed, future, deadline, &keys[..2], here)?;
        let error = stage
            .reverts_with::<FutureTimestamp>(&relayer, at, &call)
            .await?;
        assert_eq!(error.timestamp, u64::from(time) + 3_000);

        publish(stage, &relayer, &good).await?;
        assert_eq!(stored(stage, feed, 0, smile.expiry).await?, word(smile));
        Ok(())
    });
}

#[test]
fn signed_smiles_that_are_not_newer_are_ignored_so_that_replays_do_nothing() {
    on_any_node(async |stage| {
        let feed = feed_of_keys(stage).await?;
        let here = (stage.protocol.chain().id(), stage.protocol.at().surface);
        let keys = keys();
        let relayer = publisher(stage, "relayer").await?;
        let time = now(stage).await?;
        let deadline = u64::from(time) + 3_600;
        let expiry = stage.expiries[0];
        let first = PublishedSmile {
            expiry,
            published_at: time - 2,
            ..SKEW
        };
        let second = PublishedSmile {
            a: SKEW.a + 1_000_000,
            published_at: time - 1,
            ..first
        };
        let rival = PublishedSmile {
            a: SKEW.a + 2_000_000,
            ..second
        };
        for (smile, kept) in [
            (first, first),
            (second, second),
            (rival, second),
            (first, second),
        ] {
            let call = signed(feed, smile, deadline, &keys[1..], here)?;
            publish(stage, &relayer, &call).await?;
            assert_eq!(stored(stage, feed, 0, expiry).await?, word(kept));
        }
        Ok(())
    });
}
