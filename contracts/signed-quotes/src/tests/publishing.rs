//! From signed quotes to what the surface stores, and which of two publications stands.

use alloy_primitives::{B256, U256};
use alloy_sol_types::SolError;
use clearing_math::quotes::QuotedExpiry;
use clearing_math::surface::PublishedSmile;
use interfaces::ISignedQuotes::{
    BadExpiry, Expired, FutureTimestamp, LengthMismatch, MalformedExpiry, ParameterOutOfBounds,
    QuotesPublished, SmileMissesQuote, StaleQuotes, WorseSmile,
};
use interfaces::IVolatilitySurface::{InvalidSmile, NotPublisher};
use motsu::prelude::*;
use smile_proof::SmileProof;
use volatility_surface::VolatilitySurface;

use super::scene::{
    FEED, FORWARD, MAX_AGE, MONTH, NOW, OWNER, OptionQuotes, POINT, RELAYER, SKEW, STRIKES, chain,
    error, good, list, listed, of_one_expiry, open, submit, word,
};
use crate::SignedQuotes;

const AGE: u64 = 20;

/// A smile whose volatilities are higher by some hundredths of a point.
fn higher(hundredths: i64) -> PublishedSmile {
    // Around 65 %: 0.01 points are 13,000 units of variance.
    PublishedSmile {
        a: SKEW.a + hundredths * 130_000,
        ..SKEW
    }
}

#[motsu::test]
fn a_smile_within_all_quotes_is_published_as_of_their_observation(
    publisher: Contract<SignedQuotes>,
    surface: Contract<VolatilitySurface>,
    proof: Contract<SmileProof>,
) {
    let keys = listed(&publisher, &surface, &proof);
    submit(&publisher, &keys[1..], &good(AGE), &[word(SKEW)]).motsu_unwrap();
    let expected = word(PublishedSmile {
        expiry: MONTH,
        published_at: (NOW - AGE) as u32,
        ..SKEW
    });
    let (smile, term) = surface
        .sender(RELAYER)
        .smile_of(FEED, 1, MONTH)
        .motsu_unwrap();
    assert_eq!(smile, expected);
    let term: u128 = term.to();
    // ln(2,010 / 2,000) over 30 days and 20 seconds, 6.07 % a year; no rate; 1 % of doubt.
    let carry = (term >> 48) as u32 as i32;
    assert!((60_670_000..60_690_000).contains(&carry), "{carry}");
    assert_eq!(term & ((1 << 48) - 1), 100);
    let (observed_at, forward, firm, miss) = publisher.sender(RELAYER).latest_of(MONTH);
    assert_eq!((observed_at, forward, firm), (NOW - AGE, FORWARD, 9));
    // In the middle of every quote, but for what the middle of two volatilities of prices is not: nothing.
    assert!(miss < 10, "{miss}");
    assert!(publisher.emitted(&QuotesPublished {
        expiry: MONTH,
        observedAt: NOW - AGE,
        forward: FORWARD,
        firmQuotes: 9,
        missBps: miss,
        smile: expected,
    }));
}

#[motsu::test]
fn quotes_are_of_the_present_and_follow_each_other(
    publisher: Contract<SignedQuotes>,
    surface: Contract<VolatilitySurface>,
    proof: Contract<SmileProof>,
) {
    let keys = listed(&publisher, &surface, &proof);
    let send = |message: &OptionQuotes| submit(&publisher, &keys, message, &[word(SKEW)]);
    let late = OptionQuotes {
        deadline: NOW - 1,
        ..good(AGE)
    };
    let expired = Expired {
        deadline: NOW - 1,
        time: NOW,
    };
    assert_eq!(send(&late), Err(error(expired)));
    let ahead = OptionQuotes {
        observedAt: NOW + 1,
        ..good(0)
    };
    let future = FutureTimestamp {
        timestamp: NOW + 1,
        latest: NOW,
    };
    assert_eq!(send(&ahead), Err(error(future)));
    let stale = |observed_at, earliest| {
        error(StaleQuotes {
            expiry: MONTH,
            observedAt: observed_at,
            earliest,
        })
    };
    let oldest = u64::from(MAX_AGE);
    assert_eq!(
        send(&good(oldest + 1)),
        Err(stale(NOW - oldest - 1, NOW - oldest))
    );
    assert_eq!(send(&good(oldest)), Ok(()));
    assert_eq!(send(&good(AGE)), Ok(()));
    assert_eq!(send(&good(AGE + 1)), Err(stale(NOW - AGE - 1, NOW - AGE)));
    let now = OptionQuotes {
        deadline: NOW,
        ..good(0)
    };
    assert_eq!(send(&now), Ok(()));
}

#[motsu::test]
fn of_one_observation_a_better_smile_replaces_a_worse_one_and_nothing_else_does(
    publisher: Contract<SignedQuotes>,
    surface: Contract<VolatilitySurface>,
    proof: Contract<SmileProof>,
) {
    let keys = listed(&publisher, &surface, &proof);
    let message = good(AGE);
    let send = |smile| submit(&publisher, &keys, &message, &[word(smile)]);
    let stored = || {
        surface
            .sender(RELAYER)
            .smile_of(FEED, 1, MONTH)
            .motsu_unwrap()
            .0
    };
    let miss = || publisher.sender(RELAYER).latest_of(MONTH).3;
    // One point of width and a tenth of tolerance: 0.55 points are half of what is allowed.
    send(higher(80)).motsu_unwrap();
    let (first, worst) = (stored(), miss());
    assert!((7_000..8_500).contains(&worst), "{worst}");
    let worse = |given: u16| {
        error(WorseSmile {
            expiry: MONTH,
            missBps: U256::from(given),
            mostBps: U256::from(worst - 100),
        })
    };
    // The same again, a replay; one on the other side as far away; one that is hardly better.
    for (smile, at_least) in [
        (higher(80), worst),
        (higher(-79), worst - 300),
        (higher(79), worst - 99),
    ] {
        let refused = send(smile).unwrap_err();
        let given = WorseSmile::abi_decode(refused.data(), true)
            .unwrap()
            .missBps
            .to();
        assert!(
            given >= at_least && refused == worse(given),
            "{given} {worst}"
        );
        assert_eq!(stored(), first);
    }
    send(higher(40)).motsu_unwrap();
    assert!(miss() < worst - 3_000 && stored() != first);
    // What was better once cannot come back.
    assert!(send(higher(80)).is_err());
    // Of a newer observation anything within the quotes stands.
    submit(&publisher, &keys, &good(AGE - 1), &[word(higher(80))]).motsu_unwrap();
}

#[motsu::test]
fn several_expiries_are_published_together_or_left_out(
    publisher: Contract<SignedQuotes>,
    surface: Contract<VolatilitySurface>,
    proof: Contract<SmileProof>,
) {
    let keys = listed(&publisher, &surface, &proof);
    let mut message = good(AGE);
    let later = MONTH + 86_400;
    let seconds = u64::from(later) - NOW + AGE;
    let second = of_one_expiry(&chain(SKEW, &STRIKES[1..], POINT, seconds), later, AGE);
    message.expiries.extend(&second.expiries);
    message.quotes.extend(&second.quotes);
    let send = |smiles: &[B256]| submit(&publisher, &keys, &message, smiles);
    let lengths = |first: u64, second: u64| {
        let [first, second] = [first, second].map(U256::from);
        error(LengthMismatch { first, second })
    };
    assert_eq!(send(&[word(SKEW)]), Err(lengths(2, 1)));
    send(&[B256::ZERO, word(SKEW)]).motsu_unwrap();
    let expiries = || surface.sender(RELAYER).expiries_of(FEED, 1).motsu_unwrap();
    assert_eq!(expiries(), [later]);
    assert_eq!(publisher.sender(RELAYER).latest_of(MONTH).0, 0);
    // Left out, it may follow; what is published already is left out in its turn.
    send(&[word(SKEW), B256::ZERO]).motsu_unwrap();
    assert_eq!(expiries(), [MONTH, later]);
    // The index of a missed quote is that in the call. (Last: nothing rolls back here, and the first expiry was noted before.)
    let mut message = message.clone();
    message.observedAt += 1;
    let refused = submit(
        &publisher,
        &keys,
        &message,
        &[word(SKEW), word(higher(300))],
    )
    .unwrap_err();
    let missed = SmileMissesQuote::abi_decode(refused.data(), true).unwrap();
    assert_eq!(missed.index, U256::from(9));

    let mut short = good(1);
    short.quotes.pop();
    let mut long = good(1);
    long.quotes.push(B256::ZERO);
    for (message, given) in [(short, 8), (long, 10)] {
        let refused = submit(&publisher, &keys, &message, &[word(SKEW)]);
        assert_eq!(refused, Err(lengths(9, given)));
    }
}

#[motsu::test]
fn expiries_are_words_that_have_not_passed_and_spot_is_positive(
    publisher: Contract<SignedQuotes>,
    surface: Contract<VolatilitySurface>,
    proof: Contract<SmileProof>,
) {
    let keys = listed(&publisher, &surface, &proof);
    let quotes = chain(SKEW, &STRIKES, POINT, 1_000);
    let passed = of_one_expiry(&quotes, NOW as u32, AGE);
    let bad = BadExpiry {
        expiry: NOW as u32,
        earliest: NOW + 1,
        latest: u32::MAX.into(),
    };
    assert_eq!(
        submit(&publisher, &keys, &passed, &[word(SKEW)]),
        Err(error(bad))
    );
    let mut worthless = good(AGE);
    let mut expiry = QuotedExpiry::from_word(&worthless.expiries[0].0).unwrap();
    expiry.forward = 0;
    worthless.expiries[0] = B256::new(expiry.to_word());
    let malformed = MalformedExpiry { index: U256::ZERO };
    assert_eq!(
        submit(&publisher, &keys, &worthless, &[word(SKEW)]),
        Err(error(malformed))
    );
    let free = OptionQuotes {
        spot: 0,
        ..good(AGE)
    };
    let bounds = ParameterOutOfBounds {
        given: U256::ZERO,
        least: U256::from(1),
        most: U256::from(u64::MAX),
    };
    assert_eq!(
        submit(&publisher, &keys, &free, &[word(SKEW)]),
        Err(error(bounds))
    );
}

#[motsu::test]
fn what_the_surface_refuses_is_refused(
    publisher: Contract<SignedQuotes>,
    surface: Contract<VolatilitySurface>,
    proof: Contract<SmileProof>,
) {
    let keys = listed(&publisher, &surface, &proof);
    submit(&publisher, &keys, &good(AGE), &[word(SKEW)]).motsu_unwrap();
    // A day later at 40 %: total variance falls. The quotes say so themselves; the surface keeps what it had.
    let flat = PublishedSmile::flat(40 * POINT, 0, 0).unwrap();
    let later = MONTH + 86_400;
    let quotes = chain(flat, &STRIKES, POINT, u64::from(later) - NOW);
    let message = of_one_expiry(&quotes, later, 0);
    let refused = submit(&publisher, &keys, &message, &[word(flat)]).unwrap_err();
    let refusal = InvalidSmile::abi_decode(refused.data(), true).unwrap();
    assert_eq!((refusal.expiry, refusal.code), (later, 10));
    let expiries = surface.sender(RELAYER).expiries_of(FEED, 1).motsu_unwrap();
    assert_eq!(expiries, [MONTH]);
}

#[motsu::test]
fn a_contract_that_is_no_publisher_publishes_nothing(
    publisher: Contract<SignedQuotes>,
    surface: Contract<VolatilitySurface>,
    proof: Contract<SmileProof>,
) {
    // Its place is another's.
    list(&surface, &proof, vec![publisher.address(), OWNER]);
    let keys = open(&publisher, surface.address());
    let stranger = NotPublisher {
        caller: publisher.address(),
    };
    assert_eq!(
        submit(&publisher, &keys, &good(AGE), &[word(SKEW)]),
        Err(error(stranger))
    );
}
