//! `novation deploy-quotes`: a publisher of the volatility surface whose keys sign option quotes.

use std::path::PathBuf;

use alloy::primitives::{Address, keccak256};
use alloy::signers::local::PrivateKeySigner;
use anyhow::{Context, ensure};
use clearing_math::quotes::Rules;

use crate::bindings::{ISignedQuotes, IVolatilitySurface};
use crate::chain::Chain;
use crate::per_feed::{SignedQuotesTerms, deploy_signed_quotes};
use crate::wasm_build::Programs;

/// Options, without connection.
#[derive(clap::Args, Clone, Debug)]
pub struct Options {
    /// Deployment record. [default: deployments/<chainId>.json]
    #[arg(long, value_name = "FILE")]
    pub deployment: Option<PathBuf>,
    /// Feed, listed with the surface already: its name, such as ETH/USD, or 32 bytes in hex.
    #[arg(long)]
    pub feed: String,
    /// Place among the feed's publishers that it is to have.
    #[arg(long)]
    pub publisher: u8,
    /// Who signs; once for every key.
    #[arg(long, required = true, value_name = "ADDRESS")]
    pub signer: Vec<Address>,
    /// How many must sign.
    #[arg(long)]
    pub threshold: u8,
    /// Firm quotes that an expiry must have.
    #[arg(long, default_value_t = 5)]
    pub least_quotes: u16,
    /// Standard deviations to either side of the forward that they must reach, and may be apart.
    #[arg(long, default_value_t = 1.0)]
    pub reach: f64,
    /// Volatility points between bid and offer at which a quote is firm.
    #[arg(long, default_value_t = 5.0)]
    pub max_spread: f64,
    /// Volatility points that a smile may be outside of a quote.
    #[arg(long, default_value_t = 1.0)]
    pub tolerance: f64,
    /// Seconds that quotes may be old.
    #[arg(long, default_value_t = 300)]
    pub max_age: u32,
}

impl Options {
    /// As the constructor takes them, which judges the bounds.
    #[must_use]
    pub fn terms(&self) -> SignedQuotesTerms {
        let mut signers = self.signer.clone();
        signers.sort_unstable();
        // Conversions saturate, and the constructor refuses what is too large.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let rules = Rules {
            least_quotes: self.least_quotes,
            reach: (self.reach * 1e4).round() as u16,
            max_spread: (self.max_spread * 1e16).round() as u64,
            tolerance: (self.tolerance * 1e16).round() as u64,
        };
        SignedQuotesTerms {
            feed: self.feed.parse().unwrap_or_else(|_| keccak256(&self.feed)),
            publisher: self.publisher,
            signers,
            threshold: self.threshold,
            rules,
            max_age: self.max_age,
        }
    }
}

/// Deploys, reads it back, and says what the owner of the surface has to do. Its address.
pub async fn run(
    options: &Options,
    chain: &Chain,
    signer: &PrivateKeySigner,
    programs: &Programs,
    surface: Address,
) -> anyhow::Result<Address> {
    let terms = options.terms();
    let call = IVolatilitySurface::rulesCall { feed: terms.feed };
    let listed = chain.read(surface, &call).await;
    let listed = listed.with_context(|| format!("feed {}", options.feed))?;
    ensure!(
        terms.publisher < listed.publishers,
        "{} has {} publishers: there is no place {}",
        options.feed,
        listed.publishers,
        terms.publisher
    );
    let deployed = deploy_signed_quotes(chain, signer, programs, surface, &terms).await?;
    let at = deployed.address;
    let place = chain.read(at, &ISignedQuotes::placeCall {}).await?;
    ensure!(
        (place.surface, place.feed, place.publisher) == (surface, terms.feed, terms.publisher),
        "{at} publishes elsewhere: {place:?}"
    );
    println!(
        "publisher of {} at {at}: {} of {} keys sign. It publishes once the surface's owner has put it in place {}: \
         replacePublisher({}, {}, {at}, [], 0)",
        options.feed,
        terms.threshold,
        terms.signers.len(),
        terms.publisher,
        terms.feed,
        terms.publisher
    );
    Ok(at)
}
