//! The deployed lens answers, to the last digit, what the native crate calculates from the same market.

use alloy::primitives::{I256, U256};
use alloy::rpc::types::BlockId;
use anyhow::{Context, ensure};
use clearing_math::implied_volatility::{ForwardQuote, implied_volatility_forward};
use clearing_math::leg::{Leg, OptionKind};
use clearing_math::margin::{MAX_MOVES, RiskProfile};
use clearing_math::payoff::strike_to_wad;
use clearing_math::quotation::{Quotation, Terms, forward_inputs, quote};
use clearing_math::search::{Limits, largest};
use end_to_end::stage::strike;
use end_to_end::{USDC, WAD, on_any_node};
use novation::bindings::IRiskLens;
use novation::native_margin::{self, Market};

/// As the lens searches.
const LIMITS: Limits = Limits {
    questions: 40,
    resolution: 1,
};

/// One contract of a leg in its market.
fn terms_of(market: &Market, leg: &Leg) -> anyhow::Result<Terms> {
    let mut known = market.terms.iter();
    let known = known.find(|term| term.expiry == leg.expiry);
    let quoted = known.context("an expiry without market data")?.quoted();
    let term = quoted.term(market.mid, market.now);
    let forward = term.map_err(|error| anyhow::anyhow!("{error:?}"))?.forward;
    Ok(Terms {
        kind: leg.kind,
        spot: market.mid,
        strike: strike_to_wad(leg.strike),
        seconds: u64::from(leg.expiry) - market.now,
        volatility: quoted.volatility(forward, leg.strike),
        carry: quoted.carry,
        rate: quoted.rate,
    })
}

fn numbers(held: &Quotation) -> [I256; 8] {
    [
        held.value, held.delta, held.gamma, held.vega, held.theta, held.rho, held.vanna, held.volga,
    ]
    .map(|number| I256::try_from(number).unwrap_or(I256::MAX))
}

fn answered(risk: &IRiskLens::ExpiryRisk) -> [I256; 8] {
    [
        risk.value, risk.delta, risk.gamma, risk.vega, risk.theta, risk.rho, risk.vanna, risk.volga,
    ]
}

#[test]
fn the_lens_prices_and_projects_as_the_native_functions_do() {
    on_any_node(async |stage| {
        let pool = stage.eth();
        let (lens, chain) = (stage.protocol.at().lens, stage.protocol.chain());
        let buyer = stage.funded("parity buyer", pool, 1_000_000 * USDC).await?;
        let seller = stage.funded("parity seller", pool, 500 * USDC).await?;
        stage.deposit(&seller, pool.base, 4 * WAD).await?;
        let [near, far] = stage.expiries;
        let mut series = Vec::new();
        for (expiry, dollars, kind) in [
            (far, 1_900, OptionKind::Put),
            (near, 2_050, OptionKind::Call),
            (far, 2_300, OptionKind::Call),
        ] {
            let id = stage.series(pool, expiry, dollars, kind).await?;
            stage.agree(&buyer, &seller, id, WAD + 7, 60 * USDC).await?;
            let leg = Leg {
                expiry,
                strike: strike(dollars),
                kind,
                contracts: 0,
            };
            series.push((id, leg));
        }
        let account = seller.account;
        let state = stage.protocol.account_state(account).await?;
        let facts = native_margin::pool_facts(&stage.protocol, pool.id).await?;
        let now = chain.time().await?;
        let market = native_margin::market(
            &stage.protocol,
            pool.feed,
            &[near, far],
            BlockId::latest(),
            now,
        )
        .await?;

        // One contract of each series: price, sensitivities, and the volatility a price a little off the mark implies.
        for (id, leg) in &series {
            let terms = terms_of(&market, leg)?;
            let native = quote(&terms).map_err(|error| anyhow::anyhow!("{error:?}"))?;
            let [value, delta, gamma, vega, theta, rho, vanna, volga] = numbers(&native);
            let price = chain
                .read(lens, &IRiskLens::priceCall { seriesId: *id })
                .await?;
            let there = [
                I256::from_raw(price.mark),
                price.delta,
                I256::from_raw(price.gamma),
                I256::from_raw(price.vega),
                price.theta,
                price.rho,
            ];
            ensure!(there == [value, delta, gamma, vega, theta, rho]);
            let greeks = chain
                .read(lens, &IRiskLens::greeksCall { seriesId: *id })
                .await?;
            let there = [
                greeks.delta,
                greeks.gamma,
                greeks.vega,
                greeks.theta,
                greeks.rho,
                greeks.vanna,
                greeks.volga,
            ];
            ensure!(there == [delta, gamma, vega, theta, rho, vanna, volga]);
            let inputs = forward_inputs(&terms).map_err(|error| anyhow::anyhow!("{error:?}"))?;
            ensure!(greeks.volatility == U256::from(terms.volatility));
            ensure!(greeks.forward == U256::from(inputs.forward));
            for percent in [90, 100, 115] {
                let price = native.value.unsigned_abs() * percent / 100;
                let native = implied_volatility_forward(&ForwardQuote {
                    kind: leg.kind,
                    price,
                    forward: inputs.forward,
                    strike: inputs.strike,
                    discount: inputs.discount,
                    seconds: inputs.seconds,
                });
                let native = native.map_err(|error| anyhow::anyhow!("{error:?}"))?;
                let call = IRiskLens::impliedVolatilityCall {
                    seriesId: *id,
                    value: U256::from(price),
                };
                let there = chain.read(lens, &call).await?;
                ensure!(there == U256::from(native), "{there} {native}");
            }
        }

        // What the account holds, per expiry and in total.
        let risk = chain
            .read(lens, &IRiskLens::greeksOfCall { account })
            .await?;
        ensure!(risk.expiries.len() == 2);
        let held = |expiry: Option<u32>| -> anyhow::Result<[I256; 8]> {
            let mut sum = Quotation::default();
            for leg in &state.legs {
                if expiry.is_none_or(|expiry| leg.expiry == expiry) {
                    let one = quote(&terms_of(&market, leg)?);
                    let one = one.map_err(|error| anyhow::anyhow!("{error:?}"))?;
                    sum = sum.plus(leg.contracts, &one).context("overflow")?;
                }
            }
            Ok(numbers(&sum))
        };
        for one in &risk.expiries {
            ensure!(answered(one) == held(Some(one.expiry))?, "{one:?}");
        }
        ensure!(answered(&risk.total) == held(None)?, "{:?}", risk.total);

        // Its change in every scenario.
        let base: u128 = state.base.to();
        let RiskProfile::ScenarioReprice(profile) = facts.profile else {
            anyhow::bail!("the default profile is one of scenarios");
        };
        let mut changes = [0; MAX_MOVES];
        let count = native_margin::with_portfolio(&market, &state.legs, 0, base, |data, held| {
            profile.changes(data, held, &mut changes)
        });
        let count = count.map_err(|error| anyhow::anyhow!("{error:?}"))?;
        let there = chain
            .read(lens, &IRiskLens::scenarioPnlOfCall { account })
            .await?;
        let here: Vec<I256> = changes[..count]
            .iter()
            .map(|change| I256::try_from(*change))
            .collect::<Result<_, _>>()?;
        ensure!(there == here, "{there:?} {here:?}");
        ensure!(here.iter().any(|change| change.is_negative()));

        // The base asset it may withdraw: a part, since cash alone does not carry the positions.
        let cash = native_margin::signed_wad(state.cash, state.debt, facts.settlement_decimals);
        let cash = cash.map_err(|error| anyhow::anyhow!("{error:?}"))?;
        let native = largest(base, base, LIMITS, |out| {
            let left = U256::from(base - out);
            let found = native_margin::requirement_of(&facts, &market, &state.legs, cash, left);
            found.map(|found| found.initial)
        });
        let native = native.map_err(|error| anyhow::anyhow!("{error:?}"))?;
        let call = IRiskLens::maxWithdrawCall {
            account,
            asset: pool.base,
        };
        let there = chain.read(lens, &call).await?;
        ensure!(there == U256::from(native.allowed.unwrap_or(0)), "{there}");
        ensure!(there > U256::ZERO && there < state.base, "{there}");
        Ok(())
    });
}
