//! What else of F-18 and F-19 can go wrong between the keys and the surface, what a publication costs, and the tool that deploys and publishes.

use std::path::Path;

use alloy::primitives::{Address, Bytes, U256, keccak256, uint};
use alloy::signers::local::PrivateKeySigner;
use anyhow::ensure;
use clearing_math::black_scholes::{ForwardInputs, price_forward};
use clearing_math::quotes::Rules;
use end_to_end::stage::key;
use end_to_end::{WAD, on_any_node, on_the_local_node};
use novation::bindings::ISignedQuotes;
use novation::bindings::IVolatilitySurface::{
    InvalidSmile, listSurfaceCall, replacePublisherCall, smileOfCall,
};
use novation::progress::Progress;
use novation::publish::quotes::{ExpiryQuotes, Kind, Quote, Quotes};
use novation::publish::signing::{self, OptionQuotes};
use novation::{publish, quotes_publisher, wasm_build};

use super::{Desk, POINT, RULES};

/// Order of secp256k1.
const ORDER: U256 = uint!(0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141_U256);
const DAY: u64 = 86_400;

fn decimal(price: u128) -> String {
    format!("{}.{:018}", price / WAD, price % WAD)
}

/// As many strikes from 1,500 to 2,700 dollars at a forward of 2,000, a point of volatility to either side of `points`.
fn flat(now: u64, expiry: u64, points: u64, strikes: u64) -> ExpiryQuotes {
    let quote = |index: u64| {
        let strike = 1_500 + 1_200 * index / (strikes - 1);
        let is_call = strike > 2_000;
        let price = |points: u64| {
            let prices = price_forward(&ForwardInputs {
                forward: 2_000 * WAD,
                strike: u128::from(strike) * WAD,
                discount: WAD,
                seconds: expiry - now,
                volatility: u128::from(points * POINT),
            });
            let prices = prices.expect("within the domain");
            decimal(if is_call { prices.call } else { prices.put })
        };
        Quote {
            strike: strike.to_string(),
            kind: if is_call { Kind::Call } else { Kind::Put },
            bid: Some(price(points - 1)),
            ask: price(points + 1),
        }
    };
    ExpiryQuotes {
        expiry: u32::try_from(expiry).expect("a time"),
        forward: "2000".into(),
        rate: 0.0,
        doubt: 0.0,
        quotes: (0..strikes).map(quote).collect(),
        smile: None,
    }
}

fn quotes(now: u64, expiries: Vec<ExpiryQuotes>) -> Quotes {
    Quotes {
        feed: String::new(),
        observed_at: Some(now),
        spot: "2000".into(),
        expiries,
    }
}

#[test]
fn f_18_strangers_twins_other_domains_and_the_future_are_refused() {
    on_any_node(async |stage| {
        let desk = Desk::open(stage).await?;
        let now = stage.now().await?;
        let quotes = quotes(now, vec![flat(now, now + 30 * DAY, 60, 15)]);
        let (owner, at) = (&stage.owner, desk.address);
        let good = desk.call(stage, &quotes, now, 2)?;
        let message = OptionQuotes {
            feed: desk.feed,
            observedAt: good.observedAt,
            spot: good.spot,
            expiries: good.expiries.clone(),
            quotes: good.quotes.clone(),
            deadline: good.deadline,
        };
        let signed = |keys: &[PrivateKeySigner], chain: u64, contract: Address| {
            let domain = signing::quotes_domain(chain, contract);
            let signatures = signing::sign(&message, &domain, keys)?;
            anyhow::Ok(ISignedQuotes::publishCall {
                signatures,
                ..good.clone()
            })
        };
        let chain = stage.protocol.chain().id();
        let stranger = key("a stranger to the desk");
        let mixed = [&desk.keys[..2], std::slice::from_ref(&stranger)].concat();
        let error = stage
            .reverts_with::<ISignedQuotes::UnknownSigner>(owner, at, &signed(&mixed, chain, at)?)
            .await?;
        assert_eq!(error.signer, stranger.address());
        for (chain, contract) in [(chain + 1, at), (chain, stage.protocol.at().surface)] {
            let call = signed(&desk.keys, chain, contract)?;
            let error = stage
                .reverts_with::<ISignedQuotes::UnknownSigner>(owner, at, &call)
                .await?;
            assert!(desk.keys.iter().all(|key| key.address() != error.signer));
        }
        // The same signature with the other s recovers to the same key elsewhere; not here.
        let mut bytes = good.signatures.to_vec();
        let s = ORDER - U256::from_be_slice(&bytes[65 + 32..65 + 64]);
        bytes[65 + 32..65 + 64].copy_from_slice(&s.to_be_bytes::<32>());
        bytes[129] = 27 + 28 - bytes[129];
        let twin = ISignedQuotes::publishCall {
            signatures: Bytes::from(bytes),
            ..good.clone()
        };
        let error = stage
            .reverts_with::<ISignedQuotes::BadSignature>(owner, at, &twin)
            .await?;
        assert_eq!(error.index, U256::from(1));
        let ahead = desk.call(stage, &quotes, now + 3_000, 2)?;
        let error = stage
            .reverts_with::<ISignedQuotes::FutureTimestamp>(owner, at, &ahead)
            .await?;
        assert_eq!(error.timestamp, now + 3_000);
        // None of it stood in the way.
        stage
            .protocol
            .chain()
            .send("publish quotes", owner, at, &good)
            .await?;
        Ok(())
    });
}

#[test]
fn f_19_quotes_that_hold_calendar_arbitrage_leave_what_was_published() {
    on_any_node(async |stage| {
        let desk = Desk::open(stage).await?;
        let (owner, at, chain) = (&stage.owner, desk.address, stage.protocol.chain());
        let now = stage.now().await?;
        let near = quotes(now, vec![flat(now, now + 30 * DAY, 60, 15)]);
        chain
            .send("publish", owner, at, &desk.call(stage, &near, now, 2)?)
            .await?;
        // A day later, at 40 %: total variance falls. Every quote of it agrees with its smile.
        let far = quotes(now, vec![flat(now, now + 31 * DAY, 40, 15)]);
        let call = desk.call(stage, &far, now, 2)?;
        let error = stage.reverts_with::<InvalidSmile>(owner, at, &call).await?;
        assert_eq!(u64::from(error.expiry), now + 31 * DAY);
        assert!(matches!(error.code, 10 | 11), "{}", error.code);
        let of = |expiry: u64| smileOfCall {
            feed: desk.feed,
            publisher: 0,
            expiry: u32::try_from(expiry).expect("a time"),
        };
        let surface = stage.protocol.at().surface;
        assert!(
            !chain
                .read(surface, &of(now + 30 * DAY))
                .await?
                .smile
                .is_zero()
        );
        assert!(
            chain
                .read(surface, &of(now + 31 * DAY))
                .await?
                .smile
                .is_zero()
        );
        Ok(())
    });
}

#[test]
fn gas_of_a_publication_grows_by_its_quotes() {
    on_the_local_node(async |stage| {
        let rules = Rules {
            least_quotes: 5,
            ..RULES
        };
        let desk = Desk::open_with(stage, rules).await?;
        let mut used = Vec::new();
        let expiry = stage.now().await? + 60 * DAY;
        // The first makes the slots.
        for strikes in [5, 5, 15, 30, 60] {
            stage.warp(5).await?;
            let now = stage.now().await?;
            let quotes = quotes(now, vec![flat(now, expiry, 60, strikes)]);
            let call = desk.call(stage, &quotes, now, 2)?;
            let chain = stage.protocol.chain();
            let sent = chain
                .send("publish quotes", &stage.owner, desk.address, &call)
                .await?;
            used.push(sent.gas());
        }
        println!("publication of 5 quotes, the first; then 5, 15, 30, 60: {used:?} gas");
        // A quote is a word of calldata, at most 512, its hash, two volatilities solved and one read.
        let each = (used[4] - used[1]) / 55;
        ensure!((400..2_000).contains(&each), "{each} a quote");
        Ok(())
    });
}

#[test]
fn the_tool_deploys_a_publisher_and_sends_it_lines_of_quotes() {
    on_any_node(async |stage| {
        let (chain, surface) = (stage.protocol.chain(), stage.protocol.at().surface);
        let name = format!("quoted by the tool {}", stage.next_nonce());
        let feed = keccak256(&name);
        let keys: Vec<_> = ["one", "two", "three"].map(key).into();
        let mut options = quotes_publisher::Options {
            deployment: None,
            feed: name.clone(),
            publisher: 1,
            signer: keys.iter().map(PrivateKeySigner::address).collect(),
            threshold: 2,
            least_quotes: 5,
            reach: 1.0,
            max_spread: 5.0,
            tolerance: 1.0,
            max_age: 300,
        };
        let programs = wasm_build::build(&stage.checkout, &Progress::silent())?;
        let deploy = async |options: &quotes_publisher::Options| {
            quotes_publisher::run(options, chain, &stage.owner, &programs, surface).await
        };
        assert!(deploy(&options).await.is_err(), "the feed is not listed");
        let list = listSurfaceCall {
            feed,
            publishers: vec![Address::ZERO],
            quorum: 1,
            maxAge: 3_600,
            ceiling: 200 * POINT,
            maxChangeBps: 0,
        };
        chain.send("list", &stage.owner, surface, &list).await?;
        assert!(deploy(&options).await.is_err(), "there is no such place");
        options.publisher = 0;
        let publisher = deploy(&options).await?;
        let place = replacePublisherCall {
            feed,
            publisher: 0,
            account: publisher,
            signers: Vec::new(),
            threshold: 0,
        };
        chain.send("place", &stage.owner, surface, &place).await?;

        let now = stage.now().await?;
        let expiry = stage.expiries[1];
        let lines = quotes(now, vec![flat(now, expiry.into(), 60, 15)]);
        let path = std::env::temp_dir().join(format!("quotes-{}.jsonl", stage.next_nonce()));
        let mut line = serde_json::to_value(&lines)?;
        line["kind"] = "quotes".into();
        std::fs::write(&path, format!("{line}\n"))?;
        let options = publish::Options {
            input: path.clone(),
            feed: Some(name),
            price_source: None,
            quotes_publisher: Some(publisher),
            surface: Some(surface),
            signer_key_file: Vec::new(),
            valid_for: 300,
            now: false,
            underlying: None,
        };
        let send = async |keys: Vec<PrivateKeySigner>| {
            let sender = stage.owner.clone();
            publish::command::run(&options, chain.clone(), sender, keys, Path::new("none")).await
        };
        assert!(send(keys[..1].to_vec()).await.is_err(), "one key of two");
        let sent = send(keys[1..].to_vec()).await;
        std::fs::remove_file(&path)?;
        sent?;
        let stored = smileOfCall {
            feed,
            publisher: 0,
            expiry,
        };
        let stored = chain.read(surface, &stored).await?;
        assert!(!stored.smile.is_zero());
        Ok(())
    });
}
