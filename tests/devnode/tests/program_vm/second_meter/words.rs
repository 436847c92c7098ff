//! Words such as arguments, storage and answers of contracts hold, and variations of lists of them.

use alloy_primitives::{Bytes, U256};

use crate::{chain::CALLER, random::Random};

/// Most words of a list.
const MOST: usize = 200;
/// Time of the test chain, unix seconds.
const NOW: u64 = 1_700_000_000;

/// One behind the other.
pub fn encoded(words: &[U256]) -> Bytes {
    let bytes = words.iter().flat_map(|word| word.to_be_bytes::<32>());
    bytes.collect::<Vec<u8>>().into()
}

/// A word; `constants` are those of the code that is to read it.
pub fn word(random: &mut Random, constants: &[u64]) -> U256 {
    let ether = U256::from(10).pow(U256::from(18));
    let expiry = NOW / 86_400 * 86_400 + 8 * 3_600 + 7 * 86_400;
    match random.below(18) {
        0 => U256::ZERO,
        1 | 2 => U256::ONE,
        3 => U256::from(32 * (1 + random.below(8))),
        4 => U256::from(random.below(30)),
        5 => ether * U256::from(1 + random.below(3_000)),
        6 => U256::from_be_slice(CALLER.as_slice()),
        // An account of the caller in pool 1, index 0.
        7 => U256::from_be_slice(CALLER.as_slice()) << 96 | U256::from(1) << 64,
        8 => series(expiry, 0),
        9 => series(expiry, 1),
        10 => leg(expiry, random),
        11 => U256::from(expiry),
        12 => U256::from(NOW - random.below(60) as u64),
        13 => U256::from(NOW + random.below(100_000) as u64),
        14 | 15 if !constants.is_empty() => U256::from(constants[random.below(constants.len())]),
        16 => U256::from(random.next()) << (8 * random.below(32)),
        _ => U256::MAX - U256::from(random.below(3)) * ether,
    }
}

/// A word of one, or of several values beside each other, as a slot holds them.
pub fn packed(random: &mut Random, constants: &[u64]) -> U256 {
    let mut value = word(random, constants);
    while random.once_in(2) {
        value |= word(random, constants) << (8 * random.below(32));
    }
    value
}

/// A series of pool 1 at strike 2,000.
fn series(expiry: u64, kind: u64) -> U256 {
    let strike = U256::from(2_000u64 * 100_000_000);
    U256::from(1) << 104 | U256::from(expiry) << 72 | strike << 8 | U256::from(kind)
}

fn leg(expiry: u64, random: &mut Random) -> U256 {
    let strike = U256::from((1_500 + 100 * random.below(10) as u64) * 100_000_000);
    let kind = U256::from(random.below(2));
    let contracts = U256::from(10).pow(U256::from(18)) * U256::from(1 + random.below(5));
    let contracts = if random.once_in(2) {
        contracts.wrapping_neg() & (U256::MAX >> 128)
    } else {
        contracts
    };
    U256::from(expiry) << 224 | strike << 160 | kind << 152 | contracts
}

/// Changes a list in one place or two.
pub fn vary(list: &mut Vec<U256>, random: &mut Random, constants: &[u64]) {
    let at = random.below(list.len() + 1);
    match random.below(8) {
        0 => list.truncate(at),
        1 if list.len() < MOST => list.insert(at, word(random, constants)),
        2 if at < list.len() => list[at] = list[at].wrapping_add(U256::ONE),
        3 if at < list.len() => list[at] = list[at].wrapping_sub(U256::ONE),
        4 if at < list.len() => list[at] ^= U256::ONE << random.below(256),
        // A dynamic array: its offset in the head, its length and items at the end.
        5 if at < list.len() && list.len() < MOST => {
            list[at] = U256::from(32 * list.len());
            let length = random.below(34);
            list.push(U256::from(length));
            let alike = random.once_in(2).then(|| word(random, constants));
            list.extend((0..length).map(|_| alike.unwrap_or_else(|| word(random, constants))));
        }
        _ if at < list.len() => list[at] = packed(random, constants),
        _ => list.push(packed(random, constants)),
    }
}
