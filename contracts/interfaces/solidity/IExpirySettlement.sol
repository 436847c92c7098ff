// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

/// Settlement waterfall per (pool, expiry): debtors pay first, then the pool's insurance, then the winners of that expiry share the shortfall.
interface IExpirySettlement {
    event Connected(address indexed clearingHouse);
    /// `net` in settlement token units: > 0 credited, < 0 owed. `paidCash`, `paidBase` from the account, `paidInsurance` from the pool.
    event AccountSettled(
        uint256 indexed account,
        uint32 indexed expiry,
        int256 net,
        uint256 paidCash,
        uint256 paidBase,
        uint256 paidInsurance,
        uint256 shortfall
    );
    event CreditClaimed(uint256 indexed account, uint32 indexed expiry, uint256 credit, uint256 cash, uint256 base);

    error NotDeployer(address caller);
    error AlreadyConnected(address clearingHouse);
    /// Thrown when the account has no leg of that expiry.
    error NothingToSettle(uint256 account, uint32 expiry);
    /// Thrown when the account has no unclaimed credit of that expiry.
    error NothingToClaim(uint256 account, uint32 expiry);
    /// Thrown when some short of (pool, expiry) is not settled yet.
    error ShortsUnsettled(uint32 pool, uint32 expiry, uint256 contracts);
    error NotExpired(uint32 expiry, uint64 time);
    error Overflow();

    /// Fixes the clearing house, once, by the deployer.
    function connect(address clearingHouse) external;
    /// Settles all legs of `expiry` in `account` at the fixed settlement price (`NotFixed` of the oracle adapter bubbles up). Anyone may call.
    function settle(uint256 account, uint32 expiry) external returns (int256 net);
    /// Pays a settled winner, once every short of the group is settled. Anyone may call; the money goes to the account.
    function claim(uint256 account, uint32 expiry) external returns (uint256 cash, uint256 base);

    function creditOf(uint256 account, uint32 expiry) external view returns (uint256);
    /// Sum of an account's credits not yet claimed, settlement token units. Margin does not count them, so such an account is not sold.
    function unclaimedOf(uint256 account) external view returns (uint256);
    /// Owed by all debtors, what was paid into the pot in cash and base, what of it the insurance paid, and the shortfall.
    function groupState(uint32 pool, uint32 expiry)
        external
        view
        returns (uint256 owed, uint256 paidCash, uint256 paidBase, uint256 paidInsurance, uint256 shortfall);
    function clearingHouse() external view returns (address);
}
