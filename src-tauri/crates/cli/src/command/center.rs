//! Signing in through IAM Identity Center from a terminal, and choosing the account and the role.
//!
//! **Invariant:** what the person is to do goes to stderr, with and without `--json`; no token is ever printed. A choice that is not
//! clear is not made: the error names what there is to choose from.

use std::sync::Arc;

use watchbell_core::words;
use watchbell_engine::error::{Code, Problem};
use watchbell_engine::keychain::Patience;
use watchbell_engine::sign_in::{self, Account, Asked, Asking, How, Place, Session};
use watchbell_engine::store::CredentialSource;

use super::interruption::Interruption;
use super::provisional::Provisional;
use crate::args::Center;
use crate::output::{Out, can_ask};

/// The most accounts or roles that are shown at once.
const NAMED: usize = 30;

/// Signs in where that is needed, and chooses. A sign-in that was made for it is noted, so that a run that fails forgets it again.
pub(super) async fn choose(
    asked: &Center,
    before: Option<&CredentialSource>,
    endpoint_url: Option<&str>,
    provisional: &Provisional,
    out: Out,
) -> Result<Option<CredentialSource>, Problem> {
    let (Some(url), Some(region)) = (&asked.sso_start_url, &asked.sso_region) else { return Ok(None) };
    let place = Place::new(url, region)?;
    let session = sign_in::session(&place, endpoint_url)?;
    if !session.unlock(Patience::Asked).await? {
        provisional.note_place(&place);
        sign_in_at(&place, endpoint_url, asked.device, out).await?;
        provisional.listen()?;
    }
    let (account, role) = match before {
        Some(CredentialSource::IdentityCenter { place: held, account_id, role_name }) if *held == place => {
            (Some(account_id), Some(role_name))
        }
        _ => (None, None),
    };
    let account_id = match asked.account_id.as_ref().or(account) {
        Some(id) => id.clone(),
        None => only_account(&session, out).await?,
    };
    let role_name = match asked.role_name.as_ref().or(role.filter(|_| account == Some(&account_id))) {
        Some(name) => name.clone(),
        None => only_role(&session, &account_id, out).await?,
    };
    Ok(Some(CredentialSource::IdentityCenter { place, account_id, role_name }))
}

/// Signs in, telling on stderr what is to be done.
pub(super) async fn sign_in_at(
    place: &Place,
    endpoint_url: Option<&str>,
    device: bool,
    out: Out,
) -> Result<(), Problem> {
    let interruption = Interruption::listen(out, "the sign-in is called off")?;
    let how = if device { How::Device } else { How::Browser };
    let tell = |asked: Asked| match asked {
        Asked::Browser { url } => {
            out.note("Sign in in the browser that opens. If none does, open this page on this machine:");
            out.note(&format!("  {url}"));
        }
        Asked::Code { url, complete_url, code, until } => {
            out.note(&format!("Open {} and type the code {}", words::clean_to(&url, 400), words::clean_to(&code, 40)));
            if let Some(url) = complete_url {
                out.note(&format!("  with the code filled in: {}", words::clean_to(&url, 400)));
            }
            out.note(&format!("  It is good until {until}. Make sure that the page shows the same code."));
        }
    };
    let open = sign_in::can_open().then(|| Arc::new(sign_in::open_in_browser) as sign_in::Open);
    let asking = Asking { open, tell: &tell, cancel: interruption.token().clone() };
    sign_in::sign_in(place, endpoint_url, how, &asking).await?;
    out.note("Signed in; the tokens are in the OS keychain.");
    Ok(())
}

async fn only_account(session: &Session, out: Out) -> Result<String, Problem> {
    let accounts = sign_in::accounts(session).await?;
    if accounts.is_empty() {
        let message = "IAM Identity Center gives you no account";
        return Err(Problem::new(Code::AwsRefused, message, "ask your administrator to assign one to you"));
    }
    let shown = |account: Account| (format!("{} ({})", account.id, account.name), account.id);
    one_of("account", accounts.into_iter().map(shown).collect(), "--account-id ID", out)
}

async fn only_role(session: &Session, account_id: &str, out: Out) -> Result<String, Problem> {
    let roles = sign_in::roles(session, account_id).await?;
    if roles.is_empty() {
        return Err(Problem::new(
            Code::AwsRefused,
            format!("IAM Identity Center gives you no role in the account {account_id}"),
            "ask your administrator to assign one to you, or name another account with --account-id",
        ));
    }
    let shown = |name: String| (words::clean_to(&name, 80), name);
    one_of("role", roles.into_iter().map(shown).collect(), "--role-name NAME", out)
}

/// The only one; else the one that the person chooses on the terminal. Each is what is shown and what is meant.
fn one_of(what: &str, mut all: Vec<(String, String)>, flag: &str, out: Out) -> Result<String, Problem> {
    if let ([_], Some((_, only))) = (all.as_slice(), all.first()) {
        return Ok(only.clone());
    }
    if !can_ask() {
        let more = all.len().saturating_sub(NAMED);
        let mut named: Vec<String> = all.into_iter().take(NAMED).map(|(shown, _)| shown).collect();
        if more > 0 {
            named.push(format!("{more} more"));
        }
        let message = format!("IAM Identity Center gives you several {what}s: {}", named.join(", "));
        return Err(Problem::new(Code::Usage, message, format!("choose one: {flag}")));
    }
    let every = all.clone();
    loop {
        for (at, (shown, _)) in all.iter().take(NAMED).enumerate() {
            out.note(&format!("  {:>3}  {shown}", at + 1));
        }
        if all.len() > NAMED {
            out.note(&format!("       and {} more", all.len() - NAMED));
        }
        let Some(typed) = out.asked(&format!("Which {what}? A number, or words to search for: ")) else {
            return Err(Problem::new(
                Code::No,
                "Nothing was chosen, and nothing was changed",
                format!("or say {flag}"),
            ));
        };
        let number = typed.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
        if let Some((_, chosen)) = number.and_then(|at| all.get(at)).filter(|_| typed.len() < 4) {
            return Ok(chosen.clone());
        }
        let words = typed.to_lowercase();
        let fits =
            |(shown, _): &(String, String)| words.split_whitespace().all(|word| shown.to_lowercase().contains(word));
        let found: Vec<_> = every.iter().filter(|one| fits(one)).cloned().collect();
        match found.as_slice() {
            [(_, only)] => return Ok(only.clone()),
            [] => out.note(&format!("No {what} fits {typed:?}.")),
            _ => all = found,
        }
    }
}
