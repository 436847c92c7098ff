//! Texts of at most 31 bytes, such as `ETH / USD`: one storage slot, and none of the SDK's string storage, which costs a small contract a fifth of
//! its size.

use alloc::vec::Vec;

use alloy_primitives::{B256, U256};

use crate::words::{Word, encode};

/// Most bytes of a text.
pub const MOST_BYTES: usize = 31;

/// The text behind its length in one word; `None` when it is too long.
#[must_use]
pub fn pack(text: &[u8]) -> Option<B256> {
    let length = u8::try_from(text.len())
        .ok()
        .filter(|_| text.len() <= MOST_BYTES)?;
    let mut word = [0; 32];
    let (first, rest) = word.split_first_mut()?;
    *first = length;
    rest.get_mut(..text.len())?.copy_from_slice(text);
    Some(B256::new(word))
}

/// The text of a packed word.
#[must_use]
pub fn unpack(word: &B256) -> &[u8] {
    let (length, rest) = word.split_first().unwrap_or((&0, &[]));
    rest.get(..usize::from(*length)).unwrap_or_default()
}

/// A `string` answer: offset, length, bytes padded to whole words.
#[must_use]
pub fn answer(text: &[u8]) -> Vec<u8> {
    let length = U256::from(text.len()).word();
    let mut encoded = encode(&[], &[32_u32.word(), length]);
    encoded.extend_from_slice(text);
    encoded.resize(encoded.len().next_multiple_of(32), 0);
    encoded
}

#[cfg(test)]
mod tests {
    use alloy_sol_types::SolValue;

    use super::{MOST_BYTES, answer, pack, unpack};

    #[test]
    fn texts_up_to_the_limit_come_back_and_longer_ones_are_refused() {
        for length in 0..=MOST_BYTES {
            let text = &[b'x'; MOST_BYTES][..length];
            let word = pack(text).unwrap();
            assert_eq!(unpack(&word), text);
        }
        assert_eq!(pack(&[b'x'; MOST_BYTES + 1]), None);
        assert_eq!(pack(&[b'x'; 300]), None);
    }

    #[test]
    fn an_answer_is_what_the_generated_encoder_writes() {
        for text in [
            "",
            "ETH / USD",
            "exactly thirty-two bytes long !!",
            "and some more bytes than a word holds",
        ] {
            assert_eq!(answer(text.as_bytes()), text.abi_encode());
        }
    }
}
