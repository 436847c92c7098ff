//! The last part of the report: real days on which venues disagreed, and margin that follows real volatility.
//!
//! The demo's own crash has one feed and one publisher. What the contracts' rules make of days that happened is replayed natively, with the
//! crates that run on chain; every margin of the second chapter is asked of the deployed engine as well.

use std::path::Path;

use anyhow::Context;

use super::stage::Stage;
use crate::progress::Progress;
use crate::report::{Chapter, Verdict};
use crate::{dynamic_collateral, oracle_replay};

/// Both chapters, or one that says that the data are absent.
///
/// # Errors
/// Data that cannot be read, a node that does not answer.
pub async fn chapters(
    data: &Path,
    stage: &Stage,
    progress: &Progress,
) -> anyhow::Result<Vec<Chapter>> {
    let folders = ["spot", "chainlink", "options"].map(|name| data.join(name));
    if let Some(absent) = folders.iter().find(|folder| !folder.is_dir()) {
        return Ok(vec![Chapter {
            title: "Real days: data absent".to_owned(),
            note: format!(
                "{} is absent, so nothing is replayed here. Market data are read from there and never committed; with them this part shows days on which real venues disagreed, and margin that follows real volatility.",
                absent.display()
            ),
            ..Chapter::default()
        }]);
    }
    let spinner = progress.bar(3, "replaying real days");
    let folder = data.to_owned();
    let days = blocking(move || oracle_replay::replay_all(&folder)).await?;
    spinner.inc(1);
    let folder = data.to_owned();
    let margins = blocking(move || dynamic_collateral::replay_all(&folder)).await?;
    spinner.inc(1);
    let (protocol, pool) = (&stage.protocol, stage.facts.pool);
    let deployed =
        dynamic_collateral::question::compare(protocol, pool, margins.answered()).await?;
    spinner.finish_and_clear();

    let mut second = dynamic_collateral::chapter(&margins);
    let differences = deployed.differences.len();
    let first = deployed.differences.first();
    second.verdicts.push(Verdict {
        holds: differences == 0 && deployed.asked > 0,
        text: format!(
            "The deployed engine answers all {} margins behind these charts as the native function does, to the last digit ({differences} differences){}",
            deployed.asked,
            first.map_or(String::new(), |first| format!(": {first}"))
        ),
    });
    Ok(vec![oracle_replay::chapter(&days), second])
}

/// Runs what keeps a core busy apart from the tasks that talk to the node.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> anyhow::Result<T> + Send + 'static,
) -> anyhow::Result<T> {
    let task = tokio::task::spawn_blocking(work);
    task.await.context("a replay panicked")?
}
