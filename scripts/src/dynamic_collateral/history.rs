//! The hours of a crash: price, implied volatility, and what the portfolios must post.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::thread;

use anyhow::Context;
use clearing_math::surface::PublishedSmile;
use flate2::read::MultiGzDecoder;

use super::portfolios::{self, DAY, DAYS, Posted, SHAPES, legs, scaled};
use super::question::{Answered, Question};
use crate::demo::spot_file;
use crate::surface_fit::chain_file::{self, Chain};
use crate::surface_fit::fitted::{self, Fitted};

/// Seconds of an hour.
const HOUR: u64 = 3_600;
/// WAD of the data's unit, 1e-8.
const WAD_PER_UNIT: u128 = 10_000_000_000;
/// The chain whose 30-day smile gives the shape: BTC, 1 January 2026.
const CHAIN: &str = "deribit_reference_chains.csv.gz";
/// While spot is within this of the opening, prices have not moved.
pub const STILL: f64 = 0.02;

/// Days with DVOL and spot.
#[derive(Clone, Copy, Debug)]
pub struct Crash {
    /// Name.
    pub name: &'static str,
    /// File of `spot/`.
    pub file: &'static str,
    /// Seconds a bar of Binance's BTCUSDT spot there.
    pub interval: u64,
}

/// The crashes that DVOL covers.
pub const CRASHES: [Crash; 3] = [
    Crash {
        name: "May 2021",
        file: "2021-05_china_crash.csv.gz",
        interval: 3_600,
    },
    Crash {
        name: "August 2023",
        file: "2023-08-17_flash.csv.gz",
        interval: 300,
    },
    Crash {
        name: "April 2025",
        file: "2025-04_tariff.csv.gz",
        interval: 300,
    },
];

/// One hour, each in shares of the opening (1.0 = as then).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hour {
    /// Unix seconds.
    pub at: u64,
    /// Price.
    pub spot: f64,
    /// DVOL.
    pub volatility: f64,
    /// Maintenance requirement of all portfolios together at the volatility of the hour.
    pub live: f64,
    /// The same had volatility stayed as it was at the opening.
    pub still: f64,
}

/// A crash, hour by hour.
#[derive(Clone, Debug)]
pub struct History {
    /// Which.
    pub crash: Crash,
    /// In order.
    pub hours: Vec<Hour>,
    /// What was asked of the margin engine for it.
    pub answered: Vec<Answered>,
}

impl History {
    /// The hour at which the requirement was highest while spot had not yet moved from the opening by more than [`STILL`].
    #[must_use]
    pub fn before_prices_moved(&self) -> Option<Hour> {
        let moved = |hour: &&Hour| (hour.spot - 1.0).abs() <= STILL;
        let still = self.hours.iter().take_while(moved);
        still.max_by(|a, b| a.live.total_cmp(&b.live)).copied()
    }

    /// The hour of the lowest price.
    #[must_use]
    pub fn lowest(&self) -> Option<Hour> {
        self.hours
            .iter()
            .min_by(|a, b| a.spot.total_cmp(&b.spot))
            .copied()
    }
}

/// What the portfolios post on a real chain.
#[derive(Clone, Debug)]
pub struct OnChain {
    /// Underlying.
    pub underlying: String,
    /// Unix seconds.
    pub at: u32,
    /// Days to the expiry used: the one nearest to thirty.
    pub days: f64,
    /// Volatility at the forward, 1.0 = 100 %.
    pub volatility: f64,
    /// Initial requirement by portfolio, in shares of spot.
    pub initial: Vec<f64>,
    /// What was asked of the margin engine for it.
    pub answered: Vec<Answered>,
}

/// Fits every real chain of a data folder.
///
/// # Errors
/// Data that cannot be read.
pub fn chains(data: &Path) -> anyhow::Result<Vec<Fitted>> {
    let mut chains = Vec::new();
    for file in [
        "deribit_btc_2020-05-21_full_greeks.csv",
        "deribit_eth_2021-10-01_mfiv_inputs.csv",
        CHAIN,
    ] {
        chains.extend(chain_file::read(&data.join("options").join(file))?.chains);
    }
    // Only the expiries around thirty days are used: the others need not be fitted.
    thread::scope(|scope| {
        let fits: Vec<_> = chains
            .into_iter()
            .map(|chain| scope.spawn(|| fitted::fit(near_thirty_days(chain))))
            .collect();
        fits.into_iter()
            .map(|fit| fit.join().ok().context("a fit panicked"))
            .collect()
    })
}

fn near_thirty_days(mut chain: Chain) -> Chain {
    let at = chain.at;
    let distance = |expiry: u32| expiry.saturating_sub(at).abs_diff(DAYS * DAY);
    chain.expiries.sort_by_key(|expiry| distance(expiry.at));
    chain.expiries.truncate(1);
    chain
}

/// What the portfolios post on each chain.
///
/// # Errors
/// What the model refuses.
pub fn on_chains(fits: &[Fitted]) -> anyhow::Result<Vec<OnChain>> {
    let mut all = Vec::new();
    for fit in fits {
        let (Some(accepted), Some(expiry)) = (fit.accepted().next(), fit.chain.expiries.first())
        else {
            continue;
        };
        let forward = wad(expiry.forward);
        let answered = SHAPES.iter().map(|shape| {
            let question = Question {
                legs: legs(shape, forward, expiry.at),
                spot: forward,
                smile: accepted.smile,
                now: fit.chain.at.into(),
            };
            question.answered()
        });
        let answered: Vec<Answered> = answered.collect::<anyhow::Result<_>>()?;
        let share = |one: &Answered| Posted::from(&one.answer).initial / expiry.forward;
        all.push(OnChain {
            underlying: fit.chain.underlying.clone(),
            at: fit.chain.at,
            days: f64::from(expiry.at - fit.chain.at) / f64::from(DAY),
            volatility: portfolios::at_forward(&accepted.smile).context("a fitted smile")?,
            initial: answered.iter().map(share).collect(),
            answered,
        });
    }
    all.sort_by(|a, b| a.volatility.total_cmp(&b.volatility));
    Ok(all)
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn wad(x: f64) -> u128 {
    (x * 1e18) as u128
}

/// A crash hour by hour, with the smile of the last BTC chain among `fits`.
///
/// # Errors
/// Data that cannot be read, or that no margin exists for.
pub fn replay(crash: Crash, data: &Path, fits: &[Fitted]) -> anyhow::Result<History> {
    let shape = fits
        .iter()
        .filter(|fit| fit.chain.underlying == "BTC")
        .filter_map(|fit| Some(fit.accepted().next()?.smile))
        .next_back()
        .context("no BTC chain was fitted")?;
    let levels = volatility_index(data)?;
    let closes = closes(crash, data)?;
    let moments: Vec<(u64, u128, f64)> = closes
        .into_iter()
        .filter_map(|(at, spot)| Some((at, spot, *levels.get(&at)?)))
        .collect();
    let &(start, opening, calm) = moments.first().context("no hour has both")?;
    let expiry = u32::try_from(start)? + DAYS * DAY;
    let portfolios: Vec<_> = SHAPES
        .iter()
        .map(|shape| legs(shape, opening, expiry))
        .collect();
    let mut answered = Vec::new();
    let mut needed = |at: u64, spot: u128, level: f64| -> anyhow::Result<f64> {
        let smile = scaled(&shape, level, expiry, u32::try_from(at)?);
        let smile: PublishedSmile = smile.context("a volatility that cannot be published")?;
        let mut sum = 0.0;
        for legs in &portfolios {
            let question = Question {
                legs: legs.clone(),
                spot,
                smile,
                now: at,
            };
            let one = question.answered()?;
            sum += Posted::from(&one.answer).maintenance;
            answered.push(one);
        }
        Ok(sum)
    };
    let first = needed(start, opening, calm)?;
    let mut hour = |&(at, spot, level): &(u64, u128, f64)| {
        Ok(Hour {
            at,
            spot: spot as f64 / opening as f64,
            volatility: level / calm,
            live: needed(at, spot, level)? / first,
            still: needed(at, spot, calm)? / first,
        })
    };
    let hours = moments.iter().map(&mut hour);
    let hours = hours.collect::<anyhow::Result<_>>()?;
    Ok(History {
        crash,
        hours,
        answered,
    })
}

/// Closing price of every hour, WAD, at the hour's end.
fn closes(crash: Crash, data: &Path) -> anyhow::Result<BTreeMap<u64, u128>> {
    let path = data.join("spot").join(crash.file);
    let series = spot_file::series(&path, "BTC")?;
    let key = (
        "binance".to_owned(),
        "BTCUSDT".to_owned(),
        "spot".to_owned(),
        crash.interval,
    );
    let bars = series.get(&key).context("no Binance spot")?;
    Ok(bars
        .iter()
        .map(|bar| {
            (
                bar.at + crash.interval,
                u128::from(bar.close) * WAD_PER_UNIT,
            )
        })
        .filter(|(end, _)| end % HOUR == 0)
        .collect())
}

/// DVOL at the end of every hour, 1.0 = 100 %.
fn volatility_index(data: &Path) -> anyhow::Result<BTreeMap<u64, f64>> {
    let path = data.join("options/deribit_btc_dvol_hourly.csv.gz");
    let file = File::open(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let mut text = String::new();
    MultiGzDecoder::new(file).read_to_string(&mut text)?;
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let mut levels = BTreeMap::new();
    for record in reader.deserialize() {
        // ts (the hour's begin), open, high, low, close.
        let (at, _, _, _, close): (u64, f64, f64, f64, f64) = record?;
        levels.insert(at + HOUR, close / 100.0);
    }
    Ok(levels)
}
