//! One program onto the chain: deployed, activated and constructed in one transaction of StylusDeployer.

use alloy::network::TransactionBuilder;
use alloy::primitives::{Address, B256, Bytes, U256, keccak256};
use alloy::providers::Provider;
use alloy::rpc::types::TransactionRequest;
use alloy::rpc::types::state::{AccountOverride, StateOverride};
use alloy::signers::local::PrivateKeySigner;
use alloy::sol_types::{SolCall, SolEvent};

use super::{ARB_WASM, DeployError, STYLUS_DEPLOYER};
use crate::bindings::{IArbWasm, IStylusDeployer, stylus_constructorCall};
use crate::chain::Chain;
use crate::deployment::DeployedContract;
use crate::errors::ChainError;
use crate::wasm_build::BuiltProgram;

/// Deploys, activates and constructs a program in one transaction.
pub(super) async fn construct(
    chain: &Chain,
    signer: &PrivateKeySigner,
    built: &BuiltProgram,
    arguments: Vec<u8>,
    salt: B256,
) -> Result<DeployedContract, DeployError> {
    let program = built.program;
    let fee = data_fee(chain, built).await?;
    // A fifth more, since the fee moves with demand; StylusDeployer sends back what is left.
    let value = fee + fee / U256::from(5);
    let balance = chain.provider().get_balance(signer.address()).await;
    let balance = balance.map_err(|error| ChainError::from_rpc("reading a balance", error))?;
    if balance < value {
        let account = signer.address();
        return Err(DeployError::Underfunded {
            account,
            balance,
            program,
            needed: value,
        });
    }
    let call = IStylusDeployer::deployCall {
        bytecode: creation_code(&built.code),
        initData: [&stylus_constructorCall::SELECTOR[..], &arguments]
            .concat()
            .into(),
        initValue: U256::ZERO,
        salt,
    };
    let sent = chain
        .send_value("deploy a program", signer, STYLUS_DEPLOYER, &call, value)
        .await?;
    let address = sent.receipt.logs().iter().find_map(|log| {
        (log.address() == STYLUS_DEPLOYER)
            .then(|| IStylusDeployer::ContractDeployed::decode_log_data(log.data()).ok())
            .flatten()
    });
    let transaction = sent.receipt.transaction_hash;
    let address = address
        .ok_or(DeployError::NoAddress {
            program,
            transaction,
        })?
        .deployedContract;
    Ok(DeployedContract {
        address,
        code_hash: built.code_hash(),
        size: built.size(),
        constructor: Vec::new(),
        constructor_data: arguments.into(),
        transaction,
        block: sent.receipt.block_number.unwrap_or_default(),
        gas: sent.gas(),
    })
}

/// What activating the code costs, wei: 0 when the chain has activated the same code before.
async fn data_fee(chain: &Chain, built: &BuiltProgram) -> Result<U256, DeployError> {
    let known = IArbWasm::codehashVersionCall {
        codehash: built.code_hash(),
    };
    if chain.read(ARB_WASM, &known).await.is_ok() {
        return Ok(U256::ZERO);
    }
    // Asked by pretending that the code stands somewhere and that a stranger is rich.
    let somewhere = Address::from_word(keccak256(&built.code));
    let stranger = Address::from_word(keccak256(b"a stranger"));
    let mut state = StateOverride::default();
    state.insert(
        somewhere,
        AccountOverride {
            code: Some(built.code.clone()),
            ..Default::default()
        },
    );
    state.insert(
        stranger,
        AccountOverride {
            balance: Some(U256::MAX >> 1),
            ..Default::default()
        },
    );
    let call = IArbWasm::activateProgramCall { program: somewhere };
    let request = TransactionRequest::default()
        .with_from(stranger)
        .with_to(ARB_WASM)
        .with_value(U256::from(10_u128.pow(18)))
        .with_input(call.abi_encode());
    let answer = chain.provider().call(request).overrides(state).await;
    let refused = |error| DeployError::NotActivatable {
        program: built.program,
        error,
    };
    let action = IArbWasm::activateProgramCall::SIGNATURE;
    let answer = answer.map_err(|error| refused(ChainError::from_rpc(action, error)))?;
    IArbWasm::activateProgramCall::abi_decode_returns(&answer)
        .map(|returned| returned.dataFee)
        .map_err(|error| refused(ChainError::Undecodable { action, error }))
}

/// EVM creation code that returns `code`: PUSH32 length, DUP1, PUSH1 43, PUSH1 0, CODECOPY, PUSH1 0, RETURN, and a version byte.
fn creation_code(code: &[u8]) -> Bytes {
    const AFTER_LENGTH: [u8; 10] = [0x80, 0x60, 43, 0x60, 0x00, 0x39, 0x60, 0x00, 0xf3, 0x00];
    let mut creation = vec![0x7f];
    creation.extend_from_slice(&U256::from(code.len()).to_be_bytes::<32>());
    creation.extend_from_slice(&AFTER_LENGTH);
    creation.extend_from_slice(code);
    creation.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn creation_code_copies_everything_behind_its_43_bytes() {
        let creation = creation_code(&[0xef, 0xf0, 0, 0, 1]);
        assert_eq!(creation[0], 0x7f);
        assert_eq!(creation[32], 5);
        assert_eq!(usize::from(creation[35]), creation.len() - 5);
        assert_eq!(creation[43..], [0xef, 0xf0, 0, 0, 1]);
    }

    #[test]
    fn constructor_selector_is_the_sdks() {
        assert_eq!(stylus_constructorCall::SIGNATURE, "stylus_constructor()");
        assert_eq!(stylus_constructorCall::SELECTOR, [0x55, 0x85, 0x25, 0x8d]);
    }
}
