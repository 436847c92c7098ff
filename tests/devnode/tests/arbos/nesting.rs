//! Programs and EVM code inside each other.

use alloy::network::TransactionBuilder;

use crate::{chain_at, evm_init, support::request};

/// Calls its caller back with the calldata it got, and fails if that fails:
/// CALLDATACOPY(0, 0, size); if !CALL(gas, caller, 0, 0, size, 0, 0) revert(0, 0).
const BACK: &str = "365f5f375f5f365f5f335af16012575f5ffd5b00";

/// A call 200 frames deep, every other one a program: each takes native stack of this process. Both where the stack of a program is
/// 22,000 words and where it is 262,144.
#[tokio::test]
async fn two_hundred_frames_of_programs_and_contracts() {
    for version in [40, 61] {
        let chain = chain_at(version).await;
        let back = chain.deploy(evm_init(BACK)).await;
        // Passes its calldata on to the contract, less one byte, until none is left.
        let body = "local.get $len if
              i32.const 32 call $args
              i32.const 0 i32.const 32 local.get $len i32.const 1 i32.sub i32.const 1000 i64.const -1 i32.const 1100
              call $call if unreachable end
            end
            i32.const 0";
        let imports = r#"
            (import "vm_hooks" "read_args" (func $args (param i32)))
            (import "vm_hooks" "call_contract"
                (func $call (param i32 i32 i32 i32 i64 i32) (result i32)))"#;
        let program = chain
            .program(&crate::module(imports, back.as_slice(), body))
            .await;
        let tx = request(program, vec![1; 100]).with_gas_limit(32_000_000);
        let receipt = chain.send(tx).await.expect("mined");
        assert!(receipt.status(), "ArbOS {version}: {receipt:?}");
        // Deeper than pages are sold: it fails as a call does, and the node lives on.
        let tx = request(program, vec![1; 140]).with_gas_limit(32_000_000);
        assert!(!chain.send(tx).await.expect("mined").status());
        chain.sent(request(program, vec![1; 2])).await;
    }
}
