//! The ABI of static values, by hand: every value is one 32-byte word.
//!
//! The generated encoders and decoders are instantiated per signature and cost a large contract half of its 24 kB. This module is the
//! same for all signatures; selectors, topics and error types still come from the Solidity files. Reading is strict: a short input or a
//! word with bits beyond its type is refused.

use alloc::vec::Vec;

use alloy_primitives::{Address, B256, U256};
use stylus_sdk::stylus_core::Host;

use crate::Revert;

/// A value that is one word of the ABI.
pub trait Word {
    /// Its encoding.
    fn word(self) -> B256;
}

impl Word for B256 {
    fn word(self) -> B256 {
        self
    }
}

impl Word for U256 {
    #[inline(never)]
    fn word(self) -> B256 {
        B256::new(self.to_be_bytes())
    }
}

impl Word for Address {
    #[inline(never)]
    fn word(self) -> B256 {
        self.into_word()
    }
}

impl Word for u128 {
    #[inline(never)]
    fn word(self) -> B256 {
        right_aligned([0; 16], self)
    }
}

impl Word for i128 {
    #[inline(never)]
    fn word(self) -> B256 {
        let sign = if self < 0 { [0xff; 16] } else { [0; 16] };
        right_aligned(sign, self.cast_unsigned())
    }
}

impl Word for u64 {
    fn word(self) -> B256 {
        u128::from(self).word()
    }
}

impl Word for u32 {
    fn word(self) -> B256 {
        u128::from(self).word()
    }
}

impl Word for bool {
    fn word(self) -> B256 {
        u128::from(self).word()
    }
}

fn right_aligned(high: [u8; 16], low: u128) -> B256 {
    let mut word = [0; 32];
    let (head, tail) = word.split_at_mut(16);
    head.copy_from_slice(&high);
    tail.copy_from_slice(&low.to_be_bytes());
    B256::new(word)
}

/// `head` (a selector, or nothing), then the words.
#[must_use]
#[inline(never)]
pub fn encode(head: &[u8], words: &[B256]) -> Vec<u8> {
    let bytes = words.as_flattened_bytes();
    let mut encoded = Vec::with_capacity(head.len().saturating_add(bytes.len()));
    encoded.extend_from_slice(head);
    encoded.extend_from_slice(bytes);
    encoded
}

/// Logs an event of static values; the first topic is its signature's hash, the last of `topics` ends the indexed ones.
#[inline(never)]
pub fn emit(vm: &dyn Host, topics: &[B256], data: &[B256]) {
    vm.emit_log(&encode(topics.as_flattened_bytes(), data), topics.len());
}

/// Words as they lie in memory.
trait AsFlattenedBytes {
    fn as_flattened_bytes(&self) -> &[u8];
}

impl AsFlattenedBytes for [B256] {
    fn as_flattened_bytes(&self) -> &[u8] {
        // SAFETY: `B256` is a transparent wrapper of `[u8; 32]`: no padding, alignment 1.
        unsafe { core::slice::from_raw_parts(self.as_ptr().cast(), size_of_val(self)) }
    }
}

/// Reads words in order. A word that is missing or too large reads as zero and makes [`Words::end`] fail, so that a list of reads needs
/// one check.
pub struct Words<'a> {
    rest: &'a [u8],
    valid: bool,
}

impl<'a> Words<'a> {
    /// Of calldata without its selector, or of a callee's answer.
    #[must_use]
    pub fn new(encoded: &'a [u8]) -> Self {
        Self {
            rest: encoded,
            valid: true,
        }
    }

    /// Next word, any bits.
    #[inline(never)]
    pub fn word(&mut self) -> B256 {
        let Some((word, rest)) = self.rest.split_first_chunk() else {
            self.valid = false;
            return B256::ZERO;
        };
        self.rest = rest;
        B256::new(*word)
    }

    /// Next `uint256`.
    #[inline(never)]
    pub fn u256(&mut self) -> U256 {
        to_u256(self.word())
    }

    /// Next unsigned integer, of at most `most`.
    #[inline(never)]
    pub fn at_most(&mut self, most: u128) -> u128 {
        let (high, low) = halves(self.word());
        if high != 0 || low > most {
            self.valid = false;
            return 0;
        }
        low
    }

    /// Next `uint128`; also a `uint256` of which no larger value is acceptable.
    pub fn u128(&mut self) -> u128 {
        self.at_most(u128::MAX)
    }

    /// Next `uint64`.
    #[allow(
        clippy::cast_possible_truncation,
        reason = "bounded by the line itself"
    )]
    pub fn u64(&mut self) -> u64 {
        self.at_most(u64::MAX.into()) as u64
    }

    /// Next `uint32`.
    #[allow(
        clippy::cast_possible_truncation,
        reason = "bounded by the line itself"
    )]
    pub fn u32(&mut self) -> u32 {
        self.at_most(u32::MAX.into()) as u32
    }

    /// Next `bool`.
    pub fn bool(&mut self) -> bool {
        self.at_most(1) == 1
    }

    /// Next `int256` that fits 128 bits.
    pub fn i128(&mut self) -> i128 {
        let (high, low) = halves(self.word());
        let value = low.cast_signed();
        // Sign extension: the upper half repeats the sign of the lower.
        if high != (value >> 127).cast_unsigned() {
            self.valid = false;
        }
        value
    }

    /// Next `int64`.
    pub fn i64(&mut self) -> i64 {
        let value = self.i128();
        i64::try_from(value).unwrap_or_else(|_| {
            self.valid = false;
            0
        })
    }

    /// Next `address`.
    #[inline(never)]
    pub fn address(&mut self) -> Address {
        let word = self.word();
        let (zeros, address) = word.split_at(12);
        if zeros != [0; 12] {
            self.valid = false;
        }
        Address::from_slice(address)
    }

    /// Ends the list. Errors: empty revert data when a word was missing or too large.
    pub fn end(&self) -> Result<(), Revert> {
        if self.valid {
            Ok(())
        } else {
            Err(Revert::empty())
        }
    }
}

/// The number a word encodes.
#[must_use]
#[allow(
    clippy::cast_possible_truncation,
    reason = "each cast takes its own bits"
)]
pub fn to_u256(word: B256) -> U256 {
    let (high, low) = halves(word);
    U256::from_limbs([
        low as u64,
        (low >> 64) as u64,
        high as u64,
        (high >> 64) as u64,
    ])
}

/// The words of an array argument: its length stands `offset` bytes into `input` (calldata without its selector), its elements behind it.
///
/// Errors: empty revert data when it does not lie within the input.
pub fn array(input: &[u8], offset: u128) -> Result<Words<'_>, Revert> {
    let tail = usize::try_from(offset)
        .ok()
        .and_then(|offset| input.get(offset..));
    let (length, elements) = tail
        .and_then(|tail| tail.split_first_chunk())
        .ok_or_else(Revert::empty)?;
    let (high, low) = halves(B256::new(*length));
    let bytes = usize::try_from(low)
        .ok()
        .filter(|_| high == 0)
        .and_then(|length| length.checked_mul(32));
    let rest = bytes.and_then(|bytes| elements.get(..bytes));
    let rest = rest.ok_or_else(Revert::empty)?;
    Ok(Words { rest, valid: true })
}

/// A `bytes` or `string` argument: its length stands `offset` bytes into `input` (calldata without its selector), its bytes behind it.
///
/// Errors: empty revert data when it does not lie within the input. What pads it to a whole word is not looked at.
pub fn bytes(input: &[u8], offset: u128) -> Result<&[u8], Revert> {
    let tail = usize::try_from(offset)
        .ok()
        .and_then(|offset| input.get(offset..));
    let (length, content) = tail
        .and_then(|tail| tail.split_first_chunk())
        .ok_or_else(Revert::empty)?;
    let (high, low) = halves(B256::new(*length));
    let length = usize::try_from(low).ok().filter(|_| high == 0);
    length
        .and_then(|length| content.get(..length))
        .ok_or_else(Revert::empty)
}

impl Words<'_> {
    /// Words that are left.
    #[must_use]
    pub fn left(&self) -> usize {
        self.rest.len() / 32
    }
}

/// Upper and lower 128 bits of a word.
#[must_use]
#[inline(never)]
pub fn halves(word: B256) -> (u128, u128) {
    let (mut high, mut low) = ([0; 16], [0; 16]);
    high.copy_from_slice(&word[..16]);
    low.copy_from_slice(&word[16..]);
    (u128::from_be_bytes(high), u128::from_be_bytes(low))
}

#[cfg(test)]
mod tests {
    use alloy_primitives::{I256, address};
    use alloy_sol_types::{SolCall, SolError, SolEvent, SolValue};

    use super::*;
    use crate::{IClearingHouse, ICollateralVault};

    #[test]
    fn words_are_those_of_the_generated_encoders() {
        let asset = address!("1122334455667788990011223344556677889900");
        let call = ICollateralVault::moveBalanceCall {
            asset,
            from: U256::MAX,
            to: U256::from(7),
            assets: U256::from(u128::MAX),
        };
        let by_hand = encode(
            &ICollateralVault::moveBalanceCall::SELECTOR,
            &[
                asset.word(),
                U256::MAX.word(),
                7_u64.word(),
                u128::MAX.word(),
            ],
        );
        assert_eq!(by_hand, call.abi_encode());

        for signed in [0, 1, -1, i128::MIN, i128::MAX] {
            let wide = I256::try_from(signed).unwrap();
            assert_eq!(signed.word().0.to_vec(), wide.abi_encode());
            let word = signed.word();
            let mut words = Words::new(word.as_slice());
            assert_eq!(words.i128(), signed);
            assert!(words.end().is_ok());
        }
        let error = IClearingHouse::NotAuthorized {
            account: U256::from(3),
            caller: asset,
        };
        assert_eq!(
            encode(
                &IClearingHouse::NotAuthorized::SELECTOR,
                &[3_u32.word(), asset.word()]
            ),
            error.abi_encode()
        );
        assert_eq!(
            IClearingHouse::PausedUntil { time: 9 }.encode_data(),
            encode(&[], &[9_u64.word()])
        );
    }

    #[test]
    fn an_array_lies_within_its_input() {
        // bytes32[] at 64, after an unrelated word: length 2.
        let words = [64_u32, 9, 2, 7, 8].map(Word::word);
        let input = encode(&[], &words);
        let mut read = array(&input, 64).unwrap();
        assert_eq!(read.left(), 2);
        assert_eq!([read.u32(), read.u32()], [7, 8]);
        assert!(read.end().is_ok());
        for (cut, offset) in [(1, 64), (0, 96), (0, 160), (0, 161), (0, u128::MAX)] {
            let shorter = &input[..input.len() - cut];
            assert!(array(shorter, offset).is_err(), "{cut} {offset}");
        }
        let endless = encode(&[], &[32_u32.word(), B256::repeat_byte(0xff)]);
        assert!(array(&endless, 32).is_err());
        // 2^59 elements of 32 bytes are 2^64 bytes.
        let wrapping = encode(&[], &[32_u32.word(), (1_u64 << 59).word()]);
        assert!(array(&wrapping, 32).is_err());
    }

    #[test]
    fn bytes_are_found_behind_their_offset_and_only_within_the_input() {
        let encoded = (7_u64, b"hello".to_vec()).abi_encode_params();
        let mut words = Words::new(&encoded);
        assert_eq!((words.u64(), words.u128()), (7, 64));
        assert_eq!(bytes(&encoded, 64), Ok(&b"hello"[..]));
        // Cut off, beyond the end, and lengths that no input has.
        assert!(bytes(&encoded[..100], 64).is_err());
        for offset in [66, 128, 129, u128::MAX] {
            assert!(bytes(&encoded, offset).is_err(), "{offset}");
        }
        assert!(bytes(&[0xff; 64], 0).is_err());
        assert_eq!(bytes(&[0; 32], 0), Ok(&[][..]));
    }

    #[test]
    fn reading_refuses_missing_words_and_dirty_bits() {
        type Read = fn(&mut Words<'_>) -> bool;
        let (mut dirty, one) = ([0; 32], 1_u32.word());
        dirty[0] = 1;
        let reads: [Read; 6] = [
            |words| words.u64() == 1,
            |words| words.u32() == 1,
            |words| words.u128() == 1,
            |words| words.i128() == 1,
            |words| words.i64() == 1,
            |words| words.bool(),
        ];
        for read in reads {
            let mut words = Words::new(one.as_slice());
            assert!(read(&mut words));
            assert!(words.end().is_ok());
            for input in [&dirty[..], &one[..31], &[]] {
                let mut words = Words::new(input);
                read(&mut words);
                assert!(words.end().is_err());
            }
        }
        let mut words = Words::new(&dirty);
        words.address();
        assert!(words.end().is_err());
        let mut words = Words::new(&dirty[..31]);
        words.u256();
        assert!(words.end().is_err());
        for (bits, refused) in [
            (u128::from(u32::MAX), false),
            (u128::from(u32::MAX) + 1, true),
        ] {
            let word = bits.word();
            let mut words = Words::new(word.as_slice());
            words.u32();
            assert_eq!(words.end().is_err(), refused);
        }
        for (value, refused) in [
            (i128::from(i64::MIN), false),
            (i128::from(i64::MIN) - 1, true),
            (i128::from(i64::MAX) + 1, true),
        ] {
            let word = value.word();
            let mut words = Words::new(word.as_slice());
            assert_eq!(i128::from(words.i64()), if refused { 0 } else { value });
            assert_eq!(words.end().is_err(), refused);
        }
        // 2 is no truth value.
        let two = 2_u32.word();
        let mut words = Words::new(two.as_slice());
        words.bool();
        assert!(words.end().is_err());
    }
}
