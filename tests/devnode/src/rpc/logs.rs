//! `eth_getLogs`.

use alloy_eips::BlockNumberOrTag;
use alloy_rpc_types_eth::{Filter, FilterBlockOption, Log};
use jsonrpsee::{core::RegisterMethodError, types::ErrorObjectOwned};

use super::{Answer, Api, Methods, arguments::Arguments, error, format, json};
use crate::chain::{BlockRecord, Chain, ChainError};

/// geth's limit on addresses, and on topics at one place.
const MAX_CHOICES: usize = 1_000;

/// Adds the methods of this file.
pub fn register(methods: &mut Methods) -> Result<(), RegisterMethodError> {
    methods.query("eth_getLogs", get_logs)
}

fn get_logs(api: &Api, args: &mut Arguments) -> Answer {
    let filter: Filter = args.required()?;
    check_size(&filter)?;
    json(select(&api.chain(), &filter)?)
}

/// Refuses a filter that names more than geth allows.
pub fn check_size(filter: &Filter) -> Result<(), ErrorObjectOwned> {
    let wide = filter
        .topics
        .iter()
        .any(|topics| topics.len() > MAX_CHOICES);
    if wide || filter.address.len() > MAX_CHOICES {
        return Err(error::server(
            "exceed max addresses or topics per search position",
        ));
    }
    Ok(())
}

/// Logs of the past that pass the filter.
pub fn select(chain: &Chain, filter: &Filter) -> Result<Vec<Log>, ErrorObjectOwned> {
    let (first, last) = match filter.block_option {
        FilterBlockOption::AtBlockHash(hash) => {
            let block = chain.block(hash.into()).map_err(|e| error::chain(&e))?;
            let block = block.ok_or_else(|| error::server("unknown block"))?;
            (block.number(), block.number())
        }
        FilterBlockOption::Range {
            from_block,
            to_block,
        } => {
            let (first, last) = (number(chain, from_block), number(chain, to_block));
            if first > last {
                return Err(error::invalid_params("invalid block range params"));
            }
            // An answer without the logs of forgotten blocks would look like all there are.
            if first < chain.oldest() {
                return Err(error::chain(&ChainError::HistoryPruned));
            }
            (first, last)
        }
    };
    Ok(chain
        .blocks_between(first, last)
        .flat_map(|block| matching(block, filter))
        .collect())
}

/// Absent bounds mean the head, as in geth; `earliest` the oldest block kept.
fn number(chain: &Chain, bound: Option<BlockNumberOrTag>) -> u64 {
    match bound {
        Some(BlockNumberOrTag::Number(number)) => number,
        Some(BlockNumberOrTag::Earliest) => chain.oldest(),
        _ => chain.head().number(),
    }
}

/// Logs of a block that pass the filter. The bloom spares most blocks the look.
pub fn matching(block: &BlockRecord, filter: &Filter) -> Vec<Log> {
    if !filter.matches_bloom(block.header.logs_bloom) {
        return Vec::new();
    }
    block
        .transactions
        .iter()
        .enumerate()
        .flat_map(|(index, record)| format::logs(block, index, record))
        .filter(|log| filter.matches(&log.inner))
        .collect()
}
