//! The profiles of the person's AWS config, without their secrets: what one may sign in with.
//!
//! **Invariant:** only names, regions, kinds and what stands in the way leave this room; no key, token or command line does.
//! A file that is broken, unreadable or goes in a circle is a line of words, never a panic and never an empty list without one.
//! The files are read by the SDK's own parser, so that what is listed here is what it will sign with.

use std::collections::BTreeSet;
use std::env::VarError;
use std::error::Error;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use aws_config::profile::{Profile, ProfileSet};
use aws_types::os_shim_internal::{Env, Fs};
use watchbell_core::words;

use crate::error::{Code, Problem};

/// The longest chain of `source_profile` that is followed; the SDK has no limit of its own.
const LONGEST_CHAIN: usize = 20;

/// How a profile gets its credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProfileKind {
    /// A key in the credentials file.
    Key,
    /// IAM Identity Center, signed in to with `aws sso login`.
    Sso,
    /// A console session, signed in to with `aws login`.
    Login,
    /// The environment's own key.
    Environment,
    /// A program that prints them.
    Process,
    /// A role, assumed with another profile's credentials.
    Role {
        /// The profile that the chain begins with.
        source: String,
    },
    /// A role, assumed with a token in a file.
    WebIdentity,
    /// None that Watchbell can use; `trouble` says why.
    Unusable,
}

/// Why a profile cannot be used: a sentence without its full stop, which quotes names of the config and none of its values.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unusable {
    #[error("its source_profile goes in a circle through {}", words::clean_to(.0, 80))]
    Circle(String),
    #[error("its source_profile chain is longer than {LONGEST_CHAIN}")]
    TooLong,
    #[error("its source_profile {} does not exist", words::clean_to(.0, 80))]
    NoSource(String),
    #[error("its source_profile {} cannot be used: {}", words::clean_to(.0, 80), .1)]
    Source(String, Box<Unusable>),
    #[error("it takes its credentials from {}, which a desktop does not have", words::clean_to(.0, 60))]
    Elsewhere(String),
    #[error("it has a role_arn and neither source_profile nor credential_source")]
    RoleOfNobody,
    #[error("it has a web_identity_token_file and no role_arn")]
    TokenOfNoRole,
    #[error("it has a source_profile and a credential_source, of which there may be one")]
    TwoSources,
    #[error("its sso_session {} does not exist", words::clean_to(.0, 80))]
    NoSession(String),
    #[error("it has an sso_session, and an sso_start_url or sso_region beside it")]
    TwoPlaces,
    #[error("it signs in through IAM Identity Center and has no {0}")]
    Lacks(&'static str),
    #[error("it has an access key id and no secret")]
    NoSecret,
    #[error("it has no credentials")]
    Nothing,
}

/// One profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileFound {
    /// Its name.
    pub name: String,
    /// Its region, if it names one.
    pub region: Option<String>,
    /// How it gets its credentials.
    pub kind: ProfileKind,
    /// Why it cannot be used, a sentence without its full stop.
    pub trouble: Option<String>,
}

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Profiles {
    /// Those that can be used first, `default` before all, then by name.
    pub profiles: Vec<ProfileFound>,
    /// Files that could not be read or understood.
    pub problems: Vec<Problem>,
    /// Whether the environment itself holds an access key.
    pub environment: bool,
}

/// Reads the config and the credentials file, where the AWS variables or the platform put them.
pub async fn profiles() -> Profiles {
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let home = variable("HOME").or_else(|| variable("USERPROFILE")).map(PathBuf::from);
    let place = |name: &str, usual: &str| match variable(name) {
        Some(path) => Some(PathBuf::from(path)),
        None => home.as_ref().map(|home| home.join(".aws").join(usual)),
    };
    let files = [place("AWS_CONFIG_FILE", "config"), place("AWS_SHARED_CREDENTIALS_FILE", "credentials")];
    let held = |name: &str| !matches!(std::env::var(name), Err(VarError::NotPresent));
    let environment = held("AWS_ACCESS_KEY_ID") && held("AWS_SECRET_ACCESS_KEY");
    Profiles { environment, ..read(&Env::real(), files.into_iter().flatten()).await }
}

async fn read(env: &Env, files: impl Iterator<Item = PathBuf>) -> Profiles {
    // The SDK takes a file that it may not read for an empty one, and says so to nobody.
    let mut problems: Vec<Problem> = files.filter_map(|file| unreadable(&file)).collect();
    #[expect(clippy::default_trait_access, reason = "the type is of a crate that nothing else here needs")]
    let loaded = aws_config::profile::load(&Fs::real(), env, &Default::default(), None).await;
    match loaded {
        Ok(set) => Profiles { profiles: list(&set), problems, environment: false },
        Err(error) => {
            // The inner error names file and line; it quotes no value of the file.
            let why = error.source().map_or_else(|| error.to_string(), ToString::to_string);
            let why = words::clean_to(&why.replace('\n', " "), 300);
            problems.push(Problem::new(
                Code::Usage,
                format!("the AWS config cannot be read: {why}"),
                "correct that line; until then the AWS CLI does not read the file either",
            ));
            Profiles { problems, ..Profiles::default() }
        }
    }
}

fn unreadable(file: &Path) -> Option<Problem> {
    let problem = |why: String| {
        Problem::new(
            Code::Usage,
            format!("{} cannot be read: {why}", file.display()),
            "make it a text file that you may read, or sign in with an access key",
        )
    };
    match std::fs::read(file) {
        Ok(content) if std::str::from_utf8(&content).is_err() => Some(problem("it is not UTF-8 text".to_owned())),
        Ok(_) => None,
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => Some(problem(error.to_string())),
    }
}

fn list(set: &ProfileSet) -> Vec<ProfileFound> {
    let mut found: Vec<ProfileFound> = set
        .profiles()
        .filter_map(|name| set.get_profile(name))
        .map(|profile| {
            let (kind, trouble) = match kind_of(set, profile) {
                Ok(kind) => (kind, None),
                Err(why) => (ProfileKind::Unusable, Some(why.to_string())),
            };
            let region = profile.get("region").map(str::trim).filter(|region| !region.is_empty());
            ProfileFound { name: profile.name().to_owned(), region: region.map(str::to_owned), kind, trouble }
        })
        .collect();
    found.sort_by_key(|one| (one.kind == ProfileKind::Unusable, one.name != "default", one.name.clone()));
    found
}

fn kind_of(set: &ProfileSet, profile: &Profile) -> Result<ProfileKind, Unusable> {
    let (source, kind) = match origin_of(set, profile)? {
        Origin::Environment => ("environment", ProfileKind::Environment),
        Origin::Profile(origin, Err(why)) if origin.name() != profile.name() => {
            return Err(Unusable::Source(origin.name().to_owned(), Box::new(why)));
        }
        Origin::Profile(origin, kind) => (origin.name(), kind?),
    };
    Ok(if is_role(profile) { ProfileKind::Role { source: source.to_owned() } } else { kind })
}

/// Where the credentials of a profile begin, under the roles of its chain.
pub(crate) enum Origin<'a> {
    /// In this profile, which gets credentials of its own, or cannot.
    Profile(&'a Profile, Result<ProfileKind, Unusable>),
    /// In the environment.
    Environment,
}

/// Walks the chain of roles to its beginning, as the SDK does.
pub(crate) fn origin_of<'a>(set: &'a ProfileSet, profile: &'a Profile) -> Result<Origin<'a>, Unusable> {
    let (mut at, mut seen) = (profile, BTreeSet::new());
    loop {
        let source = !seen.is_empty();
        if !seen.insert(at.name()) {
            return Err(Unusable::Circle(at.name().to_owned()));
        }
        if seen.len() > LONGEST_CHAIN {
            return Err(Unusable::TooLong);
        }
        // Of a source a key comes before everything else that it has.
        if source && key_of(at) == (true, true) {
            return Ok(Origin::Profile(at, Ok(ProfileKind::Key)));
        }
        if !is_role(at) {
            return beginning(set, at);
        }
        at = match (at.get("source_profile"), at.get("credential_source")) {
            (Some(_), Some(_)) => return Err(Unusable::TwoSources),
            (None, Some(_)) => return beginning(set, at),
            (None, None) => return Err(Unusable::RoleOfNobody),
            // A profile that names itself takes its own.
            (Some(next), None) if next == at.name() => return beginning(set, at),
            (Some(next), None) => set.get_profile(next).ok_or_else(|| Unusable::NoSource(next.to_owned()))?,
        };
    }
}

fn beginning<'a>(set: &ProfileSet, profile: &'a Profile) -> Result<Origin<'a>, Unusable> {
    match profile.get("credential_source") {
        Some(named) if named.eq_ignore_ascii_case("Environment") => Ok(Origin::Environment),
        Some(named) => Err(Unusable::Elsewhere(named.to_owned())),
        None => Ok(Origin::Profile(profile, own(set, profile))),
    }
}

/// A role that is assumed with a token in a file is a beginning.
fn is_role(profile: &Profile) -> bool {
    profile.get("role_arn").is_some() && profile.get("web_identity_token_file").is_none()
}

/// Whether it has the id and the secret of an access key.
fn key_of(profile: &Profile) -> (bool, bool) {
    let has = |key: &str| profile.get(key).is_some_and(|value| !value.trim().is_empty());
    (has("aws_access_key_id"), has("aws_secret_access_key"))
}

/// How a profile gets credentials of its own, in the SDK's order.
fn own(set: &ProfileSet, profile: &Profile) -> Result<ProfileKind, Unusable> {
    let has = |key: &str| profile.get(key).is_some();
    if has("web_identity_token_file") {
        return if has("role_arn") { Ok(ProfileKind::WebIdentity) } else { Err(Unusable::TokenOfNoRole) };
    }
    if SSO.into_iter().any(has) {
        return sso(set, profile);
    }
    match key_of(profile) {
        _ if has("login_session") => Ok(ProfileKind::Login),
        _ if has("credential_process") => Ok(ProfileKind::Process),
        (true, true) => Ok(ProfileKind::Key),
        (true, false) => Err(Unusable::NoSecret),
        _ => Err(Unusable::Nothing),
    }
}

/// One of these alone makes it a profile of IAM Identity Center.
const SSO: [&str; 5] = ["sso_session", "sso_start_url", "sso_region", "sso_account_id", "sso_role_name"];

fn sso(set: &ProfileSet, profile: &Profile) -> Result<ProfileKind, Unusable> {
    let [session, start_url, region, account, role] = SSO.map(|key| profile.get(key));
    let (start_url, region) = match session {
        Some(_) if start_url.is_some() || region.is_some() => return Err(Unusable::TwoPlaces),
        Some(named) => {
            let session = set.sso_session(named).ok_or_else(|| Unusable::NoSession(named.to_owned()))?;
            (session.get(SSO[1]), session.get(SSO[2]))
        }
        None => (start_url, region),
    };
    for (key, value) in [(SSO[1], start_url), (SSO[2], region), (SSO[3], account), (SSO[4], role)] {
        value.ok_or(Unusable::Lacks(key))?;
    }
    Ok(ProfileKind::Sso)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

    async fn of(config: &str, credentials: &str) -> Profiles {
        let temp = tempfile::tempdir().unwrap();
        let (a, b) = (temp.path().join("config"), temp.path().join("credentials"));
        std::fs::write(&a, config).unwrap();
        std::fs::write(&b, credentials).unwrap();
        at(&a, &b).await
    }

    async fn at(config: &Path, credentials: &Path) -> Profiles {
        let text = |path: &Path| path.display().to_string();
        let (a, b) = (text(config), text(credentials));
        let env = Env::from_slice(&[("AWS_CONFIG_FILE", &a), ("AWS_SHARED_CREDENTIALS_FILE", &b)]);
        read(&env, [config.to_owned(), credentials.to_owned()].into_iter()).await
    }

    fn told(found: &Profiles) -> String {
        let line = |one: &ProfileFound| {
            let region = one.region.as_deref().unwrap_or("-");
            let trouble = one.trouble.as_deref().unwrap_or("usable");
            format!("{} | {region} | {:?} | {trouble}", one.name, one.kind)
        };
        found.profiles.iter().map(line).collect::<Vec<_>>().join("\n")
    }

    #[tokio::test]
    async fn every_kind_is_told_and_no_secret_is() {
        let config = format!(
            "\
[default]\nregion = eu-central-1\n
[profile sso]\nsso_session = acme\nsso_account_id = 1\nsso_role_name = r\nregion = us-east-1\n
[profile old-sso]\nsso_start_url = https://acme.awsapps.com/start\nsso_region = us-east-1\nsso_account_id = 1\nsso_role_name = r\n
[profile left-over]\nsso_account_id = 1\nsso_role_name = r\nlogin_session = arn:aws:iam::123456789012:user/ann\n
[profile two-places]\nsso_session = acme\nsso_region = us-east-1\nsso_account_id = 1\nsso_role_name = r\n
[sso-session acme]\nsso_start_url = https://acme.awsapps.com/start\nsso_region = us-east-1\n
[profile console]\nlogin_session = arn:aws:iam::123456789012:user/ann\n
[profile both]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = {SECRET}\nlogin_session = arn:aws:iam::123456789012:user/ann\n
[profile vault]\ncredential_process = vault --token hunter2\n
[profile patch]\nrole_arn = arn:aws:iam::123456789012:role/patch\nsource_profile = step\n
[profile step]\nrole_arn = arn:aws:iam::123456789012:role/step\nsource_profile = default\n
[profile by-key]\nrole_arn = arn:aws:iam::123456789012:role/k\nsource_profile = both\n
[profile over-console]\nrole_arn = arn:aws:iam::123456789012:role/c\nsource_profile = console\n
[profile over-web]\nrole_arn = arn:aws:iam::123456789012:role/w\nsource_profile = web\n
[profile env]\ncredential_source = Environment\n
[profile over-env]\nrole_arn = arn:aws:iam::123456789012:role/e\nsource_profile = env\n
[profile over-half]\nrole_arn = arn:aws:iam::123456789012:role/h\nsource_profile = half\n
[profile token]\nweb_identity_token_file = /t\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = {SECRET}\n
[profile two-sources]\nrole_arn = arn:aws:iam::123456789012:role/t\nsource_profile = sso\ncredential_source = Environment\n
[profile web]\nrole_arn = arn:aws:iam::123456789012:role/web\nweb_identity_token_file = /t\n
[profile ec2]\nrole_arn = arn:aws:iam::123456789012:role/x\ncredential_source = Ec2InstanceMetadata\n
[profile round-a]\nrole_arn = arn:aws:iam::123456789012:role/a\nsource_profile = round-b\n
[profile round-b]\nrole_arn = arn:aws:iam::123456789012:role/b\nsource_profile = round-a\n
[profile lost]\nrole_arn = arn:aws:iam::123456789012:role/l\nsource_profile = nobody\n
[profile half]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\n
[profile no-session]\nsso_session = gone\n
[profile empty]\nregion = us-west-2\n"
        );
        let credentials =
            format!("[default]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = {SECRET}\n");
        let found = of(&config, &credentials).await;
        assert_eq!(found.problems, [], "the files are well");
        insta::assert_snapshot!(told(&found));
        let all = format!("{found:?}");
        assert!(!all.contains(SECRET) && !all.contains("hunter2"), "no secret leaves the room: {all}");
    }

    #[tokio::test]
    async fn a_broken_file_says_its_line_and_quotes_no_value() {
        let found = of(&format!("[profile a\naws_secret_access_key = {SECRET}\n"), "").await;
        let [problem] = &found.problems[..] else { panic!("one problem, not {:?}", found.problems) };
        assert!(problem.message.contains("line 1"), "the line is told: {problem:?}");
        assert!(!format!("{found:?}").contains(SECRET), "and no value");
        let found = of("[profile a]\nthis is no property\n", "").await;
        assert!(found.problems[0].message.contains("line 2"), "{found:?}");
    }

    #[tokio::test]
    async fn a_file_that_is_no_text_or_may_not_be_read_is_named() {
        let temp = tempfile::tempdir().unwrap();
        let (config, none) = (temp.path().join("config"), temp.path().join("none"));
        std::fs::write(&config, [0x5b, 0xff, 0xfe]).unwrap();
        let found = at(&config, &none).await;
        assert!(found.problems[0].message.contains("not UTF-8"), "{found:?}");
        // A folder cannot be read as a file, whoever runs the test.
        let folder = temp.path().join("folder");
        std::fs::create_dir(&folder).unwrap();
        let found = at(&folder, &none).await;
        assert!(found.problems[0].message.contains("folder cannot be read"), "{found:?}");
        assert_eq!(at(&none, &none).await, Profiles::default(), "no file at all is no problem");
    }
}
