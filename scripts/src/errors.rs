//! Reverts with their names and arguments, whichever contract they come from.

use std::fmt;

use alloy::primitives::Bytes;
use alloy::sol_types::{ContractError, SolError, SolInterface};
use alloy::transports::{RpcError, TransportErrorKind};

use crate::bindings::{
    IAggregatorFace, IArbWasm, IClearingHouse, ICollateralVault, IExpirySettlement,
    ILiquidationAuction, IMarginEngine, IOracleAdapter, IOwnable2Step, IPriceAggregator, IRiskLens,
    ISeriesFactory, ISettlementCommittee, ISignedPrice, ISignedQuotes, IStylusDeployer, ITestToken,
    IVolatilitySurface,
};

/// Why a call or transaction gave no result.
#[derive(Debug, thiserror::Error)]
pub enum ChainError {
    /// The contract refused.
    #[error("{action} reverted: {revert}")]
    Reverted {
        /// What was tried.
        action: &'static str,
        /// The contract's error.
        revert: Revert,
    },
    /// The contract would have agreed when the transaction was sent, and refused it in its block: somebody was faster, or the market or the
    /// clock moved in between.
    #[error("{action} went through in its trial and reverted in its block: {revert}")]
    Overtaken {
        /// What was tried.
        action: &'static str,
        /// The contract's error; empty where the block cannot be asked again.
        revert: Revert,
    },
    /// The node could not be reached, or refused the request.
    #[error("{action}: {error}")]
    Rpc {
        /// What was tried.
        action: &'static str,
        /// The node's answer.
        error: Box<RpcError<TransportErrorKind>>,
    },
    /// The answer is not what the interface says: no contract there, or another one.
    #[error("{action}: the answer does not decode ({error}); is this the right contract?")]
    Undecodable {
        /// What was tried.
        action: &'static str,
        /// Why it does not decode.
        error: alloy::sol_types::Error,
    },
    /// The transaction was sent, and no receipt appeared.
    #[error("{action}: transaction {hash} was not mined within {seconds} s")]
    NotMined {
        /// What was tried.
        action: &'static str,
        /// Transaction.
        hash: alloy::primitives::B256,
        /// How long the tool waited.
        seconds: u64,
    },
    /// There is no way to speak to the node.
    #[error(
        "cannot set up TLS: {0}; does this machine have certificates (Debian: ca-certificates)?"
    )]
    NoClient(alloy::transports::http::reqwest::Error),
    /// The node has no block to show.
    #[error("the node has no latest block: it is still starting")]
    NoBlock,
    /// The transaction could not be signed.
    #[error("{action}: cannot sign: {reason}")]
    Signing {
        /// What was tried.
        action: &'static str,
        /// Why.
        reason: String,
    },
}

impl ChainError {
    /// Wraps a node's error: a revert when it carries revert data.
    pub fn from_rpc(action: &'static str, error: RpcError<TransportErrorKind>) -> Self {
        let response = error.as_error_resp();
        match response.and_then(|payload| payload.as_revert_data()) {
            Some(data) => Self::Reverted {
                action,
                revert: Revert(data),
            },
            // A revert without data, as traps give: nodes then send no data field.
            None if response
                .is_some_and(|payload| payload.message.contains("execution reverted")) =>
            {
                Self::Reverted {
                    action,
                    revert: Revert(Bytes::new()),
                }
            }
            None => Self::Rpc {
                action,
                error: Box::new(error),
            },
        }
    }

    /// The contract's error, if it was the contract that refused.
    pub fn revert(&self) -> Option<&Revert> {
        match self {
            Self::Reverted { revert, .. } | Self::Overtaken { revert, .. } => Some(revert),
            _ => None,
        }
    }

    /// Whether the transaction lost a race between its trial and its block.
    pub const fn is_overtaken(&self) -> bool {
        matches!(self, Self::Overtaken { .. })
    }

    /// Whether the contract refused with this very kind of error.
    pub fn is<E: SolError>(&self) -> bool {
        self.revert().is_some_and(Revert::is::<E>)
    }
}

/// Revert data of a call.
#[derive(Clone, PartialEq, Eq)]
pub struct Revert(pub Bytes);

impl Revert {
    /// Whether it is this kind of error.
    pub fn is<E: SolError>(&self) -> bool {
        self.0.starts_with(&E::SELECTOR)
    }

    /// The error with its arguments, if it is this kind.
    pub fn decode<E: SolError>(&self) -> Option<E> {
        E::abi_decode(&self.0).ok()
    }

    /// Name of the error, without arguments.
    pub fn name(&self) -> Option<String> {
        let text = self.describe()?;
        Some(text.split([' ', '(']).next().unwrap_or_default().to_owned())
    }

    /// Name and arguments. Interfaces share some errors; those have one selector and one meaning.
    fn describe(&self) -> Option<String> {
        let data = &self.0;
        describe_as::<IClearingHouse::IClearingHouseErrors>(data)
            .or_else(|| describe_as::<ICollateralVault::ICollateralVaultErrors>(data))
            .or_else(|| describe_as::<ISeriesFactory::ISeriesFactoryErrors>(data))
            .or_else(|| describe_as::<IOracleAdapter::IOracleAdapterErrors>(data))
            .or_else(|| describe_as::<IMarginEngine::IMarginEngineErrors>(data))
            .or_else(|| describe_as::<IRiskLens::IRiskLensErrors>(data))
            .or_else(|| describe_as::<ILiquidationAuction::ILiquidationAuctionErrors>(data))
            .or_else(|| describe_as::<IExpirySettlement::IExpirySettlementErrors>(data))
            .or_else(|| describe_as::<ISignedPrice::ISignedPriceErrors>(data))
            .or_else(|| describe_as::<ISignedQuotes::ISignedQuotesErrors>(data))
            .or_else(|| describe_as::<ISettlementCommittee::ISettlementCommitteeErrors>(data))
            .or_else(|| describe_as::<IAggregatorFace::IAggregatorFaceErrors>(data))
            .or_else(|| describe_as::<IVolatilitySurface::IVolatilitySurfaceErrors>(data))
            .or_else(|| describe_as::<IOwnable2Step::IOwnable2StepErrors>(data))
            .or_else(|| describe_as::<IArbWasm::IArbWasmErrors>(data))
            .or_else(|| describe_as::<IStylusDeployer::IStylusDeployerErrors>(data))
            .or_else(|| describe_as::<ITestToken::ITestTokenErrors>(data))
            .or_else(|| describe_as::<IPriceAggregator::IPriceAggregatorErrors>(data))
            .or_else(|| plain_solidity(data))
    }
}

impl fmt::Display for Revert {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("no data (a trap, or no such function)");
        }
        match self.describe() {
            Some(text) => f.write_str(&text),
            None => write!(f, "unknown error {}", self.0),
        }
    }
}

impl fmt::Debug for Revert {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// `Name { argument: value, … }`: the generated enum prints it inside the variant's parentheses.
fn describe_as<E: SolInterface + fmt::Debug>(data: &[u8]) -> Option<String> {
    let error = E::abi_decode(data).ok()?;
    let text = format!("{error:?}");
    let inner = text
        .split_once('(')
        .and_then(|(_, rest)| rest.strip_suffix(')'));
    Some(inner.unwrap_or(&text).to_owned())
}

/// `require(…, "reason")` and panics of Solidity contracts.
fn plain_solidity(data: &[u8]) -> Option<String> {
    match ContractError::<std::convert::Infallible>::abi_decode(data).ok()? {
        ContractError::Revert(revert) => Some(format!("Error({:?})", revert.reason)),
        ContractError::Panic(panic) => Some(panic.to_string()),
        ContractError::CustomError(never) => match never {},
    }
}

#[cfg(test)]
mod tests {
    use alloy::primitives::{Address, U256};

    use super::*;

    fn revert(error: &impl SolError) -> Revert {
        Revert(error.abi_encode().into())
    }

    #[test]
    fn errors_of_any_contract_are_shown_with_their_arguments() {
        let cash = IClearingHouse::InsufficientCash {
            account: U256::from(7),
            cash: U256::from(1),
            needed: U256::from(2),
        };
        assert_eq!(
            revert(&cash).to_string(),
            "InsufficientCash { account: 7, cash: 1, needed: 2 }"
        );
        let token = ITestToken::ERC20InvalidReceiver {
            receiver: Address::ZERO,
        };
        assert_eq!(
            revert(&token).name().as_deref(),
            Some("ERC20InvalidReceiver")
        );
        assert_eq!(
            revert(&ICollateralVault::Locked {}).name().as_deref(),
            Some("Locked")
        );
    }

    #[test]
    fn an_error_is_recognised_and_read_back() {
        let error = IOracleAdapter::QuorumLost {
            valid: U256::from(1),
            needed: U256::from(2),
        };
        let revert = revert(&error);
        assert!(revert.is::<IOracleAdapter::QuorumLost>());
        assert!(!revert.is::<IOracleAdapter::UnknownFeed>());
        assert_eq!(revert.decode::<IOracleAdapter::QuorumLost>(), Some(error));
    }

    #[test]
    fn unknown_and_empty_data_are_said_to_be_so() {
        assert!(
            Revert(Bytes::from_static(&[1, 2, 3, 4]))
                .to_string()
                .contains("0x01020304")
        );
        assert!(Revert(Bytes::new()).to_string().contains("no data"));
    }
}
