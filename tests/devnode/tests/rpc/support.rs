//! A node, a funded account, and the few requests every test makes.

use alloy::{
    consensus::SignableTransaction,
    eips::Encodable2718,
    network::{EthereumWallet, TransactionBuilder, TxSignerSync},
    primitives::{Address, B256, Bytes, TxKind, U256, hex, keccak256},
    providers::{DynProvider, Provider, ProviderBuilder},
    rpc::types::{TransactionReceipt, TransactionRequest},
    signers::local::PrivateKeySigner,
    sol_types::SolCall,
    transports::{RpcError, TransportErrorKind},
};
use devnode::{
    Config, Node, NodeHandle,
    chain::config::{CHAIN_ID, DEV_KEY},
};
use serde_json::Value;

pub const GWEI: u128 = 1_000_000_000;
pub const BASE_FEE: u128 = GWEI / 10;

alloy::sol! {
    contract Counter {
        error TooLarge(uint256 given, uint256 allowed);
        event Incremented(address indexed by, uint256 indexed number);
        function number() external view returns (uint256);
        function increment() external payable;
        function set(uint256 value) external;
        function refuse() external pure;
        function panic(uint256 divisor) external view returns (uint256);
        function spin() external view;
        function time() external view returns (uint256);
        function facts() external view returns (uint256, uint256, address, uint256, uint256);
    }

    contract Caller {
        error Refused(uint256 calls);
        event Noted(address indexed by, uint256 value);
        function calls() external view returns (uint256);
        function forward(address target, bytes calldata data) external payable returns (bytes memory);
        function attempt(address target, bytes calldata data) external returns (bool ok, bytes memory answer);
        function attemptStatic(address target, bytes calldata data) external view returns (bool ok, bytes memory answer);
        function attemptDelegate(address target, bytes calldata data) external returns (bool ok, bytes memory answer);
        function forwardThenRevert(address target, bytes calldata data) external;
        function note(uint256 value) external returns (uint256);
        function noteThenRevert() external;
        function measureTwice(address target, bytes calldata data) external returns (uint256 first, uint256 second);
    }

    interface ArbWasm {
        function activateProgram(address program) external payable returns (uint16 version, uint256 dataFee);
        function stylusVersion() external view returns (uint16 version);
        function codehashVersion(bytes32 codehash) external view returns (uint16 version);
        function programInitGas(address program) external view returns (uint64 gas, uint64 gasWhenCached);
        function programTimeLeft(address program) external view returns (uint64 secs);
        function codehashKeepalive(bytes32 codehash) external payable;
        function activationGas() external view returns (uint64 gas);
        function inkPrice() external view returns (uint32 price);
        event ProgramActivated(bytes32 indexed codehash, bytes32 moduleHash, address program, uint256 dataFee, uint16 version);
        error ProgramNotActivated();
        error ProgramExpired(uint64 ageInSeconds);
        error ProgramUpToDate();
        error ProgramKeepaliveTooSoon(uint64 ageInSeconds);
        error ProgramInsufficientValue(uint256 have, uint256 want);
    }

    interface ArbWasmCache {
        function allCacheManagers() external view returns (address[] memory managers);
        function cacheProgram(address program) external;
        function evictCodehash(bytes32 codehash) external;
        function codehashIsCached(bytes32 codehash) external view returns (bool);
    }

    interface ArbOwner {
        function setL1PricePerUnit(uint256 pricePerUnit) external;
        function scheduleArbOSUpgrade(uint64 newVersion, uint64 timestamp) external;
        function setInkPrice(uint32 price) external;
        function addWasmCacheManager(address manager) external;
    }

    interface ArbDebug {
        function becomeChainOwner() external;
    }

    interface ArbSys {
        function arbOSVersion() external view returns (uint256);
        function arbBlockNumber() external view returns (uint256);
        function arbChainID() external view returns (uint256);
    }

    interface StylusDeployer {
        function deploy(bytes calldata bytecode, bytes calldata initData, uint256 initValue, bytes32 salt) external payable returns (address);
        event ContractDeployed(address deployedContract);
    }
}

pub const ARB_SYS: Address = Address::with_last_byte(0x64);
pub const ARB_OWNER: Address = Address::with_last_byte(0x70);
pub const ARB_WASM: Address = Address::with_last_byte(0x71);
pub const ARB_WASM_CACHE: Address = Address::with_last_byte(0x72);
pub const ARB_DEBUG: Address = Address::with_last_byte(0xff);

pub type Failure = RpcError<TransportErrorKind>;

/// An HTTP client. The tool's TLS is compiled into it and has to be given; nothing here needs certificates.
pub fn client() -> reqwest::Client {
    // An error means that another test gave it before.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = reqwest::Client::builder().tls_certs_only([]);
    builder.build().expect("needs nothing of the system")
}

/// A node of the test's own.
pub struct Chain {
    pub node: NodeHandle,
    pub provider: DynProvider,
    pub dev: PrivateKeySigner,
}

impl Chain {
    pub async fn start() -> Self {
        Self::start_with(Config::default()).await
    }

    pub async fn start_with(config: Config) -> Self {
        let node = Node::spawn(config).await.expect("the node starts");
        let dev = PrivateKeySigner::from_bytes(&DEV_KEY).expect("the key is valid");
        let provider = ProviderBuilder::new()
            .wallet(EthereumWallet::from(dev.clone()))
            .connect_reqwest(client(), node.url().parse().expect("the URL is valid"))
            .erased();
        Self {
            node,
            provider,
            dev,
        }
    }

    /// Any method, any parameters.
    pub async fn request(&self, method: &'static str, params: Value) -> Result<Value, Failure> {
        self.provider.raw_request(method.into(), params).await
    }

    /// Sends from the dev account; nonce, gas and fees are filled in by alloy from what the node says.
    pub async fn send(&self, tx: TransactionRequest) -> Result<TransactionReceipt, Failure> {
        let hash = *self.provider.send_transaction(tx).await?.tx_hash();
        let receipt = self.provider.get_transaction_receipt(hash).await?;
        Ok(receipt.expect("a transaction is mined before its hash is known"))
    }

    /// Sends and expects success.
    pub async fn sent(&self, tx: TransactionRequest) -> TransactionReceipt {
        let receipt = self.send(tx).await.expect("the transaction is accepted");
        assert!(receipt.status(), "the transaction succeeds");
        receipt
    }

    pub async fn transact(&self, to: Address, call: impl SolCall) -> TransactionReceipt {
        self.sent(request(to, call.abi_encode())).await
    }

    pub async fn deploy(&self, init: Vec<u8>) -> Address {
        let receipt = self.deploy_and_receipt(init).await;
        receipt.contract_address.expect("a creation has an address")
    }

    pub async fn deploy_and_receipt(&self, init: Vec<u8>) -> TransactionReceipt {
        self.sent(TransactionRequest::default().with_deploy_code(init))
            .await
    }

    /// `eth_call` of a typed method.
    pub async fn call<C: SolCall>(&self, to: Address, call: C) -> Result<C::Return, Failure> {
        let output = self.provider.call(request(to, call.abi_encode())).await?;
        Ok(C::abi_decode_returns(&output).expect("the answer has the declared type"))
    }

    pub async fn call_raw(&self, to: Address, data: Vec<u8>) -> Result<Bytes, Failure> {
        self.provider.call(request(to, data)).await
    }

    pub async fn balance(&self, address: Address) -> U256 {
        self.provider
            .get_balance(address)
            .await
            .expect("balances are known")
    }

    pub async fn slot(&self, address: Address, key: U256) -> U256 {
        self.provider
            .get_storage_at(address, key)
            .await
            .expect("slots are known")
    }

    pub async fn timestamp(&self) -> u64 {
        let block = self.request("eth_getBlockByNumber", serde_json::json!(["latest", false]));
        let block = block.await.expect("there is a latest block");
        quantity(&block["timestamp"])
    }

    /// Puts a program on chain without activating it.
    pub async fn deploy_program(&self, wat: &str) -> Address {
        self.deploy(deployment(&program_code(wat))).await
    }

    /// Activates a program at `address`.
    pub async fn activate(&self, address: Address) -> TransactionReceipt {
        let call = ArbWasm::activateProgramCall { program: address }.abi_encode();
        self.sent(request(ARB_WASM, call).with_value(ether(1)))
            .await
    }

    /// Deploys and activates a program.
    pub async fn program(&self, wat: &str) -> Address {
        let address = self.deploy_program(wat).await;
        self.activate(address).await;
        address
    }

    /// Signs without asking the node anything.
    pub fn sign<T>(&self, mut tx: T) -> Vec<u8>
    where
        T: SignableTransaction<alloy::primitives::Signature>,
        alloy::consensus::Signed<T>: Encodable2718,
    {
        let signature = self
            .dev
            .sign_transaction_sync(&mut tx)
            .expect("signing works");
        tx.into_signed(signature).encoded_2718()
    }

    pub async fn send_raw(&self, raw: &[u8]) -> Result<B256, Failure> {
        let answer = self.request(
            "eth_sendRawTransaction",
            serde_json::json!([hex::encode_prefixed(raw)]),
        );
        Ok(answer
            .await?
            .as_str()
            .expect("a hash")
            .parse()
            .expect("a hash"))
    }
}

pub fn request(to: Address, data: Vec<u8>) -> TransactionRequest {
    TransactionRequest::default().with_to(to).with_input(data)
}

pub fn ether(amount: u64) -> U256 {
    U256::from(amount) * U256::from(10).pow(U256::from(18))
}

pub fn counter() -> Vec<u8> {
    hex::decode(include_str!("../../fixtures/counter.hex").trim()).expect("the fixture is hex")
}

pub fn caller() -> Vec<u8> {
    hex::decode(include_str!("../../fixtures/caller.hex").trim()).expect("the fixture is hex")
}

pub const RELAY: &str = include_str!("../../fixtures/relay.wat");

/// Code of a program as it stands on chain.
pub fn program_code(wat: &str) -> Vec<u8> {
    let wasm = wat::parse_str(wat).expect("the fixture is valid");
    let mut code = vec![0xEF, 0xF0, 0x00, 0x00];
    let params = brotli::enc::BrotliEncoderParams {
        quality: 11,
        lgwin: 22,
        ..Default::default()
    };
    brotli::BrotliCompress(&mut wasm.as_slice(), &mut code, &params).expect("memory suffices");
    code
}

/// Init code that returns `code`, the prelude `cargo stylus` uses.
pub fn deployment(code: &[u8]) -> Vec<u8> {
    let mut init = vec![0x7f];
    init.extend(U256::from(code.len()).to_be_bytes::<32>());
    init.extend(hex!("80602b6000396000f300"));
    init.extend(code);
    init
}

pub fn code_hash(code: &[u8]) -> B256 {
    keccak256(code)
}

/// The error a node answered with: code, message, data.
pub fn refusal<T>(result: Result<T, Failure>) -> (i64, String, Option<Bytes>) {
    match result.err().expect("the node refuses") {
        RpcError::ErrorResp(error) => {
            let data = error.as_revert_data();
            (error.code, error.message.into_owned(), data)
        }
        other => panic!("no answer at all: {other}"),
    }
}

pub fn quantity(value: &Value) -> u64 {
    let text = value
        .as_str()
        .unwrap_or_else(|| panic!("{value} is a quantity"));
    u64::from_str_radix(text.trim_start_matches("0x"), 16).expect("a quantity is hex")
}

pub fn eip1559(
    nonce: u64,
    gas_limit: u64,
    to: TxKind,
    value: U256,
    input: Bytes,
) -> alloy::consensus::TxEip1559 {
    alloy::consensus::TxEip1559 {
        chain_id: CHAIN_ID,
        nonce,
        gas_limit,
        max_fee_per_gas: GWEI,
        max_priority_fee_per_gas: 0,
        to,
        value,
        access_list: Default::default(),
        input,
    }
}
