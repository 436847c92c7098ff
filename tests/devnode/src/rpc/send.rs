//! `eth_sendRawTransaction`.

use std::{sync::Arc, time::Duration};

use alloy_primitives::Bytes;
use jsonrpsee::core::RegisterMethodError;
use tokio::time::{Instant, sleep};

use super::{Answer, Api, Methods, arguments::Arguments, error, json};
use crate::chain::ChainError;

/// How long a transaction may wait for the one before it. Nitro's sequencer does the same, so that a client may send several at once
/// without caring which arrives first.
const NONCE_PATIENCE: Duration = Duration::from_secs(1);
const NONCE_POLL: Duration = Duration::from_millis(5);

/// Adds the methods of this file.
pub fn register(methods: &mut Methods) -> Result<(), RegisterMethodError> {
    methods.task("eth_sendRawTransaction", send_raw_transaction)
}

async fn send_raw_transaction(api: Arc<Api>, mut args: Arguments) -> Answer {
    let raw: Bytes = args.required()?;
    let deadline = Instant::now() + NONCE_PATIENCE;
    loop {
        let bytes = raw.clone();
        let sent = api
            .on_machine(move |api| api.chain().send_raw(&bytes))
            .await
            .map_err(error::lost)?;
        match sent {
            Ok(hash) => return json(hash),
            Err(ChainError::NonceTooHigh { .. }) if Instant::now() < deadline => {
                sleep(NONCE_POLL).await;
            }
            Err(refusal) => return Err(error::chain(&refusal)),
        }
    }
}
