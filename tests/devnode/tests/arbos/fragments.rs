//! Programs in fragments: deployed in parts, activated through their root, called like any other; and every refusal.

use alloy::{
    eips::eip2930::{AccessList, AccessListItem},
    network::TransactionBuilder,
    primitives::{Address, Bytes, U256},
    providers::Provider,
    rpc::types::TransactionReceipt,
    sol_types::SolCall,
};
use serde_json::json;

use crate::{
    chain_at, module,
    support::{
        ARB_WASM, ArbWasm, Chain, Failure, deployment, ether, program_code, refusal, request,
    },
};

/// A program that gives 42 and is large: 150,000 bytes of data that do not compress to nothing.
fn large() -> String {
    let mut state = 1u32;
    let data: Vec<u8> = (0..40_000)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8 & 0x3f
        })
        .collect();
    let write = r#"(import "vm_hooks" "write_result" (func $write (param i32 i32)))"#;
    let body = "i32.const 60000 i32.const 42 i32.store8 i32.const 60000 i32.const 1 call $write i32.const 0";
    module(write, &data, body)
}

fn root(length: usize, fragments: &[Address]) -> Vec<u8> {
    let mut root = vec![0xef, 0xf0, 0x02, 0x00];
    root.extend(u32::try_from(length).expect("short").to_be_bytes());
    fragments.iter().for_each(|address| root.extend(address.0));
    root
}

/// Deploys the stream of `wat` in `parts` parts and gives the length of its module and where they are.
async fn deploy_parts(chain: &Chain, wat: &str, parts: usize) -> (usize, Vec<Address>) {
    let length = wat::parse_str(wat).expect("valid").len();
    let stream = &program_code(wat)[4..];
    let mut addresses = Vec::new();
    for part in stream.chunks(stream.len().div_ceil(parts)) {
        let code = [&[0xef, 0xf0, 0x01], part].concat();
        addresses.push(chain.deploy(deployment(&code)).await);
    }
    assert_eq!(addresses.len(), parts);
    (length, addresses)
}

async fn deploy_root(chain: &Chain, length: usize, fragments: &[Address]) -> Address {
    chain.deploy(deployment(&root(length, fragments))).await
}

async fn activate(chain: &Chain, program: Address) -> Result<Bytes, Failure> {
    let call = ArbWasm::activateProgramCall { program }.abi_encode();
    chain
        .provider
        .call(request(ARB_WASM, call).with_value(ether(1)))
        .await
}

#[tokio::test]
async fn program_in_two_and_in_three_fragments_runs() {
    let wat = large();
    let chain = chain_at(61).await;
    let mut used = Vec::new();
    for parts in [2, 3] {
        let (length, fragments) = deploy_parts(&chain, &wat, parts).await;
        let program = deploy_root(&chain, length, &fragments).await;
        let receipt: TransactionReceipt = chain.activate(program).await;
        used.push(receipt.gas_used);
        let answer = chain.call_raw(program, Vec::new()).await.expect("runs");
        assert_eq!(answer.as_ref(), [42]);
    }
    // One fragment more: another account, cold, 2,600; its three bytes of prefix at most two words at 3, of input none.
    let difference = used[1] - used[0];
    assert!((2_600..=2_606).contains(&difference), "{used:?}");
}

/// Each fragment is read for 2,600 and 3 a word; of activation itself nothing changes.
#[tokio::test]
async fn reading_fragments_is_paid() {
    // Small enough for one piece, so that both ways can be compared.
    let wat = module("", &[7; 100], "i32.const 0");
    let chain = chain_at(61).await;
    let (length, fragments) = deploy_parts(&chain, &wat, 2).await;
    let in_two = deploy_root(&chain, length, &fragments).await;
    let whole = chain.deploy_program(&wat).await;
    let in_one = chain.activate(whole).await.gas_used;
    let in_two = chain.activate(in_two).await.gas_used;
    let stream = program_code(&wat).len() as u64 - 4;
    let half = stream.div_ceil(2);
    let words = (3 + half).div_ceil(32) + (3 + stream - half).div_ceil(32);
    // The other address in the calldata costs the same or a few zero bytes more or less.
    let expected = in_one + 2 * 2_600 + 3 * words;
    assert!(
        in_two.abs_diff(expected) <= 24,
        "{in_one} {in_two} {expected}"
    );
}

/// An access list pays 2,400 for each address and warms it: a fragment is then read for 100 instead of 2,600.
#[tokio::test]
async fn warm_fragment_is_read_for_100() {
    let chain = chain_at(61).await;
    let (length, fragments) = deploy_parts(&chain, &large(), 2).await;
    let program = deploy_root(&chain, length, &fragments).await;
    let activate = ArbWasm::activateProgramCall { program }.abi_encode();
    let nonce = chain
        .provider
        .get_transaction_count(chain.dev.address())
        .await;
    let cold = request(ARB_WASM, activate)
        .with_value(ether(1))
        .with_gas_limit(30_000_000)
        .with_nonce(nonce.expect("answered"));
    let named = fragments.iter().map(|address| AccessListItem {
        address: *address,
        storage_keys: Vec::new(),
    });
    let warm = cold.clone().with_access_list(AccessList(named.collect()));
    let before = chain.request("evm_snapshot", json!([])).await;
    let cold = chain.sent(cold).await.gas_used;
    let reverted = chain.request("evm_revert", json!([before.expect("taken")]));
    assert_eq!(reverted.await.expect("answered"), json!(true));
    let warm = chain.sent(warm).await.gas_used;
    assert_eq!(warm + 2 * (2_600 - 100), cold + 2 * 2_400);
}

#[tokio::test]
async fn malformed_programs_in_fragments_are_refused_with_the_reason() {
    let wat = large();
    let chain = chain_at(61).await;
    let (length, fragments) = deploy_parts(&chain, &wat, 3).await;
    let nobody = Address::repeat_byte(0x77);
    let reversed: Vec<Address> = fragments.iter().rev().copied().collect();
    let too_many = [fragments.clone(), vec![nobody; 2]].concat();
    let with_stranger = [fragments[0], fragments[1], nobody];
    for (length, fragments, reason) in [
        (
            length + 1,
            &fragments[..],
            format!(
                "decompressed module has {length} bytes, its root says {}",
                length + 1
            ),
        ),
        (
            length - 1,
            &fragments[..],
            format!("decompressed module exceeds {} bytes", length - 1),
        ),
        (length, &fragments[..2], "malformed brotli stream".into()),
        (length, &reversed[..], "".into()),
        (
            length,
            &with_stranger[..],
            "fragment 2 does not begin with 0xeff001".into(),
        ),
        (
            length,
            &too_many[..],
            "program has 5 fragments, allowed 4".into(),
        ),
        (
            length,
            &[][..],
            "malformed root of fragments: 5 bytes behind its prefix".into(),
        ),
        (
            256 * 1024 + 1,
            &fragments[..],
            "decompressed module exceeds 262144 bytes".into(),
        ),
    ] {
        let program = deploy_root(&chain, length, fragments).await;
        let (_, message, _) = refusal(activate(&chain, program).await);
        assert!(
            message.starts_with("program activation failed: "),
            "{message}"
        );
        assert!(message.contains(&reason), "{message}, expected {reason}");
    }
}

#[tokio::test]
async fn fragment_alone_is_no_program() {
    let chain = chain_at(61).await;
    let (_, fragments) = deploy_parts(&chain, &large(), 2).await;
    let (_, _, data) = refusal(activate(&chain, fragments[0]).await);
    // ProgramNotWasm()
    assert_eq!(data.expect("typed").as_ref(), [0x27, 0xf3, 0x82, 0x12]);
    // Called, it is no EVM code either: 0xEF is no opcode.
    let (_, message, _) = refusal(chain.call_raw(fragments[0], Vec::new()).await);
    assert!(message.contains("invalid opcode"), "{message}");
}

#[tokio::test]
async fn value_for_the_fee_is_asked_for_as_in_one_piece() {
    let chain = chain_at(61).await;
    let (length, fragments) = deploy_parts(&chain, &large(), 2).await;
    let program = deploy_root(&chain, length, &fragments).await;
    let call = ArbWasm::activateProgramCall { program }.abi_encode();
    let tx = request(ARB_WASM, call).with_value(U256::ONE);
    let (code, _, data) = refusal(chain.provider.call(tx).await);
    assert_eq!(code, 3);
    // ProgramInsufficientValue(uint256,uint256)
    assert_eq!(data.expect("typed")[..4], [0x09, 0x78, 0x1a, 0xb7]);
}
