//! A chain in memory, just enough of one to run programs, and short ways to run them.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, LazyLock},
};

use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use devnode::program::{
    Activated, ActivationError, Engine, EntryCharges, Program, ProgramOutcome, ProgramStatus,
    StylusConfig, activate, code_format,
    evm_api::{ApiFailure, CallKind, CallOutcome, CreateOutcome, EvmApi, FrameFacts},
    run_program,
};

/// Where the program under test lives.
pub const SELF: Address = Address::repeat_byte(0x5e);
/// Who calls it.
pub const CALLER: Address = Address::repeat_byte(0xca);

/// One engine for all tests: every test brings its own modules.
pub static ENGINE: LazyLock<Engine> =
    LazyLock::new(|| Engine::new(&StylusConfig::arbos_61()).unwrap());

/// Rules under which gas is ink and entry is free, so that a test sees every ink.
pub fn ink_rules() -> StylusConfig {
    StylusConfig {
        ink_price: 1,
        min_init_gas: 0,
        min_cached_init_gas: 0,
        init_cost_scalar: 0,
        cached_cost_scalar: 0,
        ..StylusConfig::arbos_61()
    }
}

/// Activates a module in text form.
pub fn activated(wat: &str, config: &StylusConfig) -> Result<Activated, ActivationError> {
    let wasm = wat::parse_str(wat).unwrap();
    activate(&code_format::pack(&wasm).unwrap(), config, 0)
}

/// A module with `imports`, one page of memory that may grow, and `body` as its entry point.
pub fn module(imports: &str, body: &str) -> String {
    format!(
        r#"(module
            (import "vm_hooks" "pay_for_memory_grow" (func $pay (param i32)))
            {imports}
            (memory (export "memory") 1)
            (func (export "user_entrypoint") (param $len i32) (result i32) {body}))"#
    )
}

/// A chain on which programs can run and call each other.
#[derive(Clone)]
pub struct TestChain {
    pub facts: FrameFacts,
    pub config: StylusConfig,
    pub storage: HashMap<(Address, B256), B256>,
    pub transient: HashMap<B256, B256>,
    pub warm: HashSet<B256>,
    pub logs: Vec<(Vec<B256>, Bytes)>,
    pub pages: (u16, u16),
    pub programs: HashMap<Address, Arc<Program>>,
    pub code: HashMap<Address, Bytes>,
    /// Frames below this one, and the most there ever were.
    pub depth: (usize, usize),
    /// Gas of asking for a balance.
    pub access_gas: u64,
    /// Gas a storage write costs.
    pub store_gas: u64,
    /// Budgets that storage writes were given.
    pub budgets: Vec<u64>,
    /// What accounts without a program answer to calldata; they fail when it gives nothing.
    pub answer: fn(&[u8]) -> Option<Bytes>,
    /// What they answer to some calldata instead.
    pub answers: HashMap<Bytes, Bytes>,
    /// Calldata they were asked.
    pub asked: Vec<Bytes>,
    /// What slots hold that were never written.
    pub unwritten: fn(B256) -> B256,
}

impl TestChain {
    pub fn new(wat: &str, config: StylusConfig) -> Self {
        let program = ENGINE.compile(&activated(wat, &config).unwrap()).unwrap();
        Self::with_program(program, config)
    }

    /// A chain with `program` under test.
    pub fn with_program(program: Arc<Program>, config: StylusConfig) -> Self {
        Self {
            facts: FrameFacts {
                contract: SELF,
                caller: CALLER,
                value: U256::from(7),
                origin: Address::repeat_byte(0x0a),
                is_static: false,
                reentrant: false,
                gas_price: U256::from(100_000_000),
                base_fee: U256::from(100_000_000),
                chain_id: 412_346,
                block_number: 11,
                block_timestamp: 1_700_000_000,
                block_gas_limit: 1 << 50,
                coinbase: Address::repeat_byte(0xcb),
                ink_price: config.ink_price,
            },
            config,
            storage: HashMap::new(),
            transient: HashMap::new(),
            warm: HashSet::new(),
            logs: Vec::new(),
            pages: (0, 0),
            programs: HashMap::from([(SELF, program)]),
            code: HashMap::new(),
            depth: (0, 0),
            access_gas: 2_600,
            store_gas: 22_100,
            budgets: Vec::new(),
            answer: |_| None,
            answers: HashMap::new(),
            asked: Vec::new(),
            unwritten: |_| B256::ZERO,
        }
    }

    /// Runs the program under test as a cached one.
    pub fn run(&mut self, calldata: &[u8], gas: u64) -> ProgramOutcome {
        let program = self.programs[&SELF].clone();
        let config = self.config.clone();
        let calldata = Bytes::copy_from_slice(calldata);
        let entry = EntryCharges { cached: true };
        run_program(&program, calldata, gas, self, &config, entry)
    }
}

/// Runs `body` under [`ink_rules`] with `ink` and no calldata.
pub fn run_ink(imports: &str, body: &str, ink: u64) -> ProgramOutcome {
    TestChain::new(&module(imports, body), ink_rules()).run(&[], ink)
}

/// Ink that `body` takes, which must succeed.
pub fn ink_of(imports: &str, body: &str) -> u64 {
    const PLENTY: u64 = 1_000_000_000;
    let outcome = run_ink(imports, body, PLENTY);
    assert_eq!(outcome.status, ProgramStatus::Success);
    PLENTY - outcome.gas_left
}

impl EvmApi for TestChain {
    fn facts(&self) -> &FrameFacts {
        &self.facts
    }

    fn load_storage(&mut self, key: B256) -> (B256, u64) {
        let gas = if self.warm.insert(key) { 2_100 } else { 100 };
        let value = self.storage.get(&(self.facts.contract, key)).copied();
        (value.unwrap_or_else(|| (self.unwritten)(key)), gas)
    }

    fn store_storage(&mut self, slots: &[(B256, B256)], budget: u64) -> Result<u64, ApiFailure> {
        self.budgets.push(budget);
        if self.facts.is_static {
            return Err(ApiFailure::Failure);
        }
        let gas = self.store_gas * slots.len() as u64;
        if gas >= budget {
            return Err(ApiFailure::OutOfGas);
        }
        for (key, value) in slots {
            self.storage.insert((self.facts.contract, *key), *value);
        }
        Ok(gas)
    }

    fn load_transient(&mut self, key: B256) -> B256 {
        self.transient.get(&key).copied().unwrap_or_default()
    }

    fn store_transient(&mut self, key: B256, value: B256) -> Result<(), ApiFailure> {
        if self.facts.is_static {
            return Err(ApiFailure::Failure);
        }
        self.transient.insert(key, value);
        Ok(())
    }

    fn call(
        &mut self,
        kind: CallKind,
        to: Address,
        data: Bytes,
        value: U256,
        gas_left: u64,
        gas_requested: u64,
    ) -> CallOutcome {
        let failed = |gas_cost| CallOutcome {
            success: false,
            gas_cost,
            return_data: Bytes::new(),
        };
        let Some(after_base) = gas_left.checked_sub(100) else {
            return failed(gas_left);
        };
        let gas = (after_base - after_base / 64).min(gas_requested);
        let Some(program) = self.programs.get(&to).cloned() else {
            let known = self.answers.get(&data).cloned();
            let answer = known.or_else(|| (self.answer)(&data));
            self.asked.push(data);
            return match answer {
                Some(return_data) => CallOutcome {
                    success: true,
                    gas_cost: 100,
                    return_data,
                },
                None => failed(100),
            };
        };
        let before = (self.facts.clone(), self.storage.clone());
        if kind != CallKind::Delegate {
            self.facts.caller = self.facts.contract;
            self.facts.contract = to;
            self.facts.value = value;
        }
        self.facts.is_static |= kind == CallKind::Static;
        self.depth.0 += 1;
        self.depth.1 = self.depth.1.max(self.depth.0);
        let config = self.config.clone();
        let entry = EntryCharges { cached: true };
        let outcome = run_program(&program, data, gas, self, &config, entry);
        self.depth.0 -= 1;
        self.facts = before.0;
        let success = outcome.status == ProgramStatus::Success;
        if !success {
            self.storage = before.1;
        }
        CallOutcome {
            success,
            gas_cost: 100 + gas - outcome.gas_left,
            return_data: outcome.output,
        }
    }

    fn create(
        &mut self,
        code: Bytes,
        _endowment: U256,
        salt: Option<U256>,
        gas_left: u64,
    ) -> Result<CreateOutcome, ApiFailure> {
        if self.facts.is_static {
            return Err(ApiFailure::Failure);
        }
        if gas_left < 32_000 {
            return Err(ApiFailure::OutOfGas);
        }
        // A constructor that begins with 0xfd reverts with the rest of its code.
        if code.first() == Some(&0xfd) {
            let return_data = code.slice(1..);
            return Ok(CreateOutcome {
                address: None,
                gas_cost: 32_000,
                return_data,
            });
        }
        let salt = salt.unwrap_or_default().to_be_bytes::<32>();
        let address = self.facts.contract.create2(salt, keccak256(&code));
        self.code.insert(address, code);
        let return_data = Bytes::new();
        Ok(CreateOutcome {
            address: Some(address),
            gas_cost: 32_000,
            return_data,
        })
    }

    fn emit_log(&mut self, topics: Vec<B256>, data: Bytes) -> Result<(), ApiFailure> {
        if self.facts.is_static {
            return Err(ApiFailure::Failure);
        }
        self.logs.push((topics, data));
        Ok(())
    }

    fn balance(&mut self, address: Address) -> (U256, u64) {
        (U256::from(address.0[0]), self.access_gas)
    }

    fn code(&mut self, address: Address) -> (Bytes, u64) {
        (self.code.get(&address).cloned().unwrap_or_default(), 100)
    }

    fn code_hash(&mut self, address: Address) -> (B256, u64) {
        (self.code.get(&address).map_or(B256::ZERO, keccak256), 100)
    }

    fn pages(&self) -> (u16, u16) {
        self.pages
    }

    fn set_pages(&mut self, open: u16, ever: u16) {
        self.pages = (open, ever);
    }
}
