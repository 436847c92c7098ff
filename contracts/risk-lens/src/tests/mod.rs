//! Unit tests: what is refused first, then what is answered. What the lens passes on is tested where it is answered; here, that it arrives whole.
#![allow(clippy::arithmetic_side_effects, reason = "a test may panic")]

use alloy_primitives::{B256, FixedBytes, I256, U256};
use alloy_sol_types::SolCall;
use clearing_math::leg::OptionKind;
use interfaces::IRiskLens::{
    BadLeg, ExpiredLeg, LengthMismatch, NoImpliedVolatility, healthOfCall, impliedVolatilityOfCall,
    marginWithManyCall,
};
use interfaces::ISeriesFactory;
use lens_scene::{
    BASE, Holdings, MONTH, OTHER_POOL, POOL, QUARTER, Scene, UNIT, USDC, account, asked, caller,
    change, error, failure, leg, returned, series, words,
};
use motsu::prelude::*;
use option_pricer::OptionPricer;
use risk_limits::RiskLimits;

use crate::RiskLens;

const CALL: OptionKind = OptionKind::Call;
const PUT: OptionKind = OptionKind::Put;
/// An expiry of this very second, which has passed.
const PASSED: u32 = 1_735_689_600;

struct Opened {
    scene: Scene,
    pricer: Contract<OptionPricer>,
    limits: Contract<RiskLimits>,
    lens: Contract<RiskLens>,
}

fn open() -> Opened {
    let opened = Opened {
        scene: Scene::set(),
        pricer: Contract::new(),
        limits: Contract::new(),
        lens: Contract::new(),
    };
    let (engine, kernel) = (opened.scene.engine.address(), opened.scene.kernel.address());
    let (pricer, limits) = (opened.pricer.address(), opened.limits.address());
    opened
        .pricer
        .sender(caller())
        .constructor(engine)
        .motsu_unwrap();
    let built = opened
        .limits
        .sender(caller())
        .constructor(kernel, engine, pricer);
    built.motsu_unwrap();
    let built = opened
        .lens
        .sender(caller())
        .constructor(kernel, engine, pricer, limits);
    built.motsu_unwrap();
    opened
}

/// Short a put, long a call.
fn strangled(pool: u32, number: u64) -> U256 {
    let id = account(pool, number);
    let legs = vec![leg(MONTH, 2_000, PUT, -100), leg(QUARTER, 2_400, CALL, 50)];
    change(|world| {
        let held = Holdings {
            legs,
            cash: 3_000 * UNIT,
            base: 50_000_000,
            debt: 0,
        };
        world.accounts.insert(id, held);
    });
    id
}

#[motsu::test]
fn margin_with_refuses_legs_that_are_none_or_have_expired() {
    let Opened {
        lens,
        scene: _scene,
        ..
    } = open();
    let id = strangled(POOL, 1);
    let with = |legs: Vec<B256>| {
        let margin = lens.sender(caller()).margin_with(id, legs, I256::ZERO);
        margin.motsu_res().map(|_| ())
    };
    let good = words(&[leg(MONTH, 1_900, PUT, 5)]);
    let index = U256::from(1);
    let bad = vec![good[0], B256::ZERO];
    assert_eq!(with(bad), Err(error(BadLeg { index })));
    let mut expired = good.clone();
    expired.extend(words(&[leg(PASSED, 1_900, PUT, 5)]));
    assert_eq!(with(expired), Err(error(ExpiredLeg { index })));
    assert_eq!(with(good), Ok(()));
}

#[motsu::test]
fn margin_with_nets_what_is_added_and_counts_the_cash() {
    let Opened { lens, scene, .. } = open();
    let id = strangled(POOL, 1);
    let held = [leg(MONTH, 2_000, PUT, -100), leg(QUARTER, 2_400, CALL, 50)];
    let alone = lens.sender(caller()).margin_of(id).motsu_unwrap();
    assert_eq!(
        Ok(alone),
        scene.margin(POOL, &held, (3_000 * UNIT).cast_signed(), 50_000_000)
    );
    // Half of the put is bought back, the call sold altogether, another one sold.
    let extra = words(&[
        leg(MONTH, 2_000, PUT, 50),
        leg(QUARTER, 2_400, CALL, -50),
        leg(MONTH, 2_600, CALL, -20),
    ]);
    let cash = I256::try_from(-40 * UNIT.cast_signed()).unwrap();
    let found = lens
        .sender(caller())
        .margin_with(id, extra.clone(), cash)
        .motsu_unwrap();
    let after = [leg(MONTH, 2_000, PUT, -50), leg(MONTH, 2_600, CALL, -20)];
    assert_eq!(
        Ok(found),
        scene.margin(POOL, &after, (2_960 * UNIT).cast_signed(), 50_000_000)
    );

    // Alternatives: each by itself, the market asked for once; one that is refused fails alone.
    let request = marginWithManyCall {
        account: id,
        extraLegs: vec![Vec::new(), extra, vec![B256::ZERO]],
        cashChanges: vec![I256::ZERO, cash, I256::ZERO],
    };
    change(|world| world.asked.clear());
    let answer = lens.sender(caller()).serve(&request.abi_encode()).unwrap();
    assert_eq!(asked().len(), 1);
    let answer = returned::<marginWithManyCall>(&answer)._0;
    let balances: Vec<_> = answer
        .iter()
        .map(|one| (one.initial, one.maintenance, one.mark))
        .collect();
    assert_eq!(balances[0], (alone.0, alone.1, alone.2));
    assert_eq!(balances[1], (found.0, found.1, found.2));
    let failures: Vec<_> = answer.iter().map(|one| one.failure).collect();
    assert_eq!(
        failures,
        [FixedBytes::ZERO, FixedBytes::ZERO, failure::<BadLeg>()]
    );
    let short = marginWithManyCall {
        cashChanges: vec![I256::ZERO],
        ..request
    };
    let refused = lens
        .sender(caller())
        .serve(&short.abi_encode())
        .unwrap_err();
    let (first, second) = (U256::from(3), U256::from(1));
    assert_eq!(refused, error(LengthMismatch { first, second }).data());
}

#[motsu::test]
fn health_of_many_is_the_margin_of_each_and_a_stranger_fails_alone() {
    let Opened {
        lens,
        scene: _scene,
        ..
    } = open();
    let accounts = vec![
        strangled(POOL, 1),
        account(1, 1),
        strangled(OTHER_POOL, 1),
        strangled(POOL, 2),
    ];
    change(|world| world.asked.clear());
    let request = healthOfCall {
        accounts: accounts.clone(),
    }
    .abi_encode();
    let answer = lens.sender(caller()).serve(&request).unwrap();
    assert_eq!(asked().len(), 2, "once a feed");
    let answer = returned::<healthOfCall>(&answer)._0;
    for (one, id) in answer.iter().zip(&accounts) {
        if *id == accounts[1] {
            assert_eq!(one.failure, failure::<ISeriesFactory::UnknownPool>());
            continue;
        }
        let alone = lens.sender(caller()).margin_of(*id).motsu_unwrap();
        let together = (
            one.initial,
            one.maintenance,
            one.mark,
            one.worstScenario,
            one.degraded,
        );
        assert_eq!((one.failure, together), (FixedBytes::ZERO, alone));
    }
}

#[motsu::test]
fn implied_volatility_leads_back_from_the_price_and_no_price_has_none() {
    let Opened {
        lens,
        pricer,
        scene: _scene,
        ..
    } = open();
    let id = series(POOL, &leg(MONTH, 2_100, CALL, 0));
    let mark = pricer.sender(caller()).price(id).motsu_unwrap().0;
    let implied = |value: U256| {
        lens.sender(caller())
            .implied_volatility(id, value)
            .motsu_res()
    };
    let found: u128 = implied(mark).unwrap().to();
    assert!(found.abs_diff(600_000_000_000_000_000) < 1_000, "{found}");
    for value in [
        U256::ZERO,
        U256::MAX,
        U256::from(2_001) * U256::from(10).pow(U256::from(18)),
    ] {
        let none = NoImpliedVolatility {
            seriesId: id,
            value,
        };
        assert_eq!(implied(value), Err(error(none)));
    }
    let request = impliedVolatilityOfCall {
        seriesIds: vec![id, id],
        values: vec![U256::ZERO, mark],
    };
    let answer = lens.sender(caller()).serve(&request.abi_encode()).unwrap();
    let answer = returned::<impliedVolatilityOfCall>(&answer)._0;
    assert_eq!(answer[0].failure, failure::<NoImpliedVolatility>());
    assert_eq!(answer[1].volatility, U256::from(found));
    let short = impliedVolatilityOfCall {
        values: vec![mark],
        ..request
    };
    let refused = lens
        .sender(caller())
        .serve(&short.abi_encode())
        .unwrap_err();
    let (first, second) = (U256::from(2), U256::from(1));
    assert_eq!(refused, error(LengthMismatch { first, second }).data());
}

#[motsu::test]
fn questions_of_others_are_passed_on_with_answers_and_errors() {
    let Opened {
        lens,
        pricer,
        limits,
        scene: _scene,
    } = open();
    let id = strangled(POOL, 1);
    let ids = vec![series(POOL, &leg(MONTH, 2_000, PUT, 0)), U256::MAX];
    let theirs = pricer.sender(caller()).prices_of(ids.clone());
    assert_eq!(lens.sender(caller()).prices_of(ids).motsu_unwrap(), theirs);
    for asset in [USDC, BASE, caller()] {
        let theirs = limits.sender(caller()).max_withdraw(id, asset).motsu_res();
        let ours = lens.sender(caller()).max_withdraw(id, asset).motsu_res();
        assert_eq!(ours, theirs);
    }
    let theirs = limits.sender(caller()).liquidation_price(id).motsu_unwrap();
    assert_eq!(
        lens.sender(caller()).liquidation_price(id).motsu_unwrap(),
        theirs
    );
}
