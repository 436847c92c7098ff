//! From calldata to entry points and back.
//!
//! Written by hand because the router that `#[public]` generates, with its decoders per signature, takes more than a third of the 24,576
//! bytes a program may have. The selectors are those of `IOracleAdapter.sol` and of `Ownable2Step`; tests hold
//! every answer to that of the generated router, which stays for `export-abi` and is left out of the program by the linker.

use alloc::vec::Vec;

use alloy_primitives::{B256, U256};
use alloy_sol_types::SolCall;
use interfaces::words::{Word, Words, encode};
use interfaces::{IOracleAdapter as abi, Revert};
use stylus_sdk::ArbResult;
use stylus_sdk::abi::CONSTRUCTOR_SELECTOR;
use stylus_sdk::host::VM;
use stylus_sdk::prelude::*;

use crate::OracleAdapter;
use crate::abi_types::{FeedRules, Source};
use crate::ownership::IOwnable2Step as owned;
use crate::rounds::Round;

/// Where a call enters the program.
#[cfg_attr(
    not(target_arch = "wasm32"),
    allow(dead_code, reason = "the SDK makes the entry point on wasm only")
)]
#[entrypoint]
fn enter(input: Vec<u8>, host: VM) -> ArbResult {
    // SAFETY: the only storage of the contract, made once, at slot zero.
    unsafe { OracleAdapter::new(U256::ZERO, 0, host) }.serve(&input)
}

impl OracleAdapter {
    /// Runs the constructor or a method. No method takes value; an unknown selector reverts without data.
    pub(crate) fn serve(&mut self, input: &[u8]) -> ArbResult {
        let (selector, args) = input.split_first_chunk().ok_or_else(Vec::new)?;
        self.deny_value("")?;
        if u32::from_be_bytes(*selector) == CONSTRUCTOR_SELECTOR {
            self.check_constructor_slot()?;
            self.construct(args)?;
            return Ok(Vec::new());
        }
        self.dispatch(*selector, args)?.ok_or_else(Vec::new)
    }

    fn construct(&mut self, input: &[u8]) -> Result<(), Revert> {
        let mut args = Words::new(input);
        let (owner, surface) = (args.address(), args.address());
        args.end()?;
        self.constructor(owner, surface)
    }

    /// Runs the method of a selector; `None` when there is none.
    pub(crate) fn dispatch(
        &mut self,
        selector: [u8; 4],
        input: &[u8],
    ) -> Result<Option<Vec<u8>>, Revert> {
        match self.change(selector, input)? {
            None => self.answer(selector, input),
            changed => Ok(changed),
        }
    }

    /// Runs the method of a selector that changes state; `None` when there is none.
    fn change(&mut self, selector: [u8; 4], input: &[u8]) -> Result<Option<Vec<u8>>, Revert> {
        let mut args = Words::new(input);
        let answer = match selector {
            abi::listFeedCall::SELECTOR => {
                let (feed, sources) = (args.word(), args.u128());
                let rules = rules(&mut args);
                args.end()?;
                self.list_feed(feed, sources_at(input, sources)?, rules)?;
                Vec::new()
            }
            abi::evaluateCall::SELECTOR => {
                let feed = args.word();
                args.end()?;
                encode(&[], &[self.evaluate(feed)?.word()])
            }
            abi::recordSampleCall::SELECTOR => {
                let (feed, expiry) = (args.word(), args.u32());
                args.end()?;
                encode(&[], &[self.record_sample(feed, expiry)?.word()])
            }
            abi::fixSettlementPriceCall::SELECTOR => {
                let (feed, expiry) = (args.word(), args.u32());
                args.end()?;
                encode(&[], &[self.fix_settlement_price(feed, expiry)?.word()])
            }
            owned::transferOwnershipCall::SELECTOR => {
                let to = args.address();
                args.end()?;
                self.transfer_ownership(to)?;
                Vec::new()
            }
            owned::acceptOwnershipCall::SELECTOR => {
                self.accept_ownership()?;
                Vec::new()
            }
            owned::renounceOwnershipCall::SELECTOR => {
                self.renounce_ownership()?;
                Vec::new()
            }
            _ => return Ok(None),
        };
        Ok(Some(answer))
    }

    /// Runs the view of a selector; `None` when there is none.
    fn answer(&self, selector: [u8; 4], input: &[u8]) -> Result<Option<Vec<u8>>, Revert> {
        let mut args = Words::new(input);
        let answer = match selector {
            abi::spotCall::SELECTOR => {
                let feed = args.word();
                args.end()?;
                let (mid, low, high, updated_at, valid, sources) = self.spot(feed)?;
                let (valid, sources) = (u32::from(valid), u32::from(sources));
                let [mid, low, high] = [mid, low, high].map(Word::word);
                encode(
                    &[],
                    &[
                        mid,
                        low,
                        high,
                        updated_at.word(),
                        valid.word(),
                        sources.word(),
                    ],
                )
            }
            abi::roundCall::SELECTOR => {
                let (feed, id) = (args.word(), args.u64());
                args.end()?;
                encode(&[], &round_words(&self.known_round(feed, id)?))
            }
            abi::latestRoundCall::SELECTOR => {
                let feed = args.word();
                args.end()?;
                let (_, id) = self.listed(feed)?.last_round();
                let round = round_words(&self.known_round(feed, id)?);
                encode(id.word().as_slice(), &round)
            }
            abi::medianCall::SELECTOR => {
                let feed = args.word();
                args.end()?;
                let (mid, updated_at) = self.median(feed)?;
                encode(&[], &[mid.word(), updated_at.word()])
            }
            abi::marketDataCall::SELECTOR => {
                // The list of expiries is the surface's to read.
                let feed = args.word();
                args.end()?;
                self.market_data_encoded(feed, input)?
            }
            abi::listingCall::SELECTOR => {
                let feed = args.word();
                args.end()?;
                let (sources, rules) = self.listing(feed)?;
                listing_answer(&sources, &rules)
            }
            abi::graceUntilCall::SELECTOR => {
                let feed = args.word();
                args.end()?;
                encode(&[], &[self.grace_until(feed)?.word()])
            }
            abi::volatilitySurfaceCall::SELECTOR => {
                encode(&[], &[self.volatility_surface.get().word()])
            }
            abi::sourceStatusCall::SELECTOR => {
                let (feed, index) = (args.word(), byte(&mut args));
                args.end()?;
                let (source, status, price, updated_at) = self.source_status(feed, index)?;
                let status = u32::from(status);
                encode(
                    &[],
                    &[
                        source.word(),
                        status.word(),
                        price.word(),
                        updated_at.word(),
                    ],
                )
            }
            abi::sampleCountCall::SELECTOR => {
                let (feed, expiry) = (args.word(), args.u32());
                args.end()?;
                encode(&[], &[self.sample_count(feed, expiry)?.word()])
            }
            abi::sampleAtCall::SELECTOR => {
                let (feed, expiry, index) = (args.word(), args.u32(), args.u256());
                args.end()?;
                let (at, price) = self.sample_at(feed, expiry, index)?;
                encode(&[], &[at.word(), price.word()])
            }
            abi::settlementPriceCall::SELECTOR => {
                let (feed, expiry) = (args.word(), args.u32());
                args.end()?;
                encode(&[], &[self.settlement_price(feed, expiry)?.word()])
            }
            owned::ownerCall::SELECTOR => encode(&[], &[self.owner().word()]),
            owned::pendingOwnerCall::SELECTOR => encode(&[], &[self.pending_owner().word()]),
            _ => return Ok(None),
        };
        Ok(Some(answer))
    }
}

fn round_words(round: &Round) -> [B256; 6] {
    [
        round.mid.word(),
        round.low.word(),
        round.high.word(),
        round.updated_at.word(),
        round.evaluated_at.word(),
        u32::from(round.doubts).word(),
    ]
}

/// Words of the rules, and of one source.
const RULES: u32 = 9;
const SOURCE: usize = 5;

/// Sources and rules: the offset of the list, the rules, then the list.
fn listing_answer(sources: &[Source], rules: &FeedRules) -> Vec<u8> {
    let small = |value: u16| u32::from(value).word();
    let rules = [
        rules.minPrice.word(),
        rules.maxPrice.word(),
        small(rules.quorum.into()),
        small(rules.warnBps),
        small(rules.haltBps),
        small(rules.jumpBps),
        rules.jumpDelay.word(),
        small(rules.confidenceBps),
        small(rules.twapBps),
    ];
    let mut words = Vec::with_capacity(sources.len().saturating_mul(SOURCE).saturating_add(11));
    words.push((RULES.saturating_add(1).saturating_mul(32)).word());
    words.extend(rules);
    words.push(U256::from(sources.len()).word());
    for source in sources {
        words.extend([
            source.account.word(),
            small(source.kind.into()),
            source.maxAge.word(),
            source.origin,
            source.id,
        ]);
    }
    encode(&[], &words)
}

fn rules(args: &mut Words<'_>) -> FeedRules {
    FeedRules {
        minPrice: args.u256(),
        maxPrice: args.u256(),
        quorum: byte(args),
        warnBps: bps(args),
        haltBps: bps(args),
        jumpBps: bps(args),
        jumpDelay: args.u32(),
        confidenceBps: bps(args),
        twapBps: bps(args),
    }
}

/// A list of sources: its length, then five words each.
fn sources_at(input: &[u8], offset: u128) -> Result<Vec<Source>, Revert> {
    let tail = usize::try_from(offset)
        .ok()
        .and_then(|offset| input.get(offset..));
    let mut words = Words::new(tail.ok_or_else(Revert::empty)?);
    let count = byte(&mut words);
    let sources = (0..count)
        .map(|_| Source {
            account: words.address(),
            kind: byte(&mut words),
            maxAge: words.u32(),
            origin: words.word(),
            id: words.word(),
        })
        .collect();
    words.end()?;
    Ok(sources)
}

/// Next `uint16`.
#[allow(
    clippy::cast_possible_truncation,
    reason = "bounded by the line itself"
)]
fn bps(args: &mut Words<'_>) -> u16 {
    args.at_most(u16::MAX.into()) as u16
}

/// Next `uint8`.
#[allow(
    clippy::cast_possible_truncation,
    reason = "bounded by the line itself"
)]
fn byte(args: &mut Words<'_>) -> u8 {
    args.at_most(u8::MAX.into()) as u8
}
