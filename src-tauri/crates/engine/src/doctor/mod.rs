//! The doctor: from this desktop to a delivered message, a check at a time, each ok, failed with the fix, or skipped with the reason.
//!
//! **Invariant:** changes nothing and publishes nothing by itself. A check that depends on one that is not ok is skipped and names it; what may
//! not be looked at is never ok. Dead endpoints, keychains and clocks are named within 5 s: each call has a short time-out of its own,
//! and what does not depend on each other is asked at once.

mod delivery;
mod endpoint;
mod identity;
mod key;
mod live;
mod machine;
mod network;
mod permissions;
mod queue;
mod reach;
mod report;
mod subscription;
mod ticket;
mod tls;
mod topic;

use futures_util::future::join_all;
use watchbell_core::arn::{ArnError, QueueArn, TopicArn};
use watchbell_core::iam::Principal;

use crate::aws::access::{Access, Identity, region_of};
use crate::aws::adopt::queue_arn_of;
use crate::clock;
use crate::error::{Code, Problem};
use crate::keychain::Patience;
use crate::paths::DataDir;
use crate::setup::{Me, access_of};
use crate::store::SubscriptionRecord;
use crate::view::StatusReport;
pub use delivery::{MESSAGES, cannot_send, not_sent, send};
use identity::Who;
use live::Live;
pub use live::Tell;
use network::Network;
pub use report::{Check, CheckState, Report, Stage};
pub use ticket::text;

/// What is to be looked at.
#[derive(Debug, Clone)]
pub struct Question {
    /// The topic; without one, every topic that this data folder is subscribed to.
    pub topic: Option<AskedTopic>,
    /// The role as which Systems Manager publishes, for the lines that make a silent topic speak.
    pub sns_role: Principal,
    /// Overrides where AWS calls go.
    pub endpoint_url: Option<String>,
    /// Who asks.
    pub me: Me,
    /// How a test message is asked for where the report is read, such as "--publish sends one after asking".
    pub how_to_send: &'static str,
}

/// A topic that was named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AskedTopic {
    /// One that Systems Manager can notify.
    Standard(TopicArn),
    /// A FIFO topic, with why that is none.
    Fifo {
        /// Why, and what to do.
        problem: Problem,
    },
}

impl AskedTopic {
    /// A topic's ARN as it was typed. That a FIFO topic cannot be notified is what the doctor is asked for, and no mistake of the typist.
    pub fn read(typed: &str) -> Result<Self, ArnError> {
        match typed.parse() {
            Ok(topic) => Ok(Self::Standard(topic)),
            Err(fifo @ ArnError::Fifo { .. }) => {
                Ok(Self::Fifo { problem: Problem::new(Code::Usage, fifo.to_string(), fifo.hint()) })
            }
            Err(other) => Err(other),
        }
    }
}

/// Looks at everything. `dir` is the data folder, or why there is none.
pub async fn examine(dir: Result<DataDir, Problem>, question: &Question) -> Report {
    Box::pin(examine_live(dir, question, &|_| {})).await
}

/// [`examine`] with each check told as it ends. Dropped midway it leaves nothing behind: it only looks. The report counts: what was told of a check
/// may be put more plainly in it.
pub async fn examine_live(dir: Result<DataDir, Problem>, question: &Question, tell: &Tell<'_>) -> Report {
    let live = Live::to(tell);
    let (folder, records) = machine::folder(&dir);
    live.tell(&folder);
    let ((engine, status), notifications, keychain) = tokio::join!(
        async {
            let (engine, status) = machine::engine(&dir, !records.is_empty()).await;
            live.tell(&engine);
            (engine, status)
        },
        live.told(machine::notifications()),
        live.told(machine::keychain(&records))
    );
    let status = status.as_ref();
    let patient = |topic: TopicArn| {
        let record = records.iter().find(|record| record.topic_arn == topic).cloned();
        Patient { live: live.about(&topic), topic, record, question, dir: dir.as_ref().ok(), status }
    };
    let topics: Vec<TopicArn> = match &question.topic {
        Some(AskedTopic::Standard(topic)) => vec![topic.clone()],
        Some(AskedTopic::Fifo { .. }) => Vec::new(),
        None => records.iter().map(|record| record.topic_arn.clone()).collect(),
    };
    let patients: Vec<Patient<'_>> = topics.into_iter().map(patient).collect();
    let (alert, examined) = tokio::join!(
        live.told(delivery::alert(dir.as_ref().ok(), &notifications)),
        join_all(patients.iter().map(Patient::examine))
    );
    let mut checks = vec![folder, engine, notifications, keychain];
    if let Some(AskedTopic::Fifo { problem }) = &question.topic {
        checks.push(topic::KIND.failed_by(problem));
        checks.extend([topic::TOPIC, topic::POLICY, topic::KEY].map(|of| of.after("topic_kind")));
        checks.extend(queue::none("depends on \"topic kind\", which is not ok"));
    } else if patients.is_empty() {
        checks.extend(Box::pin(nothing_subscribed(question)).await);
    }
    for (patient, found) in patients.iter().zip(examined) {
        checks.extend(found.into_iter().map(|check| check.about(&patient.topic)));
    }
    checks.push(alert);
    Report { at: clock::now(), checks }
}

/// Without a topic the way to AWS can be looked at, where a region is known, and how to go on is said.
async fn nothing_subscribed(question: &Question) -> Vec<Check> {
    let mut checks = Vec::new();
    if let Some(region) = region_of(None).await {
        let access = own_chain(question);
        let network = network::look(&access, &region, &region).await;
        checks.extend(network.checks);
        let who = match identity::ready(&access, &region).await {
            Ok(_) if !network.sts => identity::unreached(),
            Ok(ready) => identity::look(&ready, &region, None).await,
            Err(who) => who,
        };
        checks.extend(who.checks);
    }
    let fix = "name one above, or add one in the window's settings; in a terminal watchbellctl doctor --topic-arn ARN, or watchbellctl subscribe --topic-arn ARN".to_owned();
    checks.extend(subscription::none("no topic was named, and nothing is subscribed here", fix));
    checks
}

fn own_chain(question: &Question) -> Access {
    Access::new(Identity::Profile(None), None, question.endpoint_url.clone()).hurried()
}

/// One topic, and how it is heard here.
struct Patient<'a> {
    live: Live<'a>,
    topic: TopicArn,
    record: Option<SubscriptionRecord>,
    question: &'a Question,
    dir: Option<&'a DataDir>,
    status: Option<&'a StatusReport>,
}

impl Patient<'_> {
    async fn examine(&self) -> Vec<Check> {
        let (topic, question) = (&self.topic, self.question);
        let record = self.record.as_ref();
        let granted = match record {
            Some(record) => access_of(record, question.endpoint_url.as_deref(), Patience::Background).await,
            None => Ok(own_chain(question)),
        };
        // The way to AWS needs no secret.
        let endpoint = question.endpoint_url.clone().or_else(|| record.and_then(|record| record.endpoint_url.clone()));
        let access = match &granted {
            Ok(access) => access.hurried(),
            Err(_) => Access::new(Identity::Profile(None), None, endpoint).hurried(),
        };
        let queue_region = record.map_or(topic.region(), |record| record.queue_region.as_str());
        let network = network::look(&access, topic.region(), queue_region).await;
        self.live.tell_all(&network.checks);
        let ready = match &granted {
            Err(problem) => Err(identity::without(problem)),
            Ok(_) => identity::ready(&access, topic.region()).await,
        };
        let (who, of_aws, filtered) = match ready {
            Ok(ready) => Box::pin(self.ask(&ready, &network, queue_region)).await,
            Err(who) => (who, self.after("identity"), false),
        };
        let mut checks = network.checks;
        checks.extend(who.checks);
        // What was asked beside it was refused alike, and says no more.
        checks.extend(if who.refused { self.after("identity") } else { of_aws });
        checks.push(match (self.dir, record) {
            (Some(dir), Some(record)) => delivery::heard(dir, record, filtered, &question.sns_role, clock::now()),
            _ => delivery::heard_skipped("nothing is subscribed here"),
        });
        checks.push(if record.is_some() {
            delivery::message_not_asked(question.how_to_send)
        } else {
            delivery::message_skipped("nothing is subscribed here to hear a test message")
        });
        checks
    }

    /// Asks each service at once, so that those that do not answer are waited for once. Tells as well whether an administrator's filter was seen.
    async fn ask(&self, ready: &identity::Ready, network: &Network, queue_region: &str) -> (Who, Vec<Check>, bool) {
        let (topic, access, record) = (&self.topic, &ready.access, self.record.as_ref());
        let queue = self.queue();
        let reached = |ok: bool, name: &'static str| if ok { Ok(()) } else { Err(name) };
        let (sns, sqs) = (reached(network.sns, "sns"), reached(network.sqs, "sqs"));
        let of_identity = async {
            if !network.sts {
                let who = identity::unreached();
                self.live.tell_all(&who.checks);
                return (who, permissions::after("identity"));
            }
            let mut who = identity::look(ready, topic.region(), record).await;
            let caller = who.caller.take();
            who.checks.extend(caller.as_ref().map(|caller| identity::region(caller, topic, queue_region)));
            self.live.tell_all(&who.checks);
            let Some(caller) = caller else { return (who, permissions::after("identity")) };
            let adopted = record.is_some_and(|record| record.adopted);
            let rights = permissions::look(access, &caller, topic, queue.as_ref(), adopted).await;
            (who, rights)
        };
        let of_topic = async {
            match sns {
                Ok(()) => topic::look(access, topic, record.is_some(), &self.question.sns_role).await,
                Err(other) => topic::after(other),
            }
        };
        let of_queue = async {
            match (record, &queue, sqs) {
                (Some(record), Some(queue), Ok(())) => {
                    let hearing = machine::hearing(self.status, record);
                    queue::look(access, record, queue, &self.question.me.person(), hearing, clock::now()).await
                }
                (Some(_), Some(_), Err(other)) => queue::after(other),
                _ => queue::none("nothing is subscribed here"),
            }
        };
        let of_subscription = async {
            match (record, &queue, sns) {
                (Some(record), Some(queue), Ok(())) => subscription::look(access, record, queue).await,
                (Some(_), Some(_), Err(other)) => subscription::after(other).into(),
                _ => subscription::none("nothing is subscribed here", self.how_to_subscribe()).into(),
            }
        };
        let live = &self.live;
        let ((who, rights), of_topic, of_queue, of_subscription) =
            tokio::join!(of_identity, live.told_all(of_topic), live.told_all(of_queue), live.told_all(of_subscription));
        let subscription::Seen { checks: of_subscription, filtered } = of_subscription;
        (who, of_topic.into_iter().chain(of_queue).chain(of_subscription).chain([rights]).collect(), filtered)
    }

    /// Everything behind the identity, left for what failed before.
    fn after(&self, other: &str) -> Vec<Check> {
        let subscribed = self.record.is_some();
        let of_queue = if subscribed { queue::after(other) } else { queue::none("nothing is subscribed here") };
        let of_subscription = if subscribed {
            subscription::after(other)
        } else {
            subscription::none("nothing is subscribed here", self.how_to_subscribe())
        };
        let of_topic = topic::after(other).into_iter();
        of_topic.chain(of_queue).chain(of_subscription).chain([permissions::after(other)]).collect()
    }

    fn how_to_subscribe(&self) -> String {
        format!("press Add a topic in the window's settings, or run watchbellctl subscribe --topic-arn {}", self.topic)
    }

    fn queue(&self) -> Option<QueueArn> {
        let record = self.record.as_ref()?;
        let named = || queue_arn_of(&record.queue_url, &record.queue_region, &self.topic).ok();
        record.queue_arn.clone().or_else(named)
    }
}
