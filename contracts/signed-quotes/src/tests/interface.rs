//! The router against the interface: every method is reached, and what it reads and writes is what the generated encoders write and read.

use alloc::vec::Vec;

use alloy_primitives::{B256, U256};
use alloy_sol_types::{SolCall, SolInterface, SolValue};
use clearing_math::quotes::{OptionQuote, QuotedExpiry};
use interfaces::ISignedQuotes as abi;
use motsu::prelude::*;
use smile_proof::SmileProof;
use stylus_sdk::abi::{CONSTRUCTOR_SELECTOR, Router};
use volatility_surface::VolatilitySurface;

use super::scene::{
    CHAIN, FEED, FORWARD, MAX_AGE, MONTH, NOW, OWNER, POINT, RELAYER, SKEW, SPREAD, STRIKES,
    SignerReplacement, TOLERANCE, addresses, domain, good, keys, list, sign, volatility_of, word,
};
use crate::SignedQuotes;

/// Reads through our router, whose answer must be that of the generated one, but for the offset that SDK 0.9 puts before several values of which one is
/// dynamic, and Solidity does not.
fn ask(publisher: &Contract<SignedQuotes>, calldata: &[u8]) -> Result<Vec<u8>, Vec<u8>> {
    let (selector, input) = calldata.split_first_chunk().unwrap();
    let selector = u32::from_be_bytes(*selector);
    let ours = publisher.sender(RELAYER).serve(calldata);
    let generated = SignedQuotes::route(&mut *publisher.sender(RELAYER), selector, input).unwrap();
    if let (Ok(ours), Ok(generated)) = (&ours, &generated) {
        let offset = generated.len() - ours.len();
        assert!(offset == 0 || generated[..offset] == U256::from(32).to_be_bytes::<32>());
        assert_eq!(*ours, generated[offset..]);
    } else {
        assert_eq!(ours, generated);
    }
    ours
}

fn read<C: SolCall>(publisher: &Contract<SignedQuotes>, call: &C) -> C::Return {
    C::abi_decode_returns(&ask(publisher, &call.abi_encode()).unwrap(), true).unwrap()
}

/// Constructs as the deployer does: ABI-encoded arguments.
fn construct(publisher: &Contract<SignedQuotes>, surface: alloy_primitives::Address) {
    let small = |x: u64| U256::from(x);
    let arguments = (
        surface,
        FEED,
        small(1),
        addresses(&keys(1..=3)),
        small(2),
        small(5),
        small(10_000),
        SPREAD,
        TOLERANCE,
        MAX_AGE,
    );
    let calldata = [
        &CONSTRUCTOR_SELECTOR.to_be_bytes()[..],
        &arguments.abi_encode_params(),
    ]
    .concat();
    assert_eq!(publisher.sender(RELAYER).serve(&calldata), Ok(Vec::new()));
    assert!(publisher.sender(RELAYER).serve(&calldata).is_err(), "twice");
}

fn publish(publisher: &Contract<SignedQuotes>) -> abi::publishCall {
    let message = good(2);
    abi::publishCall {
        signatures: sign(&keys(1..=3), &message, &domain(CHAIN, publisher.address()))
            .0
            .into(),
        observedAt: message.observedAt,
        spot: message.spot,
        expiries: message.expiries,
        quotes: message.quotes,
        smiles: vec![word(SKEW)],
        deadline: message.deadline,
    }
}

#[motsu::test]
fn every_selector_is_known(publisher: Contract<SignedQuotes>) {
    for selector in abi::ISignedQuotesCalls::selectors() {
        let found = publisher.sender(RELAYER).dispatch(selector, &[]);
        assert_ne!(found, Ok(None), "{selector:02x?}");
    }
    let unknown = publisher.sender(RELAYER).dispatch([1, 2, 3, 4], &[]);
    assert_eq!(unknown, Ok(None));
    for calldata in [&[][..], &[1, 2, 3], &[1, 2, 3, 4]] {
        assert_eq!(publisher.sender(RELAYER).serve(calldata), Err(Vec::new()));
    }
}

#[motsu::test]
fn every_method_speaks_the_interface(
    publisher: Contract<SignedQuotes>,
    surface: Contract<VolatilitySurface>,
    proof: Contract<SmileProof>,
) {
    list(&surface, &proof, vec![OWNER, publisher.address()]);
    construct(&publisher, surface.address());
    let call = publish(&publisher);
    let answer = publisher.sender(RELAYER).serve(&call.abi_encode());
    assert_eq!(answer, Ok(Vec::new()));
    // The second time it is a replay: both routers say so alike.
    assert!(ask(&publisher, &call.abi_encode()).is_err());

    let last = read(&publisher, &abi::latestOfCall { expiry: MONTH });
    assert_eq!(
        (last.observedAt, last.forward, last.firmQuotes),
        (NOW - 2, FORWARD, 9)
    );
    let asked = abi::impliedVolatilitiesCall {
        observedAt: call.observedAt,
        expiry: call.expiries[0],
        quotes: call.quotes.clone(),
    };
    let solved = read(&publisher, &asked);
    let pricing = QuotedExpiry::from_word(&call.expiries[0].0)
        .unwrap()
        .pricing(call.observedAt);
    assert_eq!((solved.bids.len(), solved.asks.len()), (9, 9));
    for (index, quote) in call.quotes.iter().enumerate() {
        let band = pricing
            .band(&OptionQuote::from_word(&quote.0).unwrap())
            .unwrap();
        assert_eq!(
            (solved.bids[index], solved.asks[index]),
            (band.bid, band.ask)
        );
        // As far as a price in 1e-18 says.
        let middle = volatility_of(SKEW, STRIKES[index]);
        assert!(
            band.bid.abs_diff(middle - POINT) < 1_000 && band.ask.abs_diff(middle + POINT) < 1_000
        );
    }
    let none = abi::impliedVolatilitiesCall {
        quotes: Vec::new(),
        ..asked.clone()
    };
    assert!(read(&publisher, &none).bids.is_empty());
    let malformed = abi::impliedVolatilitiesCall {
        quotes: vec![asked.quotes[0], B256::ZERO],
        ..asked
    };
    assert!(ask(&publisher, &malformed.abi_encode()).is_err());

    let rules = read(&publisher, &abi::rulesCall {});
    assert_eq!((rules.leastQuotes, rules.reachBps), (5, 10_000));
    assert_eq!(
        (rules.maxSpread, rules.tolerance, rules.maxAge),
        (SPREAD, TOLERANCE, MAX_AGE)
    );
    let place = read(&publisher, &abi::placeCall {});
    assert_eq!(
        (place.surface, place.feed, place.publisher),
        (surface.address(), FEED, 1)
    );
    let here = domain(CHAIN, publisher.address());
    let separator = read(&publisher, &abi::domainSeparatorCall {})._0;
    assert_eq!(separator, here.separator());
    let set = read(&publisher, &abi::signerSetCall {})._0;
    assert_eq!(
        (set.signers, set.threshold, set.generation),
        (addresses(&keys(1..=3)), 2, 1)
    );
    let message = SignerReplacement {
        signers: addresses(&keys(5..=6)),
        threshold: 1,
        generation: 1,
        deadline: NOW,
    };
    let replace = abi::replaceSignersCall {
        signatures: sign(&keys(1..=3), &message, &here).0.into(),
        signers: message.signers,
        threshold: message.threshold,
        generation: message.generation,
        deadline: message.deadline,
    };
    let answer = publisher.sender(RELAYER).serve(&replace.abi_encode());
    assert_eq!(answer, Ok(Vec::new()));
    assert_eq!(read(&publisher, &abi::signerSetCall {})._0.generation, 2);
}

#[motsu::test]
fn truncated_and_dirty_calldata_revert(publisher: Contract<SignedQuotes>) {
    construct(&publisher, RELAYER);
    let call = publish(&publisher).abi_encode();
    // Cut inside the signatures, and inside the head.
    for length in [call.len() - 32, 4 + 6 * 32, 40] {
        let cut = publisher.sender(RELAYER).serve(&call[..length]);
        assert_eq!(cut, Err(Vec::new()), "{length}");
    }
    // Bits above the 64 of the time, and the 128 of the spot.
    for at in [4 + 23, 4 + 32 + 15] {
        let mut dirty = call.clone();
        dirty[at] = 1;
        assert_eq!(publisher.sender(RELAYER).serve(&dirty), Err(Vec::new()));
    }
}
