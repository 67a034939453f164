//! Text made fit for a ticket that strangers read: what could be a secret, or half of one, is left out.
//!
//! **Invariant:** pure and total. An access key's id is shortened; a word that looks as chance makes secret keys and tokens does not come through, nor
//! does what a program wrote to its stderr. What says where something is stays whole: ARNs, the URLs of queues, UUIDs, paths and names.
//! Never here: finding secrets that look like words; what is put in was chosen to hold none.

/// Ids of AWS begin with four letters that say what they are (IAM user guide, "Understanding unique ID prefixes").
const ID_KINDS: [&str; 2] = ["AKIA", "ASIA"];
const ID_LENGTH: usize = 20;
/// A secret access key has 40 characters of base64.
const SECRET_KEY: usize = 40;
/// No name that a person gives has so many letters and digits on end, mixed as chance does.
const ON_END: usize = 20;
/// The SDK quotes what a credential process wrote there after this word.
const STDERR: &str = "stderr:";
const LEFT_OUT: &str = "[left out]";

/// The text with key ids as `AKIA…MPLE`, and without words that look like secrets.
pub fn fit_for_ticket(text: &str) -> String {
    let text = match find_ignoring_case(text, STDERR) {
        Some(at) => format!("{} {LEFT_OUT}", &text[..at + STDERR.len()]),
        None => text.to_owned(),
    };
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(first) = rest.chars().next() {
        let fresh = !out.ends_with(|letter: char| letter.is_ascii_alphanumeric());
        let place = if fresh { place(rest) } else { 0 };
        if place > 0 {
            out.push_str(&rest[..place]);
            rest = &rest[place..];
        } else if is_of_word(first) {
            let end = rest.find(|letter| !is_of_word(letter)).unwrap_or(rest.len());
            put(&mut out, &rest[..end]);
            rest = &rest[end..];
        } else {
            out.push(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    out
}

fn find_ignoring_case(text: &str, wanted: &str) -> Option<usize> {
    text.as_bytes().windows(wanted.len()).position(|part| part.eq_ignore_ascii_case(wanted.as_bytes()))
}

/// What secrets consist of: base64 of both kinds, and what joins the parts of a token. `%` is of a secret in a URL.
fn is_of_word(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || "+/=_-.~%".contains(letter)
}

/// How long the ARN or the queue's URL is with which the text begins; 0 when it begins with neither.
fn place(text: &str) -> usize {
    if text.starts_with("arn:") {
        let end = text.find(|letter: char| !(letter.is_ascii_alphanumeric() || ":/_-.*@+".contains(letter)));
        let arn = &text[..end.unwrap_or(text.len())];
        return if arn.split(':').count() >= 6 { arn.len() } else { 0 };
    }
    let Some(host) = ["https://", "http://"].iter().find_map(|scheme| text.strip_prefix(scheme)) else { return 0 };
    let end = text.find(|letter: char| !(letter.is_ascii_alphanumeric() || ":/_-.".contains(letter)));
    let url = &text[..end.unwrap_or(text.len())];
    let mut parts = host[..url.len() - (text.len() - host.len())].split('/').skip(1);
    let is_queue = matches!((parts.next(), parts.next(), parts.next()), (Some(account), Some(name), None)
        if account.len() == 12 && account.bytes().all(|letter| letter.is_ascii_digit()) && name.len() <= 85);
    if is_queue { url.len() } else { 0 }
}

/// A run of letters; of a path and of `name=value` each part is judged by itself.
fn put(out: &mut String, run: &str) {
    let is_path = run.starts_with(['/', '~', '.']);
    for (number, word) in run.split_inclusive('=').enumerate() {
        if is_path && number == 0 && !looks_secret_key(word) {
            word.split_inclusive('/').for_each(|segment| put_word(out, segment));
        } else {
            put_word(out, word);
        }
    }
}

fn put_word(out: &mut String, word: &str) {
    let bare = word.trim_end_matches(['=', '.']);
    if looks_secret(bare) {
        out.push_str(LEFT_OUT);
        out.push_str(&word[bare.len()..]);
        return;
    }
    for piece in word.split_inclusive(|letter: char| !letter.is_ascii_alphanumeric()) {
        let id = piece.trim_end_matches(|letter: char| !letter.is_ascii_alphanumeric());
        if id.len() == ID_LENGTH && ID_KINDS.iter().any(|kind| id.starts_with(kind)) {
            out.push_str(&id[..4]);
            out.push('…');
            out.push_str(&piece[ID_LENGTH - 4..]);
        } else {
            out.push_str(piece);
        }
    }
}

fn looks_secret_key(word: &str) -> bool {
    word.len() == SECRET_KEY
        && is_mixed(word)
        && word.chars().all(|letter| letter.is_ascii_alphanumeric() || "+/".contains(letter))
}

/// Long and mixed, as chance makes it; words and hex digits of a person's or a program's are not.
fn looks_secret(word: &str) -> bool {
    if looks_secret_key(word) {
        return true;
    }
    let pieces: Vec<&str> = without_uuids(word);
    if pieces.iter().any(|piece| piece.len() >= ON_END && is_mixed(piece)) {
        return true;
    }
    // Chance cut it up, too: then its letters and digits take turns as those of no name do.
    let turns: usize = pieces.iter().map(|piece| turns(piece)).sum();
    word.len() >= SECRET_KEY && is_mixed(word) && turns * 5 >= word.len()
}

fn is_mixed(word: &str) -> bool {
    let has = |kind: fn(&u8) -> bool| word.as_bytes().iter().any(kind);
    has(u8::is_ascii_digit) && has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase)
}

/// The letters and digits on end in a word, but for those of a UUID.
fn without_uuids(word: &str) -> Vec<&str> {
    const LENGTHS: [usize; 5] = [8, 4, 4, 4, 12];
    let pieces: Vec<&str> = word.split(|letter: char| !letter.is_ascii_alphanumeric()).collect();
    let is_uuid = |at: usize| {
        pieces.get(at..at + LENGTHS.len()).is_some_and(|five| {
            let hex = |piece: &&str, length| piece.len() == length && piece.bytes().all(|one| one.is_ascii_hexdigit());
            five.iter().zip(LENGTHS).all(|(piece, length)| hex(piece, length))
        })
    };
    let (mut kept, mut at) = (Vec::new(), 0);
    while at < pieces.len() {
        if is_uuid(at) {
            at += LENGTHS.len();
        } else {
            kept.push(pieces[at]);
            at += 1;
        }
    }
    kept
}

/// How often a capital follows a small letter, or a digit a letter, or the other way round. A capital at a word's head is no turn into it.
fn turns(piece: &str) -> usize {
    piece
        .as_bytes()
        .windows(2)
        .filter(|pair| {
            let (a, b) = (pair[0], pair[1]);
            a.is_ascii_digit() != b.is_ascii_digit() || (a.is_ascii_lowercase() && b.is_ascii_uppercase())
        })
        .count()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn key_ids_are_shortened() {
        for (text, fit) in [
            ("key AKIAIOSFODNN7EXAMPLE.", "key AKIA…MPLE."),
            ("ASIAIOSFODNN7EXAMPLE", "ASIA…MPLE"),
            ("profile_AKIAIOSFODNN7EXAMPLE-x", "profile_AKIA…MPLE-x"),
            ("aws_access_key_id=AKIAIOSFODNN7EXAMPLE,", "aws_access_key_id=AKIA…MPLE,"),
            ("", ""),
        ] {
            assert_eq!(fit_for_ticket(text), fit);
        }
    }

    #[test]
    fn what_says_where_something_is_stays_whole() {
        for text in [
            "arn:aws:iam::123456789012:user/ann",
            "{\"Resource\":\"arn:aws:iam::123456789012:role/aws-reserved/sso.amazonaws.com/eu-central-1/AWSReservedSSO_Admin_0123456789abcdef\"}",
            "arn:aws:iam::123456789012:role/Department1/TeamAlphaBetaGamma/Production2NotificationsTeam/x is not let in",
            "role/Department1/TeamAlphaBetaGamma/ProjectXyz42/Publisher",
            "look at https://sqs.eu-central-1.amazonaws.com/123456789012/Production2NotificationsOfTeamAlpha0123456789, please",
            "http://127.0.0.1:4566/000000000000/watchbell-Ann-Laptop-1a2b3c4d",
            "2f9c0c1e-1111-4222-8333-444455556666",
            "/Users/Ann/2f9c0c1e-1a2b-4c3d-8e4f-4a5b6c7d8e9f/Library/Application/watchbell",
            "/home/ann/.local/share/watchbell and ~/.aws/config",
            "Production-Notifications-Team42-oncall-queue",
            "OncallStack-NotificationQueue-1ABCDEFGHIJK2",
            "watchbell-ann-laptop-1a2b3c4d, AWS-RunPatchBaseline, AmazonSSMManagedInstanceCore",
            "aws ssm register-task-with-maintenance-window --task-invocation-parameters '{\"RunCommand\":{\"ServiceRoleArn\":\"arn:aws:iam::123456789012:role/ssm-sns-publish\"}}'",
            "0123456789abcdef0123456789abcdef01234567",
            "naïve — „quoted“ …",
        ] {
            assert_eq!(fit_for_ticket(text), text);
        }
    }

    #[test]
    fn secrets_are_left_out_whatever_is_around_them() {
        for secret in [
            // The secret key and the token of AWS's guides, a token of GitHub's and of GitLab's, and a JWT with its parts.
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            "/K7MDENGwJalrXUtnFEMI/bPxRfiCYEXAMPLEKEY",
            "wJalrXUtnFEMI%2FK7MDENG%2FbPxRfiCYEXAMPLEKEY",
            "AQoEXAMPLEH4aoAH0gNCAPyJxz4BlCFFxWNE1OPTgk5TthT+FvwqnKwRcOIfrRh3c/LTo6UDdyJwOOvEVPvLXCrrrUtdnniCEXAMPLE/IvU1dYUg2RVAJBanLiHb4IgRmpRV3zrkuWJOgQs8IZZaIv2BXIa2R4OlgkBN9bkUDNCJiBeb",
            "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
            "glpat-Xy7zAb3dEf9hIj2kLm5n",
            "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
            "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9",
            "eyJzdWIiOiIxMjM0NTY3ODkwIn0",
            "dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
            "d0zjgNryP4-3jVmNHl0w5_XgL0n3I9PlF-P0THsR8U",
        ] {
            for (before, after) in
                [("", ""), ("it said ", " end"), ("token=", ";"), ("\"", "\""), ("(", ")"), ("x: ", "\n")]
            {
                let text = fit_for_ticket(&format!("{before}{secret}{after}"));
                assert_eq!(text, format!("{before}{LEFT_OUT}{after}"), "{secret}");
            }
        }
        let query = "https://sts.amazonaws.com/?X-Amz-Security-Token=IQoJb3JpZ2luX2VjEXAMPLE9x8Y7z6&X-Amz-Expires=60";
        assert!(!fit_for_ticket(query).contains("IQoJb3JpZ2luX2Vj"), "{}", fit_for_ticket(query));
    }

    #[test]
    fn what_a_program_said_on_its_stderr_is_left_out() {
        let said =
            "external process exited with code exit status: 1. Stderr: the password hunter2 is wrong; sign in again";
        assert_eq!(fit_for_ticket(said), "external process exited with code exit status: 1. Stderr: [left out]");
    }

    proptest! {
        #[test]
        fn whatever_is_written_is_taken(text in "\\PC{0,300}") {
            let _ = fit_for_ticket(&text);
        }

        #[test]
        fn no_secret_key_comes_through(secret in "[A-Za-z0-9+/]{40}", before in "(|key=|x |\")", after in "(| y|\"|,)") {
            prop_assume!(is_mixed(&secret));
            let text = fit_for_ticket(&format!("{before}{secret}{after}"));
            prop_assert!(!text.contains(&secret), "{}", text);
        }
    }
}
