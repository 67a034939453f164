//! The words of an alert for many commands, and of a command's awaited end.
//!
//! **Invariant:** the numbers are the collective's own sums; nothing ages: times are those of a clock.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::counts::progress;
use super::names::{plural, subject};
use crate::policy::{AlertText, Collective, CommandView, Kind, Named, Settings, Urgency};

/// The alert of `collective` as it stands.
pub fn collective(kind: Kind, collective: &Collective, settings: &Settings) -> AlertText {
    let commands = collective.commands();
    let (title, body) = match kind {
        Kind::Overflow => {
            let more = if collective.stands_alone() { "" } else { "more " };
            let failing = if commands == 1 { "command is failing" } else { "commands are failing" };
            (format!("{commands} {more}{failing}"), worst(collective))
        }
        Kind::Digest => (format!("While you were away: {}", what(collective)), when_and_worst(collective, settings)),
        Kind::Held => (format!("While it was quiet: {}", what(collective)), when_and_worst(collective, settings)),
    };
    AlertText { title, body, urgency: Urgency::Critical, sound: true }
}

/// "12 nodes failed in 3 commands", or "3 commands failed" where no node was heard of.
fn what(collective: &Collective) -> String {
    match (collective.nodes(), collective.commands()) {
        (0, commands) => format!("{} failed", plural(commands, "command")),
        (nodes, commands) => format!("{} failed in {}", plural(nodes, "node"), plural(commands, "command")),
    }
}

/// "23:10 to 04:55. Worst: AWS-RunPatchBaseline, 9 nodes."
fn when_and_worst(collective: &Collective, settings: &Settings) -> String {
    let (from, to) = collective.span();
    let (first, last) = (clock(from, to, &settings.zone), clock(to, to, &settings.zone));
    let when = if first == last { first } else { format!("{first} to {last}") };
    match collective.named().first() {
        Some(named) if named.nodes > 0 => format!("{when}. Worst: {}, {}.", named.name, plural(named.nodes, "node")),
        Some(named) => format!("{when}. {}.", named.name),
        None => format!("{when}."),
    }
}

/// "AWS-RunPatchBaseline, 3 commands, 9 nodes; AWS-RunShellScript, 2 nodes and 5 more." Of what is named; the rest is counted.
fn worst(collective: &Collective) -> String {
    let mut documents: Vec<Document<'_>> = Vec::new();
    for Named { name, nodes, .. } in collective.named() {
        match documents.iter_mut().find(|document| document.name == name) {
            Some(document) => {
                document.commands += 1;
                document.nodes = document.nodes.saturating_add(*nodes);
            }
            None => documents.push(Document { name, commands: 1, nodes: *nodes }),
        }
    }
    documents.sort_by_key(|document| std::cmp::Reverse(document.nodes));
    documents.truncate(2);
    let rest = collective.commands().saturating_sub(documents.iter().map(|document| document.commands).sum());
    let and = if rest > 0 { format!(" and {rest} more") } else { String::new() };
    let named: Vec<_> = documents.iter().map(Document::words).collect();
    format!("{}{and}.", named.join("; "))
}

/// The named members that share a document.
struct Document<'a> {
    name: &'a str,
    commands: u32,
    nodes: u32,
}

impl Document<'_> {
    /// "AWS-RunPatchBaseline, 3 commands, 9 nodes"; of one command its nodes alone.
    fn words(&self) -> String {
        let commands = (self.commands > 1).then(|| plural(self.commands, "command"));
        let nodes = (self.nodes > 0).then(|| plural(self.nodes, "node"));
        let parts: Vec<_> = [Some(self.name.to_owned()), commands, nodes].into_iter().flatten().collect();
        parts.join(", ")
    }
}

/// The end of a command that the person waited for.
pub fn ended(command: &CommandView<'_>) -> AlertText {
    let name = subject(command.command_id, command.document);
    let how = progress(command.counts, command.target_count, command.state);
    AlertText {
        title: format!("{name} ended"),
        body: format!("{}. Press to see its nodes.", capital(&how)),
        urgency: Urgency::Normal,
        sound: true,
    }
}

/// The end of a command that the person waited for cannot be told: nodes heard from, running when last heard, and sent to.
pub fn cannot_tell(name: &str, heard: u32, running: u32, targets: Option<u32>, sound: bool) -> AlertText {
    let running = if running == 0 { "none running".to_owned() } else { format!("{running} running when last heard") };
    let body = match targets {
        Some(targets) => format!("{heard} of {} heard, {running}.", plural(targets, "node")),
        None => format!("{} heard, {running}. SSM did not say how many it was sent to.", plural(heard, "node")),
    };
    AlertText { title: format!("Cannot tell whether {name} ended"), body, urgency: Urgency::Normal, sound }
}

/// "02:14", or "22 Nov 02:14" when that is another day than `now`'s.
pub fn clock(at: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    let (at, now) = (at.to_zoned(zone.clone()), now.to_zoned(zone.clone()));
    let form = if at.date() == now.date() { "%H:%M" } else { "%-d %b %H:%M" };
    at.strftime(form).to_string()
}

fn capital(sentence: &str) -> String {
    let mut letters = sentence.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    /// As it is stored: its named members and how many commands there are in all.
    fn storm(commands: u32, named: &[(&str, u32)]) -> Collective {
        let named = named
            .iter()
            .enumerate()
            .map(|(number, (name, nodes))| json!({ "command_id": number.to_string(), "name": name, "nodes": nodes }));
        let at = "2026-11-23T02:00:00Z";
        serde_json::from_value(json!({
            "serial": 1, "stage": "open", "commands": commands, "nodes": 99, "named": named.collect::<Vec<_>>(),
            "from": at, "to": at, "news_at": at, "place": "waiting", "due": "news", "rang": false,
        }))
        .unwrap()
    }

    #[rstest]
    #[case(2, &[("Patch", 1), ("Patch", 1)], "Patch, 2 commands, 2 nodes.")]
    #[case(3, &[("Patch", 9), ("Script", 2)], "Patch, 9 nodes; Script, 2 nodes and 1 more.")]
    #[case(5, &[("Script", 4), ("Patch", 3), ("Patch", 2), ("Agent", 1)], "Patch, 2 commands, 5 nodes; Script, 4 nodes and 2 more.")]
    #[case(2, &[("Patch", 0), ("Patch", 0)], "Patch, 2 commands.")]
    #[case(20, &[("Patch", 2), ("Patch", 1)], "Patch, 2 commands, 3 nodes and 18 more.")]
    fn commands_that_share_a_document_are_summed(
        #[case] commands: u32,
        #[case] named: &[(&str, u32)],
        #[case] words: &str,
    ) {
        let told = collective(Kind::Overflow, &storm(commands, named), &Settings::default());
        assert_eq!(told.body, words, "what is named and the rest are {commands} commands");
    }
}
