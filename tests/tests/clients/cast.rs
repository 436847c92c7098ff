//! Foundry's `cast`, from npm: what people type.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use alloy::primitives::{Address, hex};
use alloy::sol_types::SolError;
use anyhow::{Context, bail, ensure};
use end_to_end::{Stage, USDC, on_any_node};
use novation::bindings::ICollateralVault;
use novation::solidity;
use serde_json::Value;

/// `cast` on the stage, signing as its owner.
struct Cast<'a>(&'a Stage);

impl Cast<'_> {
    fn run(&self, arguments: &[&str]) -> anyhow::Result<Output> {
        let binary = binary(self.0)?;
        Command::new(&binary)
            .args(arguments)
            .env("ETH_RPC_URL", &self.0.site.http)
            .env("NO_COLOR", "1")
            // What it knows of other projects here is none of its business.
            .current_dir(self.0.checkout.solidity())
            .output()
            .with_context(|| format!("{}: run scripts/setup", binary.display()))
    }

    /// What it prints.
    fn print(&self, arguments: &[&str]) -> anyhow::Result<String> {
        let output = self.run(arguments)?;
        let errors = String::from_utf8_lossy(&output.stderr);
        ensure!(
            output.status.success(),
            "cast {}: {errors}",
            arguments.join(" ")
        );
        Ok(String::from_utf8(output.stdout)?.trim().to_owned())
    }

    /// What it complains about; it must fail.
    fn complaint(&self, arguments: &[&str]) -> anyhow::Result<String> {
        let output = self.run(arguments)?;
        ensure!(
            !output.status.success(),
            "cast {} went through",
            arguments.join(" ")
        );
        Ok(String::from_utf8(output.stderr)?)
    }

    /// The receipt of what it sends.
    fn send(&self, arguments: &[&str]) -> anyhow::Result<Value> {
        let key = self.0.owner.to_bytes().to_string();
        let mut all = vec!["send", "--json", "--private-key", &key];
        all.extend(arguments);
        let receipt: Value = serde_json::from_str(&self.print(&all)?)?;
        ensure!(receipt["status"] == "0x1", "{receipt}");
        Ok(receipt)
    }
}

/// The program of this platform's package: npm's wrapper around it always exits with 0.
fn binary(stage: &Stage) -> anyhow::Result<PathBuf> {
    let packages = stage.checkout.solidity().join("node_modules/@foundry-rs");
    let entries = fs::read_dir(&packages).context("no cast: run scripts/setup")?;
    for entry in entries {
        let binary = entry?.path().join("bin/cast");
        if binary.is_file() {
            return Ok(binary);
        }
    }
    bail!("no cast for this platform in {}", packages.display())
}

fn text<'a>(value: &'a Value, field: &str) -> anyhow::Result<&'a str> {
    value[field]
        .as_str()
        .with_context(|| format!("no {field} in {value}"))
}

#[test]
fn cast_deploys_with_both_kinds_of_fees_and_reads_back_what_it_sent() {
    on_any_node(async |stage| {
        let cast = Cast(stage);
        let owner = stage.owner.address().to_string();
        let code = solidity::creation_code(&stage.checkout, "TestToken")?.to_string();
        let constructor = "constructor(string,string,uint8)";
        for (flags, kind) in [(&["--legacy"][..], "0x0"), (&[][..], "0x2")] {
            let arguments = [
                flags,
                &["--create", &code, constructor, "Dollar", "USD", "6"],
            ];
            let receipt = cast.send(&arguments.concat())?;
            ensure!(receipt["type"] == kind, "{receipt}");
            let token = text(&receipt, "contractAddress")?;
            ensure!(cast.print(&["call", token, "symbol()(string)"])? == "\"USD\"");

            let estimate = cast.print(&[
                "estimate",
                "--from",
                &owner,
                token,
                "mint(address,uint256)",
                &owner,
                "7",
            ])?;
            let minted =
                cast.send(&[flags, &[token, "mint(address,uint256)", &owner, "7"]].concat())?;
            let used = u64::from_str_radix(text(&minted, "gasUsed")?.trim_start_matches("0x"), 16)?;
            ensure!(estimate.parse::<u64>()? >= used, "{estimate} for {used}");
            ensure!(cast.print(&["call", token, "balanceOf(address)(uint256)", &owner])? == "7");

            let hash = text(&minted, "transactionHash")?;
            let block = text(&minted, "blockNumber")?;
            ensure!(cast.print(&["receipt", hash, "gasUsed"])?.parse::<u64>()? == used);
            let sent: Value = serde_json::from_str(&cast.print(&["tx", "--json", hash])?)?;
            ensure!(sent["type"] == kind && sent["hash"] == hash, "{sent}");
            let event = "Transfer(address indexed,address indexed,uint256)";
            let logs = cast.print(&[
                "logs",
                "--json",
                "--address",
                token,
                "--from-block",
                block,
                event,
            ])?;
            let logs: Value = serde_json::from_str(&logs)?;
            ensure!(
                logs.as_array().is_some_and(|logs| logs.len() == 1),
                "{logs}"
            );
            ensure!(logs[0]["transactionHash"] == hash, "{logs}");
            // OpenZeppelin's total supply is its third slot.
            ensure!(cast.print(&["storage", token, "2"])?.ends_with("07"));
        }
        Ok(())
    });
}

#[test]
fn cast_sees_the_chain_as_the_node_does() {
    on_any_node(async |stage| {
        let cast = Cast(stage);
        let (chain, at) = (stage.protocol.chain(), stage.protocol.at());
        ensure!(cast.print(&["chain-id"])?.parse::<u64>()? == chain.id());
        ensure!(cast.print(&["block-number"])?.parse::<u64>()? == chain.block_number().await?);
        let time = cast.print(&["block", "latest", "--field", "timestamp"])?;
        ensure!(time.parse::<u64>()? == stage.now().await?);
        let (price, base) = (cast.print(&["gas-price"])?, cast.print(&["base-fee"])?);
        ensure!(price.parse::<u128>()? >= base.parse::<u128>()? && price != "0");
        let house = at.clearing_house.to_string();
        let size: usize = cast.print(&["codesize", &house])?.parse()?;
        ensure!(size == stage.site.deployment.contracts["clearing-house"].size);
        let modules = "modules()(address,address,address,address,address)";
        let modules = cast.print(&["call", &house, modules])?;
        let modules: Vec<Address> = modules.lines().map(str::parse).collect::<Result<_, _>>()?;
        ensure!(modules == [at.vault, at.factory, at.engine, at.auction, at.settlement]);
        let version = cast.print(&[
            "call",
            "0x0000000000000000000000000000000000000071",
            "stylusVersion()(uint16)",
        ])?;
        ensure!(version.parse::<u16>()? == stage.site.deployment.stylus_version);
        Ok(())
    });
}

#[test]
fn cast_shows_the_error_of_a_refusal_of_a_call_and_of_an_estimate() {
    on_any_node(async |stage| {
        let cast = Cast(stage);
        let alice = stage.funded("alice", stage.eth(), USDC).await?;
        let (vault, usdc) = (
            stage.protocol.at().vault.to_string(),
            stage.usdc.to_string(),
        );
        let (owner, account) = (stage.owner.address().to_string(), alice.account.to_string());
        let selector = hex::encode(ICollateralVault::ZeroAmount::SELECTOR);
        for command in ["call", "estimate"] {
            let signature = "deposit(uint256,address,uint256)";
            let complaint = cast.complaint(&[
                command, "--from", &owner, &vault, signature, &account, &usdc, "0",
            ])?;
            ensure!(
                complaint.contains("execution reverted") && complaint.contains(&selector),
                "{complaint}"
            );
        }
        Ok(())
    });
}

#[test]
fn cast_signs_offline_and_publishes() {
    on_any_node(async |stage| {
        let cast = Cast(stage);
        let alice = stage.trader("alice", stage.eth()).await?;
        let (key, to) = (
            alice.signer.to_bytes().to_string(),
            stage.guardian.address().to_string(),
        );
        let signed = cast.print(&["mktx", "--private-key", &key, &to, "--value", "3"])?;
        let before = stage.protocol.chain().provider();
        let before =
            alloy::providers::Provider::get_balance(before, stage.guardian.address()).await?;
        let receipt: Value = serde_json::from_str(&cast.print(&["publish", &signed])?)?;
        ensure!(receipt["status"] == "0x1", "{receipt}");
        let after = cast.print(&["balance", &to])?;
        ensure!(after == (before + alloy::primitives::U256::from(3)).to_string());
        ensure!(cast.print(&["nonce", &alice.address().to_string()])? == "1");
        Ok(())
    });
}
