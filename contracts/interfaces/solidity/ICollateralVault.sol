// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

/// Custody: the only place where tokens rest, and one ledger of who owns them.
///
/// A *bucket* (uint256) is an account id `owner u160 · pool u32 · index u64`, or with owner zero one of the pool's own:
/// insurance `0 · pool · 0`, settlement pot of an expiry `0 · pool · (1 << 32 | expiry)`.
/// Invariant: for every asset, token balance of this contract >= sum of all buckets == totalOf(asset).
interface ICollateralVault {
    event Connected(address indexed clearingHouse);
    event CollateralDeposited(uint256 indexed account, address indexed caller, address indexed asset, uint256 assets);
    event InsuranceDeposited(uint32 indexed pool, address indexed caller, uint256 assets);
    event BalanceMoved(uint256 indexed from, uint256 indexed to, address indexed asset, uint256 assets);
    event CollateralReleased(uint256 indexed account, address indexed recipient, address indexed asset, uint256 assets);

    /// Thrown when the caller is not the clearing house.
    error NotClearingHouse(address caller);
    /// Thrown when someone else than the deployer connects.
    error NotDeployer(address caller);
    /// Thrown when the vault is connected a second time.
    error AlreadyConnected(address clearingHouse);
    /// Thrown when a deposit arrives while no clearing house could ever release it.
    error NotConnected();
    /// Thrown when a call arrives while a token is being called.
    error Locked();
    error ZeroAmount();
    error ZeroAddress();
    /// Thrown when tokens would be sent to the vault itself.
    error BadRecipient(address recipient);
    /// Thrown when the id is not an account (owner zero, or pool zero), or, of a move, no bucket at all.
    error BadAccount(uint256 account);
    /// Thrown when a balance would leave its pool.
    error WrongPool(uint32 given, uint32 expected);
    /// Thrown when the pool takes the asset neither as settlement nor as base asset.
    error UnacceptedAsset(uint32 pool, address asset);
    /// Thrown when a bucket holds less than is to be taken from it.
    error InsufficientBalance(uint256 bucket, address asset, uint256 balance, uint256 needed);
    /// Thrown when a token delivered another amount than asked for (fee on transfer, rebasing).
    error FeeOnTransferToken(address asset, uint256 expected, uint256 received);
    /// Thrown when a token call reverts, or returns false or garbage.
    error TransferFailed(address asset);
    error Overflow();

    /// Fixes the clearing house, once, by the deployer.
    function connect(address clearingHouse) external;
    /// Pulls `assets` from the caller into `account` (anyone's). The account exists from here on.
    function deposit(uint256 account, address asset, uint256 assets) external;
    /// Pulls settlement asset from the caller into the pool's insurance. A gift: it is never paid back.
    function depositInsurance(uint32 pool, uint256 assets) external;
    /// Moves between buckets of one pool (clearing house only). To itself: nothing moves, the balance is still checked.
    function moveBalance(address asset, uint256 from, uint256 to, uint256 assets) external;
    /// Sends tokens out of an account (clearing house only).
    function release(address asset, uint256 account, address recipient, uint256 assets) external;

    /// Reverts `Locked` while a token is being called.
    function balanceOf(uint256 bucket, address asset) external view returns (uint256);
    /// Settlement and base balance of a bucket in one call (base 0 when the pool has none).
    function balancesOf(uint256 bucket) external view returns (uint256 settlementBalance, uint256 baseBalance);
    function insuranceOf(uint32 pool) external view returns (uint256);
    /// Sum of all buckets of an asset.
    function totalOf(address asset) external view returns (uint256);
    /// Tokens held beyond the ledger: donations.
    function surplus(address asset) external view returns (uint256);
    function clearingHouse() external view returns (address);
    function seriesFactory() external view returns (address);
}
