//! Positional parameters, refused in geth's words.

use jsonrpsee::types::{ErrorObjectOwned, Params};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::vec::IntoIter;

use alloy_eips::{BlockId, BlockNumberOrTag};

use super::error;

/// Parameters not yet taken.
pub struct Arguments {
    values: IntoIter<Value>,
    taken: usize,
}

impl Arguments {
    /// Reads the parameter list; absent parameters are an empty list.
    pub fn parse(params: &Params<'_>) -> Result<Self, ErrorObjectOwned> {
        let values = match params.as_str() {
            None => Vec::new(),
            Some(text) => {
                serde_json::from_str(text).map_err(|_| error::invalid_params("non-array args"))?
            }
        };
        Ok(Self {
            values: values.into_iter(),
            taken: 0,
        })
    }

    /// Next parameter; absent or null is an error.
    pub fn required<T: DeserializeOwned>(&mut self) -> Result<T, ErrorObjectOwned> {
        let index = self.taken;
        self.optional()?.ok_or_else(|| {
            error::invalid_params(&format!("missing value for required argument {index}"))
        })
    }

    /// Next parameter; absent or null is `None`.
    pub fn optional<T: DeserializeOwned>(&mut self) -> Result<Option<T>, ErrorObjectOwned> {
        let index = self.taken;
        self.taken += 1;
        match self.values.next() {
            None | Some(Value::Null) => Ok(None),
            Some(value) => T::deserialize(value).map(Some).map_err(|error| {
                error::invalid_params(&format!("invalid argument {index}: {error}"))
            }),
        }
    }

    /// Next parameter as a block; the head when absent.
    pub fn block(&mut self) -> Result<BlockId, ErrorObjectOwned> {
        Ok(self
            .optional()?
            .unwrap_or(BlockId::Number(BlockNumberOrTag::Latest)))
    }
}
