//! How much of an account to bid for: what brings more than it costs and leaves the bidder above initial margin.

use std::collections::BTreeSet;

use alloy::primitives::{I256, U256};
use clearing_math::WAD;
use clearing_math::fixed::mul_div_down;
use clearing_math::leg::Leg;
use clearing_math::margin::{MAX_EXPIRIES, MAX_LEGS};

use crate::bindings::ILiquidationAuction::BadFraction;
use crate::client::{AccountState, Protocol};
use crate::errors::ChainError;
use crate::lifecycle::BidResult;
use crate::native_margin::{self, Market, PoolFacts};

/// Fractions tried, each half of the one before: down to an eighth of a percent.
const HALVINGS: u32 = 10;

/// A bid worth making.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Plan {
    /// Most of the account to take, 1e18 = all.
    pub max_fraction: U256,
    /// What the preview costs, settlement token units: the price only falls while the bid travels.
    pub max_net_payment: I256,
    /// Version of the account's legs.
    pub version: u64,
}

/// No bid.
#[derive(Debug)]
pub(super) enum Refusal {
    /// The numbers speak against it.
    Unattractive(String),
    /// They could not be read.
    Chain(ChainError),
}

impl From<ChainError> for Refusal {
    fn from(error: ChainError) -> Self {
        Self::Chain(error)
    }
}

/// Finds the largest fraction, by halving, that pays and that the bidder's margin carries.
pub(super) async fn plan(
    protocol: &Protocol,
    account: U256,
    bidder: U256,
    facts: &PoolFacts,
    market: &Market,
) -> Result<Plan, Refusal> {
    let seller = protocol.account_state(account).await?;
    let taker = protocol.account_state(bidder).await?;
    let reserved = protocol
        .auction_of(account)
        .await?
        .map_or(U256::ZERO, |(_, reserved)| reserved);
    let mut reason = "no fraction is small enough".to_owned();
    let mut offered = U256::from(WAD);
    for _ in 0..HALVINGS {
        let (preview, version) = match protocol.preview_bid(account, offered).await {
            Ok(preview) => preview,
            // Smaller than the auction sells: the one before was the last that could be tried.
            Err(error) if error.is::<BadFraction>() => break,
            Err(error) => return Err(error.into()),
        };
        match judge(&seller, &taker, reserved, &preview, facts, market) {
            Ok(max_net_payment) => {
                return Ok(Plan {
                    max_fraction: offered,
                    max_net_payment,
                    version,
                });
            }
            Err(refused) => reason = refused,
        }
        // The auction may cap the fraction: half of what it would take is the next smaller bid.
        offered = preview.fraction.min(offered) >> 1;
        if offered.is_zero() {
            break;
        }
    }
    Err(Refusal::Unattractive(reason))
}

/// The bidder's net payment (token units), if the bid pays and can be carried; else why not.
fn judge(
    seller: &AccountState,
    taker: &AccountState,
    reserved: U256,
    bid: &BidResult,
    facts: &PoolFacts,
    market: &Market,
) -> Result<I256, String> {
    let taken = portion(seller, reserved, bid.fraction).ok_or("amounts beyond 128 bits")?;
    let value = native_margin::requirement(facts, market, &taken);
    let value = value
        .map_err(|error| format!("its value cannot be calculated: {error:?}"))?
        .mark;
    let paid = bid.payment.saturating_add(bid.insurance_fee);
    let net = signed(paid)?.saturating_sub(signed(bid.insurance_payment)?);
    let received =
        native_margin::signed_wad(bid.insurance_payment, paid, facts.settlement_decimals);
    let profit = received
        .ok()
        .and_then(|received| value.checked_add(received));
    if profit.is_none_or(|profit| profit <= 0) {
        return Err(format!("worth {value} (1e18), costs {net} token units"));
    }
    let after = merged(taker, &taken, bid).ok_or("the bidder's cash does not cover the payment")?;
    if after.legs.len() > MAX_LEGS {
        return Err(format!(
            "the bidder would hold {} legs, {MAX_LEGS} are allowed",
            after.legs.len()
        ));
    }
    let expiries: BTreeSet<u32> = after.legs.iter().map(|leg| leg.expiry).collect();
    if expiries.len() > MAX_EXPIRIES {
        return Err(format!(
            "the bidder would hold {} expiries, {MAX_EXPIRIES} are allowed",
            expiries.len()
        ));
    }
    let margin = native_margin::requirement(facts, market, &after);
    let initial = margin
        .map_err(|error| format!("margin: {error:?}"))?
        .initial;
    if initial < 0 {
        return Err(format!(
            "the bidder's initial margin balance would be {initial}"
        ));
    }
    Ok(net)
}

/// What a fraction of an account consists of, rounded as the kernel rounds it.
fn portion(seller: &AccountState, reserved: U256, fraction: U256) -> Option<AccountState> {
    let fraction = u128::try_from(fraction).ok()?;
    let part =
        |amount: U256| mul_div_down(u128::try_from(amount).ok()?, fraction, WAD).map(U256::from);
    let mut legs = Vec::with_capacity(seller.legs.len());
    for leg in &seller.legs {
        let size = mul_div_down(leg.contracts.unsigned_abs(), fraction, WAD)?;
        let size = i128::try_from(size).ok()?;
        let contracts = if leg.contracts < 0 {
            size.checked_neg()?
        } else {
            size
        };
        if contracts != 0 {
            legs.push(Leg { contracts, ..*leg });
        }
    }
    Some(AccountState {
        legs,
        cash: part(seller.cash.saturating_sub(reserved))?,
        base: part(seller.base)?,
        debt: U256::ZERO,
        version: 0,
    })
}

/// The bidder's account after the bid; `None` when its cash does not cover the payment, which is taken before anything is received.
fn merged(taker: &AccountState, taken: &AccountState, bid: &BidResult) -> Option<AccountState> {
    let cash = taker
        .cash
        .checked_sub(bid.payment.checked_add(bid.insurance_fee)?)?;
    let mut legs = taker.legs.clone();
    for leg in &taken.legs {
        let same = |held: &&mut Leg| {
            (held.expiry, held.strike, held.kind) == (leg.expiry, leg.strike, leg.kind)
        };
        match legs.iter_mut().find(same) {
            Some(held) => held.contracts = held.contracts.checked_add(leg.contracts)?,
            None => legs.push(*leg),
        }
    }
    legs.retain(|leg| leg.contracts != 0);
    Some(AccountState {
        legs,
        cash: cash
            .checked_add(bid.insurance_payment)?
            .checked_add(taken.cash)?,
        base: taker.base.checked_add(taken.base)?,
        debt: taker.debt,
        version: taker.version,
    })
}

fn signed(amount: U256) -> Result<I256, String> {
    I256::try_from(amount).map_err(|_| format!("{amount} is no payment"))
}

#[cfg(test)]
mod tests {
    use alloy::primitives::B256;
    use clearing_math::leg::OptionKind;
    use clearing_math::margin::NOVATION_DEFAULT;

    use super::*;
    use crate::native_margin::MarketTerm;

    const FACTS: PoolFacts = PoolFacts {
        pool: 1,
        feed: B256::ZERO,
        settlement_decimals: 6,
        base_decimals: 18,
        profile: NOVATION_DEFAULT,
        ramp: None,
    };
    const HALF: U256 = U256::from_limbs([500_000_000_000_000_000, 0, 0, 0]);

    fn leg(contracts: i128) -> Leg {
        Leg {
            expiry: 1_700_604_800,
            strike: 200_000_000_000,
            kind: OptionKind::Put,
            contracts,
        }
    }

    fn market() -> Market {
        Market {
            now: 1_700_000_000,
            mid: 2_000 * WAD,
            low: 2_000 * WAD,
            high: 2_000 * WAD,
            stable: WAD as u64,
            confidence: WAD as u64,
            terms: vec![
                MarketTerm::flat(1_700_604_800, 800_000_000_000_000_000, 1_700_000_000)
                    .expect("publishable"),
            ],
            degraded: false,
        }
    }

    fn bid(payment: u64) -> BidResult {
        BidResult {
            fraction: HALF,
            payment: U256::from(payment),
            insurance_fee: U256::ZERO,
            insurance_payment: U256::ZERO,
        }
    }

    fn account(contracts: i128, cash: u64) -> AccountState {
        let legs = if contracts == 0 {
            vec![]
        } else {
            vec![leg(contracts)]
        };
        AccountState {
            legs,
            cash: U256::from(cash),
            ..AccountState::default()
        }
    }

    #[test]
    fn a_portion_rounds_toward_zero_and_leaves_reserved_cash() {
        let taken = portion(&account(-3, 101), U256::from(20), HALF).expect("fits");
        assert_eq!(taken.legs, [leg(-1)]);
        assert_eq!(taken.cash, U256::from(40));
    }

    #[test]
    fn a_bid_that_costs_more_than_it_brings_is_refused() {
        // Half of 1,000 in cash against half of a short put at the money worth some 88.
        let seller = account(-(WAD as i128), 1_000_000_000);
        let rich = account(0, 1_000_000_000_000);
        let judged = |payment| judge(&seller, &rich, U256::ZERO, &bid(payment), &FACTS, &market());
        assert!(judged(400_000_000).is_ok());
        assert!(judged(499_000_000).is_err());
    }

    #[test]
    fn a_bid_is_refused_when_the_bidders_margin_does_not_carry_it() {
        let seller = account(-(WAD as i128), 1_000_000_000);
        let poor = account(-50 * WAD as i128, 400_000_000);
        let refused = judge(
            &seller,
            &poor,
            U256::ZERO,
            &bid(400_000_000),
            &FACTS,
            &market(),
        );
        assert!(
            refused
                .expect_err("too little margin")
                .contains("initial margin")
        );
        let broke = account(0, 1);
        let refused = judge(
            &seller,
            &broke,
            U256::ZERO,
            &bid(400_000_000),
            &FACTS,
            &market(),
        );
        assert!(refused.expect_err("no cash").contains("cash"));
    }

    #[test]
    fn opposite_positions_merge_away() {
        let after = merged(
            &account(WAD as i128, 10),
            &account(-(WAD as i128), 5),
            &bid(3),
        );
        let after = after.expect("covered");
        assert!(after.legs.is_empty());
        assert_eq!(after.cash, U256::from(12));
    }
}
