// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IClearingHouse} from "interfaces/IClearingHouse.sol";
import {ICollateralVault} from "interfaces/ICollateralVault.sol";
import {IRiskLens} from "interfaces/IRiskLens.sol";
import {ISeriesFactory} from "interfaces/ISeriesFactory.sol";

/// A Solidity protocol that owns an account and does with it what any owner does. Compiled against the committed interfaces.
contract Integrator {
    IClearingHouse public immutable clearingHouse;
    ICollateralVault public immutable vault;
    ISeriesFactory public immutable factory;
    IRiskLens public immutable lens;
    IERC20 public immutable cash;
    uint32 public immutable pool;

    event Refused(bytes4 selector);

    constructor(IRiskLens lens_, uint32 pool_) {
        lens = lens_;
        clearingHouse = IClearingHouse(lens_.clearingHouse());
        pool = pool_;
        (address vault_, address factory_, , , ) = clearingHouse.modules();
        vault = ICollateralVault(vault_);
        factory = ISeriesFactory(factory_);
        (address settlementAsset, , , ) = factory.poolAssets(pool_);
        cash = IERC20(settlementAsset);
    }

    /// `owner u160 · pool u32 · index u64`.
    function account() public view returns (uint256) {
        return (uint256(uint160(address(this))) << 96) | (uint256(pool) << 64);
    }

    /// Deposits cash this contract holds.
    function deposit(uint256 assets) external {
        cash.approve(address(vault), assets);
        vault.deposit(account(), address(cash), assets);
    }

    function withdraw(uint256 assets, address recipient) external {
        clearingHouse.withdraw(account(), address(cash), assets, recipient);
    }

    /// Tries to withdraw; returns the refusal (empty when it went through).
    function tryWithdraw(uint256 assets, address recipient) external returns (bytes memory reason) {
        try clearingHouse.withdraw(account(), address(cash), assets, recipient) {} catch (bytes memory refusal) {
            emit Refused(bytes4(refusal));
            reason = refusal;
        }
    }

    function approveTrade(
        uint256 buyer,
        uint256 seller,
        uint256 seriesId,
        uint256 contracts,
        uint256 premium,
        uint64 deadline,
        uint64 nonce
    ) external returns (bytes32) {
        return clearingHouse.approveTrade(account(), buyer, seller, seriesId, contracts, premium, deadline, nonce);
    }

    /// Tries to execute a trade; returns the refusal (empty when it went through).
    function tryTrade(
        uint256 buyer,
        uint256 seller,
        uint256 seriesId,
        uint256 contracts,
        uint256 premium,
        uint64 deadline,
        uint64 nonce
    ) external returns (bytes memory reason) {
        try clearingHouse.trade(buyer, seller, seriesId, contracts, premium, deadline, nonce) returns (bytes32) {} catch (
            bytes memory refusal
        ) {
            emit Refused(bytes4(refusal));
            reason = refusal;
        }
    }

    /// Lists a series and asks what it is worth, in one transaction.
    function listAndPrice(uint32 expiry, uint64 strike, uint8 kind) external returns (uint256 seriesId, uint256 mark) {
        seriesId = factory.listSeries(pool, expiry, strike, kind);
        (mark, , , , , ) = lens.price(seriesId);
    }

    /// Any account, as a Solidity reader sees it.
    function describe(uint256 id)
        external
        view
        returns (uint256 legs, uint256 cash_, uint256 base, uint256 debt, uint64 version)
    {
        IClearingHouse.AccountState memory state = clearingHouse.accountState(id);
        return (state.legs.length, state.cash, state.base, state.debt, state.version);
    }
}
