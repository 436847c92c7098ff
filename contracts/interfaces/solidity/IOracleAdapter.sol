// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

/// Spot as the median of independent sources, stored rounds of it, and the settlement price. Prices are 1e18 quote per underlying.
interface IOracleAdapter {
    /// One source of a feed. `account`: the contract to ask. `maxAge`: seconds. `origin`: who stands behind it; two of one origin would count
    /// twice and are refused. `id`: see `kind`.
    /// kind 0: AggregatorV3 (`latestRoundData`, `decimals`; no round ids, no startedAt needed); id 0.
    /// kind 1: Pyth (`getPriceUnsafe`); id is its price id.
    /// The following never count towards the quorum, at most one of each:
    /// kind 3: Uniswap v3 pool, mean over `maxAge` seconds; id is the underlying's token, the other one is the quote. It can only raise doubt.
    /// kind 4: L2 sequencer uptime feed; `maxAge` is the grace period after a restart, at most 3,600; id 0.
    /// kind 5: AggregatorV3 of the settlement asset in quote units; id 0.
    /// kind 6: settlement committee (`attestation` of ISettlementCommittee), asked when a settlement price is fixed and never before; its `maxAge`
    /// means nothing; id 0.
    struct Source {
        address account;
        uint8 kind;
        uint32 maxAge;
        bytes32 origin;
        bytes32 id;
    }

    /// Price bounds exclusive, in 1e18. quorum >= floor(n/2) + 1 (raised to it). All `Bps` in 1/10,000.
    /// warnBps: a band (from the price below the middle to the one above) wider than this is widened by half on either side, within all valid
    /// prices; haltBps: wider than this raises doubt 1. jumpBps: a move further than this from the last accepted price raises doubt 2 until it has
    /// lasted `jumpDelay` seconds (0: no limit). confidenceBps: widest confidence interval of a Pyth price. twapBps: furthest the median may be
    /// from the pool's mean.
    struct FeedRules {
        uint256 minPrice;
        uint256 maxPrice;
        uint8 quorum;
        uint16 warnBps;
        uint16 haltBps;
        uint16 jumpBps;
        uint32 jumpDelay;
        uint16 confidenceBps;
        uint16 twapBps;
    }

    /// What the volatility surface says of an expiry. carry, rate: 1e18 per year, forward = S·e^(carry·T), discount = e^(−rate·T); confidence:
    /// 1e18 = sure; volatilityCeiling: 0 = fresh, else initial margin must also hold at max(volatility, ceiling); smiles: publishers that
    /// contribute, with two consecutive words each.
    struct Term {
        uint32 expiry;
        int64 carry;
        int64 rate;
        uint64 confidence;
        uint64 volatilityCeiling;
        uint32 smiles;
    }

    /// Median and adverse band (1e18 quote); stable: the settlement asset in quote units, 1e18 = at par; confidence 1e18 = sure.
    /// doubts: 0 = none, else new risk is refused and nothing else: 1 band wide, 2 jump, 4 thin quorum, 8 volatility stale, 16 sequencer down or
    /// in grace, 32 the pool's mean disagrees, 64 settlement asset uncertain.
    struct MarketData {
        uint256 mid;
        uint256 low;
        uint256 high;
        uint64 stable;
        uint64 confidence;
        uint32 doubts;
        Term[] terms;
        bytes32[] smiles;
    }

    event FeedListed(bytes32 indexed feed, uint8 sources, uint8 quorum);
    event SourceListed(bytes32 indexed feed, address indexed source, uint8 kind, bytes32 origin);
    /// A round was stored: anyone may, at most one a second.
    event RoundStored(bytes32 indexed feed, uint64 indexed id, uint256 mid, uint256 low, uint256 high, uint64 updatedAt, uint32 doubts);
    event SampleRecorded(bytes32 indexed feed, uint32 indexed expiry, uint64 at, uint256 price);
    /// `step` of the ladder, 1 to 5: see `fixSettlementPrice`.
    event SettlementPriceFixed(bytes32 indexed feed, uint32 indexed expiry, uint256 price, uint8 step);

    error UnknownFeed(bytes32 feed);
    error FeedExists(bytes32 feed);
    /// Thrown when a feed has fewer than 3 or more than 15 sources that count towards the quorum.
    error BadSourceCount(uint256 given, uint256 least, uint256 most);
    /// Thrown when two sources are one origin.
    error DuplicateOrigin(address source);
    /// Thrown when a source has no code, no sane `decimals()` (0 to 18), no valid answer at listing, an id where its kind has none, or a kind that
    /// does not exist or stands there already.
    error BadSource(address source);
    error ParameterOutOfBounds(uint256 given, uint256 least, uint256 most);
    /// Thrown when fewer sources than the quorum are valid.
    error QuorumLost(uint256 valid, uint256 needed);
    /// Thrown when so little gas is left that a source could fail for lack of it.
    error InsufficientGasForSource(uint256 gasLeft, uint256 needed);
    /// Thrown for a round that was never stored; id 0 when none was.
    error UnknownRound(bytes32 feed, uint64 id);
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

    /// Lists a feed (owner only); it never changes. Decimals are pinned and every source must answer now.
    function listFeed(bytes32 feed, Source[] memory sources, FeedRules memory rules) external;
    /// Stores what the sources say now as a round and returns its id; ids count up from 1. In a second that has a round already, that one. Whoever
    /// reads in the same second gets the round, without the sources being asked again. Reverts `QuorumLost`.
    function evaluate(bytes32 feed) external returns (uint64 id);
    /// Records the median now as a settlement sample: from 30 minutes before expiry to 60 minutes after, at most one per 60 s slot.
    function recordSample(bytes32 feed, uint32 expiry) external returns (uint256 price);
    /// Fixes the settlement price, once, by whom ever, on the first step of a ladder that is open and gives one.
    /// Step 1: time-weighted median of the last 30 minutes, if >= 80 % of slots are filled and no gap exceeds 5 minutes.
    /// Step 2, an hour after expiry: median of all samples, at least 6.
    /// Step 3, two hours after expiry, if the feed lists a settlement committee: what it attests, once that is final, if it lies within the feed's
    /// bounds and the extremes of the samples there are. A committee that does not answer, or something else, is passed over.
    /// Step 4, a day after expiry: the median now. Reverts `QuorumLost`.
    /// Step 5, instead of it a week after expiry: the stored round nearest to the expiry in time, whatever the sources say. Reverts
    /// `UnknownRound(feed, 0)` when none was ever stored.
    /// Steps 4 and 5 give the nearest price within the extremes of the samples, if there are any. No step gives zero, or asks for a permission.
    function fixSettlementPrice(bytes32 feed, uint32 expiry) external returns (uint256 price);

    /// Median (the last accepted one while a jump is unconfirmed), adverse band and the oldest timestamp among the values that determine the median.
    /// Reverts `QuorumLost`.
    function spot(bytes32 feed)
        external
        view
        returns (uint256 mid, uint256 low, uint256 high, uint64 updatedAt, uint8 valid, uint8 sources);
    /// A stored round. Reverts `UnknownRound`.
    function round(bytes32 feed, uint64 id)
        external
        view
        returns (uint256 mid, uint256 low, uint256 high, uint64 updatedAt, uint64 evaluatedAt, uint32 doubts);
    /// The last stored round. Reverts `UnknownRound` before the first.
    function latestRound(bytes32 feed)
        external
        view
        returns (uint64 id, uint256 mid, uint256 low, uint256 high, uint64 updatedAt, uint64 evaluatedAt, uint32 doubts);
    /// The median of the sources at this moment, whatever was accepted before: what settlement samples record. Reverts `QuorumLost`.
    function median(bytes32 feed) external view returns (uint256 mid, uint64 updatedAt);
    /// What the margin engine needs, in one call: this second's round, or what the sources say now, and the surface's terms. A smile missing altogether
    /// is a term with `smiles` 0. Reverts `QuorumLost`.
    function marketData(bytes32 feed, uint32[] memory expiries)
        external
        view
        returns (MarketData memory);
    /// A source's answer now: those that count in the order of listing, then those that watch. Status: 0 valid, 1 call failed, 2 not positive, 3 bad
    /// timestamp, 4 stale, 5 out of bounds, 6 decimals changed, 7 confidence too wide, 8 bad exponent, 9 older than what was accepted or reported,
    /// 10 sequencer down, 11 sequencer unknown, 12 in grace. Of a sequencer, price is its answer and updatedAt since when.
    function sourceStatus(bytes32 feed, uint8 index)
        external
        view
        returns (address source, uint8 status, uint256 price, uint64 updatedAt);
    /// The feed as it was listed, the quorum raised to a majority: sources that count in the order of listing, those that watch, the settlement
    /// committee. Those and only those can speak for the feed, for ever.
    function listing(bytes32 feed) external view returns (Source[] memory sources, FeedRules memory rules);
    /// Until when auctions of accounts that are not deep in shortfall wait, unix seconds; 0: they do not. The grace period counted from when the
    /// uptime feed says that the sequencer went down or came back: at most an hour ahead. 0 when there is no uptime feed, when it cannot be read or
    /// answers anything else, and when every round stored for a day has found the sequencer in doubt: nobody waits for a feed that is out of order.
    function graceUntil(bytes32 feed) external view returns (uint64 time);
    /// Whom `marketData` asks for terms; never changes.
    function volatilitySurface() external view returns (address);
    function sampleCount(bytes32 feed, uint32 expiry) external view returns (uint256);
    function sampleAt(bytes32 feed, uint32 expiry, uint256 index) external view returns (uint64 at, uint256 price);
    /// Reverts `NotFixed`.
    function settlementPrice(bytes32 feed, uint32 expiry) external view returns (uint256 price);
}
