//! Printing and marks of a development chain. Unpriced; activation on a public chain refuses programs that import them.

use super::frame::{Escape, Host};

/// Prints text.
pub fn log_txt(host: &mut Host<'_>, ptr: u32, len: u32) -> Result<(), Escape> {
    let text = host.read_slice(ptr, len)?;
    print(host, &String::from_utf8_lossy(&text));
    Ok(())
}

/// Prints an i32.
pub fn log_i32(host: &mut Host<'_>, value: u32) -> Result<(), Escape> {
    tee_i32(host, value).map(drop)
}

/// Prints an i64.
pub fn log_i64(host: &mut Host<'_>, value: u64) -> Result<(), Escape> {
    tee_i64(host, value).map(drop)
}

/// Prints an f32.
pub fn log_f32(host: &mut Host<'_>, value: f32) -> Result<(), Escape> {
    tee_f32(host, value).map(drop)
}

/// Prints an f64.
pub fn log_f64(host: &mut Host<'_>, value: f64) -> Result<(), Escape> {
    tee_f64(host, value).map(drop)
}

/// Prints an i32 and gives it back.
pub fn tee_i32(host: &mut Host<'_>, value: u32) -> Result<u32, Escape> {
    print(host, &value.cast_signed().to_string());
    Ok(value)
}

/// Prints an i64 and gives it back.
pub fn tee_i64(host: &mut Host<'_>, value: u64) -> Result<u64, Escape> {
    print(host, &value.cast_signed().to_string());
    Ok(value)
}

/// Prints an f32 and gives it back.
pub fn tee_f32(host: &mut Host<'_>, value: f32) -> Result<f32, Escape> {
    print(host, &value.to_string());
    Ok(value)
}

/// Prints an f64 and gives it back.
pub fn tee_f64(host: &mut Host<'_>, value: f64) -> Result<f64, Escape> {
    print(host, &value.to_string());
    Ok(value)
}

/// Does nothing: marks for a profiler.
#[allow(clippy::unnecessary_wraps, reason = "host functions share one shape")]
pub fn nothing(_host: &mut Host<'_>) -> Result<(), Escape> {
    Ok(())
}

fn print(host: &mut Host<'_>, text: &str) {
    let contract = host.api().facts().contract;
    tracing::info!(target: "program", %contract, "{text}");
}
