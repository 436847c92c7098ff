// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

/// Risk: portfolio margin. Pure views, holds nothing.
///
/// Leg (bytes32): `expiry u32 · strike u64 · kind u8 · zero 24 bits · contracts i128 (1e18, long > 0)`; at most 128, each series once.
/// Legs past their expiry count at their intrinsic value, so that an account stays computable until it is settled.
/// Margin balances are signed 1e18 quote units: at or above zero means the requirement is met.
interface IMarginEngine {
    /// Thrown when a leg word is malformed (bad kind, reserved bits set, zero contracts, zero strike).
    error BadLeg(uint256 index);
    /// Thrown when an earlier leg is of the same series.
    error DuplicateLeg(uint256 index);
    error TooManyLegs(uint256 given, uint256 most);
    /// Thrown when a pool's risk profile cannot be read.
    error UnknownRiskProfile(uint32 riskProfile);
    /// Thrown when an unexpired leg's expiry has no volatility.
    error MissingVolatility(uint32 expiry);
    /// Thrown when market data given are not an encoded MarketData, or hold a smile that is none.
    error BadMarketData();
    /// Thrown when not 0 < low <= mid <= high.
    error BandOutOfOrder(uint256 low, uint256 mid, uint256 high);
    /// Thrown when a leg is too large, alone or at the highest price it is valued at, or expires later than pricing reaches.
    error LegOverflow(uint256 index);
    /// Thrown when an amount or the sum leaves the range the engine calculates in.
    error Overflow();

    /// Margin of a portfolio. `cash` in settlement token units (may be negative: debt), `base` in base token units.
    /// Returns initial and maintenance balance and mark-to-market (all 1e18 quote), the worst scenario's index, and whether market data are degraded.
    function margin(uint32 pool, bytes32[] memory legs, int256 cash, uint256 base)
        external
        view
        returns (int256 initial, int256 maintenance, int256 mark, uint32 worstScenario, bool degraded);
    /// The same on market data of the caller's: `abi.encode(IOracleAdapter.MarketData)`, as IOracleAdapter.marketData returns it, moved at will.
    function marginAt(uint32 pool, bytes32[] memory legs, int256 cash, uint256 base, bytes memory marketData)
        external
        view
        returns (int256 initial, int256 maintenance, int256 mark, uint32 worstScenario, bool degraded);
    /// Change of value in every scenario of the pool's risk profile (1e18 quote), in its order, before damping; then under the upward and the downward
    /// basis move, where the profile has them.
    function scenarioPnl(uint32 pool, bytes32[] memory legs, uint256 base) external view returns (int256[] memory changes);
    /// The programs that calculate (IMarginModel): profiles of scenarios, and all others.
    function models() external view returns (address scenarioMargin, address formulaMargin);
    function seriesFactory() external view returns (address);
    function oracleAdapter() external view returns (address);
}
