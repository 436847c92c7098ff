//! What margin needs of an expiry: the publishers' smiles around it, and the medians of carry, rate and confidence.
//!
//! Fresh publishers count while they are a quorum; otherwise all that ever published do, with the ceiling beside: old data may raise initial margin, and
//! never moves maintenance margin by themselves.

use alloc::vec::Vec;

use alloy_primitives::B256;
use alloy_sol_types::sol;
use clearing_math::median::median_in_place;
use interfaces::Revert;
use interfaces::data_contract::read_numbered;
use interfaces::words::{Word, encode};
use stylus_sdk::prelude::*;

use crate::feed::{Feed, Rules};
use crate::listing::MOST_PUBLISHERS;
use crate::page::Page;
use crate::term::{ALL_DOUBT, Numbers, numbers};
use crate::{VolatilitySurface, host};

/// WAD per 1e-9.
const WAD_PER_UNIT: i128 = 1_000_000_000;
/// WAD per 1e-4.
const WAD_PER_DOUBT: u64 = 100_000_000_000_000;

sol! {
    /// One expiry, as `IVolatilitySurface.Term`: declared again for the SDK, so that the exported ABI names it.
    #[derive(AbiType, Debug, PartialEq, Eq)]
    struct Term {
        uint32 expiry;
        int64 carry;
        int64 rate;
        uint64 confidence;
        uint64 volatilityCeiling;
        uint32 smiles;
    }
}

/// The printed ABI declares nothing: `IVolatilitySurface.sol` does.
#[cfg(feature = "export-abi")]
impl stylus_sdk::abi::export::internal::InnerTypes for Term {}

/// What one publisher says about an expiry.
struct Statement {
    near: B256,
    far: B256,
    numbers: Numbers,
    fresh: bool,
}

/// Terms, two words per publisher that counts, and whether a ceiling applies.
#[derive(Default)]
pub(crate) struct Answer {
    pub(crate) terms: Vec<Term>,
    pub(crate) smiles: Vec<B256>,
    pub(crate) stale: bool,
}

impl VolatilitySurface {
    /// What the publisher says of expiries after `now`. Errors: none once a page was written.
    pub(crate) fn page(&self, record: &Feed, publisher: u8, now: u64) -> Result<Page, Revert> {
        match record.page(publisher) {
            0 => Ok(Page::default()),
            number => Ok(Page::read(&read_numbered(self, number)?, now)),
        }
    }

    /// The terms of expiries, in their order.
    pub(crate) fn answer(&self, feed: B256, expiries: &[u32]) -> Result<Answer, Revert> {
        let rules = self.listed(feed)?;
        let record = self.feeds.getter(feed);
        let now = host::now(self.vm());
        let mut pages: Vec<Page> = Vec::with_capacity(rules.publishers.into());
        for publisher in 0..rules.publishers {
            pages.push(self.page(&record, publisher, now)?);
        }
        let mut answer = Answer::default();
        for &expiry in expiries {
            // What has expired needs no volatility.
            let asked = if u64::from(expiry) > now {
                &pages[..]
            } else {
                &[]
            };
            let statements = asked
                .iter()
                .filter_map(|page| statement(page, expiry, rules, now));
            answer.add(expiry, statements.collect(), rules);
        }
        Ok(answer)
    }
}

/// What a publisher says about an expiry; `None` when it says nothing of any.
fn statement(page: &Page, expiry: u32, rules: Rules, now: u64) -> Option<Statement> {
    let (near, far) = page.around(expiry)?;
    let (mut oldest, mut stated) = (near.published_at(), numbers(near.term));
    if near.expiry != far.expiry {
        let left =
            [near.expiry, expiry, far.expiry].map(|time| u64::from(time).saturating_sub(now));
        oldest = oldest.min(far.published_at());
        stated = between(left, stated, numbers(far.term));
    }
    Some(Statement {
        near: near.smile,
        far: far.smile,
        numbers: stated,
        fresh: now.saturating_sub(oldest) <= rules.max_age.into(),
    })
}

impl Answer {
    /// Adds an expiry, of what each publisher says about it.
    fn add(&mut self, expiry: u32, mut statements: Vec<Statement>, rules: Rules) {
        let fresh = statements
            .iter()
            .filter(|statement| statement.fresh)
            .count();
        let quorate = fresh >= usize::from(rules.quorum);
        if quorate {
            statements.retain(|statement| statement.fresh);
        }
        let stale = !quorate && !statements.is_empty();
        self.stale |= stale;
        let median = |number: fn(&Numbers) -> i64| median(&statements, number);
        let wad = |units: i64| {
            i64::try_from(i128::from(units).saturating_mul(WAD_PER_UNIT)).unwrap_or(i64::MAX)
        };
        let sure = ALL_DOUBT.saturating_sub(median(|numbers| numbers.doubt));
        self.terms.push(Term {
            expiry,
            carry: wad(median(|numbers| numbers.carry)),
            rate: wad(median(|numbers| numbers.rate)),
            confidence: u64::try_from(sure)
                .unwrap_or(0)
                .saturating_mul(WAD_PER_DOUBT),
            volatilityCeiling: if stale { rules.ceiling } else { 0 },
            // At most 15.
            smiles: u32::try_from(statements.len()).unwrap_or(u32::MAX),
        });
        for Statement { near, far, .. } in statements {
            self.smiles.extend([near, far]);
        }
    }

    /// `(Term[], bytes32[], bool)`, the lists in this order behind the head.
    pub(crate) fn encoded(&self) -> Vec<u8> {
        let count = |length: usize| length as u128;
        let smiles_at = count(self.terms.len())
            .saturating_mul(6 * 32)
            .saturating_add(4 * 32);
        let mut words: Vec<B256> = Vec::with_capacity(
            self.terms
                .len()
                .saturating_mul(6)
                .saturating_add(self.smiles.len())
                .saturating_add(5),
        );
        words.extend([
            96_u32.word(),
            smiles_at.word(),
            self.stale.word(),
            count(self.terms.len()).word(),
        ]);
        for term in &self.terms {
            words.extend([
                term.expiry.word(),
                i128::from(term.carry).word(),
                i128::from(term.rate).word(),
                term.confidence.word(),
                term.volatilityCeiling.word(),
                term.smiles.word(),
            ]);
        }
        words.push(count(self.smiles.len()).word());
        words.extend_from_slice(&self.smiles);
        encode(&[], &words)
    }
}

/// Numbers between two expiries, of the seconds left to the first, the one asked for, and the second, all above zero and rising: carry and rate times
/// time are linear in time, doubt is the larger one.
fn between([near_left, left, far_left]: [u64; 3], near: Numbers, far: Numbers) -> Numbers {
    let mean = |near: i64, far: i64| {
        if near == far {
            return near;
        }
        // Times below 2^32, numbers below 2^31: each product below 2^95.
        let part = |number: i64, left: u64, weight: u64| {
            i128::from(number)
                .saturating_mul(left.into())
                .saturating_mul(weight.into())
        };
        let sum = part(near, near_left, far_left.saturating_sub(left)).saturating_add(part(
            far,
            far_left,
            left.saturating_sub(near_left),
        ));
        let whole = i128::from(left).saturating_mul(far_left.saturating_sub(near_left).into());
        sum.checked_div(whole)
            .and_then(|mean| i64::try_from(mean).ok())
            .unwrap_or(near)
    };
    Numbers {
        carry: mean(near.carry, far.carry),
        rate: mean(near.rate, far.rate),
        doubt: near.doubt.max(far.doubt),
    }
}

/// Median of one number of the statements, the mean of two rounded down; zero of none.
fn median(statements: &[Statement], number: fn(&Numbers) -> i64) -> i64 {
    // Shifted by 2^63, so that order and means are those of unsigned numbers.
    const SHIFT: u64 = 1 << 63;
    let mut values = [0_u128; MOST_PUBLISHERS];
    for (value, statement) in values.iter_mut().zip(statements) {
        *value = (number(&statement.numbers).cast_unsigned() ^ SHIFT).into();
    }
    let found = values.get_mut(..statements.len()).and_then(median_in_place);
    found.map_or(0, |value| {
        (u64::try_from(value).unwrap_or(SHIFT) ^ SHIFT).cast_signed()
    })
}
