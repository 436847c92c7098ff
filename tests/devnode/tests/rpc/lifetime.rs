//! What entering a program costs, and its life from activation to expiry.

use alloy::{
    network::TransactionBuilder,
    primitives::{B256, U256},
    providers::Provider,
    sol_types::{SolCall, SolError, SolEvent},
};
use devnode::chain::genesis::STYLUS_DEPLOYER;
use serde_json::json;

use crate::{
    stylus::{KEY, VALUE, op, stored},
    support::{
        ARB_WASM, ARB_WASM_CACHE, ArbWasm, ArbWasmCache, Caller, Chain, RELAY, StylusDeployer,
        caller, code_hash, deployment, ether, program_code, refusal, request,
    },
};

/// The second call of a program in a block is charged as cached, and finds its account warm.
#[tokio::test]
async fn the_second_call_in_a_block_is_cheaper_by_the_init_gas() {
    let chain = Chain::start().await;
    let (program, outer) = (chain.program(RELAY).await, chain.deploy(caller()).await);
    let gas = chain
        .call(ARB_WASM, ArbWasm::programInitGasCall { program })
        .await
        .expect("returns");
    let init = gas.gas - gas.gasWhenCached;
    assert!(init >= 8_832, "the floor is 69 · 128");
    let measure = Caller::measureTwiceCall {
        target: program,
        data: op(9, &[]).into(),
    };
    let spent = chain.call(outer, measure.clone()).await.expect("returns");
    let saved = (spent.first - spent.second).to::<u64>();
    // 2,500 for the cold account; Solidity itself spends a little more on the first call.
    let expected = init + 2_500;
    assert!(
        (expected..expected + 100).contains(&saved),
        "{saved} saved, {expected} expected"
    );

    let cache = ArbWasmCache::cacheProgramCall { program };
    chain.transact(ARB_WASM_CACHE, cache).await;
    let hash = code_hash(&program_code(RELAY));
    let is_cached = ArbWasmCache::codehashIsCachedCall { codehash: hash };
    assert!(
        chain
            .call(ARB_WASM_CACHE, is_cached.clone())
            .await
            .expect("returns")
    );
    let spent = chain.call(outer, measure).await.expect("returns");
    let saved = (spent.first - spent.second).to::<u64>();
    assert!(
        (2_500..2_600).contains(&saved),
        "cached: only the cold account is left, {saved}"
    );
    chain
        .transact(
            ARB_WASM_CACHE,
            ArbWasmCache::evictCodehashCall { codehash: hash },
        )
        .await;
    assert!(
        !chain
            .call(ARB_WASM_CACHE, is_cached)
            .await
            .expect("returns")
    );
}

#[tokio::test]
async fn the_deployer_deploys_and_activates_in_one_transaction() {
    let chain = Chain::start().await;
    let bytecode = deployment(&program_code(RELAY));
    let init = op(2, &[KEY.as_slice(), VALUE.as_slice()]);
    let deploy = StylusDeployer::deployCall {
        bytecode: bytecode.into(),
        initData: init.into(),
        initValue: U256::ZERO,
        salt: B256::repeat_byte(9),
    };
    let before = chain.balance(chain.dev.address()).await;
    let tx = request(STYLUS_DEPLOYER, deploy.abi_encode()).with_value(ether(1));
    let receipt = chain.sent(tx).await;
    let deployed = receipt
        .logs()
        .iter()
        .find_map(|log| StylusDeployer::ContractDeployed::decode_log(&log.inner).ok())
        .expect("the deployer says where");
    let at = deployed.deployedContract;
    assert_eq!(
        stored(&chain, at).await,
        VALUE,
        "initialised in the same transaction"
    );
    let spent = before - chain.balance(chain.dev.address()).await;
    assert!(
        spent < ether(1) / U256::from(100),
        "the value not needed came back"
    );
}

#[tokio::test]
async fn a_program_expires_after_a_year_unless_kept_alive() {
    const DAY: u64 = 86_400;
    let chain = Chain::start().await;
    let at = chain.program(RELAY).await;
    let keepalive = ArbWasm::codehashKeepaliveCall {
        codehash: code_hash(&program_code(RELAY)),
    }
    .abi_encode();
    let pay = || request(ARB_WASM, keepalive.clone()).with_value(ether(1));
    let (_, _, data) = refusal(
        chain
            .provider
            .call(pay().with_from(chain.dev.address()))
            .await,
    );
    assert_eq!(
        data.expect("typed")[..4],
        ArbWasm::ProgramKeepaliveTooSoon::SELECTOR
    );

    let wait = async |days: u64| {
        chain
            .request("evm_increaseTime", json!([days * DAY]))
            .await
            .expect("moved");
        chain.request("evm_mine", json!([])).await.expect("mined");
    };
    wait(200).await;
    chain.sent(pay()).await;
    wait(200).await;
    chain.call_raw(at, op(9, &[])).await.expect("kept alive");
    let left = chain
        .call(ARB_WASM, ArbWasm::programTimeLeftCall { program: at })
        .await;
    let left = left.expect("returns");
    assert!((164 * DAY..=166 * DAY).contains(&left), "{left}");

    wait(166).await;
    let (code, _, data) = refusal(chain.call_raw(at, op(9, &[])).await);
    assert_eq!(code, 3);
    assert_eq!(data.expect("typed")[..4], ArbWasm::ProgramExpired::SELECTOR);
    chain.activate(at).await;
    chain
        .call_raw(at, op(9, &[]))
        .await
        .expect("activated again");
}

#[tokio::test]
async fn memory_growth_is_paid_for() {
    let chain = Chain::start().await;
    let program = chain.program(RELAY).await;
    let used = async |pages: u8| {
        chain
            .sent(request(program, op(13, &[&[pages]])))
            .await
            .gas_used
    };
    // From 2 pages: free ones are used up, so each page costs 1,000 and a little of the curve.
    let (none, ten) = (used(0).await, used(10).await);
    let extra = ten - none;
    assert!((10_000..10_200).contains(&extra), "{extra}");
    let (code, message, _) = refusal(chain.call_raw(program, op(13, &[&[127]])).await);
    assert_eq!(
        (code, message.as_str()),
        (-32_000, "out of gas"),
        "beyond 128 pages"
    );
}

#[tokio::test]
async fn activation_without_the_fee_says_what_it_wants() {
    let chain = Chain::start().await;
    let at = chain.deploy_program(RELAY).await;
    let data = ArbWasm::activateProgramCall { program: at }.abi_encode();
    let (_, _, answer) = refusal(chain.call_raw(ARB_WASM, data).await);
    let error = ArbWasm::ProgramInsufficientValue::abi_decode(&answer.expect("typed"));
    let error = error.expect("decodes");
    assert_eq!(error.have, U256::ZERO);
    assert!(error.want > U256::ZERO);
}
