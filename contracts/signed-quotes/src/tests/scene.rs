//! A publisher of three keys, two of whom must sign, listed on a real surface with its real proof; and chains of quotes around known smiles.

use alloc::vec::Vec;

use alloy_primitives::{Address, B256, U256};
use alloy_signer::SignerSync;
use alloy_signer_local::PrivateKeySigner;
use alloy_sol_types::{Eip712Domain, SolError, SolStruct, sol};
use clearing_math::black_scholes::{ForwardInputs, price_forward};
use clearing_math::leg::OptionKind;
use clearing_math::quotes::{OptionQuote, QuotedExpiry};
use clearing_math::surface::{PublishedSmile, SmilePair, volatility};
use interfaces::Revert;
use motsu::prelude::*;
use smile_proof::SmileProof;
use stylus_sdk::abi::Bytes;
use volatility_surface::VolatilitySurface;

use crate::SignedQuotes;

/// Motsu's clock, which stands still.
pub(crate) const NOW: u64 = 1_735_689_600;
/// Motsu's chain.
pub(crate) const CHAIN: u64 = 42_161;
pub(crate) const FEED: B256 = B256::repeat_byte(0xfe);
/// Anybody.
pub(crate) const RELAYER: Address = Address::repeat_byte(0x77);
pub(crate) const OWNER: Address = Address::repeat_byte(0x99);
pub(crate) const WAD: u128 = 1_000_000_000_000_000_000;
/// One percent of volatility.
pub(crate) const POINT: u64 = 10_000_000_000_000_000;
pub(crate) const SPOT: u128 = 2_000 * WAD;
pub(crate) const FORWARD: u128 = 2_010 * WAD;
/// Thirty days on.
pub(crate) const MONTH: u32 = NOW as u32 + 30 * 86_400;
/// Firm quotes are at most four points wide.
pub(crate) const SPREAD: u64 = 4 * POINT;
pub(crate) const TOLERANCE: u64 = POINT / 10;
pub(crate) const MAX_AGE: u32 = 300;

/// A skew around 65 %; expiry and time are the publisher's to fill in.
pub(crate) const SKEW: PublishedSmile = PublishedSmile {
    a: 200_000_000,
    b: 900_000_000,
    rho: -300_000_000,
    m: 20_000_000,
    sigma: 240_000_000,
    expiry: 0,
    published_at: 0,
};

sol! {
    struct OptionQuotes {
        bytes32 feed;
        uint64 observedAt;
        uint128 spot;
        bytes32[] expiries;
        bytes32[] quotes;
        uint64 deadline;
    }
    struct SignerReplacement {
        address[] signers;
        uint8 threshold;
        uint64 generation;
        uint64 deadline;
    }
}

pub(crate) fn word(smile: PublishedSmile) -> B256 {
    B256::new(smile.to_word())
}

/// The smile's volatility at a strike, WAD.
pub(crate) fn volatility_of(smile: PublishedSmile, strike: u64) -> u64 {
    let word = PublishedSmile {
        expiry: MONTH,
        ..smile
    }
    .to_word();
    let pair = SmilePair::prepare(&word, &word, MONTH, NOW).unwrap();
    volatility(&[pair], FORWARD, u128::from(strike) * WAD).unwrap()
}

/// What an option is worth at a volatility; strike in whole units.
pub(crate) fn price(strike: u64, kind: OptionKind, seconds: u64, volatility: u64) -> u128 {
    let prices = price_forward(&ForwardInputs {
        forward: FORWARD,
        strike: u128::from(strike) * WAD,
        discount: WAD,
        seconds,
        volatility: volatility.into(),
    });
    let prices = prices.unwrap();
    match kind {
        OptionKind::Call => prices.call,
        OptionKind::Put => prices.put,
    }
}

/// Quotes of the side out of the money, `half` points of volatility below and above `smile`, as of `seconds` before the expiry.
pub(crate) fn chain(
    smile: PublishedSmile,
    strikes: &[u64],
    half: u64,
    seconds: u64,
) -> Vec<OptionQuote> {
    let quote = |&strike: &u64| {
        let middle = volatility_of(smile, strike);
        let kind = if u128::from(strike) * WAD < FORWARD {
            OptionKind::Put
        } else {
            OptionKind::Call
        };
        OptionQuote {
            strike: strike * 100_000_000,
            kind,
            bid: price(strike, kind, seconds, middle - half),
            ask: price(strike, kind, seconds, middle + half),
        }
    };
    strikes.iter().map(quote).collect()
}

/// Strikes two deviations and more to either side, no two of them a deviation (18 %) apart.
pub(crate) const STRIKES: [u64; 9] = [
    1_400, 1_600, 1_750, 1_900, 2_000, 2_100, 2_300, 2_600, 3_000,
];

pub(crate) fn words(quotes: &[OptionQuote]) -> Vec<B256> {
    quotes
        .iter()
        .map(|quote| B256::new(quote.to_word()))
        .collect()
}

/// Good quotes of one expiry, one point wide to either side, observed `age` seconds ago, and good for a minute.
pub(crate) fn good(age: u64) -> OptionQuotes {
    let seconds = u64::from(MONTH) - NOW + age;
    of_one_expiry(&chain(SKEW, &STRIKES, POINT, seconds), MONTH, age)
}

pub(crate) fn of_one_expiry(quotes: &[OptionQuote], expiry: u32, age: u64) -> OptionQuotes {
    let expiry = QuotedExpiry {
        expiry,
        quotes: quotes.len() as u16,
        doubt: 100,
        rate: 0,
        forward: FORWARD,
    };
    OptionQuotes {
        feed: FEED,
        observedAt: NOW - age,
        spot: SPOT,
        expiries: vec![B256::new(expiry.to_word())],
        quotes: words(quotes),
        deadline: NOW + 60,
    }
}

/// Keys with ascending addresses.
pub(crate) fn keys(numbers: core::ops::RangeInclusive<u8>) -> Vec<PrivateKeySigner> {
    let mut keys: Vec<_> = numbers
        .map(|number| PrivateKeySigner::from_bytes(&B256::repeat_byte(number)).unwrap())
        .collect();
    keys.sort_unstable_by_key(PrivateKeySigner::address);
    keys
}

pub(crate) fn addresses(keys: &[PrivateKeySigner]) -> Vec<Address> {
    keys.iter().map(PrivateKeySigner::address).collect()
}

pub(crate) fn domain(chain: u64, contract: Address) -> Eip712Domain {
    Eip712Domain::new(
        Some("Novation Signed Quotes".into()),
        Some("1".into()),
        Some(U256::from(chain)),
        Some(contract),
        None,
    )
}

pub(crate) fn sign(
    keys: &[PrivateKeySigner],
    message: &impl SolStruct,
    domain: &Eip712Domain,
) -> Bytes {
    let hash = message.eip712_signing_hash(domain);
    let signatures = keys
        .iter()
        .flat_map(|key| key.sign_hash_sync(&hash).unwrap().as_bytes());
    Bytes(signatures.collect())
}

/// Two of three keys, five firm quotes over a deviation.
pub(crate) fn open(publisher: &Contract<SignedQuotes>, surface: Address) -> Vec<PrivateKeySigner> {
    let signers = keys(1..=3);
    publisher
        .sender(RELAYER)
        .constructor(
            surface,
            FEED,
            1,
            addresses(&signers),
            2,
            5,
            10_000,
            SPREAD,
            TOLERANCE,
            MAX_AGE,
        )
        .motsu_unwrap();
    signers
}

/// The same, listed as the second of two publishers of a surface.
pub(crate) fn listed(
    publisher: &Contract<SignedQuotes>,
    surface: &Contract<VolatilitySurface>,
    proof: &Contract<SmileProof>,
) -> Vec<PrivateKeySigner> {
    list(surface, proof, vec![OWNER, publisher.address()]);
    open(publisher, surface.address())
}

/// Lists the feed on a new surface.
pub(crate) fn list(
    surface: &Contract<VolatilitySurface>,
    proof: &Contract<SmileProof>,
    publishers: Vec<Address>,
) {
    surface
        .sender(OWNER)
        .constructor(OWNER, proof.address())
        .motsu_unwrap();
    surface
        .sender(OWNER)
        .list_surface(FEED, publishers, 0, 600, 200 * POINT, 0)
        .motsu_unwrap();
}

/// Submits `message` and `smiles` with given signatures.
pub(crate) fn send(
    publisher: &Contract<SignedQuotes>,
    message: &OptionQuotes,
    smiles: &[B256],
    signatures: Bytes,
) -> Result<(), Revert> {
    publisher.sender(RELAYER).publish(
        message.observedAt,
        message.spot,
        message.expiries.clone(),
        message.quotes.clone(),
        smiles.to_vec(),
        message.deadline,
        signatures,
    )
}

/// Submits `message`, signed by `keys` for this contract.
pub(crate) fn submit(
    publisher: &Contract<SignedQuotes>,
    keys: &[PrivateKeySigner],
    message: &OptionQuotes,
    smiles: &[B256],
) -> Result<(), Revert> {
    let signatures = sign(keys, message, &domain(CHAIN, publisher.address()));
    send(publisher, message, smiles, signatures)
}

/// The error, as the caller sees it.
pub(crate) fn error<E: SolError>(expected: E) -> Revert {
    expected.into()
}
