//! Events of the interfaces, typed.

use alloc::vec::Vec;

use alloy_primitives::B256;
use alloy_sol_types::abi::token::WordToken;
use alloy_sol_types::{SolEvent, TopicList};
use stylus_sdk::stylus_core::Host;

/// Emits an event. The SDK's own `log` can format an encoding error as text, and the formatting code costs kilobytes.
pub fn log<E: SolEvent>(vm: &dyn Host, event: &E) {
    let mut topics = [WordToken::default(); 4];
    let count = E::TopicList::COUNT;
    // It fails only for more topics than fit, and Solidity allows four.
    let encoded = event.encode_topics_raw(&mut topics).is_ok();
    debug_assert!(encoded && count <= topics.len());

    let mut bytes = Vec::with_capacity(size_of::<B256>().saturating_mul(count.saturating_add(2)));
    for topic in topics.iter().take(count) {
        bytes.extend_from_slice(topic.as_slice());
    }
    event.encode_data_to(&mut bytes);
    vm.emit_log(&bytes, count);
}
