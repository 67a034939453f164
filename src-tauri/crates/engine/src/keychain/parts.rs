//! A secret that is longer than one item may be, laid into several items and put together again.
//!
//! **Invariant:** whatever breaks off half-way, the item holds the old secret or the new one, never a piece of either: the parts of
//! the new one are written under names of their own, then the item itself is switched over, then the old parts go. What does
//! not fit together by its digest is an error. A secret that fits into one item lies in it as it is.

use futures_util::future::BoxFuture;
use secrecy::zeroize::Zeroize;
use secrecy::{ExposeSecret, SecretString};
use watchbell_core::digest::BodyDigest;

use super::{KeychainError, MAX_SECRET, Patience, SecretStore};

/// What an item begins with that names parts. A secret that begins so itself is laid into a part, too.
const MARK: &str = "watchbell-parts/1 ";

/// More parts than any secret of AWS needs by far: a list that names more was not written by us.
const MOST: usize = 256;

/// Where single items lie, each of at most [`MAX_SECRET`] bytes.
pub(super) trait Items: Send + Sync {
    fn read<'a>(&'a self, item: &'a str, patience: Patience) -> BoxFuture<'a, Result<SecretString, KeychainError>>;
    fn write<'a>(
        &'a self,
        item: &'a str,
        secret: &'a SecretString,
        patience: Patience,
    ) -> BoxFuture<'a, Result<(), KeychainError>>;
    fn remove<'a>(&'a self, item: &'a str, patience: Patience) -> BoxFuture<'a, Result<(), KeychainError>>;
}

/// Whatever keeps single items keeps secrets of any length.
impl<T: Items> SecretStore for T {
    fn get<'a>(&'a self, item: &'a str, patience: Patience) -> BoxFuture<'a, Result<SecretString, KeychainError>> {
        Box::pin(get(self, item, patience))
    }

    fn set<'a>(
        &'a self,
        item: &'a str,
        secret: &'a SecretString,
        patience: Patience,
    ) -> BoxFuture<'a, Result<(), KeychainError>> {
        Box::pin(set(self, item, secret, patience))
    }

    fn delete<'a>(&'a self, item: &'a str, patience: Patience) -> BoxFuture<'a, Result<(), KeychainError>> {
        Box::pin(delete(self, item, patience))
    }
}

/// What an item says of its parts.
#[derive(Debug, Clone, PartialEq, Eq)]
struct List {
    count: usize,
    digest: String,
}

impl List {
    fn of(secret: &str, count: usize) -> Self {
        Self { count, digest: BodyDigest::of(secret).to_string() }
    }

    fn read(text: &str) -> Option<Self> {
        let (count, digest) = text.strip_prefix(MARK)?.split_once(' ')?;
        let count = count.parse().ok().filter(|count| (1..=MOST).contains(count))?;
        let is_digest = digest.len() == 64 && digest.bytes().all(|letter| letter.is_ascii_hexdigit());
        is_digest.then(|| Self { count, digest: digest.to_owned() })
    }

    fn text(&self) -> SecretString {
        format!("{MARK}{} {}", self.count, self.digest).into()
    }

    /// The names carry the digest, so that the parts of two secrets never share one.
    fn names(&self, item: &str) -> Vec<String> {
        (1..=self.count).map(|at| format!("{item}#{}.{at}", &self.digest[..12])).collect()
    }
}

pub(super) async fn get(items: &dyn Items, item: &str, patience: Patience) -> Result<SecretString, KeychainError> {
    let held = items.read(item, patience).await?;
    if !held.expose_secret().starts_with(MARK) {
        return Ok(held);
    }
    let broken = || KeychainError::Failed(format!("the parts of the item \"{item}\" do not fit together"));
    let list = List::read(held.expose_secret()).ok_or_else(broken)?;
    let mut whole = String::new();
    for name in list.names(item) {
        match items.read(&name, patience).await {
            Ok(part) => whole.push_str(part.expose_secret()),
            Err(error) => {
                whole.zeroize();
                return Err(if matches!(error, KeychainError::NotFound(_)) { broken() } else { error });
            }
        }
    }
    if BodyDigest::of(&whole).to_string() != list.digest {
        whole.zeroize();
        return Err(broken());
    }
    Ok(SecretString::from(whole))
}

pub(super) async fn set(
    items: &dyn Items,
    item: &str,
    secret: &SecretString,
    patience: Patience,
) -> Result<(), KeychainError> {
    let before = listed(items, item, patience).await?;
    let text = secret.expose_secret();
    let now = if text.len() <= MAX_SECRET && !text.starts_with(MARK) {
        items.write(item, secret, patience).await?;
        None
    } else {
        let parts = cut(text);
        if parts.len() > MOST {
            return Err(KeychainError::Failed(format!(
                "the secret has {} bytes, which no secret of AWS has",
                text.len()
            )));
        }
        let list = List::of(text, parts.len());
        for (name, part) in list.names(item).iter().zip(parts) {
            items.write(name, &SecretString::from(part.to_owned()), patience).await?;
        }
        items.write(item, &list.text(), patience).await?;
        Some(list)
    };
    match before {
        Some(before) if Some(&before) != now.as_ref() => remove_parts(items, item, &before, patience).await,
        _ => Ok(()),
    }
}

pub(super) async fn delete(items: &dyn Items, item: &str, patience: Patience) -> Result<(), KeychainError> {
    // The parts first: an item that still names them can be deleted again.
    if let Some(list) = listed(items, item, patience).await? {
        remove_parts(items, item, &list, patience).await?;
    }
    items.remove(item, patience).await
}

async fn listed(items: &dyn Items, item: &str, patience: Patience) -> Result<Option<List>, KeychainError> {
    match items.read(item, patience).await {
        Ok(held) => Ok(List::read(held.expose_secret())),
        Err(KeychainError::NotFound(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

async fn remove_parts(items: &dyn Items, item: &str, list: &List, patience: Patience) -> Result<(), KeychainError> {
    for name in list.names(item) {
        match items.remove(&name, patience).await {
            Ok(()) | Err(KeychainError::NotFound(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Pieces of at most [`MAX_SECRET`] bytes, cut between characters.
fn cut(mut text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    while text.len() > MAX_SECRET {
        let at = (0..=MAX_SECRET).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(MAX_SECRET);
        let (part, rest) = text.split_at(at);
        parts.push(part);
        text = rest;
    }
    parts.push(text);
    parts
}

#[cfg(test)]
mod tests;
