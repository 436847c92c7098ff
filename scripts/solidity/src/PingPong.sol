// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

/// The Stylus program at the other end, `tests/fixtures/stylus/counter`.
interface IStylusCounter {
    error TooLarge(uint256 given, uint256 allowed);

    function number() external view returns (uint256);
    function setNumber(uint256 number) external;
    function visit(address solidity, uint256 rounds) external returns (uint256);
}

/// Calls a Stylus program and is called back by it, as deep as asked. Refuses in every way Solidity knows.
contract PingPong {
    error Stopped(uint256 pings);

    event Pinged(address indexed by, uint256 rounds);

    uint256 public pings;
    uint256 public limit = type(uint256).max;

    function setLimit(uint256 limit_) external {
        limit = limit_;
    }

    /// One more ping, then the program's turn for the remaining rounds.
    function ping(address counter, uint256 rounds) external returns (uint256) {
        if (pings >= limit) revert Stopped(pings);
        pings += 1;
        emit Pinged(msg.sender, rounds);
        if (rounds == 0) return IStylusCounter(counter).number();
        return IStylusCounter(counter).visit(address(this), rounds - 1);
    }

    /// A refusal of the program comes up unchanged.
    function set(address counter, uint256 number) external {
        IStylusCounter(counter).setNumber(number);
    }

    /// A refusal of the program is caught; returns it (empty when there was none), after an own write that must stay.
    function trySet(address counter, uint256 number) external returns (bytes memory reason) {
        pings += 1;
        try IStylusCounter(counter).setNumber(number) {}
        catch (bytes memory refusal) {
            reason = refusal;
        }
    }

    function refuse() external pure {
        revert("not today");
    }

    function divide(uint256 by) external pure returns (uint256) {
        return 1 / by;
    }
}
