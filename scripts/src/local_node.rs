//! The local node, in the foreground or inside this process.

use alloy::transports::http::reqwest::Url;
use anyhow::Context;
use devnode::{Config, Node, NodeHandle};

use crate::chain::Chain;

/// Runs the node until ctrl-c.
pub async fn serve(port: u16) -> anyhow::Result<()> {
    let node = Node::spawn(Config {
        port,
        ..Config::default()
    })
    .await
    .with_context(|| format!("cannot start the node on port {port} (--port chooses another)"))?;
    println!("listening on {}", node.url());
    println!("deploy to it with `cargo novation deploy`; ctrl-c stops it");
    tokio::signal::ctrl_c()
        .await
        .context("waiting for ctrl-c")?;
    node.shutdown().await;
    Ok(())
}

/// Starts a node inside this process, on a free port, and connects to it. The node lives as long as its handle.
pub async fn spawn(config: Config) -> anyhow::Result<(NodeHandle, Chain)> {
    let node = Node::spawn(config)
        .await
        .context("cannot start a local node")?;
    let url: Url = node.url().parse().context("the node's URL")?;
    let chain = Chain::connect(url).await?;
    Ok((node, chain))
}
