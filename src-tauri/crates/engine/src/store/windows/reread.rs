//! Earlier versions could not read events of windows and kept them in quarantine "for one that does". This is the one.
//!
//! **Invariant:** a message leaves the quarantine in the transaction that takes it in, and only when it is understood.

use rusqlite::Connection;
use watchbell_core::arn::TopicArn;
use watchbell_core::digest::BodyDigest;
use watchbell_core::parse::{Parsed, parse};

use super::hear::Batch;
use crate::store::error::StoreError;
use crate::store::ingest::Heard;
use crate::store::table::quarantine::{self, Waiting};
use crate::store::writer::Writer;

/// Takes in what lies in quarantine and is understood now.
pub(in crate::store) fn reread(writer: &mut Writer) -> Result<(), StoreError> {
    let understood: Vec<_> = quarantine::about_windows(writer.connection()?)?.into_iter().filter_map(heard).collect();
    if understood.is_empty() {
        return Ok(());
    }
    tracing::info!(messages = understood.len(), "messages about maintenance windows leave the quarantine");
    writer.transact(|db, _| take_in(db, &understood))
}

fn heard(waiting: Waiting) -> Option<(i64, Heard)> {
    let topic: TopicArn = waiting.topic_arn.parse().ok()?;
    let parsed = parse(&waiting.body, std::slice::from_ref(&topic));
    let digest = BodyDigest::of(&waiting.body);
    let (sqs_message_id, received_at) = (waiting.sqs_message_id, waiting.received_at);
    let heard = Heard { body: waiting.body, digest, parsed, topic, sqs_message_id, received_at };
    matches!(heard.parsed, Parsed::Window(_)).then_some((waiting.id, heard))
}

fn take_in(db: &Connection, understood: &[(i64, Heard)]) -> Result<(), StoreError> {
    let mut batch = Batch::default();
    for (id, heard) in understood {
        if let Parsed::Window(event) = &heard.parsed {
            batch.hear(db, heard, event)?;
            quarantine::release(db, *id)?;
        }
    }
    batch.settle(db)
}
