//! Prices of `stylus-vm.md` §1.2, §1.8, §1.9 and §1.12, typed again. Nothing here comes from `devnode::program::prices`.

use wasmparser::Operator;

/// Ink of the check before every basic block.
pub const CHECK: u64 = 2450;
/// Ink of a byte filled or copied.
pub const BYTE: u64 = 100;

/// Ink of an operator by its name in the text format, so that nothing but the table of §1.9 decides.
pub fn operator(operator: &Operator<'_>, params_of: impl Fn(u32) -> u64) -> Option<u64> {
    use Operator::{BrTable, CallIndirect};
    match operator {
        BrTable { targets } => return Some(2400 + 325 * u64::from(targets.len())),
        CallIndirect { type_index, .. } => return Some(13610 + 650 * params_of(*type_index)),
        _ => {}
    }
    let debug = format!("{operator:?}");
    let name = debug.split([' ', '{']).next().unwrap_or_default();
    Some(match name {
        "Unreachable" | "Return" | "Nop" | "I32Const" | "I64Const" | "Block" | "Loop" | "Else"
        | "End" => 1,
        "Drop" => 9,
        "Br" | "BrIf" | "If" => 765,
        "Select" => 1250,
        "Call" => 3800,
        "LocalGet" | "LocalTee" => 75,
        "LocalSet" => 210,
        "GlobalGet" => 225,
        "GlobalSet" => 575,
        "MemorySize" => 3000,
        "MemoryGrow" => 8050,
        "MemoryCopy" | "MemoryFill" => 950,
        "I32Mul" | "I64Mul" => 160,
        "I32Clz" | "I32Ctz" | "I64Clz" | "I64Ctz" => 210,
        "I32Popcnt" => 2650,
        "I64Popcnt" => 6000,
        "I32WrapI64" | "I64ExtendI32S" | "I64ExtendI32U" | "I32Extend8S" | "I32Extend16S"
        | "I64Extend8S" | "I64Extend16S" | "I64Extend32S" => 100,
        _ => return integer_operator(name),
    })
}

/// Families of the table: a type and the beginning of a name.
fn integer_operator(name: &str) -> Option<u64> {
    let (wide, rest) = match name.split_at_checked(3)? {
        ("I32", rest) => (false, rest),
        ("I64", rest) => (true, rest),
        _ => return None,
    };
    let by_width = |narrow, wide_price| if wide { wide_price } else { narrow };
    let any = |names: &[&str]| names.contains(&rest);
    if rest.starts_with("Load") {
        return Some(by_width(670, 680));
    }
    if rest.starts_with("Store") {
        return Some(by_width(825, 950));
    }
    if any(&[
        "Eqz", "Eq", "Ne", "LtS", "LtU", "GtS", "GtU", "LeS", "LeU", "GeS", "GeU",
    ]) {
        return Some(by_width(170, 225));
    }
    if any(&["DivS", "DivU", "RemS", "RemU"]) {
        return Some(by_width(1120, 1270));
    }
    if any(&[
        "Add", "Sub", "And", "Or", "Xor", "Shl", "ShrS", "ShrU", "Rotl", "Rotr",
    ]) {
        return Some(by_width(70, 100));
    }
    None
}

/// Ink of handing `n` bytes to a program.
pub fn hand_over(n: u64) -> u64 {
    5040 + 30 * n.saturating_sub(32)
}

/// Ink of taking `n` bytes from a program.
pub fn take(n: u64) -> u64 {
    16381 + 55 * n.saturating_sub(32)
}

/// Ink of a hash of `n` bytes.
pub fn keccak(n: u64) -> u64 {
    121_800 + 21000 * n.div_ceil(32).saturating_sub(2)
}

/// Ink of a power, besides its host call.
pub fn power(exponent: &[u8; 32]) -> u64 {
    let zeros = exponent.iter().position(|byte| *byte != 0).unwrap_or(32);
    3000 + 17500 * (33 - zeros as u64)
}

/// Gas of opening `new` pages; the exponential part from its formula, `floor(B^p)`, with `B^128` one below 31,874,000.
pub fn pages(new: u64, open: u64, ever: u64) -> u64 {
    const LIMIT: u64 = 128;
    let now = open + new;
    if now > LIMIT && new > 0 {
        return u64::MAX;
    }
    let most = ever.max(now);
    if most <= 2 {
        return 0;
    }
    let exponential = |p: u64| match p {
        128 => 31_873_999,
        p => (31_874_000f64.ln() / 128.0 * p as f64).exp().floor() as u64,
    };
    let credit = |p: u64| p.saturating_sub(2);
    1000 * (credit(now) - credit(open)) + exponential(most) - exponential(ever)
}

/// What activation counts.
#[derive(Debug, Default)]
pub struct Counts {
    pub wasm_len: u64,
    pub functions: u64,
    pub type_len: u64,
    pub globals: u64,
    pub data: u64,
    pub elements: u64,
    pub pages: u64,
    pub operators: u64,
}

/// Gas of activation beyond its fixed part, estimate of the native code, cached init cost, init cost.
pub fn activation(c: &Counts) -> (u64, u64, u64, u64) {
    let parts = |n: u64, per: u64, of: u64| n * per / of;
    let microseconds = parts(c.wasm_len, 31733, 100_000)
        + parts(c.functions, 17263, 100_000)
        + parts(c.data, 17376, 100_000)
        + parts(c.elements, 17376, 100_000)
        + c.pages * 2217
        + parts(c.operators, 535, 1000);
    let asm = 512_000
        + parts(c.functions, 996_829, 1000)
        + parts(c.type_len, 11416, 1000)
        + parts(c.wasm_len, 62628, 10000);
    let cached = parts(c.functions, 13420, 100_000)
        + parts(c.type_len, 89, 100_000)
        + parts(c.wasm_len, 122, 100_000)
        + parts(c.globals, 1628, 1000)
        + parts(c.data + c.elements, 75244, 100_000)
        + c.pages * 5;
    let init = parts(c.functions, 8252, 1000)
        + parts(c.type_len, 1059, 1000)
        + parts(c.wasm_len, 1286, 10000);
    (microseconds * 28, asm, cached, init)
}
