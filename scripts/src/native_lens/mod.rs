//! What the risk lens answers, calculated on this machine from a market that was read once: the same digits, as many questions as one likes.
//!
//! Prices and sensitivities ([`price`], [`risk`], [`implied_volatility`]) and searches ([`max_withdraw`], [`max_trade`],
//! [`liquidation_prices`]); margins are [`crate::native_margin`]'s. A market must hold a term for every live expiry that is
//! asked about.

mod limits;
mod pricing;

pub use limits::{Asset, Trade, liquidation_prices, max_trade, max_withdraw};
pub use pricing::{Priced, PricingRefusal, implied_volatility, price, risk};
