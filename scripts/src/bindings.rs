//! Typed calls, events and errors of everything the tool talks to, generated from the Solidity interfaces that users import.

#![allow(
    missing_docs,
    clippy::too_many_arguments,
    reason = "generated from Solidity files, which are documented and decide the number of arguments"
)]

use alloy::sol;

sol!(
    #[sol(rpc, all_derives)]
    "../contracts/interfaces/solidity/ICollateralVault.sol"
);
sol!(
    #[sol(rpc, all_derives)]
    "../contracts/interfaces/solidity/ISeriesFactory.sol"
);
sol!(
    #[sol(rpc, all_derives)]
    "../contracts/interfaces/solidity/IOracleAdapter.sol"
);
sol!(
    #[sol(rpc, all_derives)]
    "../contracts/interfaces/solidity/IMarginEngine.sol"
);
sol!(
    #[sol(rpc, all_derives)]
    "../contracts/interfaces/solidity/IRiskLens.sol"
);
sol!(
    #[sol(rpc, all_derives)]
    "../contracts/interfaces/solidity/IRiskLimits.sol"
);
sol!(
    #[sol(rpc, all_derives)]
    "../contracts/interfaces/solidity/IOptionPricer.sol"
);
sol!(
    #[sol(rpc, all_derives)]
    "../contracts/interfaces/solidity/IClearingHouse.sol"
);
sol!(
    #[sol(rpc, all_derives)]
    "../contracts/interfaces/solidity/ILiquidationAuction.sol"
);
sol!(
    #[sol(rpc, all_derives)]
    "../contracts/interfaces/solidity/IExpirySettlement.sol"
);
sol!(
    #[sol(rpc, all_derives)]
    "../contracts/interfaces/solidity/ISignedPrice.sol"
);
sol!(
    #[sol(rpc, all_derives)]
    "../contracts/interfaces/solidity/ISignedQuotes.sol"
);
sol!(
    #[sol(rpc, all_derives)]
    "../contracts/interfaces/solidity/ISettlementCommittee.sol"
);
sol!(
    #[sol(rpc, all_derives)]
    "../contracts/interfaces/solidity/IAggregatorFace.sol"
);

sol!(
    #[sol(rpc, all_derives)]
    "../contracts/interfaces/solidity/IVolatilitySurface.sol"
);

sol! {
    /// Two-step ownership of the adapter and the factory (openzeppelin-stylus `Ownable2Step`).
    #[sol(rpc)]
    #[derive(Debug, PartialEq, Eq)]
    interface IOwnable2Step {
        error OwnableUnauthorizedAccount(address account);
        error OwnableInvalidOwner(address owner);
        function owner() external view returns (address);
        function pendingOwner() external view returns (address);
        function transferOwnership(address newOwner) external;
        function acceptOwnership() external;
    }

    /// Activation of programs, at 0x71.
    #[sol(rpc)]
    #[derive(Debug, PartialEq, Eq)]
    interface IArbWasm {
        error ProgramNotWasm();
        error ProgramNotActivated();
        error ProgramNeedsUpgrade(uint16 version, uint16 stylusVersion);
        error ProgramExpired(uint64 ageInSeconds);
        error ProgramUpToDate();
        error ProgramInsufficientValue(uint256 have, uint256 want);
        function activateProgram(address program) external payable returns (uint16 version, uint256 dataFee);
        function stylusVersion() external view returns (uint16 version);
        function codehashVersion(bytes32 codehash) external view returns (uint16 version);
        function programVersion(address program) external view returns (uint16 version);
        function programInitGas(address program) external view returns (uint64 gas, uint64 gasWhenCached);
        function activationGas() external view returns (uint64 gas);
    }

    /// Chain parameters, at 0x70: only the chain's owner may call.
    #[sol(rpc)]
    #[derive(Debug, PartialEq, Eq)]
    interface IArbOwner {
        function setL1PricePerUnit(uint256 pricePerUnit) external;
        function addWasmCacheManager(address manager) external;
        function scheduleArbOSUpgrade(uint64 newVersion, uint64 timestamp) external;
        function setInkPrice(uint32 price) external;
    }

    /// What the chain runs, at 0x64.
    #[sol(rpc)]
    #[derive(Debug, PartialEq, Eq)]
    interface IArbSys {
        function arbOSVersion() external view returns (uint256 version);
    }

    /// Which programs are kept compiled, at 0x72.
    #[sol(rpc)]
    #[derive(Debug, PartialEq, Eq)]
    interface IArbWasmCache {
        function allCacheManagers() external view returns (address[] memory managers);
        function cacheProgram(address program) external;
        function evictCodehash(bytes32 codehash) external;
        function codehashIsCached(bytes32 codehash) external view returns (bool);
    }

    /// Makes the caller owner of a development chain, at 0xff.
    #[sol(rpc)]
    #[derive(Debug, PartialEq, Eq)]
    interface IArbDebug {
        function becomeChainOwner() external;
    }

    /// Deploys, activates and constructs a program in one transaction.
    #[sol(rpc)]
    #[derive(Debug, PartialEq, Eq)]
    interface IStylusDeployer {
        event ContractDeployed(address deployedContract);
        error ContractDeploymentError(bytes bytecode);
        error ContractInitializationError(address newContract);
        error RefundExcessValueError(uint256 excessValue);
        error EmptyBytecode();
        error InitValueButNotInitData();
        function deploy(bytes calldata bytecode, bytes calldata initData, uint256 initValue, bytes32 salt) external payable returns (address);
    }

    /// What SDK 0.9 dispatches to the method marked `#[constructor]`; the arguments follow the selector.
    function stylus_constructor();

    /// `scripts/solidity/src/TestToken.sol` and `FeeToken.sol`.
    #[sol(rpc)]
    #[derive(Debug, PartialEq, Eq)]
    interface ITestToken {
        error ERC20InsufficientBalance(address sender, uint256 balance, uint256 needed);
        error ERC20InsufficientAllowance(address spender, uint256 allowance, uint256 needed);
        error ERC20InvalidReceiver(address receiver);
        event Transfer(address indexed from, address indexed to, uint256 value);
        function mint(address to, uint256 amount) external;
        function approve(address spender, uint256 value) external returns (bool);
        function transfer(address to, uint256 value) external returns (bool);
        function allowance(address owner, address spender) external view returns (uint256);
        function balanceOf(address account) external view returns (uint256);
        function totalSupply() external view returns (uint256);
        function decimals() external view returns (uint8);
        function symbol() external view returns (string memory);
    }

    /// `scripts/solidity/src/PriceAggregator.sol`.
    #[sol(rpc)]
    #[derive(Debug, PartialEq, Eq)]
    interface IPriceAggregator {
        error NotOwner(address caller);
        error NoData(uint80 roundId);
        function setAnswer(int256 answer) external;
        function setAnswerAt(int256 answer, uint256 updatedAt) external;
        function setDecimals(uint8 decimals) external;
        function owner() external view returns (address);
        function decimals() external view returns (uint8);
        function description() external view returns (string memory);
        function latestRoundData() external view returns (uint80 id, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound);
    }

    /// `scripts/solidity/src/PortfolioReader.sol`.
    #[sol(rpc)]
    #[derive(Debug, PartialEq, Eq)]
    interface IPortfolioReader {
        function health(uint256 account) external view returns (int256 initial, int256 maintenance, int256 mark);
        function healthWith(uint256 account, bytes32 leg) external view returns (int256 initial, int256 maintenance, int256 mark);
        function marks(uint256 account) external view returns (uint256[] memory values);
        function clearingHouse() external view returns (address);
        function engine() external view returns (address);
    }
}
