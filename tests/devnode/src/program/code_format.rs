//! How a program stands on chain: prefix `0xEFF000`, one byte naming the compression dictionary, a brotli stream.
//!
//! A program too large for one account is a root, `0xEFF002`, dictionary byte, decompressed length (4 bytes, big-endian) and the
//! addresses of its fragments; each fragment is `0xEFF001` and its part of the stream.

use std::io::Read;

use alloy_primitives::Address;
use thiserror::Error;

use super::config::StylusConfig;

/// First bytes of the code of every program in one piece.
pub const PROGRAM_PREFIX: [u8; 3] = [0xef, 0xf0, 0x00];
/// First bytes of a fragment of a large program.
pub const FRAGMENT_PREFIX: [u8; 3] = [0xef, 0xf0, 0x01];
/// First bytes of code that names the fragments of a large program.
pub const FRAGMENT_ROOT_PREFIX: [u8; 3] = [0xef, 0xf0, 0x02];
/// Dictionary byte of a stream compressed without a dictionary, the only one `cargo-stylus` writes.
pub const EMPTY_DICTIONARY: u8 = 0;

/// Buffer of the decompressor, in bytes.
const BUFFER: usize = 4096;

/// Why code is not a program this node can unpack.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CodeError {
    /// The code does not begin as a program does.
    #[error("not a Stylus program: code begins with 0x{found}, a program with 0xeff000")]
    NotProgram {
        /// The first bytes, in hex.
        found: String,
    },
    /// The root of a program in fragments is not whole.
    #[error("malformed root of fragments: {length} bytes behind its prefix")]
    Root {
        /// Bytes behind the prefix.
        length: usize,
    },
    /// More fragments than a program may have, or other than were given.
    #[error("program has {given} fragments, allowed {allowed}")]
    FragmentCount {
        /// Fragments of the program.
        given: usize,
        /// Fragments it may have.
        allowed: usize,
    },
    /// A fragment does not begin as one.
    #[error("fragment {index} does not begin with 0xeff001")]
    Fragment {
        /// Which one, from 0.
        index: usize,
    },
    /// The module is not as long as the root says.
    #[error("decompressed module has {given} bytes, its root says {stated}")]
    Length {
        /// Bytes it has.
        given: usize,
        /// Bytes the root says.
        stated: u32,
    },
    /// The dictionary is not the empty one.
    #[error("unsupported dictionary type {given}, only {EMPTY_DICTIONARY} is supported")]
    Dictionary {
        /// The dictionary byte of the code.
        given: u8,
    },
    /// The stream is not brotli, or ends early.
    #[error("malformed brotli stream: {0}")]
    Brotli(String),
    /// The module is larger than a program may be.
    #[error("decompressed module exceeds {allowed} bytes")]
    TooLarge {
        /// Largest size, in bytes.
        allowed: u32,
    },
}

/// True when the virtual machine runs `code` as WASM: its prefix alone decides. Roots of fragments count from `ArbOS` 60 on.
#[must_use]
pub fn is_program(code: &[u8], config: &StylusConfig) -> bool {
    code.starts_with(&PROGRAM_PREFIX)
        || (config.max_fragments > 0 && code.starts_with(&FRAGMENT_ROOT_PREFIX))
}

/// True for code that creation accepts although EIP-3541 forbids its first byte: programs and their fragments.
#[must_use]
pub fn is_deployable(code: &[u8], config: &StylusConfig) -> bool {
    is_program(code, config) || (config.max_fragments > 0 && code.starts_with(&FRAGMENT_PREFIX))
}

/// What the root of a program in fragments says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Root {
    /// Length of the module, in bytes.
    pub module_len: u32,
    /// Accounts whose code are the fragments, in order.
    pub fragments: Vec<Address>,
}

/// The root in `code`, or `None` if the program is in one piece.
///
/// # Errors
/// [`CodeError::Root`], [`CodeError::Dictionary`]; [`CodeError::FragmentCount`] beyond what `config` allows;
/// [`CodeError::TooLarge`] if the module would be.
pub fn root(code: &[u8], config: &StylusConfig) -> Result<Option<Root>, CodeError> {
    let Some(payload) = code.strip_prefix(&FRAGMENT_ROOT_PREFIX) else {
        return Ok(None);
    };
    let malformed = CodeError::Root {
        length: payload.len(),
    };
    let Some((&[dictionary, a, b, c, d], addresses)) = payload.split_first_chunk() else {
        return Err(malformed);
    };
    let (fragments, rest) = addresses.as_chunks::<20>();
    if fragments.is_empty() || !rest.is_empty() {
        return Err(malformed);
    }
    check_dictionary(dictionary)?;
    let allowed = usize::from(config.max_fragments);
    if fragments.len() > allowed {
        return Err(CodeError::FragmentCount {
            given: fragments.len(),
            allowed,
        });
    }
    let module_len = u32::from_be_bytes([a, b, c, d]);
    if module_len > config.max_fragmented_wasm_size {
        return Err(CodeError::TooLarge {
            allowed: config.max_fragmented_wasm_size,
        });
    }
    let fragments = fragments.iter().map(Address::from).collect();
    Ok(Some(Root {
        module_len,
        fragments,
    }))
}

/// Decompresses the module in `code`. `fragments` gives the code of the accounts its root names, and is empty for a program in
/// one piece.
///
/// # Errors
/// Every variant of [`CodeError`].
pub fn unpack<F: AsRef<[u8]>>(
    code: &[u8],
    fragments: &[F],
    config: &StylusConfig,
) -> Result<Vec<u8>, CodeError> {
    if let Some(root) = root(code, config)? {
        return unpack_fragments(&root, fragments);
    }
    let payload = code
        .strip_prefix(&PROGRAM_PREFIX)
        .and_then(<[u8]>::split_first);
    let Some((&dictionary, stream)) = payload else {
        return Err(CodeError::NotProgram {
            found: hex::encode(&code[..code.len().min(4)]),
        });
    };
    check_dictionary(dictionary)?;
    decompress(stream, config.max_wasm_size)
}

fn unpack_fragments<F: AsRef<[u8]>>(root: &Root, fragments: &[F]) -> Result<Vec<u8>, CodeError> {
    if fragments.len() != root.fragments.len() {
        let (given, allowed) = (fragments.len(), root.fragments.len());
        return Err(CodeError::FragmentCount { given, allowed });
    }
    let mut stream = Vec::new();
    for (index, fragment) in fragments.iter().enumerate() {
        let part = fragment.as_ref().strip_prefix(&FRAGMENT_PREFIX);
        stream.extend_from_slice(part.ok_or(CodeError::Fragment { index })?);
    }
    let module = decompress(&stream, root.module_len)?;
    if module.len() != root.module_len as usize {
        return Err(CodeError::Length {
            given: module.len(),
            stated: root.module_len,
        });
    }
    Ok(module)
}

fn check_dictionary(dictionary: u8) -> Result<(), CodeError> {
    if dictionary != EMPTY_DICTIONARY {
        return Err(CodeError::Dictionary { given: dictionary });
    }
    Ok(())
}

/// Decompresses no more than `most` bytes and one.
fn decompress(stream: &[u8], most: u32) -> Result<Vec<u8>, CodeError> {
    let mut module = Vec::new();
    brotli::Decompressor::new(stream, BUFFER)
        .take(u64::from(most) + 1)
        .read_to_end(&mut module)
        .map_err(|error| CodeError::Brotli(error.to_string()))?;
    if module.len() as u64 > u64::from(most) {
        return Err(CodeError::TooLarge { allowed: most });
    }
    Ok(module)
}

/// Compresses `module` the way `cargo-stylus` does: brotli quality 11, window 22, no dictionary.
///
/// # Errors
/// [`CodeError::Brotli`] if the compressor fails.
pub fn pack(module: &[u8]) -> Result<Vec<u8>, CodeError> {
    let mut code = PROGRAM_PREFIX.to_vec();
    code.push(EMPTY_DICTIONARY);
    let params = brotli::enc::BrotliEncoderParams {
        quality: 11,
        lgwin: 22,
        ..Default::default()
    };
    brotli::BrotliCompress(&mut &module[..], &mut code, &params)
        .map_err(|error| CodeError::Brotli(error.to_string()))?;
    Ok(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIG: StylusConfig = StylusConfig::arbos_61();
    const NO_FRAGMENTS: [&[u8]; 0] = [];

    fn unpack_whole(code: &[u8]) -> Result<Vec<u8>, CodeError> {
        unpack(code, &NO_FRAGMENTS, &CONFIG)
    }

    #[test]
    fn packed_module_unpacks_to_itself() {
        let module: Vec<u8> = (0..10_000u32).map(|i| ((i * i) >> 3) as u8).collect();
        assert_eq!(unpack_whole(&pack(&module).unwrap()).unwrap(), module);
    }

    #[test]
    fn largest_module_passes_and_one_byte_more_does_not() {
        let most = CONFIG.max_wasm_size;
        let largest = vec![7u8; most as usize];
        assert_eq!(
            unpack_whole(&pack(&largest).unwrap()).unwrap().len(),
            largest.len()
        );
        for length in [most as usize + 1, 4 << 20] {
            let refused = unpack_whole(&pack(&vec![7u8; length]).unwrap());
            assert_eq!(refused, Err(CodeError::TooLarge { allowed: most }));
        }
    }

    #[test]
    fn other_code_is_refused_with_its_reason() {
        let refused = |code: &[u8]| unpack_whole(code).unwrap_err();
        assert!(matches!(refused(&[]), CodeError::NotProgram { .. }));
        assert_eq!(
            refused(&[0x60, 0x80]),
            CodeError::NotProgram {
                found: "6080".into()
            }
        );
        assert_eq!(
            refused(&[0xef, 0xf0, 0x00, 1, 3]),
            CodeError::Dictionary { given: 1 }
        );
        assert_eq!(
            refused(&[0xef, 0xf0, 0x02, 0, 3]),
            CodeError::Root { length: 2 }
        );
        assert!(matches!(
            refused(&[0xef, 0xf0, 0x00, 0, 0xff, 0xff]),
            CodeError::Brotli(_)
        ));
        let mut cut = pack(&[1, 2, 3, 4, 5, 6, 7, 8, 9]).unwrap();
        cut.truncate(cut.len() - 3);
        assert!(matches!(refused(&cut), CodeError::Brotli(_)));
    }

    #[test]
    fn programs_and_roots_are_run_but_not_fragments() {
        let before = StylusConfig::arbos_51();
        // Prefix; run, deployable since 60; run, deployable before.
        for (prefix, expected) in [
            ([0xef, 0xf0, 0x00], [true, true, true, true]),
            ([0xef, 0xf0, 0x01], [false, true, false, false]),
            ([0xef, 0xf0, 0x02], [true, true, false, false]),
            ([0xef, 0xf0, 0x03], [false; 4]),
            ([0xef, 0x01, 0x00], [false; 4]),
        ] {
            let found = [
                is_program(&prefix, &CONFIG),
                is_deployable(&prefix, &CONFIG),
                is_program(&prefix, &before),
                is_deployable(&prefix, &before),
            ];
            assert_eq!(found, expected, "{prefix:x?}");
        }
        assert!(!is_program(&[0xef, 0xf0], &CONFIG));
    }

    /// A root of `count` fragments for a module of `length` bytes.
    fn root_of(length: u32, count: u8) -> Vec<u8> {
        let mut root = FRAGMENT_ROOT_PREFIX.to_vec();
        root.push(EMPTY_DICTIONARY);
        root.extend(length.to_be_bytes());
        (0..count).for_each(|i| root.extend([i; 20]));
        root
    }

    #[test]
    fn fragments_join_to_their_module() {
        let module: Vec<u8> = (0..200_000u64).map(|i| ((i * i) >> 5) as u8).collect();
        let code = pack(&module).unwrap();
        let (first, second) = code[4..].split_at(1_000);
        let parts = [
            [&FRAGMENT_PREFIX, first].concat(),
            [&FRAGMENT_PREFIX, second].concat(),
        ];
        let root_code = root_of(200_000, 2);
        let root = root(&root_code, &CONFIG).unwrap().unwrap();
        assert_eq!(
            root.fragments,
            [Address::repeat_byte(0), Address::repeat_byte(1)]
        );
        assert_eq!(unpack(&root_code, &parts, &CONFIG).unwrap(), module);

        let refused = |root: &[u8], parts: &[Vec<u8>]| unpack(root, parts, &CONFIG).unwrap_err();
        assert_eq!(
            refused(&root_of(200_001, 2), &parts),
            CodeError::Length {
                given: 200_000,
                stated: 200_001
            }
        );
        assert_eq!(
            refused(&root_of(199_999, 2), &parts),
            CodeError::TooLarge { allowed: 199_999 }
        );
        assert_eq!(
            refused(&root_code, &parts[..1]),
            CodeError::FragmentCount {
                given: 1,
                allowed: 2
            }
        );
        let naked = [parts[0].clone(), second.to_vec()];
        assert_eq!(
            refused(&root_code, &naked),
            CodeError::Fragment { index: 1 }
        );
    }

    #[test]
    fn roots_beyond_the_limits_are_refused() {
        let refused = |code: &[u8]| root(code, &CONFIG).unwrap_err();
        assert!(root(&root_of(1, 4), &CONFIG).is_ok());
        assert_eq!(
            refused(&root_of(1, 5)),
            CodeError::FragmentCount {
                given: 5,
                allowed: 4
            }
        );
        assert_eq!(refused(&root_of(1, 0)), CodeError::Root { length: 5 });
        let allowed = 256 * 1024;
        assert_eq!(
            refused(&root_of(allowed + 1, 1)),
            CodeError::TooLarge { allowed }
        );
        let before_fragments = root(&root_of(1, 1), &StylusConfig::arbos_40());
        assert_eq!(
            before_fragments,
            Err(CodeError::FragmentCount {
                given: 1,
                allowed: 0
            })
        );
        assert_eq!(root(&PROGRAM_PREFIX, &CONFIG), Ok(None));
    }
}
