//! Whether the sources of a day could be a feed: the contract's rules about origins, and the one that only whoever lists can keep.

use super::events::Event;

/// Fewest origins of a feed (`oracle-adapter/src/listing.rs`).
const LEAST_ORIGINS: usize = 3;

/// Why they could not.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Refusal {
    /// The contract's `DuplicateOrigin`: markets of one venue fail together. Once they count once, it may be its `BadSourceCount` too.
    #[error(
        "DuplicateOrigin: {markets} are all {origin}'s; {left} origins are left{}",
        if *left < LEAST_ORIGINS { format!(", {LEAST_ORIGINS} are needed (BadSourceCount)") } else { String::new() }
    )]
    DuplicateOrigin {
        /// Venue.
        origin: &'static str,
        /// Its markets.
        markets: String,
        /// Distinct origins.
        left: usize,
    },
    /// The contract's `BadSourceCount`.
    #[error("BadSourceCount: {given} origins, {LEAST_ORIGINS} are needed")]
    BadSourceCount {
        /// Origins given.
        given: usize,
    },
    /// Not fewer than half count in one token that is not the feed's unit: when it leaves its peg they are wrong together. The contract
    /// believes what it is told of origins; whoever lists must not call these independent.
    #[error(
        "{sharing} of {sources} sources stand on {token} while the feed says {unit}: at most {most} may, or they are no independent origins"
    )]
    SharedQuote {
        /// Token.
        token: &'static str,
        /// The feed's unit.
        unit: &'static str,
        /// Sources that count in it.
        sharing: usize,
        /// All sources.
        sources: usize,
        /// Fewer than half of them.
        most: usize,
    },
}

/// Checks the sources of a day.
///
/// # Errors
/// The first [`Refusal`].
pub fn check(event: &Event) -> Result<(), Refusal> {
    let sources = event.sources;
    let mut origins: Vec<&str> = sources.iter().map(|source| source.origin()).collect();
    origins.sort_unstable();
    origins.dedup();
    for &origin in &origins {
        let same = sources.iter().filter(|source| source.origin() == origin);
        let markets: Vec<String> = same.map(|source| source.name()).collect();
        if markets.len() > 1 {
            return Err(Refusal::DuplicateOrigin {
                origin,
                markets: markets.join(" and "),
                left: origins.len(),
            });
        }
    }
    if origins.len() < LEAST_ORIGINS {
        return Err(Refusal::BadSourceCount {
            given: origins.len(),
        });
    }
    for source in sources {
        let (token, most) = (source.quote(), event.minority());
        let sharing = sources
            .iter()
            .filter(|other| other.quote() == token)
            .count();
        if token != event.unit && sharing > most {
            return Err(Refusal::SharedQuote {
                token,
                unit: event.unit,
                sharing,
                sources: sources.len(),
                most,
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::days::EVENTS;
    use super::*;

    #[test]
    fn no_day_counts_a_venue_twice_and_those_that_would_are_refused_for_it() {
        let refused: Vec<_> = EVENTS
            .iter()
            .filter_map(|event| Some((event.name, check(event).err()?)))
            .collect();
        let origin = |refusal: &Refusal| match refusal {
            Refusal::DuplicateOrigin { origin, left, .. } => Some((*origin, *left)),
            _ => None,
        };
        let found: Vec<_> = refused
            .iter()
            .map(|(name, refusal)| (*name, origin(refusal)))
            .collect();
        assert_eq!(
            found,
            [
                (
                    "2023-03-11 BTC in dollars, two of three markets in USDC",
                    None
                ),
                (
                    "2023-03-11 BTC in dollars, five markets of three venues",
                    Some(("binance_us", 3))
                ),
                (
                    "2023-08-17 BTC, Binance's perpetual against spot",
                    Some(("binance", 2))
                ),
                ("2025-10-10 BTC, venues split", Some(("bybit", 2))),
            ]
        );
    }

    #[test]
    fn two_origins_are_no_feed_however_they_are_named() {
        let day = EVENTS[8];
        let two = Event {
            sources: day.sources.split_last().map_or(&[], |(_, rest)| rest),
            ..day
        };
        assert_eq!(check(&two), Err(Refusal::BadSourceCount { given: 2 }));
    }

    #[test]
    fn a_majority_that_stands_on_one_token_is_refused_unless_the_feed_counts_in_it() {
        let (dollars, tokens) = (EVENTS[3], EVENTS[4]);
        assert_eq!(dollars.sources, tokens.sources);
        assert_eq!(
            check(&dollars),
            Err(Refusal::SharedQuote {
                token: "USDC",
                unit: "USD",
                sharing: 2,
                sources: 3,
                most: 1,
            })
        );
        assert_eq!(check(&tokens), Ok(()));
    }
}
