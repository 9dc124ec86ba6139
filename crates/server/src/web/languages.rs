//! The languages of the patients' pages, for who keeps the accounts.

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use cauda_pages::staff::Calendar;
use cauda_pages::staff::languages::{LanguageRow, ToCheck, page};
use cauda_words::{Entry, Language, Page, State as Checked};

use super::App;
use super::guard::Asked;
use super::reply::Shown;

/// The page; with `?language=es&page=home` also what is to be checked there.
pub async fn show(State(app): State<App>, Extension(asked): Extension<Asked>) -> Response {
    let guideline = app.department.guideline();
    let words = app.languages.words();
    let all =
        Language::ALL.iter().flat_map(|language| Page::ALL.iter().map(|page| (*language, *page)));
    let rows = all.map(|(language, page)| LanguageRow {
        language,
        page,
        is_offered: app.languages.of(page).iter().any(|one| one.language == language),
        is_checked: app.languages.is_checked(page, language),
        count: words.count(guideline, language, page),
    });
    let rows: Vec<LanguageRow> = rows.collect();
    let void = words.void(guideline).into_iter();
    let void: Vec<String> =
        void.map(|(language, id)| format!("{}.{id}", language.code())).collect();
    let calendar = app.local_time.now(&app.clock);
    let today = calendar.iso(calendar.now());
    let today = today.get(..10).unwrap_or_default();
    let language = asked.form.get("language").and_then(Language::of_code);
    let of = asked.form.get("page").and_then(Page::of_id);
    let open = language.filter(|one| *one != Language::English).zip(of).map(|(language, page)| {
        let texts = words.texts(guideline, language, page).into_iter().filter(is_open);
        ToCheck { language, page, texts: texts.collect(), today }
    });
    let main = page(&rows, &void, open.as_ref());
    let shown = Shown { title: "Languages", here: "/languages", ..Shown::default() };
    app.show(&asked, &shown, &main)
}

/// It keeps its page from being offered.
fn is_open(text: &Entry) -> bool {
    match text.state {
        None | Some(Checked::Outdated) => true,
        Some(Checked::Draft | Checked::Translated) => text.safety,
        Some(Checked::Reviewed) => false,
    }
}
