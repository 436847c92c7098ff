//! What a program pays for a slot it flushes (`stylus-vm.md` §1.5): SSTORE without the 2300 gas sentry, which the host call checks.

use revm::context_interface::context::SStoreResult;

const COLD_SLOT: u64 = 2_100;
const WARM: u64 = 100;
const SET: u64 = 20_000;
/// 5,000 less the cold access that is charged apart.
const RESET: u64 = 2_900;

/// Refund of EIP-3529 for a slot that ends empty.
const CLEAR_REFUND: i64 = 4_800;

/// Gas of one write.
pub fn cost(slot: &SStoreResult, is_cold: bool) -> u64 {
    let access = if is_cold { COLD_SLOT } else { 0 };
    let write = if slot.is_new_eq_present() || !slot.is_original_eq_present() {
        WARM
    } else if slot.is_original_zero() {
        SET
    } else {
        RESET
    };
    access + write
}

/// Refund of one write; negative takes an earlier refund back.
pub fn refund(slot: &SStoreResult) -> i64 {
    if slot.is_new_eq_present() {
        return 0;
    }
    if slot.is_original_eq_present() {
        return if slot.is_new_zero() { CLEAR_REFUND } else { 0 };
    }
    let mut refund = 0;
    if !slot.is_original_zero() {
        if slot.is_present_zero() {
            refund -= CLEAR_REFUND;
        } else if slot.is_new_zero() {
            refund += CLEAR_REFUND;
        }
    }
    if slot.is_original_eq_new() {
        // Back to where the transaction began: all but the warm access is given back.
        let write = if slot.is_original_zero() { SET } else { RESET };
        refund += i64::try_from(write - WARM).unwrap_or(i64::MAX);
    }
    refund
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy_primitives::U256;

    fn slot(original: u64, present: u64, new: u64) -> SStoreResult {
        SStoreResult {
            original_value: U256::from(original),
            present_value: U256::from(present),
            new_value: U256::from(new),
        }
    }

    /// original, present, new → cost when warm, refund. Rows are the cases of EIP-2200 under the numbers of EIP-3529.
    #[test]
    fn every_row_of_the_write_table() {
        for (original, present, new, gas, back) in [
            (0, 0, 0, 100, 0),
            (0, 0, 1, 20_000, 0),
            (0, 1, 0, 100, 19_900),
            (0, 1, 2, 100, 0),
            (0, 1, 1, 100, 0),
            (1, 0, 0, 100, 0),
            (1, 0, 1, 100, -4_800 + 2_800),
            (1, 0, 2, 100, -4_800),
            (1, 1, 0, 2_900, 4_800),
            (1, 1, 1, 100, 0),
            (1, 1, 2, 2_900, 0),
            (1, 2, 0, 100, 4_800),
            (1, 2, 1, 100, 2_800),
            (1, 2, 3, 100, 0),
        ] {
            let write = slot(original, present, new);
            assert_eq!(
                cost(&write, false),
                gas,
                "cost of {original}→{present}→{new}"
            );
            assert_eq!(
                cost(&write, true),
                gas + 2_100,
                "cold cost of {original}→{present}→{new}"
            );
            assert_eq!(refund(&write), back, "refund of {original}→{present}→{new}");
        }
    }
}
