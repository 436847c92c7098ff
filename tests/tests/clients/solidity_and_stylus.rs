//! A Solidity contract and a Stylus program that call each other, as deep as asked; refusals come up through both unchanged.

use alloy::primitives::{Address, U256};
use alloy::sol;
use alloy::sol_types::{SolError, SolEvent};
use anyhow::{Context, ensure};
use novation::chain::{Chain, Sent};
use novation::errors::ChainError;
use novation::local_chain::dev_account;
use novation::solidity;

use super::stylus_project::StylusProject;

sol! {
    #[derive(Debug, PartialEq, Eq)]
    interface ICounter {
        event NumberChanged(address indexed by, uint256 number);
        error TooLarge(uint256 given, uint256 allowed);
        function number() external view returns (uint256);
        function setNumber(uint256 number) external;
        function visit(address solidity, uint256 rounds) external returns (uint256);
    }

    #[derive(Debug, PartialEq, Eq)]
    interface IPingPong {
        error Stopped(uint256 pings);
        event Pinged(address indexed by, uint256 rounds);
        function pings() external view returns (uint256);
        function setLimit(uint256 limit) external;
        function ping(address counter, uint256 rounds) external returns (uint256);
        function set(address counter, uint256 number) external;
        function trySet(address counter, uint256 number) external returns (bytes reason);
    }
}

/// Both contracts on a node of their own.
struct Pair {
    project: StylusProject,
    counter: Address,
    solidity: Address,
}

impl Pair {
    async fn deploy() -> anyhow::Result<Self> {
        let project = StylusProject::start().await?;
        let (counter, _) = project.deploy(&["--contract", "counter"]).await?;
        let code = solidity::creation_code(&project.checkout, "PingPong")?;
        let solidity = project.chain.create(&dev_account(), code).await?;
        Ok(Self {
            project,
            counter,
            solidity,
        })
    }

    fn chain(&self) -> &Chain {
        &self.project.chain
    }

    async fn visit(&self, rounds: u64) -> Result<Sent<U256>, ChainError> {
        let call = ICounter::visitCall {
            solidity: self.solidity,
            rounds: U256::from(rounds),
        };
        self.chain()
            .send("visit", &dev_account(), self.counter, &call)
            .await
    }

    async fn ping(&self, rounds: u64) -> Result<Sent<U256>, ChainError> {
        let call = IPingPong::pingCall {
            counter: self.counter,
            rounds: U256::from(rounds),
        };
        self.chain()
            .send("ping", &dev_account(), self.solidity, &call)
            .await
    }

    async fn set(&self, number: u64) -> anyhow::Result<()> {
        let call = ICounter::setNumberCall {
            number: U256::from(number),
        };
        self.chain()
            .send("set", &dev_account(), self.counter, &call)
            .await?;
        Ok(())
    }

    /// The program's number and the Solidity contract's pings.
    async fn state(&self) -> anyhow::Result<(u64, u64)> {
        let number = self
            .chain()
            .read(self.counter, &ICounter::numberCall {})
            .await?;
        let pings = self
            .chain()
            .read(self.solidity, &IPingPong::pingsCall {})
            .await?;
        Ok((number.to(), pings.to()))
    }
}

fn decoded<E: SolError>(error: &ChainError) -> anyhow::Result<E> {
    let revert = error
        .revert()
        .with_context(|| format!("no revert: {error}"))?;
    revert
        .decode::<E>()
        .with_context(|| format!("another error: {error}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn each_calls_the_other_in_turn_and_sees_what_it_wrote() -> anyhow::Result<()> {
    let pair = Pair::deploy().await?;
    // Stylus, Solidity, Stylus, Solidity, Stylus: three numbers, two pings.
    let sent = pair.visit(4).await?;
    ensure!(sent.value == U256::from(3) && pair.state().await? == (3, 2));
    let by_program = sent
        .receipt
        .logs()
        .iter()
        .filter(|log| log.address() == pair.counter);
    let numbers = by_program.map(|log| ICounter::NumberChanged::decode_log(&log.inner));
    let numbers: Vec<_> = numbers
        .map(|event| event.map(|event| (event.by, event.number.to::<u64>())))
        .collect::<Result<_, _>>()?;
    ensure!(
        numbers
            == [
                (dev_account().address(), 1),
                (pair.solidity, 2),
                (pair.solidity, 3)
            ]
    );
    let by_solidity = sent
        .receipt
        .logs()
        .iter()
        .filter(|log| log.address() == pair.solidity);
    let pings: Vec<_> = by_solidity
        .map(|log| {
            IPingPong::Pinged::decode_log(&log.inner)
                .map(|event| (event.by, event.rounds.to::<u64>()))
        })
        .collect::<Result<_, _>>()?;
    ensure!(pings == [(pair.counter, 3), (pair.counter, 1)]);

    // From the Solidity side, ending there: it reads what the program just wrote.
    let sent = pair.ping(2).await?;
    ensure!(sent.value == U256::from(4) && pair.state().await? == (4, 4));
    // Forty deep.
    let sent = pair.visit(40).await?;
    ensure!(sent.value == U256::from(25) && pair.state().await? == (25, 24));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_solidity_refusal_comes_up_through_stylus_and_takes_everything_back() -> anyhow::Result<()>
{
    let pair = Pair::deploy().await?;
    let limit = IPingPong::setLimitCall {
        limit: U256::from(2),
    };
    pair.chain()
        .send("limit", &dev_account(), pair.solidity, &limit)
        .await?;
    let error = pair.visit(7).await.expect_err("the third ping is refused");
    let error: IPingPong::Stopped = decoded(&error)?;
    ensure!(error.pings == U256::from(2));
    ensure!(pair.state().await? == (0, 0), "something stayed");
    // Mined all the same, it leaves neither state nor log.
    let call = ICounter::visitCall {
        solidity: pair.solidity,
        rounds: U256::from(7),
    };
    let (receipt, revert) = pair
        .chain()
        .send_refused(&dev_account(), pair.counter, &call)
        .await?;
    let revert = revert.context("a revert")?.decode::<IPingPong::Stopped>();
    ensure!(revert.is_some() && !receipt.status() && receipt.logs().is_empty());
    ensure!(pair.state().await? == (0, 0), "something stayed");
    // Two pings are within the limit.
    ensure!(pair.visit(4).await?.value == U256::from(3));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stylus_refusal_comes_up_through_solidity_or_is_caught_there() -> anyhow::Result<()> {
    let pair = Pair::deploy().await?;
    let (chain, signer, counter) = (pair.chain(), dev_account(), pair.counter);
    let expected = ICounter::TooLarge {
        given: U256::from(1_001),
        allowed: U256::from(1_000),
    };
    let number = U256::from(1_001);
    let call = IPingPong::setCall { counter, number };
    let error = chain
        .send("set", &signer, pair.solidity, &call)
        .await
        .expect_err("too large");
    ensure!(decoded::<ICounter::TooLarge>(&error)? == expected);

    // Four frames up, of both kinds.
    pair.set(999).await?;
    let error = pair
        .visit(6)
        .await
        .expect_err("the second step is too large");
    ensure!(decoded::<ICounter::TooLarge>(&error)? == expected);
    ensure!(pair.state().await? == (999, 0), "something stayed");

    // Caught, it costs the program its write and Solidity nothing.
    let call = IPingPong::trySetCall { counter, number };
    let reason = chain
        .send("try", &signer, pair.solidity, &call)
        .await?
        .value;
    ensure!(ICounter::TooLarge::abi_decode(&reason)? == expected);
    ensure!(pair.state().await? == (999, 1));
    let call = IPingPong::trySetCall {
        counter,
        number: U256::from(7),
    };
    let reason = chain
        .send("try", &signer, pair.solidity, &call)
        .await?
        .value;
    ensure!(reason.is_empty() && pair.state().await? == (7, 2));
    Ok(())
}
