//! Methods only a local node has: snapshots, time, mining, balances.

use alloy_primitives::{Address, Bytes, U256};
use alloy_serde::JsonStorageKey;
use jsonrpsee::{core::RegisterMethodError, types::ErrorObjectOwned};
use serde::Deserialize;
use serde_json::Value;

use super::{Answer, Api, Methods, arguments::Arguments, error, quantity};

/// Blocks one request may mine.
const MAX_BLOCKS: u64 = 10_000;

/// Adds the methods of this file.
pub fn register(methods: &mut Methods) -> Result<(), RegisterMethodError> {
    methods.query("evm_snapshot", |api, _| quantity(api.chain().snapshot()))?;
    methods.query("evm_revert", |api, args| {
        let id = args.number()?;
        Ok(api.chain().revert(id).into())
    })?;
    methods.query("evm_increaseTime", |api, args| {
        let seconds = args.number()?;
        Ok(api.chain().increase_time(seconds).into())
    })?;
    methods.query("evm_setNextBlockTimestamp", |api, args| {
        let timestamp = args.number()?;
        api.chain()
            .set_next_timestamp(timestamp)
            .map_err(|e| error::chain(&e))?;
        Ok(Value::Null)
    })?;
    methods.query("evm_mine", mine)?;
    methods.query("anvil_setBalance", |api, args| {
        let (address, balance): (Address, U256) = (args.required()?, args.required()?);
        api.chain().set_balance(address, balance);
        Ok(Value::Null)
    })?;
    methods.query("anvil_setNonce", |api, args| {
        let address: Address = args.required()?;
        let nonce = args.number()?;
        api.chain()
            .edit_state(|state| state.set_nonce(address, nonce));
        Ok(Value::Null)
    })?;
    methods.query("anvil_setCode", |api, args| {
        let (address, code): (Address, Bytes) = (args.required()?, args.required()?);
        api.chain()
            .edit_state(|state| state.set_code(address, code));
        Ok(Value::Null)
    })?;
    methods.query("anvil_setStorageAt", |api, args| {
        let (address, key): (Address, JsonStorageKey) = (args.required()?, args.required()?);
        let value: JsonStorageKey = args.required()?;
        let (key, value) = (key.as_b256().into(), value.as_b256().into());
        api.chain()
            .edit_state(|state| state.set_slot(address, key, value));
        Ok(true.into())
    })
}

/// A count written as a JSON number, a hex quantity or decimal text: test libraries disagree.
#[derive(Deserialize)]
#[serde(untagged)]
enum Number {
    Plain(u64),
    Text(U256),
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
    fn number(&mut self) -> Result<u64, ErrorObjectOwned> {
        self.required::<Number>()?.value()
    }
}

fn mine(api: &Api, args: &mut Arguments) -> Answer {
    let (timestamp, blocks) = match args.optional()? {
        None => (None, None),
        Some(MineOptions::Timestamp(timestamp)) => (Some(timestamp), None),
        Some(MineOptions::Object { timestamp, blocks }) => (timestamp, blocks),
    };
    let timestamp = timestamp.map(|number| number.value()).transpose()?;
    let blocks = blocks.map_or(Ok(1), |number| number.value())?;
    if blocks > MAX_BLOCKS {
        return Err(error::invalid_params(&format!(
            "{blocks} blocks asked for, at most {MAX_BLOCKS}"
        )));
    }
    let mut chain = api.chain();
    for block in 0..blocks {
        chain
            .mine(timestamp.filter(|_| block == 0))
            .map_err(|e| error::chain(&e))?;
    }
    Ok("0x0".into())
}
