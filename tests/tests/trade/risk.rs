//! The margin gate, its market data, and what a trade moves.

use alloy::primitives::{B256, U256};
use clearing_math::leg::OptionKind;
use end_to_end::stage::VOLATILITY_AGE;
use end_to_end::{USDC, WAD, on_any_node, on_the_local_node};
use novation::bindings::{IClearingHouse, IOracleAdapter};
use novation::client::Terms;

use super::Deal;

#[test]
fn trade_reverts_when_the_buyer_cannot_pay_the_premium() {
    on_any_node(async |stage| {
        let deal = Deal::new(stage).await?;
        let premium = U256::from(50_000 * USDC + 1);
        let terms = Terms {
            premium,
            ..deal.terms
        };
        let error = deal
            .refused::<IClearingHouse::InsufficientCash>(stage, &terms)
            .await?;
        assert_eq!(
            (error.account, error.needed - error.cash),
            (deal.buyer.account, U256::from(1))
        );
        Ok(())
    });
}

#[test]
fn trade_reverts_when_a_side_ends_below_initial_margin() {
    on_any_node(async |stage| {
        let deal = Deal::new(stage).await?;
        // A thousand calls at the money need some hundred thousands.
        let terms = Terms {
            contracts: 1_000 * WAD,
            premium: U256::ZERO,
            ..deal.terms
        };
        let error = deal
            .refused::<IClearingHouse::InsufficientInitialMargin>(stage, &terms)
            .await?;
        assert_eq!(error.account, deal.seller.account);
        assert!(error.balance.is_negative());
        Ok(())
    });
}

#[test]
fn trade_reverts_without_quorum_or_fresh_data() {
    on_the_local_node(async |stage| {
        let deal = Deal::new(stage).await?;
        stage.warp(u64::from(VOLATILITY_AGE) + 1).await?;
        let lost = deal
            .refused::<IOracleAdapter::QuorumLost>(stage, &deal.terms)
            .await?;
        assert_eq!((lost.valid, lost.needed), (U256::ZERO, U256::from(3)));

        stage.set_price(stage.eth(), stage.eth().spot).await?;
        let degraded = deal
            .refused::<IClearingHouse::MarketDegraded>(stage, &deal.terms)
            .await?;
        assert_eq!(degraded.pool, stage.eth().id);

        stage.publish(stage.eth(), 600_000_000_000_000_000).await?;
        stage
            .protocol
            .trade(&deal.seller.signer, &deal.terms)
            .await?;
        Ok(())
    });
}

#[test]
fn trade_reverts_while_venues_disagree_by_more_than_two_percent() {
    on_any_node(async |stage| {
        let deal = Deal::new(stage).await?;
        let spot = stage.eth().spot;
        stage
            .print(stage.eth(), 0, spot - spot * 15 / 1_000)
            .await?;
        stage
            .print(stage.eth(), 1, spot - spot * 15 / 1_000)
            .await?;
        stage
            .print(stage.eth(), 3, spot + spot * 15 / 1_000)
            .await?;
        stage
            .print(stage.eth(), 4, spot + spot * 15 / 1_000)
            .await?;
        deal.refused::<IClearingHouse::MarketDegraded>(stage, &deal.terms)
            .await?;
        Ok(())
    });
}

#[test]
fn an_account_below_margin_may_only_reduce_its_risk() {
    on_any_node(async |stage| {
        let pool = stage.eth();
        let buyer = stage.funded("buyer", pool, 50_000 * USDC).await?;
        let seller = stage.funded("seller", pool, 9_000 * USDC).await?;
        let series = stage
            .series(pool, stage.expiries[1], 2_000, OptionKind::Call)
            .await?;
        stage
            .agree(&buyer, &seller, series, 10 * WAD, 1_300 * USDC)
            .await?;
        stage.set_price(pool, pool.spot * 3 / 2).await?;
        let health = stage.protocol.health(seller.account).await?;
        assert!(health.initial < 0, "{health:?}");

        let deal = Deal {
            terms: stage
                .terms(&buyer, &seller, series, WAD, 1_000 * USDC)
                .await?,
            buyer,
            seller,
        };
        let error = deal
            .refused::<IClearingHouse::InsufficientInitialMargin>(stage, &deal.terms)
            .await?;
        assert_eq!(error.account, deal.seller.account);
        // Buying a call back at its value frees margin, though not enough of it.
        let back = stage
            .terms(&deal.seller, &deal.buyer, series, WAD, 1_010 * USDC)
            .await?;
        stage
            .protocol
            .agree(&deal.seller.signer, &deal.buyer.signer, &back)
            .await?;
        let after = stage.protocol.health(deal.seller.account).await?;
        assert!(
            after.initial < 0 && after.initial >= health.initial,
            "{after:?}"
        );
        Ok(())
    });
}

#[test]
fn trade_moves_contracts_premium_and_interest_to_the_unit() {
    on_any_node(async |stage| {
        let deal = Deal::new(stage).await?;
        let (protocol, terms) = (&stage.protocol, &deal.terms);
        let [buyer, seller] = [deal.buyer.account, deal.seller.account];
        let sent = protocol
            .agree(&deal.buyer.signer, &deal.seller.signer, terms)
            .await?;
        let (bought, sold) = (
            protocol.account_state(buyer).await?,
            protocol.account_state(seller).await?,
        );
        assert_eq!(bought.cash, U256::from(50_000 * USDC) - terms.premium);
        assert_eq!(sold.cash, U256::from(50_000 * USDC) + terms.premium);
        let wad = i128::try_from(WAD)?;
        assert_eq!(
            (bought.legs[0].contracts, sold.legs[0].contracts),
            (wad, -wad)
        );
        assert_eq!((bought.version, sold.version), (1, 1));
        assert_eq!(protocol.open_interest(terms.series).await?, U256::from(WAD));
        let expiry = stage.expiries[1];
        assert_eq!(
            protocol.short_interest(stage.eth().id, expiry).await?,
            U256::from(WAD)
        );
        let hash = IClearingHouse::tradeHashCall {
            buyer,
            seller,
            seriesId: terms.series,
            contracts: U256::from(terms.contracts),
            premium: terms.premium,
            deadline: terms.deadline,
            nonce: terms.nonce,
        };
        let hash: B256 = protocol
            .chain()
            .read(protocol.at().clearing_house, &hash)
            .await?;
        assert_eq!(sent.value, hash);
        let traded = sent
            .receipt
            .logs()
            .iter()
            .find_map(|log| log.log_decode::<IClearingHouse::Traded>().ok())
            .expect("event");
        assert_eq!(traded.inner.tradeHash, hash);

        // And back: nothing is left but the versions.
        stage
            .agree(&deal.seller, &deal.buyer, terms.series, WAD, 130 * USDC)
            .await?;
        for account in [buyer, seller] {
            let state = protocol.account_state(account).await?;
            assert!(state.legs.is_empty());
            assert_eq!((state.cash, state.version), (U256::from(50_000 * USDC), 2));
        }
        assert_eq!(protocol.open_interest(terms.series).await?, U256::ZERO);
        assert_eq!(
            protocol.short_interest(stage.eth().id, expiry).await?,
            U256::ZERO
        );
        Ok(())
    });
}
