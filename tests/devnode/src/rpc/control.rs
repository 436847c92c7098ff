//! Methods only a local node has: snapshots, time, mining. Each under the names Anvil, Hardhat and Ganache gave it.

use jsonrpsee::{core::RegisterMethodError, types::ErrorObjectOwned};
use serde::Deserialize;
use serde_json::Value;

use super::{Answer, Api, Methods, arguments::Arguments, error, quantity};

/// Blocks one request may mine.
const MAX_BLOCKS: u64 = 10_000;

/// Adds the methods of this file.
pub fn register(methods: &mut Methods) -> Result<(), RegisterMethodError> {
    methods.query_as(&["evm_snapshot", "anvil_snapshot"], |api, _| {
        quantity(api.chain().snapshot())
    })?;
    methods.query_as(&["evm_revert", "anvil_revert"], |api, args| {
        let id = args.number()?;
        Ok(api.chain().revert(id).into())
    })?;
    methods.query_as(&["evm_increaseTime", "anvil_increaseTime"], |api, args| {
        let seconds = args.number()?;
        Ok(api.chain().increase_time(seconds).into())
    })?;
    methods.query_as(&["evm_setTime", "anvil_setTime"], |api, args| {
        let timestamp = args.number()?;
        Ok(api.chain().set_time(timestamp).into())
    })?;
    methods.query_as(
        &[
            "evm_setNextBlockTimestamp",
            "anvil_setNextBlockTimestamp",
            "hardhat_setNextBlockTimestamp",
        ],
        |api, args| {
            let timestamp = args.number()?;
            api.chain()
                .set_next_timestamp(timestamp)
                .map_err(|e| error::chain(&e))?;
            Ok(Value::Null)
        },
    )?;
    // A transaction is mined when it arrives, always: there is no pool to hold it back in.
    methods.query_as(
        &["evm_setAutomine", "anvil_setAutomine"],
        |_, args| match args.required()? {
            true => Ok(Value::Null),
            false => Err(error::server("automine cannot be switched off")),
        },
    )?;
    methods.query_as(&["anvil_getAutomine", "hardhat_getAutomine"], |_, _| {
        Ok(true.into())
    })?;
    methods.query("evm_mine", evm_mine)?;
    methods.query_as(&["anvil_mine", "hardhat_mine"], mine)?;
    methods.query_as(&["anvil_reset", "hardhat_reset"], |api, args| {
        let forking = args.optional::<Value>()?.is_some_and(|options| {
            !options
                .get("forking")
                .is_none_or(|forking| forking.is_null())
        });
        if forking {
            return Err(error::server("this node forks no other chain"));
        }
        api.chain()
            .reset()
            .map_err(|e| error::internal(&e.to_string()))?;
        Ok(Value::Null)
    })
}

/// A count written as a JSON number, a hex quantity or decimal text: test libraries disagree.
#[derive(Deserialize)]
#[serde(untagged)]
enum Number {
    Plain(u64),
    Text(alloy_primitives::U256),
}

/// `evm_mine` takes nothing, a timestamp, or an object.
#[derive(Deserialize)]
#[serde(untagged)]
enum MineOptions {
    Timestamp(Number),
    Object {
        timestamp: Option<Number>,
        blocks: Option<Number>,
    },
}

impl Number {
    fn value(&self) -> Result<u64, ErrorObjectOwned> {
        match self {
            Self::Plain(number) => Ok(*number),
            Self::Text(number) => u64::try_from(*number)
                .map_err(|_| error::invalid_params(&format!("{number} does not fit 64 bits"))),
        }
    }
}

impl Arguments {
    /// Next parameter as a count.
    pub fn number(&mut self) -> Result<u64, ErrorObjectOwned> {
        self.required::<Number>()?.value()
    }

    /// Next parameter as a count, if it is there.
    fn optional_number(&mut self) -> Result<Option<u64>, ErrorObjectOwned> {
        let number: Option<Number> = self.optional()?;
        number.map(|number| number.value()).transpose()
    }
}

fn evm_mine(api: &Api, args: &mut Arguments) -> Answer {
    let (timestamp, blocks) = match args.optional()? {
        None => (None, None),
        Some(MineOptions::Timestamp(timestamp)) => (Some(timestamp), None),
        Some(MineOptions::Object { timestamp, blocks }) => (timestamp, blocks),
    };
    let timestamp = timestamp.map(|number| number.value()).transpose()?;
    let blocks = few(blocks.map_or(Ok(1), |number| number.value())?)?;
    let mut chain = api.chain();
    for block in 0..blocks {
        chain
            .mine(timestamp.filter(|_| block == 0))
            .map_err(|e| error::chain(&e))?;
    }
    Ok("0x0".into())
}

/// `count` blocks, `interval` seconds apart.
fn mine(api: &Api, args: &mut Arguments) -> Answer {
    let count = few(args.optional_number()?.unwrap_or(1))?;
    let interval = args.optional_number()?;
    let mut chain = api.chain();
    for block in 0..count {
        if let Some(interval) = interval.filter(|_| block > 0) {
            let last = chain.head().header.timestamp;
            chain
                .set_next_timestamp(last.saturating_add(interval))
                .map_err(|e| error::chain(&e))?;
        }
        chain.mine(None).map_err(|e| error::chain(&e))?;
    }
    Ok(Value::Null)
}

fn few(blocks: u64) -> Result<u64, ErrorObjectOwned> {
    if blocks > MAX_BLOCKS {
        return Err(error::invalid_params(&format!(
            "{blocks} blocks asked for, at most {MAX_BLOCKS}"
        )));
    }
    Ok(blocks)
}
