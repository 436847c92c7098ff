//! A keeper whose bid passes its trial and is refused in its block: a race, said as what it is and run again in the next pass.

use alloy::consensus::TxEnvelope;
use alloy::eips::Encodable2718;
use alloy::network::{Ethereum, EthereumWallet, NetworkWallet, TransactionBuilder};
use alloy::primitives::{Bytes, I256};
use alloy::providers::Provider;
use alloy::rpc::types::TransactionRequest;
use alloy::sol_types::SolCall;
use anyhow::ensure;
use end_to_end::auction_scene::{UNHEALTHY, auction};
use end_to_end::overtaking::Overtaking;
use end_to_end::{Stage, on_the_local_node};
use novation::bindings::ILiquidationAuction::bidCall;
use novation::bindings::IPriceAggregator::setAnswerCall;
use novation::chain::Chain;
use novation::client::Protocol;
use novation::keeper::{Action, Keeper, Settings};

/// A price at which so much more of the debtor is for sale than at [`UNHEALTHY`] that it costs more, though he is worth less; dollars.
const LOWER: u64 = 1_500;

/// Signed prints of a price by most of the pool's venues, to be sent later.
async fn signed_prints(stage: &Stage, dollars: u64) -> anyhow::Result<Vec<Bytes>> {
    let provider = stage.protocol.chain().provider();
    let first = provider
        .get_transaction_count(stage.owner.address())
        .await?;
    let fee = provider.get_gas_price().await?.saturating_mul(4);
    let wallet = EthereumWallet::from(stage.owner.clone());
    let mut signed = Vec::new();
    for (nonce, venue) in (first..).zip(&stage.eth().venues[..3]) {
        let call = setAnswerCall {
            answer: I256::try_from(dollars * 10_u64.pow(venue.decimals.into()))?,
        };
        let request = TransactionRequest::default()
            .with_from(stage.owner.address())
            .with_to(venue.source)
            .with_input(call.abi_encode())
            .with_chain_id(stage.protocol.chain().id())
            .with_nonce(nonce)
            .with_gas_limit(1_000_000)
            .with_max_fee_per_gas(fee)
            .with_max_priority_fee_per_gas(0);
        let envelope: TxEnvelope =
            NetworkWallet::<Ethereum>::sign_request(&wallet, request).await?;
        signed.push(envelope.encoded_2718().into());
    }
    Ok(signed)
}

#[test]
fn a_bid_overtaken_between_its_trial_and_its_block_is_a_lost_race_and_made_in_the_next_pass() {
    on_the_local_node(async |stage| {
        let scene = auction(stage, 0, UNHEALTHY).await?;
        let account = scene.debtor.account;
        let relay = Overtaking::before(&stage.site.http)?;
        let chain = Chain::connect(relay.url().parse()?).await?;
        let protocol = Protocol::open(chain, &stage.site.deployment)?;
        let settings = Settings {
            bidder: Some(scene.bidder.account),
            from_block: stage.site.deployment.block,
            compared: 0,
        };
        let mut keeper = Keeper::new(protocol, scene.bidder.signer.clone(), settings);

        // Once the bid has passed its trial, what is for sale costs more than the bid allows.
        let rivals = signed_prints(stage, LOWER).await?;
        let bid = [&bidCall::SELECTOR[..], &account.to_be_bytes::<32>()].concat();
        relay.arm(&bid, rivals);
        let before = stage.protocol.account_state(account).await?;
        let actions = keeper.step().await;
        ensure!(!relay.is_armed(), "no bid came by: {actions:?}");
        let lost: Vec<_> = actions
            .iter()
            .filter(|action| matches!(action, Action::RaceLost { in_a_row: 1, .. }))
            .map(ToString::to_string)
            .collect();
        ensure!(
            lost.len() == 1 && lost[0].contains("Slippage") && lost[0].contains("trial"),
            "{actions:?}"
        );
        ensure!(!actions.iter().any(Action::is_failure), "{actions:?}");
        let after = stage.protocol.account_state(account).await?;
        ensure!(after == before, "a refused bid moved something");

        // Nobody in the way: the bid at the new price is made.
        let actions = keeper.step().await;
        let made = |action: &Action| matches!(action, Action::BidMade { account: sold, .. } if *sold == account);
        ensure!(actions.iter().any(made), "{actions:?}");
        let lost = |action: &Action| matches!(action, Action::RaceLost { .. });
        ensure!(!actions.iter().any(lost), "{actions:?}");
        Ok(())
    });
}
