//! What differs between ArbOS 40, 51 and 61.

use alloy::{
    network::TransactionBuilder,
    primitives::{Address, Bytes, U256, hex},
    providers::Provider,
    rpc::types::TransactionRequest,
    sol_types::{SolCall, SolError},
};
use devnode::{ChainConfig, Config, Node};

use crate::{
    chain_at, module,
    support::{
        ARB_OWNER, ARB_SYS, ARB_WASM, ArbOwner, ArbSys, ArbWasm, Caller, Chain, caller, deployment,
        ether, refusal, request,
    },
};

alloy::sol! {
    interface More {
        error ProgramNeedsUpgrade(uint16 version, uint16 stylusVersion);
        function maxStackDepth() external view returns (uint32);
        function pageRamp() external view returns (uint64);
        function minInitGas() external view returns (uint64 gas, uint64 cached);
        function initCostScalar() external view returns (uint64);
        function getMaxStylusContractFragments() external view returns (uint8);
    }
}

pub const ARB_OWNER_PUBLIC: Address = Address::with_last_byte(0x6b);

const NOTHING: &str = r#"(module (memory (export "memory") 1 1)
    (func (export "user_entrypoint") (param i32) (result i32) i32.const 0))"#;

/// ArbOS, Stylus, stack depth, price of activation, fragments.
type Facts = (u64, u16, u32, Option<u64>, Option<u8>);

async fn facts(chain: &Chain) -> Facts {
    let arbos = chain.call(ARB_SYS, ArbSys::arbOSVersionCall {}).await;
    let stylus = chain.call(ARB_WASM, ArbWasm::stylusVersionCall {}).await;
    let stack = chain.call(ARB_WASM, More::maxStackDepthCall {}).await;
    let activation = chain.call(ARB_WASM, ArbWasm::activationGasCall {}).await;
    let fragments = chain
        .call(ARB_OWNER_PUBLIC, More::getMaxStylusContractFragmentsCall {})
        .await;
    (
        arbos.expect("answered").to::<u64>() - 55,
        stylus.expect("answered"),
        stack.expect("answered"),
        activation.ok(),
        fragments.ok(),
    )
}

const EXPECTED: [Facts; 3] = [
    (40, 2, 262_144, None, None),
    (51, 2, 22_000, None, None),
    (61, 3, 22_000, Some(0), Some(4)),
];

#[tokio::test]
async fn versions_are_what_they_say() {
    for expected in EXPECTED {
        assert_eq!(facts(&chain_at(expected.0).await).await, expected);
    }
}

/// The getter and the charge came with ArbOS 59.
#[tokio::test]
async fn activations_have_a_price_from_59_on() {
    let start = async |arbos_version, activation_gas| {
        let chain = ChainConfig {
            arbos_version,
            activation_gas,
            ..ChainConfig::default()
        };
        Chain::start_with(Config {
            chain,
            ..Config::default()
        })
        .await
    };
    for (version, price) in [(58, None), (59, Some(12_345)), (60, Some(12_345))] {
        let chain = start(version, 12_345).await;
        assert_eq!(facts(&chain).await.3, price, "ArbOS {version}");
        let dear = chain.deploy_program(NOTHING).await;
        let dear = chain.activate(dear).await.gas_used;
        // The same accounts and nonces, so the same calldata.
        let chain = start(version, 0).await;
        let free = chain.deploy_program(NOTHING).await;
        let free = chain.activate(free).await.gas_used;
        assert_eq!(dear, free + price.unwrap_or(0), "ArbOS {version}");
    }
    // What Arbitrum One answered while activations were paused.
    let chain = start(61, u64::MAX).await;
    let program = chain.deploy_program(NOTHING).await;
    let activate = ArbWasm::activateProgramCall { program }.abi_encode();
    let tx = request(ARB_WASM, activate)
        .with_value(ether(1))
        .with_gas_limit(30_000_000);
    let receipt = chain.send(tx).await.expect("mined");
    assert!(!receipt.status());
    assert_eq!(receipt.gas_used, 30_000_000);
}

#[tokio::test]
async fn unknown_versions_are_refused_at_the_start() {
    for given in [0, 39, 62] {
        let chain = ChainConfig {
            arbos_version: given,
            ..ChainConfig::default()
        };
        let config = Config {
            chain,
            ..Config::default()
        };
        let error = Node::spawn(config).await.expect_err("refused");
        let expected = format!("genesis: ArbOS {given} is not known: oldest is 40, newest 61");
        assert_eq!(error.to_string(), expected);
    }
}

#[tokio::test]
async fn several_results_are_allowed_before_version_3() {
    let wat = NOTHING.replace(
        "(memory",
        "(func (result i32 i64) i32.const 1 i64.const 2) (memory",
    );
    for (version, accepted) in [(40, true), (51, true), (61, false)] {
        let chain = chain_at(version).await;
        let program = chain.deploy_program(&wat).await;
        let activate = request(
            ARB_WASM,
            ArbWasm::activateProgramCall { program }.abi_encode(),
        );
        let answer = chain.provider.call(activate.with_value(ether(1))).await;
        assert_eq!(answer.is_ok(), accepted, "ArbOS {version}");
    }
}

#[tokio::test]
async fn second_call_in_a_block_is_cheaper_since_60() {
    for (version, cheaper) in [(40, false), (51, false), (61, true)] {
        let chain = chain_at(version).await;
        let (program, measure) = (chain.program(NOTHING).await, chain.deploy(caller()).await);
        let twice = Caller::measureTwiceCall {
            target: program,
            data: Bytes::new(),
        };
        let gas = chain.call(measure, twice).await.expect("measured");
        let init = chain
            .call(ARB_WASM, ArbWasm::programInitGasCall { program })
            .await;
        let init = init.expect("active");
        // The first call is of a cold account: 2,500 more. Uncached it pays the start of the program besides the cached price.
        let start = if cheaper {
            init.gas - init.gasWhenCached
        } else {
            0
        };
        let difference = gas.first - gas.second;
        // The code of the measurer between the calls differs by a few gas of its own.
        let own = difference - U256::from(2_500 + start);
        assert!(own < U256::from(400), "ArbOS {version}: {difference}");
    }
}

#[tokio::test]
async fn prefixes_of_fragments_are_reserved_before_60() {
    for (version, allowed) in [(40, false), (51, false), (61, true)] {
        let chain = chain_at(version).await;
        for prefix in [hex!("eff00100"), hex!("eff00200")] {
            let tx = TransactionRequest::default().with_deploy_code(deployment(&prefix));
            let answer = chain.provider.call(tx).await;
            assert_eq!(answer.is_ok(), allowed, "ArbOS {version}");
            if !allowed {
                let (_, message, _) = refusal(answer);
                assert_eq!(message, "invalid code: must not begin with 0xef");
            }
        }
    }
}

#[tokio::test]
async fn osaka_rules_come_with_50() {
    // PUSH1 1, CLZ, PUSH0, MSTORE, PUSH1 32, PUSH0, RETURN
    let code = hex!("60011e5f5260205ff3");
    for (version, known) in [(40, false), (51, true), (61, true)] {
        let chain = chain_at(version).await;
        let tx = TransactionRequest::default().with_deploy_code(code);
        let answer = chain.provider.call(tx).await;
        match known {
            true => assert_eq!(U256::from_be_slice(&answer.expect("runs")), U256::from(255)),
            false => assert_eq!(refusal(answer).1, "invalid opcode"),
        }
    }
}

/// P-256 came to Arbitrum with ArbOS 30, long before Osaka brought it to Ethereum. No input: no answer, but the precompile's price.
#[tokio::test]
async fn p256_is_there_in_every_version() {
    for (version, price) in [(40, 3_450), (51, 6_900), (61, 6_900)] {
        let chain = chain_at(version).await;
        let to = Address::with_last_byte(0).into_word().0;
        let mut address = Address::from_slice(&to[12..]);
        address.0[18] = 1;
        let gas = chain
            .provider
            .estimate_gas(request(address, Vec::new()))
            .await;
        let gas = gas.expect("estimated");
        assert!(
            (21_000 + price..21_000 + price + 400).contains(&gas),
            "ArbOS {version}: {gas}"
        );
    }
}

#[tokio::test]
async fn upgrade_takes_effect_with_the_next_block_and_asks_for_new_activations() {
    let chain = chain_at(40).await;
    let program = chain.program(NOTHING).await;
    let upgrade = ArbOwner::scheduleArbOSUpgradeCall {
        newVersion: 61,
        timestamp: 0,
    };
    chain.transact(ARB_OWNER, upgrade).await;
    // One more transaction, as on the real devnode.
    chain.sent(request(chain.dev.address(), Vec::new())).await;
    assert_eq!(facts(&chain).await, EXPECTED[2]);
    let (_, _, data) = refusal(chain.call_raw(program, Vec::new()).await);
    let expected = More::ProgramNeedsUpgrade {
        version: 2,
        stylusVersion: 3,
    };
    assert_eq!(data, Some(expected.abi_encode().into()));
    chain.activate(program).await;
    chain
        .call_raw(program, Vec::new())
        .await
        .expect("runs again");
}

#[tokio::test]
async fn scheduled_upgrade_waits_for_its_time() {
    let chain = chain_at(51).await;
    let at = chain.timestamp().await + 1_000;
    let upgrade = ArbOwner::scheduleArbOSUpgradeCall {
        newVersion: 60,
        timestamp: at,
    };
    chain.transact(ARB_OWNER, upgrade).await;
    chain.sent(request(chain.dev.address(), Vec::new())).await;
    assert_eq!(facts(&chain).await.0, 51);
    let next = serde_json::json!([at]);
    chain
        .request("evm_setNextBlockTimestamp", next)
        .await
        .expect("set");
    chain.sent(request(chain.dev.address(), Vec::new())).await;
    assert_eq!(facts(&chain).await.0, 60);
}

/// A stack that 262,144 words hold and 22,000 do not: 5,000 frames of 2 operands and 4 words.
#[tokio::test]
async fn stack_is_twelve_times_as_deep_before_50() {
    let body = "i32.const 5000 call $down i32.const 0";
    let down = "(func $down (param $n i32) local.get $n if local.get $n i32.const 1 i32.sub call $down end)";
    let wat = module(down, &[], body);
    for (version, deep_enough) in [(40, true), (51, false), (61, false)] {
        let chain = chain_at(version).await;
        let program = chain.program(&wat).await;
        let answer = chain.call_raw(program, Vec::new()).await;
        assert_eq!(answer.is_ok(), deep_enough, "ArbOS {version}");
    }
}

#[tokio::test]
async fn parameters_are_reported_in_the_units_of_the_chain() {
    let chain = chain_at(61).await;
    let ramp = chain.call(ARB_WASM, More::pageRampCall {}).await;
    assert_eq!(ramp.expect("answered"), 620_674_314);
    let least = chain
        .call(ARB_WASM, More::minInitGasCall {})
        .await
        .expect("answered");
    // 69 · 128 and 11 · 32.
    assert_eq!((least.gas, least.cached), (8_832, 352));
    let percent = chain.call(ARB_WASM, More::initCostScalarCall {}).await;
    assert_eq!(percent.expect("answered"), 100);
}
