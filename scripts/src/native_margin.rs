//! The margin engine's calculation on this machine, from on-chain inputs, with the same crate that runs on chain.

use alloy::primitives::{Address, B256, U256};
use alloy::rpc::types::BlockId;
use clearing_math::leg::Leg;
use clearing_math::margin::{
    Linear, MarginError, MarketData, NOVATION_DEFAULT, Portfolio, Requirement, Term, margin,
};

use crate::bindings::{IOracleAdapter, ISeriesFactory};
use crate::client::{AccountState, Protocol};
use crate::errors::ChainError;

/// Risk profile that is `NOVATION_DEFAULT`.
pub const DEFAULT_PROFILE: u32 = 1;
/// No doubt, par: one, WAD.
const SURE: u64 = 1_000_000_000_000_000_000;

/// Why there is no margin.
#[derive(Debug, thiserror::Error)]
pub enum NativeMarginError {
    /// Inputs could not be read.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The calculation refused its inputs.
    #[error("margin cannot be calculated: {0:?}")]
    Margin(MarginError),
    /// This tool does not know the pool's risk profile.
    #[error("pool {pool} uses risk profile {profile}, this tool knows {DEFAULT_PROFILE}")]
    UnknownProfile {
        /// Pool.
        pool: u32,
        /// Profile.
        profile: u32,
    },
}

/// What never changes about a pool.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PoolFacts {
    /// Id.
    pub pool: u32,
    /// Price feed.
    pub feed: B256,
    /// Decimals of the settlement asset.
    pub settlement_decimals: u8,
    /// Decimals of the base asset.
    pub base_decimals: u8,
}

/// Market data of a pool at one block.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Market {
    /// Time of the block, unix seconds.
    pub now: u64,
    /// Median, WAD.
    pub mid: u128,
    /// Lower end of the adverse band, WAD.
    pub low: u128,
    /// Upper end, WAD.
    pub high: u128,
    /// Volatility by expiry, WAD.
    pub volatilities: Vec<(u32, u64)>,
    /// New risk is refused.
    pub degraded: bool,
}

/// Reads a pool's facts.
pub async fn pool_facts(protocol: &Protocol, pool: u32) -> Result<PoolFacts, NativeMarginError> {
    let call = ISeriesFactory::poolRiskCall { pool };
    let risk = protocol.chain().read(protocol.at().factory, &call).await?;
    if risk.riskProfile != DEFAULT_PROFILE {
        return Err(NativeMarginError::UnknownProfile {
            pool,
            profile: risk.riskProfile,
        });
    }
    Ok(PoolFacts {
        pool,
        feed: risk.feed,
        settlement_decimals: risk.settlementDecimals,
        base_decimals: risk.baseDecimals,
    })
}

/// Reads market data for some expiries at a block whose time is `now`.
pub async fn market(
    protocol: &Protocol,
    feed: B256,
    expiries: &[u32],
    block: BlockId,
    now: u64,
) -> Result<Market, ChainError> {
    let call = IOracleAdapter::marketDataCall {
        feed,
        expiries: expiries.to_vec(),
    };
    let adapter = protocol.at().adapter;
    let data = protocol
        .chain()
        .read_as(Address::ZERO, adapter, &call, block)
        .await?;
    let published = expiries.iter().copied().zip(data.volatilities);
    Ok(Market {
        now,
        mid: data.mid.saturating_to(),
        low: data.low.saturating_to(),
        high: data.high.saturating_to(),
        // 0: never published, which is no volatility.
        volatilities: published
            .filter(|(_, volatility)| *volatility != 0)
            .collect(),
        degraded: data.degraded,
    })
}

/// Margin of an account, as the kernel asks the engine for it: cash less debt.
pub fn requirement(
    facts: &PoolFacts,
    market: &Market,
    state: &AccountState,
) -> Result<Requirement, MarginError> {
    let cash = signed_wad(state.cash, state.debt, facts.settlement_decimals)?;
    requirement_of(facts, market, &state.legs, cash, state.base)
}

/// Margin of legs with `cash` (WAD, signed) and `base` (token units).
pub fn requirement_of(
    facts: &PoolFacts,
    market: &Market,
    legs: &[Leg],
    cash: i128,
    base: U256,
) -> Result<Requirement, MarginError> {
    let base = to_wad(base, facts.base_decimals).ok_or(MarginError::Overflow)?;
    if legs.is_empty() && base == 0 {
        // As the engine: nothing to price, no market data needed.
        return Ok(Requirement {
            initial: cash,
            maintenance: cash,
            mark: cash,
            worst_scenario: 0,
        });
    }
    let term = |&(expiry, _): &(u32, u64)| Term {
        expiry,
        forward: market.mid,
        fixed: 0,
        rate: 0,
        confidence: SURE,
    };
    let terms: Vec<Term> = market.volatilities.iter().map(term).collect();
    let volatility = |leg: &Leg| {
        let mut known = market.volatilities.iter();
        known
            .find(|(expiry, _)| *expiry == leg.expiry)
            .map_or(0, |&(_, volatility)| volatility)
    };
    let volatilities: Vec<u64> = legs.iter().map(volatility).collect();
    let data = MarketData {
        now: market.now,
        mid: market.mid,
        low: market.low,
        high: market.high,
        stable: SURE,
        confidence: SURE,
        terms: &terms,
    };
    let portfolio = Portfolio {
        legs,
        volatilities: &volatilities,
        ceilings: &[],
        cash,
        base,
        linear: Linear::NONE,
    };
    margin(&NOVATION_DEFAULT, &data, &portfolio)
}

/// `cash − debt` in WAD. Tokens have at most 18 decimals, so the conversion is exact.
pub fn signed_wad(cash: U256, debt: U256, decimals: u8) -> Result<i128, MarginError> {
    let wad = |amount| {
        to_wad(amount, decimals)
            .and_then(|wad| i128::try_from(wad).ok())
            .ok_or(MarginError::Overflow)
    };
    wad(cash)?
        .checked_sub(wad(debt)?)
        .ok_or(MarginError::Overflow)
}

/// Token units in WAD; `None` beyond 128 bits or for more than 18 decimals.
pub fn to_wad(amount: U256, decimals: u8) -> Option<u128> {
    let scale = 10_u128.checked_pow(u32::from(18_u8.checked_sub(decimals)?))?;
    u128::try_from(amount).ok()?.checked_mul(scale)
}

#[cfg(test)]
mod tests {
    use clearing_math::leg::OptionKind;

    use super::*;

    const FACTS: PoolFacts = PoolFacts {
        pool: 1,
        feed: B256::ZERO,
        settlement_decimals: 6,
        base_decimals: 18,
    };
    const WAD: u128 = 10_u128.pow(18);

    fn market() -> Market {
        Market {
            now: 1_700_000_000,
            mid: 2_000 * WAD,
            low: 1_999 * WAD,
            high: 2_001 * WAD,
            volatilities: vec![(1_700_604_800, 800_000_000_000_000_000)],
            degraded: false,
        }
    }

    #[test]
    fn an_account_of_cash_only_is_worth_its_cash_less_debt() {
        let state = AccountState {
            cash: U256::from(5_000_000),
            debt: U256::from(7_000_000),
            ..AccountState::default()
        };
        let result = requirement(&FACTS, &market(), &state).expect("calculates");
        assert_eq!(result.initial, -2 * WAD as i128);
        assert_eq!(result.mark, result.maintenance);
    }

    #[test]
    fn a_naked_short_needs_margin_and_a_missing_volatility_is_an_error() {
        let mut leg = Leg {
            expiry: 1_700_604_800,
            strike: 200_000_000_000,
            kind: OptionKind::Put,
            contracts: -(WAD as i128),
        };
        let short = AccountState {
            legs: vec![leg],
            cash: U256::from(1_000_000),
            ..AccountState::default()
        };
        let result = requirement(&FACTS, &market(), &short).expect("calculates");
        assert!(result.initial < result.maintenance && result.maintenance < 0);
        leg.expiry += 86_400;
        let unknown = AccountState {
            legs: vec![leg],
            ..AccountState::default()
        };
        let error = requirement(&FACTS, &market(), &unknown).expect_err("no volatility");
        assert_eq!(error, MarginError::MissingTerm { leg: 0 });
    }

    #[test]
    fn tokens_of_more_than_18_decimals_are_refused() {
        assert_eq!(to_wad(U256::from(1), 19), None);
        assert_eq!(to_wad(U256::from(1), 6), Some(10_u128.pow(12)));
    }
}
