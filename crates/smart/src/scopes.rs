//! What may be read and written: scopes of SMART App Launch 2.2, section "Scopes and Launch
//! Context", with those of version 1 understood as well.

use std::fmt;

/// Most scopes of a list; what follows counts as not granted.
const SCOPES_MAX: usize = 256;
/// Most bytes of a list.
pub(crate) const SCOPES_BYTES_MAX: usize = 16_384;

/// What may be done with a kind of resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// `c`
    Create,
    /// `r`
    Read,
    /// `u`
    Update,
    /// `d`
    Delete,
    /// `s`
    Search,
}

/// How far a permission goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reach {
    /// It may not be done. What is not seen is unknown.
    Nothing,
    /// Only to some resources of the kind, such as to one category of observations. A list that is
    /// read with it is never the whole, so what it lacks is unknown.
    Part,
    /// To all of the kind that the EHR shows this user.
    All,
}

/// Whose data a scope is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Context {
    Patient,
    User,
    System,
}

/// A list of scopes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Scopes {
    words: Vec<String>,
    resources: Vec<Resource>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Resource {
    context: Context,
    /// `None` is every kind.
    kind: Option<String>,
    actions: Vec<Action>,
    part: bool,
}

/// What was asked for and granted: never more than both.
#[derive(Clone, PartialEq, Eq)]
pub struct Granted {
    asked: Scopes,
    granted: Scopes,
}

impl Scopes {
    /// Reads a list. A scope that is not understood permits nothing.
    pub(crate) fn read(text: &str) -> Scopes {
        let mut scopes = Scopes::default();
        for scope in text.split_ascii_whitespace().take(SCOPES_MAX) {
            match Resource::read(scope) {
                Some(resource) => scopes.resources.push(resource),
                None => scopes.words.push(scope.to_string()),
            }
        }
        scopes
    }

    /// Whether a scope that is about no resource is among them, such as `openid`.
    pub(crate) fn has(&self, word: &str) -> bool {
        self.words.iter().any(|one| one == word)
    }

    /// Whether one of them looks like one about resources and is not understood.
    pub(crate) fn has_odd(&self) -> bool {
        let about = |word: &String| {
            let (context, _) = word.split_once('/').unwrap_or_default();
            matches!(context, "patient" | "user" | "system")
        };
        self.words.iter().any(about)
    }

    /// Whether all about resources have one of these contexts, and there is one.
    pub(crate) fn are_all(&self, contexts: &[Context]) -> bool {
        let fits = |one: &Resource| contexts.contains(&one.context);
        !self.resources.is_empty() && self.resources.iter().all(fits)
    }

    fn reach(&self, context: Context, action: Action, kind: &str) -> Reach {
        let fits = |one: &&Resource| {
            let kind = one.kind.as_ref().is_none_or(|own| own == kind);
            one.context == context && kind && one.actions.contains(&action)
        };
        let reach = |one: &Resource| if one.part { Reach::Part } else { Reach::All };
        self.resources.iter().filter(fits).map(reach).max().unwrap_or(Reach::Nothing)
    }
}

impl Resource {
    fn read(scope: &str) -> Option<Resource> {
        let (context, rest) = scope.split_once('/')?;
        let context = match context {
            "patient" => Context::Patient,
            "user" => Context::User,
            "system" => Context::System,
            _ => return None,
        };
        let (rest, part) = match rest.split_once('?') {
            Some((rest, _)) => (rest, true),
            None => (rest, false),
        };
        let (kind, actions) = rest.split_once('.')?;
        let letters = !kind.is_empty() && kind.bytes().all(|byte| byte.is_ascii_alphabetic());
        let kind = match kind {
            "*" => None,
            kind if letters => Some(kind.to_string()),
            _ => return None,
        };
        Some(Resource { context, kind, actions: actions_of(actions)?, part })
    }
}

/// `cruds` or some of its letters in that order; or the words of version 1.
fn actions_of(text: &str) -> Option<Vec<Action>> {
    use Action::{Create, Delete, Read, Search, Update};
    match text {
        "read" => return Some(vec![Read, Search]),
        "write" => return Some(vec![Create, Update, Delete]),
        "*" => return Some(vec![Create, Read, Update, Delete, Search]),
        _ => {}
    }
    let mut left =
        ['c', 'r', 'u', 'd', 's'].into_iter().zip([Create, Read, Update, Delete, Search]);
    let action = |letter| left.find(|(one, _)| *one == letter).map(|(_, action)| action);
    let actions = text.chars().map(action).collect::<Option<Vec<_>>>()?;
    (!actions.is_empty()).then_some(actions)
}

impl Granted {
    pub(crate) fn new(asked: &Scopes, granted: &str) -> Granted {
        Granted { asked: asked.clone(), granted: Scopes::read(granted) }
    }

    /// How far that may be done with resources of that kind, such as `Observation`.
    pub fn reach(&self, action: Action, kind: &str) -> Reach {
        let of = |context| {
            let asked = self.asked.reach(context, action, kind);
            asked.min(self.granted.reach(context, action, kind))
        };
        of(Context::Patient).max(of(Context::User)).max(of(Context::System))
    }

    /// Whether resources of that kind may be read one by one, all or some of them.
    pub fn may_read(&self, kind: &str) -> bool {
        self.reach(Action::Read, kind) != Reach::Nothing
    }

    /// Whether a search of that kind finds all there are. Where [`Granted::reach`] says
    /// [`Reach::Part`], what is found counts, and what is not found is unknown.
    pub fn may_search(&self, kind: &str) -> bool {
        self.reach(Action::Search, kind) == Reach::All
    }

    /// Whether all resources of that kind may be made and changed.
    pub fn may_write(&self, kind: &str) -> bool {
        let may = |action| self.reach(action, kind) == Reach::All;
        may(Action::Create) && may(Action::Update)
    }

    /// Whether a scope that is about no resource was asked for and granted, such as `fhirUser`.
    pub fn has(&self, word: &str) -> bool {
        self.asked.has(word) && self.granted.has(word)
    }
}

/// What an EHR writes is not shown.
impl fmt::Debug for Granted {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("granted scopes")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(asked: &str, granted: &str, action: Action, expect: Reach) {
        let granted_all = Granted::new(&Scopes::read(asked), granted);
        assert_eq!(granted_all.reach(action, "Observation"), expect, "{asked} | {granted}");
    }

    #[test]
    fn a_scope_permits_what_it_says_and_no_more() {
        use Action::*;
        let own = "patient/Observation.rs";
        for (granted, action, expect) in [
            (own, Read, Reach::All),
            (own, Search, Reach::All),
            (own, Create, Reach::Nothing),
            ("patient/Observation.r", Search, Reach::Nothing),
            ("patient/*.cruds", Search, Reach::All),
            ("patient/*.cruds", Create, Reach::Nothing),
            ("patient/Observation.read", Search, Reach::All),
            ("patient/Observation.*", Read, Reach::All),
            ("patient/Observation.write", Read, Reach::Nothing),
            ("patient/Observation.rs?category=laboratory", Search, Reach::Part),
            ("user/Observation.rs", Read, Reach::Nothing),
            ("system/Observation.rs", Read, Reach::Nothing),
            ("patient/Condition.rs", Read, Reach::Nothing),
            ("patient/observation.rs", Read, Reach::Nothing),
            ("patient/Observation.sr", Read, Reach::Nothing),
            ("patient/Observation.rrs", Read, Reach::Nothing),
            ("patient/Observation.", Read, Reach::Nothing),
            ("patient/Observation", Read, Reach::Nothing),
            ("patient/.rs", Read, Reach::Nothing),
            ("Patient/Observation.rs", Read, Reach::Nothing),
            ("", Read, Reach::Nothing),
        ] {
            check(own, granted, action, expect);
        }
    }

    #[test]
    fn what_follows_too_many_permits_nothing() {
        let many = "openid ".repeat(SCOPES_MAX) + "patient/Observation.rs";
        check("patient/Observation.rs", &many, Action::Read, Reach::Nothing);
    }

    #[test]
    fn writing_is_making_and_changing() {
        let asked = Scopes::read("patient/ServiceRequest.cu fhirUser");
        for (granted, expect) in [
            ("patient/ServiceRequest.cu", true),
            ("patient/ServiceRequest.c", false),
            ("patient/ServiceRequest.write", true),
            ("patient/ServiceRequest.rs", false),
        ] {
            assert_eq!(Granted::new(&asked, granted).may_write("ServiceRequest"), expect);
        }
        assert!(Granted::new(&asked, "fhirUser openid").has("fhirUser"));
        assert!(!Granted::new(&asked, "fhirUser openid").has("openid"));
    }
}
