//! Who publishes a feed: listed once, replaced one by one after a delay.
//!
//! The rules of a feed never change. A publisher is replaced by the same call twice, two days apart, so that whoever relies on the feed sees it come;
//! until then the old one counts as before. A place that was never filled is filled at once: nobody relies on it.

use alloc::vec::Vec;

use alloy_primitives::{Address, B256, U8};
use alloy_sol_types::SolEvent;
use clearing_math::surface::{LEAST_VOLATILITY, MOST_VOLATILITY};
use interfaces::IVolatilitySurface::{PublisherReplaced, PublisherScheduled, SurfaceListed};
use interfaces::Revert;
use interfaces::words::{Word, emit, halves};
use signed_data::hash_words;
use stylus_sdk::prelude::*;

use crate::feed::{Kind, Rules, as_words};
use crate::{VolatilitySurface, host, refusal};

/// As many as [`clearing_math::surface::reading::MAX_PUBLISHERS`].
pub(crate) const MOST_PUBLISHERS: usize = 15;
/// Longest time a smile may be called fresh, seconds: a week.
pub(crate) const MOST_AGE: u32 = 604_800;
/// Delay of a replacement, seconds: two days.
pub(crate) const DELAY: u64 = 172_800;

impl VolatilitySurface {
    /// Checks the rules and stores the feed.
    pub(crate) fn list(
        &mut self,
        feed: B256,
        accounts: &[Address],
        rules: Rules,
    ) -> Result<(), Revert> {
        if self.feeds.getter(feed).rules().is_some() {
            return Err(refusal::feed_exists(feed));
        }
        let rules = checked(accounts, rules)?;
        let mut record = self.feeds.setter(feed);
        record.set_rules(rules);
        for (index, &account) in (0..rules.publishers).zip(accounts) {
            if !account.is_zero() {
                record
                    .publishers
                    .setter(U8::from(index))
                    .set(Kind::Account, account);
            }
        }
        let [publishers, quorum, max_change] = [
            rules.publishers.into(),
            rules.quorum.into(),
            rules.max_change,
        ]
        .map(|small: u16| u32::from(small).word());
        emit(
            self.vm(),
            &[SurfaceListed::SIGNATURE_HASH, feed],
            &[
                publishers,
                quorum,
                rules.max_age.word(),
                rules.ceiling.word(),
                max_change,
            ],
        );
        Ok(())
    }

    /// Starts or completes a replacement.
    pub(crate) fn replace(
        &mut self,
        feed: B256,
        index: u8,
        account: Address,
        signers: &[Address],
        threshold: u8,
    ) -> Result<(), Revert> {
        if !account.is_zero() && !signers.is_empty() {
            // Either of the two.
            return Err(refusal::length_mismatch(signers.len(), 0));
        }
        let now = host::now(self.vm());
        let mut content = as_words(signers);
        content.extend([account.word(), u32::from(threshold).word()]);
        let proposed = hash_words(&content);
        let mut record = self.feeds.setter(feed);
        let mut publisher = record.publishers.setter(U8::from(index));
        if publisher.kind() != Kind::Unset {
            let proposal = publisher.proposal.get();
            let (_, low) = halves(proposal);
            #[allow(clippy::cast_possible_truncation, reason = "the lower 64 bits")]
            let effective_at = low as u64;
            let is_known = proposal
                .iter()
                .zip(proposed.iter())
                .take(24)
                .all(|(a, b)| a == b);
            if !is_known {
                let effective_at = now.saturating_add(DELAY);
                let mut word = proposed;
                if let Some(tail) = word.last_chunk_mut() {
                    *tail = effective_at.to_be_bytes();
                }
                publisher.proposal.set(word);
                emit(
                    self.vm(),
                    &[
                        PublisherScheduled::SIGNATURE_HASH,
                        feed,
                        u32::from(index).word(),
                    ],
                    &[proposed, effective_at.word()],
                );
                return Ok(());
            }
            if now < effective_at {
                return Err(refusal::not_yet_effective(now, effective_at));
            }
        }
        let kind = match (account.is_zero(), signers.is_empty()) {
            (false, _) => Kind::Account,
            (true, false) => Kind::Keys,
            (true, true) => Kind::Nobody,
        };
        if kind == Kind::Keys {
            publisher.signers.replace(signers, threshold)?;
        }
        publisher.set(kind, account);
        // What the predecessor said goes with it.
        record.set_page(index, 0);
        // At most 32 keys.
        let count = u32::try_from(signers.len()).unwrap_or(u32::MAX);
        emit(
            self.vm(),
            &[
                PublisherReplaced::SIGNATURE_HASH,
                feed,
                u32::from(index).word(),
            ],
            &[account.word(), count.word(), u32::from(threshold).word()],
        );
        Ok(())
    }

    /// Account, keys and threshold of a publisher.
    pub(crate) fn publisher(&self, feed: B256, index: u8) -> (Address, Vec<Address>, u8) {
        let record = self.feeds.getter(feed);
        let publisher = record.publishers.getter(U8::from(index));
        let account = publisher.account.get();
        if publisher.kind() == Kind::Keys {
            return (
                account,
                publisher.signers.signers(),
                publisher.signers.threshold(),
            );
        }
        (account, Vec::new(), 0)
    }
}

/// The rules within their bounds, the quorum raised to a majority.
fn checked(accounts: &[Address], rules: Rules) -> Result<Rules, Revert> {
    let bounded = |given: u64, least: u64, most: u64| {
        if (least..=most).contains(&given) {
            Ok(())
        } else {
            Err(refusal::parameter_out_of_bounds(given, least, most))
        }
    };
    let publishers = u8::try_from(accounts.len()).unwrap_or(u8::MAX);
    bounded(accounts.len() as u64, 1, MOST_PUBLISHERS as u64)?;
    let majority = (publishers / 2).saturating_add(1);
    bounded(rules.quorum.into(), 0, publishers.into())?;
    bounded(rules.max_age.into(), 1, MOST_AGE.into())?;
    bounded(rules.ceiling, LEAST_VOLATILITY, MOST_VOLATILITY)?;
    for (index, account) in accounts.iter().enumerate() {
        if !account.is_zero() && accounts.iter().take(index).any(|other| other == account) {
            return Err(refusal::duplicate_origin(*account));
        }
    }
    Ok(Rules {
        publishers,
        quorum: rules.quorum.max(majority),
        ..rules
    })
}
