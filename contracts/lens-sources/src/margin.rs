//! Margins, as the engine answers them.

use alloc::vec::Vec;

use alloy_primitives::B256;
use alloy_sol_types::SolCall;
use interfaces::IMarginEngine::marginAtCall;
use interfaces::words::{Word, Words, encode};
use interfaces::{Revert, view_encoded};

use crate::account::{Accounts, Portfolio};
use crate::market::{Wanted, excerpt};

/// The engine's answer; balances WAD.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Margin {
    /// Initial balance.
    pub initial: i128,
    /// Maintenance balance.
    pub maintenance: i128,
    /// Mark-to-market.
    pub mark: i128,
    /// Index of the worst scenario.
    pub worst_scenario: u32,
    /// Whether market data are uncertain.
    pub degraded: bool,
}

impl Margin {
    /// As the ABI has it.
    #[must_use]
    pub fn words(&self) -> [B256; 5] {
        [
            self.initial.word(),
            self.maintenance.word(),
            self.mark.word(),
            self.worst_scenario.word(),
            self.degraded.word(),
        ]
    }
}

/// A contract that asks for margins.
pub trait Margins: Accounts {
    /// Margin on encoded market data. Errors: the engine's.
    fn margin(&self, portfolio: &Portfolio, market: &[u8]) -> Result<Margin, Revert> {
        const HEAD: u128 = 5 * 32;
        let count = portfolio.legs.len() as u128;
        // A head of five words, the legs behind their number, the bytes behind theirs; far from 2^64 either.
        let market_at = HEAD.wrapping_add(count.wrapping_add(1).wrapping_mul(32));
        let mut words = vec![
            portfolio.pool.word(),
            HEAD.word(),
            portfolio.cash.word(),
            portfolio.base.word(),
            market_at.word(),
            count.word(),
        ];
        words.extend_from_slice(&portfolio.legs);
        words.push((market.len() as u128).word());
        let mut request = encode(&marginAtCall::SELECTOR, &words);
        request.extend_from_slice(market);
        let answer = view_encoded(self, self.neighbours().engine(), &request)?;
        let mut words = Words::new(&answer);
        let margin = Margin {
            initial: words.i128(),
            maintenance: words.i128(),
            mark: words.i128(),
            worst_scenario: words.u32(),
            degraded: words.bool(),
        };
        words.end()?;
        Ok(margin)
    }

    /// Margins of portfolios, each by itself, market data once a feed. Errors: those of factory, adapter and engine.
    fn margins(&self, portfolios: Vec<Result<Portfolio, Revert>>) -> Vec<Result<Margin, Revert>> {
        let now = self.now();
        let mut wanted = Wanted::default();
        for portfolio in portfolios.iter().flatten() {
            if portfolio.needs_market() {
                wanted.add(self, portfolio.pool, &portfolio.live_expiries(now));
            }
        }
        let markets = wanted.fetch(self, Ok);
        let margin = |portfolio: Result<Portfolio, Revert>| {
            let portfolio = portfolio?;
            if !portfolio.needs_market() {
                return self.margin(&portfolio, &[]);
            }
            let (_, market) = markets.of(portfolio.pool)?;
            let market = excerpt(market, &portfolio.live_expiries(now));
            self.margin(&portfolio, &market)
        };
        portfolios.into_iter().map(margin).collect()
    }
}

impl<S: Accounts> Margins for S {}
