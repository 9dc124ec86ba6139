//! Accounts, for who keeps them.

use axum::Extension;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use cauda_pages::staff::Sending;
use cauda_pages::staff::accounts::{AccountRow, page};
use cauda_pathway::identity::ActorId;

use super::App;
use super::guard::Asked;
use super::reply::{Shown, to};
use crate::access::AccountRole;
use crate::accounts::Account;
use crate::ids;

/// The list.
pub async fn list(State(app): State<App>, Extension(asked): Extension<Asked>) -> Response {
    shown(&app, &asked, None, None).await
}

async fn shown(
    app: &App,
    asked: &Asked,
    link: Option<(&str, &str)>,
    failed: Option<&str>,
) -> Response {
    let Ok(all) = app.accounts.all().await else { return away(app, asked) };
    let rows: Vec<AccountRow> = all.iter().map(row).collect();
    let roles: Vec<(String, String)> =
        AccountRole::all().map(|role| (role.id(), role.words().to_string())).collect();
    let command = ids::new_id();
    let sending = Sending { csrf: &asked.session.csrf, command: &command, seen: 0 };
    let main = page(&rows, &roles, link, failed, sending);
    let status = failed.map(|_| StatusCode::BAD_REQUEST);
    app.show(
        asked,
        &Shown { title: "Accounts", here: "/accounts", status, ..Shown::default() },
        &main,
    )
}

fn row(account: &Account) -> AccountRow {
    AccountRow {
        id: account.id.to_string(),
        name: account.name.clone(),
        role: account.role.words().to_string(),
        state: match (account.disabled, account.has_password()) {
            (true, _) => "disabled",
            (false, true) => "in use",
            (false, false) => "waits for its first password",
        },
        usable: !account.disabled,
    }
}

fn away(app: &App, asked: &Asked) -> Response {
    app.say(
        asked,
        StatusCode::SERVICE_UNAVAILABLE,
        "Not saved",
        "The record is away. Try again in a moment.",
        None,
    )
}

/// A new account, and its link.
pub async fn create(State(app): State<App>, Extension(asked): Extension<Asked>) -> Response {
    let name = asked.form.get("name").unwrap_or("");
    let Some(role) = asked.form.get("role").and_then(AccountRole::of_id) else {
        return shown(&app, &asked, None, Some("Choose a role.")).await;
    };
    match app.accounts.create(&asked.session.account.id, name, role).await {
        Ok(Some(account)) => invited(&app, &asked, &account).await,
        Ok(None) => {
            let text = "This name is taken, or has more than 60 characters.";
            shown(&app, &asked, None, Some(text)).await
        }
        Err(_) => away(&app, &asked),
    }
}

async fn invited(app: &App, asked: &Asked, account: &Account) -> Response {
    match app.accounts.invite(&asked.session.account.id, account).await {
        Ok(link) => {
            let link = format!("/first?link={link}");
            shown(app, asked, Some((&account.name, &link)), None).await
        }
        Err(_) => away(app, asked),
    }
}

async fn of(app: &App, id: String) -> Option<Account> {
    app.accounts.get(&ActorId::new(id).ok()?).await.ok().flatten()
}

/// A new link.
pub async fn invite(
    State(app): State<App>,
    Extension(asked): Extension<Asked>,
    Path(id): Path<String>,
) -> Response {
    match of(&app, id).await {
        Some(account) => invited(&app, &asked, &account).await,
        None => to("/accounts"),
    }
}

/// Nobody signs in with it any more.
pub async fn disable(
    State(app): State<App>,
    Extension(asked): Extension<Asked>,
    Path(id): Path<String>,
) -> Response {
    let Some(account) = of(&app, id).await else { return to("/accounts") };
    if account.id == asked.session.account.id {
        return shown(&app, &asked, None, Some("You cannot disable your own account.")).await;
    }
    match app.accounts.disable(&asked.session.account.id, &account).await {
        Ok(()) => {
            app.sessions.forget_account(&account.id);
            to("/accounts")
        }
        Err(_) => away(&app, &asked),
    }
}
