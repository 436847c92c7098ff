//! The option mathematics from outside: native and compiled code give the same bits, ink is what the committed report says, and the command
//! line reads and writes what it promises.

mod command_line;
mod domain;
mod identity;
mod ink;
