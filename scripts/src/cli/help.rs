//! What `--help` says of input and output, beside the options.

pub(super) const PRICE_HELP: &str = "\
Input columns, found by name, in any order, others ignored:
  id       copied to the output
  S_wad    spot, K_wad strike: whole numbers (also 2.1e21), 1e18 = one quote unit
  T_sec    seconds to expiry; a year has 365 days
  vol_wad  volatility, r_wad interest rate, continuously compounded: per year, 1e18 = 100 %
Output: natural units, decimal; theta per year, vega and rho per 1.00; ink with --wasm:
  ink            prices and all first-order greeks as contracts get them, in WAD
  ink_price      call and put alone, in WAD
  ink_unrounded  prices and greeks with all digits, as they are written here
A row that has no price says why in `status`; the others go on, and the exit code is 0.";

pub(super) const IV_HELP: &str = "\
Input columns as for `price`, without vol_wad, and:
  price_wad  price of the option, 1e18 = one quote unit
  kind       call or put (also c, p); the column may be called type, side, option, right, option_type, call_put,
             call_or_put, cp or cp_flag instead. Without any of these, a column called call, put, is_call or is_put
             of 1/0, true/false, yes/no
A row whose price implies no volatility says why in `status`; the others go on, and the exit code is 0.";

pub(super) const FIT_HELP: &str = "\
Input columns, found by name (bestBidPrice and best_bid_price are one), in any order, others ignored:
  timestamp, expiry        RFC 3339, unix seconds or milliseconds (also expiration_timestamp, expirationDate, …)
  strike, forward          quote units (forward also futures_price, underlying_price)
  implied_volatility, iv   1 = 100 % per year; mark_iv: percent. Without any of them:
  price, mid               in quote units, or mark_price in units of the underlying; with option_type call or put
  currency, instrument_name, index_price, interest_rate   if there
Output: per surface the slices of annualised variance as integers of 1e-9, and the word the chain stores.
  v(k) = a + b*(rho*(k - m) + sqrt((k - m)^2 + sigma^2)), k = ln(strike/forward)
Exit code 1 if no slice at all may be published.";

pub(super) const PUBLISH_HELP: &str = "\
One JSON object a line:
  {\"kind\":\"spot\",\"price\":\"1934.55\",\"confidence\":0.999,\"timestamp\":1700000000}
  {\"kind\":\"volatility\",\"feed\":\"ETH/USD\",\"volatilities\":[{\"expiry\":1700208000,\"volatility\":0.82}]}
  {\"kind\":\"surface\",\"feed\":\"ETH/USD\",\"publisher\":0,\"slices\":[{\"expiry\":1700208000,\"a\":250000000,\"b\":0,\"rho\":0,
   \"m\":0,\"sigma\":1000000000,\"publishedAt\":1700000000}]}
  {\"kind\":\"quotes\",\"observedAt\":1700000000,\"spot\":\"1934.55\",\"expiries\":[{\"expiry\":1700208000,\"forward\":\"1936\",\"quotes\":[
   {\"strike\":\"1900\",\"type\":\"put\",\"bid\":\"10.5\",\"ask\":\"11\"}]}]}, with a \"smile\" per expiry (a, b, rho, m, sigma) or one fitted here
or the file that `fit-svi --output` writes. Slices are checked for arbitrage before they are sent; a refusal is explained, and the exit
code is 1 if anything was refused.";
