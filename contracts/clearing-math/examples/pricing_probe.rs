//! The pricing functions and nothing else as a WASM module, for the test that looks at what the compiler made of them.

use clearing_math::black_scholes::{Inputs, price, price_and_greeks};

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
            greeks.delta_call.into(),
            greeks.gamma as i128,
            greeks.vega as i128,
            greeks.theta_call,
            greeks.rho_call,
        ];
    }
    0
}
