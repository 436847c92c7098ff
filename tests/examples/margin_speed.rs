//! Calls per second of the margin check of 32 legs, on the deployed protocol, beside a request that runs nothing and a Solidity call.
//!
//! `cargo run --release -p end-to-end --example margin_speed` from `scripts/`. Prints a table: one connection and eight, on a state that
//! grows to 100,000 accounts. Nothing is asserted.

#[path = "../devnode/examples/speed/client.rs"]
mod client;

use std::net::SocketAddr;

use alloy::primitives::{B256, I256, U256, hex};
use alloy::sol_types::SolCall;
use clearing_math::leg::{Leg, OptionKind};
use end_to_end::{Stage, USDC, WAD, on_the_local_node};
use novation::bindings::IMarginEngine;
use serde_json::json;

use client::Question;

const LEGS: u64 = 32;
/// `decimals()`.
const DECIMALS: &str = "0x313ce567";

fn main() {
    on_the_local_node(async |stage| {
        let node: SocketAddr = stage.site.http.trim_start_matches("http://").parse()?;
        let engine = stage.protocol.at().engine;
        let margin = hex::encode_prefixed(portfolio(stage).abi_encode());
        let questions = [
            ("`eth_chainId`", "eth_chainId", json!([])),
            (
                "`decimals()` of a Solidity token",
                "eth_call",
                json!([{ "to": stage.usdc, "data": DECIMALS }, "latest"]),
            ),
            (
                "margin of 32 legs",
                "eth_call",
                json!([{ "to": engine, "data": margin }, "latest"]),
            ),
        ];
        let questions = questions.map(|(name, method, params)| Question {
            name,
            method,
            params,
        });
        let mut connection = client::Connection::open(node).await.map_err(failed)?;
        let gas = json!([{ "to": engine, "data": margin }]);
        let gas = connection.ask("eth_estimateGas", gas).await;
        println!("gas of the margin check: {}", gas.map_err(failed)?);
        client::table(node, &questions).await.map_err(failed)
    });
}

fn failed(error: client::Failure) -> anyhow::Error {
    anyhow::anyhow!(error)
}

/// Short and long calls and puts around the spot, of both expiries.
fn portfolio(stage: &Stage) -> IMarginEngine::marginCall {
    let legs = (1..=LEGS).map(|number| {
        let leg = Leg {
            expiry: stage.expiries[usize::from(number % 2 == 0)],
            strike: (1_600 + 25 * number) * 100_000_000,
            kind: if number % 4 < 2 {
                OptionKind::Call
            } else {
                OptionKind::Put
            },
            contracts: i128::from(number % 3) * 10_i128.pow(18) - 10_i128.pow(18) / 2,
        };
        B256::from(leg.to_word())
    });
    IMarginEngine::marginCall {
        pool: stage.eth().id,
        legs: legs.collect(),
        cash: I256::try_from(1_000_000 * USDC).unwrap_or(I256::MAX),
        base: U256::from(WAD),
    }
}
