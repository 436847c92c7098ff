//! A risk profile as bytes: what may be listed, and how it is kept.

use alloy_primitives::{Address, U256};
use clearing_math::margin::{ProfileError, RiskProfile};
use interfaces::{ISeriesFactory, Revert, data_contract};

use crate::SeriesFactory;
use crate::strictness::is_at_least_as_strict;

/// Decodes a profile and checks every number against its hard bounds. Errors: `MalformedRiskProfile`, `RiskProfileOutOfBounds`.
pub fn check(bytes: &[u8]) -> Result<RiskProfile, Revert> {
    let profile = RiskProfile::from_bytes(bytes).map_err(|_| malformed(bytes))?;
    profile.validate().map_err(out_of_bounds)?;
    Ok(profile)
}

/// Keeps a profile as the code of a contract. Errors: `NotCreated`.
pub fn store(factory: &SeriesFactory, bytes: &[u8]) -> Result<Address, Revert> {
    data_contract::create(factory, bytes).ok_or_else(|| ISeriesFactory::NotCreated {}.into())
}

/// Whether a profile is nowhere milder than the one kept at `current`, and promises all that one does: who entered a pool for a promise
/// has time to leave it. Errors: as [`check`].
pub fn tightens(factory: &SeriesFactory, current: Address, bytes: &[u8]) -> Result<bool, Revert> {
    let new = check(bytes)?;
    let old = kept(factory, current)?;
    let promised = old.guarantees();
    Ok(new.guarantees() & promised == promised && is_at_least_as_strict(&new, &old))
}

/// What the profile kept at an address promises: see `clearing_math::margin::RiskProfile::guarantees`. Errors: `MalformedRiskProfile`.
pub fn guarantees(factory: &SeriesFactory, data: Address) -> Result<u8, Revert> {
    Ok(kept(factory, data)?.guarantees())
}

/// The profile kept at an address, which was checked when it was listed.
fn kept(factory: &SeriesFactory, data: Address) -> Result<RiskProfile, Revert> {
    let bytes = data_contract::read(factory, data)?;
    RiskProfile::from_bytes(&bytes).map_err(|_| malformed(&bytes))
}

fn malformed(bytes: &[u8]) -> Revert {
    ISeriesFactory::MalformedRiskProfile {
        length: U256::from(bytes.len()),
    }
    .into()
}

fn out_of_bounds(error: ProfileError) -> Revert {
    let (parameter, index) = error.parameter.code();
    ISeriesFactory::RiskProfileOutOfBounds {
        parameter,
        index,
        given: U256::from(error.given),
        least: U256::from(error.minimum),
        most: U256::from(error.maximum),
    }
    .into()
}
