//! Transaction rules where Arbitrum differs from Ethereum: nobody earns a tip, and the base fee is paid, not burnt.

use std::convert::Infallible;

use revm::{
    context::ContextTr,
    context_interface::{
        Block, JournalTr,
        result::{EVMError, HaltReason},
    },
    handler::{FrameResult, Handler},
    primitives::U256,
};

use super::ArbEvm;

/// Handler of every transaction and call.
pub struct ArbHandler;

impl Handler for ArbHandler {
    type Evm = ArbEvm;
    type Error = EVMError<Infallible>;
    type HaltReason = HaltReason;

    /// The whole fee goes to the network fee account.
    fn reward_beneficiary(
        &self,
        evm: &mut ArbEvm,
        exec_result: &mut FrameResult,
    ) -> Result<(), Self::Error> {
        let ctx = &mut evm.0.ctx;
        let price = ctx.tx().gas_price.min(u128::from(ctx.block().basefee()));
        let fee = U256::from(price) * U256::from(exec_result.gas().used());
        let account = ctx.chain.block.network_fee_account;
        if !fee.is_zero() {
            ctx.journal_mut().balance_incr(account, fee)?;
        }
        Ok(())
    }
}
