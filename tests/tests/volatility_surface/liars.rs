//! What publishers that lie can do, with smiles that pass every proof: nothing beyond the honest ones. The native test of
//! `clearing-math` does the same with any words; this one goes through publication, storage and the read on the node.

use alloy::signers::local::PrivateKeySigner;
use clearing_math::surface::PublishedSmile;
use end_to_end::{WAD, on_any_node};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{SKEW, flat, list, publication, publish, publisher, volatility, word};

/// Publications of liars.
const ROUNDS: u32 = 120;

#[test]
fn two_liars_of_five_move_no_volatility_outside_of_the_honest_range() {
    on_any_node(async |stage| {
        let mut rng = ChaCha8Rng::seed_from_u64(2_026);
        let mut publishers = Vec::new();
        for name in ["a", "b", "c", "d", "e"] {
            publishers.push(publisher(stage, name).await?);
        }
        let feed = list(
            stage,
            publishers.iter().map(PrivateKeySigner::address).collect(),
        )
        .await?;
        let alone = list(
            stage,
            publishers
                .iter()
                .take(1)
                .map(PrivateKeySigner::address)
                .collect(),
        )
        .await?;
        let expiry = stage.expiries[1];
        let honest = [SKEW.a, SKEW.a + 20_000_000, SKEW.a + 60_000_000].map(|a| PublishedSmile {
            a,
            expiry,
            ..SKEW
        });
        for (index, smile) in (2..).zip(honest) {
            publish(
                stage,
                &publishers[usize::from(index)],
                &publication(feed, index, vec![word(smile)]),
            )
            .await?;
        }
        // What each honest one says, by itself.
        let strikes = [200, 1_000, 1_900, 2_100, 4_000, 30_000].map(|dollars: u128| dollars * WAD);
        let mut ranges = Vec::new();
        for strike in strikes {
            let mut said = Vec::new();
            for smile in honest {
                publish(
                    stage,
                    &publishers[0],
                    &publication(alone, 0, vec![word(smile)]),
                )
                .await?;
                said.push(
                    volatility(stage, alone, expiry, 2_000 * WAD, strike)
                        .await?
                        .0,
                );
            }
            ranges.push((said.iter().copied().min(), said.iter().copied().max()));
        }
        let (mut taken, mut moved) = (0, 0);
        let mut last = Vec::new();
        for round in 0..ROUNDS {
            let liar = u8::from(round % 2 == 1);
            let smile = match rng.random_range(0..3) {
                0 => flat(rng.random_range(1..=1_800), expiry),
                1 => flat(if rng.random() { 1 } else { 1_800 }, expiry),
                _ => word(PublishedSmile {
                    a: rng.random_range(-1_000_000_000..300_000_000_000),
                    b: rng.random_range(0..24_000_000_000),
                    rho: rng.random_range(-999_999_999..=999_999_999),
                    m: rng.random_range(-2_000_000_000..2_000_000_000),
                    sigma: rng.random_range(1..4_000_000_000),
                    ..honest[0]
                }),
            };
            let sent = publish(
                stage,
                &publishers[usize::from(liar)],
                &publication(feed, liar, vec![smile]),
            )
            .await;
            taken += u32::from(sent.is_ok());
            let mut found = Vec::new();
            for (strike, (low, high)) in strikes.into_iter().zip(&ranges) {
                let (median, stale) = volatility(stage, feed, expiry, 2_000 * WAD, strike).await?;
                assert!(
                    !stale && Some(median) >= *low && Some(median) <= *high,
                    "{smile}: {median} of {low:?}..{high:?}"
                );
                found.push(median);
            }
            moved += u32::from(found != last);
            last = found;
        }
        assert!(taken * 2 > ROUNDS, "{taken} smiles of liars were stored");
        assert!(moved * 8 > ROUNDS, "the liars did nothing: {moved}");
        Ok(())
    });
}
