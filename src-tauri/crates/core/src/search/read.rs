//! From words to a [`Search`].

use super::instant::{End, instant};
use super::token::{Token, tokens};
use super::{Glob, Search, SearchError};
use crate::status::Status;
use crate::words::clean_to;
use jiff::{Timestamp, Zoned};

/// Reads a search line. `now` is what `7d` counts from; its zone is the one of dates without one.
pub fn parse(line: &str, now: &Zoned) -> Result<Search, SearchError> {
    let mut search = Search::default();
    for token in tokens(line)? {
        match token.key.as_deref().map(str::to_ascii_lowercase).as_deref() {
            None => {
                if !token.value.is_empty() {
                    search.text.push(token.value);
                }
            }
            Some("status" | "state") => statuses(&token, &mut search.status)?,
            Some("document" | "doc") => glob(token, &mut search.document)?,
            Some("node") => glob(token, &mut search.node)?,
            Some("topic") => glob(token, &mut search.topic)?,
            Some("since") => time(&token, End::Since, now, &mut search.since)?,
            Some("until") => {
                time(&token, End::Until, now, &mut search.until)?;
            }
            // ARNs and addresses are pasted as they are.
            Some("arn" | "http" | "https") => search.text.push(line[token.range].to_owned()),
            Some(key) => {
                let key = clean_to(key, 24);
                let message = format!(
                    "There is no filter {key}:. Filters are status:, document:, node:, topic:, since: and until:. To look for the text, quote it: \"{key}:…\"."
                );
                return Err(SearchError { range: token.range.start..token.value_range.start, message });
            }
        }
        if let (Some(since), Some(until)) = (search.since, search.until)
            && since > until
        {
            return Err(SearchError {
                range: 0..line.len(),
                message: "since: is later than until:, so nothing can be found.".into(),
            });
        }
    }
    Ok(search)
}

fn error<T>(token: &Token, message: String) -> Result<T, SearchError> {
    Err(SearchError { range: token.value_range.clone(), message })
}

fn given(token: &Token, example: &str) -> Result<(), SearchError> {
    if token.value.is_empty() {
        let key = token.key.as_deref().unwrap_or_default();
        let message = format!("{key}: needs a value, such as {key}:{example}.");
        return Err(SearchError { range: token.range.clone(), message });
    }
    Ok(())
}

fn statuses(token: &Token, found: &mut Vec<Status>) -> Result<(), SearchError> {
    given(token, "failed")?;
    let mut add = |status| {
        if !found.contains(&status) {
            found.push(status);
        }
    };
    if token.quoted {
        add(Status::parse(&token.value));
        return Ok(());
    }
    for name in token.value.split(',').filter(|name| !name.is_empty()) {
        match (name.to_ascii_lowercase().as_str(), Status::parse(name)) {
            ("failing", _) => {
                add(Status::Failed);
                add(Status::TimedOut);
            }
            ("running", _) => add(Status::InProgress),
            (_, Status::Other(_)) => {
                let name = clean_to(name, 32);
                return error(
                    token,
                    format!(
                        "{name} is no status. Statuses are pending, in_progress, success, failed, timed_out and cancelled; failing means failed or timed_out."
                    ),
                );
            }
            (_, status) => add(status),
        }
    }
    Ok(())
}

fn glob(token: Token, slot: &mut Option<Glob>) -> Result<(), SearchError> {
    given(&token, "AWS-Run*")?;
    once(&token, slot.is_some())?;
    *slot = Some(Glob::new(token.value));
    Ok(())
}

fn time(token: &Token, end: End, now: &Zoned, slot: &mut Option<Timestamp>) -> Result<(), SearchError> {
    given(token, "7d")?;
    once(token, slot.is_some())?;
    let Some(at) = instant(&token.value, end, now) else {
        let value = clean_to(&token.value, 32);
        return error(
            token,
            format!(
                "{value} is no time. Write 30m, 12h, 7d, 2w, today, yesterday, a date such as 2026-11-20, or 2026-11-20T02:00."
            ),
        );
    };
    *slot = Some(at);
    Ok(())
}

fn once(token: &Token, filled: bool) -> Result<(), SearchError> {
    if filled {
        let key = token.key.as_deref().unwrap_or_default();
        let message = format!("{key}: is given twice; leave one.");
        return Err(SearchError { range: token.range.clone(), message });
    }
    Ok(())
}
