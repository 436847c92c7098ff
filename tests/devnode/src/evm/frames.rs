//! The frame step: EVM code goes to revm's interpreter, Stylus code to the program runner.

use revm::{
    context::FrameStack,
    context_interface::{ContextTr, JournalTr, context::ContextError},
    handler::{
        EthFrame, EvmTr, FrameInitOrResult, FrameResult, ItemOrResult,
        evm::{ContextDbError, FrameInitResult},
        instructions::EthInstructions,
    },
    inspector::inspect_instructions,
    interpreter::{
        CallScheme, FrameInput, InstructionResult, InterpreterAction, interpreter::EthInterpreter,
        interpreter_action::FrameInit,
    },
};
use std::convert::Infallible;

use super::{ArbEvm, Ctx, context::LiveFrame, precompiles::ArbPrecompiles};
use crate::program::{StylusConfig, is_deployable, is_program};

impl EvmTr for ArbEvm {
    type Context = Ctx;
    type Instructions = EthInstructions<EthInterpreter, Ctx>;
    type Precompiles = ArbPrecompiles;
    type Frame = EthFrame<EthInterpreter>;

    fn all(
        &self,
    ) -> (
        &Ctx,
        &Self::Instructions,
        &ArbPrecompiles,
        &FrameStack<Self::Frame>,
    ) {
        (
            &self.0.ctx,
            &self.0.instruction,
            &self.0.precompiles,
            &self.0.frame_stack,
        )
    }

    fn all_mut(
        &mut self,
    ) -> (
        &mut Ctx,
        &mut Self::Instructions,
        &mut ArbPrecompiles,
        &mut FrameStack<Self::Frame>,
    ) {
        (
            &mut self.0.ctx,
            &mut self.0.instruction,
            &mut self.0.precompiles,
            &mut self.0.frame_stack,
        )
    }

    fn frame_init(
        &mut self,
        mut input: FrameInit,
    ) -> Result<FrameInitResult<'_, Self::Frame>, ContextDbError<Ctx>> {
        let mut live = live_frame(&input.frame_input);
        let first_new_log = self.0.ctx.journal().logs().len();
        let traced = self.0.inspector.is_on().then(|| {
            let (ctx, tracer) = (&mut self.0.ctx, &mut self.0.inspector);
            tracer.enter(ctx, &mut input.frame_input);
            input.frame_input.clone()
        });
        let refused = match self.0.frame_init(input)? {
            ItemOrResult::Item(_) => None,
            ItemOrResult::Result(result) => Some(result),
        };
        let (ctx, tracer) = (&mut self.0.ctx, &mut self.0.inspector);
        tracer.logged(ctx, first_new_log);
        if let Some(mut result) = refused {
            if let Some(input) = traced {
                tracer.leave(ctx, &input, &mut result);
            }
            return Ok(ItemOrResult::Result(result));
        }
        let frame = self.0.frame_stack.get();
        if let Some(created) = frame.data.created_address() {
            live.acting = created;
        }
        ctx.chain.frames.push(live);
        tracer.started(ctx, &mut frame.interpreter);
        Ok(ItemOrResult::Item(frame))
    }

    fn frame_run(&mut self) -> Result<FrameInitOrResult<Self::Frame>, ContextDbError<Ctx>> {
        let config = StylusConfig::at_arbos(self.0.ctx.chain.arbos_version);
        let frame = self.0.frame_stack.get();
        let action = if frame.data.is_call()
            && is_program(frame.interpreter.bytecode.original_byte_slice(), &config)
        {
            InterpreterAction::Return(self.run_program_frame()?)
        } else {
            let (instructions, ctx) = (&self.0.instruction, &mut self.0.ctx);
            let (table, gas_table) = (instructions.instruction_table(), instructions.gas_table());
            let interpreter = &mut frame.interpreter;
            let mut action = match self.0.inspector.of_instructions() {
                None => interpreter.run_plain(table, gas_table, ctx),
                Some(tracer) => inspect_instructions(ctx, interpreter, tracer, table, gas_table),
            };
            if frame.data.is_create() {
                refuse_reserved_code(&mut action, &config);
            }
            action
        };
        let frame = self.0.frame_stack.get();
        let next: Result<_, ContextDbError<Ctx>> =
            frame.process_next_action(&mut self.0.ctx, action);
        let mut next = next?;
        if let ItemOrResult::Result(result) = &mut next {
            frame.set_finished(true);
            self.0
                .inspector
                .leave(&mut self.0.ctx, &frame.input, result);
        }
        Ok(next)
    }

    fn frame_return_result(
        &mut self,
        result: FrameResult,
    ) -> Result<Option<FrameResult>, ContextDbError<Ctx>> {
        if self.0.frame_stack.get().is_finished() {
            self.0.ctx.chain.frames.pop();
        }
        self.0.frame_return_result(result)
    }
}

impl ArbEvm {
    /// Runs a frame, and every frame it starts, from inside the frame that is on top now. That frame is a program in the middle of
    /// a host call, so the result is handed back instead of being written into an interpreter.
    pub(super) fn run_nested(
        &mut self,
        init: FrameInit,
    ) -> Result<FrameResult, ContextError<Infallible>> {
        if let ItemOrResult::Result(result) = self.frame_init(init)? {
            return Ok(result);
        }
        let base = self.0.frame_stack.index();
        loop {
            let result = match self.frame_run()? {
                ItemOrResult::Item(init) => match self.frame_init(init)? {
                    ItemOrResult::Item(_) => continue,
                    ItemOrResult::Result(result) => result,
                },
                ItemOrResult::Result(result) => result,
            };
            if self.0.frame_stack.index() == base && self.0.frame_stack.get().is_finished() {
                self.0.ctx.chain.frames.pop();
                self.0.frame_stack.pop();
                return Ok(result);
            }
            self.frame_return_result(result)?;
        }
    }
}

fn live_frame(input: &FrameInput) -> LiveFrame {
    match input {
        FrameInput::Call(call) => LiveFrame {
            acting: call.target_address,
            borrowed: matches!(call.scheme, CallScheme::DelegateCall | CallScheme::CallCode),
        },
        // The address of a creation is known only once its frame exists.
        FrameInput::Create(_) | FrameInput::Empty => LiveFrame {
            acting: Default::default(),
            borrowed: false,
        },
    }
}

/// EIP-3541 with the exception Arbitrum makes: code may start with 0xEF when it is a Stylus program or a part of one.
fn refuse_reserved_code(action: &mut InterpreterAction, config: &StylusConfig) {
    let InterpreterAction::Return(result) = action else {
        return;
    };
    if result.result.is_ok()
        && result.output.first() == Some(&0xEF)
        && !is_deployable(&result.output, config)
    {
        result.result = InstructionResult::CreateContractStartingWithEF;
    }
}
