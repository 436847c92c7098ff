//! The third step of the ladder: what a settlement committee attests, and when it is believed.

use alloc::vec::Vec;

use alloy_primitives::{Address, B256, U256};
use alloy_sol_types::SolCall;
use interfaces::IOracleAdapter;
use motsu::prelude::*;
use stylus_sdk::ArbResult;
use stylus_sdk::prelude::*;
use stylus_sdk::storage::{StorageBytes, StorageU256};

use super::host::set_gas_left;
use super::ladder::{DAY, EXPIRED, fix, fixed, insufficient};
use super::samples::{EXPIRY, record};
use super::scene::{FEED, aggregators, error, fresh, fresh_at, rules, wad};
use super::source::{Script, Source};
use crate::OracleAdapter;
use crate::abi_types;
use crate::committee::ICommittee::attestationCall;
use crate::source::GAS_NEEDED;

/// A committee that answers whatever a test tells it to.
#[storage]
pub(crate) struct Committee {
    answer: StorageBytes,
    /// The feed and expiry it was asked for, as they must be: the low half of the feed, then the expiry.
    about: StorageU256,
    reverts: StorageU256,
}

unsafe impl TopLevelStorage for Committee {}

#[public]
impl Committee {
    #[fallback]
    fn fallback(&mut self, input: &[u8]) -> ArbResult {
        let question = attestationCall {
            feed: FEED,
            expiry: self.about.get().to(),
        };
        if !self.reverts.get().is_zero() || input != question.abi_encode() {
            return Err(b"down".to_vec());
        }
        Ok(self.answer.get_bytes())
    }
}

impl Committee {
    fn expects(&mut self, expiry: u32) {
        self.about.set(U256::from(expiry));
    }

    fn says(&mut self, bytes: Vec<u8>) {
        self.answer.set_bytes(bytes);
    }
}

/// What a committee answers: a price in quote units, final at a time.
fn words(price: U256, final_at: u64) -> Vec<u8> {
    let words = [price, U256::from(final_at)];
    words.iter().flat_map(U256::to_be_bytes::<32>).collect()
}

pub(crate) fn of_kind(account: Address, kind: u8, max_age: u32) -> abi_types::Source {
    abi_types::Source {
        account,
        kind,
        maxAge: max_age,
        origin: B256::repeat_byte(kind),
        id: B256::ZERO,
    }
}

/// Lists the feed of three sources with `others` beside them.
pub(crate) fn list_with(
    adapter: &Contract<OracleAdapter>,
    owner: Address,
    sources: [&Contract<Source>; 3],
    others: Vec<abi_types::Source>,
) -> Result<(), interfaces::Revert> {
    for source in sources {
        fresh(source, 100);
    }
    let mut listed = aggregators(&sources.map(|source| (source.at(), 3_600)));
    listed.splice(0..0, others);
    adapter.sender(owner).list_feed(FEED, listed, rules())
}

fn own(adapter: &Contract<OracleAdapter>, owner: Address) {
    adapter
        .sender(owner)
        .constructor(owner, Address::ZERO)
        .motsu_unwrap();
}

#[motsu::test]
fn a_committee_must_answer_and_stands_once(
    adapter: Contract<OracleAdapter>,
    a: Contract<Source>,
    b: Contract<Source>,
    c: Contract<Source>,
    committee: Contract<Committee>,
    alice: Address,
) {
    own(&adapter, alice);
    let at = committee.address();
    let bad = error(IOracleAdapter::BadSource { source: at });
    let list = |others| list_with(&adapter, alice, [&a, &b, &c], others).motsu_res();
    // Too short an answer.
    committee.sender(alice).says(vec![0; 63]);
    assert_eq!(list(vec![of_kind(at, 6, 1)]).unwrap_err(), bad);
    committee.sender(alice).says(words(U256::ZERO, 0));
    assert_eq!(list(vec![of_kind(at, 6, 1); 2]).unwrap_err(), bad);
    let mut named = of_kind(at, 6, 1);
    named.id = B256::repeat_byte(1);
    assert_eq!(list(vec![named]).unwrap_err(), bad);
    // Listed first, it counts for nothing: three sources, quorum two, and it is last in the list.
    list(vec![of_kind(at, 6, 1)]).unwrap();
    let (sources, rules) = adapter.sender(alice).listing(FEED).motsu_unwrap();
    assert_eq!(rules.quorum, 2);
    let kinds: Vec<_> = sources
        .iter()
        .map(|source| (source.account, source.kind))
        .collect();
    let expected = [(a.at(), 0), (b.at(), 0), (c.at(), 0), (at, 6)];
    assert_eq!(kinds, expected);
    assert_eq!(sources[3].origin, B256::repeat_byte(6));
    // It is no source of prices.
    assert_eq!(adapter.sender(alice).spot(FEED).motsu_unwrap().5, 3);
    let refused = adapter.sender(alice).source_status(FEED, 3).motsu_res();
    let (index, length) = (U256::from(3), U256::from(3));
    assert_eq!(
        refused.unwrap_err(),
        error(IOracleAdapter::IndexOutOfBounds { index, length })
    );
}

#[motsu::test]
fn an_aggregator_is_not_made_two_by_an_id(
    adapter: Contract<OracleAdapter>,
    a: Contract<Source>,
    b: Contract<Source>,
    c: Contract<Source>,
    alice: Address,
) {
    own(&adapter, alice);
    for source in [&a, &b, &c] {
        fresh(source, 100);
    }
    let mut sources = aggregators(&[(a.at(), 60), (b.at(), 60), (a.at(), 60)]);
    sources[2].origin = B256::repeat_byte(1);
    sources[2].id = B256::repeat_byte(2);
    let refused = adapter
        .sender(alice)
        .list_feed(FEED, sources, rules())
        .motsu_unwrap_err();
    let source = a.at();
    assert_eq!(refused, error(IOracleAdapter::BadSource { source }));
}

#[motsu::test]
fn a_final_attestation_is_the_third_step_and_an_open_one_is_none(
    adapter: Contract<OracleAdapter>,
    a: Contract<Source>,
    b: Contract<Source>,
    c: Contract<Source>,
    committee: Contract<Committee>,
    alice: Address,
) {
    own(&adapter, alice);
    committee.sender(alice).says(words(U256::ZERO, 0));
    let listed = vec![of_kind(committee.address(), 6, 1)];
    list_with(&adapter, alice, [&a, &b, &c], listed).motsu_unwrap();
    committee.sender(alice).expects(EXPIRY);

    let thin = || insufficient(0, 6);
    let final_at = EXPIRED + 20_000;
    // Before two hours it is not asked, however final.
    committee.sender(alice).says(words(wad(70), EXPIRED));
    assert_eq!(fix(&adapter, EXPIRED + 7_199).unwrap_err(), thin());
    committee.sender(alice).says(words(wad(70), final_at));
    assert_eq!(fix(&adapter, final_at - 1).unwrap_err(), thin());
    // Nothing attested; final before the expiry; beyond the feed's bounds; beyond any price; a time of no clock; reverting.
    for answer in [
        words(U256::ZERO, 0),
        words(wad(70), 0),
        words(wad(70), EXPIRED - 1),
        words(wad(1), final_at),
        words(wad(1_000_000), final_at),
        words(U256::MAX, final_at),
        words(wad(70), final_at)[..63].to_vec(),
        [words(wad(70), 0)[..32].to_vec(), vec![0xff; 32]].concat(),
    ] {
        committee.sender(alice).says(answer);
        assert_eq!(fix(&adapter, final_at).unwrap_err(), thin());
    }
    committee.sender(alice).says(words(wad(70), final_at));
    committee.sender(alice).reverts.set(U256::from(1));
    assert_eq!(fix(&adapter, final_at).unwrap_err(), thin());
    committee.sender(alice).reverts.set(U256::ZERO);

    // Who calls cannot pass it over by paying for too little gas.
    set_gas_left(GAS_NEEDED - 1);
    let starved = error(IOracleAdapter::InsufficientGasForSource {
        gasLeft: U256::from(GAS_NEEDED - 1),
        needed: U256::from(GAS_NEEDED),
    });
    assert_eq!(fix(&adapter, final_at).unwrap_err(), starved);
    assert_eq!(fix(&adapter, EXPIRED + 30 * DAY).unwrap_err(), starved);
    set_gas_left(10_000_000);
    assert_eq!(fix(&adapter, final_at).unwrap(), wad(70));
    assert!(adapter.emitted(&fixed(70, 3)));
}

#[motsu::test]
fn an_attestation_beyond_the_recorded_extremes_is_not_believed(
    adapter: Contract<OracleAdapter>,
    a: Contract<Source>,
    b: Contract<Source>,
    c: Contract<Source>,
    committee: Contract<Committee>,
    alice: Address,
) {
    own(&adapter, alice);
    committee.sender(alice).says(words(U256::ZERO, 0));
    let listed = vec![of_kind(committee.address(), 6, 1)];
    list_with(&adapter, alice, [&a, &b, &c], listed).motsu_unwrap();
    committee.sender(alice).expects(EXPIRY);
    record(&adapter, [&a, &b, &c], EXPIRED - 60, 95).unwrap();
    record(&adapter, [&a, &b, &c], EXPIRED + 60, 105).unwrap();
    let at = EXPIRED + 20_000;
    for beyond in [wad(95) - U256::from(1), wad(105) + U256::from(1)] {
        committee.sender(alice).says(words(beyond, at));
        assert_eq!(fix(&adapter, at).unwrap_err(), insufficient(2, 6));
    }
    committee.sender(alice).says(words(wad(105), at));
    assert_eq!(fix(&adapter, at).unwrap(), wad(105));
    assert!(adapter.emitted(&fixed(105, 3)));
}

#[motsu::test]
fn a_final_attestation_comes_before_the_median_of_the_day(
    adapter: Contract<OracleAdapter>,
    a: Contract<Source>,
    b: Contract<Source>,
    c: Contract<Source>,
    committee: Contract<Committee>,
    alice: Address,
) {
    own(&adapter, alice);
    committee.sender(alice).says(words(U256::ZERO, 0));
    let listed = vec![of_kind(committee.address(), 6, 1)];
    list_with(&adapter, alice, [&a, &b, &c], listed).motsu_unwrap();
    committee.sender(alice).expects(EXPIRY);
    for source in [&a, &b, &c] {
        fresh_at(source, 500, EXPIRED + DAY);
    }
    committee.sender(alice).says(words(wad(70), EXPIRED + DAY));
    assert_eq!(fix(&adapter, EXPIRED + DAY).unwrap(), wad(70));
}
