//! ArbOS precompiles: answers, access, gas.

use alloy::{
    network::TransactionBuilder,
    primitives::{Address, U256},
    providers::Provider,
    sol_types::SolCall,
};
use devnode::chain::genesis::CACHE_MANAGER;
use serde_json::json;

use crate::support::{
    ARB_DEBUG, ARB_OWNER, ARB_SYS, ARB_WASM, ARB_WASM_CACHE, ArbDebug, ArbOwner, ArbSys, ArbWasm,
    ArbWasmCache, Caller, Chain, caller, ether, quantity, refusal, request,
};

const MALLORY: Address = Address::with_last_byte(0x66);

#[tokio::test]
async fn the_chain_says_what_it_is() {
    let chain = Chain::start().await;
    let version = chain
        .call(ARB_SYS, ArbSys::arbOSVersionCall {})
        .await
        .expect("returns");
    assert_eq!(version, U256::from(116), "ArbOS 61");
    let id = chain
        .call(ARB_SYS, ArbSys::arbChainIDCall {})
        .await
        .expect("returns");
    assert_eq!(id, U256::from(412_346));
    chain.request("evm_mine", json!([])).await.expect("mined");
    let data = alloy::primitives::hex::encode_prefixed(ArbSys::arbBlockNumberCall {}.abi_encode());
    for (block, number) in [("latest", 1), ("pending", 2)] {
        let call = json!([{ "to": ARB_SYS, "data": data }, block]);
        let answer = chain.request("eth_call", call).await.expect("returns");
        assert_eq!(quantity(&answer), number, "in the {block} block");
    }
    assert_eq!(
        chain
            .call(ARB_WASM, ArbWasm::stylusVersionCall {})
            .await
            .expect("returns"),
        3
    );
    assert_eq!(
        chain
            .call(ARB_WASM, ArbWasm::activationGasCall {})
            .await
            .expect("returns"),
        0
    );
    for low_byte in (0x64..=0x73)
        .filter(|byte| !matches!(byte, 0x69 | 0x6a))
        .chain([0xff])
    {
        let code = chain
            .provider
            .get_code_at(Address::with_last_byte(low_byte))
            .await;
        assert_eq!(code.expect("answered")[..], [0xFE], "code at {low_byte:#x}");
    }
}

/// Opening the state 800 and the parameters 100; one word of answer 3. On top: the transaction and its four bytes of selector.
#[tokio::test]
async fn a_getter_costs_what_it_reads() {
    let chain = Chain::start().await;
    let receipt = chain.transact(ARB_WASM, ArbWasm::inkPriceCall {}).await;
    assert_eq!(receipt.gas_used, 21_000 + 4 * 16 + 800 + 100 + 3);
}

/// What follows the selector is paid by the word, the selector is not: 32 bytes are one word, 33 are two.
#[tokio::test]
async fn arguments_are_paid_by_the_word_without_the_selector() {
    let chain = Chain::start().await;
    for (zeros, words) in [(0, 0), (1, 1), (32, 1), (33, 2), (64, 2), (65, 3)] {
        let mut data = ArbWasm::inkPriceCall {}.abi_encode();
        data.resize(4 + zeros, 0);
        let receipt = chain.sent(request(ARB_WASM, data)).await;
        // Calldata as of any transaction, 3 a word of arguments; state 800, parameters 100, one word of answer 3.
        let calldata = 4 * 16 + 4 * zeros as u64;
        let expected = 21_000 + calldata + 3 * words + 800 + 100 + 3;
        assert_eq!(receipt.gas_used, expected, "{zeros} bytes");
    }
}

#[tokio::test]
async fn an_unknown_method_takes_all_gas() {
    let chain = Chain::start().await;
    for data in [vec![0xde, 0xad, 0xbe, 0xef], vec![1, 2, 3], vec![]] {
        let tx = request(ARB_WASM, data).with_gas_limit(100_000);
        let receipt = chain.send(tx).await.expect("accepted");
        assert!(!receipt.status());
        assert_eq!(receipt.gas_used, 100_000);
    }
}

#[tokio::test]
async fn a_getter_takes_no_value_and_no_delegate_call() {
    let chain = Chain::start().await;
    let data = ArbWasm::inkPriceCall {}.abi_encode();
    let tx = request(ARB_WASM, data.clone())
        .with_value(U256::ONE)
        .with_gas_limit(100_000);
    assert!(!chain.send(tx).await.expect("accepted").status());
    let at = chain.deploy(caller()).await;
    let call = Caller::attemptDelegateCall {
        target: ARB_WASM,
        data: data.clone().into(),
    };
    assert!(!chain.call(at, call).await.expect("returns").ok);
    let call = Caller::attemptStaticCall {
        target: ARB_WASM,
        data: data.into(),
    };
    let answer = chain.call(at, call).await.expect("returns");
    assert!(answer.ok);
    assert_eq!(U256::from_be_slice(&answer.answer), U256::from(10_000));
}

#[tokio::test]
async fn the_set_up_of_a_devnode_runs_as_it_stands() {
    let chain = Chain::start().await;
    chain
        .transact(ARB_DEBUG, ArbDebug::becomeChainOwnerCall {})
        .await;
    let price = ArbOwner::setL1PricePerUnitCall {
        pricePerUnit: U256::ZERO,
    };
    let receipt = chain.transact(ARB_OWNER, price).await;
    assert_eq!(
        receipt.logs()[0].address(),
        ARB_OWNER,
        "owners act in public"
    );
    let upgrade = ArbOwner::scheduleArbOSUpgradeCall {
        newVersion: 60,
        timestamp: 0,
    };
    chain.transact(ARB_OWNER, upgrade).await;
    let manager = ArbOwner::addWasmCacheManagerCall { manager: MALLORY };
    chain.transact(ARB_OWNER, manager).await;
    let managers = chain
        .call(ARB_WASM_CACHE, ArbWasmCache::allCacheManagersCall {})
        .await;
    assert_eq!(managers.expect("returns"), [CACHE_MANAGER, MALLORY]);
}

#[tokio::test]
async fn only_owners_own() {
    let chain = Chain::start().await;
    let data = ArbOwner::setInkPriceCall { price: 9_000 }.abi_encode();
    let call = json!({ "from": MALLORY, "to": ARB_OWNER, "data": alloy::primitives::hex::encode_prefixed(&data) });
    let (code, message, _) = refusal(chain.request("eth_call", json!([call, "latest"])).await);
    assert_eq!((code, message.as_str()), (3, "execution reverted"));

    chain.sent(request(ARB_OWNER, data)).await;
    assert_eq!(
        chain
            .call(ARB_WASM, ArbWasm::inkPriceCall {})
            .await
            .expect("returns"),
        9_000
    );
    let too_high = ArbOwner::setInkPriceCall { price: 1 << 24 };
    let (_, message, _) = refusal(chain.call(ARB_OWNER, too_high).await);
    assert_eq!(
        message,
        "execution reverted: ink price must be a positive uint24"
    );
}

#[tokio::test]
async fn arbos_state_rolls_back_with_the_call_that_changed_it() {
    let chain = Chain::start().await;
    let at = chain.deploy(caller()).await;
    let data = ArbDebug::becomeChainOwnerCall {}.abi_encode();
    let call = Caller::forwardThenRevertCall {
        target: ARB_DEBUG,
        data: data.clone().into(),
    };
    let tx = request(at, call.abi_encode()).with_gas_limit(1_000_000);
    assert!(!chain.send(tx).await.expect("accepted").status());
    let set = ArbOwner::setInkPriceCall { price: 9_000 }.abi_encode();
    let as_owner = Caller::attemptCall {
        target: ARB_OWNER,
        data: set.into(),
    };
    assert!(
        !chain.call(at, as_owner.clone()).await.expect("returns").ok,
        "ownership was taken back"
    );

    chain
        .transact(
            at,
            Caller::forwardCall {
                target: ARB_DEBUG,
                data: data.into(),
            },
        )
        .await;
    assert!(chain.call(at, as_owner).await.expect("returns").ok);
}

/// Pairing, modular exponentiation and P-256 answer at Ethereum's addresses.
#[tokio::test]
async fn ethereum_precompiles_are_there() {
    let chain = Chain::start().await;
    let sha256 = chain
        .call_raw(Address::with_last_byte(2), b"abc".to_vec())
        .await;
    assert_eq!(
        sha256.expect("returns").to_string(),
        "0xba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    );
    let pairing = chain
        .call_raw(Address::with_last_byte(8), Vec::new())
        .await
        .expect("returns");
    assert_eq!(
        U256::from_be_slice(&pairing),
        U256::ONE,
        "the empty product is one"
    );
    let p256 = "0x0000000000000000000000000000000000000100"
        .parse()
        .expect("an address");
    // Test vector of EIP-7951: hash, r, s, x, y.
    let vector = alloy::primitives::hex!(
        "bb5a52f42f9c9261ed4361f59422a1e30036e7c32b270c8807a419feca605023"
        "2ba3a8be6b94d5ec80a6d9d1190a436effe50d85a1eee859b8cc6af9bd5c2e18"
        "4cd60b855d442f5b3c7b11eb6c4e0ae7525fe710fab9aa7c77a67f79e6fadd76"
        "2927b10512bae3eddcfe467828128bad2903269919f7086069c8c4df6c732838"
        "c7787964eaac00e5921fb1498a60f4606766b3d9685001558d1a974e7341513e"
    );
    let verified = chain
        .call_raw(p256, vector.to_vec())
        .await
        .expect("returns");
    assert_eq!(U256::from_be_slice(&verified), U256::ONE);
}

#[tokio::test]
async fn activation_takes_its_fee_and_gives_the_rest_back() {
    use crate::support::{RELAY, code_hash, program_code};
    use alloy::sol_types::SolEvent;
    let chain = Chain::start().await;
    let at = chain.deploy_program(RELAY).await;
    let hash = code_hash(&program_code(RELAY));
    let version = ArbWasm::codehashVersionCall { codehash: hash };
    let (code, _, data) = refusal(chain.call(ARB_WASM, version.clone()).await);
    assert_eq!(code, 3);
    assert_eq!(
        data.expect("typed").to_string(),
        "0x6f809c4e",
        "ProgramNotActivated()"
    );

    let before = chain.balance(chain.dev.address()).await;
    let receipt = chain.activate(at).await;
    let event = ArbWasm::ProgramActivated::decode_log(&receipt.logs()[0].inner).expect("decodes");
    assert_eq!(
        (event.codehash, event.program, event.version),
        (hash, at, 3)
    );
    let gas = U256::from(receipt.gas_used) * U256::from(receipt.effective_gas_price);
    let paid = before - chain.balance(chain.dev.address()).await;
    assert_eq!(
        paid,
        event.dataFee + gas,
        "one ether was sent, the fee was kept"
    );
    assert!(event.dataFee > U256::from(40_000_000_000_000u64));
    assert!(receipt.gas_used > 21_000 + 1_659_168);
    assert_eq!(chain.call(ARB_WASM, version).await.expect("returns"), 3);

    let again = ArbWasm::activateProgramCall { program: at };
    let (_, _, data) = refusal(chain.call(ARB_WASM, again).await);
    assert_eq!(
        data.expect("typed").to_string(),
        "0xcc944bf2",
        "ProgramUpToDate()"
    );
}

/// `cargo stylus check`: the code is put at a random address of a random, suddenly rich sender, and nothing is deployed.
#[tokio::test]
async fn activation_can_be_tried_with_overrides_alone() {
    use crate::support::{RELAY, program_code};
    use alloy::primitives::hex;
    let chain = Chain::start().await;
    let at = Address::repeat_byte(0x42);
    let data = hex::encode_prefixed(ArbWasm::activateProgramCall { program: at }.abi_encode());
    let call = json!({ "from": MALLORY, "to": ARB_WASM, "value": ether(1), "data": data });
    let try_code = async |code: Vec<u8>| {
        let overrides = json!({
            MALLORY.to_string(): { "balance": U256::MAX },
            at.to_string(): { "code": hex::encode_prefixed(code) },
        });
        chain
            .request("eth_call", json!([call, "latest", overrides]))
            .await
    };
    let answer = try_code(program_code(RELAY)).await.expect("returns");
    let answer = hex::decode(answer.as_str().expect("bytes")).expect("hex");
    let answer = ArbWasm::activateProgramCall::abi_decode_returns(&answer).expect("decodes");
    assert_eq!(answer.version, 3);

    let floats = r#"(module (import "vm_hooks" "pay_for_memory_grow" (func (param i32))) (memory (export "memory") 1)
        (func (export "user_entrypoint") (param i32) (result i32) (i32.trunc_f32_s (f32.const 1))))"#;
    let (code, message, _) = refusal(try_code(program_code(floats)).await);
    assert_eq!(code, -32_000);
    assert!(
        message.starts_with("program activation failed: "),
        "{message}"
    );
    let no_entrypoint = r#"(module (memory (export "memory") 1))"#;
    let (_, message, _) = refusal(try_code(program_code(no_entrypoint)).await);
    assert!(
        message.starts_with("program activation failed: "),
        "{message}"
    );
    let (_, _, data) = refusal(try_code(vec![0x60, 0x00]).await);
    assert_eq!(
        data.expect("typed").to_string(),
        "0x27f38212",
        "ProgramNotWasm()"
    );
}
