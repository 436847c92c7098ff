//! Plain transfers, every envelope, and the reasons a transaction is refused.

use std::time::{Duration, Instant};

use alloy::{
    consensus::{SignableTransaction, TxEip1559, TxEip2930, TxEip7702, TxLegacy},
    eips::{Encodable2718, eip7702::Authorization},
    network::{TransactionBuilder, TxSignerSync},
    primitives::{Address, Bytes, TxKind, U256},
    providers::Provider,
    rpc::types::TransactionRequest,
    signers::{SignerSync, local::PrivateKeySigner},
};
use devnode::chain::config::CHAIN_ID;

use crate::support::{BASE_FEE, Chain, GWEI, eip1559, ether, refusal};

const BOB: Address = Address::with_last_byte(0xB0);

fn to_bob(nonce: u64) -> TxEip1559 {
    eip1559(nonce, 21_000, TxKind::Call(BOB), U256::ONE, Bytes::new())
}

#[tokio::test]
async fn a_transfer_moves_value_and_pays_the_base_fee() {
    let chain = Chain::start().await;
    assert_eq!(chain.balance(chain.dev.address()).await, ether(1_000));
    let receipt = chain
        .sent(
            TransactionRequest::default()
                .with_to(BOB)
                .with_value(ether(1)),
        )
        .await;
    assert_eq!(receipt.gas_used, 21_000);
    assert_eq!(receipt.effective_gas_price, BASE_FEE);
    assert_eq!(chain.balance(BOB).await, ether(1));
    let fee = U256::from(21_000 * BASE_FEE);
    assert_eq!(chain.balance(chain.dev.address()).await, ether(999) - fee);
    assert_eq!(
        chain.balance(Address::ZERO).await,
        fee,
        "the fee is paid, not burnt"
    );
}

#[tokio::test]
async fn a_tip_is_dropped() {
    let chain = Chain::start().await;
    let tx = TxEip1559 {
        max_priority_fee_per_gas: GWEI,
        ..to_bob(0)
    };
    let hash = chain.send_raw(&chain.sign(tx)).await.expect("accepted");
    let receipt = chain
        .provider
        .get_transaction_receipt(hash)
        .await
        .expect("answered");
    assert_eq!(receipt.expect("mined").effective_gas_price, BASE_FEE);
}

#[tokio::test]
async fn every_envelope_is_accepted() {
    let chain = Chain::start().await;
    let legacy = TxLegacy {
        chain_id: Some(CHAIN_ID),
        gas_price: GWEI,
        gas_limit: 21_000,
        to: TxKind::Call(BOB),
        value: U256::ONE,
        ..Default::default()
    };
    let unprotected = TxLegacy {
        chain_id: None,
        nonce: 1,
        ..legacy.clone()
    };
    let eip2930 = TxEip2930 {
        chain_id: CHAIN_ID,
        nonce: 2,
        gas_price: GWEI,
        gas_limit: 21_000,
        to: TxKind::Call(BOB),
        value: U256::ONE,
        ..Default::default()
    };
    for raw in [
        chain.sign(legacy),
        chain.sign(unprotected),
        chain.sign(eip2930),
        chain.sign(to_bob(3)),
    ] {
        chain.send_raw(&raw).await.expect("accepted");
    }
    assert_eq!(chain.balance(BOB).await, U256::from(4));
}

#[tokio::test]
async fn an_authorisation_puts_a_delegation_on_its_signer() {
    let chain = Chain::start().await;
    let alice = PrivateKeySigner::random();
    let delegate = Address::with_last_byte(0xDE);
    let authorization = Authorization {
        chain_id: U256::from(CHAIN_ID),
        address: delegate,
        nonce: 0,
    };
    let signature = alice
        .sign_hash_sync(&authorization.signature_hash())
        .expect("signs");
    let mut tx = TxEip7702 {
        chain_id: CHAIN_ID,
        gas_limit: 100_000,
        max_fee_per_gas: GWEI,
        to: BOB,
        authorization_list: vec![authorization.into_signed(signature)],
        ..Default::default()
    };
    let signature = chain.dev.sign_transaction_sync(&mut tx).expect("signs");
    chain
        .send_raw(&tx.into_signed(signature).encoded_2718())
        .await
        .expect("accepted");
    let code = chain
        .provider
        .get_code_at(alice.address())
        .await
        .expect("answered");
    assert_eq!(code[..3], [0xEF, 0x01, 0x00]);
    assert_eq!(Address::from_slice(&code[3..]), delegate);
}

#[tokio::test]
async fn refusals_are_worded_as_geth_words_them() {
    let chain = Chain::start().await;
    let cases = [
        (
            TxEip1559 {
                gas_limit: 20_999,
                ..to_bob(0)
            },
            "intrinsic gas too low: have 20999, want 21000",
        ),
        (
            TxEip1559 {
                max_fee_per_gas: 1,
                ..to_bob(0)
            },
            "max fee per gas less than block base fee: address",
        ),
        (
            TxEip1559 {
                value: ether(1_000),
                ..to_bob(0)
            },
            "insufficient funds for gas * price + value: address",
        ),
        (
            TxEip1559 {
                chain_id: 1,
                ..to_bob(0)
            },
            "invalid chain id for signer: have 1 want 412346",
        ),
        (
            TxEip1559 {
                max_priority_fee_per_gas: 2 * GWEI,
                ..to_bob(0)
            },
            "max priority fee per gas higher than max fee per gas: address",
        ),
        (
            TxEip1559 {
                to: TxKind::Create,
                input: vec![0; 49_153].into(),
                gas_limit: 5_000_000,
                ..to_bob(0)
            },
            "max initcode size exceeded",
        ),
    ];
    for (tx, expected) in cases {
        let (code, message, _) = refusal(chain.send_raw(&chain.sign(tx)).await);
        assert_eq!(code, -32_000, "{message}");
        assert!(
            message.starts_with(expected),
            "{message} should start with {expected}"
        );
    }
    chain
        .send_raw(&chain.sign(to_bob(0)))
        .await
        .expect("accepted");
    let (_, message, _) = refusal(chain.send_raw(&chain.sign(to_bob(0))).await);
    let dev = chain.dev.address();
    assert_eq!(
        message,
        format!("nonce too low: address {dev}, tx: 0 state: 1")
    );
    assert_eq!(
        chain.balance(BOB).await,
        U256::ONE,
        "only the good one was mined"
    );
}

#[tokio::test]
async fn a_transaction_waits_a_second_for_the_one_before_it() {
    let chain = Chain::start().await;
    let (second, first) = (chain.sign(to_bob(1)), chain.sign(to_bob(0)));
    let late = async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        chain.send_raw(&first).await
    };
    let (second, first) = tokio::join!(chain.send_raw(&second), late);
    first.expect("accepted");
    second.expect("accepted once its turn came");

    let begun = Instant::now();
    let (_, message, _) = refusal(chain.send_raw(&chain.sign(to_bob(9))).await);
    assert!(message.starts_with("nonce too high: address"), "{message}");
    assert!(
        begun.elapsed() >= Duration::from_millis(900),
        "patience was kept"
    );
}

#[tokio::test]
async fn gas_beyond_the_limit_of_a_transaction_is_held_back() {
    let chain = Chain::start().await;
    let tx = TxEip1559 {
        gas_limit: 60_000_000,
        ..to_bob(0)
    };
    let hash = chain.send_raw(&chain.sign(tx)).await.expect("accepted");
    let receipt = chain
        .provider
        .get_transaction_receipt(hash)
        .await
        .expect("answered");
    assert_eq!(receipt.expect("mined").gas_used, 21_000);
}
