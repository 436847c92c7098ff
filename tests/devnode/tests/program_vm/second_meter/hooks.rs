//! Host calls, as the table of `stylus-vm.md` §1.3 lists them: base ink, then the rest in the order written there.

use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use devnode::program::evm_api::{ApiFailure, CallKind, EvmApi};

use super::{
    machine::{Machine, Stop},
    prices::{hand_over, keccak, pages, power, take},
};

impl From<ApiFailure> for Stop {
    fn from(failure: ApiFailure) -> Self {
        match failure {
            ApiFailure::OutOfGas => Self::OutOfInk,
            ApiFailure::Failure => Self::Failure,
        }
    }
}

type Answer = Result<Option<u64>, Stop>;

impl Machine<'_, '_> {
    /// Answers an import.
    pub fn hook(&mut self, module: &str, name: &str, a: &[u64]) -> Answer {
        if module != "vm_hooks" {
            return self.debug(name, a);
        }
        let base = match name {
            "exit_early" | "native_keccak256" | "pay_for_memory_grow" => 0,
            "read_args" | "write_result" | "return_data_size" | "evm_gas_left" | "evm_ink_left"
            | "chainid" | "block_gas_limit" | "block_number" | "block_timestamp"
            | "msg_reentrant" | "tx_ink_price" => 8400,
            "block_basefee" | "block_coinbase" | "contract_address" | "msg_sender"
            | "msg_value" | "tx_gas_price" | "tx_origin" => 13440,
            "storage_load_bytes32" | "storage_cache_bytes32" => 18480,
            "math_pow" => 23520,
            "math_div" | "math_mod" => 43520,
            "math_add_mod" => 49560,
            "math_mul_mod" => 52660,
            "storage_flush_cache"
            | "read_return_data"
            | "emit_log"
            | "account_code"
            | "account_code_size" => 68073,
            "transient_load_bytes32"
            | "transient_store_bytes32"
            | "account_balance"
            | "account_codehash" => 78153,
            "call_contract" | "delegate_call_contract" | "static_call_contract" | "create1" => {
                83193
            }
            "create2" => 88233,
            other => panic!("no price for {other}"),
        };
        self.pay(base)?;
        let facts = self.chain.facts.clone();
        match (name, a) {
            ("read_args", &[ptr]) => {
                let calldata = self.calldata.clone();
                self.pay(hand_over(calldata.len() as u64))?;
                self.give(ptr, &calldata)
            }
            ("write_result", &[ptr, len]) => {
                self.pay(2 * take(len))?;
                self.output = self.take(ptr, len)?;
                Ok(None)
            }
            ("exit_early", &[status]) => Err(Stop::Exit(status)),
            ("return_data_size", []) => Ok(Some(self.returned.len() as u64)),
            ("read_return_data", &[dest, offset, size]) => {
                self.read_return_data(dest, offset, size)
            }
            ("evm_gas_left", []) => Ok(Some(self.gas())),
            ("evm_ink_left", []) => Ok(Some(self.ink)),
            ("chainid", []) => Ok(Some(facts.chain_id)),
            ("block_gas_limit", []) => Ok(Some(facts.block_gas_limit)),
            ("block_number", []) => Ok(Some(facts.block_number)),
            ("block_timestamp", []) => Ok(Some(facts.block_timestamp)),
            ("msg_reentrant", []) => Ok(Some(facts.reentrant.into())),
            ("tx_ink_price", []) => Ok(Some(self.chain.config.ink_price.into())),
            ("block_basefee", &[ptr]) => self.give_word(ptr, facts.base_fee),
            ("tx_gas_price", &[ptr]) => self.give_word(ptr, facts.gas_price),
            ("msg_value", &[ptr]) => self.give_word(ptr, facts.value),
            ("block_coinbase", &[ptr]) => self.give(ptr, facts.coinbase.as_slice()),
            ("contract_address", &[ptr]) => self.give(ptr, facts.contract.as_slice()),
            ("msg_sender", &[ptr]) => self.give(ptr, facts.caller.as_slice()),
            ("tx_origin", &[ptr]) => self.give(ptr, facts.origin.as_slice()),
            ("pay_for_memory_grow", &[pages]) => self.pay_for_pages(pages & 0xffff),
            ("native_keccak256", &[ptr, len, dest]) => {
                self.pay(keccak(len))?;
                let hash = keccak256(self.take(ptr, len)?);
                self.give(dest, hash.as_slice())
            }
            ("emit_log", &[data, len, topics]) => self.emit_log(data, len, topics),
            _ if name.starts_with("math_") => self.maths(name, a),
            _ if name.starts_with("storage_") || name.starts_with("transient_") => {
                self.storage(name, a)
            }
            _ if name.starts_with("account_") => self.account(name, a),
            _ if name.starts_with("create") => self.create(name, a),
            _ => self.call_out(name, a),
        }
    }

    fn debug(&mut self, name: &str, a: &[u64]) -> Answer {
        if name == "log_txt" {
            self.take(a[0], a[1])?;
        }
        Ok(name.starts_with("tee").then(|| a[0]))
    }

    fn gas(&self) -> u64 {
        self.ink / u64::from(self.chain.config.ink_price)
    }

    fn pay_gas(&mut self, gas: u64) -> Result<(), Stop> {
        self.pay(gas.saturating_mul(self.chain.config.ink_price.into()))
    }

    /// "require g": as much must be left, nothing is burned.
    fn require(&mut self, gas: u64) -> Result<(), Stop> {
        if self.ink < gas.saturating_mul(self.chain.config.ink_price.into()) {
            return Err(Stop::OutOfInk);
        }
        Ok(())
    }

    fn take(&self, ptr: u64, len: u64) -> Result<Bytes, Stop> {
        Ok(Bytes::copy_from_slice(self.bytes(ptr, len)?))
    }

    fn word(&self, ptr: u64) -> Result<U256, Stop> {
        Ok(U256::from_be_slice(self.bytes(ptr, 32)?))
    }

    fn address(&self, ptr: u64) -> Result<Address, Stop> {
        Ok(Address::from_slice(self.bytes(ptr, 20)?))
    }

    fn give(&mut self, ptr: u64, bytes: &[u8]) -> Answer {
        self.write(ptr, bytes)?;
        Ok(None)
    }

    fn give_word(&mut self, ptr: u64, word: U256) -> Answer {
        self.give(ptr, &word.to_be_bytes::<32>())
    }

    fn read_return_data(&mut self, dest: u64, offset: u64, size: u64) -> Answer {
        let data = self.returned.clone();
        let rest = &data[(offset as usize).min(data.len())..];
        let rest = &rest[..(size as usize).min(rest.len())];
        self.pay(hand_over(rest.len() as u64))?;
        if !rest.is_empty() {
            self.write(dest, rest)?;
        }
        Ok(Some(rest.len() as u64))
    }

    fn pay_for_pages(&mut self, new: u64) -> Answer {
        if new == 0 {
            self.pay(8400)?;
            return Ok(None);
        }
        let (open, ever) = self.chain.pages;
        let gas = pages(new, open.into(), ever.into());
        let now = open.saturating_add(new as u16);
        self.chain.pages = (now, ever.max(now));
        self.pay_gas(gas)?;
        Ok(None)
    }

    fn emit_log(&mut self, data: u64, len: u64, topics: u64) -> Answer {
        if topics > 4 || len < 32 * topics {
            return Err(Stop::Failure);
        }
        self.pay(take(len))?;
        self.pay_gas(375 * (1 + topics) + 8 * (len - 32 * topics))?;
        let bytes = self.take(data, len)?;
        let (words, rest) = bytes.split_at(32 * topics as usize);
        let words = words.chunks(32).map(B256::from_slice).collect();
        self.chain.emit_log(words, Bytes::copy_from_slice(rest))?;
        Ok(None)
    }

    fn maths(&mut self, name: &str, a: &[u64]) -> Answer {
        let x = self.word(a[0])?;
        let y = self.word(a[1])?;
        let result = match name {
            "math_div" if y.is_zero() => U256::ZERO,
            "math_mod" if y.is_zero() => U256::ZERO,
            "math_div" => x / y,
            "math_mod" => x % y,
            "math_pow" => {
                self.pay(power(&y.to_be_bytes()))?;
                x.wrapping_pow(y)
            }
            _ => {
                let modulus = self.word(a[2])?;
                match name {
                    _ if modulus.is_zero() => U256::ZERO,
                    "math_add_mod" => x.add_mod(y, modulus),
                    _ => x.mul_mod(y, modulus),
                }
            }
        };
        self.give_word(a[0], result)
    }

    fn storage(&mut self, name: &str, a: &[u64]) -> Answer {
        match name {
            "storage_load_bytes32" => {
                // 59,673 ink of asking the EVM side, in whole gas: 5 at the price of 10,000.
                let asking = 59673 / u64::from(self.chain.config.ink_price);
                self.require(2100 + 10 + asking)?;
                let key = B256::from(self.word(a[0])?);
                self.reads += 1;
                let mut gas = match self.reads {
                    1..=32 => 0,
                    33..=128 => 2,
                    _ => 10,
                };
                let value = match self.slots.get(&key) {
                    Some((value, _)) => *value,
                    None => {
                        let (value, sload) = self.chain.load_storage(key);
                        gas += sload + asking;
                        self.slots.insert(key, (value, Some(value)));
                        value
                    }
                };
                self.pay_gas(gas)?;
                self.give(a[1], value.as_slice())
            }
            "storage_cache_bytes32" => {
                self.require(2300 + 10)?;
                let (key, value) = (B256::from(self.word(a[0])?), B256::from(self.word(a[1])?));
                self.writes += 1;
                let gas = match self.writes {
                    1..=8 => 0,
                    9..=64 => 7,
                    _ => 10,
                };
                self.slots.entry(key).or_insert((value, None)).0 = value;
                self.pay_gas(gas)?;
                Ok(None)
            }
            "storage_flush_cache" => {
                self.require(2300)?;
                let mut dirty = Vec::new();
                for (key, (value, known)) in &mut self.slots {
                    if *known != Some(*value) {
                        dirty.push((*key, *value));
                        *known = Some(*value);
                    }
                }
                if a[0] != 0 {
                    self.slots.clear();
                }
                if !dirty.is_empty() {
                    let budget = self.gas() + 1;
                    let cost = self.chain.store_storage(&dirty, budget)?;
                    self.pay_gas(cost)?;
                }
                Ok(None)
            }
            "transient_load_bytes32" => {
                self.pay_gas(100)?;
                let key = B256::from(self.word(a[0])?);
                let value = self.chain.load_transient(key);
                self.give(a[1], value.as_slice())
            }
            _ => {
                self.pay_gas(100)?;
                let (key, value) = (B256::from(self.word(a[0])?), B256::from(self.word(a[1])?));
                self.chain.store_transient(key, value)?;
                Ok(None)
            }
        }
    }

    fn account(&mut self, name: &str, a: &[u64]) -> Answer {
        self.require(2600)?;
        let address = self.address(a[0])?;
        match name {
            "account_balance" => {
                let (balance, gas) = self.chain.balance(address);
                self.pay_gas(gas)?;
                self.give_word(a[1], balance)
            }
            "account_codehash" => {
                let (hash, gas) = self.chain.code_hash(address);
                self.pay_gas(gas)?;
                self.give(a[1], hash.as_slice())
            }
            _ => {
                let code = match &self.last_code {
                    Some((last, code)) if *last == address => code.clone(),
                    _ => {
                        let (code, gas) = self.chain.code(address);
                        self.pay_gas(700 + gas)?;
                        if !code.is_empty() {
                            self.last_code = Some((address, code.clone()));
                        }
                        code
                    }
                };
                if name == "account_code_size" {
                    return Ok(Some(code.len() as u64));
                }
                self.pay(hand_over(code.len() as u64))?;
                let part = &code[(a[1] as usize).min(code.len())..];
                let part = &part[..(a[2] as usize).min(part.len())];
                self.write(a[3], part)?;
                Ok(Some(part.len() as u64))
            }
        }
    }

    fn create(&mut self, name: &str, a: &[u64]) -> Answer {
        let (code, len, endowment, rest) = (a[0], a[1], a[2], &a[3..]);
        self.pay(2 * take(len))?;
        let code = self.take(code, len)?;
        let endowment = self.word(endowment)?;
        let (salt, rest) = match (name, rest) {
            ("create2", [salt, rest @ ..]) => (Some(self.word(*salt)?), rest),
            _ => (None, rest),
        };
        let gas = self.gas();
        let outcome = self.chain.create(code, endowment, salt, gas)?;
        self.pay_gas(outcome.gas_cost)?;
        let length = outcome.return_data.len() as u32;
        self.returned = outcome.return_data;
        self.write(rest[1], &length.to_le_bytes())?;
        self.give(rest[0], outcome.address.unwrap_or_default().as_slice())
    }

    fn call_out(&mut self, name: &str, a: &[u64]) -> Answer {
        let (kind, value, gas, ret_len) = match name {
            "call_contract" => (CallKind::Call, Some(a[3]), a[4], a[5]),
            "delegate_call_contract" => (CallKind::Delegate, None, a[3], a[4]),
            _ => (CallKind::Static, None, a[3], a[4]),
        };
        self.pay(2 * take(a[2]))?;
        let left = self.gas();
        let to = self.address(a[0])?;
        let data = self.take(a[1], a[2])?;
        let value = value.map_or(Ok(U256::ZERO), |ptr| self.word(ptr))?;
        let outcome = self.chain.call(kind, to, data, value, left, gas.min(left));
        self.pay_gas(outcome.gas_cost)?;
        let length = outcome.return_data.len() as u32;
        self.returned = outcome.return_data;
        self.write(ret_len, &length.to_le_bytes())?;
        Ok(Some(if outcome.success { 0 } else { 2 }))
    }
}
