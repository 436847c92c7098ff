//! From the bytes of `eth_sendRawTransaction` to something the machine can run, with geth's checks in geth's order.

use alloy_consensus::{
    Transaction, TxEnvelope,
    transaction::{Recovered, SignerRecoverable},
};
use alloy_eips::Decodable2718;
use alloy_primitives::U256;
use revm::{
    context::{TxEnv, either::Either},
    context_interface::transaction::AccessList,
};

use super::{
    State,
    config::{BASE_FEE, TX_GAS_LIMIT},
    error::ChainError,
};

/// How code that delegates to another account begins (EIP-7702).
const DELEGATION: [u8; 3] = [0xEF, 0x01, 0x00];

/// Decodes a signed transaction and recovers its sender. Legacy transactions without a chain id are accepted: keyless deployments
/// depend on them.
pub fn decode(raw: &[u8], chain_id: u64) -> Result<Recovered<TxEnvelope>, ChainError> {
    let mut rest = raw;
    let transaction = TxEnvelope::decode_2718(&mut rest)
        .map_err(|error| ChainError::Undecodable(error.to_string()))?;
    if !rest.is_empty() {
        return Err(ChainError::Undecodable(
            "input contains more than one value".into(),
        ));
    }
    if transaction.is_eip4844() {
        return Err(ChainError::UnsupportedType);
    }
    if let Some(have) = transaction.chain_id().filter(|have| *have != chain_id) {
        return Err(ChainError::WrongChain {
            have,
            want: chain_id,
        });
    }
    let sender = transaction
        .recover_signer()
        .map_err(|_| ChainError::InvalidSender)?;
    Ok(Recovered::new_unchecked(transaction, sender))
}

/// EIP-3607: an account with code signs nothing, unless the code is a delegation.
pub fn check_sender(tx: &Recovered<TxEnvelope>, state: &State) -> Result<(), ChainError> {
    let address = tx.signer();
    let code = state.code(&address);
    if !code.is_empty() && !code.starts_with(&DELEGATION) {
        return Err(ChainError::SenderHasCode {
            address,
            code_hash: state.account(&address).code_hash,
        });
    }
    Ok(())
}

/// Checks a transaction against the account that sends it.
pub fn check(tx: &Recovered<TxEnvelope>, state: &State) -> Result<(), ChainError> {
    let address = tx.signer();
    let account_nonce = state.nonce(&address);
    if tx.nonce() < account_nonce {
        return Err(ChainError::NonceTooLow {
            address,
            tx: tx.nonce(),
            state: account_nonce,
        });
    }
    if tx.nonce() > account_nonce {
        return Err(ChainError::NonceTooHigh {
            address,
            tx: tx.nonce(),
            state: account_nonce,
        });
    }
    let cap = tx.max_fee_per_gas();
    if let Some(tip) = tx.max_priority_fee_per_gas().filter(|tip| *tip > cap) {
        return Err(ChainError::TipAboveFeeCap { address, tip, cap });
    }
    if cap < u128::from(BASE_FEE) {
        return Err(ChainError::FeeCapTooLow {
            address,
            cap,
            base_fee: BASE_FEE,
        });
    }
    // What the transaction could cost at most; a sum beyond the type is beyond any balance.
    let want = U256::from(tx.gas_limit())
        .checked_mul(U256::from(cap))
        .and_then(|fee| fee.checked_add(tx.value()))
        .unwrap_or(U256::MAX);
    let have = state.balance(&address);
    if have < want {
        return Err(ChainError::InsufficientFunds {
            address,
            have,
            want,
        });
    }
    Ok(())
}

/// The transaction as the machine runs it: at the base fee whatever it offered (tips are dropped), and with gas beyond the
/// per-transaction limit held back rather than refused.
pub fn environment(tx: &Recovered<TxEnvelope>) -> TxEnv {
    TxEnv {
        tx_type: tx.tx_type().into(),
        caller: tx.signer(),
        gas_limit: tx.gas_limit().min(TX_GAS_LIMIT),
        gas_price: u128::from(BASE_FEE),
        gas_priority_fee: tx.max_priority_fee_per_gas().map(|_| 0),
        kind: tx.kind(),
        value: tx.value(),
        data: tx.input().clone(),
        nonce: tx.nonce(),
        chain_id: tx.chain_id(),
        access_list: tx
            .access_list()
            .cloned()
            .unwrap_or_else(|| AccessList(Vec::new())),
        authorization_list: tx
            .authorization_list()
            .unwrap_or_default()
            .iter()
            .cloned()
            .map(Either::Left)
            .collect(),
        ..TxEnv::default()
    }
}
