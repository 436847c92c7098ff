//! Option quotes that k of n keys sign, from the compiled program to the surface: a real chain becomes a smile within bid and offer; rows F-18 to F-20 where
//! prices are published instead of volatilities.

mod refusals;

use alloy::primitives::{Address, B256, Bytes, U256, keccak256};
use alloy::signers::local::PrivateKeySigner;
use anyhow::{Context, ensure};
use clearing_math::quotes::Rules;
use clearing_math::surface::PublishedSmile;
use end_to_end::stage::key;
use end_to_end::{Stage, on_any_node, on_the_local_node};
use novation::bindings::ISignedQuotes::{self, impliedVolatilitiesCall, latestOfCall, publishCall};
use novation::bindings::IVolatilitySurface::{listSurfaceCall, smileOfCall, volatilityCall};
use novation::per_feed::{SignedQuotesTerms, deploy_signed_quotes};
use novation::progress::Progress;
use novation::publish::quotes::{ExpiryQuotes, Kind, Quote, Quotes};
use novation::publish::send::Publisher;
use novation::publish::signing::{self, OptionQuotes};
use novation::wasm_build;

/// One volatility point, WAD.
const POINT: u64 = 10_000_000_000_000_000;
/// Eight quotes, no wider than twelve points, over a deviation to either side; the smile at most two points outside of one.
const RULES: Rules = Rules {
    least_quotes: 8,
    reach: 10_000,
    max_spread: 12 * POINT,
    tolerance: 2 * POINT,
};
/// Seconds that quotes may be old.
const MAX_AGE: u32 = 600;
/// Seen on 2020-05-21, expiring on 2020-06-26.
const CHAIN: &str = "../shared/data/options/deribit_btc_2020-05-21_full_greeks.csv";
const EXPIRING: &str = "BTC-26JUN20-";

/// A publisher whose quotes two of three keys sign.
struct Desk {
    address: Address,
    feed: B256,
    /// Ascending by address.
    keys: Vec<PrivateKeySigner>,
    rules: Rules,
}

impl Desk {
    async fn open(stage: &Stage) -> anyhow::Result<Self> {
        Self::open_with(stage, RULES).await
    }

    async fn open_with(stage: &Stage, rules: Rules) -> anyhow::Result<Self> {
        let mut keys: Vec<_> = ["one", "two", "three"].map(key).into();
        keys.sort_unstable_by_key(PrivateKeySigner::address);
        let feed = keccak256(format!("quoted feed {}", stage.next_nonce()));
        let terms = SignedQuotesTerms {
            feed,
            publisher: 0,
            signers: keys.iter().map(PrivateKeySigner::address).collect(),
            threshold: 2,
            rules,
            max_age: MAX_AGE,
        };
        let programs = wasm_build::build(&stage.checkout, &Progress::silent())?;
        let (chain, surface) = (stage.protocol.chain(), stage.protocol.at().surface);
        let deployed =
            deploy_signed_quotes(chain, &stage.owner, &programs, surface, &terms).await?;
        stage.watch(deployed.address);
        let list = listSurfaceCall {
            feed,
            publishers: vec![deployed.address],
            quorum: 1,
            maxAge: 3_600,
            ceiling: 2_000_000_000_000_000_000,
            maxChangeBps: 0,
        };
        chain
            .send("list surface", &stage.owner, surface, &list)
            .await?;
        Ok(Self {
            address: deployed.address,
            feed,
            keys,
            rules,
        })
    }

    /// What the tool would send of quotes seen at a time: signed by the first `count` keys, a smile fitted.
    fn call(
        &self,
        stage: &Stage,
        quotes: &Quotes,
        observed_at: u64,
        count: usize,
    ) -> anyhow::Result<publishCall> {
        let signable = quotes.signable(observed_at, &self.rules)?;
        ensure!(signable.left_out.is_empty(), "{:?}", signable.left_out);
        let message = OptionQuotes {
            feed: self.feed,
            observedAt: observed_at,
            spot: signable.spot,
            expiries: signable.expiries,
            quotes: signable.quotes,
            deadline: observed_at + 3_600,
        };
        let domain = signing::quotes_domain(stage.protocol.chain().id(), self.address);
        Ok(publishCall {
            signatures: signing::sign(&message, &domain, &self.keys[..count])?,
            observedAt: message.observedAt,
            spot: message.spot,
            expiries: message.expiries,
            quotes: message.quotes,
            smiles: signable.smiles,
            deadline: message.deadline,
        })
    }
}

/// Quotes out of the money of the real chain, at most `most` of them, as if they were of now; none when the data are not there.
fn real_quotes(stage: &Stage, now: u64, most: usize) -> anyhow::Result<Option<Quotes>> {
    let path = stage.checkout.root().join(CHAIN);
    if !path.exists() {
        println!("not run: {} is not there", path.display());
        return Ok(None);
    }
    let mut rows = csv::Reader::from_path(&path)?;
    let headers = rows.headers()?.clone();
    let column = |name: &str| {
        headers
            .iter()
            .position(|header| header == name)
            .context("column")
    };
    let [name, kind, strike, forward, bid, ask, seen, until, spot] = [
        "instrument_name",
        "option_type",
        "strike",
        "underlying_price",
        "best_bid_price",
        "best_ask_price",
        "timestamp",
        "expiration_timestamp",
        "index_price",
    ]
    .map(column);
    let (name, kind, strike, forward) = (name?, kind?, strike?, forward?);
    let (bid, ask, seen, until, spot) = (bid?, ask?, seen?, until?, spot?);
    let mut quotes: Vec<(f64, Quote)> = Vec::new();
    let (mut future, mut index, mut seconds) = (0.0, 0.0, 0);
    for row in rows.records() {
        let row = row?;
        if !row[name].starts_with(EXPIRING) {
            continue;
        }
        let number = |column: usize| row[column].parse::<f64>().unwrap_or(0.0);
        if future == 0.0 {
            (future, index) = (number(forward), number(spot));
            seconds = (number(until) - number(seen)) as u64 / 1_000;
        }
        let is_call = &row[kind] == "call";
        // Out of the money, with both sides: what is traded. Prices in coins.
        if is_call != (number(strike) > future) || number(bid) == 0.0 || number(ask) == 0.0 {
            continue;
        }
        let dollars = |coins: f64| format!("{:.6}", coins * number(forward));
        let quote = Quote {
            strike: format!("{}", number(strike)),
            kind: if is_call { Kind::Call } else { Kind::Put },
            bid: Some(dollars(number(bid))),
            ask: dollars(number(ask)),
        };
        quotes.push((number(strike), quote));
    }
    quotes.sort_by(|(one, _), (other, _)| one.total_cmp(other));
    // Nearest to the forward, on both sides alike.
    let nearest = |strike: f64| (strike / future).ln().abs();
    let mut reach: Vec<f64> = quotes.iter().map(|(strike, _)| nearest(*strike)).collect();
    reach.sort_by(f64::total_cmp);
    let farthest = reach[most.min(reach.len()) - 1];
    quotes.retain(|(strike, _)| nearest(*strike) <= farthest);
    Ok(Some(Quotes {
        feed: String::new(),
        observed_at: Some(now),
        spot: format!("{index:.6}"),
        expiries: vec![ExpiryQuotes {
            expiry: u32::try_from(now + seconds)?,
            forward: format!("{future:.6}"),
            rate: 0.0,
            doubt: 0.0,
            quotes: quotes.into_iter().map(|(_, quote)| quote).collect(),
            smile: None,
        }],
    }))
}

#[test]
fn a_real_chain_becomes_a_smile_within_the_bids_and_offers_of_all_its_quotes() {
    on_the_local_node(async |stage| {
        let desk = Desk::open(stage).await?;
        let (chain, surface) = (stage.protocol.chain(), stage.protocol.at().surface);
        let Some(first) = real_quotes(stage, stage.now().await?, 64)? else {
            return Ok(());
        };
        for most in [10, 15, 20, 64] {
            let now = stage.now().await?;
            let mut quotes = real_quotes(stage, now, most)?.context("there a moment ago")?;
            // Of one expiry, seconds later.
            quotes.expiries[0].expiry = first.expiries[0].expiry;
            let publisher = Publisher {
                chain: chain.clone(),
                sender: stage.owner.clone(),
                keys: desk.keys[1..].to_vec(),
                valid_for: 300,
            };
            let sent = publisher.quotes(desk.address, &quotes, false).await;
            if most == 10 {
                // The ten nearest reach 0.87 deviations: they decide nothing.
                let refused = sent.err().context("taken")?.to_string();
                ensure!(refused.contains("TooNarrow"), "{refused}");
                continue;
            }
            let sent = sent?;
            ensure!(sent.value.is_empty(), "{:?}", sent.value);
            let ([of], expiry) = (&quotes.expiries[..], quotes.expiries[0].expiry) else {
                anyhow::bail!("one expiry");
            };
            let latest = latestOfCall { expiry };
            let latest = chain.read(desk.address, &latest).await?;
            println!(
                "publish {} quotes: {} gas; {} firm, largest miss {} of 10,000",
                of.quotes.len(),
                sent.gas(),
                latest.firmQuotes,
                latest.missBps
            );
            ensure!(latest.observedAt == now && latest.firmQuotes >= 8);

            // The surface's volatility at every strike, against the chain's own of bid and offer.
            let (quoted, options) = of.read()?;
            let words = options.iter().map(|quote| B256::from(quote.to_word()));
            let bands = impliedVolatilitiesCall {
                observedAt: now,
                expiry: quoted.to_word().into(),
                quotes: words.collect(),
            };
            let bands = chain.read(desk.address, &bands).await?;
            for ((quote, bid), ask) in options.iter().zip(&bands.bids).zip(&bands.asks) {
                let call = volatilityCall {
                    feed: desk.feed,
                    expiry,
                    forward: U256::from(quoted.forward),
                    strike: U256::from(quote.strike_wad()),
                };
                let found = chain.read(surface, &call).await?;
                ensure!(!found.stale);
                let (low, high) = (bid - RULES.tolerance, ask + RULES.tolerance);
                ensure!(
                    (low..=high).contains(&found.value),
                    "strike {}: {} outside of {low} to {high}",
                    quote.strike,
                    found.value
                );
            }
            stage.warp(5).await?;
        }
        Ok(())
    });
}

#[test]
fn f_18_to_f_20_quotes_that_are_not_signed_old_or_missed_change_nothing() {
    on_any_node(async |stage| {
        let desk = Desk::open(stage).await?;
        let now = stage.now().await?;
        let Some(quotes) = real_quotes(stage, now, 64)? else {
            return Ok(());
        };
        let (owner, at) = (&stage.owner, desk.address);
        // F-18.
        let one = desk.call(stage, &quotes, now, 1)?;
        let few = stage
            .reverts_with::<ISignedQuotes::NotEnoughSigners>(owner, at, &one)
            .await?;
        ensure!((few.given, few.needed) == (U256::from(1), U256::from(2)));
        let good = desk.call(stage, &quotes, now, 2)?;
        let mut twice = good.clone();
        twice.signatures = [&good.signatures[..65], &good.signatures[..65]]
            .concat()
            .into();
        stage
            .reverts_with::<ISignedQuotes::DuplicateSigner>(owner, at, &twice)
            .await?;
        let mut other = good.clone();
        other.spot += 1;
        stage
            .reverts_with::<ISignedQuotes::UnknownSigner>(owner, at, &other)
            .await?;
        let mut short = good.clone();
        short.signatures = Bytes::copy_from_slice(&good.signatures[..129]);
        ensure!(stage.protocol.chain().read(at, &short).await.is_err());
        let mut late = good.clone();
        late.deadline = now - 1;
        stage
            .reverts_with::<ISignedQuotes::Expired>(owner, at, &late)
            .await?;

        // F-20: a volatility nobody quotes. F-19: one that holds arbitrage, refused by the proof of the surface.
        let smile = PublishedSmile::from_word(&good.smiles[0].0).expect("a smile");
        let mut dearer = good.clone();
        let raised = PublishedSmile {
            a: smile.a + 400_000_000,
            ..smile
        };
        dearer.smiles[0] = raised.to_word().into();
        let missed = stage
            .reverts_with::<ISignedQuotes::SmileMissesQuote>(owner, at, &dearer)
            .await?;
        ensure!(missed.given > missed.high && missed.low < missed.high);
        let mut malformed = good.clone();
        let reversed = PublishedSmile {
            rho: 1_000_000_000,
            ..smile
        };
        malformed.smiles[0] = reversed.to_word().into();
        stage
            .reverts_with::<ISignedQuotes::InvalidSmile>(owner, at, &malformed)
            .await?;

        // Accepted once; the same smile again is no better; an older observation is stale.
        let chain = stage.protocol.chain();
        chain.send("publish quotes", owner, at, &good).await?;
        let stored = smileOfCall {
            feed: desk.feed,
            publisher: 0,
            expiry: quotes.expiries[0].expiry,
        };
        let stored = chain.read(stage.protocol.at().surface, &stored).await?;
        ensure!(stored.smile == good.smiles[0], "{}", stored.smile);
        stage
            .reverts_with::<ISignedQuotes::WorseSmile>(owner, at, &good)
            .await?;
        let older = desk.call(stage, &quotes, now - 1, 2)?;
        let stale = stage
            .reverts_with::<ISignedQuotes::StaleQuotes>(owner, at, &older)
            .await?;
        ensure!((stale.observedAt, stale.earliest) == (now - 1, now));
        Ok(())
    });
}
