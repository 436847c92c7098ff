//! What a publisher may be made of.

use alloy_primitives::{Address, U256};
use interfaces::ISignedQuotes::{BadSigner, ParameterOutOfBounds, SignersReplaced};
use interfaces::Revert;
use motsu::prelude::*;

use super::scene::{FEED, MAX_AGE, POINT, RELAYER, SPREAD, TOLERANCE, addresses, error, open};
use crate::SignedQuotes;

/// Least quotes, reach, spread, tolerance, age.
type Numbers = (u16, u16, u64, u64, u32);

fn construct(
    publisher: &Contract<SignedQuotes>,
    signers: &[Address],
    (quotes, reach, spread, tolerance, age): Numbers,
) -> Result<(), Revert> {
    publisher.sender(RELAYER).constructor(
        RELAYER,
        FEED,
        3,
        signers.to_vec(),
        1,
        quotes,
        reach,
        spread,
        tolerance,
        age,
    )
}

#[motsu::test]
fn every_rule_has_its_bounds(publisher: Contract<SignedQuotes>) {
    let one = [Address::repeat_byte(1)];
    let bounds: [(u64, u64, fn(u64) -> Numbers); 5] = [
        (5, 64, |x| (x as u16, 10_000, POINT, 0, 1)),
        (2_500, 30_000, |x| (5, x as u16, POINT, 0, 1)),
        (POINT / 100, 50 * POINT, |x| (5, 10_000, x, 0, 1)),
        (0, 5 * POINT, |x| (5, 10_000, POINT, x, 1)),
        (1, 3_600, |x| (5, 10_000, POINT, 0, x as u32)),
    ];
    for (least, most, numbers) in bounds {
        for given in [least, most] {
            construct(&publisher, &one, numbers(given)).motsu_unwrap();
            let (quotes, reach, spread, tolerance, age) = publisher.sender(RELAYER).rules();
            assert_eq!((quotes, reach, spread, tolerance, age), numbers(given));
        }
        for given in [least.checked_sub(1), Some(most + 1)].into_iter().flatten() {
            let [given_word, least, most] = [given, least, most].map(U256::from);
            let out = ParameterOutOfBounds {
                given: given_word,
                least,
                most,
            };
            assert_eq!(construct(&publisher, &one, numbers(given)), Err(error(out)));
        }
    }
    let nobody = BadSigner {
        signer: Address::ZERO,
    };
    let refused = construct(&publisher, &[Address::ZERO], (5, 10_000, POINT, 0, 1));
    assert_eq!(refused, Err(error(nobody)));
}

#[motsu::test]
fn what_the_constructor_is_told_is_what_is_read(publisher: Contract<SignedQuotes>) {
    let surface = Address::repeat_byte(0x55);
    let signers = open(&publisher, surface);
    let reader = publisher.sender(RELAYER);
    assert_eq!(reader.place(), (surface, FEED, 1));
    assert_eq!(reader.rules(), (5, 10_000, SPREAD, TOLERANCE, MAX_AGE));
    assert_eq!(reader.signer_set(), (addresses(&signers), 2, 1));
    assert_eq!(reader.latest_of(7), (0, 0, 0, 0));
    assert!(publisher.emitted(&SignersReplaced {
        generation: 1,
        signers: 3,
        threshold: 2,
    }));
}
