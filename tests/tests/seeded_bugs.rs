//! Every invariant fails when the books are wrong in its way, and only then: the same checks as in the random walk, on real books that are
//! doctored here.

use alloy::primitives::U256;
use anyhow::{Context, ensure};
use clearing_math::leg::OptionKind;
use end_to_end::books::{Books, PoolScope, Scope};
use end_to_end::invariants::{self as must, Deed, check_state, check_step};
use end_to_end::{Stage, Trader, USDC, WAD, on_the_local_node};

/// What a bug does to the books of one moment.
type Bug = fn(&mut Books, &Parties);

/// Who and what bugs are about.
struct Parties {
    writer: U256,
    holder: U256,
    stranger: U256,
    near: (u32, u32),
    other_pool: u32,
    live: U256,
    asset: alloy::primitives::Address,
}

const ONE: U256 = U256::from_limbs([1, 0, 0, 0]);

/// Bugs that show in one snapshot, with the invariant each must break.
const STATE_BUGS: [(&str, &str, Bug); 12] = [
    ("the vault lost a unit", must::CUSTODY, |books, parties| {
        token(books, parties).vault -= ONE
    }),
    (
        "the vault's total misses a unit",
        must::CUSTODY,
        |books, parties| token(books, parties).total -= ONE,
    ),
    (
        "an account was credited twice",
        must::CUSTODY,
        |books, parties| account(books, parties.writer).cash += ONE,
    ),
    (
        "insurance was credited out of nothing",
        must::CUSTODY,
        |books, parties| {
            if let Some(held) = books.insurance.get_mut(&parties.other_pool) {
                held.cash += ONE;
            }
        },
    ),
    (
        "a token was minted into nowhere",
        must::CONSERVATION,
        |books, parties| token(books, parties).supply += ONE,
    ),
    (
        "a buyer's leg was booked without the seller's",
        must::ZERO_SUM,
        |books, parties| leg(books, parties.holder, parties.live).contracts += 1,
    ),
    (
        "a seller's leg was booked without the buyer's",
        must::ZERO_SUM,
        |books, parties| leg(books, parties.writer, parties.live).contracts -= 1,
    ),
    (
        "open interest was not updated",
        must::ZERO_SUM,
        |books, parties| {
            books.open_interest.insert(parties.live, U256::ZERO);
        },
    ),
    (
        "short interest was not updated",
        must::SHORT_INTEREST,
        |books, _| {
            for group in books
                .groups
                .values_mut()
                .filter(|group| group.price.is_none())
            {
                group.short_interest += ONE;
            }
        },
    ),
    (
        "a closed position left an empty leg",
        must::LEGS,
        |books, parties| {
            let mut empty = *leg(books, parties.writer, parties.live);
            empty.contracts = 0;
            empty.strike += 100_000_000;
            account(books, parties.writer).legs.push(empty);
        },
    ),
    (
        "a winner was credited twice",
        must::CREDITS,
        |books, parties| {
            if let Some(group) = books.groups.get_mut(&parties.near) {
                group
                    .credits
                    .values_mut()
                    .for_each(|credit| *credit *= U256::from(2));
            }
        },
    ),
    (
        "the pot's payment was credited but the pot did not get it",
        must::POT,
        |books, parties| {
            // The total is doctored along, so that only the pot's own check can see it.
            if let Some(group) = books.groups.get_mut(&parties.near) {
                let taken = group.pot.cash;
                group.pot.cash = U256::ZERO;
                account(books, parties.writer).cash += taken;
            }
        },
    ),
];

/// Bugs that show between two snapshots: what the second has and should not.
const STEP_BUGS: [(&str, &str, Bug); 11] = [
    (
        "legs changed, the version did not",
        must::VERSION,
        |books, parties| {
            leg(books, parties.holder, parties.live).contracts += 1;
        },
    ),
    (
        "the version rose for nothing",
        must::VERSION,
        |books, parties| account(books, parties.writer).version += 1,
    ),
    ("the version fell", must::VERSION, |books, parties| {
        account(books, parties.writer).version -= 1
    }),
    (
        "someone else's cash moved",
        must::BYSTANDERS,
        |books, parties| account(books, parties.stranger).cash -= ONE,
    ),
    (
        "someone else got a debt",
        must::BYSTANDERS,
        |books, parties| account(books, parties.stranger).debt += ONE,
    ),
    (
        "the receiver lost cash",
        must::AUTHORITY,
        |books, parties| account(books, parties.holder).cash -= ONE,
    ),
    (
        "the other pool's insurance paid",
        must::ISOLATION,
        |books, parties| {
            if let Some(held) = books.insurance.get_mut(&parties.other_pool) {
                held.cash -= ONE;
            }
        },
    ),
    (
        "tokens left without a withdrawal",
        must::FLOW,
        |books, parties| token(books, parties).total -= ONE,
    ),
    (
        "a settlement price was fixed again",
        must::WRITE_ONCE,
        |books, parties| {
            if let Some(group) = books.groups.get_mut(&parties.near) {
                group.price = group.price.map(|price| price + ONE);
            }
        },
    ),
    (
        "a price was fixed before expiry",
        must::WRITE_ONCE,
        |books, _| {
            for group in books.groups.values_mut() {
                group.price = Some(ONE);
            }
        },
    ),
    (
        "an expired series was sold",
        must::AFTER_EXPIRY,
        |books, parties| {
            if let Some(group) = books.groups.get_mut(&parties.near) {
                group.short_interest += ONE;
            }
        },
    ),
];

fn token<'a>(books: &'a mut Books, parties: &Parties) -> &'a mut end_to_end::books::TokenBook {
    books.tokens.entry(parties.asset).or_default()
}

fn account(books: &mut Books, account: U256) -> &mut novation::client::AccountState {
    books.accounts.entry(account).or_default()
}

fn leg(books: &mut Books, of: U256, series: U256) -> &mut clearing_math::leg::Leg {
    let pool = novation::ids::account_pool(of);
    account(books, of)
        .legs
        .iter_mut()
        .find(|leg| novation::ids::series_of_leg(pool, leg) == series)
        .expect("the scene gives this account the series")
}

/// Real books: one group settled with a credit unclaimed, one series open, a stranger in the other pool.
async fn scene(stage: &Stage) -> anyhow::Result<(Books, Parties)> {
    let (pool, other) = (stage.eth(), stage.btc());
    for insured in [pool, other] {
        stage.insure(insured, 1_000 * USDC).await?;
    }
    let writer = stage.funded("writer", pool, 20_000 * USDC).await?;
    let holder = stage.funded("holder", pool, 1_000 * USDC).await?;
    let stranger = stage.funded("stranger", other, 1_000 * USDC).await?;
    let mut series = Vec::new();
    for expiry in stage.expiries {
        let id = stage.series(pool, expiry, 2_000, OptionKind::Call).await?;
        stage.agree(&holder, &writer, id, WAD, 0).await?;
        series.push(id);
    }
    stage
        .expire_at(pool, stage.expiries[0], 2_300 * WAD)
        .await?;
    for who in [&writer, &holder] {
        stage
            .protocol
            .settle(&stage.owner, who.account, stage.expiries[0])
            .await?;
    }
    let owners: [&Trader; 3] = [&writer, &holder, &stranger];
    let mut wallets: Vec<_> = owners.iter().map(|owner| owner.address()).collect();
    wallets.push(stage.owner.address());
    let scope = Scope {
        pools: [pool, other]
            .map(|pool| PoolScope {
                pool: pool.id,
                cash: stage.usdc,
                base: pool.base,
                feed: pool.feed,
            })
            .to_vec(),
        accounts: owners.iter().map(|owner| owner.account).collect(),
        wallets,
        series: series.clone(),
        closed: Vec::new(),
    };
    let parties = Parties {
        writer: writer.account,
        holder: holder.account,
        stranger: stranger.account,
        near: (pool.id, stage.expiries[0]),
        other_pool: other.id,
        live: *series.last().context("two series")?,
        asset: stage.usdc,
    };
    Ok((Books::read(&stage.protocol, &scope).await?, parties))
}

/// The writer consents, the holder only receives, in their pool.
fn deed(parties: &Parties) -> Deed {
    Deed {
        pool: Some(parties.near.0),
        consenting: vec![parties.writer],
        receiving: vec![parties.holder],
        ..Deed::default()
    }
}

#[test]
fn true_books_break_no_invariant() {
    on_the_local_node(async |stage| {
        let (books, parties) = scene(stage).await?;
        check_state(&books)?;
        check_step(&books, &books, &deed(&parties))?;
        ensure!(
            !books.groups[&parties.near].credits.is_empty(),
            "no credit to be wrong about"
        );
        Ok(())
    });
}

#[test]
fn every_state_invariant_fails_on_a_seeded_bug() {
    on_the_local_node(async |stage| {
        let (books, parties) = scene(stage).await?;
        for (what, invariant, bug) in STATE_BUGS {
            let mut doctored = books.clone();
            bug(&mut doctored, &parties);
            let violation = check_state(&doctored)
                .err()
                .with_context(|| format!("unnoticed: {what}"))?;
            ensure!(
                violation.invariant == invariant,
                "{what}: noticed by another check: {violation}"
            );
        }
        Ok(())
    });
}

#[test]
fn every_step_invariant_fails_on_a_seeded_bug() {
    on_the_local_node(async |stage| {
        let (books, parties) = scene(stage).await?;
        for (what, invariant, bug) in STEP_BUGS {
            let mut doctored = books.clone();
            bug(&mut doctored, &parties);
            let noticed = check_step(&books, &doctored, &deed(&parties));
            let violation = noticed
                .err()
                .with_context(|| format!("unnoticed: {what}"))?;
            ensure!(
                violation.invariant == invariant,
                "{what}: noticed by another check: {violation}"
            );
        }
        Ok(())
    });
}

#[test]
fn every_invariant_has_a_seeded_bug() {
    let all = [
        must::CUSTODY,
        must::CONSERVATION,
        must::ZERO_SUM,
        must::SHORT_INTEREST,
        must::LEGS,
        must::CREDITS,
        must::POT,
        must::VERSION,
        must::BYSTANDERS,
        must::AUTHORITY,
        must::ISOLATION,
        must::FLOW,
        must::WRITE_ONCE,
        must::AFTER_EXPIRY,
    ];
    for invariant in all {
        let seeded = STATE_BUGS
            .iter()
            .chain(&STEP_BUGS)
            .any(|(_, broken, _)| *broken == invariant);
        assert!(seeded, "no seeded bug breaks: {invariant}");
    }
}
