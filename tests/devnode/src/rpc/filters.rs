//! Filters a client installs and polls: logs, new blocks, pending transactions.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use alloy_primitives::{B256, U256};
use alloy_rpc_types_eth::{Filter, FilterBlockOption};
use jsonrpsee::core::RegisterMethodError;
use serde_json::Value;

use super::{Answer, Api, Methods, arguments::Arguments, error, json, logs, quantity};
use crate::chain::{Chain, ChainError};

/// geth forgets a filter nobody has polled for this long.
const IDLE: Duration = Duration::from_secs(300);
/// Most filters held at a time; a client that leaks them must not exhaust the node.
const MAX_FILTERS: usize = 1_000;

/// Installed filters.
#[derive(Default)]
pub struct Filters {
    installed: HashMap<u64, Installed>,
    last_id: u64,
}

struct Installed {
    kind: Kind,
    /// First block not yet reported.
    next_block: u64,
    polled: Instant,
}

#[derive(Clone)]
enum Kind {
    Logs(Box<Filter>),
    Blocks,
    /// Transactions are mined as they arrive: what is reported is the transactions of new blocks.
    Transactions,
}

impl Filters {
    fn install(&mut self, kind: Kind, next_block: u64, now: Instant) -> Option<u64> {
        self.installed.retain(|_, filter| !filter.is_idle(now));
        if self.installed.len() >= MAX_FILTERS {
            return None;
        }
        self.last_id += 1;
        let filter = Installed {
            kind,
            next_block,
            polled: now,
        };
        self.installed.insert(self.last_id, filter);
        Some(self.last_id)
    }

    /// The filter of that number, asked for now; none when there is no such one or it has been idle for too long.
    fn poll(&mut self, id: u64, now: Instant) -> Option<&mut Installed> {
        if self.installed.get(&id)?.is_idle(now) {
            self.installed.remove(&id);
        }
        let filter = self.installed.get_mut(&id)?;
        filter.polled = now;
        Some(filter)
    }
}

impl Installed {
    fn is_idle(&self, now: Instant) -> bool {
        now.duration_since(self.polled) >= IDLE
    }
}

/// Adds the methods of this file.
pub fn register(methods: &mut Methods) -> Result<(), RegisterMethodError> {
    methods.query("eth_newFilter", |api, args| {
        let filter = args.required()?;
        logs::check_size(&filter)?;
        install(api, Kind::Logs(Box::new(filter)))
    })?;
    methods.query("eth_newBlockFilter", |api, _| install(api, Kind::Blocks))?;
    methods.query("eth_newPendingTransactionFilter", |api, _| {
        install(api, Kind::Transactions)
    })?;
    methods.query("eth_uninstallFilter", |api, args| {
        let id = args.required::<U256>()?.saturating_to::<u64>();
        Ok(api.filters().installed.remove(&id).is_some().into())
    })?;
    methods.query("eth_getFilterChanges", changes)?;
    methods.query("eth_getFilterLogs", filter_logs)
}

fn install(api: &Api, kind: Kind) -> Answer {
    let next_block = api.chain().head().number() + 1;
    let id = api.filters().install(kind, next_block, Instant::now());
    let id =
        id.ok_or_else(|| error::server(&format!("too many filters, at most {MAX_FILTERS}")))?;
    quantity(id)
}

fn changes(api: &Api, args: &mut Arguments) -> Answer {
    let id = args.required::<U256>()?.saturating_to::<u64>();
    let chain = api.chain();
    let head = chain.head().number();
    let (kind, first) = {
        let mut filters = api.filters();
        let filter = filters.poll(id, Instant::now()).ok_or_else(not_found)?;
        // After `evm_revert` the chain may end before what was reported: report what grows from there.
        let first = filter.next_block.min(head + 1);
        filter.next_block = head + 1;
        (filter.kind.clone(), first)
    };
    if first < chain.oldest() {
        return Err(error::chain(&ChainError::HistoryPruned));
    }
    let blocks = chain.blocks_between(first, head);
    match kind {
        Kind::Blocks => json(blocks.map(|block| block.hash()).collect::<Vec<B256>>()),
        Kind::Transactions => {
            let all = blocks.flat_map(|block| &block.transactions);
            json(
                all.map(|record| *record.transaction.tx_hash())
                    .collect::<Vec<B256>>(),
            )
        }
        Kind::Logs(filter) => {
            let (from, to) = bounds(&chain, &filter);
            let inside = blocks.filter(|block| (from..=to).contains(&block.number()));
            json(
                inside
                    .flat_map(|block| logs::matching(block, &filter))
                    .collect::<Vec<_>>(),
            )
        }
    }
}

fn filter_logs(api: &Api, args: &mut Arguments) -> Answer {
    let id = args.required::<U256>()?.saturating_to::<u64>();
    let filter = {
        let mut filters = api.filters();
        let filter = filters.poll(id, Instant::now()).ok_or_else(not_found)?;
        match &filter.kind {
            Kind::Logs(filter) => filter.clone(),
            Kind::Blocks | Kind::Transactions => return Err(not_found()),
        }
    };
    Ok(Value::Array(
        logs::select(&api.chain(), &filter)?
            .into_iter()
            .map(json)
            .collect::<Result<_, _>>()?,
    ))
}

/// Blocks a log filter is about; an open end stays open as the chain grows.
fn bounds(chain: &Chain, filter: &Filter) -> (u64, u64) {
    match filter.block_option {
        FilterBlockOption::AtBlockHash(hash) => chain
            .block(hash.into())
            .ok()
            .flatten()
            .map_or((1, 0), |block| (block.number(), block.number())),
        FilterBlockOption::Range {
            from_block,
            to_block,
        } => (
            from_block.and_then(|bound| bound.as_number()).unwrap_or(0),
            to_block
                .and_then(|bound| bound.as_number())
                .unwrap_or(u64::MAX),
        ),
    }
}

fn not_found() -> jsonrpsee::types::ErrorObjectOwned {
    error::server("filter not found")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filter_lives_five_minutes_from_when_it_was_last_asked_for() {
        let mut filters = Filters::default();
        let start = Instant::now();
        let after = |seconds| start + Duration::from_secs(seconds);
        let id = filters.install(Kind::Blocks, 1, start).expect("room");
        assert!(filters.poll(id, after(299)).is_some());
        assert!(filters.poll(id, after(299 + 299)).is_some());
        assert!(filters.poll(id, after(299 + 299 + 300)).is_none());
        assert!(filters.installed.is_empty());
    }

    #[test]
    fn idle_filters_make_room_for_new_ones() {
        let mut filters = Filters::default();
        let start = Instant::now();
        for _ in 0..MAX_FILTERS {
            assert!(filters.install(Kind::Blocks, 1, start).is_some());
        }
        assert!(filters.install(Kind::Blocks, 1, start).is_none());
        let later = start + IDLE;
        assert!(filters.install(Kind::Blocks, 1, later).is_some());
        assert_eq!(filters.installed.len(), 1);
    }
}
