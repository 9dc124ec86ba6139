//! Signing in, by name and password or, in a demonstration, by a button a role; setting a
//! password; coming back after a pause.

use maud::{Markup, html};

/// The sign-in page; `failed` after a wrong name or password.
pub fn page(department: &str, failed: Option<&str>, next: &str) -> Markup {
    html! {
        form.signin.panel method="post" action="/sign-in" {
            h1 { "Sign in" }
            p { (department) }
            @if let Some(failed) = failed { p.error role="alert" { (failed) } }
            input type="hidden" name="next" value=(next);
            div.field { label for="name" { "Name" } input id="name" name="name" autocomplete="username" maxlength="60" required; }
            div.field { label for="password" { "Password" }
                input id="password" name="password" type="password" autocomplete="current-password" maxlength="200" required; }
            p.actions { button.button { "Sign in" } }
            p.hint { "Cauda supports decisions and is not a certified medical device." }
        }
    }
}

/// The sign-in page of a demonstration: id and name of each role's account.
pub fn demo(roles: &[(String, String, String)], next: &str, self_check: bool) -> Markup {
    html! {
        form.signin.panel method="post" action="/sign-in" {
            h1 { "Who are you in this demonstration?" }
            p { "Every patient is invented. Nothing you do reaches a hospital, and all of it is gone when the program ends." }
            input type="hidden" name="next" value=(next);
            ul.roles { @for (id, name, role) in roles {
                li { button.button.secondary name="account" value=(id) { (role) " " small { (name) } } }
            } }
            @if self_check { p { a href="/check" { "Or be a patient at home: check your back pain" } } }
            p.hint { "Cauda supports decisions and is not a certified medical device." }
        }
    }
}

/// Setting a password by a link that is good once.
pub fn set_password(name: &str, link: &str, failed: Option<&str>) -> Markup {
    html! {
        form.signin.panel method="post" action="/first" {
            h1 { "Choose a password" }
            p { "For " b { (name) } ". At least 10 characters; three words are easy to keep." }
            @if let Some(failed) = failed { p.error role="alert" { (failed) } }
            input type="hidden" name="link" value=(link);
            div.field { label for="password" { "Password" }
                input id="password" name="password" type="password" autocomplete="new-password" minlength="10" maxlength="200" required; }
            p.actions { button.button { "Set it" } }
        }
    }
}

/// After a pause: the password again, with what was being sent.
pub fn unlock(
    name: &str,
    next: &str,
    kept: &[(String, String)],
    failed: bool,
    demo: bool,
) -> Markup {
    html! {
        form.signin.panel method="post" action="/unlock" {
            h1 { "Still you?" }
            p { b { (name) } ", nobody was here for a while." }
            @if !kept.is_empty() { p { b { "What you entered is kept" } " and is sent once you are back." } }
            @if failed { p.error role="alert" { "That is not the password." } }
            input type="hidden" name="next" value=(next);
            @for (field, value) in kept { input type="hidden" name={ "kept." (field) } value=(value); }
            @if !demo {
                div.field { label for="password" { "Password" }
                    input id="password" name="password" type="password" autocomplete="current-password" maxlength="200" required; }
            }
            p.actions { button.button { "Go on" } }
        }
        form.signin method="post" action="/sign-in-anew" { p { button.button.quiet { "Somebody else signs in" } } }
    }
}
