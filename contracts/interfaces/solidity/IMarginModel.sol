// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

/// One family of margin models: the arithmetic of IMarginEngine, on inputs the engine has gathered. Pure: no storage, no calls, no clock. The engine reads
/// the errors' names as its own and passes them on.
///
/// `request`: now, mid, low, high, stable, confidence, cash (int256), base, number of terms, number of legs; per term expiry, forward, rate (int256),
/// confidence; per leg its word; per leg `ceiling u128 · volatility u128`. Seconds, 1e18, and leg words as in IMarginEngine.
interface IMarginModel {
    /// Thrown when a profile is none of this family, or does not decode.
    error UnknownModel();

    /// Balances under a risk profile (clearing_math::margin::RiskProfile, encoded).
    function requirement(bytes memory profile, bytes32[] memory request)
        external
        view
        returns (int256 initial, int256 maintenance, int256 mark, uint32 worstScenario);
    /// Change of value in every scenario, before damping.
    function changes(bytes memory profile, bytes32[] memory request) external view returns (int256[] memory);
}
