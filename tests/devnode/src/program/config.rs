//! Parameters of the Stylus VM that a chain owner can set, and the rules that come with the version of `ArbOS`.

/// Oldest `ArbOS` whose rules are known here: what the default nitro-devnode image boots.
pub const OLDEST_ARBOS: u64 = 40;
/// Newest: what Arbitrum One runs.
pub const NEWEST_ARBOS: u64 = 61;

/// Parameters and version rules in force for a call or an activation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StylusConfig {
    /// Stylus version; programs of another version must be activated again.
    pub version: u16,
    /// Ink per gas.
    pub ink_price: u32,
    /// Words of program stack a frame starts with.
    pub max_stack_depth: u32,
    /// Pages a transaction may open without paying.
    pub free_pages: u16,
    /// Gas of each page beyond the free ones.
    pub page_gas: u16,
    /// Most pages a transaction may have open, and most a program may start with.
    pub page_limit: u16,
    /// Whether opening pages beyond `page_limit` runs the frame out of gas (`ArbOS` 59 and later).
    pub enforces_open_page_limit: bool,
    /// Whether a flush that cannot be paid runs the frame out of gas (`ArbOS` 50 and later) rather than reverting it.
    pub flush_runs_out_of_gas: bool,
    /// Floor of the init gas, in units of 128 gas.
    pub min_init_gas: u8,
    /// Floor of the cached init gas, in units of 32 gas.
    pub min_cached_init_gas: u8,
    /// Scale of a program's init cost, in steps of 2 %.
    pub init_cost_scalar: u8,
    /// Scale of a program's cached init cost, in steps of 2 %.
    pub cached_cost_scalar: u8,
    /// Days after which a program must be activated again.
    pub expiry_days: u16,
    /// Days after which the life of a program can be extended.
    pub keepalive_days: u16,
    /// Entries of a block's cache of recently run programs.
    pub block_cache_size: u16,
    /// Whether a program that ran before in the block is charged as a cached one (`ArbOS` 60 and later).
    pub caches_recent_programs: bool,
    /// Largest decompressed module of a program in one piece, in bytes.
    pub max_wasm_size: u32,
    /// Most fragments of a program; 0 where there are none.
    pub max_fragments: u8,
    /// Largest decompressed module of a program in fragments, in bytes.
    pub max_fragmented_wasm_size: u32,
}

impl StylusConfig {
    /// Rules of `arbos`, taken as [`OLDEST_ARBOS`] below it and as [`NEWEST_ARBOS`] above.
    #[must_use]
    pub const fn at_arbos(arbos: u64) -> Self {
        let fragments = arbos >= 60;
        Self {
            version: if fragments { 3 } else { 2 },
            ink_price: 10_000,
            max_stack_depth: if arbos >= 50 { 22_000 } else { 4 * 65_536 },
            free_pages: 2,
            page_gas: 1_000,
            page_limit: 128,
            enforces_open_page_limit: arbos >= 59,
            flush_runs_out_of_gas: arbos >= 50,
            min_init_gas: 69,
            min_cached_init_gas: 11,
            init_cost_scalar: 50,
            cached_cost_scalar: 50,
            expiry_days: 365,
            keepalive_days: 31,
            block_cache_size: 32,
            caches_recent_programs: arbos >= 60,
            max_wasm_size: 128 * 1024,
            max_fragments: if fragments { 4 } else { 0 },
            max_fragmented_wasm_size: 256 * 1024,
        }
    }

    /// What Arbitrum One runs: `ArbOS` 61, Stylus version 3.
    #[must_use]
    pub const fn arbos_61() -> Self {
        Self::at_arbos(61)
    }

    /// `ArbOS` 51, Stylus version 2.
    #[must_use]
    pub const fn arbos_51() -> Self {
        Self::at_arbos(51)
    }

    /// What the default nitro-devnode image boots: `ArbOS` 40, Stylus version 2.
    #[must_use]
    pub const fn arbos_40() -> Self {
        Self::at_arbos(40)
    }

    /// Ink that `gas` buys; saturates.
    #[must_use]
    pub fn gas_to_ink(&self, gas: u64) -> u64 {
        gas.saturating_mul(u64::from(self.ink_price))
    }

    /// Gas that `ink` is worth; rounds down, against the caller.
    #[must_use]
    pub fn ink_to_gas(&self, ink: u64) -> u64 {
        ink.checked_div(u64::from(self.ink_price)).unwrap_or(0)
    }

    /// Gas charged to enter a program that is not cached, on top of [`Self::cached_init_gas`].
    #[must_use]
    pub fn init_gas(&self, init_cost: u16) -> u64 {
        u64::from(self.min_init_gas) * 128 + scaled(init_cost, self.init_cost_scalar)
    }

    /// Gas charged to enter a program whether cached or not (Stylus version 2 and later).
    #[must_use]
    pub fn cached_init_gas(&self, cached_init_cost: u16) -> u64 {
        u64::from(self.min_cached_init_gas) * 32 + scaled(cached_init_cost, self.cached_cost_scalar)
    }
}

impl Default for StylusConfig {
    fn default() -> Self {
        Self::arbos_61()
    }
}

/// `cost` at `scalar` steps of 2 %, rounded up.
fn scaled(cost: u16, scalar: u8) -> u64 {
    (u64::from(cost) * u64::from(scalar) * 2).div_ceil(100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entry_gas_at_default_scalars_is_floor_plus_cost() {
        let config = StylusConfig::arbos_61();
        assert_eq!(config.init_gas(1_234), 8_832 + 1_234);
        assert_eq!(config.cached_init_gas(77), 352 + 77);
    }

    /// ArbOS: Stylus version, stack, page limit enforced, flush out of gas, recent programs cached, fragments.
    #[test]
    fn versions_of_arbos_differ_where_history_says() {
        for (arbos, expected) in [
            (40, (2, 262_144, false, false, false, 0)),
            (49, (2, 262_144, false, false, false, 0)),
            (50, (2, 22_000, false, true, false, 0)),
            (51, (2, 22_000, false, true, false, 0)),
            (58, (2, 22_000, false, true, false, 0)),
            (59, (2, 22_000, true, true, false, 0)),
            (60, (3, 22_000, true, true, true, 4)),
            (61, (3, 22_000, true, true, true, 4)),
        ] {
            let config = StylusConfig::at_arbos(arbos);
            let found = (
                config.version,
                config.max_stack_depth,
                config.enforces_open_page_limit,
                config.flush_runs_out_of_gas,
                config.caches_recent_programs,
                config.max_fragments,
            );
            assert_eq!(found, expected, "ArbOS {arbos}");
        }
    }

    #[test]
    fn parameters_are_those_of_the_chain() {
        let config = StylusConfig::arbos_61();
        assert_eq!(
            (config.ink_price, config.free_pages, config.page_gas),
            (10_000, 2, 1_000)
        );
        assert_eq!((config.page_limit, config.block_cache_size), (128, 32));
        assert_eq!((config.expiry_days, config.keepalive_days), (365, 31));
        assert_eq!(config.max_wasm_size, 131_072);
        assert_eq!(config.max_fragmented_wasm_size, 262_144);
    }

    #[test]
    fn scaled_costs_round_up() {
        let config = StylusConfig {
            init_cost_scalar: 1,
            ..StylusConfig::arbos_61()
        };
        assert_eq!(config.init_gas(1), 8_832 + 1);
    }

    #[test]
    fn ink_converts_down_and_gas_saturates() {
        let config = StylusConfig::arbos_61();
        assert_eq!(config.ink_to_gas(19_999), 1);
        assert_eq!(config.gas_to_ink(u64::MAX), u64::MAX);
    }
}
