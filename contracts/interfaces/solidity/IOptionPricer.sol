// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

/// What option series and portfolios are worth, and how that moves: the pricing half of IRiskLens, which passes these questions on. All numbers 1e18: values in
/// quote units, delta and gamma to the spot, vega per 1.00 of volatility, theta per year, rho per 1.00 of rate.
interface IOptionPricer {
    /// Value and sensitivities of what a portfolio holds in one expiry; expired legs count at their intrinsic value.
    struct ExpiryRisk {
        uint32 expiry;
        int256 value;
        int256 delta;
        int256 gamma;
        int256 vega;
        int256 theta;
        int256 rho;
        int256 vanna;
        int256 volga;
    }

    /// One series of a batch: mark, sensitivities, and the volatility, forward and discount factor (value now of one unit at expiry) they are taken at.
    /// `failure`: selector of the error it met (0xffffffff for one without data), zero when it has a price.
    struct Priced {
        bytes4 failure;
        uint256 mark;
        int256 delta;
        uint256 gamma;
        uint256 vega;
        int256 theta;
        int256 rho;
        int256 vanna;
        int256 volga;
        uint256 volatility;
        uint256 forward;
        uint256 discount;
    }

    /// Thrown when a series id is malformed.
    error BadSeries(uint256 seriesId);
    /// Thrown when a series has expired.
    error SeriesExpired(uint256 seriesId, uint32 expiry);
    /// Thrown when the expiry has no volatility.
    error MissingVolatility(uint32 expiry);
    /// Thrown when a leg word is malformed.
    error BadLeg(uint256 index);
    /// Thrown when a number does not fit.
    error Overflow();

    /// Mark and sensitivities of one contract.
    function price(uint256 seriesId)
        external
        view
        returns (uint256 mark, int256 delta, uint256 gamma, uint256 vega, int256 theta, int256 rho);
    /// All sensitivities of one contract, with the volatility and the forward they are taken at.
    function greeks(uint256 seriesId)
        external
        view
        returns (
            int256 delta,
            int256 gamma,
            int256 vega,
            int256 theta,
            int256 rho,
            int256 vanna,
            int256 volga,
            uint256 volatility,
            uint256 forward
        );
    /// Series of any pools, each by itself: what fails for one does not touch the others. Market data are fetched once a feed.
    function pricesOf(uint256[] memory seriesIds) external view returns (Priced[] memory);
    /// What a series is priced from: forward, value now of one unit at expiry, and volatility.
    function pricedFrom(uint256 seriesId) external view returns (uint256 forward, uint256 discount, uint256 volatility);
    /// Per expiry, in the order the legs (words as in IMarginEngine) are first met, and in total (expiry 0).
    function riskOf(uint32 pool, bytes32[] memory legs)
        external
        view
        returns (ExpiryRisk[] memory expiries, ExpiryRisk memory total);
    /// Where pools and prices come from.
    function engine() external view returns (address);
}
