//! What the account has of the documents that `core::iam` writes: read, compared, and nothing changed.
//!
//! **Invariant:** each statement is present, missing, denied or could not be looked at; without the right to look, or where it hangs on what is
//! not seen from here, it is never called present. What no document makes and nothing arrives without is a line, too. What bounds a role from
//! outside (boundaries, service control policies) is not looked at, nor are the grants of a key.

mod beside;
mod held;
mod of_key;

use serde::Serialize;
use watchbell_core::arn::QueueArn;
use watchbell_core::iam::{Ask, Document, Documents, Found, HeldPolicy, Kind, Statement, Target, compare};

use super::access::Access;
use super::refusal::Refusal;
use super::{queue, subscription};
use crate::error::{Code, Problem};
use held::Identities;
pub(crate) use held::unreadable;

/// What became of one wanted statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LineState {
    /// All of it is allowed.
    Present,
    /// Some of it is not.
    Missing,
    /// A statement denies some of it.
    Denied,
    /// It could not be looked at.
    CannotLook,
}

/// One wanted statement, and whether it is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CheckedStatement {
    /// Its name within the document; of what no document makes, a name of ours.
    pub sid: String,
    /// What became of it.
    pub state: LineState,
    /// The actions that are missing or denied; of one that could not be looked at, none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<String>,
    /// What they are needed on.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<String>,
    /// Why it could not be looked at, or what else to know.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What to do: the statement to add, or the right to ask for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<String>,
}

/// One document, compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CheckedDocument {
    /// "Task 2: Let …".
    pub title: String,
    /// Where it is looked for: "the role ssm-sns-publish".
    pub place: String,
    /// Each of its statements.
    pub statements: Vec<CheckedStatement>,
}

/// All documents, compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CheckedDocuments {
    /// In the order of the guide; last what they rest on, the topic and the keys themselves.
    pub documents: Vec<CheckedDocument>,
}

impl CheckedDocuments {
    /// Whether everything is known to be there.
    pub fn all_present(&self) -> bool {
        self.documents.iter().flat_map(|one| &one.statements).all(|line| line.state == LineState::Present)
    }
}

/// Why what a place has is not known.
enum Unread {
    /// The place itself does not exist, so that it has nothing.
    Absent(String),
    /// It could not be read.
    Unseen(Problem),
}

impl From<Problem> for Unread {
    fn from(problem: Problem) -> Self {
        Self::Unseen(problem)
    }
}

impl From<Refusal> for Unread {
    fn from(refused: Refusal) -> Self {
        Self::Unseen(refused.problem)
    }
}

/// What a place has.
type Held = Result<Vec<HeldPolicy>, Unread>;

/// Reads what exists and compares it with the documents.
pub async fn check(access: &Access, documents: &Documents) -> CheckedDocuments {
    let ask = documents.ask();
    let topic = &ask.topic;
    let sns = access.sns(topic.region()).await;
    let identities = Identities::new(access.iam(topic.region()).await);
    // Names of roles, users and groups are looked for in the account of the credentials.
    let own = access.caller(topic.region()).await.ok().map(|caller| caller.account);
    let attributes = subscription::topic_attributes(&sns, topic).await;
    let mut beside = beside::of_topic(access, &attributes, ask).await;
    let mut checked = Vec::new();
    for document in documents {
        let held = match (document.kind, &document.attach_to) {
            (Kind::Key, Target::Key { arn }) => {
                checked.push(of_key::checked(access, document, arn, ask).await);
                continue;
            }
            (Kind::Topic, _) => match &attributes {
                Ok(held) => policy_of(held.get("Policy"), "the topic's policy"),
                Err(refused) => Err(refused.problem.clone().into()),
            },
            (Kind::Queue, Target::Queue { arn }) => match queue(access, arn).await {
                Ok((arn, held)) => {
                    let name = held.get("KmsMasterKeyId").map(String::as_str);
                    beside.extend(beside::key_of_queue(access, name, &arn, ask).await);
                    policy_of(held.get("Policy"), "the queue's policy")
                }
                Err(unread) => Err(unread),
            },
            (_, target) if own.as_deref().is_some_and(|own| own != target.account()) => {
                Err(elsewhere(own.as_deref().unwrap_or_default(), target.account()).into())
            }
            (Kind::Trust, Target::Role { name, .. }) => identities.trust(name).await,
            (_, target) => identities.permissions(target).await,
        };
        checked.push(compared(document, ask, held));
    }
    checked.push(CheckedDocument {
        title: "The topic and the encryption".to_owned(),
        place: "SNS, SQS and KMS".to_owned(),
        statements: beside,
    });
    CheckedDocuments { documents: checked }
}

fn elsewhere(own: &str, needed: &str) -> Problem {
    Problem::new(
        Code::No,
        format!("the credentials are of account {own}, and this is in account {needed}"),
        format!("compare with credentials of account {needed}, too"),
    )
}

async fn queue(access: &Access, arn: &str) -> Result<(QueueArn, queue::Attributes), Unread> {
    let arn: QueueArn = arn
        .parse()
        .map_err(|error: watchbell_core::arn::ArnError| Problem::new(Code::Usage, error.to_string(), error.hint()))?;
    let sqs = access.sqs_setup(arn.region()).await;
    let Some(url) = queue::find(&sqs, arn.name(), arn.as_str()).await? else {
        return Err(Unread::Absent(format!("the queue {}", arn.name())));
    };
    let held = queue::attributes(&sqs, &url, arn.as_str()).await?;
    Ok((arn, held))
}

fn policy_of(text: Option<&String>, what: &str) -> Held {
    match text.map(String::as_str).unwrap_or_default() {
        "" => Ok(Vec::new()),
        text => HeldPolicy::read(text).map(|policy| vec![policy]).ok_or_else(|| unreadable(what).into()),
    }
}

fn compared(document: &Document, ask: &Ask, held: Held) -> CheckedDocument {
    let wanted = document.policy.statements().iter();
    let statements = match held {
        Ok(held) => compare(document, ask, &held).into_iter().map(|(one, found)| line(document, one, found)).collect(),
        Err(Unread::Unseen(problem)) => wanted.map(|one| unseen(one, &problem)).collect(),
        Err(Unread::Absent(what)) => wanted.map(|one| absent(one, &what)).collect(),
    };
    CheckedDocument { title: document.heading(), place: document.place(ask), statements }
}

fn line(document: &Document, statement: &Statement, found: Found) -> CheckedStatement {
    match found {
        Found::Present => CheckedStatement::present(statement),
        Found::Missing(actions) => CheckedStatement::missing(statement, actions),
        Found::Denied(actions) => CheckedStatement::denied(statement, actions),
        Found::CannotTell { why, confined } => CheckedStatement::unknown(
            statement,
            format!("cannot tell: {why}"),
            match (document.kind, document.task) {
                (Kind::Trust, _) if confined => {
                    "that Systems Manager sends this key is not confirmed: send a command with a notification, and if it comes, compare \
                     with the confined trust (--confine-trust, or its switch in the window)"
                }
                (Kind::PersonPermission, None) => "let that person run watchbellctl doctor: it tells what is denied",
                (Kind::Topic, _) => "subscribe from that account and see whether it is let in",
                _ => TRY_IT,
            }
            .to_owned(),
        ),
    }
}

/// What decides where no policy does.
const TRY_IT: &str = "send a command with a notification and see whether it comes: no error would tell";

impl CheckedStatement {
    fn present(statement: &Statement) -> Self {
        Self {
            sid: statement.sid().to_owned(),
            state: LineState::Present,
            actions: Vec::new(),
            resources: statement.resources().to_vec(),
            reason: None,
            fix: None,
        }
    }

    fn missing(statement: &Statement, actions: Vec<String>) -> Self {
        let whole = serde_json::to_string(statement).unwrap_or_default();
        let fix = Some(format!("add: {whole}"));
        Self { state: LineState::Missing, actions, fix, ..Self::present(statement) }
    }

    fn denied(statement: &Statement, actions: Vec<String>) -> Self {
        let fix = "a policy denies it explicitly: that statement has to be changed; allowing it is not enough";
        Self { state: LineState::Denied, actions, fix: Some(fix.to_owned()), ..Self::present(statement) }
    }

    fn unknown(statement: &Statement, reason: String, fix: String) -> Self {
        let fix = Some(fix).filter(|fix| !fix.is_empty());
        Self { state: LineState::CannotLook, reason: Some(reason), fix, ..Self::present(statement) }
    }
}

/// Of what does not exist all is missing.
fn absent(statement: &Statement, what: &str) -> CheckedStatement {
    let missing = CheckedStatement::missing(statement, statement.actions().to_vec());
    CheckedStatement { reason: Some(format!("{what} does not exist")), ..missing }
}

fn unseen(statement: &Statement, problem: &Problem) -> CheckedStatement {
    CheckedStatement::unknown(statement, problem.message.clone(), problem.hint.clone())
}
