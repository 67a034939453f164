//! Text made safe inside each language's quotes and comments.
//!
//! **Invariant:** whatever goes in, what comes out is one literal of that language that stands for exactly that text, or comment lines
//! and nothing else. The names in documents are checked before; this does not lean on it.

use std::fmt::Write as _;

/// The widest a comment gets, in characters.
const WIDTH: usize = 110;

/// A word of a POSIX shell. Within single quotes nothing is special but the quote itself.
pub(in crate::iam) fn shell(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// A string of HCL (its syntax specification, "Template expressions"): `${` and `%{` would begin a template.
pub(super) fn hcl(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '$' | '%' if letters.peek() == Some(&'{') => {
                out.push(letter);
                out.push(letter);
            }
            control if control.is_control() => {
                let _ = write!(out, "\\u{:04x}", u32::from(control));
            }
            other => out.push(other),
        }
    }
    out.push('"');
    out
}

/// A scalar of YAML 1.1 and 1.2. An ARN, an action or a type needs no quotes; everything else is double-quoted, and in ASCII.
pub(super) fn yaml(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || ":/._-".contains(c);
    // A colon inside keeps it from being read as a number, a date, a truth value or nothing.
    let is_plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.contains(':')
        && !text.ends_with(':')
        && text.chars().all(plain);
    if is_plain {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{20}'..='\u{7e}' => out.push(letter),
            '\u{10000}'.. => {
                let _ = write!(out, "\\U{:08x}", u32::from(letter));
            }
            other => {
                let _ = write!(out, "\\u{:04x}", u32::from(other));
            }
        }
    }
    out.push('"');
    out
}

/// `#` comments: one line or more, never less, and each of them a comment.
pub(super) fn comment(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut width = 0;
    for word in
        text.split(|c: char| c.is_whitespace() || c.is_control() || is_line_break(c)).filter(|word| !word.is_empty())
    {
        let length = word.chars().count();
        if width == 0 {
            out.push('#');
            width = 1;
        } else if width + 1 + length > WIDTH {
            out.push_str("\n#");
            width = 1;
        }
        out.push(' ');
        out.push_str(word);
        width += 1 + length;
    }
    if width == 0 {
        out.push('#');
    }
    out.push('\n');
    out
}

/// One comment of one line, however long: for what is to be copied out of it.
pub(super) fn comment_line(text: &str) -> String {
    let words = text.split(|c: char| c.is_control() || is_line_break(c)).collect::<Vec<_>>();
    format!("# {}\n", words.join(" "))
}

/// Breaks that are neither white space nor control characters to every reader.
fn is_line_break(c: char) -> bool {
    matches!(c, '\u{85}' | '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_each_language_would_obey_is_written_out() {
        assert_eq!(shell("a'; rm -rf ~ #$(x)`y`"), r"'a'\''; rm -rf ~ #$(x)`y`'", "a quote ends and begins again");
        assert_eq!(
            hcl("\"${file(\"/etc/passwd\")}%{if true}\n$ %"),
            r#""\"$${file(\"/etc/passwd\")}%%{if true}\n$ %""#,
            "no template"
        );
        assert_eq!(yaml("sns:Publish"), "sns:Publish", "an action needs no quotes");
        assert_eq!(yaml("a: b #c"), "\"a: b #c\"", "what could be read as something else is quoted");
        assert_eq!(comment("one\r\ntwo\u{2028}three"), "# one two three\n", "a comment stays a comment");
    }

    #[test]
    fn a_long_comment_is_broken_between_words() {
        let text = comment(&"word ".repeat(60));
        assert!(text.lines().count() > 1 && text.lines().all(|line| line.len() <= WIDTH), "{text}");
    }

    proptest! {
        #[test]
        fn hcl_reads_back_what_went_in(text in any::<String>()) {
            let body: hcl::Body = hcl::from_str(&format!("x = {}\n", hcl(&text))).expect("it is HCL");
            let read: Vec<_> = body.attributes().map(hcl::Attribute::expr).collect();
            prop_assert_eq!(read, [&hcl::Expression::String(text.clone())], "one string and nothing else");
        }

        #[test]
        fn yaml_reads_back_what_went_in(text in any::<String>()) {
            let read: serde_yaml_ng::Value = serde_yaml_ng::from_str(&format!("x: {}\n", yaml(&text))).expect("it is YAML");
            prop_assert_eq!(read["x"].as_str(), Some(text.as_str()), "as YAML");
        }

        #[test]
        fn a_shell_word_is_one_word(text in any::<String>()) {
            // Outside of quotes there is nothing but the escaped quotes between two quoted pieces.
            let quoted = shell(&text);
            let inner = quoted.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')).expect("it is quoted");
            let read = inner.split(r"'\''").collect::<Vec<_>>();
            prop_assert!(read.iter().all(|piece| !piece.contains('\'')), "{quoted}");
            prop_assert_eq!(read.join("'"), text);
        }

        #[test]
        fn a_comment_is_nothing_else(text in any::<String>()) {
            for comment in [comment(&text), comment_line(&text)] {
                prop_assert!(comment.ends_with('\n') && comment.lines().all(|line| line.starts_with('#')), "{comment:?}");
                prop_assert!(!comment.contains(['\r', '\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}']), "{comment:?}");
            }
            prop_assert_eq!(comment_line(&text).lines().count(), 1, "one line stays one");
        }
    }
}
