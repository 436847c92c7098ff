// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

/// Registry of risk pools and option series. Holds no money.
///
/// Series id (uint256): `pool u32 · expiry u32 · strike u64 (1e-8 quote) · kind u8 (0 call, 1 put)` in the low 136 bits, rest zero.
interface ISeriesFactory {
    /// A pool was listed; its assets, feed and risk profile never change.
    event PoolListed(
        uint32 indexed pool,
        address indexed settlementAsset,
        address indexed baseAsset,
        bytes32 feed,
        uint32 riskProfile,
        uint128 openInterestCap
    );
    /// A series was listed. Everyone may list one that fits its pool's rules.
    event SeriesListed(uint256 indexed seriesId, uint32 indexed pool, uint32 expiry, uint64 strike, uint8 kind);

    /// Thrown when an asset is the zero address, has no code, answers no `decimals()` or more than 18, or both assets are one.
    error BadAsset(address asset);
    /// Thrown when a pool parameter lies outside its hard bounds.
    error ParameterOutOfBounds(uint256 given, uint256 least, uint256 most);
    /// Thrown when the pool was never listed.
    error UnknownPool(uint32 pool);
    /// Thrown when the series was never listed.
    error UnknownSeries(uint256 seriesId);
    /// Thrown when the strike is zero or no multiple of the pool's tick.
    error BadStrike(uint64 strike, uint64 tick);
    /// Thrown when the expiry is past, beyond the longest tenor, or off the pool's grid.
    error BadExpiry(uint32 expiry, uint64 earliest, uint64 latest);
    /// Thrown when `kind` is neither 0 (call) nor 1 (put).
    error BadKind(uint8 kind);
    /// Thrown when an index is past the end of a list.
    error IndexOutOfBounds(uint256 index, uint256 length);

    /// Lists a pool (owner only). `baseAsset` may be zero. `expiryInterval`, `expiryOffset`: expiries satisfy
    /// `expiry % expiryInterval == expiryOffset` (86400 and 28800 for 08:00 UTC daily). `maxTenor` in seconds. `strikeTick` in 1e-8 quote.
    /// `openInterestCap`: most contracts (1e18) one series may have open.
    function listPool(
        address settlementAsset,
        address baseAsset,
        bytes32 feed,
        uint32 riskProfile,
        uint32 expiryInterval,
        uint32 expiryOffset,
        uint32 maxTenor,
        uint64 strikeTick,
        uint128 openInterestCap
    ) external returns (uint32 pool);

    /// Lists a series, or returns the id of one that is listed already, changing nothing.
    function listSeries(uint32 pool, uint32 expiry, uint64 strike, uint8 kind) external returns (uint256 seriesId);

    function isListed(uint256 seriesId) external view returns (bool);
    /// Number of pools; ids are 1 … poolCount.
    function poolCount() external view returns (uint32);
    /// Assets of a pool; `baseAsset` zero (and its decimals 0) when it has none. Reverts `UnknownPool`.
    function poolAssets(uint32 pool)
        external
        view
        returns (address settlementAsset, uint8 settlementDecimals, address baseAsset, uint8 baseDecimals);
    /// What the margin engine needs of a pool, in one call. Reverts `UnknownPool`.
    function poolRisk(uint32 pool)
        external
        view
        returns (bytes32 feed, uint32 riskProfile, uint8 settlementDecimals, uint8 baseDecimals, uint128 openInterestCap);
    /// Rules a new series must satisfy. Reverts `UnknownPool`.
    function poolSeriesRules(uint32 pool)
        external
        view
        returns (uint32 expiryInterval, uint32 expiryOffset, uint32 maxTenor, uint64 strikeTick);
    function seriesCount(uint32 pool) external view returns (uint256);
    function seriesAt(uint32 pool, uint256 index) external view returns (uint256 seriesId);
}
