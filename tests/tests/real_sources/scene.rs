//! Puts the contracts from npm on the stage.

use alloy::primitives::{Address, B256, I256, U160, U256};
use alloy::signers::local::PrivateKeySigner;
use alloy::sol_types::SolValue;
use end_to_end::stage::key;
use end_to_end::{Stage, WAD};
use novation::bindings::IOracleAdapter;
use novation::market::FEED_RULES;
use novation::solidity;

use super::contracts::{
    IFluxAggregator, IMockPyth, IPoolTrader, IUniswapV3Factory, IUniswapV3Pool,
};

/// Units of an answer of eight decimals in a dollar.
pub const ANSWER: i64 = 100_000_000;
/// Kinds of source, as `IOracleAdapter.sol` numbers them.
pub const AGGREGATOR: u8 = 0;
pub const PYTH: u8 = 1;
pub const UNISWAP_POOL: u8 = 3;
/// Pyth's id of a price.
pub const PRICE_ID: B256 = B256::repeat_byte(0xff);

/// Creates a contract of npm with ABI-encoded arguments.
pub async fn create(stage: &Stage, contract: &str, arguments: &[u8]) -> anyhow::Result<Address> {
    let code = solidity::creation_code(&stage.checkout, contract)?;
    let code = [&code[..], arguments].concat();
    let chain = stage.protocol.chain();
    let address = chain.create(&stage.owner, code.into()).await?;
    stage.watch(address);
    Ok(address)
}

/// A Chainlink feed: an aggregator of three oracles, two of whom make an answer, behind a proxy.
pub struct Chainlink {
    /// What consumers read.
    pub proxy: Address,
    /// What the proxy reads.
    pub aggregator: Address,
    oracles: Vec<PrivateKeySigner>,
    round: u64,
}

/// An aggregator of three oracles.
pub async fn aggregator(
    stage: &Stage,
    decimals: u8,
) -> anyhow::Result<(Address, Vec<PrivateKeySigner>)> {
    // LINK, payment, timeout, validator, least and most submission, decimals, description.
    let arguments = (
        stage.usdc,
        U256::ZERO,
        1_800_u32,
        Address::ZERO,
        I256::ONE,
        I256::MAX,
        U256::from(decimals),
        "ETH / USD".to_owned(),
    );
    let aggregator = create(stage, "FluxAggregator", &arguments.abi_encode_params()).await?;
    let mut oracles = Vec::new();
    for index in 0..3 {
        let oracle = key(&format!("Chainlink oracle {index}"));
        stage.fuel(oracle.address()).await?;
        oracles.push(oracle);
    }
    let added: Vec<_> = oracles.iter().map(PrivateKeySigner::address).collect();
    let call = IFluxAggregator::changeOraclesCall {
        removed: Vec::new(),
        addedAdmins: added.clone(),
        added,
        minSubmissions: 2,
        maxSubmissions: 3,
        restartDelay: 0,
    };
    let chain = stage.protocol.chain();
    chain
        .send("oracles", &stage.owner, aggregator, &call)
        .await?;
    Ok((aggregator, oracles))
}

impl Chainlink {
    pub async fn open(stage: &Stage, dollars: i64) -> anyhow::Result<Self> {
        let (aggregator, oracles) = aggregator(stage, 8).await?;
        let proxy = proxy(stage, aggregator).await?;
        let mut feed = Self {
            proxy,
            aggregator,
            oracles,
            round: 0,
        };
        feed.answer(stage, [dollars, dollars, dollars]).await?;
        Ok(feed)
    }

    /// A round of one submission an oracle, dollars: the aggregator answers their median.
    pub async fn answer(&mut self, stage: &Stage, dollars: [i64; 3]) -> anyhow::Result<()> {
        self.round += 1;
        let chain = stage.protocol.chain();
        for (oracle, dollars) in self.oracles.iter().zip(dollars) {
            let call = IFluxAggregator::submitCall {
                roundId: U256::from(self.round),
                submission: I256::try_from(dollars * ANSWER)?,
            };
            chain.send("submit", oracle, self.aggregator, &call).await?;
        }
        Ok(())
    }
}

/// Chainlink's proxy in front of an aggregator, open to everyone.
pub async fn proxy(stage: &Stage, aggregator: Address) -> anyhow::Result<Address> {
    let arguments = (aggregator, Address::ZERO).abi_encode_params();
    create(stage, "EACAggregatorProxy", &arguments).await
}

/// Pyth's contract for tests.
pub async fn pyth(stage: &Stage) -> anyhow::Result<Address> {
    let arguments = (U256::from(60), U256::from(1)).abi_encode_params();
    create(stage, "MockPyth", &arguments).await
}

/// What Pyth says of a price, as its publishers would.
#[derive(Clone, Copy)]
pub struct PythPrice {
    /// In units of 10^`exponent`.
    pub price: i64,
    /// Half of the confidence interval, the same unit.
    pub confidence: u64,
    pub exponent: i32,
    /// Seconds.
    pub age: u64,
}

impl PythPrice {
    /// Sure to a dollar, five decimals, as of now.
    pub fn dollars(dollars: i64) -> Self {
        Self {
            price: dollars * 100_000,
            confidence: 100_000,
            exponent: -5,
            age: 0,
        }
    }
}

/// Updates the price, as anyone with the publishers' data may; it costs a wei.
pub async fn update_pyth(stage: &Stage, pyth: Address, price: PythPrice) -> anyhow::Result<()> {
    let chain = stage.protocol.chain();
    let time = stage.now().await? - price.age;
    let data = IMockPyth::createPriceFeedUpdateDataCall {
        id: PRICE_ID,
        price: price.price,
        conf: price.confidence,
        expo: price.exponent,
        emaPrice: price.price,
        emaConf: price.confidence,
        publishTime: time,
        prevPublishTime: time - 1,
    };
    let data = chain.read(pyth, &data).await?;
    let call = IMockPyth::updatePriceFeedsCall {
        updateData: vec![data],
    };
    let (owner, fee) = (&stage.owner, U256::from(1));
    chain
        .send_value("update Pyth", owner, pyth, &call, fee)
        .await?;
    Ok(())
}

/// A Uniswap v3 pool of the stage's ether and dollars, with liquidity over all prices.
pub struct UniswapPool {
    pub address: Address,
    trader: Address,
    /// Whether ether is the pool's first token.
    ether_first: bool,
}

impl UniswapPool {
    pub async fn open(stage: &Stage, dollars: u64) -> anyhow::Result<Self> {
        let chain = stage.protocol.chain();
        let owner = &stage.owner;
        let (ether, usdc) = (stage.eth().base, stage.usdc);
        let factory = create(stage, "UniswapV3Factory", &[]).await?;
        let trader = create(stage, "PoolTrader", &[]).await?;
        for (token, amount) in [(ether, 10_u128.pow(24)), (usdc, 10_u128.pow(15))] {
            let amount = U256::from(amount);
            stage.protocol.mint(owner, token, trader, amount).await?;
        }
        let call = IUniswapV3Factory::createPoolCall {
            tokenA: ether,
            tokenB: usdc,
            fee: 3_000_u32.try_into()?,
        };
        chain.send("create pool", owner, factory, &call).await?;
        let call = IUniswapV3Factory::getPoolCall {
            tokenA: ether,
            tokenB: usdc,
            fee: 3_000_u32.try_into()?,
        };
        let pool = Self {
            address: chain.read(factory, &call).await?,
            trader,
            ether_first: ether < usdc,
        };
        stage.watch(pool.address);
        let call = IUniswapV3Pool::initializeCall {
            sqrtPriceX96: pool.root_of(dollars),
        };
        chain
            .send("initialize pool", owner, pool.address, &call)
            .await?;
        let call = IUniswapV3Pool::increaseObservationCardinalityNextCall { next: 64 };
        chain
            .send("observations", owner, pool.address, &call)
            .await?;
        // About 1,000 ether and 2,000,000 dollars at 2,000: L = x · √P with P in token units.
        let call = IPoolTrader::mintCall {
            pool: pool.address,
            lower: (-887_220).try_into()?,
            upper: 887_220.try_into()?,
            liquidity: 44_721_359_549_995_794,
        };
        chain.send("add liquidity", owner, trader, &call).await?;
        Ok(pool)
    }

    /// √(token 1 per token 0) in 96 binary digits, at a price in dollars.
    fn root_of(&self, dollars: u64) -> U160 {
        let (ether, usdc) = (U256::from(WAD), U256::from(dollars) * U256::from(1_000_000));
        let (first, second) = match self.ether_first {
            true => (ether, usdc),
            false => (usdc, ether),
        };
        let ratio: U256 = (second << 192) / first;
        U160::from(ratio.root(2))
    }

    /// Trades until the pool's price is `dollars`.
    pub async fn trade_to(&self, stage: &Stage, dollars: u64) -> anyhow::Result<()> {
        let chain = stage.protocol.chain();
        let slot = chain
            .read(self.address, &IUniswapV3Pool::slot0Call {})
            .await?;
        let limit = self.root_of(dollars);
        let call = IPoolTrader::swapCall {
            pool: self.address,
            // Selling token 0 lowers its price.
            sellsToken0: limit < slot.sqrtPriceX96,
            amount: I256::try_from(10_u128.pow(24))?,
            limit,
        };
        chain.send("swap", &stage.owner, self.trader, &call).await?;
        Ok(())
    }
}

/// A source of the stage's ether.
pub fn source(account: Address, kind: u8, id: B256) -> IOracleAdapter::Source {
    IOracleAdapter::Source {
        account,
        kind,
        maxAge: 3_600,
        origin: account.into_word(),
        id,
    }
}

/// Lists a feed about 2,000 dollars.
pub async fn list(
    stage: &Stage,
    feed: B256,
    sources: Vec<IOracleAdapter::Source>,
) -> anyhow::Result<()> {
    let call = IOracleAdapter::listFeedCall {
        feed,
        sources,
        rules: IOracleAdapter::FeedRules {
            minPrice: U256::from(20 * WAD),
            maxPrice: U256::from(200_000 * WAD),
            ..FEED_RULES
        },
    };
    let (chain, at) = (stage.protocol.chain(), stage.protocol.at());
    chain
        .send("list feed", &stage.owner, at.adapter, &call)
        .await?;
    Ok(())
}

/// Stores a round: median (WAD) and doubts.
pub async fn evaluate(stage: &Stage, feed: B256) -> anyhow::Result<(u128, u32)> {
    let (chain, at) = (stage.protocol.chain(), stage.protocol.at());
    let call = IOracleAdapter::evaluateCall { feed };
    chain
        .send("evaluate", &stage.owner, at.adapter, &call)
        .await?;
    let round = chain
        .read(at.adapter, &IOracleAdapter::latestRoundCall { feed })
        .await?;
    Ok((round.mid.to(), round.doubts))
}

/// Status and price (WAD) of a source.
pub async fn status(stage: &Stage, feed: B256, index: u8) -> anyhow::Result<(u8, u128)> {
    let call = IOracleAdapter::sourceStatusCall { feed, index };
    let adapter = stage.protocol.at().adapter;
    let status = stage.protocol.chain().read(adapter, &call).await?;
    Ok((status.status, status.price.to()))
}
