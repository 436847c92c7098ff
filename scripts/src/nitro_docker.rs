//! `novation devnode --docker`: Nitro itself in a container, brought to where every development chain starts, ours included.

use std::io;
use std::process::Command;
use std::time::Duration;

use alloy::primitives::{Address, B256, Bytes, U256, address, hex};
use alloy::providers::Provider;
use alloy::transports::http::reqwest::Url;
use tokio::time::{Instant, sleep};

use crate::bindings::{IArbDebug, IArbOwner, IArbSys, IArbWasm, IArbWasmCache};
use crate::chain::Chain;
use crate::deploy::{ARB_WASM, STYLUS_DEPLOYER};
use crate::errors::ChainError;
use crate::local_chain::dev_account;

/// The pinned image: knows ArbOS 61, and still activates inside `eth_call`, which cargo-stylus needs.
pub const IMAGE: &str = "offchainlabs/nitro-node:v3.11.4-7d5ac27";
/// ArbOS that mainnet runs; `arbOSVersion()` adds 55.
const ARBOS: u64 = 61;
const ARBOS_OFFSET: u64 = 55;
/// Stylus version of it.
const STYLUS: u16 = 3;
/// How long a container may take until it answers, seconds.
const PATIENCE: u64 = 120;

const ARB_SYS: Address = address!("0000000000000000000000000000000000000064");
const ARB_OWNER: Address = address!("0000000000000000000000000000000000000070");
const ARB_WASM_CACHE: Address = address!("0000000000000000000000000000000000000072");
const ARB_DEBUG: Address = address!("00000000000000000000000000000000000000ff");
/// The deterministic-deployment proxy, and who pays for its keyless transaction.
const CREATE2_FACTORY: Address = address!("4e59b44847b379578588920cA78FbF26c0B4956C");
const FACTORY_PAYER: Address = address!("3fab184622dc19b6109349b94811493bf2a45362");

// From `stylus-tools` (MIT OR Apache-2.0), as the local node's genesis has them.
const FACTORY_TRANSACTION: &str =
    include_str!("../../tests/devnode/src/chain/bytecode/create2_factory_raw_tx.hex");
const CACHE_MANAGER: &str =
    include_str!("../../tests/devnode/src/chain/bytecode/cache_manager.hex");
const DEPLOYER: &str = include_str!("../../tests/devnode/src/chain/bytecode/stylus_deployer.hex");

/// Why Nitro does not run.
#[derive(Debug, thiserror::Error)]
pub enum DockerError {
    /// No docker on this machine.
    #[error(
        "`{program}` is not on the PATH: install docker, or leave --docker out to run Novation's own node"
    )]
    Missing {
        /// Program.
        program: String,
    },
    /// Docker refused.
    #[error("`{program} {action}` failed: {output}")]
    Failed {
        /// Program.
        program: String,
        /// What was asked of it.
        action: &'static str,
        /// What it printed.
        output: String,
    },
    /// The container runs and does not answer.
    #[error("{IMAGE} does not answer at {url} within {seconds} s")]
    Silent {
        /// Where it should answer.
        url: Url,
        /// How long the tool waited.
        seconds: u64,
    },
    /// Set-up was refused.
    #[error("setting up the chain: {0}")]
    Chain(#[from] ChainError),
    /// Not the chain that the tests are written for.
    #[error("the chain runs {what} {given}, not {expected}")]
    Version {
        /// ArbOS or Stylus.
        what: &'static str,
        /// Given.
        given: u64,
        /// Expected.
        expected: u64,
    },
    /// Port 65535 leaves none for the WebSocket.
    #[error("port {0} has no next one, which the WebSocket takes")]
    Port(u16),
    /// Ctrl-c cannot be waited for.
    #[error(transparent)]
    Signal(#[from] io::Error),
}

/// A container that stops when dropped.
#[derive(Debug)]
pub struct Container {
    program: String,
    id: String,
}

impl Container {
    /// Starts Nitro: HTTP on `port`, WebSocket on the next, on the loopback interface. `program` is docker, or what stands in for it.
    pub fn start(program: &str, port: u16) -> Result<Self, DockerError> {
        let websocket = port.checked_add(1).ok_or(DockerError::Port(port))?;
        let output = Command::new(program)
            .args(["run", "--rm", "--detach"])
            .args(["--publish", &format!("127.0.0.1:{port}:8547")])
            .args(["--publish", &format!("127.0.0.1:{websocket}:8548")])
            .arg(IMAGE)
            .args(["--dev", "--http.addr=0.0.0.0", "--ws.addr=0.0.0.0"])
            .args(["--http.api=net,web3,eth,debug", "--ws.api=net,web3,eth"])
            .output();
        let output = output.map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => DockerError::Missing {
                program: program.to_owned(),
            },
            _ => DockerError::Failed {
                program: program.to_owned(),
                action: "run",
                output: error.to_string(),
            },
        })?;
        if !output.status.success() {
            return Err(DockerError::Failed {
                program: program.to_owned(),
                action: "run",
                output: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
            });
        }
        Ok(Self {
            program: program.to_owned(),
            id: String::from_utf8_lossy(&output.stdout).trim().to_owned(),
        })
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        // A container that cannot be stopped was stopped by someone else.
        let _ = Command::new(&self.program)
            .args(["stop", &self.id])
            .output();
    }
}

/// Runs Nitro until ctrl-c.
pub async fn serve(port: u16) -> Result<(), DockerError> {
    let _container = Container::start("docker", port)?;
    let url = url(port);
    println!("waiting for {IMAGE}");
    let chain = answer(&url, Duration::from_secs(PATIENCE)).await?;
    prepare(&chain).await?;
    println!("listening on {url}");
    println!(
        "test against it with `NOVATION_RPC_URL={url} NOVATION_WS_URL=ws://127.0.0.1:{} scripts/test --e2e`; ctrl-c stops it",
        port.saturating_add(1)
    );
    tokio::signal::ctrl_c().await?;
    Ok(())
}

fn url(port: u16) -> Url {
    let mut url = Url::parse("http://127.0.0.1").expect("a constant that parses");
    // Refused only for URLs without a host.
    let _ = url.set_port(Some(port));
    url
}

/// The chain at `url`, once it answers.
async fn answer(url: &Url, patience: Duration) -> Result<Chain, DockerError> {
    let started = Instant::now();
    loop {
        match Chain::connect(url.clone()).await {
            Ok(chain) => return Ok(chain),
            Err(_) if started.elapsed() < patience => sleep(Duration::from_millis(250)).await,
            Err(_) => {
                return Err(DockerError::Silent {
                    url: url.clone(),
                    seconds: patience.as_secs(),
                });
            }
        }
    }
}

/// What Nitro's own start script does, in its order, then the upgrade to what mainnet runs. What is there already is left alone.
pub async fn prepare(chain: &Chain) -> Result<(), DockerError> {
    let owner = dev_account();
    chain
        .send(
            "becoming owner of the chain",
            &owner,
            ARB_DEBUG,
            &IArbDebug::becomeChainOwnerCall {},
        )
        .await?;
    let free = IArbOwner::setL1PricePerUnitCall {
        pricePerUnit: U256::ZERO,
    };
    chain
        .send("making L1 data free", &owner, ARB_OWNER, &free)
        .await?;
    if !has_code(chain, CREATE2_FACTORY).await? {
        let ether = U256::from(10).pow(U256::from(18));
        chain.transfer(&owner, FACTORY_PAYER, ether).await?;
        let transaction = bytes(FACTORY_TRANSACTION);
        chain
            .publish("creating the CREATE2 factory", &transaction)
            .await?;
    }
    let managers = IArbWasmCache::allCacheManagersCall {};
    if chain.read(ARB_WASM_CACHE, &managers).await?.is_empty() {
        let manager = chain.create(&owner, bytes(CACHE_MANAGER)).await?;
        let call = IArbOwner::addWasmCacheManagerCall { manager };
        chain
            .send("naming the cache manager", &owner, ARB_OWNER, &call)
            .await?;
    }
    if !has_code(chain, STYLUS_DEPLOYER).await? {
        let input = [B256::ZERO.as_slice(), &bytes(DEPLOYER)].concat();
        chain
            .send_bytes(
                "creating StylusDeployer",
                &owner,
                CREATE2_FACTORY,
                input.into(),
            )
            .await?;
    }
    upgrade(chain).await
}

/// Upgrades take effect with the block after the one that schedules them.
async fn upgrade(chain: &Chain) -> Result<(), DockerError> {
    let (owner, expected) = (dev_account(), ARBOS + ARBOS_OFFSET);
    let version = IArbSys::arbOSVersionCall {};
    let version = async || {
        chain
            .read(ARB_SYS, &version)
            .await
            .map(|version| version.saturating_to::<u64>())
    };
    if version().await? < expected {
        let call = IArbOwner::scheduleArbOSUpgradeCall {
            newVersion: ARBOS,
            timestamp: 0,
        };
        chain
            .send("scheduling ArbOS 61", &owner, ARB_OWNER, &call)
            .await?;
        chain
            .transfer(&owner, owner.address(), U256::from(1))
            .await?;
    }
    only(
        "ArbOS",
        version().await?.saturating_sub(ARBOS_OFFSET),
        ARBOS,
    )?;
    let stylus = chain
        .read(ARB_WASM, &IArbWasm::stylusVersionCall {})
        .await?;
    only("Stylus", stylus.into(), STYLUS.into())
}

fn only(what: &'static str, given: u64, expected: u64) -> Result<(), DockerError> {
    if given == expected {
        Ok(())
    } else {
        Err(DockerError::Version {
            what,
            given,
            expected,
        })
    }
}

async fn has_code(chain: &Chain, at: Address) -> Result<bool, DockerError> {
    let code = chain.provider().get_code_at(at).await;
    let code = code.map_err(|error| ChainError::from_rpc("reading code", error))?;
    Ok(!code.is_empty())
}

/// Embedded hex; the test below holds all three valid.
fn bytes(text: &str) -> Bytes {
    hex::decode(text.trim()).expect("embedded hex").into()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;
    use std::path::Path;

    use devnode::Config;

    use super::*;
    use crate::local_node;

    #[test]
    fn embedded_bytecode_is_hex() {
        for text in [FACTORY_TRANSACTION, CACHE_MANAGER, DEPLOYER] {
            assert!(!bytes(text).is_empty());
        }
    }

    #[test]
    fn a_machine_without_docker_is_told_so() {
        let error = Container::start("no-docker-here", 8_547).expect_err("there is none");
        assert!(matches!(&error, DockerError::Missing { program } if program == "no-docker-here"));
        assert!(error.to_string().contains("--docker"), "{error}");
    }

    #[test]
    fn the_container_is_started_with_both_ports_and_stopped_when_dropped() {
        let folder = std::env::temp_dir().join(format!("novation-docker-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder");
        let (fake, asked) = (folder.join("docker"), folder.join("asked"));
        let script = format!("#!/bin/sh\necho \"$@\" >>{}\necho cafe\n", asked.display());
        fs::write(&fake, script).expect("written");
        fs::set_permissions(&fake, fs::Permissions::from_mode(0o755)).expect("executable");
        drop(Container::start(fake.to_str().expect("UTF-8"), 9_000).expect("started"));
        let asked = fs::read_to_string(Path::new(&asked)).expect("asked");
        fs::remove_dir_all(&folder).expect("removed");
        let asked: Vec<_> = asked.lines().collect();
        assert!(
            asked[0].contains("127.0.0.1:9000:8547") && asked[0].contains("127.0.0.1:9001:8548")
        );
        assert!(asked[0].contains(IMAGE) && asked[0].contains("--dev"));
        assert_eq!(asked[1], "stop cafe");
    }

    #[test]
    fn the_last_port_is_refused() {
        let error = Container::start("no-docker-here", u16::MAX).expect_err("no port is left");
        assert!(matches!(error, DockerError::Port(u16::MAX)));
    }

    #[tokio::test]
    async fn a_container_that_never_answers_is_given_up() {
        // Nothing listens on the discard port.
        let error = answer(&url(9), Duration::from_millis(300)).await;
        assert!(matches!(error, Err(DockerError::Silent { .. })));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn every_step_passes_on_a_chain_that_has_the_precompiles_and_twice() {
        let (_node, chain) = local_node::spawn(Config::default()).await.expect("a node");
        for _ in 0..2 {
            prepare(&chain).await.expect("prepared");
        }
    }

    #[test]
    fn another_version_is_named() {
        let error = only("ArbOS", 40, 61).expect_err("another").to_string();
        assert!(error.contains("40") && error.contains("61"), "{error}");
    }
}
