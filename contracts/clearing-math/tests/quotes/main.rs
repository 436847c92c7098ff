//! Whether a smile agrees with quotes, at every bound to the last unit, and how far one that agrees can be from the middle of them.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "tests panic on overflow, and measure in doubles"
)]

mod coverage;
#[allow(dead_code, reason = "each test binary uses a part")]
#[path = "../support/smiles.rs"]
mod smiles;

use clearing_math::black_scholes::{ForwardInputs, price_forward};
use clearing_math::leg::OptionKind;
use clearing_math::quotes::solving::QuoteError;
use clearing_math::quotes::{
    Agreement, Band, Disagreement, MOST_QUOTES, OptionQuote, QuotedExpiry, Rules, agree,
};
use clearing_math::surface::{PublishedSmile, SmilePair, volatility};
use smiles::Random;

const WAD: u128 = 1_000_000_000_000_000_000;
/// A hundredth.
const POINT: u64 = 10_000_000_000_000_000;
const NOW: u64 = 1_763_900_000;
const DAY: u64 = 86_400;
const EXPIRY: QuotedExpiry = QuotedExpiry {
    expiry: (NOW + 30 * DAY) as u32,
    quotes: 0,
    doubt: 0,
    rate: 30_000_000,
    forward: 2_010 * WAD,
};
const RULES: Rules = Rules {
    least_quotes: 5,
    reach: 10_000,
    max_spread: 4 * POINT,
    tolerance: POINT / 10,
};
/// A skew around 65 %.
const SKEW: PublishedSmile = PublishedSmile {
    a: 200_000_000,
    b: 900_000_000,
    rho: -300_000_000,
    m: 20_000_000,
    sigma: 240_000_000,
    expiry: EXPIRY.expiry,
    published_at: NOW as u32,
};
/// Over two deviations to either side, none a deviation (19 %) from the next.
const STRIKES: [u64; 9] = [
    1_400, 1_600, 1_750, 1_900, 2_000, 2_100, 2_300, 2_600, 3_000,
];

fn shifted(units: i64) -> PublishedSmile {
    PublishedSmile {
        a: SKEW.a + units,
        ..SKEW
    }
}

fn volatility_of(smile: &PublishedSmile, strike: u64) -> u64 {
    let word = smile.to_word();
    let pair = SmilePair::prepare(&word, &word, smile.expiry, NOW).unwrap();
    volatility(&[pair], EXPIRY.forward, u128::from(strike) * WAD).unwrap()
}

fn price(strike: u64, kind: OptionKind, volatility: u64) -> u128 {
    let pricing = EXPIRY.pricing(NOW);
    let prices = price_forward(&ForwardInputs {
        forward: pricing.forward,
        strike: u128::from(strike) * WAD,
        discount: pricing.discount,
        seconds: pricing.seconds,
        volatility: volatility.into(),
    });
    let prices = prices.unwrap();
    match kind {
        OptionKind::Call => prices.call,
        OptionKind::Put => prices.put,
    }
}

/// Quotes of the side out of the money, `below` and `above` the skew in volatility.
fn chain(strikes: &[u64], below: u64, above: u64) -> Vec<OptionQuote> {
    let quote = |&strike: &u64| {
        let middle = volatility_of(&SKEW, strike);
        let kind = if strike < 2_010 {
            OptionKind::Put
        } else {
            OptionKind::Call
        };
        OptionQuote {
            strike: strike * 100_000_000,
            kind,
            bid: price(strike, kind, middle - below),
            ask: price(strike, kind, middle + above),
        }
    };
    strikes.iter().map(quote).collect()
}

fn hold(
    quotes: &[OptionQuote],
    smile: &PublishedSmile,
    rules: &Rules,
) -> Result<Agreement, Disagreement> {
    let words: Vec<_> = quotes.iter().map(OptionQuote::to_word).collect();
    agree(&EXPIRY, NOW, &words, &smile.to_word(), rules)
}

fn bands(quotes: &[OptionQuote]) -> Vec<Band> {
    let pricing = EXPIRY.pricing(NOW);
    let band = |quote| pricing.band(quote).unwrap();
    quotes.iter().map(band).collect()
}

#[test]
fn the_volatilities_of_prices_are_those_they_were_made_of() {
    let quotes = chain(&STRIKES, POINT, 2 * POINT);
    for (band, strike) in bands(&quotes).iter().zip(STRIKES) {
        let middle = volatility_of(&SKEW, strike);
        // A price in 1e-18 says no more; vega is above 10 here.
        assert!(band.bid.abs_diff(middle - POINT) < 100, "{strike} {band:?}");
        assert!(
            band.ask.abs_diff(middle + 2 * POINT) < 100,
            "{strike} {band:?}"
        );
    }
    let call = |kind| OptionQuote {
        kind,
        bid: price(1_900, kind, 60 * POINT),
        ask: price(1_900, kind, 61 * POINT),
        ..quotes[3]
    };
    // The side in the money says the same, to fewer digits.
    let [call, put] = [OptionKind::Call, OptionKind::Put].map(|kind| bands(&[call(kind)])[0]);
    assert!(call.bid.abs_diff(put.bid) < 100 && call.ask.abs_diff(put.ask) < 100);
}

#[test]
fn the_middle_of_all_quotes_misses_nothing_and_the_edge_of_one_everything() {
    let quotes = chain(&STRIKES, POINT, POINT);
    let agreed = hold(&quotes, &SKEW, &RULES).unwrap();
    assert_eq!(
        (agreed.miss, agreed.firm),
        (1, 9),
        "rounded up from nearly nothing"
    );
    // Up until one is missed without tolerance: what is missing is the tolerance that makes it the edge.
    let strict = Rules {
        tolerance: 0,
        ..RULES
    };
    for direction in [1, -1] {
        let smile = shifted(direction * 15_000_000);
        // Quote after quote, the tolerance that is needed grows.
        let mut tolerance = 0;
        while let Err(refusal) = hold(
            &quotes,
            &smile,
            &Rules {
                tolerance,
                ..strict
            },
        ) {
            let Disagreement::Misses {
                low, high, given, ..
            } = refusal
            else {
                panic!("{refusal:?}")
            };
            let needed = tolerance + given.saturating_sub(high).max(low.saturating_sub(given));
            assert!(needed > tolerance && needed < POINT);
            let short = Rules {
                tolerance: needed - 1,
                ..strict
            };
            assert!(matches!(
                hold(&quotes, &smile, &short),
                Err(Disagreement::Misses { .. })
            ));
            tolerance = needed;
        }
        assert!(tolerance > 0);
        let edge = hold(
            &quotes,
            &smile,
            &Rules {
                tolerance,
                ..strict
            },
        )
        .unwrap();
        assert_eq!(edge.miss, 10_000);
        let wide = Rules {
            tolerance: 2 * tolerance,
            ..strict
        };
        assert!(hold(&quotes, &smile, &wide).unwrap().miss < edge.miss);
    }
}

#[test]
fn a_quote_is_firm_to_the_last_unit_of_its_width() {
    let quotes = chain(&STRIKES, POINT, POINT);
    let widest = bands(&quotes)
        .iter()
        .map(|band| band.ask - band.bid)
        .max()
        .unwrap();
    let firm = |max_spread| {
        hold(
            &quotes,
            &SKEW,
            &Rules {
                max_spread,
                ..RULES
            },
        )
        .map(|found| found.firm)
    };
    assert_eq!(firm(widest), Ok(9));
    assert_eq!(firm(widest - 1), Ok(8));
    let none = Err(Disagreement::TooFew {
        given: 0,
        needed: 5,
    });
    assert_eq!(firm(2 * POINT - 1_000), none);
    // Wide ones do not count, and bind all the same.
    let mut wide = quotes.clone();
    let far = chain(&STRIKES, POINT, 4 * POINT);
    wide[8].ask = far[8].ask;
    assert_eq!(hold(&wide, &SKEW, &RULES).unwrap().firm, 8);
    wide[8].bid = price(3_000, OptionKind::Call, volatility_of(&SKEW, 3_000) + POINT);
    assert!(matches!(
        hold(&wide, &SKEW, &RULES),
        Err(Disagreement::Misses { index: 8, .. })
    ));
}

#[test]
fn an_offer_alone_bounds_from_above_only() {
    let mut quotes = chain(&STRIKES, POINT, POINT);
    quotes[0].bid = 0;
    quotes[8].bid = 0;
    assert_eq!(bands(&quotes)[0].bid, 0);
    assert_eq!(hold(&quotes, &SKEW, &RULES).unwrap().firm, 7);
    quotes[8].ask = price(3_000, OptionKind::Call, volatility_of(&SKEW, 3_000) - POINT);
    let refused = hold(&quotes, &SKEW, &RULES);
    assert!(
        matches!(
            refused,
            Err(Disagreement::Misses {
                index: 8,
                low: 0,
                ..
            })
        ),
        "{refused:?}"
    );
}

#[test]
fn every_price_without_a_volatility_has_its_code() {
    let quotes = chain(&STRIKES, POINT, POINT);
    let code = |alter: &dyn Fn(&mut OptionQuote)| {
        let mut altered = quotes[0];
        alter(&mut altered);
        match EXPIRY.pricing(NOW).band(&altered) {
            Err(QuoteError::NoVolatility { code, .. }) => code,
            found => panic!("{found:?}"),
        }
    };
    let call = OptionKind::Call;
    assert_eq!(
        code(&|quote| (quote.kind, quote.bid, quote.ask) = (call, 600 * WAD, 700 * WAD)),
        1
    );
    assert_eq!(
        code(&|quote| (quote.strike, quote.bid, quote.ask) = (201_000_000_000, 1, 2)),
        3
    );
    assert_eq!(code(&|quote| quote.ask = 1_400 * WAD), 4);
    assert_eq!(
        code(&|quote| (quote.kind, quote.ask) = (call, 2_010 * WAD)),
        4
    );
    let crossed = OptionQuote {
        bid: quotes[0].ask,
        ..quotes[0]
    };
    let expected = QuoteError::Crossed {
        bid: crossed.ask,
        ask: crossed.ask,
    };
    assert_eq!(EXPIRY.pricing(NOW).band(&crossed), Err(expected));
    let late = EXPIRY.pricing(u64::from(EXPIRY.expiry)).band(&quotes[0]);
    assert!(matches!(
        late,
        Err(QuoteError::NoVolatility { code: 6, .. })
    ));
    // A second before, a volatility there is, and above 10,000 %.
    let soon = EXPIRY
        .pricing(u64::from(EXPIRY.expiry) - 1)
        .band(&quotes[0]);
    assert!(
        matches!(soon, Err(QuoteError::NoVolatility { code: 5, .. })),
        "{soon:?}"
    );
}

#[test]
fn lists_are_rising_words_and_not_too_many() {
    let quotes = chain(&STRIKES, POINT, POINT);
    let mut words: Vec<_> = quotes.iter().map(OptionQuote::to_word).collect();
    words[4] = [0; 32];
    let refused = agree(&EXPIRY, NOW, &words, &SKEW.to_word(), &RULES);
    assert_eq!(refused, Err(Disagreement::Malformed { index: 4 }));
    let mut twice = quotes.clone();
    twice[4].strike = twice[3].strike;
    let unsorted = Disagreement::UnsortedStrikes {
        index: 4,
        previous: twice[3].strike,
        next: twice[3].strike,
    };
    assert_eq!(hold(&twice, &SKEW, &RULES), Err(unsorted));
    let many = vec![quotes[0]; MOST_QUOTES + 1];
    let given = many.len();
    assert_eq!(
        hold(&many, &SKEW, &RULES),
        Err(Disagreement::TooMany { given })
    );
    let full: Vec<u64> = (0..MOST_QUOTES as u64).map(|at| 1_300 + 25 * at).collect();
    assert_eq!(
        hold(&chain(&full, POINT, POINT), &SKEW, &RULES)
            .unwrap()
            .firm,
        64
    );
}

/// What a relayer may choose: of 20,000 smiles around the quotes, those that agree are within half of each quote's width plus the tolerance of its middle, and no nearer
/// than `miss` says.
#[test]
fn what_agrees_is_near_the_middle_of_every_firm_quote() {
    let quotes = chain(&STRIKES, POINT, POINT);
    let bands = bands(&quotes);
    let mut random = Random(6);
    let mut agreed = 0;
    for _ in 0..20_000 {
        let mut moved = |by: f64| random.uniform(-by, by) as i64;
        let smile = PublishedSmile {
            a: SKEW.a + moved(4e7),
            b: SKEW.b.wrapping_add_signed(moved(1e8)),
            rho: SKEW.rho + moved(5e7),
            m: SKEW.m + moved(2e7),
            sigma: SKEW.sigma.wrapping_add_signed(moved(4e7)),
            ..SKEW
        };
        let Ok(found) = hold(&quotes, &smile, &RULES) else {
            continue;
        };
        agreed += 1;
        let mut worst: f64 = 0.0;
        for (band, strike) in bands.iter().zip(STRIKES) {
            let middle = u64::midpoint(band.bid, band.ask);
            let allowed = (band.ask - band.bid) / 2 + RULES.tolerance;
            let off = volatility_of(&smile, strike).abs_diff(middle);
            assert!(off <= allowed + 1, "{strike}: {off} of {allowed}");
            worst = worst.max(off as f64 / allowed as f64);
        }
        assert!(
            (f64::from(found.miss) - 1e4 * worst).abs() < 1.01,
            "{found:?} {worst}"
        );
    }
    assert!((500..19_000).contains(&agreed), "{agreed} of 20,000 agree");
}
