//! A whole lending market of Aave v3, from the bytecode its npm package ships, whose ether is priced by our median.

use alloy::primitives::{Address, U256};
use alloy::signers::local::PrivateKeySigner;
use alloy::sol_types::{SolCall, SolValue};
use anyhow::Context;
use end_to_end::Stage;
use novation::bindings::ITestToken;

use super::contracts::{IAclManager, IAddressesProvider, ILendingPool, IPoolConfigurator};
use super::scene::create;

/// 1e27, Aave's unit of rates.
const RAY: u128 = 1_000_000_000_000_000_000_000_000_000;

/// The market.
pub struct Market {
    /// Where one supplies, borrows and liquidates.
    pub pool: Address,
    ether: Address,
    usdc: Address,
}

impl Market {
    /// Deploys the market: ether may be borrowed against up to 80 %, is liquidated from 82.5 % on, for a bonus of 5 %. `sources` of ether and dollars.
    pub async fn open(stage: &Stage, sources: [Address; 2]) -> anyhow::Result<Self> {
        let (ether, usdc) = (stage.eth().base, stage.usdc);
        let owner = stage.owner.address();
        let arguments = ("Novation test".to_owned(), owner).abi_encode_params();
        let provider = create(stage, "PoolAddressesProvider", &arguments).await?;
        send(
            stage,
            provider,
            &IAddressesProvider::setACLAdminCall { admin: owner },
        )
        .await?;
        let of_provider = provider.abi_encode();
        let manager = create(stage, "ACLManager", &of_provider).await?;
        send(
            stage,
            provider,
            &IAddressesProvider::setACLManagerCall { manager },
        )
        .await?;
        send(
            stage,
            manager,
            &IAclManager::addPoolAdminCall { admin: owner },
        )
        .await?;
        // Provider, assets, sources, fallback, base currency (dollars have no address), its unit.
        let arguments = (
            provider,
            vec![ether, usdc],
            sources.to_vec(),
            Address::ZERO,
            Address::ZERO,
            U256::from(100_000_000),
        );
        let oracle = create(stage, "AaveOracle", &arguments.abi_encode_params()).await?;
        send(
            stage,
            provider,
            &IAddressesProvider::setPriceOracleCall { oracle },
        )
        .await?;

        let implementation = linked(stage, "Pool", &of_provider).await?;
        send(
            stage,
            provider,
            &IAddressesProvider::setPoolImplCall { implementation },
        )
        .await?;
        let implementation = linked(stage, "PoolConfigurator", &[]).await?;
        let call = IAddressesProvider::setPoolConfiguratorImplCall { implementation };
        send(stage, provider, &call).await?;
        let chain = stage.protocol.chain();
        let pool = chain
            .read(provider, &IAddressesProvider::getPoolCall {})
            .await?;
        let configurator = IAddressesProvider::getPoolConfiguratorCall {};
        let configurator = chain.read(provider, &configurator).await?;
        stage.watch(pool);
        list_reserves(
            stage,
            provider,
            pool,
            configurator,
            [(ether, 18), (usdc, 6)],
        )
        .await?;
        let call = IPoolConfigurator::configureReserveAsCollateralCall {
            asset: ether,
            ltv: U256::from(8_000),
            liquidationThreshold: U256::from(8_250),
            liquidationBonus: U256::from(10_500),
        };
        send(stage, configurator, &call).await?;
        let call = IPoolConfigurator::setReserveBorrowingCall {
            asset: usdc,
            enabled: true,
        };
        send(stage, configurator, &call).await?;
        Ok(Self { pool, ether, usdc })
    }

    /// Supplies ether or dollars, newly minted.
    pub async fn supply(
        &self,
        stage: &Stage,
        who: &PrivateKeySigner,
        asset: Address,
        amount: u128,
    ) -> anyhow::Result<()> {
        self.mint_and_approve(stage, who, asset, amount).await?;
        let call = ILendingPool::supplyCall {
            asset,
            amount: U256::from(amount),
            onBehalfOf: who.address(),
            referralCode: 0,
        };
        stage
            .protocol
            .chain()
            .send("supply", who, self.pool, &call)
            .await?;
        Ok(())
    }

    pub async fn mint_and_approve(
        &self,
        stage: &Stage,
        who: &PrivateKeySigner,
        asset: Address,
        amount: u128,
    ) -> anyhow::Result<()> {
        let value = U256::from(amount);
        stage
            .protocol
            .mint(who, asset, who.address(), value)
            .await?;
        let call = ITestToken::approveCall {
            spender: self.pool,
            value,
        };
        stage
            .protocol
            .chain()
            .send("approve", who, asset, &call)
            .await?;
        Ok(())
    }

    /// Borrows dollars at the variable rate.
    pub async fn borrow(
        &self,
        stage: &Stage,
        who: &PrivateKeySigner,
        amount: u128,
    ) -> anyhow::Result<()> {
        let call = ILendingPool::borrowCall {
            asset: self.usdc,
            amount: U256::from(amount),
            interestRateMode: U256::from(2),
            referralCode: 0,
            onBehalfOf: who.address(),
        };
        stage
            .protocol
            .chain()
            .send("borrow", who, self.pool, &call)
            .await?;
        Ok(())
    }

    /// The call that repays `amount` dollars of a borrower's debt for his ether.
    pub fn liquidation(&self, user: Address, amount: u128) -> ILendingPool::liquidationCallCall {
        ILendingPool::liquidationCallCall {
            collateralAsset: self.ether,
            debtAsset: self.usdc,
            user,
            debtToCover: U256::from(amount),
            receiveAToken: false,
        }
    }

    /// Collateral in dollars (8 decimals) and health factor (1e18 = 1) of an account.
    pub async fn health(&self, stage: &Stage, user: Address) -> anyhow::Result<(u128, u128)> {
        let call = ILendingPool::getUserAccountDataCall { user };
        let data = stage.protocol.chain().read(self.pool, &call).await?;
        Ok((data.totalCollateralBase.to(), data.healthFactor.to()))
    }
}

async fn send<C: SolCall>(stage: &Stage, to: Address, call: &C) -> anyhow::Result<()> {
    let chain = stage.protocol.chain();
    chain.send("set up Aave", &stage.owner, to, call).await?;
    Ok(())
}

/// Lists tokens with their decimals.
async fn list_reserves(
    stage: &Stage,
    provider: Address,
    pool: Address,
    configurator: Address,
    assets: [(Address, u8); 2],
) -> anyhow::Result<()> {
    let of_pool = pool.abi_encode();
    let a_token = create(stage, "AToken", &of_pool).await?;
    let stable = create(stage, "StableDebtToken", &of_pool).await?;
    let variable = create(stage, "VariableDebtToken", &of_pool).await?;
    // Optimal usage; base rate and slopes of the variable rate; slopes, offset and excess offset of the stable one; its optimal share. Per cent.
    let rates = [80, 0, 4, 60, 1, 60, 1, 8, 20].map(|percent| U256::from(RAY / 100 * percent));
    let arguments = [&provider.abi_encode()[..], &rates.abi_encode()].concat();
    let strategy = create(stage, "DefaultReserveInterestRateStrategy", &arguments).await?;
    let reserve = |(asset, decimals): (Address, u8)| IPoolConfigurator::InitReserveInput {
        aTokenImpl: a_token,
        stableDebtTokenImpl: stable,
        variableDebtTokenImpl: variable,
        underlyingAssetDecimals: decimals,
        interestRateStrategyAddress: strategy,
        underlyingAsset: asset,
        treasury: stage.owner.address(),
        incentivesController: Address::ZERO,
        aTokenName: "a".into(),
        aTokenSymbol: "a".into(),
        variableDebtTokenName: "v".into(),
        variableDebtTokenSymbol: "v".into(),
        stableDebtTokenName: "s".into(),
        stableDebtTokenSymbol: "s".into(),
        params: Default::default(),
    };
    let call = IPoolConfigurator::initReservesCall {
        input: assets.map(reserve).to_vec(),
    };
    send(stage, configurator, &call).await
}

/// Creates a contract after the libraries whose addresses its code holds.
async fn linked(stage: &Stage, contract: &str, arguments: &[u8]) -> anyhow::Result<Address> {
    let folder = stage.checkout.solidity_out();
    let artifact = std::fs::read(folder.join(format!("{contract}.json")))?;
    let artifact: serde_json::Value = serde_json::from_slice(&artifact)?;
    let code = artifact["bytecode"].as_str().context("bytecode")?;
    let mut code = alloy::hex::decode(code)?;
    let links = artifact["links"].as_object().context("links")?;
    for (library, places) in links {
        // FlashLoanLogic has a library of its own.
        let address = Box::pin(linked(stage, library, &[])).await?;
        for place in places.as_array().context("places")? {
            let start = usize::try_from(place.as_u64().context("an offset")?)?;
            let place = code.get_mut(start..start + 20).context("within the code")?;
            place.copy_from_slice(address.as_slice());
        }
    }
    code.extend_from_slice(arguments);
    let chain = stage.protocol.chain();
    Ok(chain.create(&stage.owner, code.into()).await?)
}
