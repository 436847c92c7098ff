//! Solidity interfaces of the precompiles, as far as this node answers them.

use alloy_sol_types::sol;

sol! {
    interface ArbWasm {
        function activateProgram(address program) external payable returns (uint16 version, uint256 dataFee);
        function codehashKeepalive(bytes32 codehash) external payable;
        function stylusVersion() external view returns (uint16 version);
        function codehashVersion(bytes32 codehash) external view returns (uint16 version);
        function codehashAsmSize(bytes32 codehash) external view returns (uint32 size);
        function programVersion(address program) external view returns (uint16 version);
        function programInitGas(address program) external view returns (uint64 gas, uint64 gasWhenCached);
        function programMemoryFootprint(address program) external view returns (uint16 footprint);
        function programTimeLeft(address program) external view returns (uint64 secs);
        function inkPrice() external view returns (uint32 price);
        function maxStackDepth() external view returns (uint32 depth);
        function freePages() external view returns (uint16 pages);
        function pageGas() external view returns (uint16 gas);
        function pageRamp() external view returns (uint64 ramp);
        function pageLimit() external view returns (uint16 limit);
        function minInitGas() external view returns (uint64 gas, uint64 cached);
        function initCostScalar() external view returns (uint64 percent);
        function expiryDays() external view returns (uint16 expiryDays_);
        function keepaliveDays() external view returns (uint16 keepaliveDays_);
        function blockCacheSize() external view returns (uint16 count);
        function activationGas() external view returns (uint64 gas);

        event ProgramActivated(bytes32 indexed codehash, bytes32 moduleHash, address program, uint256 dataFee, uint16 version);
        event ProgramLifetimeExtended(bytes32 indexed codehash, uint256 dataFee);

        error ProgramNotWasm();
        error ProgramNotActivated();
        error ProgramNeedsUpgrade(uint16 version, uint16 stylusVersion);
        error ProgramExpired(uint64 ageInSeconds);
        error ProgramUpToDate();
        error ProgramKeepaliveTooSoon(uint64 ageInSeconds);
        error ProgramInsufficientValue(uint256 have, uint256 want);
    }

    interface ArbWasmCache {
        function isCacheManager(address manager) external view returns (bool);
        function allCacheManagers() external view returns (address[] memory managers);
        function cacheProgram(address program) external;
        function evictCodehash(bytes32 codehash) external;
        function codehashIsCached(bytes32 codehash) external view returns (bool);

        event UpdateProgramCache(address indexed manager, bytes32 indexed codehash, bool cached);
    }

    interface ArbSys {
        function arbBlockNumber() external view returns (uint256);
        function arbChainID() external view returns (uint256);
        function arbOSVersion() external view returns (uint256);
        function getStorageGasAvailable() external view returns (uint256);
    }

    interface ArbInfo {
        function getBalance(address account) external view returns (uint256);
        function getCode(address account) external view returns (bytes memory);
    }

    interface ArbGasInfo {
        function getPricesInWei() external view returns (uint256, uint256, uint256, uint256, uint256, uint256);
        function getPricesInArbGas() external view returns (uint256, uint256, uint256);
        function getGasAccountingParams() external view returns (uint256, uint256, uint256);
        function getMinimumGasPrice() external view returns (uint256);
        function getL1BaseFeeEstimate() external view returns (uint256);
        function getL1GasPriceEstimate() external view returns (uint256);
    }

    interface ArbOwner {
        function addChainOwner(address newOwner) external;
        function removeChainOwner(address ownerToRemove) external;
        function isChainOwner(address addr) external view returns (bool);
        function getAllChainOwners() external view returns (address[] memory);
        function setL1PricePerUnit(uint256 pricePerUnit) external;
        function addWasmCacheManager(address manager) external;
        function removeWasmCacheManager(address manager) external;
        function scheduleArbOSUpgrade(uint64 newVersion, uint64 timestamp) external;
        function setInkPrice(uint32 price) external;

        event OwnerActs(bytes4 indexed method, address indexed owner, bytes data);
    }

    interface ArbOwnerPublic {
        function isChainOwner(address addr) external view returns (bool);
        function getAllChainOwners() external view returns (address[] memory);
        function getNetworkFeeAccount() external view returns (address);
        function getMaxStylusContractFragments() external view returns (uint8);
    }

    interface ArbDebug {
        function becomeChainOwner() external;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy_primitives::{b256, hex};
    use alloy_sol_types::{SolCall, SolError, SolEvent};

    /// Numbers of `stylus-vm.md` §1.17: one wrong letter in a signature changes them.
    #[test]
    fn selectors_and_topics_are_those_of_the_chain() {
        assert_eq!(ArbWasm::activateProgramCall::SELECTOR, hex!("58c780c2"));
        assert_eq!(ArbWasm::codehashVersionCall::SELECTOR, hex!("d70c0ca7"));
        assert_eq!(ArbWasm::codehashKeepaliveCall::SELECTOR, hex!("c689bad5"));
        assert_eq!(ArbWasm::codehashAsmSizeCall::SELECTOR, hex!("4089267f"));
        assert_eq!(ArbWasm::programInitGasCall::SELECTOR, hex!("62b688aa"));
        assert_eq!(ArbWasm::minInitGasCall::SELECTOR, hex!("99d0b38d"));
        assert_eq!(ArbWasm::activationGasCall::SELECTOR, hex!("2278c278"));
        assert_eq!(ArbWasmCache::cacheProgramCall::SELECTOR, hex!("e73ac9f2"));
        assert_eq!(
            ArbWasmCache::allCacheManagersCall::SELECTOR,
            hex!("0ec1d773")
        );
        assert_eq!(ArbWasmCache::evictCodehashCall::SELECTOR, hex!("ce972013"));
        assert_eq!(ArbDebug::becomeChainOwnerCall::SELECTOR, hex!("0e5bbc11"));
        assert_eq!(ArbOwner::setL1PricePerUnitCall::SELECTOR, hex!("2b352fae"));
        assert_eq!(
            ArbOwner::scheduleArbOSUpgradeCall::SELECTOR,
            hex!("e388b381")
        );
        assert_eq!(ArbOwner::setInkPriceCall::SELECTOR, hex!("8c1d4fda"));
        assert_eq!(
            ArbOwnerPublic::getMaxStylusContractFragmentsCall::SELECTOR,
            hex!("e5a7f893")
        );
        assert_eq!(ArbSys::arbOSVersionCall::SELECTOR, hex!("051038f2"));
        assert_eq!(ArbWasm::ProgramNotActivated::SELECTOR, hex!("6f809c4e"));
        assert_eq!(ArbWasm::ProgramNeedsUpgrade::SELECTOR, hex!("637d968f"));
        assert_eq!(ArbWasm::ProgramExpired::SELECTOR, hex!("c9b12e52"));
        assert_eq!(ArbWasm::ProgramKeepaliveTooSoon::SELECTOR, hex!("16bd0cf8"));
        assert_eq!(
            ArbWasm::ProgramInsufficientValue::SELECTOR,
            hex!("09781ab7")
        );
        assert_eq!(
            ArbWasm::ProgramActivated::SIGNATURE_HASH,
            b256!("c0e812780707128d9a180db8ee4d1c1f1300b6dd0626d577b5d9ac759b76253c")
        );
        assert_eq!(
            ArbWasm::ProgramLifetimeExtended::SIGNATURE_HASH,
            b256!("03802ba32e3bd489d2ab04abb93d10687e0b6883bcb091206ca75172d248f2ec")
        );
        assert_eq!(
            ArbWasmCache::UpdateProgramCache::SIGNATURE_HASH,
            b256!("1bfaa29b4618e78f5b398027d530826dbb266dc976a5067f67fdad15434ecfab")
        );
    }
}
