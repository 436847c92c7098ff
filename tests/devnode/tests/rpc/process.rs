//! The node as a program of its own: how it ends when told to, and that its memory stays as it is.

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use alloy::{
    network::{EthereumWallet, TransactionBuilder},
    primitives::{Address, U256},
    providers::{DynProvider, Provider, ProviderBuilder, WsConnect},
    rpc::types::TransactionRequest,
    signers::local::PrivateKeySigner,
};
use devnode::chain::config::DEV_KEY;
use serde_json::json;

use crate::support::{client, refusal};

const BOB: Address = Address::with_last_byte(0xB0);
/// A machine under load is slow; a node that hangs is slower.
const PATIENCE: Duration = Duration::from_secs(20);

struct Process {
    child: Child,
    /// Kept open: the node writes to it.
    _stdout: BufReader<ChildStdout>,
    url: String,
    provider: DynProvider,
}

impl Process {
    async fn start(arguments: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_devnode"))
            .args(["--port", "0"])
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the node starts");
        let stdout = child.stdout.take().expect("piped");
        let mut stdout = BufReader::new(stdout);
        let mut first = String::new();
        stdout.read_line(&mut first).expect("readable");
        let url = first.trim();
        let url = url.strip_prefix("listening on ").expect("an address");
        let dev = PrivateKeySigner::from_bytes(&DEV_KEY).expect("the key is valid");
        let provider = ProviderBuilder::new()
            .wallet(EthereumWallet::from(dev))
            .connect_reqwest(client(), url.parse().expect("a URL"))
            .erased();
        Self {
            child,
            _stdout: stdout,
            url: url.to_owned(),
            provider,
        }
    }

    async fn pay(&self, tx: TransactionRequest) {
        let sent = self.provider.send_transaction(tx).await.expect("accepted");
        let hash = *sent.tx_hash();
        let receipt = self.provider.get_transaction_receipt(hash).await;
        assert!(receipt.expect("answered").expect("mined").status());
    }

    /// Sends the signal and waits for the end.
    async fn end(mut self, signal: &str) -> ExitStatus {
        let id = self.child.id().to_string();
        let told = Command::new("kill").args([signal, &id]).status();
        assert!(told.expect("kill runs").success());
        let told = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("it is ours") {
                return status;
            }
            assert!(told.elapsed() < PATIENCE, "it does not end");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Resident memory in KiB.
    fn resident(&self) -> u64 {
        let id = self.child.id();
        let status = std::fs::read_to_string(format!("/proc/{id}/status")).expect("linux");
        let line = status.lines().find(|line| line.starts_with("VmRSS:"));
        let figure = line.and_then(|line| line.split_whitespace().nth(1));
        figure.expect("VmRSS").parse().expect("a number")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // An error means it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn wei(amount: u64) -> TransactionRequest {
    TransactionRequest::default()
        .with_to(BOB)
        .with_value(U256::from(amount))
}

/// A file that is gone when the test is over.
struct Scratch(PathBuf);

impl Scratch {
    fn named(name: &str) -> Self {
        let name = format!("devnode-{}-{name}.json", std::process::id());
        Self(std::env::temp_dir().join(name))
    }

    fn path(&self) -> &str {
        self.0.to_str().expect("UTF-8")
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // An error means it was never written.
        let _ = std::fs::remove_file(&self.0);
    }
}

/// Clients stay connected meanwhile, one of them with a subscription: nobody may keep the node from ending.
async fn ends_cleanly_on(signal: &str) {
    let file = Scratch::named(&signal[1..]);
    let node = Process::start(&["--state", file.path()]).await;
    node.pay(wei(5)).await;
    let subscriber = WsConnect::new(node.url.replace("http", "ws"));
    let subscriber = ProviderBuilder::new().connect_ws(subscriber).await;
    let subscriber = subscriber.expect("connects");
    let _heads = subscriber.subscribe_blocks().await.expect("subscribes");
    assert!(!Path::new(file.path()).exists(), "written at the end");
    let status = node.end(signal).await;
    assert_eq!(status.code(), Some(0), "{status}");

    let again = Process::start(&["--state", file.path()]).await;
    let balance = again.provider.get_balance(BOB).await;
    assert_eq!(balance.expect("answered"), U256::from(5));
    let block = again.provider.get_block_number().await;
    assert_eq!(block.expect("answered"), 1);
    assert!(again.end(signal).await.success());
}

#[tokio::test]
async fn sigterm_saves_the_chain_and_ends_the_node() {
    ends_cleanly_on("-TERM").await;
}

#[tokio::test]
async fn sigint_saves_the_chain_and_ends_the_node() {
    ends_cleanly_on("-INT").await;
}

/// Where the chain cannot be kept, the node says so and its exit tells.
#[tokio::test]
async fn node_that_cannot_save_ends_with_an_error() {
    let file = Scratch::named("gone/nowhere");
    let node = Process::start(&["--state", file.path()]).await;
    assert_eq!(node.end("-TERM").await.code(), Some(1));
}

/// 2,000 transactions of 16 KiB are 32 MiB of blocks if they are all kept, 1.6 MiB if 100 are.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn memory_stays_as_it_is_once_the_history_is_full() {
    let node = Process::start(&["--history", "100"]).await;
    let send = async |count: u64| {
        for _ in 0..count {
            let data = vec![0; 16 << 10];
            node.pay(wei(1).with_input(data)).await;
        }
    };
    send(300).await;
    let before = node.resident();
    send(2_000).await;
    let grown = node.resident().saturating_sub(before);
    assert!(
        grown < 12 << 10,
        "{grown} KiB more after 2,000 transactions"
    );
    let first = node
        .provider
        .raw_request::<_, serde_json::Value>("eth_getBlockByNumber".into(), json!(["0x1", false]));
    assert_eq!(refusal(first.await).0, 4_444);
}
