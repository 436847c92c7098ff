//! Gas of a margin call as a contract that has just made one meets it: programs kept by the chain, storage and market data warm. The engine's own
//! frame and its model's are told from those of factory and adapter.

use alloy::primitives::{Address, B256, Bytes, I256, U256, address, hex, keccak256};
use alloy::providers::Provider;
use alloy::signers::local::PrivateKeySigner;
use alloy::sol_types::SolCall;
use anyhow::{Context, ensure};
use clearing_math::leg::{Leg, OptionKind};
use clearing_math::surface::PublishedSmile;
use end_to_end::gas::Report;
use end_to_end::stage::{key, strike};
use end_to_end::{Stage, WAD};
use novation::bindings::{IArbWasmCache, IMarginEngine, IVolatilitySurface};
use serde_json::{Value, json};

const ARB_WASM_CACHE: Address = address!("0000000000000000000000000000000000000072");
/// Where a trace finds [`TWICE`]; nothing is deployed.
const CALLER: Address = address!("00000000000000000000000000000000000c0de2");
/// Calls the address in its first 20 bytes of calldata with the rest of it, twice, and answers whether both went well.
const TWICE: &str =
    "0x601436038060145f375f5f825f5f3560601c5afa5f5f835f5f3560601c5afa165f5260205ff3";
/// Legs measured; the engine takes no more than the last.
const LEGS: [u64; 3] = [1, 16, 128];
/// Changes the default profile answers: 33 scenarios and two moves of the basis.
const CHANGES: usize = 33 + 2;
const EXPIRIES: u32 = 4;
const WEEK: u32 = 604_800;

/// Gas of the second of two calls.
struct Frame {
    /// The engine's own and its model's: entry, decoding, arithmetic.
    own: u64,
    /// Of it, the model's.
    model: u64,
    /// With factory and adapter.
    whole: u64,
}

/// Notes what the call costs with 1, 16 and 128 legs over four expiries, at smiles of three publishers, under the 33 scenarios of the default
/// profile.
pub(crate) async fn measure(stage: &Stage, figures: &mut Report) -> anyhow::Result<()> {
    let owners = ["frame a", "frame b", "frame c"].map(key);
    let (pool, expiries) = open(stage, &owners).await?;
    keep_programs(stage, true).await?;
    let scenarios = IMarginEngine::scenarioPnlCall {
        pool,
        legs: legs(1, &expiries),
        base: U256::ZERO,
    };
    let (chain, engine) = (stage.protocol.chain(), stage.protocol.at().engine);
    ensure!(chain.read(engine, &scenarios).await?.len() == CHANGES);
    for count in LEGS {
        let frame = second_call(stage, pool, legs(count, &expiries)).await?;
        println!(
            "margin, {count} legs: own {}, of it the model {}, whole {}",
            frame.own, frame.model, frame.whole
        );
        figures.insert(format!("margin own frame, legs {count:>3}"), frame.own);
        figures.insert(
            format!("margin warm, all frames, legs {count:>3}"),
            frame.whole,
        );
    }
    // Every other figure of the report is without.
    keep_programs(stage, false).await
}

/// A pool on a feed of three venues and three publishers, each with a smile that is none of the others'.
async fn open(
    stage: &Stage,
    publishers: &[PrivateKeySigner; 3],
) -> anyhow::Result<(u32, Vec<u32>)> {
    let (chain, at, eth) = (stage.protocol.chain(), stage.protocol.at(), stage.eth());
    let feed = keccak256("gas of margin frames");
    let listing = stage.feed_terms(feed, &eth.venues[..3], eth.spot);
    stage.protocol.list_feed(&stage.owner, &listing).await?;
    let surface = IVolatilitySurface::listSurfaceCall {
        feed,
        publishers: publishers.iter().map(|key| key.address()).collect(),
        quorum: 2,
        maxAge: 7_200,
        ceiling: 2_000_000_000_000_000_000,
        maxChangeBps: 0,
    };
    chain
        .send("list surface", &stage.owner, at.surface, &surface)
        .await?;
    let near = stage.expiries[0];
    let expiries: Vec<u32> = (0..EXPIRIES).map(|week| near + week * WEEK).collect();
    for (index, publisher) in (0_u8..).zip(publishers) {
        stage.fuel(publisher.address()).await?;
        let smile = |expiry: &u32| {
            let smile = PublishedSmile {
                a: 200_000_000 + 5_000_000 * i64::from(index),
                b: 100_000_000,
                rho: -300_000_000,
                m: 20_000_000,
                sigma: 200_000_000,
                expiry: *expiry,
                published_at: 0,
            };
            B256::from(smile.to_word())
        };
        let call = IVolatilitySurface::publishSurfaceCall {
            feed,
            publisher: index,
            smiles: expiries.iter().map(smile).collect(),
            terms: Vec::new(),
            deadline: 0,
            signatures: Bytes::new(),
        };
        chain
            .send("publish smiles", publisher, at.surface, &call)
            .await?;
    }
    let terms = stage.pool_terms(stage.usdc, eth.base, feed);
    let pool = stage.protocol.list_pool(&stage.owner, &terms).await?.value;
    Ok((pool, expiries))
}

/// Puts every program of the call into the chain's cache, as its cache manager would, or takes it out.
pub(crate) async fn keep_programs(stage: &Stage, keep: bool) -> anyhow::Result<()> {
    let (chain, at) = (stage.protocol.chain(), stage.protocol.at());
    let model = scenario_model(stage).await?;
    for program in [at.engine, model, at.factory, at.adapter, at.surface] {
        let data = if keep {
            IArbWasmCache::cacheProgramCall { program }.abi_encode()
        } else {
            let code = chain.provider().get_code_at(program).await?;
            let codehash = keccak256(code);
            IArbWasmCache::evictCodehashCall { codehash }.abi_encode()
        };
        let (owner, data) = (&stage.owner, data.into());
        chain
            .send_bytes("cache", owner, ARB_WASM_CACHE, data)
            .await?;
    }
    Ok(())
}

/// The program that calculates profiles of scenarios.
async fn scenario_model(stage: &Stage) -> anyhow::Result<Address> {
    let call = IMarginEngine::modelsCall {};
    let engine = stage.protocol.at().engine;
    Ok(stage
        .protocol
        .chain()
        .read(engine, &call)
        .await?
        .scenarioMargin)
}

/// Calls and puts around the forward, longs and shorts, expiries in turn.
fn legs(count: u64, expiries: &[u32]) -> Vec<B256> {
    let of = |index: u64| {
        let turn = usize::try_from(index % u64::from(EXPIRIES)).unwrap_or_default();
        let leg = Leg {
            expiry: expiries[turn],
            strike: strike(1_300 + 11 * (index * 37 % 128)),
            kind: if index.is_multiple_of(3) {
                OptionKind::Put
            } else {
                OptionKind::Call
            },
            contracts: if index % 5 < 3 { -1 } else { 1 } * WAD as i128,
        };
        leg.to_word().into()
    };
    (0..count).map(of).collect()
}

/// The frame of the second of two margin calls within one transaction.
async fn second_call(stage: &Stage, pool: u32, legs: Vec<B256>) -> anyhow::Result<Frame> {
    let at = stage.protocol.at();
    let call = IMarginEngine::marginCall {
        pool,
        legs,
        cash: I256::try_from(1_000_000_000_u64)?,
        base: U256::from(WAD),
    };
    let trace = twice(stage, at.engine, &call).await?;
    let frame = &trace["calls"][1];
    let whole = gas(frame)?;
    let asked = json!(scenario_model(stage).await?);
    let (mut own, mut model) = (whole, 0);
    for child in frame["calls"].as_array().context("no calls inside")? {
        let used = gas(child)?;
        if child["to"] == asked {
            model += used;
        } else {
            own -= used;
        }
    }
    ensure!(model != 0, "the model was not asked: {frame}");
    Ok(Frame { own, model, whole })
}

/// The trace of a transaction that makes a call twice.
pub(crate) async fn twice<C: SolCall>(
    stage: &Stage,
    to: Address,
    call: &C,
) -> anyhow::Result<Value> {
    let data = [to.as_slice(), &call.abi_encode()].concat();
    let transaction = json!({
        "to": CALLER,
        "data": hex::encode_prefixed(data),
        "gas": "0x1c9c380",
    });
    let options = json!({
        "tracer": "callTracer",
        "stateOverrides": { CALLER.to_string(): { "code": TWICE } },
    });
    let trace: Value = stage
        .protocol
        .chain()
        .provider()
        .raw_request(
            "debug_traceCall".into(),
            json!([transaction, "latest", options]),
        )
        .await?;
    let yes = json!(B256::with_last_byte(1));
    ensure!(trace["output"] == yes, "a call failed: {trace}");
    Ok(trace)
}

/// Gas of a frame of a trace.
pub(crate) fn gas(frame: &Value) -> anyhow::Result<u64> {
    let digits = frame["gasUsed"].as_str().context("no gas in a frame")?;
    Ok(u64::from_str_radix(digits.trim_start_matches("0x"), 16)?)
}
