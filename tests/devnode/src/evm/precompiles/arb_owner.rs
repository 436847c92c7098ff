//! ArbOwner, ArbOwnerPublic and ArbDebug: who governs the chain, and the switches the set-up of a devnode turns.

use alloy_primitives::{Address, Bytes, FixedBytes};
use alloy_sol_types::{Revert, SolCall, SolInterface};

use super::{
    abi::{ArbDebug, ArbOwner, ArbOwnerPublic},
    call::{Call, Purity, Stop},
};
use crate::{
    evm::arbos::{self, CACHE_MANAGERS, CHAIN_OWNERS},
    program::config::NEWEST_ARBOS,
};

/// ArbDebug. Present because a devnode is a debug chain.
pub fn debug(call: &mut Call<'_>, input: &[u8]) -> Result<Bytes, Stop> {
    use ArbDebug::ArbDebugCalls as Method;
    let Method::becomeChainOwner(_) = Method::abi_decode(input).map_err(|_| Stop::Rejected)?;
    call.open(Purity::Write, input)?;
    let caller = call.caller;
    charge_insert(call)?;
    CHAIN_OWNERS.insert(call.words(), caller);
    Ok(Bytes::new())
}

/// ArbOwnerPublic.
pub fn public(call: &mut Call<'_>, input: &[u8]) -> Result<Bytes, Stop> {
    use ArbOwnerPublic::{self as abi, ArbOwnerPublicCalls as Method};
    let method = Method::abi_decode(input).map_err(|_| Stop::Rejected)?;
    call.open(Purity::View, input)?;
    call.charge_reads(1)?;
    let answer = match method {
        Method::isChainOwner(args) => abi::isChainOwnerCall::abi_encode_returns(
            &CHAIN_OWNERS.contains(call.words(), args.addr),
        ),
        Method::getAllChainOwners(_) => {
            abi::getAllChainOwnersCall::abi_encode_returns(&all(call, CHAIN_OWNERS)?)
        }
        Method::getNetworkFeeAccount(_) => abi::getNetworkFeeAccountCall::abi_encode_returns(
            &call.ctx.chain.block.network_fee_account,
        ),
        Method::getMaxStylusContractFragments(_) => {
            call.since(60)?;
            let fragments = call.params()?.max_fragments;
            abi::getMaxStylusContractFragmentsCall::abi_encode_returns(&fragments)
        }
    };
    Ok(answer.into())
}

/// ArbOwner: free for chain owners, closed to everybody else.
pub fn run(call: &mut Call<'_>, input: &[u8]) -> Result<Bytes, Stop> {
    use ArbOwner::{self as abi, ArbOwnerCalls as Method};
    let caller = call.caller;
    if !CHAIN_OWNERS.contains(call.words(), caller) {
        return Err(Stop::Rejected);
    }
    call.free_of_charge = true;
    let method = Method::abi_decode(input).map_err(|_| Stop::Rejected)?;
    let reads = matches!(
        method,
        Method::isChainOwner(_) | Method::getAllChainOwners(_)
    );
    call.open(if reads { Purity::View } else { Purity::Write }, input)?;
    let answer = match method {
        Method::isChainOwner(args) => abi::isChainOwnerCall::abi_encode_returns(
            &CHAIN_OWNERS.contains(call.words(), args.addr),
        ),
        Method::getAllChainOwners(_) => {
            abi::getAllChainOwnersCall::abi_encode_returns(&all(call, CHAIN_OWNERS)?)
        }
        Method::addChainOwner(args) => {
            CHAIN_OWNERS.insert(call.words(), args.newOwner);
            Vec::new()
        }
        Method::removeChainOwner(args) => {
            if !CHAIN_OWNERS.remove(call.words(), args.ownerToRemove) {
                return Err(refused("tried to remove non-owner"));
            }
            Vec::new()
        }
        Method::setL1PricePerUnit(args) => {
            arbos::set_l1_price(call.words(), args.pricePerUnit);
            Vec::new()
        }
        Method::addWasmCacheManager(args) => {
            CACHE_MANAGERS.insert(call.words(), args.manager);
            Vec::new()
        }
        Method::removeWasmCacheManager(args) => {
            if !CACHE_MANAGERS.remove(call.words(), args.manager) {
                return Err(refused("tried to remove non-manager"));
            }
            Vec::new()
        }
        Method::scheduleArbOSUpgrade(args) => {
            let current = call.ctx.chain.arbos_version;
            if args.newVersion > NEWEST_ARBOS {
                return Err(refused(&format!(
                    "ArbOS {} is not known, newest is {NEWEST_ARBOS}",
                    args.newVersion
                )));
            }
            // Upgrades to what already runs are no-ops on the chain too, so one set-up script fits both nodes.
            if args.newVersion > current {
                arbos::schedule_upgrade(call.words(), current, args.newVersion, args.timestamp);
            }
            Vec::new()
        }
        Method::setInkPrice(args) => {
            if args.price == 0 || args.price >= 1 << 24 {
                return Err(refused("ink price must be a positive uint24"));
            }
            arbos::set_ink_price(call.words(), args.price);
            Vec::new()
        }
    };
    if !reads {
        let mut method = FixedBytes::<4>::ZERO;
        method.copy_from_slice(&input[..4]);
        let data = Bytes::copy_from_slice(input);
        call.emit(&ArbOwner::OwnerActs {
            method,
            owner: caller,
            data,
        })?;
    }
    Ok(answer.into())
}

/// Members of a set, each charged as a read.
pub(super) fn all(call: &mut Call<'_>, set: arbos::AddressSet) -> Result<Vec<Address>, Stop> {
    let members = set.all(call.words());
    call.charge_reads(members.len() as u64)?;
    Ok(members)
}

/// Gas of adding to a set: membership and size read, item, index and size written.
fn charge_insert(call: &mut Call<'_>) -> Result<(), Stop> {
    call.charge_reads(2)?;
    for _ in 0..3 {
        call.charge_write()?;
    }
    Ok(())
}

fn refused(reason: &str) -> Stop {
    Revert {
        reason: reason.into(),
    }
    .into()
}
