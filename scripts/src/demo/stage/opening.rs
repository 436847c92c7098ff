//! Opening: collateral for the house, then everyone's deposit and trades.

use alloy::primitives::U256;
use clearing_math::leg::Leg;

use super::{Actor, CASH_DECIMALS, STRIKE_TICK, Stage, cash_units};
use crate::client::{AccountState, Terms};
use crate::demo::cast::{Position, Role};
use crate::native_margin::{self, Market};

/// Bid and ask around the mark, both sides, in 1/10,000.
const HALF_SPREAD_BPS: u128 = 150;
/// What the market maker posts per unit of his own requirement.
const MAKER_CUSHION: f64 = 5.0;
/// Settlement asset in the pool's insurance, as a share of the notional of all positions.
const INSURANCE_SHARE: f64 = 0.005;
/// Settlement asset of the liquidator, as a share of the same.
const LIQUIDATOR_SHARE: f64 = 0.5;

/// Market maker, liquidator and insurance get their collateral before anyone trades.
pub(super) async fn fund_house(
    stage: &Stage,
    market: &Market,
    roles: &[Role],
) -> anyhow::Result<()> {
    let mut legs = Vec::new();
    let mut notional = 0.0;
    for position in roles.iter().flat_map(|role| &role.positions) {
        let leg = leg_of(stage, market, position);
        notional += position.contracts.abs() * market.mid as f64 / 1e18;
        legs.push(Leg {
            contracts: -leg.contracts,
            ..leg
        });
    }
    let need = requirement(stage, market, &merged(&legs), 0.0)?;
    let protocol = &stage.protocol;
    let maker = MAKER_CUSHION * need + 0.2 * notional;
    for (actor, amount) in [
        (&stage.maker, maker),
        (&stage.liquidator, LIQUIDATOR_SHARE * notional),
    ] {
        protocol
            .mint_and_deposit(&actor.signer, actor.account, stage.cash, cash_units(amount))
            .await?;
    }
    let insurance = cash_units(INSURANCE_SHARE * notional);
    protocol
        .mint(&stage.owner, stage.cash, stage.owner.address(), insurance)
        .await?;
    protocol
        .deposit_insurance(&stage.owner, stage.facts.pool, stage.cash, insurance)
        .await?;
    Ok(())
}

/// Deposits, trades against the market maker, and takes the premium home: what stays is the cushion.
pub(super) async fn open(
    stage: &Stage,
    market: &Market,
    role: &Role,
    actor: &Actor,
) -> anyhow::Result<()> {
    let protocol = &stage.protocol;
    let legs: Vec<Leg> = role
        .positions
        .iter()
        .map(|position| leg_of(stage, market, position))
        .collect();
    let need = requirement(stage, market, &legs, role.base)?;
    let mut premiums = Vec::new();
    for leg in &legs {
        premiums.push(premium(stage, market, leg)?);
    }
    let paid: u128 = legs
        .iter()
        .zip(&premiums)
        .filter(|(leg, _)| leg.contracts > 0)
        .map(|(_, p)| *p)
        .sum();
    let received: u128 = premiums.iter().sum::<u128>() - paid;
    let keep = cash_units(need * role.cushion);
    let deposit = keep + U256::from(paid);
    if !deposit.is_zero() {
        protocol
            .mint_and_deposit(&actor.signer, actor.account, stage.cash, deposit)
            .await?;
    }
    if role.base > 0.0 {
        let amount = U256::from((role.base * 1e18) as u128);
        protocol
            .mint_and_deposit(&actor.signer, actor.account, stage.base, amount)
            .await?;
    }
    for (index, (leg, premium)) in legs.iter().zip(premiums).enumerate() {
        let kind = leg.kind;
        let series = protocol
            .list_series(
                &actor.signer,
                stage.facts.pool,
                leg.expiry,
                leg.strike,
                kind,
            )
            .await?
            .value;
        let (buyer, seller) = if leg.contracts > 0 {
            (actor, &stage.maker)
        } else {
            (&stage.maker, actor)
        };
        let terms = Terms {
            buyer: buyer.account,
            seller: seller.account,
            series,
            contracts: leg.contracts.unsigned_abs(),
            premium: U256::from(premium),
            deadline: market.now + 86_400,
            nonce: index as u64,
        };
        protocol
            .agree(&buyer.signer, &seller.signer, &terms)
            .await?;
    }
    if received > 0 {
        protocol
            .withdraw(
                &actor.signer,
                actor.account,
                stage.cash,
                U256::from(received),
                actor.signer.address(),
            )
            .await?;
    }
    Ok(())
}

fn leg_of(stage: &Stage, market: &Market, position: &Position) -> Leg {
    let target = (position.moneyness * market.mid as f64 / 1e10) as u64;
    let strike = (target.saturating_add(STRIKE_TICK / 2) / STRIKE_TICK).max(1) * STRIKE_TICK;
    Leg {
        expiry: stage.expiries[position.expiry],
        strike,
        kind: position.kind,
        contracts: (position.contracts * 1e18) as i128,
    }
}

/// Legs of one series added up.
fn merged(legs: &[Leg]) -> Vec<Leg> {
    let mut merged: Vec<Leg> = Vec::new();
    for leg in legs {
        let same = merged.iter_mut().find(|other| {
            (other.expiry, other.strike, other.kind) == (leg.expiry, leg.strike, leg.kind)
        });
        match same {
            Some(other) => other.contracts += leg.contracts,
            None => merged.push(*leg),
        }
    }
    merged.retain(|leg| leg.contracts != 0);
    merged
}

/// Cash that makes the initial balance zero, whole units of settlement asset.
fn requirement(stage: &Stage, market: &Market, legs: &[Leg], base: f64) -> anyhow::Result<f64> {
    let state = AccountState {
        legs: legs.to_vec(),
        base: U256::from((base * 1e18) as u128),
        ..AccountState::default()
    };
    let margin = native_margin::requirement(&stage.facts, market, &state)
        .map_err(|error| anyhow::anyhow!("margin of an opening portfolio: {error:?}"))?;
    Ok((-margin.initial as f64 / 1e18).max(0.0))
}

/// Premium of a whole leg, token units: mark plus or minus half a spread.
fn premium(stage: &Stage, market: &Market, leg: &Leg) -> anyhow::Result<u128> {
    let one = Leg {
        contracts: leg.contracts.abs(),
        ..*leg
    };
    let state = AccountState {
        legs: vec![one],
        ..AccountState::default()
    };
    let value = native_margin::requirement(&stage.facts, market, &state)
        .map_err(|error| anyhow::anyhow!("price of an opening leg: {error:?}"))?
        .mark
        .unsigned_abs();
    let units = value / 10_u128.pow(u32::from(18 - CASH_DECIMALS));
    let spread = units * HALF_SPREAD_BPS / 10_000;
    Ok(if leg.contracts > 0 {
        units + spread
    } else {
        units - spread
    })
}
