//! Option quotes as exchanges show them, and whether a smile agrees with them.
//!
//! Bids and offers of an expiry are solved for the volatilities they imply, and a smile that anybody proposes is held against them: whoever
//! vouches for quotes answers for nothing that others cannot look up, and whoever fits need not be trusted.
//!
//! # The rule
//!
//! * The smile is within the volatilities of bid and offer of **every** quote, widened by a tolerance on either side for what five parameters
//!   cannot follow. A quote without a bid has no lower end. No miss is forgiven: one forgiven would be the one that a forger needs.
//! * Quotes of at most a given width in volatility are **firm**. There are enough of them; the outermost ones lie at least `reach` standard deviations
//!   `d` from the forward on either side, and between neighbours, within that range, there is no gap wider than `reach·d`. `d = σ√T`, σ the
//!   larger offer of the two firm quotes around the forward: it is taken from the quotes, so that no proposal can make less coverage do.
//! * Beyond the outermost quotes nothing but the proof of no arbitrage bounds a smile ([`crate::svi::arbitrage`]), and offers without bids,
//!   which cost no more than a word: they hold a wing down.
//!
//! What remains free is the position within the bands. It is measured by the worst firm quote, [`Agreement::miss`]: 0 is the middle of each, 10,000 the edge of
//! one. At a firm quote the smile is at most half of the width plus the tolerance away from the middle.
//!
//! | module | what it decides |
//! |---|---|
//! | this one | the words |
//! | [`solving`] | the volatilities of bid and offer |
//! | [`agreement`] | the rule |

pub mod agreement;
pub mod solving;

pub use self::{
    agreement::{Agreement, Disagreement, MOST_QUOTES, Rules, agree},
    solving::{Band, Pricing},
};
use crate::{leg::OptionKind, magnitude::Magnitude, payoff::strike_to_wad, svi::LogMoneyness};

/// Largest bid or offer that a word holds, WAD: 309 million.
pub const MOST_PRICE: u128 = (1 << 88) - 1;
/// Largest carry, 1e-9 per year: 100 %.
pub const MOST_CARRY: i32 = 1_000_000_000;

/// Bid and offer of one option.
///
/// As a word, most significant first: `strike u64 · kind u8 · 8 zero bits · bid u88 · ask u88`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OptionQuote {
    /// 1e-8 quote units.
    pub strike: u64,
    /// Which right.
    pub kind: OptionKind,
    /// What somebody pays for it now, WAD quote; zero when nobody bids.
    pub bid: u128,
    /// What somebody sells it for now, WAD quote.
    pub ask: u128,
}

impl OptionQuote {
    /// Reads a word. `None` for a strike of zero, an unknown kind and bits that must be zero.
    #[must_use]
    pub fn from_word(word: &[u8; 32]) -> Option<Self> {
        let (strike, rest) = word.split_first_chunk()?;
        let ([kind, zero], prices) = rest.split_first_chunk()?;
        let (bid, ask) = prices.split_first_chunk()?;
        let strike = u64::from_be_bytes(*strike);
        if strike == 0 || *zero != 0 {
            return None;
        }
        Some(Self {
            strike,
            kind: OptionKind::from_byte(*kind)?,
            bid: price(bid),
            ask: price(ask.first_chunk()?),
        })
    }

    /// The word; of prices above [`MOST_PRICE`], the lower bits.
    #[must_use]
    pub fn to_word(&self) -> [u8; 32] {
        let mut word = [0; 32];
        let parts = [
            (0, &self.strike.to_be_bytes()[..]),
            (8, &[self.kind.to_byte()][..]),
            (10, &self.bid.to_be_bytes()[5..]),
            (21, &self.ask.to_be_bytes()[5..]),
        ];
        for (at, part) in parts {
            for (to, from) in word.iter_mut().skip(at).zip(part) {
                *to = *from;
            }
        }
        word
    }

    /// Strike, WAD quote.
    #[must_use]
    pub const fn strike_wad(&self) -> u128 {
        strike_to_wad(self.strike)
    }
}

fn price(bytes: &[u8; 11]) -> u128 {
    bytes
        .iter()
        .fold(0, |price, byte| (price << 8) | u128::from(*byte))
}

/// What the quotes of one expiry have in common.
///
/// As a word, most significant first: `32 zero bits · expiry u32 · quotes u16 · doubt u16 · rate i32 · forward u128`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct QuotedExpiry {
    /// Unix seconds.
    pub expiry: u32,
    /// How many quotes it has.
    pub quotes: u16,
    /// How unsure forward and rate are, 1e-4.
    pub doubt: u16,
    /// Interest per year, 1e-9: a unit of quote at expiry is worth `e^(−rate·T)`.
    pub rate: i32,
    /// Forward price at expiry, WAD quote: the future beside the options.
    pub forward: u128,
}

impl QuotedExpiry {
    /// Reads a word. `None` for a forward of zero and bits that must be zero.
    #[must_use]
    pub fn from_word(word: &[u8; 32]) -> Option<Self> {
        let (head, forward) = word.split_first_chunk::<16>()?;
        let head = u128::from_be_bytes(*head);
        let forward = u128::from_be_bytes(*forward.first_chunk()?);
        if head >> 96 != 0 || forward == 0 {
            return None;
        }
        Some(Self {
            expiry: (head >> 64) as u32,
            quotes: (head >> 48) as u16,
            doubt: (head >> 32) as u16,
            rate: head as u32 as i32,
            forward,
        })
    }

    /// The word.
    #[must_use]
    pub const fn to_word(&self) -> [u8; 32] {
        let head = ((self.expiry as u128) << 64)
            | ((self.quotes as u128) << 48)
            | ((self.doubt as u128) << 32)
            | self.rate as u32 as u128;
        let mut word = [0; 32];
        let (high, low) = word.split_at_mut(16);
        high.copy_from_slice(&head.to_be_bytes());
        low.copy_from_slice(&self.forward.to_be_bytes());
        word
    }

    /// Growth of the forward per year over `spot` (WAD, not zero), 1e-9, rounded towards zero and held within [`MOST_CARRY`]: next to its expiry a forward that is
    /// rounded to a tick implies any. `observed_at` before the expiry, unix seconds.
    #[must_use]
    pub fn carry(&self, spot: u128, observed_at: u64) -> i32 {
        /// Nanos a year, over seconds.
        const NANOS: Magnitude =
            Magnitude::scaled(31_536_000, 0).times(Magnitude::scaled(1_000_000_000, 0));
        let Ok(growth) = LogMoneyness::held(spot, self.forward) else {
            return 0;
        };
        let seconds = u64::from(self.expiry).saturating_sub(observed_at).max(1);
        let growth = growth.exact();
        let nanos = growth.size.times(NANOS).over(Magnitude::scaled(seconds, 0));
        // Held below 2^31.
        let nanos = nanos.to_fixed(0).min(MOST_CARRY as u64) as i32;
        if growth.negative {
            nanos.wrapping_neg()
        } else {
            nanos
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::WAD;

    #[test]
    fn words_are_read_as_they_were_written() {
        let quote = OptionQuote {
            strike: 0x0102_0304_0506_0708,
            kind: OptionKind::Put,
            bid: 0x11_2233_4455_6677_8899_AABB,
            ask: MOST_PRICE,
        };
        assert_eq!(OptionQuote::from_word(&quote.to_word()), Some(quote));
        assert_eq!(quote.to_word()[8..12], [1, 0, 0x11, 0x22]);
        for (at, byte) in [(8, 2), (9, 1)] {
            let mut word = quote.to_word();
            word[at] = byte;
            assert_eq!(OptionQuote::from_word(&word), None);
        }
        let none = OptionQuote { strike: 0, ..quote };
        assert_eq!(OptionQuote::from_word(&none.to_word()), None);

        let expiry = QuotedExpiry {
            expiry: 0x6677_8899,
            quotes: 513,
            doubt: 10_000,
            rate: -2_000_000_000,
            forward: u128::MAX - 5,
        };
        assert_eq!(QuotedExpiry::from_word(&expiry.to_word()), Some(expiry));
        let mut word = expiry.to_word();
        word[3] = 1;
        assert_eq!(QuotedExpiry::from_word(&word), None);
        let worthless = QuotedExpiry {
            forward: 0,
            ..expiry
        };
        assert_eq!(QuotedExpiry::from_word(&worthless.to_word()), None);
    }

    #[test]
    fn carry_is_what_leads_from_spot_to_forward() {
        let at = |forward, seconds: u32| QuotedExpiry {
            expiry: 1_000 + seconds,
            quotes: 0,
            doubt: 0,
            rate: 0,
            forward,
        };
        let year = 31_536_000;
        // ln 1.01 = 0.00995033085.
        let up = at(101 * WAD, year);
        assert_eq!(up.carry(100 * WAD, 1_000), 9_950_330);
        assert_eq!(at(101 * WAD, year / 2).carry(100 * WAD, 1_000), 19_900_661);
        // ln 0.99 = −0.01005033585.
        assert_eq!(at(99 * WAD, year).carry(100 * WAD, 1_000), -10_050_335);
        assert_eq!(at(100 * WAD, year).carry(100 * WAD, 1_000), 0);
        // A cent in a hundred, an hour before: 8,760 ln 1.0001 = 0.87595620292.
        assert_eq!(
            at(100 * WAD + WAD / 100, 3_600).carry(100 * WAD, 1_000),
            875_956_202
        );
        for seconds in [0, 1, 60] {
            assert_eq!(at(101 * WAD, seconds).carry(100 * WAD, 1_000), MOST_CARRY);
            assert_eq!(at(99 * WAD, seconds).carry(100 * WAD, 1_000), -MOST_CARRY);
        }
        assert_eq!(up.carry(0, 1_000), 0);
        assert_eq!(at(u128::MAX, 1).carry(1, 1_000), MOST_CARRY);
    }
}
