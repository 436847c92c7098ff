//! The Solidity contracts only tests use: `scripts/solidity/src/{HostileToken,Integrator,Relay,ScriptedSource}.sol`.

#![allow(missing_docs, reason = "generated; the Solidity files are documented")]

use alloy::sol;

sol! {
    /// An ERC-20 that misbehaves on command.
    #[derive(Debug, PartialEq, Eq)]
    interface IHostileToken {
        error Refused();
        function mint(address to, uint256 amount) external;
        function approve(address spender, uint256 value) external returns (bool);
        function balanceOf(address account) external view returns (uint256);
        function setMode(uint8 mode) external;
        function setCallback(address target, bytes calldata data) external;
        function lastSucceeded() external view returns (bool);
        function lastResult() external view returns (bytes memory);
        function callbacks() external view returns (uint256);
    }

    /// A price source that answers as it is told.
    #[derive(Debug, PartialEq, Eq)]
    interface IScriptedSource {
        function script(bytes4 selector, uint8 ending, bytes calldata answer) external;
    }

    /// Makes many calls in one transaction.
    #[derive(Debug, PartialEq, Eq)]
    interface IRelay {
        struct Call {
            address to;
            bytes data;
        }
        struct Answer {
            bool succeeded;
            bytes data;
        }
        function run(Call[] calldata calls) external returns (Answer[] memory answers);
    }

    /// A Solidity protocol that owns an account of ours.
    #[derive(Debug, PartialEq, Eq)]
    interface IIntegrator {
        event Refused(bytes4 selector);
        function account() external view returns (uint256);
        function deposit(uint256 assets) external;
        function withdraw(uint256 assets, address recipient) external;
        function tryWithdraw(uint256 assets, address recipient) external returns (bytes memory reason);
        function approveTrade(uint256 buyer, uint256 seller, uint256 seriesId, uint256 contracts, uint256 premium, uint64 deadline, uint64 nonce) external returns (bytes32);
        function tryTrade(uint256 buyer, uint256 seller, uint256 seriesId, uint256 contracts, uint256 premium, uint64 deadline, uint64 nonce) external returns (bytes memory reason);
        function listAndPrice(uint32 expiry, uint64 strike, uint8 kind) external returns (uint256 seriesId, uint256 mark);
        function describe(uint256 id) external view returns (uint256 legs, uint256 cash, uint256 base, uint256 debt, uint64 version);
    }
}
