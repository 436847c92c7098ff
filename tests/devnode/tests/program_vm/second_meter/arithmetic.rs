//! What the integer operators compute. Values are 64-bit cells; an i32 keeps its upper half zero.

use wasmparser::Operator;

/// Result of an operator of two operands. `Some(None)` is a trap, `None` another kind of operator.
#[allow(clippy::too_many_lines, reason = "one line an operator")]
pub fn binary(operator: &Operator<'_>, a: u64, b: u64) -> Option<Option<u64>> {
    use Operator as O;
    let (x, y) = (a as u32, b as u32);
    let (sx, sy) = (x.cast_signed(), y.cast_signed());
    let (sa, sb) = (a.cast_signed(), b.cast_signed());
    let wide = |value: u32| Some(u64::from(value));
    let truth = |value: bool| Some(u64::from(value));
    Some(match operator {
        O::I32Eq => truth(x == y),
        O::I32Ne => truth(x != y),
        O::I32LtS => truth(sx < sy),
        O::I32LtU => truth(x < y),
        O::I32GtS => truth(sx > sy),
        O::I32GtU => truth(x > y),
        O::I32LeS => truth(sx <= sy),
        O::I32LeU => truth(x <= y),
        O::I32GeS => truth(sx >= sy),
        O::I32GeU => truth(x >= y),
        O::I64Eq => truth(a == b),
        O::I64Ne => truth(a != b),
        O::I64LtS => truth(sa < sb),
        O::I64LtU => truth(a < b),
        O::I64GtS => truth(sa > sb),
        O::I64GtU => truth(a > b),
        O::I64LeS => truth(sa <= sb),
        O::I64LeU => truth(a <= b),
        O::I64GeS => truth(sa >= sb),
        O::I64GeU => truth(a >= b),
        O::I32Add => wide(x.wrapping_add(y)),
        O::I32Sub => wide(x.wrapping_sub(y)),
        O::I32Mul => wide(x.wrapping_mul(y)),
        O::I32DivS => sx.checked_div(sy).map(|q| u64::from(q.cast_unsigned())),
        O::I32DivU => x.checked_div(y).map(u64::from),
        O::I32RemS if sy == 0 => None,
        O::I32RemS => wide(sx.wrapping_rem(sy).cast_unsigned()),
        O::I32RemU => x.checked_rem(y).map(u64::from),
        O::I32And => wide(x & y),
        O::I32Or => wide(x | y),
        O::I32Xor => wide(x ^ y),
        O::I32Shl => wide(x.wrapping_shl(y)),
        O::I32ShrS => wide(sx.wrapping_shr(y).cast_unsigned()),
        O::I32ShrU => wide(x.wrapping_shr(y)),
        O::I32Rotl => wide(x.rotate_left(y % 32)),
        O::I32Rotr => wide(x.rotate_right(y % 32)),
        O::I64Add => Some(a.wrapping_add(b)),
        O::I64Sub => Some(a.wrapping_sub(b)),
        O::I64Mul => Some(a.wrapping_mul(b)),
        O::I64DivS => sa.checked_div(sb).map(i64::cast_unsigned),
        O::I64DivU => a.checked_div(b),
        O::I64RemS if sb == 0 => None,
        O::I64RemS => Some(sa.wrapping_rem(sb).cast_unsigned()),
        O::I64RemU => a.checked_rem(b),
        O::I64And => Some(a & b),
        O::I64Or => Some(a | b),
        O::I64Xor => Some(a ^ b),
        O::I64Shl => Some(a.wrapping_shl(y)),
        O::I64ShrS => Some(sa.wrapping_shr(y).cast_unsigned()),
        O::I64ShrU => Some(a.wrapping_shr(y)),
        O::I64Rotl => Some(a.rotate_left(y % 64)),
        O::I64Rotr => Some(a.rotate_right(y % 64)),
        _ => return None,
    })
}

/// Result of an operator of one operand, which cannot trap; `None` for another kind of operator.
pub fn unary(operator: &Operator<'_>, a: u64) -> Option<u64> {
    use Operator as O;
    let x = a as u32;
    let narrow = |value: i32| u64::from(value.cast_unsigned());
    Some(match operator {
        O::I32Eqz => u64::from(x == 0),
        O::I64Eqz => u64::from(a == 0),
        O::I32Clz => u64::from(x.leading_zeros()),
        O::I32Ctz => u64::from(x.trailing_zeros()),
        O::I32Popcnt => u64::from(x.count_ones()),
        O::I64Clz => u64::from(a.leading_zeros()),
        O::I64Ctz => u64::from(a.trailing_zeros()),
        O::I64Popcnt => u64::from(a.count_ones()),
        O::I32WrapI64 | O::I64ExtendI32U => u64::from(x),
        O::I64ExtendI32S | O::I64Extend32S => i64::from(x.cast_signed()).cast_unsigned(),
        O::I32Extend8S => narrow(i32::from(a as i8)),
        O::I32Extend16S => narrow(i32::from(a as i16)),
        O::I64Extend8S => i64::from(a as i8).cast_unsigned(),
        O::I64Extend16S => i64::from(a as i16).cast_unsigned(),
        _ => return None,
    })
}

/// Offset, bytes read and sign of a load: `(offset, width, Some(width of the result if signed))`.
pub fn load(operator: &Operator<'_>) -> Option<(u64, usize, Option<u32>)> {
    use Operator as O;
    Some(match operator {
        O::I32Load { memarg } | O::I64Load32U { memarg } => (memarg.offset, 4, None),
        O::I64Load { memarg } => (memarg.offset, 8, None),
        O::I32Load8U { memarg } | O::I64Load8U { memarg } => (memarg.offset, 1, None),
        O::I32Load16U { memarg } | O::I64Load16U { memarg } => (memarg.offset, 2, None),
        O::I32Load8S { memarg } => (memarg.offset, 1, Some(32)),
        O::I32Load16S { memarg } => (memarg.offset, 2, Some(32)),
        O::I64Load8S { memarg } => (memarg.offset, 1, Some(64)),
        O::I64Load16S { memarg } => (memarg.offset, 2, Some(64)),
        O::I64Load32S { memarg } => (memarg.offset, 4, Some(64)),
        _ => return None,
    })
}

/// Extends the sign of the `width` bytes in `value` to `bits` bits.
pub fn sign_extend(value: u64, width: usize, bits: u32) -> u64 {
    let unused = 64 - 8 * width as u32;
    let extended = (value << unused).cast_signed() >> unused;
    if bits == 32 {
        u64::from(extended as u32)
    } else {
        extended.cast_unsigned()
    }
}

/// Offset and bytes written by a store.
pub fn store(operator: &Operator<'_>) -> Option<(u64, usize)> {
    use Operator as O;
    Some(match operator {
        O::I32Store { memarg } | O::I64Store32 { memarg } => (memarg.offset, 4),
        O::I64Store { memarg } => (memarg.offset, 8),
        O::I32Store8 { memarg } | O::I64Store8 { memarg } => (memarg.offset, 1),
        O::I32Store16 { memarg } | O::I64Store16 { memarg } => (memarg.offset, 2),
        _ => return None,
    })
}
