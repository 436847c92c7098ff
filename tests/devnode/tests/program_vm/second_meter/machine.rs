//! The interpreter: runs one call of a program, taking ink and stack as `stylus-vm.md` says.

use std::collections::{BTreeMap, BTreeSet};

use alloy_primitives::{Address, B256, Bytes};
use devnode::program::ProgramStatus;
use wasmparser::Operator;

use super::{
    arithmetic,
    code::{Code, Function},
    prices,
};
use crate::chain::TestChain;

/// How a call leaves early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    OutOfInk,
    OutOfStack,
    Failure,
    Exit(u64),
}

/// How a call ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ending {
    pub status: ProgramStatus,
    pub gas_left: u64,
    pub output: Bytes,
    /// Most words of stack in use at once.
    pub peak: u64,
    /// Blocks that ran: function and operator they begin at.
    pub blocks: BTreeSet<(usize, usize)>,
    /// Host calls made.
    pub hooks: usize,
}

/// A running call.
pub struct Machine<'a, 'c> {
    pub code: &'a Code<'a>,
    pub chain: &'c mut TestChain,
    pub memory: Vec<u8>,
    pub ink: u64,
    pub calldata: Bytes,
    pub output: Bytes,
    pub returned: Bytes,
    /// Slots: value seen by the program, value known to be in state.
    pub slots: BTreeMap<B256, (B256, Option<B256>)>,
    pub reads: u64,
    pub writes: u64,
    pub last_code: Option<(Address, Bytes)>,
    globals: Vec<u64>,
    stack: Vec<u64>,
    words_left: u64,
    words: u64,
    peak: u64,
    blocks: BTreeSet<(usize, usize)>,
    hooks: usize,
}

/// What a branch goes to.
struct Label {
    target: usize,
    height: usize,
    arity: usize,
    is_loop: bool,
}

/// Runs the program `code` on `chain` with `gas`, as a cached one.
pub fn run(code: &Code<'_>, chain: &mut TestChain, calldata: &[u8], gas: u64) -> Ending {
    let (open, ever) = chain.pages;
    let footprint = code.counts.pages;
    let (_, _, cached_init, _) = prices::activation(&code.counts);
    let config = chain.config.clone();
    let scaled = (cached_init * u64::from(config.cached_cost_scalar) * 2).div_ceil(100);
    let entry = prices::pages(footprint, open.into(), ever.into())
        .saturating_add(u64::from(config.min_cached_init_gas) * 32 + scaled);
    let mut ending = Ending {
        status: ProgramStatus::OutOfInk,
        gas_left: 0,
        output: Bytes::new(),
        peak: 0,
        blocks: BTreeSet::new(),
        hooks: 0,
    };
    let Some(gas) = gas.checked_sub(entry) else {
        return ending;
    };
    let opened = open + footprint as u16;
    chain.pages = (opened, ever.max(opened));
    let mut machine = Machine {
        ink: gas.saturating_mul(config.ink_price.into()),
        memory: vec![0; (footprint as usize) << 16],
        globals: code.globals.clone(),
        words: config.max_stack_depth.into(),
        words_left: config.max_stack_depth.into(),
        code,
        chain,
        calldata: Bytes::copy_from_slice(calldata),
        output: Bytes::new(),
        returned: Bytes::new(),
        slots: BTreeMap::new(),
        reads: 0,
        writes: 0,
        last_code: None,
        stack: Vec::new(),
        peak: 0,
        blocks: BTreeSet::new(),
        hooks: 0,
    };
    for (at, bytes) in &code.data {
        machine.memory[*at as usize..][..bytes.len()].copy_from_slice(bytes);
    }
    machine.stack.push(calldata.len() as u64);
    let stop = machine.call(code.entrypoint);
    ending.status = match stop {
        Ok(()) if machine.stack.pop() == Some(0) => ProgramStatus::Success,
        Err(Stop::Exit(0)) => ProgramStatus::Success,
        Ok(()) | Err(Stop::Exit(_)) => ProgramStatus::Revert,
        Err(Stop::Failure) => ProgramStatus::Failure,
        Err(Stop::OutOfInk) => ProgramStatus::OutOfInk,
        Err(Stop::OutOfStack) => ProgramStatus::OutOfStack,
    };
    (ending.peak, ending.hooks) = (machine.peak, machine.hooks);
    ending.blocks = std::mem::take(&mut machine.blocks);
    let left = machine.ink / u64::from(config.ink_price);
    match ending.status {
        ProgramStatus::Success | ProgramStatus::Revert => {
            ending.output = std::mem::take(&mut machine.output);
            let words = (ending.output.len() as u64).div_ceil(32);
            // The least that returning so much costs: 3 w + w² / 512.
            match gas.checked_sub(3 * words + words * words / 512) {
                Some(most) => ending.gas_left = left.min(most),
                None => (ending.status, ending.output) = (ProgramStatus::OutOfInk, Bytes::new()),
            }
        }
        ProgramStatus::Failure => ending.gas_left = left,
        ProgramStatus::OutOfInk | ProgramStatus::OutOfStack => {}
    }
    let ever = chain.pages.1;
    chain.pages = (open, ever);
    ending
}

impl Machine<'_, '_> {
    /// Takes ink.
    pub fn pay(&mut self, ink: u64) -> Result<(), Stop> {
        self.ink = self.ink.checked_sub(ink).ok_or(Stop::OutOfInk)?;
        Ok(())
    }

    fn pop(&mut self) -> u64 {
        self.stack.pop().expect("valid code")
    }

    fn call(&mut self, function: u32) -> Result<(), Stop> {
        let index = function as usize;
        if let Some((module, name, ty)) = self.code.imports.get(index) {
            let arguments = self.stack.len() - self.code.types[*ty].params().len();
            let arguments = self.stack.split_off(arguments);
            self.hooks += 1;
            if let Some(result) = self.hook(module, name, &arguments)? {
                self.stack.push(result);
            }
            return Ok(());
        }
        let index = index - self.code.imports.len();
        let function = &self.code.functions[index];
        if self.words_left <= function.frame {
            // What the peak would have been, for a run with a larger stack.
            return Err(Stop::OutOfStack);
        }
        self.words_left -= function.frame;
        self.peak = self.peak.max(self.words - self.words_left);
        let ty = &self.code.types[function.ty];
        let base = self.stack.len() - ty.params().len();
        let mut locals = self.stack.split_off(base);
        locals.resize(locals.len() + function.locals, 0);
        let gives_back = self.run_body(index, function, locals)?;
        let results = self.stack.len() - ty.results().len();
        self.stack.drain(base..results);
        if gives_back {
            self.words_left += function.frame;
        }
        Ok(())
    }

    /// Runs a body to its end; false when it left by a branch out of its outermost block, which gives no stack back.
    fn run_body(
        &mut self,
        index: usize,
        function: &Function<'_>,
        mut locals: Vec<u64>,
    ) -> Result<bool, Stop> {
        use Operator as O;
        let mut labels: Vec<Label> = Vec::new();
        let mut pc = 0;
        loop {
            let charge = function.charges[pc];
            if charge > 0 {
                self.pay(charge)?;
                self.blocks.insert((index, pc));
            }
            let operator = &function.operators[pc];
            let mut jump = None;
            match operator {
                O::Unreachable => return Err(Stop::Failure),
                O::Nop => {}
                O::Block { blockty } => labels.push(Label {
                    target: function.ends[pc] + 1,
                    height: self.stack.len(),
                    arity: self.code.results(*blockty),
                    is_loop: false,
                }),
                O::Loop { .. } => labels.push(Label {
                    target: pc + 1,
                    height: self.stack.len(),
                    arity: 0,
                    is_loop: true,
                }),
                O::If { blockty } => {
                    let holds = self.pop() as u32 != 0;
                    let label = Label {
                        target: function.ends[pc] + 1,
                        height: self.stack.len(),
                        arity: self.code.results(*blockty),
                        is_loop: false,
                    };
                    match (holds, function.elses[pc]) {
                        (true, _) => labels.push(label),
                        (false, Some(otherwise)) => {
                            labels.push(label);
                            pc = otherwise + 1;
                            continue;
                        }
                        (false, None) => {
                            pc = label.target;
                            continue;
                        }
                    }
                }
                O::Else => {
                    // The end of the first branch.
                    labels.pop();
                    pc = function.ends[pc] + 1;
                    continue;
                }
                O::End => {
                    if labels.pop().is_none() {
                        return Ok(true);
                    }
                }
                O::Return => return Ok(true),
                O::Br { relative_depth } => jump = Some(*relative_depth),
                O::BrIf { relative_depth } => {
                    if self.pop() as u32 != 0 {
                        jump = Some(*relative_depth);
                    }
                }
                O::BrTable { targets } => {
                    let wanted = self.pop() as u32 as usize;
                    let depths: Vec<u32> = targets.targets().map_while(Result::ok).collect();
                    jump = Some(depths.get(wanted).copied().unwrap_or(targets.default()));
                }
                O::Call { function_index } => self.call(*function_index)?,
                O::CallIndirect { type_index, .. } => {
                    let entry = self.pop() as u32 as usize;
                    let callee = self.code.table.get(entry).copied().flatten();
                    let callee = callee.ok_or(Stop::Failure)?;
                    if self.code.type_of(callee) != &self.code.types[*type_index as usize] {
                        return Err(Stop::Failure);
                    }
                    self.call(callee)?;
                }
                O::Drop => drop(self.pop()),
                O::Select => {
                    let (first, b, a) = (self.pop() as u32 != 0, self.pop(), self.pop());
                    self.stack.push(if first { a } else { b });
                }
                O::LocalGet { local_index } => self.stack.push(locals[*local_index as usize]),
                O::LocalSet { local_index } => locals[*local_index as usize] = self.pop(),
                O::LocalTee { local_index } => {
                    locals[*local_index as usize] = *self.stack.last().expect("valid code");
                }
                O::GlobalGet { global_index } => {
                    self.stack.push(self.globals[*global_index as usize]);
                }
                O::GlobalSet { global_index } => {
                    self.globals[*global_index as usize] = self.pop();
                }
                other => self.compute(other)?,
            }
            match jump {
                None => pc += 1,
                Some(depth) => {
                    let Some(at) = labels.len().checked_sub(1 + depth as usize) else {
                        return Ok(false);
                    };
                    let label = &labels[at];
                    let values = self.stack.split_off(self.stack.len() - label.arity);
                    self.stack.truncate(label.height);
                    self.stack.extend(values);
                    pc = label.target;
                    labels.truncate(if label.is_loop { at + 1 } else { at });
                }
            }
        }
    }

    fn compute(&mut self, operator: &Operator<'_>) -> Result<(), Stop> {
        use Operator as O;
        match operator {
            O::I32Const { value } => self.stack.push(u64::from(value.cast_unsigned())),
            O::I64Const { value } => self.stack.push(value.cast_unsigned()),
            O::MemorySize { .. } => self.stack.push((self.memory.len() >> 16) as u64),
            O::MemoryGrow { .. } => self.grow()?,
            O::MemoryFill { .. } | O::MemoryCopy { .. } => {
                let (len, from, to) = (self.pop(), self.pop(), self.pop());
                self.pay(len * prices::BYTE)?;
                let (len, from, to) = (len as usize, from as usize, to as usize);
                let fits = |at: usize| at + len <= self.memory.len();
                if matches!(operator, O::MemoryFill { .. }) {
                    if !fits(to) {
                        return Err(Stop::Failure);
                    }
                    self.memory[to..to + len].fill(from as u8);
                } else {
                    if !fits(to) || !fits(from) {
                        return Err(Stop::Failure);
                    }
                    self.memory.copy_within(from..from + len, to);
                }
            }
            other => {
                if let Some((offset, width, sign)) = arithmetic::load(other) {
                    let at = self.pop() + offset;
                    let bytes = self.bytes(at, width as u64)?;
                    let mut cell = [0; 8];
                    cell[..width].copy_from_slice(bytes);
                    let value = u64::from_le_bytes(cell);
                    let value =
                        sign.map_or(value, |bits| arithmetic::sign_extend(value, width, bits));
                    self.stack.push(value);
                } else if let Some((offset, width)) = arithmetic::store(other) {
                    let value = self.pop().to_le_bytes();
                    let at = self.pop() + offset;
                    self.write(at, &value[..width])?;
                } else {
                    let top = self.pop();
                    let result = match arithmetic::unary(other, top) {
                        Some(result) => result,
                        None => {
                            let first = self.pop();
                            let result = arithmetic::binary(other, first, top);
                            result
                                .unwrap_or_else(|| panic!("{other:?}"))
                                .ok_or(Stop::Failure)?
                        }
                    };
                    self.stack.push(result);
                }
            }
        }
        Ok(())
    }

    /// memory.grow, paid before it happens unless the memory cannot grow at all.
    fn grow(&mut self) -> Result<(), Stop> {
        let (least, most) = self.code.memory;
        let pages = self.pop() as u32;
        if most != Some(least) {
            self.hook("vm_hooks", "pay_for_memory_grow", &[pages.into()])?;
        }
        let before = self.memory.len() >> 16;
        let after = before as u64 + u64::from(pages);
        let result = if after <= most.unwrap_or(128).min(128) {
            self.memory.resize((after as usize) << 16, 0);
            before as u64
        } else {
            u64::from(u32::MAX)
        };
        self.stack.push(result);
        Ok(())
    }

    /// Bytes of memory.
    pub fn bytes(&self, at: u64, len: u64) -> Result<&[u8], Stop> {
        let end = at.checked_add(len).ok_or(Stop::Failure)?;
        self.memory
            .get(at as usize..end as usize)
            .ok_or(Stop::Failure)
    }

    /// Writes to memory.
    pub fn write(&mut self, at: u64, bytes: &[u8]) -> Result<(), Stop> {
        let end = at.checked_add(bytes.len() as u64).ok_or(Stop::Failure)?;
        let target = self.memory.get_mut(at as usize..end as usize);
        target.ok_or(Stop::Failure)?.copy_from_slice(bytes);
        Ok(())
    }
}
