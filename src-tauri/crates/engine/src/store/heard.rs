//! The receiving side's notes of the listening itself: the last completed poll, and each gap.

use jiff::Timestamp;
use watchbell_core::arn::TopicArn;
use watchbell_core::listening::{Gap, Silence};

use super::Store;
use super::error::StoreError;
use super::table::heard;

impl Store {
    /// The last completed poll of a topic's queue that was kept, and what explains the silence after it.
    pub async fn last_heard(&self, topic: &TopicArn) -> Result<Option<(Timestamp, Silence)>, StoreError> {
        let topic = topic.clone();
        self.on_writer(move |writer| heard::last(writer.connection()?, &topic)).await
    }

    /// Keeps the last completed poll, and the gaps that ended with it.
    pub async fn put_heard(
        &self,
        topic: &TopicArn,
        at: Timestamp,
        then: Silence,
        gaps: Vec<Gap>,
    ) -> Result<(), StoreError> {
        let topic = topic.clone();
        self.on_writer(move |writer| {
            writer.transact(|db, _| {
                heard::put(db, &topic, at, then)?;
                gaps.iter().try_for_each(|gap| heard::add_gap(db, &topic, gap))
            })
        })
        .await
    }
}
