//! The books of a deployment at one moment: everything the invariants speak of, read in one batch from the chain.
//!
//! A snapshot is plain data, so that the checks of [`crate::invariants`] can be run on a doctored one and seen to fail.

use std::collections::BTreeMap;

use alloy::network::TransactionBuilder;
use alloy::primitives::{Address, B256, Bytes, U256};
use alloy::providers::Provider;
use alloy::rpc::client::{BatchRequest, Waiter};
use alloy::rpc::types::TransactionRequest;
use alloy::sol_types::SolCall;
use alloy::transports::{RpcError, TransportErrorKind};
use anyhow::{Context, anyhow};
use novation::bindings::{
    IClearingHouse, ICollateralVault, IExpirySettlement, IOracleAdapter, ITestToken,
};
use novation::client::{AccountState, Protocol};
use novation::ids;
use novation::lifecycle::GroupState;

/// What never changes about a pool, as far as the books need it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PoolScope {
    /// Id.
    pub pool: u32,
    /// Settlement asset.
    pub cash: Address,
    /// Base asset.
    pub base: Address,
    /// Price feed.
    pub feed: B256,
}

/// What is to be read.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Scope {
    /// All pools.
    pub pools: Vec<PoolScope>,
    /// All accounts that hold anything.
    pub accounts: Vec<U256>,
    /// All addresses that hold tokens outside the vault.
    pub wallets: Vec<Address>,
    /// All series that were ever traded and are not closed.
    pub series: Vec<U256>,
    /// (pool, expiry) whose last winner is paid: of them only the pot is read.
    pub closed: Vec<(u32, u32)>,
}

/// One token, in token units.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct TokenBook {
    /// Ever minted.
    pub supply: U256,
    /// In all wallets of the scope.
    pub wallets: U256,
    /// Held by the vault.
    pub vault: U256,
    /// The vault's own sum of all buckets.
    pub total: U256,
}

/// A bucket of a pool that is no account, token units.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Bucket {
    /// Settlement asset.
    pub cash: U256,
    /// Base asset.
    pub base: U256,
}

/// Settlement of one (pool, expiry).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GroupBook {
    /// Short contracts not settled yet, 1e18.
    pub short_interest: U256,
    /// What the pot holds.
    pub pot: Bucket,
    /// Sums over the debtors settled so far.
    pub sums: GroupState,
    /// Credits not yet claimed, settlement token units, by account; none are zero.
    pub credits: BTreeMap<U256, U256>,
    /// Settlement price, WAD, once fixed.
    pub price: Option<U256>,
}

/// Everything at one block.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Books {
    /// Time of the block, unix seconds.
    pub time: u64,
    /// Pools by id.
    pub pools: BTreeMap<u32, PoolScope>,
    /// Legs and balances by account.
    pub accounts: BTreeMap<U256, AccountState>,
    /// Tokens by address.
    pub tokens: BTreeMap<Address, TokenBook>,
    /// Insurance by pool.
    pub insurance: BTreeMap<u32, Bucket>,
    /// Open interest by series, 1e18.
    pub open_interest: BTreeMap<U256, U256>,
    /// Settlement by (pool, expiry).
    pub groups: BTreeMap<(u32, u32), GroupBook>,
    /// What closed groups left behind, by (pool, expiry).
    pub closed_pots: BTreeMap<(u32, u32), Bucket>,
}

impl Books {
    /// Reads everything in scope at the latest block.
    pub async fn read(protocol: &Protocol, scope: &Scope) -> anyhow::Result<Self> {
        let time = protocol.chain().time().await?;
        let at = protocol.at();
        let client = protocol.chain().provider().client();
        let mut batch = Batch(BatchRequest::new(client));
        let mut accounts = Vec::new();
        for &account in &scope.accounts {
            let call = IClearingHouse::accountStateCall { account };
            accounts.push((account, batch.ask(at.clearing_house, &call)?));
        }
        let mut open_interest = Vec::new();
        for &series in &scope.series {
            let call = IClearingHouse::openInterestCall { seriesId: series };
            open_interest.push((series, batch.ask(at.clearing_house, &call)?));
        }
        let mut insurance = Vec::new();
        for pool in &scope.pools {
            let call = ICollateralVault::balancesOfCall {
                bucket: ids::insurance_bucket(pool.pool),
            };
            insurance.push((pool.pool, batch.ask(at.vault, &call)?));
        }
        let mut groups = Vec::new();
        for (pool, expiry) in scope.groups() {
            groups.push((
                (pool.pool, expiry),
                GroupQuestion::ask(&mut batch, protocol, pool, expiry, scope)?,
            ));
        }
        let mut closed = Vec::new();
        for &(pool, expiry) in &scope.closed {
            let bucket = ids::pot_bucket(pool, expiry);
            let call = ICollateralVault::balancesOfCall { bucket };
            closed.push(((pool, expiry), batch.ask(at.vault, &call)?));
        }
        let mut tokens = Vec::new();
        for asset in scope.tokens() {
            let supply = batch.ask(asset, &ITestToken::totalSupplyCall {})?;
            let vault = batch.ask(asset, &ITestToken::balanceOfCall { account: at.vault })?;
            let total = batch.ask(at.vault, &ICollateralVault::totalOfCall { asset })?;
            let mut wallets = Vec::new();
            for &account in &scope.wallets {
                wallets.push(batch.ask(asset, &ITestToken::balanceOfCall { account })?);
            }
            tokens.push((asset, supply, vault, total, wallets));
        }
        batch.0.send().await.context("reading the books")?;

        let mut books = Self {
            time,
            pools: scope.pools.iter().map(|pool| (pool.pool, *pool)).collect(),
            accounts: BTreeMap::new(),
            tokens: BTreeMap::new(),
            insurance: BTreeMap::new(),
            open_interest: BTreeMap::new(),
            groups: BTreeMap::new(),
            closed_pots: BTreeMap::new(),
        };
        for (key, answer) in closed {
            books.closed_pots.insert(key, bucket(answer.read().await?));
        }
        for (account, answer) in accounts {
            books
                .accounts
                .insert(account, account_state(answer.read().await?)?);
        }
        for (series, answer) in open_interest {
            books.open_interest.insert(series, answer.read().await?);
        }
        for (pool, answer) in insurance {
            books.insurance.insert(pool, bucket(answer.read().await?));
        }
        for (group, question) in groups {
            books.groups.insert(group, question.read().await?);
        }
        for (asset, supply, vault, total, wallets) in tokens {
            let mut held = U256::ZERO;
            for answer in wallets {
                held = held.saturating_add(answer.read().await?);
            }
            let book = TokenBook {
                supply: supply.read().await?,
                wallets: held,
                vault: vault.read().await?,
                total: total.read().await?,
            };
            books.tokens.insert(asset, book);
        }
        Ok(books)
    }

    /// Pool an account or another bucket belongs to.
    pub fn pool_of(&self, bucket: U256) -> Option<&PoolScope> {
        self.pools.get(&ids::account_pool(bucket))
    }

    /// Sum of all buckets of a token, token units.
    pub fn buckets_of(&self, asset: Address) -> U256 {
        let share = |pool: Option<&PoolScope>, cash: U256, base: U256| match pool {
            Some(pool) if pool.cash == asset => cash,
            Some(pool) if pool.base == asset => base,
            _ => U256::ZERO,
        };
        let accounts = self
            .accounts
            .iter()
            .map(|(&account, state)| share(self.pool_of(account), state.cash, state.base));
        let insurance = self
            .insurance
            .iter()
            .map(|(pool, held)| share(self.pools.get(pool), held.cash, held.base));
        let pots = self
            .groups
            .iter()
            .map(|((pool, _), group)| share(self.pools.get(pool), group.pot.cash, group.pot.base));
        let closed = self
            .closed_pots
            .iter()
            .map(|((pool, _), pot)| share(self.pools.get(pool), pot.cash, pot.base));
        accounts
            .chain(insurance)
            .chain(pots)
            .chain(closed)
            .fold(U256::ZERO, U256::saturating_add)
    }
}

impl Scope {
    /// Stops reading all but the pot of (pool, expiry).
    pub fn close(&mut self, key: (u32, u32)) {
        self.series
            .retain(|id| ids::series(*id).map(|series| (series.pool, series.expiry)) != Ok(key));
        self.closed.push(key);
    }

    /// Every (pool, expiry) that was ever traded.
    fn groups(&self) -> Vec<(&PoolScope, u32)> {
        let mut groups = BTreeMap::new();
        for series in self.series.iter().filter_map(|&id| ids::series(id).ok()) {
            if let Some(pool) = self.pools.iter().find(|pool| pool.pool == series.pool) {
                groups.insert((series.pool, series.expiry), pool);
            }
        }
        groups
            .into_iter()
            .map(|((_, expiry), pool)| (pool, expiry))
            .collect()
    }

    fn tokens(&self) -> Vec<Address> {
        let mut tokens: Vec<Address> = self
            .pools
            .iter()
            .flat_map(|pool| [pool.cash, pool.base])
            .collect();
        tokens.sort();
        tokens.dedup();
        tokens
    }
}

/// Answers about one group, on their way.
struct GroupQuestion {
    short_interest: Answer<IClearingHouse::shortInterestCall>,
    pot: Answer<ICollateralVault::balancesOfCall>,
    sums: Answer<IExpirySettlement::groupStateCall>,
    credits: Vec<(U256, Answer<IExpirySettlement::creditOfCall>)>,
    price: Answer<IOracleAdapter::settlementPriceCall>,
}

impl GroupQuestion {
    fn ask(
        batch: &mut Batch<'_>,
        protocol: &Protocol,
        pool: &PoolScope,
        expiry: u32,
        scope: &Scope,
    ) -> anyhow::Result<Self> {
        let at = protocol.at();
        let PoolScope { pool, feed, .. } = *pool;
        let mut credits = Vec::new();
        for &account in scope
            .accounts
            .iter()
            .filter(|account| ids::account_pool(**account) == pool)
        {
            let call = IExpirySettlement::creditOfCall { account, expiry };
            credits.push((account, batch.ask(at.settlement, &call)?));
        }
        let bucket = ids::pot_bucket(pool, expiry);
        Ok(Self {
            short_interest: batch.ask(
                at.clearing_house,
                &IClearingHouse::shortInterestCall { pool, expiry },
            )?,
            pot: batch.ask(at.vault, &ICollateralVault::balancesOfCall { bucket })?,
            sums: batch.ask(
                at.settlement,
                &IExpirySettlement::groupStateCall { pool, expiry },
            )?,
            credits,
            price: batch.ask(
                at.adapter,
                &IOracleAdapter::settlementPriceCall { feed, expiry },
            )?,
        })
    }

    async fn read(self) -> anyhow::Result<GroupBook> {
        let sums = self.sums.read().await?;
        let mut credits = BTreeMap::new();
        for (account, answer) in self.credits {
            let credit = answer.read().await?;
            if !credit.is_zero() {
                credits.insert(account, credit);
            }
        }
        Ok(GroupBook {
            short_interest: self.short_interest.read().await?,
            pot: bucket(self.pot.read().await?),
            sums: GroupState {
                owed: sums.owed,
                paid_cash: sums.paidCash,
                paid_base: sums.paidBase,
                paid_insurance: sums.paidInsurance,
                shortfall: sums.shortfall,
            },
            credits,
            price: self.price.read_unless::<IOracleAdapter::NotFixed>().await?,
        })
    }
}

/// Calls that travel in one request: one round trip instead of a hundred.
struct Batch<'a>(BatchRequest<'a>);

/// An answer of a batch.
struct Answer<C> {
    waiter: Waiter<Bytes>,
    call: std::marker::PhantomData<C>,
}

impl Batch<'_> {
    fn ask<C: SolCall>(&mut self, to: Address, call: &C) -> anyhow::Result<Answer<C>> {
        let request = TransactionRequest::default()
            .with_to(to)
            .with_input(call.abi_encode());
        let waiter = self.0.add_call("eth_call", &(request, "latest"))?;
        Ok(Answer {
            waiter,
            call: std::marker::PhantomData,
        })
    }
}

impl<C: SolCall> Answer<C> {
    async fn read(self) -> anyhow::Result<C::Return> {
        let answer = self.waiter.await.with_context(|| C::SIGNATURE)?;
        C::abi_decode_returns(&answer).with_context(|| C::SIGNATURE)
    }

    /// `None` when the contract refuses with the error `E`.
    async fn read_unless<E: alloy::sol_types::SolError>(self) -> anyhow::Result<Option<C::Return>> {
        match self.waiter.await {
            Ok(answer) => Ok(Some(C::abi_decode_returns(&answer)?)),
            Err(error) if is::<E>(&error) => Ok(None),
            Err(error) => Err(error).with_context(|| C::SIGNATURE),
        }
    }
}

fn is<E: alloy::sol_types::SolError>(error: &RpcError<TransportErrorKind>) -> bool {
    let data = error
        .as_error_resp()
        .and_then(|payload| payload.as_revert_data());
    data.is_some_and(|data| data.starts_with(&E::SELECTOR))
}

fn bucket(balances: ICollateralVault::balancesOfReturn) -> Bucket {
    Bucket {
        cash: balances.settlementBalance,
        base: balances.baseBalance,
    }
}

fn account_state(state: IClearingHouse::AccountState) -> anyhow::Result<AccountState> {
    let IClearingHouse::AccountState {
        legs,
        cash,
        base,
        debt,
        version,
    } = state;
    let legs = legs
        .iter()
        .map(|word| ids::leg(*word))
        .collect::<Result<_, _>>();
    let legs = legs.map_err(|error| anyhow!("a stored leg is malformed: {error:?}"))?;
    Ok(AccountState {
        legs,
        cash,
        base,
        debt,
        version,
    })
}
