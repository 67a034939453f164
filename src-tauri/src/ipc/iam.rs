//! What the window may ask of the administrator's documents: filled in while one types, and compared with the account.
//!
//! **Invariants:** filling in makes no AWS call, and comparing only reads. What is typed is judged by the core alone; a wrong name is told at its
//! field, and all wrong ones at once.

use serde::{Deserialize, Serialize};
use specta::Type;
use watchbell_core::arn::{ArnError, TopicArn};
use watchbell_core::iam::{
    Ask, AskError, DEFAULT_SNS_ROLE, Document, Documents, Format, PersonalQueue, Principal, documents, render,
};
use watchbell_engine::aws::iam::{CheckedDocument, CheckedDocuments, CheckedStatement, LineState, check};
use watchbell_engine::error::{Code, Problem as EngineProblem};
use watchbell_engine::setup;

use super::onboarding::{SignIn, access, access_of, record};
use super::reading::{Answer, Held};

/// What was typed. An empty text is one that was not given.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Type)]
pub(crate) struct IamForm {
    pub(crate) topic_arn: String,
    pub(crate) sns_role: String,
    pub(crate) window_role: String,
    pub(crate) person: String,
    pub(crate) kms_key: String,
    pub(crate) queue_region: String,
    pub(crate) queue_account: String,
    /// A queue that the administrator makes; region and account are then its own.
    pub(crate) queue_arn: String,
    /// The key of that queue; without one it is not looked at.
    pub(crate) queue_kms_key: String,
    pub(crate) read_commands: bool,
    pub(crate) confine_trust: bool,
}

/// What is wrong with a field of [`IamForm`], which is called by its name there.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
pub(crate) struct IamMistake {
    pub(crate) field: String,
    pub(crate) message: String,
    pub(crate) hint: String,
}

/// One policy, or one statement for a policy that exists.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
pub(crate) struct IamDocument {
    pub(crate) title: String,
    /// The task of the guide, 2 to 5; absent for what the guide does not have.
    pub(crate) task: Option<u8>,
    pub(crate) purpose: String,
    /// Where it goes: "the role ssm-sns-publish".
    pub(crate) place: String,
    pub(crate) policy: String,
    pub(crate) notes: Vec<String>,
}

/// All documents in one language, as a file.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
pub(crate) struct IamText {
    /// `json`, `terraform`, `cloudformation`, `cli`.
    pub(crate) format: String,
    pub(crate) text: String,
}

/// The documents, or what is wrong with the question. Without a topic, neither.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Type)]
pub(crate) struct IamFilled {
    pub(crate) mistakes: Vec<IamMistake>,
    pub(crate) documents: Vec<IamDocument>,
    pub(crate) texts: Vec<IamText>,
}

/// One statement, compared.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
pub(crate) struct IamLine {
    pub(crate) sid: String,
    /// `present`, `missing`, `denied`, `cannot_look`.
    pub(crate) state: String,
    /// The actions that are missing or denied, with what they are needed on.
    pub(crate) actions: Vec<String>,
    pub(crate) resources: Vec<String>,
    pub(crate) reason: Option<String>,
    pub(crate) fix: Option<String>,
}

/// One document, compared.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
pub(crate) struct IamCheckedDocument {
    /// "Task 2: Let …".
    pub(crate) title: String,
    pub(crate) lines: Vec<IamLine>,
}

/// The account, compared: the documents in their order, last what they rest on.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
pub(crate) struct IamChecked {
    pub(crate) documents: Vec<IamCheckedDocument>,
}

/// Fills the documents in.
#[tauri::command]
#[specta::specta]
pub(crate) async fn fill_iam(form: IamForm) -> Answer<IamFilled> {
    Ok(filled(&form))
}

/// Compares the account with them. With whose rights: without any, those of the subscription to the topic.
#[tauri::command]
#[specta::specta]
pub(crate) async fn check_iam(shell: Held<'_>, form: IamForm, rights: Option<SignIn>) -> Answer<IamChecked> {
    let documents = asked(&form).map_err(|mistakes| {
        let first = mistakes.into_iter().next();
        let (message, hint) = first.map(|one| (one.message, one.hint)).unwrap_or_default();
        EngineProblem::new(Code::Usage, message, hint)
    })?;
    let access = match rights {
        Some(rights) => access(&shell, &setup::Rights::plain(rights.try_into()?)).await?,
        None => access_of(&shell, &record(&shell, documents.ask().topic.as_str()).await?).await?,
    };
    Ok(Box::pin(check(&access, &documents)).await.into())
}

fn filled(form: &IamForm) -> IamFilled {
    if form.topic_arn.trim().is_empty() {
        return IamFilled::default();
    }
    match asked(form) {
        Err(mistakes) => IamFilled { mistakes, ..IamFilled::default() },
        Ok(documents) => IamFilled {
            mistakes: Vec::new(),
            documents: documents.iter().map(|one| shown(one, documents.ask())).collect(),
            texts: Format::ALL
                .into_iter()
                .map(|format| IamText { format: format.as_str().into(), text: render(&documents, format) })
                .collect(),
        },
    }
}

/// Every field is read, so that each mistake is told.
fn asked(form: &IamForm) -> Result<Documents, Vec<IamMistake>> {
    let mut mistakes = Vec::new();
    let topic = form.topic_arn.parse::<TopicArn>().map_err(Into::into);
    let topic = kept(&mut mistakes, "topic_arn", topic);
    let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let sns_role = given(&form.sns_role).unwrap_or_else(|| DEFAULT_SNS_ROLE.to_owned());
    let sns_role = kept(&mut mistakes, "sns_role", Principal::role(&sns_role).map_err(Into::into));
    let mut optional = |field, text: &str, read: fn(&str) -> Result<Principal, AskError>| {
        given(text).and_then(|text| kept(&mut mistakes, field, read(&text).map_err(Into::into)))
    };
    let window_role = optional("window_role", &form.window_role, Principal::role);
    let person = optional("person", &form.person, Principal::person);
    let mut a_key = |field, text: &str| {
        given(text).and_then(|text| kept(&mut mistakes, field, text.parse().map_err(|error: AskError| error.into())))
    };
    let key = a_key("kms_key", &form.kms_key);
    let queue_key = given(&form.queue_arn).and_then(|_| a_key("queue_kms_key", &form.queue_kms_key));
    let queue = given(&form.queue_arn)
        .and_then(|text| kept(&mut mistakes, "queue_arn", text.parse().map_err(|error: ArnError| error.into())));
    let (Some(topic), Some(sns_role), true) = (topic, sns_role, mistakes.is_empty()) else { return Err(mistakes) };
    let queue = match queue {
        Some(queue) => PersonalQueue::Provided(queue),
        None => PersonalQueue::Own {
            region: given(&form.queue_region).unwrap_or_else(|| topic.region().to_owned()),
            account: given(&form.queue_account).unwrap_or_else(|| topic.account().to_owned()),
        },
    };
    let (read_commands, confine_trust) = (form.read_commands, form.confine_trust);
    let ask = Ask { topic, sns_role, window_role, person, key, queue, queue_key, read_commands, confine_trust };
    documents(&ask).map_err(|error| {
        let field = field_of(&error, form);
        vec![IamMistake { field: field.into(), message: error.to_string(), hint: error.hint().into() }]
    })
}

/// What is wrong, and what to do instead.
struct Wrong(String, &'static str);

impl From<AskError> for Wrong {
    fn from(error: AskError) -> Self {
        Self(error.to_string(), error.hint())
    }
}

impl From<ArnError> for Wrong {
    fn from(error: ArnError) -> Self {
        Self(error.to_string(), error.hint())
    }
}

fn kept<T>(mistakes: &mut Vec<IamMistake>, field: &str, read: Result<T, Wrong>) -> Option<T> {
    read.map_err(|Wrong(message, hint)| mistakes.push(IamMistake { field: field.into(), message, hint: hint.into() }))
        .ok()
}

/// Where what does not fit together is told.
fn field_of(error: &AskError, form: &IamForm) -> &'static str {
    match error {
        AskError::Elsewhere { what: "the SNS role", .. } => "sns_role",
        AskError::Elsewhere { what: "the maintenance window's role", .. } => "window_role",
        AskError::Elsewhere { what: "the person", .. } => "person",
        AskError::Elsewhere { what: "the key", .. } => "kms_key",
        AskError::Elsewhere { what: "the queue's key", .. } => "queue_kms_key",
        AskError::Elsewhere { what: "the queue", .. } => "queue_arn",
        AskError::Queue(_) if !form.queue_account.trim().is_empty() && !is_account(form.queue_account.trim()) => {
            "queue_account"
        }
        AskError::Queue(_) => "queue_region",
        AskError::CommandsElsewhere { .. } => "read_commands",
        _ => "topic_arn",
    }
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|letter| letter.is_ascii_digit())
}

fn shown(document: &Document, ask: &Ask) -> IamDocument {
    IamDocument {
        title: document.title.clone(),
        task: document.task,
        purpose: document.purpose.clone(),
        place: document.place(ask),
        policy: document.policy.to_json(),
        notes: document.notes.clone(),
    }
}

impl From<CheckedDocuments> for IamChecked {
    fn from(checked: CheckedDocuments) -> Self {
        let document = |one: CheckedDocument| IamCheckedDocument {
            title: one.title,
            lines: one.statements.into_iter().map(Into::into).collect(),
        };
        Self { documents: checked.documents.into_iter().map(document).collect() }
    }
}

impl From<CheckedStatement> for IamLine {
    fn from(line: CheckedStatement) -> Self {
        let state = match line.state {
            LineState::Present => "present",
            LineState::Missing => "missing",
            LineState::Denied => "denied",
            LineState::CannotLook => "cannot_look",
        };
        Self {
            sid: line.sid,
            state: state.into(),
            actions: line.actions,
            resources: line.resources,
            reason: line.reason,
            fix: line.fix,
        }
    }
}

#[cfg(test)]
mod tests;
