//! Setting up a market: test tokens, venues with their on-chain price sources, feeds, volatilities, pools, series.

use alloy::primitives::{Address, B256, Bytes, I256, U256};
use alloy::signers::local::PrivateKeySigner;
use alloy::sol_types::SolValue;
use clearing_math::leg::OptionKind;

use crate::bindings::{IOracleAdapter, IPriceAggregator, ISeriesFactory, IVolatilitySurface};
use crate::chain::{Chain, Sent};
use crate::checkout::Checkout;
use crate::client::{Protocol, unit};
use crate::errors::ChainError;
use crate::solidity::{self, SolidityError};

/// Why a market could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum MarketError {
    /// The Solidity contracts are not compiled.
    #[error(transparent)]
    Solidity(#[from] SolidityError),
    /// A call or transaction failed.
    #[error(transparent)]
    Chain(#[from] ChainError),
}

/// One venue's price source on chain.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Venue {
    /// Its `PriceAggregator`.
    pub source: Address,
    /// Decimals it answers in.
    pub decimals: u8,
}

/// Terms of a feed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FeedTerms {
    /// Id.
    pub feed: B256,
    /// Sources, 3 to 15.
    pub sources: Vec<Address>,
    /// Oldest answer accepted, seconds.
    pub max_age: u32,
    /// Answers must be above, WAD.
    pub min_price: U256,
    /// Answers must be below, WAD.
    pub max_price: U256,
    /// Valid sources needed.
    pub quorum: u8,
}

/// Volatility that initial margin must hold at as well when publishers are stale, WAD: 200 %.
pub const VOLATILITY_CEILING: u64 = 2_000_000_000_000_000_000;

/// Rules of a feed where nothing else is said: a band beyond 1 % is widened and one beyond 2 % halts new risk, as does a move beyond 10 % until it
/// has lasted a minute; a Pyth price may be unsure by 1 %, a pool's mean may be 3 % off.
pub const FEED_RULES: IOracleAdapter::FeedRules = IOracleAdapter::FeedRules {
    minPrice: U256::ZERO,
    maxPrice: U256::ZERO,
    quorum: 0,
    warnBps: 100,
    haltBps: 200,
    jumpBps: 1_000,
    jumpDelay: 60,
    confidenceBps: 100,
    twapBps: 300,
};

impl FeedTerms {
    /// The call that lists it: every source an aggregator and an origin of its own, the rules [`FEED_RULES`].
    pub fn call(&self) -> IOracleAdapter::listFeedCall {
        let source = |account: &Address| IOracleAdapter::Source {
            account: *account,
            kind: 0,
            maxAge: self.max_age,
            origin: account.into_word(),
            id: B256::ZERO,
        };
        IOracleAdapter::listFeedCall {
            feed: self.feed,
            sources: self.sources.iter().map(source).collect(),
            rules: IOracleAdapter::FeedRules {
                minPrice: self.min_price,
                maxPrice: self.max_price,
                quorum: self.quorum,
                ..FEED_RULES
            },
        }
    }
}

/// Terms of a pool.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PoolTerms {
    /// Cash.
    pub settlement_asset: Address,
    /// The underlying as collateral; zero for none.
    pub base_asset: Address,
    /// Price feed.
    pub feed: B256,
    /// Margin rules; 1 is Novation's own.
    pub risk_profile: u32,
    /// Expiries satisfy `expiry % interval == offset`, seconds.
    pub expiry_interval: u32,
    /// See `expiry_interval`.
    pub expiry_offset: u32,
    /// Longest time to expiry, seconds.
    pub max_tenor: u32,
    /// Strikes are multiples of it, 1e-8 quote.
    pub strike_tick: u64,
    /// Most open contracts of a series, 1e18.
    pub open_interest_cap: u128,
}

/// Deploys a `TestToken`, which anyone can mint.
pub async fn deploy_token(
    chain: &Chain,
    checkout: &Checkout,
    signer: &PrivateKeySigner,
    name: &str,
    symbol: &str,
    decimals: u8,
) -> Result<Address, MarketError> {
    let arguments = (name.to_owned(), symbol.to_owned(), U256::from(decimals));
    create(
        chain,
        checkout,
        signer,
        "TestToken",
        &arguments.abi_encode_params(),
    )
    .await
}

/// Deploys a `FeeToken`, which keeps `fee_bps`/10,000 of every transfer.
pub async fn deploy_fee_token(
    chain: &Chain,
    checkout: &Checkout,
    signer: &PrivateKeySigner,
    fee_bps: u16,
) -> Result<Address, MarketError> {
    create(
        chain,
        checkout,
        signer,
        "FeeToken",
        &U256::from(fee_bps).abi_encode(),
    )
    .await
}

/// Deploys a `PriceAggregator` that the signer writes to, with a first answer (`price` WAD).
pub async fn deploy_venue(
    chain: &Chain,
    checkout: &Checkout,
    signer: &PrivateKeySigner,
    description: &str,
    decimals: u8,
    price: U256,
) -> Result<Venue, MarketError> {
    let answer = answer_of(price, decimals);
    let arguments = (
        signer.address(),
        U256::from(decimals),
        description.to_owned(),
        answer,
    );
    let code = arguments.abi_encode_params();
    let source = create(chain, checkout, signer, "PriceAggregator", &code).await?;
    Ok(Venue { source, decimals })
}

/// Deploys a `PortfolioReader`, a Solidity integrator of ours.
pub async fn deploy_reader(
    protocol: &Protocol,
    checkout: &Checkout,
    signer: &PrivateKeySigner,
) -> Result<Address, MarketError> {
    let arguments = protocol.at().lens.abi_encode();
    create(
        protocol.chain(),
        checkout,
        signer,
        "PortfolioReader",
        &arguments,
    )
    .await
}

async fn create(
    chain: &Chain,
    checkout: &Checkout,
    signer: &PrivateKeySigner,
    contract: &str,
    arguments: &[u8],
) -> Result<Address, MarketError> {
    let code = solidity::creation_code(checkout, contract)?;
    let code: Bytes = [&code[..], arguments].concat().into();
    Ok(chain.create(signer, code).await?)
}

/// A WAD price in a source's decimals, rounded down.
fn answer_of(price: U256, decimals: u8) -> I256 {
    let answer = match 18_u8.checked_sub(decimals) {
        Some(fewer) => price / U256::from(10).pow(U256::from(fewer)),
        None => price.saturating_mul(U256::from(10).pow(U256::from(decimals - 18))),
    };
    I256::try_from(answer).unwrap_or(I256::MAX)
}

impl Protocol {
    /// A venue prints a price (WAD) now. The signer must be the venue's.
    pub async fn set_venue_price(
        &self,
        signer: &PrivateKeySigner,
        venue: Venue,
        price: U256,
    ) -> Result<Sent<()>, ChainError> {
        let call = IPriceAggregator::setAnswerCall {
            answer: answer_of(price, venue.decimals),
        };
        unit(
            self.chain()
                .send("venue price", signer, venue.source, &call)
                .await?,
        )
    }

    /// Lists a feed (owner).
    pub async fn list_feed(
        &self,
        owner: &PrivateKeySigner,
        terms: &FeedTerms,
    ) -> Result<Sent<()>, ChainError> {
        unit(
            self.chain()
                .send("list feed", owner, self.at().adapter, &terms.call())
                .await?,
        )
    }

    /// Lists a surface with one publisher, whose volatilities are fresh for `max_age` seconds (owner). Once a feed.
    pub async fn set_publisher(
        &self,
        owner: &PrivateKeySigner,
        feed: B256,
        publisher: Address,
        max_age: u32,
    ) -> Result<Sent<()>, ChainError> {
        let call = IVolatilitySurface::listSurfaceCall {
            feed,
            publishers: vec![publisher],
            quorum: 1,
            maxAge: max_age,
            ceiling: VOLATILITY_CEILING,
            maxChangeBps: 0,
        };
        unit(
            self.chain()
                .send("list surface", owner, self.at().surface, &call)
                .await?,
        )
    }

    /// Publishes volatilities (WAD per year) by expiry.
    pub async fn publish_volatility(
        &self,
        publisher: &PrivateKeySigner,
        feed: B256,
        volatilities: &[(u32, u64)],
    ) -> Result<Sent<()>, ChainError> {
        let (expiries, volatilities) = volatilities.iter().copied().unzip();
        let call = IVolatilitySurface::publishVolatilityCall {
            feed,
            expiries,
            volatilities,
        };
        unit(
            self.chain()
                .send("publish volatility", publisher, self.at().surface, &call)
                .await?,
        )
    }

    /// Publishes smiles, expiries rising, as the feed's first publisher, who sends by itself. Carry and rate stay as they are.
    pub async fn publish_smiles(
        &self,
        publisher: &PrivateKeySigner,
        feed: B256,
        smiles: Vec<B256>,
    ) -> Result<Sent<()>, ChainError> {
        let call = IVolatilitySurface::publishSurfaceCall {
            feed,
            publisher: 0,
            smiles,
            terms: Vec::new(),
            deadline: 0,
            signatures: Bytes::new(),
        };
        unit(
            self.chain()
                .send("publish smiles", publisher, self.at().surface, &call)
                .await?,
        )
    }

    /// Lists a pool (owner). Returns its id.
    pub async fn list_pool(
        &self,
        owner: &PrivateKeySigner,
        terms: &PoolTerms,
    ) -> Result<Sent<u32>, ChainError> {
        let call = ISeriesFactory::listPoolCall {
            settlementAsset: terms.settlement_asset,
            baseAsset: terms.base_asset,
            feed: terms.feed,
            riskProfile: terms.risk_profile,
            expiryInterval: terms.expiry_interval,
            expiryOffset: terms.expiry_offset,
            maxTenor: terms.max_tenor,
            strikeTick: terms.strike_tick,
            openInterestCap: terms.open_interest_cap,
        };
        self.chain()
            .send("list pool", owner, self.at().factory, &call)
            .await
    }

    /// Lists a series (anyone). `strike` 1e-8 quote. Returns its id.
    pub async fn list_series(
        &self,
        signer: &PrivateKeySigner,
        pool: u32,
        expiry: u32,
        strike: u64,
        kind: OptionKind,
    ) -> Result<Sent<U256>, ChainError> {
        let kind = kind.to_byte();
        let call = ISeriesFactory::listSeriesCall {
            pool,
            expiry,
            strike,
            kind,
        };
        self.chain()
            .send("list series", signer, self.at().factory, &call)
            .await
    }

    /// Median, low and high (WAD) of a feed, and how many of its sources are valid.
    pub async fn spot(&self, feed: B256) -> Result<IOracleAdapter::spotReturn, ChainError> {
        self.chain()
            .read(self.at().adapter, &IOracleAdapter::spotCall { feed })
            .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_are_cut_to_the_sources_decimals() {
        let price = U256::from(1_999_999_999_999_999_999_u64);
        assert_eq!(
            answer_of(price, 8),
            I256::try_from(199_999_999).expect("fits")
        );
        assert_eq!(answer_of(price, 18), I256::try_from(price).expect("fits"));
        assert_eq!(answer_of(U256::MAX, 19), I256::MAX);
    }
}
