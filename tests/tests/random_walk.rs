//! Two thousand random actions by ten accounts in two pools; after every one, every invariant.

use anyhow::{Context, ensure};
use end_to_end::on_the_local_node;
use end_to_end::walk::Walk;

const ACTIONS: usize = 2_000;
/// `NOVATION_SEED` chooses another walk.
const SEED: u64 = 20_260_101;
/// Kinds of actions that must have gone through, and how often at least: a walk in which nothing happens proves nothing.
const LEAST: [(&str, usize); 13] = [
    ("deposit", 60),
    ("withdraw", 20),
    ("trade", 80),
    ("prices", 100),
    ("time", 50),
    ("start auction", 5),
    ("bid", 10),
    ("sample", 50),
    ("fix", 3),
    ("settle", 20),
    ("claim", 5),
    ("operator", 10),
    ("donate", 3),
];

#[test]
fn every_invariant_holds_after_each_of_two_thousand_random_actions() {
    on_the_local_node(async |stage| {
        let seed = match std::env::var("NOVATION_SEED") {
            Ok(text) => text.parse().context("NOVATION_SEED is a number")?,
            Err(_) => SEED,
        };
        println!("NOVATION_SEED={seed}");
        let mut walk = Walk::set_out(stage, seed).await?;
        for step in 0..ACTIONS {
            walk.step()
                .await
                .with_context(|| format!("step {step} of NOVATION_SEED={seed}"))?;
        }
        println!("actions: {:#?}\nrefusals: {:#?}", walk.tally, walk.refusals);
        for (kind, least) in LEAST {
            let done = walk.tally.get(kind).map_or(0, |tally| tally.done);
            ensure!(
                done >= least,
                "only {done} times: {kind} (NOVATION_SEED={seed})"
            );
        }
        walk.unwind()
            .await
            .with_context(|| format!("unwinding NOVATION_SEED={seed}"))
    });
}
