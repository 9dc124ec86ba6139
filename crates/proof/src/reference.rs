//! The naive reference evaluator (E15): it walks the lists of the pages as they
//! are written, one test after the other, in strong Kleene logic.
//!
//! It shares no code with the compiled engine: no cells, no graph, no bit sets,
//! and it reads the constants of the pages by itself. SP12 compares the two.

use std::collections::{BTreeMap, BTreeSet};

use cauda_guideline::decide::State;
use cauda_guideline::facts::{Danger, Fact, Kind, Quantity, Sort};
use cauda_guideline::page::{Comparison, Group, Item, Need, PageKind, Test, TestKind, Word};
use cauda_guideline::vocabulary::{FirstStep, Tier};
use cauda_guideline::{Guideline, LoadedPage};

/// From this urgency on the verdict is decided (docs/decisions/0003): the patient is
/// scanned now, whatever else is learnt.
const TOP: Tier = Tier::Emergency;

/// What is known of one fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Known {
    /// A named value, by its index in the fact's `values`.
    Value(usize),
    /// A quantity from the first to the second place of its doubled grid, both included.
    Between(i64, i64),
    /// Nothing.
    Unknown {
        /// Asked for, and asking again will not help.
        cannot_be_had: bool,
    },
}

/// What the pages say of one patient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Urgency of the concerns raised.
    pub at_least: Tier,
    /// Urgency of the concerns raised or open.
    pub at_most: Tier,
    /// `at_least`, or what a concern that cannot be known settles at.
    pub acted: Tier,
    /// First step of the leading concern.
    pub first_step: FirstStep,
    /// The disposition, an entry of `vocabulary/disposition.toml`.
    pub go: Option<String>,
    /// Whether further answers can change neither urgency nor disposition.
    pub decided: bool,
    /// State of every concern by its page's id, in page order.
    pub states: Vec<(String, State)>,
}

/// The pages with every name looked up and every constant read, for many patients.
pub struct Reference<'a> {
    guideline: &'a Guideline,
    /// Rules of every page.
    rules: Vec<Rules>,
    /// Page that says when a fact is needed, by fact.
    needed: Vec<Option<usize>>,
    concerns: Vec<Concern>,
    dispositions: Vec<Disposition>,
    /// Results pages with the concerns they close and those they answer.
    reports: Vec<Report>,
}

/// A results page: what a report does to concerns, by their words.
struct Report {
    page: usize,
    closes: Vec<String>,
    answers: Vec<String>,
}

/// The rules of one page.
struct Rules {
    when: Rule,
    excluded: Option<Rule>,
}

/// A list, or one line of it.
enum Rule {
    List(Need, Vec<Rule>),
    /// A test, and whether it is a sign of something when it holds.
    Line(Look, bool),
}

/// What one line looks at.
enum Look {
    /// The fact has one of these values.
    Is(usize, Vec<usize>),
    /// The quantity compares so with this place of its doubled grid.
    Compares(usize, Comparison, i64),
    /// The `When` of that page is true: a derived fact is present, a concern suspected.
    Holds(usize),
    /// The `When` of that page is false: a derived fact is absent.
    Fails(usize),
    /// That page excludes its concern, or a report closes it.
    Closed(usize),
    /// That page raises its concern, and no report closes it.
    Raised(usize),
}

/// A page that raises a concern.
struct Concern {
    page: usize,
    kind: PageKind,
    tier: Tier,
    first_step: FirstStep,
    settle: Option<Tier>,
    /// Entered facts it looks at.
    facts: BTreeSet<usize>,
}

/// A page that says where the patient goes.
struct Disposition {
    page: usize,
    go: String,
    reassuring: bool,
}

impl<'a> Reference<'a> {
    /// Reads the pages of `guideline`.
    ///
    /// # Errors
    /// The page that cannot be read and what is wrong with it.
    pub fn new(guideline: &'a Guideline) -> Result<Reference<'a>, String> {
        let reader = Reader::new(guideline);
        let mut reference = Reference {
            guideline,
            rules: Vec::new(),
            needed: Vec::new(),
            concerns: Vec::new(),
            dispositions: Vec::new(),
            reports: guideline.pages.iter().enumerate().filter_map(report).collect(),
        };
        for fact in &guideline.facts {
            let id = fact.needed.as_ref().filter(|_| !fact.is_computed());
            let page = id.map(|id| reader.page(id, PageKind::Test, &fact.id));
            reference.needed.push(page.transpose()?);
        }
        for loaded in &guideline.pages {
            reference.rules.push(reader.rules(loaded)?);
        }
        for (page, loaded) in guideline.pages.iter().enumerate() {
            let (mut facts, mut pages) = (BTreeSet::new(), BTreeSet::new());
            reference.looks_at(&reference.rules[page].when, &mut facts, &mut pages);
            if pages.contains(&page) {
                return Err(format!("{}: the page depends on itself", loaded.id));
            }
            if let Some(excluded) = &reference.rules[page].excluded {
                reference.looks_at(excluded, &mut facts, &mut pages);
            }
            if loaded.kind.is_concern() {
                reference.concerns.push(reader.concern(page, loaded, facts)?);
            }
            if loaded.kind == PageKind::Disposition {
                reference.dispositions.push(reader.disposition(page, loaded)?);
            }
        }
        Ok(reference)
    }

    /// Facts and pages `rule` looks at: directly, through definitions, concerns
    /// suspected, and the pages that say whether a test is needed.
    fn looks_at(&self, rule: &Rule, facts: &mut BTreeSet<usize>, pages: &mut BTreeSet<usize>) {
        let through = match rule {
            Rule::List(_, items) => {
                for item in items {
                    self.looks_at(item, facts, pages);
                }
                None
            }
            Rule::Line(Look::Is(fact, _) | Look::Compares(fact, ..), _) => {
                facts.insert(*fact);
                self.needed[*fact]
            }
            Rule::Line(
                Look::Holds(page) | Look::Fails(page) | Look::Closed(page) | Look::Raised(page),
                _,
            ) => Some(*page),
        };
        if let Some(page) = through
            && pages.insert(page)
        {
            self.looks_at(&self.rules[page].when, facts, pages);
        }
    }

    /// What the pages say of `patient`, known by fact index.
    ///
    /// Computed facts are ignored. What does not fit its fact (no entry, a value
    /// out of bounds, an empty interval) counts as not asked.
    pub fn evaluate(&self, patient: &[Known]) -> Answer {
        let mut visit = Visit::new(self, patient);
        let views: Vec<View> = self.concerns.iter().map(|concern| visit.view(concern)).collect();

        let raised = views.iter().filter(|view| view.state == State::Raised);
        let not_excluded = views.iter().filter(|view| view.state != State::Excluded);
        let settling = views.iter().filter_map(|view| view.settles_at);
        let at_least = raised.map(|view| view.concern.tier).max().unwrap_or(Tier::None);
        let at_most = not_excluded.map(|view| view.concern.tier).max().unwrap_or(Tier::None);
        let acted = settling.max().unwrap_or(Tier::None).max(at_least);

        let leading =
            views.iter().filter(|view| acted > Tier::None && view.urgency() == Some(acted));
        let first_step = leading.map(|view| view.first_step).min();
        let first_step = first_step.unwrap_or(FirstStep::None);
        let could_lead = views.iter().any(|view| view.could_lead(at_least, first_step));

        let all = together(&views, &[PageKind::Gate, PageKind::RedFlag]);
        let gate = together(&views, &[PageKind::Gate]);
        visit.say("urgency", acted.id());
        visit.say("first_step", first_step.id());
        visit.say("concerns", state_word(all));
        visit.say("gate", state_word(gate));
        let rows = self.dispositions.iter();
        let chosen: Vec<_> = rows.filter(|row| visit.when(row.page) == Truth::Yes).collect();
        // Two dispositions at once are none, and a reassuring one waits for every
        // concern that could still lead.
        let go = match chosen.as_slice() {
            [only] if !(only.reassuring && could_lead) => Some(only.go.clone()),
            _ => None,
        };

        let in_scope = together(&views, &[PageKind::Scope]) == State::Excluded;
        let id = |view: &View| self.guideline.pages[view.concern.page].id.clone();
        Answer {
            at_least,
            at_most,
            acted,
            first_step,
            decided: go.is_some() && in_scope && (acted >= TOP || !could_lead),
            go,
            states: views.iter().map(|view| (id(view), view.state)).collect(),
        }
    }
}

/// What a patient makes of one concern.
struct View<'r> {
    concern: &'r Concern,
    state: State,
    /// Its scan, or another team once a report has answered it.
    first_step: FirstStep,
    settles_at: Option<Tier>,
}

impl View<'_> {
    /// The urgency this concern itself asks for now.
    fn urgency(&self) -> Option<Tier> {
        if self.state == State::Raised { Some(self.concern.tier) } else { self.settles_at }
    }

    /// Whether it is open and could raise the urgency, or lead at the same urgency.
    fn could_lead(&self, at_least: Tier, first_step: FirstStep) -> bool {
        let tier = self.concern.tier;
        let leads = tier > at_least || (tier == at_least && self.first_step < first_step);
        self.state == State::Open && tier > Tier::None && leads
    }
}

/// Raised if one concern of these kinds is, else open if one is, else excluded.
fn together(views: &[View], kinds: &[PageKind]) -> State {
    let any =
        |state| views.iter().any(|view| kinds.contains(&view.concern.kind) && view.state == state);
    if any(State::Raised) {
        State::Raised
    } else if any(State::Open) {
        State::Open
    } else {
        State::Excluded
    }
}

fn state_word(state: State) -> &'static str {
    match state {
        State::Raised => "raised",
        State::Open => "open",
        State::Excluded => "excluded",
    }
}

/// One patient while the pages are read.
struct Visit<'r> {
    reference: &'r Reference<'r>,
    known: Vec<Known>,
    /// What became of `When`, for pages read already.
    when: Vec<Option<Truth>>,
}

impl<'r> Visit<'r> {
    fn new(reference: &'r Reference<'r>, patient: &[Known]) -> Visit<'r> {
        let facts = reference.guideline.facts.iter().enumerate();
        Visit {
            reference,
            known: facts.map(|(index, fact)| entered(fact, patient.get(index))).collect(),
            when: vec![None; reference.rules.len()],
        }
    }

    /// Gives a built-in fact its value.
    fn say(&mut self, id: &str, value: &str) {
        let guideline = self.reference.guideline;
        let fact = guideline.facts.iter().rposition(|fact| fact.id == id);
        let value = fact.and_then(|fact| Some((fact, guideline.facts[fact].value_index(value)?)));
        if let Some((fact, value)) = value {
            self.known[fact] = Known::Value(value);
        }
    }

    /// What counts as known: a test not done and not needed is clear (E2).
    fn known(&mut self, fact: usize) -> Known {
        let known = self.known[fact].clone();
        match (&known, self.reference.needed[fact]) {
            (Known::Unknown { .. }, Some(page)) if self.when(page) == Truth::No => {
                clear(&self.reference.guideline.facts[fact])
            }
            _ => known,
        }
    }

    /// Truth of a page's `When` or `Needed when`.
    fn when(&mut self, page: usize) -> Truth {
        if let Some(truth) = self.when[page] {
            return truth;
        }
        let truth = self.holds(&self.reference.rules[page].when);
        self.when[page] = Some(truth);
        truth
    }

    /// Truth of a page's `Excluded when`, or that its `When` is false, or that a
    /// report closes its concern.
    fn closed(&mut self, page: usize) -> Truth {
        let own = match &self.reference.rules[page].excluded {
            Some(excluded) => self.holds(excluded),
            None => self.when(page).contrary(),
        };
        let reported = self.reported(page, |report| &report.closes);
        kleene(Need::Any, 2, [own, reported].into_iter())
    }

    /// Truth of a page's `When` while no report closes its concern.
    fn raised(&mut self, page: usize) -> Truth {
        let when = self.when(page);
        let reported = self.reported(page, |report| &report.closes);
        kleene(Need::All, 2, [when, reported.contrary()].into_iter())
    }

    /// Whether a results page that holds names the concern of `page`.
    fn reported(&mut self, page: usize, of: fn(&Report) -> &Vec<String>) -> Truth {
        let reference = self.reference;
        let word = concern_word(&reference.guideline.pages[page]);
        let about = reference.reports.iter().filter(|report| of(report).contains(&word));
        let truths: Vec<Truth> = about.map(|report| self.when(report.page)).collect();
        kleene(Need::Any, truths.len(), truths.into_iter())
    }

    fn holds(&mut self, rule: &'r Rule) -> Truth {
        match rule {
            Rule::List(need, items) => {
                kleene(*need, items.len(), items.iter().map(|item| self.holds(item)))
            }
            Rule::Line(Look::Is(fact, values), _) => match self.known(*fact) {
                Known::Value(value) => Truth::certain(values.contains(&value)),
                _ => Truth::Unknown,
            },
            Rule::Line(Look::Compares(fact, comparison, constant), _) => match self.known(*fact) {
                Known::Between(low, high) => compare(*comparison, *constant, low, high),
                _ => Truth::Unknown,
            },
            Rule::Line(Look::Holds(page), _) => self.when(*page),
            Rule::Line(Look::Fails(page), _) => self.when(*page).contrary(),
            Rule::Line(Look::Closed(page), _) => self.closed(*page),
            Rule::Line(Look::Raised(page), _) => self.raised(*page),
        }
    }

    fn view(&mut self, concern: &'r Concern) -> View<'r> {
        let state = if self.raised(concern.page) == Truth::Yes {
            State::Raised
        } else if self.closed(concern.page) == Truth::Yes {
            State::Excluded
        } else {
            State::Open
        };
        let when = &self.reference.rules[concern.page].when;
        let settles = state == State::Open && self.is_stuck(concern) && self.has_sign(when);
        let answered = self.reported(concern.page, |report| &report.answers) == Truth::Yes;
        let first_step = match concern.first_step {
            FirstStep::None => FirstStep::None,
            _ if answered => FirstStep::OtherTeam,
            scan => scan,
        };
        View { concern, state, first_step, settles_at: concern.settle.filter(|_| settles) }
    }

    /// Everything it looks at is answered or cannot be had, and something is missing.
    fn is_stuck(&mut self, concern: &Concern) -> bool {
        let mut missing = false;
        for fact in &concern.facts {
            match self.known(*fact) {
                Known::Unknown { cannot_be_had: false } => return false,
                Known::Unknown { cannot_be_had: true } => missing = true,
                _ => {}
            }
        }
        missing
    }

    /// Whether a line of `rule`, however deep, is true and a sign.
    fn has_sign(&mut self, rule: &'r Rule) -> bool {
        match rule {
            Rule::List(_, items) => items.iter().any(|item| self.has_sign(item)),
            Rule::Line(_, is_sign) => *is_sign && self.holds(rule) == Truth::Yes,
        }
    }
}

/// What a patient's entry says of its fact.
fn entered(fact: &Fact, given: Option<&Known>) -> Known {
    let nothing = Known::Unknown { cannot_be_had: false };
    let known = match (&fact.kind, given) {
        _ if fact.is_computed() => return nothing,
        (Kind::Named { values, .. }, Some(Known::Value(value))) if *value < values.len() => {
            Known::Value(*value)
        }
        (Kind::Quantity(quantity), Some(Known::Between(low, high))) => {
            let whole = *low <= quantity.range.0 && *high >= quantity.range.1;
            if low > high || whole { nothing } else { Known::Between(*low, *high) }
        }
        (_, Some(Known::Unknown { cannot_be_had })) => {
            Known::Unknown { cannot_be_had: *cannot_be_had }
        }
        _ => nothing,
    };
    match (&known, fact.assumed()) {
        (Known::Unknown { .. }, Some(assumed)) => Known::Value(assumed),
        _ => known,
    }
}

fn clear(fact: &Fact) -> Known {
    match &fact.kind {
        Kind::Named { clear, .. } => Known::Value(*clear),
        Kind::Quantity(quantity) => Known::Between(quantity.clear, quantity.clear),
    }
}

/// Strong Kleene truth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Truth {
    Yes,
    No,
    Unknown,
}

impl Truth {
    fn certain(yes: bool) -> Truth {
        if yes { Truth::Yes } else { Truth::No }
    }

    fn contrary(self) -> Truth {
        match self {
            Truth::Yes => Truth::No,
            Truth::No => Truth::Yes,
            Truth::Unknown => Truth::Unknown,
        }
    }
}

/// Truth of a list: enough items are true, or too few can still become true.
fn kleene(need: Need, count: usize, items: impl Iterator<Item = Truth>) -> Truth {
    let wanted = match need {
        Need::All => count,
        Need::Any => 1,
        Need::AtLeast(wanted) => wanted as usize,
    };
    let (mut yes, mut possible) = (0, 0);
    for truth in items {
        yes += usize::from(truth == Truth::Yes);
        possible += usize::from(truth != Truth::No);
    }
    if yes >= wanted {
        Truth::Yes
    } else if possible < wanted {
        Truth::No
    } else {
        Truth::Unknown
    }
}

/// Whether every number from `low` to `high` compares so, or none does.
fn compare(comparison: Comparison, constant: i64, low: i64, high: i64) -> Truth {
    let holds = |place: i64| match comparison {
        Comparison::AtLeast => place >= constant,
        Comparison::Above => place > constant,
        Comparison::AtMost => place <= constant,
        Comparison::Below => place < constant,
    };
    // A comparison changes at most once between the two ends.
    match (holds(low), holds(high)) {
        (true, true) => Truth::Yes,
        (false, false) => Truth::No,
        _ => Truth::Unknown,
    }
}

/// Looks up the names of the pages.
struct Reader<'a> {
    guideline: &'a Guideline,
    facts: BTreeMap<&'a str, usize>,
    pages: BTreeMap<&'a str, usize>,
}

impl<'a> Reader<'a> {
    fn new(guideline: &'a Guideline) -> Reader<'a> {
        let facts = guideline.facts.iter().enumerate().map(|(at, fact)| (fact.id.as_str(), at));
        let pages = guideline.pages.iter().enumerate().map(|(at, page)| (page.id.as_str(), at));
        Reader { guideline, facts: facts.collect(), pages: pages.collect() }
    }

    fn page(&self, id: &str, kind: PageKind, from: &str) -> Result<usize, String> {
        let page = self.pages.get(id).filter(|page| self.guideline.pages[**page].kind == kind);
        page.copied().ok_or_else(|| format!("{from}: there is no page `{id}`"))
    }

    /// The one concern page whose id ends in `stem`.
    fn concern_page(&self, stem: &str, from: &str) -> Result<usize, String> {
        let pages = self.guideline.pages.iter().enumerate();
        let named = pages.filter(|(_, page)| page.kind.is_concern() && page.stem() == stem);
        match named.map(|(at, _)| at).collect::<Vec<_>>().as_slice() {
            [only] => Ok(*only),
            [] => Err(format!("{from}: there is no concern `{stem}`")),
            _ => Err(format!("{from}: there is more than one concern `{stem}`")),
        }
    }

    fn rules(&self, loaded: &LoadedPage) -> Result<Rules, String> {
        let when = loaded.page.when.as_ref();
        let when = when.ok_or_else(|| format!("{}: the page has no rule", loaded.id))?;
        let excluded = loaded.page.excluded.as_ref().map(|list| self.list(loaded, list));
        Ok(Rules { when: self.list(loaded, when)?, excluded: excluded.transpose()? })
    }

    fn list(&self, loaded: &LoadedPage, group: &Group) -> Result<Rule, String> {
        let items = group.items.iter().map(|item| match item {
            Item::Test(test) => self.line(loaded, test),
            Item::Group(inner) => self.list(loaded, inner),
        });
        Ok(Rule::List(group.need, items.collect::<Result<_, _>>()?))
    }

    fn line(&self, loaded: &LoadedPage, test: &Test) -> Result<Rule, String> {
        let id = test.subject.text.as_str();
        let fault = |what: &str| format!("{}: `{id}` {what}", loaded.id);
        let fact = || {
            let index = self.facts.get(id).copied().ok_or_else(|| fault("is not a fact"))?;
            Ok::<_, String>((index, &self.guideline.facts[index]))
        };
        match &test.kind {
            TestKind::Suspected => {
                let page = self.concern_page(id, &loaded.id)?;
                let late = matches!(
                    loaded.kind,
                    PageKind::Disposition
                        | PageKind::Treatment
                        | PageKind::Scanner
                        | PageKind::FollowUp
                );
                Ok(Rule::Line(if late { Look::Raised(page) } else { Look::Holds(page) }, true))
            }
            TestKind::Excluded => {
                Ok(Rule::Line(Look::Closed(self.concern_page(id, &loaded.id)?), false))
            }
            TestKind::Is(words) => {
                let (index, fact) = fact()?;
                self.line_is(index, fact, words, &loaded.id)
            }
            TestKind::Compares { comparison, number, unit } => {
                let (index, fact) = fact()?;
                let quantity = fact.quantity().ok_or_else(|| fault("is not a number"))?;
                let unit = unit.as_ref().map_or("1", |unit| unit.text.as_str());
                let constant = grid_place(quantity, &number.text, unit)
                    .ok_or_else(|| fault(&format!("cannot be `{} {unit}`", number.text)))?;
                let is_sign = alarms(fact.danger, quantity.alarm, *comparison, constant);
                Ok(Rule::Line(Look::Compares(index, *comparison, constant), is_sign))
            }
        }
    }

    fn line_is(&self, at: usize, fact: &Fact, words: &[Word], from: &str) -> Result<Rule, String> {
        let Kind::Named { sort, dangerous, assume, .. } = &fact.kind else {
            return Err(format!("{from}: `{}` is a number", fact.id));
        };
        if *sort == Sort::Derived {
            let page =
                self.page(&format!("definitions/{}", fact.id), PageKind::Definition, from)?;
            return match words {
                [word] if word.text == "present" => Ok(Rule::Line(Look::Holds(page), true)),
                [word] if word.text == "absent" => Ok(Rule::Line(Look::Fails(page), false)),
                _ => Err(format!("{from}: `{}` is either present or absent", fact.id)),
            };
        }
        let values =
            words.iter().map(|word| fact.value_index(&word.text)).collect::<Option<Vec<_>>>();
        let values = values.ok_or_else(|| format!("{from}: `{}` has no such value", fact.id))?;
        let is_sign = assume.is_none() && values.iter().all(|value| dangerous[*value]);
        Ok(Rule::Line(Look::Is(at, values), is_sign))
    }

    fn concern(
        &self,
        page: usize,
        loaded: &LoadedPage,
        facts: BTreeSet<usize>,
    ) -> Result<Concern, String> {
        let tier_of = |word: &Word| Tier::of_id(&word.text);
        let tier = loaded.page.then_phrases("tier").next().and_then(tier_of);
        let otherwise = match loaded.kind {
            PageKind::Scope => FirstStep::None,
            _ => FirstStep::OtherTeam,
        };
        let image = loaded.page.then_phrases("image").next();
        let modality = image
            .and_then(|image| self.guideline.vocabulary.get("image", &image.text))
            .and_then(|phrase| phrase.modality.as_deref());
        let scanner = modality.filter(|modality| *modality != "none");
        let step = FirstStep::ALL.into_iter().find(|step| Some(step.id()) == scanner);
        Ok(Concern {
            page,
            kind: loaded.kind,
            tier: tier.ok_or_else(|| format!("{}: the page names no tier", loaded.id))?,
            first_step: step.unwrap_or(otherwise),
            settle: loaded.page.stuck_phrases("settle").next().and_then(tier_of),
            facts,
        })
    }

    fn disposition(&self, page: usize, loaded: &LoadedPage) -> Result<Disposition, String> {
        let go = loaded.page.then_phrases("go").next().map(|word| word.text.as_str());
        let phrase = go.and_then(|go| self.guideline.vocabulary.get("disposition", go));
        let (Some(go), Some(phrase)) = (go, phrase) else {
            return Err(format!("{}: the page does not say where to go", loaded.id));
        };
        Ok(Disposition { page, go: go.to_string(), reassuring: phrase.reassuring == Some(true) })
    }
}

/// The word a page has after `concern:`.
fn concern_word(loaded: &LoadedPage) -> String {
    loaded.page.then_phrases("concern").next().map(|word| word.text.clone()).unwrap_or_default()
}

/// What a results page closes and answers.
fn report((page, loaded): (usize, &LoadedPage)) -> Option<Report> {
    let named = |key: &str| loaded.page.then_phrases(key).map(|word| word.text.clone()).collect();
    (loaded.kind == PageKind::Result).then(|| Report {
        page,
        closes: named("closes"),
        answers: named("answered"),
    })
}

/// Whether everything a comparison allows lies at or beyond the alarm.
fn alarms(danger: Danger, alarm: Option<i64>, comparison: Comparison, constant: i64) -> bool {
    let Some(alarm) = alarm else { return false };
    // The least dangerous place the comparison allows must already alarm.
    match (danger, comparison) {
        (Danger::Rising, Comparison::AtLeast) => constant >= alarm,
        (Danger::Rising, Comparison::Above) => constant + 1 >= alarm,
        (Danger::Falling, Comparison::AtMost) => constant <= alarm,
        (Danger::Falling, Comparison::Below) => constant - 1 <= alarm,
        _ => false,
    }
}

/// Units of one sort have the same word and a size in the same measure.
const UNITS: [(&str, &str, i128); 13] = [
    ("mL", "volume", 1),
    ("cL", "volume", 10),
    ("dL", "volume", 100),
    ("L", "volume", 1000),
    ("mg/L", "mass in volume", 1),
    ("ug/mL", "mass in volume", 1),
    ("mg/dL", "mass in volume", 10),
    ("g/L", "mass in volume", 1000),
    ("s", "time", 1),
    ("min", "time", 60),
    ("h", "time", 3600),
    ("d", "time", 86_400),
    ("wk", "time", 604_800),
];

/// Place of `number unit` on the doubled grid: even, because constants lie on
/// the grid. `None` when it does not, or when the unit is not known here.
fn grid_place(quantity: &Quantity, number: &str, unit: &str) -> Option<i64> {
    let accepted = quantity.accepts.iter().any(|accepted| accepted == unit);
    let value = in_unit(fraction(number)?, unit, &quantity.unit).filter(|_| accepted)?;
    let step = fraction(&quantity.step.to_string())?;
    let (over, under) = times(value, step.1, step.0)?;
    let steps = (under > 0 && over % under == 0).then(|| over / under)?;
    i64::try_from(steps.checked_mul(2)?).ok()
}

/// A plain decimal number as numerator and denominator.
fn fraction(text: &str) -> Option<(i128, i128)> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits = format!("{whole}{part}");
    if whole.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let under = 10_i128.checked_pow(u32::try_from(part.len()).ok()?)?;
    Some((digits.parse().ok()?, under))
}

fn times((over, under): (i128, i128), by: i128, of: i128) -> Option<(i128, i128)> {
    Some((over.checked_mul(by)?, under.checked_mul(of)?))
}

fn in_unit(value: (i128, i128), from: &str, to: &str) -> Option<(i128, i128)> {
    if from == to {
        return Some(value);
    }
    if (from, to) == ("[degF]", "Cel") {
        let above_freezing = value.0.checked_sub(value.1.checked_mul(32)?)?;
        return times((above_freezing, value.1), 5, 9);
    }
    let find = |unit: &str| UNITS.iter().find(|known| known.0 == unit);
    let (from, to) = (find(from)?, find(to)?);
    if from.1 == to.1 { times(value, from.2, to.2) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Truth::{No, Unknown, Yes};

    fn check_list(need: Need, items: &[Truth], expect: Truth) {
        let found = kleene(need, items.len(), items.iter().copied());
        assert_eq!(found, expect, "{need:?} {items:?}");
    }

    #[test]
    fn lists_follow_strong_kleene_logic() {
        check_list(Need::All, &[Yes, Yes], Yes);
        check_list(Need::All, &[Yes, Unknown], Unknown);
        check_list(Need::All, &[Unknown, No], No);
        check_list(Need::Any, &[No, No], No);
        check_list(Need::Any, &[No, Unknown], Unknown);
        check_list(Need::Any, &[Unknown, Yes], Yes);
        check_list(Need::AtLeast(2), &[Yes, Unknown, Yes], Yes);
        check_list(Need::AtLeast(2), &[Yes, Unknown, No], Unknown);
        check_list(Need::AtLeast(2), &[Unknown, Unknown, No], Unknown);
        check_list(Need::AtLeast(2), &[Unknown, No, No], No);
        assert_eq!(Unknown.contrary(), Unknown);
        assert_eq!(Yes.contrary(), No);
    }

    fn check_interval(comparison: Comparison, (low, high): (i64, i64), expect: Truth) {
        assert_eq!(compare(comparison, 10, low, high), expect, "{comparison:?} {low} {high}");
    }

    #[test]
    fn a_comparison_is_known_when_the_whole_interval_agrees() {
        use Comparison::{Above, AtLeast, AtMost, Below};
        check_interval(AtLeast, (10, 90), Yes);
        check_interval(AtLeast, (9, 10), Unknown);
        check_interval(AtLeast, (0, 9), No);
        check_interval(Above, (11, 11), Yes);
        check_interval(Above, (10, 11), Unknown);
        check_interval(Above, (10, 10), No);
        check_interval(AtMost, (0, 10), Yes);
        check_interval(AtMost, (10, 11), Unknown);
        check_interval(AtMost, (11, 90), No);
        check_interval(Below, (9, 9), Yes);
        check_interval(Below, (9, 10), Unknown);
        check_interval(Below, (10, 90), No);
    }

    fn check_place(step: i128, number: &str, unit: &str, expect: Option<i64>) {
        let words = ["mL", "L", "Cel", "[degF]", "1"];
        let quantity = Quantity {
            unit: if unit.ends_with('L') { "mL" } else { "Cel" }.to_string(),
            accepts: words.map(String::from).to_vec(),
            step: cauda_guideline::decimal::Rational::new(1, step),
            range: (0, 10_000),
            clear: 0,
            alarm: None,
            is_duration: false,
        };
        assert_eq!(grid_place(&quantity, number, unit), expect, "{number} {unit}");
    }

    #[test]
    fn constants_are_read_exactly() {
        check_place(1, "200", "mL", Some(400));
        check_place(1, "1.001", "L", Some(2002));
        check_place(1, "200.5", "mL", None);
        check_place(10, "38.0", "Cel", Some(760));
        check_place(10, "100.4", "[degF]", Some(760));
        check_place(10, "100.3", "[degF]", None);
        check_place(10, "38", "1", None);
        check_place(1, "+2", "mL", None);
        check_place(1, "200", "dL", None);
    }

    #[test]
    fn a_comparison_alarms_only_beyond_the_alarm() {
        use Comparison::{Above, AtMost, Below};
        assert!(alarms(Danger::Rising, Some(10), Above, 10));
        assert!(!alarms(Danger::Rising, Some(10), Above, 8));
        assert!(alarms(Danger::Rising, Some(11), Above, 10));
        assert!(alarms(Danger::Falling, Some(5), Below, 6));
        assert!(!alarms(Danger::Rising, Some(10), Below, 20));
        assert!(alarms(Danger::Falling, Some(6), AtMost, 6));
        assert!(!alarms(Danger::Falling, Some(6), Below, 8));
        assert!(!alarms(Danger::Falling, None, AtMost, 0));
    }
}
