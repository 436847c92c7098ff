//! One call of a program: entry charges, execution, and what comes of it.

use alloy_primitives::Bytes;
use wasmtime::{Instance, Store, Trap, Val};

use super::{
    config::StylusConfig,
    encode::{INK_LEFT, INK_STATUS, STACK_LEFT},
    engine::Program,
    evm_api::EvmApi,
    host::{Escape, Handles, HostState, trace},
    memory::MemoryModel,
    prices,
    validate::{ENTRYPOINT, MEMORY},
};

/// What entry is charged by. [`run_program`] takes the charges itself, from `gas_limit`: the memory a program starts with, and
/// the start of the program, cheaper when it is cached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EntryCharges {
    /// The program is in the cache manager's cache, or ran before in this block.
    pub cached: bool,
}

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProgramStatus {
    /// Returned; `output` is its return data.
    Success,
    /// Reverted by its own will; `output` is its revert data.
    Revert,
    /// Trapped, gave a bad pointer, wrote in a static frame: reverts with empty data, keeps the gas left.
    Failure,
    /// Out of ink: out of gas.
    OutOfInk,
    /// Out of stack: fails like a call too deep, all gas is gone.
    OutOfStack,
}

/// What came of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProgramOutcome {
    /// How it ended.
    pub status: ProgramStatus,
    /// Gas not used.
    pub gas_left: u64,
    /// Return or revert data; empty unless the status is `Success` or `Revert`.
    pub output: Bytes,
}

impl ProgramOutcome {
    fn without_gas(status: ProgramStatus) -> Self {
        Self {
            status,
            gas_left: 0,
            output: Bytes::new(),
        }
    }
}

/// Runs `program` with `calldata` and `gas_limit` gas, entry charges included, in the frame that `api` speaks for.
///
/// The caller has checked that the program is activated, current and not expired, and surrounds the call with what any EVM call
/// has: value transfer, checkpoint, rollback unless the status is `Success`, depth. Open pages of the transaction are put back;
/// their high-water mark stays. Calls the program makes go through `api` and may come back here, on the same native stack: a
/// frame takes up to 64 bytes of it per word of `max_stack_depth`, and since pages are sold up to 128 in a transaction, no more
/// than 128 frames that can call at all are ever inside each other (200 MiB under the default depth).
#[must_use]
pub fn run_program(
    program: &Program,
    calldata: Bytes,
    gas_limit: u64,
    api: &mut dyn EvmApi,
    config: &StylusConfig,
    entry: EntryCharges,
) -> ProgramOutcome {
    let (open, ever) = api.pages();
    let entry_gas = entry_gas(program, config, entry, open, ever);
    let Some(gas) = gas_limit.checked_sub(entry_gas) else {
        return ProgramOutcome::without_gas(ProgramStatus::OutOfInk);
    };
    let opened = open.saturating_add(program.footprint);
    api.set_pages(opened, ever.max(opened));
    let outcome = execute(program, calldata, gas, api, config);
    let (_, ever) = api.pages();
    api.set_pages(open, ever);
    floor_return_data(outcome, gas)
}

/// Gas of entering `program` when `open` pages are open and `ever` were.
fn entry_gas(
    program: &Program,
    config: &StylusConfig,
    entry: EntryCharges,
    open: u16,
    ever: u16,
) -> u64 {
    let mut gas = MemoryModel::new(config).gas(program.footprint, open, ever);
    // Version 1 put the cached cost into the init cost.
    if entry.cached || config.version > 1 {
        gas = gas.saturating_add(config.cached_init_gas(program.cached_init));
    }
    if !entry.cached {
        gas = gas.saturating_add(config.init_gas(program.init_cost));
    }
    gas
}

/// Return data costs at least the EVM memory it would have stood in. `gas` is what the program started with.
fn floor_return_data(mut outcome: ProgramOutcome, gas: u64) -> ProgramOutcome {
    if outcome.output.is_empty() {
        return outcome;
    }
    match gas.checked_sub(prices::return_data_floor(outcome.output.len() as u64)) {
        Some(most_left) => {
            outcome.gas_left = outcome.gas_left.min(most_left);
            outcome
        }
        None => ProgramOutcome::without_gas(ProgramStatus::OutOfInk),
    }
}

fn execute(
    program: &Program,
    calldata: Bytes,
    gas: u64,
    api: &mut dyn EvmApi,
    config: &StylusConfig,
) -> ProgramOutcome {
    let len = u32::try_from(calldata.len()).unwrap_or(u32::MAX);
    if let Some(trace) = api.host_trace() {
        let ink = config.gas_to_ink(gas);
        let args = Bytes::copy_from_slice(&len.to_be_bytes());
        trace::bound(trace, "user_entrypoint", args, Bytes::new(), ink);
    }
    // SAFETY: the store dies at the end of this function, inside the borrow of `api`, which is not touched here otherwise.
    let state = unsafe { HostState::new(api, calldata, config.clone()) };
    let mut store = Store::new(program.module.module().engine(), state);
    // Only a data or element segment out of bounds can fail here: the program has no start function.
    let Ok(instance) = program.module.instantiate(&mut store) else {
        return failure(gas);
    };
    let Some(handles) = handles(&mut store, instance) else {
        return failure(gas);
    };
    store.data_mut().handles = Some(handles);
    let ink = config.gas_to_ink(gas);
    let set = handles
        .ink_left
        .set(&mut store, Val::I64(ink.cast_signed()))
        .and_then(|()| {
            let depth = Val::I32(config.max_stack_depth.cast_signed());
            handles.stack_left.set(&mut store, depth)
        });
    let entrypoint = instance.get_typed_func::<u32, u32>(&mut store, ENTRYPOINT);
    let (Ok(()), Ok(entrypoint)) = (set, entrypoint) else {
        return failure(gas);
    };

    let ended = entrypoint.call(&mut store, len);
    let status = match ended {
        Ok(0) => ProgramStatus::Success,
        Ok(_) => ProgramStatus::Revert,
        Err(error) => status_of(&error, handles, &mut store),
    };
    let ink_left = handles
        .ink_left
        .get(&mut store)
        .i64()
        .map_or(0, i64::cast_unsigned);
    let gas_left = config.ink_to_gas(ink_left);
    match status {
        ProgramStatus::Success | ProgramStatus::Revert => {
            let output = core::mem::take(&mut store.data_mut().output);
            // No code of the store runs any more: the chain is ours again.
            drop(store);
            if let Some(trace) = api.host_trace() {
                let status = u32::from(status == ProgramStatus::Revert);
                let outs = Bytes::copy_from_slice(&status.to_be_bytes());
                trace::bound(trace, "user_returned", Bytes::new(), outs, ink_left);
            }
            ProgramOutcome {
                status,
                gas_left,
                output,
            }
        }
        ProgramStatus::Failure => failure(gas_left),
        ProgramStatus::OutOfInk | ProgramStatus::OutOfStack => ProgramOutcome::without_gas(status),
    }
}

fn failure(gas_left: u64) -> ProgramOutcome {
    ProgramOutcome {
        status: ProgramStatus::Failure,
        gas_left,
        output: Bytes::new(),
    }
}

/// What a program that did not return ended by. Stack first, ink second: a trap says nothing of its cause.
fn status_of(
    error: &wasmtime::Error,
    handles: Handles,
    store: &mut Store<HostState>,
) -> ProgramStatus {
    // The native stack is sized so that the counted one ends first; should it not, the program was as deep.
    let overflow = error.downcast_ref::<Trap>() == Some(&Trap::StackOverflow);
    if overflow || handles.stack_left.get(&mut *store).i32() == Some(0) {
        return ProgramStatus::OutOfStack;
    }
    if handles.ink_status.get(store).i32() != Some(0) {
        return ProgramStatus::OutOfInk;
    }
    match error.downcast_ref::<Escape>() {
        Some(Escape::Exit(0)) => ProgramStatus::Success,
        Some(Escape::Exit(_)) => ProgramStatus::Revert,
        Some(Escape::OutOfInk) => ProgramStatus::OutOfInk,
        Some(Escape::Failure(reason)) => {
            tracing::debug!(target: "program", reason, "program failed");
            ProgramStatus::Failure
        }
        None => {
            tracing::debug!(target: "program", %error, "program trapped");
            ProgramStatus::Failure
        }
    }
}

fn handles(store: &mut Store<HostState>, instance: Instance) -> Option<Handles> {
    Some(Handles {
        memory: instance.get_memory(&mut *store, MEMORY)?,
        ink_left: instance.get_global(&mut *store, INK_LEFT)?,
        ink_status: instance.get_global(&mut *store, INK_STATUS)?,
        stack_left: instance.get_global(&mut *store, STACK_LEFT)?,
    })
}
