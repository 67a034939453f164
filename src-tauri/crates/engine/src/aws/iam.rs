//! What the account has of the documents that `core::iam` writes: read, compared, and nothing changed.
//!
//! **Invariant:** each statement is present, missing, denied or could not be looked at; without the right to look it is never called
//! present. What bounds a role from outside (boundaries, service control policies) is not looked at, nor are the grants of a key.

mod held;
mod of_key;

use serde::Serialize;
use watchbell_core::arn::QueueArn;
use watchbell_core::health::SubscriptionState;
use watchbell_core::iam::{Document, Documents, Found, HeldPolicy, Kind, Statement, Target, compare};

use super::access::Access;
use super::refusal::Refusal;
use super::{queue, subscription};
use crate::error::Problem;
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
    /// Its name within the document.
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
    /// In the order of the guide.
    pub documents: Vec<CheckedDocument>,
    /// What else was noticed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

impl CheckedDocuments {
    /// Whether every statement is known to be there.
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
    let topic = &documents.ask().topic;
    let sns = access.sns(topic.region()).await;
    let identities = Identities::new(access.iam(topic.region()).await);
    let attributes = subscription::topic_attributes(&sns, topic).await;
    let mut checked = CheckedDocuments { documents: Vec::new(), notes: Vec::new() };
    match &attributes {
        Ok(held) => {
            let name = held.get("KmsMasterKeyId").map(String::as_str);
            checked.notes.extend(of_key::other_key(access, name, documents.ask()).await);
        }
        Err(refused) if refused.state == SubscriptionState::SubscriptionMissing => {
            checked.notes.push(format!("The topic {topic} does not exist"));
        }
        Err(_) => {}
    }
    for document in documents {
        if let (Kind::Key, Some(key)) = (document.kind, &documents.ask().key) {
            checked.documents.push(of_key::checked(access, document, key, documents.ask()).await);
            continue;
        }
        let held = match (document.kind, &document.attach_to) {
            (Kind::Topic, _) => match &attributes {
                Ok(held) => policy_of(held.get("Policy"), "the topic's policy"),
                Err(refused) => Err(refused.problem.clone().into()),
            },
            (Kind::Queue, Target::Queue { arn }) => match queue(access, arn).await {
                Ok((arn, held)) => {
                    let name = held.get("KmsMasterKeyId").map(String::as_str);
                    checked.notes.extend(of_key::of_queue(access, name, &arn, topic).await);
                    policy_of(held.get("Policy"), "the queue's policy")
                }
                Err(unread) => Err(unread),
            },
            (Kind::Trust, Target::Role { name, .. }) => identities.trust(name).await,
            (_, target) => identities.permissions(target).await,
        };
        checked.documents.push(compared(document, held));
    }
    checked
}

async fn queue(access: &Access, arn: &str) -> Result<(QueueArn, queue::Attributes), Unread> {
    let arn: QueueArn = arn.parse().map_err(|error: watchbell_core::arn::ArnError| {
        Problem::new(crate::error::Code::Usage, error.to_string(), error.hint())
    })?;
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

fn compared(document: &Document, held: Held) -> CheckedDocument {
    let statements = match held {
        Ok(held) => compare(&document.policy, &held).into_iter().map(|(one, found)| line(one, found)).collect(),
        Err(Unread::Unseen(problem)) => document.policy.statements().iter().map(|one| unseen(one, &problem)).collect(),
        Err(Unread::Absent(what)) => document.policy.statements().iter().map(|one| absent(one, &what)).collect(),
    };
    CheckedDocument { title: document.heading(), place: document.attach_to.in_words(), statements }
}

fn line(statement: &Statement, found: Found) -> CheckedStatement {
    let mut line = CheckedStatement {
        sid: statement.sid().to_owned(),
        state: LineState::Present,
        actions: Vec::new(),
        resources: statement.resources().to_vec(),
        reason: None,
        fix: None,
    };
    match found {
        Found::Present => {}
        Found::Missing(actions) => {
            let whole = serde_json::to_string(statement).unwrap_or_default();
            (line.state, line.actions, line.fix) = (LineState::Missing, actions, Some(format!("add: {whole}")));
        }
        Found::Denied(actions) => {
            let fix = "a policy denies it explicitly: that statement has to be changed; allowing it is not enough";
            (line.state, line.actions, line.fix) = (LineState::Denied, actions, Some(fix.to_owned()));
        }
    }
    line
}

/// Of what does not exist all is missing.
fn absent(statement: &Statement, what: &str) -> CheckedStatement {
    let missing = line(statement, Found::Missing(statement.actions().to_vec()));
    CheckedStatement { reason: Some(format!("{what} does not exist")), ..missing }
}

fn unseen(statement: &Statement, problem: &Problem) -> CheckedStatement {
    CheckedStatement {
        sid: statement.sid().to_owned(),
        state: LineState::CannotLook,
        actions: Vec::new(),
        resources: statement.resources().to_vec(),
        reason: Some(problem.message.clone()),
        fix: Some(problem.hint.clone()).filter(|hint| !hint.is_empty()),
    }
}
