//! Who must have agreed, to what, and how often it executes.

use alloy::primitives::U256;
use end_to_end::{USDC, WAD, on_any_node};
use novation::bindings::IClearingHouse;
use novation::client::Terms;
use novation::ids::account_id;

use super::{Deal, approve, execute};

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
