//! From a compiled module to the code that goes on chain: custom sections dropped, brotli, the Stylus prefix.

use std::io;

use brotli::enc::BrotliEncoderParams;

/// Largest code a chain accepts, bytes (EIP-170).
pub const CODE_LIMIT: usize = 24_576;

/// Prefix of a program: `0xEFF000`, and 0 for "no brotli dictionary".
pub const PREFIX: [u8; 4] = [0xef, 0xf0, 0x00, 0x00];

/// Header of every WebAssembly module: magic and version 1.
const HEADER: [u8; 8] = *b"\0asm\x01\0\0\0";
const CUSTOM_SECTION: u8 = 0;

/// Why a module cannot be packed.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// Not a module, or cut off.
    #[error("malformed WebAssembly at byte {at}")]
    Malformed {
        /// Offset of the section that does not parse.
        at: usize,
    },
    /// The encoder failed.
    #[error("brotli: {0}")]
    Brotli(#[from] io::Error),
}

/// The module without names, producers and other custom sections: they cost bytes and mean nothing to the chain.
pub fn strip_custom_sections(module: &[u8]) -> Result<Vec<u8>, PackError> {
    if !module.starts_with(&HEADER) {
        return Err(PackError::Malformed { at: 0 });
    }
    let mut stripped = HEADER.to_vec();
    let mut at = HEADER.len();
    while let Some(&id) = module.get(at) {
        let malformed = PackError::Malformed { at };
        let Some((length, length_bytes)) = leb128(&module[at + 1..]) else {
            return Err(malformed);
        };
        let end = (at + 1 + length_bytes)
            .checked_add(length)
            .ok_or(PackError::Malformed { at })?;
        let Some(section) = module.get(at..end) else {
            return Err(malformed);
        };
        if id != CUSTOM_SECTION {
            stripped.extend_from_slice(section);
        }
        at = end;
    }
    Ok(stripped)
}

/// Code to put on chain: prefix and brotli-compressed module.
pub fn compress(module: &[u8]) -> Result<Vec<u8>, PackError> {
    let mut code = PREFIX.to_vec();
    let params = BrotliEncoderParams {
        quality: 11,
        lgwin: 22,
        size_hint: module.len(),
        ..BrotliEncoderParams::default()
    };
    brotli::BrotliCompress(&mut &*module, &mut code, &params)?;
    Ok(code)
}

/// An unsigned LEB128 of at most 5 bytes: value and length.
fn leb128(bytes: &[u8]) -> Option<(usize, usize)> {
    let mut value = 0_u64;
    for (index, byte) in bytes.iter().take(5).enumerate() {
        value |= u64::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return Some((usize::try_from(value).ok()?, index + 1));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn module(sections: &[(u8, &[u8])]) -> Vec<u8> {
        let mut module = HEADER.to_vec();
        for (id, body) in sections {
            module.push(*id);
            module.push(u8::try_from(body.len()).expect("short"));
            module.extend_from_slice(body);
        }
        module
    }

    #[test]
    fn custom_sections_go_and_all_others_stay_in_order() {
        let input = module(&[(0, b"\x04name"), (1, b"\x00"), (0, b"\x01x"), (3, b"\x00")]);
        let expected = module(&[(1, b"\x00"), (3, b"\x00")]);
        assert_eq!(
            strip_custom_sections(&input).expect("well-formed"),
            expected
        );
    }

    #[test]
    fn truncated_modules_are_refused() {
        let mut input = module(&[(1, b"\x00\x00\x00")]);
        input.pop();
        assert!(matches!(
            strip_custom_sections(&input),
            Err(PackError::Malformed { at: 8 })
        ));
        assert!(strip_custom_sections(b"no module").is_err());
    }

    #[test]
    fn packed_code_unpacks_to_the_module() {
        let input = module(&[(1, b"\x00")]);
        let code = compress(&input).expect("compresses");
        assert_eq!(code[..4], PREFIX);
        let mut unpacked = Vec::new();
        brotli::BrotliDecompress(&mut &code[4..], &mut unpacked).expect("valid brotli");
        assert_eq!(unpacked, input);
    }
}
