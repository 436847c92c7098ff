// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

/// Risk: prices, greeks and portfolio margin. Pure views, holds nothing.
///
/// Leg (bytes32): `expiry u32 · strike u64 · kind u8 · zero 24 bits · contracts i128 (1e18, long > 0)`.
/// Margin balances are signed 1e18 quote units: at or above zero means the requirement is met.
interface IMarginEngine {
    /// Thrown when a leg word is malformed (bad kind, reserved bits set, zero contracts, zero strike).
    error BadLeg(uint256 index);
    error TooManyLegs(uint256 given, uint256 most);
    error UnknownRiskProfile(uint32 riskProfile);
    /// Thrown when an unexpired leg's expiry has no volatility.
    error MissingVolatility(uint32 expiry);
    /// Thrown when an amount leaves the range the engine calculates in.
    error Overflow();
    /// Thrown when a price is asked for a series that has expired.
    error SeriesExpired(uint256 seriesId, uint32 expiry);
    /// Thrown when a series id is malformed.
    error BadSeries(uint256 seriesId);

    /// Margin of a portfolio. `cash` in settlement token units (may be negative: debt), `base` in base token units.
    /// Returns initial and maintenance balance and mark-to-market (all 1e18 quote), the worst scenario's index, and whether market data are degraded.
    function margin(uint32 pool, bytes32[] memory legs, int256 cash, uint256 base)
        external
        view
        returns (int256 initial, int256 maintenance, int256 mark, uint32 worstScenario, bool degraded);
    /// Mark price and greeks of one series per contract, 1e18 (theta per year, vega per 1.00).
    function price(uint256 seriesId)
        external
        view
        returns (uint256 mark, int256 delta, uint256 gamma, uint256 vega, int256 theta);
    function seriesFactory() external view returns (address);
    function oracleAdapter() external view returns (address);
}
