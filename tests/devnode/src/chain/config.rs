//! What a node is started with.

use alloy_primitives::B256;
use alloy_primitives::{Address, U256, address, b256};

pub use crate::program::config::{NEWEST_ARBOS, OLDEST_ARBOS};

/// Chain id of Nitro's devnode.
pub const CHAIN_ID: u64 = 412_346;
/// The account every devnode funds, and its publicly known key.
pub const DEV_ACCOUNT: Address = address!("0x3f1Eae7D46d88F08fc2F8ed27FCb2AB183EB2d0E");
/// Key of [`DEV_ACCOUNT`].
pub const DEV_KEY: B256 =
    b256!("0xb6b15c8cb491557369f3c7d2c287b053eb229daa9c22138887752191c9520659");
/// 0.1 gwei: floor and initial value of the base fee; it does not move on a chain without load.
pub const BASE_FEE: u64 = 100_000_000;
/// `gasLimit` of every header, 2^50.
pub const HEADER_GAS_LIMIT: u64 = 1 << 50;
/// Gas one transaction may use (and, one transaction a block, one block).
pub const TX_GAS_LIMIT: u64 = 32_000_000;
/// Gas `eth_call` and `eth_estimateGas` may use.
pub const RPC_GAS_CAP: u64 = 50_000_000;
/// Blocks a node keeps unless told otherwise: some 18 MiB of transfers.
pub const BLOCK_HISTORY: usize = 10_000;
/// EIP-170.
pub const MAX_CODE_SIZE: usize = 24_576;
/// `COINBASE` of sequenced blocks.
pub const SEQUENCER: Address = address!("0xA4b000000000000000000073657175656e636572");

/// Settings of the chain.
#[derive(Clone, Debug)]
pub struct ChainConfig {
    /// Chain id.
    pub chain_id: u64,
    /// Accounts that hold ether at genesis.
    pub accounts: Vec<(Address, U256)>,
    /// Unix seconds of block 0; now when absent.
    pub genesis_timestamp: Option<u64>,
    /// What `NUMBER` returns: the L1 block number, which stays 0 on a devnode without L1.
    pub l1_block_number: u64,
    /// Longest code an account may hold; Nitro's `--init.dev-max-code-size`.
    pub max_code_size: usize,
    /// ArbOS version the chain begins with, between [`OLDEST_ARBOS`] and [`NEWEST_ARBOS`]; its owner can upgrade it.
    pub arbos_version: u64,
    /// Gas every activation burns before any work, from ArbOS 59 on; 0 on a devnode, `u64::MAX` where activations are paused.
    pub activation_gas: u64,
    /// Where fees go.
    pub network_fee_account: Address,
    /// Newest blocks kept, with their transactions, receipts and logs; older ones are forgotten.
    pub block_history: usize,
    /// States kept for queries at old blocks, no more than blocks.
    pub state_history: usize,
}

impl Default for ChainConfig {
    fn default() -> Self {
        Self {
            chain_id: CHAIN_ID,
            accounts: vec![(DEV_ACCOUNT, ether(1_000))],
            genesis_timestamp: None,
            l1_block_number: 0,
            max_code_size: MAX_CODE_SIZE,
            arbos_version: NEWEST_ARBOS,
            activation_gas: 0,
            network_fee_account: Address::ZERO,
            block_history: BLOCK_HISTORY,
            state_history: 4_096,
        }
    }
}

/// Whole ether in wei.
pub fn ether(amount: u64) -> U256 {
    U256::from(amount).saturating_mul(U256::from(10).pow(U256::from(18)))
}
