//! A price source that is as dear as it is told to be: it spends what it is given down to a remainder before it answers, always with the
//! time of the block.

use alloy::primitives::{Address, Bytes, U256, hex};
use alloy::signers::local::PrivateKeySigner;
use alloy::sol_types::SolValue;
use end_to_end::Stage;

/// Calldata of two words sets the answer and the remainder. Any other call spends gas until no more than the remainder is left, then answers
/// `(8, answer, time, time, 8)`: the round of an aggregator, whose first word serves as its decimals as well.
const CODE: &str = concat!(
    // Creation: the rest is the code.
    "603680600a5f395ff300",
    // Two words: go to 2a.
    "36604014602a57",
    // 07: while gas > slot 1.
    "5b6001545a11600757",
    // Answer.
    "60085f525f546020524260405242606052600860805260a05ff3",
    // 2a: set.
    "5b5f355f5560203560015500",
);
/// Gas the adapter gives a source for one call; it makes two, for the round and for the decimals.
const GIVEN: u64 = 150_000;

/// What a call of a source costs.
#[derive(Clone, Copy)]
pub(super) enum Price {
    /// 15,000, as Chainlink's proxies take on cold storage, here for every call.
    Ordinary,
    /// All that a source is given, and yet it answers.
    Everything,
}

impl Price {
    /// Gas that is left when the answer is made.
    fn remainder(self) -> u64 {
        match self {
            Self::Ordinary => GIVEN - 15_000,
            // Making the answer takes 2,300.
            Self::Everything => 2_500,
        }
    }
}

/// A source of eight decimals that answers `answer` (1e-8).
pub(super) async fn deploy(stage: &Stage, answer: u128) -> anyhow::Result<Address> {
    let code = Bytes::from(hex::decode(CODE)?);
    let at = stage.protocol.chain().create(&stage.owner, code).await?;
    stage.watch(at);
    set(stage, &stage.owner, at, answer, Price::Ordinary).await?;
    Ok(at)
}

/// From now on the source answers this (1e-8), at this price.
pub(super) async fn set(
    stage: &Stage,
    signer: &PrivateKeySigner,
    source: Address,
    answer: u128,
    price: Price,
) -> anyhow::Result<()> {
    let words = (U256::from(answer), U256::from(price.remainder())).abi_encode_params();
    stage
        .protocol
        .chain()
        .send_bytes("set a source", signer, source, words.into())
        .await?;
    Ok(())
}
