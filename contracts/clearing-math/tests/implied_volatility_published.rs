//! Implied volatilities of published prices: Jäckel's own test values, the QuantLib and mpmath grid, Deribit's marks. Read from the
//! shared data folder.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_wrap,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::doc_markdown,
    reason = "tests panic on overflow, and measure in doubles"
)]

mod support;

use clearing_math::{
    WAD,
    black_scholes::{Inputs, evaluate},
    implied_volatility::{
        ForwardQuote, ImpliedVolatilityError as Error, Quote, implied_volatility,
        implied_volatility_forward,
    },
    leg::OptionKind::{self, Call, Put},
};
use support::{exact::Exact, shared_text, wad, worst::Worst};

const YEAR: f64 = 31_536_000.0;

fn number(text: &str) -> f64 {
    text.parse().expect("a number")
}

fn kind(is_call: bool) -> OptionKind {
    if is_call { Call } else { Put }
}

/// Price change per 1.00 of volatility, in natural units.
fn vega(quote: &Quote, volatility: u128) -> f64 {
    let Quote {
        spot,
        strike,
        seconds,
        rate,
        ..
    } = *quote;
    let seen = evaluate(&Inputs {
        spot,
        strike,
        seconds,
        volatility,
        rate,
    });
    Exact::from(seen.expect("in the domain").vega).double() / 1e18
}

#[test]
fn lets_be_rational() {
    let Some(text) = shared_text("data/reference/lets_be_rational_test_values.csv.gz") else {
        return;
    };
    // His prices are doubles: a few units of 1.1e-16 of the larger of forward and strike.
    let mut in_price = Worst::new("Jäckel's volatility, in price terms", 4e-16);
    let (mut rows, mut recovered, mut recovered_by_him) = (0, 0, 0);
    for line in text.lines().skip(1) {
        let f: Vec<&str> = line.split(',').collect();
        let quote = Quote {
            kind: kind(number(f[4]) > 0.0),
            price: wad(f[5]) as u128,
            spot: wad(f[0]) as u128,
            strike: wad(f[1]) as u128,
            seconds: (number(f[3]) * YEAR).round() as u64,
            rate: 0,
        };
        let volatility = wad(f[2]) as u128;
        if quote.seconds == 0 {
            assert_eq!(implied_volatility(&quote), Err(Error::NoTimeLeft));
            continue;
        }
        let vega = vega(&quote, volatility);
        let larger = quote.spot.max(quote.strike) as f64 / 1e18;
        rows += 1;
        let close = |found: f64| (found / number(f[2]) - 1.0).abs() < 1e-9;
        recovered_by_him += u32::from(close(number(f[6])));
        // Where his price, a double and here in whole units of 1e-18, determines the volatility to 1e-9.
        let known: f64 = (4e-16 * larger).max(1e-18);
        let determined = vega * number(f[2]) * 1e-9 > known;
        match implied_volatility(&quote) {
            Ok(found) => {
                let off = found.abs_diff(volatility) as f64 / 1e18;
                in_price.see(off * vega / larger, line);
                recovered += u32::from(close(found as f64 / 1e18));
                assert!(!determined || close(found as f64 / 1e18), "{found}: {line}");
            }
            Err(Error::NoTimeValue { .. } | Error::BelowIntrinsicValue { .. }) => {
                assert!(!determined, "{line}");
            }
            Err(other) => panic!("{other:?}: {line}"),
        }
    }
    println!(
        "{recovered} of {rows} to 1e-9, {recovered_by_him} by the source, from unrounded prices"
    );
    assert!(recovered > 950);
    in_price.hold(970);
}

#[test]
fn fifty_digit_prices_of_the_grid() {
    let Some(text) = shared_text("data/reference/quantlib_mpmath_bsm_grid.csv.gz") else {
        return;
    };
    let mut in_price = Worst::new("volatility of the grid, in price terms", 1e-16);
    let (mut rows, mut recovered, mut recovered_in_doubles) = (0, 0, 0);
    for line in text.lines().skip(1) {
        let f: Vec<&str> = line.split(',').collect();
        let quote = Quote {
            kind: kind(f[0] == "call"),
            price: wad(f[13]) as u128,
            spot: wad(f[1]) as u128,
            strike: wad(f[2]) as u128,
            seconds: (number(f[5]) * YEAR).round() as u64,
            rate: i64::try_from(wad(f[3])).expect("a rate"),
        };
        let volatility = wad(f[6]) as u128;
        let larger = quote.spot.max(quote.strike) as f64 / 1e18;
        let sensitivity = vega(&quote, volatility) * volatility as f64 / 1e18;
        let close = |found: f64| (found / number(f[6]) - 1.0).abs() < 1e-6;
        rows += 1;
        recovered_in_doubles += u32::from(f[21].parse().is_ok_and(close));
        // Where the price, to 1e-18 of spot, determines the volatility to 1e-6. The grid's years are doubles.
        let determined = sensitivity * 1e-6 >= 2e-18 * larger;
        match implied_volatility(&quote) {
            Ok(found) => {
                let off = found.abs_diff(volatility) as f64 / 1e18;
                in_price.see(off * vega(&quote, volatility) / larger, line);
                recovered += u32::from(close(found as f64 / 1e18));
                assert!(!determined || close(found as f64 / 1e18), "{found}: {line}");
            }
            Err(error) => assert!(!determined, "{error:?}: {line}"),
        }
    }
    // A double tells prices below 1e-18, in its exponent; a price in whole units of that does not.
    println!("{recovered} of {rows} to 1e-6, {recovered_in_doubles} in doubles");
    assert!(rows == 7_056 && recovered > 4_000);
    in_price.hold(4_400);
}

/// What a venue displays of an option: forward, strike, price in coin and half a unit of its last digit.
struct Displayed {
    kind: OptionKind,
    forward: f64,
    strike: f64,
    seconds: f64,
    mark: f64,
    rounding: f64,
}

impl Displayed {
    /// Volatility of the mark and forward moved by so much; zero where there is no time value.
    fn volatility(&self, forward: f64, mark: f64) -> Option<f64> {
        let found = implied_volatility_forward(&ForwardQuote {
            kind: self.kind,
            price: (mark.max(0.0) * forward * 1e18) as u128,
            forward: (forward * 1e18) as u128,
            strike: (self.strike * 1e18) as u128,
            discount: WAD,
            seconds: self.seconds.round() as u64,
        });
        match found {
            Ok(volatility) => Some(volatility as f64 / 1e18),
            Err(Error::NoTimeValue { .. } | Error::BelowIntrinsicValue { .. }) => Some(0.0),
            Err(_) => None,
        }
    }

    /// Whether the displayed volatility is one of those of forwards within `share` and marks within their rounding.
    fn explains(&self, volatility: f64, share: f64) -> bool {
        let share = if self.kind == Call { share } else { -share };
        let slack = self.rounding + 1e-9;
        let low = self.volatility(self.forward * (1.0 + share), self.mark - slack);
        let high = self.volatility(self.forward * (1.0 - share), self.mark + slack);
        // A displayed volatility has two decimals of a percent.
        low.is_none_or(|low| low - 0.000_051 <= volatility)
            && high.is_none_or(|high| volatility <= high + 0.000_051)
    }
}

#[test]
fn deribit_marks_of_2020() {
    let Some(text) = shared_text("data/options/deribit_btc_2020-05-21_full_greeks.csv") else {
        return;
    };
    let (mut rows, mut plain) = (0, 0);
    for line in text.lines().skip(1) {
        let f: Vec<&str> = line.split(',').collect();
        let option = Displayed {
            kind: kind(f[2] == "call"),
            forward: number(f[5]),
            strike: number(f[3]),
            seconds: (number(f[4]) - number(f[0])) / 1_000.0,
            mark: number(f[9]),
            rounding: 5e-9,
        };
        let volatility = number(f[10]) / 100.0;
        rows += 1;
        assert!(option.explains(volatility, 3e-4), "{line}");
        let found = option.volatility(option.forward, option.mark);
        plain += u32::from(found.is_some_and(|found| (found - volatility).abs() < 1e-3));
    }
    println!("{plain} of {rows} within 0.1 volatility points as displayed");
    assert!(rows == 326 && plain * 10 > rows * 7);
}

#[test]
fn deribit_marks_of_2026() {
    let Some(text) = shared_text("data/options/deribit_reference_chains.csv.gz") else {
        return;
    };
    let (mut rows, mut plain, mut unexplained) = (0, 0, 0);
    for line in text.lines().skip(1) {
        let f: Vec<&str> = line.split(',').collect();
        let (Ok(years), Ok(mark), Ok(forward), Ok(volatility)) = (
            f[6].parse(),
            f[9].parse(),
            f[10].parse(),
            f[12].parse::<f64>(),
        ) else {
            continue;
        };
        let years: f64 = years;
        let option = Displayed {
            kind: kind(f[3] == "call"),
            forward,
            strike: number(f[4]),
            seconds: years * YEAR,
            mark,
            rounding: if f[2] == "BTC" { 5e-9 } else { 5e-7 },
        };
        if option.seconds < 1.0 || volatility == 0.0 {
            continue;
        }
        rows += 1;
        if !option.explains(volatility, 1e-3) {
            unexplained += 1;
            println!("not explained by 0.1 % of the forward: {line}");
        }
        let found = option.volatility(option.forward, option.mark);
        plain += u32::from(found.is_some_and(|found| (found - volatility).abs() < 1e-3));
    }
    println!(
        "{plain} of {rows} within 0.1 volatility points as displayed, {unexplained} not explained"
    );
    assert!(rows > 7_000 && unexplained * 1_000 <= rows && plain * 10 > rows * 8);
}
