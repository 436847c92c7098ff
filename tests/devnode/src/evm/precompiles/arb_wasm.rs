//! ArbWasm: activates programs and tells what is known about them.

use alloy_primitives::{Address, B256, Bytes, U256};
use alloy_sol_types::{SolCall, SolInterface};

use super::{
    abi::ArbWasm::{self as abi, ArbWasmCalls as Method},
    call::{Call, Purity, Stop},
};
use crate::{
    evm::arbos::{
        self,
        program::{self, Inactive, ProgramRecord},
    },
    program::{
        ACTIVATION_BASE_GAS, ActivationError, StylusConfig, activate_fragments, code_format,
        is_program,
    },
};

/// What `pageRamp` reports; the memory table has it baked in.
const PAGE_RAMP: u64 = 620_674_314;
/// Gas units of the two floors of init gas.
const INIT_UNIT: u64 = 128;
const CACHED_UNIT: u64 = 32;
/// ArbOS that brought a price on activations.
const ACTIVATION_GAS_SINCE: u64 = 59;
/// Percent in one step of a cost scalar.
const SCALAR_STEP: u64 = 2;

impl From<Inactive> for Stop {
    fn from(reason: Inactive) -> Self {
        match reason {
            Inactive::NotActivated => abi::ProgramNotActivated {}.into(),
            Inactive::NeedsUpgrade {
                version,
                stylus_version,
            } => abi::ProgramNeedsUpgrade {
                version,
                stylusVersion: stylus_version,
            }
            .into(),
            Inactive::Expired { age } => abi::ProgramExpired { ageInSeconds: age }.into(),
        }
    }
}

/// Runs a method.
pub fn run(call: &mut Call<'_>, input: &[u8]) -> Result<Bytes, Stop> {
    let method = Method::abi_decode(input).map_err(|_| Stop::Rejected)?;
    match method {
        Method::activateProgram(args) => {
            call.open(Purity::Payable, input)?;
            activate_program(call, args.program)
        }
        Method::codehashKeepalive(args) => {
            call.open(Purity::Payable, input)?;
            keep_alive(call, args.codehash)
        }
        getter => {
            call.open(Purity::View, input)?;
            Ok(answer(call, getter)?.into())
        }
    }
}

fn activate_program(call: &mut Call<'_>, address: Address) -> Result<Bytes, Stop> {
    if call.ctx.chain.arbos_version >= ACTIVATION_GAS_SINCE {
        let surcharge = arbos::activation_gas(call.words());
        call.burn(surcharge)?;
    }
    call.burn(ACTIVATION_BASE_GAS)?;
    let code_hash = call.code_hash(address)?;
    let config = call.params()?;
    let now = call.now();

    call.charge_reads(1)?;
    let before = ProgramRecord::load(call.words(), code_hash);
    if ProgramRecord::load_active(call.words(), code_hash, &config, now).is_ok() {
        return Err(abi::ProgramUpToDate {}.into());
    }
    let code = call.code(address);
    if !is_program(&code, &config) {
        return Err(abi::ProgramNotWasm {}.into());
    }

    let refused = |error: ActivationError| Stop::Activation(error.to_string());
    let root = code_format::root(&code, &config).map_err(|error| refused(error.into()))?;
    let mut fragments = Vec::new();
    for address in root.into_iter().flat_map(|root| root.fragments) {
        fragments.push(call.fragment(address)?);
    }
    let activated = activate_fragments(&code, &fragments, &config, call.ctx.chain.pages_open)
        .map_err(refused)?;
    call.burn(activated.gas)?;
    call.charge_write()?;
    program::store_module_hash(call.words(), code_hash, activated.module_hash);

    let fee = charge_data_fee(call, activated.asm_estimate)?;
    let record = ProgramRecord {
        version: config.version,
        init_cost: activated.init_cost,
        cached_cost: activated.cached_init,
        footprint: activated.footprint,
        activated_at: program::hours_since_epoch(now),
        asm_kb: program::kilobytes(activated.asm_estimate),
        // A program that is activated again stays in the cache it was in.
        cached: before.cached,
    };
    call.charge_write()?;
    record.store(call.words(), code_hash);
    call.emit(&abi::ProgramActivated {
        codehash: code_hash,
        moduleHash: activated.module_hash,
        program: address,
        dataFee: fee,
        version: config.version,
    })?;
    let answer = abi::activateProgramReturn {
        version: config.version,
        dataFee: fee,
    };
    Ok(abi::activateProgramCall::abi_encode_returns(&answer).into())
}

fn keep_alive(call: &mut Call<'_>, code_hash: B256) -> Result<Bytes, Stop> {
    let config = call.params()?;
    let now = call.now();
    let mut record = active(call, code_hash, &config)?;
    if !record.may_be_kept_alive(now, &config) {
        return Err(abi::ProgramKeepaliveTooSoon {
            ageInSeconds: record.age(now),
        }
        .into());
    }
    let fee = charge_data_fee(call, record.asm_size())?;
    record.activated_at = program::hours_since_epoch(now);
    call.charge_write()?;
    record.store(call.words(), code_hash);
    call.emit(&abi::ProgramLifetimeExtended {
        codehash: code_hash,
        dataFee: fee,
    })?;
    Ok(Bytes::new())
}

/// Takes the fee for `bytes` of native code out of the value sent along and gives the rest back.
fn charge_data_fee(call: &mut Call<'_>, bytes: u32) -> Result<U256, Stop> {
    call.charge_reads(2)?;
    let mut pricer = arbos::data_pricer(call.words());
    let fee = pricer.charge(bytes, call.now());
    call.charge_write()?;
    call.charge_write()?;
    arbos::store_data_pricer(call.words(), pricer);
    let have = call.value;
    let rest = have
        .checked_sub(fee)
        .ok_or_else(|| Stop::from(abi::ProgramInsufficientValue { have, want: fee }))?;
    let (network, caller) = (call.ctx.chain.block.network_fee_account, call.caller);
    call.pay(network, fee)?;
    call.pay(caller, rest)?;
    Ok(fee)
}

fn active(
    call: &mut Call<'_>,
    code_hash: B256,
    config: &StylusConfig,
) -> Result<ProgramRecord, Stop> {
    call.charge_reads(1)?;
    let now = call.now();
    Ok(ProgramRecord::load_active(
        call.words(),
        code_hash,
        config,
        now,
    )?)
}

/// Record of the program at an address.
fn active_at(
    call: &mut Call<'_>,
    address: Address,
    config: &StylusConfig,
) -> Result<ProgramRecord, Stop> {
    let code_hash = call.code_hash(address)?;
    active(call, code_hash, config)
}

fn answer(call: &mut Call<'_>, getter: Method) -> Result<Vec<u8>, Stop> {
    let config = call.params()?;
    let percent = |scalar: u8| u64::from(scalar) * SCALAR_STEP;
    Ok(match getter {
        Method::stylusVersion(_) => abi::stylusVersionCall::abi_encode_returns(&config.version),
        Method::codehashVersion(args) => {
            let record = active(call, args.codehash, &config)?;
            abi::codehashVersionCall::abi_encode_returns(&record.version)
        }
        Method::codehashAsmSize(args) => {
            let record = active(call, args.codehash, &config)?;
            abi::codehashAsmSizeCall::abi_encode_returns(&record.asm_size())
        }
        Method::programVersion(args) => {
            let record = active_at(call, args.program, &config)?;
            abi::programVersionCall::abi_encode_returns(&record.version)
        }
        Method::programInitGas(args) => {
            let record = active_at(call, args.program, &config)?;
            let cached = config.cached_init_gas(record.cached_cost);
            let mut gas = config.init_gas(record.init_cost);
            if config.version > 1 {
                gas = gas.saturating_add(cached);
            }
            let answer = abi::programInitGasReturn {
                gas,
                gasWhenCached: cached,
            };
            abi::programInitGasCall::abi_encode_returns(&answer)
        }
        Method::programMemoryFootprint(args) => {
            let record = active_at(call, args.program, &config)?;
            abi::programMemoryFootprintCall::abi_encode_returns(&record.footprint)
        }
        Method::programTimeLeft(args) => {
            let record = active_at(call, args.program, &config)?;
            let left = record.time_left(call.now(), &config);
            abi::programTimeLeftCall::abi_encode_returns(&left)
        }
        Method::inkPrice(_) => abi::inkPriceCall::abi_encode_returns(&config.ink_price),
        Method::maxStackDepth(_) => {
            abi::maxStackDepthCall::abi_encode_returns(&config.max_stack_depth)
        }
        Method::freePages(_) => abi::freePagesCall::abi_encode_returns(&config.free_pages),
        Method::pageGas(_) => abi::pageGasCall::abi_encode_returns(&config.page_gas),
        Method::pageRamp(_) => abi::pageRampCall::abi_encode_returns(&PAGE_RAMP),
        Method::pageLimit(_) => abi::pageLimitCall::abi_encode_returns(&config.page_limit),
        Method::minInitGas(_) => {
            let answer = abi::minInitGasReturn {
                gas: u64::from(config.min_init_gas) * INIT_UNIT,
                cached: u64::from(config.min_cached_init_gas) * CACHED_UNIT,
            };
            abi::minInitGasCall::abi_encode_returns(&answer)
        }
        Method::initCostScalar(_) => {
            abi::initCostScalarCall::abi_encode_returns(&percent(config.init_cost_scalar))
        }
        Method::expiryDays(_) => abi::expiryDaysCall::abi_encode_returns(&config.expiry_days),
        Method::keepaliveDays(_) => {
            abi::keepaliveDaysCall::abi_encode_returns(&config.keepalive_days)
        }
        Method::blockCacheSize(_) => {
            abi::blockCacheSizeCall::abi_encode_returns(&config.block_cache_size)
        }
        Method::activationGas(_) => {
            call.since(ACTIVATION_GAS_SINCE)?;
            call.charge_reads(1)?;
            let gas = arbos::activation_gas(call.words());
            abi::activationGasCall::abi_encode_returns(&gas)
        }
        // Handled before the getters.
        Method::activateProgram(_) | Method::codehashKeepalive(_) => return Err(Stop::Rejected),
    })
}
