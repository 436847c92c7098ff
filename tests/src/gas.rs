//! The committed gas report, `tests/gas-report.json`: gas of every kind of action on the compiled programs.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::{env, fs};

use anyhow::{Context, bail};
use novation::checkout::Checkout;

/// Rewrites the report instead of comparing with it.
const BLESS: &str = "NOVATION_BLESS";
/// Difference that fails, in percent of the committed figure.
pub const TOLERANCE_PERCENT: u64 = 2;

/// Gas by action.
pub type Report = BTreeMap<String, u64>;

/// Where the report is committed.
pub fn path(checkout: &Checkout) -> PathBuf {
    checkout.root().join("tests/gas-report.json")
}

/// Compares figures with the committed ones, or writes them when `NOVATION_BLESS=1`.
///
/// # Errors
/// Says which actions differ by more than [`TOLERANCE_PERCENT`], are new or are gone.
pub fn check(checkout: &Checkout, measured: &Report) -> anyhow::Result<()> {
    let path = path(checkout);
    if env::var(BLESS).is_ok_and(|value| value == "1") {
        let mut text = serde_json::to_string_pretty(measured)?;
        text.push('\n');
        return Ok(fs::write(&path, text)?);
    }
    let text =
        fs::read(&path).with_context(|| format!("no {}; {BLESS}=1 writes it", path.display()))?;
    let differences = differences(&serde_json::from_slice(&text)?, measured);
    if differences.is_empty() {
        return Ok(());
    }
    bail!(
        "gas differs from {} by more than {TOLERANCE_PERCENT} % ({BLESS}=1 accepts it):\n{}",
        path.display(),
        differences.join("\n")
    )
}

/// One line for each action that differs.
pub fn differences(committed: &Report, measured: &Report) -> Vec<String> {
    let mut lines = Vec::new();
    for (action, &now) in measured {
        match committed.get(action) {
            None => lines.push(format!("{action}: {now}, not in the report")),
            Some(&then) if then.abs_diff(now) * 100 > then * TOLERANCE_PERCENT => {
                lines.push(format!("{action}: {then} -> {now}"));
            }
            Some(_) => {}
        }
    }
    let gone = committed
        .keys()
        .filter(|action| !measured.contains_key(*action))
        .map(|action| format!("{action}: no longer measured"));
    lines.extend(gone);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(gas: u64) -> Report {
        BTreeMap::from([("deposit".to_owned(), gas)])
    }

    #[test]
    fn figures_within_two_percent_pass_and_those_beyond_are_named() {
        assert!(differences(&report(1_000), &report(1_020)).is_empty());
        assert!(differences(&report(1_000), &report(980)).is_empty());
        assert_eq!(
            differences(&report(1_000), &report(1_021)),
            ["deposit: 1000 -> 1021"]
        );
        assert_eq!(
            differences(&report(1_000), &report(979)),
            ["deposit: 1000 -> 979"]
        );
    }

    #[test]
    fn new_and_vanished_actions_are_named() {
        let none = Report::new();
        assert_eq!(
            differences(&none, &report(1)),
            ["deposit: 1, not in the report"]
        );
        assert_eq!(
            differences(&report(1), &none),
            ["deposit: no longer measured"]
        );
    }
}
