//! Signing in, by name and password or, in a demonstration, by a button a role; setting a
//! password; coming back after a pause.

use maud::{Markup, html};

/// The sign-in page; `failed` after a wrong name or password, `provider` where the hospital's own
/// accounts sign in as well.
pub fn page(department: &str, failed: Option<&str>, next: &str, provider: bool) -> Markup {
    html! {
        @if provider {
            section.signin.panel {
                h1 { "Sign in" }
                p { (department) }
                p.actions { a.button href="/sign-on" { "With the hospital account" } }
            }
        }
        form.signin.panel method="post" action="/sign-in" {
            @if provider { h2 { "Or with a password of this department" } }
            @else { h1 { "Sign in" } p { (department) } }
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

/// Signed in by the provider; the browser goes on by itself, or by the link.
pub fn go_on() -> Markup {
    html! {
        section.panel { h1 { "Signed in" } p.actions { a.button href="/" { "Go on" } } }
    }
}

/// How somebody comes back after a pause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WayBack {
    /// The password once more.
    Password,
    /// The hospital's identity provider, in another window: what was entered stays in this one.
    Provider,
    /// A button, in a demonstration.
    Button,
}

/// After a pause: who is it, with what was being sent.
pub fn unlock(
    name: &str,
    next: &str,
    kept: &[(String, String)],
    failed: bool,
    back: WayBack,
) -> Markup {
    html! {
        form.signin.panel method="post" action="/unlock" {
            h1 { "Still you?" }
            p { b { (name) } ", nobody was here for a while." }
            @if !kept.is_empty() { p { b { "What you entered is kept" } " and is sent once you are back." } }
            @if failed { p.error role="alert" { @if back == WayBack::Provider { "Sign in first, then go on here." } @else { "That is not the password." } } }
            input type="hidden" name="next" value=(next);
            @for (field, value) in kept { input type="hidden" name={ "kept." (field) } value=(value); }
            @if back == WayBack::Provider {
                p { a href="/sign-on" target="_blank" rel="noopener" { "Sign in with the hospital account" }
                    " in a new window. Then come back to this one and go on." }
            }
            @if back == WayBack::Password {
                div.field { label for="password" { "Password" }
                    input id="password" name="password" type="password" autocomplete="current-password" maxlength="200" required; }
            }
            p.actions { button.button { "Go on" } }
        }
        form.signin method="post" action="/sign-in-anew" { p { button.button.quiet { "Somebody else signs in" } } }
    }
}
