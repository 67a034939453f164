//! A keychain in memory, for tests and for the demo: nothing outlives the process.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use futures_util::future::BoxFuture;
use secrecy::{ExposeSecret, SecretString};

use super::parts::{self, Items};
use super::{KeychainError, MAX_SECRET, Patience, SecretStore};

/// Items in memory. It can be told to fail as a locked or missing keychain does.
#[derive(Default)]
pub struct MemoryStore {
    items: Mutex<HashMap<String, SecretString>>,
    failing: Mutex<Option<KeychainError>>,
}

impl MemoryStore {
    /// An empty keychain.
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes every later call fail so, or work again.
    pub fn fail_with(&self, error: Option<KeychainError>) {
        *lock(&self.failing) = error;
    }

    /// The names of all items, sorted.
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = lock(&self.items).keys().cloned().collect();
        names.sort();
        names
    }

    fn ready(&self) -> Result<MutexGuard<'_, HashMap<String, SecretString>>, KeychainError> {
        match lock(&self.failing).clone() {
            Some(error) => Err(error),
            None => Ok(lock(&self.items)),
        }
    }
}

/// A panic in one test thread must not turn every later call into another panic.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// As strict as the narrowest of the real ones.
impl Items for MemoryStore {
    fn read<'a>(&'a self, item: &'a str, _: Patience) -> BoxFuture<'a, Result<SecretString, KeychainError>> {
        Box::pin(
            async move { self.ready()?.get(item).cloned().ok_or_else(|| KeychainError::NotFound(item.to_owned())) },
        )
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
            self.ready()?.insert(item.to_owned(), secret.clone());
            Ok(())
        })
    }

    fn remove<'a>(&'a self, item: &'a str, _: Patience) -> BoxFuture<'a, Result<(), KeychainError>> {
        Box::pin(
            async move { self.ready()?.remove(item).map(drop).ok_or_else(|| KeychainError::NotFound(item.to_owned())) },
        )
    }
}

impl SecretStore for MemoryStore {
    fn get<'a>(&'a self, item: &'a str, patience: Patience) -> BoxFuture<'a, Result<SecretString, KeychainError>> {
        Box::pin(parts::get(self, item, patience))
    }

    fn set<'a>(
        &'a self,
        item: &'a str,
        secret: &'a SecretString,
        patience: Patience,
    ) -> BoxFuture<'a, Result<(), KeychainError>> {
        Box::pin(parts::set(self, item, secret, patience))
    }

    fn delete<'a>(&'a self, item: &'a str, patience: Patience) -> BoxFuture<'a, Result<(), KeychainError>> {
        Box::pin(parts::delete(self, item, patience))
    }
}
