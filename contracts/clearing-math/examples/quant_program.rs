//! The option mathematics as a WASM module and nothing else: one export per function that is measured, run by `novation price`,
//! `novation iv` and `novation gas` under the node's meter, and compared bit by bit with the native crate.
//!
//! Every measured export is `(input, output) -> status`: addresses of 64-bit words, and 0 or, where the inputs are refused, 1.
//! A `u128` is two words, low first; a magnitude is its mantissa and a word of exponent (low half) and sign (bit 32).
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    clippy::missing_safety_doc,
    clippy::doc_markdown,
    clippy::inline_always,
    missing_docs,
    reason = "glue between words and types, described above once for all exports, that must add nothing to what is measured"
)]

use std::{cell::UnsafeCell, hint::black_box};

use clearing_math::{
    WAD,
    black_scholes::{self, ForwardInputs, Inputs},
    elementary, fixed,
    implied_volatility::{self, Quote},
    leg::{Leg, OptionKind},
    magnitude::{Magnitude, Signed},
    margin::{self, Linear, MAX_LEGS, MarketData, NOVATION_DEFAULT, Portfolio, Term},
    normal, payoff,
    surface::{self, SmilePair},
    svi::{self, Slice},
};

/// Words of the area that inputs and outputs are exchanged in.
const AREA: usize = 2_048;
/// Most expiries of a market.
const EXPIRIES: usize = 8;

struct Area(UnsafeCell<[u64; AREA]>);

// SAFETY: a program has one thread.
unsafe impl Sync for Area {}

static EXCHANGE: Area = Area(UnsafeCell::new([0; AREA]));

/// Where inputs and outputs may be put.
#[unsafe(no_mangle)]
pub extern "C" fn exchange_area() -> *mut u64 {
    EXCHANGE.0.get().cast()
}

#[link(wasm_import_module = "vm_hooks")]
#[cfg(target_arch = "wasm32")]
unsafe extern "C" {
    fn pay_for_memory_grow(pages: u32);
}

/// What makes the module a program that a chain would activate; it computes nothing.
#[unsafe(no_mangle)]
pub extern "C" fn user_entrypoint(_: u32) -> u32 {
    // SAFETY: the host function touches no memory, and no page is paid for.
    #[cfg(target_arch = "wasm32")]
    unsafe {
        pay_for_memory_grow(0);
    }
    0
}

/// Exports `name(input, output)` over so many words; the body writes `output` and is `None` where the inputs are refused.
macro_rules! exports {
    ($($(#[$doc:meta])* $name:ident($input:ident: $inputs:expr, $output:ident: $outputs:expr) $body:block)*) => {$(
        $(#[$doc])*
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name(input: *const [u64; $inputs], output: *mut [u64; $outputs]) -> u32 {
            // SAFETY: the caller gives addresses inside the exchange area, which holds plain integers and does not overlap.
            let ($input, $output) = unsafe { (&*input, &mut *output) };
            let mut compute = || -> Option<()> { $body; Some(()) };
            u32::from(compute().is_none())
        }
    )*};
}

exports! {
    /// The floor of every figure: one word read, one written.
    nothing(input: 1, output: 1) { *output = *input }

    /// `spot, strike, seconds, volatility, rate` → `call, put`, WAD.
    price(input: 8, output: 4) {
        let prices = black_scholes::price(&inputs(input)).ok()?;
        put_integers(output, [prices.call, prices.put]);
    }

    /// The same → prices and first-order greeks, WAD.
    price_and_greeks(input: 8, output: 20) {
        let (prices, greeks) = black_scholes::price_and_greeks(&inputs(input)).ok()?;
        put_integers(output, [
            prices.call,
            prices.put,
            greeks.delta_call as u128,
            greeks.delta_put as u128,
            greeks.gamma,
            greeks.vega,
            greeks.theta_call as u128,
            greeks.theta_put as u128,
            greeks.rho_call as u128,
            greeks.rho_put as u128,
        ]);
    }

    /// The same → prices and first-order greeks, unrounded.
    evaluate(input: 8, output: 20) {
        put_evaluation(output, &black_scholes::evaluate(&inputs(input)).ok()?);
    }

    /// The same → vanna and volga, WAD.
    cross_greeks(input: 8, output: 4) {
        let greeks = black_scholes::cross_greeks(&inputs(input)).ok()?;
        put_integers(output, [greeks.vanna as u128, greeks.volga as u128]);
    }

    /// The same → vanna and volga, unrounded.
    evaluate_cross_greeks(input: 8, output: 4) {
        let greeks = black_scholes::evaluate_cross_greeks(&inputs(input)).ok()?;
        put_numbers(output, [greeks.vanna, greeks.volga]);
    }

    /// `forward, strike, discount, seconds, volatility` → `call, put`, WAD.
    price_forward(input: 9, output: 4) {
        let prices = black_scholes::price_forward(&forward_inputs(input)).ok()?;
        put_integers(output, [prices.call, prices.put]);
    }

    /// The same → prices and first-order greeks, unrounded.
    evaluate_forward(input: 9, output: 20) {
        put_evaluation(output, &black_scholes::evaluate_forward(&forward_inputs(input)).ok()?);
    }

    /// `kind, price, spot, strike, seconds, rate` → volatility, WAD.
    implied_volatility(input: 9, output: 2) {
        let volatility = implied_volatility::implied_volatility(&quote(input)?).ok()?;
        put_integers(output, [volatility]);
    }

    /// The same → volatility, unrounded.
    implied_volatility_exact(input: 9, output: 2) {
        let volatility = implied_volatility::implied_volatility_exact(&quote(input)?).ok()?;
        put_numbers(output, [Signed::positive(volatility)]);
    }

    /// `a, b, rho, m, sigma, forward, strike, seconds` → implied volatility of one strike, WAD.
    svi_implied_volatility(input: 10, output: 2) {
        let [.., f0, f1, k0, k1, seconds] = *input;
        let slice = slice([input[0], input[1], input[2], input[3], input[4]]);
        let volatility = slice.implied_volatility(wide(f0, f1), wide(k0, k1), seconds).ok()?;
        put_integers(output, [volatility]);
    }

    /// The slice and the expiry of the same, prepared once, for the 16 strikes that follow → their implied volatilities, WAD.
    svi_16_strikes(input: 40, output: 32) {
        let [a, b, rho, m, sigma, f0, f1, seconds, ref strikes @ ..] = *input;
        let smile = slice([a, b, rho, m, sigma]).prepare().ok()?.expiring_in(seconds, wide(f0, f1)).ok()?;
        for (strike, place) in strikes.chunks_exact(2).zip(output.chunks_exact_mut(2)) {
            let &[k0, k1] = strike else { continue };
            place.copy_from_slice(&words(smile.implied_volatility(wide(k0, k1)).ok()?));
        }
    }

    /// `a, b, rho, m, sigma, k` → total variance, its first two derivatives, `g`, unrounded.
    svi_point(input: 7, output: 8) {
        let [a, b, rho, m, sigma, k0, k1] = *input;
        let smile = slice([a, b, rho, m, sigma]).prepare().ok()?;
        let k = svi::LogMoneyness::from_wad(wide(k0, k1) as i128).ok()?;
        let point = smile.at(k);
        let curvature = Signed::positive(point.curvature);
        put_numbers(output, [point.total_variance, point.slope, curvature, smile.butterfly(k)]);
    }

    /// `a, b, rho, m, sigma` → nothing if the slice is free of arbitrage, refused if it is not.
    svi_check_slice(input: 5, output: 1) {
        black_box(svi::check_slice(&slice(*input)).ok()?);
        *output = [0];
    }

    /// Two slices, the sooner first → nothing if the pair is free of calendar arbitrage, refused if it is not.
    svi_check_calendar(input: 10, output: 1) {
        let [a, b, rho, m, sigma, ref far @ ..] = *input;
        let near = slice([a, b, rho, m, sigma]).prepare().ok()?;
        svi::check_calendar(&near, &slice(*far).prepare().ok()?).ok()?;
        *output = [0];
    }

    /// `now, expiry`, then two words of 32 bytes for each of three publishers → nothing; what reading their volatilities prepares.
    surface_prepare(input: 26, output: 1) {
        black_box(publishers(input)?);
        *output = [0];
    }

    /// The same, the forward, and 16 strikes → the medians of the publishers' volatilities, WAD.
    surface_16_strikes(input: 60, output: 16) {
        let (first, rest) = input.split_first_chunk()?;
        let [f0, f1, ref strikes @ ..] = *<&[u64; 34]>::try_from(rest).ok()?;
        let pairs = publishers(first)?;
        for (strike, place) in strikes.as_chunks().0.iter().zip(output.iter_mut()) {
            let [k0, k1] = *strike;
            *place = surface::volatility(&pairs, wide(f0, f1), wide(k0, k1)).ok()?;
        }
    }

    /// `e^x`.
    exp(input: 2, output: 2) {
        put_numbers(output, [Signed::positive(elementary::exp(number(input)))]);
    }

    /// `ln x`.
    ln(input: 2, output: 2) { put_numbers(output, [elementary::ln(number(input).size)?]) }

    /// `√x`.
    square_root(input: 2, output: 2) {
        put_numbers(output, [Signed::positive(elementary::square_root(number(input).size))]);
    }

    /// `Φ(z)`.
    normal_cumulative(input: 2, output: 2) {
        put_numbers(output, [Signed::positive(normal::cumulative(number(input)))]);
    }

    /// `φ(z)`.
    normal_density(input: 2, output: 2) {
        put_numbers(output, [Signed::positive(normal::density(number(input)))]);
    }

    /// Mills ratio of `z`.
    normal_mills(input: 2, output: 2) {
        put_numbers(output, [Signed::positive(normal::mills(number(input).size)?)]);
    }

    /// `a, b, d` → `⌊a·b/d⌋`.
    mul_div_down(input: 6, output: 2) {
        let [a0, a1, b0, b1, d0, d1] = *input;
        put_integers(output, [fixed::mul_div_down(wide(a0, a1), wide(b0, b1), wide(d0, d1))?]);
    }

    /// `kind, strike, price, contracts` → what so many long contracts are paid.
    payoff_long(input: 6, output: 2) {
        let [kind, strike, p0, p1, c0, c1] = *input;
        let kind = OptionKind::from_byte(kind as u8)?;
        let intrinsic = payoff::intrinsic(kind, strike, wide(p0, p1));
        put_integers(output, [payoff::long_down(wide(c0, c1), intrinsic)?]);
    }

    /// `now, mid, low, high, rate, cash, base, expiries, legs`, then 8 `(expiry, volatility)`, then 128 `(expiry, strike, kind,
    /// contracts)` → `initial, maintenance`.
    portfolio_margin(input: 30 + 5 * MAX_LEGS, output: 4) {
        let [now, m0, m1, l0, l1, h0, h1, rate, ref rest @ ..] = *input;
        let [c0, c1, b0, b1, expiries, count, ref rest @ ..] = *rest;
        let (volatilities, legs) = rest.split_at(2 * EXPIRIES);
        let sure = WAD as u64;
        let none = Term { expiry: 0, forward: 0, fixed: 0, rate: rate as i64, confidence: sure };
        let mut terms = [none; EXPIRIES];
        let forward = wide(m0, m1);
        for (place, words) in terms.iter_mut().zip(volatilities.chunks_exact(2)).take(expiries as usize) {
            let &[expiry, _] = words else { continue };
            *place = Term { expiry: expiry as u32, forward, ..none };
        }
        let none = Leg { expiry: 0, strike: 1, kind: OptionKind::Call, contracts: 0 };
        let mut portfolio = [none; MAX_LEGS];
        let mut of_legs = [0; MAX_LEGS];
        for ((leg, volatility), words) in portfolio.iter_mut().zip(&mut of_legs).zip(legs.chunks_exact(5)).take(count as usize) {
            let &[expiry, strike, kind, s0, s1] = words else { continue };
            let kind = OptionKind::from_byte(kind as u8)?;
            *leg = Leg { expiry: expiry as u32, strike, kind, contracts: wide(s0, s1) as i128 };
            let of_expiry = volatilities.chunks_exact(2).find(|words| words.first() == Some(&expiry));
            *volatility = of_expiry.and_then(|words| words.get(1)).copied().unwrap_or(0);
        }
        let market = MarketData {
            now,
            mid: wide(m0, m1),
            low: wide(l0, l1),
            high: wide(h0, h1),
            stable: sure,
            confidence: sure,
            terms: terms.get(..expiries as usize)?,
        };
        let portfolio = Portfolio {
            legs: portfolio.get(..count as usize)?,
            volatilities: of_legs.get(..count as usize)?,
            ceilings: &[],
            cash: wide(c0, c1) as i128,
            base: wide(b0, b1),
            linear: Linear::NONE,
        };
        let required = margin::margin(&NOVATION_DEFAULT, &market, &portfolio).ok()?;
        put_integers(output, [required.initial as u128, required.maintenance as u128]);
    }
}

/// Three publishers, prepared, from `now, expiry` and their words, most significant first.
fn publishers(input: &[u64; 26]) -> Option<[SmilePair; 3]> {
    let [now, expiry, ref words @ ..] = *input;
    let word = |index: usize| -> Option<[u8; 32]> {
        let mut bytes = [0; 32];
        let parts = words.as_chunks::<4>().0.get(index)?;
        for (to, from) in bytes.as_chunks_mut::<8>().0.iter_mut().zip(parts) {
            *to = from.to_be_bytes();
        }
        Some(bytes)
    };
    let pair = |index: usize| {
        let (near, far) = (word(index)?, word(index.wrapping_add(1))?);
        SmilePair::prepare(&near, &far, expiry as u32, now).ok()
    };
    Some([pair(0)?, pair(2)?, pair(4)?])
}

fn wide(low: u64, high: u64) -> u128 {
    u128::from(low) | (u128::from(high) << 64)
}

fn words(x: u128) -> [u64; 2] {
    [x as u64, (x >> 64) as u64]
}

fn number(&[mantissa, sign_and_exponent]: &[u64; 2]) -> Signed {
    Signed {
        negative: sign_and_exponent >> 32 != 0,
        size: Magnitude::scaled(mantissa, sign_and_exponent as u32 as i32),
    }
}

#[inline(always)]
fn put_integers<const N: usize, const W: usize>(output: &mut [u64; W], values: [u128; N]) {
    const { assert!(W == 2 * N) };
    for (place, value) in output.chunks_exact_mut(2).zip(values) {
        place.copy_from_slice(&words(value));
    }
}

#[inline(always)]
fn put_numbers<const N: usize, const W: usize>(output: &mut [u64; W], values: [Signed; N]) {
    const { assert!(W == 2 * N) };
    for (place, value) in output.chunks_exact_mut(2).zip(values) {
        let exponent = u64::from(value.size.exponent() as u32);
        let sign = u64::from(value.negative) << 32;
        place.copy_from_slice(&[value.size.mantissa(), sign | exponent]);
    }
}

#[inline(always)]
fn put_evaluation(output: &mut [u64; 20], exact: &black_scholes::Evaluation) {
    put_numbers(
        output,
        [
            Signed::positive(exact.call),
            Signed::positive(exact.put),
            exact.delta_call,
            exact.delta_put,
            Signed::positive(exact.gamma),
            Signed::positive(exact.vega),
            exact.theta_call,
            exact.theta_put,
            exact.rho_call,
            exact.rho_put,
        ],
    );
}

#[inline(always)]
fn inputs(&[s0, s1, k0, k1, seconds, v0, v1, rate]: &[u64; 8]) -> Inputs {
    Inputs {
        spot: wide(s0, s1),
        strike: wide(k0, k1),
        seconds,
        volatility: wide(v0, v1),
        rate: rate as i64,
    }
}

#[inline(always)]
fn forward_inputs(&[f0, f1, k0, k1, d0, d1, seconds, v0, v1]: &[u64; 9]) -> ForwardInputs {
    ForwardInputs {
        forward: wide(f0, f1),
        strike: wide(k0, k1),
        discount: wide(d0, d1),
        seconds,
        volatility: wide(v0, v1),
    }
}

#[inline(always)]
fn quote(&[kind, p0, p1, s0, s1, k0, k1, seconds, rate]: &[u64; 9]) -> Option<Quote> {
    Some(Quote {
        kind: OptionKind::from_byte(kind as u8)?,
        price: wide(p0, p1),
        spot: wide(s0, s1),
        strike: wide(k0, k1),
        seconds,
        rate: rate as i64,
    })
}

#[inline(always)]
fn slice([a, b, rho, m, sigma]: [u64; 5]) -> Slice {
    Slice {
        a: a as i64,
        b,
        rho: rho as i64,
        m: m as i64,
        sigma,
    }
}
