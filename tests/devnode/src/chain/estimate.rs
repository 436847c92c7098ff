//! Gas estimation: geth's binary search, with its starting points and its tolerance.

use alloy_primitives::U256;
use revm::context::TxEnv;

use super::{
    config::RPC_GAS_CAP,
    error::ChainError,
    view::{CallResult, Ending, View},
};

const PLAIN_TRANSFER: u64 = 21_000;
const CALL_STIPEND: u64 = 2_300;

/// What a search found.
pub enum Estimate {
    /// Least gas, within the tolerance, that lets the call succeed.
    Gas(u64),
    /// The call fails with any gas; this is how it ends with the most allowed.
    Fails(Ending),
}

/// Searches for the gas `tx` needs. `requested` bounds the search from above, as do the balance of the sender at `fee_cap` (ignored
/// when zero) and the cap of the RPC.
pub fn estimate(
    view: &View,
    tx: &TxEnv,
    requested: Option<u64>,
    fee_cap: u128,
) -> Result<Estimate, ChainError> {
    let mut high = requested
        .filter(|gas| *gas >= PLAIN_TRANSFER)
        .unwrap_or(RPC_GAS_CAP);
    if fee_cap > 0 {
        high = high.min(affordable(view, tx, fee_cap)?);
    }
    high = high.min(RPC_GAS_CAP);

    // A transfer to an account without code costs what it costs.
    if tx.data.is_empty()
        && tx.authorization_list.is_empty()
        && tx.access_list.is_empty()
        && tx
            .kind
            .to()
            .is_some_and(|to| view.state.code(to).is_empty())
        && succeeds(&run(view, tx, PLAIN_TRANSFER))
    {
        return Ok(Estimate::Gas(PLAIN_TRANSFER));
    }

    let first = match run(view, tx, high) {
        Ok(first) => first,
        Err(ChainError::IntrinsicGas { .. }) => return Err(ChainError::AllowanceExceeded(high)),
        Err(error) => return Err(error),
    };
    match first.ending {
        Ending::Success(_) => {}
        Ending::Failed {
            out_of_gas: true, ..
        } => return Err(ChainError::AllowanceExceeded(high)),
        ending => return Ok(Estimate::Fails(ending)),
    }

    let mut low = first.gas_used.saturating_sub(1);
    // Most calls succeed with what they used, what they were refunded, a stipend and the 64th a caller keeps back.
    let likely = (first.gas_used + first.gas_refunded + CALL_STIPEND) * 64 / 63;
    if likely < high {
        if succeeds(&run(view, tx, likely)) {
            high = likely;
        } else {
            low = likely;
        }
    }
    // Within 1.5 % is close enough: a few more gas cost less than the runs to find them.
    while low + 1 < high && (high - low) * 1_000 >= high * 15 {
        let middle = (low + (high - low) / 2).min(low.saturating_mul(2).max(1));
        if succeeds(&run(view, tx, middle)) {
            high = middle;
        } else {
            low = middle;
        }
    }
    Ok(Estimate::Gas(high))
}

fn run(view: &View, tx: &TxEnv, gas_limit: u64) -> Result<CallResult, ChainError> {
    view.call(TxEnv {
        gas_limit,
        ..tx.clone()
    })
}

fn succeeds(result: &Result<CallResult, ChainError>) -> bool {
    matches!(
        result,
        Ok(CallResult {
            ending: Ending::Success(_),
            ..
        })
    )
}

fn affordable(view: &View, tx: &TxEnv, fee_cap: u128) -> Result<u64, ChainError> {
    let have = view.state.balance(&tx.caller);
    let left = have
        .checked_sub(tx.value)
        .ok_or(ChainError::InsufficientFunds {
            address: tx.caller,
            have,
            want: tx.value,
        })?;
    Ok(u64::try_from(left / U256::from(fee_cap)).unwrap_or(u64::MAX))
}
