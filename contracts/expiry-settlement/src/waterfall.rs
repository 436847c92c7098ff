//! Who owes and who is owed at expiry, and out of what a debtor pays: pure arithmetic, no storage, no calls.
//!
//! Why the credits of a group (one pool, one expiry) never exceed what its debtors owe: for every series long and short contracts are
//! equal in number; a long is paid `⌊q·I⌋` and a short owes `⌈q·I⌉` (WAD), so the nets of all accounts add up to at most zero; a net
//! credit is then rounded down to token units and a net debit up.

use clearing_math::WAD;
use clearing_math::fixed::{mul_div_down, mul_div_up};
use clearing_math::leg::Leg;
use clearing_math::payoff::{intrinsic, long_down, short_up};
use clearing_math::waterfall::share_down;

/// Net payoff of an account's legs of one expiry, token units of the settlement asset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Net {
    /// The group owes the account; may be zero. Rounded down.
    Credit(u128),
    /// The account owes the group. Rounded up.
    Debit(u128),
}

/// Scales of a pool and its settlement price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Settlement price, WAD quote per underlying.
    pub price: u128,
    /// WAD quote units in a unit of the settlement token.
    pub wad_per_unit: u128,
    /// WAD underlying in a unit of the base token.
    pub wad_per_base_unit: u128,
}

/// What an account and its pool's insurance have to pay with, token units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Means {
    /// Cash of the account, settlement token units.
    pub cash: u128,
    /// Base asset of the account, base token units.
    pub base: u128,
    /// Insurance of the pool, settlement token units.
    pub insurance: u128,
}

/// How a debit is paid. In value, `cash + base + insurance + shortfall ≥ debit`; beyond by less than one base token unit's worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Payment {
    /// From the account's cash, settlement token units.
    pub cash: u128,
    /// From the account's base asset, base token units.
    pub base: u128,
    /// From the insurance, settlement token units.
    pub insurance: u128,
    /// By nobody: the group's winners share it, settlement token units.
    pub shortfall: u128,
}

/// What an account's legs of one expiry come to. `None` on overflow.
pub fn net(legs: &[Leg], terms: &Terms) -> Option<Net> {
    let (mut long, mut short) = (0_u128, 0_u128);
    for leg in legs {
        let value = intrinsic(leg.kind, leg.strike, terms.price);
        let contracts = leg.contracts.unsigned_abs();
        if leg.contracts > 0 {
            long = long.checked_add(long_down(contracts, value)?)?;
        } else {
            short = short.checked_add(short_up(contracts, value)?)?;
        }
    }
    Some(if long >= short {
        Net::Credit(mul_div_down(
            long.checked_sub(short)?,
            1,
            terms.wad_per_unit,
        )?)
    } else {
        Net::Debit(mul_div_up(short.checked_sub(long)?, 1, terms.wad_per_unit)?)
    })
}

/// How `debit` (settlement token units) is paid: cash first, then base asset at the settlement price, then the insurance.
/// `None` on overflow.
pub fn collect(debit: u128, means: &Means, terms: &Terms) -> Option<Payment> {
    let cash = debit.min(means.cash);
    let rest = debit.checked_sub(cash)?;
    let (base, worth) = pay_in_base(rest, means.base, terms)?;
    let rest = rest.checked_sub(worth)?;
    let insurance = rest.min(means.insurance);
    Some(Payment {
        cash,
        base,
        insurance,
        shortfall: rest.checked_sub(insurance)?,
    })
}

/// Base token units paid for `rest` settlement token units, rounded up, at most `balance`; and what of `rest` they pay, rounded down.
fn pay_in_base(rest: u128, balance: u128, terms: &Terms) -> Option<(u128, u128)> {
    // Without a price base asset is worth nothing: it is not taken. The oracle adapter never fixes zero.
    if rest == 0 || balance == 0 || terms.price == 0 {
        return Some((0, 0));
    }
    let quote = rest.checked_mul(terms.wad_per_unit)?;
    // No quotient in 128 bits is more than any balance.
    let needed = mul_div_up(quote, WAD, terms.price)
        .and_then(|underlying| mul_div_up(underlying, 1, terms.wad_per_base_unit));
    if let Some(needed) = needed.filter(|needed| *needed <= balance) {
        return Some((needed, rest));
    }
    // The balance is below what `rest` needs, so it is worth less than `rest`; the minimum states it.
    let underlying = balance.checked_mul(terms.wad_per_base_unit)?;
    let quote = mul_div_down(underlying, terms.price, WAD)?;
    let worth = mul_div_down(quote, 1, terms.wad_per_unit)?;
    Some((balance, worth.min(rest)))
}

/// What a winner with `credit` receives of a group that is owed `owed` (settlement token units) and was paid `cash` (the same) and `base`
/// (base token units): of both the same share, `credit / owed`, rounded down. All shares together never exceed what was paid.
/// `None` on overflow, or when more is credited than owed.
pub fn share(credit: u128, owed: u128, cash: u128, base: u128) -> Option<(u128, u128)> {
    Some((
        share_down(credit, cash, owed)?,
        mul_div_down(credit, base, owed)?,
    ))
}

/// WAD in a unit of a token with `decimals`. `None` when there is no whole number of them (more than 18 decimals).
pub fn wad_per_unit(decimals: u32) -> Option<u128> {
    10_u128.checked_pow(18_u32.checked_sub(decimals)?)
}
