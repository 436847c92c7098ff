// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

/// Spot as the median of independent sources, volatility per expiry, and the settlement price. Prices are 1e18 quote per underlying.
interface IOracleAdapter {
    /// Median and adverse band (1e18 quote), one volatility (1e18, per year) per expiry asked for, and whether any of it is uncertain.
    struct MarketData {
        uint256 mid;
        uint256 low;
        uint256 high;
        uint64[] volatilities;
        bool degraded;
    }

    event FeedListed(bytes32 indexed feed, uint8 sources, uint8 quorum);
    event PublisherSet(bytes32 indexed feed, address indexed publisher, uint32 maxAge);
    event VolatilityPublished(bytes32 indexed feed, uint32 indexed expiry, uint64 volatility);
    event SampleRecorded(bytes32 indexed feed, uint32 indexed expiry, uint64 at, uint256 price);
    event SettlementPriceFixed(bytes32 indexed feed, uint32 indexed expiry, uint256 price, uint8 step);

    error UnknownFeed(bytes32 feed);
    error FeedExists(bytes32 feed);
    /// Thrown when a feed has fewer than 3 or more than 15 sources.
    error BadSourceCount(uint256 given, uint256 least, uint256 most);
    /// Thrown when list lengths differ.
    error LengthMismatch(uint256 first, uint256 second);
    /// Thrown when two sources are one origin.
    error DuplicateOrigin(address source);
    /// Thrown when a source has no code, no sane `decimals()` (0 to 18), or no valid answer at listing.
    error BadSource(address source);
    error ParameterOutOfBounds(uint256 given, uint256 least, uint256 most);
    /// Thrown when fewer sources than the quorum are valid.
    error QuorumLost(uint256 valid, uint256 needed);
    /// Thrown when so little gas is left that a source could fail for lack of it.
    error InsufficientGasForSource(uint256 gasLeft, uint256 needed);
    error NotPublisher(address caller);
    /// Thrown when a volatility is outside [least, most].
    error BadVolatility(uint32 expiry, uint64 given, uint64 least, uint64 most);
    /// Thrown when a sample is offered outside the window (or too soon after the last one).
    error OutsideWindow(uint64 time, uint64 opens, uint64 closes);
    error SampleTooSoon(uint64 time, uint64 next);
    /// Thrown when the settlement price is asked for before it is fixed.
    error NotFixed(bytes32 feed, uint32 expiry);
    error AlreadyFixed(bytes32 feed, uint32 expiry);
    error NotExpired(uint32 expiry, uint64 time);
    /// Thrown when samples do not suffice for the step of the ladder that time has reached.
    error InsufficientSamples(uint256 given, uint256 needed);
    /// Thrown when two neighbouring samples lie too far apart.
    error SampleGap(uint64 gap, uint64 allowed);
    error IndexOutOfBounds(uint256 index, uint256 length);

    /// Lists a feed (owner only); it never changes. Decimals are pinned and every source must answer now. `maxAges` in seconds;
    /// bounds exclusive, in 1e18. quorum >= floor(n/2) + 1.
    function listFeed(
        bytes32 feed,
        address[] memory sources,
        uint32[] memory maxAges,
        uint256 minPrice,
        uint256 maxPrice,
        uint8 quorum
    ) external;
    /// Names who publishes volatilities of a feed and for how long one is fresh (owner only).
    function setPublisher(bytes32 feed, address publisher, uint32 maxAge) external;
    function publishVolatility(bytes32 feed, uint32[] memory expiries, uint64[] memory volatilities) external;
    /// Records the median now as a settlement sample: from 30 minutes before expiry to 60 minutes after, at most one per 60 s slot.
    function recordSample(bytes32 feed, uint32 expiry) external returns (uint256 price);
    /// Fixes the settlement price, once, by whom ever. Step 1: time-weighted median of the last 30 minutes, if >= 80 % of slots are filled and no
    /// gap exceeds 5 minutes. Step 2, an hour after expiry: median of all samples, at least 6. Step 3, a day after expiry: the median now.
    function fixSettlementPrice(bytes32 feed, uint32 expiry) external returns (uint256 price);

    /// Median, adverse band and the oldest timestamp among the valid sources. Reverts `QuorumLost`.
    function spot(bytes32 feed)
        external
        view
        returns (uint256 mid, uint256 low, uint256 high, uint64 updatedAt, uint8 valid, uint8 sources);
    /// What the margin engine needs, in one call. A volatility is 0 where none was published. `degraded`: a volatility is stale, or the band is
    /// wider than 2 %: new risk is refused, nothing else changes.
    function marketData(bytes32 feed, uint32[] memory expiries)
        external
        view
        returns (MarketData memory);
    /// Status: 0 valid, 1 call failed, 2 not positive, 3 bad timestamp, 4 stale, 5 out of bounds, 6 decimals changed.
    function sourceStatus(bytes32 feed, uint8 index)
        external
        view
        returns (address source, uint8 status, uint256 price, uint64 updatedAt);
    function volatility(bytes32 feed, uint32 expiry) external view returns (uint64 value, uint64 updatedAt);
    function publisher(bytes32 feed) external view returns (address account, uint32 maxAge);
    function sampleCount(bytes32 feed, uint32 expiry) external view returns (uint256);
    function sampleAt(bytes32 feed, uint32 expiry, uint256 index) external view returns (uint64 at, uint256 price);
    /// Reverts `NotFixed`.
    function settlementPrice(bytes32 feed, uint32 expiry) external view returns (uint256 price);
}
