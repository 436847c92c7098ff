//! The record of a deployment, `deployments/<chainId>.json`: what stands where, and how it came to be.

use std::collections::BTreeMap;
use std::path::Path;
use std::{fs, io};

use alloy::primitives::{Address, B256, Bytes};
use serde::{Deserialize, Serialize};

use crate::program::Program;

/// A deployment of all programs on one chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Deployment {
    /// Chain.
    pub chain_id: u64,
    /// Commit of the sources, with `-dirty` when files differed from it; "unknown" outside of git.
    pub commit: String,
    /// Who deployed and connected the contracts; has no power afterwards.
    pub deployer: Address,
    /// Lists pools and feeds.
    pub owner: Address,
    /// May pause trades.
    pub guardian: Address,
    /// Block of the first contract: where a keeper starts reading events.
    pub block: u64,
    /// Stylus version the programs were activated for.
    pub stylus_version: u16,
    /// By program name.
    pub contracts: BTreeMap<String, DeployedContract>,
}

/// One deployed program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeployedContract {
    /// Where.
    pub address: Address,
    /// Hash of the code on chain.
    pub code_hash: B256,
    /// Compressed size, bytes.
    pub size: usize,
    /// Constructor arguments, readable, in order.
    pub constructor: Vec<ConstructorArgument>,
    /// Constructor arguments, ABI-encoded, without selector.
    pub constructor_data: Bytes,
    /// Transaction that deployed, activated and constructed it.
    pub transaction: B256,
    /// Its block.
    pub block: u64,
    /// Gas it used.
    pub gas: u64,
}

/// A constructor argument. All of ours are addresses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConstructorArgument {
    /// Name.
    pub name: String,
    /// Value.
    pub value: Address,
}

/// Addresses of a deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Addresses {
    /// Volatilities.
    pub surface: Address,
    /// Median of venues.
    pub adapter: Address,
    /// Registry.
    pub factory: Address,
    /// Custody.
    pub vault: Address,
    /// Risk.
    pub engine: Address,
    /// Auctions.
    pub auction: Address,
    /// Expiry.
    pub settlement: Address,
    /// Kernel.
    pub clearing_house: Address,
    /// What options are worth; asked through the lens.
    pub pricer: Address,
    /// How far accounts may go; asked through the lens.
    pub limits: Address,
    /// Views.
    pub lens: Address,
}

/// Why a record cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DeploymentError {
    /// Not readable or writable.
    #[error("{path}: {error}; `cargo novation deploy` writes it")]
    File {
        /// File.
        path: String,
        /// Why.
        error: io::Error,
    },
    /// Not a deployment record.
    #[error("{path} is no deployment record: {error}")]
    Malformed {
        /// File.
        path: String,
        /// Why.
        error: serde_json::Error,
    },
    /// A program is not in it.
    #[error("the deployment of chain {chain_id} has no {program}")]
    Incomplete {
        /// Chain.
        chain_id: u64,
        /// Program.
        program: Program,
    },
}

impl Deployment {
    /// Reads a record.
    pub fn read(path: &Path) -> Result<Self, DeploymentError> {
        let shown = || path.display().to_string();
        let text = fs::read_to_string(path).map_err(|error| DeploymentError::File {
            path: shown(),
            error,
        })?;
        serde_json::from_str(&text).map_err(|error| DeploymentError::Malformed {
            path: shown(),
            error,
        })
    }

    /// Writes the record, whole or not at all: a half-written one would look like a deployment.
    pub fn write(&self, path: &Path) -> Result<(), DeploymentError> {
        let shown = || path.display().to_string();
        let mut text =
            serde_json::to_string_pretty(self).map_err(|error| DeploymentError::Malformed {
                path: shown(),
                error,
            })?;
        text.push('\n');
        let temporary = path.with_extension("json.part");
        path.parent()
            .map_or(Ok(()), fs::create_dir_all)
            .and_then(|()| fs::write(&temporary, text))
            .and_then(|()| fs::rename(&temporary, path))
            .map_err(|error| DeploymentError::File {
                path: shown(),
                error,
            })
    }

    /// A program's record.
    pub fn contract(&self, program: Program) -> Result<&DeployedContract, DeploymentError> {
        self.contracts
            .get(program.name())
            .ok_or(DeploymentError::Incomplete {
                chain_id: self.chain_id,
                program,
            })
    }

    /// All addresses.
    pub fn addresses(&self) -> Result<Addresses, DeploymentError> {
        let address = |program| self.contract(program).map(|contract| contract.address);
        Ok(Addresses {
            surface: address(Program::VolatilitySurface)?,
            adapter: address(Program::OracleAdapter)?,
            factory: address(Program::SeriesFactory)?,
            vault: address(Program::CollateralVault)?,
            engine: address(Program::MarginEngine)?,
            auction: address(Program::LiquidationAuction)?,
            settlement: address(Program::ExpirySettlement)?,
            clearing_house: address(Program::ClearingHouse)?,
            pricer: address(Program::OptionPricer)?,
            limits: address(Program::RiskLimits)?,
            lens: address(Program::RiskLens)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> Deployment {
        let contracts = Program::ALL.iter().zip(1_u8..).map(|(program, index)| {
            let contract = DeployedContract {
                address: Address::repeat_byte(index),
                code_hash: B256::repeat_byte(index),
                size: 20_000,
                constructor: vec![ConstructorArgument {
                    name: "owner".into(),
                    value: Address::repeat_byte(9),
                }],
                constructor_data: Bytes::from(vec![index]),
                transaction: B256::ZERO,
                block: 5,
                gas: 1,
            };
            (program.name().to_owned(), contract)
        });
        Deployment {
            chain_id: 412_346,
            commit: "unknown".into(),
            deployer: Address::ZERO,
            owner: Address::ZERO,
            guardian: Address::ZERO,
            block: 5,
            stylus_version: 3,
            contracts: contracts.collect(),
        }
    }

    #[test]
    fn a_written_record_reads_back_the_same() {
        let folder = std::env::temp_dir().join(format!("novation-record-{}", std::process::id()));
        let path = folder.join("412346.json");
        record().write(&path).expect("writable");
        assert_eq!(Deployment::read(&path).expect("readable"), record());
        fs::remove_dir_all(folder).expect("removable");
    }

    #[test]
    fn a_record_without_a_program_gives_no_addresses() {
        let mut incomplete = record();
        incomplete.contracts.remove("margin-engine");
        let error = incomplete.addresses().expect_err("incomplete");
        assert!(error.to_string().contains("margin-engine"));
        // Third, behind the proof of smiles and the surface.
        assert_eq!(
            record().addresses().expect("complete").adapter,
            Address::repeat_byte(3)
        );
    }
}
