// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

/// Makes calls one after the other for whoever asks, in one transaction; a call that fails stops none of the others. One as a publisher and another as
/// the one who has many of them speak: what a test of many cases needs.
contract Relay {
    struct Call {
        address to;
        bytes data;
    }

    struct Answer {
        bool succeeded;
        bytes data;
    }

    function run(Call[] calldata calls) external returns (Answer[] memory answers) {
        answers = new Answer[](calls.length);
        for (uint256 index = 0; index < calls.length; index++) {
            (answers[index].succeeded, answers[index].data) = calls[index].to.call(calls[index].data);
        }
    }
}
