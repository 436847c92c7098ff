//! What pages of program memory cost: linear in the pages open now, exponential in the most a transaction ever had open.

/// The exponential part: gas of having had `n` pages open, for `n` from 0 to 128. `floor(B^n)` with
/// `B = exp(ln(31_874_000) / 128)`; embedded because the chain fixes the integers, not the formula.
const EVER_GAS: [u32; 129] = [
    1, 1, 1, 1, 1, 1, 2, 2, 2, 3, 3, 4, 5, 5, 6, 7, 8, 9, 11, 12, 14, 17, 19, 22, 25, 29, 33, 38,
    43, 50, 57, 65, 75, 85, 98, 112, 128, 147, 168, 193, 221, 253, 289, 331, 379, 434, 497, 569,
    651, 745, 853, 976, 1117, 1279, 1463, 1675, 1917, 2194, 2511, 2874, 3290, 3765, 4309, 4932,
    5645, 6461, 7395, 8464, 9687, 11087, 12689, 14523, 16621, 19024, 21773, 24919, 28521, 32642,
    37359, 42758, 48938, 56010, 64104, 73368, 83971, 96106, 109_994, 125_890, 144_082, 164_904,
    188_735, 216_010, 247_226, 282_953, 323_844, 370_643, 424_206, 485_509, 555_672, 635_973,
    727_880, 833_067, 953_456, 1_091_243, 1_248_941, 1_429_429, 1_636_000, 1_872_423, 2_143_012,
    2_452_704, 2_807_151, 3_212_820, 3_677_113, 4_208_502, 4_816_684, 5_512_756, 6_309_419,
    7_221_210, 8_264_766, 9_459_129, 10_826_093, 12_390_601, 14_181_199, 16_230_562, 18_576_084,
    21_260_563, 24_332_984, 27_849_408, 31_873_999,
];

/// Price of pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemoryModel {
    /// Pages a transaction may open without paying.
    pub free_pages: u16,
    /// Gas of each page beyond the free ones.
    pub page_gas: u16,
    /// Most pages that may be open, if that is enforced.
    pub open_limit: Option<u16>,
}

impl MemoryModel {
    /// The model of `config`.
    #[must_use]
    pub fn new(config: &super::StylusConfig) -> Self {
        Self {
            free_pages: config.free_pages,
            page_gas: config.page_gas,
            open_limit: config.enforces_open_page_limit.then_some(config.page_limit),
        }
    }

    /// Gas of opening `new` pages when `open` are open and at most `ever` were. More than any gas limit beyond the table.
    #[must_use]
    pub fn gas(&self, new: u16, open: u16, ever: u16) -> u64 {
        let new_open = open.saturating_add(new);
        if self
            .open_limit
            .is_some_and(|limit| new > 0 && new_open > limit)
        {
            return u64::MAX;
        }
        let new_ever = ever.max(new_open);
        if new_ever <= self.free_pages {
            return 0;
        }
        let paid = |pages: u16| u64::from(pages.saturating_sub(self.free_pages));
        let linear = (paid(new_open) - paid(open)) * u64::from(self.page_gas);
        linear.saturating_add(ever_gas(new_ever).saturating_sub(ever_gas(ever)))
    }
}

/// Gas of having had `pages` open.
fn ever_gas(pages: u16) -> u64 {
    EVER_GAS
        .get(usize::from(pages))
        .map_or(u64::MAX, |gas| u64::from(*gas))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MODEL: MemoryModel = MemoryModel {
        free_pages: 2,
        page_gas: 1_000,
        open_limit: None,
    };

    #[test]
    fn table_is_the_formula() {
        let base = (31_874_000f64.ln() / 128.0).exp();
        for (pages, gas) in EVER_GAS.iter().enumerate() {
            let expected = base.powi(i32::try_from(pages).unwrap());
            // The last entry is B^128 = 31,874,000 up to rounding of the base; the chain's integer is one below.
            assert!(
                (expected.floor() - f64::from(*gas)).abs() <= f64::from(u8::from(pages == 128))
            );
        }
    }

    #[test]
    fn growing_to_the_limit_costs_the_same_in_any_steps() {
        for step in [1u16, 2, 4, 32, 64, 128] {
            let (mut open, mut total) = (0, 0);
            while open < 128 {
                total += MODEL.gas(step, open, open);
                open += step;
            }
            assert_eq!(total, 31_999_998, "in steps of {step}");
        }
    }

    #[test]
    fn pages_up_to_the_free_ones_cost_nothing() {
        assert_eq!(MODEL.gas(2, 0, 0), 0);
        assert_eq!(MODEL.gas(1, 2, 2), 1_000);
    }

    #[test]
    fn pages_opened_before_cost_the_linear_part_only() {
        assert_eq!(MODEL.gas(10, 0, 100), 8_000);
        assert_eq!(MODEL.gas(10, 50, 100), 10_000);
    }

    #[test]
    fn pages_beyond_the_table_cannot_be_bought() {
        // More than any gas limit: the difference to an entry of `u64::MAX`.
        assert!(MODEL.gas(1, 128, 128) > u64::MAX / 2);
        assert!(MODEL.gas(u16::MAX, 10, 10) > u64::MAX / 2);
        let limited = MemoryModel {
            open_limit: Some(16),
            ..MODEL
        };
        assert_eq!(limited.gas(17, 0, 100), u64::MAX);
        assert!(limited.gas(16, 0, 100) < u64::MAX);
    }
}
