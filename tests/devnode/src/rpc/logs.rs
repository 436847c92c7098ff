//! `eth_getLogs`.

use alloy_eips::BlockNumberOrTag;
use alloy_rpc_types_eth::{Filter, FilterBlockOption, Log};
use jsonrpsee::{core::RegisterMethodError, types::ErrorObjectOwned};

use super::{Answer, Api, Methods, arguments::Arguments, error, format, json};
use crate::chain::{BlockRecord, Chain};

/// Adds the methods of this file.
pub fn register(methods: &mut Methods) -> Result<(), RegisterMethodError> {
    methods.query("eth_getLogs", get_logs)
}

fn get_logs(api: &Api, args: &mut Arguments) -> Answer {
    let filter: Filter = args.required()?;
    json(select(&api.chain(), &filter)?)
}

/// Logs of the past that pass the filter.
pub fn select(chain: &Chain, filter: &Filter) -> Result<Vec<Log>, ErrorObjectOwned> {
    let blocks = match filter.block_option {
        FilterBlockOption::AtBlockHash(hash) => {
            let block = chain
                .block(hash.into())
                .ok_or_else(|| error::server("unknown block"))?;
            std::slice::from_ref(block)
        }
        FilterBlockOption::Range {
            from_block,
            to_block,
        } => {
            let (first, last) = (number(chain, from_block), number(chain, to_block));
            if first > last {
                return Err(error::invalid_params("invalid block range params"));
            }
            chain.blocks_between(first, last)
        }
    };
    Ok(blocks
        .iter()
        .flat_map(|block| matching(block, filter))
        .collect())
}

/// Absent bounds mean the head, as in geth.
fn number(chain: &Chain, bound: Option<BlockNumberOrTag>) -> u64 {
    match bound {
        Some(BlockNumberOrTag::Number(number)) => number,
        Some(BlockNumberOrTag::Earliest) => 0,
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
