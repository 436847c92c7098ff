//! The Solidity files and the bindings generated from them say the same, and say it without contradiction.
//!
//! The files are read a second time here, by a parser that knows nothing of `sol!`, and hashed anew.

use std::collections::{BTreeMap, BTreeSet};

use alloy_primitives::{hex, keccak256};
use alloy_sol_types::{SolCall, SolError, SolEvent};
use interfaces::{
    IAggregatorFace, IClearingHouse, ICollateralVault, IExpirySettlement, ILiquidationAuction,
    IMarginEngine, IMarginModel, IOptionPricer, IOracleAdapter, IOwnable2Step, IRiskLens,
    IRiskLimits, ISeriesFactory, ISettlementCommittee, ISignedPrice, ISignedQuotes, ISmileProof,
    IVolatilitySurface,
};

/// Declarations of one kind: name to signatures.
type Declarations = BTreeMap<String, BTreeSet<String>>;

/// The canonical signatures of everything declared with `keyword`.
fn declarations(source: &str, keyword: &str) -> Declarations {
    let code: String = source
        .lines()
        .map(|line| line.split("//").next().unwrap_or_default())
        .collect::<Vec<_>>()
        .join(" ");
    let mut found = Declarations::new();
    for declaration in code.split(&format!(" {keyword} ")).skip(1) {
        let (name, rest) = declaration.split_once('(').expect("a parameter list opens");
        let (parameters, _) = rest.split_once(')').expect("a parameter list closes");
        let types: Vec<_> = parameters
            .split(',')
            .filter_map(|parameter| parameter.split_whitespace().next())
            .map(|kind| expanded(&code, kind))
            .collect();
        let signature = format!("{name}({})", types.join(","));
        assert!(
            found.entry(name.into()).or_default().insert(signature),
            "{name} declared twice"
        );
    }
    found
}

/// A type, a struct (or a list of them) as the tuple of its members.
fn expanded(code: &str, kind: &str) -> String {
    let (name, list) = kind
        .strip_suffix("[]")
        .map_or((kind, ""), |name| (name, "[]"));
    let Some((_, body)) = code.split_once(&format!(" struct {name} {{")) else {
        return kind.to_owned();
    };
    let (body, _) = body.split_once('}').expect("a struct closes");
    let members: Vec<_> = body
        .split(';')
        .filter_map(|member| member.split_whitespace().next())
        .map(|member| expanded(code, member))
        .collect();
    format!("({}){list}", members.join(","))
}

/// First four bytes of each signature's hash.
fn selectors(declarations: &Declarations) -> BTreeSet<[u8; 4]> {
    let selector = |signature: &String| {
        let [a, b, c, d, ..] = keccak256(signature).0;
        [a, b, c, d]
    };
    declarations.values().flatten().map(selector).collect()
}

macro_rules! interfaces {
    ($($name:ident, $calls:ident, $errors:ident;)*) => {
        [$((
            stringify!($name),
            include_str!(concat!("../solidity/", stringify!($name), ".sol")),
            $name::$calls::SELECTORS.to_vec(),
            $name::$errors::SELECTORS.to_vec(),
        )),*]
    };
}

/// Name, source, and selectors of the bound functions and errors.
type Interface = (&'static str, &'static str, Vec<[u8; 4]>, Vec<[u8; 4]>);

fn interfaces() -> [Interface; 17] {
    interfaces! {
        IAggregatorFace, IAggregatorFaceCalls, IAggregatorFaceErrors;
        IClearingHouse, IClearingHouseCalls, IClearingHouseErrors;
        ICollateralVault, ICollateralVaultCalls, ICollateralVaultErrors;
        IExpirySettlement, IExpirySettlementCalls, IExpirySettlementErrors;
        ILiquidationAuction, ILiquidationAuctionCalls, ILiquidationAuctionErrors;
        IMarginEngine, IMarginEngineCalls, IMarginEngineErrors;
        IMarginModel, IMarginModelCalls, IMarginModelErrors;
        IOptionPricer, IOptionPricerCalls, IOptionPricerErrors;
        IOracleAdapter, IOracleAdapterCalls, IOracleAdapterErrors;
        IRiskLens, IRiskLensCalls, IRiskLensErrors;
        IRiskLimits, IRiskLimitsCalls, IRiskLimitsErrors;
        ISeriesFactory, ISeriesFactoryCalls, ISeriesFactoryErrors;
        ISettlementCommittee, ISettlementCommitteeCalls, ISettlementCommitteeErrors;
        ISignedPrice, ISignedPriceCalls, ISignedPriceErrors;
        ISignedQuotes, ISignedQuotesCalls, ISignedQuotesErrors;
        ISmileProof, ISmileProofCalls, ISmileProofErrors;
        IVolatilitySurface, IVolatilitySurfaceCalls, IVolatilitySurfaceErrors;
    }
}

#[test]
fn every_declared_function_and_error_is_bound_and_nothing_else() {
    for (name, source, calls, errors) in interfaces() {
        let functions = declarations(source, "function");
        assert!(!functions.is_empty(), "{name}");
        assert_eq!(selectors(&functions), calls.into_iter().collect(), "{name}");
        let declared = declarations(source, "error");
        assert!(!declared.is_empty(), "{name}");
        assert_eq!(selectors(&declared), errors.into_iter().collect(), "{name}");
    }
}

#[test]
fn a_name_means_one_error_or_event_in_all_interfaces() {
    for keyword in ["error", "event"] {
        let mut all = Declarations::new();
        for (_, source, ..) in interfaces() {
            for (name, signatures) in declarations(source, keyword) {
                all.entry(name).or_default().extend(signatures);
            }
        }
        for (name, signatures) in all {
            assert_eq!(signatures.len(), 1, "{name}: {signatures:?}");
        }
    }
}

#[test]
fn no_two_errors_share_a_selector() {
    // A revert is passed on from contract to contract: whoever decodes it does not know where it began.
    let signatures: BTreeSet<_> = interfaces()
        .iter()
        .flat_map(|(_, source, ..)| declarations(source, "error").into_values().flatten())
        .collect();
    let selectors: BTreeSet<_> = signatures
        .iter()
        .map(|signature| keccak256(signature)[..4].to_vec())
        .collect();
    assert_eq!(selectors.len(), signatures.len());
}

#[test]
fn every_file_is_bound() {
    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/solidity");
    let files: BTreeSet<_> = std::fs::read_dir(directory)
        .expect("the directory of the Solidity files")
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .into_string()
                .expect("a name in UTF-8")
        })
        .collect();
    let bound: BTreeSet<_> = interfaces()
        .iter()
        .map(|(name, ..)| format!("{name}.sol"))
        .collect();
    assert_eq!(files, bound);
}

#[test]
fn selectors_are_what_callers_have_compiled_in() {
    // Computed once outside of this project's code. A change here breaks every caller that is deployed.
    for (bound, fixed) in [
        (ICollateralVault::depositCall::SELECTOR, hex!("bc157ac1")),
        (
            ICollateralVault::moveBalanceCall::SELECTOR,
            hex!("ac05452a"),
        ),
        (ICollateralVault::releaseCall::SELECTOR, hex!("a8edec91")),
        (ISeriesFactory::listSeriesCall::SELECTOR, hex!("4cac9149")),
        (ISeriesFactory::poolRiskCall::SELECTOR, hex!("6da34012")),
        (IMarginEngine::marginCall::SELECTOR, hex!("6041f279")),
        (IOracleAdapter::marketDataCall::SELECTOR, hex!("3fb9bf1f")),
        (IClearingHouse::tradeCall::SELECTOR, hex!("07146b8f")),
        (IClearingHouse::liquidateCall::SELECTOR, hex!("902a99e7")),
        (IClearingHouse::accountStateCall::SELECTOR, hex!("db7f2623")),
        (IExpirySettlement::settleCall::SELECTOR, hex!("d505ce9a")),
        (ILiquidationAuction::startCall::SELECTOR, hex!("95805dad")),
        (
            IOwnable2Step::transferOwnershipCall::SELECTOR,
            hex!("f2fde38b"),
        ),
        (ICollateralVault::Locked::SELECTOR, hex!("0f2e5b6c")),
        (
            ICollateralVault::FeeOnTransferToken::SELECTOR,
            hex!("825ab413"),
        ),
        (ISeriesFactory::UnknownPool::SELECTOR, hex!("195d99f2")),
        (ISeriesFactory::BadAsset::SELECTOR, hex!("9c564e7a")),
    ] {
        assert_eq!(bound, fixed);
    }
}

#[test]
fn topics_are_what_indexers_have_stored() {
    for (bound, fixed) in [
        (
            ICollateralVault::CollateralDeposited::SIGNATURE_HASH,
            hex!("6e000aabaffdebcfc032614daf1d933c00bcaf2b445f5fa7bd44759412adf5a8"),
        ),
        (
            ISeriesFactory::SeriesListed::SIGNATURE_HASH,
            hex!("6cc7e95d66d64000e340bdab68c9d13e0038c0e375dac8cf0b5c069c1f0d8c25"),
        ),
        (
            IOwnable2Step::OwnershipTransferred::SIGNATURE_HASH,
            hex!("8be0079c531659141344cd1fd0a4f28419497f9722a3daafe3b4186f6b6457e0"),
        ),
    ] {
        assert_eq!(bound.0, fixed);
    }
}
