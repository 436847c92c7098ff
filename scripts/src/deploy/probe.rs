//! Whether a chain takes programs now.

use alloy::providers::Provider;

use super::{ARB_WASM, DeployError, MOST_ACTIVATION_GAS, STYLUS_DEPLOYER};
use crate::bindings::IArbWasm;
use crate::chain::Chain;
use crate::errors::ChainError;

/// Refuses chains that cannot take programs now. Returns their Stylus version.
pub(super) async fn probe(chain: &Chain) -> Result<u16, DeployError> {
    let chain_id = chain.id();
    let version = chain.read(ARB_WASM, &IArbWasm::stylusVersionCall {}).await;
    let version = version.map_err(|error| match error {
        ChainError::Rpc { .. } => DeployError::Chain(error),
        _ => DeployError::NotStylus {
            chain_id,
            what: "ArbWasm precompile",
            address: ARB_WASM,
        },
    })?;
    let gas = chain.read(ARB_WASM, &IArbWasm::activationGasCall {}).await;
    only_unpaused(chain_id, gas)?;
    let code = chain.provider().get_code_at(STYLUS_DEPLOYER).await;
    if code
        .map_err(|error| ChainError::from_rpc("reading StylusDeployer", error))?
        .is_empty()
    {
        let what = "StylusDeployer";
        return Err(DeployError::NotStylus {
            chain_id,
            what,
            address: STYLUS_DEPLOYER,
        });
    }
    Ok(version)
}

/// Judges the answer to `activationGas()`: a price no transaction can pay is a pause. Chains older than ArbOS 59 do not know the question, and
/// have no such pause.
fn only_unpaused(chain_id: u64, gas: Result<u64, ChainError>) -> Result<(), DeployError> {
    match gas {
        Ok(gas) if gas > MOST_ACTIVATION_GAS => {
            Err(DeployError::ActivationsPaused { chain_id, gas })
        }
        Ok(_) | Err(ChainError::Reverted { .. } | ChainError::Undecodable { .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use alloy::primitives::Bytes;
    use alloy::transports::TransportErrorKind;

    use super::*;
    use crate::errors::Revert;

    #[test]
    fn activation_gas_beyond_a_transaction_is_a_pause() {
        for gas in [30_000_001, u64::MAX] {
            let refused = only_unpaused(42_161, Ok(gas));
            assert!(
                matches!(refused, Err(DeployError::ActivationsPaused { chain_id: 42_161, gas: told }) if told == gas),
                "{gas}: {refused:?}"
            );
        }
        for gas in [0, 1_659_168, 30_000_000] {
            assert!(only_unpaused(42_161, Ok(gas)).is_ok(), "{gas}");
        }
    }

    #[test]
    fn chains_that_do_not_know_activation_gas_are_not_paused_but_silence_is_an_error() {
        let action = "activationGas()";
        let revert = Revert(Bytes::new());
        assert!(only_unpaused(1, Err(ChainError::Reverted { action, revert })).is_ok());
        let error = alloy::sol_types::Error::Overrun;
        assert!(only_unpaused(1, Err(ChainError::Undecodable { action, error })).is_ok());
        let error = Box::new(TransportErrorKind::backend_gone());
        let silent = only_unpaused(1, Err(ChainError::Rpc { action, error }));
        assert!(matches!(silent, Err(DeployError::Chain(_))), "{silent:?}");
    }
}
