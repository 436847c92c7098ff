// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

/// Answers each selector as it was told to: any price source, honest, broken or hostile.
contract ScriptedSource {
    enum Ending {
        Answers,
        Reverts,
        BurnsGas
    }

    struct Script {
        Ending ending;
        bytes answer;
    }

    mapping(bytes4 => Script) private scripts;

    /// What follows a call of `selector`: `answer` as it is, whatever its length.
    function script(bytes4 selector, Ending ending, bytes calldata answer) external {
        scripts[selector] = Script(ending, answer);
    }

    fallback(bytes calldata) external returns (bytes memory) {
        Script storage next = scripts[msg.sig];
        if (next.ending == Ending.Reverts) revert();
        if (next.ending == Ending.BurnsGas) {
            assembly {
                invalid()
            }
        }
        return next.answer;
    }
}
