//! What the surface costs: publishing, and reading 4 expiries of 3 publishers, as margin does.

use alloy::primitives::{U256, Uint};
use clearing_math::surface::PublishedSmile;
use end_to_end::{WAD, on_the_local_node};
use novation::bindings::IArbWasm;
use novation::bindings::IVolatilitySurface::{termsCall, volatilityCall};
use novation::deploy::ARB_WASM;

use super::{SKEW, list, now, publication, publish, publisher, word};

/// Gas of a transaction before the program is entered, at most: 21,000 and its calldata.
const INTRINSIC: u64 = 21_000;
/// Publishers.
const PUBLISHERS: u8 = 3;

#[test]
fn terms_of_three_publishers_cost_two_slots_three_pages_and_at_most_an_eighth_more() {
    on_the_local_node(async |stage| {
        let mut signers = Vec::new();
        for name in ["gas a", "gas b", "gas c"] {
            signers.push(publisher(stage, name).await?);
        }
        let feed = list(
            stage,
            signers.iter().map(|signer| signer.address()).collect(),
        )
        .await?;
        let day = 86_400;
        let start = now(stage).await? + day;
        let expiries = [start, start + 7 * day, start + 30 * day, start + 90 * day];
        let smiles = expiries.map(|expiry| word(PublishedSmile { expiry, ..SKEW }));
        let mut costs = Vec::new();
        for _ in 0..2 {
            for (index, signer) in (0..PUBLISHERS).zip(&signers) {
                let mut call = publication(feed, index, smiles.to_vec());
                call.terms = vec![Uint::from((30_000_000_u64 << 16) | 20); 4];
                costs.push(publish(stage, signer, &call).await?);
            }
        }
        println!("publish 4 smiles with terms: {costs:?} gas, first three new");
        let (chain, at) = (stage.protocol.chain(), stage.protocol.at().surface);
        // Without what entering the program costs, which depends on whether the chain keeps it cached.
        let init = IArbWasm::programInitGasCall { program: at };
        let init = chain.read(ARB_WASM, &init).await?;
        println!("entry: {} gas, cached {}", init.gas, init.gasWhenCached);
        for count in [1, 4] {
            let call = termsCall {
                feed,
                expiries: expiries[..count].to_vec(),
            };
            let sent = chain.send("terms", &stage.owner, at, &call).await?;
            assert_eq!(sent.value.smiles.len(), count * 2 * usize::from(PUBLISHERS));
            let gas = sent.gas() - INTRINSIC;
            let cold = gas - init.gas;
            println!(
                "terms, {count} expiries of 3 publishers: {gas} gas with calldata, {cold} without entry"
            );
            // The rules, where the publishers' pages are, and each page: the code of an account.
            let read = 2 * 2_100 + u64::from(PUBLISHERS) * 3_300;
            assert!(
                (read..read * 9 / 8).contains(&cold),
                "{cold} gas for {read} of reading"
            );
        }
        let between = termsCall {
            feed,
            expiries: expiries.map(|expiry| expiry + day / 2).to_vec(),
        };
        let sent = chain
            .send("terms between", &stage.owner, at, &between)
            .await?;
        println!(
            "terms, 4 expiries between others: {} gas",
            sent.gas() - INTRINSIC
        );
        let [forward, strike] = [2_000, 1_500].map(|dollars| U256::from(dollars * WAD));
        let call = volatilityCall {
            feed,
            expiry: expiries[2],
            forward,
            strike,
        };
        let sent = chain.send("volatility", &stage.owner, at, &call).await?;
        println!("volatility, 3 publishers: {} gas", sent.gas() - INTRINSIC);
        Ok(())
    });
}
