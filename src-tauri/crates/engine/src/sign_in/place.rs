//! Where one signs in: the start URL of an organisation's access portal and the region of its Identity Center.
//!
//! **Invariant:** one place is written in one way, so that its items in the keychain are found again. Not secret.

use serde::{Deserialize, Serialize};

use crate::error::{Code, Problem};

/// Where one signs in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    start_url: String,
    region: String,
}

impl Place {
    /// From what was typed or pasted: blanks around it, the portal's own `#/` and a slash at the end do not count.
    ///
    /// # Errors
    /// When it cannot be a start URL or a region.
    pub fn new(start_url: &str, region: &str) -> Result<Self, Problem> {
        let url = start_url.trim();
        let url = url.split('#').next().unwrap_or_default().trim_end_matches('/');
        let host = |scheme: &str| url.strip_prefix(scheme).map(|rest| rest.split('/').next().unwrap_or_default());
        let is_https = host("https://").is_some_and(|host| !host.is_empty());
        // A stand-in on this machine has no certificate.
        let is_here = host("http://").is_some_and(|host| host.starts_with("127.0.0.1:"));
        if !(is_https || is_here) || url.contains(|letter: char| letter.is_whitespace() || letter.is_control()) {
            return Err(Problem::new(
                Code::Usage,
                "the start URL is not one",
                "it looks like https://d-1234567890.awsapps.com/start: the page on which you choose an AWS account",
            ));
        }
        let region = region.trim();
        let letters = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
        if region.len() < 5 || !region.contains('-') || !region.chars().all(letters) {
            return Err(Problem::new(
                Code::Usage,
                "the region of IAM Identity Center is not one",
                "it looks like eu-central-1; the administrator or ~/.aws/config (sso_region) knows it",
            ));
        }
        Ok(Self { start_url: url.to_owned(), region: region.to_owned() })
    }

    /// Without a slash at its end.
    pub fn start_url(&self) -> &str {
        &self.start_url
    }

    /// The region of the organisation's Identity Center, which need not be that of any topic.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// Where the browser is sent to, when nothing overrides it (AWS CLI 2.22 builds it so).
    pub(super) fn oidc_url(&self) -> String {
        let china = if self.region.starts_with("cn-") { ".cn" } else { "" };
        format!("https://oidc.{}.amazonaws.com{china}", self.region)
    }
}

/// What overrides where a service is: its own variable, else the one address for all.
pub(super) fn override_of(variable: &str, endpoint_url: Option<&str>) -> Option<String> {
    let own = std::env::var(variable).ok().filter(|url| !url.is_empty());
    own.or_else(|| endpoint_url.map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_place_is_written_in_one_way() {
        let place = Place::new("https://d-1.awsapps.com/start", "eu-central-1").unwrap();
        for typed in
            ["https://d-1.awsapps.com/start/", " https://d-1.awsapps.com/start#/ ", "https://d-1.awsapps.com/start/#/"]
        {
            assert_eq!(Place::new(typed, " eu-central-1\n").unwrap(), place, "{typed:?} is the same page");
        }
        assert_eq!(place.oidc_url(), "https://oidc.eu-central-1.amazonaws.com");
        assert!(
            Place::new("https://x.awsapps.cn/start", "cn-north-1").unwrap().oidc_url().ends_with(".amazonaws.com.cn")
        );
    }

    #[test]
    fn what_cannot_be_one_is_refused_in_words() {
        for (url, region) in [
            ("", "eu-central-1"),
            ("d-1.awsapps.com/start", "eu-central-1"),
            ("http://d-1.awsapps.com/start", "eu-central-1"),
            ("https://", "eu-central-1"),
            ("https://a b/start", "eu-central-1"),
            ("javascript:alert(1)", "eu-central-1"),
            ("https://d-1.awsapps.com/start", "Frankfurt"),
            ("https://d-1.awsapps.com/start", ""),
            ("https://d-1.awsapps.com/start", "eu-central-1.evil.example/"),
        ] {
            let refused = Place::new(url, region).unwrap_err();
            assert!(!refused.hint.is_empty(), "{url:?} in {region:?}: {refused:?}");
        }
    }
}
