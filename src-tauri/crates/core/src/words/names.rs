//! How documents, nodes and commands are called on a screen.

use super::clean::{clean, clean_to};

/// Shortens an id in the middle: "i-0c4e…91", "mi-0c4e…91", "03e5b2dc…0904". Short ids stay whole.
pub fn short_id(id: &str) -> String {
    let id = clean(id);
    let letters: Vec<char> = id.chars().collect();
    // `i-` and `mi-` say what it is and must stay; the first group of a UUID is no such prefix.
    let prefix = letters.iter().position(|letter| *letter == '-').map_or(0, |dash| if dash < 4 { dash + 1 } else { 0 });
    let (head, tail) = if prefix > 0 { (prefix + 4, 2) } else { (8, 4) };
    if letters.len() <= head + tail + 4 {
        return id;
    }
    let start: String = letters.iter().take(head).collect();
    let end: String = letters.iter().skip(letters.len() - tail).collect();
    format!("{start}…{end}")
}

/// A document's name without the ARN that a shared document has (`arn:aws:ssm:…:document/Name`).
pub fn document_name(document: &str) -> String {
    clean_to(bare_document(document), 64)
}

/// The last part of a document's ARN; any other text as it came.
pub(crate) fn bare_document(document: &str) -> &str {
    match document.rsplit_once(":document/") {
        Some((arn, name)) if arn.starts_with("arn:") && !name.is_empty() => name,
        _ => document,
    }
}

/// What a sentence about a command is about: its document, or its short id while no document was heard.
pub fn subject(command_id: &str, document: Option<&str>) -> String {
    match document.map(document_name).filter(|name| !name.is_empty()) {
        Some(name) => name,
        None => format!("Command {}", short_id(command_id)),
    }
}

/// "i-0c4e…91", "i-0c4e…91 and i-07aa…3d", "i-0c4e…91, i-07aa…3d and 10 more". `total` is how many there are in all.
pub fn list_nodes(sample: &[String], total: u32) -> String {
    let names: Vec<String> = sample.iter().map(|node| short_id(node)).collect();
    let total = usize::try_from(total).unwrap_or(usize::MAX);
    match names.as_slice() {
        [] => plural(u32::try_from(total).unwrap_or(u32::MAX), "node"),
        [only] if total <= 1 => only.clone(),
        [only] => format!("{only} and {} more", total - 1),
        [first, second, ..] if total > 3 => format!("{first}, {second} and {} more", total - 2),
        [first, second] if total > 2 => format!("{first}, {second} and {} more", total - 2),
        [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
    }
}

/// "1 node", "3 nodes": for nouns that take an s.
pub fn plural(count: u32, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

#[cfg(test)]
mod tests {
    use super::{document_name, list_nodes, short_id, subject};
    use proptest::prelude::*;
    use rstest::rstest;

    #[rstest]
    #[case("i-0c4e5a7be8f012391", "i-0c4e…91")]
    #[case("mi-0c4e5a7be8f012391", "mi-0c4e…91")]
    #[case("i-12345678", "i-12345678")]
    #[case("03e5b2dc-91d2-4ce4-8b8c-ed5f02b60904", "03e5b2dc…0904")]
    #[case("", "")]
    #[case("i-\u{202e}abc", "i-abc")]
    fn ids_are_shortened_in_the_middle(#[case] id: &str, #[case] short: &str) {
        assert_eq!(short_id(id), short, "an id keeps its kind, its first and its last letters");
    }

    #[rstest]
    #[case(&["i-a"], 1, "i-a")]
    #[case(&["i-a"], 3, "i-a and 2 more")]
    #[case(&["i-a", "i-b"], 2, "i-a and i-b")]
    #[case(&["i-a", "i-b"], 3, "i-a, i-b and 1 more")]
    #[case(&["i-a", "i-b", "i-c"], 3, "i-a, i-b and i-c")]
    #[case(&["i-a", "i-b", "i-c"], 12, "i-a, i-b and 10 more")]
    #[case(&[], 5, "5 nodes")]
    fn nodes_and_the_rest_add_up(#[case] sample: &[&str], #[case] total: u32, #[case] words: &str) {
        let sample: Vec<String> = sample.iter().map(|node| (*node).to_owned()).collect();
        assert_eq!(list_nodes(&sample, total), words, "the nodes named and the rest are {total}");
    }

    #[test]
    fn a_shared_document_goes_by_its_name() {
        assert_eq!(document_name("arn:aws:ssm:us-east-1:123456789012:document/Patch"), "Patch", "the ARN is noise");
        assert_eq!(subject("03e5b2dc-91d2-4ce4-8b8c-ed5f02b60904", None), "Command 03e5b2dc…0904", "no document yet");
        assert_eq!(subject("c", Some("\u{200b}")), "Command c", "an invisible name is no name");
    }

    proptest! {
        #[test]
        fn no_id_breaks_shortening(id in any::<String>(), total in any::<u32>()) {
            prop_assert!(short_id(&id).chars().count() <= super::super::CLEAN_LIMIT, "short ids are short");
            list_nodes(&[id.clone(), id], total);
        }
    }
}
