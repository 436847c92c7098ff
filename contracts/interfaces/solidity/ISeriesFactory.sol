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
    /// A risk profile was listed, as version 1. `data`: the contract whose code, behind one zero byte, is the profile.
    event RiskProfileListed(uint32 indexed riskProfile, address data);
    /// A version that demands less somewhere, or promises less, was announced; anyone may bring it into effect from `effectiveAt` on.
    event RiskProfileProposed(uint32 indexed riskProfile, address data, uint64 effectiveAt);
    /// An announced version was withdrawn.
    event RiskProfileCancelled(uint32 indexed riskProfile, address data);
    /// A version took effect; maintenance margin moves to it in a straight line until `rampEnd`.
    event RiskProfileChanged(uint32 indexed riskProfile, uint32 version, address data, uint64 rampEnd);
    /// A series was listed. Everyone may list one that fits its pool's rules.
    event SeriesListed(uint256 indexed seriesId, uint32 indexed pool, uint32 expiry, uint64 strike, uint8 kind);

    /// Thrown when an asset is the zero address, has no code, answers no `decimals()` or more than 18, or both assets are one.
    error BadAsset(address asset);
    /// Thrown when a pool parameter lies outside its hard bounds.
    error ParameterOutOfBounds(uint256 given, uint256 least, uint256 most);
    /// Thrown when the risk profile was never listed.
    error UnknownRiskProfile(uint32 riskProfile);
    /// Thrown when bytes are no risk profile: too long, too short, or of an unknown version.
    error MalformedRiskProfile(uint256 length);
    /// Thrown when a number of a risk profile lies outside its hard bounds. `parameter`: 0 number of scenarios, 1 a scenario's spot, 2 its damping,
    /// 3 volatility shocks, 4 skew, 5 discounts, 6 basis, 7 charges, 8 doubt, 9 maintenance factor, 10 initial factor, 11 a percentage;
    /// `index`: which scenario, or which field of the group (clearing_math::margin::Parameter).
    error RiskProfileOutOfBounds(uint8 parameter, uint32 index, uint256 given, uint256 least, uint256 most);
    /// Thrown when accounts are still on the way to the last version: one ramp at a time.
    error RampUnderway(uint32 riskProfile, uint64 rampEnd);
    /// Thrown when a version that demands less has not waited long enough.
    error TooEarly(uint64 time, uint64 effectiveAt);
    /// Thrown when no version waits.
    error NothingPending(uint32 riskProfile);
    /// Thrown when the contract that holds a profile could not be created.
    error NotCreated();
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
    /// `expiry % expiryInterval == expiryOffset` (86400 and 28800 for 08:00 UTC daily; an hour to a week apart). `maxTenor` in seconds.
    /// `strikeTick` in 1e-8 quote. `openInterestCap`: most contracts (1e18) one series may have open. Reverts `UnknownRiskProfile`.
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

    /// Lists a risk profile (owner only): the encoding of clearing_math::margin::RiskProfile, every number within its hard bounds.
    function listRiskProfile(bytes memory profile) external returns (uint32 riskProfile);
    /// Offers another version of a profile (owner only). One that is nowhere milder and promises all that the version in effect does takes
    /// effect at once, any other waits two days.
    /// Initial margin follows at once (it holds under both until the ramp ends), maintenance margin over 24 hours.
    function proposeRiskProfile(uint32 riskProfile, bytes memory profile) external returns (uint64 effectiveAt);
    /// Brings the version that has waited into effect. Anyone may.
    function applyRiskProfile(uint32 riskProfile) external;
    /// Withdraws the version that waits (owner only).
    function cancelRiskProfile(uint32 riskProfile) external;

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
    /// What the margin engine needs of a pool, in one call. `profile` and `previousProfile` are the contracts that hold the risk profile; the
    /// second is zero unless maintenance margin is on its way from it, between `rampStart` and `rampEnd`. Reverts `UnknownPool`.
    function poolRisk(uint32 pool)
        external
        view
        returns (
            bytes32 feed,
            uint32 riskProfile,
            uint8 settlementDecimals,
            uint8 baseDecimals,
            uint128 openInterestCap,
            address profile,
            address previousProfile,
            uint64 rampStart,
            uint64 rampEnd
        );
    /// Number of risk profiles; ids are 1 … riskProfileCount.
    function riskProfileCount() external view returns (uint32);
    /// The version in effect, the one before it (zero: none), the ramp between them, and the version that waits (zero: none).
    /// Reverts `UnknownRiskProfile`.
    function riskProfileVersions(uint32 riskProfile)
        external
        view
        returns (
            uint32 version,
            address current,
            address previous,
            uint64 rampStart,
            uint64 rampEnd,
            address pending,
            uint64 effectiveAt
        );
    /// The profile in effect, encoded. Reverts `UnknownRiskProfile`.
    function riskProfileBytes(uint32 riskProfile) external view returns (bytes memory);
    /// What the profile promises beyond its bounds, to be read before entering a pool. Bits: 1 buying an option never raises a requirement; 2 two
    /// portfolios together never need more than apart; 4 no requirement jumps where confidence or the settlement asset's price crosses a
    /// threshold. `guarantees`: now (during a ramp what both its versions do); `next`: once the version that waits is in effect, the same
    /// where none waits. Reverts `UnknownRiskProfile`.
    function riskProfileGuarantees(uint32 riskProfile) external view returns (uint8 guarantees, uint8 next);
    /// Rules a new series must satisfy. Reverts `UnknownPool`.
    function poolSeriesRules(uint32 pool)
        external
        view
        returns (uint32 expiryInterval, uint32 expiryOffset, uint32 maxTenor, uint64 strikeTick);
    function seriesCount(uint32 pool) external view returns (uint256);
    function seriesAt(uint32 pool, uint256 index) external view returns (uint256 seriesId);
}
