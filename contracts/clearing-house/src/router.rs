//! From calldata to entry points and back.
//!
//! Written by hand because of size. With the router of `#[public]` and the generated coders of calls and events the kernel is 30,612 B
//! compressed (LTO, `wasm-opt -Oz`), with this one and `interfaces::words` 17,068 B; a program may have 24,576. Every argument of the
//! kernel is static, so reading is a list of words. The selectors are those of `IClearingHouse.sol`; a test calls every one of them. With
//! the feature `export-abi` `#[public]` is used and prints the ABI of the same methods.

use alloc::vec::Vec;

use alloy_primitives::{B256, U256};
use alloy_sol_types::SolCall;
use interfaces::words::{Word, Words, encode};
use interfaces::{IClearingHouse as abi, Revert};
use stylus_sdk::ArbResult;
use stylus_sdk::abi::Router;
use stylus_sdk::prelude::*;

use crate::ClearingHouse;

impl Router<Self> for ClearingHouse {
    type Storage = Self;

    fn route(storage: &mut Self, selector: u32, input: &[u8]) -> Option<ArbResult> {
        if let Err(refusal) = storage.deny_value("") {
            return Some(Err(refusal));
        }
        storage
            .dispatch(selector.to_be_bytes(), input)
            .map_err(Vec::from)
            .transpose()
    }

    fn receive(_: &mut Self) -> Option<Result<(), Vec<u8>>> {
        None
    }

    fn fallback(_: &mut Self, _: &[u8]) -> Option<ArbResult> {
        None
    }

    fn constructor(storage: &mut Self, input: &[u8]) -> Option<ArbResult> {
        let constructed = storage
            .deny_value("")
            .and_then(|()| storage.check_constructor_slot())
            .and_then(|()| storage.construct(input).map_err(Vec::from));
        Some(constructed.map(|()| Vec::new()))
    }
}

impl ClearingHouse {
    fn construct(&mut self, input: &[u8]) -> Result<(), Revert> {
        let mut args = Words::new(input);
        let [guardian, vault, factory, engine, auction, settlement] =
            core::array::from_fn(|_| args.address());
        args.end()?;
        self.constructor(guardian, vault, factory, engine, auction, settlement)
    }

    /// Runs the method of a selector; `None` when there is none.
    #[allow(clippy::too_many_lines, reason = "one arm a method")]
    fn dispatch(&mut self, selector: [u8; 4], input: &[u8]) -> Result<Option<Vec<u8>>, Revert> {
        let mut args = Words::new(input);
        let answer = match selector {
            abi::setOperatorCall::SELECTOR => {
                let (account, operator, allowed) = (args.u256(), args.address(), args.bool());
                args.end()?;
                self.set_operator(account, operator, allowed)?;
                nothing()
            }
            abi::withdrawCall::SELECTOR => {
                let (account, asset, assets) = (args.u256(), args.address(), args.u256());
                let recipient = args.address();
                args.end()?;
                self.withdraw(account, asset, assets, recipient)?;
                nothing()
            }
            abi::approveTradeCall::SELECTOR => {
                let account = args.u256();
                let [buyer, seller, series, contracts, premium] = amounts(&mut args);
                let (deadline, nonce) = (args.u64(), args.u64());
                args.end()?;
                word(self.approve_trade(
                    account, buyer, seller, series, contracts, premium, deadline, nonce,
                )?)
            }
            abi::revokeTradeCall::SELECTOR => {
                let (account, hash) = (args.u256(), args.word());
                args.end()?;
                self.revoke_trade(account, hash)?;
                nothing()
            }
            abi::tradeCall::SELECTOR | abi::tradeHashCall::SELECTOR => {
                let [buyer, seller, series, contracts, premium] = amounts(&mut args);
                let (deadline, nonce) = (args.u64(), args.u64());
                args.end()?;
                word(if selector == abi::tradeCall::SELECTOR {
                    self.trade(buyer, seller, series, contracts, premium, deadline, nonce)?
                } else {
                    self.trade_hash(buyer, seller, series, contracts, premium, deadline, nonce)
                })
            }
            abi::repayDebtCall::SELECTOR => {
                let account = args.u256();
                args.end()?;
                word(self.repay_debt(account)?)
            }
            abi::pauseCall::SELECTOR => {
                let duration = args.u64();
                args.end()?;
                self.pause(duration)?;
                nothing()
            }
            abi::liquidateCall::SELECTOR => {
                let (account, bidder) = (args.u256(), args.u256());
                let [fraction, reserved, payment, fee, insurance_payment] = amounts(&mut args);
                args.end()?;
                self.liquidate(
                    account,
                    bidder,
                    fraction,
                    reserved,
                    payment,
                    fee,
                    insurance_payment,
                )?;
                nothing()
            }
            abi::removeExpiredLegsCall::SELECTOR => {
                let (account, expiry) = (args.u256(), args.u32());
                args.end()?;
                let legs = self.remove_expired_legs(account, expiry)?;
                array(&[], &legs)
            }
            abi::moveForSettlementCall::SELECTOR => {
                let (asset, from, to, assets) =
                    (args.address(), args.u256(), args.u256(), args.u256());
                args.end()?;
                self.move_for_settlement(asset, from, to, assets)?;
                nothing()
            }
            abi::addDebtCall::SELECTOR => {
                let (account, assets) = (args.u256(), args.u256());
                args.end()?;
                self.add_debt(account, assets)?;
                nothing()
            }
            abi::isAuthorizedCall::SELECTOR | abi::isOperatorCall::SELECTOR => {
                let (account, caller) = (args.u256(), args.address());
                args.end()?;
                word(if selector == abi::isAuthorizedCall::SELECTOR {
                    self.is_authorized(account, caller)
                } else {
                    self.is_operator(account, caller)
                })
            }
            abi::accountStateCall::SELECTOR => {
                let account = args.u256();
                args.end()?;
                let (legs, cash, base, debt, version) = self.account_state(account)?;
                // A struct with a dynamic member: the offset of the struct, then its head, whose first word is the offset of the legs.
                let mut answer = encode(&STRUCT_AT.word()[..], &[]);
                answer.extend(array(
                    &[cash.word(), base.word(), debt.word(), version.word()],
                    &legs,
                ));
                answer
            }
            abi::healthCall::SELECTOR => {
                let account = args.u256();
                args.end()?;
                let margin = self.margin_now(account)?;
                encode(
                    &[],
                    &[
                        margin.initial.word(),
                        margin.maintenance.word(),
                        margin.mark.word(),
                        margin.worst_scenario.word(),
                        margin.degraded.word(),
                    ],
                )
            }
            abi::openInterestCall::SELECTOR => {
                let series = args.u256();
                args.end()?;
                word(self.open_interest_of(series))
            }
            abi::shortInterestCall::SELECTOR => {
                let (pool, expiry) = (args.u32(), args.u32());
                args.end()?;
                word(self.short_interest_of(pool, expiry))
            }
            abi::pausedUntilCall::SELECTOR => word(self.paused_until()),
            abi::guardianCall::SELECTOR => word(self.guardian()),
            abi::modulesCall::SELECTOR => {
                let (vault, factory, engine, auction, settlement) = self.modules();
                let modules = [vault, factory, engine, auction, settlement];
                encode(&[], &modules.map(Word::word))
            }
            _ => return Ok(None),
        };
        Ok(Some(answer))
    }
}

/// Offset of a struct that is the only value returned.
const STRUCT_AT: u32 = 32;

fn amounts(args: &mut Words<'_>) -> [U256; 5] {
    core::array::from_fn(|_| args.u256())
}

fn nothing() -> Vec<u8> {
    Vec::new()
}

fn word(value: impl Word) -> Vec<u8> {
    encode(&[], &[value.word()])
}

/// A head of one array and static values, then the array.
fn array(statics: &[B256], items: &[B256]) -> Vec<u8> {
    // At most four statics and 32 items.
    let head = statics.len().wrapping_add(1).wrapping_mul(32);
    let mut words = vec![(head as u64).word()];
    words.extend_from_slice(statics);
    words.push((items.len() as u64).word());
    words.extend_from_slice(items);
    encode(&[], &words)
}
