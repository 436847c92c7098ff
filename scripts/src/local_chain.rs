//! What only a development node can do: set the time, give ether, go back.

use std::borrow::Cow;

use alloy::primitives::{Address, B256, U256, b256};
use alloy::providers::Provider;
use alloy::signers::local::PrivateKeySigner;
use serde_json::json;

use crate::chain::Chain;
use crate::errors::ChainError;

/// Key of the account that nitro's development node and ours fund. Public: worth nothing elsewhere.
const DEV_KEY: B256 = b256!("b6b15c8cb491557369f3c7d2c287b053eb229daa9c22138887752191c9520659");

/// The funded account of a development node, `0x3f1Eae7D46d88F08fc2F8ed27FCb2AB183EB2d0E`.
pub fn dev_account() -> PrivateKeySigner {
    // A constant that is a valid scalar; the unit test holds it so.
    PrivateKeySigner::from_bytes(&DEV_KEY).expect("the development key is valid")
}

impl Chain {
    /// Mines a block at `timestamp`; time runs on from there. Development nodes only.
    pub async fn set_time(&self, timestamp: u64) -> Result<(), ChainError> {
        self.set_next_time(timestamp).await?;
        self.development("evm_mine", json!([])).await?;
        Ok(())
    }

    /// Gives the next block, and the trial of what goes into it, this time, however long it takes until then. Development nodes only.
    pub async fn set_next_time(&self, timestamp: u64) -> Result<(), ChainError> {
        self.development("evm_setNextBlockTimestamp", json!([U256::from(timestamp)]))
            .await?;
        Ok(())
    }

    /// Gives an account a balance in wei. Development nodes only.
    pub async fn set_balance(&self, account: Address, wei: U256) -> Result<(), ChainError> {
        self.development("anvil_setBalance", json!([account, wei]))
            .await?;
        Ok(())
    }

    /// Remembers the whole state; returns what [`Self::go_back`] takes.
    pub async fn snapshot(&self) -> Result<serde_json::Value, ChainError> {
        self.development("evm_snapshot", json!([])).await
    }

    /// Returns to a snapshot, which is used up by it.
    pub async fn go_back(&self, snapshot: serde_json::Value) -> Result<(), ChainError> {
        self.development("evm_revert", json!([snapshot])).await?;
        Ok(())
    }

    async fn development(
        &self,
        method: &'static str,
        parameters: serde_json::Value,
    ) -> Result<serde_json::Value, ChainError> {
        let answer = self
            .provider()
            .raw_request(Cow::Borrowed(method), parameters)
            .await;
        answer.map_err(|error| ChainError::from_rpc(method, error))
    }
}

#[cfg(test)]
mod tests {
    use alloy::primitives::address;

    use super::*;

    #[test]
    fn development_account_is_the_one_nodes_fund() {
        let expected = address!("3f1Eae7D46d88F08fc2F8ed27FCb2AB183EB2d0E");
        assert_eq!(dev_account().address(), expected);
    }
}
