//! An owner who hands over in two steps, so that ownership cannot be sent by mistake to an account that nobody controls.
//!
//! ABI, errors and events are those of `OpenZeppelin`'s `Ownable2Step`. The crate `openzeppelin-stylus` is not used: it turns on alloy's feature
//! `tiny-keccak`, which replaces the host's keccak by one in WASM for the whole contract: kilobytes, and every storage slot of a mapping hashed
//! at a multiple of the gas.

use alloc::vec;
use alloc::vec::Vec;

use alloy_primitives::{Address, B256};
use alloy_sol_types::SolEvent;
use stylus_sdk::prelude::*;
use stylus_sdk::storage::StorageAddress;

use crate::Revert;
use crate::words::{Word, emit};

/// Errors and events, as OpenZeppelin declares them.
#[allow(
    missing_docs,
    clippy::all,
    clippy::pedantic,
    clippy::arithmetic_side_effects
)]
mod generated {
    alloy_sol_types::sol! {
        interface IOwnable2Step {
            event OwnershipTransferStarted(address indexed previousOwner, address indexed newOwner);
            event OwnershipTransferred(address indexed previousOwner, address indexed newOwner);

            /// Thrown when the caller may not do this.
            error OwnableUnauthorizedAccount(address account);
            /// Thrown when the first owner would be nobody.
            error OwnableInvalidOwner(address owner);

            function owner() external view returns (address);
            function pendingOwner() external view returns (address);
            function transferOwnership(address newOwner) external;
            function acceptOwnership() external;
            function renounceOwnership() external;
        }
    }
}

pub use generated::IOwnable2Step;

/// Who owns a contract, and who may become its owner.
#[storage]
pub struct Ownership {
    owner: StorageAddress,
    pending: StorageAddress,
}

impl Ownership {
    /// The owner; zero when there is none (any more).
    #[must_use]
    pub fn owner(&self) -> Address {
        self.owner.get()
    }

    /// Who may accept the ownership; zero when it is not on offer.
    #[must_use]
    pub fn pending(&self) -> Address {
        self.pending.get()
    }

    /// Names the first owner.
    ///
    /// # Errors
    /// `OwnableInvalidOwner` for the zero address.
    pub fn begin(&mut self, owner: Address) -> Result<(), Revert> {
        if owner.is_zero() {
            return Err(IOwnable2Step::OwnableInvalidOwner { owner }.into());
        }
        self.set(owner);
        Ok(())
    }

    /// Lets only the owner pass.
    ///
    /// # Errors
    /// `OwnableUnauthorizedAccount`.
    pub fn only_owner(&self) -> Result<(), Revert> {
        self.only(self.owner())
    }

    /// Offers the ownership (owner only), instead of an earlier offer; to zero: withdraws it.
    ///
    /// # Errors
    /// `OwnableUnauthorizedAccount`.
    pub fn offer(&mut self, to: Address) -> Result<(), Revert> {
        self.only_owner()?;
        self.pending.set(to);
        self.log(
            IOwnable2Step::OwnershipTransferStarted::SIGNATURE_HASH,
            self.owner(),
            to,
        );
        Ok(())
    }

    /// Takes the offered ownership.
    ///
    /// # Errors
    /// `OwnableUnauthorizedAccount`.
    pub fn accept(&mut self) -> Result<(), Revert> {
        let pending = self.pending();
        self.only(pending)?;
        self.set(pending);
        Ok(())
    }

    /// Leaves the contract without owner (owner only), for good; an offer ends too.
    ///
    /// # Errors
    /// `OwnableUnauthorizedAccount`.
    pub fn renounce(&mut self) -> Result<(), Revert> {
        self.only_owner()?;
        self.set(Address::ZERO);
        Ok(())
    }

    fn set(&mut self, owner: Address) {
        let previous = self.owner();
        self.pending.set(Address::ZERO);
        self.owner.set(owner);
        self.log(
            IOwnable2Step::OwnershipTransferred::SIGNATURE_HASH,
            previous,
            owner,
        );
    }

    /// Nobody calls from the zero address, so no owner and no offer let nobody pass.
    fn only(&self, allowed: Address) -> Result<(), Revert> {
        let account = self.vm().msg_sender();
        if account == allowed {
            Ok(())
        } else {
            Err(IOwnable2Step::OwnableUnauthorizedAccount { account }.into())
        }
    }

    fn log(&self, signature: B256, previous: Address, next: Address) {
        emit(self.vm(), &[signature, previous.word(), next.word()], &[]);
    }
}
