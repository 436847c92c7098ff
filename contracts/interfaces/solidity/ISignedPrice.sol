// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

/// A price that k of n keys have signed (EIP-712), readable as a price aggregator. Anyone submits; nobody owns it. The signers alone may replace
/// themselves. Prices and answers are in units of `decimals()`, times in unix seconds.
///
/// Signed under the domain ("Novation Signed Price", "1", chain id, this contract):
///   PriceUpdate(uint256 price,uint64 confidence,uint64 timestamp,uint64 deadline)
///   SignerReplacement(address[] signers,uint8 threshold,uint64 generation,uint64 deadline)
/// `signatures` are 65 bytes each (r, s, v), strictly ascending by the signer's address, s in the lower half of the order, v 27 or 28.
interface ISignedPrice {
    /// Ascending by address; how many must sign; how often they were replaced, the first set included.
    struct Signers {
        address[] signers;
        uint8 threshold;
        uint64 generation;
    }

    /// As Chainlink's aggregators log it, with their indexed fields.
    event AnswerUpdated(int256 indexed current, uint256 indexed roundId, uint256 updatedAt);
    event SignersReplaced(uint64 indexed generation, uint8 signers, uint8 threshold);

    error ParameterOutOfBounds(uint256 given, uint256 least, uint256 most);
    /// Thrown when a signer would be nobody.
    error BadSigner(address signer);
    error NotEnoughSigners(uint256 given, uint256 needed);
    /// Thrown when a signature is not one of a signer over these very data, on this chain, for this contract.
    error UnknownSigner(address signer);
    error DuplicateSigner(address signer);
    error UnsortedSigners(address previous, address next);
    /// Thrown when signature `index` is nobody's, or one that others could have altered.
    error BadSignature(uint256 index);
    error Expired(uint64 deadline, uint64 time);
    /// Thrown when a price is dated ahead of the latest time accepted.
    error FutureTimestamp(uint64 timestamp, uint64 latest);
    /// Thrown when the signers are less sure of the price than this source demands (1e18 = sure).
    error LowConfidence(uint64 given, uint64 least);
    /// Thrown when the replacement was signed for another generation of signers.
    error WrongGeneration(uint64 given, uint64 current);
    error NoData(uint80 roundId);

    /// Takes a price in. One that is not newer than the latest is ignored (returns false, changes nothing): relayers may race.
    function update(uint256 price, uint64 confidence, uint64 timestamp, uint64 deadline, bytes memory signatures)
        external
        returns (bool accepted);
    /// Replaces the signers, signed by those of `generation`, the present one.
    function replaceSigners(
        address[] memory signers,
        uint8 threshold,
        uint64 generation,
        uint64 deadline,
        bytes memory signatures
    ) external;

    /// Latest price, how sure the signers were (1e18 = sure), when, and its round; all zero before the first.
    function latestPrice() external view returns (uint256 price, uint64 confidence, uint64 timestamp, uint80 roundId);
    function signerSet() external view returns (Signers memory);
    function leastConfidence() external view returns (uint64);
    function domainSeparator() external view returns (bytes32);

    function decimals() external view returns (uint8);
    function description() external view returns (string memory);
    function version() external view returns (uint256);
    /// Reverts `NoData` for a round that is not stored. Both times are that of the signed price.
    function getRoundData(uint80 roundId)
        external
        view
        returns (uint80 id, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound);
    /// Reverts `NoData` before the first price.
    function latestRoundData()
        external
        view
        returns (uint80 id, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound);
}
