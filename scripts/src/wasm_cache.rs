//! Programs built earlier, so that nothing is compiled, optimised or compressed twice.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::{fs, io};

use alloy::primitives::{B256, Bytes, keccak256};
use serde::{Deserialize, Serialize};

use crate::checkout::Checkout;
use crate::program::Program;
use crate::wasm_build::{BuiltProgram, Programs, WASM_OPT};

/// What was built last, by program name.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Cache {
    /// Hash of everything that went in.
    pub(crate) inputs: B256,
    programs: BTreeMap<String, CachedProgram>,
}

#[derive(Serialize, Deserialize)]
struct CachedProgram {
    /// Hash of the module cargo made and of how it is optimised.
    module: B256,
    module_size: usize,
    code: Bytes,
}

impl Cache {
    /// Empty when missing or unreadable: then everything is packed anew.
    pub(crate) fn read(checkout: &Checkout) -> Self {
        fs::read(Self::file(checkout))
            .ok()
            .and_then(|text| serde_json::from_slice(&text).ok())
            .unwrap_or_default()
    }

    /// Writes it for the next run.
    pub(crate) fn write(&self, checkout: &Checkout) -> io::Result<()> {
        fs::write(Self::file(checkout), serde_json::to_vec(self)?)
    }

    fn file(checkout: &Checkout) -> PathBuf {
        checkout.programs().join("cache.json")
    }

    /// All programs, if they were built of these inputs.
    pub(crate) fn complete(&self, inputs: B256) -> Option<Programs> {
        let of = |program: Program| {
            self.programs
                .get(program.name())
                .map(|cached| cached.built(program))
        };
        (self.inputs == inputs).then(|| Program::every().map(of).collect())?
    }

    /// A program whose module is the one it was packed from.
    pub(crate) fn unchanged(&self, program: Program, module: B256) -> Option<BuiltProgram> {
        let cached = self.programs.get(program.name())?;
        (cached.module == recipe(module)).then(|| cached.built(program))
    }

    /// Remembers a program and the module it was packed from.
    pub(crate) fn keep(&mut self, built: &BuiltProgram, module: B256) {
        let BuiltProgram {
            program,
            code,
            module_size,
        } = built.clone();
        let cached = CachedProgram {
            module: recipe(module),
            module_size,
            code,
        };
        self.programs.insert(program.name().to_owned(), cached);
    }
}

impl CachedProgram {
    fn built(&self, program: Program) -> BuiltProgram {
        BuiltProgram {
            program,
            code: self.code.clone(),
            module_size: self.module_size,
        }
    }
}

/// A module's hash together with the passes it goes through.
fn recipe(module: B256) -> B256 {
    keccak256([module.as_slice(), WASM_OPT.join(" ").as_bytes()].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_unchanged_modules_are_taken_from_the_cache() {
        let mut cache = Cache::default();
        let (module, other) = (B256::repeat_byte(1), B256::repeat_byte(2));
        for program in Program::every() {
            cache.keep(
                &BuiltProgram {
                    program,
                    code: Bytes::new(),
                    module_size: 0,
                },
                module,
            );
        }
        assert!(cache.unchanged(Program::MarginEngine, module).is_some());
        assert!(cache.unchanged(Program::MarginEngine, other).is_none());
        assert!(cache.complete(B256::ZERO).is_some() && cache.complete(other).is_none());
        cache.programs.remove(Program::MarginEngine.name());
        assert!(cache.complete(B256::ZERO).is_none());
    }
}
