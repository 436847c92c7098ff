//! A million random medians: fewer than half of the sources lie, by anything, in any order.

use clearing_math::median::{Band, band};

const CASES: u32 = 1_000_000;
/// Highest price, WAD: what a feed's bounds allow.
const MOST: u128 = crate::listing::MOST_PRICE;

/// `SplitMix64`.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: u128) -> u128 {
        (u128::from(self.next()) << 64 | u128::from(self.next())) % limit
    }

    fn shuffle(&mut self, values: &mut [u128]) {
        for last in (1..values.len()).rev() {
            let other = usize::try_from(self.below(last as u128 + 1)).unwrap();
            values.swap(last, other);
        }
    }
}

fn of(values: &[u128]) -> Band {
    band(&mut values.to_vec()).unwrap()
}

#[test]
fn a_million_medians_stay_among_the_honest_whatever_the_minority_says() {
    let mut random = Random(6);
    for case in 0..CASES {
        let count = 3 + usize::try_from(random.below(13)).unwrap();
        let liars = usize::try_from(random.below(count.div_ceil(2) as u128)).unwrap();
        // Honest prices within a per mille to a factor of two of one another, at any scale.
        let scale = 1 + random.below(MOST / 4);
        let spread = 1 + random.below(1 + scale / [1_000, 10, 1][case as usize % 3]);
        let mut values: Vec<u128> = (liars..count)
            .map(|_| scale + random.below(spread))
            .collect();
        let (least, most) = (*values.iter().min().unwrap(), *values.iter().max().unwrap());
        for _ in 0..liars {
            let lie = match random.next() % 4 {
                0 => 1,
                1 => MOST - 1,
                2 => scale / 10,
                _ => 1 + random.below(MOST - 1),
            };
            values.push(lie);
        }
        random.shuffle(&mut values);
        let found = of(&values);
        assert!(
            least <= found.mid && found.mid <= most,
            "{case}: {liars} of {count} lie: {found:?}, honest {least} to {most}"
        );
        let (lowest, highest) = (*values.iter().min().unwrap(), *values.iter().max().unwrap());
        assert!(lowest <= found.low && found.low <= found.mid);
        assert!(found.mid <= found.high && found.high <= highest);

        // The order of the sources does not matter.
        let mut other = values.clone();
        random.shuffle(&mut other);
        assert_eq!(of(&other), found, "{case}");
        // No source moves the median down by going up.
        let raised = usize::try_from(random.below(count as u128)).unwrap();
        other = values.clone();
        other[raised] += random.below(MOST);
        let after = of(&other);
        assert!(
            after.mid >= found.mid && after.low >= found.low && after.high >= found.high,
            "{case}"
        );
        // Prices of another unit have the median in that unit: twice everything is exact, a mean of two being rounded down.
        let doubled: Vec<u128> = values.iter().map(|value| value * 2).collect();
        let twice = of(&doubled);
        assert!(
            twice.mid / 2 == found.mid && twice.low == 2 * found.low,
            "{case}"
        );
        assert_eq!(twice.high, 2 * found.high);
    }
}
