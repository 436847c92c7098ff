//! What the stand-ins answer.

use std::cell::RefCell;
use std::collections::BTreeMap;

use alloy_primitives::{Address, B256, U256, address};
use clearing_math::leg::Leg;
use clearing_math::surface::PublishedSmile;
use interfaces::IOracleAdapter::{MarketData, Term};

/// motsu's clock.
pub const NOW: u64 = 1_735_689_600;
/// 30 days from now.
pub const MONTH: u32 = 1_738_281_600;
/// 90 days from now.
pub const QUARTER: u32 = 1_743_465_600;
/// 1e18.
pub const WAD: u128 = 1_000_000_000_000_000_000;
/// 1.0 as 64 bits.
pub const SURE: u64 = 1_000_000_000_000_000_000;
/// 60 %.
pub const VOLATILITY: u64 = 600_000_000_000_000_000;
/// A pool of [`FEED`].
pub const POOL: u32 = 7;
/// The pool of [`OTHER_FEED`].
pub const OTHER_POOL: u32 = 8;
/// Another pool of [`FEED`].
pub const SHARING_POOL: u32 = 9;
/// Feed of two pools.
pub const FEED: B256 = B256::repeat_byte(0xfe);
/// Feed of one pool.
pub const OTHER_FEED: B256 = B256::repeat_byte(0xef);
/// Settlement asset of all pools.
pub const USDC: Address = address!("00000000000000000000000000000000000000c1");
/// Base asset of pools 7 and 8; pool 9 has none.
pub const BASE: Address = address!("00000000000000000000000000000000000000b1");
/// One settlement token.
pub const UNIT: u128 = 1_000_000;
/// Most contracts of a series that may be open.
pub const CAP: u128 = 1_000 * WAD;

/// A feed's market.
#[derive(Clone, Debug, Default)]
pub struct Quote {
    /// Median, WAD; zero is a lost quorum.
    pub mid: u128,
    /// Adverse band, WAD.
    pub low: u128,
    /// Adverse band, WAD.
    pub high: u128,
    /// Doubts of the spot.
    pub doubts: u32,
    /// By expiry, WAD.
    pub volatilities: BTreeMap<u32, u64>,
    /// By expiry, WAD: their volatility is stale.
    pub ceilings: BTreeMap<u32, u64>,
    /// Growth of forwards a year, WAD.
    pub carry: i64,
    /// Interest a year, WAD.
    pub rate: i64,
}

/// What an account holds; token units.
#[derive(Clone, Debug, Default)]
pub struct Holdings {
    /// Positions.
    pub legs: Vec<Leg>,
    /// Cash.
    pub cash: u128,
    /// Base asset.
    pub base: u128,
    /// Owed to the insurance.
    pub debt: u128,
}

/// Everything there is.
#[derive(Clone, Debug)]
pub struct World {
    /// Where the risk profile of all pools is.
    pub profile: Address,
    /// Markets by feed.
    pub markets: BTreeMap<B256, Quote>,
    /// Accounts by id.
    pub accounts: BTreeMap<U256, Holdings>,
    /// The kernel is in an outside call.
    pub locked: bool,
    /// How often market data were asked for, by feed and expiries.
    pub asked: Vec<(B256, Vec<u32>)>,
}

impl Default for World {
    fn default() -> Self {
        let quote = |dollars: u128| Quote {
            mid: dollars * WAD,
            low: dollars * WAD,
            high: dollars * WAD,
            volatilities: [(MONTH, VOLATILITY), (QUARTER, VOLATILITY)].into(),
            ..Quote::default()
        };
        Self {
            profile: Address::ZERO,
            markets: [(FEED, quote(2_000)), (OTHER_FEED, quote(100))].into(),
            accounts: BTreeMap::new(),
            locked: false,
            asked: Vec::new(),
        }
    }
}

thread_local! {
    static WORLD: RefCell<World> = RefCell::new(World::default());
}

/// Changes what is answered; every test has its own.
pub fn change<T>(change: impl FnOnce(&mut World) -> T) -> T {
    WORLD.with_borrow_mut(change)
}

/// What is answered now.
#[must_use]
pub fn world() -> World {
    WORLD.with_borrow(Clone::clone)
}

/// How often market data were asked for since this was asked last.
#[must_use]
pub fn asked() -> Vec<(B256, Vec<u32>)> {
    change(|world| std::mem::take(&mut world.asked))
}

/// What the adapter answers about a feed.
#[must_use]
pub fn market(quote: &Quote, expiries: &[u32]) -> MarketData {
    let mut smiles = Vec::new();
    let mut doubts = quote.doubts;
    let terms = expiries.iter().map(|expiry| {
        let volatility = quote.volatilities.get(expiry);
        let ceiling = quote.ceilings.get(expiry).copied().unwrap_or(0);
        if let Some(volatility) = volatility {
            smiles.extend([flat(*expiry, *volatility); 2]);
        }
        if ceiling != 0 {
            doubts |= 8;
        }
        Term {
            expiry: *expiry,
            carry: quote.carry,
            rate: quote.rate,
            confidence: SURE,
            volatilityCeiling: ceiling,
            smiles: u32::from(volatility.is_some()),
        }
    });
    let terms = terms.collect();
    MarketData {
        mid: U256::from(quote.mid),
        low: U256::from(quote.low),
        high: U256::from(quote.high),
        stable: SURE,
        confidence: SURE,
        doubts,
        terms,
        smiles,
    }
}

/// The word of a smile with one volatility.
#[must_use]
pub fn flat(expiry: u32, volatility: u64) -> B256 {
    B256::new(
        PublishedSmile::flat(volatility, expiry, 0)
            .unwrap()
            .to_word(),
    )
}
