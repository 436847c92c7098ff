//! ethers sets up a market on the deployment and trades in it, with OpenZeppelin's ERC-20 as collateral.

use end_to_end::on_any_node;

use super::run_script;

#[test]
fn ethers_deploys_trades_subscribes_and_reads_reverts() {
    on_any_node(async |stage| run_script(stage, "ethers.mjs", 11));
}
