//! Tokens that answer wrongly, refuse, or call back: a pool listed with one by mistake harms nobody.

use alloy::primitives::{Address, Bytes, U256};
use alloy::sol_types::{SolCall, SolError};
use anyhow::ensure;
use end_to_end::bindings::IHostileToken;
use end_to_end::{Stage, USDC, on_any_node};
use novation::bindings::{
    IClearingHouse, ICollateralVault, IExpirySettlement, ILiquidationAuction, ITestToken,
};
use novation::chain::Chain;
use novation::ids::account_id;
use novation::solidity;

/// Modes of `HostileToken.sol`.
const HONEST: u8 = 0;
const ANSWERS_NOTHING: u8 = 1;
const ANSWERS_FALSE: u8 = 2;
const ANSWERS_GARBAGE: u8 = 3;
const REVERTS: u8 = 4;
const MOVES_NOTHING: u8 = 6;

/// A pool settled in a hostile token, and an account of the owner in it that holds 100.
struct Scene<'a> {
    stage: &'a Stage,
    token: Address,
    account: U256,
}

impl<'a> Scene<'a> {
    async fn set(stage: &'a Stage) -> anyhow::Result<Self> {
        let (chain, owner) = (stage.protocol.chain(), &stage.owner);
        let code = solidity::creation_code(&stage.checkout, "HostileToken")?;
        let token = chain.create(owner, code).await?;
        stage.watch(token);
        let terms = stage.pool_terms(token, stage.eth().base, stage.eth().feed);
        let pool = stage.protocol.list_pool(owner, &terms).await?.value;
        let account = account_id(owner.address(), pool, 0);
        let scene = Self {
            stage,
            token,
            account,
        };
        let (to, amount) = (owner.address(), U256::from(1_000));
        scene.tell(&IHostileToken::mintCall { to, amount }).await?;
        let (spender, value) = (stage.protocol.at().vault, U256::MAX);
        scene
            .tell(&IHostileToken::approveCall { spender, value })
            .await?;
        let call = scene.deposit(100);
        chain.send("deposit", owner, spender, &call).await?;
        Ok(scene)
    }

    fn chain(&self) -> &Chain {
        self.stage.protocol.chain()
    }

    async fn tell<C: SolCall>(&self, call: &C) -> anyhow::Result<()> {
        let owner = &self.stage.owner;
        self.chain().send("token", owner, self.token, call).await?;
        Ok(())
    }

    async fn ask<C: SolCall>(&self, call: &C) -> anyhow::Result<C::Return> {
        Ok(self.chain().read(self.token, call).await?)
    }

    fn deposit(&self, assets: u64) -> ICollateralVault::depositCall {
        ICollateralVault::depositCall {
            account: self.account,
            asset: self.token,
            assets: U256::from(assets),
        }
    }

    fn withdraw(&self, assets: u64) -> IClearingHouse::withdrawCall {
        IClearingHouse::withdrawCall {
            account: self.account,
            asset: self.token,
            assets: U256::from(assets),
            recipient: self.stage.owner.address(),
        }
    }

    async fn balance(&self) -> anyhow::Result<u64> {
        let balance = self
            .stage
            .protocol
            .balance_of(self.account, self.token)
            .await?;
        Ok(balance.to())
    }
}

/// Every entry and every view of balances that a token could call back into: contract, name, calldata.
fn doors(scene: &Scene<'_>) -> Vec<(Address, &'static str, Bytes)> {
    let at = scene.stage.protocol.at();
    let (account, other, one) = (scene.account, scene.account + U256::from(1), U256::from(1));
    let recipient = scene.stage.owner.address();
    let (asset, pool) = (scene.token, novation::ids::account_pool(account));
    let house = at.clearing_house;
    let mut doors = Vec::new();
    let mut vault = |name, data: Vec<u8>| doors.push((at.vault, name, Bytes::from(data)));
    vault("deposit", scene.deposit(1).abi_encode());
    vault(
        "depositInsurance",
        ICollateralVault::depositInsuranceCall { pool, assets: one }.abi_encode(),
    );
    vault(
        "connect",
        ICollateralVault::connectCall {
            clearingHouse: asset,
        }
        .abi_encode(),
    );
    vault(
        "moveBalance",
        ICollateralVault::moveBalanceCall {
            asset,
            from: account,
            to: other,
            assets: one,
        }
        .abi_encode(),
    );
    vault(
        "release",
        ICollateralVault::releaseCall {
            asset,
            account,
            recipient,
            assets: one,
        }
        .abi_encode(),
    );
    vault(
        "balanceOf",
        ICollateralVault::balanceOfCall {
            bucket: account,
            asset,
        }
        .abi_encode(),
    );
    vault(
        "balancesOf",
        ICollateralVault::balancesOfCall { bucket: account }.abi_encode(),
    );
    vault(
        "insuranceOf",
        ICollateralVault::insuranceOfCall { pool }.abi_encode(),
    );
    vault(
        "totalOf",
        ICollateralVault::totalOfCall { asset }.abi_encode(),
    );
    vault(
        "surplus",
        ICollateralVault::surplusCall { asset }.abi_encode(),
    );
    doors.push((
        house,
        "accountState",
        IClearingHouse::accountStateCall { account }
            .abi_encode()
            .into(),
    ));
    doors.push((
        house,
        "health",
        IClearingHouse::healthCall { account }.abi_encode().into(),
    ));
    doors
}

/// Doors of the kernel and its modules that are shut while the kernel itself is at work.
fn kernel_doors(scene: &Scene<'_>) -> Vec<(Address, &'static str, Bytes)> {
    let at = scene.stage.protocol.at();
    let account = scene.account;
    let house = at.clearing_house;
    let (zero, expiry) = (U256::ZERO, scene.stage.expiries[0]);
    let mut doors = Vec::new();
    let mut kernel = |name, data: Vec<u8>| doors.push((house, name, Bytes::from(data)));
    kernel("withdraw", scene.withdraw(1).abi_encode());
    let other = account + U256::from(1);
    let (series, contracts, premium, deadline, nonce) = (zero, zero, zero, u64::MAX, 0);
    let trade = IClearingHouse::tradeCall {
        buyer: account,
        seller: other,
        seriesId: series,
        contracts,
        premium,
        deadline,
        nonce,
    };
    kernel("trade", trade.abi_encode());
    let approve = IClearingHouse::approveTradeCall {
        account,
        buyer: account,
        seller: other,
        seriesId: series,
        contracts,
        premium,
        deadline,
        nonce,
    };
    kernel("approveTrade", approve.abi_encode());
    kernel(
        "repayDebt",
        IClearingHouse::repayDebtCall { account }.abi_encode(),
    );
    let operator = IClearingHouse::setOperatorCall {
        account,
        operator: house,
        allowed: true,
    };
    kernel("setOperator", operator.abi_encode());
    let liquidate = IClearingHouse::liquidateCall {
        account,
        bidder: other,
        fraction: zero,
        reserved: zero,
        payment: zero,
        insuranceFee: zero,
        insurancePayment: zero,
    };
    kernel("liquidate", liquidate.abi_encode());
    kernel(
        "removeExpiredLegs",
        IClearingHouse::removeExpiredLegsCall { account, expiry }.abi_encode(),
    );
    let moved = IClearingHouse::moveForSettlementCall {
        asset: scene.token,
        from: account,
        to: other,
        assets: zero,
    };
    kernel("moveForSettlement", moved.abi_encode());
    kernel(
        "addDebt",
        IClearingHouse::addDebtCall {
            account,
            assets: zero,
        }
        .abi_encode(),
    );
    kernel(
        "pause",
        IClearingHouse::pauseCall { durationSeconds: 0 }.abi_encode(),
    );
    kernel(
        "revokeTrade",
        IClearingHouse::revokeTradeCall {
            account,
            tradeHash: Default::default(),
        }
        .abi_encode(),
    );
    doors.push((
        at.auction,
        "start",
        ILiquidationAuction::startCall { account }
            .abi_encode()
            .into(),
    ));
    doors.push((
        at.auction,
        "preview",
        ILiquidationAuction::previewCall {
            account,
            maxFraction: zero,
        }
        .abi_encode()
        .into(),
    ));
    doors
}

/// Does `action` with the token calling `door` in its midst; the call back must fail with `Locked`, and the action go through.
async fn knock<C: SolCall>(
    scene: &Scene<'_>,
    to: Address,
    action: &C,
    (target, name, data): (Address, &'static str, Bytes),
) -> anyhow::Result<()> {
    let before = scene.ask(&IHostileToken::callbacksCall {}).await?;
    scene
        .tell(&IHostileToken::setCallbackCall { target, data })
        .await?;
    scene
        .chain()
        .send("action", &scene.stage.owner, to, action)
        .await?;
    let after = scene.ask(&IHostileToken::callbacksCall {}).await?;
    ensure!(after == before + U256::from(1), "{name}: no call back");
    let succeeded = scene.ask(&IHostileToken::lastSucceededCall {}).await?;
    let answer = scene.ask(&IHostileToken::lastResultCall {}).await?;
    ensure!(!succeeded, "{name} let a token in: {answer}");
    ensure!(
        answer[..] == ICollateralVault::Locked::SELECTOR,
        "{name} answered {answer}, not Locked()"
    );
    Ok(())
}

#[test]
fn a_token_calling_back_from_a_deposit_finds_every_door_locked() {
    on_any_node(async |stage| {
        let scene = Scene::set(stage).await?;
        for door in doors(&scene) {
            knock(&scene, stage.protocol.at().vault, &scene.deposit(1), door).await?;
        }
        // Each knocking deposit itself counted, once.
        assert_eq!(
            scene.balance().await?,
            100 + u64::try_from(doors(&scene).len())?
        );
        Ok(())
    });
}

#[test]
fn a_token_calling_back_from_a_withdrawal_finds_every_door_locked() {
    on_any_node(async |stage| {
        let scene = Scene::set(stage).await?;
        let all = [doors(&scene), kernel_doors(&scene)].concat();
        let count = u64::try_from(all.len())?;
        for door in all {
            knock(
                &scene,
                stage.protocol.at().clearing_house,
                &scene.withdraw(1),
                door,
            )
            .await?;
        }
        assert_eq!(scene.balance().await?, 100 - count);
        Ok(())
    });
}

#[test]
fn a_token_calling_settlement_or_the_end_of_an_auction_from_a_withdrawal_moves_nothing() {
    on_any_node(async |stage| {
        let scene = Scene::set(stage).await?;
        let (account, expiry) = (scene.account, stage.expiries[0]);
        let settle = IExpirySettlement::settleCall { account, expiry }.abi_encode();
        let claim = IExpirySettlement::claimCall { account, expiry }.abi_encode();
        let end = ILiquidationAuction::endCall { account }.abi_encode();
        let at = stage.protocol.at();
        // Each refuses on its own account already: there is no price, no credit, no auction.
        for (target, data) in [
            (at.settlement, settle),
            (at.settlement, claim),
            (at.auction, end),
        ] {
            let data = data.into();
            scene
                .tell(&IHostileToken::setCallbackCall { target, data })
                .await?;
            let house = at.clearing_house;
            scene
                .chain()
                .send("withdraw", &stage.owner, house, &scene.withdraw(1))
                .await?;
            assert!(!scene.ask(&IHostileToken::lastSucceededCall {}).await?);
        }
        assert_eq!(scene.balance().await?, 97);
        Ok(())
    });
}

#[test]
fn deposits_and_withdrawals_revert_when_the_token_answers_false_garbage_or_reverts() {
    on_any_node(async |stage| {
        let scene = Scene::set(stage).await?;
        let at = stage.protocol.at();
        for mode in [ANSWERS_FALSE, ANSWERS_GARBAGE, REVERTS] {
            scene.tell(&IHostileToken::setModeCall { mode }).await?;
            let error = stage
                .reverts_with::<ICollateralVault::TransferFailed>(
                    &stage.owner,
                    at.vault,
                    &scene.deposit(5),
                )
                .await?;
            assert_eq!(error.asset, scene.token);
            stage
                .reverts_with::<ICollateralVault::TransferFailed>(
                    &stage.owner,
                    at.clearing_house,
                    &scene.withdraw(5),
                )
                .await?;
        }
        // The money stays claimable: once the token behaves, it leaves.
        scene
            .tell(&IHostileToken::setModeCall { mode: HONEST })
            .await?;
        scene
            .chain()
            .send(
                "withdraw",
                &stage.owner,
                at.clearing_house,
                &scene.withdraw(100),
            )
            .await?;
        assert_eq!(scene.balance().await?, 0);
        Ok(())
    });
}

#[test]
fn a_deposit_that_moves_nothing_reverts() {
    on_any_node(async |stage| {
        let scene = Scene::set(stage).await?;
        scene
            .tell(&IHostileToken::setModeCall {
                mode: MOVES_NOTHING,
            })
            .await?;
        let error = stage
            .reverts_with::<ICollateralVault::FeeOnTransferToken>(
                &stage.owner,
                stage.protocol.at().vault,
                &scene.deposit(5),
            )
            .await?;
        assert_eq!(
            (error.expected, error.received),
            (U256::from(5), U256::ZERO)
        );
        Ok(())
    });
}

#[test]
fn a_token_that_answers_nothing_as_old_ones_do_is_taken() {
    on_any_node(async |stage| {
        let scene = Scene::set(stage).await?;
        let at = stage.protocol.at();
        scene
            .tell(&IHostileToken::setModeCall {
                mode: ANSWERS_NOTHING,
            })
            .await?;
        scene
            .chain()
            .send("deposit", &stage.owner, at.vault, &scene.deposit(5))
            .await?;
        scene
            .chain()
            .send(
                "withdraw",
                &stage.owner,
                at.clearing_house,
                &scene.withdraw(105),
            )
            .await?;
        assert_eq!(scene.balance().await?, 0);
        let owner = stage.owner.address();
        let held = scene
            .ask(&IHostileToken::balanceOfCall { account: owner })
            .await?;
        assert_eq!(held, U256::from(1_000));
        Ok(())
    });
}

#[test]
fn a_broken_token_of_one_pool_touches_no_other_pool() {
    on_any_node(async |stage| {
        let scene = Scene::set(stage).await?;
        scene
            .tell(&IHostileToken::setModeCall { mode: REVERTS })
            .await?;
        let alice = stage.funded("alice", stage.eth(), USDC).await?;
        let (protocol, all) = (&stage.protocol, U256::from(USDC));
        protocol
            .withdraw(
                &alice.signer,
                alice.account,
                stage.usdc,
                all,
                alice.address(),
            )
            .await?;
        let balance = ITestToken::balanceOfCall {
            account: alice.address(),
        };
        assert_eq!(protocol.chain().read(stage.usdc, &balance).await?, all);
        Ok(())
    });
}
