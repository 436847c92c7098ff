// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

/// How far accounts may go: the searching half of IRiskLens, which passes these questions on: ask there. Views for frontends and protocols, nothing that
/// money depends on. Market data are fetched once per call and feed.
interface IRiskLimits {
    /// One limit of a batch. `failure`: selector of the error it met (0xffffffff for one without data), zero when there is a limit.
    struct Limit {
        bytes4 failure;
        uint256 most;
    }

    /// Liquidation prices of one account of a batch; `failure` as above.
    struct Crossing {
        bytes4 failure;
        uint256 below;
        uint256 above;
    }

    /// Thrown when a series id is malformed.
    error BadSeries(uint256 seriesId);
    /// Thrown when a series has expired.
    error SeriesExpired(uint256 seriesId, uint32 expiry);
    /// Thrown when the expiry has no volatility.
    error MissingVolatility(uint32 expiry);
    /// Thrown when a series belongs to another pool than the account.
    error WrongPool(uint32 given, uint32 expected);
    /// Thrown when an asset is neither the settlement nor the base asset of the account's pool.
    error UnacceptedAsset(uint32 pool, address asset);
    /// Thrown when a number does not fit.
    error Overflow();

    /// Most token units of an asset the owner could withdraw now, to the unit.
    function maxWithdraw(uint256 account, address asset) external view returns (uint256 assets);
    /// Most contracts (1e18) the account could buy or sell at the mark and pass the kernel's margin gate, to the unit; at most the pool's cap on open
    /// interest. A series need not be listed yet. An account below its initial margin, with an unsettled expiry, or while market data are degraded, may
    /// trade what lowers none of its balances.
    function maxTrade(uint256 account, uint256 seriesId, bool buys) external view returns (uint256 contracts);
    /// Nearest spot below and above the median at which the maintenance balance is negative, volatility at equal moneyness and all else standing still.
    /// Searched to a sixteenth and 16 times the median in steps of 9 %, then to 1e-9; 0 and the highest number where there is none. Both are the
    /// median for an account that is liquidatable now.
    function liquidationPrice(uint256 account) external view returns (uint256 below, uint256 above);
    /// As `maxWithdraw`, of many accounts (of any pools that have the asset).
    function maxWithdrawOf(uint256[] memory accounts, address asset) external view returns (Limit[] memory limits);
    /// As `maxTrade`, each series as if it were the only one traded.
    function maxTradeOf(uint256 account, uint256[] memory seriesIds, bool buys)
        external
        view
        returns (Limit[] memory limits);
    /// As `liquidationPrice`, of many accounts.
    function liquidationPriceOf(uint256[] memory accounts) external view returns (Crossing[] memory prices);
    function clearingHouse() external view returns (address);
    function engine() external view returns (address);
    /// Who answers what series are worth.
    function pricer() external view returns (address);
}
