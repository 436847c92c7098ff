//! The harness itself: what it asserts must be able to fail.

use alloy::primitives::U256;
use end_to_end::{USDC, on_any_node, on_the_local_node};
use novation::bindings::{ICollateralVault, ITestToken};
use novation::ids::account_id;

#[test]
fn a_transaction_that_goes_through_is_no_refusal() {
    on_any_node(async |stage| {
        let alice = stage.trader("alice", stage.eth()).await?;
        let mint = ITestToken::mintCall {
            to: alice.address(),
            amount: U256::from(1),
        };
        let outcome = stage
            .reverts_with::<ICollateralVault::ZeroAmount>(&alice.signer, stage.usdc, &mint)
            .await;
        let error = outcome.expect_err("it went through").to_string();
        assert!(error.contains("went through"), "{error}");
        Ok(())
    });
}

#[test]
fn a_refusal_for_another_reason_is_not_the_one_expected() {
    on_any_node(async |stage| {
        let alice = stage.trader("alice", stage.eth()).await?;
        let nothing = ICollateralVault::depositCall {
            account: alice.account,
            asset: stage.usdc,
            assets: U256::ZERO,
        };
        let vault = stage.protocol.at().vault;
        let outcome = stage
            .reverts_with::<ICollateralVault::Locked>(&alice.signer, vault, &nothing)
            .await;
        let error = outcome.expect_err("another error").to_string();
        assert!(
            error.contains("expected Locked()") && error.contains("ZeroAmount"),
            "{error}"
        );
        Ok(())
    });
}

#[test]
fn the_digest_sees_one_unit_of_one_account() {
    on_any_node(async |stage| {
        let alice = stage.funded("alice", stage.eth(), USDC).await?;
        let before = stage.digest().await?;
        assert_eq!(before, stage.digest().await?);
        stage.deposit(&alice, stage.usdc, 1).await?;
        assert_ne!(before, stage.digest().await?);
        Ok(())
    });
}

#[test]
fn the_digest_sees_a_single_slot_of_every_contract() {
    on_the_local_node(async |stage| {
        use alloy::primitives::B256;
        use alloy::providers::Provider;
        let mut digests = vec![stage.digest().await?];
        for contract in stage.contracts() {
            let slot = (contract, U256::from(0x5107), B256::with_last_byte(1));
            let provider = stage.protocol.chain().provider();
            let _: serde_json::Value = provider
                .raw_request("anvil_setStorageAt".into(), slot)
                .await?;
            digests.push(stage.digest().await?);
        }
        let count = digests.len();
        digests.sort_unstable();
        digests.dedup();
        assert_eq!(digests.len(), count, "each change gives another digest");
        assert!(
            count > 17,
            "seven programs, three tokens, ten venues: {count}"
        );
        Ok(())
    });
}

#[test]
fn every_test_begins_with_the_stage_as_it_opened() {
    // Twice the same deposit: a second test that saw the first one's would find twice as much.
    for _ in 0..2 {
        on_the_local_node(async |stage| {
            let account = account_id(stage.owner.address(), stage.eth().id, 0);
            assert_eq!(
                stage.protocol.balance_of(account, stage.usdc).await?,
                U256::ZERO
            );
            let assets = U256::from(5);
            stage
                .protocol
                .mint_and_deposit(&stage.owner, account, stage.usdc, assets)
                .await?;
            assert_eq!(
                stage.protocol.balance_of(account, stage.usdc).await?,
                assets
            );
            Ok(())
        });
    }
}
