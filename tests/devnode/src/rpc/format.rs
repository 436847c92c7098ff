//! Blocks, transactions, receipts and logs as JSON, with the fields Arbitrum adds.

use alloy_consensus::{ReceiptEnvelope, ReceiptWithBloom, Transaction as _, TxEnvelope};
use alloy_eips::Encodable2718;
use alloy_primitives::{B256, Log, U256};
use alloy_rlp::Encodable;
use alloy_rpc_types_eth::{
    Block, BlockTransactions, Header, Log as RpcLog, Transaction, TransactionReceipt,
};
use serde_json::{Value, json};

use super::{Answer, json as to_json};
use crate::chain::{BlockRecord, TransactionRecord, config::BASE_FEE};

/// A block, with whole transactions or their hashes.
pub fn block(block: &BlockRecord, full: bool) -> Answer {
    let size = block.header.inner().length()
        + block
            .transactions
            .iter()
            .map(|record| record.transaction.inner().encode_2718_len())
            .sum::<usize>();
    let transactions = if full {
        let all = (0..block.transactions.len()).filter_map(|index| rpc_transaction(block, index));
        BlockTransactions::Full(all.collect())
    } else {
        let hashes = block
            .transactions
            .iter()
            .map(|record| *record.transaction.tx_hash());
        BlockTransactions::Hashes(hashes.collect())
    };
    let mut answer = to_json(Block {
        header: Header {
            hash: block.hash(),
            inner: block.header.inner().clone(),
            total_difficulty: None,
            size: Some(U256::from(size)),
        },
        uncles: Vec::new(),
        transactions,
        withdrawals: None,
    })?;
    add_arbitrum(&mut answer, block);
    Ok(answer)
}

fn add_arbitrum(header: &mut Value, block: &BlockRecord) {
    add(
        header,
        [
            (
                "l1BlockNumber",
                json!(format!("{:#x}", block.l1_block_number)),
            ),
            ("sendRoot", json!(B256::ZERO)),
            ("sendCount", json!("0x0")),
        ],
    );
}

/// The header of a block, as `newHeads` tells it.
pub fn header(block: &BlockRecord) -> Answer {
    let mut answer = to_json(Header {
        hash: block.hash(),
        inner: block.header.inner().clone(),
        total_difficulty: None,
        size: None,
    })?;
    add_arbitrum(&mut answer, block);
    Ok(answer)
}

/// A transaction with its place.
pub fn transaction(block: &BlockRecord, index: usize) -> Answer {
    to_json(rpc_transaction(block, index))
}

fn rpc_transaction(block: &BlockRecord, index: usize) -> Option<Transaction<TxEnvelope>> {
    let record = block.transactions.get(index)?;
    Some(Transaction {
        inner: record.transaction.clone(),
        block_hash: Some(block.hash()),
        block_number: Some(block.number()),
        transaction_index: Some(index as u64),
        effective_gas_price: Some(u128::from(BASE_FEE)),
        // Nodes of Arbitrum do not tell it here.
        block_timestamp: None,
    })
}

/// A receipt with its place.
pub fn receipt(block: &BlockRecord, index: usize, record: &TransactionRecord) -> Answer {
    let logs = logs(block, index, record);
    let envelope = match &record.receipt {
        ReceiptEnvelope::Legacy(inner) => ReceiptEnvelope::Legacy(with_logs(inner, logs)),
        ReceiptEnvelope::Eip2930(inner) => ReceiptEnvelope::Eip2930(with_logs(inner, logs)),
        ReceiptEnvelope::Eip1559(inner) => ReceiptEnvelope::Eip1559(with_logs(inner, logs)),
        ReceiptEnvelope::Eip4844(inner) => ReceiptEnvelope::Eip4844(with_logs(inner, logs)),
        ReceiptEnvelope::Eip7702(inner) => ReceiptEnvelope::Eip7702(with_logs(inner, logs)),
    };
    let mut answer = to_json(TransactionReceipt {
        inner: envelope,
        transaction_hash: *record.transaction.tx_hash(),
        transaction_index: Some(index as u64),
        block_hash: Some(block.hash()),
        block_number: Some(block.number()),
        gas_used: record.gas_used,
        effective_gas_price: u128::from(BASE_FEE),
        blob_gas_used: None,
        blob_gas_price: None,
        from: record.transaction.signer(),
        to: record.transaction.to(),
        contract_address: record.contract_address,
    })?;
    add(
        &mut answer,
        [
            ("gasUsedForL1", json!("0x0")),
            (
                "l1BlockNumber",
                json!(format!("{:#x}", block.l1_block_number)),
            ),
        ],
    );
    Ok(answer)
}

/// Logs of a transaction. Indices count within the block, which holds one transaction.
pub fn logs(block: &BlockRecord, index: usize, record: &TransactionRecord) -> Vec<RpcLog> {
    record
        .receipt
        .logs()
        .iter()
        .enumerate()
        .map(|(log_index, log)| RpcLog {
            inner: log.clone(),
            block_hash: Some(block.hash()),
            block_number: Some(block.number()),
            block_timestamp: Some(block.header.timestamp),
            transaction_hash: Some(*record.transaction.tx_hash()),
            transaction_index: Some(index as u64),
            log_index: Some(log_index as u64),
            removed: false,
        })
        .collect()
}

fn with_logs(
    inner: &ReceiptWithBloom<alloy_consensus::Receipt<Log>>,
    logs: Vec<RpcLog>,
) -> ReceiptWithBloom<alloy_consensus::Receipt<RpcLog>> {
    ReceiptWithBloom {
        receipt: alloy_consensus::Receipt {
            status: inner.receipt.status,
            cumulative_gas_used: inner.receipt.cumulative_gas_used,
            logs,
        },
        logs_bloom: inner.logs_bloom,
    }
}

fn add<const N: usize>(object: &mut Value, fields: [(&str, Value); N]) {
    if let Value::Object(map) = object {
        map.extend(fields.map(|(name, value)| (name.to_owned(), value)));
    }
}
