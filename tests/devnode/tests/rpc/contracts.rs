//! Solidity contracts: creation, events, every kind of revert.

use alloy::{
    network::TransactionBuilder,
    primitives::{Address, B256, Bytes, TxKind, U256, hex},
    providers::Provider,
    rpc::types::{Filter, TransactionRequest},
    sol_types::{SolCall, SolError, SolEvent},
};

use crate::support::{Chain, Counter, counter, deployment, eip1559, refusal, request};

#[tokio::test]
async fn a_contract_counts_and_tells() {
    let chain = Chain::start().await;
    let at = chain.deploy(counter()).await;
    assert_eq!(at, chain.dev.address().create(0));
    for _ in 0..3 {
        chain.transact(at, Counter::incrementCall {}).await;
    }
    assert_eq!(
        chain
            .call(at, Counter::numberCall {})
            .await
            .expect("returns"),
        U256::from(3)
    );

    let third = B256::from(U256::from(3));
    let filter = Filter::new()
        .address(at)
        .event_signature(Counter::Incremented::SIGNATURE_HASH)
        .topic2(third)
        .from_block(0);
    let logs = chain.provider.get_logs(&filter).await.expect("answered");
    assert_eq!(logs.len(), 1);
    assert_eq!(logs[0].block_number, Some(4));
    let event = Counter::Incremented::decode_log(&logs[0].inner).expect("decodes");
    assert_eq!(
        (event.by, event.number),
        (chain.dev.address(), U256::from(3))
    );

    let all = Filter::new().address(at).from_block(0);
    assert_eq!(
        chain.provider.get_logs(&all).await.expect("answered").len(),
        3
    );
    let by_hash = Filter::new().at_block_hash(logs[0].block_hash.expect("mined"));
    assert_eq!(
        chain
            .provider
            .get_logs(&by_hash)
            .await
            .expect("answered")
            .len(),
        1
    );
    let elsewhere = Filter::new().address(Address::ZERO).from_block(0);
    assert!(
        chain
            .provider
            .get_logs(&elsewhere)
            .await
            .expect("answered")
            .is_empty()
    );
    let early = Filter::new().address(at).from_block(0).to_block(3);
    assert_eq!(
        chain
            .provider
            .get_logs(&early)
            .await
            .expect("answered")
            .len(),
        2
    );
}

#[tokio::test]
async fn a_revert_comes_with_code_3_and_its_data() {
    let chain = Chain::start().await;
    let at = chain.deploy(counter()).await;

    let too_large = Counter::TooLarge {
        given: U256::from(1001),
        allowed: U256::from(1000),
    };
    let (code, message, data) = refusal(
        chain
            .call(
                at,
                Counter::setCall {
                    value: U256::from(1001),
                },
            )
            .await,
    );
    assert_eq!((code, message.as_str()), (3, "execution reverted"));
    assert_eq!(data, Some(too_large.abi_encode().into()));

    let (code, message, _) = refusal(chain.call(at, Counter::refuseCall {}).await);
    assert_eq!(
        (code, message.as_str()),
        (3, "execution reverted: not today")
    );

    let (code, message, _) = refusal(
        chain
            .call(
                at,
                Counter::panicCall {
                    divisor: U256::ZERO,
                },
            )
            .await,
    );
    assert_eq!(code, 3);
    assert!(message.starts_with("execution reverted: "), "{message}");

    let (code, _, data) = refusal(
        chain
            .provider
            .estimate_gas(request(
                at,
                Counter::setCall {
                    value: U256::from(1001),
                }
                .abi_encode(),
            ))
            .await,
    );
    assert_eq!(code, 3, "an estimate reverts like a call");
    assert_eq!(data, Some(too_large.abi_encode().into()));
}

#[tokio::test]
async fn a_reverting_transaction_is_mined_without_effect() {
    let chain = Chain::start().await;
    let at = chain.deploy(counter()).await;
    let tx = request(
        at,
        Counter::setCall {
            value: U256::from(1001),
        }
        .abi_encode(),
    )
    .with_gas_limit(100_000);
    let receipt = chain.send(tx).await.expect("accepted");
    assert!(!receipt.status());
    assert!(receipt.gas_used < 100_000, "a revert gives gas back");
    assert_eq!(chain.slot(at, U256::ZERO).await, U256::ZERO);
}

#[tokio::test]
async fn an_endless_loop_ends_with_the_gas() {
    let chain = Chain::start().await;
    let at = chain.deploy(counter()).await;
    let (code, message, _) = refusal(chain.call(at, Counter::spinCall {}).await);
    assert_eq!((code, message.as_str()), (-32_000, "out of gas"));
    let tx = request(at, Counter::spinCall {}.abi_encode()).with_gas_limit(60_000_000);
    let receipt = chain.send(tx).await.expect("accepted");
    assert!(!receipt.status());
    assert_eq!(receipt.gas_used, 32_000_000, "no transaction uses more");
}

#[tokio::test]
async fn opcodes_tell_the_facts_of_the_chain() {
    let chain = Chain::start().await;
    let at = chain.deploy(counter()).await;
    let facts = chain
        .call(at, Counter::factsCall {})
        .await
        .expect("returns");
    assert_eq!(facts._0, U256::ZERO, "NUMBER is the L1 block");
    assert_eq!(facts._1, U256::from(412_346));
    assert_eq!(&facts._2[12..], b"equencer");
    assert_eq!(facts._3, U256::from(100_000_000));
    assert_eq!(facts._4, U256::ONE);
}

/// EIP-3541 keeps 0xEF for formats to come; Arbitrum lets Stylus prefixes through.
#[tokio::test]
async fn code_that_starts_with_ef_must_be_a_program() {
    let chain = Chain::start().await;
    for (nonce, prefix, accepted) in [
        (0, hex!("ef0000"), false),
        (1, hex!("eff003"), false),
        (2, hex!("eff000"), true),
        (3, hex!("eff001"), true),
        (4, hex!("eff002"), true),
    ] {
        let code = [prefix.as_slice(), &[0; 8]].concat();
        let tx = eip1559(
            nonce,
            500_000,
            TxKind::Create,
            U256::ZERO,
            deployment(&code).into(),
        );
        let hash = chain.send_raw(&chain.sign(tx)).await.expect("accepted");
        let receipt = chain
            .provider
            .get_transaction_receipt(hash)
            .await
            .expect("answered");
        let receipt = receipt.expect("mined");
        assert_eq!(receipt.status(), accepted, "code {}", hex::encode(&code));
        let at = chain.dev.address().create(nonce);
        let stored = chain.provider.get_code_at(at).await.expect("answered");
        assert_eq!(
            stored,
            if accepted {
                Bytes::from(code)
            } else {
                Bytes::new()
            }
        );
        if !accepted {
            assert_eq!(receipt.gas_used, 500_000, "refused code costs all gas");
        }
    }
}

#[tokio::test]
async fn the_devnet_contracts_are_where_the_set_up_of_nitro_puts_them() {
    use devnode::chain::genesis::{CACHE_MANAGER, CREATE2_FACTORY, STYLUS_DEPLOYER};
    let chain = Chain::start().await;
    for (address, length) in [
        (CREATE2_FACTORY, 69),
        (STYLUS_DEPLOYER, 2_269),
        (CACHE_MANAGER, 7_452),
    ] {
        let code = chain.provider.get_code_at(address).await.expect("answered");
        assert_eq!(code.len(), length, "code of {address}");
    }
    let init = counter();
    let data = [B256::repeat_byte(5).as_slice(), &init].concat();
    chain
        .sent(
            TransactionRequest::default()
                .with_to(CREATE2_FACTORY)
                .with_input(data),
        )
        .await;
    let at = CREATE2_FACTORY.create2_from_code(B256::repeat_byte(5), &init);
    chain.transact(at, Counter::incrementCall {}).await;
}
