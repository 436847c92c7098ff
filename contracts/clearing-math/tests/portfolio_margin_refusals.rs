//! Portfolio margin: what it refuses, naming what is wrong; the bounds of profiles, and their bytes.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::doc_markdown,
    reason = "tests panic on overflow, and measure in doubles"
)]

#[path = "support/portfolio.rs"]
mod portfolio;

use clearing_math::{
    leg::{Leg, OptionKind},
    margin::{
        CodecError, DERIBIT_STYLE, FULL_COLLATERAL, MAX_LEGS, MAX_PROFILE_BYTES, MarginError,
        NOVATION_DEFAULT, PMRM, PMRM_2, RiskProfile, STANDARD_STYLE, ScenarioProfile, Scenarios,
        Term,
        codec::{Reader, Writer},
    },
};
use portfolio::{Account, EXPIRIES, Scenery, UNIT, default_profile, scenarios_of};
use proptest::prelude::*;

const PRESETS: [RiskProfile; 4] = [NOVATION_DEFAULT, DERIBIT_STYLE, PMRM, PMRM_2];

fn calm() -> Scenery {
    Scenery::calm(3_000 * UNIT as u128)
}

fn option(expiry: usize, strike: u64, kind: OptionKind, contracts: i128) -> Leg {
    Leg {
        expiry: EXPIRIES[expiry].0,
        strike: strike * 100_000_000,
        kind,
        contracts: contracts * UNIT,
    }
}

#[test]
fn refusals_of_a_market_name_what_is_wrong() {
    let legs = [option(3, 3_000, OptionKind::Call, -1)];
    let ask = |scenery: &Scenery| {
        scenery
            .ask(&NOVATION_DEFAULT, &scenery.account(&legs, 0, 0))
            .unwrap_err()
    };
    let mid = calm().mid;
    let zero = Scenery {
        mid: 0,
        low: 0,
        high: 0,
        ..calm()
    };
    assert_eq!(ask(&zero), MarginError::ZeroPrice);
    for low in [0, mid + 1] {
        let high = mid;
        let refused = ask(&Scenery { low, ..calm() });
        assert_eq!(refused, MarginError::BandOutOfOrder { low, mid, high });
    }
    let mut unpriced = calm();
    unpriced.terms[3].forward = 0;
    assert_eq!(ask(&unpriced), MarginError::MissingTerm { leg: 0 });
}

#[test]
fn refusals_of_a_portfolio_name_the_leg() {
    let good = option(3, 3_000, OptionKind::Call, -1);
    let scenery = calm();
    let ask = |bad: Leg| {
        let account = scenery.account(&[good, good, bad], 0, 0);
        scenery.ask(&NOVATION_DEFAULT, &account).unwrap_err()
    };
    let expiry = good.expiry + 1;
    let refused = ask(Leg { expiry, ..good });
    assert_eq!(refused, MarginError::MissingTerm { leg: 2 });
    let refused = ask(Leg { strike: 0, ..good });
    assert_eq!(refused, MarginError::ZeroStrike { leg: 2 });
    for contracts in [i128::MAX, i128::MIN, 1 << 117] {
        let refused = ask(Leg { contracts, ..good });
        assert_eq!(refused, MarginError::LegOverflow { leg: 2 });
    }
    let mut far = calm();
    far.terms.push(Term {
        expiry: u32::MAX,
        ..far.terms[0]
    });
    far.now = 1;
    let late = Leg {
        expiry: u32::MAX,
        ..good
    };
    let refused = far.ask(&NOVATION_DEFAULT, &far.account(&[late], 0, 0));
    assert_eq!(refused, Err(MarginError::TimeTooLong { leg: 0 }));

    let mut account = scenery.account(&[good, good], 0, 0);
    account.volatilities[1] = 0;
    let ask = |account: &Account| scenery.ask(&NOVATION_DEFAULT, account).unwrap_err();
    assert_eq!(ask(&account), MarginError::MissingVolatility { leg: 1 });
    account.ceilings = vec![1];
    let (given, expected) = (1, 2);
    assert_eq!(ask(&account), MarginError::CeilingCount { given, expected });
    account.volatilities.pop();
    let refused = MarginError::VolatilityCount { given, expected };
    assert_eq!(ask(&account), refused);
    let many = vec![good; MAX_LEGS + 1];
    let (given, allowed) = (129, 128);
    let refused = MarginError::TooManyLegs { given, allowed };
    assert_eq!(ask(&scenery.account(&many, 0, 0)), refused);
    scenery.require(&NOVATION_DEFAULT, &scenery.account(&many[..MAX_LEGS], 0, 0));
    let empty = RiskProfile::ScenarioReprice(ScenarioProfile {
        scenarios: Scenarios::new(&[]).unwrap(),
        ..default_profile()
    });
    let refused = scenery.ask(&empty, &scenery.account(&[good], 0, 0));
    let (given, allowed) = (0, 40);
    assert_eq!(refused, Err(MarginError::ScenarioCount { given, allowed }));
}

#[test]
fn presets_are_within_their_bounds_and_others_are_refused() {
    for profile in &PRESETS {
        assert_eq!(scenarios_of(profile).validate(), Ok(()));
    }
    let default = default_profile();
    let loose = ScenarioProfile {
        maintenance_factor: default.initial_factor + 1,
        ..default
    };
    let error = loose.validate().unwrap_err();
    let (given, most) = (default.initial_factor + 1, default.initial_factor);
    assert_eq!((error.given, error.maximum), (given, most));
    let scenarios = Scenarios::new(&[]).unwrap();
    assert!(
        ScenarioProfile {
            scenarios,
            ..default
        }
        .validate()
        .is_err()
    );
}

#[test]
fn profiles_survive_their_bytes_and_malformed_bytes_are_refused() {
    for profile in &PRESETS {
        let mut buffer = [0; MAX_PROFILE_BYTES];
        let length = profile.to_bytes(&mut buffer);
        let bytes = &buffer[..length];
        assert!(length < 400, "{length} bytes");
        assert_eq!(RiskProfile::from_bytes(bytes), Ok(*profile));
        for end in 0..length {
            assert!(RiskProfile::from_bytes(&bytes[..end]).is_err());
        }
        let refused = RiskProfile::from_bytes(&buffer[..=length]);
        assert_eq!(refused, Err(CodecError::TooLong(1)));
        // Whatever byte is changed, it is another profile or none.
        for at in 0..length {
            for bit in 0..8 {
                let mut other = buffer;
                other[at] ^= 1 << bit;
                let same = RiskProfile::from_bytes(&other[..length]) == Ok(*profile);
                assert!(!same, "byte {at}, bit {bit}");
            }
        }
    }
    let refused = RiskProfile::from_bytes(&[2, 0]);
    assert_eq!(refused, Err(CodecError::UnknownVersion(2)));
    let mut buffer = [0; MAX_PROFILE_BYTES];
    for (profile, of_scenarios) in [
        (NOVATION_DEFAULT, true),
        (STANDARD_STYLE, false),
        (FULL_COLLATERAL, false),
    ] {
        let length = profile.to_bytes(&mut buffer);
        let bytes = &buffer[..length];
        let other = Err(CodecError::UnknownModel(bytes[1]));
        let (scenarios, formulas) = (
            RiskProfile::scenarios_from_bytes(bytes),
            RiskProfile::formula_from_bytes(bytes),
        );
        assert_eq!(scenarios, if of_scenarios { Ok(profile) } else { other });
        assert_eq!(formulas, if of_scenarios { other } else { Ok(profile) });
    }
    let refused = RiskProfile::from_bytes(&[1, 200]);
    assert_eq!(refused, Err(CodecError::UnknownModel(200)));
}

proptest! {
    /// A number of any size survives, and random bytes never panic.
    #[test]
    fn numbers_survive_their_bytes(number: u64, shift in 0..64_u32, zeros in 0..20_u32, signed: i64, noise: Vec<u8>) {
        let mut buffer = [0; MAX_PROFILE_BYTES];
        let numbers = [number, number >> shift, 10_u64.pow(zeros), (number >> 40).saturating_mul(10_u64.pow(zeros)), 0];
        let mut writer = Writer::new(&mut buffer);
        for number in numbers {
            writer.number(number);
        }
        writer.signed(signed.max(-i64::MAX));
        let length = writer.length();
        let mut reader = Reader::new(&buffer[..length]);
        prop_assert_eq!(numbers.map(|_| reader.number()), numbers);
        prop_assert_eq!(reader.signed(), signed.max(-i64::MAX));
        prop_assert_eq!(reader.end(), Ok(()));
        let mut bytes = vec![1, 0];
        bytes.extend(noise);
        let _ = RiskProfile::from_bytes(&bytes);
    }
}
