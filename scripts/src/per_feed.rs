//! Programs that are deployed once a feed: a face of a feed for other protocols, a price source and a publisher that k of n keys sign for, a settlement
//! committee.

use std::path::PathBuf;

use alloy::primitives::{Address, B256, U256, keccak256};
use alloy::signers::local::PrivateKeySigner;
use alloy::sol_types::SolValue;
use anyhow::{Context, ensure};
use clearing_math::quotes::Rules;

use crate::bindings::{IAggregatorFace, IOracleAdapter};
use crate::chain::Chain;
use crate::deploy::{self, DeployError};
use crate::deployment::{DeployedContract, Deployment};
use crate::program::Program;
use crate::wasm_build::{BuiltProgram, Programs};

/// A token, or a currency that has none, and its decimals.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Asset {
    /// Address; of a currency without token, its ISO 4217 number.
    pub account: Address,
    /// Decimals.
    pub decimals: u8,
}

impl std::str::FromStr for Asset {
    type Err = String;

    /// `ADDRESS:DECIMALS`.
    fn from_str(text: &str) -> Result<Self, String> {
        let (account, decimals) = text
            .split_once(':')
            .ok_or("expected ADDRESS:DECIMALS, such as 0x…:18")?;
        Ok(Self {
            account: account
                .parse()
                .map_err(|error| format!("{account}: {error}"))?,
            decimals: decimals
                .parse()
                .map_err(|error| format!("{decimals}: {error}"))?,
        })
    }
}

/// Terms of a face.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FaceTerms {
    /// Feed of the adapter.
    pub feed: B256,
    /// Decimals of its answers, at most 18.
    pub decimals: u8,
    /// What is priced.
    pub base: Asset,
    /// In what.
    pub quote: Asset,
    /// Seconds after which a round is not quoted from any more.
    pub max_age: u32,
    /// At most 31 bytes.
    pub description: String,
}

/// Terms of a signed price.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SignedPriceTerms {
    /// Strictly ascending.
    pub signers: Vec<Address>,
    /// How many must sign.
    pub threshold: u8,
    /// Decimals of the price, at most 18.
    pub decimals: u8,
    /// Prices the signers are less sure of are refused, 1e18 = sure.
    pub least_confidence: u64,
    /// At most 31 bytes.
    pub description: String,
}

/// Terms of a publisher whose keys sign option quotes; see `ISignedQuotes.rules`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SignedQuotesTerms {
    /// Feed of the surface.
    pub feed: B256,
    /// Its place among the feed's publishers.
    pub publisher: u8,
    /// Strictly ascending.
    pub signers: Vec<Address>,
    /// How many must sign.
    pub threshold: u8,
    /// What quotes must be to decide a smile, and how near it must be to them.
    pub rules: Rules,
    /// Seconds that quotes may be old.
    pub max_age: u32,
}

/// Deploys a face of a feed of `adapter`.
pub async fn deploy_face(
    chain: &Chain,
    signer: &PrivateKeySigner,
    programs: &Programs,
    adapter: Address,
    terms: &FaceTerms,
) -> Result<DeployedContract, DeployError> {
    let decimals = |decimals: u8| U256::from(decimals);
    let arguments = (
        adapter,
        terms.feed,
        decimals(terms.decimals),
        terms.base.account,
        decimals(terms.base.decimals),
        terms.quote.account,
        decimals(terms.quote.decimals),
        terms.max_age,
        terms.description.clone(),
    );
    let built = find(programs, Program::AggregatorFace)?;
    deploy::deploy_for_feed(chain, signer, built, arguments.abi_encode_params()).await
}

/// Deploys a price source of k of n keys.
pub async fn deploy_signed_price(
    chain: &Chain,
    signer: &PrivateKeySigner,
    programs: &Programs,
    terms: &SignedPriceTerms,
) -> Result<DeployedContract, DeployError> {
    let arguments = (
        terms.signers.clone(),
        U256::from(terms.threshold),
        U256::from(terms.decimals),
        terms.least_confidence,
        terms.description.clone(),
    );
    let built = find(programs, Program::SignedPrice)?;
    deploy::deploy_for_feed(chain, signer, built, arguments.abi_encode_params()).await
}

/// Deploys a publisher of `surface` whose keys sign option quotes. It publishes once the surface lists its address.
pub async fn deploy_signed_quotes(
    chain: &Chain,
    signer: &PrivateKeySigner,
    programs: &Programs,
    surface: Address,
    terms: &SignedQuotesTerms,
) -> Result<DeployedContract, DeployError> {
    let arguments = (
        surface,
        terms.feed,
        U256::from(terms.publisher),
        terms.signers.clone(),
        U256::from(terms.threshold),
        terms.rules.least_quotes,
        terms.rules.reach,
        terms.rules.max_spread,
        terms.rules.tolerance,
        terms.max_age,
    );
    let built = find(programs, Program::SignedQuotes)?;
    deploy::deploy_for_feed(chain, signer, built, arguments.abi_encode_params()).await
}

/// Deploys a settlement committee of `signers`, strictly ascending, `threshold` of whom must sign.
pub async fn deploy_settlement_committee(
    chain: &Chain,
    signer: &PrivateKeySigner,
    programs: &Programs,
    signers: &[Address],
    threshold: u8,
) -> Result<DeployedContract, DeployError> {
    let arguments = (signers.to_vec(), U256::from(threshold));
    let built = find(programs, Program::SettlementCommittee)?;
    deploy::deploy_for_feed(chain, signer, built, arguments.abi_encode_params()).await
}

fn find(programs: &Programs, program: Program) -> Result<&BuiltProgram, DeployError> {
    let found = programs.iter().find(|built| built.program == program);
    found.ok_or(DeployError::NotBuilt { program })
}

/// Options of `deploy-face`, without connection.
#[derive(clap::Args, Clone, Debug)]
pub struct Options {
    /// Deployment record. [default: deployments/<chainId>.json]
    #[arg(long, value_name = "FILE")]
    pub deployment: Option<PathBuf>,
    /// Feed, listed with the adapter already: its name, such as ETH/USD, or 32 bytes in hex.
    #[arg(long)]
    pub feed: String,
    /// What is priced, with its decimals; a currency without token by its ISO 4217 number.
    #[arg(long, value_name = "ADDRESS:DECIMALS")]
    pub base: Asset,
    /// What it is priced in.
    #[arg(long, value_name = "ADDRESS:DECIMALS")]
    pub quote: Asset,
    /// Decimals of the answers.
    #[arg(long, default_value_t = 8)]
    pub decimals: u8,
    /// Seconds after which `getQuote` trusts a round no longer.
    #[arg(long, default_value_t = 3_600)]
    pub max_age: u32,
    /// What `description()` says, at most 31 bytes. [default: the feed's name]
    #[arg(long)]
    pub description: Option<String>,
}

/// `deploy-face`: deploys, stores the first round, and reads it back.
pub async fn run(
    options: &Options,
    chain: &Chain,
    signer: &PrivateKeySigner,
    programs: &Programs,
    deployment: &Deployment,
) -> anyhow::Result<()> {
    let adapter = deployment.addresses()?.adapter;
    // As `publish` and the demo name feeds.
    let feed = options
        .feed
        .parse()
        .unwrap_or_else(|_| keccak256(&options.feed));
    let priced = IOracleAdapter::spotCall { feed };
    let listed = chain.read(adapter, &priced).await;
    listed.with_context(|| format!("feed {feed}"))?;
    let description = options.description.clone();
    let terms = FaceTerms {
        feed,
        decimals: options.decimals,
        base: options.base,
        quote: options.quote,
        max_age: options.max_age,
        description: description.unwrap_or_else(|| options.feed.chars().take(31).collect()),
    };
    let deployed = deploy_face(chain, signer, programs, adapter, &terms).await?;
    let face = deployed.address;
    chain
        .send("store a round", signer, face, &IAggregatorFace::pokeCall {})
        .await?;
    let round = chain
        .read(face, &IAggregatorFace::latestRoundDataCall {})
        .await?;
    let found = chain.read(face, &IAggregatorFace::feedCall {}).await?;
    ensure!(found == feed, "{face} shows feed {found}, not {feed}");
    println!(
        "face of {} at {face}: round {} answers {} ({} decimals)",
        options.feed, round.id, round.answer, options.decimals
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_asset_is_an_address_and_its_decimals() {
        let asset = "0x0000000000000000000000000000000000000348:18".parse();
        let dollar = Asset {
            account: Address::from_word(B256::from(U256::from(840))),
            decimals: 18,
        };
        assert_eq!(asset, Ok(dollar));
        for wrong in [
            "0x0000000000000000000000000000000000000348",
            "x:18",
            "0x0000000000000000000000000000000000000348:256",
        ] {
            assert!(wrong.parse::<Asset>().is_err(), "{wrong}");
        }
    }
}
