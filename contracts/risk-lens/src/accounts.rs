//! Accounts as they stand, and as they would be.

use alloc::vec::Vec;

use alloy_primitives::{B256, I256, U256};
use alloy_sol_types::SolCall;
use clearing_math::leg::Leg;
use interfaces::IMarginEngine::scenarioPnlCall;
use interfaces::IOptionPricer::riskOfCall;
use interfaces::words::{Word, Words, encode};
use interfaces::{Revert, view_encoded};
use lens_sources::{Accounts, Margin, Margins, Markets, Portfolio, refusal};

use crate::RiskLens;

impl RiskLens {
    /// Margins of accounts, each by itself. Errors: `Overflow`; those of kernel, factory, adapter and engine.
    pub(crate) fn margin_each(&self, accounts: &[U256]) -> Vec<Result<Margin, Revert>> {
        let portfolios = accounts
            .iter()
            .map(|account| Ok(self.account(*account)?.portfolio));
        self.margins(portfolios.collect())
    }

    /// Margins of an account with legs and cash (token units) on top, each alternative by itself. Errors: as [`Self::margin_each`], and `BadLeg`,
    /// `ExpiredLeg`.
    pub(crate) fn margin_with_each(
        &self,
        account: U256,
        alternatives: &[(Vec<B256>, I256)],
    ) -> Vec<Result<Margin, Revert>> {
        let account = self.account(account);
        let portfolios = alternatives.iter().map(|(legs, cash)| {
            let account = account.as_ref().map_err(Clone::clone)?;
            self.with(account.portfolio.clone(), legs, *cash)
        });
        self.margins(portfolios.collect())
    }

    /// A portfolio with legs and cash on top. Errors: `BadLeg`, `ExpiredLeg`, `Overflow`.
    fn with(
        &self,
        mut portfolio: Portfolio,
        legs: &[B256],
        cash: I256,
    ) -> Result<Portfolio, Revert> {
        for (index, word) in legs.iter().enumerate() {
            let leg = Leg::from_word(&word.0).map_err(|_| refusal::bad_leg(index))?;
            if leg.contracts == 0 {
                return Err(refusal::bad_leg(index));
            }
            if u64::from(leg.expiry) <= self.now() {
                return Err(refusal::expired_leg(index));
            }
            portfolio.add(word, leg.contracts)?;
        }
        let change: [u8; 32] = cash.to_be_bytes();
        let mut words = Words::new(&change);
        let change = words.i128();
        words.end().map_err(|_| refusal::overflow())?;
        let cash = portfolio.cash.checked_add(change);
        portfolio.cash = cash.ok_or_else(refusal::overflow)?;
        Ok(portfolio)
    }

    /// The engine's encoded `scenarioPnl` of an account. Errors: those of kernel and engine.
    pub(crate) fn scenario_pnl(&self, account: U256) -> Result<Vec<u8>, Revert> {
        let held = self.account(account)?.portfolio;
        let mut words = vec![held.pool.word(), 96_u32.word(), held.base.word()];
        words.push((held.legs.len() as u64).word());
        words.extend(held.legs);
        let request = encode(&scenarioPnlCall::SELECTOR, &words);
        view_encoded(self, self.engine(), &request)
    }

    /// The pricer's encoded `riskOf` an account. Errors: those of kernel and pricer.
    pub(crate) fn risk_of(&self, account: U256) -> Result<Vec<u8>, Revert> {
        let held = self.account(account)?.portfolio;
        let mut words = vec![held.pool.word(), 64_u32.word()];
        words.push((held.legs.len() as u64).word());
        words.extend(held.legs);
        self.ask_pricer(&encode(&riskOfCall::SELECTOR, &words))
    }
}
