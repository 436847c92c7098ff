//! Deploys all programs through StylusDeployer, wires them, verifies the wiring by reading it back.

mod commit;
mod construct;
mod probe;

use alloy::primitives::{Address, B256, U256, address};
use alloy::signers::local::PrivateKeySigner;

use self::commit::commit;
use self::construct::construct;
use self::probe::probe;
use crate::bindings::{ICollateralVault, IExpirySettlement, ILiquidationAuction};
use crate::chain::Chain;
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
        Program::RiskLimits => vec![
            ("clearingHouse", of(Program::ClearingHouse)),
            ("engine", of(Program::MarginEngine)),
            ("pricer", of(Program::OptionPricer)),
        ],
        Program::RiskLens => vec![
            ("clearingHouse", of(Program::ClearingHouse)),
            ("engine", of(Program::MarginEngine)),
            ("pricer", of(Program::OptionPricer)),
            ("limits", of(Program::RiskLimits)),
        ],
        // Deployed once a feed, by `deploy_for_feed`.
        Program::SignedPrice
        | Program::SignedQuotes
        | Program::SettlementCommittee
        | Program::AggregatorFace => Vec::new(),
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

#[cfg(test)]
mod tests {
    use super::*;

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
