//! Tokens in equal tokens out, to the unit.

use alloy::primitives::{Address, U256};

use super::stage::Stage;
use crate::bindings::{ICollateralVault, ITestToken};
use crate::ids;
use crate::report::Verdict;

/// What became of one token.
#[derive(Clone, Debug)]
pub struct Conservation {
    /// Ever minted.
    pub minted: U256,
    /// In the wallets of everyone who took part.
    pub wallets: U256,
    /// Held by the vault.
    pub vault: U256,
    /// The vault's own total of all buckets.
    pub ledger: U256,
    /// Left in accounts.
    pub accounts: U256,
    /// Left in the pool's insurance.
    pub insurance: U256,
    /// Left in the pots of both expiries: rounding.
    pub pots: U256,
}

/// Counts one token everywhere.
pub async fn count(stage: &Stage, asset: Address) -> anyhow::Result<Conservation> {
    let protocol = &stage.protocol;
    let chain = protocol.chain();
    let minted = chain.read(asset, &ITestToken::totalSupplyCall {}).await?;
    let vault = protocol.at().vault;
    let ledger = chain
        .read(vault, &ICollateralVault::totalOfCall { asset })
        .await?;
    let mut wallets = protocol.token_balance(asset, stage.owner.address()).await?;
    let mut accounts = U256::ZERO;
    for actor in stage.everyone() {
        wallets += protocol
            .token_balance(asset, actor.signer.address())
            .await?;
        accounts += protocol.balance_of(actor.account, asset).await?;
    }
    let pool = stage.facts.pool;
    let mut pots = U256::ZERO;
    for expiry in stage.expiries {
        pots += protocol
            .balance_of(ids::pot_bucket(pool, expiry), asset)
            .await?;
    }
    Ok(Conservation {
        minted,
        wallets,
        vault: protocol.token_balance(asset, vault).await?,
        ledger,
        accounts,
        insurance: protocol
            .balance_of(ids::insurance_bucket(pool), asset)
            .await?,
        pots,
    })
}

impl Conservation {
    /// The three identities of one token, with their numbers in token units.
    #[must_use]
    pub fn verdicts(&self, symbol: &str) -> Vec<Verdict> {
        let Self {
            minted,
            wallets,
            vault,
            ledger,
            accounts,
            insurance,
            pots,
        } = self;
        vec![
            Verdict {
                holds: *minted == wallets + vault,
                text: format!(
                    "{symbol} in = {symbol} out: minted {minted} = wallets {wallets} + vault {vault} (token units)"
                ),
            },
            Verdict {
                holds: vault == ledger,
                text: format!("{symbol} custody: vault balance {vault} = ledger total {ledger}"),
            },
            Verdict {
                holds: *ledger == accounts + insurance + pots,
                text: format!(
                    "{symbol} ledger: total {ledger} = accounts {accounts} + insurance {insurance} + settlement pots {pots}"
                ),
            },
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn balanced() -> Conservation {
        let unit = |amount: u64| U256::from(amount);
        Conservation {
            minted: unit(100),
            wallets: unit(90),
            vault: unit(10),
            ledger: unit(10),
            accounts: unit(3),
            insurance: unit(6),
            pots: unit(1),
        }
    }

    #[test]
    fn balanced_books_hold() {
        assert!(balanced().verdicts("X").iter().all(|verdict| verdict.holds));
    }

    #[test]
    fn one_missing_unit_anywhere_breaks_an_identity() {
        let spoil: [fn(&mut Conservation); 7] = [
            |c| c.minted += U256::from(1),
            |c| c.wallets += U256::from(1),
            |c| c.vault += U256::from(1),
            |c| c.ledger += U256::from(1),
            |c| c.accounts += U256::from(1),
            |c| c.insurance += U256::from(1),
            |c| c.pots += U256::from(1),
        ];
        for (index, spoil) in spoil.into_iter().enumerate() {
            let mut books = balanced();
            spoil(&mut books);
            assert!(
                books.verdicts("X").iter().any(|verdict| !verdict.holds),
                "field {index}"
            );
        }
    }
}
