//! Who issued a certificate, read from its DER bytes (X.509, RFC 5280 §4.1; DER, ITU-T X.690).
//!
//! **Invariant:** pure and total; the bytes are a stranger's. Only the issuer's name is read; whether the certificate is to be trusted is
//! judged elsewhere.

const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const OBJECT_ID: u8 = 0x06;
/// `[0]`, the version.
const VERSION: u8 = 0xa0;
/// 2.5.4.3 and 2.5.4.10 (X.520).
const COMMON_NAME: [u8; 3] = [0x55, 0x04, 0x03];
const ORGANIZATION: [u8; 3] = [0x55, 0x04, 0x0a];
/// The longest name that is passed on, in characters.
const NAME_MAX: usize = 120;

/// "Example Proxy CA (Example Corp)", cleaned; `None` when the bytes are no certificate or name no issuer.
pub fn issuer(der: &[u8]) -> Option<String> {
    let (certificate, _) = inside(der, SEQUENCE)?;
    let (mut rest, _) = inside(certificate, SEQUENCE)?;
    if rest.first() == Some(&VERSION) {
        rest = element(rest)?.2;
    }
    // Serial number and signature algorithm.
    rest = element(rest)?.2;
    rest = element(rest)?.2;
    let (mut names, _) = inside(rest, SEQUENCE)?;
    let (mut common, mut organization) = (None, None);
    while !names.is_empty() {
        let (set, after) = inside(names, SET)?;
        names = after;
        let (pair, _) = inside(set, SEQUENCE)?;
        let (id, value) = inside(pair, OBJECT_ID)?;
        let text = || Some(crate::words::clean_to(&String::from_utf8_lossy(element(value)?.1), NAME_MAX));
        if id == COMMON_NAME {
            common = text();
        } else if id == ORGANIZATION {
            organization = text();
        }
    }
    match (common.filter(|name| !name.is_empty()), organization.filter(|name| !name.is_empty())) {
        (Some(name), Some(of)) if name != of => Some(format!("{name} ({of})")),
        (Some(name), _) | (None, Some(name)) => Some(name),
        (None, None) => None,
    }
}

/// What an element of this kind holds, and what follows it.
fn inside(bytes: &[u8], kind: u8) -> Option<(&[u8], &[u8])> {
    let (found, content, after) = element(bytes)?;
    (found == kind).then_some((content, after))
}

/// Kind, content and what follows.
fn element(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&kind, rest) = bytes.split_first()?;
    let (&first, mut rest) = rest.split_first()?;
    let length = if first < 0x80 {
        usize::from(first)
    } else {
        let digits = usize::from(first & 0x7f);
        // No certificate is longer than 16 MiB.
        if digits == 0 || digits > 3 {
            return None;
        }
        let (length, after) = rest.split_at_checked(digits)?;
        rest = after;
        length.iter().fold(0, |length, byte| length << 8 | usize::from(*byte))
    };
    let (content, after) = rest.split_at_checked(length)?;
    Some((kind, content, after))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn der(kind: u8, content: &[u8]) -> Vec<u8> {
        let mut out = vec![kind];
        match u8::try_from(content.len()) {
            Ok(length) if length < 0x80 => out.push(length),
            _ => {
                let length = u16::try_from(content.len()).unwrap().to_be_bytes();
                out.extend([0x82, length[0], length[1]]);
            }
        }
        out.extend(content);
        out
    }

    fn name(id: [u8; 3], text: &str) -> Vec<u8> {
        let pair = [der(OBJECT_ID, &id), der(0x0c, text.as_bytes())].concat();
        der(SET, &der(SEQUENCE, &pair))
    }

    fn certificate(names: &[Vec<u8>], version: bool) -> Vec<u8> {
        let version = if version { der(VERSION, &[0x02, 0x01, 0x02]) } else { Vec::new() };
        let head =
            [version, der(0x02, &[1; 200]), der(SEQUENCE, &[]), der(SEQUENCE, &names.concat()), der(SEQUENCE, &[])];
        der(SEQUENCE, &[der(SEQUENCE, &head.concat()), der(SEQUENCE, &[])].concat())
    }

    #[test]
    fn the_issuer_is_named_by_name_and_organization() {
        let both = [name(ORGANIZATION, "Example Corp"), name(COMMON_NAME, "Example Proxy CA")];
        for version in [true, false] {
            let named = issuer(&certificate(&both, version));
            assert_eq!(named.as_deref(), Some("Example Proxy CA (Example Corp)"), "with or without a version");
        }
        assert_eq!(issuer(&certificate(&both[..1], true)).as_deref(), Some("Example Corp"), "one of them is enough");
        assert_eq!(issuer(&certificate(&[], true)), None, "no name is none");
        let hostile = [name(COMMON_NAME, "a\u{1b}[31m\u{202e}b")];
        assert_eq!(issuer(&certificate(&hostile, true)).as_deref(), Some("a[31mb"), "it is shown to a person");
    }

    proptest! {
        #[test]
        fn whatever_a_stranger_presents_is_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), cut in 0..400_usize) {
            let _ = issuer(&bytes);
            let whole = certificate(&[name(COMMON_NAME, "x")], true);
            let _ = issuer(&whole[..cut.min(whole.len())]);
        }
    }
}
