// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IUniswapV3Pool} from "@uniswap/v3-core/contracts/interfaces/IUniswapV3Pool.sol";
import {IUniswapV3MintCallback} from "@uniswap/v3-core/contracts/interfaces/callback/IUniswapV3MintCallback.sol";
import {IUniswapV3SwapCallback} from "@uniswap/v3-core/contracts/interfaces/callback/IUniswapV3SwapCallback.sol";

/// Provides liquidity to Uniswap v3 pools and swaps with them, out of the tokens it holds: a pool asks its caller for payment.
/// Whoever calls may spend them: for tests alone.
contract PoolTrader is IUniswapV3MintCallback, IUniswapV3SwapCallback {
    error NotPool(address caller);

    /// The pool that may ask for payment now.
    address private pool;

    function mint(IUniswapV3Pool pool_, int24 lower, int24 upper, uint128 liquidity) external {
        pool = address(pool_);
        pool_.mint(address(this), lower, upper, liquidity, "");
        pool = address(0);
    }

    /// Sells up to `amount` of token 0 (or 1) until the pool's price reaches `limit` (Q96 root).
    function swap(IUniswapV3Pool pool_, bool sellsToken0, int256 amount, uint160 limit) external {
        pool = address(pool_);
        pool_.swap(address(this), sellsToken0, amount, limit, "");
        pool = address(0);
    }

    function uniswapV3MintCallback(uint256 owed0, uint256 owed1, bytes calldata) external override {
        _pay(owed0, owed1);
    }

    function uniswapV3SwapCallback(int256 delta0, int256 delta1, bytes calldata) external override {
        _pay(delta0 > 0 ? uint256(delta0) : 0, delta1 > 0 ? uint256(delta1) : 0);
    }

    function _pay(uint256 owed0, uint256 owed1) private {
        if (msg.sender != pool) revert NotPool(msg.sender);
        if (owed0 > 0) require(IERC20(IUniswapV3Pool(pool).token0()).transfer(pool, owed0), "token 0");
        if (owed1 > 0) require(IERC20(IUniswapV3Pool(pool).token1()).transfer(pool, owed1), "token 1");
    }
}
