//! Every contract of this project on both meters. What to call them with is found by trying: from the selectors of all interfaces on,
//! calls are varied in calldata, storage and the answers of other contracts, and a variation that ran a block no other
//! ran is varied further. The modules are those `novation build` leaves in `target/programs`.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    thread,
};

use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use alloy_sol_types::{SolInterface, sol};
use devnode::program::{Program, ProgramStatus, StylusConfig};
use wasmparser::Operator;

use super::{agreement, code::Code, words};
use crate::{
    chain::{CALLER, SELF, TestChain},
    random::Random,
};

#[allow(clippy::too_many_arguments, reason = "generated")]
mod abi {
    use super::sol;
    sol!("../../contracts/interfaces/solidity/IAggregatorFace.sol");
    sol!("../../contracts/interfaces/solidity/IClearingHouse.sol");
    sol!("../../contracts/interfaces/solidity/ICollateralVault.sol");
    sol!("../../contracts/interfaces/solidity/IExpirySettlement.sol");
    sol!("../../contracts/interfaces/solidity/ILiquidationAuction.sol");
    sol!("../../contracts/interfaces/solidity/IMarginEngine.sol");
    sol!("../../contracts/interfaces/solidity/IMarginModel.sol");
    sol!("../../contracts/interfaces/solidity/IOptionPricer.sol");
    sol!("../../contracts/interfaces/solidity/IOracleAdapter.sol");
    sol!("../../contracts/interfaces/solidity/IRiskLens.sol");
    sol!("../../contracts/interfaces/solidity/IRiskLimits.sol");
    sol!("../../contracts/interfaces/solidity/ISeriesFactory.sol");
    sol!("../../contracts/interfaces/solidity/ISettlementCommittee.sol");
    sol!("../../contracts/interfaces/solidity/ISignedPrice.sol");
    sol!("../../contracts/interfaces/solidity/ISmileProof.sol");
    sol!("../../contracts/interfaces/solidity/IVolatilitySurface.sol");
}

/// Signature the SDK gives to constructors.
const CONSTRUCTOR: &str = "stylus_constructor()";

/// Selectors of all interfaces: a contract refuses those that are not its own, which is to be paid for too.
fn selectors() -> Vec<[u8; 4]> {
    fn of<I: SolInterface>() -> Vec<[u8; 4]> {
        I::selectors().collect()
    }
    let constructor = keccak256(CONSTRUCTOR)[..4].try_into().unwrap();
    [
        vec![constructor],
        of::<abi::IAggregatorFace::IAggregatorFaceCalls>(),
        of::<abi::IClearingHouse::IClearingHouseCalls>(),
        of::<abi::ICollateralVault::ICollateralVaultCalls>(),
        of::<abi::IExpirySettlement::IExpirySettlementCalls>(),
        of::<abi::ILiquidationAuction::ILiquidationAuctionCalls>(),
        of::<abi::IMarginEngine::IMarginEngineCalls>(),
        of::<abi::IMarginModel::IMarginModelCalls>(),
        of::<abi::IOptionPricer::IOptionPricerCalls>(),
        of::<abi::IOracleAdapter::IOracleAdapterCalls>(),
        of::<abi::IRiskLens::IRiskLensCalls>(),
        of::<abi::IRiskLimits::IRiskLimitsCalls>(),
        of::<abi::ISeriesFactory::ISeriesFactoryCalls>(),
        of::<abi::ISettlementCommittee::ISettlementCommitteeCalls>(),
        of::<abi::ISignedPrice::ISignedPriceCalls>(),
        of::<abi::ISmileProof::ISmileProofCalls>(),
        of::<abi::IVolatilitySurface::IVolatilitySurfaceCalls>(),
    ]
    .concat()
}

/// Calls tried of each contract, besides the first ones.
const TRIES: usize = 8_000;
const WORKERS: usize = 2;
/// Contracts there are at least.
const CONTRACTS: usize = 7;
/// Part of the blocks of all contracts to be run at least. When this was written 34 to 64 % did of contracts that take words, but 5 % of
/// the calculators, whose requests are packed bytes that no variation hits upon; so this is no bar for each.
const LEAST_PERCENT: usize = 25;
/// Gas of a call, at the chain's own ink price: the heaviest real one takes 400,000.
const GAS: u64 = 2_000_000;
/// Gas of all calls of a contract, after which the search ends: a search inside a contract may run until its gas is gone.
const GAS_OF_ALL: u64 = 60_000_000;

type Answer = fn(&[u8]) -> Option<Bytes>;

/// Contracts that others answer for: three kinds of answers, three kinds of storage.
const ANSWERS: [Answer; 3] = [
    |_| None,
    |_| Some(words::encoded(&[U256::ONE; 12])),
    |data| {
        // Offsets of arrays, times, prices and flags, by the hash of the question.
        let mut random = Random(u64::from_be_bytes(keccak256(data)[..8].try_into().unwrap()));
        let answer: Vec<U256> = (0..16).map(|_| words::word(&mut random, &[])).collect();
        Some(words::encoded(&answer))
    },
];
const STORAGE: [fn(B256) -> B256; 3] = [
    |_| B256::ZERO,
    |_| CALLER.into_word(),
    |key| {
        let mut random = Random(u64::from_be_bytes(keccak256(key)[..8].try_into().unwrap()));
        words::word(&mut random, &[]).into()
    },
];

#[test]
fn both_meters_agree_on_every_contract() {
    let directory = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../target/programs");
    let files = fs::read_dir(&directory)
        .unwrap_or_else(|e| panic!("{}: {e}; run `novation build`", directory.display()));
    let mut modules: Vec<PathBuf> = files
        .map(|file| file.unwrap().path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "wasm")
        })
        .collect();
    assert!(modules.len() >= CONTRACTS, "run `novation build`");
    modules.sort();
    let modules = Arc::new(Mutex::new(modules));
    let workers: Vec<_> = (0..WORKERS)
        .map(|_| {
            let modules = Arc::clone(&modules);
            // The interpreter recurses with the program.
            let builder = thread::Builder::new().stack_size(256 << 20);
            let work = move || {
                let mut found = Vec::new();
                loop {
                    let module = modules.lock().unwrap().pop();
                    let Some(module) = module else { return found };
                    found.push(Search::new(&fs::read(&module).unwrap()).run(&module));
                }
            };
            builder.spawn(work).unwrap()
        })
        .collect();
    let (mut ran, mut all) = (0, 0);
    for worker in workers {
        for found in worker.join().unwrap() {
            ran += found.0;
            all += found.1;
        }
    }
    println!("together: {} %", ran * 100 / all);
    assert!(ran * 100 / all >= LEAST_PERCENT, "{ran} of {all}");
}

/// A call in its surroundings, and what it asked for.
#[derive(Clone, Default)]
struct Trial {
    selector: [u8; 4],
    arguments: Vec<U256>,
    /// Which kinds of answers and storage.
    world: usize,
    slots: Vec<(B256, U256)>,
    answers: Vec<(Bytes, Vec<U256>)>,
    read: Vec<B256>,
    asked: Vec<Bytes>,
}

impl Trial {
    fn of(selector: [u8; 4]) -> Self {
        Self {
            selector,
            arguments: vec![U256::ONE; 8],
            ..Self::default()
        }
    }

    fn calldata(&self) -> Vec<u8> {
        [&self.selector[..], &words::encoded(&self.arguments)].concat()
    }

    fn chain(&self, program: &Arc<Program>, config: &StylusConfig) -> TestChain {
        let mut chain = TestChain::with_program(program.clone(), config.clone());
        chain.facts.value = U256::ZERO;
        chain.facts.origin = Address::repeat_byte(0x0a);
        chain.answer = ANSWERS[self.world % 3];
        chain.unwritten = STORAGE[self.world / 3 % 3];
        for (key, value) in &self.slots {
            chain.storage.insert((SELF, *key), (*value).into());
        }
        for (question, answer) in &self.answers {
            chain
                .answers
                .insert(question.clone(), words::encoded(answer));
        }
        chain
    }

    /// Changes one thing: an argument, a slot that was read, an answer that was given, or what all the others hold.
    fn vary(&mut self, random: &mut Random, constants: &[u64]) {
        match random.below(8) {
            0 if !self.read.is_empty() => {
                let key = self.read[random.below(self.read.len())];
                let value = words::packed(random, constants);
                self.slots.retain(|(slot, _)| *slot != key);
                self.slots.push((key, value));
            }
            1..=3 if !self.asked.is_empty() => {
                let question = self.asked[random.below(self.asked.len())].clone();
                let known = self.answers.iter().position(|(q, _)| *q == question);
                let mut answer = match known {
                    Some(index) => self.answers.swap_remove(index).1,
                    None => (0..random.below(16))
                        .map(|_| words::word(random, constants))
                        .collect(),
                };
                words::vary(&mut answer, random, constants);
                self.answers.push((question, answer));
            }
            4 if random.once_in(4) => self.world = random.below(9),
            _ => words::vary(&mut self.arguments, random, constants),
        }
    }
}

/// The search for calls that run more of a contract.
struct Search<'a> {
    code: Code<'a>,
    program: Arc<Program>,
    config: StylusConfig,
    random: Random,
    constants: Vec<u64>,
    blocks: BTreeSet<(usize, usize)>,
    /// Trials that ran something new.
    kept: Vec<Trial>,
    successes: usize,
    calls: usize,
    hooks: usize,
    gas: u64,
}

impl<'a> Search<'a> {
    fn new(wasm: &'a [u8]) -> Self {
        let config = StylusConfig::arbos_61();
        let (_, program) = agreement::activation(wasm, &config, false);
        let code = Code::parse(wasm).unwrap();
        let operators = code
            .functions
            .iter()
            .flat_map(|function| &function.operators);
        let constants: BTreeSet<u64> = operators
            .filter_map(|operator| match operator {
                Operator::I32Const { value } => Some(u64::from(*value as u32)),
                Operator::I64Const { value } => Some(*value as u64),
                _ => None,
            })
            .collect();
        Self {
            code,
            program,
            config,
            random: Random(7),
            constants: constants.into_iter().collect(),
            blocks: BTreeSet::new(),
            kept: Vec::new(),
            successes: 0,
            calls: 0,
            hooks: 0,
            gas: 0,
        }
    }

    /// Searches, and gives the number of blocks that ran, and of all.
    fn run(mut self, module: &Path) -> (usize, usize) {
        self.find_selectors();
        for _ in 0..TRIES {
            if self.gas > GAS_OF_ALL {
                break;
            }
            // Half of them from the newest finds, which are the deepest.
            let newest = self.kept.len() - self.random.below(self.kept.len()) / 4;
            let from = if self.random.once_in(2) {
                newest - 1
            } else {
                self.random.below(self.kept.len())
            };
            let mut trial = self.kept[from].clone();
            for _ in 0..=self.random.below(4) {
                trial.vary(&mut self.random, &self.constants);
            }
            self.attempt(trial);
        }
        let all: usize = self
            .code
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
        let percent = self.blocks.len() * 100 / all;
        println!(
            "{}: {} of {all} blocks ran, {percent} %, {} host calls, {} successes in {} calls",
            module.display(),
            self.blocks.len(),
            self.hooks,
            self.successes,
            self.calls
        );
        assert!(self.successes > 0, "{}", module.display());
        (self.blocks.len(), all)
    }

    /// Calls every method that an interface has, and what else the code compares with.
    fn find_selectors(&mut self) {
        let constants = self.constants.iter().filter_map(|c| u32::try_from(*c).ok());
        let constants: Vec<u32> = constants.collect();
        let constants = constants.into_iter().map(u32::to_be_bytes);
        for selector in selectors().into_iter().chain(constants) {
            self.attempt(Trial::of(selector));
        }
    }

    /// Runs a trial on both meters, and keeps it if it ran a block no other did.
    fn attempt(&mut self, mut trial: Trial) {
        let chain = trial.chain(&self.program, &self.config);
        let calldata = trial.calldata();
        let run = |gas| agreement::call(&self.code, &self.program, &chain, &calldata, gas);
        let (ending, after) = run(GAS);
        self.calls += 1;
        self.hooks += ending.hooks;
        self.gas += GAS - ending.gas_left;
        self.successes += usize::from(ending.status == ProgramStatus::Success);
        let before = self.blocks.len();
        self.blocks.extend(&ending.blocks);
        if self.blocks.len() > before {
            // Part of the gas, so that it runs out somewhere on the way.
            run(self.random.next() % (GAS - ending.gas_left));
            trial.read = after.warm.into_iter().collect();
            // A set has no order of its own, and a failure is to be repeated.
            trial.read.sort_unstable();
            trial.asked = after.asked;
            trial.asked.dedup();
            self.kept.push(trial);
        }
    }
}
