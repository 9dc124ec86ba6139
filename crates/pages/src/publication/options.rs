//! Pages of options: off until a site turns them on, and shown as they would be.

use cauda_guideline::Guideline;
use cauda_guideline::load_checked;
use cauda_guideline::site::{Choice, OPTIONS, option_folder};
use maud::{Markup, html};

use super::shell::View;
use super::site::{FactPage, Site, safe};
use super::{facts, rule};

/// Ids of the pages of an option, as they are called once it is on.
fn pages<'a>(guideline: &'a Guideline, option: &str) -> Vec<&'a str> {
    let start = format!("{OPTIONS}/{option}/");
    let files = guideline.folder.files.keys();
    let pages = files.filter_map(|path| path.strip_prefix(&start)?.strip_suffix(".md"));
    pages.filter(|id| !id.starts_with("cases/")).collect()
}

fn file(option: &str, page: &str) -> String {
    format!("{OPTIONS}/{}/{}.html", safe(option), safe(page))
}

/// Links to the pages of an option.
pub fn links(view: View, option: &str) -> Vec<Markup> {
    let link = |id: &&str| html! { a href=(view.href(&file(option, id))) { code { (id) } } };
    pages(view.site.guideline, option).iter().map(link).collect()
}

/// A guideline with one option on.
pub struct TurnedOn<'a> {
    id: &'a str,
    what: &'a str,
    with: Guideline,
}

/// Every option that loads; the check of the guideline refuses one that does not.
pub fn all(guideline: &Guideline) -> Vec<TurnedOn<'_>> {
    let options = guideline.policies.iter().filter(|policy| policy.choice == Choice::Option);
    let load = |id: &str| load_checked(&option_folder(guideline, id).ok()?).ok();
    options
        .filter_map(|policy| {
            let with = load(&policy.id)?;
            Some(TurnedOn { id: &policy.id, what: &policy.what, with })
        })
        .collect()
}

/// The pages of an option: file, title, place of the page in the option's site.
pub fn files(guideline: &Guideline, option: &TurnedOn) -> Vec<(String, String, usize)> {
    let found = pages(guideline, option.id).into_iter().filter_map(|id| {
        let at = option.with.pages.iter().position(|page| page.id == id)?;
        let title = option.with.pages[at].page.title.clone();
        Some((file(option.id, id), title, at))
    });
    found.collect()
}

impl TurnedOn<'_> {
    /// The guideline with it.
    pub fn guideline(&self) -> &Guideline {
        &self.with
    }

    /// Whether it alone asks the facts of that group.
    pub fn asks(&self, group: &str) -> bool {
        let file = format!("{OPTIONS}/{}/facts/{group}.toml", self.id);
        self.with.folder.files.contains_key(&file)
    }

    /// One of its pages.
    pub fn page(&self, site: &Site, file: &str, at: usize) -> Markup {
        let view = View { site, file };
        html! { (self.notice(view)) (rule::page(view, at, &[])) }
    }

    /// Facts that it alone asks.
    pub fn facts(&self, site: &Site, part: &FactPage) -> Markup {
        let view = View { site, file: &part.file };
        html! { (self.notice(view)) (facts::page(view, part)) }
    }

    fn notice(&self, view: View) -> Markup {
        html! {
            p.warning {
                strong { "An option. " }
                "This page is off until a site turns on " code { (self.id) } ": " (self.what)
                ". " a href=(view.href("policy.html")) { "Local policy" } "."
            }
        }
    }
}
