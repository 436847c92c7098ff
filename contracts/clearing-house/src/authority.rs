//! Who may act: owners and operators for accounts, modules for primitives, the guardian for the pause.
//!
//! An account's owner is part of its id. The owner names operators, who may do all the owner may, except name operators. An operator may
//! resign: an account's operators cannot liquidate it, so naming someone who cannot leave would keep him from bidding for it.

use alloy_primitives::{Address, U64, U256};
use alloy_sol_types::SolEvent;
use interfaces::IClearingHouse::{
    BadAccount, NotAuthorized, NotGuardian, NotModule, OperatorSet, PauseTooLong, PausedUntil,
    ZeroAddress,
};
use interfaces::words::{Word, emit};
use interfaces::{Revert, ids};
use stylus_sdk::prelude::*;

use crate::ClearingHouse;

/// Longest pause, counted from the moment it is called: 7 days.
const LONGEST_PAUSE: u64 = 604_800;

impl ClearingHouse {
    /// Block time, unix seconds.
    pub(crate) fn now(&self) -> u64 {
        self.vm().block_timestamp()
    }

    /// Whether `caller` owns the account or is one of its operators.
    pub(crate) fn acts_for(&self, account: U256, caller: Address) -> bool {
        ids::account_owner(account) == caller || self.operators.getter(account).get(caller)
    }

    /// Errors: `BadAccount`, `NotAuthorized`.
    pub(crate) fn only_authorized(&self, account: U256) -> Result<(), Revert> {
        only_account(account)?;
        let caller = self.vm().msg_sender();
        if !self.acts_for(account, caller) {
            return Err(NotAuthorized { account, caller }.into());
        }
        Ok(())
    }

    /// Errors: `NotModule` when the caller is not `module`.
    pub(crate) fn only_module(&self, module: Address) -> Result<(), Revert> {
        let caller = self.vm().msg_sender();
        if caller != module {
            return Err(NotModule { caller }.into());
        }
        Ok(())
    }

    /// Names or dismisses an operator. Errors: `BadAccount`, `NotAuthorized` (owner only; everyone may resign), `ZeroAddress`.
    pub(crate) fn name_operator(
        &mut self,
        account: U256,
        operator: Address,
        allowed: bool,
    ) -> Result<(), Revert> {
        only_account(account)?;
        let caller = self.vm().msg_sender();
        // An operator could otherwise outlast his dismissal by naming another.
        let resigns = operator == caller && !allowed;
        if ids::account_owner(account) != caller && !resigns {
            return Err(NotAuthorized { account, caller }.into());
        }
        if operator.is_zero() {
            return Err(ZeroAddress {}.into());
        }
        self.operators.setter(account).setter(operator).set(allowed);
        emit(
            self.vm(),
            &[OperatorSet::SIGNATURE_HASH, account.word(), operator.word()],
            &[allowed.word()],
        );
        Ok(())
    }

    /// Pauses trades for `duration` seconds from now; 0 lifts the pause. Errors: `NotGuardian`, `PauseTooLong`.
    pub(crate) fn pause_trades(&mut self, duration: u64) -> Result<(), Revert> {
        let caller = self.vm().msg_sender();
        if caller != self.guardian.get() {
            return Err(NotGuardian { caller }.into());
        }
        if duration > LONGEST_PAUSE {
            return Err(PauseTooLong {
                given: duration,
                most: LONGEST_PAUSE,
            }
            .into());
        }
        // Saturating never bites: seconds since 1970 plus 7 days.
        let time = match duration {
            0 => 0,
            _ => self.now().saturating_add(duration),
        };
        self.paused_until.set(U64::from(time));
        emit(self.vm(), &[PausedUntil::SIGNATURE_HASH], &[time.word()]);
        Ok(())
    }
}

/// Errors: `BadAccount` when the owner or the pool is zero.
pub(crate) fn only_account(account: U256) -> Result<(), Revert> {
    if !ids::is_account(account) {
        return Err(BadAccount { account }.into());
    }
    Ok(())
}
