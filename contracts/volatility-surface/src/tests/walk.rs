//! A random walk against a plain list of what was said: storage gives back what publishers said, all of it and nothing else.

use std::collections::BTreeMap;

use alloy_primitives::{Address, B256, aliases::U80};
use clearing_math::surface::PublishedSmile;
use motsu::prelude::*;
use smile_proof::SmileProof;

use super::host::{START, set_time};
use super::scene::{DAY, FEED, MAX_AGE, NOW, listed, word};
use crate::VolatilitySurface;
use crate::listing::{DELAY, MOST_PUBLISHERS};

/// Steps of the walk.
const STEPS: u32 = 400;
/// Expiries used: more than fit at once, so that expired ones must make room.
const EXPIRIES: usize = 20;

/// A xorshift: the walk is the same every time.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

/// What every publisher last said of each expiry.
type Said = BTreeMap<(u8, u32), (B256, U80)>;

fn published_at(word: B256) -> u64 {
    u32::from_be_bytes(*word.last_chunk::<4>().unwrap()).into()
}

/// Smiles of `terms` as the rules of reading give them.
fn expected(said: &Said, publishers: u8, expiries: &[u32], now: u64) -> (Vec<B256>, bool) {
    let (mut smiles, mut any_stale) = (Vec::new(), false);
    for &expiry in expiries {
        let mut statements = Vec::new();
        for publisher in 0..publishers {
            let live: Vec<(u32, B256)> = said
                .range((publisher, 0)..=(publisher, u32::MAX))
                .map(|((_, expiry), (word, _))| (*expiry, *word))
                .filter(|(expiry, _)| u64::from(*expiry) > now)
                .collect();
            let (Some(first), Some(last)) = (live.first(), live.last()) else {
                continue;
            };
            if u64::from(expiry) <= now {
                continue;
            }
            let near = live.iter().rev().find(|(at, _)| *at <= expiry);
            let far = live.iter().find(|(at, _)| *at >= expiry);
            let (near, far) = (near.unwrap_or(first).1, far.unwrap_or(last).1);
            let oldest = published_at(near).min(published_at(far));
            statements.push((near, far, now - oldest <= u64::from(MAX_AGE)));
        }
        let fresh = statements.iter().filter(|(.., fresh)| *fresh).count();
        let quorate = fresh > usize::from(publishers) / 2;
        any_stale |= !quorate && !statements.is_empty();
        for (near, far, fresh) in statements {
            if fresh || !quorate {
                smiles.extend([near, far]);
            }
        }
    }
    (smiles, any_stale)
}

#[motsu::test]
fn whatever_fifteen_publishers_say_is_answered_until_it_is_replaced_expires_or_its_publisher_goes(
    surface: Contract<VolatilitySurface>,
    proof: Contract<SmileProof>,
    alice: Address,
) {
    let publishers = MOST_PUBLISHERS as u8;
    let mut accounts: Vec<Address> = (1..=publishers).map(Address::with_last_byte).collect();
    listed(&surface, &proof, alice, &accounts);
    // Each a good third later than the one before: no order of flat volatilities of 50 to 55 % holds calendar arbitrage.
    let mut days = 10_u64;
    let mut expiries = Vec::new();
    for _ in 0..EXPIRIES {
        expiries.push(NOW + days as u32 * DAY);
        days = days * 4 / 3 + 1;
    }
    let mut random = Random(0x2026_1123);
    let mut said = Said::new();
    let mut now = START;
    let (mut stored, mut full, mut replaced) = (0, 0, 0);
    for step in 0..STEPS {
        now += [0, 1, 300, 86_400][random.below(4) as usize];
        set_time(now);
        let index = random.below(publishers.into()) as u8;
        let account = accounts[usize::from(index)];
        if random.below(25) == 0 {
            let next = Address::with_last_byte(100 + step as u8);
            for wait in [0, DELAY] {
                now += wait;
                set_time(now);
                surface
                    .sender(alice)
                    .replace_publisher(FEED, index, next, vec![], 0)
                    .motsu_unwrap();
            }
            accounts[usize::from(index)] = next;
            said.retain(|(publisher, _), _| *publisher != index);
            replaced += 1;
        } else {
            let chosen: Vec<u32> = expiries
                .iter()
                .copied()
                .filter(|_| random.below(2) == 0)
                .collect();
            let smiles: Vec<B256> = chosen
                .iter()
                .map(|expiry| {
                    let volatility = (500 + random.below(50)) * 1_000_000_000_000_000;
                    // Of now, of before, or stamped.
                    let ago = [0, 1, 200][random.below(3) as usize];
                    let time = (now - ago) as u32 * u32::from(random.below(2) == 0);
                    word(PublishedSmile::flat(volatility, *expiry, time).unwrap())
                })
                .collect();
            let terms: Vec<U80> = if random.below(2) == 0 {
                Vec::new()
            } else {
                let terms = chosen.iter().map(|_| U80::from(random.below(10_001)));
                terms.collect()
            };
            let mut after = said.clone();
            after.retain(|(publisher, expiry), _| *publisher != index || u64::from(*expiry) > now);
            for (place, given) in smiles.iter().enumerate() {
                let (mut given, expiry) = (*given, chosen[place]);
                if published_at(given) == 0 {
                    given
                        .last_chunk_mut::<4>()
                        .unwrap()
                        .copy_from_slice(&(now as u32).to_be_bytes());
                }
                let old = after.get(&(index, expiry)).copied().unwrap_or_default();
                if u64::from(expiry) > now && published_at(given) >= published_at(old.0) {
                    let term = terms.get(place).copied().unwrap_or(old.1);
                    after.insert((index, expiry), (given, term));
                }
            }
            let fits = after
                .keys()
                .filter(|(publisher, _)| *publisher == index)
                .count()
                <= 16;
            let sent = surface
                .sender(account)
                .publish_surface(FEED, index, smiles, terms, 0, vec![].into())
                .motsu_res();
            assert_eq!(sent.is_ok(), fits, "step {step}");
            if fits {
                said = after;
                stored += 1;
            } else {
                full += 1;
            }
        }
        // What one publisher's change does to all of them.
        for publisher in 0..publishers {
            let live: Vec<u32> = said
                .keys()
                .filter(|(of, expiry)| *of == publisher && u64::from(*expiry) > now)
                .map(|(_, expiry)| *expiry)
                .collect();
            let found = surface.sender(alice).expiries_of(FEED, publisher);
            assert_eq!(found.motsu_unwrap(), live, "step {step}");
            for expiry in &expiries {
                let known = said.get(&(publisher, *expiry)).copied();
                let known = known
                    .filter(|_| u64::from(*expiry) > now)
                    .unwrap_or_default();
                let found = surface.sender(alice).smile_of(FEED, publisher, *expiry);
                assert_eq!(found.motsu_unwrap(), known, "step {step}");
            }
        }
        let mut asked = vec![expiries[random.below(EXPIRIES as u64) as usize]];
        for _ in 0..4 {
            asked.push(now as u32 + random.below(800 * u64::from(DAY)) as u32);
        }
        let (_, smiles, stale) = surface
            .sender(alice)
            .terms(FEED, asked.clone())
            .motsu_unwrap();
        let found = (smiles, stale);
        assert_eq!(
            found,
            expected(&said, publishers, &asked, now),
            "step {step}"
        );
    }
    assert!(
        stored > 200 && full > 10 && replaced > 5,
        "{stored} {full} {replaced}"
    );
}
