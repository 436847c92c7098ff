//! The seven programs of Novation.

/// One program: a contract crate compiled to WASM.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub enum Program {
    /// Median of venues, volatilities, settlement prices.
    OracleAdapter,
    /// Registry of pools and series.
    SeriesFactory,
    /// Custody.
    CollateralVault,
    /// Portfolio margin.
    MarginEngine,
    /// Dutch auctions.
    LiquidationAuction,
    /// Settlement waterfall.
    ExpirySettlement,
    /// The kernel.
    ClearingHouse,
}

impl Program {
    /// All programs in the order of deployment: each one's constructor needs only addresses of earlier ones.
    pub const ALL: [Self; 7] = [
        Self::OracleAdapter,
        Self::SeriesFactory,
        Self::CollateralVault,
        Self::MarginEngine,
        Self::LiquidationAuction,
        Self::ExpirySettlement,
        Self::ClearingHouse,
    ];

    /// Name of the crate, and of the program in deployment records.
    pub const fn name(self) -> &'static str {
        match self {
            Self::OracleAdapter => "oracle-adapter",
            Self::SeriesFactory => "series-factory",
            Self::CollateralVault => "collateral-vault",
            Self::MarginEngine => "margin-engine",
            Self::LiquidationAuction => "liquidation-auction",
            Self::ExpirySettlement => "expiry-settlement",
            Self::ClearingHouse => "clearing-house",
        }
    }

    /// Name of its Solidity interface.
    pub const fn interface(self) -> &'static str {
        match self {
            Self::OracleAdapter => "IOracleAdapter",
            Self::SeriesFactory => "ISeriesFactory",
            Self::CollateralVault => "ICollateralVault",
            Self::MarginEngine => "IMarginEngine",
            Self::LiquidationAuction => "ILiquidationAuction",
            Self::ExpirySettlement => "IExpirySettlement",
            Self::ClearingHouse => "IClearingHouse",
        }
    }

    /// File name of the compiled module.
    pub fn wasm_file(self) -> String {
        format!("{}.wasm", self.name().replace('-', "_"))
    }
}

impl std::fmt::Display for Program {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}
