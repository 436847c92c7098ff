// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

/// Dutch auctions of accounts below maintenance margin. Fractions are 1e18 = the whole account; payments in settlement token units.
interface ILiquidationAuction {
    event Connected(address indexed clearingHouse);
    event AuctionStarted(uint256 indexed account, address indexed caller, int256 maintenance, int256 mark);
    /// An open auction found the account to be worth nothing from `since` on (0: worth something again). The insurance's payment rises from then.
    event InsolvencyRecorded(uint256 indexed account, uint64 since);
    event AuctionBid(
        uint256 indexed account,
        uint256 indexed bidder,
        uint256 fraction,
        uint256 payment,
        uint256 insuranceFee,
        uint256 insurancePayment
    );
    event AuctionEnded(uint256 indexed account);

    error NotDeployer(address caller);
    error AlreadyConnected(address clearingHouse);
    /// Thrown when the account is at or above its maintenance margin (start), or above the buffer (bid).
    error Healthy(uint256 account, int256 balance);
    error AuctionExists(uint256 account, uint64 startedAt);
    /// Thrown when the sequencer is down or only just back and the account is not deep in shortfall: its owner could not act. Not before `until`.
    error GracePeriod(uint256 account, uint64 until);
    /// Thrown when the median has jumped and the new one is not confirmed: what the account is worth is not known until it is (IOracleAdapter, doubt 2).
    error UnconfirmedJump(uint256 account);
    error NoAuction(uint256 account);
    /// Thrown when an auction is to be opened of an account without legs.
    error NothingToLiquidate(uint256 account);
    /// Thrown when the account has settled winnings that must be claimed first: margin does not count them, so it could look worthless and is not.
    error UnclaimedCredit(uint256 account, uint256 credit);
    /// Thrown when the auction cannot end because the buffer is not restored.
    error Unhealthy(uint256 account, int256 bufferMargin);
    /// Thrown when a bidder acts for the account being sold.
    error SelfLiquidation(uint256 account, address caller);
    error NotAuthorized(uint256 account, address caller);
    error WrongPool(uint32 given, uint32 expected);
    error StaleVersion(uint64 given, uint64 current);
    error DeadlinePassed(uint64 deadline, uint64 time);
    /// Thrown when the fraction is above 1, or below both 1 % and what is for sale (so that no dust bid can outdate the version others expect).
    error BadFraction(uint256 fraction);
    /// Thrown when the bid would cost more (or pay less) than the bidder allows.
    error Slippage(int256 netPayment, int256 limit);
    /// Thrown when the insurance cannot pay for an insolvent account: what is left is realised at expiry.
    error InsuranceExhausted(uint32 pool, uint256 balance, uint256 needed);
    error Overflow();

    /// Fixes the clearing house, once, by the deployer.
    function connect(address clearingHouse) external;
    /// Opens the auction of an account with maintenance balance < 0. In an open one, notes that the account is still below its buffer: the clock
    /// runs on for at most 5 minutes after the last note (or bid), so that nothing is given away while nobody looks; and records that the account
    /// became worthless, or worth something again. `AuctionExists` when that was noted less than a minute ago. Anyone may call.
    /// Opens nothing before IOracleAdapter.graceUntil (`GracePeriod`), unless mark + maintenance < 0: less than half of the requirement is left.
    /// Nothing is opened, and no bid taken, while a jump of the price is unconfirmed (`UnconfirmedJump`): a minute or two.
    /// For the sequencer bids do not wait: what is open was opened when its owner could act, or had to be, and its clock stood while nobody could look.
    function start(uint256 account) external;
    /// Takes at most `maxFraction` of the account into `bidder` (an account in the same pool the caller acts for), at most what restores the buffer.
    /// `maxNetPayment`: most the bidder pays, fee included (negative: least the insurance must pay him).
    function bid(
        uint256 account,
        uint256 bidder,
        uint256 maxFraction,
        int256 maxNetPayment,
        uint64 expectedVersion,
        uint64 deadline
    ) external returns (uint256 fraction, uint256 payment, uint256 insuranceFee, uint256 insurancePayment);
    /// Ends the auction of an account whose buffer is restored or that has no legs left. Anyone may call.
    function end(uint256 account) external;

    /// What a bid of `maxFraction` would do now, to the unit.
    function preview(uint256 account, uint256 maxFraction)
        external
        view
        returns (uint256 fraction, uint256 payment, uint256 insuranceFee, uint256 insurancePayment, uint64 version);
    /// What the clock counts from (0: no auction; later than the start by the time the clock stood) and cash already paid in.
    function auctionOf(uint256 account) external view returns (uint64 startedAt, uint256 reserved);
    function clearingHouse() external view returns (address);
}
