//! Native and compiled code give the same bits, and refuse the same inputs.

use std::num::NonZero;
use std::thread;

use clearing_math::black_scholes::{self, Inputs};
use clearing_math::implied_volatility::{Quote, implied_volatility_exact};
use clearing_math::leg::OptionKind;
use clearing_math::magnitude::Signed;
use clearing_math::svi::{LogMoneyness, check_slice};
use novation::checkout::Checkout;
use novation::progress::Progress;
use novation::quant::runner::{QuantModule, Runner};
use novation::quant::{module, wire};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::domain;

const SEED: u64 = 0x6e6f_7661_7469_6f6e;
/// Options priced both ways: half a minute on two cores. `NOVATION_IDENTITY_CASES` asks for more or fewer.
const OPTIONS: u64 = 10_000_000;
/// Prices a volatility is sought for, both ways.
const QUOTES: u64 = 400_000;
/// Slices evaluated and checked both ways.
const SLICES: u64 = 100_000;

/// What cases came to.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    accepted: u64,
    refused: u64,
}

fn cases(usual: u64) -> u64 {
    let asked = std::env::var("NOVATION_IDENTITY_CASES");
    asked
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(usual)
}

/// Runs `cases` cases on every core, each core with an instance and a random stream of its own.
fn on_all_cores<C>(cases: u64, make: impl Fn(&mut Runner) -> C + Sync) -> Tally
where
    C: FnMut(&mut Runner, &mut ChaCha8Rng) -> bool,
{
    let checkout = Checkout::find().expect("checkout");
    let wasm = module::build(&checkout, &Progress::silent()).expect("builds");
    let module = QuantModule::new(&wasm).expect("a module");
    let cores = thread::available_parallelism().map_or(1, NonZero::get) as u64;
    let share = cases.div_ceil(cores);
    thread::scope(|scope| {
        let threads: Vec<_> = (0..cores)
            .map(|core| {
                let (module, make) = (&module, &make);
                scope.spawn(move || {
                    let mut runner = module.runner().expect("an instance");
                    let mut case = make(&mut runner);
                    let mut random = ChaCha8Rng::seed_from_u64(SEED);
                    random.set_stream(core);
                    let mut tally = Tally::default();
                    for _ in 0..share {
                        if case(&mut runner, &mut random) {
                            tally.accepted += 1;
                        } else {
                            tally.refused += 1;
                        }
                    }
                    tally
                })
            })
            .collect();
        threads.into_iter().fold(Tally::default(), |sum, thread| {
            let one = thread.join().expect("no case fails");
            Tally {
                accepted: sum.accepted + one.accepted,
                refused: sum.refused + one.refused,
            }
        })
    })
}

/// Calls the export on `input` and compares with what native code gives.
struct Compared {
    name: &'static str,
    function: devnode::program::PureFunction,
}

impl Compared {
    fn new(runner: &mut Runner, name: &'static str) -> Self {
        Self {
            name,
            function: runner.function(name).expect("exported"),
        }
    }

    fn check<const N: usize>(
        &self,
        runner: &mut Runner,
        input: &[u64],
        native: Option<[u64; N]>,
        shown: &impl std::fmt::Debug,
    ) -> bool {
        let mut words = [0; N];
        let called = runner
            .call(&self.function, input, &mut words)
            .expect("no trap");
        let compiled = called.accepted.then_some(words);
        assert_eq!(
            compiled, native,
            "{} of {shown:?}, in WASM and natively",
            self.name
        );
        called.accepted
    }
}

fn pairs<const N: usize, const W: usize>(pairs: [[u64; 2]; N]) -> [u64; W] {
    const { assert!(W == 2 * N) };
    let mut words = [0; W];
    for (place, pair) in words.chunks_exact_mut(2).zip(pairs) {
        place.copy_from_slice(&pair);
    }
    words
}

fn price(inputs: &Inputs) -> Option<[u64; 4]> {
    let prices = black_scholes::price(inputs).ok()?;
    Some(pairs([wire::words(prices.call), wire::words(prices.put)]))
}

fn evaluate(inputs: &Inputs) -> Option<[u64; 20]> {
    let exact = black_scholes::evaluate(inputs).ok()?;
    let unsigned = |size| wire::number(Signed::positive(size));
    Some(pairs([
        unsigned(exact.call),
        unsigned(exact.put),
        wire::number(exact.delta_call),
        wire::number(exact.delta_put),
        unsigned(exact.gamma),
        unsigned(exact.vega),
        wire::number(exact.theta_call),
        wire::number(exact.theta_put),
        wire::number(exact.rho_call),
        wire::number(exact.rho_put),
    ]))
}

fn cross_greeks(inputs: &Inputs) -> Option<[u64; 4]> {
    let exact = black_scholes::evaluate_cross_greeks(inputs).ok()?;
    Some(pairs([
        wire::number(exact.vanna),
        wire::number(exact.volga),
    ]))
}

#[test]
fn ten_million_options_have_the_same_bits_in_wasm_and_natively() {
    let options = cases(OPTIONS);
    let tally = on_all_cores(options, |runner| {
        let price_export = Compared::new(runner, "price");
        let evaluate_export = Compared::new(runner, "evaluate");
        let cross_export = Compared::new(runner, "evaluate_cross_greeks");
        move |runner, random| {
            let option = domain::option(random);
            let input = wire::inputs(&option);
            cross_export.check(runner, &input, cross_greeks(&option), &option);
            evaluate_export.check(runner, &input, evaluate(&option), &option);
            price_export.check(runner, &input, price(&option), &option)
        }
    });
    println!("price, evaluate, cross greeks: {tally:?}");
    assert!(tally.accepted + tally.refused >= options);
    assert!(
        tally.accepted > options * 9 / 10,
        "{tally:?}: the domain is meant to be priced"
    );
    assert!(
        tally.refused > options / 200,
        "{tally:?}: refusals are meant to be compared as well"
    );
}

#[test]
fn implied_volatilities_have_the_same_bits_in_wasm_and_natively() {
    let tally = on_all_cores(QUOTES, |runner| {
        let export = Compared::new(runner, "implied_volatility_exact");
        move |runner, random| {
            let option = domain::option(random);
            let kind = if random.random() {
                OptionKind::Call
            } else {
                OptionKind::Put
            };
            let price = match (black_scholes::price(&option), random.random_range(0..8)) {
                (Ok(_), 0) | (Err(_), _) => random.random::<u128>() >> random.random_range(0..128),
                (Ok(prices), _) if kind == OptionKind::Call => prices.call,
                (Ok(prices), _) => prices.put,
            };
            let quote = Quote {
                kind,
                price,
                spot: option.spot,
                strike: option.strike,
                seconds: option.seconds,
                rate: option.rate,
            };
            let native = implied_volatility_exact(&quote).ok();
            let native = native.map(|volatility| wire::number(Signed::positive(volatility)));
            export.check(runner, &wire::quote(&quote), native, &quote)
        }
    });
    println!("implied volatility: {tally:?}");
    assert!(
        tally.accepted > QUOTES / 5 && tally.refused > QUOTES / 20,
        "{tally:?}"
    );
}

#[test]
fn volatility_surfaces_have_the_same_bits_in_wasm_and_natively() {
    let tally = on_all_cores(SLICES, |runner| {
        let point_export = Compared::new(runner, "svi_point");
        let volatility_export = Compared::new(runner, "svi_implied_volatility");
        let check_export = Compared::new(runner, "svi_check_slice");
        move |runner, random| {
            let slice = domain::slice(random);
            let words = wire::slice(&slice);
            let k = random.random_range(-4_000_000_000_000_000_000..4_000_000_000_000_000_000_i128);
            let point = || {
                let smile = slice.prepare().ok()?;
                let k = LogMoneyness::from_wad(k).ok()?;
                let point = smile.at(k);
                Some(pairs([
                    wire::number(point.total_variance),
                    wire::number(point.slope),
                    wire::number(Signed::positive(point.curvature)),
                    wire::number(smile.butterfly(k)),
                ]))
            };
            let input = [&words[..], &wire::words(k.cast_unsigned())].concat();
            point_export.check::<8>(runner, &input, point(), &(slice, k));

            let option = domain::option(random);
            let volatility = slice.implied_volatility(option.spot, option.strike, option.seconds);
            let (forward, strike) = (wire::words(option.spot), wire::words(option.strike));
            let input = [&words[..], &forward, &strike, &[option.seconds]].concat();
            volatility_export.check(
                runner,
                &input,
                volatility.ok().map(wire::words),
                &(slice, option),
            );

            let free = check_slice(&slice).is_ok();
            check_export.check(runner, &words, free.then_some([0]), &slice)
        }
    });
    println!("SVI: {tally:?}");
    assert!(
        tally.accepted > SLICES / 50 && tally.refused > SLICES / 10,
        "{tally:?}"
    );
}

#[test]
fn a_difference_of_one_bit_would_be_seen() {
    let seen = std::panic::catch_unwind(|| {
        on_all_cores(1, |runner| {
            let export = Compared::new(runner, "price");
            move |runner, random| {
                let option = domain::option(random);
                let native = price(&option).map(|words| words.map(|word| word ^ 1));
                export.check(runner, &wire::inputs(&option), native, &option)
            }
        })
    });
    assert!(seen.is_err(), "the comparison compares");
}
