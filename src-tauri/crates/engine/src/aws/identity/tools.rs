//! The sign-ins that the person's own AWS tools hold (`aws sso login`, `aws login`): with which profile they are made, and the end of one
//! that nothing but a new one puts off.
//!
//! **Invariant:** of the tools' cache only the end is kept, and whether it can be put off; no token leaves this room.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use aws_config::profile::{Profile, ProfileSet};
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
use aws_types::os_shim_internal::{Env, Fs};
use jiff::Timestamp;
use serde::Deserialize;
use sha1::{Digest, Sha1};

use super::Limit;
use crate::aws::profiles::{Origin, ProfileKind, origin_of};
use crate::aws::refusal::{Login, OfProfile};
use crate::sign_in::profile_or_chosen;

/// A profile's credentials. It says after each answer until when the person's sign-in lets it give others.
#[derive(Debug)]
pub(crate) struct OfTools {
    inner: SharedCredentialsProvider,
    /// The profile's name; `None` for the one that the variables choose.
    profile: Option<String>,
    limit: Limit,
}

impl OfTools {
    pub(crate) fn new(inner: impl ProvideCredentials + 'static, profile: Option<&str>, limit: Limit) -> Self {
        Self { inner: SharedCredentialsProvider::new(inner), profile: profile.map(str::to_owned), limit }
    }

    async fn provide(&self) -> Result<Credentials, CredentialsError> {
        let given = match self.inner.provide_credentials().await {
            Ok(given) => given,
            Err(why) => return Err(OfProfile::because(login_of(self.profile.as_deref()).await, why)),
        };
        self.limit.set(ends(self.profile.as_deref()).await);
        Ok(given)
    }
}

impl ProvideCredentials for OfTools {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.provide())
    }
}

/// What is needed of a file in `~/.aws/sso/cache`. The SDK reads its keys in any case; the CLI writes them so.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Cached {
    expires_at: String,
    refresh_token: Option<serde::de::IgnoredAny>,
}

async fn config() -> Option<ProfileSet> {
    #[expect(clippy::default_trait_access, reason = "the type is of a crate that nothing else here needs")]
    let set = aws_config::profile::load(&Fs::real(), &Env::real(), &Default::default(), None).await;
    set.ok()
}

/// What is read of the profile that this one's credentials begin with, and of how that gets them, if it does.
async fn of_origin<T>(
    profile: Option<&str>,
    read: impl FnOnce(&Profile, Option<&ProfileKind>) -> Option<T>,
) -> Option<T> {
    let set = config().await?;
    let profile = set.get_profile(profile.unwrap_or_else(|| set.selected_profile()))?;
    match origin_of(&set, profile).ok()? {
        Origin::Profile(origin, kind) => read(origin, kind.ok().as_ref()),
        Origin::Environment => None,
    }
}

/// With which profile the person's tools sign in for this one: at the end of a chain of roles that one alone has a sign-in.
pub(crate) async fn login_of(profile: Option<&str>) -> Login {
    let login = |origin: &Profile, kind: Option<&ProfileKind>| {
        Some(Login { profile: origin.name().to_owned(), console: kind == Some(&ProfileKind::Login) })
    };
    let unknown = || Login { profile: profile_or_chosen(profile), console: false };
    of_origin(profile, login).await.unwrap_or_else(unknown)
}

/// Whether a program gives this profile's credentials, which may ask the person for a touch or a password.
pub(crate) async fn runs_a_program(profile: Option<&str>) -> bool {
    of_origin(profile, |_, kind| (kind == Some(&ProfileKind::Process)).then_some(())).await.is_some()
}

async fn ends(profile: Option<&str>) -> Option<Timestamp> {
    let session = of_origin(profile, session_of).await?;
    let home = std::env::var_os("HOME").or_else(|| std::env::var_os("USERPROFILE"))?;
    let file = cache(&PathBuf::from(home), &session);
    end_in(&tokio::fs::read_to_string(file).await.ok()?)
}

/// What the sign-in is filed under: the name of the session, or the start URL where the profile has one of its own. `None` for a profile
/// that does not sign in so.
fn session_of(origin: &Profile, kind: Option<&ProfileKind>) -> Option<String> {
    let named = origin.get("sso_session").or_else(|| origin.get("sso_start_url"));
    named.filter(|_| kind == Some(&ProfileKind::Sso)).map(str::to_owned)
}

/// `~/.aws/sso/cache/<hex sha1>.json` (AWS SDKs and Tools Reference Guide, "IAM Identity Center credential provider").
fn cache(home: &Path, session: &str) -> PathBuf {
    let mut name = String::with_capacity(45);
    for byte in Sha1::digest(session) {
        let _ = write!(name, "{byte:02x}");
    }
    home.join(".aws/sso/cache").join(name + ".json")
}

/// The end, unless the SDK puts it off with a refresh token.
fn end_in(cached: &str) -> Option<Timestamp> {
    let Cached { expires_at, refresh_token } = serde_json::from_str(cached).ok()?;
    if refresh_token.is_some() {
        return None;
    }
    // Earlier versions of the CLI wrote the zone so.
    expires_at.replace("UTC", "Z").parse().ok()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const CONFIG: &str = "\
[profile old]\nsso_start_url = https://acme.awsapps.com/start\nsso_region = eu-west-1\nsso_account_id = 1\nsso_role_name = r\n\
[profile new]\nsso_session = acme\nsso_account_id = 1\nsso_role_name = r\n\
[sso-session acme]\nsso_start_url = https://acme.awsapps.com/start\nsso_region = eu-west-1\n\
[profile over]\nrole_arn = arn:aws:iam::1:role/r\nsource_profile = new\n\
[profile circle]\nrole_arn = arn:aws:iam::1:role/r\nsource_profile = circle\n\
[profile key]\naws_access_key_id = A\naws_secret_access_key = S\n";

    #[rstest]
    #[case("old", Some("https://acme.awsapps.com/start"))]
    #[case("new", Some("acme"))]
    #[case("over", Some("acme"))]
    #[case("circle", None)]
    #[case("key", None)]
    #[case("missing", None)]
    #[tokio::test]
    async fn a_profile_is_followed_to_its_sign_in(#[case] profile: &str, #[case] session: Option<&str>) {
        let temp = tempfile::tempdir().unwrap();
        let file = temp.path().join("config");
        std::fs::write(&file, CONFIG).unwrap();
        let env = Env::from_slice(&[
            ("AWS_CONFIG_FILE", file.to_str().unwrap()),
            ("AWS_SHARED_CREDENTIALS_FILE", temp.path().join("none").to_str().unwrap()),
        ]);
        #[expect(clippy::default_trait_access, reason = "the type is of a crate that nothing else here needs")]
        let set = aws_config::profile::load(&Fs::real(), &env, &Default::default(), None).await.unwrap();
        let origin = set.get_profile(profile).and_then(|profile| origin_of(&set, profile).ok());
        let found = origin.and_then(|origin| match origin {
            Origin::Profile(origin, kind) => session_of(origin, kind.ok().as_ref()),
            Origin::Environment => None,
        });
        assert_eq!(found.as_deref(), session);
    }

    #[test]
    fn the_cache_lies_where_the_tools_put_it() {
        let file = cache(Path::new("/home/ann"), "https://d-92671207e4.awsapps.com/start");
        assert_eq!(
            file.to_str(),
            Some("/home/ann/.aws/sso/cache/13f9d35043871d073ab260e020f0ffde092cb14b.json"),
            "the name that aws-config itself expects for this URL (its own tests)"
        );
    }

    #[rstest]
    #[case::legacy(r#"{"accessToken":"t","expiresAt":"2026-11-25T10:00:00Z"}"#, Some("2026-11-25T10:00:00Z"))]
    #[case::old(r#"{"accessToken":"t","expiresAt":"2026-11-25T10:00:00UTC"}"#, Some("2026-11-25T10:00:00Z"))]
    #[case::renewed(r#"{"expiresAt":"2026-11-25T10:00:00Z","refreshToken":"r"}"#, None)]
    #[case::broken("{", None)]
    #[case::hostile(r#"{"expiresAt":"soon"}"#, None)]
    fn an_end_is_said_only_where_nothing_puts_it_off(#[case] cached: &str, #[case] end: Option<&str>) {
        assert_eq!(end_in(cached), end.map(|at| at.parse().unwrap()));
    }
}
