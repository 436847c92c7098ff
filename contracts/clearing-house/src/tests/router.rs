//! The hand-written router answers every selector of `IClearingHouse.sol`, in the encoding of the generated bindings.

use alloy_primitives::I256;
use alloy_sol_types::{SolCall, SolInterface};
use interfaces::IClearingHouse as abi;
use stylus_sdk::abi::{CONSTRUCTOR_SELECTOR, Router};

use super::*;

fn route(world: &World, caller: Address, request: &[u8]) -> Option<Result<Vec<u8>, Vec<u8>>> {
    let (selector, input) = request.split_first_chunk().unwrap();
    let mut house = world.house.sender(caller);
    ClearingHouse::route(&mut house, u32::from_be_bytes(*selector), input)
}

fn ask<C: SolCall>(world: &World, request: &C) -> C::Return {
    let answer = route(world, GUARDIAN, &request.abi_encode())
        .unwrap()
        .unwrap();
    C::abi_decode_returns(&answer, true).unwrap()
}

#[motsu::test]
fn every_selector_of_the_interface_is_routed(alice: Address) {
    let world = World::new();
    let mut routed = 0;
    for selector in abi::IClearingHouseCalls::selectors() {
        let answer = route(&world, alice, &selector).expect("a method of the interface");
        // Without arguments: only the getters that take none succeed.
        if answer.is_ok() {
            let getters = [
                abi::pausedUntilCall::SELECTOR,
                abi::guardianCall::SELECTOR,
                abi::modulesCall::SELECTOR,
            ];
            assert!(getters.contains(&selector));
        } else {
            assert_eq!(answer, Err(Vec::new()));
        }
        routed += 1;
    }
    assert_eq!(routed, abi::IClearingHouseCalls::COUNT);
    assert!(route(&world, alice, &[0xde, 0xad, 0xbe, 0xef]).is_none());
}

#[motsu::test]
fn dirty_bits_in_an_argument_are_refused(alice: Address) {
    let world = World::new();
    let account = world.fund(alice, 10);
    let request = abi::isAuthorizedCall {
        account,
        caller: alice,
    }
    .abi_encode();
    assert!(route(&world, alice, &request).unwrap().is_ok());
    let mut dirty = request.clone();
    // First byte of the address word.
    dirty[4 + 32] = 1;
    assert_eq!(route(&world, alice, &dirty), Some(Err(Vec::new())));
    assert_eq!(
        route(&world, alice, &request[..request.len() - 1]),
        Some(Err(Vec::new()))
    );
}

#[motsu::test]
fn calls_reach_their_methods_with_arguments_in_order(alice: Address, bob: Address) {
    let world = World::new();
    let (buyer, seller) = (world.fund(alice, 1_000), world.fund(bob, 1_000));
    let terms = abi::tradeCall {
        buyer,
        seller,
        seriesId: call_series(1),
        contracts: U256::from(ONE),
        premium: U256::from(30),
        deadline: NOW,
        nonce: 4,
    };
    let approval = abi::approveTradeCall {
        account: seller,
        buyer,
        seller,
        seriesId: terms.seriesId,
        contracts: terms.contracts,
        premium: terms.premium,
        deadline: NOW,
        nonce: 4,
    };
    let operator = abi::setOperatorCall {
        account: seller,
        operator: bob,
        allowed: true,
    };
    assert_eq!(
        route(&world, bob, &operator.abi_encode()),
        Some(Ok(Vec::new()))
    );
    assert!(
        ask(
            &world,
            &abi::isOperatorCall {
                account: seller,
                operator: bob
            }
        )
        ._0
    );
    let hash = route(&world, bob, &approval.abi_encode()).unwrap().unwrap();
    let expected = ask(
        &world,
        &abi::tradeHashCall {
            buyer,
            seller,
            seriesId: terms.seriesId,
            contracts: terms.contracts,
            premium: terms.premium,
            deadline: NOW,
            nonce: 4,
        },
    )
    ._0;
    assert_eq!(hash, expected.0);
    assert_eq!(
        route(&world, alice, &terms.abi_encode()),
        Some(Ok(expected.0.to_vec()))
    );
    assert_eq!((world.cash(buyer), world.cash(seller)), (970, 1_030));

    let state = ask(&world, &abi::accountStateCall { account: seller })._0;
    assert_eq!(
        state.legs,
        world
            .house
            .sender(bob)
            .account_state(seller)
            .motsu_unwrap()
            .0
    );
    assert_eq!(state.legs.len(), 1);
    assert_eq!((state.cash, state.base), (U256::from(1_030), U256::ZERO));
    assert_eq!((state.debt, state.version), (U256::ZERO, 1));
    let health = ask(&world, &abi::healthCall { account: seller });
    assert_eq!(health.initial, I256::try_from(930).unwrap());
    assert_eq!(health.maintenance, I256::try_from(950).unwrap());
    assert_eq!(health.mark, I256::try_from(1_030).unwrap());
    assert_eq!((health.worstScenario, health.degraded), (7, false));
    let open = ask(
        &world,
        &abi::openInterestCall {
            seriesId: terms.seriesId,
        },
    );
    assert_eq!(open.contracts, U256::from(ONE));
    let short = ask(
        &world,
        &abi::shortInterestCall {
            pool: 1,
            expiry: EXPIRY,
        },
    );
    assert_eq!(short.contracts, U256::from(ONE));
    let modules = ask(&world, &abi::modulesCall {});
    assert_eq!(
        (modules.vault, modules.settlement),
        (world.vault.address(), SETTLEMENT)
    );
    assert_eq!(ask(&world, &abi::guardianCall {})._0, GUARDIAN);

    let removal = abi::removeExpiredLegsCall {
        account: seller,
        expiry: 1,
    };
    let answer = route(&world, SETTLEMENT, &removal.abi_encode())
        .unwrap()
        .unwrap();
    let legs = abi::removeExpiredLegsCall::abi_decode_returns(&answer, true)
        .unwrap()
        .legs;
    assert!(legs.is_empty());
}

#[motsu::test]
fn primitives_reach_their_methods_with_arguments_in_order(alice: Address, bob: Address) {
    let world = World::new();
    let (account, bidder) = (world.fund(alice, 1_000), world.fund(bob, 1_000));
    let insurance = ids::insurance_bucket(1);
    world.give(insurance, CASH, 100);
    let number = U256::from::<u64>;
    let sale = abi::liquidateCall {
        account,
        bidder,
        fraction: U256::from(ONE / 2),
        reserved: number(200),
        payment: number(50),
        insuranceFee: number(7),
        insurancePayment: number(11),
    };
    assert_eq!(
        route(&world, AUCTION, &sale.abi_encode()),
        Some(Ok(Vec::new()))
    );
    assert_eq!(world.cash(account), 1_000 + 50 - 400);
    assert_eq!(world.cash(bidder), 1_000 - 50 - 7 + 11 + 400);
    assert_eq!(world.cash(insurance), 100 + 7 - 11);
    let debt = abi::addDebtCall {
        account,
        assets: number(10),
    };
    assert_eq!(
        route(&world, SETTLEMENT, &debt.abi_encode()),
        Some(Ok(Vec::new()))
    );
    let repayment = abi::repayDebtCall { account };
    let repaid = route(&world, bob, &repayment.abi_encode())
        .unwrap()
        .unwrap();
    assert_eq!(repaid, number(10).to_be_bytes_vec());
    let moving = abi::moveForSettlementCall {
        asset: CASH,
        from: account,
        to: insurance,
        assets: number(1),
    };
    assert_eq!(
        route(&world, SETTLEMENT, &moving.abi_encode()),
        Some(Ok(Vec::new()))
    );
    assert_eq!(world.cash(insurance), 96 + 10 + 1);
    let pause = abi::pauseCall {
        durationSeconds: 60,
    };
    assert_eq!(
        route(&world, GUARDIAN, &pause.abi_encode()),
        Some(Ok(Vec::new()))
    );
    assert_eq!(ask(&world, &abi::pausedUntilCall {})._0, NOW + 60);
    let withdrawal = abi::withdrawCall {
        account,
        asset: CASH,
        assets: number(5),
        recipient: bob,
    };
    assert_eq!(
        route(&world, alice, &withdrawal.abi_encode()),
        Some(Ok(Vec::new()))
    );
    assert_eq!(world.cash(account), 650 - 10 - 1 - 5);
}

#[motsu::test]
fn the_constructor_is_routed_apart_and_runs_once(house: Contract<ClearingHouse>, alice: Address) {
    let addresses = [1, 2, 3, 4, 5, 6].map(Address::repeat_byte);
    let input: Vec<u8> = addresses
        .iter()
        .flat_map(|address| address.into_word().0)
        .collect();
    assert!(ClearingHouse::route(&mut house.sender(alice), CONSTRUCTOR_SELECTOR, &input).is_none());
    let construct = || ClearingHouse::constructor_of(&house, alice, &input);
    assert_eq!(construct(), Some(Ok(Vec::new())));
    assert_eq!(house.sender(alice).guardian(), addresses[0]);
    assert_eq!(house.sender(alice).modules().4, addresses[5]);
    assert!(construct().unwrap().is_err());
}

impl ClearingHouse {
    /// The router's constructor, which the entry point of the same name hides.
    fn constructor_of(
        house: &Contract<Self>,
        caller: Address,
        input: &[u8],
    ) -> Option<Result<Vec<u8>, Vec<u8>>> {
        <Self as Router<Self>>::constructor(&mut house.sender(caller), input)
    }
}
