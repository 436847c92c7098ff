//! The `novation` tool.
fn main() {}
