// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

/// One operation of the machine a function, so that two nodes can be compared by what each costs.
contract GasProbe {
    uint256[8] private slots;

    function write(uint256 index, uint256 value) external {
        slots[index] = value;
    }

    /// Reads a slot so often: the first time it is cold.
    function read(uint256 index, uint256 times) external returns (uint256 sum) {
        for (uint256 time = 0; time < times; time++) {
            assembly {
                sum := add(sum, sload(add(slots.slot, index)))
            }
        }
        // Written where the caller could see it, so that nothing is optimised away.
        assembly {
            tstore(0, sum)
        }
    }

    /// A log with so many topics, 1 to 4, and the data given.
    function log(uint256 topics, bytes calldata data) external {
        assembly {
            let at := mload(0x40)
            calldatacopy(at, data.offset, data.length)
            switch topics
            case 1 { log1(at, data.length, 1) }
            case 2 { log2(at, data.length, 1, 2) }
            case 3 { log3(at, data.length, 1, 2, 3) }
            default { log4(at, data.length, 1, 2, 3, 4) }
        }
    }

    function hash(bytes calldata data) external pure returns (bytes32) {
        return keccak256(data);
    }

    function refuse() external pure {
        revert("refused");
    }
}
