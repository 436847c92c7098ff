//! What programs import: every function of `vm_hooks`, and the debug functions a development chain offers besides.
//!
//! One list below says which function answers which import; types of the imports are taken from the functions themselves.

mod account;
mod calldata;
mod calls;
mod debug;
mod environment;
mod frame;
mod log;
mod maths;
mod storage;
pub mod trace;

use wasmparser::ValType;
use wasmtime::{Caller, Linker};

pub use frame::{Escape, Handles, Host, HostState};

/// Type of an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signature {
    /// Parameters.
    pub params: &'static [ValType],
    /// Results.
    pub results: &'static [ValType],
}

/// A Rust type that crosses between program and node.
trait Crossing: Copy {
    const TYPE: &'static [ValType];

    /// The value as the trace of host calls takes it.
    fn raw(self) -> u64;
}

impl Crossing for () {
    const TYPE: &'static [ValType] = &[];

    fn raw(self) -> u64 {
        0
    }
}

impl Crossing for u32 {
    const TYPE: &'static [ValType] = &[ValType::I32];

    fn raw(self) -> u64 {
        self.into()
    }
}

impl Crossing for u64 {
    const TYPE: &'static [ValType] = &[ValType::I64];

    fn raw(self) -> u64 {
        self
    }
}

impl Crossing for f32 {
    const TYPE: &'static [ValType] = &[ValType::F32];

    fn raw(self) -> u64 {
        self.to_bits().into()
    }
}

impl Crossing for f64 {
    const TYPE: &'static [ValType] = &[ValType::F64];

    fn raw(self) -> u64 {
        self.to_bits()
    }
}

macro_rules! imports {
    ($($module:literal { $($name:literal => $function:path, ($($arg:ident: $ty:ty),*) -> $out:ty;)* })*) => {
        /// Type of the import `module.name`, if there is one.
        pub fn signature(module: &str, name: &str) -> Option<Signature> {
            match (module, name) {
                $($(($module, $name) => Some(Signature {
                    params: const { &[$(<$ty as Crossing>::TYPE[0]),*] },
                    results: <$out as Crossing>::TYPE,
                }),)*)*
                _ => None,
            }
        }

        /// Defines every import.
        pub fn link(linker: &mut Linker<HostState>) -> wasmtime::Result<()> {
            $($(linker.func_wrap(
                $module,
                $name,
                |caller: Caller<'_, HostState>, $($arg: $ty),*| -> wasmtime::Result<$out> {
                    let mut host = Host::new(caller)?;
                    let raw: &[u64] = &[$($arg.raw()),*];
                    let traced = trace::begin(&mut host, $name, raw);
                    let result = $function(&mut host, $($arg),*);
                    if let Some(begun) = traced {
                        trace::end(&mut host, $name, begun, raw, result.map(Crossing::raw));
                    }
                    Ok(result?)
                },
            )?;)*)*
            Ok(())
        }

        /// Module and name of every import.
        #[cfg(test)]
        pub const NAMES: &[(&str, &str)] = &[$($(($module, $name)),*),*];
    };
}

imports! {
    "vm_hooks" {
    "read_args" => calldata::read_args, (ptr: u32) -> ();
    "write_result" => calldata::write_result, (ptr: u32, len: u32) -> ();
    "exit_early" => calldata::exit_early, (status: u32) -> ();
    "read_return_data" => calldata::read_return_data, (dest: u32, offset: u32, size: u32) -> u32;
    "return_data_size" => calldata::return_data_size, () -> u32;
    "storage_load_bytes32" => storage::load, (key: u32, dest: u32) -> ();
    "storage_cache_bytes32" => storage::cache, (key: u32, value: u32) -> ();
    "storage_flush_cache" => storage::flush, (clear: u32) -> ();
    "transient_load_bytes32" => storage::transient_load, (key: u32, dest: u32) -> ();
    "transient_store_bytes32" => storage::transient_store, (key: u32, value: u32) -> ();
    "call_contract" => calls::call,
        (contract: u32, data: u32, len: u32, value: u32, gas: u64, ret_len: u32) -> u32;
    "delegate_call_contract" => calls::delegate_call,
        (contract: u32, data: u32, len: u32, gas: u64, ret_len: u32) -> u32;
    "static_call_contract" => calls::static_call,
        (contract: u32, data: u32, len: u32, gas: u64, ret_len: u32) -> u32;
    "create1" => calls::create1,
        (code: u32, len: u32, endowment: u32, contract: u32, revert_len: u32) -> ();
    "create2" => calls::create2,
        (code: u32, len: u32, endowment: u32, salt: u32, contract: u32, revert_len: u32) -> ();
    "emit_log" => log::emit, (data: u32, len: u32, topics: u32) -> ();
    "account_balance" => account::balance, (address: u32, dest: u32) -> ();
    "account_code" => account::code, (address: u32, offset: u32, size: u32, dest: u32) -> u32;
    "account_code_size" => account::code_size, (address: u32) -> u32;
    "account_codehash" => account::code_hash, (address: u32, dest: u32) -> ();
    "evm_gas_left" => environment::gas_left, () -> u64;
    "evm_ink_left" => environment::ink_left, () -> u64;
    "block_basefee" => environment::base_fee, (dest: u32) -> ();
    "chainid" => environment::chain_id, () -> u64;
    "block_coinbase" => environment::coinbase, (dest: u32) -> ();
    "block_gas_limit" => environment::block_gas_limit, () -> u64;
    "block_number" => environment::block_number, () -> u64;
    "block_timestamp" => environment::block_timestamp, () -> u64;
    "contract_address" => environment::contract_address, (dest: u32) -> ();
    "msg_reentrant" => environment::reentrant, () -> u32;
    "msg_sender" => environment::sender, (dest: u32) -> ();
    "msg_value" => environment::value, (dest: u32) -> ();
    "tx_gas_price" => environment::gas_price, (dest: u32) -> ();
    "tx_ink_price" => environment::ink_price, () -> u32;
    "tx_origin" => environment::origin, (dest: u32) -> ();
    "pay_for_memory_grow" => environment::pay_for_memory_grow, (pages: u32) -> ();
    "math_div" => maths::div, (a: u32, b: u32) -> ();
    "math_mod" => maths::rem, (a: u32, b: u32) -> ();
    "math_pow" => maths::pow, (a: u32, b: u32) -> ();
    "math_add_mod" => maths::add_mod, (a: u32, b: u32, modulus: u32) -> ();
    "math_mul_mod" => maths::mul_mod, (a: u32, b: u32, modulus: u32) -> ();
    "native_keccak256" => maths::keccak, (input: u32, len: u32, dest: u32) -> ();
    }
    "console" {
    "log_txt" => debug::log_txt, (ptr: u32, len: u32) -> ();
    "log_i32" => debug::log_i32, (value: u32) -> ();
    "log_i64" => debug::log_i64, (value: u64) -> ();
    "log_f32" => debug::log_f32, (value: f32) -> ();
    "log_f64" => debug::log_f64, (value: f64) -> ();
    "tee_i32" => debug::tee_i32, (value: u32) -> u32;
    "tee_i64" => debug::tee_i64, (value: u64) -> u64;
    "tee_f32" => debug::tee_f32, (value: f32) -> f32;
    "tee_f64" => debug::tee_f64, (value: f64) -> f64;
    }
    "debug" {
    "null_host" => debug::nothing, () -> ();
    "start_benchmark" => debug::nothing, () -> ();
    "end_benchmark" => debug::nothing, () -> ();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_hook_of_the_chain_is_there() {
        let hooks = NAMES
            .iter()
            .filter(|(module, _)| *module == "vm_hooks")
            .count();
        assert_eq!((hooks, NAMES.len()), (42, 42 + 9 + 3));
    }

    #[test]
    fn signatures_are_those_of_the_functions() {
        use ValType::{I32, I64};
        let call = signature("vm_hooks", "call_contract").unwrap();
        assert_eq!(call.params, [I32, I32, I32, I32, I64, I32]);
        assert_eq!(call.results, [I32]);
        assert_eq!(signature("vm_hooks", "chainid").unwrap().results, [I64]);
        assert_eq!(signature("vm_hooks", "null_host"), None);
    }
}
