//! Deribit's own marks and greeks, read from the shared data folder: Black-76 in coin, no rate, ACT/365.
//!
//! The figures are what a venue displayed: volatilities and greeks rounded, forwards of another moment by some 0.01 %. So a mark
//! has to lie between the prices at the ends of those intervals, and a greek within what they explain.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::doc_markdown,
    reason = "tests panic on overflow, and measure in doubles"
)]

mod support;

use clearing_math::{
    WAD,
    black_scholes::{ForwardInputs, evaluate_forward, price_forward},
};
use support::{exact::Exact, shared_text, worst::Worst};

/// Half a unit of a displayed volatility, of which one is 100 %.
const VOLATILITY_ROUNDING: f64 = 0.000_05;

fn number(text: &str) -> Option<f64> {
    text.parse().ok()
}

/// In natural units.
fn double(x: impl Into<Exact>) -> f64 {
    x.into().double() / 1e18
}

/// Unix seconds of `2020-05-22T08:00:00.123+00:00`, with their fraction.
fn unix(time: &str) -> f64 {
    let part = |range: std::ops::Range<usize>| time[range].parse::<i64>().expect("a number");
    // Days of the civil calendar, years starting in March.
    let (year, month, day) = (part(0..4), part(5..7), part(8..10));
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let days =
        365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 719_469;
    let seconds: f64 = time[17..]
        .split(['+', 'Z'])
        .next()
        .and_then(number)
        .expect("seconds");
    (days * 86_400 + part(11..13) * 3_600 + part(14..16) * 60) as f64 + seconds
}

/// An option as displayed.
struct Displayed {
    call: bool,
    forward: f64,
    strike: f64,
    seconds: f64,
    volatility: f64,
    /// Price in coin, and half a unit of its last decimal.
    mark: f64,
    rounding: f64,
}

impl Displayed {
    fn inputs(&self, forward: f64, volatility: f64) -> ForwardInputs {
        ForwardInputs {
            forward: (forward * 1e18) as u128,
            strike: (self.strike * 1e18) as u128,
            discount: WAD,
            seconds: self.seconds.round() as u64,
            volatility: (volatility.max(0.0) * 1e18) as u128,
        }
    }

    /// Price in coin.
    fn price(&self, forward: f64, volatility: f64) -> f64 {
        let prices = price_forward(&self.inputs(forward, volatility)).unwrap();
        let price = if self.call { prices.call } else { prices.put };
        price as f64 / 1e18 / forward
    }

    /// Whether the mark is explained by a forward within `share` of the displayed one.
    fn is_explained(&self, share: f64) -> bool {
        let share = if self.call { share } else { -share };
        let low = self.price(
            self.forward * (1.0 - share),
            self.volatility - VOLATILITY_ROUNDING,
        );
        let high = self.price(
            self.forward * (1.0 + share),
            self.volatility + VOLATILITY_ROUNDING,
        );
        let slack = self.rounding + 1e-9;
        low - slack <= self.mark && self.mark <= high + slack
    }
}

#[test]
fn every_ticker_field_of_2020() {
    let Some(text) = shared_text("data/options/deribit_btc_2020-05-21_full_greeks.csv") else {
        return;
    };
    let mut delta = Worst::new("delta", 2e-4);
    let mut gamma = Worst::new("gamma", 6e-6);
    let mut vega = Worst::new("vega, of F·√T/100", 3e-4);
    let mut theta = Worst::new("theta a day, of 1 +", 5e-3);
    // Of an option with nine hours left, theirs is of half a minute before.
    let mut rho = Worst::new("rho, of K·T/100", 2e-3);
    for line in text.lines().skip(1) {
        let f: Vec<&str> = line.split(',').collect();
        let at = |i: usize| number(f[i]).expect("a number");
        let option = Displayed {
            call: f[2] == "call",
            forward: at(5),
            strike: at(3),
            seconds: (at(4) - at(0)) / 1_000.0,
            volatility: at(10) / 100.0,
            mark: at(9),
            rounding: 5e-9,
        };
        assert!(option.is_explained(3e-4), "mark of {line}");
        let seen = evaluate_forward(&option.inputs(option.forward, option.volatility)).unwrap();
        let pick = |c, p| double(if option.call { c } else { p });
        let days = option.seconds / 86_400.0;
        let years = days / 365.0;
        delta.see((pick(seen.delta_call, seen.delta_put) - at(19)).abs(), line);
        gamma.see((double(seen.gamma) - at(20)).abs(), line);
        let of = option.forward * years.sqrt() / 100.0;
        vega.see((double(seen.vega) / 100.0 - at(21)).abs() / of, line);
        // A day's theta is no more than what the rest of the option's life, or its mark, has to give.
        let day = pick(seen.theta_call, seen.theta_put) / 365.0;
        let day = (day * days.min(1.0))
            .max(-option.price(option.forward, option.volatility) * option.forward);
        theta.see((day - at(22)).abs() / (1.0 + day.abs()), line);
        // With the forward held, theirs is of the strike's present value alone.
        let in_the_money = if option.call {
            seen.delta_call
        } else {
            seen.delta_put
        };
        let price = if option.call { seen.call } else { seen.put };
        let strike_part = double(in_the_money) * option.forward - double(price);
        rho.see(
            (strike_part * years / 100.0 - at(23)).abs() / (option.strike * years / 100.0),
            line,
        );
    }
    for worst in [&delta, &gamma, &vega, &theta, &rho] {
        worst.hold(326);
    }
}

#[test]
fn five_full_chains_of_2026() {
    let Some(text) = shared_text("data/options/deribit_reference_chains.csv.gz") else {
        return;
    };
    // Deltas and vegas were collected up to a minute after the marks.
    let mut delta = Worst::new("delta", 0.03);
    let mut vega = Worst::new("vega, of F·√T/100", 0.02);
    let (mut marks, mut unexplained, mut typical) = (0, 0, Vec::new());
    for line in text.lines().skip(1) {
        let f: Vec<&str> = line.split(',').collect();
        let (Some(forward), Some(volatility), Some(mark)) =
            (number(f[10]), number(f[12]), number(f[9]))
        else {
            continue;
        };
        let option = Displayed {
            call: f[3] == "call",
            forward,
            strike: number(f[4]).expect("strike"),
            seconds: unix(f[5]) - unix(f[0]),
            volatility,
            mark,
            rounding: if f[2] == "BTC" { 5e-9 } else { 5e-7 },
        };
        if option.seconds < 1.0 || option.volatility == 0.0 {
            continue;
        }
        marks += 1;
        if !option.is_explained(1e-3) {
            unexplained += 1;
            println!("not explained by 0.1 % of the forward: {line}");
        }
        let seen = evaluate_forward(&option.inputs(forward, volatility)).unwrap();
        if let Some(theirs) = number(f[13]) {
            let ours = double(if option.call {
                seen.delta_call
            } else {
                seen.delta_put
            });
            delta.see((ours - theirs).abs(), line);
            typical.push((ours - theirs).abs());
        }
        if let Some(theirs) = number(f[14]) {
            let of = forward * (option.seconds / 31_536_000.0).sqrt() / 100.0;
            vega.see((double(seen.vega) / 100.0 - theirs).abs() / of, line);
        }
    }
    typical.sort_by(f64::total_cmp);
    let median = typical[typical.len() / 2];
    println!("{marks} marks, {unexplained} not explained; median difference of delta {median:.1e}");
    assert!(
        marks > 7_000 && unexplained * 1_000 <= marks,
        "{unexplained} of {marks}"
    );
    assert!(median < 3e-4, "{median}");
    delta.hold(7_000);
    vega.hold(7_000);
}

#[test]
fn unix_seconds_of_known_times() {
    assert!((unix("1970-01-01T00:00:00.000Z")).abs() < 1e-9);
    assert!((unix("2020-05-22T08:00:00+00:00") - 1_590_134_400.0).abs() < 1e-9);
    assert!((unix("2024-02-29T23:59:59.500Z") - 1_709_251_199.5).abs() < 1e-6);
}
