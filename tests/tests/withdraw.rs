//! Withdrawals: out of an account that stays at or above its initial margin.

use alloy::primitives::{Address, U256};
use clearing_math::leg::OptionKind;
use end_to_end::stage::VOLATILITY_AGE;
use end_to_end::{Stage, Trader, USDC, WAD, on_any_node, on_the_local_node};
use novation::bindings::{IClearingHouse, ICollateralVault, IOracleAdapter};
use novation::ids::account_id;

fn withdraw(
    account: U256,
    asset: Address,
    assets: u128,
    recipient: Address,
) -> IClearingHouse::withdrawCall {
    IClearingHouse::withdrawCall {
        account,
        asset,
        assets: U256::from(assets),
        recipient,
    }
}

/// A writer of one call at the money who has 3,000 USDC, premium included, and its buyer with 1,000.
async fn written_call(stage: &Stage) -> anyhow::Result<(Trader, Trader)> {
    let pool = stage.eth();
    let writer = stage.funded("writer", pool, 2_900 * USDC).await?;
    let buyer = stage.funded("buyer", pool, 1_100 * USDC).await?;
    let series = stage
        .series(pool, stage.expiries[1], 2_000, OptionKind::Call)
        .await?;
    stage
        .agree(&buyer, &writer, series, WAD, 100 * USDC)
        .await?;
    Ok((writer, buyer))
}

#[test]
fn withdrawal_reverts_for_everyone_but_owner_and_operators() {
    on_any_node(async |stage| {
        let alice = stage.funded("alice", stage.eth(), USDC).await?;
        let thief = stage.trader("thief", stage.eth()).await?;
        let house = stage.protocol.at().clearing_house;
        let call = withdraw(alice.account, stage.usdc, 1, thief.address());
        for signer in [&thief.signer, &stage.owner, &stage.guardian] {
            let error = stage
                .reverts_with::<IClearingHouse::NotAuthorized>(signer, house, &call)
                .await?;
            assert_eq!(
                (error.account, error.caller),
                (alice.account, signer.address())
            );
        }
        Ok(())
    });
}

#[test]
fn withdrawal_reverts_for_zero_assets_zero_addresses_and_ids_that_are_no_account() {
    on_any_node(async |stage| {
        let alice = stage.funded("alice", stage.eth(), USDC).await?;
        let house = stage.protocol.at().clearing_house;
        let to = alice.address();
        let call = withdraw(alice.account, stage.usdc, 0, to);
        stage
            .reverts_with::<IClearingHouse::ZeroAmount>(&alice.signer, house, &call)
            .await?;
        for call in [
            withdraw(alice.account, stage.usdc, 1, Address::ZERO),
            withdraw(alice.account, Address::ZERO, 1, to),
        ] {
            stage
                .reverts_with::<IClearingHouse::ZeroAddress>(&alice.signer, house, &call)
                .await?;
        }
        let insurance = account_id(Address::ZERO, stage.eth().id, 0);
        let call = withdraw(insurance, stage.usdc, 1, to);
        stage
            .reverts_with::<IClearingHouse::BadAccount>(&alice.signer, house, &call)
            .await?;
        Ok(())
    });
}

#[test]
fn withdrawal_reverts_for_an_asset_of_another_pool() {
    on_any_node(async |stage| {
        let alice = stage.funded("alice", stage.eth(), USDC).await?;
        let call = withdraw(alice.account, stage.btc().base, 1, alice.address());
        let error = stage
            .reverts_with::<IClearingHouse::UnacceptedAsset>(
                &alice.signer,
                stage.protocol.at().clearing_house,
                &call,
            )
            .await?;
        assert_eq!(error.asset, stage.btc().base);
        Ok(())
    });
}

#[test]
fn withdrawal_reverts_beyond_the_balance_of_either_asset() {
    on_any_node(async |stage| {
        let alice = stage.funded("alice", stage.eth(), 5).await?;
        stage.deposit(&alice, stage.eth().base, 7).await?;
        let house = stage.protocol.at().clearing_house;
        for (asset, balance) in [(stage.usdc, 5), (stage.eth().base, 7)] {
            let call = withdraw(alice.account, asset, balance + 1, alice.address());
            let error = stage
                .reverts_with::<IClearingHouse::InsufficientCash>(&alice.signer, house, &call)
                .await?;
            assert_eq!(
                (error.cash, error.needed),
                (U256::from(balance), U256::from(balance + 1))
            );
        }
        let call = IClearingHouse::withdrawCall {
            account: alice.account,
            asset: stage.usdc,
            assets: U256::MAX,
            recipient: alice.address(),
        };
        stage
            .reverts_with::<IClearingHouse::Overflow>(&alice.signer, house, &call)
            .await?;
        Ok(())
    });
}

#[test]
fn withdrawal_reverts_to_the_vault_itself() {
    on_any_node(async |stage| {
        let alice = stage.funded("alice", stage.eth(), USDC).await?;
        let vault = stage.protocol.at().vault;
        let call = withdraw(alice.account, stage.usdc, 1, vault);
        let error = stage
            .reverts_with::<ICollateralVault::BadRecipient>(
                &alice.signer,
                stage.protocol.at().clearing_house,
                &call,
            )
            .await?;
        assert_eq!(error.recipient, vault);
        Ok(())
    });
}

#[test]
fn withdrawal_reverts_below_initial_margin_and_passes_just_above_it() {
    on_any_node(async |stage| {
        let (writer, _) = written_call(stage).await?;
        let house = stage.protocol.at().clearing_house;
        let initial = stage.protocol.health(writer.account).await?.initial;
        assert!(initial > 0, "the writer has room: {initial}");
        // Time runs on while this is tested, which lowers the requirement of a short option by cents an hour.
        let free = initial.unsigned_abs() / 10_u128.pow(12);
        let call = withdraw(
            writer.account,
            stage.usdc,
            free + USDC / 10,
            writer.address(),
        );
        let error = stage
            .reverts_with::<IClearingHouse::InsufficientInitialMargin>(&writer.signer, house, &call)
            .await?;
        assert!(error.balance.is_negative());
        let (signer, to) = (&writer.signer, writer.address());
        stage
            .protocol
            .withdraw(signer, writer.account, stage.usdc, U256::from(free), to)
            .await?;
        let left = stage.protocol.health(writer.account).await?.initial;
        assert!((0..10_i128.pow(17)).contains(&left), "{left}");
        Ok(())
    });
}

#[test]
fn withdrawal_of_a_writer_reverts_without_quorum_and_on_degraded_data() {
    on_the_local_node(async |stage| {
        let (writer, _) = written_call(stage).await?;
        let house = stage.protocol.at().clearing_house;
        let call = withdraw(writer.account, stage.usdc, 1, writer.address());
        stage.warp(u64::from(VOLATILITY_AGE) + 1).await?;
        stage
            .reverts_with::<IOracleAdapter::QuorumLost>(&writer.signer, house, &call)
            .await?;
        stage.set_price(stage.eth(), stage.eth().spot).await?;
        let error = stage
            .reverts_with::<IClearingHouse::MarketDegraded>(&writer.signer, house, &call)
            .await?;
        assert_eq!(error.pool, stage.eth().id);
        Ok(())
    });
}

#[test]
fn accounts_without_short_positions_leave_whatever_the_oracle_does() {
    on_the_local_node(async |stage| {
        let (_, buyer) = written_call(stage).await?;
        let saver = stage.funded("saver", stage.eth(), 10 * USDC).await?;
        stage.deposit(&saver, stage.eth().base, 5).await?;
        // A week without a single price.
        stage.warp(7 * 86_400).await?;
        let protocol = &stage.protocol;
        let out = |trader: &Trader, asset, assets: u128| {
            let (trader, assets) = (trader.clone(), U256::from(assets));
            async move {
                let (signer, to) = (&trader.signer, trader.address());
                protocol
                    .withdraw(signer, trader.account, asset, assets, to)
                    .await
            }
        };
        out(&buyer, stage.usdc, 1_000 * USDC).await?;
        out(&saver, stage.usdc, 10 * USDC).await?;
        out(&saver, stage.eth().base, 5).await?;
        for trader in [&buyer, &saver] {
            assert_eq!(
                protocol.account_state(trader.account).await?.cash,
                U256::ZERO
            );
        }
        Ok(())
    });
}

#[test]
fn withdrawal_pays_the_recipient_to_the_unit() {
    on_any_node(async |stage| {
        let protocol = &stage.protocol;
        let alice = stage.funded("alice", stage.eth(), 1_000_001).await?;
        let heir = Address::repeat_byte(0x77);
        let total = protocol.total_of(stage.usdc).await?;
        let before = protocol.token_balance(stage.usdc, heir).await?;
        let sent = protocol
            .withdraw(
                &alice.signer,
                alice.account,
                stage.usdc,
                U256::from(1_000_000),
                heir,
            )
            .await?;
        assert_eq!(
            protocol.token_balance(stage.usdc, heir).await?,
            before + U256::from(1_000_000)
        );
        assert_eq!(
            protocol.account_state(alice.account).await?.cash,
            U256::from(1)
        );
        assert_eq!(
            protocol.total_of(stage.usdc).await?,
            total - U256::from(1_000_000)
        );
        let logs = sent.receipt.logs();
        let withdrawn = logs
            .iter()
            .find_map(|log| log.log_decode::<IClearingHouse::CollateralWithdrawn>().ok())
            .expect("event");
        assert_eq!(
            (withdrawn.inner.account, withdrawn.inner.recipient),
            (alice.account, heir)
        );
        Ok(())
    });
}

#[test]
fn operators_withdraw_until_they_are_dismissed_and_name_no_others() {
    on_any_node(async |stage| {
        let protocol = &stage.protocol;
        let alice = stage.funded("alice", stage.eth(), 10).await?;
        let agent = stage.trader("agent", stage.eth()).await?;
        let house = protocol.at().clearing_house;
        protocol
            .set_operator(&alice.signer, alice.account, agent.address(), true)
            .await?;
        protocol
            .withdraw(
                &agent.signer,
                alice.account,
                stage.usdc,
                U256::from(4),
                agent.address(),
            )
            .await?;
        let another = IClearingHouse::setOperatorCall {
            account: alice.account,
            operator: Address::repeat_byte(1),
            allowed: true,
        };
        stage
            .reverts_with::<IClearingHouse::NotAuthorized>(&agent.signer, house, &another)
            .await?;
        protocol
            .set_operator(&alice.signer, alice.account, agent.address(), false)
            .await?;
        let call = withdraw(alice.account, stage.usdc, 1, agent.address());
        stage
            .reverts_with::<IClearingHouse::NotAuthorized>(&agent.signer, house, &call)
            .await?;
        Ok(())
    });
}

#[test]
fn operator_reverts_for_the_zero_address() {
    on_any_node(async |stage| {
        let alice = stage.funded("alice", stage.eth(), 10).await?;
        let call = IClearingHouse::setOperatorCall {
            account: alice.account,
            operator: Address::ZERO,
            allowed: true,
        };
        let house = stage.protocol.at().clearing_house;
        stage
            .reverts_with::<IClearingHouse::ZeroAddress>(&alice.signer, house, &call)
            .await?;
        Ok(())
    });
}
