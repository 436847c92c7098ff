//! The smile that lies within bid and offer of every quote: what anybody may propose to a `SignedQuotes` contract, which checks it and trusts nobody's fit.
//!
//! What counts there is the largest miss, so the fit of `quasi_explicit` to the middles of the quotes is repeated with weights that grow where the last one
//! missed most (Lawson's algorithm, which leads from least squares towards the least largest miss). The best that the contract's own rule accepts is kept.

use clearing_math::quotes::{
    Agreement, Band, Disagreement, OptionQuote, QuotedExpiry, Rules, agree,
};
use clearing_math::surface::{PublishedSmile, SmileError};
use clearing_math::svi::{ArbitrageError, check_calendar};

use super::YEAR;
use super::smile::{Clearance, RawSvi, Target};
use super::{quasi_explicit, slice};

/// Fits tried.
const ROUNDS: usize = 48;
/// What is left of a weight at most, and at least, in one round.
const FADING: f64 = 0.02;
/// What fits keep from arbitrage: nothing, until a proof fails.
const CLEARANCES: [Clearance; 3] = [
    Clearance {
        density: 1e-4,
        rise: 1e-5,
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
/// One of 1e18.
const WAD: f64 = 1e18;

/// A smile that the contract takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Witness {
    /// As of the observation.
    pub smile: PublishedSmile,
    /// How well it agrees.
    pub agreement: Agreement,
}

/// Why there is none.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum WitnessError {
    /// The quotes are refused whatever the smile, or the best smile misses one of them.
    #[error("{0:?}")]
    Disagreement(Disagreement),
    /// The best smile holds arbitrage.
    #[error("{0:?}")]
    Smile(SmileError),
    /// It holds arbitrage with the next expiry.
    #[error("calendar arbitrage with the next expiry: {0:?}")]
    Calendar(ArbitrageError),
    /// The quotes determine nothing.
    #[error("no smile fits the quotes")]
    NoFit,
}

/// A quote as the fit sees it.
struct Aim {
    k: f64,
    /// Volatility to be near to.
    middle: f64,
    /// How far from it the contract allows.
    allowed: f64,
    /// Nobody bids: only what is above `middle + allowed` misses.
    is_ceiling: bool,
}

/// Finds the smile; `later`: what the next expiry publishes at the same time.
///
/// # Errors
/// [`WitnessError`] of the best that was found.
pub fn fit(
    expiry: &QuotedExpiry,
    observed_at: u64,
    quotes: &[OptionQuote],
    rules: &Rules,
    later: Option<&PublishedSmile>,
) -> Result<Witness, WitnessError> {
    let words: Vec<_> = quotes.iter().map(OptionQuote::to_word).collect();
    let aims = aims(expiry, observed_at, quotes, rules)?;
    let seconds = u64::from(expiry.expiry).saturating_sub(observed_at);
    let years = seconds as f64 / YEAR;
    let after = later.map(|later| {
        let seconds = u64::from(later.expiry).saturating_sub(observed_at);
        (slice::raw(later), seconds as f64 / YEAR)
    });
    let stamp = u32::try_from(observed_at).unwrap_or(u32::MAX);
    let verdict = |svi: &RawSvi| {
        let smile = slice::rounded(svi, expiry.expiry, stamp);
        let total = smile.check(observed_at).map_err(WitnessError::Smile)?;
        if let Some(later) = later {
            let later = later.total(observed_at).map_err(WitnessError::Smile)?;
            check_calendar(&total, &later).map_err(WitnessError::Calendar)?;
        }
        let agreement = agree(expiry, observed_at, &words, &smile.to_word(), rules)
            .map_err(WitnessError::Disagreement)?;
        Ok(Witness { smile, agreement })
    };
    let mut weights = vec![1.0; aims.len()];
    let mut best: Result<Witness, WitnessError> = Err(WitnessError::NoFit);
    let (mut least, mut clearance) = (f64::INFINITY, None);
    for _ in 0..ROUNDS {
        let penalty = |svi: &RawSvi| {
            let Some(clearance) = clearance.and_then(|index: usize| CLEARANCES.get(index)) else {
                return 0.0;
            };
            let calendar = after.map_or(0.0, |(later, at)| {
                svi.calendar_penalty(years, &later, at, *clearance)
            });
            svi.butterfly_penalty(years, *clearance) + calendar
        };
        let targets = targets(&aims, &weights);
        let Some(svi) = quasi_explicit::fit(&targets, years, &penalty) else {
            break;
        };
        let misses: Vec<f64> = aims.iter().map(|aim| aim.miss(&svi)).collect();
        let largest = misses.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
        match verdict(&svi) {
            Ok(found) => {
                if best.is_err_or_worse(found.agreement.miss) {
                    best = Ok(found);
                }
            }
            Err(WitnessError::Smile(_) | WitnessError::Calendar(_))
                if clearance.is_none_or(|index| index + 1 < CLEARANCES.len()) =>
            {
                // The same again, further from arbitrage.
                clearance = Some(clearance.map_or(0, |index| index + 1));
                continue;
            }
            Err(error) => {
                if best.is_err() && largest < least {
                    best = Err(error);
                }
            }
        }
        least = least.min(largest);
        for (weight, miss) in weights.iter_mut().zip(&misses) {
            *weight *= (miss / largest).max(FADING);
        }
    }
    best
}

/// Whether a result is to be replaced by one of this miss.
trait Worse {
    fn is_err_or_worse(&self, miss: u16) -> bool;
}

impl Worse for Result<Witness, WitnessError> {
    fn is_err_or_worse(&self, miss: u16) -> bool {
        self.as_ref()
            .map_or(true, |found| miss < found.agreement.miss)
    }
}

fn aims(
    expiry: &QuotedExpiry,
    observed_at: u64,
    quotes: &[OptionQuote],
    rules: &Rules,
) -> Result<Vec<Aim>, WitnessError> {
    let pricing = expiry.pricing(observed_at);
    let aim = |(index, quote): (usize, &OptionQuote)| {
        let band = pricing.band(quote);
        let Band { bid, ask } =
            band.map_err(|error| WitnessError::Disagreement(Disagreement::Quote { index, error }))?;
        let [bid, ask] = [bid, ask].map(|volatility| volatility as f64 / WAD);
        let tolerance = rules.tolerance as f64 / WAD;
        let half = (ask - bid) / 2.0;
        let is_ceiling = bid == 0.0;
        Ok(Aim {
            k: (quote.strike_wad() as f64 / expiry.forward as f64).ln(),
            // Below an offer alone, a hundredth of it is room enough.
            middle: if is_ceiling { ask * 0.99 } else { bid + half },
            allowed: if is_ceiling { ask * 0.01 } else { half } + tolerance.max(1e-6),
            is_ceiling,
        })
    };
    quotes.iter().enumerate().map(aim).collect()
}

impl Aim {
    /// Of what is allowed.
    fn miss(&self, svi: &RawSvi) -> f64 {
        let off = svi.variance(self.k).max(0.0).sqrt() - self.middle;
        if self.is_ceiling {
            off.max(0.0) / self.allowed
        } else {
            off.abs() / self.allowed
        }
    }
}

/// Errors of variance, in what the volatility may be off.
fn targets(aims: &[Aim], weights: &[f64]) -> Vec<Target> {
    let target = |(aim, weight): (&Aim, &f64)| {
        let allowed = 2.0 * aim.middle * aim.allowed;
        // An offer alone pulls hardly until it is missed.
        let weight = if aim.is_ceiling {
            weight * 1e-2
        } else {
            *weight
        };
        Target {
            k: aim.k,
            variance: aim.middle * aim.middle,
            weight: weight.max(1e-12) / (allowed * allowed),
        }
    };
    aims.iter().zip(weights).map(target).collect()
}
