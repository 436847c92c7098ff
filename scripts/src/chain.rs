//! Reads and transactions on a chain, for many signers: typed calls in, typed answers and decoded reverts out.

use std::time::Duration;

use alloy::consensus::TxEnvelope;
use alloy::eips::Encodable2718;
use alloy::network::{EthereumWallet, NetworkWallet, TransactionBuilder};
use alloy::primitives::{Address, B256, Bytes, TxKind, U256};
use alloy::providers::{DynProvider, Provider, ProviderBuilder};
use alloy::rpc::types::{BlockId, TransactionReceipt, TransactionRequest};
use alloy::signers::local::PrivateKeySigner;
use alloy::sol_types::SolCall;
use alloy::transports::http::reqwest::Url;

use crate::errors::{ChainError, Revert};
use crate::gas_log::GasLog;
use crate::transport;

/// Chain id of nitro's and our own development node.
pub const LOCAL_CHAIN_ID: u64 = 412_346;

/// Gas limit on the local chain, below the 32 M a transaction may have: an estimate would run every transaction about twenty times.
const LOCAL_GAS_LIMIT: u64 = 31_000_000;

/// How long a receipt is waited for, seconds.
const RECEIPT_SECONDS: u64 = 120;

/// A connection to one chain. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Chain {
    provider: DynProvider,
    id: u64,
    gas: GasLog,
}

/// A mined, successful transaction.
#[derive(Clone, Debug)]
pub struct Sent<T> {
    /// What the function returned, as seen by a call just before.
    pub value: T,
    /// Receipt.
    pub receipt: TransactionReceipt,
}

/// Number and time of a block.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BlockMoment {
    /// Number.
    pub number: u64,
    /// Unix seconds.
    pub time: u64,
}

impl<T> Sent<T> {
    /// Gas used.
    pub fn gas(&self) -> u64 {
        self.receipt.gas_used
    }
}

impl Chain {
    /// Connects and asks for the chain id.
    pub async fn connect(url: Url) -> Result<Self, ChainError> {
        let client = transport::client(&url).map_err(ChainError::NoClient)?;
        let provider = ProviderBuilder::new()
            .disable_recommended_fillers()
            .connect_reqwest(client, url)
            .erased();
        let id = provider
            .get_chain_id()
            .await
            .map_err(|error| ChainError::from_rpc("asking the node for its chain id", error))?;
        Ok(Self {
            provider,
            id,
            gas: GasLog::default(),
        })
    }

    /// Chain id.
    pub fn id(&self) -> u64 {
        self.id
    }

    /// Whether this is a development chain, where time and balances can be set.
    pub fn is_local(&self) -> bool {
        self.id == LOCAL_CHAIN_ID
    }

    /// The provider, for what has no helper here.
    pub fn provider(&self) -> &DynProvider {
        &self.provider
    }

    /// Gas used so far, by kind of action.
    pub fn gas(&self) -> &GasLog {
        &self.gas
    }

    /// The latest block.
    pub async fn latest(&self) -> Result<BlockMoment, ChainError> {
        let action = "reading the latest block";
        let block = self.provider.get_block(BlockId::latest()).await;
        let block = block.map_err(|error| ChainError::from_rpc(action, error))?;
        // Every chain has a block; a node that says otherwise is starting up.
        let header = block.ok_or(ChainError::NoBlock)?.header;
        Ok(BlockMoment {
            number: header.number,
            time: header.timestamp,
        })
    }

    /// Time of the latest block, unix seconds.
    pub async fn time(&self) -> Result<u64, ChainError> {
        Ok(self.latest().await?.time)
    }

    /// Number of the latest block.
    pub async fn block_number(&self) -> Result<u64, ChainError> {
        let number = self.provider.get_block_number().await;
        number.map_err(|error| ChainError::from_rpc("asking for the block number", error))
    }

    /// Calls a view.
    pub async fn read<C: SolCall>(&self, to: Address, call: &C) -> Result<C::Return, ChainError> {
        self.read_as(Address::ZERO, to, call, BlockId::latest())
            .await
    }

    /// Calls a function as `from` at a block, changing nothing.
    pub async fn read_as<C: SolCall>(
        &self,
        from: Address,
        to: Address,
        call: &C,
        block: BlockId,
    ) -> Result<C::Return, ChainError> {
        let request = TransactionRequest::default()
            .with_from(from)
            .with_to(to)
            .with_input(call.abi_encode());
        let answer = self.provider.call(request).block(block).await;
        let answer = answer.map_err(|error| ChainError::from_rpc(C::SIGNATURE, error))?;
        decode::<C>(&answer)
    }

    /// Sends a call. It is tried first: a revert costs nothing and is decoded.
    /// `kind` names the action in the gas record.
    pub async fn send<C: SolCall>(
        &self,
        kind: &'static str,
        signer: &PrivateKeySigner,
        to: Address,
        call: &C,
    ) -> Result<Sent<C::Return>, ChainError> {
        self.send_value(kind, signer, to, call, U256::ZERO).await
    }

    /// [`Self::send`] with wei attached.
    pub async fn send_value<C: SolCall>(
        &self,
        kind: &'static str,
        signer: &PrivateKeySigner,
        to: Address,
        call: &C,
        value: U256,
    ) -> Result<Sent<C::Return>, ChainError> {
        let request = self.request(signer, TxKind::Call(to), call.abi_encode().into(), value);
        let (answer, receipt) = self.submit(kind, signer, request).await?;
        self.gas.record(kind, receipt.gas_used);
        Ok(Sent {
            value: decode::<C>(&answer)?,
            receipt,
        })
    }

    /// Sends a call that is expected to revert, without trying it first, so that the chain itself refuses it.
    /// Returns the receipt and the revert; `None` when it went through.
    pub async fn send_refused<C: SolCall>(
        &self,
        signer: &PrivateKeySigner,
        to: Address,
        call: &C,
    ) -> Result<(TransactionReceipt, Option<Revert>), ChainError> {
        let action = C::SIGNATURE;
        let request = self
            .request(
                signer,
                TxKind::Call(to),
                call.abi_encode().into(),
                U256::ZERO,
            )
            .with_gas_limit(LOCAL_GAS_LIMIT);
        let receipt = self.sign_and_send(action, signer, request).await?;
        if receipt.status() {
            return Ok((receipt, None));
        }
        match self
            .read_as(signer.address(), to, call, BlockId::latest())
            .await
        {
            Err(ChainError::Reverted { revert, .. }) => Ok((receipt, Some(revert))),
            Err(error) => Err(error),
            // State moved on since: say what is known.
            Ok(_) => Ok((receipt, Some(Revert(Bytes::new())))),
        }
    }

    /// Creates an EVM contract from creation code with arguments appended.
    pub async fn create(
        &self,
        signer: &PrivateKeySigner,
        code: Bytes,
    ) -> Result<Address, ChainError> {
        Ok(self.create_measured(signer, code).await?.value)
    }

    /// [`Self::create`], with the receipt.
    pub async fn create_measured(
        &self,
        signer: &PrivateKeySigner,
        code: Bytes,
    ) -> Result<Sent<Address>, ChainError> {
        let action = "creating a contract";
        let request = self.request(signer, TxKind::Create, code, U256::ZERO);
        let (_, receipt) = self.submit(action, signer, request).await?;
        let value = receipt.contract_address.ok_or(ChainError::Reverted {
            action,
            revert: Revert(Bytes::new()),
        })?;
        Ok(Sent { value, receipt })
    }

    /// Sends bytes that follow no ABI, to a contract. `action` names it in errors.
    pub async fn send_bytes(
        &self,
        action: &'static str,
        signer: &PrivateKeySigner,
        to: Address,
        input: Bytes,
    ) -> Result<TransactionReceipt, ChainError> {
        let request = self.request(signer, TxKind::Call(to), input, U256::ZERO);
        Ok(self.submit(action, signer, request).await?.1)
    }

    /// Sends wei.
    pub async fn transfer(
        &self,
        signer: &PrivateKeySigner,
        to: Address,
        wei: U256,
    ) -> Result<TransactionReceipt, ChainError> {
        let request = self.request(signer, TxKind::Call(to), Bytes::new(), wei);
        Ok(self.submit("sending ether", signer, request).await?.1)
    }

    fn request(
        &self,
        signer: &PrivateKeySigner,
        to: TxKind,
        input: Bytes,
        value: U256,
    ) -> TransactionRequest {
        TransactionRequest::default()
            .with_from(signer.address())
            .with_kind(to)
            .with_input(input)
            .with_value(value)
            .with_chain_id(self.id)
    }

    /// Tries, signs, sends, waits. Returns what the trial returned and the receipt.
    async fn submit(
        &self,
        action: &'static str,
        signer: &PrivateKeySigner,
        request: TransactionRequest,
    ) -> Result<(Bytes, TransactionReceipt), ChainError> {
        let failed = |error| ChainError::from_rpc(action, error);
        let trial = self
            .provider
            .call(request.clone())
            .block(BlockId::pending())
            .await;
        let answer = trial.map_err(failed)?;
        let limit = if self.is_local() {
            LOCAL_GAS_LIMIT
        } else {
            // A fifth more: what a call costs may grow before it is mined.
            let estimate = self
                .provider
                .estimate_gas(request.clone())
                .await
                .map_err(failed)?;
            estimate.saturating_add(estimate / 5)
        };
        let receipt = self
            .sign_and_send(action, signer, request.clone().with_gas_limit(limit))
            .await?;
        if receipt.status() {
            return Ok((answer, receipt));
        }
        // Refused although the trial went through: the chain, or its clock, moved in between. A receipt holds no reason; the same call
        // on the block that refused it does.
        let block = receipt
            .block_number
            .map_or_else(BlockId::latest, BlockId::number);
        let again = self.provider.call(request).block(block).await;
        let refused = again.err().map(|error| ChainError::from_rpc(action, error));
        let revert = refused.as_ref().and_then(ChainError::revert);
        Err(ChainError::Overtaken {
            action,
            revert: revert.cloned().unwrap_or(Revert(Bytes::new())),
        })
    }

    async fn sign_and_send(
        &self,
        action: &'static str,
        signer: &PrivateKeySigner,
        request: TransactionRequest,
    ) -> Result<TransactionReceipt, ChainError> {
        let failed = |error| ChainError::from_rpc(action, error);
        let (nonce, gas_price) = tokio::try_join!(
            async {
                self.provider
                    .get_transaction_count(signer.address())
                    .pending()
                    .await
            },
            async { self.provider.get_gas_price().await },
        )
        .map_err(failed)?;
        // Twice the price: the base fee may rise before inclusion; only the base fee itself is paid.
        let request = request
            .with_nonce(nonce)
            .with_max_fee_per_gas(gas_price.saturating_mul(2))
            .with_max_priority_fee_per_gas(0);
        let wallet = EthereumWallet::from(signer.clone());
        let signed: TxEnvelope =
            NetworkWallet::<alloy::network::Ethereum>::sign_request(&wallet, request)
                .await
                .map_err(|error| ChainError::Signing {
                    action,
                    reason: error.to_string(),
                })?;
        self.publish(action, &signed.encoded_2718()).await
    }

    /// Sends a signed transaction and waits for its receipt, whatever that says.
    pub async fn publish(
        &self,
        action: &'static str,
        signed: &[u8],
    ) -> Result<TransactionReceipt, ChainError> {
        let pending = self
            .provider
            .send_raw_transaction(signed)
            .await
            .map_err(|error| ChainError::from_rpc(action, error))?;
        self.receipt(action, *pending.tx_hash()).await
    }

    /// Polls for a receipt: at once, then ever more slowly.
    async fn receipt(
        &self,
        action: &'static str,
        hash: B256,
    ) -> Result<TransactionReceipt, ChainError> {
        let started = tokio::time::Instant::now();
        let mut pause = Duration::from_millis(2);
        loop {
            let receipt = self.provider.get_transaction_receipt(hash).await;
            if let Some(receipt) = receipt.map_err(|error| ChainError::from_rpc(action, error))? {
                return Ok(receipt);
            }
            if started.elapsed().as_secs() >= RECEIPT_SECONDS {
                return Err(ChainError::NotMined {
                    action,
                    hash,
                    seconds: RECEIPT_SECONDS,
                });
            }
            tokio::time::sleep(pause).await;
            pause = pause.saturating_mul(2).min(Duration::from_secs(1));
        }
    }
}

fn decode<C: SolCall>(answer: &[u8]) -> Result<C::Return, ChainError> {
    C::abi_decode_returns(answer).map_err(|error| ChainError::Undecodable {
        action: C::SIGNATURE,
        error,
    })
}
