//! A keychain in memory, for the tests of this room alone.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use futures_util::future::BoxFuture;
use secrecy::{ExposeSecret, SecretString};

use super::parts::Items;
use super::{KeychainError, MAX_SECRET, Patience};

/// Items in memory.
#[derive(Default)]
pub(crate) struct MemoryStore(Mutex<HashMap<String, SecretString>>);

impl MemoryStore {
    /// An empty keychain.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// The names of all items, sorted.
    pub(crate) fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.items().keys().cloned().collect();
        names.sort();
        names
    }

    /// A panic in one test thread must not turn every later call into another panic.
    fn items(&self) -> MutexGuard<'_, HashMap<String, SecretString>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// As strict as the narrowest of the real ones.
impl Items for MemoryStore {
    fn read<'a>(&'a self, item: &'a str, _: Patience) -> BoxFuture<'a, Result<SecretString, KeychainError>> {
        Box::pin(async move { self.items().get(item).cloned().ok_or_else(|| KeychainError::NotFound(item.to_owned())) })
    }

    fn write<'a>(
        &'a self,
        item: &'a str,
        secret: &'a SecretString,
        _: Patience,
    ) -> BoxFuture<'a, Result<(), KeychainError>> {
        Box::pin(async move {
            let bytes = secret.expose_secret().len();
            if bytes > MAX_SECRET {
                return Err(KeychainError::Failed(format!("{bytes} bytes do not fit into one item")));
            }
            self.items().insert(item.to_owned(), secret.clone());
            Ok(())
        })
    }

    fn remove<'a>(&'a self, item: &'a str, _: Patience) -> BoxFuture<'a, Result<(), KeychainError>> {
        Box::pin(
            async move { self.items().remove(item).map(drop).ok_or_else(|| KeychainError::NotFound(item.to_owned())) },
        )
    }
}
