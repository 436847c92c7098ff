//! F-01 to F-08, F-10 to F-12: what a source may answer.

use alloy::primitives::{B256, I256, U256, keccak256};
use alloy::providers::Provider;
use alloy::sol_types::SolValue;
use anyhow::ensure;
use end_to_end::stage::MAX_AGE;
use end_to_end::{Stage, on_the_local_node};
use novation::bindings::IOracleAdapter::{
    BadSource, DuplicateOrigin, QuorumLost, Source, listFeedCall,
};
use novation::bindings::IPriceAggregator::{decimalsCall, latestRoundDataCall};

use super::{Actor, DOLLAR, Ending, FAIR, Feed, price, rules, status, wad};

alloy::sol! {
    function getPriceUnsafe(bytes32 id) external view returns (int64 price, uint64 conf, int32 expo, uint256 publishTime);
}

#[test]
fn f_01_zero_negative_and_the_least_answer_are_invalid_and_lose_the_quorum() {
    on_the_local_node(async |stage| {
        let feed = Feed::of(stage, 3).await?;
        for answer in [I256::ZERO, I256::MINUS_ONE, I256::MIN] {
            feed.print_exact(0, answer).await?;
            ensure!(feed.status(0).await?.status == status::NOT_POSITIVE);
            let spot = feed.spot().await?;
            ensure!((spot.valid, spot.mid) == (2, wad(2_000)), "{answer}");
            feed.print_exact(1, answer).await?;
            let lost: QuorumLost = feed.evaluation_reverts_with().await?;
            ensure!((lost.valid, lost.needed) == (U256::ONE, U256::from(2)));
            feed.print_all(FAIR).await?;
        }
        Ok(())
    });
}

#[test]
fn f_02_an_answer_counts_up_to_its_greatest_age_and_is_stale_a_second_later() {
    on_the_local_node(async |stage| {
        let feed = Feed::of(stage, 3).await?;
        let printed = stage.now().await? + 500;
        stage.warp_to(printed).await?;
        feed.sources[0]
            .round(stage, price(FAIR), U256::from(printed))
            .await?;
        stage.warp_to(printed + u64::from(MAX_AGE)).await?;
        ensure!(feed.status(0).await?.status == status::VALID);
        stage.warp_to(printed + u64::from(MAX_AGE) + 1).await?;
        ensure!(feed.status(0).await?.status == status::STALE);
        // The other two are older still.
        let lost: QuorumLost = feed.evaluation_reverts_with().await?;
        ensure!(lost.valid.is_zero());
        Ok(())
    });
}

#[test]
fn f_03_times_of_zero_the_future_or_nanoseconds_are_invalid() {
    on_the_local_node(async |stage| {
        let feed = Feed::of(stage, 3).await?;
        let now = stage.now().await? + 100;
        stage.warp_to(now).await?;
        let nanoseconds = U256::from(now) * U256::from(1_000_000_000);
        for (at, expected) in [
            (U256::ZERO, status::BAD_TIMESTAMP),
            (nanoseconds, status::BAD_TIMESTAMP),
            (U256::MAX, status::BAD_TIMESTAMP),
            (U256::from(now + 1_000), status::BAD_TIMESTAMP),
        ] {
            feed.sources[2].round(stage, price(FAIR), at).await?;
            ensure!(feed.status(2).await?.status == expected, "{at}");
            ensure!(feed.spot().await?.valid == 2);
        }
        // Sixty seconds of skew are allowed, to the second: time does not pass between a script and a warp to the same moment.
        feed.sources[2]
            .round(stage, price(FAIR), U256::from(now + 160))
            .await?;
        stage.warp_to(now + 99).await?;
        ensure!(feed.status(2).await?.status == status::BAD_TIMESTAMP);
        stage.warp_to(now + 100).await?;
        ensure!(feed.status(2).await?.status == status::VALID);
        Ok(())
    });
}

#[test]
fn f_04_an_answer_older_than_the_one_accepted_is_ignored_and_nothing_reverts() {
    on_the_local_node(async |stage| {
        let feed = Feed::of(stage, 3).await?;
        stage.warp(100).await?;
        feed.print_all(FAIR).await?;
        ensure!(feed.evaluate().await? == 1);
        let reported = feed.latest().await?;
        stage.warp(10).await?;
        // The source goes back in time, with a price of its own.
        let back = U256::from(reported.updatedAt - 1);
        feed.sources[1].round(stage, price(1_990), back).await?;
        let before = stage.digest().await?;
        ensure!(feed.status(1).await?.status == status::WENT_BACK);
        let spot = feed.spot().await?;
        ensure!((spot.valid, spot.mid) == (2, wad(2_000)));
        ensure!(spot.updatedAt >= reported.updatedAt, "time runs backwards");
        ensure!(stage.digest().await? == before);
        // A round is stored without it; what was accepted from it stays: the same answer is refused again.
        ensure!(feed.evaluate().await? == 2);
        ensure!(feed.status(1).await?.status == status::WENT_BACK);
        ensure!(feed.latest().await?.updatedAt >= reported.updatedAt);
        feed.print(1, FAIR).await?;
        ensure!(feed.status(1).await?.status == status::VALID);
        Ok(())
    });
}

#[test]
fn f_05_a_source_that_reverts_answers_any_length_or_is_gone_is_left_out() {
    on_the_local_node(async |stage| {
        let feed = Feed::of(stage, 3).await?;
        let broken = feed.sources[0];
        broken
            .answer::<latestRoundDataCall>(stage, Ending::Reverts, Vec::new())
            .await?;
        left_out(&feed).await?;
        for length in [0, 31, 33, 159] {
            broken
                .answer::<latestRoundDataCall>(stage, Ending::Answers, vec![1; length])
                .await?;
            left_out(&feed).await?;
        }
        // A megabyte, no code (destructed or never there), endless loops and all gas burnt.
        for code in ["0x620f42405ff3", "0x", "0x5b5f56", "0xfe"] {
            let provider = stage.protocol.chain().provider();
            let _: serde_json::Value = provider
                .raw_request("anvil_setCode".into(), (broken.at, code))
                .await?;
            left_out(&feed).await?;
        }
        // Without code it cannot be listed either.
        let call = listFeedCall {
            feed: B256::repeat_byte(5),
            sources: feed
                .sources
                .iter()
                .map(|actor| actor.source(0, MAX_AGE, B256::ZERO))
                .collect(),
            rules: rules(),
        };
        let at = stage.protocol.at().adapter;
        let error: BadSource = stage.reverts_with(&stage.owner, at, &call).await?;
        ensure!(error.source == broken.at);
        Ok(())
    });
}

/// The first source does not count, the others do, and a round is stored within bounded gas.
async fn left_out(feed: &Feed<'_>) -> anyhow::Result<()> {
    let found = feed.status(0).await?;
    ensure!(
        [status::CALL_FAILED, status::DECIMALS_CHANGED].contains(&found.status),
        "{found:?}"
    );
    let spot = feed.spot().await?;
    ensure!((spot.valid, spot.mid) == (2, wad(2_000)), "{spot:?}");
    Ok(())
}

#[test]
fn f_06_changed_or_failing_decimals_quarantine_a_source() {
    on_the_local_node(async |stage| {
        let feed = Feed::of(stage, 3).await?;
        let source = feed.sources[2];
        for decimals in [18_u64, 7, 9, 256] {
            source.decimals(stage, U256::from(decimals)).await?;
            ensure!(feed.status(2).await?.status == status::DECIMALS_CHANGED);
            ensure!(feed.spot().await?.mid == wad(2_000));
        }
        for ending in [Ending::Reverts, Ending::BurnsGas] {
            source
                .answer::<decimalsCall>(stage, ending, Vec::new())
                .await?;
            ensure!(feed.status(2).await?.status == status::DECIMALS_CHANGED);
            ensure!(feed.spot().await?.valid == 2);
        }
        source.decimals(stage, U256::from(8)).await?;
        ensure!(feed.status(2).await?.status == status::VALID);
        Ok(())
    });
}

/// Pyth's answer: price and confidence interval in 10^exponent.
async fn pyth(
    stage: &Stage,
    actor: Actor,
    price: i64,
    confidence: u64,
    exponent: i32,
) -> anyhow::Result<()> {
    let now = U256::from(stage.now().await?);
    let answer = (price, confidence, exponent, now).abi_encode_params();
    actor
        .answer::<getPriceUnsafeCall>(stage, Ending::Answers, answer)
        .await
}

#[test]
fn f_07_pyth_prices_of_wide_confidence_odd_exponent_or_least_value_are_invalid() {
    on_the_local_node(async |stage| {
        let actor = Actor::new(stage).await?;
        let fair = 2_000 * DOLLAR;
        pyth(stage, actor, fair, 0, -8).await?;
        let source = actor.source(1, MAX_AGE, keccak256("ETH/USD"));
        let feed = Feed::with(stage, 2, vec![source], rules()).await?;
        ensure!(feed.status(2).await?.price == wad(2_000));
        // The interval may be 1 % of the price.
        let widest = u64::try_from(fair / 100)?;
        for (price, confidence, exponent, expected) in [
            (fair, widest, -8, status::VALID),
            (fair, widest + 1, -8, status::CONFIDENCE_TOO_WIDE),
            (fair, u64::MAX, -8, status::CONFIDENCE_TOO_WIDE),
            (fair, 0, -19, status::BAD_EXPONENT),
            (fair, 0, 1, status::BAD_EXPONENT),
            (fair, 0, i32::MIN, status::BAD_EXPONENT),
            (fair, 0, i32::MAX, status::BAD_EXPONENT),
            (fair, 0, -9, status::DECIMALS_CHANGED),
            (i64::MIN, 0, -8, status::NOT_POSITIVE),
            (-1, 0, -8, status::NOT_POSITIVE),
            (0, 0, -8, status::NOT_POSITIVE),
            (i64::MAX, 0, -8, status::OUT_OF_BOUNDS),
        ] {
            pyth(stage, actor, price, confidence, exponent).await?;
            let found = feed.status(2).await?.status;
            ensure!(
                found == expected,
                "{price} {confidence} {exponent}: {found}"
            );
            let spot = feed.spot().await?;
            let valid = 2 + u8::from(expected == status::VALID);
            ensure!((spot.valid, spot.mid) == (valid, wad(2_000)));
        }
        // Words beyond their types are no answer.
        let dirty = (U256::MAX >> 1, U256::ONE, U256::ZERO, U256::ONE).abi_encode_params();
        actor
            .answer::<getPriceUnsafeCall>(stage, Ending::Answers, dirty)
            .await?;
        ensure!(feed.status(2).await?.status == status::CALL_FAILED);
        Ok(())
    });
}

#[test]
fn f_08_a_price_at_a_registered_bound_or_a_million_times_off_is_out_of_bounds() {
    on_the_local_node(async |stage| {
        let feed = Feed::of(stage, 3).await?;
        let one = I256::ONE;
        for (answer, expected) in [
            (price(20), status::OUT_OF_BOUNDS),
            (price(20) + one, status::VALID),
            (price(200_000), status::OUT_OF_BOUNDS),
            (price(200_000) - one, status::VALID),
            (price(FAIR * 1_000_000), status::OUT_OF_BOUNDS),
            (I256::MAX, status::OUT_OF_BOUNDS),
        ] {
            feed.print_exact(1, answer).await?;
            ensure!(feed.status(1).await?.status == expected, "{answer}");
            ensure!(feed.spot().await?.mid == wad(2_000), "{answer}");
        }
        feed.print_exact(0, price(20)).await?;
        feed.print_exact(1, price(200_000)).await?;
        let lost: QuorumLost = feed.evaluation_reverts_with().await?;
        ensure!(lost.valid == U256::ONE);
        Ok(())
    });
}

#[test]
fn f_10_a_minority_that_lies_by_any_factor_leaves_the_price_among_the_honest() {
    on_the_local_node(async |stage| {
        let feed = Feed::of(stage, 5).await?;
        for (source, dollars) in [1_998, 1_999, 2_000, 2_001, 2_002].into_iter().enumerate() {
            feed.print(source, dollars).await?;
        }
        let lies = [I256::ONE, price(21), price(199_999), I256::MAX, I256::MIN];
        for lie in lies {
            for other in lies {
                feed.print_exact(0, lie).await?;
                feed.print_exact(4, other).await?;
                let mid = feed.spot().await?.mid;
                ensure!(
                    wad(1_999) <= mid && mid <= wad(2_001),
                    "{lie} {other}: {mid}"
                );
            }
        }
        Ok(())
    });
}

#[test]
fn f_11_a_majority_that_lies_within_bounds_moves_the_price_as_far_as_it_likes() {
    on_the_local_node(async |stage| {
        // What no median can prevent: documented, and bounded by the feed's absolute bounds, the jump's delay and the caps of pools.
        let feed = Feed::of(stage, 5).await?;
        for source in 0..3 {
            feed.print(source, 3_000).await?;
        }
        ensure!(feed.spot().await?.mid == wad(3_000));
        feed.print_all(FAIR).await?;
        feed.evaluate().await?;
        stage.warp(2).await?;
        for source in 0..3 {
            feed.print(source, 3_000).await?;
        }
        // With a round accepted before, not at once.
        ensure!(feed.spot().await?.mid == wad(2_000));
        Ok(())
    });
}

#[test]
fn f_12_two_sources_of_one_origin_are_refused_at_listing() {
    on_the_local_node(async |stage| {
        let feed = Feed::of(stage, 3).await?;
        let at = stage.protocol.at().adapter;
        let listing = |change: fn(&mut [Source])| {
            let mut sources: Vec<_> = feed
                .sources
                .iter()
                .map(|actor| actor.source(0, MAX_AGE, B256::ZERO))
                .collect();
            change(&mut sources);
            listFeedCall {
                feed: B256::repeat_byte(0x12),
                sources,
                rules: rules(),
            }
        };
        // The same origin behind two contracts, and one contract under two origins.
        for change in [
            (|sources| sources[2].origin = sources[0].origin) as fn(&mut [Source]),
            |sources| sources[2].account = sources[0].account,
        ] {
            let call = listing(change);
            let error: DuplicateOrigin = stage.reverts_with(&stage.owner, at, &call).await?;
            ensure!(error.source == call.sources[2].account);
        }
        Ok(())
    });
}
