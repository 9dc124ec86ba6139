//! Style sheet, script and fonts, out of the program.

use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use cauda_pages::staff::assets::ASSETS;

use crate::ids::kept_bytes;

/// One of them; a browser that has it keeps it.
pub async fn asset(Path(name): Path<String>, headers: HeaderMap) -> Response {
    let Some((_, kind, bytes)) = ASSETS.iter().find(|(known, ..)| *known == name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let tag = format!("\"{}\"", kept_bytes(bytes).get(..16).unwrap_or_default());
    let known = headers.get(header::IF_NONE_MATCH).and_then(|tag| tag.to_str().ok());
    let status =
        if known == Some(tag.as_str()) { StatusCode::NOT_MODIFIED } else { StatusCode::OK };
    let body: &'static [u8] = if status == StatusCode::OK { bytes } else { b"" };
    let tag = HeaderValue::try_from(tag).unwrap_or(HeaderValue::from_static("\"\""));
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300")),
        (header::ETAG, tag),
    ];
    (status, headers, body).into_response()
}
