//! Ten thousand random programs, each with plenty of ink, with exactly what it needs, with one less, with a part of it, and with
//! the exact stack and one word less.

use std::{collections::BTreeMap, thread};

use alloy_primitives::{B256, Bytes};
use devnode::program::{ProgramStatus, StylusConfig};

use super::{agreement, code::Code, generator};
use crate::{
    chain::{SELF, TestChain, ink_rules},
    random::Random,
};

const PROGRAMS: u64 = 10_000;
const WORKERS: u64 = 2;
/// Ink a program may take; endless loops run through all of it.
const PLENTY: u64 = 6_000_000;

/// How often programs ended in each way, and what was seen on the way.
#[derive(Default)]
struct Seen {
    endings: BTreeMap<String, u64>,
    exact_stack: u64,
    host_calls: usize,
}

#[test]
fn both_meters_agree_on_ten_thousand_random_programs() {
    let workers: Vec<_> = (0..WORKERS)
        .map(|worker| {
            // The interpreter recurses with the program.
            let builder = thread::Builder::new().stack_size(256 << 20);
            builder
                .spawn(move || {
                    let mut seen = Seen::default();
                    for number in (worker..PROGRAMS).step_by(WORKERS as usize) {
                        compare(number, &mut seen);
                    }
                    seen
                })
                .unwrap()
        })
        .collect();
    let mut total = Seen::default();
    for worker in workers {
        let seen = worker.join().unwrap();
        for (ending, count) in seen.endings {
            *total.endings.entry(ending).or_default() += count;
        }
        total.exact_stack += seen.exact_stack;
        total.host_calls += seen.host_calls;
    }
    println!(
        "{PROGRAMS} programs: {:?}, {} with their exact stack, {} host calls",
        total.endings, total.exact_stack, total.host_calls
    );
    // Every kind of ending happens often, or the programs are not what they should be.
    for (ending, least) in [
        ("Success", 2_000),
        ("Revert", 200),
        ("Failure", 500),
        ("OutOfInk", 500),
    ] {
        let count = total.endings.get(ending).copied().unwrap_or(0);
        assert!(count >= least, "{ending}: {count} of at least {least}");
    }
    assert!(total.exact_stack > 5_000 && total.host_calls > 20_000);
}

fn compare(number: u64, seen: &mut Seen) {
    let mut random = Random(number << 32);
    let wasm = generator::program(&mut random);
    let config = ink_rules();
    // Both ways of compiling are to agree with the interpreter; the thorough one takes three times as long.
    let quick = !number.is_multiple_of(4);
    let (_, program) = agreement::activation(&wasm, &config, quick);
    let code = Code::parse(&wasm).unwrap();
    let mut chain = TestChain::with_program(program.clone(), config.clone());
    chain.answer = |data| (data.len() % 2 == 0).then(|| Bytes::from(vec![7; data.len()]));
    chain.store_gas = 2_900;
    for byte in 0..4 {
        chain
            .storage
            .insert((SELF, B256::with_last_byte(byte)), B256::repeat_byte(byte));
    }
    let calldata: Vec<u8> = (0..random.below(80)).map(|_| random.next() as u8).collect();
    let run = |gas: u64, words: u64| {
        let mut chain = chain.clone();
        chain.config = StylusConfig {
            max_stack_depth: u32::try_from(words).unwrap(),
            ..config.clone()
        };
        agreement::call(&code, &program, &chain, &calldata, gas).0
    };
    let most = config.max_stack_depth.into();
    let whole = run(PLENTY, most);
    *seen
        .endings
        .entry(format!("{:?}", whole.status))
        .or_default() += 1;
    seen.host_calls += whole.hooks;

    let used = PLENTY - whole.gas_left;
    if whole.gas_left > 0 {
        run(used, most);
        run(used - 1, most);
    }
    run(random.next() % used, most);
    // One word more than the frames take is enough, and no less.
    assert_eq!(
        run(PLENTY, whole.peak + 1).status,
        whole.status,
        "program {number}"
    );
    assert_eq!(
        run(PLENTY, whole.peak).status,
        ProgramStatus::OutOfStack,
        "program {number}"
    );
    seen.exact_stack += 1;
}
