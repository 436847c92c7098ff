//! Feeds: listing, and the median of venues that are late, lie or break.

mod listing;
mod median;

use alloy::primitives::{I256, U256, keccak256};
use end_to_end::{Pool, Stage};
use novation::bindings::{IOracleAdapter, IPriceAggregator};
use novation::market::{FeedTerms, Venue};

/// Statuses of a source, as in `IOracleAdapter.sol`.
const VALID: u8 = 0;
const CALL_FAILED: u8 = 1;
const NOT_POSITIVE: u8 = 2;
const BAD_TIMESTAMP: u8 = 3;
const STALE: u8 = 4;
const OUT_OF_BOUNDS: u8 = 5;
const DECIMALS_CHANGED: u8 = 6;

/// Terms over the ETH venues that would be accepted under another id.
fn good(stage: &Stage) -> FeedTerms {
    let feed = keccak256("another feed");
    stage.feed_terms(feed, &stage.eth().venues, stage.eth().spot)
}

/// A venue answers anything, with any time.
async fn answer(stage: &Stage, venue: Venue, answer: I256, at: U256) -> anyhow::Result<()> {
    let call = IPriceAggregator::setAnswerAtCall {
        answer,
        updatedAt: at,
    };
    stage
        .protocol
        .chain()
        .send("answer", &stage.owner, venue.source, &call)
        .await?;
    Ok(())
}

async fn status(stage: &Stage, pool: &Pool, index: u8) -> anyhow::Result<u8> {
    let call = IOracleAdapter::sourceStatusCall {
        feed: pool.feed,
        index,
    };
    let at = stage.protocol.at().adapter;
    Ok(stage.protocol.chain().read(at, &call).await?.status)
}
