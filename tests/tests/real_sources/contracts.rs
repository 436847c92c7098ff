//! What the tests call of contracts from npm: `@chainlink/contracts` 0.8.0, `@pythnetwork/pyth-sdk-solidity` 4.3.1, `@uniswap/v3-core` 1.0.1,
//! `@aave/core-v3` 1.19.3; and our `PoolTrader.sol`, which pays for what a Uniswap pool asks.

use alloy::sol;

sol! {
    /// Chainlink, `v0.6/FluxAggregator.sol`: the aggregator in which every oracle submits a transaction of its own.
    #[derive(Debug, PartialEq, Eq)]
    interface IFluxAggregator {
        function changeOracles(address[] calldata removed, address[] calldata added, address[] calldata addedAdmins, uint32 minSubmissions, uint32 maxSubmissions, uint32 restartDelay) external;
        function submit(uint256 roundId, int256 submission) external;
    }

    /// Chainlink, `v0.6/EACAggregatorProxy.sol`: what every consumer of a feed reads.
    #[derive(Debug, PartialEq, Eq)]
    interface IAggregatorProxy {
        function proposeAggregator(address aggregator) external;
        function confirmAggregator(address aggregator) external;
        function phaseId() external view returns (uint16);
        function decimals() external view returns (uint8);
        function description() external view returns (string memory);
        function latestAnswer() external view returns (int256);
        function latestTimestamp() external view returns (uint256);
        function latestRound() external view returns (uint256);
        function getAnswer(uint256 roundId) external view returns (int256);
        function getRoundData(uint80 roundId) external view returns (uint80 id, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound);
        function latestRoundData() external view returns (uint80 id, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound);
    }

    /// Pyth, `MockPyth.sol`: their own contract for tests; the real one verifies guardians' signatures, and its package ships no contracts.
    #[derive(Debug, PartialEq, Eq)]
    interface IMockPyth {
        function createPriceFeedUpdateData(bytes32 id, int64 price, uint64 conf, int32 expo, int64 emaPrice, uint64 emaConf, uint64 publishTime, uint64 prevPublishTime) external pure returns (bytes memory data);
        function updatePriceFeeds(bytes[] calldata updateData) external payable;
    }

    /// Uniswap v3, `UniswapV3Factory`, shipped as bytecode.
    #[derive(Debug, PartialEq, Eq)]
    interface IUniswapV3Factory {
        function createPool(address tokenA, address tokenB, uint24 fee) external returns (address pool);
        function getPool(address tokenA, address tokenB, uint24 fee) external view returns (address pool);
    }

    /// Uniswap v3, `UniswapV3Pool`.
    #[derive(Debug, PartialEq, Eq)]
    interface IUniswapV3Pool {
        function initialize(uint160 sqrtPriceX96) external;
        function increaseObservationCardinalityNext(uint16 next) external;
        function observe(uint32[] calldata secondsAgos) external view returns (int56[] memory tickCumulatives, uint160[] memory secondsPerLiquidity);
        function slot0() external view returns (uint160 sqrtPriceX96, int24 tick, uint16 observationIndex, uint16 observationCardinality, uint16 observationCardinalityNext, uint8 feeProtocol, bool unlocked);
    }

    /// Ours, `PoolTrader.sol`.
    #[derive(Debug, PartialEq, Eq)]
    interface IPoolTrader {
        function mint(address pool, int24 lower, int24 upper, uint128 liquidity) external;
        function swap(address pool, bool sellsToken0, int256 amount, uint160 limit) external;
    }

    /// Aave v3, `AaveOracle`, shipped as bytecode.
    #[derive(Debug, PartialEq, Eq)]
    interface IAaveOracle {
        function getAssetPrice(address asset) external view returns (uint256 price);
        function getSourceOfAsset(address asset) external view returns (address source);
    }

    /// Aave v3, `PoolAddressesProvider`: the root of a market.
    #[derive(Debug, PartialEq, Eq)]
    interface IAddressesProvider {
        function setACLAdmin(address admin) external;
        function setACLManager(address manager) external;
        function setPriceOracle(address oracle) external;
        function setPoolImpl(address implementation) external;
        function setPoolConfiguratorImpl(address implementation) external;
        function getPool() external view returns (address pool);
        function getPoolConfigurator() external view returns (address configurator);
    }

    /// Aave v3, `ACLManager`.
    #[derive(Debug, PartialEq, Eq)]
    interface IAclManager {
        function addPoolAdmin(address admin) external;
    }

    /// Aave v3, `PoolConfigurator`.
    #[derive(Debug, PartialEq, Eq)]
    interface IPoolConfigurator {
        struct InitReserveInput {
            address aTokenImpl;
            address stableDebtTokenImpl;
            address variableDebtTokenImpl;
            uint8 underlyingAssetDecimals;
            address interestRateStrategyAddress;
            address underlyingAsset;
            address treasury;
            address incentivesController;
            string aTokenName;
            string aTokenSymbol;
            string variableDebtTokenName;
            string variableDebtTokenSymbol;
            string stableDebtTokenName;
            string stableDebtTokenSymbol;
            bytes params;
        }
        function initReserves(InitReserveInput[] calldata input) external;
        function configureReserveAsCollateral(address asset, uint256 ltv, uint256 liquidationThreshold, uint256 liquidationBonus) external;
        function setReserveBorrowing(address asset, bool enabled) external;
    }

    /// Aave v3, `Pool`.
    #[derive(Debug, PartialEq, Eq)]
    interface ILendingPool {
        function supply(address asset, uint256 amount, address onBehalfOf, uint16 referralCode) external;
        function borrow(address asset, uint256 amount, uint256 interestRateMode, uint16 referralCode, address onBehalfOf) external;
        function liquidationCall(address collateralAsset, address debtAsset, address user, uint256 debtToCover, bool receiveAToken) external;
        function getUserAccountData(address user) external view returns (uint256 totalCollateralBase, uint256 totalDebtBase, uint256 availableBorrowsBase, uint256 currentLiquidationThreshold, uint256 ltv, uint256 healthFactor);
    }
}
