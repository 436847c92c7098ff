//! Amounts of one asset in units of the other (ERC-7726).

use alloy_primitives::{Address, U256};
use interfaces::Revert;
use stylus_sdk::prelude::*;

use crate::{AggregatorFace, refusal};

/// Decimals of the median.
const WAD_DECIMALS: u32 = 18;

impl AggregatorFace {
    /// `amount` token units of `base` in token units of `quote`, at the median of the last round, rounded down.
    ///
    /// Errors: `OracleUnsupportedPair`, `OracleUntrustedData`, `NoData`, `Overflow` when a product exceeds 256 bits.
    pub(crate) fn quote(
        &self,
        amount: U256,
        base: Address,
        quote: Address,
    ) -> Result<U256, Revert> {
        let (ours, theirs) = (self.terms.base(), self.terms.quote());
        let forwards = base == ours.account && quote == theirs.account;
        let backwards = base == theirs.account && quote == ours.account;
        if !forwards && !backwards {
            return Err(refusal::unsupported_pair(base, quote));
        }
        let round = self.last_round()?;
        let age = self
            .vm()
            .block_timestamp()
            .saturating_sub(round.evaluated_at);
        if round.doubts != 0 || age > u64::from(self.terms.max_age()) || round.mid == 0 {
            return Err(refusal::untrusted_data(base, quote));
        }
        // One unit of base costs mid · 10^quote / 10^(base + 18) units of quote.
        let mid = U256::from(round.mid);
        let scale_of_quote = power_of_ten(theirs.decimals.into());
        let scale_of_base = power_of_ten(WAD_DECIMALS.saturating_add(ours.decimals.into()));
        let costs = mid.checked_mul(scale_of_quote);
        let out = if forwards {
            costs
                .and_then(|costs| amount.checked_mul(costs))
                .and_then(|product| product.checked_div(scale_of_base))
        } else {
            let product = amount.checked_mul(scale_of_base);
            product.and_then(|product| product.checked_div(costs?))
        };
        out.ok_or_else(refusal::overflow)
    }
}

/// 10^exponent, for an exponent of at most 36: below 2^128.
fn power_of_ten(exponent: u32) -> U256 {
    U256::from(10_u128.pow(exponent))
}
