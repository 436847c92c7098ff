//! Whether quotes are enough to decide a smile: how many are firm, how far they reach, and how far apart they are.

use clearing_math::quotes::{Disagreement, OptionQuote, Rules};

use super::{POINT, RULES, SKEW, STRIKES, chain, hold, shifted};

#[test]
fn firm_quotes_must_reach_and_leave_no_gap() {
    let quotes = chain(&STRIKES, POINT, POINT);
    let with = |reach: u16| hold(&quotes, &SKEW, &Rules { reach, ..RULES });
    // Outermost: ln(1,400 / 2,010) = −0.3617 and ln(3,000 / 2,010) = 0.4005, at 66 % or so over thirty days: 1.9 deviations.
    let farthest = (1..=u16::MAX).rfind(|reach| with(*reach).is_ok()).unwrap();
    let Err(Disagreement::TooNarrow {
        lowest,
        highest,
        reach,
    }) = with(farthest + 1)
    else {
        panic!("{:?}", with(farthest + 1))
    };
    assert!(
        (lowest + 361_662_000_000_000_000).abs() < 1_000_000_000_000,
        "{lowest}"
    );
    assert!(
        (highest - 400_477_000_000_000_000).abs() < 1_000_000_000_000,
        "{highest}"
    );
    assert!(reach > lowest.unsigned_abs() && reach - lowest.unsigned_abs() < 30_000_000_000_000);
    assert!((18_000..20_000).contains(&farthest), "{farthest}");
    // Widest gap on the way: ln(1,600 / 1,400) = 0.1335 until less than 0.228 is demanded, then the narrower ones in the middle.
    let nearest = (1..=u16::MAX).find(|reach| with(*reach).is_ok()).unwrap();
    let Err(Disagreement::TooSparse { index, gap, most }) = with(nearest - 1) else {
        panic!("{:?}", with(nearest - 1))
    };
    let strikes = [STRIKES[index - 1], STRIKES[index]].map(|strike| strike as f64);
    assert!((gap as f64 / 1e18 - (strikes[1] / strikes[0]).ln()).abs() < 1e-12);
    assert!(gap > most && gap - most < 30_000_000_000_000);
    // A gap beyond the reach is nobody's business.
    let mut beyond = chain(&STRIKES[2..], POINT, POINT);
    beyond.insert(0, chain(&[900], POINT, POINT)[0]);
    let near = Rules {
        reach: 6_000,
        ..RULES
    };
    assert!(hold(&beyond, &SKEW, &near).is_ok());
    assert!(matches!(
        hold(&beyond, &SKEW, &RULES),
        Err(Disagreement::TooSparse { index: 1, .. })
    ));
}

#[test]
fn one_side_of_the_forward_says_nothing_of_the_other() {
    let above = chain(&[2_100, 2_200, 2_300, 2_400, 2_600], POINT, POINT);
    let below = chain(&[1_500, 1_600, 1_700, 1_800, 1_950], POINT, POINT);
    for quotes in [above, below] {
        let refused = hold(&quotes, &SKEW, &RULES);
        assert!(
            matches!(refused, Err(Disagreement::TooNarrow { .. })),
            "{refused:?}"
        );
    }
}

#[test]
fn coverage_is_judged_by_the_offers_whatever_smile_is_proposed() {
    let quotes = chain(&STRIKES, POINT, POINT);
    let edge = (1..=u16::MAX)
        .rfind(|reach| {
            hold(
                &quotes,
                &SKEW,
                &Rules {
                    reach: *reach,
                    ..RULES
                },
            )
            .is_ok()
        })
        .unwrap();
    // The lowest smile that agrees makes nothing reach further.
    let lower = shifted(-13_000_000);
    assert!(
        hold(
            &quotes,
            &lower,
            &Rules {
                reach: edge,
                ..RULES
            }
        )
        .is_ok()
    );
    let refused = hold(
        &quotes,
        &lower,
        &Rules {
            reach: edge + 1,
            ..RULES
        },
    );
    assert!(matches!(refused, Err(Disagreement::TooNarrow { .. })));
}

#[test]
fn as_many_firm_quotes_as_demanded_are_enough_and_one_fewer_is_not() {
    let mut quotes = chain(&STRIKES, POINT, POINT);
    let with = |quotes: &[OptionQuote], least_quotes, max_spread| {
        let rules = Rules {
            least_quotes,
            max_spread,
            ..RULES
        };
        hold(quotes, &SKEW, &rules).map(|found| found.firm)
    };
    assert_eq!(with(&quotes, 9, 4 * POINT), Ok(9));
    let few = |given| {
        Err(Disagreement::TooFew {
            given,
            needed: given as u16 + 1,
        })
    };
    assert_eq!(with(&quotes, 10, 4 * POINT), few(9));
    // Nobody bids: however wide a firm quote may be, that is none.
    quotes[8].bid = 0;
    assert_eq!(with(&quotes, 9, u64::MAX), few(8));
}

#[test]
fn the_dearer_offer_beside_the_forward_decides_how_far_quotes_must_reach() {
    let quotes = chain(&STRIKES, POINT, POINT);
    let dearer = chain(&STRIKES, POINT, 6 * POINT);
    let needed = |quotes: &[OptionQuote]| {
        let rules = Rules {
            reach: 25_000,
            max_spread: 8 * POINT,
            ..RULES
        };
        match hold(quotes, &SKEW, &rules) {
            Err(Disagreement::TooNarrow { reach, .. }) => reach,
            found => panic!("{found:?}"),
        }
    };
    let before = needed(&quotes);
    // 2,000 and 2,100 are the neighbours of 2,010. Five points more of 66 or so are 7 % more.
    for (index, decides) in [(3, false), (4, true), (5, true), (6, false)] {
        let mut raised = quotes.clone();
        raised[index] = dearer[index];
        let grown = needed(&raised) as f64 / before as f64 - 1.0;
        assert_eq!(grown > 0.01, decides, "{index}: {grown}");
        assert!((0.0..0.1).contains(&grown), "{index}: {grown}");
    }
}
