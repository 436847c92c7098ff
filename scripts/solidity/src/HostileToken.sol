// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

/// An ERC-20 that misbehaves on command: it calls back during transfers, answers nothing, `false` or garbage, or refuses.
/// What a settlement asset listed by mistake could be.
contract HostileToken {
    /// What `transfer` and `transferFrom` do.
    enum Mode {
        Honest,
        AnswersNothing,
        AnswersFalse,
        AnswersGarbage,
        Reverts,
        CallsBack,
        MovesNothing
    }

    error Refused();

    uint8 public constant decimals = 6;
    mapping(address => uint256) public balanceOf;
    mapping(address => mapping(address => uint256)) public allowance;

    Mode public mode;
    address public target;
    bytes public data;
    /// Outcome of the last call back, and how many there were.
    bool public lastSucceeded;
    bytes public lastResult;
    uint256 public callbacks;

    function setMode(Mode mode_) external {
        mode = mode_;
    }

    /// What is called in the middle of the next transfers in mode `CallsBack`.
    function setCallback(address target_, bytes calldata data_) external {
        mode = Mode.CallsBack;
        target = target_;
        data = data_;
    }

    function mint(address to, uint256 amount) external {
        balanceOf[to] += amount;
    }

    function approve(address spender, uint256 value) external returns (bool) {
        allowance[msg.sender][spender] = value;
        return true;
    }

    function transfer(address to, uint256 value) external returns (bool) {
        return _transfer(msg.sender, to, value);
    }

    function transferFrom(address from, address to, uint256 value) external returns (bool) {
        allowance[from][msg.sender] -= value;
        return _transfer(from, to, value);
    }

    function _transfer(address from, address to, uint256 value) private returns (bool) {
        if (mode == Mode.Reverts) revert Refused();
        if (mode == Mode.MovesNothing) return true;
        balanceOf[from] -= value;
        if (mode == Mode.CallsBack) {
            callbacks += 1;
            (lastSucceeded, lastResult) = target.call(data);
        }
        balanceOf[to] += value;
        if (mode == Mode.AnswersFalse) return false;
        if (mode == Mode.AnswersNothing) {
            assembly {
                return(0, 0)
            }
        }
        if (mode == Mode.AnswersGarbage) {
            assembly {
                mstore(0, 2)
                return(0, 32)
            }
        }
        return true;
    }
}
