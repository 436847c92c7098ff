//! Runs the compiled mathematics under the node's meter, call by call, on one instance.

use devnode::program::{PureCallError, PureFunction, PureInstance, PureModule, StylusConfig};

/// Words the module sets aside for inputs and outputs.
const AREA_WORDS: usize = 2_048;
/// Of these for inputs; outputs follow.
const INPUT_WORDS: usize = 1_024;

/// The compiled mathematics, metered. Cheap to clone.
#[derive(Clone)]
pub struct QuantModule(PureModule);

/// An instance of it: what was computed before leaves no trace in what is computed next.
pub struct Runner {
    instance: PureInstance,
    input: u32,
    output: u32,
}

/// What one call gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Called {
    /// Whether the inputs have a result; without one the outputs are meaningless.
    pub accepted: bool,
    /// Ink of the call.
    pub ink: u64,
}

impl QuantModule {
    /// Meters and compiles `wasm` at the prices of Arbitrum One.
    ///
    /// # Errors
    /// [`PureCallError`]: the chain or the engine would refuse the module.
    pub fn new(wasm: &[u8]) -> Result<Self, PureCallError> {
        PureModule::new(wasm, &StylusConfig::default()).map(Self)
    }

    /// A new instance.
    ///
    /// # Errors
    /// [`PureCallError`]: the module has no exchange area.
    pub fn runner(&self) -> Result<Runner, PureCallError> {
        let mut instance = self.0.instantiate()?;
        let input = instance.address("exchange_area")?;
        Ok(Runner {
            instance,
            input,
            output: input + 8 * INPUT_WORDS as u32,
        })
    }
}

impl Runner {
    /// The exported function `name`.
    ///
    /// # Errors
    /// [`PureCallError::MissingExport`].
    pub fn function(&mut self, name: &str) -> Result<PureFunction, PureCallError> {
        self.instance.function(name)
    }

    /// Calls `function` on the words of `input`, at most 1,024, and reads as many words as `output` holds.
    ///
    /// # Errors
    /// [`PureCallError::OutOfMemory`] if there are more words than fit, [`PureCallError::Trapped`].
    pub fn call(
        &mut self,
        function: &PureFunction,
        input: &[u64],
        output: &mut [u64],
    ) -> Result<Called, PureCallError> {
        for (words, most) in [
            (input.len(), INPUT_WORDS),
            (output.len(), AREA_WORDS - INPUT_WORDS),
        ] {
            if words > most {
                return Err(PureCallError::OutOfMemory {
                    address: self.input,
                    words,
                    bytes: 8 * most,
                });
            }
        }
        self.instance.write(self.input, input)?;
        let outcome = self.instance.call(function, self.input, self.output)?;
        self.instance.read(self.output, output)?;
        Ok(Called {
            accepted: outcome.status == 0,
            ink: outcome.ink,
        })
    }
}
