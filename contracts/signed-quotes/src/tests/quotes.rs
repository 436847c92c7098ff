//! What quotes must be, and what a smile must be to agree with them. The rule itself has its tests in `clearing-math`; here is every error as the caller sees it.

use alloy_primitives::{B256, I256, U256};
use alloy_sol_types::SolError;
use clearing_math::leg::OptionKind;
use clearing_math::quotes::OptionQuote;
use clearing_math::surface::PublishedSmile;
use interfaces::ISignedQuotes::{
    CrossedQuote, InvalidSmile, MalformedQuote, QuoteWithoutVolatility, QuotesTooNarrow,
    QuotesTooSparse, SmileMissesQuote, TooFewQuotes, TooManyQuotes, UnsortedStrikes,
};
use interfaces::Revert;
use motsu::prelude::*;
use smile_proof::SmileProof;
use volatility_surface::VolatilitySurface;

use super::scene::{
    MONTH, NOW, POINT, RELAYER, SKEW, SPREAD, STRIKES, TOLERANCE, WAD, chain, error, good, listed,
    of_one_expiry, submit, volatility_of, word,
};
use crate::SignedQuotes;

const SECONDS: u64 = MONTH as u64 - NOW;

type Publisher = Contract<SignedQuotes>;

/// Publishes the skew on the quotes that `alter` makes of good ones.
fn with(
    publisher: &Publisher,
    surface: &Contract<VolatilitySurface>,
    proof: &Contract<SmileProof>,
    alter: impl Fn(&mut Vec<OptionQuote>),
) -> Result<(), Revert> {
    let keys = listed(publisher, surface, proof);
    let mut quotes = chain(SKEW, &STRIKES, POINT, SECONDS);
    alter(&mut quotes);
    submit(
        publisher,
        &keys,
        &of_one_expiry(&quotes, MONTH, 0),
        &[word(SKEW)],
    )
}

#[motsu::test]
fn the_smile_may_miss_no_quote(
    publisher: Publisher,
    surface: Contract<VolatilitySurface>,
    proof: Contract<SmileProof>,
) {
    let keys = listed(&publisher, &surface, &proof);
    let message = of_one_expiry(&chain(SKEW, &STRIKES, POINT, SECONDS), MONTH, 0);
    // 1.2 points up: beyond the offers and a tenth of a point.
    let up = PublishedSmile {
        a: SKEW.a + 15_600_000,
        ..SKEW
    };
    let refused = submit(&publisher, &keys, &message, &[word(up)]).unwrap_err();
    let missed = SmileMissesQuote::abi_decode(refused.data(), true).unwrap();
    let strike = STRIKES[missed.index.to::<usize>()];
    assert_eq!(missed.given, volatility_of(up, strike));
    let middle = volatility_of(SKEW, strike);
    // As far as a price in 1e-18 says.
    assert!(missed.high.abs_diff(middle + POINT + TOLERANCE) < 1_000);
    assert!(missed.low.abs_diff(middle - POINT - TOLERANCE) < 1_000);
    assert!(missed.given > missed.high);
}

#[motsu::test]
fn words_that_are_no_quotes_are_named(
    publisher: Publisher,
    surface: Contract<VolatilitySurface>,
    proof: Contract<SmileProof>,
) {
    let keys = listed(&publisher, &surface, &proof);
    let mut message = good(0);
    message.quotes[3] = B256::ZERO;
    let malformed = MalformedQuote {
        index: U256::from(3),
    };
    assert_eq!(
        submit(&publisher, &keys, &message, &[word(SKEW)]),
        Err(error(malformed))
    );
    let reached = PublishedSmile { sigma: 0, ..SKEW };
    let refused = submit(&publisher, &keys, &good(0), &[word(reached)]).unwrap_err();
    let refusal = InvalidSmile::abi_decode(refused.data(), true).unwrap();
    assert_eq!((refusal.expiry, refusal.code), (MONTH, 4));
}

#[motsu::test]
fn crossed_quotes_are_refused(
    publisher: Publisher,
    surface: Contract<VolatilitySurface>,
    proof: Contract<SmileProof>,
) {
    let mut given = (0, 0);
    for quote in chain(SKEW, &STRIKES[2..3], POINT, SECONDS) {
        given = (quote.ask, quote.ask);
    }
    let refused = with(&publisher, &surface, &proof, |quotes| {
        quotes[2].bid = quotes[2].ask;
    });
    let crossed = CrossedQuote {
        index: U256::from(2),
        bid: U256::from(given.0),
        ask: U256::from(given.1),
    };
    assert_eq!(refused, Err(error(crossed)));
}

#[motsu::test]
fn strikes_rise(
    publisher: Publisher,
    surface: Contract<VolatilitySurface>,
    proof: Contract<SmileProof>,
) {
    let refused = with(&publisher, &surface, &proof, |quotes| quotes[5] = quotes[4]);
    let unsorted = UnsortedStrikes {
        index: U256::from(5),
        previous: STRIKES[4] * 100_000_000,
        next: STRIKES[4] * 100_000_000,
    };
    assert_eq!(refused, Err(error(unsorted)));
}

#[motsu::test]
fn prices_without_a_volatility_are_named(
    publisher: Publisher,
    surface: Contract<VolatilitySurface>,
    proof: Contract<SmileProof>,
) {
    // A call at 1,400 is worth 610 at least.
    let refused = with(&publisher, &surface, &proof, |quotes| {
        quotes[0].kind = OptionKind::Call;
        quotes[0].bid = 609 * WAD;
        quotes[0].ask = 620 * WAD;
    });
    let below = QuoteWithoutVolatility::abi_decode(refused.unwrap_err().data(), true).unwrap();
    assert_eq!((below.index, below.code), (U256::ZERO, 1));
    assert_eq!(below.given, U256::from(609 * WAD));
    assert!(below.allowed >= U256::from(610 * WAD) && below.allowed < U256::from(611 * WAD));
}

#[motsu::test]
fn an_offer_without_a_bid_bounds_from_above_and_is_not_firm(
    publisher: Publisher,
    surface: Contract<VolatilitySurface>,
    proof: Contract<SmileProof>,
) {
    with(&publisher, &surface, &proof, |quotes| quotes[8].bid = 0).motsu_unwrap();
    assert_eq!(publisher.sender(RELAYER).latest_of(MONTH).2, 8);
}

#[motsu::test]
fn an_offer_below_the_smile_is_missed_with_or_without_a_bid(
    publisher: Publisher,
    surface: Contract<VolatilitySurface>,
    proof: Contract<SmileProof>,
) {
    let refused = with(&publisher, &surface, &proof, |quotes| {
        quotes[8].ask = quotes[8].bid;
        quotes[8].bid = 0;
    });
    let missed = SmileMissesQuote::abi_decode(refused.unwrap_err().data(), true).unwrap();
    assert_eq!((missed.index, missed.low), (U256::from(8), 0));
    assert!(missed.given > missed.high);
}

#[motsu::test]
fn there_are_enough_firm_quotes(
    publisher: Publisher,
    surface: Contract<VolatilitySurface>,
    proof: Contract<SmileProof>,
) {
    let refused = with(&publisher, &surface, &proof, |quotes| {
        let wide = chain(SKEW, &STRIKES, SPREAD / 2 + 1_000_000, SECONDS);
        quotes[..5].copy_from_slice(&wide[..5]);
    });
    let few = TooFewQuotes {
        expiry: MONTH,
        firm: U256::from(4),
        needed: U256::from(5),
    };
    assert_eq!(refused, Err(error(few)));
}

#[motsu::test]
fn there_are_not_too_many_quotes(
    publisher: Publisher,
    surface: Contract<VolatilitySurface>,
    proof: Contract<SmileProof>,
) {
    let refused = with(&publisher, &surface, &proof, |quotes| {
        let quote = quotes[0];
        quotes.resize(65, quote);
    });
    let many = TooManyQuotes {
        expiry: MONTH,
        given: U256::from(65),
        most: U256::from(64),
    };
    assert_eq!(refused, Err(error(many)));
}

#[motsu::test]
fn quotes_reach_to_both_sides(
    publisher: Publisher,
    surface: Contract<VolatilitySurface>,
    proof: Contract<SmileProof>,
) {
    let refused = with(&publisher, &surface, &proof, |quotes| {
        *quotes = chain(
            SKEW,
            &[1_900, 1_950, 2_000, 2_050, 2_100, 2_500],
            POINT,
            SECONDS,
        );
    });
    let narrow = QuotesTooNarrow::abi_decode(refused.unwrap_err().data(), true).unwrap();
    // ln(1,900 / 2,010) and ln(2,500 / 2,010); 65 % and a bit over thirty days.
    let wad = |x: f64| I256::try_from((x * 1e18) as i128).unwrap();
    assert!((wad(-0.0564)..wad(-0.0562)).contains(&narrow.lowest));
    assert!((wad(0.2181)..wad(0.2182)).contains(&narrow.highest));
    let reach: f64 = narrow.reach.to::<u128>() as f64 / 1e18;
    assert!((0.17..0.20).contains(&reach), "{reach}");
}

#[motsu::test]
fn quotes_leave_no_gap(
    publisher: Publisher,
    surface: Contract<VolatilitySurface>,
    proof: Contract<SmileProof>,
) {
    let refused = with(&publisher, &surface, &proof, |quotes| {
        *quotes = chain(
            SKEW,
            &[1_300, 1_350, 1_400, 2_000, 2_100, 2_300, 2_600],
            POINT,
            SECONDS,
        );
    });
    let sparse = QuotesTooSparse::abi_decode(refused.unwrap_err().data(), true).unwrap();
    assert_eq!(sparse.index, U256::from(3));
    // ln(2,000 / 1,400) = 0.35667.
    let gap: u128 = sparse.gap.to();
    assert!(gap.abs_diff(356_674_943_938_732_379) < 10, "{gap}");
    assert!(sparse.most < sparse.gap);
}
