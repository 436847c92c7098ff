//! Trades: agreed terms, executed once, both sides above initial margin.

use alloy::primitives::{B256, U256};
use clearing_math::leg::OptionKind;
use end_to_end::stage::{OPEN_INTEREST_CAP, VOLATILITY_AGE, strike};
use end_to_end::{Stage, Trader, USDC, WAD, on_any_node, on_the_local_node};
use novation::bindings::{IClearingHouse, IMarginEngine, IOracleAdapter};
use novation::client::Terms;
use novation::ids::{account_id, series_id};

fn execute(terms: &Terms) -> IClearingHouse::tradeCall {
    IClearingHouse::tradeCall {
        buyer: terms.buyer,
        seller: terms.seller,
        seriesId: terms.series,
        contracts: U256::from(terms.contracts),
        premium: terms.premium,
        deadline: terms.deadline,
        nonce: terms.nonce,
    }
}

fn approve(account: U256, terms: &Terms) -> IClearingHouse::approveTradeCall {
    IClearingHouse::approveTradeCall {
        account,
        buyer: terms.buyer,
        seller: terms.seller,
        seriesId: terms.series,
        contracts: U256::from(terms.contracts),
        premium: terms.premium,
        deadline: terms.deadline,
        nonce: terms.nonce,
    }
}

/// A buyer and a seller of ETH options with plenty of cash, and terms for one call at the money.
struct Deal {
    buyer: Trader,
    seller: Trader,
    terms: Terms,
}

impl Deal {
    async fn new(stage: &Stage) -> anyhow::Result<Self> {
        let buyer = stage.funded("buyer", stage.eth(), 50_000 * USDC).await?;
        let seller = stage.funded("seller", stage.eth(), 50_000 * USDC).await?;
        let series = stage
            .series(stage.eth(), stage.expiries[1], 2_000, OptionKind::Call)
            .await?;
        let terms = stage
            .terms(&buyer, &seller, series, WAD, 130 * USDC)
            .await?;
        Ok(Self {
            buyer,
            seller,
            terms,
        })
    }

    /// The buyer approves `terms`; the seller's execution must be refused with `E`.
    async fn refused<E: alloy::sol_types::SolError>(
        &self,
        stage: &Stage,
        terms: &Terms,
    ) -> anyhow::Result<E> {
        let protocol = &stage.protocol;
        protocol
            .approve_trade(&self.buyer.signer, terms.buyer, terms)
            .await?;
        let house = protocol.at().clearing_house;
        stage
            .reverts_with::<E>(&self.seller.signer, house, &execute(terms))
            .await
    }
}

#[test]
fn trade_reverts_unless_both_sides_have_agreed_to_these_very_terms() {
    on_any_node(async |stage| {
        let deal = Deal::new(stage).await?;
        let house = stage.protocol.at().clearing_house;
        let error = stage
            .reverts_with::<IClearingHouse::TradeNotApproved>(
                &deal.seller.signer,
                house,
                &execute(&deal.terms),
            )
            .await?;
        assert_eq!(error.account, deal.buyer.account);
        stage
            .protocol
            .approve_trade(&deal.buyer.signer, deal.buyer.account, &deal.terms)
            .await?;
        // Every term is part of what was approved.
        let Terms {
            contracts,
            premium,
            deadline,
            nonce,
            ..
        } = deal.terms;
        let one = U256::from(1);
        for other in [
            Terms {
                contracts: contracts + 1,
                ..deal.terms
            },
            Terms {
                premium: premium + one,
                ..deal.terms
            },
            Terms {
                premium: premium - one,
                ..deal.terms
            },
            Terms {
                deadline: deadline + 1,
                ..deal.terms
            },
            Terms {
                nonce: nonce + 1_000_000,
                ..deal.terms
            },
        ] {
            stage
                .reverts_with::<IClearingHouse::TradeNotApproved>(
                    &deal.seller.signer,
                    house,
                    &execute(&other),
                )
                .await?;
        }
        // A stranger may execute only what both have approved.
        let stranger = stage.trader("stranger", stage.eth()).await?;
        let error = stage
            .reverts_with::<IClearingHouse::TradeNotApproved>(
                &stranger.signer,
                house,
                &execute(&deal.terms),
            )
            .await?;
        assert_eq!(error.account, deal.seller.account);
        Ok(())
    });
}

#[test]
fn approval_reverts_for_strangers_outsiders_and_past_deadlines() {
    on_any_node(async |stage| {
        let deal = Deal::new(stage).await?;
        let house = stage.protocol.at().clearing_house;
        let stranger = stage.funded("stranger", stage.eth(), USDC).await?;
        let call = approve(deal.buyer.account, &deal.terms);
        stage
            .reverts_with::<IClearingHouse::NotAuthorized>(&stranger.signer, house, &call)
            .await?;
        let call = approve(stranger.account, &deal.terms);
        let error = stage
            .reverts_with::<IClearingHouse::BadAccount>(&stranger.signer, house, &call)
            .await?;
        assert_eq!(error.account, stranger.account);
        let past = Terms {
            deadline: stage.now().await? - 1,
            ..deal.terms
        };
        let call = approve(deal.buyer.account, &past);
        let error = stage
            .reverts_with::<IClearingHouse::DeadlinePassed>(&deal.buyer.signer, house, &call)
            .await?;
        assert_eq!(error.deadline, past.deadline);
        Ok(())
    });
}

#[test]
fn a_revoked_approval_is_worth_nothing() {
    on_any_node(async |stage| {
        let deal = Deal::new(stage).await?;
        let (chain, house) = (stage.protocol.chain(), stage.protocol.at().clearing_house);
        let hash = stage
            .protocol
            .approve_trade(&deal.buyer.signer, deal.buyer.account, &deal.terms)
            .await?
            .value;
        let revoke = IClearingHouse::revokeTradeCall {
            account: deal.buyer.account,
            tradeHash: hash,
        };
        stage
            .reverts_with::<IClearingHouse::NotAuthorized>(&deal.seller.signer, house, &revoke)
            .await?;
        chain
            .send("revoke", &deal.buyer.signer, house, &revoke)
            .await?;
        stage
            .reverts_with::<IClearingHouse::TradeNotApproved>(
                &deal.seller.signer,
                house,
                &execute(&deal.terms),
            )
            .await?;
        stage
            .reverts_with::<IClearingHouse::TradeNotApproved>(&deal.buyer.signer, house, &revoke)
            .await?;
        Ok(())
    });
}

#[test]
fn trade_executes_once() {
    on_any_node(async |stage| {
        let deal = Deal::new(stage).await?;
        let house = stage.protocol.at().clearing_house;
        let sent = stage
            .protocol
            .agree(&deal.buyer.signer, &deal.seller.signer, &deal.terms)
            .await?;
        let error = stage
            .reverts_with::<IClearingHouse::TradeAlreadyExecuted>(
                &deal.seller.signer,
                house,
                &execute(&deal.terms),
            )
            .await?;
        assert_eq!(error.tradeHash, sent.value);
        let call = approve(deal.buyer.account, &deal.terms);
        stage
            .reverts_with::<IClearingHouse::TradeAlreadyExecuted>(&deal.buyer.signer, house, &call)
            .await?;
        // The same terms under another nonce are another trade.
        let again = Terms {
            nonce: stage.next_nonce() + 7_000,
            ..deal.terms
        };
        stage
            .protocol
            .agree(&deal.buyer.signer, &deal.seller.signer, &again)
            .await?;
        assert_eq!(
            stage.protocol.open_interest(deal.terms.series).await?,
            U256::from(2 * WAD)
        );
        Ok(())
    });
}

#[test]
fn trade_reverts_with_oneself_and_after_its_deadline() {
    on_any_node(async |stage| {
        let deal = Deal::new(stage).await?;
        let house = stage.protocol.at().clearing_house;
        let own = Terms {
            seller: deal.buyer.account,
            ..deal.terms
        };
        stage
            .reverts_with::<IClearingHouse::SelfTrade>(&deal.buyer.signer, house, &execute(&own))
            .await?;
        let past = Terms {
            deadline: stage.now().await? - 1,
            ..deal.terms
        };
        stage
            .reverts_with::<IClearingHouse::DeadlinePassed>(
                &deal.seller.signer,
                house,
                &execute(&past),
            )
            .await?;
        Ok(())
    });
}

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
fn trade_reverts_with_more_than_32_legs() {
    on_any_node(async |stage| {
        let deal = Deal::new(stage).await?;
        for index in 0..33 {
            let series = stage
                .series(
                    stage.eth(),
                    stage.expiries[1],
                    3_000 + index,
                    OptionKind::Call,
                )
                .await?;
            let small = WAD / 1_000;
            if index == 32 {
                let terms = stage
                    .terms(&deal.buyer, &deal.seller, series, small, 0)
                    .await?;
                let error = deal
                    .refused::<IClearingHouse::TooManyLegs>(stage, &terms)
                    .await?;
                assert_eq!((error.given, error.most), (U256::from(33), U256::from(32)));
            } else {
                stage
                    .agree(&deal.buyer, &deal.seller, series, small, 0)
                    .await?;
            }
        }
        let state = stage.protocol.account_state(deal.seller.account).await?;
        assert_eq!((state.legs.len(), state.version), (32, 32));
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
fn trade_reverts_without_quorum_volatility_or_fresh_data() {
    on_the_local_node(async |stage| {
        let deal = Deal::new(stage).await?;
        let hour_later = stage.expiries[1] + 3_600;
        let series = stage
            .series(stage.eth(), hour_later, 2_000, OptionKind::Put)
            .await?;
        let terms = Terms {
            series,
            ..deal.terms
        };
        let error = deal
            .refused::<IMarginEngine::MissingVolatility>(stage, &terms)
            .await?;
        assert_eq!(error.expiry, hour_later);

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

#[test]
fn anyone_executes_what_both_have_approved_and_one_owner_trades_between_his_accounts() {
    on_any_node(async |stage| {
        let deal = Deal::new(stage).await?;
        let protocol = &stage.protocol;
        protocol
            .approve_trade(&deal.buyer.signer, deal.buyer.account, &deal.terms)
            .await?;
        protocol
            .approve_trade(&deal.seller.signer, deal.seller.account, &deal.terms)
            .await?;
        let stranger = stage.trader("stranger", stage.eth()).await?;
        protocol.trade(&stranger.signer, &deal.terms).await?;
        let second = account_id(deal.buyer.address(), stage.eth().id, 1);
        let inside = Terms {
            buyer: second,
            seller: deal.buyer.account,
            premium: U256::ZERO,
            nonce: 99,
            ..deal.terms
        };
        protocol.trade(&deal.buyer.signer, &inside).await?;
        let state = protocol.account_state(second).await?;
        assert_eq!((state.legs.len(), state.cash), (1, U256::ZERO));
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
