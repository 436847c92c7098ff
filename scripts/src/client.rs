//! A typed client of a deployment: what an account owner does, and what anyone can read. Keeper, demo and tests use it.

use alloy::primitives::{Address, B256, I256, U256};
use alloy::rpc::types::BlockId;
use alloy::signers::local::PrivateKeySigner;
use clearing_math::leg::Leg;

use crate::bindings::{IClearingHouse, ICollateralVault, ITestToken};
use crate::chain::{Chain, Sent};
use crate::deployment::{Addresses, Deployment, DeploymentError};
use crate::errors::ChainError;
use crate::ids;

/// A deployment and a connection to its chain. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Protocol {
    chain: Chain,
    at: Addresses,
}

/// Terms both sides of a trade agree on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Terms {
    /// Account that becomes longer.
    pub buyer: U256,
    /// Account that becomes shorter.
    pub seller: U256,
    /// Series id.
    pub series: U256,
    /// 1e18 = one contract.
    pub contracts: u128,
    /// Settlement token units for the whole trade, from buyer to seller.
    pub premium: U256,
    /// Last second the trade may execute.
    pub deadline: u64,
    /// Tells equal terms apart.
    pub nonce: u64,
}

/// Margin balances of an account, WAD quote units: at or above zero means the requirement is met.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Health {
    /// May take risk while not negative.
    pub initial: i128,
    /// Liquidated below zero.
    pub maintenance: i128,
    /// Value at the median.
    pub mark: i128,
    /// Index of the scenario that decides.
    pub worst_scenario: u32,
    /// Market data are uncertain: new risk is refused.
    pub degraded: bool,
}

/// What an account holds.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct AccountState {
    /// Positions.
    pub legs: Vec<Leg>,
    /// Settlement token units.
    pub cash: U256,
    /// Base token units.
    pub base: U256,
    /// Owed to the pool's insurance, settlement token units.
    pub debt: U256,
    /// Changes whenever the legs do.
    pub version: u64,
}

impl Protocol {
    /// The deployment at these addresses.
    pub fn new(chain: Chain, addresses: Addresses) -> Self {
        Self {
            chain,
            at: addresses,
        }
    }

    /// A recorded deployment.
    pub fn open(chain: Chain, deployment: &Deployment) -> Result<Self, DeploymentError> {
        Ok(Self {
            chain,
            at: deployment.addresses()?,
        })
    }

    /// The connection.
    pub fn chain(&self) -> &Chain {
        &self.chain
    }

    /// Addresses of the contracts.
    pub fn at(&self) -> &Addresses {
        &self.at
    }

    /// Approves and deposits `assets` (token units) into `account`.
    pub async fn deposit(
        &self,
        signer: &PrivateKeySigner,
        account: U256,
        asset: Address,
        assets: U256,
    ) -> Result<Sent<()>, ChainError> {
        self.approve_vault(signer, asset, assets).await?;
        let call = ICollateralVault::depositCall {
            account,
            asset,
            assets,
        };
        unit(
            self.chain
                .send("deposit", signer, self.at.vault, &call)
                .await?,
        )
    }

    /// Mints a test token to the signer and deposits it into `account`.
    pub async fn mint_and_deposit(
        &self,
        signer: &PrivateKeySigner,
        account: U256,
        asset: Address,
        assets: U256,
    ) -> Result<Sent<()>, ChainError> {
        self.mint(signer, asset, signer.address(), assets).await?;
        self.deposit(signer, account, asset, assets).await
    }

    /// Mints a test token.
    pub async fn mint(
        &self,
        signer: &PrivateKeySigner,
        asset: Address,
        to: Address,
        amount: U256,
    ) -> Result<Sent<()>, ChainError> {
        let call = ITestToken::mintCall { to, amount };
        unit(self.chain.send("mint", signer, asset, &call).await?)
    }

    /// Approves and gives `assets` (settlement token units) to the pool's insurance. They never come back.
    pub async fn deposit_insurance(
        &self,
        signer: &PrivateKeySigner,
        pool: u32,
        asset: Address,
        assets: U256,
    ) -> Result<Sent<()>, ChainError> {
        self.approve_vault(signer, asset, assets).await?;
        let call = ICollateralVault::depositInsuranceCall { pool, assets };
        unit(
            self.chain
                .send("deposit insurance", signer, self.at.vault, &call)
                .await?,
        )
    }

    async fn approve_vault(
        &self,
        signer: &PrivateKeySigner,
        asset: Address,
        value: U256,
    ) -> Result<(), ChainError> {
        let call = ITestToken::approveCall {
            spender: self.at.vault,
            value,
        };
        self.chain
            .send("approve token", signer, asset, &call)
            .await?;
        Ok(())
    }

    /// Takes collateral out, token units.
    pub async fn withdraw(
        &self,
        signer: &PrivateKeySigner,
        account: U256,
        asset: Address,
        assets: U256,
        recipient: Address,
    ) -> Result<Sent<()>, ChainError> {
        let call = IClearingHouse::withdrawCall {
            account,
            asset,
            assets,
            recipient,
        };
        unit(
            self.chain
                .send("withdraw", signer, self.at.clearing_house, &call)
                .await?,
        )
    }

    /// Lets another address act for an account, or stops it.
    pub async fn set_operator(
        &self,
        signer: &PrivateKeySigner,
        account: U256,
        operator: Address,
        allowed: bool,
    ) -> Result<Sent<()>, ChainError> {
        let call = IClearingHouse::setOperatorCall {
            account,
            operator,
            allowed,
        };
        unit(
            self.chain
                .send("set operator", signer, self.at.clearing_house, &call)
                .await?,
        )
    }

    /// Agrees to terms for `account`, one side of them. Returns their hash.
    pub async fn approve_trade(
        &self,
        signer: &PrivateKeySigner,
        account: U256,
        terms: &Terms,
    ) -> Result<Sent<B256>, ChainError> {
        let Terms {
            buyer,
            seller,
            series,
            contracts,
            premium,
            deadline,
            nonce,
        } = *terms;
        let call = IClearingHouse::approveTradeCall {
            account,
            buyer,
            seller,
            seriesId: series,
            contracts: U256::from(contracts),
            premium,
            deadline,
            nonce,
        };
        self.chain
            .send("approve trade", signer, self.at.clearing_house, &call)
            .await
    }

    /// Executes terms; the signer acts for one side, the other has approved (or the signer acts for both). Returns their hash.
    pub async fn trade(
        &self,
        signer: &PrivateKeySigner,
        terms: &Terms,
    ) -> Result<Sent<B256>, ChainError> {
        let Terms {
            buyer,
            seller,
            series,
            contracts,
            premium,
            deadline,
            nonce,
        } = *terms;
        let call = IClearingHouse::tradeCall {
            buyer,
            seller,
            seriesId: series,
            contracts: U256::from(contracts),
            premium,
            deadline,
            nonce,
        };
        self.chain
            .send("trade", signer, self.at.clearing_house, &call)
            .await
    }

    /// The buyer approves, the seller executes.
    pub async fn agree(
        &self,
        buyer: &PrivateKeySigner,
        seller: &PrivateKeySigner,
        terms: &Terms,
    ) -> Result<Sent<B256>, ChainError> {
        self.approve_trade(buyer, terms.buyer, terms).await?;
        self.trade(seller, terms).await
    }

    /// Pays an account's debt out of its cash, as far as it goes. Returns what was paid, token units.
    pub async fn repay_debt(
        &self,
        signer: &PrivateKeySigner,
        account: U256,
    ) -> Result<Sent<U256>, ChainError> {
        let call = IClearingHouse::repayDebtCall { account };
        self.chain
            .send("repay debt", signer, self.at.clearing_house, &call)
            .await
    }

    /// Margin balances of an account.
    pub async fn health(&self, account: U256) -> Result<Health, ChainError> {
        self.health_at(account, BlockId::latest()).await
    }

    /// Margin balances of an account at the end of a block, with that block's time.
    pub async fn health_at(&self, account: U256, block: BlockId) -> Result<Health, ChainError> {
        let call = IClearingHouse::healthCall { account };
        let health = self
            .chain
            .read_as(Address::ZERO, self.at.clearing_house, &call, block)
            .await?;
        Ok(Health {
            initial: narrow(health.initial),
            maintenance: narrow(health.maintenance),
            mark: narrow(health.mark),
            worst_scenario: health.worstScenario,
            degraded: health.degraded,
        })
    }

    /// What an account holds.
    pub async fn account_state(&self, account: U256) -> Result<AccountState, ChainError> {
        self.account_state_at(account, BlockId::latest()).await
    }

    /// What an account held at the end of a block.
    pub async fn account_state_at(
        &self,
        account: U256,
        block: BlockId,
    ) -> Result<AccountState, ChainError> {
        let call = IClearingHouse::accountStateCall { account };
        let state = self
            .chain
            .read_as(Address::ZERO, self.at.clearing_house, &call, block)
            .await?;
        let legs = state
            .legs
            .iter()
            .map(|word| ids::leg(*word))
            .collect::<Result<_, _>>();
        let legs = legs.map_err(|error| ChainError::Undecodable {
            action: "accountState(uint256)",
            error: alloy::sol_types::Error::custom(format!("{error:?}")),
        })?;
        let IClearingHouse::AccountState {
            cash,
            base,
            debt,
            version,
            ..
        } = state;
        Ok(AccountState {
            legs,
            cash,
            base,
            debt,
            version,
        })
    }

    /// Balance of a bucket, token units.
    pub async fn balance_of(&self, bucket: U256, asset: Address) -> Result<U256, ChainError> {
        let call = ICollateralVault::balanceOfCall { bucket, asset };
        self.chain.read(self.at.vault, &call).await
    }

    /// Insurance of a pool, settlement token units.
    pub async fn insurance_of(&self, pool: u32) -> Result<U256, ChainError> {
        self.chain
            .read(self.at.vault, &ICollateralVault::insuranceOfCall { pool })
            .await
    }

    /// Sum of all buckets of an asset, token units.
    pub async fn total_of(&self, asset: Address) -> Result<U256, ChainError> {
        self.chain
            .read(self.at.vault, &ICollateralVault::totalOfCall { asset })
            .await
    }

    /// Tokens an address holds.
    pub async fn token_balance(
        &self,
        asset: Address,
        account: Address,
    ) -> Result<U256, ChainError> {
        self.chain
            .read(asset, &ITestToken::balanceOfCall { account })
            .await
    }

    /// Open contracts of a series, 1e18.
    pub async fn open_interest(&self, series: U256) -> Result<U256, ChainError> {
        let call = IClearingHouse::openInterestCall { seriesId: series };
        self.chain.read(self.at.clearing_house, &call).await
    }

    /// Short contracts of (pool, expiry) not settled yet, 1e18.
    pub async fn short_interest(&self, pool: u32, expiry: u32) -> Result<U256, ChainError> {
        let call = IClearingHouse::shortInterestCall { pool, expiry };
        self.chain.read(self.at.clearing_house, &call).await
    }
}

/// The engine calculates on 128 bits, so its answers fit; a foreign contract's are clipped.
pub(crate) fn narrow(value: I256) -> i128 {
    i128::try_from(value).unwrap_or(if value.is_negative() {
        i128::MIN
    } else {
        i128::MAX
    })
}

/// Functions without results return a generated empty struct.
pub(crate) fn unit<T>(sent: Sent<T>) -> Result<Sent<()>, ChainError> {
    Ok(Sent {
        value: (),
        receipt: sent.receipt,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_beyond_the_engines_range_are_clipped_with_their_sign() {
        assert_eq!(narrow(I256::MIN), i128::MIN);
        assert_eq!(narrow(I256::MAX), i128::MAX);
        assert_eq!(narrow(I256::MINUS_ONE), -1);
    }
}
