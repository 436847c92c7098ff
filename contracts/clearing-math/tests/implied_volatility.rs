//! Implied volatility: prices go there and back, refusals say why, and nothing panics.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "tests panic on overflow, and measure in doubles"
)]

use clearing_math::{
    WAD,
    black_scholes::{
        ForwardInputs, Inputs, MAX_SECONDS, MAX_VOLATILITY, PricingError, price, price_and_greeks,
        price_forward,
    },
    implied_volatility::{
        ForwardQuote, ImpliedVolatilityError as Error, Quote, implied_volatility,
        implied_volatility_exact, implied_volatility_forward,
    },
    leg::OptionKind::{self, Call, Put},
};
use proptest::prelude::*;

const YEAR: u64 = 31_536_000;

/// What `inputs` is quoted at, for a kind and a price.
fn quote(kind: OptionKind, price: u128, inputs: &Inputs) -> Quote {
    let Inputs {
        spot,
        strike,
        seconds,
        rate,
        ..
    } = *inputs;
    Quote {
        kind,
        price,
        spot,
        strike,
        seconds,
        rate,
    }
}

/// Spot and discounted strike as doubles.
fn sides(inputs: &Inputs) -> (f64, f64) {
    let interest = inputs.rate as f64 / 1e18 * inputs.seconds as f64 / YEAR as f64;
    (inputs.spot as f64, inputs.strike as f64 * (-interest).exp())
}

/// A log-uniform number, its ends over-weighted.
fn spread(low: f64, high: f64) -> impl Strategy<Value = f64> {
    prop_oneof![
        1 => Just(low),
        1 => Just(high),
        6 => (low.ln()..high.ln()).prop_map(f64::exp),
    ]
}

/// Options of the whole domain; most strikes within nine deviations of the forward.
fn options() -> impl Strategy<Value = Inputs> {
    (
        spread(1e-9, 1e12),
        prop_oneof![3 => (-9.0..9.0).prop_map(Some), 1 => Just(Some(0.0)), 2 => Just(None)],
        spread(1e-6, 1e6),
        spread(1.0, 10.0 * YEAR as f64),
        spread(1e-3, 20.0),
        prop_oneof![2 => Just(0.0), 1 => Just(-0.5), 1 => Just(1.0), 3 => -0.5..1.0],
    )
        .prop_map(|(spot, deviations, ratio, seconds, volatility, rate)| {
            let years = seconds / YEAR as f64;
            let strike = match deviations {
                Some(d) => spot * (rate * years + d * volatility * years.sqrt()).exp(),
                None => spot * ratio,
            };
            let strike = strike.clamp(spot * 1e-6, spot * 1e6).clamp(1e-9, 1e12);
            Inputs {
                spot: (spot * 1e18) as u128,
                strike: (strike * 1e18) as u128,
                seconds: seconds as u64,
                volatility: (volatility * 1e18) as u128,
                rate: (rate * 1e18) as i64,
            }
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    /// The price of the implied volatility is the price, wherever there is one; every refusal is true.
    #[test]
    fn a_price_implies_the_volatility_that_gives_it(inputs in options(), is_call: bool) {
        let prices = price(&inputs).unwrap();
        let (spot, discounted) = sides(&inputs);
        let (kind, given) = if is_call { (Call, prices.call) } else { (Put, prices.put) };
        let time_value = prices.call.min(prices.put) as f64;
        let (smaller, larger) = (spot.min(discounted), spot.max(discounted));
        match implied_volatility_exact(&quote(kind, given, &inputs)) {
            Ok(exact) => {
                let volatility = exact.doubled(1).to_u128().unwrap().div_ceil(2);
                let (again, greeks) = price_and_greeks(&Inputs { volatility, ..inputs }).unwrap();
                let again = if is_call { again.call } else { again.put };
                // Half a unit of volatility and three of price, and 4e-17 of the larger of spot and discounted strike.
                let allowed = greeks.vega as f64 * 1e-18 + 3.0 + 4e-17 * larger;
                let off = again.abs_diff(given) as f64;
                prop_assert!(off <= allowed, "{off} of {given}, allowed {allowed}: {volatility} of {inputs:?}");
            }
            Err(Error::NoTimeValue { .. }) => prop_assert!(time_value < 1.0),
            Err(Error::AtUpperBound { .. }) => {
                // In doubles, of which the exponential loses a digit or two.
                prop_assert!(smaller - time_value <= 2.0 + 1e-14 * smaller);
            }
            Err(Error::TimeValueTooSmall { allowed, .. }) => {
                prop_assert!(time_value < 1e-14 * larger && allowed > given);
            }
            Err(other) => prop_assert!(false, "{other:?} of {given} of {inputs:?}"),
        }
    }

    /// Where a unit, or 1e-18 of spot, moves the volatility by less than 1e-6 of itself, it is found to that.
    #[test]
    fn a_volatility_that_its_price_determines_is_found(inputs in options(), is_call: bool) {
        let (prices, greeks) = price_and_greeks(&inputs).unwrap();
        let (spot, discounted) = sides(&inputs);
        let unit = (1e-18 * spot.max(discounted)).max(1.0);
        let sensitivity = greeks.vega as f64 * 1e-18 * inputs.volatility as f64;
        if sensitivity * 1e-6 >= unit {
            let (kind, given) = if is_call { (Call, prices.call) } else { (Put, prices.put) };
            let found = implied_volatility(&quote(kind, given, &inputs)).unwrap();
            let off = found.abs_diff(inputs.volatility) as f64 / inputs.volatility as f64;
            prop_assert!(off <= 20.0 * unit / sensitivity + 1e-15, "{found}, {off:e} off: {inputs:?}");
        }
    }

    /// Never falling where prices are 1e-17 of the larger of spot and discounted strike apart.
    #[test]
    fn implied_volatility_rises_with_the_price(
        inputs in options(), part in 0.0..1.0_f64, step in spread(1e-17, 0.1), is_call: bool,
    ) {
        let (spot, discounted) = sides(&inputs);
        let (kind, bound, other) = if is_call { (Call, spot, discounted) } else { (Put, discounted, spot) };
        let intrinsic = (bound - other).max(0.0);
        let low = (intrinsic + part * part * part * (bound - intrinsic)) as u128;
        let high = low + (step * spot.max(discounted)) as u128;
        let at = |price| implied_volatility_exact(&quote(kind, price, &inputs));
        if let (Ok(low), Ok(high)) = (at(low), at(high)) {
            prop_assert!(!high.is_below(low), "{low:?} {high:?}: {inputs:?}");
        }
    }

    /// Whatever is asked, there is an answer.
    #[test]
    fn no_quote_panics(
        is_call: bool, price: u128, spot: u128, strike: u128, seconds: u64, rate: i64,
        shifts in (0_u32..128, 0_u32..128, 0_u32..128, 0_u32..64, 0_u32..64),
    ) {
        let kind = if is_call { Call } else { Put };
        let (price, spot, strike) = (price >> shifts.0, spot >> shifts.1, strike >> shifts.2);
        let (seconds, rate) = (seconds >> shifts.3, rate >> shifts.4);
        let quote = Quote { kind, price, spot, strike, seconds, rate };
        if let Ok(volatility) = implied_volatility(&quote) {
            prop_assert!(volatility <= MAX_VOLATILITY);
        }
        let forward = ForwardQuote { kind, price, forward: spot, strike, discount: price ^ strike, seconds };
        if let Ok(volatility) = implied_volatility_forward(&forward) {
            prop_assert!(volatility <= MAX_VOLATILITY);
        }
    }

    /// Discounting outside gives what discounting inside does.
    #[test]
    fn a_quote_on_the_forward_implies_the_same(inputs in options(), is_call: bool, discount in 1_u128..=20) {
        let forward = ForwardInputs {
            forward: inputs.spot,
            strike: inputs.strike,
            discount: discount * WAD / 10,
            seconds: inputs.seconds,
            volatility: inputs.volatility,
        };
        let prices = price_forward(&forward).unwrap();
        let larger = inputs.spot.max(inputs.strike) as f64 * discount as f64 / 10.0;
        let (kind, given) = if is_call { (Call, prices.call) } else { (Put, prices.put) };
        let ForwardInputs { forward: underlying, strike, discount, seconds, .. } = forward;
        let found = implied_volatility_forward(&ForwardQuote {
            kind, price: given, forward: underlying, strike, discount, seconds,
        });
        if let Ok(volatility) = found {
            let again = ForwardInputs { volatility, ..forward };
            let (again, greeks) = clearing_math::black_scholes::price_and_greeks_forward(&again).unwrap();
            let again = if is_call { again.call } else { again.put };
            let allowed = greeks.vega as f64 * 1e-18 + 3.0 + 4e-17 * larger;
            prop_assert!(again.abs_diff(given) as f64 <= allowed, "{again} {given}: {forward:?}");
        } else {
            prop_assert!(!matches!(found, Err(Error::NotConverged { .. })), "{found:?}");
        }
    }
}

/// One year at the money, spot 3,000, no rate.
const PLAIN: Quote = Quote {
    kind: Call,
    price: 500 * WAD,
    spot: 3_000 * WAD,
    strike: 3_000 * WAD,
    seconds: YEAR,
    rate: 0,
};

#[test]
fn a_known_price_implies_a_known_volatility() {
    // 2·Φ(σ/2) − 1 = 500/3000 at the money: σ = 2·Φ⁻¹(7/12).
    let found = implied_volatility(&PLAIN).unwrap();
    // To the kernel's 2^-59.
    assert!(found.abs_diff(420_856_788_495_849_447) <= 1);
    // Without a rate the put costs the same.
    assert_eq!(implied_volatility(&Quote { kind: Put, ..PLAIN }), Ok(found));
}

#[test]
fn no_time_left_is_refused() {
    let quote = Quote {
        seconds: 0,
        ..PLAIN
    };
    assert_eq!(implied_volatility(&quote), Err(Error::NoTimeLeft));
}

#[test]
fn a_price_below_intrinsic_value_is_refused() {
    let quote = Quote {
        strike: 2_000 * WAD,
        price: 1_000 * WAD - 1,
        ..PLAIN
    };
    assert_eq!(
        implied_volatility(&quote),
        Err(Error::BelowIntrinsicValue {
            given: 1_000 * WAD - 1,
            allowed: 1_000 * WAD + 1,
        })
    );
}

#[test]
fn a_price_of_the_intrinsic_value_is_refused() {
    let put = Quote {
        kind: Put,
        strike: 4_000 * WAD,
        price: 1_000 * WAD,
        ..PLAIN
    };
    let refusal = Error::NoTimeValue {
        given: 1_000 * WAD,
        allowed: 1_000 * WAD + 1,
    };
    assert_eq!(implied_volatility(&put), Err(refusal));
    let worthless = Quote { price: 0, ..PLAIN };
    let refusal = Error::NoTimeValue {
        given: 0,
        allowed: 1,
    };
    assert_eq!(implied_volatility(&worthless), Err(refusal));
}

#[test]
fn a_price_at_its_upper_bound_is_refused() {
    let allowed = 3_000 * WAD - ((3_000 * WAD) >> 62);
    for given in [3_000 * WAD, 3_000 * WAD + 1, u128::MAX] {
        let call = Quote {
            price: given,
            ..PLAIN
        };
        let refusal = Error::AtUpperBound { given, allowed };
        assert_eq!(implied_volatility(&call), Err(refusal));
    }
    // What is allowed is found.
    let highest = Quote {
        price: allowed,
        ..PLAIN
    };
    assert!(implied_volatility(&highest).unwrap() > 17 * WAD);
    // The bound of a put is its strike, discounted.
    let put = Quote {
        kind: Put,
        strike: 1_000 * WAD,
        rate: 50_000_000_000_000_000,
        price: 952 * WAD,
        ..PLAIN
    };
    let discounted = 951_229_424_500_714_009_091;
    match implied_volatility(&put) {
        Err(Error::AtUpperBound { given, allowed }) => {
            assert_eq!(given, 952 * WAD);
            assert!(allowed.abs_diff(discounted) < 1_000, "{allowed}");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn time_value_below_the_resolution_is_refused_with_the_lowest_price_that_is_not() {
    // One unit of 1e30 at the money: a deviation of 2.5e-30.
    let quote = Quote {
        spot: 1_000_000_000_000 * WAD,
        strike: 1_000_000_000_000 * WAD,
        price: 1,
        ..PLAIN
    };
    let Err(Error::TimeValueTooSmall { given, allowed }) = implied_volatility(&quote) else {
        panic!("{:?}", implied_volatility(&quote));
    };
    assert!(given == 1 && allowed > 1);
    let price = allowed - 1 - (allowed >> 50);
    let lower = implied_volatility(&Quote { price, ..quote });
    assert!(
        matches!(lower, Err(Error::TimeValueTooSmall { .. })),
        "{lower:?}"
    );
    let price = allowed;
    let lowest = implied_volatility(&Quote { price, ..quote });
    assert!(lowest.is_ok(), "{lowest:?}");
    // Far from the money a unit is thirteen deviations out at most, and fifteen are told apart.
    let far = Quote {
        strike: 2_000_000_000_000 * WAD,
        price: 1,
        ..quote
    };
    assert!(implied_volatility(&far).is_ok());
}

#[test]
fn a_volatility_beyond_the_domain_is_refused_with_its_value() {
    let quote = Quote {
        seconds: 1,
        ..PLAIN
    };
    let Err(Error::VolatilityTooHigh { given, allowed }) = implied_volatility(&quote) else {
        panic!("{:?}", implied_volatility(&quote));
    };
    assert_eq!(allowed, MAX_VOLATILITY);
    // 0.42 over √(1 second).
    assert_eq!(given / WAD, 2_363);
    let within = Quote {
        seconds: 600,
        ..PLAIN
    };
    assert_eq!(implied_volatility(&within).unwrap() / WAD, 96);
}

#[test]
fn inputs_outside_of_the_domain_of_pricing_are_refused_as_by_pricing() {
    let refused = |quote: Quote| implied_volatility(&quote).unwrap_err();
    let inputs = |error| Error::Inputs(error);
    assert_eq!(
        refused(Quote { spot: 0, ..PLAIN }),
        inputs(PricingError::ZeroSpot)
    );
    assert_eq!(
        refused(Quote { strike: 0, ..PLAIN }),
        inputs(PricingError::ZeroStrike)
    );
    let far = Quote { strike: 1, ..PLAIN };
    assert_eq!(refused(far), inputs(PricingError::StrikeTooFar));
    let long = Quote {
        seconds: MAX_SECONDS + 1,
        ..PLAIN
    };
    let error = PricingError::TimeTooLong {
        given: MAX_SECONDS + 1,
        allowed: MAX_SECONDS,
    };
    assert_eq!(refused(long), inputs(error));
    let large = Quote {
        strike: u128::MAX,
        rate: -1,
        ..PLAIN
    };
    assert_eq!(refused(large), inputs(PricingError::Overflow));
    let undiscounted = ForwardQuote {
        kind: Call,
        price: WAD,
        forward: WAD,
        strike: WAD,
        discount: 0,
        seconds: YEAR,
    };
    let refusal = implied_volatility_forward(&undiscounted).unwrap_err();
    assert_eq!(refusal, inputs(PricingError::ZeroDiscount));
}
