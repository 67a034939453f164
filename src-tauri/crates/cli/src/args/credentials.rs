//! Which credentials to use: flags that `subscribe` and its kin share.
//!
//! **Invariant:** no secret is a flag. It is read from stdin or a terminal, and goes to the OS keychain.

use clap::Args;

use super::malformed;

/// Which credentials to use: flags that `subscribe` stores with the subscription (the secret goes to the OS keychain).
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Credentials")]
pub(crate) struct Credentials {
    /// Use this profile of ~/.aws/config (otherwise AWS_PROFILE and the SDK's own chain)
    #[arg(long, value_name = "PROFILE", conflicts_with_all = ["access_key_id", "sso_start_url"])]
    pub(crate) profile: Option<String>,

    /// Use this access key; its secret is read from stdin and kept in the OS keychain, and so is, from the second line, the
    /// session token of a temporary key (ASIA...)
    #[arg(long, value_name = "ID", value_parser = malformed::access_key_id, conflicts_with = "sso_start_url")]
    pub(crate) access_key_id: Option<String>,

    #[command(flatten)]
    pub(crate) center: Center,

    /// Assume this role with those credentials
    #[arg(long, value_name = "ARN", value_parser = malformed::role_arn)]
    pub(crate) role_arn: Option<String>,

    /// The external id that the role's trust policy asks for
    #[arg(long, value_name = "ID", value_parser = malformed::external_id, requires = "role_arn")]
    pub(crate) external_id: Option<String>,

    /// The MFA device that the role's trust policy asks for; its code is asked on the terminal, or read as a line of stdin
    #[arg(long, value_name = "ARN", value_parser = malformed::mfa_serial, requires = "role_arn")]
    pub(crate) mfa_serial: Option<String>,
}

/// IAM Identity Center: where to sign in, and which account and role to use.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Center {
    /// Sign in through IAM Identity Center: the start URL of your organisation's access portal
    #[arg(long, value_name = "URL", requires = "sso_region", value_parser = malformed::address)]
    pub(crate) sso_start_url: Option<String>,

    /// The region of IAM Identity Center, which need not be the topic's
    #[arg(long, value_name = "REGION", requires = "sso_start_url", value_parser = malformed::region)]
    pub(crate) sso_region: Option<String>,

    /// The account to use, of those that the portal shows; may be left out when there is only one
    #[arg(long, value_name = "ID", requires = "sso_start_url", value_parser = malformed::account_id)]
    pub(crate) account_id: Option<String>,

    /// The role to use in it (the permission set's name); may be left out when there is only one
    #[arg(long, value_name = "NAME", requires = "sso_start_url")]
    pub(crate) role_name: Option<String>,

    /// Sign in with a code that is typed on a web page, here or on another machine, instead of in a browser that is opened
    #[arg(long, requires = "sso_start_url")]
    pub(crate) device: bool,
}
