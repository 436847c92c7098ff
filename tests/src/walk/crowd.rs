//! Who takes part: owners of accounts, their operators, and what they do with their collateral.

use alloy::primitives::{Address, U256};
use alloy::signers::local::PrivateKeySigner;
use novation::bindings::{IClearingHouse, ICollateralVault, ITestToken};
use rand::Rng;

use super::{Attempt, Walk};
use crate::invariants::Deed;
use crate::stage::Trader;
use crate::{USDC, WAD};

/// Accounts in each pool: two that can take over others, three that are easily ruined.
const RICH: usize = 2;
const POOR: usize = 3;
/// Dollars of an account when the walk begins.
const RICH_DOLLARS: u128 = 2_000_000;
const POOR_DOLLARS: u128 = 15_000;
/// Dollars in a wallet when the walk begins, and in each pool's insurance: little, so that it runs out.
const WALLET_DOLLARS: u128 = 1_000_000;
const INSURANCE_DOLLARS: u128 = 5_000;

/// An owner with one account.
pub(super) struct Person {
    pub(super) signer: PrivateKeySigner,
    pub(super) account: U256,
    /// Index of the pool's market.
    pub(super) market: usize,
    pub(super) operators: Vec<Address>,
}

impl Walk<'_> {
    /// Opens and funds the accounts, and lets the vault take what their owners will deposit.
    pub(super) async fn gather_crowd(&mut self) -> anyhow::Result<()> {
        let stage = self.stage;
        for (market, pool) in stage.pools.iter().enumerate() {
            stage.insure(pool, INSURANCE_DOLLARS * USDC).await?;
            let unit = 10_u128.pow(u32::from(pool.base_decimals));
            for index in 0..RICH + POOR {
                let trader = stage
                    .trader(&format!("walker {market} {index}"), pool)
                    .await?;
                let dollars = if index < RICH {
                    RICH_DOLLARS
                } else {
                    POOR_DOLLARS
                };
                stage.deposit(&trader, stage.usdc, dollars * USDC).await?;
                self.fill_wallet(&trader, stage.usdc, WALLET_DOLLARS * USDC)
                    .await?;
                self.fill_wallet(&trader, pool.base, 1_000 * unit).await?;
                self.scope.accounts.push(trader.account);
                self.scope.wallets.push(trader.address());
                let Trader { signer, account } = trader;
                self.people.push(Person {
                    signer,
                    account,
                    market,
                    operators: Vec::new(),
                });
            }
        }
        self.clock = stage.now().await?;
        Ok(())
    }

    async fn fill_wallet(
        &self,
        trader: &Trader,
        asset: Address,
        assets: u128,
    ) -> anyhow::Result<()> {
        let protocol = &self.stage.protocol;
        let assets = U256::from(assets);
        protocol
            .mint(&trader.signer, asset, trader.address(), assets)
            .await?;
        let call = ITestToken::approveCall {
            spender: protocol.at().vault,
            value: U256::MAX,
        };
        protocol
            .chain()
            .send("approve token", &trader.signer, asset, &call)
            .await?;
        Ok(())
    }

    /// Cash or base of a market, and a random amount of it worth at most `dollars`.
    fn amount(&mut self, market: usize, dollars: u128) -> (Address, U256) {
        let (stage, price) = (self.stage, self.markets[market].price);
        let pool = &stage.pools[market];
        let worth = self.rng.random_range(0..dollars * USDC);
        if self.rng.random_range(0..4) == 0 {
            let unit = 10_u128.pow(u32::from(pool.base_decimals));
            (pool.base, U256::from(worth * WAD / price * unit / USDC))
        } else {
            (stage.usdc, U256::from(worth))
        }
    }

    /// Anyone pays into anyone's account.
    pub(super) async fn deposit(&mut self) -> anyhow::Result<Attempt> {
        let (from, to) = (self.anyone(), self.anyone());
        let (account, market) = (self.people[to].account, self.people[to].market);
        let (asset, assets) = self.amount(market, 10_000);
        self.tick().await?;
        let call = ICollateralVault::depositCall {
            account,
            asset,
            assets,
        };
        let vault = self.stage.protocol.at().vault;
        let sent = self
            .stage
            .protocol
            .chain()
            .send("deposit", &self.signer(from), vault, &call)
            .await;
        let deed = Deed {
            pool: Some(self.stage.pools[market].id),
            receiving: vec![account],
            deposited: Some((asset, assets)),
            ..Deed::default()
        };
        Ok(Attempt {
            kind: "deposit",
            deed,
            done: self.outcome(sent)?,
        })
    }

    /// Mostly owners; sometimes an operator, sometimes a thief.
    pub(super) async fn withdraw(&mut self) -> anyhow::Result<Attempt> {
        let person = self.anyone();
        let caller = match self.rng.random_range(0..6) {
            0 => self.anyone(),
            _ => person,
        };
        let (account, market) = (self.people[person].account, self.people[person].market);
        let (mut asset, mut assets) = self.amount(market, 12_000);
        if self.rng.random_range(0..8) == 0 {
            // All of it.
            let held = self
                .books
                .accounts
                .get(&account)
                .cloned()
                .unwrap_or_default();
            (asset, assets) = (self.stage.usdc, held.cash);
        }
        let signer = self.signer(caller);
        let call = IClearingHouse::withdrawCall {
            account,
            asset,
            assets,
            recipient: signer.address(),
        };
        self.tick().await?;
        let house = self.stage.protocol.at().clearing_house;
        let sent = self
            .stage
            .protocol
            .chain()
            .send("withdraw", &signer, house, &call)
            .await;
        let allowed = self.is_authorized(account, signer.address());
        let deed = Deed {
            pool: Some(self.stage.pools[market].id),
            consenting: if allowed { vec![account] } else { Vec::new() },
            withdrawn: Some((asset, assets)),
            ..Deed::default()
        };
        Ok(Attempt {
            kind: "withdraw",
            deed,
            done: self.outcome(sent)?,
        })
    }

    /// An owner lets another act for him, or no longer.
    pub(super) async fn set_operator(&mut self) -> anyhow::Result<Attempt> {
        // One operator at a time: he bars everyone he acts for from auctions of each other.
        let employer = self
            .people
            .iter()
            .position(|person| !person.operators.is_empty());
        let person = employer.unwrap_or_else(|| self.anyone());
        let (operator, allowed) = match self.people[person].operators.first() {
            Some(operator) => (*operator, false),
            None => {
                let other = self.anyone();
                (self.people[other].signer.address(), true)
            }
        };
        self.tick().await?;
        let (signer, account) = (self.signer(person), self.people[person].account);
        let sent = self
            .stage
            .protocol
            .set_operator(&signer, account, operator, allowed)
            .await;
        let done = self.outcome(sent)?;
        let operators = &mut self.people[person].operators;
        match (done, allowed) {
            (true, true) => operators.push(operator),
            (true, false) => operators.retain(|known| *known != operator),
            (false, _) => {}
        }
        Ok(Attempt {
            kind: "operator",
            deed: Deed::default(),
            done,
        })
    }

    /// Anyone makes an indebted account repay.
    pub(super) async fn repay(&mut self) -> anyhow::Result<Attempt> {
        let caller = self.anyone();
        let indebted = self
            .books
            .accounts
            .iter()
            .find(|(_, state)| !state.debt.is_zero());
        let account = indebted.map_or(self.people[caller].account, |(account, _)| *account);
        self.tick().await?;
        let sent = self
            .stage
            .protocol
            .repay_debt(&self.signer(caller), account)
            .await;
        let deed = Deed {
            pool: Some(novation::ids::account_pool(account)),
            subject: vec![account],
            ..Deed::default()
        };
        Ok(Attempt {
            kind: "repay",
            deed,
            done: self.outcome(sent)?,
        })
    }

    /// Someone adds to a pool's insurance.
    pub(super) async fn insure(&mut self) -> anyhow::Result<Attempt> {
        let caller = self.anyone();
        let pool = self.stage.pools[self.people[caller].market].id;
        let assets = U256::from(self.rng.random_range(0..2_000 * USDC));
        self.tick().await?;
        let call = ICollateralVault::depositInsuranceCall { pool, assets };
        let vault = self.stage.protocol.at().vault;
        let signer = self.signer(caller);
        let sent = self
            .stage
            .protocol
            .chain()
            .send("insure", &signer, vault, &call)
            .await;
        let deed = Deed {
            pool: Some(pool),
            deposited: Some((self.stage.usdc, assets)),
            ..Deed::default()
        };
        Ok(Attempt {
            kind: "insure",
            deed,
            done: self.outcome(sent)?,
        })
    }

    /// Someone sends tokens to the vault past its ledger: nothing may count them.
    pub(super) async fn donate(&mut self) -> anyhow::Result<Attempt> {
        let caller = self.anyone();
        let value = U256::from(self.rng.random_range(1..100 * USDC));
        self.tick().await?;
        let call = ITestToken::transferCall {
            to: self.stage.protocol.at().vault,
            value,
        };
        let (signer, usdc) = (self.signer(caller), self.stage.usdc);
        let sent = self
            .stage
            .protocol
            .chain()
            .send("donate", &signer, usdc, &call)
            .await;
        Ok(Attempt {
            kind: "donate",
            deed: Deed::default(),
            done: self.outcome(sent)?,
        })
    }
}
