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

/// Whether a profile is nowhere milder than the one kept at `current`. Errors: as [`check`].
pub fn tightens(factory: &SeriesFactory, current: Address, bytes: &[u8]) -> Result<bool, Revert> {
    let new = check(bytes)?;
    let old = data_contract::read(factory, current)?;
    let old = RiskProfile::from_bytes(&old).map_err(|_| malformed(&old))?;
    Ok(is_at_least_as_strict(&new, &old))
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
