//! Refused transactions: the error must be the typed one, and not a slot of storage may differ afterwards.

use alloy::primitives::{Address, B256, Keccak256};
use alloy::signers::local::PrivateKeySigner;
use alloy::sol_types::{SolCall, SolError};
use anyhow::{Context, bail, ensure};
use novation::errors::ChainError;

use crate::stage::Stage;

impl Stage {
    /// Sends `call`, which the chain must refuse with `E`, and returns the error's arguments.
    /// Fails when it goes through, fails otherwise, leaves a log, or changes any slot of any contract on the stage.
    pub async fn reverts_with<E: SolError>(
        &self,
        signer: &PrivateKeySigner,
        to: Address,
        call: &impl SolCall,
    ) -> anyhow::Result<E> {
        let expected = E::SIGNATURE;
        let before = self.digest().await?;
        let (receipt, revert) = self
            .protocol
            .chain()
            .send_refused(signer, to, call)
            .await
            .with_context(|| format!("expecting {expected}"))?;
        let Some(revert) = revert else {
            bail!("expected {expected}, but the transaction went through");
        };
        ensure!(
            !receipt.status(),
            "expected {expected}, the receipt says success"
        );
        ensure!(receipt.logs().is_empty(), "{expected}, but logs were kept");
        let error = revert
            .decode::<E>()
            .with_context(|| format!("expected {expected}, got {revert}"))?;
        let after = self.digest().await?;
        ensure!(before == after, "{expected}, but storage changed");
        Ok(error)
    }

    /// A view that must be refused with `E`.
    pub async fn view_reverts_with<E: SolError>(
        &self,
        to: Address,
        call: &impl SolCall,
    ) -> anyhow::Result<E> {
        match self.protocol.chain().read(to, call).await {
            Ok(_) => bail!("expected {}, but the view answered", E::SIGNATURE),
            Err(error) => refused_with(error),
        }
    }

    /// Hash of all storage on the stage. On a foreign node, which does not show it, of the totals and the accounts.
    pub async fn digest(&self) -> anyhow::Result<B256> {
        let mut hasher = Keccak256::new();
        let Some(node) = self.node() else {
            return self.visible_digest(hasher).await;
        };
        let state = node.state();
        for address in self.contracts() {
            let account = state.account(&address);
            let mut slots: Vec<_> = account.storage.iter().collect();
            slots.sort_unstable();
            hasher.update(address);
            hasher.update(account.code_hash);
            hasher.update(account.balance.to_be_bytes::<32>());
            for (slot, value) in slots {
                hasher.update(slot.to_be_bytes::<32>());
                hasher.update(value.to_be_bytes::<32>());
            }
        }
        Ok(hasher.finalize())
    }

    async fn visible_digest(&self, mut hasher: Keccak256) -> anyhow::Result<B256> {
        for asset in [self.usdc, self.eth().base, self.btc().base] {
            let vault = self.protocol.at().vault;
            for amount in [
                self.protocol.total_of(asset).await?,
                self.protocol.token_balance(asset, vault).await?,
            ] {
                hasher.update(amount.to_be_bytes::<32>());
            }
        }
        for account in self.accounts() {
            let state = self.protocol.account_state(account).await?;
            hasher.update(format!("{state:?}"));
        }
        Ok(hasher.finalize())
    }
}

/// The arguments of `E`, if that is why it failed.
///
/// # Errors
/// Says what else it was.
pub fn refused_with<E: SolError>(error: ChainError) -> anyhow::Result<E> {
    error
        .revert()
        .and_then(|revert| revert.decode::<E>())
        .with_context(|| format!("expected {}, got: {error}", E::SIGNATURE))
}
