//! Types, clients and servers of the `banto.v1` API, generated from the
//! `.proto` files beside this crate. Their comments are the documentation.
//!
//! # Calling Banto from another service
//!
//! Open a channel, add the access token to each request, and call. A unary call
//! gives the answer; a watch gives a snapshot and then each change.
//!
//! ```
//! # use banto_proto::v1::runtime_registry_server::{RuntimeRegistry, RuntimeRegistryServer};
//! # use std::pin::Pin;
//! # use tonic::Response;
//! use banto_proto::v1::{
//!     GetRuntimeRequest, ListRuntimesRequest, WatchRuntimesRequest,
//!     runtime_registry_client::RuntimeRegistryClient, runtimes_update,
//! };
//! use tonic::{Code, Request, Status, metadata::AsciiMetadataValue, transport::Endpoint};
//!
//! # use banto_proto::v1::*;
//! # fn runtime() -> Runtime {
//! #     Runtime { runtime_id: "backend-internal".to_owned(), version: 1, ..Default::default() }
//! # }
//! # struct Registry;
//! # #[tonic::async_trait]
//! # impl RuntimeRegistry for Registry {
//! #     type WatchRuntimesStream =
//! #         Pin<Box<dyn tokio_stream::Stream<Item = Result<WatchRuntimesResponse, Status>> + Send>>;
//! #     async fn list_runtimes(
//! #         &self,
//! #         _: Request<ListRuntimesRequest>,
//! #     ) -> Result<Response<ListRuntimesResponse>, Status> {
//! #         Ok(Response::new(ListRuntimesResponse { runtimes: vec![runtime()] }))
//! #     }
//! #     async fn get_runtime(
//! #         &self,
//! #         request: Request<GetRuntimeRequest>,
//! #     ) -> Result<Response<GetRuntimeResponse>, Status> {
//! #         match request.get_ref().runtime_id.as_str() {
//! #             "backend-internal" => Ok(Response::new(GetRuntimeResponse { runtime: Some(runtime()) })),
//! #             _ => Err(Status::not_found("runtime not found")),
//! #         }
//! #     }
//! #     async fn watch_runtimes(
//! #         &self,
//! #         _: Request<WatchRuntimesRequest>,
//! #     ) -> Result<Response<Self::WatchRuntimesStream>, Status> {
//! #         let kind = runtimes_update::Kind::Snapshot(RuntimesSnapshot { runtimes: vec![runtime()] });
//! #         let first = WatchRuntimesResponse { update: Some(RuntimesUpdate { kind: Some(kind) }) };
//! #         Ok(Response::new(Box::pin(tokio_stream::once(Ok(first)))))
//! #     }
//! # }
//! # const SECRET: &str = "Bearer a-token";
//! # fn check(request: Request<()>) -> Result<Request<()>, Status> {
//! #     match request.metadata().get("authorization") {
//! #         Some(token) if token == SECRET => Ok(request),
//! #         _ => Err(Status::unauthenticated("a valid access token is needed")),
//! #     }
//! # }
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
//! # let banto_server = format!("http://{}", listener.local_addr()?);
//! # let banto_token = "a-token";
//! # let service = RuntimeRegistryServer::with_interceptor(Registry, check);
//! # let incoming = tokio_stream::wrappers::TcpListenerStream::new(listener);
//! # tokio::spawn(tonic::transport::Server::builder().add_service(service).serve_with_incoming(incoming));
//! // `banto_server` is what `banto serve` prints; `banto_token` is what `banto token` prints.
//! let channel = Endpoint::from_shared(banto_server)?.connect().await?;
//! let bearer: AsciiMetadataValue = format!("Bearer {banto_token}").parse()?;
//! let with_token = move |mut request: Request<()>| {
//!     request.metadata_mut().insert("authorization", bearer.clone());
//!     Ok::<_, Status>(request)
//! };
//! let mut registry = RuntimeRegistryClient::with_interceptor(channel.clone(), with_token);
//!
//! let runtimes = registry.list_runtimes(ListRuntimesRequest {}).await?.into_inner().runtimes;
//! assert_eq!(runtimes[0].runtime_id, "backend-internal");
//!
//! let mut watch = registry.watch_runtimes(WatchRuntimesRequest {}).await?.into_inner();
//! let first = watch.message().await?.and_then(|message| message.update).and_then(|update| update.kind);
//! assert!(matches!(first, Some(runtimes_update::Kind::Snapshot(all)) if all.runtimes.len() == 1));
//!
//! // What is refused has a status, and in its details a stable reason.
//! let unknown = GetRuntimeRequest { runtime_id: "elsewhere".to_owned() };
//! assert_eq!(registry.get_runtime(unknown).await.unwrap_err().code(), Code::NotFound);
//!
//! // Without the token nothing is served.
//! let mut stranger = RuntimeRegistryClient::new(channel);
//! let refused = stranger.list_runtimes(ListRuntimesRequest {}).await.unwrap_err();
//! assert_eq!(refused.code(), Code::Unauthenticated);
//! # Ok(())
//! # }
//! ```

mod codec;

/// The package `banto.v1`.
#[expect(clippy::large_enum_variant, reason = "generated: messages are moved once, boxes would cost more")]
pub mod v1 {
    tonic::include_proto!("banto.v1");
}

/// The encoded `google.protobuf.FileDescriptorSet` of the package and all that
/// it imports: for reflection, for JSON, and for tests that walk the API.
pub const FILE_DESCRIPTOR_SET: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptor.bin"));
