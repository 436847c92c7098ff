//! The rows of the golden files with what the kernel makes of them, and the scales that errors are measured in.

use clearing_math::black_scholes::{
    CrossEvaluation, Evaluation, ForwardInputs, Inputs, PricingError, evaluate,
    evaluate_cross_greeks, evaluate_cross_greeks_forward, evaluate_forward,
};

use super::exact::Exact;

/// Seconds of a year of 365 days.
const YEAR: f64 = 31_536_000.0;
/// `1/√2π`.
pub const DENSITY_AT_ZERO: f64 = 0.398_942_280_401_432_7;

/// Ten results in units of 1e-18, and vanna and volga.
pub struct Values {
    pub call: Exact,
    pub put: Exact,
    pub delta_call: Exact,
    pub delta_put: Exact,
    pub gamma: Exact,
    pub vega: Exact,
    pub theta_call: Exact,
    pub theta_put: Exact,
    pub rho_call: Exact,
    pub rho_put: Exact,
    pub vanna: Exact,
    pub volga: Exact,
}

impl Values {
    fn parse(fields: &[&str]) -> Self {
        let mut next = fields.iter().map(|text| Exact::decimal(text, 18));
        let mut next = || next.next().expect("twelve values");
        Self {
            call: next(),
            put: next(),
            delta_call: next(),
            delta_put: next(),
            gamma: next(),
            vega: next(),
            theta_call: next(),
            theta_put: next(),
            rho_call: next(),
            rho_put: next(),
            vanna: next(),
            volga: next(),
        }
    }

    fn of(seen: &Evaluation, cross: &CrossEvaluation) -> Self {
        Self {
            call: seen.call.into(),
            put: seen.put.into(),
            delta_call: seen.delta_call.into(),
            delta_put: seen.delta_put.into(),
            gamma: seen.gamma.into(),
            vega: seen.vega.into(),
            theta_call: seen.theta_call.into(),
            theta_put: seen.theta_put.into(),
            rho_call: seen.rho_call.into(),
            rho_put: seen.rho_put.into(),
            vanna: cross.vanna.into(),
            volga: cross.volga.into(),
        }
    }
}

/// What a row prices.
#[derive(Clone, Copy)]
pub enum Given {
    Spot(Inputs),
    Forward(ForwardInputs),
}

/// An option, its reference values, and the kernel's.
pub struct Row {
    pub given: Given,
    /// `S`, of a forward `D·F`; WAD.
    pub underlying: f64,
    /// `K·e^(−rT)`, of a forward `D·K`; WAD.
    pub discounted: f64,
    /// The largest delta: 1, of a forward `D`; WAD.
    pub whole_delta: f64,
    pub volatility: f64,
    pub rate: f64,
    pub years: f64,
    pub want: Values,
    pub seen: Values,
}

fn parsed<T: std::str::FromStr>(text: &str) -> T {
    text.parse().ok().expect("a number")
}

impl Row {
    fn of_spot(line: &str) -> Self {
        let f: Vec<&str> = line.split(',').collect();
        let inputs = Inputs {
            spot: parsed(f[0]),
            strike: parsed(f[1]),
            seconds: parsed(f[2]),
            volatility: parsed(f[3]),
            rate: parsed(f[4]),
        };
        let years = inputs.seconds as f64 / YEAR;
        let rate = inputs.rate as f64 / 1e18;
        let seen = evaluate(&inputs)
            .and_then(|seen| Ok(Values::of(&seen, &evaluate_cross_greeks(&inputs)?)));
        Self {
            given: Given::Spot(inputs),
            underlying: inputs.spot as f64,
            discounted: inputs.strike as f64 * (-rate * years).exp(),
            whole_delta: 1e18,
            volatility: inputs.volatility as f64 / 1e18,
            rate,
            years,
            want: Values::parse(&f[5..]),
            seen: accepted(seen, line),
        }
    }

    fn of_forward(line: &str) -> Self {
        let f: Vec<&str> = line.split(',').collect();
        let inputs = ForwardInputs {
            forward: parsed(f[0]),
            strike: parsed(f[1]),
            discount: parsed(f[2]),
            seconds: parsed(f[3]),
            volatility: parsed(f[4]),
        };
        let years = inputs.seconds as f64 / YEAR;
        let discount = inputs.discount as f64 / 1e18;
        let seen = evaluate_forward(&inputs)
            .and_then(|seen| Ok(Values::of(&seen, &evaluate_cross_greeks_forward(&inputs)?)));
        Self {
            given: Given::Forward(inputs),
            underlying: inputs.forward as f64 * discount,
            discounted: inputs.strike as f64 * discount,
            whole_delta: inputs.discount as f64,
            volatility: inputs.volatility as f64 / 1e18,
            rate: -discount.ln() / years,
            years,
            want: Values::parse(&f[5..]),
            seen: accepted(seen, line),
        }
    }

    pub fn larger(&self) -> f64 {
        self.discounted.max(self.underlying)
    }

    /// `σ√T`.
    pub fn deviation(&self) -> f64 {
        self.volatility * self.years.sqrt()
    }

    /// The larger of `|d1|` and `|d2|`.
    pub fn reach(&self) -> f64 {
        let x = (self.underlying / self.discounted).ln().abs();
        x / self.deviation() + self.deviation() / 2.0
    }

    /// Vega at the money.
    pub fn vega_peak(&self) -> f64 {
        DENSITY_AT_ZERO * self.underlying * self.years.sqrt()
    }

    /// Of a vega, the decay in both thetas: `vega·σ/2T`.
    pub fn decay(&self, vega: f64) -> f64 {
        vega * self.volatility / (2.0 * self.years)
    }

    /// The part of a theta that interest makes, without sign: `|r|·rho/T`, of spot and of forward inputs.
    pub fn carry(&self, rho: Exact) -> f64 {
        (self.rate * rho.double() / self.years).abs()
    }
}

fn accepted(seen: Result<Values, PricingError>, line: &str) -> Values {
    seen.unwrap_or_else(|error| panic!("{error:?} of {line}"))
}

impl std::fmt::Display for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.given {
            Given::Spot(i) => write!(
                f,
                "S {} K {} T {} vol {} r {}",
                i.spot, i.strike, i.seconds, i.volatility, i.rate
            ),
            Given::Forward(i) => write!(
                f,
                "F {} K {} D {} T {} vol {}",
                i.forward, i.strike, i.discount, i.seconds, i.volatility
            ),
        }?;
        write!(f, " (s {:.1e}, d {:.1})", self.deviation(), self.reach())
    }
}

/// The rows of a committed file, and those of the file that an environment variable names.
fn with_more(committed: &str, variable: &str, of: impl Fn(&str) -> Row) -> Vec<Row> {
    let mut text = committed.to_owned();
    if let Some(more) = std::env::var_os(variable) {
        let more = std::fs::read_to_string(more).expect("the file can be read");
        text.push_str(more.split_once('\n').expect("a heading").1);
    }
    text.lines().skip(1).map(of).collect()
}

/// Options on spot; more by `NOVATION_GOLDEN`.
pub fn spot_rows() -> Vec<Row> {
    let committed = include_str!("../golden/black_scholes.csv");
    with_more(committed, "NOVATION_GOLDEN", Row::of_spot)
}

/// Options on forwards; more by `NOVATION_BLACK_76`.
pub fn forward_rows() -> Vec<Row> {
    let committed = include_str!("../golden/black_76.csv");
    with_more(committed, "NOVATION_BLACK_76", Row::of_forward)
}

/// Asserts that `error`, in its own scale, is at most `bound` in every row; `None` where a row says nothing about it.
/// Prints the largest.
pub fn hold(rows: &[Row], name: &str, bound: f64, error: impl Fn(&Row) -> Option<f64>) {
    let (mut worst, mut at, mut said) = (0.0, None, 0);
    for row in rows {
        let Some(error) = error(row) else { continue };
        said += 1;
        // A NaN is the worst of all.
        if !(error <= worst) {
            (worst, at) = (error, Some(row));
        }
    }
    let place = at.map(ToString::to_string).unwrap_or_default();
    println!("{name:31} {worst:.1e}  bound {bound:.0e}  {said} rows  {place}");
    assert!(said > 20, "{name}: only {said} rows say anything");
    assert!(
        worst <= bound,
        "{name}: {worst:e} exceeds {bound:e} at {place}"
    );
}
