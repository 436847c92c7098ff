//! Precompiles: Ethereum's, and those of ArbOS that contracts, `cargo stylus` and the set-up of a devnode use.

mod abi;
mod arb_owner;
mod arb_wasm;
mod arb_wasm_cache;
mod call;
mod chain_facts;

use alloy_primitives::{Address, Bytes};
use revm::{
    context::{Cfg, ContextTr},
    handler::{EthPrecompiles, PrecompileProvider},
    interpreter::{CallInputs, CallScheme, Gas, InstructionResult, InterpreterResult},
    precompile::{Precompiles, secp256r1::P256VERIFY},
    primitives::{AddressSet, hardfork::SpecId},
};
use std::sync::LazyLock;

pub(super) use self::abi::ArbWasm;
use self::call::{Call, Stop};
use super::Ctx;

const fn at(low_byte: u8) -> Address {
    Address::with_last_byte(low_byte)
}

const ARB_SYS: Address = at(0x64);
const ARB_INFO: Address = at(0x65);
const ARB_OWNER_PUBLIC: Address = at(0x6b);
const ARB_GAS_INFO: Address = at(0x6c);
const ARB_OWNER: Address = at(0x70);
const ARB_WASM: Address = at(0x71);
const ARB_WASM_CACHE: Address = at(0x72);
const ARB_DEBUG: Address = at(0xff);

/// Addresses that hold the one-byte code `0xFE` on a chain of Arbitrum. Those not answered here fail as that code does.
pub const ADDRESSES: [Address; 15] = [
    ARB_SYS,
    ARB_INFO,
    at(0x66),
    at(0x67),
    at(0x68),
    ARB_OWNER_PUBLIC,
    ARB_GAS_INFO,
    at(0x6d),
    at(0x6e),
    at(0x6f),
    ARB_OWNER,
    ARB_WASM,
    ARB_WASM_CACHE,
    at(0x73),
    ARB_DEBUG,
];

type Handler = fn(&mut Call<'_>, &[u8]) -> Result<Bytes, Stop>;

fn handler(address: Address) -> Option<Handler> {
    Some(match address {
        ARB_SYS => chain_facts::arb_sys,
        ARB_INFO => chain_facts::arb_info,
        ARB_GAS_INFO => chain_facts::arb_gas_info,
        ARB_OWNER_PUBLIC => arb_owner::public,
        ARB_OWNER => arb_owner::run,
        ARB_DEBUG => arb_owner::debug,
        ARB_WASM => arb_wasm::run,
        ARB_WASM_CACHE => arb_wasm_cache::run,
        _ => return None,
    })
}

/// Ethereum's precompiles and ArbOS's behind one address lookup.
pub struct ArbPrecompiles {
    ethereum: EthPrecompiles,
    warm: AddressSet,
}

/// Prague's set and P-256, which Arbitrum has had since ArbOS 30 and Ethereum since Osaka.
static PRAGUE: LazyLock<Precompiles> = LazyLock::new(|| {
    let mut precompiles = Precompiles::prague().clone();
    precompiles.extend([P256VERIFY]);
    precompiles
});

impl ArbPrecompiles {
    /// The set of the rules in force.
    pub fn new(spec: SpecId) -> Self {
        let mut ethereum = EthPrecompiles::new(spec);
        if spec == SpecId::PRAGUE {
            ethereum.precompiles = &PRAGUE;
        }
        let warm = ethereum
            .warm_addresses()
            .iter()
            .copied()
            .chain(ADDRESSES)
            .collect();
        Self { ethereum, warm }
    }
}

impl PrecompileProvider<Ctx> for ArbPrecompiles {
    type Output = InterpreterResult;

    fn set_spec(&mut self, spec: <<Ctx as ContextTr>::Cfg as Cfg>::Spec) -> bool {
        // The rules never change under a running node; `spec` is what the set was built from.
        debug_assert_eq!(spec, self.ethereum.spec);
        false
    }

    fn run(
        &mut self,
        context: &mut Ctx,
        inputs: &CallInputs,
    ) -> Result<Option<InterpreterResult>, String> {
        match handler(inputs.bytecode_address) {
            Some(handler) => Ok(Some(run_arbos(handler, context, inputs))),
            None => self.ethereum.run(context, inputs),
        }
    }

    fn warm_addresses(&self) -> &AddressSet {
        &self.warm
    }
}

fn run_arbos(handler: Handler, context: &mut Ctx, inputs: &CallInputs) -> InterpreterResult {
    let input = inputs.input.bytes(context);
    let mut call = Call {
        ctx: context,
        gas_left: inputs.gas_limit,
        address: inputs.bytecode_address,
        caller: inputs.caller,
        value: inputs.value.get(),
        is_static: inputs.is_static,
        is_direct: matches!(inputs.scheme, CallScheme::Call | CallScheme::StaticCall),
        free_of_charge: false,
    };
    let finished = handler(&mut call, &input).and_then(|output| {
        call.burn(call::word_gas(output.len()))?;
        Ok(output)
    });
    let gas_left = if call.free_of_charge {
        inputs.gas_limit
    } else {
        call.gas_left
    };
    let (result, gas_left, output) = match finished {
        Ok(output) => (InstructionResult::Return, gas_left, output),
        Err(Stop::Revert(data)) => (InstructionResult::Revert, gas_left, data),
        Err(Stop::Rejected | Stop::OutOfGas) => (InstructionResult::Revert, 0, Bytes::new()),
        Err(Stop::Activation(message)) => {
            context.chain.failure = Some(format!("program activation failed: {message}"));
            (InstructionResult::PrecompileError, 0, Bytes::new())
        }
    };
    let mut gas = Gas::new(inputs.gas_limit);
    gas.set_remaining(gas_left);
    InterpreterResult {
        result,
        gas,
        output,
    }
}
