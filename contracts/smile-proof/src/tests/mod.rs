//! Which smiles are proved, and which pairs; the mathematics has its tests in `clearing-math`.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::decimal_bitwise_operands,
    reason = "tests panic on overflow"
)]

use alloy_primitives::{Address, B256, U256};
use alloy_sol_types::SolError;
use clearing_math::surface::PublishedSmile;
use interfaces::ISmileProof::{InvalidSmile, UnsortedExpiries};
use motsu::prelude::*;

use crate::{SmileProof, prove_at};

const NOW: u64 = 1_735_689_600;

fn flat(percent: u64, days: u32) -> B256 {
    let volatility = percent * 10_000_000_000_000_000;
    let smile = PublishedSmile::flat(volatility, NOW as u32 + days * 86_400, 0).unwrap();
    B256::new(smile.to_word())
}

/// Bits of the error, or how many were proved.
fn verdict(smiles: &[B256], fresh: u32) -> Result<U256, u8> {
    prove_at(NOW, smiles, U256::from(fresh))
        .map_err(|revert| InvalidSmile::abi_decode(revert.data(), true).unwrap().code)
}

#[test]
fn pairs_are_proved_where_one_of_them_is_fresh() {
    // Total variance falls from the first to the second, and rises to the third.
    let smiles = [flat(90, 10), flat(50, 20), flat(80, 30)];
    assert_eq!(verdict(&smiles, 0), Ok(U256::ZERO));
    assert_eq!(verdict(&smiles, 0b001), Err(11));
    assert_eq!(verdict(&smiles, 0b010), Err(11));
    assert_eq!(verdict(&smiles, 0b100), Ok(U256::from(1)));
    assert_eq!(verdict(&smiles[1..], 0b11), Ok(U256::from(2)));
    assert_eq!(verdict(&[], u32::MAX), Ok(U256::ZERO));
}

#[test]
fn fresh_smiles_are_proved_by_themselves_and_malformed_ones_refused_in_any_case() {
    let mut steep = PublishedSmile::from_word(&flat(60, 30).0).unwrap();
    steep.b = 30_000_000_000;
    let steep = B256::new(steep.to_word());
    assert_eq!(verdict(&[steep], 0), Ok(U256::ZERO));
    assert_eq!(verdict(&[steep], 1), Err(8));
    let mut malformed = flat(60, 30);
    // σ = 0.
    malformed[19..24].fill(0);
    assert_eq!(verdict(&[malformed], 0), Err(4));
    assert_eq!(verdict(&[flat(60, 0)], 1), Err(5));
}

#[motsu::test]
fn the_method_proves_at_the_time_of_the_block(proof: Contract<SmileProof>, alice: Address) {
    let prove = |smiles: Vec<B256>| proof.sender(alice).prove(smiles, U256::MAX).motsu_res();
    assert_eq!(prove(vec![flat(60, 30), flat(60, 60)]), Ok(U256::from(2)));
    let twice = prove(vec![flat(60, 30), flat(61, 30)]).unwrap_err();
    let expected = UnsortedExpiries {
        previous: NOW as u32 + 30 * 86_400,
        next: NOW as u32 + 30 * 86_400,
    };
    assert_eq!(twice.data(), expected.abi_encode());
}
