//! The guideline as its publication: each rule, its sources, what was proved.

use axum::Extension;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::App;
use super::guard::Asked;
use super::reply::to;

/// To its first page.
pub async fn first() -> Response {
    to("/guideline/index.html")
}

/// One of its files. They are made when the first one is asked for.
pub async fn file(
    State(app): State<App>,
    Extension(asked): Extension<Asked>,
    Path(file): Path<String>,
) -> Response {
    let publish = app.publish.clone();
    let made = app.published.get_or_init(|| async move {
        tokio::task::spawn_blocking(move || publish()).await.ok().flatten()
    });
    let Some(publication) = made.await else {
        let text = "The guideline's pages could not be made. `cauda publish` says why.";
        return app.say(&asked, StatusCode::INTERNAL_SERVER_ERROR, "Not available", text, None);
    };
    let Some(text) = publication.files.get(&file) else {
        let back = Some(("/guideline/index.html", "To the guideline"));
        return app.say(
            &asked,
            StatusCode::NOT_FOUND,
            "There is no such page",
            "It may have moved.",
            back,
        );
    };
    let kind = match file.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("json") => "application/json",
        _ => "text/plain; charset=utf-8",
    };
    ([(header::CONTENT_TYPE, HeaderValue::from_static(kind))], text.clone()).into_response()
}
