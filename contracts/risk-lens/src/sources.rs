//! What the lens asks of others: an account of the kernel, a pool of the factory, market data of the adapter, margin of the engine.

use alloc::vec::Vec;

use alloy_primitives::{B256, U256};
use alloy_sol_types::SolCall;
use interfaces::IClearingHouse::accountStateCall;
use interfaces::IMarginEngine::{marginAtCall, scenarioPnlCall};
use interfaces::IOptionPricer::riskOfCall;
use interfaces::ISeriesFactory::{poolAssetsCall, poolRiskCall};
use interfaces::words::{Word, Words, encode};
use interfaces::{Revert, ids, market_data, view_encoded};
use stylus_sdk::prelude::*;

use crate::{RiskLens, refusal};

const WORD: usize = 32;
/// Bytes of a leg word that say which series it is.
pub(crate) const SERIES_BYTES: usize = 16;
/// Decimals of the mathematics.
const WAD_DECIMALS: u8 = 18;

/// An account, token units.
#[derive(Clone)]
pub(crate) struct State {
    pub(crate) pool: u32,
    pub(crate) legs: Vec<B256>,
    pub(crate) cash: u128,
    pub(crate) base: u128,
    pub(crate) debt: u128,
}

/// What the lens needs of a pool.
#[derive(Clone, Copy)]
pub(crate) struct Pool {
    pub(crate) feed: B256,
    settlement_decimals: u8,
    /// Contracts, 1e-18.
    pub(crate) cap: u128,
}

/// The engine's answer; balances WAD.
#[derive(Clone, Copy, Default)]
pub(crate) struct Margin {
    pub(crate) initial: i128,
    pub(crate) maintenance: i128,
    pub(crate) mark: i128,
    pub(crate) worst_scenario: u32,
    pub(crate) degraded: bool,
}

impl State {
    /// Cash less debt, token units. Errors: `Overflow`.
    pub(crate) fn net_cash(&self) -> Result<i128, Revert> {
        let signed = |amount| i128::try_from(amount).map_err(|_| refusal::overflow());
        signed(self.cash)?
            .checked_sub(signed(self.debt)?)
            .ok_or_else(refusal::overflow)
    }

    /// Distinct expiries after `now`, on top of `expiries`.
    pub(crate) fn add_expiries(&self, now: u64, expiries: &mut Vec<u32>) {
        for leg in &self.legs {
            let expiry = expiry_of(leg);
            if u64::from(expiry) > now && !expiries.contains(&expiry) {
                expiries.push(expiry);
            }
        }
    }
}

impl Pool {
    /// 1e18 units per settlement token unit. Errors: `Overflow` for more than 18 decimals.
    pub(crate) fn wad_per_unit(&self) -> Result<u128, Revert> {
        WAD_DECIMALS
            .checked_sub(self.settlement_decimals)
            .and_then(|missing| 10_u128.checked_pow(missing.into()))
            .ok_or_else(refusal::overflow)
    }
}

/// Expiry of a leg word.
pub(crate) fn expiry_of(leg: &B256) -> u32 {
    let [a, b, c, d, ..] = leg.0;
    u32::from_be_bytes([a, b, c, d])
}

/// Contracts of a leg word, 1e-18, long > 0.
pub(crate) fn contracts_of(leg: &B256) -> i128 {
    let (_, contracts) = leg.split_last_chunk().unwrap_or((&[], &[0; 16]));
    i128::from_be_bytes(*contracts)
}

/// The median in encoded market data.
pub(crate) fn mid_of(encoded: &[u8]) -> Result<u128, Revert> {
    let mut words = Words::new(encoded);
    words.word();
    let mid = words.u128();
    words.end()?;
    Ok(mid)
}

/// Encoded market data with the prices, band and all, moved to `spot`.
pub(crate) fn move_market(encoded: &mut [u8], spot: u128) {
    let word = spot.word();
    for price in encoded.chunks_exact_mut(WORD).skip(1).take(3) {
        price.copy_from_slice(word.as_slice());
    }
}

impl RiskLens {
    /// Errors: the kernel's `Locked`.
    pub(crate) fn state_of(&self, account: U256) -> Result<State, Revert> {
        let request = encode(&accountStateCall::SELECTOR, &[account.word()]);
        let answer = view_encoded(self, self.clearing_house.get(), &request)?;
        // A struct behind its offset; its first word is the offset of the legs, which come last.
        let mut words = Words::new(&answer);
        words.word();
        words.word();
        let (cash, base, debt) = (words.u128(), words.u128(), words.u128());
        words.word();
        let count = words.at_most(words.left() as u128);
        let legs = (0..count).map(|_| words.word()).collect();
        words.end()?;
        Ok(State {
            pool: ids::account_pool(account),
            legs,
            cash,
            base,
            debt,
        })
    }

    /// Errors: the factory's `UnknownPool`.
    #[allow(clippy::cast_possible_truncation, reason = "read as at most 255")]
    pub(crate) fn pool(&self, pool: u32) -> Result<Pool, Revert> {
        let request = encode(&poolRiskCall::SELECTOR, &[pool.word()]);
        let answer = view_encoded(self, self.factory.get(), &request)?;
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
    pub(crate) fn assets(&self, pool: u32) -> Result<[B256; 2], Revert> {
        let request = encode(&poolAssetsCall::SELECTOR, &[pool.word()]);
        let answer = view_encoded(self, self.factory.get(), &request)?;
        let mut words = Words::new(&answer);
        let settlement = words.word();
        words.word();
        let base = words.word();
        words.end()?;
        Ok([settlement, base])
    }

    /// Encoded market data. Errors: the adapter's.
    pub(crate) fn market(&self, feed: B256, expiries: &[u32]) -> Result<Vec<u8>, Revert> {
        market_data::fetch(self, self.adapter.get(), feed, expiries)
    }

    /// Market data for an account. Errors: those of pool and adapter.
    pub(crate) fn market_of(&self, state: &State) -> Result<Vec<u8>, Revert> {
        let mut expiries = Vec::new();
        state.add_expiries(self.now(), &mut expiries);
        self.market(self.pool(state.pool)?.feed, &expiries)
    }

    /// Margin on given market data; `cash` and `base` in token units. Errors: the engine's.
    pub(crate) fn margin(
        &self,
        pool: u32,
        legs: &[B256],
        cash: i128,
        base: u128,
        market: &[u8],
    ) -> Result<Margin, Revert> {
        const HEAD: u128 = 5 * 32;
        let count = legs.len() as u128;
        // A head of five words, the legs behind their number, the bytes behind theirs; far from 2^64 either.
        let market_at = HEAD.wrapping_add(count.wrapping_add(1).wrapping_mul(32));
        let mut words = vec![
            pool.word(),
            HEAD.word(),
            cash.word(),
            base.word(),
            market_at.word(),
            count.word(),
        ];
        words.extend_from_slice(legs);
        words.push((market.len() as u128).word());
        let mut request = encode(&marginAtCall::SELECTOR, &words);
        request.extend_from_slice(market);
        let answer = view_encoded(self, self.engine.get(), &request)?;
        let mut words = Words::new(&answer);
        let margin = Margin {
            initial: words.i128(),
            maintenance: words.i128(),
            mark: words.i128(),
            worst_scenario: words.u32(),
            degraded: words.bool(),
        };
        words.end()?;
        Ok(margin)
    }

    /// The engine's encoded `scenarioPnl` of an account. Errors: the engine's.
    pub(crate) fn scenario_pnl(&self, state: &State) -> Result<Vec<u8>, Revert> {
        let count = state.legs.len() as u128;
        let mut words = vec![
            state.pool.word(),
            96_u32.word(),
            state.base.word(),
            count.word(),
        ];
        words.extend_from_slice(&state.legs);
        let request = encode(&scenarioPnlCall::SELECTOR, &words);
        view_encoded(self, self.engine.get(), &request)
    }

    /// The pricer's answer to an encoded question. Errors: the pricer's.
    pub(crate) fn ask_pricer(&self, question: &[u8]) -> Result<Vec<u8>, Revert> {
        view_encoded(self, self.pricer.get(), question)
    }

    /// The pricer's encoded `riskOf` an account. Errors: the pricer's.
    pub(crate) fn risk_of(&self, state: &State) -> Result<Vec<u8>, Revert> {
        let count = state.legs.len() as u128;
        let mut words = vec![state.pool.word(), 64_u32.word(), count.word()];
        words.extend_from_slice(&state.legs);
        self.ask_pricer(&encode(&riskOfCall::SELECTOR, &words))
    }

    /// An address another contract states.
    pub(crate) fn ask_address(
        &self,
        at: alloy_primitives::Address,
        selector: [u8; 4],
    ) -> Result<alloy_primitives::Address, Revert> {
        let answer = view_encoded(self, at, &selector)?;
        let mut words = Words::new(&answer);
        let address = words.address();
        words.end()?;
        Ok(address)
    }

    /// Unix seconds.
    pub(crate) fn now(&self) -> u64 {
        self.vm().block_timestamp()
    }
}
