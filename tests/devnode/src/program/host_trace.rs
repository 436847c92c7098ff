//! What a trace of host calls remembers: every call a program made into the chain, with what went in, what came out and the ink
//! before and after. Frames nest: the steps of a callee stand inside the step that called it.
//!
//! The shape is the one `cargo stylus trace` and `replay` read. Each program frame begins with `user_entrypoint` and ends with
//! `user_returned`; a frame nobody asked for through a host call (a Solidity contract calling) stands as a step `evm_…` of its own.

use std::borrow::Cow;

use alloy_primitives::{Address, Bytes};
use serde::Serialize;

/// Steps one trace may hold. The cheapest host call costs 8,400 ink, so 32 M gas could buy 38 million of them.
pub const MAX_STEPS: usize = 250_000;
/// Bytes of arguments and results one trace may hold.
pub const MAX_BYTES: usize = 64 << 20;

/// One call into the chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HostStep {
    /// Name of the import, or `evm_…` for a frame that EVM code opened.
    pub name: Cow<'static, str>,
    /// What the program gave, numbers big-endian, one after the other.
    pub args: Bytes,
    /// What it got.
    pub outs: Bytes,
    /// Ink when the call began.
    pub start_ink: u64,
    /// Ink when it was over.
    pub end_ink: u64,
    /// Frame the call opened.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub frame: Option<InnerFrame>,
}

/// A frame inside a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InnerFrame {
    /// Whose code ran.
    pub address: Address,
    /// What it did.
    pub steps: Vec<HostStep>,
}

/// A trace while it grows.
#[derive(Clone, Debug, Default)]
pub struct HostTrace {
    /// Steps of the frame that runs now.
    steps: Vec<HostStep>,
    /// Frames around it: what called, whose code was called, and the steps before the call.
    open: Vec<(&'static str, Address, Vec<HostStep>)>,
    recorded: usize,
    bytes: usize,
    overflowed: bool,
}

impl HostTrace {
    /// A frame begins; `name` is `evm_` and the call instruction.
    pub fn enter(&mut self, name: &'static str, address: Address) {
        let outer = std::mem::take(&mut self.steps);
        self.open.push((name, address, outer));
    }

    /// The newest frame is over; `created` is its address where that was not known before.
    pub fn exit(&mut self, created: Option<Address>) {
        let Some((name, address, outer)) = self.open.pop() else {
            return;
        };
        let steps = std::mem::replace(&mut self.steps, outer);
        self.push(HostStep {
            name: Cow::Borrowed(name),
            args: Bytes::new(),
            outs: Bytes::new(),
            start_ink: 0,
            end_ink: 0,
            frame: Some(InnerFrame {
                address: created.unwrap_or(address),
                steps,
            }),
        });
    }

    /// Steps of the running frame so far: a mark for [`Self::record`].
    pub fn mark(&self) -> usize {
        self.steps.len()
    }

    /// Adds a host call that began at `mark`. The frame a call to another contract opened meanwhile becomes part of its step; a call
    /// that opened none (refused before) gets an empty one at `callee`.
    pub fn record(&mut self, mark: usize, callee: Option<Address>, mut step: HostStep) {
        if let Some(address) = callee {
            let opened = (self.steps.len() > mark)
                .then(|| self.steps.pop())
                .flatten()
                .and_then(|step| step.frame);
            step.frame = Some(opened.unwrap_or(InnerFrame {
                address,
                steps: Vec::new(),
            }));
        }
        self.push(step);
    }

    fn push(&mut self, step: HostStep) {
        self.recorded += 1;
        self.bytes += step.args.len() + step.outs.len();
        if self.recorded > MAX_STEPS || self.bytes > MAX_BYTES {
            self.overflowed = true;
            return;
        }
        self.steps.push(step);
    }

    /// Steps of the outermost frame; `None` when there were more than a trace may hold.
    pub fn finish(mut self) -> Option<Vec<HostStep>> {
        if self.overflowed {
            return None;
        }
        let outermost = self.steps.pop().and_then(|step| step.frame);
        Some(outermost.map_or_else(Vec::new, |frame| frame.steps))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(name: &'static str) -> HostStep {
        HostStep {
            name: Cow::Borrowed(name),
            args: Bytes::new(),
            outs: Bytes::new(),
            start_ink: 2,
            end_ink: 1,
            frame: None,
        }
    }

    #[test]
    fn the_frame_a_call_opened_stands_inside_its_step() {
        let (outer, inner) = (Address::with_last_byte(1), Address::with_last_byte(2));
        let mut trace = HostTrace::default();
        trace.enter("evm_call_contract", outer);
        trace.record(0, None, step("read_args"));
        let mark = trace.mark();
        trace.enter("evm_static_call_contract", inner);
        trace.record(0, None, step("msg_sender"));
        trace.exit(None);
        trace.record(mark, Some(inner), step("static_call_contract"));
        trace.exit(None);
        let steps = trace.finish().expect("small");
        assert_eq!(steps.len(), 2);
        assert_eq!(steps[1].name, "static_call_contract");
        let frame = steps[1].frame.as_ref().expect("a frame");
        assert_eq!((frame.address, frame.steps.len()), (inner, 1));
    }

    #[test]
    fn a_call_refused_before_it_opened_a_frame_takes_nothing_of_the_steps_before() {
        let mut trace = HostTrace::default();
        trace.enter("evm_call_contract", Address::ZERO);
        trace.record(0, None, step("read_args"));
        let (mark, callee) = (trace.mark(), Address::with_last_byte(3));
        trace.record(mark, Some(callee), step("call_contract"));
        trace.exit(None);
        let steps = trace.finish().expect("small");
        assert_eq!((steps.len(), steps[0].name.as_ref()), (2, "read_args"));
        assert_eq!(steps[1].frame.as_ref().map(|f| f.address), Some(callee));
    }

    #[test]
    fn a_trace_that_grows_too_long_is_given_up() {
        let mut trace = HostTrace::default();
        trace.enter("evm_call_contract", Address::ZERO);
        for _ in 0..=MAX_STEPS {
            trace.record(0, None, step("msg_sender"));
        }
        trace.exit(None);
        assert_eq!(trace.finish(), None);
    }
}
