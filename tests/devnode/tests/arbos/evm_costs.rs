//! What calls, creations and accesses cost a program on the EVM side, to the last ink: a program measures itself on a chain where an
//! ink is a gas.

use alloy::{
    network::TransactionBuilder,
    primitives::{Address, B256, Bytes, U256},
};

use crate::{
    chain_at, chain_of_ink, evm_init, module, stranger,
    support::{Chain, deployment, program_code, request},
};

/// PUSH0-coded answer of the gas left: GAS, PUSH0, MSTORE, PUSH1 32, PUSH0, RETURN. GAS itself takes 2.
const GAS_LEFT: &str = "5a5f5260205ff3";

/// Where calldata stand: an address, and the value sent along at 32.
const ADDRESS: &str = "i32.const 0";

/// A program that measures each of `operations` (arguments and `call $f`, without its results) and gives the gas of each as 32 bytes,
/// little-endian in the first eight; then what the last call returned.
fn measuring(import: &str, operations: &[String], leaves: bool) -> String {
    let dropped = if leaves { "drop" } else { "" };
    let measures: String = operations
        .iter()
        .enumerate()
        .map(|(index, operation)| {
            format!(
                "call $gas local.set $before {operation} {dropped} call $gas local.set $after
                 i32.const {} local.get $before local.get $after i64.sub i64.store
                 i32.const {} local.get $before i64.store ",
                1000 + 32 * index,
                1008 + 32 * index,
            )
        })
        .collect();
    let imports = format!(
        r#"(import "vm_hooks" "evm_gas_left" (func $gas (result i64)))
           (import "vm_hooks" "read_args" (func $args (param i32)))
           (import "vm_hooks" "write_result" (func $write (param i32 i32)))
           (import "vm_hooks" "read_return_data"
               (func $returned (param i32 i32 i32) (result i32)))
           {import}"#
    );
    let end = 1000 + 32 * operations.len();
    let body = format!(
        "(local $before i64) (local $after i64) i32.const 0 call $args {measures}
         i32.const {end} i32.const 0 i32.const 32 call $returned drop
         i32.const 1000 i32.const {} call $write i32.const 0",
        end + 32 - 1000
    );
    module(&imports, &[], &body)
}

/// Ink between the two answers of `evm_gas_left` besides the host call in the middle: `local.set`, the arguments, `call` and check;
/// `drop`, `call` and check, and the price of asking.
fn around(operation: &str, leaves: bool) -> u64 {
    let constants = operation.matches(".const").count() as u64;
    let dropped = if leaves { 9 } else { 0 };
    210 + constants + 3800 + 2450 + dropped + 3800 + 2450 + 8400
}

/// Gas of each operation, less what is around it, and gas left before it; then the return data of the last.
struct Measured {
    gas: Vec<u64>,
    before: Vec<u64>,
    returned: Bytes,
}

async fn measure(
    chain: &Chain,
    import: &str,
    operations: &[&str],
    leaves: bool,
    calldata: Vec<u8>,
    balance: u64,
) -> Measured {
    let operations: Vec<String> = operations.iter().map(|o| (*o).to_owned()).collect();
    let wat = measuring(import, &operations, leaves);
    // Compressed it may be any size; on a chain of ink its activation is no more than usual.
    let program = chain.deploy(deployment(&program_code(&wat))).await;
    chain.activate(program).await;
    if balance > 0 {
        let balance = serde_json::json!([program, format!("{:#x}", U256::from(balance))]);
        chain
            .request("anvil_setBalance", balance)
            .await
            .expect("set");
    }
    let answer = chain.call_raw(program, calldata).await.expect("measured");
    let number = |at: usize| u64::from_le_bytes(answer[at..at + 8].try_into().expect("eight"));
    Measured {
        gas: operations
            .iter()
            .enumerate()
            .map(|(index, operation)| number(32 * index) - around(operation, leaves))
            .collect(),
        before: (0..operations.len())
            .map(|index| number(32 * index + 8))
            .collect(),
        returned: answer.slice(32 * operations.len()..),
    }
}

const CALL: &str =
    r#"(import "vm_hooks" "call_contract" (func $f (param i32 i32 i32 i32 i64 i32) (result i32)))"#;
/// Ink of the call itself, of no data.
const CALL_INK: u64 = 83_193 + 2 * 16_381;

fn calling(address: u32, value_at: u32, gas: i64) -> String {
    format!(
        "i32.const {address} i32.const 0 i32.const 0 i32.const {value_at} i64.const {gas} i32.const 200 call $f"
    )
}

/// An address and a value of one wei behind it.
fn to(address: Address) -> Vec<u8> {
    let mut calldata = address.to_vec();
    calldata.resize(32, 0);
    calldata.extend(B256::with_last_byte(1));
    calldata
}

#[tokio::test]
async fn calls_cost_access_and_value() {
    let chain = chain_of_ink().await;
    // At 64 stands no value, at 32 one wei.
    let (plain, paying) = (calling(0, 64, 0), calling(0, 32, 0));
    // A stranger, cold: 100 and 2,500. Then warm. Then with value, to an empty account: 100, 25,000 and 9,000. Then it is there.
    let operations = [plain.as_str(), &plain, &paying, &paying];
    let found = measure(&chain, CALL, &operations, true, to(stranger(0x31)), 5).await;
    let expected = [100 + 2_500, 100, 100 + 25_000 + 9_000, 100 + 9_000];
    assert_eq!(found.gas, expected.map(|gas| gas + CALL_INK));
    // Cold, empty and with value at once.
    let found = measure(&chain, CALL, &[&paying], true, to(stranger(0x32)), 5).await;
    assert_eq!(found.gas, [100 + 2_500 + 25_000 + 9_000 + CALL_INK]);
}

#[tokio::test]
async fn callee_gets_63_64ths_what_was_asked_for_and_the_stipend() {
    let chain = chain_of_ink().await;
    let callee = chain.deploy(evm_init(GAS_LEFT)).await;
    let given = |found: &Measured| U256::from_be_slice(&found.returned).to::<u64>() + 2;

    let asking = calling(0, 64, 1_234);
    let found = measure(&chain, CALL, &[&asking], true, to(callee), 5).await;
    assert_eq!(given(&found), 1_234);

    // With value 2,300 come on top.
    let paying = calling(0, 32, 1_000);
    let found = measure(&chain, CALL, &[&paying], true, to(callee), 5).await;
    assert_eq!(given(&found), 1_000 + 2_300);

    // Everything: what is left behind the price of the call, less the base, times 63/64.
    let all = calling(0, 64, -1);
    let found = measure(&chain, CALL, &[&all], true, to(callee), 5).await;
    let left = found.before[0] - (210 + 6 + 3800 + 2450) - CALL_INK - 2_600;
    assert_eq!(given(&found), left * 63 / 64);
}

/// Value that is not there, or no gas for the base price.
#[tokio::test]
async fn call_without_the_means_fails_and_costs_its_base() {
    let chain = chain_of_ink().await;
    let paying = calling(0, 32, 0);
    // No balance: the transfer fails inside the call, whose gas (the stipend) comes back.
    let found = measure(&chain, CALL, &[&paying], true, to(stranger(0x33)), 0).await;
    assert_eq!(found.gas, [100 + 2_500 + 25_000 + 9_000 + CALL_INK]);
}

#[tokio::test]
async fn creations_cost_32000_and_the_hash_of_create2() {
    let chain = chain_of_ink().await;
    // 64 bytes of zero: STOP. No code is left, nothing is deposited.
    let create1 = "i32.const 400 i32.const 64 i32.const 600 i32.const 640 i32.const 680 call $f";
    let import = r#"(import "vm_hooks" "create1" (func $f (param i32 i32 i32 i32 i32)))"#;
    let found = measure(&chain, import, &[create1], false, Vec::new(), 0).await;
    let ink = 83_193 + 2 * (16_381 + 55 * 32);
    assert_eq!(found.gas, [ink + 32_000]);
    // 65 bytes: three words to hash.
    let create2 = "i32.const 400 i32.const 65 i32.const 600 i32.const 700 i32.const 640 i32.const 680 call $f";
    let import = r#"(import "vm_hooks" "create2" (func $f (param i32 i32 i32 i32 i32 i32)))"#;
    let found = measure(&chain, import, &[create2], false, Vec::new(), 0).await;
    let ink = 88_233 + 2 * (16_381 + 55 * 33);
    assert_eq!(found.gas, [ink + 32_000 + 6 * 3]);
}

#[tokio::test]
async fn accounts_cost_2600_cold_and_100_warm() {
    let chain = chain_of_ink().await;
    let two = "i32.const 0 i32.const 200 call $f";
    for (name, ink) in [("account_balance", 78_153), ("account_codehash", 78_153)] {
        let import = format!(r#"(import "vm_hooks" "{name}" (func $f (param i32 i32)))"#);
        let found = measure(&chain, &import, &[two, two], false, to(stranger(0x41)), 0).await;
        assert_eq!(found.gas, [ink + 2_600, ink + 100], "{name}");
    }
    let import = r#"(import "vm_hooks" "account_code_size" (func $f (param i32) (result i32)))"#;
    let size = "i32.const 0 call $f";
    let found = measure(&chain, import, &[size, size], true, to(stranger(0x42)), 0).await;
    // 700 for loading code, however empty.
    assert_eq!(found.gas, [68_073 + 700 + 2_600, 68_073 + 700 + 100]);
    let import = r#"(import "vm_hooks" "account_code"
        (func $f (param i32 i32 i32 i32) (result i32)))"#;
    let code = "i32.const 0 i32.const 0 i32.const 0 i32.const 200 call $f";
    let callee = chain.deploy(evm_init(GAS_LEFT)).await;
    let found = measure(&chain, import, &[code, code], true, to(callee), 0).await;
    // The second time it is the code last asked for.
    assert_eq!(found.gas, [68_073 + 700 + 2_600 + 5_040, 68_073 + 5_040]);
}

#[tokio::test]
async fn slots_cost_2100_cold_and_100_warm() {
    let chain = chain_of_ink().await;
    let import = r#"(import "vm_hooks" "storage_load_bytes32" (func $f (param i32 i32)))
        (import "vm_hooks" "storage_flush_cache" (func $flush (param i32)))"#;
    let load = format!("{ADDRESS} i32.const 300 call $f");
    // Forgotten by the frame, but warm.
    let again = format!("{ADDRESS} i32.const 300 call $f");
    let wat_again = [load.as_str(), &load];
    let found = measure(&chain, import, &wat_again, false, to(stranger(0x51)), 0).await;
    // At an ink a gas, asking the EVM side is 59,673 gas.
    assert_eq!(found.gas, [18_480 + 2_100 + 59_673, 18_480]);
    let cleared = format!("i32.const 1 call $flush {again}");
    let found = measure(
        &chain,
        import,
        &[&load, &cleared],
        false,
        to(stranger(0x52)),
        0,
    )
    .await;
    // The second block with its check, and a flush of nothing.
    assert_eq!(found.gas[1], 18_480 + 100 + 59_673 + 3800 + 2450 + 68_073);
}

#[tokio::test]
async fn refund_of_a_cleared_slot_reaches_the_transaction() {
    let chain = chain_of_ink().await;
    let imports = r#"(import "vm_hooks" "storage_cache_bytes32" (func $cache (param i32 i32)))
        (import "vm_hooks" "read_args" (func $args (param i32)))
        (import "vm_hooks" "storage_flush_cache" (func $flush (param i32)))"#;
    // Writes the word of its calldata to slot 0.
    let body = "i32.const 0 call $args i32.const 64 i32.const 0 call $cache i32.const 1 call $flush i32.const 0";
    let program = chain.program(&module(imports, &[], body)).await;
    let write = |value: u8| {
        request(program, B256::with_last_byte(value).to_vec()).with_gas_limit(1_000_000)
    };
    let set = chain.sent(write(1)).await.gas_used;
    let again = chain.sent(write(1)).await.gas_used;
    let changed = chain.sent(write(2)).await.gas_used;
    // Zero in the calldata costs 4, not 16.
    let cleared = chain.sent(write(0)).await.gas_used;
    assert_eq!(set - again, 20_000 - 100);
    assert_eq!(changed - again, 2_900 - 100);
    assert_eq!(changed - cleared, 4_800 + 12);
}

#[tokio::test]
async fn constructor_gets_all_but_a_64th() {
    let chain = chain_of_ink().await;
    // Reverts with the gas left: GAS, PUSH0, MSTORE, PUSH1 32, PUSH0, REVERT.
    let code = vec![0x5a, 0x5f, 0x52, 0x60, 0x20, 0x5f, 0xfd];
    let create = "i32.const 0 i32.const 7 i32.const 600 i32.const 640 i32.const 680 call $f";
    let import = r#"(import "vm_hooks" "create1" (func $f (param i32 i32 i32 i32 i32)))"#;
    let found = measure(&chain, import, &[create], false, code, 0).await;
    let left = found.before[0] - (210 + 5 + 3800 + 2450) - (83_193 + 2 * 16_381) - 32_000;
    let given = U256::from_be_slice(&found.returned).to::<u64>() + 2;
    assert_eq!(given, left - left / 64);
}

/// Activation to the last gas, by the rules of `stylus-vm.md` §1.12 and §1.17.
#[tokio::test]
async fn activation_is_paid_by_its_parts() {
    let chain = chain_at(61).await;
    let code = program_code(&module("", &[], "i32.const 0"));
    let program = chain.deploy(deployment(&code)).await;
    let rules = devnode::program::StylusConfig::arbos_61();
    let work = devnode::program::activate(&code, &rules, 0)
        .expect("accepted")
        .gas;
    let receipt = chain.activate(program).await;
    // 36 bytes of calldata: 4 of the selector and 20 of the address, at 16 or 4, and 12 zeros.
    let calldata: u64 = [&[0x58, 0xc7, 0x80, 0xc2], program.as_slice(), &[0; 12]]
        .concat()
        .iter()
        .map(|byte| if *byte == 0 { 4 } else { 16 })
        .sum();
    let open = 3 + 800;
    let look = 1_659_168 + 2_600 + 100 + 800;
    // Module hash; demand and its time, read and written; the record.
    let store = 20_000 + 2 * 800 + 2 * 20_000 + 20_000;
    // Two topics and four words of data.
    let event = 375 * 3 + 8 * 128;
    let answer = 2 * 3;
    let expected = 21_000 + calldata + open + look + work + store + event + answer;
    assert_eq!(receipt.gas_used, expected);
}
