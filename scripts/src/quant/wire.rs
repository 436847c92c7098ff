//! How values cross into the compiled module and back: as 64-bit words, `u128` in two, low first; a magnitude as its mantissa and a word of
//! exponent (low half) and sign (bit 32). The other side is `contracts/clearing-math/examples/quant_program.rs`.

use clearing_math::black_scholes::{Evaluation, ForwardInputs, Inputs};
use clearing_math::implied_volatility::Quote;
use clearing_math::leg::Leg;
use clearing_math::magnitude::{Magnitude, Signed};
use clearing_math::margin::MAX_LEGS;
use clearing_math::svi::Slice;

/// Words of an unrounded evaluation.
pub const EVALUATION_WORDS: usize = 20;
/// Expiries a portfolio has room for.
const EXPIRIES: usize = 8;

/// Low and high word.
pub fn words(x: u128) -> [u64; 2] {
    [x as u64, (x >> 64) as u64]
}

/// From low and high word.
pub fn wide([low, high]: [u64; 2]) -> u128 {
    u128::from(low) | u128::from(high) << 64
}

/// The words of a number with a sign.
pub fn number(x: Signed) -> [u64; 2] {
    let exponent = u64::from(x.size.exponent().cast_unsigned());
    [x.size.mantissa(), u64::from(x.negative) << 32 | exponent]
}

/// The number of two words.
pub fn signed([mantissa, sign_and_exponent]: [u64; 2]) -> Signed {
    Signed {
        negative: sign_and_exponent >> 32 != 0,
        size: Magnitude::scaled(mantissa, (sign_and_exponent as u32).cast_signed()),
    }
}

/// What an option is priced from.
pub fn inputs(inputs: &Inputs) -> [u64; 8] {
    let [s0, s1] = words(inputs.spot);
    let [k0, k1] = words(inputs.strike);
    let [v0, v1] = words(inputs.volatility);
    let rate = inputs.rate.cast_unsigned();
    [s0, s1, k0, k1, inputs.seconds, v0, v1, rate]
}

/// What an option on a forward is priced from.
pub fn forward_inputs(inputs: &ForwardInputs) -> [u64; 9] {
    let [f0, f1] = words(inputs.forward);
    let [k0, k1] = words(inputs.strike);
    let [d0, d1] = words(inputs.discount);
    let [v0, v1] = words(inputs.volatility);
    [f0, f1, k0, k1, d0, d1, inputs.seconds, v0, v1]
}

/// What a volatility is implied by.
pub fn quote(quote: &Quote) -> [u64; 9] {
    let [p0, p1] = words(quote.price);
    let [s0, s1] = words(quote.spot);
    let [k0, k1] = words(quote.strike);
    let kind = u64::from(quote.kind.to_byte());
    let rate = quote.rate.cast_unsigned();
    [kind, p0, p1, s0, s1, k0, k1, quote.seconds, rate]
}

/// Parameters of an SVI slice.
pub fn slice(slice: &Slice) -> [u64; 5] {
    let (a, rho, m) = (slice.a, slice.rho, slice.m);
    [
        a.cast_unsigned(),
        slice.b,
        rho.cast_unsigned(),
        m.cast_unsigned(),
        slice.sigma,
    ]
}

/// A portfolio and its market, at a price without a band and no base asset. What exceeds 8 expiries or 128 legs is left out.
pub fn portfolio(
    now: u64,
    price: u128,
    rate: i64,
    volatilities: &[(u32, u64)],
    legs: &[Leg],
    cash: i128,
) -> Vec<u64> {
    let volatilities = &volatilities[..volatilities.len().min(EXPIRIES)];
    let legs = &legs[..legs.len().min(MAX_LEGS)];
    let mut call = vec![now];
    for _ in ["mid", "low", "high"] {
        call.extend(words(price));
    }
    call.push(rate.cast_unsigned());
    call.extend(words(cash.cast_unsigned()));
    call.extend(words(0));
    call.extend([volatilities.len() as u64, legs.len() as u64]);
    let market = call.len();
    for &(expiry, volatility) in volatilities {
        call.extend([u64::from(expiry), volatility]);
    }
    call.resize(market + 2 * EXPIRIES, 0);
    for leg in legs {
        let kind = u64::from(leg.kind.to_byte());
        call.extend([u64::from(leg.expiry), leg.strike, kind]);
        call.extend(words(leg.contracts.cast_unsigned()));
    }
    call.resize(market + 2 * EXPIRIES + 5 * MAX_LEGS, 0);
    call
}

/// Unrounded prices and greeks.
pub fn evaluation(words: &[u64; EVALUATION_WORDS]) -> Evaluation {
    let at = |index: usize| signed([words[2 * index], words[2 * index + 1]]);
    Evaluation {
        call: at(0).size,
        put: at(1).size,
        delta_call: at(2),
        delta_put: at(3),
        gamma: at(4).size,
        vega: at(5).size,
        theta_call: at(6),
        theta_put: at(7),
        rho_call: at(8),
        rho_put: at(9),
    }
}
