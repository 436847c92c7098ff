//! The ink report: bars, and what the committed `tests/ink-report.json` says.

use std::sync::LazyLock;

use novation::checkout::Checkout;
use novation::progress::Progress;
use novation::quant::ink_report::{self, Baseline, InkReport};
use novation::quant::module;
use novation::wasm_toolchain;

/// Rewrites the committed report instead of comparing with it.
const BLESS: &str = "NOVATION_BLESS";

/// Measured once for all tests.
static REPORT: LazyLock<InkReport> = LazyLock::new(|| {
    let checkout = Checkout::find().expect("checkout");
    let wasm = module::build(&checkout, &Progress::silent()).expect("builds");
    let report = ink_report::measure(&wasm, wasm_toolchain::version(&checkout)).expect("runs");
    println!("{report}");
    report
});

#[test]
fn mean_ink_stays_under_every_bar() {
    let over: Vec<_> = REPORT.over_their_bar().collect();
    assert!(over.is_empty(), "above their bar: {}", over.join("; "));
    let barred = REPORT
        .functions
        .values()
        .filter(|figures| figures.bar.is_some());
    assert_eq!(barred.count(), 4, "price, greeks, implied volatility, SVI");
}

#[test]
fn ink_stays_within_two_percent_of_the_committed_report() {
    let path = Checkout::find()
        .expect("checkout")
        .root()
        .join("tests/ink-report.json");
    let measured = REPORT.baseline();
    if std::env::var(BLESS).is_ok_and(|value| value == "1") {
        let text = serde_json::to_string_pretty(&measured).expect("serialises");
        std::fs::write(&path, text + "\n").expect("written");
        return;
    }
    let text = std::fs::read(&path).expect("tests/ink-report.json; NOVATION_BLESS=1 writes it");
    let committed: Baseline = serde_json::from_slice(&text).expect("a report");
    let grown = ink_report::grown(&committed, &measured);
    assert!(
        grown.is_empty(),
        "ink differs from {} ({BLESS}=1 accepts it):\n{}",
        path.display(),
        grown.join("\n")
    );
}

#[test]
fn the_comparison_names_what_grew_what_is_new_and_what_is_gone() {
    let report = |mean, most| {
        let ink = ink_report::Ink { mean, most };
        Baseline::from([("price".to_owned(), ink)])
    };
    let committed = report(100_000, 200_000);
    assert!(ink_report::grown(&committed, &report(102_000, 204_000)).is_empty());
    assert_eq!(
        ink_report::grown(&committed, &report(102_001, 200_000)),
        ["price: mean 100000 -> 102001"]
    );
    assert_eq!(
        ink_report::grown(&committed, &report(100_000, 204_001)),
        ["price: most 200000 -> 204001"]
    );
    // Less ink is good news.
    assert!(ink_report::grown(&committed, &report(50_000, 60_000)).is_empty());
    let none = Baseline::new();
    assert_eq!(
        ink_report::grown(&none, &committed),
        ["price: not in the report"]
    );
    assert_eq!(
        ink_report::grown(&committed, &none),
        ["price: no longer measured"]
    );
}
