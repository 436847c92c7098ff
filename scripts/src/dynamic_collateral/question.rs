//! A question to the margin engine: a portfolio on a market that is given. Answered natively, or by a deployed engine (`marginAt`) from the same
//! encoded market data.

use alloy::primitives::{B256, I256, U256};
use alloy::rpc::types::BlockId;
use alloy::sol_types::SolValue;
use anyhow::{Context, anyhow};
use clearing_math::leg::Leg;
use clearing_math::margin::{NOVATION_DEFAULT, Requirement};
use clearing_math::surface::PublishedSmile;

use crate::bindings::{IMarginEngine, IOracleAdapter};
use crate::client::Protocol;
use crate::native_margin::{self, PoolFacts};

/// One, WAD.
const WAD: u64 = clearing_math::WAD as u64;

/// The native side: every deployment's first profile. A question holds no tokens, so that their decimals do not matter.
const FACTS: PoolFacts = PoolFacts {
    pool: 0,
    feed: B256::ZERO,
    settlement_decimals: 18,
    base_decimals: 18,
    profile: NOVATION_DEFAULT,
    ramp: None,
};

/// Legs of one expiry without cash, and what the market says then.
#[derive(Clone, Debug)]
pub struct Question {
    /// Positions.
    pub legs: Vec<Leg>,
    /// Price, WAD.
    pub spot: u128,
    /// The smile of the legs' expiry.
    pub smile: PublishedSmile,
    /// Unix seconds.
    pub now: u64,
}

/// A question with its native answer.
#[derive(Clone, Debug)]
pub struct Answered {
    /// What was asked.
    pub question: Question,
    /// What the native function says.
    pub answer: Requirement,
}

/// How a deployed engine answers the same questions.
#[derive(Clone, Debug, Default)]
pub struct Comparison {
    /// Questions.
    pub asked: usize,
    /// Those it answers otherwise, in words.
    pub differences: Vec<String>,
}

impl Question {
    /// Answers on this machine.
    ///
    /// # Errors
    /// What the model refuses.
    pub fn answered(self) -> anyhow::Result<Answered> {
        let market = native_margin::market_of(&self.market_data(), self.now);
        let answer = native_margin::requirement_of(&FACTS, &market, &self.legs, 0, U256::ZERO);
        let answer = answer.map_err(|error| anyhow!("no margin: {error:?}"))?;
        Ok(Answered {
            question: self,
            answer,
        })
    }

    /// Market data as the adapter answers them.
    fn market_data(&self) -> IOracleAdapter::MarketData {
        let price = U256::from(self.spot);
        let word = B256::from(self.smile.to_word());
        IOracleAdapter::MarketData {
            mid: price,
            low: price,
            high: price,
            stable: WAD,
            confidence: WAD,
            doubts: 0,
            terms: vec![IOracleAdapter::Term {
                expiry: self.smile.expiry,
                carry: 0,
                rate: 0,
                confidence: WAD,
                volatilityCeiling: 0,
                smiles: 1,
            }],
            smiles: vec![word, word],
        }
    }

    /// The same at another time, the expiry as far away: margin knows no dates. `None` beyond 2106.
    fn at(&self, now: u64) -> Option<Self> {
        let moved = |time: u32| {
            u32::try_from(u64::from(time).checked_sub(self.now)?.checked_add(now)?).ok()
        };
        let leg = |leg: &Leg| {
            Some(Leg {
                expiry: moved(leg.expiry)?,
                ..*leg
            })
        };
        Some(Self {
            legs: self.legs.iter().map(leg).collect::<Option<_>>()?,
            smile: PublishedSmile {
                expiry: moved(self.smile.expiry)?,
                published_at: u32::try_from(now).ok()?,
                ..self.smile
            },
            now,
            ..*self
        })
    }
}

/// Asks the engine of a deployment all of it at its latest block. The pool's profile must be the default.
///
/// # Errors
/// A node that does not answer.
pub async fn compare(
    protocol: &Protocol,
    pool: u32,
    answered: impl Iterator<Item = &Answered>,
) -> anyhow::Result<Comparison> {
    let (chain, engine) = (protocol.chain(), protocol.at().engine);
    let latest = chain.latest().await?;
    let mut comparison = Comparison::default();
    for Answered { question, answer } in answered {
        let moved = question.at(latest.time).context("a time beyond 2106")?;
        let call = IMarginEngine::marginAtCall {
            pool,
            legs: moved.legs.iter().map(|leg| leg.to_word().into()).collect(),
            cash: I256::ZERO,
            base: U256::ZERO,
            marketData: moved.market_data().abi_encode().into(),
        };
        let block = BlockId::number(latest.number);
        let found = chain.read_as(engine, engine, &call, block).await?;
        let found = Requirement {
            initial: i128::try_from(found.initial)?,
            maintenance: i128::try_from(found.maintenance)?,
            mark: i128::try_from(found.mark)?,
            worst_scenario: found.worstScenario,
        };
        comparison.asked += 1;
        if found != *answer {
            let difference = format!("at {}: {found:?}, native {answer:?}", question.now);
            comparison.differences.push(difference);
        }
    }
    Ok(comparison)
}

#[cfg(test)]
mod tests {
    use clearing_math::leg::OptionKind;

    use super::*;

    #[test]
    fn the_same_question_at_another_date_has_the_same_answer() {
        let (now, expiry) = (1_621_411_200, 1_624_003_200);
        let level = 900_000_000_000_000_000;
        let leg = |strike, contracts| Leg {
            expiry,
            strike,
            kind: OptionKind::Put,
            contracts,
        };
        let one = clearing_math::WAD as i128;
        let question = Question {
            legs: vec![
                leg(3_000_000_000_000, -one),
                leg(2_500_000_000_000, one / 3),
            ],
            spot: 33_333 * clearing_math::WAD,
            smile: PublishedSmile::flat(level, expiry, 1_621_411_200).expect("publishable"),
            now,
        };
        let moved = question.at(now + 150_000_007).expect("before 2106");
        assert_ne!(moved.legs, question.legs);
        let (there, here) = (moved.answered(), question.clone().answered());
        let (there, here) = (there.expect("margin").answer, here.expect("margin").answer);
        assert_eq!(there, here);
        assert!(here.maintenance < 0);
        assert!(question.at(u64::from(u32::MAX)).is_none(), "beyond 2106");
    }
}
