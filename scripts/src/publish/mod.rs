//! `novation publish`: spot prices and volatility surfaces, signed where k of n keys must agree, and sent.
//!
//! One JSON object a line, from a file or standard input:
//!
//! ```json
//! {"kind":"spot","price":"1934.55","confidence":0.999,"timestamp":1700000000}
//! {"kind":"volatility","feed":"ETH/USD","volatilities":[{"expiry":1700208000,"volatility":0.82}]}
//! {"kind":"surface","feed":"ETH/USD","publisher":0,"slices":[{"expiry":1700208000,"a":250000000,"b":0,"rho":0,"m":0,"sigma":1000000000,"publishedAt":1700000000}]}
//! {"kind":"quotes","observedAt":1700000000,"spot":"1934.55","expiries":[{"expiry":1700208000,"forward":"1936","quotes":[{"strike":"1900","type":"put","bid":"10.5","ask":"11"}]}]}
//! ```
//!
//! or the file that `novation fit-svi` writes. A feed is the hash of its name, or 32 bytes in hex. `message` and `quotes` read, `signing` signs,
//! `send` sends, `explain` says what a refusal means, `command` is the command line.

pub mod command;
mod explain;
pub mod message;
pub mod quotes;
pub mod send;
pub mod signing;

pub use command::Options;
pub use explain::explain;
