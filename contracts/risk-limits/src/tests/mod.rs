//! Unit tests: what is refused first, then what is answered.
#![allow(clippy::arithmetic_side_effects, reason = "a test may panic")]

use alloy_primitives::{Address, FixedBytes, I256, U256};
use alloy_sol_types::SolCall;
use clearing_math::leg::{Leg, OptionKind};
use interfaces::IRiskLimits::{
    BadSeries, SeriesExpired, UnacceptedAsset, WrongPool, liquidationPriceOfCall, maxTradeOfCall,
    maxWithdrawOfCall,
};
use interfaces::{ICollateralVault, IOracleAdapter, ISeriesFactory};
use lens_scene::{
    BASE, CAP, FEED, Holdings, MONTH, OTHER_POOL, POOL, SHARING_POOL, Scene, UNIT, USDC, WAD,
    account, caller, change, error, failure, leg, returned, series,
};
use motsu::prelude::*;
use option_pricer::OptionPricer;

use crate::RiskLimits;

const PUT: OptionKind = OptionKind::Put;
/// An expiry of this very second, which has passed.
const PASSED: u32 = 1_735_689_600;
/// WAD of a settlement token unit.
const WAD_PER_UNIT: u128 = WAD / UNIT;

/// The limits, the scene and the pricer behind them.
fn open() -> (Scene, Contract<OptionPricer>, Contract<RiskLimits>) {
    let scene = Scene::set();
    let (pricer, limits) = (
        Contract::<OptionPricer>::new(),
        Contract::<RiskLimits>::new(),
    );
    let engine = scene.engine.address();
    pricer.sender(caller()).constructor(engine).motsu_unwrap();
    let kernel = scene.kernel.address();
    let built = limits
        .sender(caller())
        .constructor(kernel, engine, pricer.address());
    built.motsu_unwrap();
    (scene, pricer, limits)
}

/// Short a put at the money, with this much cash and base asset, in token units.
fn writer(pool: u32, number: u64, cash: u128, base: u128) -> U256 {
    let id = account(pool, number);
    let legs = vec![leg(MONTH, 2_000, PUT, -100)];
    change(|world| {
        let held = Holdings {
            legs,
            cash,
            base,
            debt: 0,
        };
        world.accounts.insert(id, held);
    });
    id
}

fn passes(scene: &Scene, legs: &[Leg], cash: u128, base: u128) -> bool {
    let cash = i128::try_from(cash).unwrap();
    scene.margin(POOL, legs, cash, base).unwrap().0 >= I256::ZERO
}

#[motsu::test]
fn what_cannot_be_traded_or_withdrawn_is_refused_by_name() {
    let (_scene, _pricer, limits) = open();
    let id = writer(POOL, 1, 3_000 * UNIT, 0);
    let put = leg(MONTH, 2_000, PUT, 0);
    let trade = |account: U256, series: U256| {
        let most = limits.sender(caller()).max_trade(account, series, true);
        most.motsu_res()
    };
    assert_eq!(
        trade(id, U256::MAX),
        Err(error(BadSeries {
            seriesId: U256::MAX
        }))
    );
    let passed = series(POOL, &leg(PASSED, 2_000, PUT, 0));
    let expired = SeriesExpired {
        seriesId: passed,
        expiry: PASSED,
    };
    assert_eq!(trade(id, passed), Err(error(expired)));
    let wrong = WrongPool {
        given: OTHER_POOL,
        expected: POOL,
    };
    assert_eq!(trade(id, series(OTHER_POOL, &put)), Err(error(wrong)));
    let withdraw = |account: U256, asset: Address| {
        limits
            .sender(caller())
            .max_withdraw(account, asset)
            .motsu_res()
    };
    let asset = Address::repeat_byte(7);
    let neither = UnacceptedAsset { pool: POOL, asset };
    assert_eq!(withdraw(id, asset), Err(error(neither)));
    // A pool without base asset has none to withdraw, the zero address included.
    for asset in [BASE, Address::ZERO] {
        let poor = writer(SHARING_POOL, 1, UNIT, 0);
        let none = UnacceptedAsset {
            pool: SHARING_POOL,
            asset,
        };
        assert_eq!(withdraw(poor, asset), Err(error(none)));
    }
    let nowhere = ISeriesFactory::UnknownPool { pool: 1 };
    assert_eq!(withdraw(account(1, 1), USDC), Err(error(nowhere)));
    change(|world| world.markets.get_mut(&FEED).unwrap().mid = 0);
    let (valid, needed) = (U256::from(1), U256::from(2));
    let lost = IOracleAdapter::QuorumLost { valid, needed };
    assert_eq!(withdraw(id, USDC), Err(error(lost)));
    change(|world| world.locked = true);
    assert_eq!(withdraw(id, USDC), Err(error(ICollateralVault::Locked {})));
}

#[motsu::test]
fn what_may_be_withdrawn_passes_the_gate_and_one_unit_more_does_not() {
    let (scene, _pricer, limits) = open();
    let (cash, base) = (1_000 * UNIT, 0);
    let id = writer(POOL, 1, cash, base);
    let legs = [leg(MONTH, 2_000, PUT, -100)];
    let withdraw = |asset: Address| -> u128 {
        let most = limits
            .sender(caller())
            .max_withdraw(id, asset)
            .motsu_unwrap();
        most.to()
    };
    let most = withdraw(USDC);
    assert!(most > 0 && most < cash, "{most}");
    assert!(passes(&scene, &legs, cash - most, base));
    assert!(!passes(&scene, &legs, cash - most - 1, base));
    let (cash, base) = (300 * UNIT, 100_000_000);
    change(|world| {
        let held = world.accounts.get_mut(&id).unwrap();
        (held.cash, held.base) = (cash, base);
    });
    let most = withdraw(BASE);
    assert!(most > 0 && most < base, "{most}");
    assert!(passes(&scene, &legs, cash, base - most));
    assert!(!passes(&scene, &legs, cash, base - most - 1));
    // Doubt: nothing while short, everything when not.
    change(|world| world.markets.get_mut(&FEED).unwrap().doubts = 1);
    assert_eq!((withdraw(USDC), withdraw(BASE)), (0, 0));
    change(|world| world.accounts.get_mut(&id).unwrap().legs.clear());
    assert_eq!((withdraw(USDC), withdraw(BASE)), (300 * UNIT, base));
    // What is owed to the insurance stays.
    change(|world| world.accounts.get_mut(&id).unwrap().debt = 100 * UNIT);
    assert_eq!(withdraw(USDC), 200 * UNIT);
    change(|world| world.accounts.get_mut(&id).unwrap().debt = 301 * UNIT);
    assert_eq!((withdraw(USDC), withdraw(BASE)), (0, 0));
}

#[motsu::test]
fn what_may_be_sold_passes_the_gate_and_more_does_not() {
    let (scene, pricer, limits) = open();
    let cash = 3_000 * UNIT;
    let id = writer(POOL, 1, cash, 0);
    let put = leg(MONTH, 2_000, PUT, 0);
    let mark: u128 = pricer
        .sender(caller())
        .price(series(POOL, &put))
        .motsu_unwrap()
        .0
        .to();
    let sold = limits
        .sender(caller())
        .max_trade(id, series(POOL, &put), false);
    let most: u128 = sold.motsu_unwrap().to();
    assert!(most > WAD / 100 && most < CAP, "{most}");
    let after = |contracts: u128| {
        let premium = contracts * (mark / WAD_PER_UNIT) / WAD;
        let size = -i128::try_from(WAD + contracts).unwrap();
        passes(
            &scene,
            &[Leg {
                contracts: size,
                ..put
            }],
            cash + premium,
            0,
        )
    };
    // The premium here is cut a little further than there: by a unit of a contract's mark.
    assert!(after(most - most / 1_000_000) && !after(most + most / 1_000_000));
    // What has no short is bounded by its cash alone.
    change(|world| world.accounts.get_mut(&id).unwrap().legs.clear());
    let bought = limits
        .sender(caller())
        .max_trade(id, series(POOL, &put), true);
    let most: u128 = bought.motsu_unwrap().to();
    let paid = |contracts: u128| {
        (U256::from(contracts) * U256::from(mark)).div_ceil(U256::from(WAD * WAD_PER_UNIT))
    };
    assert!(paid(most) <= U256::from(cash) && paid(most + WAD / UNIT) > U256::from(cash));
}

#[motsu::test]
fn in_a_batch_every_item_is_the_answer_alone_and_what_fails_fails_alone() {
    let (_scene, _pricer, limits) = open();
    let (one, two) = (
        writer(POOL, 1, 1_000 * UNIT, 0),
        writer(OTHER_POOL, 1, 4_000 * UNIT, 0),
    );
    let accounts = vec![
        one,
        account(1, 1),
        two,
        writer(SHARING_POOL, 2, 700 * UNIT, 0),
    ];
    let none = FixedBytes::<4>::ZERO;
    let unknown = failure::<ISeriesFactory::UnknownPool>();

    let request = maxWithdrawOfCall {
        accounts: accounts.clone(),
        asset: USDC,
    };
    let answer = limits
        .sender(caller())
        .serve(&request.abi_encode())
        .unwrap();
    let answer = returned::<maxWithdrawOfCall>(&answer).limits;
    let failures: Vec<_> = answer.iter().map(|item| item.failure).collect();
    assert_eq!(failures, [none, unknown, none, none]);
    for (item, id) in answer.iter().zip(&accounts) {
        if item.failure == none {
            let alone = limits
                .sender(caller())
                .max_withdraw(*id, USDC)
                .motsu_unwrap();
            assert_eq!(item.most, alone);
        }
    }

    let request = liquidationPriceOfCall {
        accounts: accounts.clone(),
    };
    let answer = limits
        .sender(caller())
        .serve(&request.abi_encode())
        .unwrap();
    let answer = returned::<liquidationPriceOfCall>(&answer).prices;
    for (item, id) in answer.iter().zip(&accounts) {
        assert_eq!(
            item.failure,
            if *id == accounts[1] { unknown } else { none }
        );
        if item.failure == none {
            let alone = limits
                .sender(caller())
                .liquidation_price(*id)
                .motsu_unwrap();
            assert_eq!((item.below, item.above), alone);
        }
    }
    assert!(!answer[0].below.is_zero() && answer[0].above == U256::MAX);

    let put = leg(MONTH, 2_000, PUT, 0);
    let ids = vec![series(POOL, &put), U256::MAX, series(OTHER_POOL, &put)];
    let request = maxTradeOfCall {
        account: one,
        seriesIds: ids.clone(),
        buys: false,
    };
    let answer = limits
        .sender(caller())
        .serve(&request.abi_encode())
        .unwrap();
    let answer = returned::<maxTradeOfCall>(&answer).limits;
    let failures: Vec<_> = answer.iter().map(|item| item.failure).collect();
    assert_eq!(
        failures,
        [none, failure::<BadSeries>(), failure::<WrongPool>()]
    );
    let alone = limits
        .sender(caller())
        .max_trade(one, ids[0], false)
        .motsu_unwrap();
    assert_eq!(answer[0].most, alone);
}
