// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

import {IClearingHouse} from "interfaces/IClearingHouse.sol";
import {IMarginEngine} from "interfaces/IMarginEngine.sol";

/// A Solidity protocol that reads Novation as an integrator would: an account's health, and what a position would do to it.
contract PortfolioReader {
    IClearingHouse public immutable clearingHouse;
    IMarginEngine public immutable engine;

    constructor(IClearingHouse clearingHouse_) {
        clearingHouse = clearingHouse_;
        (, , address engine_, , ) = clearingHouse_.modules();
        engine = IMarginEngine(engine_);
    }

    /// Margin balances of an account as it is (1e18 quote).
    function health(uint256 account) external view returns (int256 initial, int256 maintenance, int256 mark) {
        (initial, maintenance, mark, , ) = clearingHouse.health(account);
    }

    /// Margin balances if the account also held `leg` (a leg word). The leg is appended, never merged: margin is additive in legs.
    function healthWith(uint256 account, bytes32 leg) external view returns (int256 initial, int256 maintenance, int256 mark) {
        IClearingHouse.AccountState memory state = clearingHouse.accountState(account);
        bytes32[] memory legs = new bytes32[](state.legs.length + 1);
        for (uint256 i = 0; i < state.legs.length; i++) legs[i] = state.legs[i];
        legs[state.legs.length] = leg;
        int256 cash = int256(state.cash) - int256(state.debt);
        (initial, maintenance, mark, , ) = engine.margin(poolOf(account), legs, cash, state.base);
    }

    /// Number of legs and mark value of each, by the engine's price.
    function marks(uint256 account) external view returns (uint256[] memory values) {
        bytes32[] memory legs = clearingHouse.accountState(account).legs;
        values = new uint256[](legs.length);
        for (uint256 i = 0; i < legs.length; i++) {
            (values[i], , , , ) = engine.price(seriesOf(poolOf(account), legs[i]));
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
