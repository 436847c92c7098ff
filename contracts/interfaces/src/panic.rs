//! What a contract does on a panic: trap, which reverts the call with empty data. Panics are defects; errors are typed reverts.

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    core::arch::wasm32::unreachable()
}
