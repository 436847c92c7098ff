//! Random options over the whole domain and beyond it, extremes over-weighted, from a fixed seed.

use clearing_math::WAD;
use clearing_math::black_scholes::Inputs;
use clearing_math::svi::Slice;
use rand::Rng;
use rand_chacha::ChaCha8Rng;

/// Least and most of each input, as the project promises them.
const PRICES: [u128; 2] = [WAD / 1_000_000_000, 1_000_000_000_000 * WAD];
const SECONDS: [u128; 2] = [1, 10 * 31_536_000];
const VOLATILITIES: [u128; 2] = [WAD / 1_000, 20 * WAD];
const RATES: [i64; 2] = [-500_000_000_000_000_000, 1_000_000_000_000_000_000];

/// `least..=most`: one in four at or next to an end, else evenly spread over the logarithm.
fn spread(random: &mut ChaCha8Rng, [least, most]: [u128; 2]) -> u128 {
    match random.random_range(0..16) {
        0 => least,
        1 => most,
        2 => least + 1,
        3 => most - 1,
        _ => {
            let (low, high) = ((least as f64).ln(), (most as f64).ln());
            let x = random.random_range(low..=high).exp() as u128;
            // The low digits of a float of this size are zero.
            let x = x | u128::from(random.random::<u32>()) & (x / 1_000_000);
            x.clamp(least, most)
        }
    }
}

/// A strike for a spot: one in four at the money or a hair off, else up to a million times away.
fn strike(random: &mut ChaCha8Rng, spot: u128) -> u128 {
    let hair = |random: &mut ChaCha8Rng| spot / 10_u128.pow(random.random_range(2..19));
    let strike = match random.random_range(0..16) {
        0 => spot,
        1 => spot + 1,
        2 => spot.saturating_add(hair(random)),
        3 => spot.saturating_sub(hair(random)),
        4 => spot / 1_000_000,
        5 => spot * 1_000_000,
        _ => {
            let ratio = spread(random, [1, 1_000_000_000_000]);
            if spot > 1 << 80 {
                spot / 1_000_000 * ratio
            } else {
                spot * ratio / 1_000_000
            }
        }
    };
    strike.clamp(PRICES[0], PRICES[1])
}

/// An option of the domain; one in thirty-two is made of arbitrary numbers, most of which have no price.
pub fn option(random: &mut ChaCha8Rng) -> Inputs {
    if random.random_range(0..32) == 0 {
        return Inputs {
            spot: random.random::<u128>() >> random.random_range(0..128),
            strike: random.random::<u128>() >> random.random_range(0..128),
            seconds: random.random::<u64>() >> random.random_range(0..64),
            volatility: random.random::<u128>() >> random.random_range(0..128),
            rate: random.random::<i64>() >> random.random_range(0..64),
        };
    }
    let spot = spread(random, PRICES);
    Inputs {
        spot,
        strike: strike(random, spot),
        seconds: spread(random, SECONDS) as u64,
        volatility: spread(random, VOLATILITIES),
        rate: match random.random_range(0..8) {
            0 => RATES[0],
            1 => RATES[1],
            2 => 0,
            3 => random.random_range(-1..=1),
            _ => random.random_range(RATES[0]..=RATES[1]),
        },
    }
}

/// Parameters of a slice: mostly like fitted ones, one in eight anywhere, also out of range.
pub fn slice(random: &mut ChaCha8Rng) -> Slice {
    if random.random_range(0..8) == 0 {
        return Slice {
            a: random.random::<i64>() >> random.random_range(0..32),
            b: random.random::<u64>() >> random.random_range(0..32),
            rho: random.random::<i64>() >> random.random_range(2..32),
            m: random.random::<i64>() >> random.random_range(0..32),
            sigma: random.random::<u64>() >> random.random_range(0..64),
        };
    }
    let wad = WAD as i64;
    let sigma = spread(random, [WAD / 10_000, 4 * WAD]) as u64;
    Slice {
        a: random.random_range(-wad / 50..wad / 2),
        b: spread(random, [WAD / 10_000, 2 * WAD]) as u64,
        rho: random.random_range(1 - wad..wad),
        m: random.random_range(-wad..wad),
        sigma,
    }
}
