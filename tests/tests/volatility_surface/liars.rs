//! What publishers that lie can do, with smiles that pass every proof: nothing beyond the honest ones, while they are fewer than half. The native test of
//! `clearing-math` does the same with any words; this one goes through publication, storage and the read on the node, where every publisher is a
//! contract, so that a case is one transaction and one call.

use alloy::primitives::{Address, B256};
use alloy::sol_types::SolCall;
use clearing_math::surface::{MOST_VOLATILITY, PublishedSmile, SmilePair, UNIT, volatility};
use clearing_math::svi::check_calendar;
use end_to_end::bindings::IRelay::{self, runCall};
use end_to_end::{Stage, WAD, on_any_node};
use novation::bindings::IVolatilitySurface::volatilityCall;
use novation::solidity;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{list, publication, word};

/// Random cases.
const CASES: usize = 1_000;
/// Publishers of the feeds used.
const SIZES: [usize; 6] = [1, 3, 4, 5, 7, 15];
/// Strikes and expiries read in a case.
const READS: usize = 6;
/// Tries for a random smile that passes the proofs; then a flat one at a bound.
const TRIES: usize = 60;
const YEAR: f64 = 31_536_000.0;

/// A publisher's smiles of the two expiries.
type Said = [PublishedSmile; 2];

/// Feeds of each size, whose publishers are the first of the relays.
struct Scene<'a> {
    stage: &'a Stage,
    relays: Vec<Address>,
    /// Calls the relays.
    conductor: Address,
    feeds: Vec<(B256, usize)>,
}

/// What was read: expiry, forward, strike, and the answer.
type Read = (u32, u128, u128, u64);

impl<'a> Scene<'a> {
    async fn set(stage: &'a Stage) -> anyhow::Result<Self> {
        let code = solidity::creation_code(&stage.checkout, "Relay")?;
        let chain = stage.protocol.chain();
        let most = SIZES.into_iter().max().unwrap_or_default();
        let mut relays = Vec::new();
        for _ in 0..=most {
            relays.push(chain.create(&stage.owner, code.clone()).await?);
        }
        let conductor = relays.pop().expect("one more than publishers");
        let mut feeds = Vec::new();
        for size in SIZES {
            feeds.push((list(stage, relays[..size].to_vec()).await?, size));
        }
        Ok(Self {
            stage,
            relays,
            conductor,
            feeds,
        })
    }

    /// Everyone publishes, in one transaction. Whose smiles were taken.
    async fn publish(&self, feed: B256, said: &[Said]) -> anyhow::Result<Vec<bool>> {
        let to = self.stage.protocol.at().surface;
        let calls = said.iter().enumerate().map(|(index, said)| {
            let smiles = said.iter().map(|smile| word(*smile)).collect();
            let publisher = u8::try_from(index).expect("at most fifteen");
            let data = publication(feed, publisher, smiles).abi_encode().into();
            let calls = vec![IRelay::Call { to, data }];
            let data = runCall { calls }.abi_encode().into();
            let to = self.relays[index];
            IRelay::Call { to, data }
        });
        let calls = calls.collect();
        let chain = self.stage.protocol.chain();
        let sent = chain
            .send(
                "publish surfaces",
                &self.stage.owner,
                self.conductor,
                &runCall { calls },
            )
            .await?;
        let taken = sent.value.iter().map(|answer| {
            let inner = runCall::abi_decode_returns(&answer.data)?;
            Ok(inner[0].succeeded)
        });
        taken.collect()
    }

    /// The medians, in one call.
    async fn read(&self, feed: B256, questions: &[(u32, u128, u128)]) -> anyhow::Result<Vec<Read>> {
        let to = self.stage.protocol.at().surface;
        let calls = questions.iter().map(|(expiry, forward, strike)| {
            let call = volatilityCall {
                feed,
                expiry: *expiry,
                forward: alloy::primitives::U256::from(*forward),
                strike: alloy::primitives::U256::from(*strike),
            };
            let data = call.abi_encode().into();
            IRelay::Call { to, data }
        });
        let calls = calls.collect();
        let chain = self.stage.protocol.chain();
        let answers = chain.read(self.conductor, &runCall { calls }).await?;
        let read = answers.iter().zip(questions).map(|(answer, question)| {
            anyhow::ensure!(answer.succeeded, "{question:?} was refused");
            let found = volatilityCall::abi_decode_returns(&answer.data)?;
            anyhow::ensure!(!found.stale, "{question:?} is stale");
            Ok((question.0, question.1, question.2, found.value))
        });
        read.collect()
    }

    /// A case: so many of the publishers lie, whichever. Whether every median lies between two honest ones, how many smiles of liars were taken, and
    /// whether the liars moved anything.
    async fn case(
        &self,
        rng: &mut ChaCha8Rng,
        (feed, publishers): (B256, usize),
        liars: usize,
    ) -> anyhow::Result<(bool, usize, bool)> {
        let now = self.stage.now().await?;
        let expiries = self.stage.expiries;
        let mut lies = vec![false; publishers];
        while lies.iter().filter(|lies| **lies).count() < liars {
            lies[rng.random_range(0..publishers)] = true;
        }
        let said: Vec<Said> = lies
            .iter()
            .map(|lies| {
                if *lies {
                    corrupt(rng, expiries, now)
                } else {
                    honest(rng, expiries, now)
                }
            })
            .collect();
        let taken = self.publish(feed, &said).await?;
        for (lies, taken) in lies.iter().zip(&taken) {
            anyhow::ensure!(*lies || *taken, "an honest smile was refused");
        }
        let questions: Vec<_> = (0..READS).map(|_| question(rng, expiries, now)).collect();
        let found = self.read(feed, &questions).await?;
        // The block that was read.
        let now = self.stage.now().await?;
        let (mut within, mut moved) = (true, false);
        for (expiry, forward, strike, median) in found {
            let pairs = said.iter().zip(&lies).filter(|(_, lies)| !**lies);
            let pairs: Vec<SmilePair> = pairs.map(|(said, _)| pair(said, expiry, now)).collect();
            let alone = |pair: &SmilePair| volatility(&[*pair], forward, strike);
            let alone: Vec<u64> = pairs.iter().flat_map(alone).collect();
            let (low, high) = (alone.iter().min(), alone.iter().max());
            within &= Some(&median) >= low && Some(&median) <= high;
            moved |= volatility(&pairs, forward, strike).ok() != Some(median);
        }
        let by_liars = lies
            .iter()
            .zip(&taken)
            .filter(|(lies, taken)| **lies && **taken);
        Ok((within, by_liars.count(), moved))
    }
}

/// An expiry on, between, before or beyond those published, and a strike up to twenty times away from the forward, or at the end of what there is.
fn question(rng: &mut ChaCha8Rng, [near, far]: [u32; 2], now: u64) -> (u32, u128, u128) {
    let soon = u32::try_from(now).expect("before 2106") + 600;
    let expiry = match rng.random_range(0..6) {
        0 => near,
        1 => far,
        2 => rng.random_range(soon..near),
        3 => rng.random_range(far..far + 31_536_000),
        _ => rng.random_range(near..far),
    };
    let forward = dollars(log_uniform(rng, 1e-3, 1e9));
    let strike = match rng.random_range(0..8) {
        0 => 1,
        1 => u128::MAX >> 1,
        2 => forward,
        _ => dollars(forward as f64 / WAD as f64 * rng.random_range(-3.0..3.0_f64).exp()),
    };
    (expiry, forward.max(1), strike.max(1))
}

fn dollars(price: f64) -> u128 {
    (price * WAD as f64) as u128
}

fn log_uniform(rng: &mut ChaCha8Rng, low: f64, high: f64) -> f64 {
    rng.random_range(low.ln()..high.ln()).exp()
}

/// What the surface reads of a publisher's two smiles.
fn pair(said: &Said, expiry: u32, now: u64) -> SmilePair {
    let [near, far] = said;
    let (near, far) = if expiry <= near.expiry {
        (near, near)
    } else if expiry >= far.expiry {
        (far, far)
    } else {
        (near, far)
    };
    SmilePair::prepare(&near.to_word(), &far.to_word(), expiry, now).expect("in range")
}

/// Whether publishing would take them.
fn pass(said: &Said, now: u64) -> bool {
    let [near, far] = said.map(|smile| smile.check(now));
    matches!((near, far), (Ok(near), Ok(far)) if check_calendar(&near, &far).is_ok())
}

fn unit(x: f64) -> i64 {
    (x * UNIT as f64) as i64
}

/// 40 % to 110 %, with a skew; the later expiry much alike.
fn honest(rng: &mut ChaCha8Rng, [near, far]: [u32; 2], now: u64) -> Said {
    loop {
        let smile = PublishedSmile {
            a: unit(rng.random_range(0.16..0.8)),
            b: unit(rng.random_range(0.05..1.0)).unsigned_abs(),
            rho: unit(rng.random_range(-0.8..0.5)),
            m: unit(rng.random_range(-0.2..0.2)),
            sigma: unit(rng.random_range(0.05..0.4)).unsigned_abs(),
            expiry: near,
            published_at: 0,
        };
        let later = PublishedSmile {
            a: smile.a + unit(rng.random_range(-0.1..0.1)),
            b: smile.b / rng.random_range(1..4),
            expiry: far,
            ..smile
        };
        if pass(&[smile, later], now) {
            return [smile, later];
        }
    }
}

/// Anything that passes the proofs: parameters over all their orders of magnitude, extremes over-weighted, the two expiries alike or not at all.
fn corrupt(rng: &mut ChaCha8Rng, expiries: [u32; 2], now: u64) -> Said {
    for _ in 0..TRIES {
        let near = any(rng, expiries[0], now);
        let far = if rng.random() {
            any(rng, expiries[1], now)
        } else {
            PublishedSmile {
                expiry: expiries[1],
                ..near
            }
        };
        if pass(&[near, far], now) {
            return [near, far];
        }
    }
    let ends = [MOST_VOLATILITY / 1_800, MOST_VOLATILITY];
    let end = ends[usize::from(rng.random::<bool>())];
    expiries.map(|expiry| PublishedSmile::flat(end, expiry, 0).expect("a bound"))
}

/// Any parameters; the steepest wings and the least variances that pass are likely.
fn any(rng: &mut ChaCha8Rng, expiry: u32, now: u64) -> PublishedSmile {
    let years = (f64::from(expiry) - now as f64) / YEAR;
    let rho = match rng.random_range(0..5) {
        0 => 0.999_999_999,
        1 => -0.999_999_999,
        2 => 0.0,
        _ => rng.random_range(-1.0..1.0),
    };
    let steepest = 2.0 / years / (1.0_f64 + f64::abs(rho));
    let b = match rng.random_range(0..4) {
        0 => steepest.min(549.0) * 0.999_999,
        1 => 0.0,
        _ => log_uniform(rng, 1e-9, steepest.min(549.0)),
    };
    let sigma = match rng.random_range(0..4) {
        0 => 1e-9,
        1 => 8.0,
        _ => log_uniform(rng, 1e-6, 8.0),
    };
    let m = match rng.random_range(0..4) {
        0 => 8.0,
        1 => -8.0,
        2 => 0.0,
        _ => rng.random_range(-1.0..1.0),
    };
    let least = -b * sigma * f64::sqrt(1.0 - rho * rho);
    let a = match rng.random_range(0..3) {
        0 => least * 0.999,
        1 => log_uniform(rng, 1e-4, 324.0),
        _ => least + log_uniform(rng, 1e-9, 324.0),
    };
    PublishedSmile {
        a: unit(a.clamp(-549.0, 549.0)),
        b: unit(b).unsigned_abs(),
        rho: unit(rho).clamp(1 - UNIT as i64, UNIT as i64 - 1),
        m: unit(m),
        sigma: unit(sigma).unsigned_abs().max(1),
        expiry,
        published_at: 0,
    }
}

#[test]
fn a_thousand_minorities_of_liars_move_no_volatility_outside_of_the_honest_range() {
    on_any_node(async |stage| {
        let mut rng = ChaCha8Rng::seed_from_u64(2_026);
        let scene = Scene::set(stage).await?;
        let (mut told, mut taken, mut moved) = (0, 0, 0);
        for case in 0..CASES {
            let feed = scene.feeds[rng.random_range(0..SIZES.len())];
            let most = (feed.1 - 1) / 2;
            let liars = rng.random_range(0..3).min(1) * most;
            let (within, by_liars, changed) = scene.case(&mut rng, feed, liars).await?;
            anyhow::ensure!(within, "case {case}: {liars} of {} liars", feed.1);
            told += liars;
            taken += by_liars;
            moved += usize::from(changed);
        }
        println!("{CASES} cases: {told} lies, {taken} of them published, {moved} cases moved");
        anyhow::ensure!(taken * 10 > told * 9, "{taken} of {told} lies published");
        anyhow::ensure!(moved * 3 > CASES, "the liars did nothing: {moved}");
        // The other side of the bar: a majority can, and this search finds it, though each of them lies by himself and honest ones are far apart.
        let mut escaped = 0;
        for _ in 0..20 {
            let feed = scene.feeds[3];
            let (within, ..) = scene.case(&mut rng, feed, feed.1 / 2 + 1).await?;
            escaped += usize::from(!within);
        }
        println!("a majority left the honest range in {escaped} of 20");
        anyhow::ensure!(escaped >= 5, "a majority left it in {escaped} of 20");
        Ok(())
    });
}
