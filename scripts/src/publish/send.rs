//! Sending what was read: by the account itself, or with the signatures of keys.

use alloy::primitives::{Address, B256, Bytes};
use alloy::signers::local::PrivateKeySigner;
use alloy::sol_types::Eip712Domain;

use clearing_math::quotes::Rules;

use super::message::{MessageError, Spot, Surface, Volatility, feed_id};
use super::quotes::Quotes;
use super::signing::{self, OptionQuotes, PriceUpdate, PublishSurface};
use crate::bindings::{ISignedPrice, ISignedQuotes, IVolatilitySurface};
use crate::chain::{Chain, Sent};
use crate::errors::ChainError;

/// Why an update was not published.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// It was refused before it was sent.
    #[error(transparent)]
    Message(#[from] MessageError),
    /// The chain refused it, or could not be asked.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// A key would not sign.
    #[error("cannot sign: {0}")]
    Signing(#[from] alloy::signers::Error),
    /// What would be signed is not what the contract checks.
    #[error(
        "{contract} checks signatures under domain {theirs}, not {ours}: is it the right contract?"
    )]
    Domain {
        /// Asked.
        contract: Address,
        /// Its domain separator.
        theirs: B256,
        /// Ours.
        ours: B256,
    },
    /// Prices of a `SignedPrice` are always signed.
    #[error("a price needs the keys that sign it: --signer-key-file")]
    NoKeys,
}

/// Who publishes where.
#[derive(Clone, Debug)]
pub struct Publisher {
    /// The chain.
    pub chain: Chain,
    /// Sends and pays.
    pub sender: PrivateKeySigner,
    /// Sign; none: the sender publishes by itself.
    pub keys: Vec<PrivateKeySigner>,
    /// Seconds a signature is valid.
    pub valid_for: u64,
}

impl Publisher {
    /// Publishes a price; `false` if the contract has a newer one.
    ///
    /// # Errors
    /// [`PublishError`].
    pub async fn spot(&self, contract: Address, spot: &Spot) -> Result<Sent<bool>, PublishError> {
        if self.keys.is_empty() {
            return Err(PublishError::NoKeys);
        }
        let theirs = ISignedPrice::domainSeparatorCall {};
        let theirs = self.chain.read(contract, &theirs).await?;
        let domain = signing::price_domain(self.chain.id(), contract);
        same_domain(contract, theirs, &domain)?;
        let decimals = self
            .chain
            .read(contract, &ISignedPrice::decimalsCall {})
            .await?;
        let now = self.chain.time().await?;
        let update = PriceUpdate {
            price: spot.units(decimals)?,
            confidence: spot.confidence_wad()?,
            timestamp: spot.timestamp.unwrap_or(now),
            deadline: now.saturating_add(self.valid_for),
        };
        let call = ISignedPrice::updateCall {
            signatures: signing::sign(&update, &domain, &self.keys)?,
            price: update.price,
            confidence: update.confidence,
            timestamp: update.timestamp,
            deadline: update.deadline,
        };
        Ok(self
            .chain
            .send("publish price", &self.sender, contract, &call)
            .await?)
    }

    /// Publishes one volatility an expiry, as the account that sends.
    ///
    /// # Errors
    /// [`PublishError`].
    pub async fn volatility(
        &self,
        contract: Address,
        flat: &Volatility,
    ) -> Result<Sent<()>, PublishError> {
        let volatilities: Result<_, _> = flat.volatilities.iter().map(|one| one.wad()).collect();
        let call = IVolatilitySurface::publishVolatilityCall {
            feed: feed_id(&flat.feed)?,
            expiries: flat.volatilities.iter().map(|one| one.expiry).collect(),
            volatilities: volatilities?,
        };
        let sent = self
            .chain
            .send("publish volatility", &self.sender, contract, &call)
            .await?;
        Ok(done(sent))
    }

    /// Publishes slices: signed if there are keys. `restamp`: as if the quotes were of now.
    ///
    /// # Errors
    /// [`PublishError`].
    pub async fn surface(
        &self,
        contract: Address,
        surface: &Surface,
        restamp: bool,
    ) -> Result<Sent<()>, PublishError> {
        let feed = feed_id(&surface.feed)?;
        let now = self.chain.time().await?;
        let (smiles, terms) = surface.words(now, restamp)?;
        let deadline = now.saturating_add(self.valid_for);
        let message = PublishSurface {
            feed,
            publisher: surface.publisher,
            smiles,
            terms,
            deadline,
        };
        let signatures = self.signatures(contract, &message).await?;
        let call = IVolatilitySurface::publishSurfaceCall {
            feed,
            publisher: message.publisher,
            smiles: message.smiles,
            terms: message.terms,
            deadline,
            signatures,
        };
        let sent = self
            .chain
            .send("publish surface", &self.sender, contract, &call)
            .await?;
        Ok(done(sent))
    }

    /// Publishes quotes, with a smile for every expiry that has one; what was left out, and why, is the value.
    ///
    /// # Errors
    /// [`PublishError`]; [`MessageError::NoSmile`] when no expiry has one.
    pub async fn quotes(
        &self,
        contract: Address,
        quotes: &Quotes,
        restamp: bool,
    ) -> Result<Sent<Vec<String>>, PublishError> {
        if self.keys.is_empty() {
            return Err(PublishError::NoKeys);
        }
        let theirs = ISignedQuotes::domainSeparatorCall {};
        let theirs = self.chain.read(contract, &theirs).await?;
        let domain = signing::quotes_domain(self.chain.id(), contract);
        same_domain(contract, theirs, &domain)?;
        let place = self
            .chain
            .read(contract, &ISignedQuotes::placeCall {})
            .await?;
        if !quotes.feed.is_empty() && feed_id(&quotes.feed)? != place.feed {
            return Err(MessageError::OtherFeed {
                given: feed_id(&quotes.feed)?,
                theirs: place.feed,
            }
            .into());
        }
        let listed = self
            .chain
            .read(contract, &ISignedQuotes::rulesCall {})
            .await?;
        let rules = Rules {
            least_quotes: listed.leastQuotes,
            reach: listed.reachBps,
            max_spread: listed.maxSpread,
            tolerance: listed.tolerance,
        };
        let now = self.chain.time().await?;
        let observed_at = match quotes.observed_at {
            Some(at) if !restamp => at,
            _ => now,
        };
        let signable = quotes.signable(observed_at, &rules)?;
        let left_out: Vec<String> = signable
            .left_out
            .iter()
            .map(|(expiry, reason)| format!("{expiry}: {reason}"))
            .collect();
        if left_out.len() == signable.smiles.len() {
            let reasons = left_out.join("; ");
            return Err(MessageError::NoSmile { reasons }.into());
        }
        let message = OptionQuotes {
            feed: place.feed,
            observedAt: observed_at,
            spot: signable.spot,
            expiries: signable.expiries,
            quotes: signable.quotes,
            deadline: now.saturating_add(self.valid_for),
        };
        let call = ISignedQuotes::publishCall {
            signatures: signing::sign(&message, &domain, &self.keys)?,
            observedAt: message.observedAt,
            spot: message.spot,
            expiries: message.expiries,
            quotes: message.quotes,
            smiles: signable.smiles,
            deadline: message.deadline,
        };
        let sent = self
            .chain
            .send("publish quotes", &self.sender, contract, &call)
            .await?;
        Ok(Sent {
            value: left_out,
            receipt: sent.receipt,
        })
    }

    async fn signatures(
        &self,
        contract: Address,
        message: &PublishSurface,
    ) -> Result<Bytes, PublishError> {
        if self.keys.is_empty() {
            return Ok(Bytes::new());
        }
        let theirs = IVolatilitySurface::domainSeparatorCall {};
        let theirs = self.chain.read(contract, &theirs).await?;
        let domain = signing::surface_domain(self.chain.id(), contract);
        same_domain(contract, theirs, &domain)?;
        Ok(signing::sign(message, &domain, &self.keys)?)
    }
}

fn same_domain(contract: Address, theirs: B256, domain: &Eip712Domain) -> Result<(), PublishError> {
    let ours = domain.separator();
    if ours == theirs {
        return Ok(());
    }
    Err(PublishError::Domain {
        contract,
        theirs,
        ours,
    })
}

/// The receipt alone: the function returns nothing.
fn done<T>(sent: Sent<T>) -> Sent<()> {
    Sent {
        value: (),
        receipt: sent.receipt,
    }
}
