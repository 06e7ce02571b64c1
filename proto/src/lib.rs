//! Types, clients and servers of the `banto.v1` API, generated from the
//! `.proto` files beside this crate. Their comments are the documentation.

/// The package `banto.v1`.
#[expect(clippy::large_enum_variant, reason = "generated: messages are moved once, boxes would cost more")]
pub mod v1 {
    tonic::include_proto!("banto.v1");
}

/// The encoded `google.protobuf.FileDescriptorSet` of the package and all that
/// it imports: for reflection, for JSON, and for tests that walk the API.
pub const FILE_DESCRIPTOR_SET: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptor.bin"));
