//! The chain as each version of ArbOS runs it: what differs between them, what programs pay on the EVM side, programs in fragments,
//! refused programs as a client hears of them, and deep nesting.

mod evm_costs;
mod fragments;
mod nesting;
mod profiles;
mod refusals;
#[path = "../rpc/support.rs"]
#[allow(dead_code, reason = "shared with the tests of the RPC")]
mod support;

use alloy::primitives::{Address, hex};

use self::support::{ARB_OWNER, ArbOwner, Chain};
use devnode::{ChainConfig, Config};

/// A chain that begins as this version.
async fn chain_at(arbos_version: u64) -> Chain {
    let chain = ChainConfig {
        arbos_version,
        ..ChainConfig::default()
    };
    Chain::start_with(Config {
        chain,
        ..Config::default()
    })
    .await
}

/// A chain on which an ink is a gas, so that costs are seen to the last ink.
async fn chain_of_ink() -> Chain {
    let chain = chain_at(61).await;
    chain
        .transact(ARB_OWNER, ArbOwner::setInkPriceCall { price: 1 })
        .await;
    chain
}

/// A module with `imports`, two pages of memory, `data` at 0 and `body` as its entry point.
fn module(imports: &str, data: &[u8], body: &str) -> String {
    let data: String = data.iter().map(|byte| format!("\\{byte:02x}")).collect();
    format!(
        r#"(module {imports} (memory (export "memory") 1 1) (data (i32.const 0) "{data}")
            (func (export "user_entrypoint") (param $len i32) (result i32) {body}))"#
    )
}

/// Init code of an account with this EVM code: the prelude of programs serves for any.
fn evm_init(code: &str) -> Vec<u8> {
    support::deployment(&hex::decode(code).expect("hex"))
}

/// An address nothing has touched.
fn stranger(byte: u8) -> Address {
    Address::repeat_byte(byte)
}
