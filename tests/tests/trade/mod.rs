//! Trades: agreed terms, executed once, both sides above initial margin.

mod agreement;
mod risk;
mod terms;

use alloy::primitives::U256;
use clearing_math::leg::OptionKind;
use end_to_end::{Stage, Trader, USDC, WAD};
use novation::bindings::IClearingHouse;
use novation::client::Terms;

/// The call that executes terms.
fn execute(terms: &Terms) -> IClearingHouse::tradeCall {
    IClearingHouse::tradeCall {
        buyer: terms.buyer,
        seller: terms.seller,
        seriesId: terms.series,
        contracts: U256::from(terms.contracts),
        premium: terms.premium,
        deadline: terms.deadline,
        nonce: terms.nonce,
    }
}

/// The call with which `account` agrees to terms.
fn approve(account: U256, terms: &Terms) -> IClearingHouse::approveTradeCall {
    IClearingHouse::approveTradeCall {
        account,
        buyer: terms.buyer,
        seller: terms.seller,
        seriesId: terms.series,
        contracts: U256::from(terms.contracts),
        premium: terms.premium,
        deadline: terms.deadline,
        nonce: terms.nonce,
    }
}

/// A buyer and a seller of ETH options with plenty of cash, and terms for one call at the money.
struct Deal {
    buyer: Trader,
    seller: Trader,
    terms: Terms,
}

impl Deal {
    async fn new(stage: &Stage) -> anyhow::Result<Self> {
        let buyer = stage.funded("buyer", stage.eth(), 50_000 * USDC).await?;
        let seller = stage.funded("seller", stage.eth(), 50_000 * USDC).await?;
        let series = stage
            .series(stage.eth(), stage.expiries[1], 2_000, OptionKind::Call)
            .await?;
        let terms = stage
            .terms(&buyer, &seller, series, WAD, 130 * USDC)
            .await?;
        Ok(Self {
            buyer,
            seller,
            terms,
        })
    }

    /// The buyer approves `terms`; the seller's execution must be refused with `E`.
    async fn refused<E: alloy::sol_types::SolError>(
        &self,
        stage: &Stage,
        terms: &Terms,
    ) -> anyhow::Result<E> {
        let protocol = &stage.protocol;
        protocol
            .approve_trade(&self.buyer.signer, terms.buyer, terms)
            .await?;
        let house = protocol.at().clearing_house;
        stage
            .reverts_with::<E>(&self.seller.signer, house, &execute(terms))
            .await
    }
}
