//! The margin engine's calculation on this machine, from on-chain inputs, with the same crate that runs on chain.

use alloy::primitives::{Address, B256, U256};
use alloy::providers::Provider;
use alloy::rpc::types::BlockId;
use clearing_math::conditions::{QuotedTerm, Ramp, volatilities};
use clearing_math::leg::Leg;
use clearing_math::margin::{
    Linear, MarginError, MarketData, Portfolio, Requirement, RiskProfile, margin,
};
use clearing_math::surface::{PublishedSmile, SmilePair};

use crate::bindings::{IOracleAdapter, ISeriesFactory};
use crate::client::{AccountState, Protocol};
use crate::errors::ChainError;

/// Risk profile every deployment lists first: `clearing_math::margin::NOVATION_DEFAULT`.
pub const DEFAULT_PROFILE: u32 = 1;

/// Why there is no margin.
#[derive(Debug, thiserror::Error)]
pub enum NativeMarginError {
    /// Inputs could not be read.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The calculation refused its inputs.
    #[error("margin cannot be calculated: {0:?}")]
    Margin(MarginError),
    /// The contract that should hold a risk profile does not.
    #[error("{address} holds no risk profile this tool can read, but pool {pool} names it")]
    UnknownProfile {
        /// Pool.
        pool: u32,
        /// Data contract.
        address: Address,
    },
}

/// What margin needs to know of a pool.
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
    /// The version of the risk profile in effect.
    pub profile: RiskProfile,
    /// The version maintenance margin comes from, while it is on its way.
    pub ramp: Option<(RiskProfile, Ramp)>,
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
    /// Price of the settlement asset, WAD quote.
    pub stable: u64,
    /// How sure the sources are, WAD.
    pub confidence: u64,
    /// One per expiry asked for.
    pub terms: Vec<MarketTerm>,
    /// New risk is refused.
    pub degraded: bool,
}

/// What the market says of one expiry.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MarketTerm {
    /// Unix seconds.
    pub expiry: u32,
    /// Growth of the forward per year, WAD.
    pub carry: i64,
    /// Interest per year, WAD.
    pub rate: i64,
    /// How sure the publishers are, WAD.
    pub confidence: u64,
    /// What volatility might be where it is not fresh, WAD; zero: it is.
    pub volatility_ceiling: u64,
    /// One per publisher; none: no volatility.
    pub smiles: Vec<SmilePair>,
}

impl MarketTerm {
    /// An expiry with one volatility (WAD) at all strikes, no carry and no rate; `None` for one that cannot be published.
    pub fn flat(expiry: u32, volatility: u64, now: u64) -> Option<Self> {
        const SURE: u64 = 1_000_000_000_000_000_000;
        let word = PublishedSmile::flat(volatility, expiry, 0).ok()?.to_word();
        Some(Self {
            expiry,
            carry: 0,
            rate: 0,
            confidence: SURE,
            volatility_ceiling: 0,
            smiles: vec![SmilePair::prepare(&word, &word, expiry, now).ok()?],
        })
    }

    /// As the mathematics takes it.
    pub fn quoted(&self) -> QuotedTerm<'_> {
        QuotedTerm {
            expiry: self.expiry,
            carry: self.carry,
            rate: self.rate,
            confidence: self.confidence,
            volatility_ceiling: self.volatility_ceiling,
            smiles: &self.smiles,
        }
    }
}

/// Reads a pool's facts as they are now.
pub async fn pool_facts(protocol: &Protocol, pool: u32) -> Result<PoolFacts, NativeMarginError> {
    let call = ISeriesFactory::poolRiskCall { pool };
    let risk = protocol.chain().read(protocol.at().factory, &call).await?;
    let profile = profile_at(protocol, pool, risk.profile).await?;
    let ramp = if risk.previousProfile.is_zero() {
        None
    } else {
        let previous = profile_at(protocol, pool, risk.previousProfile).await?;
        let (start, end) = (risk.rampStart, risk.rampEnd);
        Some((previous, Ramp { start, end }))
    };
    Ok(PoolFacts {
        pool,
        feed: risk.feed,
        settlement_decimals: risk.settlementDecimals,
        base_decimals: risk.baseDecimals,
        profile,
        ramp,
    })
}

/// The profile a data contract holds behind its first byte.
async fn profile_at(
    protocol: &Protocol,
    pool: u32,
    address: Address,
) -> Result<RiskProfile, NativeMarginError> {
    let code = protocol.chain().provider().get_code_at(address).await;
    let code = code.map_err(|error| ChainError::from_rpc("reading a risk profile", error))?;
    code.split_first()
        .filter(|(stop, _)| **stop == 0)
        .and_then(|(_, bytes)| RiskProfile::from_bytes(bytes).ok())
        .ok_or(NativeMarginError::UnknownProfile { pool, address })
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
    Ok(market_of(&data, now))
}

/// Market data as the adapter answers them. A smile that is none - no adapter of ours answers one - leaves its term without any.
pub fn market_of(data: &IOracleAdapter::MarketData, now: u64) -> Market {
    let mut words = data.smiles.chunks_exact(2);
    let mut term = |term: &IOracleAdapter::Term| {
        let count = usize::try_from(term.smiles).unwrap_or(usize::MAX);
        let pairs = words.by_ref().take(count);
        let pairs = pairs.map(|pair| SmilePair::prepare(&pair[0].0, &pair[1].0, term.expiry, now));
        MarketTerm {
            expiry: term.expiry,
            carry: term.carry,
            rate: term.rate,
            confidence: term.confidence,
            volatility_ceiling: term.volatilityCeiling,
            smiles: pairs.collect::<Result<_, _>>().unwrap_or_default(),
        }
    };
    Market {
        now,
        mid: data.mid.saturating_to(),
        low: data.low.saturating_to(),
        high: data.high.saturating_to(),
        stable: data.stable,
        confidence: data.confidence,
        terms: data.terms.iter().map(&mut term).collect(),
        degraded: data.doubts != 0,
    }
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
    with_portfolio(market, legs, cash, base, |data, portfolio| {
        let new = margin(&facts.profile, data, portfolio)?;
        let Some((previous, ramp)) = &facts.ramp else {
            return Ok(new);
        };
        let old = margin(previous, data, portfolio)?;
        ramp.between(&old, &new, market.now)
            .ok_or(MarginError::Overflow)
    })
}

/// Hands a portfolio to the model, every leg at the volatility the surface has at its strike. `cash` and `base` WAD.
pub fn with_portfolio<T>(
    market: &Market,
    legs: &[Leg],
    cash: i128,
    base: u128,
    model: impl FnOnce(&MarketData, &Portfolio) -> Result<T, MarginError>,
) -> Result<T, MarginError> {
    let quoted: Vec<QuotedTerm> = market.terms.iter().map(MarketTerm::quoted).collect();
    let terms: Result<Vec<_>, _> = quoted
        .iter()
        .map(|term| term.term(market.mid, market.now))
        .collect();
    let terms = terms?;
    let (mut per_leg, mut ceilings) = (vec![0; legs.len()], vec![0; legs.len()]);
    let now = market.now;
    if !volatilities(&quoted, &terms, legs, now, &mut per_leg, &mut ceilings) {
        ceilings.clear();
    }
    let data = MarketData {
        now,
        mid: market.mid,
        low: market.low,
        high: market.high,
        stable: market.stable,
        confidence: market.confidence,
        terms: &terms,
    };
    let portfolio = Portfolio {
        legs,
        volatilities: &per_leg,
        ceilings: &ceilings,
        cash,
        base,
        linear: Linear::NONE,
    };
    model(&data, &portfolio)
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
    use clearing_math::margin::NOVATION_DEFAULT;

    use super::*;

    const FACTS: PoolFacts = PoolFacts {
        pool: 1,
        feed: B256::ZERO,
        settlement_decimals: 6,
        base_decimals: 18,
        profile: NOVATION_DEFAULT,
        ramp: None,
    };
    const WAD: u128 = 10_u128.pow(18);

    fn market() -> Market {
        Market {
            now: 1_700_000_000,
            mid: 2_000 * WAD,
            low: 1_999 * WAD,
            high: 2_001 * WAD,
            stable: WAD as u64,
            confidence: WAD as u64,
            terms: vec![
                MarketTerm::flat(1_700_604_800, 800_000_000_000_000_000, 1_700_000_000)
                    .expect("publishable"),
            ],
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
