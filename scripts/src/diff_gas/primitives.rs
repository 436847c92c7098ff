//! What every chain has: ether, a token, CREATE2, storage, logs.

use alloy::primitives::{Address, Bytes, U256, address};
use alloy::sol;
use alloy::sol_types::SolValue;

use super::{DiffError, Run, key};
use crate::bindings::ITestToken;
use crate::solidity;

/// The deterministic-deployment proxy.
const CREATE2_FACTORY: Address = address!("4e59b44847b379578588920cA78FbF26c0B4956C");

sol! {
    interface IERC20 {
        function transfer(address to, uint256 value) external returns (bool);
        function approve(address spender, uint256 value) external returns (bool);
    }

    interface IGasProbe {
        function write(uint256 index, uint256 value) external;
        function read(uint256 index, uint256 times) external returns (uint256 sum);
        function log(uint256 topics, bytes calldata data) external;
        function hash(bytes calldata data) external pure returns (bytes32);
        function refuse() external pure;
    }
}

pub(super) async fn measure(run: &mut Run<'_>) -> Result<(), DiffError> {
    ether(run).await?;
    token(run).await?;
    let probe = create2(run).await?;
    storage(run, probe).await?;
    logs(run, probe).await
}

async fn ether(run: &mut Run<'_>) -> Result<(), DiffError> {
    let nobody = key(run.plan, "nobody")?.address();
    for action in ["transfer to an empty account", "transfer to a used account"] {
        run.tick().await?;
        let receipt = run
            .chain
            .transfer(&run.signer, nobody, U256::from(1))
            .await?;
        run.note(action, &receipt);
    }
    Ok(())
}

async fn token(run: &mut Run<'_>) -> Result<(), DiffError> {
    let code = solidity::creation_code(run.checkout, "TestToken")?;
    let arguments = ("Dollar", "USD", U256::from(6)).abi_encode_params();
    run.tick().await?;
    let code: Bytes = [&code[..], &arguments].concat().into();
    let created = run.chain.create_measured(&run.signer, code).await?;
    run.note("ERC-20, create", &created.receipt);
    let (token, to) = (created.value, run.signer.address());
    let other = key(run.plan, "holder")?.address();
    let mint = ITestToken::mintCall {
        to,
        amount: U256::from(100),
    };
    run.send("ERC-20, first mint", token, &mint).await?;
    run.send("ERC-20, mint", token, &mint).await?;
    let transfer = |value: u64| IERC20::transferCall {
        to: other,
        value: U256::from(value),
    };
    run.send("ERC-20, transfer to an empty balance", token, &transfer(50))
        .await?;
    run.send("ERC-20, transfer", token, &transfer(50)).await?;
    run.send(
        "ERC-20, transfer of all, with refund",
        token,
        &transfer(100),
    )
    .await?;
    run.refused("ERC-20, transfer refused", token, &transfer(1))
        .await?;
    let approve = IERC20::approveCall {
        spender: other,
        value: U256::MAX,
    };
    run.send("ERC-20, approve", token, &approve).await?;
    Ok(())
}

/// Deploys the probe through the factory. Returns its address.
async fn create2(run: &mut Run<'_>) -> Result<Address, DiffError> {
    let action = "CREATE2 through the factory";
    let code = solidity::creation_code(run.checkout, "GasProbe")?;
    let probe = CREATE2_FACTORY.create2_from_code(run.plan.run, &code);
    run.tick().await?;
    let input: Bytes = [run.plan.run.as_slice(), &code].concat().into();
    let receipt = run
        .chain
        .send_bytes(action, &run.signer, CREATE2_FACTORY, input)
        .await?;
    run.note(action, &receipt);
    Ok(probe)
}

async fn storage(run: &mut Run<'_>, probe: Address) -> Result<(), DiffError> {
    let write = |value: u64| IGasProbe::writeCall {
        index: U256::ZERO,
        value: U256::from(value),
    };
    run.send("storage, empty to value", probe, &write(7))
        .await?;
    run.send("storage, value to value", probe, &write(8))
        .await?;
    run.send("storage, value unchanged", probe, &write(8))
        .await?;
    run.send("storage, value to empty", probe, &write(0))
        .await?;
    let read = |times: u64| IGasProbe::readCall {
        index: U256::from(1),
        times: U256::from(times),
    };
    run.send("storage, read cold", probe, &read(1)).await?;
    run.send("storage, read cold, then 99 warm", probe, &read(100))
        .await?;
    Ok(())
}

async fn logs(run: &mut Run<'_>, probe: Address) -> Result<(), DiffError> {
    let data = Bytes::from(vec![0xab; 100]);
    for (topics, action) in [
        (1, "log, 1 topic, 100 bytes"),
        (4, "log, 4 topics, 100 bytes"),
    ] {
        let call = IGasProbe::logCall {
            topics: U256::from(topics),
            data: data.clone(),
        };
        run.send(action, probe, &call).await?;
    }
    let call = IGasProbe::hashCall {
        data: vec![0xcd; 1_000].into(),
    };
    run.send("keccak of 1,000 bytes", probe, &call).await?;
    run.refused("revert with a reason", probe, &IGasProbe::refuseCall {})
        .await
}
