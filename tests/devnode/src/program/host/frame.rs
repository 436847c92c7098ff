//! The running frame as host functions see it: memory behind checked pointers, ink that must be bought, and the chain.

use alloy_primitives::{Address, B256, Bytes, U256};
use thiserror::Error;
use wasmtime::{Caller, Global, Memory, Val};

use crate::program::{
    StylusConfig,
    evm_api::{ApiFailure, EvmApi},
    memory::MemoryModel,
    meter::STATUS_EXHAUSTED,
    prices,
    storage_cache::StorageCache,
};

/// How a host function ends a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Escape {
    /// Ink does not pay for the request.
    #[error("out of ink")]
    OutOfInk,
    /// The program chose to end, with this status.
    #[error("exit with status {0}")]
    Exit(u32),
    /// A bad pointer, a state change in a static frame, a malformed request.
    #[error("program failed: {0}")]
    Failure(&'static str),
}

/// What the node looks at inside an instance.
#[derive(Clone, Copy, Debug)]
pub struct Handles {
    /// Memory of the program.
    pub memory: Memory,
    /// Ink left.
    pub ink_left: Global,
    /// Not 0 once ink ran out.
    pub ink_status: Global,
    /// Words of stack left.
    pub stack_left: Global,
}

/// State of a frame, behind its WASM store.
pub struct HostState {
    /// The chain. See [`HostState::new`] for why this is a pointer.
    api: *mut dyn EvmApi,
    /// Parameters of the VM.
    pub config: StylusConfig,
    /// Set once the module is instantiated; no code of the program runs before.
    pub handles: Option<Handles>,
    /// Calldata.
    pub calldata: Bytes,
    /// What the program returns.
    pub output: Bytes,
    /// What its last call returned.
    pub return_data: Bytes,
    /// Its storage cache.
    pub storage: StorageCache,
    /// The code it last asked for.
    pub last_code: Option<(Address, Bytes)>,
}

impl HostState {
    /// State of a frame that talks to `api`.
    ///
    /// # Safety
    /// A WASM store holds `'static` data only, so the lifetime of `api` is forgotten here. The caller must drop the store that
    /// takes this state before its borrow of `api` ends, and must not use `api` while code of the store runs.
    pub unsafe fn new(api: &mut (dyn EvmApi + '_), calldata: Bytes, config: StylusConfig) -> Self {
        let api: *mut (dyn EvmApi + '_) = api;
        Self {
            // SAFETY: only the lifetime bound of the trait object changes; the caller keeps the borrow alive.
            api: unsafe { core::mem::transmute::<*mut (dyn EvmApi + '_), *mut dyn EvmApi>(api) },
            config,
            handles: None,
            calldata,
            output: Bytes::new(),
            return_data: Bytes::new(),
            storage: StorageCache::default(),
            last_code: None,
        }
    }
}

/// A host function's view of the frame that called it.
pub struct Host<'a> {
    caller: Caller<'a, HostState>,
    handles: Handles,
}

impl<'a> Host<'a> {
    /// View of the frame behind `caller`.
    pub fn new(caller: Caller<'a, HostState>) -> Result<Self, Escape> {
        let handles = caller
            .data()
            .handles
            .ok_or(Escape::Failure("called before start"))?;
        Ok(Self { caller, handles })
    }

    /// State of the frame.
    pub fn state(&mut self) -> &mut HostState {
        self.caller.data_mut()
    }

    /// The chain.
    pub fn api(&mut self) -> &mut dyn EvmApi {
        // SAFETY: `HostState::new` makes its caller keep the borrow alive while the store lives and not use it meanwhile; the
        // returned borrow ends before this host function does, and a nested frame reaches the chain only through it.
        unsafe { &mut *self.caller.data().api }
    }

    /// Ink left.
    pub fn ink_left(&mut self) -> u64 {
        let ink = self.handles.ink_left.get(&mut self.caller);
        ink.i64().map_or(0, i64::cast_unsigned)
    }

    /// Gas left, rounded down.
    pub fn gas_left(&mut self) -> u64 {
        let ink = self.ink_left();
        self.state().config.ink_to_gas(ink)
    }

    /// Takes `ink`; if there is not as much, takes all and ends the program.
    pub fn buy_ink(&mut self, ink: u64) -> Result<(), Escape> {
        let Some(left) = self.ink_left().checked_sub(ink) else {
            return Err(self.out_of_ink());
        };
        self.set_ink(left)
    }

    /// Takes `gas` worth of ink.
    pub fn buy_gas(&mut self, gas: u64) -> Result<(), Escape> {
        let ink = self.state().config.gas_to_ink(gas);
        self.buy_ink(ink)
    }

    /// Ends the program unless `gas` is left; takes nothing.
    pub fn require_gas(&mut self, gas: u64) -> Result<(), Escape> {
        let ink = self.state().config.gas_to_ink(gas);
        if self.ink_left() < ink {
            return Err(self.out_of_ink());
        }
        Ok(())
    }

    /// Takes the ink of writing `len` bytes to the program.
    pub fn pay_for_write(&mut self, len: u32) -> Result<(), Escape> {
        self.buy_ink(prices::write(len))
    }

    /// Takes the ink of reading `len` bytes from the program.
    pub fn pay_for_read(&mut self, len: u32) -> Result<(), Escape> {
        self.buy_ink(prices::read(len))
    }

    /// Takes the ink of reading `len` bytes and handing them to the EVM side, which costs as much again.
    pub fn pay_for_read_and_copy(&mut self, len: u32) -> Result<(), Escape> {
        self.pay_for_read(len)?;
        self.pay_for_read(len)
    }

    /// Price of pages.
    pub fn memory_model(&mut self) -> MemoryModel {
        MemoryModel::new(&self.state().config)
    }

    /// How a request the chain refused ends the program.
    pub fn fail(&mut self, failure: ApiFailure) -> Escape {
        match failure {
            ApiFailure::OutOfGas => self.out_of_ink(),
            ApiFailure::Failure => Escape::Failure("refused by the chain"),
        }
    }

    fn out_of_ink(&mut self) -> Escape {
        let status = self
            .handles
            .ink_status
            .set(&mut self.caller, Val::I32(STATUS_EXHAUSTED));
        match status.and_then(|()| self.handles.ink_left.set(&mut self.caller, Val::I64(0))) {
            Ok(()) => Escape::OutOfInk,
            Err(_) => Escape::Failure("ink cannot be set"),
        }
    }

    fn set_ink(&mut self, ink: u64) -> Result<(), Escape> {
        let ink = Val::I64(ink.cast_signed());
        let set = self.handles.ink_left.set(&mut self.caller, ink);
        set.map_err(|_| Escape::Failure("ink cannot be set"))
    }

    /// Bytes of program memory.
    pub fn read_slice(&mut self, ptr: u32, len: u32) -> Result<Bytes, Escape> {
        Ok(Bytes::copy_from_slice(self.slice(ptr, len as usize)?))
    }

    /// A word of program memory.
    pub fn read_word(&mut self, ptr: u32) -> Result<B256, Escape> {
        Ok(B256::from_slice(self.slice(ptr, 32)?))
    }

    /// A big-endian number in program memory.
    pub fn read_number(&mut self, ptr: u32) -> Result<U256, Escape> {
        Ok(U256::from_be_slice(self.slice(ptr, 32)?))
    }

    /// An address in program memory.
    pub fn read_address(&mut self, ptr: u32) -> Result<Address, Escape> {
        Ok(Address::from_slice(self.slice(ptr, 20)?))
    }

    fn slice(&mut self, ptr: u32, len: usize) -> Result<&[u8], Escape> {
        let memory = self.handles.memory.data(&self.caller);
        let bytes = memory.get(ptr as usize..).and_then(|rest| rest.get(..len));
        bytes.ok_or(Escape::Failure("pointer out of bounds"))
    }

    /// Writes `bytes` to program memory.
    pub fn write_slice(&mut self, ptr: u32, bytes: &[u8]) -> Result<(), Escape> {
        let memory = self.handles.memory.data_mut(&mut self.caller);
        let target = memory
            .get_mut(ptr as usize..)
            .and_then(|rest| rest.get_mut(..bytes.len()));
        target
            .ok_or(Escape::Failure("pointer out of bounds"))?
            .copy_from_slice(bytes);
        Ok(())
    }

    /// Writes a number, big-endian, to program memory.
    pub fn write_number(&mut self, ptr: u32, number: U256) -> Result<(), Escape> {
        self.write_slice(ptr, &number.to_be_bytes::<32>())
    }

    /// Writes a length, little-endian, to program memory.
    pub fn write_length(&mut self, ptr: u32, length: usize) -> Result<(), Escape> {
        self.write_slice(ptr, &length_of(length).to_le_bytes())
    }
}

/// A length as programs see it. Nothing handed to a program is as long as 4 GiB: gas bounds it far below.
pub fn length_of(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
