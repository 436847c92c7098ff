//! ArbWasmCache: which programs are kept instantiated, and who may say so.

use alloy_primitives::{B256, Bytes};
use alloy_sol_types::{SolCall, SolInterface};

use super::{
    abi::ArbWasmCache::{self as abi, ArbWasmCacheCalls as Method},
    arb_owner,
    call::{Call, Purity, Stop},
};
use crate::evm::arbos::{CACHE_MANAGERS, CHAIN_OWNERS, program::ProgramRecord};

/// Runs a method.
pub fn run(call: &mut Call<'_>, input: &[u8]) -> Result<Bytes, Stop> {
    let method = Method::abi_decode(input).map_err(|_| Stop::Rejected)?;
    let writes = matches!(method, Method::cacheProgram(_) | Method::evictCodehash(_));
    call.open(if writes { Purity::Write } else { Purity::View }, input)?;
    let answer = match method {
        Method::isCacheManager(args) => {
            call.charge_reads(1)?;
            let is_manager = CACHE_MANAGERS.contains(call.words(), args.manager);
            abi::isCacheManagerCall::abi_encode_returns(&is_manager)
        }
        Method::allCacheManagers(_) => {
            call.charge_reads(1)?;
            let managers = arb_owner::all(call, CACHE_MANAGERS)?;
            abi::allCacheManagersCall::abi_encode_returns(&managers)
        }
        Method::codehashIsCached(args) => {
            call.charge_reads(1)?;
            let record = ProgramRecord::load(call.words(), args.codehash);
            abi::codehashIsCachedCall::abi_encode_returns(&record.cached)
        }
        Method::cacheProgram(args) => {
            let code_hash = call.code_hash(args.program)?;
            set_cached(call, code_hash, true)?;
            Vec::new()
        }
        Method::evictCodehash(args) => {
            set_cached(call, args.codehash, false)?;
            Vec::new()
        }
    };
    Ok(answer.into())
}

fn set_cached(call: &mut Call<'_>, code_hash: B256, cached: bool) -> Result<(), Stop> {
    let caller = call.caller;
    call.charge_reads(2)?;
    if !CACHE_MANAGERS.contains(call.words(), caller)
        && !CHAIN_OWNERS.contains(call.words(), caller)
    {
        return Err(Stop::Rejected);
    }
    let config = call.params()?;
    let now = call.now();
    call.charge_reads(1)?;
    // An outdated program may leave the cache but not enter it.
    let mut record = if cached {
        ProgramRecord::load_active(call.words(), code_hash, &config, now)?
    } else {
        ProgramRecord::load(call.words(), code_hash)
    };
    if record.cached == cached {
        return Ok(());
    }
    call.emit(&abi::UpdateProgramCache {
        manager: caller,
        codehash: code_hash,
        cached,
    })?;
    if cached {
        call.burn(config.init_gas(record.init_cost))?;
    }
    record.cached = cached;
    call.charge_write()?;
    record.store(call.words(), code_hash);
    Ok(())
}
