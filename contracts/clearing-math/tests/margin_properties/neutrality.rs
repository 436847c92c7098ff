//! What does not matter, and what may not: order and splitting of legs, doubt to maintenance margin, absurd input to the program.

use clearing_math::{
    leg::{Leg, OptionKind},
    margin::{
        Linear, MAX_MOVES, MAX_PROFILE_BYTES, MarketData, Portfolio, Requirement, RiskProfile,
        Term, margin, mark, scenario_changes,
    },
    percentage_margin::Percentages,
};
use proptest::prelude::*;

use crate::{
    portfolio::{Account, ONE, Scenery, legs, scenery},
    profiles::{PRESETS, bound, profiles, random_scenarios, reprices, units},
};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Maintenance never asks for more than initial margin, and under scenarios neither balance exceeds the mark.
    #[test]
    fn maintenance_never_exceeds_initial(profiles in profiles(), scenery in scenery(), legs in legs(0..10), base in units()) {
        let account = scenery.account(&legs, 0, base);
        for profile in profiles {
        let got = scenery.require(&profile, &account);
            prop_assert!(got.initial <= got.maintenance, "{got:?}");
            prop_assert!(got.maintenance <= got.mark || !reprices(&profile), "{got:?}");
            let discounted = match profile {
                RiskProfile::ScenarioReprice(profile) => profile.discounts.at_market_rate,
                _ => true,
            };
            if discounted {
                prop_assert_eq!(got.mark, mark(&scenery.market(), &account.portfolio()).unwrap());
            }
        }
    }

    /// Whatever the market is not sure of lowers initial margin only: a wider band, a volatility's ceiling, a lack of confidence
    /// in price or term, a settlement asset below par.
    #[test]
    fn degraded_data_touch_initial_only(profiles in profiles(), scenery in scenery(), legs in legs(0..8), base in units()) {
        let (mid, terms) = (scenery.mid, scenery.terms.iter());
        let sure = Scenery {
            low: mid,
            high: mid,
            stable: ONE,
            confidence: ONE,
            terms: terms.map(|term| Term { confidence: ONE, ..*term }).collect(),
            doubt: 0,
            ..scenery.clone()
        };
        let degraded = [
            Scenery { low: scenery.low, ..sure.clone() },
            Scenery { high: scenery.high, ..sure.clone() },
            Scenery { stable: scenery.stable, ..sure.clone() },
            Scenery { confidence: scenery.confidence, ..sure.clone() },
            Scenery { terms: scenery.terms.clone(), ..sure.clone() },
            Scenery { doubt: scenery.doubt, ..sure.clone() },
            Scenery { low: scenery.low, high: scenery.high, doubt: scenery.doubt, ..sure.clone() },
            scenery,
        ];
        for profile in profiles {
        let best = sure.require(&profile, &sure.account(&legs, 0, base));
            let mut worst = best.initial;
            for worse in &degraded {
                let got = worse.require(&profile, &worse.account(&legs, 0, base));
                prop_assert!(got.initial <= best.initial);
                prop_assert_eq!(Requirement { initial: best.initial, ..got }, best);
                worst = worst.min(got.initial);
            }
            // All of it together asks for no less than any of it.
            let [.., all] = &degraded;
            prop_assert_eq!(all.require(&profile, &all.account(&legs, 0, base)).initial, worst);
        }
    }

    /// A ceiling holds at the band's edges too: initial margin is no more than that of a market that is there, at those volatilities.
    #[test]
    fn ceilings_hold_at_the_edges_of_the_band(profiles in profiles(), scenery in scenery(), legs in legs(0..8), base in units(), raise in 1..ONE) {
        let doubted = Scenery { doubt: raise, ..scenery };
        let account = doubted.account(&legs, 0, base);
        for profile in profiles {
        let got = doubted.require(&profile, &account);
            // The same band around volatilities that are raised for certain.
            let certain = Account { volatilities: account.ceilings.clone(), ceilings: vec![], ..account.clone() };
            let raised = doubted.require(&profile, &certain);
            prop_assert!(got.initial <= raised.initial, "{got:?} {raised:?}");
        }
    }

    /// Legs in any order give the same bits.
    #[test]
    fn the_order_of_legs_does_not_matter(
        profiles in profiles(), scenery in scenery(),
        (sorted, shuffled) in legs(0..8).prop_flat_map(|l| (Just(l.clone()), Just(l).prop_shuffle())), base in units(),
    ) {
        let (sorted, shuffled) = (scenery.account(&sorted, 5, base), scenery.account(&shuffled, 5, base));
        for profile in profiles {
        // Values are integers before they are added: no rounding depends on the order, so that not even the named move may differ.
            prop_assert_eq!(scenery.require(&profile, &sorted), scenery.require(&profile, &shuffled));
        }
    }

    /// A leg split in two gives the same result up to rounding, and so does a leg with its opposite.
    #[test]
    fn splitting_a_leg_does_not_matter(profiles in profiles(), scenery in scenery(), legs in legs(1..8), at in 0..i128::from(u64::MAX)) {
        // Doubt as published counts gross contracts, of which there are more.
        let scenery = Scenery { confidence: ONE, terms: scenery.terms.iter().map(|term| Term { confidence: ONE, ..*term }).collect(), ..scenery };
        let mut split = legs.clone();
        let first = split[0];
        split[0].contracts = first.contracts - at;
        split.push(Leg { contracts: at, ..first });
        let bound = bound(&scenery, &split, 0);
        let (whole, split) = (scenery.account(&legs, 0, 0), scenery.account(&split, 0, 0));
        for profile in profiles {
        let (whole, got) = (scenery.require(&profile, &whole), scenery.require(&profile, &split));
            prop_assert!((got.initial - whole.initial).abs() <= bound);
            prop_assert!((got.maintenance - whole.maintenance).abs() <= bound);
            prop_assert!((got.mark - whole.mark).abs() <= bound);
        }
    }

    /// No input panics or wraps, however absurd.
    #[test]
    fn no_input_panics(
        raw in prop::collection::vec((any::<u32>(), any::<u64>(), any::<bool>(), any::<i128>(), 0..128_u32), 0..6),
        prices: [u128; 3], shifts in [0..128_u32, 0..128_u32, 0..128_u32], volatility: u64, ceiling: u64, now: u64, rate: i64,
        cash: i128, base: u128, forward: u128, fixed: u128, doubts: [u64; 3], contracts: i128,
        scenarios in random_scenarios(), percentages: [u64; 15], flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let legs: Vec<Leg> = raw.iter().map(|&(expiry, strike, call, contracts, shift)| Leg {
            expiry, strike, kind: if call { OptionKind::Call } else { OptionKind::Put }, contracts: contracts >> shift,
        }).collect();
        let [stable, confidence, sure] = doubts;
        let terms: Vec<Term> = raw.iter().map(|leg| Term {
            expiry: leg.0, forward: forward >> leg.4, fixed: fixed >> leg.4, rate, confidence: sure,
        }).collect();
        let mut prices = [prices[0] >> shifts[0], prices[1] >> shifts[1], prices[2] >> shifts[2]];
        prices.sort_unstable();
        let [low, mid, high] = prices;
        let portfolio = Portfolio {
            legs: &legs,
            volatilities: &vec![volatility; legs.len()],
            ceilings: &vec![ceiling; legs.len()],
            cash,
            base: base >> shifts[1],
            linear: Linear { contracts: contracts >> shifts[0], price: forward >> shifts[2], confidence: sure },
        };
        let within = [PRESETS.to_vec(), vec![RiskProfile::ScenarioReprice(scenarios)]].concat();
        let beyond = [corrupted(&PRESETS[0], &flips), corrupted(&PRESETS[2], &flips), Some(RiskProfile::Percentages(Percentages::from_numbers(percentages)))];
        for now in [now, now >> 32] {
            let market = MarketData { now, mid, low, high, stable, confidence, terms: &terms };
            for profile in &within {
                if let Ok(got) = margin(profile, &market, &portfolio) {
                    prop_assert!(got.initial <= got.maintenance);
                }
                let _ = scenario_changes(profile, &market, &portfolio, &mut [0; MAX_MOVES]);
            }
            // No bound holds here, and still nothing panics.
            for profile in beyond.iter().flatten() {
                let _ = margin(profile, &market, &portfolio);
                let _ = scenario_changes(profile, &market, &portfolio, &mut [0; MAX_MOVES]);
            }
            let _ = mark(&market, &portfolio);
        }
    }
}

/// What a profile's bytes say with some of them changed; mostly nothing.
fn corrupted(profile: &RiskProfile, flips: &[(prop::sample::Index, u8)]) -> Option<RiskProfile> {
    let mut buffer = [0; MAX_PROFILE_BYTES];
    let length = profile.to_bytes(&mut buffer);
    for (index, byte) in flips {
        buffer[index.index(length)] = *byte;
    }
    RiskProfile::from_bytes(&buffer[..length]).ok()
}
