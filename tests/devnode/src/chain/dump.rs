//! The whole chain as one JSON document: every account, every block kept with its transactions and receipts, and how far the clock has
//! been moved. A chain loaded from it goes on where it was left; states before its newest block are not in it.

use std::{collections::BTreeMap, sync::Arc};

use alloy_consensus::{Header, ReceiptEnvelope, Sealed, TxEnvelope, transaction::Recovered};
use alloy_primitives::{Address, Bytes, Log, U256};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{BlockRecord, Chain, State, TransactionRecord, clock::Clock};

/// Number of this form of the document.
const FORMAT: u32 = 1;

/// Why a document is no chain.
#[derive(Debug, Error)]
pub enum DumpError {
    /// Not JSON, or not of this shape.
    #[error("not a dump of a chain: {0}")]
    Malformed(#[from] serde_json::Error),
    /// Written by another version of this node.
    #[error("dump of format {given}, this node reads {FORMAT}")]
    Format {
        /// In the document.
        given: u32,
    },
    /// Of another chain.
    #[error("dump of chain {given}, this is chain {expected}")]
    OtherChain {
        /// In the document.
        given: u64,
        /// Of this node.
        expected: u64,
    },
    /// A block that does not follow the one before it.
    #[error("block {number} does not follow the block before it")]
    BrokenChain {
        /// Number in the document.
        number: u64,
    },
    /// A chain has at least its genesis block.
    #[error("dump without blocks")]
    Empty,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Dump {
    format: u32,
    chain_id: u64,
    clock: Clock,
    accounts: BTreeMap<Address, DumpedAccount>,
    blocks: Vec<DumpedBlock>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct DumpedAccount {
    balance: U256,
    nonce: u64,
    #[serde(default, skip_serializing_if = "no_code")]
    code: Bytes,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    storage: BTreeMap<U256, U256>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct DumpedBlock {
    header: Header,
    l1_block_number: u64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    transactions: Vec<DumpedTransaction>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct DumpedTransaction {
    /// Kept apart from the signature: an impersonated sender has none.
    sender: Address,
    transaction: TxEnvelope,
    receipt: ReceiptEnvelope<Log>,
    gas_used: u64,
    contract_address: Option<Address>,
}

impl Chain {
    /// This chain as a document.
    ///
    /// # Errors
    /// [`DumpError::Malformed`] if a number cannot be written, which no chain holds.
    pub fn dump(&self) -> Result<Vec<u8>, DumpError> {
        let accounts = self.state.accounts().map(|(address, account)| {
            let account = DumpedAccount {
                balance: account.balance,
                nonce: account.nonce,
                code: self.state.code(address),
                storage: account
                    .storage
                    .iter()
                    .map(|(key, value)| (*key, *value))
                    .collect(),
            };
            (*address, account)
        });
        Ok(serde_json::to_vec(&Dump {
            format: FORMAT,
            chain_id: self.config.chain_id,
            clock: self.clock.clone(),
            accounts: accounts.collect(),
            blocks: self.history.blocks().map(|block| dumped(block)).collect(),
        })?)
    }

    /// Replaces this chain by the one in the document. Snapshots are forgotten. Nothing changes on an error.
    ///
    /// # Errors
    /// [`DumpError`]: not a dump, or of another chain.
    pub fn load(&mut self, document: &[u8]) -> Result<(), DumpError> {
        let dump: Dump = serde_json::from_slice(document)?;
        if dump.format != FORMAT {
            return Err(DumpError::Format { given: dump.format });
        }
        let expected = self.config.chain_id;
        if dump.chain_id != expected {
            return Err(DumpError::OtherChain {
                given: dump.chain_id,
                expected,
            });
        }
        let blocks = restored(dump.blocks)?;
        let mut state = State::default();
        for (address, account) in dump.accounts {
            state.set_balance(address, account.balance);
            state.set_nonce(address, account.nonce);
            state.set_code(address, account.code);
            for (key, value) in account.storage {
                state.set_slot(address, key, value);
            }
        }
        self.clock = dump.clock;
        self.replace(blocks, state);
        Ok(())
    }
}

fn no_code(code: &Bytes) -> bool {
    code.is_empty()
}

fn dumped(block: &BlockRecord) -> DumpedBlock {
    DumpedBlock {
        header: block.header.inner().clone(),
        l1_block_number: block.l1_block_number,
        transactions: block
            .transactions
            .iter()
            .map(|record| DumpedTransaction {
                sender: record.transaction.signer(),
                transaction: record.transaction.inner().clone(),
                receipt: record.receipt.clone(),
                gas_used: record.gas_used,
                contract_address: record.contract_address,
            })
            .collect(),
    }
}

/// Hashes are computed anew, and each block must name the one before. The first may have any number: older ones may have been forgotten.
fn restored(blocks: Vec<DumpedBlock>) -> Result<Vec<Arc<BlockRecord>>, DumpError> {
    let mut restored: Vec<Arc<BlockRecord>> = Vec::with_capacity(blocks.len());
    for block in blocks {
        let header = &block.header;
        let follows = match restored.last() {
            Some(parent) => {
                header.number == parent.number() + 1 && header.parent_hash == parent.hash()
            }
            None => header.number > 0 || header.parent_hash.is_zero(),
        };
        if !follows {
            let number = header.number;
            return Err(DumpError::BrokenChain { number });
        }
        let transactions = block
            .transactions
            .into_iter()
            .map(|dumped| TransactionRecord {
                transaction: Recovered::new_unchecked(dumped.transaction, dumped.sender),
                receipt: dumped.receipt,
                gas_used: dumped.gas_used,
                contract_address: dumped.contract_address,
            });
        restored.push(Arc::new(BlockRecord {
            header: Sealed::new(block.header),
            transactions: transactions.collect(),
            l1_block_number: block.l1_block_number,
        }));
    }
    if restored.is_empty() {
        return Err(DumpError::Empty);
    }
    Ok(restored)
}
