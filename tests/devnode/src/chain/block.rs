//! What the chain remembers of a block: header, transactions, receipts. Header fields follow Nitro's use of them.

use alloy_consensus::{
    Eip658Value, Header, Receipt, ReceiptEnvelope, ReceiptWithBloom, Sealed, TxEnvelope, TxType,
    proofs::{calculate_receipt_root, calculate_transaction_root},
    transaction::Recovered,
};
use alloy_primitives::{Address, B64, B256, Bloom, Bytes, Log, U256, logs_bloom};

use super::config::{BASE_FEE, HEADER_GAS_LIMIT, SEQUENCER};

/// A transaction with what came of it.
#[derive(Clone, Debug)]
pub struct TransactionRecord {
    /// As sent, with its sender.
    pub transaction: Recovered<TxEnvelope>,
    /// Receipt without the fields that follow from its place in the block.
    pub receipt: ReceiptEnvelope<Log>,
    /// Gas used, refunds taken off.
    pub gas_used: u64,
    /// Created contract.
    pub contract_address: Option<Address>,
}

/// A mined block.
#[derive(Clone, Debug)]
pub struct BlockRecord {
    /// Header with its hash.
    pub header: Sealed<Header>,
    /// Transactions in order.
    pub transactions: Vec<TransactionRecord>,
    /// L1 block number the block was made under.
    pub l1_block_number: u64,
}

impl BlockRecord {
    /// Hash of the block.
    pub fn hash(&self) -> B256 {
        self.header.hash()
    }

    /// Number of the block.
    pub fn number(&self) -> u64 {
        self.header.number
    }
}

/// Receipt of an executed transaction, in the envelope of its type.
pub fn receipt(kind: TxType, success: bool, gas_used: u64, logs: Vec<Log>) -> ReceiptEnvelope<Log> {
    let logs_bloom = logs_bloom(logs.iter());
    let receipt = Receipt {
        status: Eip658Value::Eip658(success),
        cumulative_gas_used: gas_used,
        logs,
    };
    let receipt = ReceiptWithBloom {
        receipt,
        logs_bloom,
    };
    match kind {
        TxType::Legacy => ReceiptEnvelope::Legacy(receipt),
        TxType::Eip2930 => ReceiptEnvelope::Eip2930(receipt),
        TxType::Eip1559 => ReceiptEnvelope::Eip1559(receipt),
        TxType::Eip4844 => ReceiptEnvelope::Eip4844(receipt),
        TxType::Eip7702 => ReceiptEnvelope::Eip7702(receipt),
    }
}

/// Seals a block, after which the state has `state_root`.
pub fn seal(
    number: u64,
    parent_hash: B256,
    timestamp: u64,
    l1_block_number: u64,
    arbos_version: u64,
    state_root: B256,
    transactions: Vec<TransactionRecord>,
) -> BlockRecord {
    let bodies: Vec<&TxEnvelope> = transactions
        .iter()
        .map(|record| record.transaction.inner())
        .collect();
    let receipts: Vec<&ReceiptEnvelope<Log>> =
        transactions.iter().map(|record| &record.receipt).collect();
    let bloom = receipts
        .iter()
        .fold(Bloom::ZERO, |bloom, receipt| bloom | *receipt.logs_bloom());
    let header = Header {
        parent_hash,
        beneficiary: SEQUENCER,
        state_root,
        transactions_root: calculate_transaction_root(&bodies),
        receipts_root: calculate_receipt_root(&receipts),
        logs_bloom: bloom,
        difficulty: U256::ONE,
        number,
        gas_limit: HEADER_GAS_LIMIT,
        gas_used: transactions.iter().map(|record| record.gas_used).sum(),
        timestamp,
        // `sendRoot`: no message has left this chain.
        extra_data: Bytes::from(vec![0; 32]),
        mix_hash: mix_hash(0, l1_block_number, arbos_version),
        // Delayed messages read: none, there is no L1 inbox.
        nonce: B64::ZERO,
        base_fee_per_gas: Some(BASE_FEE),
        ..Header::default()
    };
    BlockRecord {
        header: Sealed::new(header),
        transactions,
        l1_block_number,
    }
}

/// Nitro packs three numbers into the mix hash: messages sent, L1 block, ArbOS version.
fn mix_hash(send_count: u64, l1_block_number: u64, arbos_version: u64) -> B256 {
    let mut packed = B256::ZERO;
    packed[..8].copy_from_slice(&send_count.to_be_bytes());
    packed[8..16].copy_from_slice(&l1_block_number.to_be_bytes());
    packed[16..24].copy_from_slice(&arbos_version.to_be_bytes());
    packed
}
