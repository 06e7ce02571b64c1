//! Messages in Protobuf's JSON mapping.

use super::exit::Failure;
use banto_proto::v1;
use prost::Message;
use prost_reflect::{DescriptorPool, DynamicMessage};
use std::sync::LazyLock;

static POOL: LazyLock<Result<DescriptorPool, prost_reflect::DescriptorError>> =
    LazyLock::new(|| DescriptorPool::decode(banto_proto::FILE_DESCRIPTOR_SET));

/// A message that knows its name in the package.
pub(super) trait Named: Message {
    /// Name with package.
    const NAME: &'static str;
}

macro_rules! named {
    ($($name:ident)*) => {
        $(impl Named for v1::$name {
            const NAME: &'static str = concat!("banto.v1.", stringify!($name));
        })*

        #[cfg(test)]
        const NAMES: &[&str] = &[$(<v1::$name as Named>::NAME),*];
    };
}

named! {
    AuditEntry AuditHead ConverseResponse CreateTokenResponse FileEntry GetJobResponse Job Plan PlanFinding
    PlanRevision PlanUpdate ReadFileResponse Task TaskFile Token VerifyChainResponse VerifyOutcomeResponse
    WorkerInfo Workflow Workspace
}

/// A message as one line, without the line feed.
pub(super) fn line<M: Named>(message: &M) -> Result<String, Failure> {
    let failed = |error: String| Failure::Failed(format!("{} has no JSON form: {error}", M::NAME));
    let pool = POOL.as_ref().map_err(|error| failed(error.to_string()))?;
    let descriptor = pool.get_message_by_name(M::NAME).ok_or_else(|| failed("it is unknown".to_owned()))?;
    let dynamic = DynamicMessage::decode(descriptor, message.encode_to_vec().as_slice())
        .map_err(|error| failed(error.to_string()))?;
    serde_json::to_string(&dynamic).map_err(|error| failed(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::{NAMES, POOL, line};
    use banto_proto::v1;

    #[test]
    fn every_name_is_in_the_descriptor() {
        for name in NAMES {
            assert!(POOL.as_ref().is_ok_and(|pool| pool.get_message_by_name(name).is_some()), "{name}");
        }
    }

    #[test]
    fn the_mapping_is_protobufs() {
        let delta = v1::Delta { block_id: "m".into(), offset: 5, text: "a\nb".into() };
        let update = v1::ConversationUpdate { kind: Some(v1::conversation_update::Kind::Delta(delta)) };
        let response = v1::ConverseResponse { kind: Some(v1::converse_response::Kind::Update(update)) };
        assert_eq!(
            line(&response).ok().as_deref(),
            Some(r#"{"update":{"delta":{"blockId":"m","offset":"5","text":"a\nb"}}}"#)
        );
        let job = v1::Job {
            state: v1::RunState::TimedOut.into(),
            created_at: Some(prost_types::Timestamp { seconds: 1, nanos: 0 }),
            ..Default::default()
        };
        assert_eq!(
            line(&job).ok().as_deref(),
            Some(r#"{"state":"RUN_STATE_TIMED_OUT","createdAt":"1970-01-01T00:00:01Z"}"#)
        );
    }
}
