//! How a program stands on chain: prefix `0xEFF000`, one byte naming the compression dictionary, a brotli stream.

use std::io::Read;

use thiserror::Error;

/// First bytes of the code of every program in one piece.
pub const PROGRAM_PREFIX: [u8; 3] = [0xef, 0xf0, 0x00];
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
    /// The code names fragments; this node runs programs in one piece.
    #[error(
        "program is split into fragments (prefix 0xeff002); only programs in one piece are supported"
    )]
    Fragmented,
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

/// True when the virtual machine runs `code` as WASM.
#[must_use]
pub fn is_program(code: &[u8]) -> bool {
    code.len() > PROGRAM_PREFIX.len() && code.starts_with(&PROGRAM_PREFIX)
}

/// Decompresses the module in `code`, reading no more than `max_size` bytes and one.
///
/// # Errors
/// Every variant of [`CodeError`].
pub fn unpack(code: &[u8], max_size: u32) -> Result<Vec<u8>, CodeError> {
    if code.starts_with(&FRAGMENT_ROOT_PREFIX) {
        return Err(CodeError::Fragmented);
    }
    let payload = code
        .strip_prefix(&PROGRAM_PREFIX)
        .and_then(<[u8]>::split_first);
    let Some((&dictionary, stream)) = payload else {
        return Err(CodeError::NotProgram {
            found: hex::encode(&code[..code.len().min(4)]),
        });
    };
    if dictionary != EMPTY_DICTIONARY {
        return Err(CodeError::Dictionary { given: dictionary });
    }
    let mut module = Vec::new();
    brotli::Decompressor::new(stream, BUFFER)
        .take(u64::from(max_size) + 1)
        .read_to_end(&mut module)
        .map_err(|error| CodeError::Brotli(error.to_string()))?;
    if module.len() as u64 > u64::from(max_size) {
        return Err(CodeError::TooLarge { allowed: max_size });
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

    const LIMIT: u32 = 128 * 1024;

    #[test]
    fn packed_module_unpacks_to_itself() {
        let module: Vec<u8> = (0..10_000u32).map(|i| ((i * i) >> 3) as u8).collect();
        assert_eq!(unpack(&pack(&module).unwrap(), LIMIT).unwrap(), module);
    }

    #[test]
    fn largest_module_passes_and_one_byte_more_does_not() {
        let largest = vec![7u8; LIMIT as usize];
        assert_eq!(
            unpack(&pack(&largest).unwrap(), LIMIT).unwrap().len(),
            largest.len()
        );
        let bomb = vec![0u8; 4 << 20];
        assert_eq!(
            unpack(&pack(&bomb).unwrap(), LIMIT),
            Err(CodeError::TooLarge { allowed: LIMIT })
        );
        let one_more = vec![7u8; LIMIT as usize + 1];
        let refused = unpack(&pack(&one_more).unwrap(), LIMIT);
        assert_eq!(refused, Err(CodeError::TooLarge { allowed: LIMIT }));
    }

    #[test]
    fn other_code_is_refused_with_its_reason() {
        let refused = |code: &[u8]| unpack(code, LIMIT).unwrap_err();
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
        assert_eq!(refused(&[0xef, 0xf0, 0x02, 0, 3]), CodeError::Fragmented);
        assert!(matches!(
            refused(&[0xef, 0xf0, 0x00, 0, 0xff, 0xff]),
            CodeError::Brotli(_)
        ));
        let mut cut = pack(&[1, 2, 3, 4, 5, 6, 7, 8, 9]).unwrap();
        cut.truncate(cut.len() - 3);
        assert!(matches!(refused(&cut), CodeError::Brotli(_)));
    }

    #[test]
    fn only_the_single_piece_prefix_is_run() {
        assert!(is_program(&[0xef, 0xf0, 0x00, 0x00]));
        assert!(!is_program(&[0xef, 0xf0, 0x01, 0x00]));
        assert!(!is_program(&[0xef, 0xf0, 0x00]));
    }
}
