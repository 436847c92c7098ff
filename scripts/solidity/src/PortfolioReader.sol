// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

import {IClearingHouse} from "interfaces/IClearingHouse.sol";
import {IRiskLens} from "interfaces/IRiskLens.sol";

/// A Solidity protocol that reads Novation as an integrator would: an account's health, and what a position would do to it.
contract PortfolioReader {
    IClearingHouse public immutable clearingHouse;
    IRiskLens public immutable lens;

    constructor(IRiskLens lens_) {
        clearingHouse = IClearingHouse(lens_.clearingHouse());
        lens = lens_;
    }

    /// Margin balances of an account as it is (1e18 quote).
    function health(uint256 account) external view returns (int256 initial, int256 maintenance, int256 mark) {
        (initial, maintenance, mark, , ) = clearingHouse.health(account);
    }

    /// Margin balances if the account also held `leg` (a leg word).
    function healthWith(uint256 account, bytes32 leg) external view returns (int256 initial, int256 maintenance, int256 mark) {
        bytes32[] memory extra = new bytes32[](1);
        extra[0] = leg;
        (initial, maintenance, mark, , ) = lens.marginWith(account, extra, 0);
    }

    /// Mark of each leg's series, per contract.
    function marks(uint256 account) external view returns (uint256[] memory values) {
        bytes32[] memory legs = clearingHouse.accountState(account).legs;
        values = new uint256[](legs.length);
        for (uint256 i = 0; i < legs.length; i++) {
            (values[i], , , , , ) = lens.price(seriesOf(poolOf(account), legs[i]));
        }
    }

    /// Middle part of an account id.
    function poolOf(uint256 account) public pure returns (uint32) {
        return uint32(account >> 64);
    }

    /// `pool u32 · expiry u32 · strike u64 · kind u8` from a leg word `expiry u32 · strike u64 · kind u8 · …`.
    function seriesOf(uint32 pool, bytes32 leg) public pure returns (uint256) {
        return (uint256(pool) << 104) | (uint256(leg) >> 152);
    }
}
