//! ArbSys, ArbInfo and ArbGasInfo: facts of the chain that never change state.

use alloy_primitives::{Bytes, U256};
use alloy_sol_types::{SolCall, SolInterface};
use revm::context::{Block, Cfg, ContextTr};

use super::{
    abi::{ArbGasInfo, ArbInfo, ArbSys},
    call::{Call, Purity, Stop},
};
use crate::{chain::config::TX_GAS_LIMIT, evm::arbos};

/// What a chain's ArbOS version is offset by in `arbOSVersion`.
const VERSION_OFFSET: u64 = 55;
/// Gas per second the chain is meant to sustain.
const SPEED_LIMIT: u64 = 7_000_000;
/// Gas of writing one fresh storage slot.
const STORAGE_GAS: u64 = 20_000;

/// ArbSys.
pub fn arb_sys(call: &mut Call<'_>, input: &[u8]) -> Result<Bytes, Stop> {
    use ArbSys::{self as abi, ArbSysCalls as Method};
    let method = Method::abi_decode(input).map_err(|_| Stop::Rejected)?;
    call.open(Purity::View, input)?;
    let answer = match method {
        Method::arbBlockNumber(_) => {
            abi::arbBlockNumberCall::abi_encode_returns(&U256::from(call.ctx.chain.block.l2_number))
        }
        Method::arbChainID(_) => {
            abi::arbChainIDCall::abi_encode_returns(&U256::from(call.ctx.cfg().chain_id()))
        }
        Method::arbOSVersion(_) => abi::arbOSVersionCall::abi_encode_returns(&U256::from(
            call.ctx.chain.arbos_version + VERSION_OFFSET,
        )),
        // Storage gas was abolished with Nitro; the method stayed.
        Method::getStorageGasAvailable(_) => {
            abi::getStorageGasAvailableCall::abi_encode_returns(&U256::ZERO)
        }
    };
    Ok(answer.into())
}

/// ArbInfo.
pub fn arb_info(call: &mut Call<'_>, input: &[u8]) -> Result<Bytes, Stop> {
    use ArbInfo::{self as abi, ArbInfoCalls as Method};
    let method = Method::abi_decode(input).map_err(|_| Stop::Rejected)?;
    call.open(Purity::View, input)?;
    let answer = match method {
        Method::getBalance(args) => {
            abi::getBalanceCall::abi_encode_returns(&call.balance(args.account)?)
        }
        Method::getCode(args) => {
            call.code_hash(args.account)?;
            let code = call.code(args.account);
            call.burn(super::call::word_gas(code.len()))?;
            abi::getCodeCall::abi_encode_returns(&code)
        }
    };
    Ok(answer.into())
}

/// ArbGasInfo. L1 costs nothing on a devnode after set-up, so every L1 part is zero unless an owner set a price.
pub fn arb_gas_info(call: &mut Call<'_>, input: &[u8]) -> Result<Bytes, Stop> {
    use ArbGasInfo::{self as abi, ArbGasInfoCalls as Method};
    let method = Method::abi_decode(input).map_err(|_| Stop::Rejected)?;
    call.open(Purity::View, input)?;
    call.charge_reads(1)?;
    let base_fee = U256::from(call.ctx.block().basefee());
    let l1_price = arbos::l1_price(call.words());
    let answer = match method {
        Method::getPricesInWei(_) => {
            let storage = base_fee.saturating_mul(U256::from(STORAGE_GAS));
            let zero = U256::ZERO;
            abi::getPricesInWeiCall::abi_encode_returns(
                &(zero, l1_price, storage, base_fee, zero, base_fee).into(),
            )
        }
        Method::getPricesInArbGas(_) => abi::getPricesInArbGasCall::abi_encode_returns(
            &(
                U256::ZERO,
                l1_price / base_fee.max(U256::ONE),
                U256::from(STORAGE_GAS),
            )
                .into(),
        ),
        Method::getGasAccountingParams(_) => {
            let limit = U256::from(TX_GAS_LIMIT);
            abi::getGasAccountingParamsCall::abi_encode_returns(
                &(U256::from(SPEED_LIMIT), limit, limit).into(),
            )
        }
        Method::getMinimumGasPrice(_) => abi::getMinimumGasPriceCall::abi_encode_returns(&base_fee),
        Method::getL1BaseFeeEstimate(_) => {
            abi::getL1BaseFeeEstimateCall::abi_encode_returns(&l1_price)
        }
        Method::getL1GasPriceEstimate(_) => {
            abi::getL1GasPriceEstimateCall::abi_encode_returns(&l1_price)
        }
    };
    Ok(answer.into())
}
