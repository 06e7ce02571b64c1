//! `banto.v1.AuditLog`.

use super::{
    caller, decode,
    encode::{count, time},
    stream::Answers,
};
use crate::{
    access::Principal,
    audit::{AuditLog, Fault, Head},
    error::Result as Domain,
    input,
    store::audit::{Model, Page},
};
use banto_proto::v1 as pb;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use tonic::{Request, Response, Status};

/// Longest action of a filter, in characters.
const MAX_ACTION: usize = 64;

/// The service.
#[derive(Debug)]
pub(super) struct AuditLogService(pub AuditLog);

fn entry(row: Model) -> pb::AuditEntry {
    pb::AuditEntry {
        sequence: count(row.sequence),
        occurred_at: Some(time(row.occurred_at)),
        actor: row.actor,
        action: row.action,
        subject: row.subject,
        detail_json: row.detail.to_string(),
        previous_hash: row.previous_hash,
        hash: row.hash,
        seal: row.seal,
        key_id: row.key_id,
    }
}

/// An entry as a line of an export.
fn json_line(row: &Model) -> String {
    serde_json::json!({
        "sequence": row.sequence,
        "occurred_at": row.occurred_at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true),
        "actor": row.actor,
        "action": row.action,
        "subject": row.subject,
        "detail": row.detail,
        "previous_hash": row.previous_hash,
        "hash": row.hash,
        "seal": row.seal,
        "key_id": row.key_id,
    })
    .to_string()
}

fn head(head: Head) -> pb::AuditHead {
    pb::AuditHead { sequence: count(head.sequence), hash: head.hash, seal: head.seal }
}

fn fault(fault: Fault) -> pb::ChainFault {
    match fault {
        Fault::Missing => pb::ChainFault::Missing,
        Fault::Altered => pb::ChainFault::Altered,
        Fault::BrokenLink => pb::ChainFault::BrokenLink,
        Fault::WrongSeal => pb::ChainFault::WrongSeal,
        Fault::Truncated => pb::ChainFault::Truncated,
        Fault::OtherHead => pb::ChainFault::OtherHead,
    }
}

fn place(token: &str) -> Domain<Option<i64>> {
    let wrong = || crate::error::Error::invalid("page_token", "was not made by this list");
    (!token.is_empty()).then(|| token.parse().map_err(|_| wrong())).transpose()
}

/// Batches of entries, one after the other.
fn batches(
    log: AuditLog,
    by: Principal,
    after: i64,
) -> impl futures::Stream<Item = Domain<Vec<Model>>> + Send {
    stream::try_unfold((log, by, after), |(log, by, after)| async move {
        let entries = log.after(&by, after).await?;
        Ok(entries.last().map(|last| last.sequence).map(|last| (entries, (log, by, last))))
    })
}

#[tonic::async_trait]
impl pb::audit_log_server::AuditLog for AuditLogService {
    async fn list_entries(
        &self,
        request: Request<pb::ListEntriesRequest>,
    ) -> Result<Response<pb::ListEntriesResponse>, Status> {
        let caller = caller(&request)?;
        let asked = request.into_inner();
        let page = Page {
            subject: input::line("subject", &asked.subject, MAX_ACTION)?,
            action_prefix: input::line("action_prefix", &asked.action_prefix, MAX_ACTION)?,
            limit: decode::page_size(asked.page_size, 50, 200)?,
            before: place(&asked.page_token)?,
        };
        let (rows, more) = self.0.page(&caller, &page).await?;
        let next = rows.last().filter(|_| more).map(|row| row.sequence.to_string());
        Ok(Response::new(pb::ListEntriesResponse {
            entries: rows.into_iter().map(entry).collect(),
            next_page_token: next.unwrap_or_default(),
            head: Some(head(self.0.head().await?)),
        }))
    }

    async fn verify_chain(
        &self,
        request: Request<pb::VerifyChainRequest>,
    ) -> Result<Response<pb::VerifyChainResponse>, Status> {
        let caller = caller(&request)?;
        let kept = request.into_inner().head.map(|head| {
            let sequence = decode::sequence("head.sequence", head.sequence);
            sequence.map(|sequence| Head { sequence, hash: head.hash, seal: head.seal })
        });
        let walk = self.0.verify(&caller, kept.transpose()?).await?;
        Ok(Response::new(pb::VerifyChainResponse {
            intact: walk.fault.is_none(),
            fault: walk.fault.map_or(pb::ChainFault::Unspecified, |(found, _)| fault(found)).into(),
            fault_sequence: walk.fault.map(|(_, at)| count(at)).unwrap_or_default(),
            checked: walk.checked,
            unsealed: walk.unsealed,
            head: Some(head(walk.head)),
        }))
    }

    type ExportEntriesStream = Answers<pb::ExportEntriesResponse>;

    async fn export_entries(
        &self,
        request: Request<pb::ExportEntriesRequest>,
    ) -> Result<Response<Self::ExportEntriesStream>, Status> {
        let caller = caller(&request)?;
        let after = decode::sequence("after_sequence", request.into_inner().after_sequence)?;
        let lines = batches(self.0.clone(), caller, after).map_err(Status::from).flat_map(|batch| {
            stream::iter(match batch {
                Ok(rows) => rows.into_iter().map(|row| Ok(line(row))).collect(),
                Err(status) => vec![Err(status)],
            })
        });
        Ok(Response::new(lines.boxed()))
    }
}

fn line(row: Model) -> pb::ExportEntriesResponse {
    pb::ExportEntriesResponse { json_line: json_line(&row), entry: Some(entry(row)) }
}
