//! Block 0: funded accounts, precompile markers, ArbOS state, and the contracts the set-up script of nitro-devnode would deploy.

use std::sync::Arc;

use alloy_consensus::Transaction;
use alloy_primitives::{Address, B256, Bytes, TxKind, U256, address, hex};
use revm::context::TxEnv;
use thiserror::Error;

use super::{
    State,
    config::{ChainConfig, NEWEST_ARBOS, OLDEST_ARBOS, RPC_GAS_CAP, ether},
    error::ChainError,
    transaction,
    view::{Ending, View, ending},
};
use crate::{
    evm::{arbos, context::BlockFacts, precompiles, tracer::Tracer},
    program::Engine,
};

/// Deterministic-deployment proxy every chain has at this address.
pub const CREATE2_FACTORY: Address = address!("0x4e59b44847b379578588920ca78fbf26c0b4956c");
/// Deploys, activates and initialises a program in one transaction.
pub const STYLUS_DEPLOYER: Address = address!("0xcEcba2F1DC234f70Dd89F2041029807F8D03A990");
/// The devnode's cache manager, a contract whose bids do nothing.
pub const CACHE_MANAGER: Address = address!("0x2F8Bd4EaB69764c105aDd7dE7CB0402557a44E6f");

const FACTORY_TRANSACTION: &str = include_str!("bytecode/create2_factory_raw_tx.hex");
const STYLUS_DEPLOYER_INIT: &str = include_str!("bytecode/stylus_deployer.hex");
const CACHE_MANAGER_INIT: &str = include_str!("bytecode/cache_manager.hex");

/// Genesis that does not come out as intended; a fault of this program, not of its user.
#[derive(Debug, Error)]
pub enum GenesisError {
    /// Embedded bytecode is damaged.
    #[error("embedded bytecode: {0}")]
    Bytecode(#[from] hex::FromHexError),
    /// The machine refused a set-up transaction.
    #[error("set-up transaction: {0}")]
    Refused(#[from] ChainError),
    /// A version of ArbOS whose rules are not known here.
    #[error("ArbOS {given} is not known: oldest is {OLDEST_ARBOS}, newest {NEWEST_ARBOS}")]
    ArbOs {
        /// Version asked for.
        given: u64,
    },
    /// A set-up transaction failed.
    #[error("set-up of {address} ended with {ending:?}")]
    Failed {
        /// Contract meant to appear.
        address: Address,
        /// What happened.
        ending: Ending,
    },
    /// A contract is not where it must be.
    #[error("no code at {0} after set-up")]
    Missing(Address),
}

/// State of block 0.
pub fn state(
    config: &ChainConfig,
    timestamp: u64,
    engine: &Arc<Engine>,
) -> Result<State, GenesisError> {
    let given = config.arbos_version;
    if !(OLDEST_ARBOS..=NEWEST_ARBOS).contains(&given) {
        return Err(GenesisError::ArbOs { given });
    }
    let mut state = State::default();
    for address in precompiles::ADDRESSES {
        state.set_code(address, Bytes::from_static(&[0xFE]));
    }
    arbos::initialise(
        &mut state,
        timestamp,
        config.arbos_version,
        config.activation_gas,
    );

    let mut setup = Setup {
        config,
        timestamp,
        engine,
        state,
    };
    setup.run_keyless(&decode(FACTORY_TRANSACTION)?)?;
    setup.expect_code(CREATE2_FACTORY)?;
    setup.deploy(CACHE_MANAGER, &decode(CACHE_MANAGER_INIT)?)?;
    setup.deploy(STYLUS_DEPLOYER, &decode(STYLUS_DEPLOYER_INIT)?)?;

    let mut state = setup.state;
    for (address, balance) in &config.accounts {
        state.set_balance(*address, *balance);
    }
    arbos::add_chain_owners(
        &mut state,
        config.accounts.iter().map(|(address, _)| *address),
    );
    arbos::add_cache_manager(&mut state, CACHE_MANAGER);
    Ok(state)
}

fn decode(text: &str) -> Result<Vec<u8>, GenesisError> {
    Ok(hex::decode(text.trim())?)
}

struct Setup<'a> {
    config: &'a ChainConfig,
    timestamp: u64,
    engine: &'a Arc<Engine>,
    state: State,
}

impl Setup<'_> {
    /// Sends the pre-signed transaction that nobody holds the key of, with ether that is gone again afterwards.
    fn run_keyless(&mut self, raw: &[u8]) -> Result<(), GenesisError> {
        let signed = transaction::decode(raw, self.config.chain_id)?;
        let sender = signed.signer();
        let created = sender.create(signed.nonce());
        self.run(transaction::environment(&signed), created)?;
        self.state.set_balance(sender, U256::ZERO);
        Ok(())
    }

    /// Deploys through the factory with salt 0.
    fn deploy(&mut self, address: Address, init: &[u8]) -> Result<(), GenesisError> {
        let tx = TxEnv {
            caller: Address::with_last_byte(0xA4),
            gas_limit: RPC_GAS_CAP,
            kind: TxKind::Call(CREATE2_FACTORY),
            data: [B256::ZERO.as_slice(), init].concat().into(),
            chain_id: Some(self.config.chain_id),
            gas_price: u128::from(super::config::BASE_FEE),
            ..TxEnv::default()
        };
        let caller = tx.caller;
        self.run(tx, address)?;
        self.state.remove(&caller);
        self.expect_code(address)
    }

    fn run(&mut self, tx: TxEnv, address: Address) -> Result<(), GenesisError> {
        self.state.set_balance(tx.caller, ether(100));
        let fees = self.config.network_fee_account;
        let view = View::new(
            self.state.clone(),
            BlockFacts {
                l2_number: 0,
                network_fee_account: fees,
            },
            self.timestamp,
            self.config.l1_block_number,
            self.config.chain_id,
            self.config.max_code_size,
            Arc::clone(self.engine),
        );
        let (outcome, message, _) = view.execute(tx, false, Tracer::Off)?;
        match ending(outcome.result, message) {
            Ending::Success(_) => self.state.apply(outcome.changes),
            ending => return Err(GenesisError::Failed { address, ending }),
        }
        // Set-up is free: nobody has earned these fees.
        self.state.remove(&fees);
        Ok(())
    }

    fn expect_code(&self, address: Address) -> Result<(), GenesisError> {
        if self.state.code(&address).is_empty() {
            return Err(GenesisError::Missing(address));
        }
        Ok(())
    }
}
