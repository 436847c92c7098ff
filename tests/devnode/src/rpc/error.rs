//! Errors as clients know them from geth.

use alloy_primitives::{Bytes, hex};
use alloy_sol_types::{Panic, Revert, SolError};
use jsonrpsee::types::ErrorObjectOwned;

use crate::{
    chain::{ChainError, view::Ending},
    executor::JobLost,
};

const SERVER: i32 = -32_000;
const METHOD_NOT_FOUND: i32 = -32_601;
const NO_NOTIFICATIONS: i32 = -32_001;
const INVALID_PARAMS: i32 = -32_602;
const INTERNAL: i32 = -32_603;
/// geth's code for blocks it no longer keeps, after EIP-4444.
const PRUNED: i32 = 4_444;
/// geth's code for a call that reverted; the data of the revert travels with it.
const REVERTED: i32 = 3;

fn plain(code: i32, message: &str) -> ErrorObjectOwned {
    ErrorObjectOwned::owned(code, message, None::<()>)
}

/// A method this node does not have.
pub fn unknown_method(method: &str) -> ErrorObjectOwned {
    let message = format!("the method {method} does not exist/is not available");
    plain(METHOD_NOT_FOUND, &message)
}

/// A topic nobody can subscribe to.
pub fn no_subscription(topic: &str) -> ErrorObjectOwned {
    let message = format!("no \"{topic}\" subscription in eth namespace");
    plain(METHOD_NOT_FOUND, &message)
}

/// A subscription over a connection that cannot carry one.
pub fn no_notifications() -> ErrorObjectOwned {
    plain(NO_NOTIFICATIONS, "notifications not supported")
}

/// Parameters that cannot be read.
pub fn invalid_params(message: &str) -> ErrorObjectOwned {
    plain(INVALID_PARAMS, message)
}

/// A fault of the node.
pub fn internal(message: &str) -> ErrorObjectOwned {
    plain(INTERNAL, message)
}

/// Refusals: geth's text, under `-32000` but for forgotten blocks.
pub fn chain(error: &ChainError) -> ErrorObjectOwned {
    let code = match error {
        ChainError::HistoryPruned => PRUNED,
        _ => SERVER,
    };
    plain(code, &error.to_string())
}

/// Any other refusal under the same code.
pub fn server(message: &str) -> ErrorObjectOwned {
    plain(SERVER, message)
}

/// The request was lost in a panic.
pub fn lost(error: JobLost) -> ErrorObjectOwned {
    internal(&error.to_string())
}

/// A call that did not return: its output, or the error for it.
pub fn of_ending(ending: Ending) -> Result<Bytes, ErrorObjectOwned> {
    match ending {
        Ending::Success(output) => Ok(output),
        Ending::Failed { message, .. } => Err(server(&message)),
        Ending::Reverted(data) => Err(ErrorObjectOwned::owned(
            REVERTED,
            revert_message(&data),
            Some(hex::encode_prefixed(&data)),
        )),
    }
}

fn revert_message(data: &Bytes) -> String {
    let reason = Revert::abi_decode(data)
        .map(|revert| revert.reason)
        .or_else(|_| Panic::abi_decode(data).map(|panic| panic_reason(&panic)));
    match reason {
        Ok(reason) => format!("execution reverted: {reason}"),
        Err(_) => "execution reverted".into(),
    }
}

fn panic_reason(panic: &Panic) -> String {
    panic.kind().map_or_else(
        || format!("unknown panic code: {:#x}", panic.code),
        |kind| kind.to_string(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_revert_carries_reason_and_data() {
        let data: Bytes = Revert {
            reason: "too late".into(),
        }
        .abi_encode()
        .into();
        let error = of_ending(Ending::Reverted(data.clone())).expect_err("a revert is an error");
        assert_eq!(error.code(), 3);
        assert_eq!(error.message(), "execution reverted: too late");
        let expected = format!("\"{}\"", hex::encode_prefixed(&data));
        assert_eq!(error.data().map(|data| data.get()), Some(expected.as_str()));
    }

    #[test]
    fn a_custom_error_is_passed_on_undecoded() {
        let error = of_ending(Ending::Reverted(Bytes::from_static(&[1, 2, 3, 4])))
            .expect_err("a revert is an error");
        assert_eq!(error.message(), "execution reverted");
    }
}
