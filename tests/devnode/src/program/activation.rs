//! Activation: unpack, check and instrument a program, and put a price on the work and on later calls.

use alloy_primitives::{B256, keccak256};
use thiserror::Error;

use super::{
    code_format::{self, CodeError},
    config::StylusConfig,
    instrument::{Counts, ModuleError, instrument},
    validate::Rules,
};

/// Gas that `activateProgram` burns before looking at the program.
pub const ACTIVATION_BASE_GAS: u64 = 1_659_168;

/// Gas of a microsecond of activation work: 2 · 7,000,000 / 500,000.
const GAS_PER_MICROSECOND: u64 = 28;

/// A program that can run, and what the chain keeps about it.
#[derive(Clone, Debug)]
pub struct Activated {
    /// The instrumented module.
    pub module: Vec<u8>,
    /// Hash of the code as it stands on chain.
    pub code_hash: B256,
    /// Hash of the instrumented module. The chain hashes the form its prover uses; only the event shows it.
    pub module_hash: B256,
    /// Stylus version it was activated under.
    pub version: u16,
    /// Pages the memory starts with.
    pub footprint: u16,
    /// Cost of starting it uncached, before scaling.
    pub init_cost: u16,
    /// Cost of starting it cached, before scaling.
    pub cached_init: u16,
    /// Estimated bytes of its native code, what the data fee is asked for.
    pub asm_estimate: u32,
    /// How hard registers are to allocate for its native code. Decides which compiler it gets, and nothing the chain could see.
    pub allocation_effort: u64,
    /// Gas of checking and instrumenting it, besides [`ACTIVATION_BASE_GAS`].
    pub gas: u64,
}

/// Why a program cannot be activated. The chain burns all gas for any of them.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ActivationError {
    /// The code cannot be unpacked.
    #[error(transparent)]
    Code(#[from] CodeError),
    /// The module is refused.
    #[error(transparent)]
    Module(#[from] ModuleError),
    /// A cost is too large to be stored.
    #[error("{cost} cost {given} exceeds {allowed}")]
    CostTooLarge {
        /// Which cost.
        cost: &'static str,
        /// What it is.
        given: u64,
        /// Largest that can be stored.
        allowed: u64,
    },
}

/// Activates `code`, a program in one piece, under the rules of `config`, in a transaction that has `open_pages` open.
///
/// # Errors
/// [`ActivationError`]: the code cannot be unpacked, the module is refused, or a cost cannot be stored.
pub fn activate(
    code: &[u8],
    config: &StylusConfig,
    open_pages: u16,
) -> Result<Activated, ActivationError> {
    activate_fragments::<&[u8]>(code, &[], config, open_pages)
}

/// As [`activate`], for a program whose `code` may name fragments ([`code_format::root`]), whose code `fragments` gives in order.
/// Reading them is the caller's to charge.
///
/// # Errors
/// [`ActivationError`]: the code cannot be unpacked, the module is refused, or a cost cannot be stored.
pub fn activate_fragments<F: AsRef<[u8]>>(
    code: &[u8],
    fragments: &[F],
    config: &StylusConfig,
    open_pages: u16,
) -> Result<Activated, ActivationError> {
    let wasm = code_format::unpack(code, fragments, config)?;
    let pages = config.page_limit.saturating_sub(open_pages);
    let instrumented = instrument(
        &wasm,
        Rules {
            version: config.version,
            pages,
        },
    )?;
    let counts = instrumented.counts;
    let cached_init = cached_init_cost(&counts);
    let mut init = init_cost(&counts);
    if config.version < 2 {
        init += cached_init;
    }
    let asm = asm_estimate(&counts);
    Ok(Activated {
        code_hash: keccak256(code),
        module_hash: keccak256(&instrumented.wasm),
        module: instrumented.wasm,
        version: config.version,
        footprint: counts.initial_pages,
        init_cost: storable("init", init)?,
        cached_init: storable("cached init", cached_init)?,
        asm_estimate: storable("native code", asm)?,
        allocation_effort: instrumented.allocation_effort,
        gas: activation_gas(&counts),
    })
}

/// Gas of the work, each part rounded down to a microsecond.
fn activation_gas(counts: &Counts) -> u64 {
    let microseconds = counts.wasm_len * 31_733 / 100_000
        + counts.functions * 17_263 / 100_000
        + counts.data_bytes * 17_376 / 100_000
        + counts.element_entries * 17_376 / 100_000
        + u64::from(counts.initial_pages) * 2_217
        + counts.operators * 535 / 1_000;
    microseconds * GAS_PER_MICROSECOND
}

fn asm_estimate(counts: &Counts) -> u64 {
    512_000
        + counts.functions * 996_829 / 1_000
        + counts.type_len * 11_416 / 1_000
        + counts.wasm_len * 62_628 / 10_000
}

fn cached_init_cost(counts: &Counts) -> u64 {
    counts.functions * 13_420 / 100_000
        + counts.type_len * 89 / 100_000
        + counts.wasm_len * 122 / 100_000
        + counts.globals * 1_628 / 1_000
        + (counts.data_bytes + counts.element_entries) * 75_244 / 100_000
        + u64::from(counts.initial_pages) * 5
}

fn init_cost(counts: &Counts) -> u64 {
    counts.functions * 8_252 / 1_000
        + counts.type_len * 1_059 / 1_000
        + counts.wasm_len * 1_286 / 10_000
}

fn storable<T: TryFrom<u64>>(cost: &'static str, given: u64) -> Result<T, ActivationError> {
    let allowed = if size_of::<T>() == 2 {
        u64::from(u16::MAX)
    } else {
        u64::from(u32::MAX)
    };
    T::try_from(given).map_err(|_| ActivationError::CostTooLarge {
        cost,
        given,
        allowed,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const COUNTS: Counts = Counts {
        wasm_len: 10_000,
        functions: 100,
        type_len: 300,
        globals: 5,
        data_bytes: 2_000,
        element_entries: 50,
        initial_pages: 17,
        operators: 40_000,
    };

    #[test]
    fn work_is_priced_by_hand_computed_figures() {
        // 3173 + 17 + 347 + 8 + 37689 + 21400 = 62634 µs
        assert_eq!(activation_gas(&COUNTS), 62_634 * 28);
        // 512000 + 99682 + 3424 + 62628
        assert_eq!(asm_estimate(&COUNTS), 677_734);
        // 13 + 0 + 12 + 8 + 1542 + 85
        assert_eq!(cached_init_cost(&COUNTS), 1_660);
        // 825 + 317 + 1286
        assert_eq!(init_cost(&COUNTS), 2_428);
    }

    /// Counts so large that every factor and every divisor shows in the last digits.
    #[test]
    fn every_factor_counts() {
        let many = 100_000_000;
        let counts = Counts {
            wasm_len: many,
            functions: many,
            type_len: many,
            globals: many,
            data_bytes: many,
            element_entries: many,
            initial_pages: 17,
            operators: many,
        };
        // 31,733,000 + 17,263,000 + 2 · 17,376,000 + 37,689 + 53,500,000 µs
        assert_eq!(activation_gas(&counts), 137_285_689 * 28);
        // 512,000 + 99,682,900,000 + 1,141,600,000 + 626,280,000
        assert_eq!(asm_estimate(&counts), 101_451_292_000);
        // 13,420,000 + 89,000 + 122,000 + 162,800,000 + 150,488,000 + 85
        assert_eq!(cached_init_cost(&counts), 326_919_085);
        // 825,200,000 + 105,900,000 + 12,860,000
        assert_eq!(init_cost(&counts), 943_960_000);
    }

    #[test]
    fn version_1_puts_the_cached_cost_into_the_other() {
        let module = wat::parse_str(
            r#"(module (memory (export "memory") 3 3)
                (func (export "user_entrypoint") (param i32) (result i32) i32.const 0))"#,
        );
        let code = code_format::pack(&module.unwrap()).unwrap();
        let at = |version| {
            let config = StylusConfig {
                version,
                ..StylusConfig::arbos_40()
            };
            activate(&code, &config, 0).unwrap()
        };
        assert!(at(1).cached_init > 0);
        assert_eq!(at(1).init_cost, at(2).init_cost + at(2).cached_init);
        assert_eq!(at(2).init_cost, at(3).init_cost);
    }

    #[test]
    fn costs_that_cannot_be_stored_are_refused() {
        assert_eq!(storable::<u16>("init", 65_535), Ok(65_535));
        let error = ActivationError::CostTooLarge {
            cost: "init",
            given: 65_536,
            allowed: 65_535,
        };
        assert_eq!(storable::<u16>("init", 65_536), Err(error));
    }
}
