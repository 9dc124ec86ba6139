//! Accounts: who may sign in, and the link to a first password.

use maud::{Markup, html};

use super::frame::Sending;

/// An account in the list.
pub struct AccountRow {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its role in words.
    pub role: String,
    /// How it stands.
    pub state: &'static str,
    /// It may still sign in.
    pub usable: bool,
}

/// The page; `link` just after an invitation, shown once.
pub fn page(
    accounts: &[AccountRow],
    roles: &[(String, String)],
    link: Option<(&str, &str)>,
    failed: Option<&str>,
    sending: Sending,
) -> Markup {
    html! {
        h1 { "Accounts" }
        @if let Some((name, link)) = link {
            section.panel role="status" {
                h2 { "Link for " (name) }
                p { "Good once, for three days. It is shown only now." }
                pre.note id="link" { (link) }
                p.actions { button.button.secondary type="button" data-copy="#link" { "Copy the link" } }
            }
        }
        @if let Some(failed) = failed { p.panel.warn role="alert" { (failed) } }
        form.panel method="post" action="/accounts" {
            (sending.fields())
            h2 { "New account" }
            div.field { label for="name" { "Name to sign in with" } input id="name" name="name" maxlength="60" required; }
            div.field { label for="role" { "Role" } select id="role" name="role" required {
                option value="" { "Choose" }
                @for (id, words) in roles { option value=(id) { (words) } }
            } }
            p.actions { button.button { "Make it, and show the link" } }
        }
        p.links { a href="/languages" { "Languages of the patients' pages" } }
        table.list role="table" {
            thead role="rowgroup" { tr role="row" { @for title in ["Name", "Role", "State", "Change"] { th role="columnheader" scope="col" { (title) } } } }
            tbody role="rowgroup" { @for account in accounts {
                tr role="row" {
                    th role="rowheader" scope="row" data-label="Name" { (account.name) }
                    td role="cell" data-label="Role" { (account.role) }
                    td role="cell" data-label="State" { (account.state) }
                    td role="cell" data-label="Change" { @if account.usable {
                        form method="post" action={ "/accounts/" (account.id) "/invite" } { (sending.also(&format!("i{}", account.id)))
                            button.button.quiet { "New link" span.unseen { " for " (account.name) } } }
                        form method="post" action={ "/accounts/" (account.id) "/disable" } { (sending.also(&format!("d{}", account.id)))
                            button.button.quiet { "Disable" span.unseen { " " (account.name) } } }
                    } }
                }
            } }
        }
    }
}
