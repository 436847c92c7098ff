//! Token units and WAD: the only place of this crate where decimals matter.

/// Most decimals a token may have; the series factory lists no pool with more.
const MOST_DECIMALS: u32 = 18;

/// WAD quote units in one token unit of a token with `decimals`.
///
/// `None` when there is no whole number of them (more than 18 decimals).
pub fn wad_per_unit(decimals: u32) -> Option<u128> {
    10_u128.checked_pow(MOST_DECIMALS.checked_sub(decimals)?)
}

/// Token units as WAD, exact. `None` on overflow.
pub fn to_wad(units: u128, wad_per_unit: u128) -> Option<u128> {
    units.checked_mul(wad_per_unit)
}

/// WAD as token units, rounded up. `None` when `wad_per_unit` is zero.
pub fn to_units_up(wad: u128, wad_per_unit: u128) -> Option<u128> {
    let whole = wad.checked_div(wad_per_unit)?;
    if whole.checked_mul(wad_per_unit)? == wad {
        Some(whole)
    } else {
        whole.checked_add(1)
    }
}

/// WAD as token units, rounded down. `None` when `wad_per_unit` is zero.
pub fn to_units_down(wad: u128, wad_per_unit: u128) -> Option<u128> {
    wad.checked_div(wad_per_unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_goes_the_way_the_name_says() {
        let wad_per_unit = wad_per_unit(6).unwrap();
        assert_eq!(wad_per_unit, 1_000_000_000_000);
        assert_eq!(to_units_up(1, wad_per_unit), Some(1));
        assert_eq!(to_units_down(wad_per_unit - 1, wad_per_unit), Some(0));
        assert_eq!(to_units_up(wad_per_unit, wad_per_unit), Some(1));
        assert_eq!(to_units_down(wad_per_unit, wad_per_unit), Some(1));
        assert_eq!(to_units_up(0, wad_per_unit), Some(0));
    }

    #[test]
    fn more_than_18_decimals_and_overflow_are_refused() {
        assert_eq!(wad_per_unit(18), Some(1));
        assert_eq!(wad_per_unit(19), None);
        assert_eq!(to_wad(u128::MAX, 2), None);
    }
}
