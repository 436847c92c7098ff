//! Pricing and margin and nothing else as a WASM module, for the test that looks at what the compiler made of them.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::doc_markdown,
    reason = "tests panic on overflow, and measure in doubles"
)]

use clearing_math::{
    black_scholes::{Inputs, price, price_and_greeks},
    leg::Leg,
    margin::{MarketData, NOVATION_DEFAULT, Requirement, margin},
};

/// Call and put of the inputs at `input`, written to `output`; 0 when there is a price.
///
/// # Safety
/// `input` and `output` must point to valid values.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn probe_price(input: *const Inputs, output: *mut [u128; 2]) -> u32 {
    let Ok(prices) = price(unsafe { &*input }) else {
        return 1;
    };
    unsafe { *output = [prices.call, prices.put] };
    0
}

/// Prices, gamma and the four other greeks of the call.
///
/// # Safety
/// `input` and `output` must point to valid values.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn probe_greeks(input: *const Inputs, output: *mut [i128; 7]) -> u32 {
    let Ok((prices, greeks)) = price_and_greeks(unsafe { &*input }) else {
        return 1;
    };
    unsafe {
        *output = [
            prices.call as i128,
            prices.put as i128,
            greeks.delta_call,
            greeks.gamma as i128,
            greeks.vega as i128,
            greeks.theta_call,
            greeks.rho_call,
        ];
    }
    0
}

/// Margin of `count` legs.
///
/// # Safety
/// `market` and `output` must point to valid values, `legs` to `count` of them.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn probe_margin(
    market: *const MarketData,
    legs: *const Leg,
    count: usize,
    cash: i128,
    base: u128,
    output: *mut Requirement,
) -> u32 {
    let legs = unsafe { core::slice::from_raw_parts(legs, count) };
    let market = unsafe { &*market };
    let Ok(requirement) = margin(&NOVATION_DEFAULT, market, legs, cash, base) else {
        return 1;
    };
    unsafe { *output = requirement }
    0
}
