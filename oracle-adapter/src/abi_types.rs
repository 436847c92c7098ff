//! The structs of `IOracleAdapter.sol` as the SDK wants them, so that the exported ABI names them; tests hold them equal to the generated ones.

use alloy_sol_types::sol;
use stylus_sdk::prelude::*;

sol! {
    /// One source of a feed.
    #[derive(AbiType, Debug)]
    struct Source {
        address account;
        uint8 kind;
        uint32 maxAge;
        bytes32 origin;
        bytes32 id;
    }

    /// Rules of a feed.
    #[derive(AbiType, Debug)]
    struct FeedRules {
        uint256 minPrice;
        uint256 maxPrice;
        uint8 quorum;
        uint16 warnBps;
        uint16 haltBps;
        uint16 jumpBps;
        uint32 jumpDelay;
        uint16 confidenceBps;
        uint16 twapBps;
    }

    /// What the surface says of an expiry.
    #[derive(AbiType, Debug)]
    struct Term {
        uint32 expiry;
        int64 carry;
        int64 rate;
        uint64 confidence;
        uint64 volatilityCeiling;
        uint32 smiles;
    }

    /// Answer to `marketData`.
    #[derive(AbiType, Debug)]
    struct MarketData {
        uint256 mid;
        uint256 low;
        uint256 high;
        uint64 stable;
        uint64 confidence;
        uint32 doubts;
        Term[] terms;
        bytes32[] smiles;
    }
}

/// What the exporter wants of a type that is returned: it names the structs and prints none.
#[cfg(feature = "export-abi")]
mod exported {
    use stylus_sdk::abi::export::internal::InnerTypes;

    impl InnerTypes for super::MarketData {}
    impl InnerTypes for super::Source {}
    impl InnerTypes for super::FeedRules {}
}
