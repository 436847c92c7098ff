// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

/// Volatility smiles, forwards and rates per feed and expiry, from 1 to 15 publishers. What is used is the median of what the publishers say, at every
/// strike: while fewer than half of them lie, it is between two honest ones. Every smile is proved free of static arbitrage when it is published.
///
/// A smile is one word, most significant first: a i40, b u40, rho i32, m i40, sigma u40 (1e-9), expiry u32, publishedAt u32 (unix seconds): the raw SVI
/// of annualised variance, v(k) = a + b(rho(k - m) + sqrt((k - m)^2 + sigma^2)), k = ln(strike / forward). A flat volatility is a = its square, b = 0.
/// A term is 80 bits: carry i32, rate i32 (1e-9 per year), doubt u16 (1e-4): forward = spot e^(carry T), discount e^(-rate T), confidence = 1 - doubt.
///
/// A publisher is an address that sends by itself, or k of n keys that sign (EIP-712, domain ("Novation Volatility Surface", "1", chain id, this contract)):
///   PublishSurface(bytes32 feed,uint8 publisher,bytes32[] smiles,uint80[] terms,uint64 deadline)
/// with signatures of 65 bytes each (r, s, v), strictly ascending by the signer's address.
interface IVolatilitySurface {
    /// What is known of an expiry. Carry and rate 1e18 per year; confidence 1e18 = sure. volatilityCeiling: 0 when enough publishers are fresh, else initial
    /// margin must also hold at the larger of volatility and ceiling. smiles: publishers that count; each has two words in the list of smiles, around the
    /// expiry; where both are equal, that smile decides alone.
    struct Term {
        uint32 expiry;
        int64 carry;
        int64 rate;
        uint64 confidence;
        uint64 volatilityCeiling;
        uint32 smiles;
    }

    event SurfaceListed(bytes32 indexed feed, uint8 publishers, uint8 quorum, uint32 maxAge, uint64 ceiling, uint16 maxChangeBps);
    event PublisherScheduled(bytes32 indexed feed, uint8 indexed publisher, bytes32 replacement, uint64 effectiveAt);
    event PublisherReplaced(bytes32 indexed feed, uint8 indexed publisher, address account, uint8 signers, uint8 threshold);
    event SmilePublished(
        bytes32 indexed feed, uint8 indexed publisher, uint32 indexed expiry, bytes32 smile, uint80 term
    );

    error UnknownFeed(bytes32 feed);
    error FeedExists(bytes32 feed);
    error LengthMismatch(uint256 first, uint256 second);
    error ParameterOutOfBounds(uint256 given, uint256 least, uint256 most);
    error IndexOutOfBounds(uint256 index, uint256 length);
    /// Thrown when two publishers are one account.
    error DuplicateOrigin(address source);
    error NotPublisher(address caller);
    /// Thrown when a replacement is carried out before its delay has passed.
    error NotYetEffective(uint64 time, uint64 effectiveAt);
    /// Thrown when expiries do not rise.
    error UnsortedExpiries(uint32 previous, uint32 next);
    /// Thrown when a publisher would have more live expiries than fit.
    error TooManyExpiries(uint256 given, uint256 most);
    /// Thrown when a smile is malformed or holds arbitrage; whatever was stored stays. code: 1 b, 2 rho, 3 m, 4 sigma out of range (given and limit in
    /// 1e-9); 7 negative variance, 8 wing too steep, 9 butterfly, 10 wing and 11 variance below the next earlier expiry's (1e18). k: where, as
    /// ln(strike / forward) (1e18), or plus or minus 16e18 for a wing.
    error InvalidSmile(uint32 expiry, uint8 code, int256 k, int256 given, int256 limit);
    /// Thrown when the volatility at the forward is outside of [least, most].
    error BadVolatility(uint32 expiry, uint64 given, uint64 least, uint64 most);
    /// Thrown when the volatility at the forward is more than limitBps / 10,000 times the previous one, or less than the previous one by that factor.
    error VolatilityJump(uint32 expiry, uint64 given, uint64 previous, uint256 limitBps);
    /// Thrown when carry or rate is beyond 100 % a year, or doubt above 10,000.
    error BadTerm(uint32 expiry, uint80 term);
    error MissingVolatility(uint32 expiry);
    error NotEnoughSigners(uint256 given, uint256 needed);
    error UnknownSigner(address signer);
    error DuplicateSigner(address signer);
    error UnsortedSigners(address previous, address next);
    error BadSigner(address signer);
    error BadSignature(uint256 index);
    error Expired(uint64 deadline, uint64 time);
    error FutureTimestamp(uint64 timestamp, uint64 latest);

    /// Lists a feed's publishers (owner only), once; the rules never change. An account that is zero is a place for k of n keys, filled by
    /// `replacePublisher`. quorum: fresh publishers needed, raised to a majority; maxAge: seconds a smile stays fresh; ceiling: volatility (1e18) that initial
    /// margin must also hold at when too few are; maxChangeBps: how much the volatility at the forward may change per minute, 0 = unlimited (set it where there
    /// are fewer than three publishers: one alone cannot be outvoted).
    function listSurface(
        bytes32 feed,
        address[] memory publishers,
        uint8 quorum,
        uint32 maxAge,
        uint64 ceiling,
        uint16 maxChangeBps
    ) external;
    /// Replaces a publisher by an account, by k of n keys (ascending), or, with neither, by nobody (owner only). A place that was never filled is filled at
    /// once; otherwise the first call starts a delay of two days and the same call after it takes effect. The predecessor's smiles are dropped.
    function replacePublisher(
        bytes32 feed,
        uint8 publisher,
        address account,
        address[] memory signers,
        uint8 threshold
    ) external;
    /// Stores smiles, expiries rising, all or none. Those that have expired, or are older than what is stored (signed ones: not newer), are ignored.
    /// terms: one per smile, or none to keep what was. A publishedAt of zero, from a publisher that sends by itself, means now.
    function publishSurface(
        bytes32 feed,
        uint8 publisher,
        bytes32[] memory smiles,
        uint80[] memory terms,
        uint64 deadline,
        bytes memory signatures
    ) external;
    /// The same with one volatility (1e18) per expiry for all strikes, from a publisher that sends by itself.
    function publishVolatility(bytes32 feed, uint32[] memory expiries, uint64[] memory volatilities) external;

    /// What margin needs of each expiry, in their order: terms, two words per publisher that counts, and whether any ceiling applies. Between two of a
    /// publisher's expiries total variance, carry and rate times time are linear in time; before the first and beyond the last the nearest is kept.
    function terms(bytes32 feed, uint32[] memory expiries)
        external
        view
        returns (Term[] memory terms, bytes32[] memory smiles, bool stale);
    /// The median volatility at a strike, held within 1 % and 1,800 %, and whether too few publishers are fresh. Forward and strike 1e18.
    function volatility(bytes32 feed, uint32 expiry, uint256 forward, uint256 strike)
        external
        view
        returns (uint64 value, bool stale);
    /// A publisher's stored words of one expiry; zero when there is none (any more).
    function smileOf(bytes32 feed, uint8 publisher, uint32 expiry) external view returns (bytes32 smile, uint80 term);
    /// A publisher's expiries that have not passed, rising.
    function expiriesOf(bytes32 feed, uint8 publisher) external view returns (uint32[] memory);
    /// A publisher: its account, or its keys and how many must sign.
    function publisherOf(bytes32 feed, uint8 publisher)
        external
        view
        returns (address account, address[] memory signers, uint8 threshold);
    function rules(bytes32 feed)
        external
        view
        returns (uint8 publishers, uint8 quorum, uint32 maxAge, uint64 ceiling, uint16 maxChangeBps);
    /// The program that proves smiles.
    function smileProof() external view returns (address);
    function domainSeparator() external view returns (bytes32);
}
