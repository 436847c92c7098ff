//! Solidity contracts on top of ours: they read, act, and receive typed reverts.

use alloy::primitives::{Address, B256, U256};
use alloy::sol_types::{SolError, SolValue};
use clearing_math::leg::{Leg, OptionKind};
use end_to_end::bindings::IIntegrator;
use end_to_end::stage::strike;
use end_to_end::{Stage, USDC, WAD, on_any_node};
use novation::bindings::{
    IClearingHouse, IOracleAdapter, IPortfolioReader, IRiskLens, ISeriesFactory,
};
use novation::market::deploy_reader;
use novation::{ids, solidity};

/// An `Integrator` in the ETH pool that holds `cash` USDC units, not deposited yet, and its account.
async fn integrator(stage: &Stage, cash: u128) -> anyhow::Result<(Address, U256)> {
    let chain = stage.protocol.chain();
    let code = solidity::creation_code(&stage.checkout, "Integrator")?;
    let arguments = (stage.protocol.at().lens, U256::from(stage.eth().id));
    let code = [&code[..], &arguments.abi_encode_params()].concat();
    let address = chain.create(&stage.owner, code.into()).await?;
    stage
        .protocol
        .mint(&stage.owner, stage.usdc, address, U256::from(cash))
        .await?;
    let account = chain.read(address, &IIntegrator::accountCall {}).await?;
    Ok((address, account))
}

fn try_trade(buyer: U256, seller: U256, series: U256, deadline: u64) -> IIntegrator::tryTradeCall {
    IIntegrator::tryTradeCall {
        buyer,
        seller,
        seriesId: series,
        contracts: U256::from(WAD),
        premium: U256::from(100 * USDC),
        deadline,
        nonce: 5,
    }
}

#[test]
fn a_contract_receives_typed_reverts_with_their_arguments() {
    on_any_node(async |stage| {
        let (chain, signer) = (stage.protocol.chain(), &stage.owner);
        let (contract, account) = integrator(stage, 10 * USDC).await?;
        let assets = U256::from(10 * USDC);
        chain
            .send(
                "integrator",
                signer,
                contract,
                &IIntegrator::depositCall { assets },
            )
            .await?;
        let recipient = signer.address();

        let call = IIntegrator::tryWithdrawCall {
            assets: assets + U256::from(1),
            recipient,
        };
        let reason = chain
            .send("integrator", signer, contract, &call)
            .await?
            .value;
        let error = IClearingHouse::InsufficientCash::abi_decode(&reason)?;
        assert_eq!(
            (error.account, error.cash, error.needed),
            (account, assets, assets + U256::from(1))
        );

        let call = IIntegrator::tryWithdrawCall {
            assets,
            recipient: Address::ZERO,
        };
        let reason = chain
            .send("integrator", signer, contract, &call)
            .await?
            .value;
        IClearingHouse::ZeroAddress::abi_decode(&reason)?;

        // A refusal two contracts deep comes up unchanged.
        let seller = stage.trader("broke", stage.eth()).await?;
        let series = stage
            .series(stage.eth(), stage.expiries[1], 2_000, OptionKind::Call)
            .await?;
        let deadline = stage.now().await? + 600;
        let call = try_trade(account, seller.account, series, deadline);
        let reason = chain
            .send("integrator", signer, contract, &call)
            .await?
            .value;
        let error = IClearingHouse::TradeNotApproved::abi_decode(&reason)?;
        assert_eq!(error.account, seller.account);

        // What was refused left nothing: the account is as it was.
        let state = stage.protocol.account_state(account).await?;
        assert_eq!(
            (state.cash, state.legs.len(), state.version),
            (assets, 0, 0)
        );
        Ok(())
    });
}

#[test]
fn reverts_of_lens_and_adapter_reach_a_solidity_reader() {
    on_any_node(async |stage| {
        let (contract, _) = integrator(stage, 0).await?;
        let stale = IIntegrator::listAndPriceCall {
            expiry: u32::try_from(stage.now().await?)? / 3_600 * 3_600,
            strike: strike(2_000),
            kind: 0,
        };
        stage
            .reverts_with::<ISeriesFactory::BadExpiry>(&stage.owner, contract, &stale)
            .await?;
        for venue in 0..3 {
            // A price out of bounds: the quorum is lost.
            stage.print(stage.eth(), venue, WAD).await?;
        }
        let call = IIntegrator::listAndPriceCall {
            expiry: stage.expiries[1],
            strike: strike(2_000),
            kind: 0,
        };
        stage
            .reverts_with::<IOracleAdapter::QuorumLost>(&stage.owner, contract, &call)
            .await?;
        Ok(())
    });
}

#[test]
fn only_the_contract_itself_acts_for_its_account() {
    on_any_node(async |stage| {
        let (chain, signer) = (stage.protocol.chain(), &stage.owner);
        let (contract, account) = integrator(stage, USDC).await?;
        let assets = U256::from(USDC);
        chain
            .send(
                "integrator",
                signer,
                contract,
                &IIntegrator::depositCall { assets },
            )
            .await?;
        let call = IClearingHouse::withdrawCall {
            account,
            asset: stage.usdc,
            assets,
            recipient: signer.address(),
        };
        // Whoever deployed it and paid for its gas is a stranger to its account.
        stage
            .reverts_with::<IClearingHouse::NotAuthorized>(
                signer,
                stage.protocol.at().clearing_house,
                &call,
            )
            .await?;
        Ok(())
    });
}

#[test]
fn a_contract_deposits_trades_lists_prices_and_withdraws() {
    on_any_node(async |stage| {
        let (protocol, signer) = (&stage.protocol, &stage.owner);
        let chain = protocol.chain();
        let (contract, account) = integrator(stage, 1_000 * USDC).await?;
        let assets = U256::from(1_000 * USDC);
        chain
            .send(
                "integrator",
                signer,
                contract,
                &IIntegrator::depositCall { assets },
            )
            .await?;

        let call = IIntegrator::listAndPriceCall {
            expiry: stage.expiries[1],
            strike: strike(2_000),
            kind: 0,
        };
        let listed = chain
            .send("integrator", signer, contract, &call)
            .await?
            .value;
        let expected = ids::series_id(
            stage.eth().id,
            stage.expiries[1],
            strike(2_000),
            OptionKind::Call,
        );
        assert_eq!(listed.seriesId, expected);
        // 0.4 · S · σ · √t for an option at the money: about 0.4 · 2,000 · 0.6 · √(30/365) = 137.
        let mark: u128 = listed.mark.to();
        assert!((130 * WAD..145 * WAD).contains(&mark), "{mark}");

        let seller = stage.funded("seller", stage.eth(), 10_000 * USDC).await?;
        let terms = novation::client::Terms {
            buyer: account,
            seller: seller.account,
            series: expected,
            contracts: WAD,
            premium: U256::from(100 * USDC),
            deadline: stage.now().await? + 600,
            nonce: 5,
        };
        protocol
            .approve_trade(&seller.signer, seller.account, &terms)
            .await?;
        let call = try_trade(account, seller.account, expected, terms.deadline);
        let reason = chain
            .send("integrator", signer, contract, &call)
            .await?
            .value;
        assert!(reason.is_empty(), "{reason}");
        let seen = chain
            .read(contract, &IIntegrator::describeCall { id: account })
            .await?;
        assert_eq!(
            (seen.legs, seen.cash),
            (U256::from(1), U256::from(900 * USDC))
        );
        assert_eq!(
            (seen.base, seen.debt, seen.version),
            (U256::ZERO, U256::ZERO, 1)
        );

        // It may also agree ahead of time and let the other side execute.
        let back = novation::client::Terms {
            buyer: seller.account,
            seller: account,
            nonce: 6,
            ..terms
        };
        let approve = IIntegrator::approveTradeCall {
            buyer: back.buyer,
            seller: back.seller,
            seriesId: back.series,
            contracts: U256::from(back.contracts),
            premium: back.premium,
            deadline: back.deadline,
            nonce: back.nonce,
        };
        chain.send("integrator", signer, contract, &approve).await?;
        protocol.trade(&seller.signer, &back).await?;
        let out = IIntegrator::withdrawCall {
            assets,
            recipient: signer.address(),
        };
        let before = protocol.token_balance(stage.usdc, signer.address()).await?;
        chain.send("integrator", signer, contract, &out).await?;
        assert_eq!(
            protocol.token_balance(stage.usdc, signer.address()).await?,
            before + assets
        );
        Ok(())
    });
}

#[test]
fn a_reader_sees_health_marks_and_what_a_position_would_do() {
    on_any_node(async |stage| {
        let protocol = &stage.protocol;
        let chain = protocol.chain();
        let reader = deploy_reader(protocol, &stage.checkout, &stage.owner).await?;
        let buyer = stage.funded("buyer", stage.eth(), 10_000 * USDC).await?;
        let seller = stage.funded("seller", stage.eth(), 10_000 * USDC).await?;
        let series = stage
            .series(stage.eth(), stage.expiries[1], 2_000, OptionKind::Put)
            .await?;
        stage
            .agree(&buyer, &seller, series, WAD, 100 * USDC)
            .await?;
        for trader in [&buyer, &seller] {
            let account = trader.account;
            let seen = chain
                .read(reader, &IPortfolioReader::healthCall { account })
                .await?;
            let health = protocol.health(account).await?;
            // Both are read within a block or two, in which time passes by a second at most.
            let near = |seen: alloy::primitives::I256, own: i128| {
                i128::try_from(seen).is_ok_and(|seen| seen.abs_diff(own) < WAD / 1_000)
            };
            assert!(near(seen.initial, health.initial), "{seen:?} {health:?}");
            assert!(
                near(seen.maintenance, health.maintenance),
                "{seen:?} {health:?}"
            );
            assert!(near(seen.mark, health.mark), "{seen:?} {health:?}");
        }
        let marks = chain
            .read(
                reader,
                &IPortfolioReader::marksCall {
                    account: buyer.account,
                },
            )
            .await?;
        let price = IRiskLens::priceCall { seriesId: series };
        assert_eq!(marks, [chain.read(protocol.at().lens, &price).await?.mark]);
        // Two more short puts need more margin than one.
        let leg = Leg {
            expiry: stage.expiries[1],
            strike: strike(1_900),
            kind: OptionKind::Put,
            contracts: -2 * i128::try_from(WAD)?,
        };
        let call = IPortfolioReader::healthWithCall {
            account: seller.account,
            leg: B256::from(leg.to_word()),
        };
        let with = chain.read(reader, &call).await?;
        let without = protocol.health(seller.account).await?;
        assert!(i128::try_from(with.initial)? < without.initial);
        Ok(())
    });
}
