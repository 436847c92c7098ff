//! The programs of Novation.

/// One program: a contract crate compiled to WASM.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub enum Program {
    /// Proves smiles free of arbitrage.
    SmileProof,
    /// Median of the volatilities of publishers.
    VolatilitySurface,
    /// Median of venues, settlement prices.
    OracleAdapter,
    /// Registry of pools and series.
    SeriesFactory,
    /// Custody.
    CollateralVault,
    /// Margin by scenarios.
    ScenarioMargin,
    /// Margin by formulas.
    FormulaMargin,
    /// Portfolio margin.
    MarginEngine,
    /// Dutch auctions.
    LiquidationAuction,
    /// Settlement waterfall.
    ExpirySettlement,
    /// The kernel.
    ClearingHouse,
    /// What options are worth.
    OptionPricer,
    /// How far accounts may go.
    RiskLimits,
    /// Views over all of it.
    RiskLens,
    /// A price that k of n keys sign.
    SignedPrice,
    /// Smiles that agree with option quotes k of n keys sign.
    SignedQuotes,
    /// What k of n keys say of an expiry.
    SettlementCommittee,
    /// A feed as protocols written for Chainlink or ERC-7726 read it.
    AggregatorFace,
}

impl Program {
    /// All programs in the order of deployment: each one's constructor needs only addresses of earlier ones.
    pub const ALL: [Self; 14] = [
        Self::SmileProof,
        Self::VolatilitySurface,
        Self::OracleAdapter,
        Self::SeriesFactory,
        Self::CollateralVault,
        Self::ScenarioMargin,
        Self::FormulaMargin,
        Self::MarginEngine,
        Self::LiquidationAuction,
        Self::ExpirySettlement,
        Self::ClearingHouse,
        Self::OptionPricer,
        Self::RiskLimits,
        Self::RiskLens,
    ];

    /// Programs that are deployed once a feed, or a few of them, with arguments of their own, not once a chain.
    pub const PER_FEED: [Self; 4] = [
        Self::SignedPrice,
        Self::SignedQuotes,
        Self::SettlementCommittee,
        Self::AggregatorFace,
    ];

    /// Everything that is built, measured and compared with its interface.
    pub fn every() -> impl ExactSizeIterator<Item = Self> {
        const COUNT: usize = Program::ALL.len() + Program::PER_FEED.len();
        (0..COUNT).map(|index| match index.checked_sub(Self::ALL.len()) {
            None => Self::ALL[index],
            Some(index) => Self::PER_FEED[index],
        })
    }

    /// Name of the crate, and of the program in deployment records.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SmileProof => "smile-proof",
            Self::VolatilitySurface => "volatility-surface",
            Self::OracleAdapter => "oracle-adapter",
            Self::SeriesFactory => "series-factory",
            Self::CollateralVault => "collateral-vault",
            Self::ScenarioMargin => "scenario-margin",
            Self::FormulaMargin => "formula-margin",
            Self::MarginEngine => "margin-engine",
            Self::LiquidationAuction => "liquidation-auction",
            Self::ExpirySettlement => "expiry-settlement",
            Self::ClearingHouse => "clearing-house",
            Self::OptionPricer => "option-pricer",
            Self::RiskLimits => "risk-limits",
            Self::RiskLens => "risk-lens",
            Self::SignedPrice => "signed-price",
            Self::SignedQuotes => "signed-quotes",
            Self::SettlementCommittee => "settlement-committee",
            Self::AggregatorFace => "aggregator-face",
        }
    }

    /// Name of its Solidity interface.
    pub const fn interface(self) -> &'static str {
        match self {
            Self::SmileProof => "ISmileProof",
            Self::VolatilitySurface => "IVolatilitySurface",
            Self::OracleAdapter => "IOracleAdapter",
            Self::SeriesFactory => "ISeriesFactory",
            Self::CollateralVault => "ICollateralVault",
            Self::ScenarioMargin | Self::FormulaMargin => "IMarginModel",
            Self::MarginEngine => "IMarginEngine",
            Self::LiquidationAuction => "ILiquidationAuction",
            Self::ExpirySettlement => "IExpirySettlement",
            Self::ClearingHouse => "IClearingHouse",
            Self::OptionPricer => "IOptionPricer",
            Self::RiskLimits => "IRiskLimits",
            Self::RiskLens => "IRiskLens",
            Self::SignedPrice => "ISignedPrice",
            Self::SignedQuotes => "ISignedQuotes",
            Self::SettlementCommittee => "ISettlementCommittee",
            Self::AggregatorFace => "IAggregatorFace",
        }
    }

    /// Whether its mathematics is compiled for size: it prices a little now and then, and must fit beside much else.
    pub const fn is_compact(self) -> bool {
        matches!(self, Self::OptionPricer | Self::SignedQuotes)
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
