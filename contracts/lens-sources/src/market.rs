//! Pools of the factory and market data of the adapter.

use alloc::vec::Vec;

use alloy_primitives::{Address, B256, U256};
use alloy_sol_types::SolCall;
use clearing_math::series::Series;
use interfaces::IMarginEngine::{oracleAdapterCall, seriesFactoryCall};
use interfaces::ISeriesFactory::{poolAssetsCall, poolRiskCall};
use interfaces::market_data::{self, MarketData};
use interfaces::words::{Word, Words, encode};
use interfaces::{Revert, view_encoded};
use stylus_sdk::prelude::*;
use stylus_sdk::storage::StorageAddress;

use crate::refusal;

/// Decimals of the mathematics.
const WAD_DECIMALS: u8 = 18;
/// Bit of the doubts of market data: volatility is stale (`IOracleAdapter.MarketData`).
const STALE_VOLATILITY: u32 = 8;

/// Whom the programs of the lens ask; written once.
#[storage]
pub struct Neighbours {
    /// Where margin comes from.
    engine: StorageAddress,
    /// Where pools are listed: the engine's.
    factory: StorageAddress,
    /// Where market data come from: the engine's.
    adapter: StorageAddress,
}

impl Neighbours {
    /// The margin engine.
    #[must_use]
    pub fn engine(&self) -> Address {
        self.engine.get()
    }
}

/// What is needed of a pool.
#[derive(Clone, Copy)]
pub struct Pool {
    /// Its price feed.
    pub feed: B256,
    settlement_decimals: u8,
    /// Most contracts of a series that may be open, 1e-18.
    pub cap: u128,
}

impl Pool {
    /// 1e18 units per settlement token unit. Errors: `Overflow` for more than 18 decimals.
    pub fn wad_per_unit(&self) -> Result<u128, Revert> {
        WAD_DECIMALS
            .checked_sub(self.settlement_decimals)
            .and_then(|missing| 10_u128.checked_pow(missing.into()))
            .ok_or_else(refusal::overflow)
    }
}

/// A contract that asks about pools and their markets.
pub trait Markets: TopLevelStorage + HostAccess + Sized {
    /// Whom it asks.
    fn neighbours(&self) -> &Neighbours;

    /// The same, to be written.
    fn neighbours_mut(&mut self) -> &mut Neighbours;

    /// Fixes whom to ask: the engine, and where it has pools and prices from. Errors: the engine's.
    fn connect(&mut self, engine: Address) -> Result<(), Revert> {
        let ask = |selector: [u8; 4]| {
            let answer = view_encoded(self, engine, &selector)?;
            let mut words = Words::new(&answer);
            let address = words.address();
            words.end()?;
            Ok::<_, Revert>(address)
        };
        let factory = ask(seriesFactoryCall::SELECTOR)?;
        let adapter = ask(oracleAdapterCall::SELECTOR)?;
        let neighbours = self.neighbours_mut();
        neighbours.engine.set(engine);
        neighbours.factory.set(factory);
        neighbours.adapter.set(adapter);
        Ok(())
    }

    /// Unix seconds.
    fn now(&self) -> u64 {
        self.vm().block_timestamp()
    }

    /// Reads the id of a series that has not expired. Errors: `BadSeries`, `SeriesExpired`.
    fn live_series(&self, id: U256) -> Result<Series, Revert> {
        let series = Series::from_id(&id.to_be_bytes()).map_err(|_| refusal::bad_series(id))?;
        if u64::from(series.expiry) <= self.now() {
            return Err(refusal::series_expired(id, series.expiry));
        }
        Ok(series)
    }

    /// Errors: the factory's `UnknownPool`.
    #[allow(clippy::cast_possible_truncation, reason = "read as at most 255")]
    fn pool(&self, pool: u32) -> Result<Pool, Revert> {
        let request = encode(&poolRiskCall::SELECTOR, &[pool.word()]);
        let answer = view_encoded(self, self.neighbours().factory.get(), &request)?;
        let mut words = Words::new(&answer);
        let feed = words.word();
        words.word();
        let settlement_decimals = words.at_most(u8::MAX.into()) as u8;
        words.word();
        let cap = words.u128();
        words.end()?;
        Ok(Pool {
            feed,
            settlement_decimals,
            cap,
        })
    }

    /// Settlement and base asset of a pool, as words. Errors: the factory's `UnknownPool`.
    fn assets(&self, pool: u32) -> Result<[B256; 2], Revert> {
        let request = encode(&poolAssetsCall::SELECTOR, &[pool.word()]);
        let answer = view_encoded(self, self.neighbours().factory.get(), &request)?;
        let mut words = Words::new(&answer);
        let settlement = words.word();
        words.word();
        let base = words.word();
        words.end()?;
        Ok([settlement, base])
    }
}

/// What is wanted of markets, before anything is asked.
#[derive(Default)]
pub struct Wanted {
    pools: Vec<(u32, Result<Pool, Revert>)>,
    feeds: Vec<(B256, Vec<u32>)>,
}

/// Market data, each feed's as `T`.
pub struct Fetched<T> {
    pools: Vec<(u32, Result<Pool, Revert>)>,
    feeds: Vec<(B256, Result<T, Revert>)>,
}

impl Wanted {
    /// Adds a pool's market, with terms for these expiries. An unknown pool is found to be one when its market is looked at.
    pub fn add<S: Markets>(&mut self, contract: &S, pool: u32, expiries: &[u32]) {
        if !self.pools.iter().any(|(known, _)| *known == pool) {
            self.pools.push((pool, contract.pool(pool)));
        }
        let known = self.pools.iter().find(|(known, _)| *known == pool);
        let Some((_, Ok(Pool { feed, .. }))) = known else {
            return;
        };
        if !self.feeds.iter().any(|(known, _)| known == feed) {
            self.feeds.push((*feed, Vec::new()));
        }
        let wanted = self.feeds.iter_mut().find(|(known, _)| known == feed);
        if let Some((_, wanted)) = wanted {
            for expiry in expiries {
                if !wanted.contains(expiry) {
                    wanted.push(*expiry);
                }
            }
        }
    }

    /// Asks the adapter once a feed; what fails for one feed does not touch the others.
    pub fn fetch<S: Markets, T>(
        self,
        contract: &S,
        read: impl Fn(MarketData) -> Result<T, Revert>,
    ) -> Fetched<T> {
        let adapter = contract.neighbours().adapter.get();
        let fetched = self.feeds.into_iter().map(|(feed, expiries)| {
            let encoded = market_data::fetch(contract, adapter, feed, &expiries);
            let data = encoded.and_then(|encoded| MarketData::decode(&encoded));
            (feed, data.and_then(&read))
        });
        Fetched {
            feeds: fetched.collect(),
            pools: self.pools,
        }
    }
}

impl<T> Fetched<T> {
    /// A pool that was wanted, and its market. Errors: the factory's `UnknownPool`, those of the adapter.
    pub fn of(&self, pool: u32) -> Result<(&Pool, &T), Revert> {
        let known = self.pools.iter().find(|(known, _)| *known == pool);
        let (_, pool) = known.ok_or_else(Revert::empty)?;
        let pool = pool.as_ref().map_err(Clone::clone)?;
        let market = self.feeds.iter().find(|(feed, _)| *feed == pool.feed);
        let (_, market) = market.ok_or_else(Revert::empty)?;
        Ok((pool, market.as_ref().map_err(Clone::clone)?))
    }
}

/// What the adapter would have answered had it been asked for these expiries alone, encoded: their terms and smiles, and no doubt about
/// volatilities of others.
#[must_use]
pub fn excerpt(data: &MarketData, expiries: &[u32]) -> Vec<u8> {
    let (mut terms, mut smiles) = (Vec::<B256>::new(), Vec::<B256>::new());
    let mut stale = 0;
    for expiry in expiries {
        let mut first = 0_usize;
        for term in &data.terms {
            let last = first.saturating_add(term.smiles);
            if term.expiry == *expiry {
                terms.extend([
                    term.expiry.word(),
                    i128::from(term.carry).word(),
                    i128::from(term.rate).word(),
                    term.confidence.word(),
                    term.volatility_ceiling.word(),
                    (term.smiles as u64).word(),
                ]);
                if term.volatility_ceiling != 0 {
                    stale = STALE_VOLATILITY;
                }
                let own = data.smiles.get(first..last).unwrap_or_default();
                smiles.extend(own.iter().flatten());
            }
            first = last;
        }
    }
    // Eight words of head, the count and the terms lie before the smiles; lists as long as what was read.
    let before = (terms.len() as u64).saturating_add(9).saturating_mul(32);
    let mut words = vec![
        32_u32.word(),
        data.mid.word(),
        data.low.word(),
        data.high.word(),
        data.stable.word(),
        data.confidence.word(),
        (data.doubts & !STALE_VOLATILITY | stale).word(),
        256_u32.word(),
        before.word(),
        ((terms.len() / 6) as u64).word(),
    ];
    words.extend(terms);
    words.push((smiles.len() as u64).word());
    words.extend(smiles);
    encode(&[], &words)
}

/// Encoded market data with the prices, band and all, moved to `spot` (WAD).
pub fn move_spot(encoded: &mut [u8], spot: u128) {
    let word = spot.word();
    for price in encoded.chunks_exact_mut(32).skip(1).take(3) {
        price.copy_from_slice(word.as_slice());
    }
}
