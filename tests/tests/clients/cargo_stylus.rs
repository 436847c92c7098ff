//! `cargo stylus` 0.10.10, unpatched: everything a team does with it before it has a testnet.

use std::path::Path;

use alloy::primitives::{Address, B256, Bytes, U256, keccak256};
use alloy::providers::Provider;
use alloy::sol;
use alloy::sol_types::{SolError, SolValue};
use anyhow::{Context, ensure};
use novation::local_chain::dev_account;
use novation::program::Program;
use novation::progress::Progress;
use novation::{solidity, wasm_build};

use super::stylus_project::{StylusProject, after};

sol! {
    #[derive(Debug, PartialEq, Eq)]
    interface ICounter {
        error TooLarge(uint256 given, uint256 allowed);
        function number() external view returns (uint256);
        function setNumber(uint256 number) external;
        function increment() external;
    }

    #[derive(Debug, PartialEq, Eq)]
    interface ITally {
        error NotKeeper(address caller);
        function keeper() external view returns (address);
        function value() external view returns (uint256);
        function endowment() external view returns (uint256);
        function add(uint256 amount) external returns (uint256);
    }

    interface IArbOwner {
        function addWasmCacheManager(address manager) external;
    }

    interface IArbWasm {
        error ProgramNotActivated();
        error ProgramUpToDate();
        error ProgramKeepaliveTooSoon(uint64 age);
        error ProgramInsufficientValue(uint256 have, uint256 want);
        function codehashKeepalive(bytes32 codehash) external payable;
        function codehashVersion(bytes32 codehash) external view returns (uint16);
        function programTimeLeft(address program) external view returns (uint64);
    }

    interface IArbWasmCache {
        function codehashIsCached(bytes32 codehash) external view returns (bool);
    }
}

const ARB_OWNER: Address = address(0x70);
const ARB_WASM: Address = address(0x71);
const ARB_WASM_CACHE: Address = address(0x72);
const DAY: u64 = 86_400;

const fn address(last: u8) -> Address {
    let mut bytes = [0; 20];
    bytes[19] = last;
    Address::new(bytes)
}

/// How an error's selector is printed.
fn selector(selector: [u8; 4]) -> String {
    Bytes::from(selector).to_string()
}

/// Hash of the code at an address.
async fn code_hash(project: &StylusProject, at: Address) -> anyhow::Result<B256> {
    Ok(keccak256(project.chain.provider().get_code_at(at).await?))
}

#[tokio::test(flavor = "multi_thread")]
async fn check_accepts_the_project_and_tells_size_and_fee() -> anyhow::Result<()> {
    let project = StylusProject::start().await?;
    for contract in ["counter", "tally"] {
        let said = project.online(&["check", "--contract", contract]).await?;
        let size: f64 = after(&said, "contract size: ")?.parse()?;
        ensure!((1.0..24.0).contains(&size), "{said}");
        let fee: f64 = after(&said, "wasm data fee: ")?.parse()?;
        // An idle chain asks about 5e-5 ether for such code; a fifth is added.
        ensure!((1e-5..1e-3).contains(&fee), "{said}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn check_accepts_every_program_of_novation() -> anyhow::Result<()> {
    let project = StylusProject::start().await?;
    wasm_build::build(&project.checkout, &Progress::silent())?;
    for program in Program::every() {
        let wasm = project.checkout.programs().join(program.wasm_file());
        let wasm = wasm.to_str().context("a path in UTF-8")?;
        // Without a name of a contract it would check the project as well.
        let said = project
            .online(&["check", "--contract", "none", "--wasm-file", wasm])
            .await?;
        ensure!(said.contains("wasm data fee: "), "{program}: {said}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn check_says_what_is_wrong_with_a_module() -> anyhow::Result<()> {
    let project = StylusProject::start().await?;
    // A valid module that is no program: no memory, no entry point.
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("empty.wasm");
    std::fs::write(&path, b"\0asm\x01\0\0\0")?;
    let wasm = path.to_str().context("a path in UTF-8")?;
    let said = project
        .refused(&["check", "--contract", "none", "--wasm-file", wasm])
        .await?;
    ensure!(said.contains("memory"), "{said}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contract_without_constructor_is_deployed_activated_and_verified() -> anyhow::Result<()> {
    let project = StylusProject::start().await?;
    let (chain, signer) = (&project.chain, dev_account());
    let (at, said) = project.deploy(&["--contract", "counter"]).await?;
    let version = IArbWasm::codehashVersionCall {
        codehash: code_hash(&project, at).await?,
    };
    ensure!(chain.read(ARB_WASM, &version).await? == 3);

    let set = ICounter::setNumberCall {
        number: U256::from(999),
    };
    let sent = chain.send("set", &signer, at, &set).await?;
    ensure!(sent.receipt.logs().len() == 1);
    chain
        .send("increment", &signer, at, &ICounter::incrementCall {})
        .await?;
    ensure!(chain.read(at, &ICounter::numberCall {}).await? == U256::from(1_000));
    let error = chain
        .send("increment", &signer, at, &ICounter::incrementCall {})
        .await
        .expect_err("beyond the largest");
    let error = error
        .revert()
        .and_then(|revert| revert.decode::<ICounter::TooLarge>());
    let expected = ICounter::TooLarge {
        given: U256::from(1_001),
        allowed: U256::from(1_000),
    };
    ensure!(error == Some(expected), "{error:?}");

    // The code on chain is that of the sources, and that of another contract is not.
    let transaction = after(&said, "deployment tx hash: ")?;
    let verify = [
        "verify",
        "--no-verify",
        "--skip-clean",
        "--deployment-tx",
        transaction,
        "--contract",
    ];
    let said = project
        .online(&[&verify[..], &["counter"]].concat())
        .await?;
    ensure!(said.contains("Verification successful"), "{said}");
    let said = project.refused(&[&verify[..], &["tally"]].concat()).await?;
    ensure!(said.contains("Verification failed"), "{said}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_constructor_runs_once_with_its_arguments_and_ether() -> anyhow::Result<()> {
    let project = StylusProject::start().await?;
    let (chain, signer) = (&project.chain, dev_account());
    let keeper = signer.address().to_string();
    let (at, _) = project
        .deploy(&[
            "--contract",
            "tally",
            "--constructor-value",
            "0.5",
            "--constructor-args",
            &keeper,
            "41",
        ])
        .await?;
    ensure!(chain.read(at, &ITally::keeperCall {}).await? == signer.address());
    ensure!(chain.read(at, &ITally::valueCall {}).await? == U256::from(41));
    let half = U256::from(500_000_000_000_000_000_u64);
    ensure!(chain.read(at, &ITally::endowmentCall {}).await? == half);
    ensure!(chain.provider().get_balance(at).await? == half);
    let add = ITally::addCall {
        amount: U256::from(1),
    };
    ensure!(chain.send("add", &signer, at, &add).await?.value == U256::from(42));
    let error = chain.read(at, &add).await.expect_err("from nobody");
    let error = error
        .revert()
        .and_then(|revert| revert.decode::<ITally::NotKeeper>());
    ensure!(
        error
            == Some(ITally::NotKeeper {
                caller: Address::ZERO
            })
    );

    // The same code again, already activated, with a salt: another contract.
    let salt = B256::repeat_byte(7).to_string();
    let (again, _) = project
        .deploy(&[
            "--contract",
            "tally",
            "--deployer-salt",
            &salt,
            "--constructor-args",
            &keeper,
            "1",
        ])
        .await?;
    ensure!(again != at && chain.read(again, &ITally::valueCall {}).await? == U256::from(1));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn code_that_was_only_deployed_runs_once_it_is_activated_and_is_kept_alive()
-> anyhow::Result<()> {
    let project = StylusProject::start().await?;
    let chain = &project.chain;
    let (at, _) = project
        .deploy(&["--no-activate", "--contract", "counter"])
        .await?;
    let number = ICounter::numberCall {};
    let error = chain.read(at, &number).await.expect_err("not activated");
    let revert = error.revert().context("a revert")?;
    ensure!(
        revert.decode::<IArbWasm::ProgramNotActivated>().is_some(),
        "{error}"
    );

    let address = at.to_string();
    let activate = project.signing(&["activate", "--address", &address]);
    let said = project
        .online(&[&activate[..], &["--estimate-gas"]].concat())
        .await?;
    let estimate: u64 = after(&said, "activation tx gas: ")?.parse()?;
    ensure!(
        chain.read(at, &number).await.is_err(),
        "an estimate activated it"
    );
    let said = project.online(&activate).await?;
    let hash: B256 = after(&said, "with tx ")?.trim_matches('"').parse()?;
    let receipt = chain.provider().get_transaction_receipt(hash).await?;
    let used = receipt.context("a receipt")?.gas_used;
    ensure!(
        used <= estimate && estimate < used + used / 50,
        "{estimate} for {used}"
    );
    ensure!(chain.read(at, &number).await? == U256::ZERO);
    let said = project.refused(&activate).await?;
    ensure!(
        said.contains(&selector(IArbWasm::ProgramUpToDate::SELECTOR)),
        "{said}"
    );

    let hash = code_hash(&project, at).await?.to_string();
    let keepalive = project.signing(&["codehash-keepalive", "--codehash", &hash]);
    let said = project.refused(&keepalive).await?;
    ensure!(
        said.contains(&selector(IArbWasm::ProgramKeepaliveTooSoon::SELECTOR)),
        "{said}"
    );
    chain.set_time(chain.time().await? + 32 * DAY).await?;
    let left = IArbWasm::programTimeLeftCall { program: at };
    ensure!(chain.read(ARB_WASM, &left).await? < 334 * DAY);
    // cargo-stylus 0.10.10 attaches no fee, which no chain accepts; with one it is prolonged.
    let said = project.refused(&keepalive).await?;
    ensure!(
        said.contains(&selector(IArbWasm::ProgramInsufficientValue::SELECTOR)),
        "{said}"
    );
    let (signer, codehash) = (dev_account(), code_hash(&project, at).await?);
    let fee = U256::from(10_u64.pow(16));
    let call = IArbWasm::codehashKeepaliveCall { codehash };
    chain
        .send_value("keepalive", &signer, ARB_WASM, &call, fee)
        .await?;
    ensure!(chain.read(ARB_WASM, &left).await? > 364 * DAY);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bid_caches_a_program_and_makes_it_cheaper() -> anyhow::Result<()> {
    let project = StylusProject::start().await?;
    let (chain, signer) = (&project.chain, dev_account());
    let (at, _) = project.deploy(&["--contract", "counter"]).await?;
    let address = at.to_string();
    // The devnode's own manager takes every bid and does nothing, here as there.
    project
        .online(&project.signing(&["cache", "bid", &address, "0"]))
        .await?;
    let cached = IArbWasmCache::codehashIsCachedCall {
        codehash: code_hash(&project, at).await?,
    };
    ensure!(!chain.read(ARB_WASM_CACHE, &cached).await?);

    // A manager that works, as a chain has one.
    let code = solidity::creation_code(&project.checkout, "ProgramCache")?;
    let arguments = U256::from(2_000_000).abi_encode();
    let manager = chain
        .create(&signer, [&code[..], &arguments].concat().into())
        .await?;
    let call = IArbOwner::addWasmCacheManagerCall { manager };
    chain
        .send("add cache manager", &signer, ARB_OWNER, &call)
        .await?;

    let increment = ICounter::incrementCall {};
    chain.send("increment", &signer, at, &increment).await?;
    let before = chain
        .send("increment", &signer, at, &increment)
        .await?
        .gas();
    let status = ["cache", "status", "--address", &address];
    ensure!(project.online(&status).await?.contains("is not yet cached"));
    let said = project.online(&["cache", "suggest-bid", &address]).await?;
    ensure!(said.contains('0'), "{said}");
    project
        .online(&project.signing(&["cache", "bid", &address, "5"]))
        .await?;
    ensure!(chain.read(ARB_WASM_CACHE, &cached).await?);
    ensure!(!project.online(&status).await?.contains("is not yet cached"));
    let after = chain
        .send("increment", &signer, at, &increment)
        .await?
        .gas();
    ensure!(after < before, "{before} uncached, {after} cached");
    let said = project
        .refused(&project.signing(&["cache", "bid", &address, "5"]))
        .await?;
    ensure!(said.contains("already cached"), "{said}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn interface_constructor_and_initcode_are_printed() -> anyhow::Result<()> {
    let project = StylusProject::start().await?;
    let said = project
        .offline(&["export-abi", "--contract", "counter"])
        .await?;
    for line in [
        "interface ICounter",
        "function setNumber(uint256 number) external;",
        "error TooLarge(uint256, uint256);",
    ] {
        ensure!(said.contains(line), "no `{line}` in {said}");
    }
    let said = project
        .offline(&["constructor", "--contract", "tally"])
        .await?;
    ensure!(
        said.contains("constructor(address keeper, uint256 value) payable"),
        "{said}"
    );

    // Anybody may send the printed code himself.
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("counter.initcode");
    let output = path.to_str().context("a path in UTF-8")?;
    project
        .offline(&["get-initcode", "--contract", "counter", "--output", output])
        .await?;
    let code: Bytes = std::fs::read_to_string(&path)?.trim().parse()?;
    let at = project.chain.create(&dev_account(), code).await?;
    let on_chain = project.chain.provider().get_code_at(at).await?;
    ensure!(on_chain.starts_with(&[0xef, 0xf0, 0x00]));
    Ok(())
}
