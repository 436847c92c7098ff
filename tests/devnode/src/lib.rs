//! A local Arbitrum Stylus node.
