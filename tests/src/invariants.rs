//! What must hold of the books after every step, and between one step and the next. Each invariant is a named sentence and a function of
//! plain data; `tests/seeded_bugs.rs` shows that each can fail.

use std::collections::BTreeMap;
use std::fmt;

use alloy::primitives::{Address, U256};
use novation::client::AccountState;
use novation::ids;

use crate::books::{Books, GroupBook};

/// I-1.
pub const CUSTODY: &str = "vault token balance ≥ sum of all buckets == totalOf";
/// No token appears or vanishes.
pub const CONSERVATION: &str = "tokens minted == tokens in wallets + tokens in the vault";
/// I-2.
pub const ZERO_SUM: &str = "longs of a series == its open interest == its shorts until expiry";
/// I-2, the count that bars claims.
pub const SHORT_INTEREST: &str = "shorts of (pool, expiry) == shortInterest";
/// One leg per series, none of size zero.
pub const LEGS: &str =
    "an account holds each series at most once and never a leg of zero contracts";
/// I-10.
pub const CREDITS: &str = "credits of a fully settled group never exceed what its debtors owe";
/// I-8, I-10.
pub const POT: &str = "the pot holds at least what its unclaimed credits will be paid";
/// Bids and approvals rely on it.
pub const VERSION: &str = "an account's version rises when its legs change and only then";
/// I-6.
pub const BYSTANDERS: &str = "accounts that an action does not name stay as they are";
/// I-23.
pub const AUTHORITY: &str =
    "nobody loses legs or collateral without consent, liquidation or settlement";
/// I-6 for pools.
pub const ISOLATION: &str =
    "an action in one pool leaves every other pool's accounts, insurance and pots alone";
/// I-1, as a flow.
pub const FLOW: &str = "the vault's total changes by deposits and withdrawals alone, to the unit";
/// I-9.
pub const WRITE_ONCE: &str =
    "a settlement price, once fixed, never changes, and none is fixed before expiry";
/// I-12.
pub const AFTER_EXPIRY: &str = "after expiry neither open interest nor short interest rises";

/// An invariant that does not hold.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Violation {
    /// Its sentence.
    pub invariant: &'static str,
    /// Where, with the numbers.
    pub detail: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "violated: {}: {}", self.invariant, self.detail)
    }
}

impl std::error::Error for Violation {}

/// What an action was allowed to do, as whoever sent it understands the rules.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Deed {
    /// Pool it acts in; none: it changes no account (prices, samples, time).
    pub pool: Option<u32>,
    /// Accounts whose owner or operator agreed to it.
    pub consenting: Vec<U256>,
    /// Accounts the rules change without asking: liquidated, settled, made to repay.
    pub subject: Vec<U256>,
    /// Accounts that only receive.
    pub receiving: Vec<U256>,
    /// Tokens into the vault.
    pub deposited: Option<(Address, U256)>,
    /// Tokens out of the vault.
    pub withdrawn: Option<(Address, U256)>,
}

impl Deed {
    fn names(&self, account: U256) -> bool {
        [&self.consenting, &self.subject, &self.receiving]
            .iter()
            .any(|accounts| accounts.contains(&account))
    }
}

type Check = Result<(), Violation>;

/// Everything that must hold of one snapshot.
///
/// # Errors
/// The first [`Violation`].
pub fn check_state(books: &Books) -> Check {
    custody(books)?;
    conservation(books)?;
    legs(books)?;
    zero_sum(books)?;
    short_interest(books)?;
    credits(books)?;
    pot(books)
}

/// Everything that must hold between two snapshots with one action in between.
///
/// # Errors
/// The first [`Violation`].
pub fn check_step(before: &Books, after: &Books, deed: &Deed) -> Check {
    version(before, after)?;
    bystanders(before, after, deed)?;
    authority(before, after, deed)?;
    isolation(before, after, deed)?;
    flow(before, after, deed)?;
    write_once(before, after)?;
    after_expiry(before, after)
}

/// [`CUSTODY`].
pub fn custody(books: &Books) -> Check {
    for (asset, token) in &books.tokens {
        let buckets = books.buckets_of(*asset);
        if token.vault < buckets || buckets != token.total {
            let detail = format!(
                "{asset}: vault {}, buckets {buckets}, totalOf {}",
                token.vault, token.total
            );
            return fails(CUSTODY, detail);
        }
    }
    Ok(())
}

/// [`CONSERVATION`].
pub fn conservation(books: &Books) -> Check {
    for (asset, token) in &books.tokens {
        if token.supply != token.wallets.saturating_add(token.vault) {
            let detail = format!(
                "{asset}: {} ≠ {} + {}",
                token.supply, token.wallets, token.vault
            );
            return fails(CONSERVATION, detail);
        }
    }
    Ok(())
}

/// [`LEGS`].
pub fn legs(books: &Books) -> Check {
    for (account, state) in &books.accounts {
        let sizes = positions(*account, state);
        if sizes.len() != state.legs.len() || sizes.values().any(|size| *size == 0) {
            return fails(LEGS, format!("account {account:#x}: {:?}", state.legs));
        }
    }
    Ok(())
}

/// [`ZERO_SUM`]. Settlement of an expired series takes longs and shorts out one account at a time.
pub fn zero_sum(books: &Books) -> Check {
    let (longs, shorts) = totals(books);
    for series in longs.keys().chain(shorts.keys()) {
        if !books.open_interest.contains_key(series) {
            return fails(
                ZERO_SUM,
                format!("series {series:#x} is held but was never traded"),
            );
        }
    }
    for (series, open) in &books.open_interest {
        let (long, short) = (sum_of(&longs, series), sum_of(&shorts, series));
        let expired = ids::series(*series).is_ok_and(|parts| u64::from(parts.expiry) <= books.time);
        if U256::from(long) != *open || (!expired && long != short) {
            let detail = format!("series {series:#x}: long {long}, short {short}, open {open}");
            return fails(ZERO_SUM, detail);
        }
    }
    Ok(())
}

/// [`SHORT_INTEREST`].
pub fn short_interest(books: &Books) -> Check {
    let (_, shorts) = totals(books);
    let mut by_group: BTreeMap<(u32, u32), u128> = BTreeMap::new();
    for (id, short) in shorts {
        if let Ok(series) = ids::series(id) {
            let sum = by_group.entry((series.pool, series.expiry)).or_default();
            *sum = sum.saturating_add(short);
        }
    }
    for (group, book) in &books.groups {
        let held = by_group.get(group).copied().unwrap_or_default();
        if U256::from(held) != book.short_interest {
            let detail = format!("{group:?}: held {held}, counted {}", book.short_interest);
            return fails(SHORT_INTEREST, detail);
        }
    }
    Ok(())
}

/// [`CREDITS`].
pub fn credits(books: &Books) -> Check {
    for (key, group) in settled_groups(books) {
        let credits = group
            .credits
            .values()
            .fold(U256::ZERO, |sum, credit| sum.saturating_add(*credit));
        if credits > group.sums.owed {
            let detail = format!("{key:?}: credits {credits}, owed {}", group.sums.owed);
            return fails(CREDITS, detail);
        }
    }
    Ok(())
}

/// [`POT`].
pub fn pot(books: &Books) -> Check {
    for (key, group) in settled_groups(books) {
        let share = |paid: U256| {
            group.credits.values().fold(U256::ZERO, |sum, credit| {
                let share = credit.saturating_mul(paid).checked_div(group.sums.owed);
                sum.saturating_add(share.unwrap_or_default())
            })
        };
        let (cash, base) = (share(group.sums.paid_cash), share(group.sums.paid_base));
        if group.pot.cash < cash || group.pot.base < base {
            let detail = format!("{key:?}: pot {:?}, due {cash} and {base}", group.pot);
            return fails(POT, detail);
        }
    }
    Ok(())
}

/// [`VERSION`].
pub fn version(before: &Books, after: &Books) -> Check {
    for (account, was, is) in pairs(before, after) {
        let moved = positions(account, was) != positions(account, is);
        if moved != (is.version > was.version) || is.version < was.version {
            let detail = format!(
                "account {account:#x}: legs changed: {moved}, version {} → {}",
                was.version, is.version
            );
            return fails(VERSION, detail);
        }
    }
    Ok(())
}

/// [`BYSTANDERS`].
pub fn bystanders(before: &Books, after: &Books, deed: &Deed) -> Check {
    for (account, was, is) in pairs(before, after) {
        if was != is && !deed.names(account) {
            return fails(
                BYSTANDERS,
                format!("account {account:#x}: {was:?} → {is:?}"),
            );
        }
    }
    Ok(())
}

/// [`AUTHORITY`].
pub fn authority(before: &Books, after: &Books, deed: &Deed) -> Check {
    for (account, was, is) in pairs(before, after) {
        let loses = is.cash < was.cash
            || is.base < was.base
            || is.debt > was.debt
            || positions(account, was) != positions(account, is);
        let allowed = deed.consenting.contains(&account) || deed.subject.contains(&account);
        if loses && !allowed {
            return fails(AUTHORITY, format!("account {account:#x}: {was:?} → {is:?}"));
        }
    }
    Ok(())
}

/// [`ISOLATION`].
pub fn isolation(before: &Books, after: &Books, deed: &Deed) -> Check {
    let foreign = |pool: u32| deed.pool != Some(pool);
    for (account, was, is) in pairs(before, after) {
        if was != is && foreign(ids::account_pool(account)) {
            return fails(ISOLATION, format!("account {account:#x}: {was:?} → {is:?}"));
        }
    }
    for (pool, was) in &before.insurance {
        let is = after.insurance.get(pool);
        if foreign(*pool) && is != Some(was) {
            return fails(ISOLATION, format!("insurance of {pool}: {was:?} → {is:?}"));
        }
    }
    for (key, was) in &before.groups {
        let Some(is) = after.groups.get(key) else {
            continue;
        };
        let same = (&was.pot, &was.sums, &was.credits, was.short_interest)
            == (&is.pot, &is.sums, &is.credits, is.short_interest);
        if foreign(key.0) && !same {
            return fails(ISOLATION, format!("group {key:?}: {was:?} → {is:?}"));
        }
    }
    for (key, was) in &before.closed_pots {
        let is = after.closed_pots.get(key);
        if is != Some(was) {
            return fails(ISOLATION, format!("closed pot {key:?}: {was:?} → {is:?}"));
        }
    }
    Ok(())
}

/// [`FLOW`].
pub fn flow(before: &Books, after: &Books, deed: &Deed) -> Check {
    let part = |flow: Option<(Address, U256)>, asset: Address| match flow {
        Some((moved, amount)) if moved == asset => amount,
        _ => U256::ZERO,
    };
    for (asset, was) in &before.tokens {
        let Some(is) = after.tokens.get(asset) else {
            continue;
        };
        let (paid_in, paid_out) = (part(deed.deposited, *asset), part(deed.withdrawn, *asset));
        if was.total.saturating_add(paid_in) != is.total.saturating_add(paid_out) {
            let detail = format!(
                "{asset}: {} + {paid_in} − {paid_out} ≠ {}",
                was.total, is.total
            );
            return fails(FLOW, detail);
        }
    }
    Ok(())
}

/// [`WRITE_ONCE`].
pub fn write_once(before: &Books, after: &Books) -> Check {
    for (key, is) in &after.groups {
        let was = before.groups.get(key).and_then(|group| group.price);
        let changed = was.is_some() && was != is.price;
        let early = is.price.is_some() && u64::from(key.1) > after.time;
        if changed || early || is.price == Some(U256::ZERO) {
            return fails(WRITE_ONCE, format!("{key:?}: {was:?} → {:?}", is.price));
        }
    }
    Ok(())
}

/// [`AFTER_EXPIRY`].
pub fn after_expiry(before: &Books, after: &Books) -> Check {
    for (series, was) in &before.open_interest {
        let expired =
            ids::series(*series).is_ok_and(|parts| u64::from(parts.expiry) <= before.time);
        let is = after.open_interest.get(series).unwrap_or(&U256::ZERO);
        if expired && is > was {
            return fails(AFTER_EXPIRY, format!("series {series:#x}: {was} → {is}"));
        }
    }
    for (key, was) in &before.groups {
        let is = after
            .groups
            .get(key)
            .map_or(U256::ZERO, |group| group.short_interest);
        if u64::from(key.1) <= before.time && is > was.short_interest {
            return fails(
                AFTER_EXPIRY,
                format!("{key:?}: {} → {is}", was.short_interest),
            );
        }
    }
    Ok(())
}

fn fails(invariant: &'static str, detail: String) -> Check {
    Err(Violation { invariant, detail })
}

/// Accounts known to both snapshots.
fn pairs<'a>(
    before: &'a Books,
    after: &'a Books,
) -> impl Iterator<Item = (U256, &'a AccountState, &'a AccountState)> {
    before
        .accounts
        .iter()
        .filter_map(|(account, was)| after.accounts.get(account).map(|is| (*account, was, is)))
}

/// Groups that are being paid out: expired, priced, every short settled.
fn settled_groups(books: &Books) -> impl Iterator<Item = (&(u32, u32), &GroupBook)> {
    books.groups.iter().filter(|((_, expiry), group)| {
        u64::from(*expiry) <= books.time && group.price.is_some() && group.short_interest.is_zero()
    })
}

/// Contracts by series; the order of legs in storage means nothing.
fn positions(account: U256, state: &AccountState) -> BTreeMap<U256, i128> {
    let pool = ids::account_pool(account);
    state
        .legs
        .iter()
        .map(|leg| (ids::series_of_leg(pool, leg), leg.contracts))
        .collect()
}

/// Long and short contracts of all accounts by series.
fn totals(books: &Books) -> (BTreeMap<U256, u128>, BTreeMap<U256, u128>) {
    let (mut longs, mut shorts) = (BTreeMap::new(), BTreeMap::new());
    for (account, state) in &books.accounts {
        for leg in &state.legs {
            let series = ids::series_of_leg(ids::account_pool(*account), leg);
            let side = if leg.contracts > 0 {
                &mut longs
            } else {
                &mut shorts
            };
            let sum: &mut u128 = side.entry(series).or_default();
            *sum = sum.saturating_add(leg.contracts.unsigned_abs());
        }
    }
    (longs, shorts)
}

fn sum_of(sums: &BTreeMap<U256, u128>, series: &U256) -> u128 {
    sums.get(series).copied().unwrap_or_default()
}
