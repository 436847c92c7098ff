//! Deposits into the vault.

use alloy::primitives::{Address, U256};
use end_to_end::{USDC, on_any_node};
use novation::bindings::{ICollateralVault, ISeriesFactory, ITestToken};
use novation::ids::account_id;
use novation::market::{deploy_fee_token, deploy_token};

fn deposit(account: U256, asset: Address, assets: u128) -> ICollateralVault::depositCall {
    ICollateralVault::depositCall {
        account,
        asset,
        assets: U256::from(assets),
    }
}

#[test]
fn deposit_reverts_for_zero_assets() {
    on_any_node(async |stage| {
        let alice = stage.trader("alice", stage.eth()).await?;
        let call = deposit(alice.account, stage.usdc, 0);
        stage
            .reverts_with::<ICollateralVault::ZeroAmount>(
                &alice.signer,
                stage.protocol.at().vault,
                &call,
            )
            .await?;
        Ok(())
    });
}

#[test]
fn deposit_reverts_for_ids_that_are_no_account() {
    on_any_node(async |stage| {
        let alice = stage.trader("alice", stage.eth()).await?;
        let insurance = account_id(Address::ZERO, stage.eth().id, 0);
        let poolless = account_id(alice.address(), 0, 0);
        for account in [insurance, poolless, U256::ZERO] {
            let call = deposit(account, stage.usdc, USDC);
            let error = stage
                .reverts_with::<ICollateralVault::BadAccount>(
                    &alice.signer,
                    stage.protocol.at().vault,
                    &call,
                )
                .await?;
            assert_eq!(error.account, account);
        }
        Ok(())
    });
}

#[test]
fn deposit_reverts_for_an_unknown_pool() {
    on_any_node(async |stage| {
        let alice = stage.trader("alice", stage.eth()).await?;
        let call = deposit(account_id(alice.address(), u32::MAX, 0), stage.usdc, USDC);
        let error = stage
            .reverts_with::<ISeriesFactory::UnknownPool>(
                &alice.signer,
                stage.protocol.at().vault,
                &call,
            )
            .await?;
        assert_eq!(error.pool, u32::MAX);
        Ok(())
    });
}

#[test]
fn deposit_reverts_for_an_asset_the_pool_does_not_take() {
    on_any_node(async |stage| {
        let alice = stage.trader("alice", stage.eth()).await?;
        let chain = stage.protocol.chain();
        let stranger =
            deploy_token(chain, &stage.checkout, &stage.owner, "Stranger", "X", 18).await?;
        for asset in [stranger, stage.btc().base, Address::ZERO] {
            let call = deposit(alice.account, asset, USDC);
            let error = stage
                .reverts_with::<ICollateralVault::UnacceptedAsset>(
                    &alice.signer,
                    stage.protocol.at().vault,
                    &call,
                )
                .await?;
            assert_eq!((error.pool, error.asset), (stage.eth().id, asset));
        }
        Ok(())
    });
}

#[test]
fn deposit_reverts_without_allowance_or_balance() {
    on_any_node(async |stage| {
        let alice = stage.trader("alice", stage.eth()).await?;
        let vault = stage.protocol.at().vault;
        let call = deposit(alice.account, stage.usdc, USDC);
        // A balance without allowance, then an allowance without enough balance.
        stage
            .protocol
            .mint(&alice.signer, stage.usdc, alice.address(), U256::from(USDC))
            .await?;
        stage
            .reverts_with::<ICollateralVault::TransferFailed>(&alice.signer, vault, &call)
            .await?;
        let approve = ITestToken::approveCall {
            spender: vault,
            value: U256::MAX,
        };
        stage
            .protocol
            .chain()
            .send("approve", &alice.signer, stage.usdc, &approve)
            .await?;
        let call = deposit(alice.account, stage.usdc, USDC + 1);
        stage
            .reverts_with::<ICollateralVault::TransferFailed>(&alice.signer, vault, &call)
            .await?;
        let call = ICollateralVault::depositCall {
            account: alice.account,
            asset: stage.usdc,
            assets: U256::MAX,
        };
        stage
            .reverts_with::<ICollateralVault::TransferFailed>(&alice.signer, vault, &call)
            .await?;
        Ok(())
    });
}

#[test]
fn deposit_reverts_for_a_token_that_keeps_a_fee() {
    on_any_node(async |stage| {
        let alice = stage.trader("alice", stage.eth()).await?;
        let chain = stage.protocol.chain();
        let token = deploy_fee_token(chain, &stage.checkout, &stage.owner, 100).await?;
        stage.watch(token);
        let terms = stage.pool_terms(token, stage.eth().base, stage.eth().feed);
        let pool = stage.protocol.list_pool(&stage.owner, &terms).await?.value;
        let (vault, assets) = (stage.protocol.at().vault, U256::from(10_000));
        stage
            .protocol
            .mint(&alice.signer, token, alice.address(), assets)
            .await?;
        let approve = ITestToken::approveCall {
            spender: vault,
            value: assets,
        };
        chain
            .send("approve", &alice.signer, token, &approve)
            .await?;
        let call = deposit(account_id(alice.address(), pool, 0), token, 10_000);
        let error = stage
            .reverts_with::<ICollateralVault::FeeOnTransferToken>(&alice.signer, vault, &call)
            .await?;
        assert_eq!(
            (error.asset, error.expected, error.received),
            (token, assets, U256::from(9_900))
        );
        Ok(())
    });
}

#[test]
fn insurance_deposit_reverts_for_zero_assets_and_unknown_pools() {
    on_any_node(async |stage| {
        let vault = stage.protocol.at().vault;
        let call = ICollateralVault::depositInsuranceCall {
            pool: stage.eth().id,
            assets: U256::ZERO,
        };
        stage
            .reverts_with::<ICollateralVault::ZeroAmount>(&stage.owner, vault, &call)
            .await?;
        let call = ICollateralVault::depositInsuranceCall {
            pool: 0,
            assets: U256::from(1),
        };
        stage
            .reverts_with::<ISeriesFactory::UnknownPool>(&stage.owner, vault, &call)
            .await?;
        Ok(())
    });
}

#[test]
fn moves_and_releases_revert_for_everyone_but_the_clearing_house() {
    on_any_node(async |stage| {
        let alice = stage.funded("alice", stage.eth(), USDC).await?;
        let vault = stage.protocol.at().vault;
        let stolen = ICollateralVault::moveBalanceCall {
            asset: stage.usdc,
            from: alice.account,
            to: account_id(stage.owner.address(), stage.eth().id, 0),
            assets: U256::from(1),
        };
        let error = stage
            .reverts_with::<ICollateralVault::NotClearingHouse>(&alice.signer, vault, &stolen)
            .await?;
        assert_eq!(error.caller, alice.address());
        let released = ICollateralVault::releaseCall {
            asset: stage.usdc,
            account: alice.account,
            recipient: alice.address(),
            assets: U256::from(1),
        };
        stage
            .reverts_with::<ICollateralVault::NotClearingHouse>(&stage.owner, vault, &released)
            .await?;
        Ok(())
    });
}

#[test]
fn vault_is_connected_once_and_only_by_its_deployer() {
    on_any_node(async |stage| {
        let alice = stage.trader("alice", stage.eth()).await?;
        let at = stage.protocol.at();
        let call = ICollateralVault::connectCall {
            clearingHouse: alice.address(),
        };
        stage
            .reverts_with::<ICollateralVault::NotDeployer>(&alice.signer, at.vault, &call)
            .await?;
        let error = stage
            .reverts_with::<ICollateralVault::AlreadyConnected>(&stage.owner, at.vault, &call)
            .await?;
        assert_eq!(error.clearingHouse, at.clearing_house);
        Ok(())
    });
}

#[test]
fn deposit_credits_the_account_and_the_total_to_the_unit() {
    on_any_node(async |stage| {
        let protocol = &stage.protocol;
        let alice = stage.trader("alice", stage.eth()).await?;
        let total = protocol.total_of(stage.usdc).await?;
        let sent = stage.deposit(&alice, stage.usdc, 1_234_567).await?;
        stage.deposit(&alice, stage.eth().base, 89).await?;
        let state = protocol.account_state(alice.account).await?;
        assert_eq!(
            (state.cash, state.base),
            (U256::from(1_234_567), U256::from(89))
        );
        assert_eq!(
            protocol.total_of(stage.usdc).await?,
            total + U256::from(1_234_567)
        );
        let event = sent
            .receipt
            .decoded_log::<ICollateralVault::CollateralDeposited>()
            .expect("event");
        assert_eq!(
            (event.account, event.caller, event.asset),
            (alice.account, alice.address(), stage.usdc)
        );
        assert_eq!(event.assets, U256::from(1_234_567));
        Ok(())
    });
}

#[test]
fn anyone_may_deposit_for_anyone() {
    on_any_node(async |stage| {
        let (alice, bob) = (
            stage.trader("alice", stage.eth()).await?,
            stage.trader("bob", stage.eth()).await?,
        );
        let gift = U256::from(7);
        stage
            .protocol
            .mint_and_deposit(&bob.signer, alice.account, stage.usdc, gift)
            .await?;
        assert_eq!(
            stage.protocol.balance_of(alice.account, stage.usdc).await?,
            gift
        );
        assert_eq!(
            stage.protocol.balance_of(bob.account, stage.usdc).await?,
            U256::ZERO
        );
        Ok(())
    });
}

#[test]
fn insurance_deposit_credits_the_pool_and_no_other() {
    on_any_node(async |stage| {
        let before = stage.protocol.insurance_of(stage.btc().id).await?;
        stage.insure(stage.eth(), 5 * USDC).await?;
        assert_eq!(
            stage.protocol.insurance_of(stage.eth().id).await?,
            U256::from(5 * USDC)
        );
        assert_eq!(stage.protocol.insurance_of(stage.btc().id).await?, before);
        Ok(())
    });
}

#[test]
fn a_donation_changes_nothing_but_the_surplus() {
    on_any_node(async |stage| {
        let alice = stage.funded("alice", stage.eth(), 3 * USDC).await?;
        let protocol = &stage.protocol;
        let (vault, chain) = (protocol.at().vault, protocol.chain());
        let surplus = ICollateralVault::surplusCall { asset: stage.usdc };
        let (total, before) = (
            protocol.total_of(stage.usdc).await?,
            chain.read(vault, &surplus).await?,
        );
        protocol
            .mint(&alice.signer, stage.usdc, vault, U256::from(11))
            .await?;
        assert_eq!(chain.read(vault, &surplus).await?, before + U256::from(11));
        assert_eq!(protocol.total_of(stage.usdc).await?, total);
        assert_eq!(
            protocol.account_state(alice.account).await?.cash,
            U256::from(3 * USDC)
        );
        Ok(())
    });
}
