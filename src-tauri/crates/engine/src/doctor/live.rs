//! Each check as it ends, for somebody who watches.
//!
//! **Invariant:** telling changes nothing of the report and waits for nobody.

use std::future::Future;

use watchbell_core::arn::TopicArn;

use super::report::Check;

/// Hears of a check that has ended.
pub type Tell<'a> = dyn Fn(&Check) + Send + Sync + 'a;

/// Whom to tell, and of which topic a check is.
#[derive(Clone)]
pub(super) struct Live<'a> {
    tell: &'a Tell<'a>,
    topic: Option<TopicArn>,
}

impl<'a> Live<'a> {
    pub(super) fn to(tell: &'a Tell<'a>) -> Self {
        Self { tell, topic: None }
    }

    pub(super) fn about(&self, topic: &TopicArn) -> Self {
        Self { tell: self.tell, topic: Some(topic.clone()) }
    }

    pub(super) fn tell(&self, check: &Check) {
        match &self.topic {
            Some(topic) => (self.tell)(&check.clone().about(topic)),
            None => (self.tell)(check),
        }
    }

    pub(super) fn tell_all<'b>(&self, checks: impl IntoIterator<Item = &'b Check>) {
        checks.into_iter().for_each(|check| self.tell(check));
    }

    pub(super) async fn told(&self, ends: impl Future<Output = Check>) -> Check {
        let check = ends.await;
        self.tell(&check);
        check
    }

    pub(super) async fn told_all<C: AsRef<[Check]>>(&self, end: impl Future<Output = C>) -> C {
        let checks = end.await;
        self.tell_all(checks.as_ref());
        checks
    }
}
