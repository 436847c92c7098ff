//! Our adapter over contracts nobody here wrote, and theirs over our median: real code from npm, compiled or as shipped, at locked versions.

mod aave;
mod chainlink;
mod consumers;
mod contracts;
mod pyth;
mod scene;
mod uniswap;
