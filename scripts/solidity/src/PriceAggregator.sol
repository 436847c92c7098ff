// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

/// The face of a Chainlink-style feed, as consumers see it.
interface AggregatorV3Interface {
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
}

/// One venue's price, written by its owner. Rounds are kept, answers may be anything: sanity is the reader's duty.
contract PriceAggregator is AggregatorV3Interface {
    struct Round {
        int256 answer;
        uint256 updatedAt;
    }

    event AnswerUpdated(int256 indexed current, uint256 indexed roundId, uint256 updatedAt);

    error NotOwner(address caller);
    error NoData(uint80 roundId);

    address public immutable owner;
    uint8 public override decimals;
    string public override description;
    uint256 public constant override version = 1;
    uint80 public latestRound;
    mapping(uint80 => Round) private rounds;

    modifier onlyOwner() {
        if (msg.sender != owner) revert NotOwner(msg.sender);
        _;
    }

    constructor(address owner_, uint8 decimals_, string memory description_, int256 answer_) {
        owner = owner_;
        decimals = decimals_;
        description = description_;
        _record(answer_, block.timestamp);
    }

    /// A new round, answered now.
    function setAnswer(int256 answer) external onlyOwner {
        _record(answer, block.timestamp);
    }

    /// A new round with any timestamp: late, zero, in the future.
    function setAnswerAt(int256 answer, uint256 updatedAt) external onlyOwner {
        _record(answer, updatedAt);
    }

    /// What no honest feed does after listing.
    function setDecimals(uint8 decimals_) external onlyOwner {
        decimals = decimals_;
    }

    function latestRoundData() external view override returns (uint80, int256, uint256, uint256, uint80) {
        return getRoundData(latestRound);
    }

    function getRoundData(uint80 roundId) public view override returns (uint80, int256, uint256, uint256, uint80) {
        if (roundId == 0 || roundId > latestRound) revert NoData(roundId);
        Round memory round = rounds[roundId];
        return (roundId, round.answer, round.updatedAt, round.updatedAt, roundId);
    }

    function _record(int256 answer, uint256 updatedAt) private {
        latestRound += 1;
        rounds[latestRound] = Round(answer, updatedAt);
        emit AnswerUpdated(answer, latestRound, updatedAt);
    }
}
