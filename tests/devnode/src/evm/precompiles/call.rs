//! What every ArbOS precompile shares: who calls, what it may do, and what it pays (`stylus-vm.md` §1.17).

use alloy_primitives::{Address, B256, Bytes, Log, U256};
use alloy_sol_types::{SolError, SolEvent};
use revm::{
    context::ContextTr,
    context_interface::{Block, JournalTr},
};

use crate::{
    evm::{
        Ctx,
        arbos::{self, Words},
    },
    program::StylusConfig,
};

const COPY_WORD: u64 = 3;
const OPEN_STATE: u64 = 800;
const READ: u64 = 800;
/// A write of zero would be 5,000; no method that is charged makes one.
const WRITE: u64 = 20_000;
const PARAMS: u64 = 100;
const CODE_HASH: u64 = 2_600;
const WARM_ACCOUNT: u64 = 100;
const LOG: u64 = 375;
const LOG_BYTE: u64 = 8;

/// How a precompile method ends when it does not return.
#[derive(Debug)]
pub enum Stop {
    /// Reverts with a Solidity error, gas kept.
    Revert(Bytes),
    /// Reverts without data, all gas gone: not allowed here, or no such method.
    Rejected,
    /// The gas does not suffice: reverts without data, all gas gone.
    OutOfGas,
    /// Activation failed: all gas gone, and the client is told why.
    Activation(String),
}

impl<E: SolError> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Revert(error.abi_encode().into())
    }
}

/// What a method may touch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purity {
    /// Nothing of ArbOS state.
    Pure,
    /// Reads.
    View,
    /// Writes.
    Write,
    /// Writes and takes value.
    Payable,
}

/// A call of a precompile.
pub struct Call<'a> {
    /// The transaction.
    pub ctx: &'a mut Ctx,
    /// Gas not yet burnt.
    pub gas_left: u64,
    /// The precompile.
    pub address: Address,
    /// Its caller.
    pub caller: Address,
    /// Value sent along, already transferred.
    pub value: U256,
    /// No writes allowed.
    pub is_static: bool,
    /// Called as itself, not by DELEGATECALL or CALLCODE.
    pub is_direct: bool,
    /// All gas is given back at the end.
    pub free_of_charge: bool,
}

/// Gas for copying `bytes` in whole words.
pub fn word_gas(bytes: usize) -> u64 {
    COPY_WORD * (bytes as u64).div_ceil(32)
}

impl Call<'_> {
    /// Checks that the method may run here and charges for its arguments and for opening the state.
    pub fn open(&mut self, purity: Purity, input: &[u8]) -> Result<(), Stop> {
        let writes = matches!(purity, Purity::Write | Purity::Payable);
        if (purity != Purity::Pure && !self.is_direct)
            || (writes && self.is_static)
            || (purity != Purity::Payable && !self.value.is_zero())
        {
            return Err(Stop::Rejected);
        }
        self.burn(word_gas(input.len().saturating_sub(4)))?;
        if purity == Purity::Pure {
            Ok(())
        } else {
            self.burn(OPEN_STATE)
        }
    }

    /// Takes gas.
    pub fn burn(&mut self, gas: u64) -> Result<(), Stop> {
        if self.free_of_charge {
            return Ok(());
        }
        match self.gas_left.checked_sub(gas) {
            Some(left) => {
                self.gas_left = left;
                Ok(())
            }
            None => {
                self.gas_left = 0;
                Err(Stop::OutOfGas)
            }
        }
    }

    /// Charges for `count` reads of ArbOS storage.
    pub fn charge_reads(&mut self, count: u64) -> Result<(), Stop> {
        self.burn(READ * count)
    }

    /// Charges for one write of something other than zero to ArbOS storage.
    pub fn charge_write(&mut self) -> Result<(), Stop> {
        self.burn(WRITE)
    }

    /// ArbOS storage.
    pub fn words(&mut self) -> &mut impl Words {
        self.ctx.journal_mut()
    }

    /// Stylus parameters, charged as one read of them.
    pub fn params(&mut self) -> Result<StylusConfig, Stop> {
        self.burn(PARAMS)?;
        let version = self.ctx.chain.arbos_version;
        Ok(arbos::stylus_config(self.words(), version))
    }

    /// Code hash of an account, charged as a cold access.
    pub fn code_hash(&mut self, address: Address) -> Result<B256, Stop> {
        self.burn(CODE_HASH)?;
        match self.ctx.journal_mut().code_hash(address) {
            Ok(hash) => Ok(hash.data),
            Err(never) => match never {},
        }
    }

    /// Code of a fragment, charged as an access and by the word.
    pub fn fragment(&mut self, address: Address) -> Result<Bytes, Stop> {
        let code = match self.ctx.journal_mut().code(address) {
            Ok(code) => code,
            Err(never) => match never {},
        };
        self.burn(if code.is_cold {
            CODE_HASH
        } else {
            WARM_ACCOUNT
        })?;
        self.burn(word_gas(code.data.len()))?;
        Ok(code.data)
    }

    /// Refuses a method that came with a later ArbOS than the one in force, as one that does not exist.
    pub fn since(&self, version: u64) -> Result<(), Stop> {
        if self.ctx.chain.arbos_version < version {
            return Err(Stop::Rejected);
        }
        Ok(())
    }

    /// Code of an account; not charged.
    pub fn code(&mut self, address: Address) -> Bytes {
        match self.ctx.journal_mut().code(address) {
            Ok(code) => code.data,
            Err(never) => match never {},
        }
    }

    /// Balance of an account, charged as a cold access.
    pub fn balance(&mut self, address: Address) -> Result<U256, Stop> {
        self.burn(CODE_HASH)?;
        match self.ctx.journal_mut().load_account(address) {
            Ok(account) => Ok(account.info.balance),
            Err(never) => match never {},
        }
    }

    /// Pays out of the precompile's own balance.
    pub fn pay(&mut self, to: Address, amount: U256) -> Result<(), Stop> {
        let from = self.address;
        match self.ctx.journal_mut().transfer(from, to, amount) {
            Ok(None) => Ok(()),
            // The value sent along covers every payment a method makes.
            Ok(Some(_)) => Err(Stop::Rejected),
            Err(never) => match never {},
        }
    }

    /// Emits an event of the precompile.
    pub fn emit(&mut self, event: &impl SolEvent) -> Result<(), Stop> {
        let data = event.encode_log_data();
        let topics = data.topics().len() as u64;
        self.burn(LOG * (1 + topics) + LOG_BYTE * data.data.len() as u64)?;
        let address = self.address;
        self.ctx.journal_mut().log(Log { address, data });
        Ok(())
    }

    /// Timestamp of the block.
    pub fn now(&self) -> u64 {
        self.ctx.block().timestamp().saturating_to()
    }
}
