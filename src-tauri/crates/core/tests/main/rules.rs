//! Laws of the rules over any book and any failure.

use proptest::prelude::*;
use proptest::sample::Index;
use watchbell_core::rules::{
    InWindow, Pattern, PatternKind, Route, Rule, RuleBook, Subject, Verdict, When, export, import,
};

/// A failure with owned parts.
#[derive(Debug, Clone)]
struct Failure {
    document: Option<String>,
    node: Option<String>,
    status: String,
    topic: Option<String>,
    in_window: bool,
}

impl Failure {
    fn subject(&self) -> Subject<'_> {
        Subject {
            document: self.document.as_deref(),
            node: self.node.as_deref(),
            status: &self.status,
            topic: self.topic.as_deref(),
            in_window: self.in_window,
        }
    }
}

fn failures() -> impl Strategy<Value = Failure> {
    let name = || proptest::option::of(prop_oneof![4 => "(arn:x:document/)?[abAé]{0,4}", 1 => any::<String>()]);
    (name(), name(), "failed|timed_out|not_run|cancelled|Rebooting", name(), any::<bool>())
        .prop_map(|(document, node, status, topic, in_window)| Failure { document, node, status, topic, in_window })
}

fn patterns() -> impl Strategy<Value = Pattern> {
    prop_oneof!["[abé?*]{1,4}", "/\\^?[abé.]{1,3}[*+]?\\$?/", "/\\(a\\|b{1,3}\\)\\+/"].prop_map(Pattern::new)
}

fn statuses() -> impl Strategy<Value = Pattern> {
    "failed|timed_out|failing|NotRun|\\*ed|/_/".prop_map(Pattern::new)
}

fn rules() -> impl Strategy<Value = Vec<Rule>> {
    let maybe = proptest::option::of::<BoxedStrategy<Pattern>>;
    let window = proptest::option::of(prop_oneof![Just(InWindow::Inside), Just(InWindow::Outside)]);
    let when = (
        maybe(patterns().boxed()),
        maybe(patterns().boxed()),
        maybe(statuses().boxed()),
        maybe(patterns().boxed()),
        window,
    )
        .prop_map(|(document, node, status, topic, window)| When { document, node, status, topic, window });
    let route = prop_oneof![Just(Route::Loud), Just(Route::Quiet), Just(Route::Mute)];
    proptest::collection::vec(("[ a-zé\"\\\\\u{7}]{0,12}", any::<bool>(), when, route), 0..8).prop_map(|rules| {
        // A number keeps names apart and visible.
        let numbered = rules.into_iter().enumerate();
        numbered
            .map(|(n, (name, enabled, when, then))| Rule { name: format!("{name}{n}"), enabled, when, then })
            .collect()
    })
}

proptest! {
    // Each case compiles up to eight rules a few times, which takes its time without optimization.
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_first_enabled_rule_that_speaks_of_it_decides(rules in rules(), failure in failures()) {
        let book = RuleBook::compile(&rules).unwrap();
        let subject = failure.subject();
        let first = (0..rules.len()).find(|&n| rules[n].enabled && book.speaks_of(n, &subject));
        let verdict = book.judge(&subject);
        prop_assert_eq!(verdict.rule.map(|rule| rule.index), first, "the first that fits, and only an enabled one");
        prop_assert_eq!(verdict.route, first.map_or(Route::Loud, |n| rules[n].then), "its route, else loud");
        prop_assert_eq!(verdict.reason().is_some(), first.is_some(), "a rule that decides is named");
    }

    #[test]
    fn a_rule_alone_fits_as_it_does_in_a_book(rules in rules(), failure in failures()) {
        let book = RuleBook::compile(&rules).unwrap();
        for (n, rule) in rules.iter().enumerate() {
            let alone = RuleBook::compile(std::slice::from_ref(rule)).unwrap();
            prop_assert_eq!(alone.speaks_of(0, &failure.subject()), book.speaks_of(n, &failure.subject()), "{:?}", rule);
        }
    }

    #[test]
    fn order_matters_only_among_rules_that_speak_of_it(rules in rules(), failure in failures(), from: Index, to: Index) {
        let book = RuleBook::compile(&rules).unwrap();
        let silent: Vec<usize> = (0..rules.len()).filter(|&n| !book.speaks_of(n, &failure.subject())).collect();
        if silent.is_empty() {
            return Ok(());
        }
        let (from, to) = (silent[from.index(silent.len())], to.index(rules.len()));
        let mut moved = rules.clone();
        let rule = moved.remove(from);
        moved.insert(to, rule);
        let moved = RuleBook::compile(&moved).unwrap();
        let said = |verdict: Verdict<'_>| (verdict.route, verdict.reason());
        prop_assert_eq!(said(book.judge(&failure.subject())), said(moved.judge(&failure.subject())), "it has no say");
    }

    #[test]
    fn a_rule_on_nodes_never_speaks_of_a_whole_command(rules in rules(), failure in failures()) {
        let book = RuleBook::compile(&rules).unwrap();
        let whole = Failure { node: None, ..failure };
        if let Some(rule) = book.judge(&whole.subject()).rule {
            prop_assert_eq!(&rules[rule.index].when.node, &None, "a command is no node");
        }
    }

    #[test]
    fn a_shared_file_makes_the_same_book(rules in rules()) {
        let file = export(&rules);
        let read = import(&file).unwrap();
        prop_assert_eq!(RuleBook::compile(&read), RuleBook::compile(&rules), "{}", &file);
        prop_assert_eq!(export(&import(&export(&read)).unwrap()), export(&read), "once read, the file no longer changes");
    }
}

proptest! {
    #[test]
    fn no_pattern_makes_it_panic_and_every_mistake_has_a_place(text in "/?[ab(|)*+?{}\\[\\]^$.,\\\\0-9é\u{200b} ]{0,12}/?", name in any::<String>()) {
        let pattern = Pattern::new(text.clone());
        let when = When { status: Some(pattern.clone()), node: Some(pattern.clone()), ..When::default() };
        match RuleBook::compile(&[Rule { name: name.clone(), enabled: true, when, then: Route::Mute }]) {
            Ok(book) => {
                book.judge(&Subject { node: Some(&name), status: &text, ..Subject::default() });
                let empty = matches!(pattern.kind(), PatternKind::Glob("") | PatternKind::Expression(""));
                prop_assert!(!empty, "an empty pattern is refused");
            }
            Err(errors) => for error in errors {
                let place = if error.field.as_str() == "name" { name.get(error.range) } else { text.get(error.range) };
                prop_assert!(place.is_some_and(|place| !place.is_empty() || name.is_empty() || text.is_empty()), "no place in {text:?}");
                prop_assert!(error.message.ends_with('.') && error.hint.ends_with('.'), "{} {}", error.message, error.hint);
            },
        }
    }

    #[test]
    fn no_file_makes_it_panic(text in any::<String>(), rules in rules(), cut: Index) {
        let _ = import(&text);
        let file = export(&rules);
        let cut = cut.index(file.trim_end().len());
        prop_assert!(file.get(..cut).is_none_or(|start| import(start).is_err()), "half a file is no file");
    }
}
