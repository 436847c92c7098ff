//! Transactions without a signature, from accounts a test speaks for. They are legacy transactions whose signature holds the sender's
//! address instead of a curve point, so that equal transactions of two senders have two hashes.

use alloy_consensus::{SignableTransaction, TxEnvelope, TxLegacy, transaction::Recovered};
use alloy_primitives::{Address, B256, Bytes, Signature, TxKind, U256};

use super::{
    Chain, ChainError,
    config::{BASE_FEE, TX_GAS_LIMIT},
};

/// Accounts a test speaks for.
#[derive(Debug, Default)]
pub struct Impersonated {
    accounts: std::collections::HashSet<Address>,
    everybody: bool,
}

/// A transaction nobody signs.
#[derive(Clone, Debug)]
pub struct Unsigned {
    /// Sender.
    pub from: Address,
    /// Callee, or a creation.
    pub kind: TxKind,
    /// Wei.
    pub value: U256,
    /// Calldata or init code.
    pub input: Bytes,
    /// Gas limit; what a transaction may use, or what the sender can pay, when absent.
    pub gas_limit: Option<u64>,
    /// The next one when absent.
    pub nonce: Option<u64>,
}

impl Chain {
    /// Speaks for `account` from now on.
    pub fn impersonate(&mut self, account: Address) {
        self.impersonated.accounts.insert(account);
    }

    /// Speaks for `account` no longer; false if it did not before.
    pub fn stop_impersonating(&mut self, account: &Address) -> bool {
        self.impersonated.accounts.remove(account)
    }

    /// Speaks for everybody, or no longer.
    pub fn impersonate_everybody(&mut self, everybody: bool) {
        self.impersonated.everybody = everybody;
    }

    /// Runs and mines a transaction of an account spoken for.
    ///
    /// # Errors
    /// [`ChainError::UnknownAccount`], and whatever refuses a signed transaction.
    pub fn send_unsigned(&mut self, tx: Unsigned) -> Result<B256, ChainError> {
        let from = tx.from;
        if !self.impersonated.everybody && !self.impersonated.accounts.contains(&from) {
            return Err(ChainError::UnknownAccount);
        }
        let spendable = self.state.balance(&from).saturating_sub(tx.value);
        let affordable = (spendable / U256::from(BASE_FEE)).saturating_to::<u64>();
        let legacy = TxLegacy {
            chain_id: Some(self.config.chain_id),
            nonce: tx.nonce.unwrap_or_else(|| self.state.nonce(&from)),
            gas_price: u128::from(BASE_FEE),
            gas_limit: tx.gas_limit.unwrap_or(TX_GAS_LIMIT.min(affordable)),
            to: tx.kind,
            value: tx.value,
            input: tx.input,
        };
        let sender = U256::from_be_slice(from.as_slice());
        let signed = legacy.into_signed(Signature::new(sender, U256::ONE, false));
        let transaction = Recovered::new_unchecked(TxEnvelope::Legacy(signed), from);
        self.send(transaction)
    }
}
