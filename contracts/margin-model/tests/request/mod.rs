//! Requests to a model as the engine packs them, valid, random and broken: the tests of every model's program send these.

use alloc::vec::Vec;

use alloy_primitives::{B256, Bytes, I256, U256};
use alloy_sol_types::{SolCall, SolError};
use clearing_math::leg::{Leg, OptionKind};
use clearing_math::margin::{
    Linear, MAX_MOVES, MAX_PROFILE_BYTES, MarketData, Portfolio, Requirement, RiskProfile, Term,
    margin, scenario_changes,
};
use interfaces::IMarginEngine::{BadLeg, BandOutOfOrder, LegOverflow, MissingVolatility, Overflow};
use interfaces::IMarginModel::{UnknownModel, changesCall, requirementCall};
use interfaces::Revert;
use margin_model::{Model, dispatch};

pub const NOW: u64 = 1_800_000_000;
pub const UNIT: i128 = 1_000_000_000_000_000_000;
const ONE: u64 = UNIT as u64;
const DAY: u32 = 86_400;
/// Words before the terms.
const HEADER: usize = 10;
/// Words of a term.
const TERM: usize = 4;

/// A market and a portfolio.
#[derive(Clone, Debug)]
pub struct Request {
    pub low: u128,
    pub mid: u128,
    pub high: u128,
    pub stable: u64,
    pub confidence: u64,
    pub cash: i128,
    pub base: u128,
    pub terms: Vec<Term>,
    pub legs: Vec<Leg>,
    pub volatilities: Vec<u64>,
    /// Zero: none.
    pub ceilings: Vec<u64>,
}

/// Sebastiano Vigna's splitmix64.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % end
    }
}

impl Request {
    /// A short call and a long put of 30 days at 60 %, spot 3,000, no doubt about anything.
    pub fn plain() -> Self {
        let expiry = NOW as u32 + 30 * DAY;
        let mid = 3_000 * UNIT as u128;
        let leg = |kind, contracts: i128| Leg {
            expiry,
            strike: 3_100 * 100_000_000,
            kind,
            contracts: contracts * UNIT,
        };
        Self {
            low: mid,
            mid,
            high: mid,
            stable: ONE,
            confidence: ONE,
            cash: 5_000 * UNIT,
            base: 0,
            terms: vec![Term {
                expiry,
                forward: mid,
                fixed: 0,
                rate: 0,
                confidence: ONE,
            }],
            legs: vec![leg(OptionKind::Call, -1), leg(OptionKind::Put, 1)],
            volatilities: vec![ONE / 100 * 60; 2],
            ceilings: vec![0; 2],
        }
    }

    /// Up to 32 legs over up to five expiries, one of them past; a band, rates of both signs, doubts and ceilings.
    pub fn random(seed: u64) -> Self {
        let mut random = Random(seed);
        let mid = (500_000 + u128::from(random.below(5_000_000))) * UNIT as u128 / 1_000;
        let share = |random: &mut Random| mid / 10_000 * u128::from(random.below(500));
        let (below, above) = (share(&mut random), share(&mut random));
        let days = [0, 1, 9, 30, 400];
        let terms: Vec<Term> = days[..=random.below(5) as usize % 5]
            .iter()
            .map(|days| Term {
                expiry: NOW as u32 + days * DAY - u32::from(*days == 0) * 60,
                forward: mid / 1_000 * u128::from(950 + random.below(100)),
                fixed: 0,
                rate: random.below(ONE / 5) as i64 - (ONE / 20) as i64,
                confidence: ONE - random.below(ONE),
            })
            .collect();
        let count = random.below(33) as usize;
        let legs: Vec<Leg> = (0..count)
            .map(|index| Leg {
                expiry: terms[index % terms.len()].expiry,
                strike: (mid / 1_000 * u128::from(400 + random.below(1_800)) / 10_000_000_000)
                    as u64,
                kind: [OptionKind::Call, OptionKind::Put][random.below(2) as usize],
                contracts: (i128::from(random.below(2_000_000)) - 1_000_000) * UNIT / 1_000 + 1,
            })
            .collect();
        let volatilities: Vec<u64> = legs
            .iter()
            .map(|_| ONE / 10 + random.below(2 * ONE))
            .collect();
        let doubted = random.below(2) == 0;
        let ceilings = volatilities
            .iter()
            .map(|volatility| {
                let near = volatility / 2 + random.below(*volatility);
                if doubted { near } else { 0 }
            })
            .collect();
        Self {
            low: mid - below,
            mid,
            high: mid + above,
            stable: ONE - random.below(ONE / 20),
            confidence: ONE - random.below(ONE),
            cash: i128::from(random.below(1 << 50)) << random.below(30),
            base: u128::from(random.below(100)) * UNIT as u128,
            ceilings,
            terms,
            legs,
            volatilities,
        }
    }

    /// As `IMarginModel.sol` says, written by the library's own encoders of words.
    pub fn words(&self) -> Vec<B256> {
        let unsigned = |x: u128| B256::from(U256::from(x));
        let signed = |x: i128| B256::from(I256::try_from(x).unwrap().into_raw());
        let mut words = vec![
            unsigned(NOW.into()),
            unsigned(self.mid),
            unsigned(self.low),
            unsigned(self.high),
            unsigned(self.stable.into()),
            unsigned(self.confidence.into()),
            signed(self.cash),
            unsigned(self.base),
            unsigned(self.terms.len() as u128),
            unsigned(self.legs.len() as u128),
        ];
        for term in &self.terms {
            words.extend([
                unsigned(term.expiry.into()),
                unsigned(term.forward),
                signed(term.rate.into()),
                unsigned(term.confidence.into()),
            ]);
        }
        words.extend(self.legs.iter().map(|leg| B256::new(leg.to_word())));
        for (ceiling, volatility) in self.ceilings.iter().zip(&self.volatilities) {
            let both: U256 = (U256::from(*ceiling) << 128) | U256::from(*volatility);
            words.push(B256::from(both));
        }
        words
    }

    fn market(&self) -> MarketData<'_> {
        MarketData {
            now: NOW,
            mid: self.mid,
            low: self.low,
            high: self.high,
            stable: self.stable,
            confidence: self.confidence,
            terms: &self.terms,
        }
    }

    fn portfolio(&self) -> Portfolio<'_> {
        let doubted = self.ceilings.iter().any(|ceiling| *ceiling != 0);
        Portfolio {
            legs: &self.legs,
            volatilities: &self.volatilities,
            ceilings: if doubted { &self.ceilings } else { &[] },
            cash: self.cash,
            base: self.base,
            linear: Linear::NONE,
        }
    }

    /// What the native crate says.
    pub fn requirement(&self, profile: &RiskProfile) -> Requirement {
        margin(profile, &self.market(), &self.portfolio()).unwrap()
    }

    /// What the native crate says.
    pub fn changes(&self, profile: &RiskProfile) -> Vec<i128> {
        let mut changes = [0; MAX_MOVES];
        let count = scenario_changes(profile, &self.market(), &self.portfolio(), &mut changes);
        changes[..count.unwrap()].to_vec()
    }
}

pub fn bytes(profile: &RiskProfile) -> Vec<u8> {
    let mut buffer = [0; MAX_PROFILE_BYTES];
    let length = profile.to_bytes(&mut buffer);
    buffer[..length].to_vec()
}

/// Calldata of either method, by the generated encoder.
pub fn calldata(changes: bool, profile: &[u8], request: &[B256]) -> Vec<u8> {
    let (profile, request) = (Bytes::copy_from_slice(profile), request.to_vec());
    if changes {
        changesCall { profile, request }.abi_encode()
    } else {
        requirementCall { profile, request }.abi_encode()
    }
}

/// Sends calldata to a family of models.
pub fn send<M: Model>(calldata: &[u8]) -> Result<Vec<u8>, Revert> {
    let (selector, input) = calldata.split_first_chunk().unwrap();
    dispatch::<M>(*selector, input).map(|answer| answer.expect("a method of the interface"))
}

/// Requirements and changes of random requests are those of the native crate, to the last digit.
pub fn agrees_with_the_native_crate<M: Model>(profiles: &[RiskProfile]) {
    for seed in 0..400 {
        let request = Request::random(seed);
        let words = request.words();
        for profile in profiles {
            let answer = send::<M>(&calldata(false, &bytes(profile), &words)).unwrap();
            let answer = requirementCall::abi_decode_returns(&answer, true).unwrap();
            let there = Requirement {
                initial: answer.initial.try_into().unwrap(),
                maintenance: answer.maintenance.try_into().unwrap(),
                mark: answer.mark.try_into().unwrap(),
                worst_scenario: answer.worstScenario,
            };
            assert_eq!(
                there,
                request.requirement(profile),
                "seed {seed}: {request:?}"
            );
            let answer = send::<M>(&calldata(true, &bytes(profile), &words)).unwrap();
            let answer = changesCall::abi_decode_returns(&answer, true).unwrap()._0;
            let there: Vec<i128> = answer.into_iter().map(|x| x.try_into().unwrap()).collect();
            assert_eq!(there, request.changes(profile), "seed {seed}: {request:?}");
        }
    }
}

/// A portfolio or a market that has no margin is refused by its name, whichever method is asked. `priced`: the model values options, so
/// that what it cannot value is refused; `moves`: it has scenarios, and amounts may overflow in one of them.
pub fn refusals_are_typed<M: Model>(profile: &RiskProfile) {
    let profile = bytes(profile);
    let refused = |case: &str, request: &[B256], expected: Revert| {
        let answer = send::<M>(&calldata(false, &profile, request));
        assert_eq!(answer, Err(expected), "{case}");
    };
    let changed = |change: fn(&mut Request)| {
        let mut request = Request::plain();
        change(&mut request);
        request
    };
    type Change = fn(&mut Request);
    let bands: [Change; 4] = [
        |r| (r.low, r.mid, r.high) = (0, 0, 0),
        |r| r.low = 0,
        |r| r.low = r.mid + 1,
        |r| r.high = r.mid - 1,
    ];
    for band in bands {
        let request = changed(band);
        let expected = BandOutOfOrder {
            low: U256::from(request.low),
            mid: U256::from(request.mid),
            high: U256::from(request.high),
        };
        refused("band", &request.words(), expected.into());
    }
    let expiry = Request::plain().legs[1].expiry;
    let unknown: [Change; 3] = [
        |r| r.volatilities[1] = 0,
        |r| r.terms.clear(),
        |r| r.terms[0].forward = 0,
    ];
    for unknown in unknown {
        let expected = MissingVolatility { expiry };
        refused("unknown", &changed(unknown).words(), expected.into());
    }
    // A volatility beyond 64 bits is none.
    let mut wide = Request::plain().words();
    *wide.last_mut().unwrap() = B256::from(U256::from(1_u128 << 64));
    let expected = MissingVolatility { expiry };
    refused("wide volatility", &wide, expected.into());

    let index = U256::from(1);
    let huge: [Change; 2] = [
        |r| r.legs[1].contracts = i128::MAX,
        |r| r.legs[1].contracts = i128::MIN,
    ];
    for huge in huge {
        let expected = LegOverflow { index };
        refused("huge leg", &changed(huge).words(), expected.into());
    }
    let late = changed(|r| {
        r.legs[1].expiry = u32::MAX;
        let term = Term {
            expiry: u32::MAX,
            ..r.terms[0]
        };
        r.terms.push(term);
    });
    let mut late = late.words();
    late[0] = B256::from(U256::from(1));
    let expected = LegOverflow {
        index: U256::from(1),
    };
    // The first leg expires too late as well, seen from the first second of time; it is looked at first.
    let answer = send::<M>(&calldata(false, &profile, &late));
    assert!(
        answer == Err(expected.into()) || answer == Err(LegOverflow { index: U256::ZERO }.into()),
        "{answer:?}"
    );

    let rich = changed(|r| r.cash = i128::MAX);
    refused("rich", &rich.words(), Overflow {}.into());
    let based = changed(|r| r.base = u128::MAX);
    refused("base", &based.words(), Overflow {}.into());
    let crowd = changed(|r| {
        r.legs = vec![r.legs[0]; 129];
        r.volatilities = vec![r.volatilities[0]; 129];
        r.ceilings = vec![0; 129];
    });
    refused("crowd", &crowd.words(), Overflow {}.into());

    // Words that are no legs: reserved bits, a kind there is not, no strike.
    let at = HEADER + TERM + 1;
    for (byte, value) in [(13, 1), (12, 2)] {
        let mut words = Request::plain().words();
        words[at][byte] = value;
        refused("leg word", &words, BadLeg { index }.into());
    }
    let no_strike = changed(|r| r.legs[1].strike = 0);
    refused("no strike", &no_strike.words(), BadLeg { index }.into());
}

/// Refused, without data; or as a bad leg, where what is read as one is cut off or something else.
fn is_no_request(answer: &Result<Vec<u8>, Revert>) -> bool {
    answer.as_ref().is_err_and(|refused| {
        let data = refused.data();
        data.is_empty() || data.starts_with(&BadLeg::SELECTOR)
    })
}

/// Bytes that are no request are refused without data, and bytes that are no profile of the family by name; none panics.
pub fn malformed_requests_are_refused<M: Model>(profile: &RiskProfile, stranger: &RiskProfile) {
    let (profile, words) = (bytes(profile), Request::plain().words());
    for changes in [false, true] {
        assert!(send::<M>(&calldata(changes, &profile, &words)).is_ok());
        // A list cut anywhere, calldata cut anywhere.
        for count in 0..words.len() {
            let cut = send::<M>(&calldata(changes, &profile, &words[..count]));
            assert!(is_no_request(&cut), "{count} words: {cut:?}");
        }
        let whole = calldata(changes, &profile, &words);
        let unpadded = whole.len() - (32 - profile.len() % 32) % 32;
        for length in (4..whole.len()).step_by(7) {
            let cut = send::<M>(&whole[..length]);
            // What pads the last bytes is not looked at.
            assert!(length >= unpadded || cut.is_err(), "{length} bytes");
        }
        // Numbers beyond their types, and counts beyond the list.
        for (at, bit) in [
            (0, 64),
            (1, 128),
            (2, 128),
            (3, 128),
            (4, 64),
            (5, 64),
            (7, 128),
        ] {
            let mut dirty = words.clone();
            dirty[at] = B256::from(U256::from(1) << bit);
            let answer = send::<M>(&calldata(changes, &profile, &dirty));
            assert_eq!(answer, Err(Revert::empty()), "word {at}");
        }
        let terms_at = HEADER;
        for (at, word) in [
            (6, U256::from(1) << 127),
            (8, U256::from(1_000)),
            (9, U256::MAX),
            (terms_at, U256::from(1) << 32),
            (terms_at + 1, U256::from(1) << 128),
            (terms_at + 2, U256::from(1) << 63),
            (terms_at + 3, U256::from(1) << 64),
        ] {
            let mut dirty = words.clone();
            dirty[at] = word.into();
            let answer = send::<M>(&calldata(changes, &profile, &dirty));
            assert!(is_no_request(&answer), "word {at}: {answer:?}");
        }
        // Profiles that are none, or another family's.
        let mut longer = profile.clone();
        longer.push(0);
        for none in [
            &[][..],
            &[9],
            &profile[..profile.len() - 1],
            &longer,
            &bytes(stranger),
        ] {
            let answer = send::<M>(&calldata(changes, none, &words));
            assert_eq!(answer, Err(UnknownModel {}.into()), "{none:02x?}");
        }
        // Offsets beyond the input.
        for at in [4, 36] {
            let mut astray = whole.clone();
            astray[at] = 1;
            assert_eq!(send::<M>(&astray), Err(Revert::empty()));
        }
    }
    assert_eq!(dispatch::<M>([1, 2, 3, 4], &[]), Ok(None));
    assert_eq!(UnknownModel::SELECTOR.len(), 4);
    // A random byte anywhere changes the answer or not, and never panics.
    let mut random = Random(7);
    let whole = calldata(false, &profile, &words);
    for _ in 0..3_000 {
        let mut other = whole.clone();
        for _ in 0..=random.below(3) {
            let at = 4 + random.below(whole.len() as u64 - 4) as usize;
            other[at] = random.below(256) as u8;
        }
        let _ = send::<M>(&other);
    }
}
