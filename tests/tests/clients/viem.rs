//! viem sets up a market on the deployment and trades in it.

use end_to_end::on_any_node;

use super::run_script;

#[test]
fn viem_deploys_trades_subscribes_and_reads_reverts() {
    on_any_node(async |stage| run_script(stage, "viem.mjs", 11));
}
