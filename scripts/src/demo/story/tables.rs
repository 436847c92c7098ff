//! The tables.

use std::collections::BTreeMap;

use alloy::primitives::{I256, U256};

use super::Story;
use crate::report::Table;

impl Story<'_> {
    pub(super) fn liquidation_table(&self) -> Table {
        let names: BTreeMap<U256, &str> = self
            .stage
            .everyone()
            .map(|actor| (actor.account, actor.name.as_str()))
            .collect();
        let mut by_account: BTreeMap<U256, (usize, f64, U256, I256)> = BTreeMap::new();
        for bid in self.outcome.liquidations() {
            let entry = by_account.entry(bid.account).or_default();
            entry.0 += 1;
            entry.1 = 1.0 - (1.0 - entry.1) * (1.0 - f64::from(bid.result.fraction) / 1e18);
            entry.2 += bid.result.insurance_fee;
            let net = I256::try_from(bid.result.payment).unwrap_or_default()
                - I256::try_from(bid.result.insurance_payment).unwrap_or_default();
            entry.3 += net;
        }
        let rows = by_account
            .into_iter()
            .map(|(account, (count, share, fee, net))| {
                let money = |amount: f64| format!("{:.2}", amount / 1e6);
                vec![
                    names.get(&account).copied().unwrap_or("?").to_owned(),
                    count.to_string(),
                    format!("{:.1} %", 100.0 * share),
                    money(signed(net)),
                    money(f64::from(fee)),
                ]
            });
        Table {
            title: "Liquidated accounts".to_owned(),
            columns: [
                "account",
                "bids",
                "taken over",
                "paid, USDX",
                "to insurance, USDX",
            ]
            .map(str::to_owned)
            .to_vec(),
            rows: rows.collect(),
        }
    }

    pub(super) fn gas_table(&self) -> Table {
        let summary = self.stage.protocol.chain().gas().summary();
        let rows = summary.into_iter().map(|(kind, gas)| {
            let figures = [gas.count as u64, gas.least, gas.median, gas.most];
            [kind.to_owned()]
                .into_iter()
                .chain(figures.map(|figure| figure.to_string()))
                .collect()
        });
        Table {
            title: "Gas per action".to_owned(),
            columns: ["action", "count", "least", "median", "most"]
                .map(str::to_owned)
                .to_vec(),
            rows: rows.collect(),
        }
    }

    pub(super) fn size_table(&self) -> Table {
        let rows = self.programs.iter().map(|built| {
            vec![
                built.program.name().to_owned(),
                built.size().to_string(),
                format!("{} %", built.free_percent()),
            ]
        });
        Table {
            title: "Compressed size (limit 24,576 bytes)".to_owned(),
            columns: ["contract", "bytes", "free"].map(str::to_owned).to_vec(),
            rows: rows.collect(),
        }
    }
}

/// A signed amount as a float, for display.
fn signed(amount: I256) -> f64 {
    let size = f64::from(amount.unsigned_abs());
    if amount.is_negative() { -size } else { size }
}
