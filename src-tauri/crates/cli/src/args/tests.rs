//! What is typed, and what is made of it.

use clap::{CommandFactory, Parser, error::ErrorKind};

use watchbell_engine::doctor::AskedTopic;

use super::*;

const TOPIC: &str = "arn:aws:sns:eu-central-1:123456789012:ssm-notify";
const KEY: &str = "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const QUEUE: &str = "arn:aws:sqs:eu-central-1:123456789012:on-call";

fn parse(line: &[&str]) -> Result<Cli, clap::Error> {
    Cli::try_parse_from(std::iter::once("watchbellctl").chain(line.iter().copied()))
}

#[test]
fn the_definition_holds_together() {
    Cli::command().debug_assert();
}

#[test]
fn global_flags_are_taken_before_and_after_the_command() {
    for line in [["--json", "status"], ["status", "--json"]] {
        let cli = parse(&line).unwrap();
        assert!(cli.global.json, "--json counts wherever it stands");
    }
}

#[test]
fn a_fifo_topic_or_a_malformed_arn_is_refused_while_parsing() {
    for arn in [
        "arn:aws:sns:eu-central-1:123456789012:ssm-notify.fifo",
        "arn:aws:sqs:eu-central-1:123456789012:ssm-notify",
        "arn:aws:sns:eu-central-1:12345:ssm-notify",
        "ssm-notify",
        "",
    ] {
        let refused = parse(&["subscribe", "--topic-arn", arn]).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::ValueValidation, "{arn:?} must be refused before any call");
        assert_eq!(refused.exit_code(), 2, "a usage error exits 2");
    }
}

#[test]
fn a_profile_and_an_access_key_exclude_each_other() {
    let line = ["subscribe", "--topic-arn", TOPIC, "--profile", "p", "--access-key-id", "AKIA0"];
    assert_eq!(parse(&line).unwrap_err().kind(), ErrorKind::ArgumentConflict, "one source of credentials only");
}

#[test]
fn no_flag_takes_a_secret() {
    for command in Cli::command().get_subcommands() {
        for flag in command.get_arguments().filter_map(clap::Arg::get_long) {
            assert!(!flag.contains("secret") && !flag.contains("password"), "a secret must never be in argv: --{flag}");
        }
    }
}

#[test]
fn statuses_may_be_repeated_or_joined_by_commas() {
    let cli = parse(&["history", "--status", "failed,timed_out", "--status", "success"]).unwrap();
    let Command::History(history) = cli.command else { panic!("history was typed") };
    assert_eq!(history.which.status, ["failed", "timed_out", "success"], "every status that was typed counts");
    assert_eq!(history.limit, 50, "the default limit is 50");
}

#[test]
fn ack_needs_one_command_or_all_and_not_both() {
    assert!(parse(&["ack", "c-1"]).is_ok());
    assert!(parse(&["ack", "--all"]).is_ok());
    assert!(parse(&["ack"]).is_err(), "ack without a command is a usage error");
    assert!(parse(&["ack", "c-1", "--all"]).is_err(), "one command and all exclude each other");
}

#[test]
fn unsubscribe_takes_one_topic_or_all() {
    assert!(parse(&["unsubscribe"]).is_ok(), "with one subscription the topic may be left out");
    assert!(parse(&["unsubscribe", "--all", "--topic-arn", TOPIC]).is_err(), "a topic and all exclude each other");
}

#[test]
fn bad_values_are_refused_while_parsing() {
    for line in [
        &["history", "--limit", "0"][..],
        &["history", "--since", "yesterday"],
        &["simulate", "--nodes", "0"],
        &["simulate", "--nodes", "5001"],
        &["status", "--endpoint-url", "localhost:4566"],
        &["status", "--endpoint-url", "http://"],
        &["subscribe", "--topic-arn", TOPIC, "--role-arn", "admin"],
        &["subscribe", "--topic-arn", TOPIC, "--region", "Frankfurt"],
        &["subscribe", "--topic-arn", TOPIC, "--access-key-id", "AKIA 0"],
        &["subscribe", "--topic-arn", TOPIC, "--filter", "some"],
        &["snooze"],
        &["snooze", "0m"],
        &["snooze", "8d"],
        &["snooze", "tomorrow"],
        &["watch-command"],
        &["watch-command", "c-1", "--timeout", "soon"],
        &["watch-command", "c-1", "--timeout", "0s"],
        &["rules", "import"],
        &["rules", "try", "--days", "0"],
        &["rules", "try", "--days", "91"],
        &["quiet", "set", "--blind", "perhaps"],
        &["quiet", "set", "--failing-nodes", "0"],
        &["quiet", "set", "--no-documents", "--document", "a"],
        &["export", "--format", "xml"],
        &["subscribe"],
        &["show"],
        &["frobnicate"],
        &["completions", "tcsh"],
        &["iam"],
        &["iam", "--topic-arn", TOPIC, "--sns-role", "AWSServiceRoleForAmazonSSM"],
        &["iam", "--topic-arn", TOPIC, "--window-role", "arn:aws:iam::123456789012:user/ann"],
        &["iam", "--topic-arn", TOPIC, "--kms-key", "alias/aws/sns"],
        &["iam", "--topic-arn", TOPIC, "--format", "yaml"],
        &["iam", "--topic-arn", TOPIC, "--check", "--format", "cli"],
        &["doctor", "--topic-arn", QUEUE],
        &["doctor", "--sns-role", "AWSServiceRoleForAmazonSSM"],
        &["iam", "--topic-arn", TOPIC, "--queue-arn", QUEUE, "--queue-region", "eu-west-1"],
        &["iam", "--topic-arn", TOPIC, "--queue-kms-key", KEY],
    ] {
        assert_eq!(parse(line).unwrap_err().exit_code(), 2, "{line:?} is a usage error");
    }
}

#[test]
fn an_empty_data_folder_counts_as_none() {
    let cli = parse(&["status", "--data-dir", ""]).unwrap();
    assert_eq!(cli.global.folder(), None, "an empty name is what an unset variable leaves in a script");
}

#[test]
fn the_help_of_every_command_reads_as_reviewed() {
    let mut root = Cli::command().term_width(100);
    root.build();
    insta::assert_snapshot!("help", root.render_long_help());
    insta::assert_snapshot!("help_short", root.render_help());
    for name in root.get_subcommands().map(|command| command.get_name().to_owned()).collect::<Vec<_>>() {
        let help = root.find_subcommand_mut(&name).unwrap().render_long_help();
        insta::assert_snapshot!(format!("help_{name}"), help);
    }
}

#[test]
fn the_help_of_each_thing_to_do_with_windows_reads_as_reviewed() {
    let mut root = Cli::command().term_width(100);
    root.build();
    let windows = root.find_subcommand_mut("windows").unwrap();
    for name in ["show", "add", "remove", "preview"] {
        let command = windows.find_subcommand_mut(name).unwrap();
        insta::assert_snapshot!(format!("help_windows_{name}"), command.render_long_help());
    }
}

#[test]
fn the_help_of_rules_and_quiet_goes_into_each_of_their_actions() {
    let mut root = Cli::command().term_width(100);
    root.build();
    for (name, action) in [("rules", "import"), ("rules", "try"), ("rules", "clear"), ("quiet", "set")] {
        let action_help =
            root.find_subcommand_mut(name).unwrap().find_subcommand_mut(action).unwrap().render_long_help();
        insta::assert_snapshot!(format!("help_{name}_{action}"), action_help);
    }
}

#[test]
fn a_window_is_typed_in_within_the_ranges_of_ssm() {
    let with = |flag: &str, value: &str| {
        let mut line = vec!["windows", "add", "--name", "w", "--schedule", "rate(1 day)"];
        for (name, usual) in [("--duration", "4"), ("--cutoff", "1"), ("--offset", "2")] {
            line.extend([name, if name == flag { value } else { usual }]);
        }
        parse(&line).is_ok()
    };
    assert!(with("", ""), "the usual numbers are taken");
    for (flag, value) in [("--duration", "0"), ("--duration", "25"), ("--cutoff", "24"), ("--offset", "7")] {
        assert!(!with(flag, value), "{flag} {value} is outside of what SSM takes");
    }
    assert!(parse(&["windows"]).is_ok(), "without a word the runs are listed");
    assert!(parse(&["windows", "--since", "30d"]).is_ok(), "from when is a choice");
    assert!(parse(&["windows", "--since", "30d", "remove", "w"]).is_err(), "a list's flag says nothing to a change");
    assert!(parse(&["windows", "preview"]).is_err(), "a preview needs a schedule");
}

#[test]
fn a_snooze_is_a_span_a_window_or_off() {
    let of = |typed: &str| match parse(&["snooze", typed]).unwrap().command {
        Command::Snooze(snooze) => snooze.until,
        other => panic!("snooze was typed, not {other:?}"),
    };
    assert_eq!(of("30m"), SnoozeFor::Span(jiff::SignedDuration::from_mins(30)));
    assert_eq!(of("7d"), SnoozeFor::Span(jiff::SignedDuration::from_hours(168)), "a week is the longest");
    assert_eq!((of("window"), of("off")), (SnoozeFor::Window, SnoozeFor::Off));
}

#[test]
fn rules_and_quiet_alone_show_what_is_there() {
    let Command::Rules(rules) = parse(&["rules"]).unwrap().command else { panic!("rules was typed") };
    assert!(rules.action.is_none(), "and so does rules list");
    let Command::Quiet(quiet) = parse(&["quiet"]).unwrap().command else { panic!("quiet was typed") };
    assert!(quiet.action.is_none(), "and so does quiet show");
}

#[test]
fn every_command_has_examples() {
    for command in Cli::command().get_subcommands() {
        let after = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        let shows_itself = format!("watchbellctl {}", command.get_name());
        assert!(after.contains("Examples:") && after.contains(&shows_itself), "{} needs examples", command.get_name());
    }
}

#[test]
fn the_doctor_takes_a_fifo_topic_to_say_what_is_wrong_with_it() {
    let Command::Doctor(doctor) = parse(&["doctor", "--topic-arn", &format!("{TOPIC}.fifo")]).unwrap().command else {
        panic!("doctor was typed")
    };
    assert!(matches!(doctor.topic_arn, Some(AskedTopic::Fifo { .. })), "{doctor:?}");
    let Command::Doctor(doctor) = parse(&["doctor"]).unwrap().command else { panic!("doctor was typed") };
    assert_eq!((doctor.topic_arn, doctor.publish), (None, false), "every subscription, and nothing is published");
}

#[test]
fn looking_at_the_account_and_at_what_is_left_over_have_flags_of_their_own() {
    assert!(parse(&["iam", "--topic-arn", TOPIC, "--check", "--profile", "p"]).is_ok());
    assert!(
        parse(&["iam", "--topic-arn", TOPIC, "--profile", "p"]).is_err(),
        "without --check nothing is asked of AWS"
    );
    let url = "https://sqs.eu-central-1.amazonaws.com/123456789012/watchbell-ann-old-1a2b3c4d";
    assert!(parse(&["unsubscribe", "--leftover", url, "--region", "eu-central-1", "-y"]).is_ok());
    assert!(parse(&["unsubscribe", "--leftover", url, "--all"]).is_err(), "one queue, or what is subscribed here");
    assert!(parse(&["unsubscribe", "--region", "eu-central-1"]).is_err(), "a region is for what is left over");
}
