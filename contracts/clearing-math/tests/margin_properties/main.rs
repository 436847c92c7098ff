//! The properties of margin, each over random portfolios, markets and profiles: the five presets, random profiles of scenarios and random
//! percentages. Those that a profile promises only by its [`guarantees`](clearing_math::margin::RiskProfile::guarantees) are asked of
//! every profile that does; that the promise is more than a word is seen in `promises`, where profiles without it break it.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::doc_markdown,
    clippy::float_cmp,
    reason = "tests panic on overflow, and measure in doubles"
)]

mod additions;
mod continuity;
mod neutrality;
#[path = "../support/portfolio.rs"]
mod portfolio;
mod profiles;
mod promises;
#[allow(dead_code, reason = "only its profiles are used here")]
#[path = "../margin_brute_force/random.rs"]
mod random;
