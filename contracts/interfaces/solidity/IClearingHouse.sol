// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

/// The kernel: accounts, positions, the margin gate, and the primitives through which modules move positions and cash.
///
/// Account id (uint256): `owner u160 · pool u32 · index u64`. An account lives in one pool and exists from its first deposit.
interface IClearingHouse {
    /// Legs, cash and base (token units), debt to the pool's insurance, and a version that changes whenever legs do.
    struct AccountState {
        bytes32[] legs;
        uint256 cash;
        uint256 base;
        uint256 debt;
        uint64 version;
    }

    event OperatorSet(uint256 indexed account, address indexed operator, bool allowed);
    event TradeApproved(bytes32 indexed tradeHash, uint256 indexed account);
    event TradeRevoked(bytes32 indexed tradeHash, uint256 indexed account);
    event Traded(
        bytes32 indexed tradeHash,
        uint256 indexed buyer,
        uint256 indexed seller,
        uint256 seriesId,
        uint256 contracts,
        uint256 premium
    );
    /// A position's size after a change (0: closed). Together these events rebuild every portfolio.
    event PositionChanged(uint256 indexed account, uint256 indexed seriesId, int256 contracts);
    event CollateralWithdrawn(uint256 indexed account, address indexed recipient, address indexed asset, uint256 assets);
    event DebtChanged(uint256 indexed account, uint256 debt);
    event PortfolioLiquidated(
        uint256 indexed account,
        uint256 indexed bidder,
        uint256 fraction,
        uint256 payment,
        uint256 insuranceFee,
        uint256 insurancePayment
    );
    event PausedUntil(uint64 time);

    /// Thrown when the caller is neither owner nor operator of the account.
    error NotAuthorized(uint256 account, address caller);
    /// Thrown when the caller is not the module that this primitive is for.
    error NotModule(address caller);
    error NotGuardian(address caller);
    error PauseTooLong(uint64 given, uint64 most);
    error Paused(uint64 until);
    error Locked();
    error ZeroAmount();
    error ZeroAddress();
    error BadAccount(uint256 account);
    error UnknownSeries(uint256 seriesId);
    error SeriesExpired(uint256 seriesId, uint32 expiry);
    /// Thrown when accounts or series of different pools meet.
    error WrongPool(uint32 given, uint32 expected);
    /// Thrown when buyer and seller are one account.
    error SelfTrade(uint256 account);
    error DeadlinePassed(uint64 deadline, uint64 time);
    /// Thrown when the counterparty has not approved these very terms.
    error TradeNotApproved(bytes32 tradeHash, uint256 account);
    /// Thrown when the same terms and nonce were executed before.
    error TradeAlreadyExecuted(bytes32 tradeHash);
    error TooManyLegs(uint256 given, uint256 most);
    /// Thrown when an account would hold legs of too many expiries at once.
    error TooManyExpiries(uint256 given, uint256 most);
    error OpenInterestCapExceeded(uint256 seriesId, uint256 given, uint256 most);
    /// Thrown when an account would end below initial margin without its risk having been reduced.
    error InsufficientInitialMargin(uint256 account, int256 balance);
    /// Thrown when market data are degraded and the action would add risk.
    error MarketDegraded(uint32 pool);
    error InsufficientCash(uint256 account, uint256 cash, uint256 needed);
    /// Thrown when an account that owes its pool's insurance withdraws.
    error IndebtedAccount(uint256 account, uint256 debt);
    error UnacceptedAsset(uint32 pool, address asset);
    /// Thrown when an account holds a leg past its expiry that must be settled first.
    error UnsettledExpiry(uint256 account, uint32 expiry);
    error BadFraction(uint256 fraction);
    error Overflow();

    // Account owners and their operators
    /// Names or dismisses an operator (owner only). Everyone may dismiss himself.
    function setOperator(uint256 account, address operator, bool allowed) external;
    /// Takes collateral out. Never pausable. An account without short positions and debt needs no oracle for it; every other one must have its
    /// expired legs settled.
    function withdraw(uint256 account, address asset, uint256 assets, address recipient) external;
    /// Agrees to exact terms, for `account`, which is buyer or seller of them. One execution; `nonce` tells equal terms apart.
    /// `contracts` 1e18; `premium` in settlement token units for the whole trade, from buyer to seller.
    function approveTrade(
        uint256 account,
        uint256 buyer,
        uint256 seller,
        uint256 seriesId,
        uint256 contracts,
        uint256 premium,
        uint64 deadline,
        uint64 nonce
    ) external returns (bytes32 tradeHash);
    function revokeTrade(uint256 account, bytes32 tradeHash) external;
    /// Executes: the caller acts for buyer or seller, the other has approved (or the caller acts for both). Both end at or above initial
    /// margin, or with less risk than before (and, if worth less than nothing, not worth even less).
    function trade(
        uint256 buyer,
        uint256 seller,
        uint256 seriesId,
        uint256 contracts,
        uint256 premium,
        uint64 deadline,
        uint64 nonce
    ) external returns (bytes32 tradeHash);
    /// Pays an account's debt to its pool's insurance out of its cash, as far as it goes. Anyone may call.
    function repayDebt(uint256 account) external returns (uint256 repaid);

    // Guardian
    /// Pauses trades only, until at most 7 days from now; 0 lifts the pause.
    function pause(uint64 durationSeconds) external;

    // Primitives of the liquidation auction
    /// Moves `fraction` (1e18 = all) of every leg, of base and of cash beyond `reserved` from `account` to `bidder`; `payment` goes from bidder to
    /// account, `insuranceFee` from bidder to insurance, `insurancePayment` from insurance to bidder. The bidder ends at or above initial margin.
    function liquidate(
        uint256 account,
        uint256 bidder,
        uint256 fraction,
        uint256 reserved,
        uint256 payment,
        uint256 insuranceFee,
        uint256 insurancePayment
    ) external;

    // Primitives of the expiry settlement
    /// Removes all legs of one expiry and returns them.
    function removeExpiredLegs(uint256 account, uint32 expiry) external returns (bytes32[] memory legs);
    /// Moves settlement or base asset between an account, its pool's insurance and the pot of an expiry in that pool.
    function moveForSettlement(address asset, uint256 from, uint256 to, uint256 assets) external;
    /// Books what the insurance paid for an account that still has other positions.
    function addDebt(uint256 account, uint256 assets) external;

    // Views; the price-dependent ones revert `Locked` during an outside call
    function isAuthorized(uint256 account, address caller) external view returns (bool);
    function accountState(uint256 account)
        external
        view
        returns (AccountState memory);
    function health(uint256 account)
        external
        view
        returns (int256 initial, int256 maintenance, int256 mark, uint32 worstScenario, bool degraded);
    function openInterest(uint256 seriesId) external view returns (uint256 contracts);
    /// Short contracts of all accounts in (pool, expiry) not yet settled.
    function shortInterest(uint32 pool, uint32 expiry) external view returns (uint256 contracts);
    function tradeHash(
        uint256 buyer,
        uint256 seller,
        uint256 seriesId,
        uint256 contracts,
        uint256 premium,
        uint64 deadline,
        uint64 nonce
    ) external view returns (bytes32);
    function isOperator(uint256 account, address operator) external view returns (bool);
    function pausedUntil() external view returns (uint64);
    function guardian() external view returns (address);
    function modules()
        external
        view
        returns (
            address vault,
            address factory,
            address engine,
            address auction,
            address settlement
        );
}
