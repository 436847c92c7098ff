//! `novation publish`, from its JSON lines to what the surface stores.

use std::path::{Path, PathBuf};

use alloy::primitives::{Address, B256, keccak256};
use alloy::signers::local::PrivateKeySigner;
use clearing_math::surface::PublishedSmile;
use end_to_end::stage::key;
use end_to_end::{Stage, on_any_node};
use novation::bindings::IVolatilitySurface::{
    NotEnoughSigners, listSurfaceCall, replacePublisherCall, smileOfCall,
};
use novation::publish::message::{Slice, Surface};
use novation::publish::send::{PublishError, Publisher};
use novation::publish::{self, Options, explain};

/// Lists a surface of one publisher; zero leaves the place to keys.
async fn list(stage: &Stage, publisher: Address) -> anyhow::Result<String> {
    let name = format!("published feed {}", stage.next_nonce());
    let call = listSurfaceCall {
        feed: keccak256(&name),
        publishers: vec![publisher],
        quorum: 1,
        maxAge: 600,
        ceiling: 2_000_000_000_000_000_000,
        maxChangeBps: 0,
    };
    send(stage, &call).await?;
    Ok(name)
}

async fn send<C: alloy::sol_types::SolCall>(stage: &Stage, call: &C) -> anyhow::Result<()> {
    let (chain, at) = (stage.protocol.chain(), stage.protocol.at().surface);
    chain.send("surface rules", &stage.owner, at, call).await?;
    Ok(())
}

/// The stored smile of an expiry; none while it is not there.
async fn stored(stage: &Stage, feed: &str, expiry: u32) -> anyhow::Result<Option<PublishedSmile>> {
    let call = smileOfCall {
        feed: keccak256(feed),
        publisher: 0,
        expiry,
    };
    let chain = stage.protocol.chain();
    let word = chain.read(stage.protocol.at().surface, &call).await?.smile;
    Ok((word != B256::ZERO).then(|| PublishedSmile::from_word(&word).expect("a smile")))
}

fn options(stage: &Stage, input: &Path) -> Options {
    Options {
        input: input.to_owned(),
        feed: None,
        price_source: None,
        quotes_publisher: None,
        surface: Some(stage.protocol.at().surface),
        signer_key_file: Vec::new(),
        valid_for: 300,
        now: true,
        underlying: None,
    }
}

async fn publish_lines(stage: &Stage, sender: PrivateKeySigner, lines: &str) -> anyhow::Result<()> {
    let name = format!(
        "publish-{}-{}.jsonl",
        std::process::id(),
        stage.next_nonce()
    );
    let path: PathBuf = std::env::temp_dir().join(name);
    std::fs::write(&path, lines)?;
    let chain = stage.protocol.chain().clone();
    let outcome = publish::command::run(
        &options(stage, &path),
        chain,
        sender,
        Vec::new(),
        Path::new("none"),
    )
    .await;
    std::fs::remove_file(&path)?;
    outcome
}

#[test]
fn lines_of_a_file_become_what_the_surface_stores() {
    on_any_node(async |stage| {
        let feed = list(stage, stage.owner.address()).await?;
        let [near, far] = stage.expiries;
        let lines = format!(
            "{{\"kind\":\"volatility\",\"feed\":\"{feed}\",\"volatilities\":[{{\"expiry\":{near},\"volatility\":0.5}}]}}\n\n\
             {{\"kind\":\"surface\",\"feed\":\"{feed}\",\"slices\":[{{\"expiry\":{far},\"a\":200000000,\"b\":900000000,\"rho\":-300000000,\"m\":20000000,\"sigma\":240000000}}]}}\n"
        );
        let stranger = key("a stranger to the feed");
        stage.fuel(stranger.address()).await?;
        let error = publish_lines(stage, stranger, &lines)
            .await
            .expect_err("refused");
        assert_eq!(error.to_string(), "2 of 2 updates were refused");
        assert_eq!(stored(stage, &feed, near).await?, None);

        publish_lines(stage, stage.owner.clone(), &lines).await?;
        let flat = stored(stage, &feed, near).await?.expect("the flat one");
        assert_eq!((flat.a, flat.b), (250_000_000, 0));
        let skew = stored(stage, &feed, far).await?.expect("the slice");
        assert_eq!(
            (skew.a, skew.b, skew.rho),
            (200_000_000, 900_000_000, -300_000_000)
        );
        assert!(u64::from(skew.published_at) <= stage.now().await?);
        Ok(())
    });
}

#[test]
fn as_many_keys_as_must_agree_publish_and_fewer_are_told_so() {
    on_any_node(async |stage| {
        let feed = list(stage, Address::ZERO).await?;
        let mut keys: Vec<_> = ["first", "second", "third"].map(key).into();
        let mut signers: Vec<Address> = keys.iter().map(PrivateKeySigner::address).collect();
        signers.sort_unstable();
        let call = replacePublisherCall {
            feed: keccak256(&feed),
            publisher: 0,
            account: Address::ZERO,
            signers,
            threshold: 2,
        };
        send(stage, &call).await?;
        let expiry = stage.expiries[1];
        let surface = Surface {
            feed: feed.clone(),
            publisher: 0,
            published_at: 0,
            spot: None,
            slices: vec![Slice {
                expiry,
                a: 360_000_000,
                b: 0,
                rho: 0,
                m: 0,
                sigma: 1_000_000_000,
                published_at: 0,
                forward: None,
                rate: 0.0,
                doubt: 0.0,
            }],
        };
        let at = stage.protocol.at().surface;
        let mut publisher = Publisher {
            chain: stage.protocol.chain().clone(),
            sender: stage.owner.clone(),
            keys: keys.split_off(2),
            valid_for: 300,
        };
        let Err(PublishError::Chain(few)) = publisher.surface(at, &surface, true).await else {
            anyhow::bail!("one key of two was enough");
        };
        assert!(few.is::<NotEnoughSigners>());
        assert!(explain(&few).is_some_and(|meaning| meaning.contains("--signer-key-file")));
        // In whatever order they are given.
        publisher.keys.extend(keys.pop());
        publisher.surface(at, &surface, true).await?;
        assert_eq!(
            stored(stage, &feed, expiry).await?.expect("stored").a,
            360_000_000
        );
        Ok(())
    });
}
