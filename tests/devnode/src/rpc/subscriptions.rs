//! `eth_subscribe` over WebSocket: new heads, logs, and transactions as they arrive.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use alloy_rpc_types_eth::{Filter, Log};
use jsonrpsee::{
    PendingSubscriptionSink, SubscriptionMessage, SubscriptionSink,
    core::{RegisterMethodError, traits::IdProvider},
    types::{ErrorObjectOwned, Params, SubscriptionId},
};
use serde_json::{Value, value::to_raw_value};
use tokio::sync::broadcast::{Receiver, error::RecvError};

use super::{Api, Methods, arguments::Arguments, error, format, json, logs};
use crate::chain::News;

/// A client that takes nothing for this long while its queue is full has gone.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a subscription tells of.
enum Topic {
    NewHeads,
    Logs(Box<Filter>),
    /// Hashes, or whole transactions.
    NewPendingTransactions {
        full: bool,
    },
    /// A node that is never behind never has anything to say about it.
    Syncing,
}

/// Adds the methods of this file.
pub fn register(methods: &mut Methods) -> Result<(), RegisterMethodError> {
    methods.module.register_subscription(
        "eth_subscribe",
        "eth_subscription",
        "eth_unsubscribe",
        |params, pending, api, _| async move { subscribe(&params, pending, api).await },
    )?;
    Ok(())
}

async fn subscribe(params: &Params<'_>, pending: PendingSubscriptionSink, api: Arc<Api>) {
    let topic = match Arguments::parse(params).and_then(Topic::parse) {
        Ok(topic) => topic,
        Err(refusal) => return pending.reject(refusal).await,
    };
    // Listen before answering: what happens after the client has its identifier must reach it.
    let news = api.chain().news();
    // An error means the client has gone already.
    if let Ok(sink) = pending.accept().await {
        tell(&topic, &sink, news).await;
    }
}

/// Passes news on until the client goes, or falls so far behind that news it has not seen was dropped.
async fn tell(topic: &Topic, sink: &SubscriptionSink, mut news: Receiver<News>) {
    loop {
        let event = tokio::select! {
            () = sink.closed() => return,
            event = news.recv() => event,
        };
        let event = match event {
            Ok(event) => event,
            Err(RecvError::Lagged(missed)) => {
                tracing::warn!(missed, "a subscriber is too slow and is dropped");
                return;
            }
            Err(RecvError::Closed) => return,
        };
        for message in topic.messages(&event) {
            let Ok(message) = to_raw_value(&message) else {
                return;
            };
            let message = SubscriptionMessage::from(message);
            if sink.send_timeout(message, PATIENCE).await.is_err() {
                return;
            }
        }
    }
}

impl Topic {
    fn parse(mut args: Arguments) -> Result<Self, ErrorObjectOwned> {
        let name: String = args.required()?;
        match name.as_str() {
            "newHeads" => Ok(Self::NewHeads),
            "logs" => {
                let filter: Option<Filter> = args.optional()?;
                let filter = filter.unwrap_or_default();
                logs::check_size(&filter)?;
                Ok(Self::Logs(Box::new(filter)))
            }
            "newPendingTransactions" => Ok(Self::NewPendingTransactions {
                full: args.optional()?.unwrap_or(false),
            }),
            "syncing" => Ok(Self::Syncing),
            other => Err(error::no_subscription(other)),
        }
    }

    fn messages(&self, event: &News) -> Vec<Value> {
        match (self, event) {
            (Self::NewHeads, News::Mined(block)) => format::header(block).into_iter().collect(),
            (Self::Logs(filter), News::Mined(block)) => values(logs::matching(block, filter)),
            // As after a reorganisation: the same logs once more, marked as gone.
            (Self::Logs(filter), News::Removed(block)) => {
                let logs = logs::matching(block, filter).into_iter();
                values(logs.map(|log| Log {
                    removed: true,
                    ..log
                }))
            }
            (Self::NewPendingTransactions { full: true }, News::Mined(block)) => {
                let all = 0..block.transactions.len();
                all.filter_map(|index| format::transaction(block, index).ok())
                    .collect()
            }
            (Self::NewPendingTransactions { full: false }, News::Mined(block)) => {
                let all = block.transactions.iter();
                values(all.map(|record| *record.transaction.tx_hash()))
            }
            (Self::Syncing, _) | (_, News::Removed(_)) => Vec::new(),
        }
    }
}

fn values<T: serde::Serialize>(items: impl IntoIterator<Item = T>) -> Vec<Value> {
    items
        .into_iter()
        .filter_map(|item| json(item).ok())
        .collect()
}

/// Identifiers in the form geth gives them. They are private to a connection, so counting is enough.
#[derive(Debug, Default)]
pub struct HexIds(AtomicU64);

impl IdProvider for HexIds {
    fn next_id(&self) -> SubscriptionId<'static> {
        let number = self.0.fetch_add(1, Ordering::Relaxed);
        SubscriptionId::Str(format!("0x{:032x}", number.wrapping_add(1)).into())
    }
}
