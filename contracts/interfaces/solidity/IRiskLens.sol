// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

/// What series are worth, and what accounts may still do: views for frontends and protocols, nothing that money depends on. This is the one address to
/// ask: questions of price are passed on to `pricer()` and searches to `limits()`, same calldata, same answer, same errors. Market data are
/// fetched once per call and feed. In forms that take many items, what fails for one item does not touch the others. All numbers 1e18 unless said: values in quote units, delta and gamma to the spot, vega per 1.00 of volatility, theta per
/// year, rho per 1.00 of rate.
interface IRiskLens {
    /// Value and sensitivities of what an account holds in one expiry; expired legs count at their intrinsic value.
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

    /// One implied volatility of a batch; `failure` as above.
    struct ImpliedVolatility {
        bytes4 failure;
        uint256 volatility;
    }

    /// One limit of a batch; `failure` as above.
    struct Limit {
        bytes4 failure;
        uint256 most;
    }

    /// Liquidation prices of one account of a batch; `failure` as above.
    struct Crossing {
        bytes4 failure;
        uint256 below;
        uint256 above;
    }

    /// Margin of one account of a batch. `failure`: selector of the error that account met (0xffffffff for one without data), zero when it has a margin.
    struct Health {
        bytes4 failure;
        int256 initial;
        int256 maintenance;
        int256 mark;
        uint32 worstScenario;
        bool degraded;
    }

    /// Thrown when a series id is malformed.
    error BadSeries(uint256 seriesId);
    /// Thrown when a series has expired.
    error SeriesExpired(uint256 seriesId, uint32 expiry);
    /// Thrown when the expiry has no volatility.
    error MissingVolatility(uint32 expiry);
    /// Thrown when a price implies no volatility: below the intrinsic value, or above what any volatility gives.
    error NoImpliedVolatility(uint256 seriesId, uint256 value);
    /// Thrown when a leg to be added is malformed.
    error BadLeg(uint256 index);
    /// Thrown when a leg to be added has expired. (Expired legs an account holds count at their intrinsic until they are settled.)
    error ExpiredLeg(uint256 index);
    /// Thrown when a series belongs to another pool than the account.
    error WrongPool(uint32 given, uint32 expected);
    /// Thrown when an asset is neither the settlement nor the base asset of the account's pool.
    error UnacceptedAsset(uint32 pool, address asset);
    /// Thrown when lists that belong together differ in length.
    error LengthMismatch(uint256 first, uint256 second);
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
    /// The volatility at which one contract is worth `value`.
    function impliedVolatility(uint256 seriesId, uint256 value) external view returns (uint256 volatility);
    /// `price` and `greeks` of many series, of any pools.
    function pricesOf(uint256[] memory seriesIds) external view returns (Priced[] memory);
    /// `impliedVolatility` of many: `values[i]` is a price of `seriesIds[i]`. Reverts `LengthMismatch`.
    function impliedVolatilityOf(uint256[] memory seriesIds, uint256[] memory values)
        external
        view
        returns (ImpliedVolatility[] memory);
    /// Per expiry, in the order the account's legs are first met, and in total (expiry 0).
    function greeksOf(uint256 account) external view returns (ExpiryRisk[] memory expiries, ExpiryRisk memory total);
    /// Margin of an account as it stands; as IMarginEngine.margin.
    function marginOf(uint256 account)
        external
        view
        returns (int256 initial, int256 maintenance, int256 mark, uint32 worstScenario, bool degraded);
    /// Margin of an account as if it held `extraLegs` on top (netted with what it holds) and `cashChange` settlement token units more.
    function marginWith(uint256 account, bytes32[] memory extraLegs, int256 cashChange)
        external
        view
        returns (int256 initial, int256 maintenance, int256 mark, uint32 worstScenario, bool degraded);
    /// `marginWith` of many alternatives for one account: `extraLegs[i]` with `cashChanges[i]`, each by itself. Reverts `LengthMismatch`.
    function marginWithMany(uint256 account, bytes32[][] memory extraLegs, int256[] memory cashChanges)
        external
        view
        returns (Health[] memory);
    /// Change of the account's value in every scenario of its pool's risk profile, before damping.
    function scenarioPnlOf(uint256 account) external view returns (int256[] memory changes);
    /// Margin of many accounts; what fails for one does not touch the others.
    function healthOf(uint256[] memory accounts) external view returns (Health[] memory);
    /// Most token units of an asset the owner could withdraw now, to the unit.
    function maxWithdraw(uint256 account, address asset) external view returns (uint256 assets);
    /// Most contracts (1e18) the account could buy or sell at the mark and pass the kernel's margin gate, to the unit; at most the pool's cap on open
    /// interest. A series need not be listed yet. An account below its initial margin, with an unsettled expiry, or while market data are degraded, may
    /// trade what lowers none of its balances.
    function maxTrade(uint256 account, uint256 seriesId, bool buys) external view returns (uint256 contracts);
    /// Nearest spot below and above the median at which the maintenance balance is negative, volatility at equal moneyness and all else standing still.
    /// Searched to a sixteenth and 16 times the median in steps of 9 %, then to 1e-9; 0 and the highest number where there is none. Both are the
    /// median for an account that is liquidatable now.
    function liquidationPrice(uint256 account) external view returns (uint256 below, uint256 above);
    /// As `maxWithdraw`, of many accounts (of any pools that have the asset).
    function maxWithdrawOf(uint256[] memory accounts, address asset) external view returns (Limit[] memory limits);
    /// As `maxTrade`, each series as if it were the only one traded.
    function maxTradeOf(uint256 account, uint256[] memory seriesIds, bool buys)
        external
        view
        returns (Limit[] memory limits);
    /// As `liquidationPrice`, of many accounts.
    function liquidationPriceOf(uint256[] memory accounts) external view returns (Crossing[] memory prices);
    function clearingHouse() external view returns (address);
    function engine() external view returns (address);
    /// IOptionPricer: who answers what series are worth.
    function pricer() external view returns (address);
    /// IRiskLimits: who answers `maxWithdraw`, `maxTrade`, `liquidationPrice` and their batch forms.
    function limits() external view returns (address);
}
