//! Reasons a transaction is not accepted or a query has no answer, worded as geth words them: clients match on the text.

use alloy_primitives::{Address, B256, U256};
use thiserror::Error;

/// Refusal of a transaction before execution, or of a query.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum ChainError {
    /// Bytes that are no transaction.
    #[error("rlp: {0}")]
    Undecodable(String),
    /// Blob transactions, and types not known.
    #[error("transaction type not supported")]
    UnsupportedType,
    /// Signature that recovers to nobody.
    #[error("invalid sender")]
    InvalidSender,
    /// Signed for another chain.
    #[error("invalid chain id for signer: have {have} want {want}")]
    WrongChain {
        /// In the transaction.
        have: u64,
        /// Of this chain.
        want: u64,
    },
    /// Nonce already used.
    #[error("nonce too low: address {address}, tx: {tx} state: {state}")]
    NonceTooLow {
        /// Sender.
        address: Address,
        /// In the transaction.
        tx: u64,
        /// Next of the account.
        state: u64,
    },
    /// Nonce leaves a gap.
    #[error("nonce too high: address {address}, tx: {tx} state: {state}")]
    NonceTooHigh {
        /// Sender.
        address: Address,
        /// In the transaction.
        tx: u64,
        /// Next of the account.
        state: u64,
    },
    /// Balance below the most the transaction could cost.
    #[error(
        "insufficient funds for gas * price + value: address {address} have {have} want {want}"
    )]
    InsufficientFunds {
        /// Sender.
        address: Address,
        /// Balance.
        have: U256,
        /// Gas limit × fee cap + value.
        want: U256,
    },
    /// Fee cap below the base fee.
    #[error(
        "max fee per gas less than block base fee: address {address}, maxFeePerGas: {cap}, baseFee: {base_fee}"
    )]
    FeeCapTooLow {
        /// Sender.
        address: Address,
        /// In the transaction.
        cap: u128,
        /// Of the block.
        base_fee: u64,
    },
    /// Tip above the fee cap.
    #[error(
        "max priority fee per gas higher than max fee per gas: address {address}, maxPriorityFeePerGas: {tip}, maxFeePerGas: {cap}"
    )]
    TipAboveFeeCap {
        /// Sender.
        address: Address,
        /// Tip.
        tip: u128,
        /// Fee cap.
        cap: u128,
    },
    /// Gas limit below the cost of the bare transaction.
    #[error("intrinsic gas too low: have {have}, want {want}")]
    IntrinsicGas {
        /// Gas limit.
        have: u64,
        /// Least needed.
        want: u64,
    },
    /// Another rule of the EVM, in its own words.
    #[error("{0}")]
    Invalid(String),
    /// A signed transaction of an account with code of its own.
    #[error("sender not an eoa: address {address}, codehash: {code_hash}")]
    SenderHasCode {
        /// Sender.
        address: Address,
        /// Hash of its code.
        code_hash: B256,
    },
    /// An unsigned transaction of an account nobody speaks for.
    #[error("unknown account")]
    UnknownAccount,
    /// No such block.
    #[error("header not found")]
    UnknownBlock,
    /// The block is older than what is kept.
    #[error("pruned history unavailable")]
    HistoryPruned,
    /// The state of that block is no longer kept.
    #[error("missing trie node: state of block {block} is not kept, oldest is {oldest}")]
    StateGone {
        /// Asked for.
        block: u64,
        /// Oldest available.
        oldest: u64,
    },
    /// A timestamp before the last block's.
    #[error("timestamp {given} is before that of the last block, {last}")]
    TimeRunsBackwards {
        /// Asked for.
        given: u64,
        /// Last block's.
        last: u64,
    },
    /// No gas limit suffices.
    #[error("gas required exceeds allowance ({0})")]
    AllowanceExceeded(u64),
}
