//! Terms no trade can have: amounts, series, pools, caps.

use alloy::primitives::U256;
use clearing_math::leg::OptionKind;
use end_to_end::stage::{OPEN_INTEREST_CAP, strike};
use end_to_end::{USDC, WAD, on_any_node, on_the_local_node};
use novation::bindings::IClearingHouse;
use novation::client::Terms;
use novation::ids::{account_id, series_id};

use super::{Deal, approve, execute};

#[test]
fn trade_reverts_for_zero_and_overflowing_amounts() {
    on_any_node(async |stage| {
        let deal = Deal::new(stage).await?;
        let (protocol, house) = (&stage.protocol, stage.protocol.at().clearing_house);
        let none = Terms {
            contracts: 0,
            ..deal.terms
        };
        deal.refused::<IClearingHouse::ZeroAmount>(stage, &none)
            .await?;
        let many = Terms {
            contracts: (1 << 120) + 1,
            ..deal.terms
        };
        deal.refused::<IClearingHouse::Overflow>(stage, &many)
            .await?;
        let dear = Terms {
            premium: U256::MAX,
            ..deal.terms
        };
        deal.refused::<IClearingHouse::Overflow>(stage, &dear)
            .await?;
        // Contracts beyond what the client can name.
        let all = IClearingHouse::approveTradeCall {
            contracts: U256::MAX,
            ..approve(deal.buyer.account, &deal.terms)
        };
        protocol
            .chain()
            .send("approve", &deal.buyer.signer, house, &all)
            .await?;
        let all = IClearingHouse::tradeCall {
            contracts: U256::MAX,
            ..execute(&deal.terms)
        };
        stage
            .reverts_with::<IClearingHouse::Overflow>(&deal.seller.signer, house, &all)
            .await?;
        Ok(())
    });
}

#[test]
fn trade_reverts_for_unlisted_series() {
    on_any_node(async |stage| {
        let deal = Deal::new(stage).await?;
        let series = series_id(
            stage.eth().id,
            stage.expiries[1],
            strike(2_001),
            OptionKind::Call,
        );
        let terms = Terms {
            series,
            ..deal.terms
        };
        let error = deal
            .refused::<IClearingHouse::UnknownSeries>(stage, &terms)
            .await?;
        assert_eq!(error.seriesId, series);
        // Bits above a series id make it another, unknown one.
        let dirty = Terms {
            series: deal.terms.series | (U256::from(1) << 200),
            ..deal.terms
        };
        deal.refused::<IClearingHouse::UnknownSeries>(stage, &dirty)
            .await?;
        Ok(())
    });
}

#[test]
fn trade_reverts_between_pools() {
    on_any_node(async |stage| {
        let deal = Deal::new(stage).await?;
        let (eth, btc) = (stage.eth().id, stage.btc().id);
        let abroad = account_id(deal.seller.address(), btc, 0);
        let terms = Terms {
            seller: abroad,
            ..deal.terms
        };
        let error = deal
            .refused::<IClearingHouse::WrongPool>(stage, &terms)
            .await?;
        assert_eq!((error.given, error.expected), (btc, eth));
        let series = stage
            .series(stage.btc(), stage.expiries[1], 60_000, OptionKind::Call)
            .await?;
        let terms = Terms {
            series,
            ..deal.terms
        };
        let error = deal
            .refused::<IClearingHouse::WrongPool>(stage, &terms)
            .await?;
        assert_eq!((error.given, error.expected), (eth, btc));
        Ok(())
    });
}

#[test]
fn trade_reverts_above_the_open_interest_cap_and_passes_at_it() {
    on_any_node(async |stage| {
        let buyer = stage.funded("buyer", stage.eth(), USDC).await?;
        // Enough for ten thousand calls.
        let seller = stage
            .funded("seller", stage.eth(), 100_000_000 * USDC)
            .await?;
        let series = stage
            .series(stage.eth(), stage.expiries[1], 2_000, OptionKind::Call)
            .await?;
        let deal = Deal {
            terms: stage
                .terms(&buyer, &seller, series, OPEN_INTEREST_CAP + 1, 0)
                .await?,
            buyer,
            seller,
        };
        let error = deal
            .refused::<IClearingHouse::OpenInterestCapExceeded>(stage, &deal.terms)
            .await?;
        assert_eq!(
            (error.seriesId, error.given, error.most),
            (
                series,
                U256::from(OPEN_INTEREST_CAP + 1),
                U256::from(OPEN_INTEREST_CAP)
            )
        );
        stage
            .agree(&deal.buyer, &deal.seller, series, OPEN_INTEREST_CAP, 0)
            .await?;
        Ok(())
    });
}

#[test]
fn trade_reverts_with_more_than_128_legs() {
    on_any_node(async |stage| {
        let deal = Deal::new(stage).await?;
        let (small, most) = (WAD / 1_000, 128);
        for index in 0..=most {
            let series = stage
                .series(
                    stage.eth(),
                    stage.expiries[1],
                    3_000 + index,
                    OptionKind::Call,
                )
                .await?;
            if index == most {
                let terms = stage
                    .terms(&deal.buyer, &deal.seller, series, small, 0)
                    .await?;
                let error = deal
                    .refused::<IClearingHouse::TooManyLegs>(stage, &terms)
                    .await?;
                let expected = (U256::from(most + 1), U256::from(most));
                assert_eq!((error.given, error.most), expected);
            } else {
                stage
                    .agree(&deal.buyer, &deal.seller, series, small, 0)
                    .await?;
            }
        }
        let state = stage.protocol.account_state(deal.seller.account).await?;
        assert_eq!((state.legs.len(), state.version), (128, 128));
        Ok(())
    });
}

#[test]
fn trade_reverts_in_an_expired_series() {
    on_the_local_node(async |stage| {
        let deal = Deal::new(stage).await?;
        let [expiry, _] = stage.expiries;
        let series = stage
            .series(stage.eth(), expiry, 2_000, OptionKind::Put)
            .await?;
        // The very second of the expiry is too late.
        stage.warp_to(u64::from(expiry)).await?;
        stage.set_price(stage.eth(), stage.eth().spot).await?;
        let terms = stage
            .terms(&deal.buyer, &deal.seller, series, WAD, 0)
            .await?;
        let error = deal
            .refused::<IClearingHouse::SeriesExpired>(stage, &terms)
            .await?;
        assert_eq!((error.seriesId, error.expiry), (series, expiry));
        Ok(())
    });
}

#[test]
fn module_primitives_revert_for_everyone_else() {
    on_any_node(async |stage| {
        let deal = Deal::new(stage).await?;
        let (house, account) = (stage.protocol.at().clearing_house, deal.seller.account);
        let bidder = deal.buyer.account;
        for signer in [&deal.buyer.signer, &stage.owner, &stage.guardian] {
            let liquidate = IClearingHouse::liquidateCall {
                account,
                bidder,
                fraction: U256::from(WAD),
                reserved: U256::ZERO,
                payment: U256::ZERO,
                insuranceFee: U256::ZERO,
                insurancePayment: U256::ZERO,
            };
            stage
                .reverts_with::<IClearingHouse::NotModule>(signer, house, &liquidate)
                .await?;
            let remove = IClearingHouse::removeExpiredLegsCall {
                account,
                expiry: stage.expiries[0],
            };
            stage
                .reverts_with::<IClearingHouse::NotModule>(signer, house, &remove)
                .await?;
            let moved = IClearingHouse::moveForSettlementCall {
                asset: stage.usdc,
                from: account,
                to: bidder,
                assets: U256::from(1),
            };
            stage
                .reverts_with::<IClearingHouse::NotModule>(signer, house, &moved)
                .await?;
            let lend = IClearingHouse::addDebtCall {
                account,
                assets: U256::from(1),
            };
            stage
                .reverts_with::<IClearingHouse::NotModule>(signer, house, &lend)
                .await?;
        }
        Ok(())
    });
}
