//! What servers that share a PostgreSQL database tell each other: that something
//! changed, not what. The database is read for that.

use super::Store;
use crate::{
    error::Result,
    id::{
        ConversationId, JobId, MessageId, PlanId, RevisionId, ServerId, TaskId, TokenId, WorkerId,
        WorkflowId, WorkspaceId,
    },
};
use sea_orm::{
    ConnectionTrait as _, DbBackend, DbErr, Statement,
    sqlx::{Error as SqlxError, postgres::PgListener},
};
use serde::{Deserialize, Serialize};

/// The channel of PostgreSQL's `NOTIFY`.
const CHANNEL: &str = "banto";
/// Notices of one `NOTIFY`, so that they fit the 8,000 bytes that PostgreSQL
/// allows.
pub const MOST_NOTICES: usize = 32;

/// That something changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Notice {
    /// A conversation's row or log.
    Conversation(ConversationId),
    /// A conversation is gone.
    Deleted {
        /// Whose it was.
        workspace: WorkspaceId,
        /// Which it was.
        conversation: ConversationId,
    },
    /// More of a reply is in the database.
    Text {
        /// Its conversation.
        conversation: ConversationId,
        /// The reply.
        reply: MessageId,
    },
    /// A plan's row or log.
    Plan(PlanId),
    /// More of a revision is in the database.
    Written {
        /// Its plan.
        plan: PlanId,
        /// The revision.
        revision: RevisionId,
    },
    /// A job.
    Job(JobId),
    /// A task.
    Task(TaskId),
    /// A workflow's row or log.
    Workflow(WorkflowId),
    /// A worker.
    Worker(WorkerId),
    /// A workspace or its grants.
    Workspace(WorkspaceId),
    /// A token is no good any more.
    Revoked(TokenId),
    /// Anything may have: notices were lost.
    Anything,
}

#[derive(Serialize, Deserialize)]
struct Envelope {
    from: ServerId,
    notices: Vec<Notice>,
}

/// Hears what other servers tell.
#[derive(Debug)]
pub struct Listener {
    server: ServerId,
    connection: PgListener,
}

impl Store {
    /// Tells the other servers of the database, at most [`MOST_NOTICES`] at once.
    ///
    /// # Errors
    /// Storage errors; then nobody was told.
    pub async fn notify(&self, from: ServerId, notices: Vec<Notice>) -> Result<()> {
        let text = serde_json::to_string(&Envelope { from, notices })
            .map_err(|error| DbErr::Json(error.to_string()))?;
        let values = [CHANNEL.into(), text.into()];
        let notify = Statement::from_sql_and_values(DbBackend::Postgres, "SELECT pg_notify($1, $2)", values);
        self.write.execute_raw(notify).await?;
        Ok(())
    }

    /// Begins to hear the other servers of the database.
    ///
    /// # Errors
    /// Storage errors.
    pub async fn listen(&self, server: ServerId) -> Result<Listener> {
        let listening = async {
            let mut connection = PgListener::connect_with(self.write.get_postgres_connection_pool()).await?;
            connection.listen(CHANNEL).await?;
            Ok(connection)
        };
        let connection = listening.await.map_err(unreachable)?;
        Ok(Listener { server, connection })
    }
}

impl Listener {
    /// What others told next; nothing for what this server told itself.
    ///
    /// # Errors
    /// Storage errors; the listener is of no use any more.
    pub async fn hear(&mut self) -> Result<Vec<Notice>> {
        let Some(told) = self.connection.try_recv().await.map_err(unreachable)? else {
            // The connection was lost, and is there again.
            return Ok(vec![Notice::Anything]);
        };
        Ok(match serde_json::from_str::<Envelope>(told.payload()) {
            Ok(envelope) if envelope.from == self.server => Vec::new(),
            Ok(envelope) => envelope.notices,
            // A newer server speaks of what this one does not know.
            Err(_) => vec![Notice::Anything],
        })
    }
}

fn unreachable(error: SqlxError) -> DbErr {
    DbErr::Conn(sea_orm::RuntimeErr::SqlxError(error.into()))
}
