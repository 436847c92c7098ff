//! A whole chain, fitted expiry by expiry, from the last to the first.

use std::fmt;

use clearing_math::surface::{PublishedSmile, SmileError};
use clearing_math::svi::{ArbitrageError, Smile, check_calendar};

use super::YEAR;
use super::chain_file::{Chain, Expiry, Quote, median};
use super::smile::{Clearance, RawSvi, Target};
use super::{quasi_explicit, repair, slice};

/// Five parameters need as many strikes.
const FEWEST_STRIKES: usize = 5;
/// What repaired fits keep from arbitrage, one after the other.
const CLEARANCES: [Clearance; 4] = [
    Clearance {
        density: 1e-4,
        rise: 1e-5,
    },
    Clearance {
        density: 1e-3,
        rise: 1e-4,
    },
    Clearance {
        density: 1e-2,
        rise: 1e-3,
    },
    Clearance {
        density: 5e-2,
        rise: 1e-2,
    },
];
/// The middle of the smile: options with a delta of 25 % to 75 %, at most this many deviations from the forward.
const QUARTER_DELTA: f64 = 0.674_489_750_196_081_7;

/// Why an expiry has no slice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Fewer strikes than parameters.
    TooFewStrikes {
        /// Strikes quoted.
        given: usize,
        /// The least.
        allowed: usize,
    },
    /// No parameters were found at all.
    NoFit,
    /// Neither the best fit nor those that avoid arbitrage may be published.
    Smile(SmileError),
    /// It cannot be below the next expiry in total variance.
    Calendar {
        /// The next expiry, unix seconds.
        later: u32,
        /// Where it is not.
        error: ArbitrageError,
    },
}

impl fmt::Display for Refusal {
    fn fmt(&self, text: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooFewStrikes { given, allowed } => {
                write!(
                    text,
                    "{given} strikes quoted, at least {allowed} are needed"
                )
            }
            Self::NoFit => write!(text, "no slice fits the quotes"),
            Self::Smile(error) => write!(text, "{error:?}"),
            Self::Calendar { later, error } => {
                write!(text, "calendar arbitrage against {later}: {error:?}")
            }
        }
    }
}

/// Absolute errors of volatility, in points of 1 %.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Errors {
    /// Quotes compared.
    pub quotes: usize,
    /// The middle one; 0 without quotes.
    pub median: f64,
    /// The largest.
    pub largest: f64,
}

impl Errors {
    fn of(errors: &[f64]) -> Self {
        Self {
            quotes: errors.len(),
            median: median(errors.iter().copied()).unwrap_or_default(),
            largest: errors.iter().copied().fold(0.0, f64::max),
        }
    }
}

/// A slice that may be published.
#[derive(Clone, Debug)]
pub struct Accepted {
    /// What is published.
    pub smile: PublishedSmile,
    /// Whether it had to give way to arbitrage.
    pub repaired: bool,
    /// Within ±25 delta.
    pub middle: Errors,
    /// At every strike.
    pub all: Errors,
}

/// A chain, fitted.
#[derive(Clone, Debug)]
pub struct Fitted {
    /// What was fitted.
    pub chain: Chain,
    /// As the chain's expiries.
    pub slices: Vec<Result<Accepted, Refusal>>,
}

impl Fitted {
    /// What may be published, soonest first.
    pub fn accepted(&self) -> impl Iterator<Item = &Accepted> {
        self.slices.iter().filter_map(|slice| slice.as_ref().ok())
    }

    /// Errors within ±25 delta of all accepted slices together.
    #[must_use]
    pub fn middle(&self) -> Errors {
        let errors: Vec<f64> = self
            .chain
            .expiries
            .iter()
            .zip(&self.slices)
            .filter_map(|(expiry, slice)| Some((expiry, slice.as_ref().ok()?)))
            .flat_map(|(expiry, accepted)| errors(expiry, &accepted.smile, true))
            .collect();
        Errors::of(&errors)
    }
}

/// A smile that may be published, and its total variance.
type Proved = (PublishedSmile, Smile);

/// The later slice, which the earlier one must stay below.
#[derive(Clone, Copy)]
struct Later {
    expiry: u32,
    smile: Smile,
    raw: RawSvi,
    years: f64,
}

/// Fits every expiry of a chain.
#[must_use]
pub fn fit(chain: Chain) -> Fitted {
    let mut later = None;
    let mut slices: Vec<_> = chain
        .expiries
        .iter()
        .rev()
        .map(|expiry| {
            let (accepted, smile) = fit_expiry(expiry, chain.at, later.as_ref())?;
            later = Some(Later {
                expiry: expiry.at,
                smile,
                raw: slice::raw(&accepted.smile),
                years: years(expiry, chain.at),
            });
            Ok(accepted)
        })
        .collect();
    slices.reverse();
    Fitted { chain, slices }
}

fn years(expiry: &Expiry, at: u32) -> f64 {
    f64::from(expiry.at.saturating_sub(at)) / YEAR
}

fn fit_expiry(
    expiry: &Expiry,
    at: u32,
    later: Option<&Later>,
) -> Result<(Accepted, Smile), Refusal> {
    if expiry.quotes.len() < FEWEST_STRIKES {
        return Err(Refusal::TooFewStrikes {
            given: expiry.quotes.len(),
            allowed: FEWEST_STRIKES,
        });
    }
    let years = years(expiry, at);
    let targets = targets(expiry, years);
    let best = quasi_explicit::fit(&targets, years, &|_| 0.0).ok_or(Refusal::NoFit)?;
    let publish = |svi: &RawSvi| proved(slice::rounded(svi, expiry.at, at), later);
    let (published, smile, repaired) = match publish(&best) {
        Ok((published, smile)) => (published, smile, false),
        Err(first) => {
            let (published, smile) = repaired(&best, &targets, years, later, &publish, first)?;
            (published, smile, true)
        }
    };
    let accepted = Accepted {
        smile: published,
        repaired,
        middle: Errors::of(&errors(expiry, &published, true)),
        all: Errors::of(&errors(expiry, &published, false)),
    };
    Ok((accepted, smile))
}

/// The best of the fits that avoid arbitrage, keeping a little further away from it until one is proved; else the last refusal.
fn repaired(
    best: &RawSvi,
    targets: &[Target],
    years: f64,
    later: Option<&Later>,
    publish: &dyn Fn(&RawSvi) -> Result<Proved, Refusal>,
    mut refusal: Refusal,
) -> Result<Proved, Refusal> {
    for clearance in CLEARANCES {
        let penalty = |svi: &RawSvi| {
            let calendar = later.map_or(0.0, |later| {
                svi.calendar_penalty(years, &later.raw, later.years, clearance)
            });
            svi.butterfly_penalty(years, clearance) + calendar
        };
        // From the best fit, from the best that the penalty leaves, and from the later slice, which is free of arbitrage.
        let starts = [
            Some(*best),
            quasi_explicit::fit(targets, years, &penalty),
            later.map(|later| later.raw),
        ];
        let refits = starts
            .into_iter()
            .flatten()
            .filter_map(|start| repair::refit(start, targets, &penalty));
        let mut found: Option<(f64, Proved)> = None;
        for refit in refits {
            let error = refit.error(targets);
            match publish(&refit) {
                Ok(proved) if found.is_none_or(|(least, _)| error < least) => {
                    found = Some((error, proved));
                }
                Ok(_) => {}
                Err(reason) => refusal = reason,
            }
        }
        if let Some((_, proved)) = found {
            return Ok(proved);
        }
    }
    Err(refusal)
}

/// The verdict of the contracts' own checks.
fn proved(published: PublishedSmile, later: Option<&Later>) -> Result<Proved, Refusal> {
    let now = u64::from(published.published_at);
    let smile = published.check(now).map_err(Refusal::Smile)?;
    if let Some(later) = later {
        check_calendar(&smile, &later.smile).map_err(|error| Refusal::Calendar {
            later: later.expiry,
            error,
        })?;
    }
    Ok((published, smile))
}

/// Quotes weighted so that what counts is the squared error of the option's price: an error of volatility times vega.
fn targets(expiry: &Expiry, years: f64) -> Vec<Target> {
    let target = |quote: &Quote| {
        let variance = quote.volatility * quote.volatility;
        // Never quite nothing: wings without vega would be free to go anywhere.
        let vega = (-d1(quote, years).powi(2) / 2.0).exp().max(1e-3);
        Target {
            k: quote.k,
            variance,
            weight: vega * vega / (4.0 * variance),
        }
    };
    expiry.quotes.iter().map(target).collect()
}

/// Deviations of the strike from the forward as Black's formula has them: the delta of the call is `N(d₁)`.
fn d1(quote: &Quote, years: f64) -> f64 {
    let deviation = quote.volatility * years.sqrt();
    -quote.k / deviation + deviation / 2.0
}

/// Absolute errors in volatility points; of the middle only, or of every strike.
fn errors(expiry: &Expiry, smile: &PublishedSmile, middle: bool) -> Vec<f64> {
    let years = f64::from(smile.expiry.saturating_sub(smile.published_at)) / YEAR;
    let counts = |quote: &&Quote| !middle || d1(quote, years).abs() <= QUARTER_DELTA;
    let error = |quote: &Quote| slice::volatility(smile, quote.k) - quote.volatility;
    let quotes = expiry.quotes.iter().filter(counts);
    quotes.map(|quote| 100.0 * error(quote).abs()).collect()
}
