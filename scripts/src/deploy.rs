//! Deploys all programs through StylusDeployer, wires them, verifies the wiring by reading it back.

use std::process::Command;

use alloy::network::TransactionBuilder;
use alloy::primitives::address;
use alloy::primitives::{Address, B256, Bytes, U256, keccak256};
use alloy::providers::Provider;
use alloy::rpc::types::TransactionRequest;
use alloy::rpc::types::state::{AccountOverride, StateOverride};
use alloy::signers::local::PrivateKeySigner;
use alloy::sol_types::{SolCall, SolEvent};

use crate::bindings::{
    IArbWasm, ICollateralVault, IExpirySettlement, ILiquidationAuction, IStylusDeployer,
    stylus_constructorCall,
};
use crate::chain::Chain;
use crate::checkout::Checkout;
use crate::deployment::{ConstructorArgument, DeployedContract, Deployment};
use crate::errors::ChainError;
use crate::program::Program;
use crate::progress::Progress;
use crate::risk_profiles;
use crate::wasm_build::{BuiltProgram, Programs};
use crate::wiring::{self, WiringError};

/// The deployer contract every Stylus chain has.
pub const STYLUS_DEPLOYER: Address = address!("cEcba2F1DC234f70Dd89F2041029807F8D03A990");
/// Precompile that activates programs.
pub const ARB_WASM: Address = address!("0000000000000000000000000000000000000071");

/// Activation burning more than this is how a chain's owner pauses activations.
const MOST_ACTIVATION_GAS: u64 = 30_000_000;

/// Who gets which power.
#[derive(Clone, Copy, Debug)]
pub struct Roles {
    /// Lists pools and feeds: two-step owner of factory and adapter.
    pub owner: Address,
    /// May pause trades.
    pub guardian: Address,
}

/// Why a deployment failed.
#[derive(Debug, thiserror::Error)]
pub enum DeployError {
    /// A call or transaction failed.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The node does not know programs.
    #[error(
        "chain {chain_id} has no {what} at {address}: it is no Stylus chain, or not set up as nitro-devnode is"
    )]
    NotStylus {
        /// Chain.
        chain_id: u64,
        /// What is missing.
        what: &'static str,
        /// Where it should be.
        address: Address,
    },
    /// Activation costs so much gas that no transaction can pay it.
    #[error(
        "activations are paused on chain {chain_id}: activationGas() is {gas}, a transaction can pay about {MOST_ACTIVATION_GAS}; try again when the chain's owner has lifted the pause"
    )]
    ActivationsPaused {
        /// Chain.
        chain_id: u64,
        /// Gas an activation burns.
        gas: u64,
    },
    /// The program was refused by the chain's activation.
    #[error("{program} cannot be activated: {error}")]
    NotActivatable {
        /// Program.
        program: Program,
        /// The chain's reason.
        error: ChainError,
    },
    /// The account that deploys has too little ether.
    #[error(
        "{account} has {balance} wei; activating {program} alone needs {needed} wei and gas: fund it first"
    )]
    Underfunded {
        /// Deployer.
        account: Address,
        /// Balance, wei.
        balance: U256,
        /// Program.
        program: Program,
        /// Data fee, wei.
        needed: U256,
    },
    /// A program that is deployed once a feed is not among those that were built.
    #[error("{program} was not built")]
    NotBuilt {
        /// Program.
        program: Program,
    },
    /// The deployer's receipt says nothing of a contract.
    #[error("deploying {program}: no ContractDeployed event in transaction {transaction}")]
    NoAddress {
        /// Program.
        program: Program,
        /// Transaction.
        transaction: B256,
    },
    /// What stands on chain is not what was deployed.
    #[error(transparent)]
    Wiring(#[from] WiringError),
}

/// Deploys and wires `programs`, paid by `signer`, and verifies the result.
pub async fn deploy(
    chain: &Chain,
    signer: &PrivateKeySigner,
    programs: &Programs,
    roles: Roles,
    progress: &Progress,
) -> Result<Deployment, DeployError> {
    deploy_with_salt(chain, signer, programs, roles, B256::ZERO, progress).await
}

/// [`deploy`] to addresses that follow from `salt`, code and roles alone, and so are the same on every chain; zero: from the chain's history.
pub async fn deploy_with_salt(
    chain: &Chain,
    signer: &PrivateKeySigner,
    programs: &Programs,
    roles: Roles,
    salt: B256,
    progress: &Progress,
) -> Result<Deployment, DeployError> {
    let stylus_version = probe(chain).await?;
    let once = |built: &&BuiltProgram| Program::ALL.contains(&built.program);
    let bar = progress.bar(Program::ALL.len() as u64 + 4, "deploying");
    let mut deployment = Deployment {
        chain_id: chain.id(),
        commit: commit(),
        deployer: signer.address(),
        owner: roles.owner,
        guardian: roles.guardian,
        block: chain.block_number().await?,
        stylus_version,
        contracts: Default::default(),
    };
    for built in programs.iter().filter(once) {
        bar.set_message(built.program.name());
        let arguments = constructor(built.program, &deployment);
        let contract = deploy_program(chain, signer, built, arguments, salt).await?;
        tracing::info!(program = built.program.name(), address = %contract.address, gas = contract.gas, "deployed");
        deployment
            .contracts
            .insert(built.program.name().to_owned(), contract);
        bar.inc(1);
    }
    bar.set_message("connecting");
    connect(chain, signer, &deployment).await?;
    bar.inc(3);
    bar.set_message("reading the wiring back");
    wiring::verify(chain, &deployment).await?;
    bar.set_message("listing risk profiles");
    let at = deployment.addresses().map_err(WiringError::from)?;
    if roles.owner == signer.address() {
        risk_profiles::list_presets(chain, signer, &at).await?;
    } else {
        tracing::warn!(factory = %at.factory, owner = %roles.owner, "no risk profile is listed yet: the owner has to, before the first pool");
    }
    bar.finish_and_clear();
    Ok(deployment)
}

/// Refuses chains that cannot take programs now. Returns their Stylus version.
async fn probe(chain: &Chain) -> Result<u16, DeployError> {
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

/// Constructor arguments of a program: the roles, and addresses deployed before it.
fn constructor(program: Program, deployment: &Deployment) -> Vec<ConstructorArgument> {
    let of = |program: Program| {
        // Deployment order guarantees presence; a missing one would fail the wiring check.
        deployment
            .contracts
            .get(program.name())
            .map_or(Address::ZERO, |contract| contract.address)
    };
    let owner = ("owner", deployment.owner);
    let deployer = ("deployer", deployment.deployer);
    let factory = ("seriesFactory", of(Program::SeriesFactory));
    let adapter = ("oracleAdapter", of(Program::OracleAdapter));
    let vault = ("vault", of(Program::CollateralVault));
    let arguments = match program {
        Program::SmileProof | Program::ScenarioMargin | Program::FormulaMargin => Vec::new(),
        Program::VolatilitySurface => vec![owner, ("smileProof", of(Program::SmileProof))],
        Program::OracleAdapter => {
            vec![owner, ("volatilitySurface", of(Program::VolatilitySurface))]
        }
        Program::SeriesFactory => vec![owner],
        Program::CollateralVault => vec![deployer, factory],
        Program::MarginEngine => vec![
            factory,
            adapter,
            ("scenarioMargin", of(Program::ScenarioMargin)),
            ("formulaMargin", of(Program::FormulaMargin)),
        ],
        Program::LiquidationAuction => vec![deployer],
        Program::ExpirySettlement => vec![deployer, factory, adapter, vault],
        Program::ClearingHouse => vec![
            ("guardian", deployment.guardian),
            vault,
            factory,
            ("engine", of(Program::MarginEngine)),
            ("auction", of(Program::LiquidationAuction)),
            ("settlement", of(Program::ExpirySettlement)),
        ],
        Program::OptionPricer => vec![("engine", of(Program::MarginEngine))],
        Program::RiskLens => vec![
            ("clearingHouse", of(Program::ClearingHouse)),
            ("engine", of(Program::MarginEngine)),
            ("pricer", of(Program::OptionPricer)),
        ],
        // Deployed once a feed, by `deploy_for_feed`.
        Program::SignedPrice | Program::AggregatorFace => Vec::new(),
    };
    arguments
        .into_iter()
        .map(|(name, value)| ConstructorArgument {
            name: name.to_owned(),
            value,
        })
        .collect()
}

/// Addresses are static: their encoding is one word each.
fn encode_arguments(arguments: &[ConstructorArgument]) -> Vec<u8> {
    arguments
        .iter()
        .flat_map(|argument| argument.value.into_word().0)
        .collect()
}

async fn deploy_program(
    chain: &Chain,
    signer: &PrivateKeySigner,
    built: &BuiltProgram,
    constructor: Vec<ConstructorArgument>,
    salt: B256,
) -> Result<DeployedContract, DeployError> {
    let arguments = encode_arguments(&constructor);
    let mut deployed = construct(chain, signer, built, arguments, salt).await?;
    deployed.constructor = constructor;
    Ok(deployed)
}

/// Deploys one of [`Program::PER_FEED`] with ABI-encoded constructor `arguments`.
pub async fn deploy_for_feed(
    chain: &Chain,
    signer: &PrivateKeySigner,
    built: &BuiltProgram,
    arguments: Vec<u8>,
) -> Result<DeployedContract, DeployError> {
    construct(chain, signer, built, arguments, B256::ZERO).await
}

/// Deploys, activates and constructs a program in one transaction.
async fn construct(
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

/// Tells vault, auction and settlement who the kernel is. Each takes it once, from the deployer.
async fn connect(
    chain: &Chain,
    signer: &PrivateKeySigner,
    deployment: &Deployment,
) -> Result<(), DeployError> {
    let addresses = deployment.addresses().map_err(WiringError::from)?;
    let clearing_house = addresses.clearing_house;
    let call = ICollateralVault::connectCall {
        clearingHouse: clearing_house,
    };
    chain
        .send("connect", signer, addresses.vault, &call)
        .await?;
    let call = ILiquidationAuction::connectCall {
        clearingHouse: clearing_house,
    };
    chain
        .send("connect", signer, addresses.auction, &call)
        .await?;
    let call = IExpirySettlement::connectCall {
        clearingHouse: clearing_house,
    };
    chain
        .send("connect", signer, addresses.settlement, &call)
        .await?;
    Ok(())
}

/// Commit of the checkout, for the record.
fn commit() -> String {
    let git = |arguments: &[&str]| {
        let root = Checkout::find().ok()?;
        let output = Command::new("git")
            .args(arguments)
            .current_dir(root.root())
            .output()
            .ok()?;
        output
            .status
            .success()
            .then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    match (
        git(&["rev-parse", "HEAD"]),
        git(&["status", "--porcelain", "--untracked-files=no"]),
    ) {
        (Some(commit), Some(changes)) if changes.is_empty() => commit,
        (Some(commit), _) => format!("{commit}-dirty"),
        (None, _) => "unknown".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use alloy::transports::TransportErrorKind;

    use super::*;
    use crate::errors::Revert;

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

    #[test]
    fn arguments_are_one_word_each() {
        let argument = ConstructorArgument {
            name: "owner".into(),
            value: Address::repeat_byte(0xaa),
        };
        let encoded = encode_arguments(&[argument.clone(), argument]);
        assert_eq!(encoded.len(), 64);
        assert_eq!(encoded[11..13], [0, 0xaa]);
    }
}
