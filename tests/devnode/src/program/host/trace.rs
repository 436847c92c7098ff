//! Reads the arguments and results of a host call for a trace, in the encoding `cargo stylus` decodes: numbers big-endian, pointers
//! replaced by what they point at. Nothing here charges ink or changes the program; without a tracer nothing here runs.

use alloy_primitives::{Address, Bytes};

use super::frame::{Escape, Host};
use crate::program::host_trace::{HostStep, HostTrace};

/// A host call that has begun.
pub struct Begun {
    mark: usize,
    start_ink: u64,
    args: Vec<u8>,
    callee: Option<Address>,
}

/// Notes the arguments before the function may overwrite them; `None` without a tracer.
pub fn begin(host: &mut Host<'_>, name: &str, raw: &[u64]) -> Option<Begun> {
    let mark = host.api().host_trace().map(|trace| trace.mark())?;
    let start_ink = host.ink_left();
    let p = |index: usize| raw.get(index).copied().unwrap_or(0);
    let mut args = Reader {
        host,
        bytes: Vec::new(),
    };
    let mut callee = None;
    match name {
        "write_result" | "log_txt" => args.slice(p(0), p(1)),
        "exit_early" => args.u32(p(0)),
        "storage_load_bytes32" | "transient_load_bytes32" => args.word(p(0)),
        "storage_cache_bytes32"
        | "transient_store_bytes32"
        | "math_div"
        | "math_mod"
        | "math_pow" => {
            args.word(p(0));
            args.word(p(1));
        }
        "math_add_mod" | "math_mul_mod" => (0..3).for_each(|index| args.word(p(index))),
        "storage_flush_cache" => args.bytes.push(u8::from(p(0) != 0)),
        "call_contract" => {
            callee = args.address(p(0));
            args.u64(p(4));
            args.word(p(3));
            args.slice(p(1), p(2));
        }
        "delegate_call_contract" | "static_call_contract" => {
            callee = args.address(p(0));
            args.u64(p(3));
            args.slice(p(1), p(2));
        }
        "create1" => {
            args.word(p(2));
            args.slice(p(0), p(1));
        }
        "create2" => {
            args.word(p(2));
            args.word(p(3));
            args.slice(p(0), p(1));
        }
        "read_return_data" => {
            args.u32(p(1));
            args.u32(p(2));
        }
        "emit_log" => {
            args.u32(p(2));
            args.slice(p(0), p(1));
        }
        "account_balance" | "account_code_size" | "account_codehash" => {
            args.address(p(0));
        }
        "account_code" => {
            args.address(p(0));
            args.u32(p(1));
            args.u32(p(2));
        }
        "native_keccak256" => args.slice(p(0), p(1)),
        "pay_for_memory_grow" => args
            .bytes
            .extend(p(0).to_be_bytes().last_chunk::<2>().unwrap_or(&[0; 2])),
        "log_i32" | "tee_i32" => args.text(&(p(0) as u32).cast_signed().to_string()),
        "log_i64" | "tee_i64" => args.text(&p(0).cast_signed().to_string()),
        "log_f32" | "tee_f32" => args.text(&f32::from_bits(p(0) as u32).to_string()),
        "log_f64" | "tee_f64" => args.text(&f64::from_bits(p(0)).to_string()),
        _ => {}
    }
    let args = args.bytes;
    Some(Begun {
        mark,
        start_ink,
        args,
        callee,
    })
}

/// Adds the finished call to the trace. A call that ended the program by failing leaves no step, as on Nitro: its results do not exist.
pub fn end(
    host: &mut Host<'_>,
    name: &'static str,
    begun: Begun,
    raw: &[u64],
    result: Result<u64, Escape>,
) {
    let result = match result {
        Ok(result) => result,
        Err(Escape::Exit(_)) => 0,
        Err(Escape::OutOfInk | Escape::Failure(_)) => return,
    };
    let outs = outs(host, name, raw, result);
    let step = HostStep {
        name: traced_name(name).into(),
        args: begun.args.into(),
        outs: outs.into(),
        start_ink: begun.start_ink,
        end_ink: host.ink_left(),
        frame: None,
    };
    if let Some(trace) = host.api().host_trace() {
        trace.record(begun.mark, begun.callee, step);
    }
}

/// `user_entrypoint` and `user_returned`, the bounds of a program frame.
pub fn bound(trace: &mut HostTrace, name: &'static str, args: Bytes, outs: Bytes, ink: u64) {
    let mark = trace.mark();
    let step = HostStep {
        name: name.into(),
        args,
        outs,
        start_ink: ink,
        end_ink: ink,
        frame: None,
    };
    trace.record(mark, None, step);
}

/// All that prints goes under the one name whose text the reader takes at any length.
fn traced_name(name: &'static str) -> &'static str {
    match name {
        "log_txt" | "log_i32" | "log_i64" | "log_f32" | "log_f64" | "tee_i32" | "tee_i64"
        | "tee_f32" | "tee_f64" => "console_log_text",
        other => other,
    }
}

fn outs(host: &mut Host<'_>, name: &str, raw: &[u64], result: u64) -> Vec<u8> {
    let p = |index: usize| raw.get(index).copied().unwrap_or(0);
    let mut outs = Reader {
        host,
        bytes: Vec::new(),
    };
    match name {
        "read_args" => {
            let calldata = outs.host.state().calldata.clone();
            outs.bytes.extend_from_slice(&calldata);
        }
        "storage_load_bytes32"
        | "transient_load_bytes32"
        | "account_balance"
        | "account_codehash" => outs.word(p(1)),
        "math_div" | "math_mod" | "math_pow" | "math_add_mod" | "math_mul_mod"
        | "block_basefee" | "msg_value" | "tx_gas_price" => outs.word(p(0)),
        "native_keccak256" => outs.word(p(2)),
        "block_coinbase" | "contract_address" | "msg_sender" | "tx_origin" => {
            outs.address(p(0));
        }
        "call_contract" | "delegate_call_contract" | "static_call_contract" => {
            outs.returned();
            outs.bytes.push(result as u8);
        }
        "create1" => {
            outs.address(p(3));
            outs.returned();
        }
        "create2" => {
            outs.address(p(4));
            outs.returned();
        }
        "read_return_data" => outs.slice(p(0), result),
        "account_code" => outs.slice(p(3), result),
        "account_code_size" | "return_data_size" | "msg_reentrant" | "tx_ink_price" => {
            outs.u32(result);
        }
        "evm_gas_left" | "evm_ink_left" | "block_gas_limit" | "block_number"
        | "block_timestamp" | "chainid" => outs.u64(result),
        _ => {}
    }
    outs.bytes
}

/// Copies from program memory; a pointer out of bounds copies nothing, the call itself will fail over it.
struct Reader<'h, 'c> {
    host: &'h mut Host<'c>,
    bytes: Vec<u8>,
}

impl Reader<'_, '_> {
    fn slice(&mut self, ptr: u64, len: u64) {
        if let Ok(bytes) = self.host.read_slice(ptr as u32, len as u32) {
            self.bytes.extend_from_slice(&bytes);
        }
    }

    fn word(&mut self, ptr: u64) {
        self.slice(ptr, 32);
    }

    fn address(&mut self, ptr: u64) -> Option<Address> {
        let address = self.host.read_address(ptr as u32).ok()?;
        self.bytes.extend_from_slice(address.as_slice());
        Some(address)
    }

    fn u32(&mut self, number: u64) {
        self.bytes.extend((number as u32).to_be_bytes());
    }

    fn u64(&mut self, number: u64) {
        self.bytes.extend(number.to_be_bytes());
    }

    fn text(&mut self, text: &str) {
        self.bytes.extend_from_slice(text.as_bytes());
    }

    /// Length of what the last call returned.
    fn returned(&mut self) {
        let len = self.host.state().return_data.len();
        self.u32(len as u64);
    }
}
