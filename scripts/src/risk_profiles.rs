//! The risk profiles every deployment lists first, and how a profile is listed.

use alloy::primitives::Bytes;
use alloy::signers::local::PrivateKeySigner;
use clearing_math::margin::{
    DERIBIT_STYLE, FULL_COLLATERAL, MAX_PROFILE_BYTES, NOVATION_DEFAULT, PMRM, RiskProfile,
    STANDARD_STYLE,
};

use crate::bindings::ISeriesFactory;
use crate::chain::Chain;
use crate::deployment::Addresses;
use crate::errors::ChainError;

/// Profiles in the order of their ids, from 1.
pub const PRESETS: [(&str, RiskProfile); 5] = [
    ("Novation default", NOVATION_DEFAULT),
    ("full collateral", FULL_COLLATERAL),
    ("standard-manager style", STANDARD_STYLE),
    ("Deribit style", DERIBIT_STYLE),
    ("PMRM", PMRM),
];

/// A profile as the factory takes it.
pub fn encoded(profile: &RiskProfile) -> Bytes {
    let mut buffer = [0; MAX_PROFILE_BYTES];
    let length = profile.to_bytes(&mut buffer);
    Bytes::copy_from_slice(&buffer[..length])
}

/// Lists all presets (owner only).
pub async fn list_presets(
    chain: &Chain,
    owner: &PrivateKeySigner,
    at: &Addresses,
) -> Result<(), ChainError> {
    for (name, profile) in &PRESETS {
        let call = ISeriesFactory::listRiskProfileCall {
            profile: encoded(profile),
        };
        let sent = chain
            .send("list risk profile", owner, at.factory, &call)
            .await?;
        tracing::info!(
            name,
            id = sent.value,
            gas = sent.gas(),
            "risk profile listed"
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn presets_are_within_bounds_and_read_back_the_same() {
        for (name, profile) in &PRESETS {
            assert_eq!(profile.validate(), Ok(()), "{name}");
            assert_eq!(
                RiskProfile::from_bytes(&encoded(profile)),
                Ok(*profile),
                "{name}"
            );
        }
    }
}
