//! The median of venues that are late, lie or break.

use alloy::primitives::{I256, U256};
use alloy::sol_types::SolCall;
use end_to_end::stage::{MAX_AGE, VENUES};
use end_to_end::{WAD, on_any_node, on_the_local_node};
use novation::bindings::{IOracleAdapter, IPriceAggregator};

use super::{
    BAD_TIMESTAMP, CALL_FAILED, DECIMALS_CHANGED, NOT_POSITIVE, OUT_OF_BOUNDS, STALE, VALID,
    answer, status,
};

#[test]
fn spot_is_the_median_with_its_band_and_oldest_time() {
    on_the_local_node(async |stage| {
        let pool = stage.eth();
        stage.warp(100).await?;
        let oldest = stage.now().await?;
        for (venue, dollars) in [(0, 2_005), (1, 1_990), (2, 2_001), (3, 1_999), (4, 2_020)] {
            stage.print(pool, venue, dollars * WAD).await?;
            stage.warp(10).await?;
        }
        let spot = stage.protocol.spot(pool.feed).await?;
        assert_eq!(spot.mid, U256::from(2_001 * WAD));
        assert!(spot.low <= spot.mid && spot.mid <= spot.high);
        assert!(spot.low >= U256::from(1_990 * WAD) && spot.high <= U256::from(2_020 * WAD));
        assert_eq!((spot.valid, spot.sources), (VENUES, VENUES));
        assert!((oldest..oldest + 5).contains(&spot.updatedAt));
        Ok(())
    });
}

#[test]
fn one_lying_venue_moves_the_median_no_further_than_to_its_neighbour() {
    on_any_node(async |stage| {
        let pool = stage.eth();
        for (venue, dollars) in [(0, 1_998), (1, 1_999), (2, 2_000), (3, 2_001), (4, 2_002)] {
            stage.print(pool, venue, dollars * WAD).await?;
        }
        for lie in [
            pool.spot * 65 / 100,
            pool.spot / 50,
            pool.spot * 3,
            pool.spot * 99,
        ] {
            stage.print(pool, 2, lie).await?;
            let mid = stage.protocol.spot(pool.feed).await?.mid;
            assert!(
                mid >= U256::from(1_999 * WAD) && mid <= U256::from(2_001 * WAD),
                "{mid}"
            );
        }
        // Two of five: still between honest prices.
        stage.print(pool, 0, pool.spot * 90).await?;
        let mid = stage.protocol.spot(pool.feed).await?.mid;
        assert!(
            mid >= U256::from(1_999 * WAD) && mid <= U256::from(2_002 * WAD),
            "{mid}"
        );
        Ok(())
    });
}

#[test]
fn bad_answers_are_left_out_and_named() {
    on_any_node(async |stage| {
        let pool = stage.eth();
        let venue = pool.venues[0];
        let now = U256::from(stage.now().await?);
        // 2,000 in 8 decimals.
        let fair = I256::try_from(200_000_000_000_u64)?;
        let (one, dust) = (I256::ONE, I256::MINUS_ONE);
        // The feed's bounds, 20 and 200,000 dollars, in the venue's 8 decimals.
        let (least, most) = (2_000_000_000_u64, 20_000_000_000_000_u64);
        let nanoseconds = now * U256::from(1_000_000_000);
        for (print, at, expected) in [
            (I256::ZERO, now, NOT_POSITIVE),
            (dust, now, NOT_POSITIVE),
            (I256::MIN, now, NOT_POSITIVE),
            (fair, U256::ZERO, BAD_TIMESTAMP),
            (fair, now + U256::from(1_000), BAD_TIMESTAMP),
            (fair, nanoseconds, BAD_TIMESTAMP),
            (fair, U256::MAX, BAD_TIMESTAMP),
            (fair, now - U256::from(u64::from(MAX_AGE) + 100), STALE),
            (I256::try_from(least)?, now, OUT_OF_BOUNDS),
            (I256::try_from(most)?, now, OUT_OF_BOUNDS),
            (one, now, OUT_OF_BOUNDS),
            (I256::MAX, now, OUT_OF_BOUNDS),
            (I256::try_from(least + 1)?, now, VALID),
            (I256::try_from(most - 1)?, now, VALID),
            (fair, now + U256::from(30), VALID),
        ] {
            answer(stage, venue, print, at).await?;
            assert_eq!(status(stage, pool, 0).await?, expected, "{print} at {at}");
            let spot = stage.protocol.spot(pool.feed).await?;
            let valid = VENUES - u8::from(expected != VALID);
            assert_eq!(
                (spot.valid, spot.mid),
                (valid, U256::from(pool.spot)),
                "{print} at {at}"
            );
        }
        Ok(())
    });
}

#[test]
fn an_answer_counts_up_to_its_greatest_age_and_not_a_second_longer() {
    on_the_local_node(async |stage| {
        let pool = stage.eth();
        let printed = stage.now().await? + 1_000;
        stage.warp_to(printed - 1).await?;
        // 2,000 in 8 decimals.
        let fair = I256::try_from(200_000_000_000_u64)?;
        answer(stage, pool.venues[0], fair, U256::from(printed)).await?;
        stage.warp_to(printed + u64::from(MAX_AGE)).await?;
        assert_eq!(status(stage, pool, 0).await?, VALID);
        stage.warp_to(printed + u64::from(MAX_AGE) + 1).await?;
        assert_eq!(status(stage, pool, 0).await?, STALE);
        Ok(())
    });
}

#[test]
fn changed_decimals_quarantine_a_source_until_they_are_back() {
    on_any_node(async |stage| {
        let pool = stage.eth();
        let chain = stage.protocol.chain();
        for (decimals, expected) in [
            (18, DECIMALS_CHANGED),
            (7, DECIMALS_CHANGED),
            (255, DECIMALS_CHANGED),
            (8, VALID),
        ] {
            let call = IPriceAggregator::setDecimalsCall { decimals };
            chain
                .send("decimals", &stage.owner, pool.venues[1].source, &call)
                .await?;
            assert_eq!(status(stage, pool, 1).await?, expected);
            let mid = stage.protocol.spot(pool.feed).await?.mid;
            assert_eq!(mid, U256::from(pool.spot));
        }
        Ok(())
    });
}

#[test]
fn a_source_that_vanishes_reverts_or_answers_nonsense_is_left_out() {
    on_the_local_node(async |stage| {
        use alloy::providers::Provider;
        let pool = stage.eth();
        let provider = stage.protocol.chain().provider();
        let codes: [(&str, &str); 6] = [
            ("gone", "0x"),
            ("reverts", "0x5f5ffd"),
            ("invalid opcode burns all gas", "0xfe"),
            ("loops for ever", "0x5b5f56"),
            ("answers 31 bytes", "0x601f5ff3"),
            ("answers a megabyte", "0x620f42405ff3"),
        ];
        for (what, code) in codes {
            let address = pool.venues[3].source;
            let _: serde_json::Value = provider
                .raw_request("anvil_setCode".into(), (address, code))
                .await?;
            let spot = stage.protocol.spot(pool.feed).await?;
            assert_eq!(
                (spot.valid, spot.mid),
                (VENUES - 1, U256::from(pool.spot)),
                "{what}"
            );
            // A megabyte of zeros is an answer of zeros with zero decimals: not ours, either way.
            let status = status(stage, pool, 3).await?;
            assert!(
                status == CALL_FAILED || status == DECIMALS_CHANGED,
                "{what}: {status}"
            );
        }
        Ok(())
    });
}

#[test]
fn spot_reverts_below_the_quorum() {
    on_any_node(async |stage| {
        let pool = stage.eth();
        let at = stage.protocol.at().adapter;
        for venue in 0..3_usize {
            answer(
                stage,
                pool.venues[venue],
                I256::ZERO,
                U256::from(stage.now().await?),
            )
            .await?;
            if venue < 2 {
                assert_eq!(
                    usize::from(stage.protocol.spot(pool.feed).await?.valid),
                    4 - venue
                );
            }
        }
        let error = stage
            .view_reverts_with::<IOracleAdapter::QuorumLost>(
                at,
                &IOracleAdapter::spotCall { feed: pool.feed },
            )
            .await?;
        assert_eq!((error.valid, error.needed), (U256::from(2), U256::from(3)));
        Ok(())
    });
}

#[test]
fn the_median_depends_on_the_gas_supplied_in_no_other_way_than_by_reverting() {
    on_any_node(async |stage| {
        use alloy::network::TransactionBuilder;
        use alloy::providers::Provider;
        use alloy::rpc::types::TransactionRequest;
        use alloy::sol_types::SolError;
        let pool = stage.eth();
        let call = IOracleAdapter::spotCall { feed: pool.feed };
        let mut refused = 0_u32;
        for gas in (30_000..600_000).step_by(15_000) {
            let request = TransactionRequest::default()
                .with_to(stage.protocol.at().adapter)
                .with_input(call.abi_encode())
                .with_gas_limit(gas);
            match stage.protocol.chain().provider().call(request).await {
                Ok(answer) => {
                    let spot = IOracleAdapter::spotCall::abi_decode_returns(&answer)?;
                    assert_eq!(
                        (spot.mid, spot.valid),
                        (U256::from(pool.spot), VENUES),
                        "{gas} gas"
                    );
                }
                Err(error) => {
                    // Out of gas before the first source, or the typed refusal; never another price.
                    let data = error
                        .as_error_resp()
                        .and_then(|payload| payload.as_revert_data());
                    let typed = IOracleAdapter::InsufficientGasForSource::SELECTOR;
                    match data {
                        Some(data) if !data.is_empty() => {
                            assert!(data.starts_with(&typed), "{gas} gas: {data}");
                            refused += 1;
                        }
                        _ => assert!(gas < 100_000, "{gas} gas: {error}"),
                    }
                }
            }
        }
        assert!(refused > 3, "the typed refusal was seen {refused} times");
        Ok(())
    });
}
