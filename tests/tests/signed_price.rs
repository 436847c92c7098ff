//! Prices that k of n keys sign, from the compiled program: row F-18 of the fault table, and what is accepted beside it.

use alloy::primitives::{Address, Bytes, U256, Uint};
use alloy::signers::SignerSync;
use alloy::signers::local::PrivateKeySigner;
use alloy::sol_types::{Eip712Domain, SolStruct};
use end_to_end::stage::key;
use end_to_end::{Stage, WAD, on_any_node, on_the_local_node};
use novation::bindings::ISignedPrice;
use novation::per_feed::{SignedPriceTerms, deploy_signed_price};
use novation::progress::Progress;
use novation::publish::signing::{PriceUpdate, price_domain};
use novation::wasm_build;

/// 1e18: sure.
const SURE: u64 = 1_000_000_000_000_000_000;
const LENGTH: usize = 65;
/// Order of secp256k1's group.
const ORDER: U256 = alloy::primitives::uint!(
    0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141_U256
);

/// A price source of five keys, three of whom must sign.
pub struct SignedSource {
    /// Where.
    pub address: Address,
    /// Ascending by address.
    pub keys: Vec<PrivateKeySigner>,
    domain: Eip712Domain,
}

impl SignedSource {
    /// Deploys it, decimals 8, and has the stage watch its storage.
    pub async fn open(stage: &Stage) -> anyhow::Result<Self> {
        let mut keys: Vec<_> = (0..5)
            .map(|index| key(&format!("signer {index}")))
            .collect();
        keys.sort_unstable_by_key(PrivateKeySigner::address);
        let programs = wasm_build::build(&stage.checkout, &Progress::silent())?;
        let terms = SignedPriceTerms {
            signers: keys.iter().map(PrivateKeySigner::address).collect(),
            threshold: 3,
            decimals: 8,
            least_confidence: SURE / 2,
            description: "ETH / USD, signed".into(),
        };
        let chain = stage.protocol.chain();
        let deployed = deploy_signed_price(chain, &stage.owner, &programs, &terms).await?;
        stage.watch(deployed.address);
        Ok(Self {
            address: deployed.address,
            keys,
            domain: price_domain(chain.id(), deployed.address),
        })
    }

    /// 2,000 dollars, sure, as of now, for a minute.
    async fn good(&self, stage: &Stage) -> anyhow::Result<PriceUpdate> {
        let now = stage.now().await?;
        Ok(PriceUpdate {
            price: U256::from(2_000 * 100_000_000_u64),
            confidence: SURE,
            timestamp: now,
            deadline: now + 60,
        })
    }

    /// Signatures of `keys` over `update`, one each, in the order given.
    fn signatures(
        &self,
        keys: &[PrivateKeySigner],
        update: &PriceUpdate,
        domain: &Eip712Domain,
    ) -> anyhow::Result<Vec<[u8; LENGTH]>> {
        let hash = update.eip712_signing_hash(domain);
        let sign = |key: &PrivateKeySigner| Ok(key.sign_hash_sync(&hash)?.as_bytes());
        keys.iter().map(sign).collect()
    }

    /// The call, signed by the first `count` keys.
    fn call(&self, update: &PriceUpdate, count: usize) -> anyhow::Result<ISignedPrice::updateCall> {
        let signatures = self.signatures(&self.keys[..count], update, &self.domain)?;
        Ok(with(update, &signatures))
    }

    /// Publishes `dollars` as of now.
    pub async fn publish(&self, stage: &Stage, dollars: u64) -> anyhow::Result<()> {
        let update = PriceUpdate {
            price: U256::from(dollars * 100_000_000),
            ..self.good(stage).await?
        };
        let call = self.call(&update, 3)?;
        let chain = stage.protocol.chain();
        let sent = chain
            .send("signed price", &stage.owner, self.address, &call)
            .await?;
        anyhow::ensure!(sent.value, "a newer price is accepted");
        Ok(())
    }
}

/// The call with these signatures.
fn with(update: &PriceUpdate, signatures: &[[u8; LENGTH]]) -> ISignedPrice::updateCall {
    ISignedPrice::updateCall {
        price: update.price,
        confidence: update.confidence,
        timestamp: update.timestamp,
        deadline: update.deadline,
        signatures: Bytes::copy_from_slice(signatures.as_flattened()),
    }
}

#[test]
fn f_18_too_few_signers_are_not_enough() {
    on_any_node(async |stage| {
        let source = SignedSource::open(stage).await?;
        let update = source.good(stage).await?;
        for given in 0..3 {
            let call = source.call(&update, given)?;
            let error = stage
                .reverts_with::<ISignedPrice::NotEnoughSigners>(&stage.owner, source.address, &call)
                .await?;
            assert_eq!(
                (error.given, error.needed),
                (U256::from(given), U256::from(3))
            );
        }
        Ok(())
    });
}

#[test]
fn f_18_a_signer_counts_once() {
    on_any_node(async |stage| {
        let source = SignedSource::open(stage).await?;
        let update = source.good(stage).await?;
        let [a, b, c] = [0, 1, 2].map(|index| source.keys[index].clone());
        let twice = [a.clone(), b.clone(), b.clone()];
        let signatures = source.signatures(&twice, &update, &source.domain)?;
        let call = with(&update, &signatures);
        let error = stage
            .reverts_with::<ISignedPrice::DuplicateSigner>(&stage.owner, source.address, &call)
            .await?;
        assert_eq!(error.signer, b.address());
        // Not next to each other either: order is demanded.
        let apart = [a.clone(), c.clone(), a.clone()];
        let signatures = source.signatures(&apart, &update, &source.domain)?;
        let call = with(&update, &signatures);
        let error = stage
            .reverts_with::<ISignedPrice::UnsortedSigners>(&stage.owner, source.address, &call)
            .await?;
        assert_eq!((error.previous, error.next), (c.address(), a.address()));
        Ok(())
    });
}

#[test]
fn f_18_an_unknown_signer_is_named() {
    on_any_node(async |stage| {
        let source = SignedSource::open(stage).await?;
        let update = source.good(stage).await?;
        let stranger = key("a stranger to the source");
        let mut keys = source.keys[..3].to_vec();
        keys.push(stranger.clone());
        let signatures = source.signatures(&keys, &update, &source.domain)?;
        let call = with(&update, &signatures);
        let error = stage
            .reverts_with::<ISignedPrice::UnknownSigner>(&stage.owner, source.address, &call)
            .await?;
        assert_eq!(error.signer, stranger.address());
        Ok(())
    });
}

#[test]
fn f_18_a_malleated_signature_is_bad() {
    on_any_node(async |stage| {
        let source = SignedSource::open(stage).await?;
        let update = source.good(stage).await?;
        let mut signatures = source.signatures(&source.keys[..3], &update, &source.domain)?;
        // The twin of the second signature, which the precompile itself accepts.
        let twin = &mut signatures[1];
        let s = U256::from_be_slice(&twin[32..64]);
        twin[32..64].copy_from_slice(&(ORDER - s).to_be_bytes::<32>());
        twin[64] = 27 + 28 - twin[64];
        let call = with(&update, &signatures);
        let error = stage
            .reverts_with::<ISignedPrice::BadSignature>(&stage.owner, source.address, &call)
            .await?;
        assert_eq!(error.index, U256::from(1));
        // Nobody's: no point of the curve has this abscissa.
        let mut signatures = source.signatures(&source.keys[..3], &update, &source.domain)?;
        signatures[2][..32].fill(0);
        let call = with(&update, &signatures);
        let error = stage
            .reverts_with::<ISignedPrice::BadSignature>(&stage.owner, source.address, &call)
            .await?;
        assert_eq!(error.index, U256::from(2));
        Ok(())
    });
}

#[test]
fn f_18_another_chain_or_contract_is_another_digest() {
    on_any_node(async |stage| {
        let source = SignedSource::open(stage).await?;
        let twin = SignedSource::open(stage).await?;
        let update = source.good(stage).await?;
        let chain_id = stage.protocol.chain().id();
        // Arbitrum One; and a second source of the very same keys.
        for domain in [price_domain(42_161, source.address), twin.domain.clone()] {
            assert_ne!(domain, price_domain(chain_id, source.address));
            let signatures = source.signatures(&source.keys[..3], &update, &domain)?;
            let call = with(&update, &signatures);
            let error = stage
                .reverts_with::<ISignedPrice::UnknownSigner>(&stage.owner, source.address, &call)
                .await?;
            let keys = &source.keys;
            assert!(keys.iter().all(|key| key.address() != error.signer));
        }
        let separator = ISignedPrice::domainSeparatorCall {};
        let separator = stage
            .protocol
            .chain()
            .read(source.address, &separator)
            .await?;
        assert_eq!(separator, source.domain.separator());
        Ok(())
    });
}

#[test]
fn f_18_the_deadline_passes() {
    on_the_local_node(async |stage| {
        let source = SignedSource::open(stage).await?;
        let update = source.good(stage).await?;
        let call = source.call(&update, 3)?;
        stage.protocol.chain().set_time(update.deadline + 1).await?;
        let error = stage
            .reverts_with::<ISignedPrice::Expired>(&stage.owner, source.address, &call)
            .await?;
        assert_eq!(error.deadline, update.deadline);
        assert!(error.time > error.deadline);
        Ok(())
    });
}

#[test]
fn f_18_a_price_of_the_future_waits() {
    on_any_node(async |stage| {
        let source = SignedSource::open(stage).await?;
        let good = source.good(stage).await?;
        let ahead = PriceUpdate {
            timestamp: good.timestamp + 3_600,
            deadline: good.deadline + 7_200,
            ..good
        };
        let call = source.call(&ahead, 3)?;
        let error = stage
            .reverts_with::<ISignedPrice::FutureTimestamp>(&stage.owner, source.address, &call)
            .await?;
        assert_eq!(error.timestamp, ahead.timestamp);
        assert!(error.latest < ahead.timestamp);
        Ok(())
    });
}

#[test]
fn f_04_an_older_price_is_ignored_without_a_trace() {
    on_any_node(async |stage| {
        let source = SignedSource::open(stage).await?;
        source.publish(stage, 2_000).await?;
        let chain = stage.protocol.chain();
        let (_, _, latest) = latest(stage, &source).await?;
        for (timestamp, signers) in [(latest, 3), (latest - 1, 3), (latest - 1, 0)] {
            let older = PriceUpdate {
                price: U256::from(1),
                timestamp,
                ..source.good(stage).await?
            };
            let before = stage.digest().await?;
            let call = source.call(&older, signers)?;
            let sent = chain
                .send("signed price", &stage.owner, source.address, &call)
                .await?;
            assert!(!sent.value && sent.receipt.logs().is_empty());
            assert_eq!(stage.digest().await?, before);
        }
        Ok(())
    });
}

/// Round, answer and time of the latest round.
async fn latest(stage: &Stage, source: &SignedSource) -> anyhow::Result<(u64, u128, u64)> {
    let call = ISignedPrice::latestRoundDataCall {};
    let round = stage.protocol.chain().read(source.address, &call).await?;
    let id: u64 = round.id.to();
    Ok((id, round.answer.try_into()?, round.updatedAt.to()))
}

#[test]
fn rounds_are_kept_and_read_as_those_of_any_aggregator() {
    on_the_local_node(async |stage| {
        let source = SignedSource::open(stage).await?;
        let chain = stage.protocol.chain();
        let none = ISignedPrice::latestRoundDataCall {};
        let error = stage
            .view_reverts_with::<ISignedPrice::NoData>(source.address, &none)
            .await?;
        assert_eq!(error.roundId, Uint::from(0));
        let start = stage.now().await?;
        for (round, dollars) in [(1, 2_000), (2, 2_010), (3, 1_990)] {
            chain.set_time(start + 60 * round).await?;
            source.publish(stage, dollars).await?;
            let (id, answer, at) = latest(stage, &source).await?;
            assert_eq!((id, answer), (round, u128::from(dollars) * 100_000_000));
            assert!(at.abs_diff(start + 60 * round) <= 2, "{at}");
        }
        let first = ISignedPrice::getRoundDataCall {
            roundId: Uint::from(1),
        };
        let first = chain.read(source.address, &first).await?;
        assert_eq!(u128::try_from(first.answer)?, 2_000 * 100_000_000);
        assert_eq!(
            (first.startedAt, first.answeredInRound),
            (first.updatedAt, first.id)
        );
        let unknown = ISignedPrice::getRoundDataCall {
            roundId: Uint::from(4),
        };
        stage
            .view_reverts_with::<ISignedPrice::NoData>(source.address, &unknown)
            .await?;
        Ok(())
    });
}

#[test]
fn gas_of_an_update_grows_by_one_recovery_a_signer() {
    on_any_node(async |stage| {
        let source = SignedSource::open(stage).await?;
        source.publish(stage, 2_000).await?;
        let mut used = Vec::new();
        for signers in 3..=5 {
            let mut update = source.good(stage).await?;
            update.timestamp += signers as u64;
            let call = source.call(&update, signers)?;
            let sent = stage
                .protocol
                .chain()
                .send("signed price", &stage.owner, source.address, &call)
                .await?;
            assert!(sent.value);
            used.push(sent.gas());
        }
        println!("update of 3, 4, 5 signers: {used:?} gas");
        // 3,000 of the precompile, 2,100 of the membership, 65 bytes of calldata at 16, and the program's own work.
        for pair in used.windows(2) {
            assert!((6_000..8_000).contains(&(pair[1] - pair[0])), "{used:?}");
        }
        Ok(())
    });
}

#[test]
fn a_feed_of_the_adapter_reads_a_signed_price() {
    on_any_node(async |stage| {
        let source = SignedSource::open(stage).await?;
        source.publish(stage, 2_003).await?;
        let venues = stage.open_venues("ETH", 2_000 * WAD).await?;
        let feed = alloy::primitives::keccak256("a feed with a signed source");
        let mut terms = stage.feed_terms(feed, &venues, 2_000 * WAD);
        terms.sources.push(source.address);
        stage.protocol.list_feed(&stage.owner, &terms).await?;
        let status = novation::bindings::IOracleAdapter::sourceStatusCall { feed, index: 5 };
        let adapter = stage.protocol.at().adapter;
        let status = stage.protocol.chain().read(adapter, &status).await?;
        assert_eq!(
            (status.source, status.status, status.price),
            (source.address, 0, U256::from(2_003 * WAD))
        );
        Ok(())
    });
}
