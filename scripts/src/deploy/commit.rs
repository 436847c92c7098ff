//! Which sources a deployment is of.

use std::process::Command;

use crate::checkout::Checkout;

/// Commit of the checkout, for the record.
pub(super) fn commit() -> String {
    let git = |arguments: &[&str]| {
        let root = Checkout::find().ok()?;
        let output = Command::new("git")
            .args(arguments)
            .current_dir(root.root())
            .output()
            .ok()?;
        output
            .status
            .success()
            .then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    match (
        git(&["rev-parse", "HEAD"]),
        git(&["status", "--porcelain", "--untracked-files=no"]),
    ) {
        (Some(commit), Some(changes)) if changes.is_empty() => commit,
        (Some(commit), _) => format!("{commit}-dirty"),
        (None, _) => "unknown".to_owned(),
    }
}
