//! Many faults at once: every combination of five, and random medians on the compiled program.

use alloy::primitives::{I256, U256};
use anyhow::ensure;
use end_to_end::on_the_local_node;
use novation::bindings::IOracleAdapter::QuorumLost;
use novation::bindings::IPriceAggregator::latestRoundDataCall;
use rand::Rng;
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use super::{Ending, FAIR, Feed, price, wad};

/// Prices of the honest, dollars: source `i` says `HONEST[i]`.
const HONEST: [i64; 5] = [1_998, 1_999, 2_000, 2_001, 2_002];

#[test]
fn wrong_decimal_frozen_zero_reverting_and_burning_sources_in_all_31_combinations_give_no_wrong_price()
 {
    on_the_local_node(async |stage| {
        let feed = Feed::of(stage, 5).await?;
        stage.warp(10_000).await?;
        for faults in 1_u8..32 {
            let now = U256::from(stage.now().await?);
            for (index, dollars) in HONEST.into_iter().enumerate() {
                let source = feed.sources[index];
                if faults & (1 << index) == 0 {
                    source.round(stage, price(dollars), now).await?;
                    continue;
                }
                match index {
                    // One decimal off: within the bounds, a tenth of the price.
                    0 => source.round(stage, price(200), now).await?,
                    // Frozen at a price of two hours ago.
                    1 => {
                        let then = now - U256::from(7_200);
                        source.round(stage, price(2_700), then).await?;
                    }
                    2 => source.round(stage, I256::ZERO, now).await?,
                    3 => {
                        source
                            .answer::<latestRoundDataCall>(stage, Ending::Reverts, Vec::new())
                            .await?;
                    }
                    _ => {
                        source
                            .answer::<latestRoundDataCall>(stage, Ending::BurnsGas, Vec::new())
                            .await?;
                    }
                }
            }
            // The wrong decimal is a valid lie; the rest is left out.
            let silent = (faults >> 1).count_ones();
            if silent > 2 {
                let lost: QuorumLost = feed.evaluation_reverts_with().await?;
                ensure!(lost.valid == U256::from(5 - silent), "{faults:05b}");
                continue;
            }
            let honest: Vec<_> = HONEST
                .into_iter()
                .enumerate()
                .filter(|(index, _)| faults & (1 << index) == 0)
                .map(|(_, dollars)| {
                    U256::from(price(dollars).into_raw()) * U256::from(10_u64.pow(10))
                })
                .collect();
            let spot = feed.spot().await?;
            let (least, most) = (honest.iter().min(), honest.iter().max());
            ensure!(
                least.is_some_and(|least| *least <= spot.mid)
                    && most.is_some_and(|most| spot.mid <= *most),
                "{faults:05b}: {spot:?}"
            );
        }
        Ok(())
    });
}

#[test]
fn a_thousand_random_medians_with_a_lying_minority_stay_among_the_honest() {
    on_the_local_node(async |stage| {
        let mut random = ChaCha8Rng::seed_from_u64(6);
        let feeds = [
            Feed::of(stage, 3).await?,
            Feed::of(stage, 5).await?,
            Feed::of(stage, 7).await?,
        ];
        // Every case changes a part of the sources; who lies changes with every case.
        for case in 0..1_000_usize {
            let feed = &feeds[case % feeds.len()];
            let count = feed.sources.len();
            let mut order: Vec<usize> = (0..count).collect();
            order.shuffle(&mut random);
            let liars = random.random_range(0..count.div_ceil(2));
            let mut honest = Vec::new();
            for (place, source) in order.into_iter().enumerate() {
                if place < liars {
                    let lie = match random.random_range(0..6) {
                        0 => I256::ZERO,
                        1 => I256::MAX,
                        2 => I256::MIN,
                        3 => price(20) + I256::ONE,
                        4 => price(200_000) - I256::ONE,
                        _ => price(random.random_range(21..200_000)),
                    };
                    feed.print_exact(source, lie).await?;
                } else {
                    let answer = price(FAIR)
                        + I256::try_from(random.random_range(-1_000_000_000_i64..1_000_000_000))?;
                    honest.push(answer.into_raw() * U256::from(10_u64.pow(10)));
                    feed.print_exact(source, answer).await?;
                }
            }
            let mid = feed.spot().await?.mid;
            honest.sort_unstable();
            ensure!(
                honest[0] <= mid && mid <= honest[honest.len() - 1],
                "case {case}, {liars} of {count} lie: {mid}, honest {honest:?}"
            );
        }
        ensure!(feeds[0].spot().await?.mid > wad(1_900));
        Ok(())
    });
}
