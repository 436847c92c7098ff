//! What a program pays: ink of every opcode and host call, and the EVM gas that host calls pass on.

/// Ink of a host call: crossing from program to node and back.
pub const HOSTIO: u64 = 8_400;
/// Ink of following one pointer of a host call.
pub const PTR: u64 = 5_040;
/// Ink of asking the EVM side.
pub const EVM_API: u64 = 59_673;
/// Ink of a 256-bit division.
pub const DIV: u64 = 20_000;
/// Ink of a 256-bit modular multiplication.
pub const MULMOD: u64 = 24_100;
/// Ink of a 256-bit modular addition.
pub const ADDMOD: u64 = 21_000;

/// Gas of a cold SLOAD.
pub const COLD_SLOAD: u64 = 2_100;
/// Gas that must be left for a storage write.
pub const SSTORE_SENTRY: u64 = 2_300;
/// Gas of touching the program's storage cache once it is large: the most one touch costs.
pub const STORAGE_CACHE_MOST: u64 = 10;
/// Gas of a cold account.
pub const COLD_ACCOUNT: u64 = 2_600;
/// Gas of a transient load or store.
pub const TRANSIENT: u64 = 100;
/// Gas of loading the code of an account: 700 for each 24,576 bytes code may have.
pub const LOAD_CODE: u64 = 700;
/// Gas of a log, and of each of its topics.
pub const LOG: u64 = 375;
/// Gas of a byte of log data.
pub const LOG_BYTE: u64 = 8;

/// Ink at the head of every metered block: the check itself.
pub const BLOCK_HEADER: u64 = 2_450;
/// Ink of a byte that memory.fill or memory.copy touches.
pub const BULK_MEMORY_BYTE: u64 = 100;

/// Ink of writing `bytes` into program memory.
#[must_use]
pub fn write(bytes: u32) -> u64 {
    5_040 + 30 * u64::from(bytes.saturating_sub(32))
}

/// Ink of reading `bytes` from program memory.
#[must_use]
pub fn read(bytes: u32) -> u64 {
    16_381 + 55 * u64::from(bytes.saturating_sub(32))
}

/// Ink of hashing `bytes` with keccak-256.
#[must_use]
pub fn keccak(bytes: u32) -> u64 {
    121_800 + 21_000 * u64::from(bytes.div_ceil(32).saturating_sub(2))
}

/// Ink of raising to a power, on top of the host call; `exponent` is big-endian.
#[must_use]
pub fn pow(exponent: &[u8; 32]) -> u64 {
    let leading_zero_bytes = exponent.iter().take_while(|byte| **byte == 0).count() as u64;
    3_000 + 17_500 * (33 - leading_zero_bytes)
}

/// Least gas of returning `bytes`: what an EVM frame pays to hold them in memory.
#[must_use]
pub fn return_data_floor(bytes: u64) -> u64 {
    let words = bytes.div_ceil(32);
    3 * words + words.saturating_mul(words) / 512
}

/// Ink of opcodes.
pub mod opcode {
    use wasmparser::Operator;

    /// Constants, `nop`, `return`, `unreachable` and the structured `block`, `loop`, `else`, `end`.
    pub const TRIVIAL: u64 = 1;
    /// `drop`
    pub const DROP: u64 = 9;
    /// `br`, `br_if`, `if`
    pub const BRANCH: u64 = 765;
    /// `br_table`, without its targets
    pub const BR_TABLE: u64 = 2_400;
    /// Each target of a `br_table` but the default
    pub const BR_TABLE_TARGET: u64 = 325;
    /// `select`
    pub const SELECT: u64 = 1_250;
    /// `call`
    pub const CALL: u64 = 3_800;
    /// `call_indirect`, without its parameters
    pub const CALL_INDIRECT: u64 = 13_610;
    /// Each parameter of a `call_indirect`
    pub const CALL_INDIRECT_PARAMETER: u64 = 650;
    /// `local.get`, `local.tee`
    pub const LOCAL_GET: u64 = 75;
    /// `local.set`
    pub const LOCAL_SET: u64 = 210;
    /// `global.get`
    pub const GLOBAL_GET: u64 = 225;
    /// `global.set`
    pub const GLOBAL_SET: u64 = 575;
    /// Loads of an i32
    pub const I32_LOAD: u64 = 670;
    /// Loads of an i64
    pub const I64_LOAD: u64 = 680;
    /// Stores of an i32
    pub const I32_STORE: u64 = 825;
    /// Stores of an i64
    pub const I64_STORE: u64 = 950;
    /// `memory.size`
    pub const MEMORY_SIZE: u64 = 3_000;
    /// `memory.grow`, besides the payment for pages
    pub const MEMORY_GROW: u64 = 8_050;
    /// `memory.copy`, `memory.fill`, besides their bytes
    pub const BULK_MEMORY: u64 = 950;
    /// i32 comparisons
    pub const I32_COMPARE: u64 = 170;
    /// i64 comparisons
    pub const I64_COMPARE: u64 = 225;
    /// `clz`, `ctz`
    pub const COUNT_ZEROS: u64 = 210;
    /// i32 sums, differences, bit operations, shifts, rotations
    pub const I32_SIMPLE: u64 = 70;
    /// i64 sums, differences, bit operations, shifts, rotations
    pub const I64_SIMPLE: u64 = 100;
    /// Products
    pub const MUL: u64 = 160;
    /// i32 quotients and remainders
    pub const I32_DIV: u64 = 1_120;
    /// i64 quotients and remainders
    pub const I64_DIV: u64 = 1_270;
    /// `i32.popcnt`
    pub const I32_POPCNT: u64 = 2_650;
    /// `i64.popcnt`
    pub const I64_POPCNT: u64 = 6_000;
    /// Wrapping and sign or zero extension
    pub const CONVERT: u64 = 100;

    /// Ink of `operator`; `None` when programs may not use it (floats, references, tables, vectors, atomics, tail calls,
    /// exceptions, `memory.init`). `parameters` gives the parameter count of a function type by its index.
    #[must_use]
    pub fn ink(operator: &Operator<'_>, parameters: impl Fn(u32) -> u64) -> Option<u64> {
        use Operator as O;
        Some(match operator {
            O::Unreachable
            | O::Return
            | O::Nop
            | O::I32Const { .. }
            | O::I64Const { .. }
            | O::Block { .. }
            | O::Loop { .. }
            | O::Else
            | O::End => TRIVIAL,
            O::Drop => DROP,
            O::Br { .. } | O::BrIf { .. } | O::If { .. } => BRANCH,
            O::BrTable { targets } => BR_TABLE + BR_TABLE_TARGET * u64::from(targets.len()),
            O::Select => SELECT,
            O::Call { .. } => CALL,
            O::CallIndirect { type_index, .. } => {
                CALL_INDIRECT + CALL_INDIRECT_PARAMETER * parameters(*type_index)
            }
            O::LocalGet { .. } | O::LocalTee { .. } => LOCAL_GET,
            O::LocalSet { .. } => LOCAL_SET,
            O::GlobalGet { .. } => GLOBAL_GET,
            O::GlobalSet { .. } => GLOBAL_SET,
            O::I32Load { .. }
            | O::I32Load8S { .. }
            | O::I32Load8U { .. }
            | O::I32Load16S { .. }
            | O::I32Load16U { .. } => I32_LOAD,
            O::I64Load { .. }
            | O::I64Load8S { .. }
            | O::I64Load8U { .. }
            | O::I64Load16S { .. }
            | O::I64Load16U { .. }
            | O::I64Load32S { .. }
            | O::I64Load32U { .. } => I64_LOAD,
            O::I32Store { .. } | O::I32Store8 { .. } | O::I32Store16 { .. } => I32_STORE,
            O::I64Store { .. }
            | O::I64Store8 { .. }
            | O::I64Store16 { .. }
            | O::I64Store32 { .. } => I64_STORE,
            O::MemorySize { .. } => MEMORY_SIZE,
            O::MemoryGrow { .. } => MEMORY_GROW,
            O::MemoryCopy { .. } | O::MemoryFill { .. } => BULK_MEMORY,
            O::I32Eqz
            | O::I32Eq
            | O::I32Ne
            | O::I32LtS
            | O::I32LtU
            | O::I32GtS
            | O::I32GtU
            | O::I32LeS
            | O::I32LeU
            | O::I32GeS
            | O::I32GeU => I32_COMPARE,
            O::I64Eqz
            | O::I64Eq
            | O::I64Ne
            | O::I64LtS
            | O::I64LtU
            | O::I64GtS
            | O::I64GtU
            | O::I64LeS
            | O::I64LeU
            | O::I64GeS
            | O::I64GeU => I64_COMPARE,
            O::I32Clz | O::I32Ctz | O::I64Clz | O::I64Ctz => COUNT_ZEROS,
            O::I32Add
            | O::I32Sub
            | O::I32And
            | O::I32Or
            | O::I32Xor
            | O::I32Shl
            | O::I32ShrS
            | O::I32ShrU
            | O::I32Rotl
            | O::I32Rotr => I32_SIMPLE,
            O::I64Add
            | O::I64Sub
            | O::I64And
            | O::I64Or
            | O::I64Xor
            | O::I64Shl
            | O::I64ShrS
            | O::I64ShrU
            | O::I64Rotl
            | O::I64Rotr => I64_SIMPLE,
            O::I32Mul | O::I64Mul => MUL,
            O::I32DivS | O::I32DivU | O::I32RemS | O::I32RemU => I32_DIV,
            O::I64DivS | O::I64DivU | O::I64RemS | O::I64RemU => I64_DIV,
            O::I32Popcnt => I32_POPCNT,
            O::I64Popcnt => I64_POPCNT,
            O::I32WrapI64
            | O::I64ExtendI32S
            | O::I64ExtendI32U
            | O::I32Extend8S
            | O::I32Extend16S
            | O::I64Extend8S
            | O::I64Extend16S
            | O::I64Extend32S => CONVERT,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_priced_beyond_one_word() {
        assert_eq!((write(0), write(32), write(33)), (5_040, 5_040, 5_070));
        assert_eq!(
            (read(0), read(32), read(64)),
            (16_381, 16_381, 16_381 + 55 * 32)
        );
        assert_eq!(
            (keccak(0), keccak(64), keccak(65)),
            (121_800, 121_800, 142_800)
        );
    }

    #[test]
    fn power_is_priced_by_the_bytes_of_its_exponent() {
        assert_eq!(pow(&[0; 32]), 3_000 + 17_500);
        let mut exponent = [0; 32];
        exponent[31] = 1;
        assert_eq!(pow(&exponent), 3_000 + 2 * 17_500);
        assert_eq!(pow(&[255; 32]), 3_000 + 33 * 17_500);
    }

    #[test]
    fn returned_bytes_cost_evm_memory() {
        assert_eq!(
            (
                return_data_floor(0),
                return_data_floor(1),
                return_data_floor(32)
            ),
            (0, 3, 3)
        );
        assert_eq!(return_data_floor(32 * 1024), 3 * 1024 + 1024 * 1024 / 512);
    }
}
