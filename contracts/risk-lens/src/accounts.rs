//! Accounts as they stand, and as they would be.

use alloc::vec::Vec;

use alloy_primitives::{B256, I256, U256};
use clearing_math::leg::Leg;
use interfaces::Revert;
use interfaces::words::{Word, Words};

use crate::sources::{Margin, SERIES_BYTES, State, contracts_of};
use crate::{RiskLens, refusal};

/// Market data of one pool, or the error met for them.
type PoolMarket = (u32, Vec<u32>, Option<Result<Vec<u8>, Revert>>);

impl RiskLens {
    /// Margin of an account in a market. Errors: `Overflow`; the engine's.
    pub(crate) fn margin_in(&self, state: &State, market: &[u8]) -> Result<Margin, Revert> {
        let cash = state.net_cash()?;
        self.margin(state.pool, &state.legs, cash, state.base, market)
    }

    /// Errors: `Overflow`; those of kernel, adapter and engine.
    pub(crate) fn margin_now(&self, account: U256) -> Result<Margin, Revert> {
        let state = self.state_of(account)?;
        self.margin_in(&state, &self.market_of(&state)?)
    }

    /// Margin with legs and cash on top. Errors: `BadLeg`, `ExpiredLeg`, `Overflow`; those of kernel, adapter and engine.
    pub(crate) fn margin_if(
        &self,
        account: U256,
        extra: &[B256],
        cash_change: I256,
    ) -> Result<Margin, Revert> {
        let mut state = self.state_of(account)?;
        for (index, word) in extra.iter().enumerate() {
            let leg = Leg::from_word(&word.0).map_err(|_| refusal::bad_leg(index))?;
            if leg.contracts == 0 {
                return Err(refusal::bad_leg(index));
            }
            if u64::from(leg.expiry) <= self.now() {
                return Err(refusal::expired_leg(index));
            }
            add_leg(&mut state.legs, word, leg.contracts)?;
        }
        let change: [u8; 32] = cash_change.to_be_bytes();
        let mut words = Words::new(&change);
        let change = words.i128();
        words.end().map_err(|_| refusal::overflow())?;
        let cash = state.net_cash()?.checked_add(change);
        let cash = cash.ok_or_else(refusal::overflow)?;
        let market = self.market_of(&state)?;
        self.margin(state.pool, &state.legs, cash, state.base, &market)
    }

    /// Margin of many accounts, each by itself; market data once a pool.
    pub(crate) fn margins(&self, accounts: &[U256]) -> Vec<Result<Margin, Revert>> {
        let now = self.now();
        let states: Vec<_> = accounts
            .iter()
            .map(|account| self.state_of(*account))
            .collect();
        let mut markets: Vec<PoolMarket> = Vec::new();
        for state in states.iter().flatten() {
            if !markets.iter().any(|(pool, ..)| *pool == state.pool) {
                markets.push((state.pool, Vec::new(), None));
            }
            let of_pool = markets.iter_mut().find(|(pool, ..)| *pool == state.pool);
            if let Some((_, expiries, _)) = of_pool {
                state.add_expiries(now, expiries);
            }
        }
        for (pool, expiries, market) in &mut markets {
            let fetched = self.pool(*pool);
            *market = Some(fetched.and_then(|known| self.market(known.feed, expiries)));
        }
        states
            .into_iter()
            .map(|state| {
                let state = state?;
                let known = markets.iter().find(|(pool, ..)| *pool == state.pool);
                match known {
                    Some((.., Some(Ok(market)))) => self.margin_in(&state, market),
                    Some((.., Some(Err(refused)))) => Err(refused.clone()),
                    _ => Err(Revert::empty()),
                }
            })
            .collect()
    }
}

/// Adds contracts to a portfolio, netting them with a leg of the same series. Errors: `Overflow`.
pub(crate) fn add_leg(legs: &mut Vec<B256>, series: &B256, contracts: i128) -> Result<(), Revert> {
    let same = |leg: &B256| leg.first_chunk::<SERIES_BYTES>() == series.first_chunk();
    let held = legs.iter().position(same);
    let before = held
        .and_then(|index| legs.get(index))
        .map_or(0, contracts_of);
    let after = before
        .checked_add(contracts)
        .ok_or_else(refusal::overflow)?;
    let mut leg = after.word();
    if let (Some(place), Some(id)) = (leg.first_chunk_mut::<SERIES_BYTES>(), series.first_chunk()) {
        *place = *id;
    }
    match held {
        Some(index) if after == 0 => {
            legs.remove(index);
        }
        Some(index) => {
            if let Some(place) = legs.get_mut(index) {
                *place = leg;
            }
        }
        None if after == 0 => {}
        None => legs.push(leg),
    }
    Ok(())
}
