//! `cargo stylus trace` and `simulate`: every call of a program to its host, with the ink it took.

use alloy::primitives::{U256, hex};
use alloy::sol;
use alloy::sol_types::SolCall;
use anyhow::{Context, ensure};
use novation::local_chain::dev_account;
use serde_json::Value;

use super::stylus_project::StylusProject;

sol! {
    interface ICounter {
        function number() external view returns (uint256);
        function setNumber(uint256 number) external;
    }
}

/// The record in what was said: the line that is a JSON array.
fn record(said: &str) -> anyhow::Result<Vec<Value>> {
    let mut lines = said.lines().filter(|line| line.starts_with('['));
    lines
        .find_map(|line| serde_json::from_str(line).ok())
        .with_context(|| format!("no record in:\n{said}"))
}

/// Names of the host's functions in the order of calls; ink must never grow.
fn calls(record: &[Value]) -> anyhow::Result<Vec<&str>> {
    let mut left = u64::MAX;
    for call in record {
        for field in ["startInk", "endInk"] {
            let ink = call[field]
                .as_u64()
                .with_context(|| format!("no {field}: {call}"))?;
            ensure!(ink <= left, "ink grows from {left} to {ink} in {call}");
            left = ink;
        }
    }
    let names = record.iter().map(|call| call["name"].as_str());
    names
        .collect::<Option<_>>()
        .context("a call without a name")
}

#[tokio::test(flavor = "multi_thread")]
async fn trace_and_simulate_show_every_call_to_the_host() -> anyhow::Result<()> {
    let project = StylusProject::start().await?;
    let (chain, signer) = (&project.chain, dev_account());
    let (at, _) = project.deploy(&["--contract", "counter"]).await?;
    let set = ICounter::setNumberCall {
        number: U256::from(7),
    };
    let receipt = chain.send("set", &signer, at, &set).await?.receipt;
    let hash = receipt.transaction_hash.to_string();
    let trace = ["trace", "--tx", &hash];
    let traced = record(&project.online(&trace).await?)?;
    let native = [&trace[..], &["--use-native-tracer"]].concat();
    ensure!(
        record(&project.online(&native).await?)? == traced,
        "both tracers show the same"
    );
    let names = calls(&traced)?;
    ensure!(names.first() == Some(&"user_entrypoint"), "{names:?}");
    for name in [
        "read_args",
        "msg_sender",
        "storage_cache_bytes32",
        "storage_flush_cache",
        "emit_log",
        "write_result",
    ] {
        ensure!(names.contains(&name), "no {name} in {names:?}");
    }
    let written = traced
        .iter()
        .find(|call| call["name"] == "storage_cache_bytes32");
    let written = written.and_then(|call| call["args"].as_str());
    ensure!(
        written.is_some_and(|args| args.ends_with("07")),
        "{written:?}"
    );

    let (to, data) = (
        at.to_string(),
        hex::encode_prefixed(ICounter::numberCall {}.abi_encode()),
    );
    let simulate = ["simulate", "--to", &to, "--data", &data];
    let simulated = record(&project.online(&simulate).await?)?;
    let names = calls(&simulated)?;
    ensure!(names.contains(&"storage_load_bytes32"), "{names:?}");
    Ok(())
}
