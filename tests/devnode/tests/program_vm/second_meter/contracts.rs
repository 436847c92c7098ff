//! Every contract of this project on both meters: each entry point with arguments of many shapes, over storage and answers of several
//! kinds, so that a good part of every program runs. The modules are those `novation build` leaves in `target/programs`.

use std::{collections::BTreeSet, fs, path::PathBuf, sync::Arc};

use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use alloy_sol_types::{SolInterface, sol};
use devnode::program::{Program, ProgramStatus, StylusConfig};

use super::{agreement, code::Code};
use crate::{
    chain::{CALLER, TestChain},
    random::Random,
};

#[allow(clippy::too_many_arguments, reason = "generated")]
mod abi {
    use super::sol;
    sol!("../../contracts/interfaces/solidity/ICollateralVault.sol");
    sol!("../../contracts/interfaces/solidity/ISeriesFactory.sol");
    sol!("../../contracts/interfaces/solidity/IOracleAdapter.sol");
    sol!("../../contracts/interfaces/solidity/IMarginEngine.sol");
    sol!("../../contracts/interfaces/solidity/IClearingHouse.sol");
    sol!("../../contracts/interfaces/solidity/ILiquidationAuction.sol");
    sol!("../../contracts/interfaces/solidity/IExpirySettlement.sol");
}

/// Signature the SDK gives to constructors.
const CONSTRUCTOR: &str = "stylus_constructor()";
const CALLS_EACH: usize = 40;
/// Gas of a call, at the chain's own ink price.
const GAS: u64 = 20_000_000;

fn selectors<I: SolInterface>() -> Vec<[u8; 4]> {
    let constructor = keccak256(CONSTRUCTOR)[..4].try_into().unwrap();
    I::selectors().chain([constructor]).collect()
}

#[test]
fn both_meters_agree_on_collateral_vault() {
    agree(
        "collateral_vault",
        &selectors::<abi::ICollateralVault::ICollateralVaultCalls>(),
    );
}

#[test]
fn both_meters_agree_on_series_factory() {
    agree(
        "series_factory",
        &selectors::<abi::ISeriesFactory::ISeriesFactoryCalls>(),
    );
}

#[test]
fn both_meters_agree_on_oracle_adapter() {
    agree(
        "oracle_adapter",
        &selectors::<abi::IOracleAdapter::IOracleAdapterCalls>(),
    );
}

#[test]
fn both_meters_agree_on_margin_engine() {
    agree(
        "margin_engine",
        &selectors::<abi::IMarginEngine::IMarginEngineCalls>(),
    );
}

#[test]
fn both_meters_agree_on_clearing_house() {
    agree(
        "clearing_house",
        &selectors::<abi::IClearingHouse::IClearingHouseCalls>(),
    );
}

#[test]
fn both_meters_agree_on_liquidation_auction() {
    agree(
        "liquidation_auction",
        &selectors::<abi::ILiquidationAuction::ILiquidationAuctionCalls>(),
    );
}

#[test]
fn both_meters_agree_on_expiry_settlement() {
    agree(
        "expiry_settlement",
        &selectors::<abi::IExpirySettlement::IExpirySettlementCalls>(),
    );
}

type Answer = fn(&[u8]) -> Option<Bytes>;

/// Contracts that others of the same shape answer for: three kinds of answers, three kinds of storage.
const ANSWERS: [Answer; 3] = [
    |_| None,
    |_| Some(words(&[U256::ONE; 12])),
    |data| {
        // Offsets of arrays, times, prices and flags, by the hash of the question.
        let mut random = Random(u64::from_be_bytes(keccak256(data)[..8].try_into().unwrap()));
        Some(words(
            &(0..16).map(|_| word(&mut random)).collect::<Vec<_>>(),
        ))
    },
];
const STORAGE: [fn(B256) -> B256; 3] = [
    |_| B256::ZERO,
    |_| CALLER.into_word(),
    |key| {
        let mut random = Random(u64::from_be_bytes(keccak256(key)[..8].try_into().unwrap()));
        word(&mut random).into()
    },
];

fn words(words: &[U256]) -> Bytes {
    words
        .iter()
        .flat_map(|word| word.to_be_bytes::<32>())
        .collect::<Vec<u8>>()
        .into()
}

/// A word such as arguments, storage and answers hold.
fn word(random: &mut Random) -> U256 {
    let ether = U256::from(10).pow(U256::from(18));
    let expiry = 1_700_000_000u64 / 86_400 * 86_400 + 8 * 3_600 + 7 * 86_400;
    match random.below(14) {
        0 => U256::ZERO,
        1 | 2 => U256::ONE,
        3 => U256::from(32 * (1 + random.below(8))),
        4 => U256::from(random.below(30)),
        5 => ether * U256::from(1 + random.below(3_000)),
        6 => U256::from_be_slice(CALLER.as_slice()),
        // An account of the caller in pool 1, index 0.
        7 => U256::from_be_slice(CALLER.as_slice()) << 96 | U256::from(1) << 64,
        // A call on pool 1 at strike 2,000.
        8 => series(1, expiry, 0),
        9 => series(1, expiry, 1),
        // A leg.
        10 => leg(expiry, random),
        11 => U256::from(expiry),
        12 => U256::from(1_700_000_000 - random.below(60)),
        _ => U256::MAX - U256::from(random.below(3)) * ether,
    }
}

fn series(pool: u64, expiry: u64, kind: u64) -> U256 {
    let strike = U256::from(2_000u64 * 100_000_000);
    U256::from(pool) << 104 | U256::from(expiry) << 72 | strike << 8 | U256::from(kind)
}

fn leg(expiry: u64, random: &mut Random) -> U256 {
    let strike = U256::from((1_500 + 100 * random.below(10) as u64) * 100_000_000);
    let kind = U256::from(random.below(2));
    let contracts = U256::from(10).pow(U256::from(18)) * U256::from(1 + random.below(5));
    let contracts = if random.once_in(2) {
        contracts.wrapping_neg() & (U256::MAX >> 128)
    } else {
        contracts
    };
    U256::from(expiry) << 224 | strike << 160 | kind << 152 | contracts
}

fn arguments(selector: [u8; 4], random: &mut Random) -> Vec<u8> {
    let mut calldata = selector.to_vec();
    if selector == [0xff; 4] {
        return calldata;
    }
    for _ in 0..random.below(12) {
        calldata.extend(word(random).to_be_bytes::<32>());
    }
    calldata
}

/// `margin(pool, legs, cash, base)` as the engine decodes it.
fn margin_call(selector: [u8; 4], legs: usize, random: &mut Random) -> Vec<u8> {
    let expiry = 1_700_000_000u64 / 86_400 * 86_400 + 8 * 3_600 + 7 * 86_400;
    let mut calldata = selector.to_vec();
    let head = [
        U256::from(1),
        U256::from(128),
        U256::from(5_000_000_000u64),
        U256::ZERO,
    ];
    for word in head.into_iter().chain([U256::from(legs)]) {
        calldata.extend(word.to_be_bytes::<32>());
    }
    for _ in 0..legs {
        calldata.extend(leg(expiry, random).to_be_bytes::<32>());
    }
    calldata
}

fn agree(name: &str, selectors: &[[u8; 4]]) {
    let name = name.to_owned();
    let selectors = selectors.to_vec();
    // The interpreter recurses with the program.
    let builder = std::thread::Builder::new().stack_size(256 << 20);
    builder
        .spawn(move || compare(&name, &selectors))
        .unwrap()
        .join()
        .unwrap();
}

fn compare(name: &str, selectors: &[[u8; 4]]) {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../target/programs")
        .join(format!("{name}.wasm"));
    let wasm = fs::read(&file)
        .unwrap_or_else(|error| panic!("{}: {error}; run `cargo novation build`", file.display()));
    let config = StylusConfig::arbos_61();
    let (_, program) = agreement::activation(&wasm, &config);
    let code = Code::parse(&wasm).unwrap();
    let blocks: usize = code
        .functions
        .iter()
        .map(|function| {
            function
                .charges
                .iter()
                .filter(|charge| **charge > 0)
                .count()
        })
        .sum();

    let mut random = Random(7);
    let mut seen = Seen::default();
    for selector in selectors {
        for number in 0..CALLS_EACH {
            let chain = world(&program, &config, number);
            let calldata = if name == "margin_engine" && number % 2 == 0 {
                margin_call(*selector, number % 33, &mut random)
            } else {
                arguments(*selector, &mut random)
            };
            let ending = agreement::call(&code, &program, &chain, &calldata, GAS);
            // Part of the gas, so that it runs out somewhere on the way.
            let used = GAS - ending.gas_left;
            agreement::call(&code, &program, &chain, &calldata, random.next() % used);
            seen.add(ending.status, ending.blocks, ending.hooks);
        }
    }
    println!(
        "{name}: {} of {blocks} blocks ran, {} host calls, {} successes in {} calls",
        seen.blocks.len(),
        seen.hooks,
        seen.successes,
        seen.calls
    );
    assert!(
        seen.successes > 0 && seen.blocks.len() * 8 > blocks,
        "{name}"
    );
}

#[derive(Default)]
struct Seen {
    blocks: BTreeSet<(usize, usize)>,
    hooks: usize,
    successes: usize,
    calls: usize,
}

impl Seen {
    fn add(&mut self, status: ProgramStatus, blocks: BTreeSet<(usize, usize)>, hooks: usize) {
        self.blocks.extend(blocks);
        self.hooks += hooks;
        self.calls += 1;
        self.successes += usize::from(status == ProgramStatus::Success);
    }
}

fn world(program: &Arc<Program>, config: &StylusConfig, number: usize) -> TestChain {
    let mut chain = TestChain::with_program(program.clone(), config.clone());
    chain.facts.value = U256::ZERO;
    chain.facts.origin = Address::repeat_byte(0x0a);
    chain.answer = ANSWERS[number % 3];
    chain.unwritten = STORAGE[number / 3 % 3];
    chain
}
