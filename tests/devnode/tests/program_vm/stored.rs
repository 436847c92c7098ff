//! Programs as they stand on chain, made without compressing: for tests that make very many.

/// Largest part of a brotli stream that can be stored as it is.
const MOST: usize = 1 << 16;

/// The code of a program whose module is `bytes`.
pub fn stored(bytes: &[u8]) -> Vec<u8> {
    let mut code = vec![0xef, 0xf0, 0x00, 0x00];
    stored_stream(bytes, &mut code);
    code
}

/// Appends a brotli stream (RFC 7932) of uncompressed parts: window bits 16, then for each part "not last", four nibbles of its
/// length less one, "uncompressed", padding to a byte and the bytes; at the end an empty last part.
pub fn stored_stream(bytes: &[u8], out: &mut Vec<u8>) {
    let (mut bits, mut held) = (0u64, 0u32);
    for part in bytes.chunks(MOST) {
        if held == 0 && bits == 0 && std::ptr::eq(part.as_ptr(), bytes.as_ptr()) {
            // Window of 16 bits: one zero bit.
            held = 1;
        }
        // Not last: 0. Four nibbles: 00. Length less one: 16 bits. Uncompressed: 1.
        bits |= ((part.len() as u64 - 1) << 3 | 1 << 19) << held;
        held += 20;
        out.extend_from_slice(&bits.to_le_bytes()[..held.div_ceil(8) as usize]);
        out.extend_from_slice(part);
        (bits, held) = (0, 0);
    }
    // Last and empty: 11; of an empty stream, behind the window bit.
    out.push(if bytes.is_empty() { 0b110 } else { 0b11 });
}
