// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

/// One feed of the oracle adapter, as protocols written for Chainlink's aggregators (V2 and V3) or for ERC-7726 read it. Rounds are those the adapter
/// stored: anyone stores one with `poke`. Answers are the median in units of `decimals()`, rounded down; a round's time is the oldest
/// among the prices behind it, so that a consumer's own check of age judges the data, not our bookkeeping.
interface IAggregatorFace {
    error ParameterOutOfBounds(uint256 given, uint256 least, uint256 most);
    /// Thrown for a round the adapter never stored, and before the first.
    error NoData(uint80 roundId);
    error Overflow();
    /// Thrown when the pair is not this feed's, either way round (ERC-7726).
    error OracleUnsupportedPair(address base, address quote);
    /// Thrown when the last round is older than `maxAge()`, or the adapter doubts it (ERC-7726).
    error OracleUntrustedData(address base, address quote);

    /// Has the adapter store what the sources say now. Returns the round.
    function poke() external returns (uint80 roundId);

    function decimals() external view returns (uint8);
    function description() external view returns (string memory);
    function version() external view returns (uint256);
    function getRoundData(uint80 roundId)
        external
        view
        returns (uint80 id, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound);
    function latestRoundData()
        external
        view
        returns (uint80 id, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound);

    /// Of the older interface, still read by lending protocols. All revert `NoData` where Chainlink's own contracts return 0: a zero is no price.
    function latestAnswer() external view returns (int256);
    function latestTimestamp() external view returns (uint256);
    function latestRound() external view returns (uint256);
    function getAnswer(uint256 roundId) external view returns (int256);
    function getTimestamp(uint256 roundId) external view returns (uint256);

    /// Value of `inAmount` token units of `base` in token units of `quote`, rounded down (ERC-7726).
    function getQuote(uint256 inAmount, address base, address quote) external view returns (uint256 outAmount);

    function oracleAdapter() external view returns (address);
    function feed() external view returns (bytes32);
    /// The underlying and what it is priced in, with their decimals. Currencies without token have the address of their ISO 4217 number.
    function pair() external view returns (address base, uint8 baseDecimals, address quote, uint8 quoteDecimals);
    /// Seconds after which `getQuote` trusts a round no longer.
    function maxAge() external view returns (uint32);
}
