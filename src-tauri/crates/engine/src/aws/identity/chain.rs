//! The chain of roles behind a profile that asks for an MFA device, which the SDK passes over in silence (aws-config 1.x does not
//! read `mfa_serial`).
//!
//! **Invariant:** only such a chain is walked here; every other profile is the SDK's. The SDK's own parser reads the files.

use std::collections::BTreeSet;

use aws_config::profile::ProfileSet;
use aws_credential_types::Credentials;
use aws_types::os_shim_internal::{Env, Fs};

use super::Role;

/// Where a chain begins.
#[derive(Debug, Clone)]
pub(crate) enum Origin {
    /// A profile that the SDK can use.
    Profile(String),
    /// The environment's own key.
    Environment,
    /// A key in the very profile that names the role.
    Key(Credentials),
}

/// A chain with an MFA device somewhere in it.
#[derive(Debug, Clone)]
pub(crate) struct Chain {
    pub(crate) origin: Origin,
    /// From the origin outwards.
    pub(crate) roles: Vec<Role>,
}

/// Whether the environment's own key outranks every profile, since none was named.
pub(crate) fn is_of_environment(profile: Option<&str>) -> bool {
    profile.is_none() && std::env::var_os("AWS_ACCESS_KEY_ID").is_some_and(|id| !id.is_empty())
}

/// The chain of this profile, or of the one that `AWS_PROFILE` names, if an MFA device is in it.
pub(crate) async fn with_mfa(profile: Option<&str>) -> Option<Chain> {
    if is_of_environment(profile) {
        return None;
    }
    #[expect(clippy::default_trait_access, reason = "the type is of a crate that nothing else here needs")]
    let set = aws_config::profile::load(&Fs::real(), &Env::real(), &Default::default(), None).await.ok()?;
    walk(&set, profile.unwrap_or_else(|| set.selected_profile()))
}

fn walk(set: &ProfileSet, name: &str) -> Option<Chain> {
    let (mut at, mut seen, mut roles) = (set.get_profile(name)?, BTreeSet::new(), Vec::new());
    let origin = loop {
        // A circle is the SDK's to refuse, in its words.
        if !seen.insert(at.name().to_owned()) {
            return None;
        }
        let text = |key: &str| at.get(key).map(str::trim).filter(|value| !value.is_empty()).map(str::to_owned);
        let Some(arn) = text("role_arn").filter(|_| text("web_identity_token_file").is_none()) else {
            break Origin::Profile(at.name().to_owned());
        };
        roles.push(Role {
            arn,
            external_id: text("external_id"),
            mfa_serial: text("mfa_serial"),
            session_name: text("role_session_name"),
            duration_seconds: text("duration_seconds").and_then(|seconds| seconds.parse().ok()),
        });
        if text("credential_source").is_some_and(|source| source.eq_ignore_ascii_case("Environment")) {
            break Origin::Environment;
        }
        let source = text("source_profile")?;
        if source == at.name() {
            let (id, secret) = (text("aws_access_key_id")?, text("aws_secret_access_key")?);
            break Origin::Key(Credentials::new(id, secret, text("aws_session_token"), None, "profile"));
        }
        at = set.get_profile(&source)?;
    };
    roles.reverse();
    roles.iter().any(|role| role.mfa_serial.is_some()).then_some(Chain { origin, roles })
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn of(config: &str, name: &str) -> Option<Chain> {
        let temp = tempfile::tempdir().unwrap();
        let file = temp.path().join("config");
        std::fs::write(&file, config).unwrap();
        let env = Env::from_slice(&[
            ("AWS_CONFIG_FILE", file.to_str().unwrap()),
            ("AWS_SHARED_CREDENTIALS_FILE", temp.path().join("none").to_str().unwrap()),
        ]);
        #[expect(clippy::default_trait_access, reason = "the type is of a crate that nothing else here needs")]
        let set = aws_config::profile::load(&Fs::real(), &env, &Default::default(), None).await.unwrap();
        walk(&set, name)
    }

    const KEY: &str = "aws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = s\n";
    const ROLE: &str = "role_arn = arn:aws:iam::1:role/r\nmfa_serial = arn:aws:iam::1:mfa/ann\n";

    #[tokio::test]
    async fn a_profile_with_an_mfa_device_is_walked_and_no_other() {
        let config = format!(
            "[profile base]\n{KEY}\n[profile with]\n{ROLE}source_profile = base\nduration_seconds = 7200\nexternal_id = x\n\
             [profile outer]\nrole_arn = arn:aws:iam::2:role/o\nsource_profile = with\n\
             [profile plain]\nrole_arn = arn:aws:iam::1:role/r\nsource_profile = base\n\
             [profile self]\n{KEY}{ROLE}source_profile = self\n\
             [profile env]\n{ROLE}credential_source = Environment\n\
             [profile a]\n{ROLE}source_profile = b\n[profile b]\n{ROLE}source_profile = a\n"
        );
        let with = of(&config, "with").await.unwrap();
        assert!(matches!(&with.origin, Origin::Profile(name) if name == "base"), "{with:?}");
        let role = &with.roles[0];
        assert_eq!((role.mfa_serial.as_deref(), role.duration_seconds), (Some("arn:aws:iam::1:mfa/ann"), Some(7200)));
        assert_eq!(role.external_id.as_deref(), Some("x"));
        let outer = of(&config, "outer").await.unwrap();
        let arns: Vec<&str> = outer.roles.iter().map(|role| role.arn.as_str()).collect();
        assert_eq!(arns, ["arn:aws:iam::1:role/r", "arn:aws:iam::2:role/o"], "the inner role comes first");
        assert!(matches!(of(&config, "self").await.unwrap().origin, Origin::Key(_)), "its own key is the origin");
        assert!(matches!(of(&config, "env").await.unwrap().origin, Origin::Environment));
        for other in ["base", "plain", "a", "nowhere"] {
            assert!(of(&config, other).await.is_none(), "{other} is the SDK's own to use or to refuse");
        }
    }
}
