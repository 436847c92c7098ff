//! Whether a smile agrees with the quotes of its expiry, and whether they are enough to tell.

use super::{Band, OptionQuote, QuotedExpiry, solving::QuoteError};
use crate::{
    elementary::square_root,
    magnitude::Magnitude,
    surface::{SmileError, SmilePair, volatility_at},
    svi::LogMoneyness,
    tables::PER_YEAR,
};

/// Most quotes of an expiry.
pub const MOST_QUOTES: usize = 64;
/// The scale of [`Agreement::miss`] and [`Rules::reach`].
pub const BASIS_POINTS: u64 = 10_000;

/// What quotes must be to decide a smile, and how near it must be to them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rules {
    /// Firm quotes needed.
    pub least_quotes: u16,
    /// How far they must reach on either side of the forward, and how far apart they may be: 1e-4 standard deviations.
    pub reach: u16,
    /// Widest quote that is firm: its offer less its bid, volatility, WAD.
    pub max_spread: u64,
    /// How far outside of bid and offer the smile may be, volatility, WAD.
    pub tolerance: u64,
}

/// A smile agrees.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Agreement {
    /// How far it is from the middle of the firm quote that it fits worst, of what is allowed there: 0 to 10,000.
    pub miss: u16,
    /// Firm quotes.
    pub firm: u16,
}

/// Why a smile is not taken. Indices count the quotes of the expiry from 0.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Disagreement {
    /// A parameter of the smile is out of range.
    Smile(SmileError),
    /// More quotes than [`MOST_QUOTES`].
    TooMany {
        /// Quotes given.
        given: usize,
    },
    /// A word is no quote.
    Malformed {
        /// Which.
        index: usize,
    },
    /// Strikes do not rise.
    UnsortedStrikes {
        /// Which quote is not above the one before.
        index: usize,
        /// 1e-8.
        previous: u64,
        /// 1e-8.
        next: u64,
    },
    /// A quote cannot be used.
    Quote {
        /// Which.
        index: usize,
        /// Why.
        error: QuoteError,
    },
    /// The smile is outside of a quote. Volatilities, WAD.
    Misses {
        /// Which.
        index: usize,
        /// The least allowed there: of the bid, less the tolerance.
        low: u64,
        /// The most allowed there.
        high: u64,
        /// The smile's.
        given: u64,
    },
    /// Too few firm quotes.
    TooFew {
        /// Of them.
        given: usize,
        /// Needed.
        needed: u16,
    },
    /// The firm quotes do not reach far enough on both sides of the forward.
    TooNarrow {
        /// `ln(strike / forward)` of the lowest, WAD.
        lowest: i128,
        /// The same of the highest.
        highest: i128,
        /// How far they must be, WAD.
        reach: u128,
    },
    /// Two neighbouring firm quotes are too far apart.
    TooSparse {
        /// The upper one.
        index: usize,
        /// Apart in `ln(strike)`, WAD.
        gap: u128,
        /// The most allowed, WAD.
        most: u128,
    },
}

/// Holds a smile against the quotes (words of [`OptionQuote`]) of its expiry, observed at a time in unix seconds before it. Of the word of the smile only its
/// parameters count. The rule is in the [module above](super).
///
/// # Errors
/// [`Disagreement`]: the first quote, in their order, that stands against it; then the coverage.
pub fn agree(
    expiry: &QuotedExpiry,
    observed_at: u64,
    quotes: &[[u8; 32]],
    smile: &[u8; 32],
    rules: &Rules,
) -> Result<Agreement, Disagreement> {
    let given = quotes.len();
    if given > MOST_QUOTES {
        return Err(Disagreement::TooMany { given });
    }
    // One smile decides alone.
    let pair = SmilePair::prepare(smile, smile, expiry.expiry, observed_at);
    let pair = [pair.map_err(Disagreement::Smile)?];
    let pricing = expiry.pricing(observed_at);
    let (mut firm, mut previous, mut miss) = (Firm::NONE, 0, 0);
    for (index, word) in quotes.iter().enumerate() {
        let quote = OptionQuote::from_word(word).ok_or(Disagreement::Malformed { index })?;
        let next = quote.strike;
        if next <= previous {
            return Err(Disagreement::UnsortedStrikes {
                index,
                previous,
                next,
            });
        }
        previous = next;
        let band = pricing.band(&quote);
        let band = band.map_err(|error| Disagreement::Quote { index, error })?;
        // Neither is zero, or the quote was not solved.
        let k =
            LogMoneyness::held(expiry.forward, quote.strike_wad()).unwrap_or(LogMoneyness::ZERO);
        let given = volatility_at(&pair, k).unwrap_or(0);
        let (low, high) = band.allowed(rules.tolerance);
        if given < low || given > high {
            return Err(Disagreement::Misses {
                index,
                low,
                high,
                given,
            });
        }
        if band.is_firm(rules.max_spread) {
            firm.push(index, k.to_wad(), band.ask);
            miss = band.miss(given, rules.tolerance).max(miss);
        }
    }
    firm.check(pricing.seconds, rules)?;
    Ok(Agreement {
        miss,
        // At most MOST_QUOTES.
        firm: firm.count as u16,
    })
}

impl Band {
    /// Lowest and highest volatility that agree with it.
    const fn allowed(&self, tolerance: u64) -> (u64, u64) {
        (
            self.bid.saturating_sub(tolerance),
            self.ask.saturating_add(tolerance),
        )
    }

    /// Whether it has both sides, at most so far apart.
    const fn is_firm(&self, max_spread: u64) -> bool {
        self.bid != 0 && self.ask.saturating_sub(self.bid) <= max_spread
    }

    /// How far a volatility that agrees is from the middle, of what is allowed, in 1e-4, rounded up.
    fn miss(&self, given: u64, tolerance: u64) -> u16 {
        let spread = self.ask.saturating_sub(self.bid);
        let width = spread.saturating_add(tolerance.saturating_mul(2));
        let from_bid = given.saturating_sub(self.bid);
        let to_ask = self.ask.saturating_sub(given);
        // Twice the distance from the middle: |2v − bid − ask|, by whichever side it is on.
        let beyond = self
            .bid
            .saturating_sub(given)
            .max(given.saturating_sub(self.ask));
        let twice = from_bid.abs_diff(to_ask).saturating_add(beyond);
        let unit = (width / BASIS_POINTS).max(1);
        // At most the scale.
        twice.div_ceil(unit).min(BASIS_POINTS) as u16
    }
}

/// Where the firm quotes are.
struct Firm {
    /// Index and `ln(strike / forward)`, WAD, rising.
    at: [(usize, i128); MOST_QUOTES],
    count: usize,
    /// Volatility of the offer that is next to the forward, below (or at) and above (or at) it.
    below: Option<u64>,
    above: Option<u64>,
}

impl Firm {
    const NONE: Self = Self {
        at: [(0, 0); MOST_QUOTES],
        count: 0,
        below: None,
        above: None,
    };

    fn push(&mut self, index: usize, k: i128, ask: u64) {
        if let Some(cell) = self.at.get_mut(self.count) {
            *cell = (index, k);
            self.count = self.count.wrapping_add(1);
        }
        if k <= 0 {
            self.below = Some(ask);
        }
        if k >= 0 && self.above.is_none() {
            self.above = Some(ask);
        }
    }

    fn check(&self, seconds: u64, rules: &Rules) -> Result<(), Disagreement> {
        let at = self.at.get(..self.count).unwrap_or_default();
        let too_few = Disagreement::TooFew {
            given: self.count,
            needed: rules.least_quotes,
        };
        let (Some(&(_, lowest)), Some(&(_, highest))) = (at.first(), at.last()) else {
            return Err(too_few);
        };
        if self.count < usize::from(rules.least_quotes) {
            return Err(too_few);
        }
        let volatility = self.below.max(self.above).unwrap_or(0);
        let reach = reach(volatility, seconds, rules.reach);
        // Below 2^127.
        let far = reach as i128;
        if lowest > far.wrapping_neg() || highest < far {
            return Err(Disagreement::TooNarrow {
                lowest,
                highest,
                reach,
            });
        }
        for (&(_, low), &(index, high)) in at.iter().zip(at.iter().skip(1)) {
            let gap = high.abs_diff(low);
            if gap > reach && low < far && high > far.wrapping_neg() {
                return Err(Disagreement::TooSparse {
                    index,
                    gap,
                    most: reach,
                });
            }
        }
        Ok(())
    }
}

/// `reach` (1e-4) standard deviations of `volatility` (WAD) over `seconds`, WAD, at least one unit.
fn reach(volatility: u64, seconds: u64, reach: u16) -> u128 {
    let years = Magnitude::scaled(seconds, 0).times(PER_YEAR);
    let deviation = Magnitude::scaled(volatility, 0).times(square_root(years));
    let deviations = Magnitude::scaled(reach.into(), 0).over(Magnitude::scaled(BASIS_POINTS, 0));
    let reach = deviation.times(deviations).to_u128();
    reach.unwrap_or(u128::MAX >> 1).max(1)
}
