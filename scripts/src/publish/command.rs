//! `novation publish`.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use alloy::primitives::Address;
use alloy::signers::local::PrivateKeySigner;
use anyhow::{Context, bail, ensure};

use super::explain;
use super::message::{Message, SurfaceFile};
use super::send::{PublishError, Publisher};
use crate::chain::Chain;
use crate::deployment::Deployment;

/// Options of `publish`, without connection.
#[derive(clap::Args, Clone, Debug)]
pub struct Options {
    /// JSON lines, or the file that `fit-svi` writes; - for standard input.
    #[arg(long, value_name = "FILE", default_value = "-")]
    pub input: PathBuf,
    /// Feed of messages that name none: its name, such as ETH/USD, or 32 bytes in hex.
    #[arg(long, value_name = "FEED")]
    pub feed: Option<String>,
    /// The SignedPrice contract that spot messages go to.
    #[arg(long, value_name = "ADDRESS")]
    pub price_source: Option<Address>,
    /// The SignedQuotes contract that option quotes go to.
    #[arg(long, value_name = "ADDRESS")]
    pub quotes_publisher: Option<Address>,
    /// The VolatilitySurface contract. [default: that of deployments/<chainId>.json]
    #[arg(long, value_name = "ADDRESS")]
    pub surface: Option<Address>,
    /// Key that signs, one file each, as many as must agree. Without any, the sender publishes by itself.
    #[arg(long, value_name = "FILE")]
    pub signer_key_file: Vec<PathBuf>,
    /// Seconds a signature is valid.
    #[arg(long, default_value_t = 300)]
    pub valid_for: u64,
    /// Date slices and quotes at the chain's time instead of their own.
    #[arg(long)]
    pub now: bool,
    /// Of a `fit-svi` file: only this underlying.
    #[arg(long, value_name = "NAME")]
    pub underlying: Option<String>,
}

/// Publishes everything; an error if anything was refused.
pub async fn run(
    options: &Options,
    chain: Chain,
    sender: PrivateKeySigner,
    keys: Vec<PrivateKeySigner>,
    record: &Path,
) -> anyhow::Result<()> {
    let publisher = Publisher {
        chain,
        sender,
        keys,
        valid_for: options.valid_for,
    };
    let surface = || match options.surface {
        Some(address) => Ok(address),
        None => of_record(record),
    };
    let (mut sent, mut refused) = (0_u32, 0_u32);
    let mut publish = async |name: String, message: Message| -> anyhow::Result<()> {
        let outcome = match &message {
            Message::Spot(spot) => {
                let contract = options
                    .price_source
                    .context("spot goes to --price-source")?;
                let sent = publisher.spot(contract, spot).await;
                sent.map(|sent| (sent.gas(), !sent.value))
            }
            Message::Volatility(flat) => {
                let sent = publisher.volatility(surface()?, flat).await;
                sent.map(|sent| (sent.gas(), false))
            }
            Message::Surface(slices) => {
                let sent = publisher.surface(surface()?, slices, options.now).await;
                sent.map(|sent| (sent.gas(), false))
            }
            Message::Quotes(quotes) => {
                let contract = options
                    .quotes_publisher
                    .context("quotes go to --quotes-publisher")?;
                let sent = publisher.quotes(contract, quotes, options.now).await;
                sent.map(|sent| {
                    for left_out in &sent.value {
                        println!("{name}: no smile for {left_out}");
                    }
                    (sent.gas(), false)
                })
            }
        };
        match outcome {
            Ok((gas, ignored)) => {
                sent += 1;
                let note = if ignored {
                    ", ignored: the contract has a newer one"
                } else {
                    ""
                };
                println!("{name}: published, {gas} gas{note}");
            }
            Err(error) => {
                refused += 1;
                println!("{name}: refused: {error}");
                if let PublishError::Chain(error) = &error
                    && let Some(meaning) = explain(error)
                {
                    println!("  {meaning}");
                }
            }
        }
        Ok(())
    };
    let mut lines = 0;
    let mut reader = open(&options.input)?;
    let mut first = String::new();
    reader.read_line(&mut first)?;
    if first.trim() == "{" {
        // Not a line of its own: the file of `fit-svi`, written over many lines.
        reader.read_to_string(&mut first)?;
        for (name, message) in fitted(&first, options)? {
            lines += 1;
            publish(name, message).await?;
        }
    } else {
        for line in std::iter::once(Ok(first)).chain(reader.lines()) {
            let line = line?;
            if line.trim().is_empty() {
                continue;
            }
            lines += 1;
            let message = serde_json::from_str(&line).with_context(|| format!("line {lines}"))?;
            publish(format!("line {lines}"), with_feed(message, options)).await?;
        }
    }
    ensure!(
        lines > 0,
        "nothing to publish in {}",
        options.input.display()
    );
    println!("{sent} published, {refused} refused");
    if refused > 0 {
        bail!("{refused} of {lines} updates were refused");
    }
    Ok(())
}

fn open(path: &Path) -> anyhow::Result<Box<dyn BufRead>> {
    if path == Path::new("-") {
        return Ok(Box::new(BufReader::new(io::stdin())));
    }
    let file = File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(Box::new(BufReader::new(file)))
}

/// The surfaces of a `fit-svi` file; each feed is `--feed`, else the underlying in dollars.
fn fitted(text: &str, options: &Options) -> anyhow::Result<Vec<(String, Message)>> {
    let file: SurfaceFile = serde_json::from_str(text).context("no file of `fit-svi`")?;
    let wanted = |name: &str| {
        let only = options.underlying.as_deref();
        only.is_none_or(|only| only.eq_ignore_ascii_case(name))
    };
    let surfaces = file
        .surfaces
        .into_iter()
        .filter(|fit| wanted(&fit.underlying));
    let message = |fit: super::message::FittedSurface| {
        let mut surface = fit.surface;
        let feed = options.feed.clone();
        surface.feed = feed.unwrap_or_else(|| format!("{}/USD", fit.underlying));
        let name = format!("{} at {}", fit.underlying, surface.published_at);
        (name, Message::Surface(surface))
    };
    Ok(surfaces.map(message).collect())
}

fn with_feed(mut message: Message, options: &Options) -> Message {
    let feed = match &mut message {
        Message::Spot(_) => return message,
        Message::Volatility(flat) => &mut flat.feed,
        Message::Surface(surface) => &mut surface.feed,
        Message::Quotes(quotes) => &mut quotes.feed,
    };
    if let (true, Some(given)) = (feed.is_empty(), &options.feed) {
        feed.clone_from(given);
    }
    message
}

fn of_record(path: &Path) -> anyhow::Result<Address> {
    let deployment = Deployment::read(path)?;
    let contract = deployment.contracts.get("volatility-surface");
    let contract = contract.with_context(|| {
        format!(
            "{} has no volatility-surface: say which with --surface",
            path.display()
        )
    })?;
    Ok(contract.address)
}
