//! Malformed calls to every function of every program: refused, whatever is wrong with them.

use alloy::network::TransactionBuilder;
use alloy::primitives::{Address, B256, Bytes, U256};
use alloy::providers::Provider;
use alloy::rpc::types::TransactionRequest;
use alloy::signers::local::PrivateKeySigner;
use alloy::sol_types::{SolCall, SolInterface};
use anyhow::{bail, ensure};
use end_to_end::{Stage, USDC, on_any_node};
use novation::bindings::{
    IClearingHouse, ICollateralVault, IExpirySettlement, ILiquidationAuction, IMarginEngine,
    IOptionPricer, IOracleAdapter, IRiskLens, IRiskLimits, ISeriesFactory, IVolatilitySurface,
};
use novation::errors::ChainError;

/// A program, and every function of its interface: selector, and whether it takes arguments.
struct Program {
    name: &'static str,
    address: Address,
    functions: Vec<([u8; 4], bool)>,
}

impl Program {
    fn new<I: SolInterface>(name: &'static str, address: Address) -> Self {
        let functions = I::selectors()
            .map(|selector| (selector, I::abi_decode_raw(selector, &[]).is_err()))
            .collect();
        Self {
            name,
            address,
            functions,
        }
    }
}

fn programs(stage: &Stage) -> [Program; 11] {
    let at = stage.protocol.at();
    [
        Program::new::<ICollateralVault::ICollateralVaultCalls>("vault", at.vault),
        Program::new::<ISeriesFactory::ISeriesFactoryCalls>("factory", at.factory),
        Program::new::<IVolatilitySurface::IVolatilitySurfaceCalls>("surface", at.surface),
        Program::new::<IOracleAdapter::IOracleAdapterCalls>("adapter", at.adapter),
        Program::new::<IMarginEngine::IMarginEngineCalls>("engine", at.engine),
        Program::new::<IClearingHouse::IClearingHouseCalls>("kernel", at.clearing_house),
        Program::new::<IOptionPricer::IOptionPricerCalls>("pricer", at.pricer),
        Program::new::<IRiskLimits::IRiskLimitsCalls>("limits", at.limits),
        Program::new::<IRiskLens::IRiskLensCalls>("lens", at.lens),
        Program::new::<ILiquidationAuction::ILiquidationAuctionCalls>("auction", at.auction),
        Program::new::<IExpirySettlement::IExpirySettlementCalls>("settlement", at.settlement),
    ]
}

/// Whether a call as `from` is refused by the contract; anything else that goes wrong is an error.
async fn is_refused(
    stage: &Stage,
    from: Address,
    to: Address,
    data: Bytes,
    value: u64,
) -> anyhow::Result<bool> {
    let request = TransactionRequest::default()
        .with_from(from)
        .with_to(to)
        .with_input(data)
        .with_value(U256::from(value));
    match stage.protocol.chain().provider().call(request).await {
        Ok(_) => Ok(false),
        Err(error) => match ChainError::from_rpc("calling", error) {
            ChainError::Reverted { .. } => Ok(true),
            other => bail!(other),
        },
    }
}

/// Bytes of a call with one word replaced.
fn with_word(call: &impl SolCall, index: usize, word: U256) -> Bytes {
    let mut data = call.abi_encode();
    data[4 + 32 * index..][..32].copy_from_slice(&word.to_be_bytes::<32>());
    data.into()
}

#[test]
fn unknown_selectors_and_plain_transfers_are_refused() {
    on_any_node(async |stage| {
        for program in programs(stage) {
            let from = stage.owner.address();
            for data in [
                vec![],
                vec![0xde],
                vec![0xde, 0xad, 0xbe],
                vec![0xde, 0xad, 0xbe, 0xef],
            ] {
                for value in [0, 1] {
                    let data = Bytes::from(data.clone());
                    let shown = format!("{} took {data} with {value} wei", program.name);
                    let refused = is_refused(stage, from, program.address, data, value).await?;
                    ensure!(refused, "{shown}");
                }
            }
        }
        Ok(())
    });
}

#[test]
fn no_function_takes_ether() {
    on_any_node(async |stage| {
        // Calls that would go through without the ether.
        let (at, from) = (stage.protocol.at(), stage.owner.address());
        for program in programs(stage) {
            for (selector, takes_arguments) in program.functions {
                if takes_arguments {
                    continue;
                }
                let data = Bytes::from(selector.to_vec());
                let plain = is_refused(stage, from, program.address, data.clone(), 0).await?;
                let paid = is_refused(stage, from, program.address, data.clone(), 1).await?;
                ensure!(!plain && paid, "{} {data}: {plain} {paid}", program.name);
            }
        }
        let series = ISeriesFactory::listSeriesCall {
            pool: stage.eth().id,
            expiry: stage.expiries[0],
            strike: end_to_end::stage::strike(2_000),
            kind: 0,
        };
        let evaluate = IOracleAdapter::evaluateCall {
            feed: stage.eth().feed,
        };
        let (account, operator, allowed) = (U256::from_be_bytes(account(stage)), from, true);
        let named = IClearingHouse::setOperatorCall {
            account,
            operator,
            allowed,
        };
        for (to, data) in [
            (at.factory, series.abi_encode()),
            (at.adapter, evaluate.abi_encode()),
            (at.clearing_house, named.abi_encode()),
        ] {
            let data = Bytes::from(data);
            assert!(!is_refused(stage, from, to, data.clone(), 0).await?);
            assert!(is_refused(stage, from, to, data, 1).await?);
        }
        Ok(())
    });
}

fn account(stage: &Stage) -> [u8; 32] {
    novation::ids::account_id(stage.owner.address(), stage.eth().id, 0).to_be_bytes()
}

#[test]
fn truncated_arguments_are_refused_by_every_function() {
    on_any_node(async |stage| {
        let from = stage.owner.address();
        let mut functions = 0;
        for program in programs(stage) {
            for (selector, takes_arguments) in program.functions {
                if !takes_arguments {
                    continue;
                }
                functions += 1;
                for length in [0, 1, 31] {
                    let data = [&selector[..], &vec![0; length]].concat();
                    let refused = is_refused(stage, from, program.address, data.into(), 0).await?;
                    ensure!(
                        refused,
                        "{} {selector:02x?} with {length} bytes",
                        program.name
                    );
                }
            }
        }
        assert!(functions > 55, "{functions}");
        Ok(())
    });
}

#[test]
fn lists_with_impossible_offsets_and_lengths_are_refused() {
    on_any_node(async |stage| {
        let (at, from) = (stage.protocol.at(), stage.owner.address());
        let margin = IMarginEngine::marginCall {
            pool: stage.eth().id,
            legs: Vec::new(),
            cash: alloy::primitives::I256::ZERO,
            base: U256::ZERO,
        };
        let feed = stage.eth().feed;
        let publish = IVolatilitySurface::publishVolatilityCall {
            feed,
            expiries: vec![stage.expiries[0]],
            volatilities: vec![600_000_000_000_000_000],
        };
        let ask = IOracleAdapter::marketDataCall {
            feed,
            expiries: vec![stage.expiries[0]],
        };
        let list = stage
            .feed_terms(B256::repeat_byte(7), &stage.eth().venues, stage.eth().spot)
            .call();
        let absurd = [
            U256::MAX,
            U256::MAX - U256::from(31),
            U256::from(u64::MAX),
            U256::from(u32::MAX),
            U256::from(1 << 20),
        ];
        for word in absurd {
            for (to, data) in [
                // Offset and length of the legs, offset of either list of volatilities, length of the first; expiries; sources.
                (at.engine, with_word(&margin, 1, word)),
                (at.engine, with_word(&margin, 4, word)),
                (at.surface, with_word(&publish, 1, word)),
                (at.surface, with_word(&publish, 2, word)),
                (at.surface, with_word(&publish, 3, word)),
                (at.adapter, with_word(&ask, 1, word)),
                (at.adapter, with_word(&ask, 2, word)),
                (at.adapter, with_word(&list, 1, word)),
                (at.adapter, with_word(&list, 11, word)),
            ] {
                let shown = format!("{to} took {data}");
                ensure!(is_refused(stage, from, to, data, 0).await?, "{shown}");
            }
        }
        Ok(())
    });
}

#[test]
fn words_too_large_for_their_type_are_refused() {
    on_any_node(async |stage| {
        let (at, from) = (stage.protocol.at(), stage.owner.address());
        let above = |bits: usize| U256::from(1) << bits;
        let series = ISeriesFactory::listSeriesCall {
            pool: stage.eth().id,
            expiry: stage.expiries[0],
            strike: end_to_end::stage::strike(2_000),
            kind: 0,
        };
        assert!(!is_refused(stage, from, at.factory, series.abi_encode().into(), 0).await?);
        let plain: [U256; 4] = [
            U256::from(series.pool),
            U256::from(series.expiry),
            U256::from(series.strike),
            U256::ZERO,
        ];
        for (index, bits) in [(0, 32), (1, 32), (2, 64), (3, 8)] {
            let data = with_word(&series, index, plain[index] | above(bits));
            let refused = is_refused(stage, from, at.factory, data, 0).await?;
            ensure!(refused, "listSeries took bit {bits} in argument {index}");
        }
        let pause = IClearingHouse::pauseCall {
            durationSeconds: 60,
        };
        let data = with_word(&pause, 0, above(64) | U256::from(60));
        let guardian = stage.guardian.address();
        ensure!(
            is_refused(stage, guardian, at.clearing_house, data, 0).await?,
            "pause took 2^64 + 60 seconds"
        );
        let named = IClearingHouse::setOperatorCall {
            account: U256::from_be_bytes(account(stage)),
            operator: guardian,
            allowed: true,
        };
        let operator = U256::from_be_bytes(guardian.into_word().0);
        for (index, word) in [(1, operator | above(160)), (2, U256::from(2))] {
            let data = with_word(&named, index, word);
            let refused = is_refused(stage, from, at.clearing_house, data, 0).await?;
            ensure!(refused, "setOperator took {word:#x} as argument {index}");
        }
        Ok(())
    });
}

#[test]
fn a_dirty_asset_address_never_credits_anything() {
    on_any_node(async |stage| {
        let alice = stage.funded("alice", stage.eth(), USDC).await?;
        let vault = stage.protocol.at().vault;
        let call = ICollateralVault::depositCall {
            account: alice.account,
            asset: stage.usdc,
            assets: U256::from(1),
        };
        allow(stage, &alice.signer).await?;
        let clean = Bytes::from(call.abi_encode());
        assert!(!is_refused(stage, alice.address(), vault, clean, 0).await?);
        let asset = U256::from_be_bytes(stage.usdc.into_word().0);
        let dirty = with_word(&call, 1, asset | (U256::from(1) << 160));
        ensure!(
            is_refused(stage, alice.address(), vault, dirty, 0).await?,
            "taken"
        );
        Ok(())
    });
}

async fn allow(stage: &Stage, signer: &PrivateKeySigner) -> anyhow::Result<()> {
    let (protocol, one) = (&stage.protocol, U256::from(10));
    protocol
        .mint(signer, stage.usdc, signer.address(), one)
        .await?;
    let approve = novation::bindings::ITestToken::approveCall {
        spender: protocol.at().vault,
        value: one,
    };
    protocol
        .chain()
        .send("approve", signer, stage.usdc, &approve)
        .await?;
    Ok(())
}
