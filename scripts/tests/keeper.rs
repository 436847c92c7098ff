//! The keeper against the compiled contracts on the local node: from first deposit to last claim.

use std::collections::BTreeSet;

use alloy::primitives::{Address, B256, U256};
use alloy::signers::local::PrivateKeySigner;
use clearing_math::leg::OptionKind;
use devnode::{Config, NodeHandle};
use novation::checkout::Checkout;
use novation::client::{Protocol, Terms};
use novation::deploy::{self, Roles};
use novation::keeper::{Action, Keeper, Settings};
use novation::local_chain::dev_account;
use novation::market::{self, FeedTerms, PoolTerms, Venue};
use novation::progress::Progress;
use novation::{bindings, ids, local_node, solidity, wasm_build};

const FEED: B256 = B256::repeat_byte(7);
const DAY: u64 = 86_400;
const WAD: u128 = 1_000_000_000_000_000_000;
/// One unit of the settlement token.
const USD: u64 = 1_000_000;

/// A market on a node of its own: three venues at 2,000, one pool without base asset.
struct Stage {
    _node: NodeHandle,
    protocol: Protocol,
    owner: PrivateKeySigner,
    venues: Vec<Venue>,
    cash: Address,
    pool: u32,
    expiry: u32,
}

impl Stage {
    async fn set() -> anyhow::Result<Self> {
        let (checkout, progress) = (Checkout::find()?, Progress::silent());
        solidity::compile(&checkout, &progress)?;
        let programs = wasm_build::build(&checkout, &progress)?;
        let (node, chain) = local_node::spawn(Config::default()).await?;
        let owner = dev_account();
        let roles = Roles {
            owner: owner.address(),
            guardian: owner.address(),
        };
        let deployment = deploy::deploy(&chain, &owner, &programs, roles, &progress).await?;
        let protocol = Protocol::open(chain.clone(), &deployment)?;

        let start = (chain.time().await? / DAY + 2) * DAY;
        chain.set_time(start).await?;
        let cash = market::deploy_token(&chain, &checkout, &owner, "Dollar", "USD", 6).await?;
        let mut venues = Vec::new();
        for name in ["one", "two", "three"] {
            let price = U256::from(2_000 * WAD);
            venues.push(market::deploy_venue(&chain, &checkout, &owner, name, 8, price).await?);
        }
        let feed = FeedTerms {
            feed: FEED,
            sources: venues.iter().map(|venue| venue.source).collect(),
            max_age: 7_200,
            min_price: U256::from(WAD),
            max_price: U256::from(1_000_000 * WAD),
            quorum: 2,
        };
        protocol.list_feed(&owner, &feed).await?;
        protocol
            .set_publisher(&owner, FEED, owner.address(), 172_800)
            .await?;
        let pool = PoolTerms {
            settlement_asset: cash,
            base_asset: Address::ZERO,
            feed: FEED,
            risk_profile: 1,
            expiry_interval: 86_400,
            expiry_offset: 0,
            max_tenor: 86_400 * 30,
            strike_tick: 100_000_000,
            open_interest_cap: 1_000_000 * WAD,
        };
        let pool = protocol.list_pool(&owner, &pool).await?.value;
        let expiry = u32::try_from(start + 7 * DAY)?;
        protocol
            .publish_volatility(&owner, FEED, &[(expiry, 800_000_000_000_000_000)])
            .await?;
        Ok(Self {
            _node: node,
            protocol,
            owner,
            venues,
            cash,
            pool,
            expiry,
        })
    }

    /// An account with cash, owned by a new key.
    async fn account(&self, dollars: u64) -> anyhow::Result<(PrivateKeySigner, U256)> {
        let signer = PrivateKeySigner::random();
        let chain = self.protocol.chain();
        chain
            .set_balance(signer.address(), U256::from(10 * WAD))
            .await?;
        let account = ids::account_id(signer.address(), self.pool, 0);
        let cash = U256::from(dollars * USD);
        self.protocol
            .mint_and_deposit(&signer, account, self.cash, cash)
            .await?;
        Ok((signer, account))
    }

    async fn all_venues_print(&self, dollars: u64) -> anyhow::Result<()> {
        for venue in &self.venues {
            let price = U256::from(u128::from(dollars) * WAD);
            self.protocol
                .set_venue_price(&self.owner, *venue, price)
                .await?;
        }
        Ok(())
    }

    /// Passes of the keeper, a minute apart, until it has confirmed what all venues print now: at first it finds nothing to do, then a jump, then
    /// that it lasted. Returns what the last pass did.
    async fn let_jump_last(
        &self,
        keeper: &mut Keeper,
        dollars: u64,
    ) -> anyhow::Result<Vec<Action>> {
        let chain = self.protocol.chain();
        let mid = async || anyhow::Ok(self.protocol.spot(FEED).await?.mid);
        let before = mid().await?;
        self.all_venues_print(dollars).await?;
        assert_eq!(keeper.step().await, [], "the last round is seconds old");

        chain.set_time(chain.time().await? + 60).await?;
        let held = keeper.step().await;
        assert!(matches!(held[..], [Action::RoundStored { .. }]), "{held:?}");
        assert_eq!(mid().await?, before, "one print liquidates nobody");

        chain.set_time(chain.time().await? + 60).await?;
        let confirmed = keeper.step().await;
        assert_eq!(mid().await?, U256::from(u128::from(dollars) * WAD));
        Ok(confirmed)
    }

    fn keeper(&self, signer: PrivateKeySigner, bidder: Option<U256>) -> Keeper {
        let settings = Settings {
            bidder,
            from_block: 0,
            compared: 100,
        };
        Keeper::new(self.protocol.clone(), signer, settings)
    }
}

fn failures(actions: &[Action]) -> Vec<&Action> {
    actions
        .iter()
        .filter(|action| action.is_failure())
        .collect()
}

/// Asserts that a round, and nothing else, was stored.
fn assert_only_round(actions: &[Action], round: u64) {
    let [Action::RoundStored { feed, id, gas }] = actions else {
        panic!("not one round alone: {actions:?}");
    };
    assert_eq!((*feed, *id), (FEED, round));
    assert!(*gas > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn keeper_liquidates_settles_and_pays_and_agrees_with_the_chain() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let protocol = &stage.protocol;
    let (writer, short) = stage.account(700).await?;
    let (holder, long) = stage.account(500).await?;
    let (bidder_key, bidder) = stage.account(100_000).await?;
    let strike = 190_000_000_000;
    let series = protocol
        .list_series(&holder, stage.pool, stage.expiry, strike, OptionKind::Put)
        .await?
        .value;
    let terms = Terms {
        buyer: long,
        seller: short,
        series,
        contracts: WAD,
        premium: U256::from(50 * USD),
        deadline: u64::from(stage.expiry),
        nonce: 1,
    };
    protocol.agree(&holder, &writer, &terms).await?;
    let mut keeper = stage.keeper(bidder_key, Some(bidder));

    // Calm: the keeper finds everyone, and nothing to do but a round a minute.
    assert_only_round(&keeper.step().await, 1);
    assert_eq!(keeper.step().await, [], "the round is young");
    assert_eq!(
        keeper.accounts().collect::<BTreeSet<_>>(),
        BTreeSet::from([short, long, bidder])
    );
    assert_eq!(keeper.health().len(), 2, "the bidder holds no position yet");

    // Crash: once the jump has lasted the writer is below maintenance margin, the keeper opens an auction and takes what it may.
    let crash = stage.let_jump_last(&mut keeper, 1_350).await?;
    assert_eq!(failures(&crash), Vec::<&Action>::new());
    let started = |action: &&Action| matches!(action, Action::AuctionStarted { account, .. } if *account == short);
    assert_eq!(crash.iter().filter(started).count(), 1, "{crash:?}");
    let bids: Vec<_> = crash
        .iter()
        .filter(|a| matches!(a, Action::BidMade { .. }))
        .collect();
    assert_eq!(bids.len(), 1, "{crash:?}");
    assert!(bids[0].gas() > 0);

    // Expiry: samples in the window, then price, settlement and claims.
    let mut settled = Vec::new();
    for minute in 0..=30 {
        protocol
            .chain()
            .set_time(u64::from(stage.expiry) - 1_800 + 60 * minute)
            .await?;
        stage.all_venues_print(1_500).await?;
        protocol
            .publish_volatility(
                &stage.owner,
                FEED,
                &[(stage.expiry, 800_000_000_000_000_000)],
            )
            .await?;
        settled.extend(keeper.step().await);
    }
    assert_eq!(failures(&settled), Vec::<&Action>::new());
    let count = |test: fn(&Action) -> bool| settled.iter().filter(|action| test(action)).count();
    assert!(
        count(|a| matches!(a, Action::SampleRecorded { .. })) >= 30,
        "a sample a minute"
    );
    assert_eq!(count(|a| matches!(a, Action::PriceFixed { .. })), 1);
    assert!(
        count(|a| matches!(a, Action::Settled { .. })) >= 2,
        "both sides are settled"
    );
    assert_eq!(
        count(|a| matches!(a, Action::Claimed { .. })),
        1,
        "one winner is paid"
    );

    // 1,900 − 1,500 on one contract, of 500 less the premium of 50.
    let state = protocol.account_state(long).await?;
    assert_eq!((state.legs.len(), state.cash), (0, U256::from(850 * USD)));
    assert_eq!(keeper.step().await, [], "nothing is left to do");

    // Whoever wants out gets out: every token minted is accounted for.
    let total = protocol.total_of(stage.cash).await?;
    assert_eq!(
        total,
        protocol
            .token_balance(stage.cash, protocol.at().vault)
            .await?
    );
    assert_eq!(total, U256::from(101_200 * USD));
    protocol
        .withdraw(&holder, long, stage.cash, state.cash, holder.address())
        .await?;
    let paid = protocol.token_balance(stage.cash, holder.address()).await?;
    assert_eq!(paid, state.cash);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn keeper_without_bidder_opens_auctions_and_ends_them_after_recovery() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let protocol = &stage.protocol;
    let (writer, short) = stage.account(700).await?;
    let (holder, long) = stage.account(500).await?;
    let series = protocol
        .list_series(
            &holder,
            stage.pool,
            stage.expiry,
            190_000_000_000,
            OptionKind::Put,
        )
        .await?
        .value;
    let (contracts, premium) = (WAD, U256::from(50 * USD));
    let deadline = u64::from(stage.expiry);
    let terms = Terms {
        buyer: long,
        seller: short,
        series,
        contracts,
        premium,
        deadline,
        nonce: 1,
    };
    protocol.agree(&holder, &writer, &terms).await?;
    // Without a round, here for want of ether, margins are watched all the same.
    let mut penniless = stage.keeper(PrivateKeySigner::random(), None);
    let watched = penniless.step().await;
    assert!(
        matches!(&watched[..], [Action::Failed { what, .. }] if what.contains("round")),
        "{watched:?}"
    );
    assert_eq!(penniless.health().len(), 2);

    let mut keeper = stage.keeper(stage.owner.clone(), None);
    assert_only_round(&keeper.step().await, 1);
    let crash = stage.let_jump_last(&mut keeper, 1_350).await?;
    assert!(
        matches!(crash[..], [Action::RoundStored { id: 3, .. }, Action::AuctionStarted { account, .. }] if account == short),
        "{crash:?}"
    );
    assert_eq!(
        keeper.step().await,
        [],
        "an open auction is not opened again"
    );

    let recovered = stage.let_jump_last(&mut keeper, 2_000).await?;
    assert!(
        matches!(recovered[..], [Action::RoundStored { id: 5, .. }, Action::AuctionEnded { account, .. }] if account == short),
        "{recovered:?}"
    );

    // Without a price the keeper says so, and works again when prices are back.
    let now = protocol.chain().time().await?;
    protocol.chain().set_time(now + 3 * 3_600).await?;
    let blind = keeper.step().await;
    let said: Vec<_> = blind.iter().map(Action::to_string).collect();
    assert!(
        said.len() == 2 && said.iter().all(|line| line.contains("QuorumLost")),
        "neither a round nor a margin: {said:?}"
    );
    stage.all_venues_print(2_000).await?;
    assert_only_round(&keeper.step().await, 6);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn reverts_reach_the_caller_with_name_and_arguments() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let (signer, account) = stage.account(10).await?;
    let error = stage
        .protocol
        .withdraw(
            &signer,
            account,
            stage.cash,
            U256::from(11 * USD),
            signer.address(),
        )
        .await
        .expect_err("more than there is");
    assert!(error.revert().is_some(), "{error}");
    let stranger = PrivateKeySigner::random();
    let error = stage
        .protocol
        .withdraw(
            &stranger,
            account,
            stage.cash,
            U256::from(1),
            stranger.address(),
        )
        .await
        .expect_err("not the owner");
    assert!(
        error.is::<bindings::IClearingHouse::NotAuthorized>(),
        "{error}"
    );
    assert!(
        error.to_string().contains("NotAuthorized { account:"),
        "{error}"
    );
    Ok(())
}
