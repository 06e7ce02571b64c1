//! The console's files, from inside the binary.

use axum::{
    Router,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use rust_embed::{EmbeddedFile, RustEmbed};
use sha2::{Digest as _, Sha256};
use tower_http::{compression::CompressionLayer, set_header::SetResponseHeaderLayer};

#[derive(RustEmbed)]
#[folder = "../console-web/dist"]
#[allow_missing = true]
struct Files;

const INDEX: &str = "index.html";
/// Vite writes what never changes under its name into this folder.
const HASHED: &str = "assets/";

/// No script and no style from elsewhere, no inline script, no image from another
/// host: what a model writes can load nothing and reach nobody.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
     img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The console.
pub(super) fn router() -> Router {
    let header = |name, value| SetResponseHeaderLayer::overriding(name, HeaderValue::from_static(value));
    Router::new()
        .fallback(file)
        .with_state(())
        .layer(CompressionLayer::new())
        .layer(header(header::CONTENT_SECURITY_POLICY, POLICY))
        .layer(header(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(header(header::X_FRAME_OPTIONS, "DENY"))
        .layer(header(header::REFERRER_POLICY, "no-referrer"))
        .layer(header(header::HeaderName::from_static("cross-origin-opener-policy"), "same-origin"))
}

/// Names the console that this server has inside.
pub(super) fn build() -> String {
    let index = Files::get(INDEX).map(|file| file.data).unwrap_or_default();
    let digest = hex::encode(Sha256::digest(index));
    format!("{}-{}", env!("CARGO_PKG_VERSION"), &digest[..12])
}

async fn file(State(()): State<()>, uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path().trim_start_matches('/');
    if let Some(file) = Files::get(path).filter(|_| !path.is_empty()) {
        return answer(path, file, &headers);
    }
    // A path with an extension names a file, and so does all that a build wrote: a page
    // of the build before asks for files that are gone. Any other is a page of the console.
    let names_a_file =
        path.starts_with(HASHED) || path.rsplit('/').next().is_some_and(|name| name.contains('.'));
    match Files::get(INDEX) {
        Some(index) if !names_a_file => answer(INDEX, index, &headers),
        Some(_) => StatusCode::NOT_FOUND.into_response(),
        None => {
            let note = "This server was built without its console. `make run` builds both.\n";
            (StatusCode::NOT_FOUND, note).into_response()
        }
    }
}

fn answer(path: &str, file: EmbeddedFile, request: &HeaderMap) -> Response {
    let tag = format!("\"{}\"", hex::encode(&file.metadata.sha256_hash()[..16]));
    let lifetime = if path.starts_with(HASHED) { "public, max-age=31536000, immutable" } else { "no-cache" };
    let known = request.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    // Compression makes a tag weak on its way.
    let is_known =
        known.is_some_and(|known| known.split(',').any(|one| one.trim().trim_start_matches("W/") == tag));
    let headers = [(header::ETAG, tag), (header::CACHE_CONTROL, lifetime.to_owned())];
    if is_known {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    let mime = [(header::CONTENT_TYPE, file.metadata.mimetype().to_owned())];
    (headers, mime, file.data).into_response()
}
