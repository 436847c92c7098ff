//! Methods that do not exist, refused in geth's words: the server library's own say only that something was not found.

use std::{collections::HashSet, future::Future, sync::Arc};

use jsonrpsee::{
    core::middleware::{Batch, BatchEntry, BatchEntryErr, Notification, Request, RpcServiceT},
    server::MethodResponse,
    types::{ErrorObjectOwned, error::INTERNAL_ERROR_CODE},
};

use super::error;

const SUBSCRIPTION_METHODS: [&str; 2] = ["eth_subscribe", "eth_unsubscribe"];

/// Wraps the service that answers known methods.
#[derive(Clone)]
pub struct KnownMethods<S> {
    service: S,
    known: Arc<HashSet<&'static str>>,
}

impl<S> KnownMethods<S> {
    /// `service` for the methods of `known`, a refusal for all others.
    pub fn new(service: S, known: Arc<HashSet<&'static str>>) -> Self {
        Self { service, known }
    }

    fn refusal(&self, method: &str) -> Option<ErrorObjectOwned> {
        (!self.known.contains(method)).then(|| error::unknown_method(method))
    }
}

impl<S> RpcServiceT for KnownMethods<S>
where
    S: RpcServiceT<
            MethodResponse = MethodResponse,
            NotificationResponse = MethodResponse,
            BatchResponse = MethodResponse,
        >,
{
    type MethodResponse = MethodResponse;
    type NotificationResponse = MethodResponse;
    type BatchResponse = MethodResponse;

    fn call<'a>(&self, request: Request<'a>) -> impl Future<Output = MethodResponse> + Send + 'a {
        let refusal = self.refusal(&request.method);
        let subscribes = SUBSCRIPTION_METHODS.contains(&&*request.method);
        let id = request.id.clone();
        let answer = refusal.is_none().then(|| self.service.call(request));
        async move {
            match (answer, refusal) {
                (Some(answer), _) => {
                    let answer = answer.await;
                    // Subscriptions exist, but not over HTTP; the library calls that an internal error.
                    if subscribes && answer.as_error_code() == Some(INTERNAL_ERROR_CODE) {
                        return MethodResponse::error(id, error::no_notifications());
                    }
                    answer
                }
                (None, refusal) => {
                    let refusal = refusal.unwrap_or_else(|| error::unknown_method(""));
                    MethodResponse::error(id, refusal)
                }
            }
        }
    }

    fn batch<'a>(&self, batch: Batch<'a>) -> impl Future<Output = MethodResponse> + Send + 'a {
        let entries = batch.into_iter().map(|entry| match entry {
            Ok(BatchEntry::Call(request)) => match self.refusal(&request.method) {
                Some(refusal) => Err(BatchEntryErr::new(request.id, refusal)),
                None => Ok(BatchEntry::Call(request)),
            },
            other => other,
        });
        self.service.batch(Batch::from(entries.collect()))
    }

    fn notification<'a>(
        &self,
        notification: Notification<'a>,
    ) -> impl Future<Output = MethodResponse> + Send + 'a {
        self.service.notification(notification)
    }
}
