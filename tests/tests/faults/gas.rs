//! F-14: gas is no lever.

use alloy::network::TransactionBuilder;
use alloy::primitives::U256;
use alloy::providers::Provider;
use alloy::rpc::types::TransactionRequest;
use alloy::sol_types::SolCall;
use anyhow::ensure;
use end_to_end::on_the_local_node;
use novation::bindings::IOracleAdapter::{InsufficientGasForSource, evaluateCall, spotCall};
use novation::errors::ChainError;

use super::{FAIR, Feed, wad};

#[test]
fn f_14_gas_that_would_starve_a_source_reverts_the_whole_call() {
    on_the_local_node(async |stage| {
        let feed = Feed::of(stage, 5).await?;
        for (source, dollars) in [1_990, 1_995, FAIR, 2_005, 2_010].into_iter().enumerate() {
            feed.print(source, dollars).await?;
        }
        let at = stage.protocol.at().adapter;
        let provider = stage.protocol.chain().provider();
        let (mut answered, mut starved) = (0, 0);
        for calldata in [
            spotCall { feed: feed.id }.abi_encode(),
            evaluateCall { feed: feed.id }.abi_encode(),
        ] {
            let is_view = calldata.starts_with(&spotCall::SELECTOR);
            for gas in (120_000..=420_000).step_by(1_500) {
                let request = TransactionRequest::default()
                    .with_from(stage.owner.address())
                    .with_to(at)
                    .with_input(calldata.clone())
                    .with_gas_limit(gas);
                match provider.call(request).await {
                    Ok(answer) if is_view => {
                        let spot = spotCall::abi_decode_returns(&answer)?;
                        ensure!((spot.mid, spot.valid) == (wad(2_000), 5), "{gas}: {spot:?}");
                        answered += 1;
                    }
                    Ok(_) => answered += 1,
                    Err(error) => {
                        let error = ChainError::from_rpc("starving", error);
                        let Some(revert) = error.revert() else {
                            continue;
                        };
                        // Out of gas before the first source has no data.
                        if let Some(needed) = revert.decode::<InsufficientGasForSource>() {
                            ensure!(needed.gasLeft < needed.needed, "{gas}: {needed:?}");
                            ensure!(needed.needed > U256::from(150_000));
                            starved += 1;
                        } else {
                            ensure!(revert.0.is_empty(), "{gas}: {revert}");
                        }
                    }
                }
            }
        }
        ensure!(answered > 20 && starved > 20, "{answered} {starved}");
        Ok(())
    });
}
