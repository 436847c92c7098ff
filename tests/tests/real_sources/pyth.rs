//! Pyth as a source: read natively, and through Pyth's own wrapper with the face of an aggregator.

use alloy::primitives::B256;
use alloy::sol_types::SolValue;
use end_to_end::{Stage, WAD, on_any_node, on_the_local_node};

use super::scene::{
    AGGREGATOR, Chainlink, PRICE_ID, PYTH, PythPrice, create, evaluate, list, pyth, source, status,
    update_pyth,
};
use crate::signed_price::SignedSource;

const FEED: B256 = B256::repeat_byte(0xf1);

/// A feed of Chainlink, signed data and Pyth at about 2,000; Pyth's contract.
async fn open(stage: &Stage) -> anyhow::Result<alloy::primitives::Address> {
    let chainlink = Chainlink::open(stage, 2_000).await?;
    let signed = SignedSource::open(stage).await?;
    signed.publish(stage, 2_002).await?;
    let pyth = pyth(stage).await?;
    update_pyth(stage, pyth, PythPrice::dollars(2_001)).await?;
    let sources = vec![
        source(chainlink.proxy, AGGREGATOR, B256::ZERO),
        source(signed.address, AGGREGATOR, B256::ZERO),
        source(pyth, PYTH, PRICE_ID),
    ];
    list(stage, FEED, sources).await?;
    Ok(pyth)
}

#[test]
fn three_makers_make_a_median() {
    on_the_local_node(async |stage| {
        let pyth = open(stage).await?;
        for (index, dollars) in [(0, 2_000), (1, 2_002), (2, 2_001)] {
            assert_eq!(status(stage, FEED, index).await?, (0, dollars * WAD));
        }
        assert_eq!(evaluate(stage, FEED).await?, (2_001 * WAD, 0));
        // The middle one moves beyond the others: the next in line is the median.
        // A round is kept for its second.
        let later = stage.now().await? + 5;
        stage.protocol.chain().set_time(later).await?;
        update_pyth(stage, pyth, PythPrice::dollars(2_008)).await?;
        assert_eq!(evaluate(stage, FEED).await?.0, 2_002 * WAD);
        Ok(())
    });
}

#[test]
fn what_pyth_is_unsure_of_does_not_count() {
    on_the_local_node(async |stage| {
        let pyth = open(stage).await?;
        let sure = PythPrice::dollars(2_001);
        let mut time = stage.now().await?;
        for (price, valid) in [
            // 1 % of the price either way is the most this feed allows.
            (
                PythPrice {
                    confidence: 2_000_000,
                    ..sure
                },
                true,
            ),
            (
                PythPrice {
                    confidence: 2_100_000,
                    ..sure
                },
                false,
            ),
            (
                PythPrice {
                    confidence: u64::MAX,
                    ..sure
                },
                false,
            ),
            (PythPrice { price: 0, ..sure }, false),
            (PythPrice { price: -1, ..sure }, false),
            (
                PythPrice {
                    price: i64::MIN,
                    ..sure
                },
                false,
            ),
            (
                PythPrice {
                    exponent: 5,
                    ..sure
                },
                false,
            ),
            (
                PythPrice {
                    exponent: -60,
                    ..sure
                },
                false,
            ),
            (
                PythPrice {
                    exponent: i32::MIN,
                    ..sure
                },
                false,
            ),
            (sure, true),
        ] {
            time += 10;
            stage.protocol.chain().set_time(time).await?;
            update_pyth(stage, pyth, price).await?;
            let (status, _) = status(stage, FEED, 2).await?;
            let PythPrice {
                price,
                confidence,
                exponent,
                ..
            } = price;
            assert_eq!(
                status == 0,
                valid,
                "{price} ± {confidence} e{exponent}: {status}"
            );
            // The two others still answer.
            let (mid, _) = evaluate(stage, FEED).await?;
            assert!((2_000 * WAD..=2_002 * WAD).contains(&mid), "{mid}");
        }
        Ok(())
    });
}

#[test]
fn pyths_own_wrapper_reads_as_an_aggregator() {
    on_any_node(async |stage| {
        let pyth = pyth(stage).await?;
        update_pyth(stage, pyth, PythPrice::dollars(2_001)).await?;
        let arguments = (pyth, PRICE_ID).abi_encode_params();
        let wrapper = create(stage, "PythAggregatorV3", &arguments).await?;
        let mut sources = vec![source(wrapper, AGGREGATOR, B256::ZERO)];
        for dollars in [1_999, 2_000] {
            let proxy = Chainlink::open(stage, dollars).await?.proxy;
            sources.push(source(proxy, AGGREGATOR, B256::ZERO));
        }
        list(stage, FEED, sources).await?;
        assert_eq!(status(stage, FEED, 0).await?, (0, 2_001 * WAD));
        assert_eq!(evaluate(stage, FEED).await?.0, 2_000 * WAD);
        Ok(())
    });
}
