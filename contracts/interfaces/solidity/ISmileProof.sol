// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

/// Proves volatility smiles free of static arbitrage. Holds nothing and belongs to nobody. Words and codes are those of `IVolatilitySurface`.
interface ISmileProof {
    /// Thrown when expiries do not rise.
    error UnsortedExpiries(uint32 previous, uint32 next);
    /// Thrown when a smile is malformed or holds arbitrage. code: 1 b, 2 rho, 3 m, 4 sigma out of range (given and limit in 1e-9); 5 expired (given: now);
    /// 7 negative variance, 8 wing too steep, 9 butterfly, 10 wing and 11 variance below the next earlier expiry's (1e18). k: where, as ln(strike / forward)
    /// (1e18), or plus or minus 16e18 for a wing.
    error InvalidSmile(uint32 expiry, uint8 code, int256 k, int256 given, int256 limit);
    /// Thrown when the volatility at the forward is outside of [least, most].
    error BadVolatility(uint32 expiry, uint64 given, uint64 least, uint64 most);

    /// Succeeds when the smiles, expiries rising, whose bit of `fresh` is set (bit 0: the first) are each free of arbitrage in the total variance of now, and
    /// so is each pair of neighbours with at least one of them. The others are taken to have been proved before. Returns how many were proved by themselves.
    function prove(bytes32[] memory smiles, uint256 fresh) external view returns (uint256 proved);
}
