//! Blocks, transactions, receipts, fees of the past.

use std::sync::Arc;

use alloy_eips::{BlockId, BlockNumberOrTag, eip2718::Encodable2718};
use alloy_primitives::{B256, Bytes};
use alloy_rpc_types_eth::FeeHistory;
use jsonrpsee::{core::RegisterMethodError, types::ErrorObjectOwned};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Answer, Api, Methods, arguments::Arguments, error, format, json as to_json, quantity};
use crate::chain::{
    BlockRecord,
    config::{BASE_FEE, HEADER_GAS_LIMIT},
};

/// geth gives no more than this many blocks of fee history.
const MAX_FEE_HISTORY: u64 = 1_024;

/// Adds the methods of this file.
pub fn register(methods: &mut Methods) -> Result<(), RegisterMethodError> {
    methods.query("eth_getBlockByNumber", |api, args| {
        let id = BlockId::Number(args.required()?);
        block(api, id, args)
    })?;
    methods.query("eth_getBlockByHash", |api, args| {
        let id = BlockId::Hash(args.required::<B256>()?.into());
        block(api, id, args)
    })?;
    methods.query("eth_getBlockTransactionCountByNumber", |api, args| {
        let id = BlockId::Number(args.required()?);
        transaction_count(api, id)
    })?;
    methods.query("eth_getBlockTransactionCountByHash", |api, args| {
        let id = BlockId::Hash(args.required::<B256>()?.into());
        transaction_count(api, id)
    })?;
    methods.query("eth_getTransactionByHash", |api, args| {
        let hash: B256 = args.required()?;
        match api.chain().transaction(&hash) {
            Some((block, index, _)) => format::transaction(block, index),
            None => Ok(Value::Null),
        }
    })?;
    methods.query("eth_getTransactionReceipt", |api, args| {
        let hash: B256 = args.required()?;
        match api.chain().transaction(&hash) {
            Some((block, index, record)) => format::receipt(block, index, record),
            None => Ok(Value::Null),
        }
    })?;
    methods.query("eth_getTransactionByBlockNumberAndIndex", |api, args| {
        let id = BlockId::Number(args.required()?);
        transaction_at(api, id, args)
    })?;
    methods.query("eth_getTransactionByBlockHashAndIndex", |api, args| {
        let id = BlockId::Hash(args.required::<B256>()?.into());
        transaction_at(api, id, args)
    })?;
    methods.query("eth_getRawTransactionByHash", |api, args| {
        let hash: B256 = args.required()?;
        let chain = api.chain();
        let found = chain.transaction(&hash);
        let raw = found.map(|(_, _, record)| record.transaction.inner().encoded_2718());
        to_json(raw.map(Bytes::from))
    })?;
    // No block has uncles here.
    methods.query("eth_getUncleCountByBlockNumber", |api, args| {
        let id = BlockId::Number(args.required()?);
        Ok(find(api, id)?.map_or(Value::Null, |_| "0x0".into()))
    })?;
    methods.query("eth_getUncleCountByBlockHash", |api, args| {
        let id = BlockId::Hash(args.required::<B256>()?.into());
        Ok(find(api, id)?.map_or(Value::Null, |_| "0x0".into()))
    })?;
    // Nothing ever waits: a transaction is mined before its sender hears of it.
    methods.query("eth_pendingTransactions", |_, _| Ok(json!([])))?;
    methods.query("txpool_status", |_, _| {
        Ok(json!({ "pending": "0x0", "queued": "0x0" }))
    })?;
    methods.query("txpool_content", |_, _| {
        Ok(json!({ "pending": {}, "queued": {} }))
    })?;
    methods.query("eth_getBlockReceipts", block_receipts)?;
    methods.query("eth_feeHistory", fee_history)
}

fn find(api: &Api, id: BlockId) -> Result<Option<Arc<BlockRecord>>, ErrorObjectOwned> {
    let chain = api.chain();
    let found = chain.block(id).map_err(|e| error::chain(&e))?;
    Ok(found.cloned())
}

fn block(api: &Api, id: BlockId, args: &mut Arguments) -> Answer {
    let full: bool = args.optional()?.unwrap_or(false);
    find(api, id)?.map_or(Ok(Value::Null), |block| format::block(&block, full))
}

fn transaction_count(api: &Api, id: BlockId) -> Answer {
    match find(api, id)? {
        Some(block) => quantity(block.transactions.len() as u64),
        None => Ok(Value::Null),
    }
}

fn transaction_at(api: &Api, id: BlockId, args: &mut Arguments) -> Answer {
    let index = usize::try_from(args.number()?).unwrap_or(usize::MAX);
    match find(api, id)? {
        Some(block) if index < block.transactions.len() => format::transaction(&block, index),
        _ => Ok(Value::Null),
    }
}

fn block_receipts(api: &Api, args: &mut Arguments) -> Answer {
    let Some(block) = find(api, args.block()?)? else {
        return Ok(Value::Null);
    };
    let receipts = block
        .transactions
        .iter()
        .enumerate()
        .map(|(index, record)| format::receipt(&block, index, record));
    receipts.collect::<Result<Vec<_>, _>>().map(Value::Array)
}

/// Block count as a quantity or as a plain number: clients send both.
#[derive(Deserialize)]
#[serde(untagged)]
enum Count {
    Number(u64),
    #[serde(with = "alloy_serde::quantity")]
    Quantity(u64),
}

fn fee_history(api: &Api, args: &mut Arguments) -> Answer {
    let (Count::Number(count) | Count::Quantity(count)) = args.required()?;
    let newest: BlockNumberOrTag = args.required()?;
    let percentiles: Vec<f64> = args.optional()?.unwrap_or_default();
    let ascending = percentiles.windows(2).all(|pair| pair[0] <= pair[1]);
    if !ascending || percentiles.iter().any(|p| !(0.0..=100.0).contains(p)) {
        return Err(error::server("invalid reward percentile"));
    }
    let chain = api.chain();
    let last = chain
        .block(newest.into())
        .map_err(|e| error::chain(&e))?
        .ok_or_else(|| error::server("request beyond head block"))?
        .number();
    let kept = last + 1 - chain.oldest();
    let count = count.min(MAX_FEE_HISTORY).min(kept);
    let oldest = last + 1 - count;
    // None when the first is beyond the last.
    let blocks = chain.blocks_between(oldest, last);
    to_json(FeeHistory {
        oldest_block: oldest,
        // One more than blocks: the last is the fee of the block to come.
        base_fee_per_gas: vec![u128::from(BASE_FEE); blocks.len() + 1],
        gas_used_ratio: blocks
            .clone()
            .map(|block| block.header.gas_used as f64 / HEADER_GAS_LIMIT as f64)
            .collect(),
        base_fee_per_blob_gas: Vec::new(),
        blob_gas_used_ratio: Vec::new(),
        // Tips are dropped, so every percentile of every block is zero.
        reward: (!percentiles.is_empty()).then(|| vec![vec![0; percentiles.len()]; blocks.len()]),
    })
}
