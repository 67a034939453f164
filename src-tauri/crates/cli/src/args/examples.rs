//! The long help of each command: what it does, what it needs, what its exit code means, and examples to copy.
//!
//! **Invariant:** every example runs as it stands once the ARN is one's own; no example names a flag that does not exist.

pub(super) const ABOUT: &str = "\
Watchbell owns a personal SQS queue that is subscribed to the SNS topic of your Systems Manager commands, rings a \
desktop alert when one fails or runs over its time, and keeps a searchable history. watchbellctl is the same engine \
as the desktop app, for a terminal and for scripts.";

pub(super) const ROOT: &str = "\
First day:
  watchbellctl subscribe --profile acme-prod \\
    --topic-arn arn:aws:sns:eu-central-1:123456789012:ssm-notify
  watchbellctl simulate
  watchbellctl watch

Exit codes:
  0 done   1 the answer is no   2 usage   3 AWS refused   4 could not reach AWS
  5 keychain   6 storage   7 blind

Results go to stdout, everything else to stderr. With --json an error is the document
{\"error\":{\"code\",\"message\",\"hint\"}} on stdout. The AWS SDK's own variables are honoured
(AWS_PROFILE, AWS_REGION, AWS_ENDPOINT_URL, ...), and so is NO_COLOR.";

pub(super) const SUBSCRIBE_ABOUT: &str = "\
Make a personal queue, subscribe it to the topic, and check that it will hear. Shows the plan and asks before it \
changes anything. Running it again changes only what differs; when a step fails or is interrupted with Ctrl-C, what was made \
is taken away again.

The queue keeps messages for 14 days, is encrypted by SQS, accepts messages from this topic only, and is tagged with \
its owner, host and topic. SNS is always called in the topic's region.

A queue of that name which exists already is only used when its tags say that it is yours, from this machine and for this \
topic, and it is in this data folder or you say yes to taking it over. Anybody else's is left alone.";

pub(super) const SUBSCRIBE: &str = "\
Examples:
  # with a profile of ~/.aws/config
  watchbellctl subscribe --profile acme-prod \\
    --topic-arn arn:aws:sns:eu-central-1:123456789012:ssm-notify

  # with an access key: the secret is asked for, or read as one line from a pipe
  pass show aws/acme |
    watchbellctl subscribe --topic-arn ARN --access-key-id AKIAIOSFODNN7EXAMPLE --yes

  # a temporary key: the secret on the first line, its session token on the second
  watchbellctl subscribe --topic-arn ARN --access-key-id ASIAIOSFODNN7EXAMPLE --yes < two-lines

  # through IAM Identity Center: the browser opens, and the tokens go to the OS keychain
  watchbellctl subscribe --topic-arn ARN \\
    --sso-start-url https://d-1234567890.awsapps.com/start --sso-region eu-central-1 \\
    --account-id 123456789012 --role-name OnCall

  # with a role on top that asks for an MFA device: its code is asked for
  watchbellctl subscribe --topic-arn ARN --profile acme-prod \\
    --role-arn arn:aws:iam::123456789012:role/watchbell \\
    --mfa-serial arn:aws:iam::123456789012:mfa/ann

  # a queue that an administrator made and subscribed for you
  watchbellctl subscribe --topic-arn ARN \\
    --queue-url https://sqs.eu-central-1.amazonaws.com/123456789012/for-me

  # hear failures only; progress, successes and totals are then unknown
  watchbellctl subscribe --topic-arn ARN --filter alerts

  # what would happen
  watchbellctl subscribe --topic-arn ARN --dry-run

Without a terminal to ask on, --yes is needed: otherwise the plan is printed and the exit code is 2.";

pub(super) const SIGN_IN_ABOUT: &str = "\
Sign in again for a subscription whose credentials have ended, or are about to. Through IAM Identity Center the system \
browser opens (with --device, over SSH and without a screen a code is shown to be typed on a web page instead); where a role or a \
profile asks for an MFA device, its code is asked for on the terminal, or read as a line of stdin. A running Watchbell goes on \
at once.

Tokens and the sessions that a code opened are kept in the OS keychain, and nowhere else. For a profile without an MFA device \
this says whether it works, and what would mend it: signing in with it is for the AWS CLI (aws sso login, aws login).";

pub(super) const SIGN_IN: &str = "\
Examples:
  watchbellctl sign-in
  watchbellctl sign-in --device
  watchbellctl sign-in --topic-arn arn:aws:sns:eu-central-1:123456789012:ssm-notify

Exit code: 0 signed in, 3 AWS or the person said no, 4 AWS was not reached, 5 keychain.";

pub(super) const UNSUBSCRIBE_ABOUT: &str = "\
Unsubscribe from the topic, delete the personal queue with what is still in it, and forget the secret in the keychain. \
The history stays. A queue that an administrator made is not deleted. What could not be removed is named, and stays \
listed so that it can be tried again.

--leftover removes a queue of yours that no subscription here reads, as watchbellctl subscriptions lists them: of a machine that is \
gone, or of another data folder. Its tags must say that it is yours; nobody else's is touched. It names the machine and when that \
last read it, and asks first.";

pub(super) const UNSUBSCRIBE: &str = "\
Examples:
  watchbellctl unsubscribe --topic-arn arn:aws:sns:eu-central-1:123456789012:ssm-notify
  watchbellctl unsubscribe --all --yes

  # a queue left over from a machine that is gone
  watchbellctl unsubscribe --profile acme-prod \\
    --leftover https://sqs.eu-central-1.amazonaws.com/123456789012/watchbell-ann-old-1a2b3c4d";

pub(super) const SUBSCRIPTIONS_ABOUT: &str = "\
List the subscriptions of this data folder: topic, queue, whose rights are used, and what the topic sends. Then looks, with \
those rights and in those regions, for queues that are tagged as yours and that nothing here reads: of a machine that is gone, \
or of another data folder. Needs sqs:ListQueues and sqs:ListQueueTags for that; where they are denied it says so and lists the \
rest. Nothing is changed; status says whether the subscriptions can be heard.";

pub(super) const SUBSCRIPTIONS: &str = "\
Examples:
  watchbellctl subscriptions
  watchbellctl subscriptions --json | jq -r '.subscriptions[].queue_url'

  # without any subscription here: look in an account and region
  watchbellctl subscriptions --profile acme-prod --region eu-central-1

  # what is left over
  watchbellctl subscriptions --json | jq -r '.leftovers[] | [.host, .queue_url] | @tsv'";

pub(super) const WATCH_ABOUT: &str = "\
Run the engine without a window: receive, store, alert, until Ctrl-C or SIGTERM. A message is deleted from the queue \
only after it is stored, so nothing is lost at any moment this is stopped.

One engine runs per data folder: beside a running one this exits 1 and names it.";

pub(super) const WATCH: &str = "\
Examples:
  watchbellctl watch
  watchbellctl watch --json | jq -c 'select(.event == \"alert\")'

  # from cron: take in what is queued and end
  watchbellctl watch --once

With --json each line is an object whose `event` is started, received, changed, alert, health, drained or stopped.
The last line of --once is `drained`, with received, stored, quarantined and alerts.";

pub(super) const STATUS_ABOUT: &str = "\
Say whether Watchbell can hear (each subscription, its backlog, its last completed poll), and how many failures wait \
for an acknowledgement.";

pub(super) const STATUS: &str = "\
Exit codes:
  0  healthy
  1  failures are unacknowledged
  7  a subscription cannot be heard, or no engine is running (this outranks failures)

Examples:
  watchbellctl status
  watchbellctl status --json | jq -r '.subscriptions[] | \"\\(.state) \\(.topic_arn)\"'";

pub(super) const HISTORY_ABOUT: &str = "\
List commands, the one last heard from first. All conditions must hold; --status may be given more than once.";

pub(super) const HISTORY: &str = "\
Search:
  status:failed  document:AWS-RunPatch*  node:i-0c4e…  since:7d  until:2026-11-01  and free words

Examples:
  watchbellctl history --status failed,timed_out --since 7d
  watchbellctl history --document 'AWS-RunPatch*' --node i-0c4e0f1a2b3c4d591
  watchbellctl history --search 'status:failed since:2d kernel'
  watchbellctl history --json --limit 500 | jq -r '[.command_id, .state] | @tsv'

  # the next page: the cursor is in the last line
  watchbellctl history --json > page1
  watchbellctl history --json --after \"$(tail -1 page1 | jq -r .cursor)\"";

pub(super) const SHOW_ABOUT: &str = "\
Show one command: what is known of it, its nodes (failures first), every distinct event in the order of its time, and \
why Watchbell rang or did not. Exits 1 if there is no such command here.";

pub(super) const SHOW: &str = "\
Examples:
  watchbellctl show 0d4bd167-8513-4d6e-9a69-72f784dc7d32
  watchbellctl show 0d4bd167-8513-4d6e-9a69-72f784dc7d32 --json |
    jq -r '.invocations[] | select(.status == \"failed\") | .node_id'";

pub(super) const QUARANTINE_ABOUT: &str = "\
List the messages that could not be understood, newest first. They are kept, never executed and never dropped. On a \
terminal the beginning of each body is shown with control characters taken out; --json has the whole body.";

pub(super) const QUARANTINE: &str = "\
Examples:
  watchbellctl quarantine
  watchbellctl quarantine --json | jq -r .reason | sort | uniq -c";

pub(super) const WINDOWS_ABOUT: &str = "\
List the runs of maintenance windows, the latest first, with how far their commands are: past ones, the open one, and \
those to come. Runs are known from SSM (where you may read windows), from EventBridge's events on the same queue, and \
from windows that you type in. A command belongs to a run because SSM says so, else because it was sent while the run \
was open; that is then marked as a guess.";

pub(super) const WINDOWS: &str = "\
Examples:
  watchbellctl windows
  watchbellctl windows --since 30d --json | jq -r '.runs[] | select(.failed > 0) | .run'
  watchbellctl windows add --name 'Sunday patch' --schedule 'cron(0 2 ? * SUN *)' \\
    --time-zone Europe/Berlin --duration 4 --cutoff 1
  watchbellctl windows remove 'Sunday patch'";

pub(super) const WINDOWS_SHOW: &str = "\
Examples:
  watchbellctl windows show \"$(watchbellctl windows --json | jq -r '.runs[0].run')\"";

pub(super) const WINDOWS_ADD_ABOUT: &str = "\
Type a window in as Systems Manager writes it. It holds for every account and region of this data folder. An execution \
that SSM starts within 5 minutes of it takes its name, cutoff and end.";

pub(super) const WINDOWS_ADD: &str = "\
Examples:
  watchbellctl windows add --name 'Sunday patch' --schedule 'cron(0 2 ? * SUN *)' \\
    --time-zone Europe/Berlin --duration 4 --cutoff 1

  # two days after the second Tuesday of a month
  watchbellctl windows add --name 'Patch Thursday' --schedule 'cron(0 22 ? * TUE#2 *)' \\
    --offset 2 --duration 6 --cutoff 1

  # every 12 hours, counted from a start
  watchbellctl windows add --name Agents --schedule 'rate(12 hours)' \\
    --start 2026-11-01T00:00:00Z --duration 1 --cutoff 0";

pub(super) const WINDOWS_REMOVE: &str = "\
Examples:
  watchbellctl windows remove 'Sunday patch'";

pub(super) const WINDOWS_PREVIEW: &str = "\
Examples:
  watchbellctl windows preview --schedule 'cron(0 2 ? * SUN *)' --time-zone Europe/Berlin
  watchbellctl windows preview --schedule 'at(2026-12-24T22:00:00)'";

pub(super) const ACK_ABOUT: &str = "\
Acknowledge failures: they leave the tray and the count of `status`, and stay in the history. A node that fails after \
that breaks the acknowledgement. Exits 1 if there is no such command here.";

pub(super) const ACK: &str = "\
Examples:
  watchbellctl ack 0d4bd167-8513-4d6e-9a69-72f784dc7d32
  watchbellctl ack --all";

pub(super) const SNOOZE_ABOUT: &str = "\
Hold new alerts back. History and tray go on; what would have rung comes as one alert when the snooze ends. That Watchbell \
cannot hear until you act is told all the same.

`window` snoozes until the maintenance window that is open now ends, and exits 1 when none is known to be open.";

pub(super) const SNOOZE: &str = "\
Examples:
  watchbellctl snooze 1h
  watchbellctl snooze window
  watchbellctl snooze off";

pub(super) const WATCH_COMMAND_ABOUT: &str = "\
Wait until one command has ended, as the running engine hears it. A command has ended when SSM says so of the whole, or when \
all of its targets have, where their number is known. Heard from its nodes alone with an unknown number of targets, nobody can \
tell; then this says so once nothing more comes. Progress goes to stderr.";

pub(super) const WATCH_COMMAND: &str = "\
Exit codes:
  0  it succeeded
  1  it ended otherwise, or its end cannot be told (no engine, no word of it in time)

Examples:
  watchbellctl watch-command 0d4bd167-8513-4d6e-9a69-72f784dc7d32 --timeout 2h

  # send, wait, go on
  id=$(aws ssm send-command ... --query Command.CommandId --output text)
  watchbellctl watch-command \"$id\" && echo done";

pub(super) const RULES_ABOUT: &str = "\
Rules say which failures ring (loud), which change tray and history only (quiet), and which not even the tray (mute). The first \
rule whose conditions all hold decides; where none does, it rings. A file of rules is taken whole or not at all, and what is \
wrong in it is marked.";

pub(super) const RULES: &str = "\
Examples:
  watchbellctl rules
  watchbellctl rules export > rules.json
  watchbellctl rules try rules.json --days 30
  watchbellctl rules import rules.json
  watchbellctl rules clear --yes

A file looks like this. Conditions are document, node, status, topic and window (inside or
outside); a pattern is a glob, or a regular expression between slashes:
  {\"watchbell_rules\": 1, \"rules\": [
    {\"name\": \"Agent updates\", \"when\": {\"document\": \"AWS-UpdateSSMAgent\"}, \"then\": \"mute\"},
    {\"name\": \"Test nodes\", \"when\": {\"node\": \"/^mi-0/\", \"status\": \"timed_out\"}, \"then\": \"quiet\"}
  ]}";

pub(super) const RULES_TRY: &str = "\
Examples:
  watchbellctl rules try rules.json --days 30
  watchbellctl rules try";

pub(super) const QUIET_ABOUT: &str = "\
In quiet hours new alerts wait; what would have rung comes as one alert at their end. What rings all the same is set beside \
them: that Watchbell cannot hear until you act, a command that you asked to be told of, documents, or a number of failing nodes.";

pub(super) const QUIET: &str = "\
Examples:
  watchbellctl quiet
  watchbellctl quiet set mon-fri 22:00-07:00 sat,sun 00:00-00:00
  watchbellctl quiet set --document 'AWS-RunPatch*' --failing-nodes 20
  watchbellctl quiet off";

pub(super) const QUIET_SET: &str = "\
An end that is not later than its start is on the next day: 22:00-07:00 crosses midnight, 00:00-00:00 is the whole day.
What is not named stays as it is.

Examples:
  watchbellctl quiet set 22:00-07:00
  watchbellctl quiet set mon-fri 22:00-07:00 sat,sun 00:00-00:00 --blind no
  watchbellctl quiet set --failing-nodes off --no-documents";

pub(super) const EXPORT_ABOUT: &str = "\
Print the commands of the history, the one last heard from first, all of them or those that fit: as one JSON document with \
nodes, events and alert decisions (the default), as CSV with one line a command, or as a report in Markdown.";

pub(super) const EXPORT: &str = "\
Examples:
  watchbellctl export > history.json
  watchbellctl export --format csv --since 30d > history.csv
  watchbellctl export --format md --status failed,timed_out --since 7d > week.md";

pub(super) const SIMULATE_ABOUT: &str = "\
Feed a realistic patch run in, so that you see the alert, the tray and the history. It stays on this machine and is \
marked as simulated.

--publish sends the messages through the topic instead, which proves the whole way from SNS. The topic is shared: \
Watchbell names how many other subscriptions will get them and asks first.";

pub(super) const SIMULATE: &str = "\
Examples:
  watchbellctl simulate
  watchbellctl simulate --nodes 200 --fail 7 --time-out 5
  watchbellctl simulate --publish --topic-arn arn:aws:sns:eu-central-1:123456789012:ssm-notify";

pub(super) const COMPLETIONS_ABOUT: &str = "Print the completions of a shell, to be put where that shell looks.";

pub(super) const COMPLETIONS: &str = "\
Examples:
  watchbellctl completions bash > ~/.local/share/bash-completion/completions/watchbellctl
  watchbellctl completions zsh > ~/.zfunc/_watchbellctl
  watchbellctl completions fish > ~/.config/fish/completions/watchbellctl.fish";
