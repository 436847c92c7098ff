//! The owner: lists feeds and names publishers. It can never change a listed feed, a sample or a settlement price.
//!
//! ABI, errors and events are those of the `Ownable2Step` everybody knows: a transfer takes two steps, so that ownership cannot be sent to an account
//! nobody controls by mistake. The crate `openzeppelin-stylus` is not used because it turns on the `tiny-keccak` feature of alloy, which
//! replaces the host's keccak by one in WASM for the whole contract: 5 kB, and every storage slot hashed at a multiple of the gas.

use alloc::vec::Vec;

use alloy_primitives::Address;
use alloy_sol_types::{SolError, SolEvent, sol};
use interfaces::Revert;
use interfaces::words::{Word, emit};
use stylus_sdk::prelude::*;
use stylus_sdk::storage::StorageAddress;

use crate::OracleAdapter;
use crate::refusal::refuse;

sol! {
    /// Thrown when the caller may not do this.
    #[derive(Debug)]
    error OwnableUnauthorizedAccount(address account);
    /// Thrown when the first owner would be nobody.
    #[derive(Debug)]
    error OwnableInvalidOwner(address owner);

    /// Its methods.
    interface IOwnable2Step {
        function owner() external view returns (address);
        function pendingOwner() external view returns (address);
        function transferOwnership(address newOwner) external;
        function acceptOwnership() external;
        function renounceOwnership() external;
    }

    #[derive(Debug)]
    #[allow(missing_docs)]
    event OwnershipTransferStarted(address indexed previousOwner, address indexed newOwner);
    #[derive(Debug)]
    #[allow(missing_docs)]
    event OwnershipTransferred(address indexed previousOwner, address indexed newOwner);
}

/// Who owns the contract, and who may become its owner.
#[storage]
pub struct Ownership {
    pub(crate) owner: StorageAddress,
    pub(crate) pending: StorageAddress,
}

impl OracleAdapter {
    /// Errors: `OwnableUnauthorizedAccount` unless the caller is the owner.
    pub(crate) fn only_owner(&self) -> Result<(), Revert> {
        self.only(self.ownership.owner.get())
    }

    /// Offers ownership; zero withdraws an offer.
    pub(crate) fn offer_ownership(&mut self, to: Address) -> Result<(), Revert> {
        self.only_owner()?;
        self.ownership.pending.set(to);
        let previous = self.ownership.owner.get();
        emit(
            self.vm(),
            &[
                OwnershipTransferStarted::SIGNATURE_HASH,
                previous.word(),
                to.word(),
            ],
            &[],
        );
        Ok(())
    }

    /// Takes an offered ownership.
    pub(crate) fn take_ownership(&mut self) -> Result<(), Revert> {
        let pending = self.ownership.pending.get();
        self.only(pending)?;
        self.set_owner(pending);
        Ok(())
    }

    pub(crate) fn set_owner(&mut self, to: Address) {
        let previous = self.ownership.owner.get();
        self.ownership.pending.set(Address::ZERO);
        self.ownership.owner.set(to);
        emit(
            self.vm(),
            &[
                OwnershipTransferred::SIGNATURE_HASH,
                previous.word(),
                to.word(),
            ],
            &[],
        );
    }

    /// Errors: `OwnableInvalidOwner` for the zero address.
    pub(crate) fn set_first_owner(&mut self, owner: Address) -> Result<(), Revert> {
        if owner.is_zero() {
            return Err(refuse(OwnableInvalidOwner::SELECTOR, &[owner.word()]));
        }
        self.set_owner(owner);
        Ok(())
    }

    fn only(&self, allowed: Address) -> Result<(), Revert> {
        let account = self.vm().msg_sender();
        if account == allowed {
            Ok(())
        } else {
            Err(refuse(
                OwnableUnauthorizedAccount::SELECTOR,
                &[account.word()],
            ))
        }
    }
}
