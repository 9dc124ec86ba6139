//! HL7 messages that were refused: the list, one of them, and what is done about it.

use axum::Extension;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use cauda_pages::staff::Sending;
use cauda_pages::staff::mri::{self, LetterLine, LetterPage};

use crate::hl7::{Head, Letter, Letters, Life};
use crate::ids;
use crate::web::App;
use crate::web::guard::Asked;
use crate::web::reply::{Shown, to};

/// Most characters of a segment that are shown.
const SEGMENT_SHOWN_MAX: usize = 2_000;
/// Most segments that are shown.
const SEGMENTS_SHOWN_MAX: usize = 100;

fn letters<'a>(app: &'a App, asked: &Asked) -> Result<&'a Letters, Box<Response>> {
    let taking = app.messages.as_ref().map(|taking| taking.letters());
    let telling = app.telling.as_ref().map(|telling| telling.letters());
    taking.or(telling).ok_or_else(|| {
        let text = "This department listens for no HL7 and tells nobody by it: [hl7] in the file \
                    of settings, docs/radiology.md.";
        let back = Some(("/mri", "To the board"));
        Box::new(app.say(asked, StatusCode::NOT_FOUND, "No messages", text, back))
    })
}

fn failed(app: &App, asked: &Asked) -> Response {
    let text = "The record cannot be reached; try again.";
    let back = Some(("/mri", "To the board"));
    app.say(asked, StatusCode::SERVICE_UNAVAILABLE, "Not now", text, back)
}

/// Those that nobody has closed.
pub async fn list(State(app): State<App>, Extension(asked): Extension<Asked>) -> Response {
    let letters = match letters(&app, &asked) {
        Ok(letters) => letters,
        Err(answer) => return *answer,
    };
    let Ok(open) = letters.open().await else { return failed(&app, &asked) };
    let lines: Vec<LetterLine> = open.heads.iter().map(headed).collect();
    let calendar = app.local_time.now(&app.clock);
    let main = mri::letters(&lines, open.more, &open.full, &calendar);
    let shown = Shown { title: "Refused messages", here: "/mri", ..Shown::default() };
    app.show(&asked, &shown, &main)
}

/// One of them.
pub async fn show(
    State(app): State<App>,
    Extension(asked): Extension<Asked>,
    Path(id): Path<String>,
) -> Response {
    one(&app, &asked, &id, None).await
}

/// It is tried again, or closed.
pub async fn change(
    State(app): State<App>,
    Extension(asked): Extension<Asked>,
    Path((id, what)): Path<(String, String)>,
) -> Response {
    let letters = match letters(&app, &asked) {
        Ok(letters) => letters,
        Err(answer) => return *answer,
    };
    let Some(by) = asked.actor() else { return to("/mri/messages") };
    let Some(letter) = found(letters, &id).await else { return to("/mri/messages") };
    let done = match (what.as_str(), asked.form.text("words")) {
        ("again", _) => match (&letter.to, &app.messages, &app.telling) {
            (Some(_), _, Some(telling)) => telling.again(&by, &letter).await,
            (None, Some(taking), _) => taking.again(&by, &id, &letter.raw).await,
            _ => Err("the line it went by is no longer in the settings: close it".to_string()),
        },
        ("close", Some(reason)) => {
            let now = app.department.now();
            let closed = letters.close(&by, &id, reason, now).await;
            closed.map_err(|_| "the record cannot be reached; try again".to_string())
        }
        ("close", None) => Err("write why nothing more is to be done".to_string()),
        _ => Err("choose a step of the page".to_string()),
    };
    match done {
        Ok(()) => to("/mri/messages"),
        Err(why) => one(&app, &asked, &id, Some(format!("Not done: {why}."))).await,
    }
}

async fn found(letters: &Letters, id: &str) -> Option<Letter> {
    let plain = id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !plain {
        return None;
    }
    letters.read(id).await.ok().flatten()
}

async fn one(app: &App, asked: &Asked, id: &str, refused: Option<String>) -> Response {
    let letters = match letters(app, asked) {
        Ok(letters) => letters,
        Err(answer) => return *answer,
    };
    let Some(letter) = found(letters, id).await else {
        let back = Some(("/mri/messages", "To the messages"));
        let text = "There is no message of this number, or it was erased.";
        return app.say(asked, StatusCode::NOT_FOUND, "There is no such message", text, back);
    };
    let calendar = app.local_time.now(&app.clock);
    let command = ids::new_id();
    let status = refused.as_ref().map(|_| StatusCode::UNPROCESSABLE_ENTITY);
    let text = match std::str::from_utf8(&letter.raw) {
        Ok(text) => text.to_string(),
        // Latin-1 has every byte.
        Err(_) => letter.raw.iter().map(|byte| char::from(*byte)).collect(),
    };
    let segments = text.split(['\r', '\n']).filter(|segment| !segment.is_empty());
    let segments = segments.take(SEGMENTS_SHOWN_MAX);
    let page = LetterPage {
        line: line(&letter),
        peer: letter.peer.clone(),
        control_id: letter.control_id.clone(),
        code: letter.code.clone(),
        segments: segments.map(|it| it.chars().take(SEGMENT_SHOWN_MAX).collect()).collect(),
        bytes: (letter.bytes, letter.raw.len()),
        closed: match &letter.life {
            Life::Open => None,
            Life::Closed(at, by, why) => Some((*at, by.id.to_string(), why.clone())),
        },
        refused,
        sending: Sending { csrf: &asked.session.csrf, command: &command, seen: 0 },
        calendar: &calendar,
    };
    let main = mri::letter(&page);
    let shown = Shown { title: "Refused message", here: "/mri", status, ..Shown::default() };
    app.show(asked, &shown, &main)
}

fn headed((id, head): &(String, Head)) -> LetterLine {
    let head = head.clone();
    LetterLine {
        id: id.clone(),
        at: head.at,
        times: head.times,
        sender: head.sender,
        kind: head.kind,
        place: head.place,
        why: head.why,
        comes_again: head.comes_again,
        to: head.to,
    }
}

fn line(letter: &Letter) -> LetterLine {
    LetterLine {
        id: letter.id.clone(),
        at: letter.at,
        times: letter.times,
        sender: letter.sender.clone(),
        kind: letter.kind.clone(),
        place: letter.place.clone(),
        why: letter.why.clone(),
        comes_again: letter.comes_again,
        to: letter.to.as_ref().map(|to| to.receiver.clone()),
    }
}
