//! Measures the node on this machine: start-up, calls per second and how they change as the state grows, memory over many transactions.
//!
//! `cargo run --release -p devnode --example speed` from `scripts/`; `-- 20000` sets the number of transactions of the memory run,
//! 100,000 unless told otherwise. Prints tables; nothing is asserted, the figures in README.md come from here. The margin check of this
//! project's engine is measured by `-p end-to-end --example margin_speed`, with the same client.

mod client;

use std::{
    fs,
    time::{Duration, Instant},
};

use alloy::{
    consensus::{SignableTransaction, TxEip1559},
    eips::Encodable2718,
    network::TxSignerSync,
    primitives::{Address, Bytes, TxKind, U256, address, hex},
    signers::local::PrivateKeySigner,
};
use devnode::{
    Config, Node,
    chain::config::{BASE_FEE, CHAIN_ID, DEV_KEY},
};
use serde_json::{Value, json};

use self::client::{Connection, Failure, Question};

const ARB_WASM: Address = address!("0x0000000000000000000000000000000000000071");
/// Rounds of the heavier program.
const ROUNDS: u32 = 2_000;

/// Returns its calldata.
const TRIVIAL: &str = r#"(module
  (import "vm_hooks" "read_args" (func $read_args (param i32)))
  (import "vm_hooks" "write_result" (func $write_result (param i32 i32)))
  (memory (export "memory") 1 1)
  (func (export "user_entrypoint") (param $len i32) (result i32)
    (call $read_args (i32.const 0))
    (call $write_result (i32.const 0) (local.get $len))
    (i32.const 0)))"#;

/// Hashes, multiplies 256-bit numbers and loops, `ROUNDS` times.
const HEAVY: &str = r#"(module
  (import "vm_hooks" "native_keccak256" (func $keccak (param i32 i32 i32)))
  (import "vm_hooks" "math_mul_mod" (func $mul_mod (param i32 i32 i32)))
  (import "vm_hooks" "write_result" (func $write_result (param i32 i32)))
  (memory (export "memory") 1 1)
  (func (export "user_entrypoint") (param $len i32) (result i32)
    (local $round i32) (local $inner i32) (local $x i64)
    (loop $again
      (call $keccak (i32.const 0) (i32.const 64) (i32.const 0))
      (call $mul_mod (i32.const 0) (i32.const 0) (i32.const 32))
      (local.set $inner (i32.const 200))
      (loop $mix
        (local.set $x (i64.add (i64.mul (local.get $x) (i64.const 6364136223846793005)) (i64.const 1442695040888963407)))
        (br_if $mix (local.tee $inner (i32.sub (local.get $inner) (i32.const 1)))))
      (i64.store (i32.const 32) (local.get $x))
      (br_if $again (i32.ne (local.tee $round (i32.add (local.get $round) (i32.const 1))) (i32.const ROUNDS))))
    (call $write_result (i32.const 0) (i32.const 32))
    (i32.const 0)))"#;

struct Sender {
    key: PrivateKeySigner,
    nonce: u64,
}

impl Sender {
    fn signed(
        &mut self,
        to: TxKind,
        value: U256,
        input: Bytes,
        gas_limit: u64,
    ) -> Result<Value, Failure> {
        let mut tx = TxEip1559 {
            chain_id: CHAIN_ID,
            nonce: self.nonce,
            gas_limit,
            max_fee_per_gas: u128::from(BASE_FEE),
            max_priority_fee_per_gas: 0,
            to,
            value,
            access_list: Default::default(),
            input,
        };
        self.nonce += 1;
        let signature = self.key.sign_transaction_sync(&mut tx)?;
        Ok(json!([hex::encode_prefixed(
            tx.into_signed(signature).encoded_2718()
        )]))
    }
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let transactions: u64 = match std::env::args().nth(1) {
        Some(number) => number.parse()?,
        None => 100_000,
    };
    start_up().await?;
    let node = Node::spawn(Config::default()).await?;
    let mut sender = Sender {
        key: PrivateKeySigner::from_bytes(&DEV_KEY)?,
        nonce: 0,
    };
    let mut connection = Connection::open(node.address()).await?;
    let trivial = program(&mut connection, &mut sender, TRIVIAL).await?;
    let heavy = HEAVY.replace("ROUNDS", &ROUNDS.to_string());
    let heavy = program(&mut connection, &mut sender, &heavy).await?;
    let call = |to| json!([{ "to": to, "data": hex::encode_prefixed([7; 64]) }, "latest"]);
    let questions = [
        ("`eth_chainId`", "eth_chainId", json!([])),
        ("trivial program", "eth_call", call(trivial)),
        ("heavier program", "eth_call", call(heavy)),
    ];
    let questions = questions.map(|(name, method, params)| Question {
        name,
        method,
        params,
    });
    client::table(node.address(), &questions).await?;
    node.shutdown().await;
    memory(transactions).await
}

async fn start_up() -> Result<(), Failure> {
    let mut best = Duration::MAX;
    for run in 0..5 {
        let begun = Instant::now();
        let node = Node::spawn(Config::default()).await?;
        Connection::open(node.address())
            .await?
            .ask("eth_chainId", json!([]))
            .await?;
        let took = begun.elapsed();
        best = best.min(took);
        if run == 0 {
            println!(
                "start-up to the first answer: {} ms the first time in a process",
                took.as_millis()
            );
        }
        node.shutdown().await;
    }
    println!(
        "start-up to the first answer: {} ms at best of five",
        best.as_millis()
    );
    Ok(())
}

/// Deploys and activates.
async fn program(
    connection: &mut Connection,
    sender: &mut Sender,
    wat: &str,
) -> Result<Address, Failure> {
    let mut code = vec![0xEF, 0xF0, 0x00, 0x00];
    brotli::BrotliCompress(
        &mut wat::parse_str(wat)?.as_slice(),
        &mut code,
        &Default::default(),
    )?;
    let mut init = vec![0x7f];
    init.extend(U256::from(code.len()).to_be_bytes::<32>());
    init.extend(hex!("80602b6000396000f300"));
    init.extend(code);
    let at = sender.key.address().create(sender.nonce);
    let deployment = sender.signed(TxKind::Create, U256::ZERO, init.into(), 20_000_000)?;
    connection.ask("eth_sendRawTransaction", deployment).await?;
    let mut activation = hex!("58c780c2").to_vec();
    activation.extend(at.into_word());
    let fee = U256::from(10).pow(U256::from(17));
    let activation = sender.signed(TxKind::Call(ARB_WASM), fee, activation.into(), 20_000_000)?;
    connection.ask("eth_sendRawTransaction", activation).await?;
    Ok(at)
}

async fn memory(transactions: u64) -> Result<(), Failure> {
    let node = Node::spawn(Config::default()).await?;
    let mut connection = Connection::open(node.address()).await?;
    let mut sender = Sender {
        key: PrivateKeySigner::from_bytes(&DEV_KEY)?,
        nonce: 0,
    };
    println!(
        "\n| transactions | resident memory, MiB | transfers a second |\n|---|---|---|\n| 0 | {} | |",
        resident()?
    );
    let step = (transactions / 10).max(1);
    let mut begun = Instant::now();
    for number in 1..=transactions {
        // Two hundred accounts in turn: the state stays as large as it is.
        let to = Address::from_word(U256::from(number % 200 + (1 << 40)).into());
        let raw = sender.signed(TxKind::Call(to), U256::ONE, Bytes::new(), 21_000)?;
        connection.ask("eth_sendRawTransaction", raw).await?;
        if number % step == 0 {
            let per_second = step as f64 / begun.elapsed().as_secs_f64();
            println!("| {number} | {} | {per_second:.0} |", resident()?);
            begun = Instant::now();
        }
    }
    Ok(())
}

/// Resident memory of this process, node and client, in MiB.
fn resident() -> Result<u64, Failure> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let kib = line
        .and_then(|line| line.split_whitespace().nth(1))
        .ok_or("no VmRSS")?;
    Ok(kib.parse::<u64>()? / 1_024)
}
