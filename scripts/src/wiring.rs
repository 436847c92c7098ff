//! Reads a deployment back from the chain and compares it with what it should be.

use std::fmt;

use alloy::primitives::{Address, keccak256};
use alloy::providers::Provider;

use crate::bindings::{
    IArbWasm, IClearingHouse, ICollateralVault, IExpirySettlement, ILiquidationAuction,
    IMarginEngine, IOracleAdapter, IOwnable2Step, IRiskLens, IVolatilitySurface,
};
use crate::chain::Chain;
use crate::deploy::ARB_WASM;
use crate::deployment::{Addresses, Deployment, DeploymentError};
use crate::errors::ChainError;
use crate::program::Program;

/// Why a deployment is not what it should be.
#[derive(Debug, thiserror::Error)]
pub enum WiringError {
    /// The record is incomplete.
    #[error(transparent)]
    Record(#[from] DeploymentError),
    /// A contract could not be read.
    #[error("verifying {program}: {error}")]
    Unreadable {
        /// Program.
        program: Program,
        /// Why.
        error: ChainError,
    },
    /// A contract knows another neighbour than it should.
    #[error("{program}.{what} is {found}, expected {expected}: do not use this deployment")]
    Mismatch {
        /// Program.
        program: Program,
        /// What was read.
        what: &'static str,
        /// What it is.
        found: String,
        /// What it should be.
        expected: String,
    },
}

/// Checks code, activation, roles and every connection.
pub async fn verify(chain: &Chain, deployment: &Deployment) -> Result<(), WiringError> {
    for program in Program::ALL {
        verify_code(chain, deployment, program).await?;
    }
    verify_roles(chain, deployment).await?;
    verify_connections(chain, deployment).await
}

async fn verify_code(
    chain: &Chain,
    deployment: &Deployment,
    program: Program,
) -> Result<(), WiringError> {
    let contract = deployment.contract(program)?;
    let unreadable = |error| WiringError::Unreadable { program, error };
    let code = chain.provider().get_code_at(contract.address).await;
    let code = code.map_err(|error| unreadable(ChainError::from_rpc("reading code", error)))?;
    expect(program, "code hash", keccak256(code), contract.code_hash)?;
    let call = IArbWasm::programVersionCall {
        program: contract.address,
    };
    let version = chain.read(ARB_WASM, &call).await.map_err(unreadable)?;
    expect(
        program,
        "activated version",
        version,
        deployment.stylus_version,
    )
}

async fn verify_roles(chain: &Chain, deployment: &Deployment) -> Result<(), WiringError> {
    for program in [
        Program::VolatilitySurface,
        Program::OracleAdapter,
        Program::SeriesFactory,
    ] {
        let address = deployment.contract(program)?.address;
        let owner = chain.read(address, &IOwnable2Step::ownerCall {}).await;
        expect_read(program, "owner()", owner, deployment.owner)?;
    }
    let address = deployment.contract(Program::ClearingHouse)?.address;
    let guardian = chain.read(address, &IClearingHouse::guardianCall {}).await;
    expect_read(
        Program::ClearingHouse,
        "guardian()",
        guardian,
        deployment.guardian,
    )
}

async fn verify_connections(chain: &Chain, deployment: &Deployment) -> Result<(), WiringError> {
    let at = deployment.addresses()?;
    let proof = chain
        .read(at.surface, &IVolatilitySurface::smileProofCall {})
        .await;
    expect_read(
        Program::VolatilitySurface,
        "smileProof()",
        proof,
        deployment.contract(Program::SmileProof)?.address,
    )?;
    let surface = chain
        .read(at.adapter, &IOracleAdapter::volatilitySurfaceCall {})
        .await;
    expect_read(
        Program::OracleAdapter,
        "volatilitySurface()",
        surface,
        at.surface,
    )?;
    let vault = chain
        .read(at.vault, &ICollateralVault::clearingHouseCall {})
        .await;
    expect_read(
        Program::CollateralVault,
        "clearingHouse()",
        vault,
        at.clearing_house,
    )?;
    let factory = chain
        .read(at.vault, &ICollateralVault::seriesFactoryCall {})
        .await;
    expect_read(
        Program::CollateralVault,
        "seriesFactory()",
        factory,
        at.factory,
    )?;
    let factory = chain
        .read(at.engine, &IMarginEngine::seriesFactoryCall {})
        .await;
    expect_read(
        Program::MarginEngine,
        "seriesFactory()",
        factory,
        at.factory,
    )?;
    let adapter = chain
        .read(at.engine, &IMarginEngine::oracleAdapterCall {})
        .await;
    expect_read(
        Program::MarginEngine,
        "oracleAdapter()",
        adapter,
        at.adapter,
    )?;
    verify_lens(chain, at).await?;
    let of = |program| deployment.contract(program).map(|known| known.address);
    let models = chain.read(at.engine, &IMarginEngine::modelsCall {}).await;
    let models = models.map_err(|error| WiringError::Unreadable {
        program: Program::MarginEngine,
        error,
    })?;
    let engine = Program::MarginEngine;
    let scenario = of(Program::ScenarioMargin)?;
    expect(
        engine,
        "models().scenarioMargin",
        models.scenarioMargin,
        scenario,
    )?;
    let formula = of(Program::FormulaMargin)?;
    expect(
        engine,
        "models().formulaMargin",
        models.formulaMargin,
        formula,
    )?;
    let auction = chain
        .read(at.auction, &ILiquidationAuction::clearingHouseCall {})
        .await;
    expect_read(
        Program::LiquidationAuction,
        "clearingHouse()",
        auction,
        at.clearing_house,
    )?;
    let settlement = chain
        .read(at.settlement, &IExpirySettlement::clearingHouseCall {})
        .await;
    expect_read(
        Program::ExpirySettlement,
        "clearingHouse()",
        settlement,
        at.clearing_house,
    )?;

    let kernel = Program::ClearingHouse;
    let modules = chain
        .read(at.clearing_house, &IClearingHouse::modulesCall {})
        .await;
    let modules = modules.map_err(|error| WiringError::Unreadable {
        program: kernel,
        error,
    })?;
    expect(kernel, "modules().vault", modules.vault, at.vault)?;
    expect(kernel, "modules().factory", modules.factory, at.factory)?;
    expect(kernel, "modules().engine", modules.engine, at.engine)?;
    expect(kernel, "modules().auction", modules.auction, at.auction)?;
    expect(
        kernel,
        "modules().settlement",
        modules.settlement,
        at.settlement,
    )
}

/// The lens and the two programs it passes questions on to. Calls all three know have one selector.
async fn verify_lens(chain: &Chain, at: Addresses) -> Result<(), WiringError> {
    let engine = IRiskLens::engineCall {};
    let (kernel, pricer) = (IRiskLens::clearingHouseCall {}, IRiskLens::pricerCall {});
    let found = chain.read(at.pricer, &engine).await;
    expect_read(Program::OptionPricer, "engine()", found, at.engine)?;
    for (program, address) in [
        (Program::RiskLimits, at.limits),
        (Program::RiskLens, at.lens),
    ] {
        let found = chain.read(address, &engine).await;
        expect_read(program, "engine()", found, at.engine)?;
        let found = chain.read(address, &kernel).await;
        expect_read(program, "clearingHouse()", found, at.clearing_house)?;
        let found = chain.read(address, &pricer).await;
        expect_read(program, "pricer()", found, at.pricer)?;
    }
    let limits = chain.read(at.lens, &IRiskLens::limitsCall {}).await;
    expect_read(Program::RiskLens, "limits()", limits, at.limits)
}

fn expect_read(
    program: Program,
    what: &'static str,
    found: Result<Address, ChainError>,
    expected: Address,
) -> Result<(), WiringError> {
    let found = found.map_err(|error| WiringError::Unreadable { program, error })?;
    expect(program, what, found, expected)
}

fn expect<T: PartialEq + fmt::Display>(
    program: Program,
    what: &'static str,
    found: T,
    expected: T,
) -> Result<(), WiringError> {
    if found == expected {
        return Ok(());
    }
    let (found, expected) = (found.to_string(), expected.to_string());
    Err(WiringError::Mismatch {
        program,
        what,
        found,
        expected,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_neighbour_is_named_with_both_addresses() {
        let (found, expected) = (Address::repeat_byte(1), Address::repeat_byte(2));
        let error = expect(Program::MarginEngine, "oracleAdapter()", found, expected);
        let text = error.expect_err("they differ").to_string();
        assert!(
            text.contains(&found.to_string()) && text.contains(&expected.to_string()),
            "{text}"
        );
        assert!(expect(Program::MarginEngine, "oracleAdapter()", found, found).is_ok());
    }
}
