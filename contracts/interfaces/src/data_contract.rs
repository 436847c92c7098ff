//! Bytes kept as the code of a contract: written once, and read whole for the price of one account instead of one slot per word.
//!
//! The first byte of the code is STOP, so a call of the contract does nothing and the code can never be taken for a program.

use alloc::vec;
use alloc::vec::Vec;

use alloy_primitives::Address;
#[cfg(target_arch = "wasm32")]
use stylus_sdk::prelude::*;

use crate::Revert;

/// Most bytes a data contract may hold, far below the 24,576 a contract's code may have.
pub const MAX_DATA: usize = 4_096;

/// Creation code that returns everything behind itself, a STOP and the data:
/// PUSH2 length, DUP1, PUSH1 12, PUSH1 0, CODECOPY, PUSH1 0, RETURN. Twelve bytes.
fn creation_code(data: &[u8]) -> Option<Vec<u8>> {
    let length = u16::try_from(data.len().checked_add(1)?)
        .ok()
        .filter(|_| data.len() <= MAX_DATA)?;
    let [high, low] = length.to_be_bytes();
    let mut creation = vec![
        0x61, high, low, 0x80, 0x60, 12, 0x60, 0, 0x39, 0x60, 0, 0xf3, // the code itself:
        0x00,
    ];
    creation.extend_from_slice(data);
    Some(creation)
}

/// Creates a contract that holds `data`. `None` when it is too long or cannot be created.
#[cfg(target_arch = "wasm32")]
pub fn create<S: HostAccess>(contract: &S, data: &[u8]) -> Option<Address> {
    use alloy_primitives::U256;
    use stylus_sdk::stylus_core::deploy::CachePolicy;

    let creation = creation_code(data)?;
    // SAFETY: the creation code makes no calls, so nothing re-enters and no storage reference is aliased.
    unsafe {
        contract
            .vm()
            .deploy(&creation, U256::ZERO, None, CachePolicy::Flush)
    }
    .ok()
}

/// Creates the contract of this number, the count of those `contract` has created, this one included. A creator of data contracts alone can then keep
/// four bytes of each instead of an address. `None` when it cannot be created, or was not the next one.
#[cfg(target_arch = "wasm32")]
pub fn create_numbered<S: HostAccess>(contract: &S, number: u32, data: &[u8]) -> Option<()> {
    (create(contract, data)? == numbered(contract, number)).then_some(())
}

/// [`read`] of what [`create_numbered`] created. Errors: empty when there is none of this number.
#[cfg(target_arch = "wasm32")]
pub fn read_numbered<S: HostAccess>(contract: &S, number: u32) -> Result<Vec<u8>, Revert> {
    read(contract, numbered(contract, number))
}

/// Where `contract` creates its contract of this number.
#[cfg(target_arch = "wasm32")]
fn numbered<S: HostAccess>(contract: &S, number: u32) -> Address {
    let vm = contract.vm();
    Address::from_word(vm.native_keccak256(&origin(vm.contract_address(), number)))
}

/// What the address of a created contract is the hash of: the list of creator and nonce in RLP. A contract's first nonce is 1.
#[cfg(any(target_arch = "wasm32", test))]
#[allow(
    clippy::cast_possible_truncation,
    reason = "at most 4 digits, 27 bytes in all"
)]
fn origin(creator: Address, nonce: u32) -> Vec<u8> {
    let bytes = nonce.to_be_bytes();
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    let digits = bytes.get(zeros..).unwrap_or_default();
    let mut origin = vec![0, 0x94];
    origin.extend_from_slice(creator.as_slice());
    // A single byte below 128 stands for itself.
    if nonce == 0 || nonce >= 0x80 {
        origin.push(0x80_u8.wrapping_add(digits.len() as u8));
    }
    origin.extend_from_slice(digits);
    // At most 26 bytes behind the first.
    let length = origin.len().wrapping_sub(1) as u8;
    if let Some(first) = origin.first_mut() {
        *first = 0xc0_u8.wrapping_add(length);
    }
    origin
}

/// The bytes a data contract holds. Errors: empty when there is none at the address.
#[cfg(target_arch = "wasm32")]
pub fn read<S: HostAccess>(contract: &S, address: Address) -> Result<Vec<u8>, Revert> {
    let mut code = contract.vm().code(address);
    if code.first() != Some(&0) {
        return Err(Revert::empty());
    }
    code.remove(0);
    Ok(code)
}

#[cfg(not(target_arch = "wasm32"))]
pub use native::{create, create_numbered, read, read_numbered};

/// The test VM keeps no code: natively the contracts are kept beside it, per thread as its storage is. No program contains this.
#[cfg(not(target_arch = "wasm32"))]
mod native {
    extern crate std;

    use std::cell::RefCell;
    use std::collections::BTreeMap;

    use stylus_sdk::prelude::*;

    use super::{Address, Revert, Vec, creation_code};

    std::thread_local! {
        static CREATED: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
        static NUMBERED: RefCell<BTreeMap<(Address, u32), Vec<u8>>> = const { RefCell::new(BTreeMap::new()) };
    }

    /// Creates the contract of this number. `None` when the data is too long.
    pub fn create_numbered<S: HostAccess>(contract: &S, number: u32, data: &[u8]) -> Option<()> {
        creation_code(data)?;
        let key = (contract.vm().contract_address(), number);
        NUMBERED.with_borrow_mut(|created| created.insert(key, data.to_vec()));
        Some(())
    }

    /// What [`create_numbered`] created. Errors: empty when there is none of this number.
    pub fn read_numbered<S: HostAccess>(contract: &S, number: u32) -> Result<Vec<u8>, Revert> {
        let key = (contract.vm().contract_address(), number);
        NUMBERED.with_borrow(|created| created.get(&key).cloned().ok_or_else(Revert::empty))
    }

    /// Creates a contract that holds `data`. `None` when it is too long.
    pub fn create<S>(_contract: &S, data: &[u8]) -> Option<Address> {
        let creation = creation_code(data)?;
        CREATED.with_borrow_mut(|created| {
            created.push(creation.get(13..)?.to_vec());
            let index = u64::try_from(created.len()).ok()?;
            Some(Address::left_padding_from(&index.to_be_bytes()))
        })
    }

    /// The bytes a data contract holds. Errors: empty when there is none at the address.
    pub fn read<S>(_contract: &S, address: Address) -> Result<Vec<u8>, Revert> {
        let (_, index) = address.split_last_chunk::<8>().ok_or_else(Revert::empty)?;
        let index = usize::try_from(u64::from_be_bytes(*index)).map_err(|_| Revert::empty())?;
        CREATED.with_borrow(|created| {
            let data = index.checked_sub(1).and_then(|index| created.get(index));
            data.cloned().ok_or_else(Revert::empty)
        })
    }
}

#[cfg(test)]
mod tests {
    use alloy_primitives::address;

    use super::*;

    #[test]
    fn creation_code_returns_a_stop_and_the_data() {
        let creation = creation_code(&[7, 8, 9]).unwrap();
        assert_eq!(creation[..3], [0x61, 0, 4]);
        // CODECOPY starts at the byte behind RETURN.
        assert_eq!(usize::from(creation[5]), creation.len() - 4);
        assert_eq!(creation[11..], [0xf3, 0, 7, 8, 9]);
    }

    #[test]
    fn the_address_of_a_created_contract_is_the_hash_of_creator_and_nonce() {
        let creator = Address::new([
            0x6a, 0xc7, 0xea, 0x33, 0xf8, 0x83, 0x1e, 0xa9, 0xdc, 0xc5, 0x33, 0x93, 0xaa, 0xa8,
            0x8b, 0x25, 0xa7, 0x85, 0xdb, 0xf0,
        ]);
        // Known from Ethereum's main net for the first nonces; beyond, the lengths of RLP. The node judges the rest.
        let found = |nonce| Address::from_word(alloy_primitives::keccak256(origin(creator, nonce)));
        assert_eq!(
            found(0),
            address!("cd234A471b72ba2F1Ccf0A70FCABA648a5eeCD8d")
        );
        assert_eq!(
            found(1),
            address!("343c43A37D37dfF08AE8C4A11544c718AbB4fCF8")
        );
        assert_eq!(
            found(2),
            address!("f778B86FA74E846c4f0a1fBd1335FE81c00a0C91")
        );
        assert_eq!(
            found(3),
            address!("ffFd933A0bC612844eaF0C6Fe3E5b8E9B6C1d19c")
        );
        let end = |nonce| origin(creator, nonce)[22..].to_vec();
        assert_eq!((origin(creator, 0x7f)[0], end(0x7f)), (0xd6, vec![0x7f]));
        assert_eq!(
            (origin(creator, 0x80)[0], end(0x80)),
            (0xd7, vec![0x81, 0x80])
        );
        assert_eq!(
            (origin(creator, 256)[0], end(256)),
            (0xd8, vec![0x82, 1, 0])
        );
        let last = vec![0x84, 0xff, 0xff, 0xff, 0xff];
        assert_eq!((origin(creator, u32::MAX)[0], end(u32::MAX)), (0xda, last));
    }

    #[test]
    fn data_that_is_too_long_is_refused_and_the_longest_is_kept() {
        assert!(create(&(), &[0; MAX_DATA + 1]).is_none());
        let longest = [5; MAX_DATA];
        let address = create(&(), &longest).unwrap();
        assert_eq!(read(&(), address).unwrap(), longest);
        assert!(read(&(), Address::ZERO).is_err());
        assert!(read(&(), Address::repeat_byte(0xff)).is_err());
    }
}
