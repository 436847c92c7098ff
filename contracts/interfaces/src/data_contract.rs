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
    use stylus_sdk::stylus_core::deploy::{CachePolicy, DeploymentAccess};

    let creation = creation_code(data)?;
    // SAFETY: the creation code makes no calls, so nothing re-enters and no storage reference is aliased.
    unsafe {
        contract
            .vm()
            .deploy(&creation, U256::ZERO, None, CachePolicy::Flush)
    }
    .ok()
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
pub use native::{create, read};

/// The test VM keeps no code: natively the contracts are kept beside it, per thread as its storage is. No program contains this.
#[cfg(not(target_arch = "wasm32"))]
mod native {
    extern crate std;

    use std::cell::RefCell;

    use super::{Address, Revert, Vec, creation_code};

    std::thread_local! {
        static CREATED: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
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
    fn data_that_is_too_long_is_refused_and_the_longest_is_kept() {
        assert!(create(&(), &[0; MAX_DATA + 1]).is_none());
        let longest = [5; MAX_DATA];
        let address = create(&(), &longest).unwrap();
        assert_eq!(read(&(), address).unwrap(), longest);
        assert!(read(&(), Address::ZERO).is_err());
        assert!(read(&(), Address::repeat_byte(0xff)).is_err());
    }
}
