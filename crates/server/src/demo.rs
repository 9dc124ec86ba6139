//! A department of invented patients, one at every step, for `cauda demo`.

use std::sync::Arc;

use cauda_guideline::Guideline;
use cauda_guideline::facts::Role;
use cauda_pathway::check_in::{Course, Daily, Signs, Told, Tried, Work};
use cauda_pathway::clocks::TaskKind;
use cauda_pathway::command::{Action, Found, SignedGroup};
use cauda_pathway::event::{FindingSaid, ReportState};
use cauda_pathway::identity::{Actor, ActorId, CommandId, PatientId, StaffRole, Text, VisitId};
use cauda_pathway::patient::{Day, Person, Sex};
use cauda_store::Record;

use crate::ServerError;
use crate::access::AccountRole;
use crate::accounts::{Accounts, demo_roles};
use crate::clock::Clock;
use crate::department::{ActError, Arrival, Department};

/// Names of the people of the demonstration, in the order of the roles.
const NAMES: [&str; 8] = [
    "Samuel Okafor",
    "Rosa Diaz",
    "Dr Hannah Lee",
    "Dr Ivo Marek",
    "Tunde Bello",
    "Dr Noor Haddad",
    "Mia Berg",
    "Ana Ruiz",
];

/// Id, name and role of each account.
pub type People = Vec<(String, String, AccountRole)>;

/// Fills an empty record.
///
/// # Errors
/// As the record's. A step that a guideline refuses is left out.
pub async fn fill(
    record: &Record,
    guideline: Arc<Guideline>,
    accounts: &Accounts,
    clock: &Clock,
) -> Result<People, ServerError> {
    let people = people(accounts).await?;
    let hand = Clock::at(clock.now());
    let department = Department::open(guideline, record.clone(), hand.clone()).await?;
    let following = tokio::spawn(department.clone().follow());
    let mut telling =
        Telling { department, hand, now: clock.now(), people: people.clone(), step: 0 };
    for (at, story) in stories().iter().chain(&at_home()).enumerate() {
        telling.tell(at, story).await?;
    }
    following.abort();
    Ok(people)
}

async fn people(accounts: &Accounts) -> Result<People, ServerError> {
    let by = ActorId::new("cauda").map_err(|_| ServerError::NoRandom)?;
    let mut people = People::new();
    let roles = demo_roles().into_iter().chain([StaffRole::Clerk]).map(AccountRole::Staff);
    for (name, role) in NAMES.iter().zip(roles) {
        let account = match accounts.named(name).await? {
            Some(account) => Some(account),
            None => accounts.create(&by, name, role).await?,
        };
        people.extend(account.map(|account| (account.id.to_string(), account.name, account.role)));
    }
    Ok(people)
}

/// A patient, and what happened minutes ago.
struct Story {
    name: &'static str,
    born: &'static str,
    sex: Sex,
    number: &'static str,
    allergies: Option<&'static str>,
    arrived: i64,
    steps: Vec<(i64, Step)>,
}

enum Step {
    /// Acuity, groups signed, findings.
    Triage(u8, &'static [&'static str], &'static [(&'static str, &'static str)]),
    TakeOn,
    Nurse(&'static [(&'static str, &'static str)]),
    Examine(&'static [&'static str], &'static [(&'static str, &'static str)]),
    Order,
    Screen,
    Start,
    End,
    Report(bool, &'static str, &'static [(&'static str, &'static str)]),
    Observe(i64),
    /// Tasks of that kind are done.
    Done(TaskKind),
    /// Home, with a plan.
    GoHome,
    /// What is due by then happens.
    Pass,
    /// The patient answers by the link.
    Answer(Told),
}

const ASKED: &[&str] =
    &["bladder_as_before", "bowel_as_before", "saddle_as_before", "sexual_feeling_as_before"];
const ALL_ASKED: &[&str] = &[
    "bladder_as_before",
    "bowel_as_before",
    "saddle_as_before",
    "sexual_feeling_as_before",
    "no_infection_or_cancer_risk",
];
const EXAMINED: &[&str] =
    &["legs_examined", "no_trauma_or_fragile_spine", "no_vascular_or_other_sign"];
const VITAL: &[(&str, &str)] = &[
    ("history_reliability", "good"),
    ("temperature", "36.8 Cel"),
    ("heart_rate", "78 /min"),
    ("respiratory_rate", "14 /min"),
    ("systolic_pressure", "128 mm[Hg]"),
    ("oxygen_saturation", "98"),
    ("pain_score", "6"),
    ("pain_duration", "48 h"),
    ("back_pain_course", "new"),
];
const HOME: &[(&str, &str)] = &[
    ("pain_controlled", "present"),
    ("walking_as_before", "present"),
    ("vital_signs_settled", "present"),
    ("home_safe", "present"),
];

const DAY: i64 = 1_440;

/// A strain that went home so many days ago, and what happened since, also in minutes ago.
fn went_home(
    name: &'static str,
    born: &'static str,
    number: &'static str,
    days: i64,
    since: Vec<(i64, Step)>,
) -> Story {
    let left = days * DAY;
    let mut steps = vec![
        (left + 170, Step::Triage(4, ALL_ASKED, VITAL)),
        (left + 150, Step::Done(TaskKind::PainRelief)),
        (left + 120, Step::TakeOn),
        (left + 90, Step::Examine(EXAMINED, HOME)),
        (left, Step::GoHome),
    ];
    steps.extend(since);
    let arrived = left + 180;
    Story { name, born, sex: Sex::Unknown, number, allergies: Some("none"), arrived, steps }
}

/// Patients at home, each at another place of the six weeks.
fn at_home() -> Vec<Story> {
    let told = |course, pain| Told {
        signs: Signs::None,
        pain: Some(pain),
        course: Some(course),
        daily: Some(Daily::Some),
        work: Some(Work::Less),
        tried: Some(vec![Tried::Moving, Tried::Medicine]),
        ..Told::default()
    };
    let danger = Told {
        signs: Signs::Some,
        lines: vec!["numb_between_the_legs".to_string()],
        ..Told::default()
    };
    vec![
        went_home("Marta Kowalska", "1979-04-23", "D-2001", 2, vec![(0, Step::Pass)]),
        went_home(
            "Luis Romero",
            "1988-10-02",
            "D-2002",
            6,
            vec![(4 * DAY, Step::Pass), (DAY, Step::Pass)],
        ),
        went_home(
            "Ingrid Solberg",
            "1990-01-15",
            "D-2003",
            3,
            vec![(DAY, Step::Pass), (12, Step::Answer(danger))],
        ),
        went_home(
            "Hye-jin Park",
            "1969-07-30",
            "D-2004",
            43,
            vec![
                (41 * DAY, Step::Pass),
                (40 * DAY, Step::Answer(told(Course::Better, 5))),
                (29 * DAY, Step::Pass),
                (28 * DAY, Step::Answer(told(Course::Same, 5))),
                (15 * DAY, Step::Pass),
                (14 * DAY, Step::Answer(told(Course::Same, 6))),
                (DAY, Step::Pass),
                (300, Step::Answer(told(Course::Same, 6))),
            ],
        ),
        went_home(
            "Daniel Mensah",
            "1995-12-11",
            "D-2005",
            9,
            vec![(7 * DAY, Step::Pass), (6 * DAY, Step::Answer(told(Course::Better, 3)))],
        ),
    ]
}

fn stories() -> Vec<Story> {
    let of = |name, born, sex, number, arrived, steps| Story {
        name,
        born,
        sex,
        number,
        allergies: Some("none"),
        arrived,
        steps,
    };
    vec![
        of("Ji-woo Kim", "1998-08-19", Sex::Female, "D-1001", 6, vec![]),
        of(
            "Maria Santos",
            "1993-05-11",
            Sex::Female,
            "D-1002",
            25,
            vec![(
                18,
                Step::Triage(
                    3,
                    &[],
                    &[
                        ("history_reliability", "good"),
                        ("pain_score", "7"),
                        ("leg_pain_left", "new"),
                    ],
                ),
            )],
        ),
        Story {
            allergies: Some("penicillin"),
            ..of(
                "Tomas Novak",
                "1982-09-17",
                Sex::Male,
                "D-1003",
                34,
                vec![(
                    26,
                    Step::Triage(
                        2,
                        &["bowel_as_before"],
                        &[
                            ("saddle_numbness", "new"),
                            ("urinary_stream_change", "new"),
                            ("leg_pain_left", "new"),
                            ("leg_pain_right", "new"),
                            ("history_reliability", "good"),
                            ("temperature", "36.9 Cel"),
                            ("pain_score", "8"),
                        ],
                    ),
                )],
            )
        },
        of(
            "Per Hansen",
            "1974-02-02",
            Sex::Male,
            "D-1004",
            95,
            vec![
                (88, Step::Triage(4, ALL_ASKED, VITAL)),
                (75, Step::Done(TaskKind::PainRelief)),
                (70, Step::TakeOn),
                (
                    52,
                    Step::Examine(
                        EXAMINED,
                        &[
                            ("pain_controlled", "absent"),
                            ("walking_as_before", "present"),
                            ("home_safe", "present"),
                        ],
                    ),
                ),
                (48, Step::Observe(60)),
            ],
        ),
        of(
            "Oluwaseun Adeyemi",
            "1992-03-04",
            Sex::Male,
            "D-1005",
            120,
            vec![
                (112, Step::Triage(4, ALL_ASKED, VITAL)),
                (100, Step::Done(TaskKind::PainRelief)),
                (80, Step::TakeOn),
                (61, Step::Examine(EXAMINED, HOME)),
            ],
        ),
        of(
            "Grace Mbeki",
            "1965-03-04",
            Sex::Female,
            "D-1006",
            150,
            vec![
                (
                    141,
                    Step::Triage(
                        2,
                        ASKED,
                        &[
                            ("history_reliability", "good"),
                            ("fever_history", "present"),
                            ("injection_drug_use", "absent"),
                            ("dialysis", "present"),
                            ("temperature", "38.6 Cel"),
                            ("heart_rate", "96 /min"),
                            ("pain_score", "7"),
                        ],
                    ),
                ),
                (125, Step::Done(TaskKind::PainRelief)),
                (118, Step::TakeOn),
                (100, Step::Examine(&[], &[("midline_tenderness", "present")])),
                (98, Step::Done(TaskKind::SendBloods)),
                (97, Step::Done(TaskKind::SendCultures)),
                (95, Step::Order),
                (70, Step::Screen),
                (60, Step::Done(TaskKind::ScorePainAgain)),
            ],
        ),
        of(
            "Wilhelmina O’Brien",
            "1946-12-30",
            Sex::Female,
            "D-1007",
            240,
            vec![
                (
                    228,
                    Step::Triage(
                        2,
                        &[],
                        &[
                            ("history_reliability", "good"),
                            ("urinary_retention", "new"),
                            ("saddle_numbness", "new"),
                            ("leg_weakness_right", "new"),
                        ],
                    ),
                ),
                (222, Step::Done(TaskKind::PainRelief)),
                (220, Step::TakeOn),
                (214, Step::Done(TaskKind::BladderScan)),
                (
                    212,
                    Step::Examine(
                        &[],
                        &[
                            ("post_void_residual", "460 mL"),
                            ("saddle_touch_reduced", "new"),
                            ("power_ankle_dorsiflexion_right", "3"),
                            ("power_great_toe_extension_right", "2"),
                        ],
                    ),
                ),
                (208, Step::Order),
                (190, Step::Screen),
                (150, Step::Done(TaskKind::WatchConcern)),
                (120, Step::Start),
                (85, Step::End),
                (80, Step::Done(TaskKind::WatchConcern)),
                (
                    40,
                    Step::Report(
                        true,
                        "Large disc extrusion at L4/L5 with severe compression of the cauda equina.",
                        &[
                            ("cauda_equina_scan", "positive"),
                            ("cord_compression_scan", "other_cause"),
                        ],
                    ),
                ),
            ],
        ),
        of(
            "Ahmed Hassan",
            "1958-06-21",
            Sex::Male,
            "D-1008",
            180,
            vec![
                (
                    170,
                    Step::Triage(
                        3,
                        &["bladder_as_before", "bowel_as_before", "saddle_as_before"],
                        &[
                            ("history_reliability", "good"),
                            ("leg_weakness_right", "new"),
                            ("temperature", "36.6 Cel"),
                        ],
                    ),
                ),
                (155, Step::Done(TaskKind::PainRelief)),
                (150, Step::TakeOn),
                (
                    140,
                    Step::Examine(
                        &[],
                        &[
                            ("power_ankle_dorsiflexion_right", "4"),
                            ("power_ankle_dorsiflexion_left", "5"),
                        ],
                    ),
                ),
                (20, Step::Examine(&[], &[("power_ankle_dorsiflexion_right", "2")])),
            ],
        ),
        of(
            "Lena Fischer",
            "1971-11-08",
            Sex::Female,
            "D-1009",
            60,
            vec![
                (
                    54,
                    Step::Triage(
                        3,
                        ASKED,
                        &[
                            ("history_reliability", "good"),
                            ("known_cancer", "present"),
                            ("back_pain_course", "new"),
                            ("non_mechanical_pain", "present"),
                            ("pain_score", "5"),
                        ],
                    ),
                ),
                (40, Step::Done(TaskKind::PainRelief)),
                (30, Step::Nurse(&[("pain_score", "3")])),
            ],
        ),
    ]
}

struct Telling {
    department: Arc<Department>,
    hand: Clock,
    now: i64,
    people: People,
    step: usize,
}

impl Telling {
    fn at(&self, minutes_ago: i64) {
        let wanted = self.now - minutes_ago * 60;
        self.hand.pass(wanted - self.hand.now());
    }

    fn actor(&self, role: StaffRole) -> Option<Actor> {
        let account = self.people.iter().find(|(.., known)| *known == AccountRole::Staff(role))?;
        Some(Actor { id: ActorId::new(account.0.clone()).ok()?, role })
    }

    fn command(&mut self) -> Result<CommandId, ServerError> {
        self.step += 1;
        CommandId::new(format!("demo-{}", self.step)).map_err(|_| ServerError::NoRandom)
    }

    async fn tell(&mut self, at: usize, story: &Story) -> Result<(), ServerError> {
        let wrong = |_| ServerError::NoRandom;
        let patient = PatientId::new(format!("demo-p{at}")).map_err(wrong)?;
        let visit = VisitId::new(format!("demo-v{at}")).map_err(wrong)?;
        let person = Person {
            name: Text::new(story.name).map_err(wrong)?,
            born: Day::read(story.born).ok(),
            sex: story.sex,
            number: Some(story.number.to_string()),
            allergies: story.allergies.and_then(|text| Text::new(text).ok()),
            telephone: Some("+1 202 555 0134".to_string()),
            write_to: None,
        };
        self.at(story.arrived);
        let Some(nurse) = self.actor(StaffRole::TriageNurse) else { return Ok(()) };
        let arrival =
            Arrival { patient, person: Some(person), visit: visit.clone(), returns_from: None };
        let command = self.command()?;
        kept(self.department.arrive(&nurse, &command, arrival).await.map(drop))?;
        let born = Day::read(story.born).ok();
        let today = Day::read(cauda_guideline::time::write(self.now).get(..10).unwrap_or("")).ok();
        if let Some(age) = born.zip(today).and_then(|(born, today)| born.years_to(today)) {
            let age = format!("{age} a");
            let found = found(Role::Nurse, &[], &[("age", &age)], self.hand.now());
            self.act(&nurse, &visit, Action::Record { found }).await?;
        }
        for (minutes_ago, step) in &story.steps {
            self.at(*minutes_ago);
            self.step(&visit, step).await?;
        }
        Ok(())
    }

    async fn act(
        &mut self,
        by: &Actor,
        visit: &VisitId,
        action: Action,
    ) -> Result<(), ServerError> {
        let command = self.command()?;
        kept(self.department.act(by, visit, &command, action).await.map(drop))
    }

    async fn step(&mut self, visit: &VisitId, step: &Step) -> Result<(), ServerError> {
        let now = self.hand.now();
        let roles = (
            self.actor(StaffRole::TriageNurse),
            self.actor(StaffRole::BedsideNurse),
            self.actor(StaffRole::Physician),
            self.actor(StaffRole::MriCoordinator),
            self.actor(StaffRole::Radiologist),
        );
        let (Some(triage), Some(nurse), Some(doctor), Some(coordinator), Some(radiologist)) = roles
        else {
            return Ok(());
        };
        let (by, action) = match step {
            Step::Triage(acuity, signed, said) => (
                triage,
                Action::Triage { acuity: *acuity, found: found(Role::Nurse, signed, said, now) },
            ),
            Step::Nurse(said) => {
                (nurse, Action::Record { found: found(Role::Nurse, &[], said, now) })
            }
            Step::TakeOn => (doctor, Action::TakeOn),
            Step::Examine(signed, said) => {
                (doctor, Action::Examine { found: found(Role::Physician, signed, said, now) })
            }
            Step::Order => {
                let Ok(id) = self.department.entry(visit).await else { return Ok(()) };
                let asked =
                    id.visit.answer.as_ref().and_then(|a| a.verdict.imaging.first().cloned());
                let Some(asked) = asked else { return Ok(()) };
                let image = asked.image;
                (
                    doctor,
                    Action::OrderImaging { image, tier: None, less: None, earliest_start: None },
                )
            }
            Step::Screen => {
                (coordinator, Action::ScreenForScanner { order: 1, cleared: true, words: None })
            }
            Step::Start => (coordinator, Action::StartScan { order: 1, despite: None }),
            Step::End => (coordinator, Action::EndScan { order: 1, complete: true }),
            Step::Report(emergency, words, said) => {
                let Ok(words) = Text::new(*words) else { return Ok(()) };
                let found = found(Role::Physician, &[], said, now);
                let state = ReportState::Final;
                (
                    radiologist,
                    Action::ReceiveReport { order: 1, state, emergency: *emergency, words, found },
                )
            }
            Step::Done(kind) => {
                let Ok(entry) = self.department.entry(visit).await else { return Ok(()) };
                let task = entry.visit.open_tasks().find(|task| task.kind == *kind);
                let Some(task) = task.map(|task| task.number) else { return Ok(()) };
                (nurse, Action::CompleteTask { task, words: None })
            }
            Step::GoHome => {
                let Ok(plan) = Text::new("Keep moving; see your own doctor if it is not better")
                else {
                    return Ok(());
                };
                let sign = Action::SignPlan { plan, offers: Vec::new(), taught_back: true };
                self.act(&doctor, visit, sign).await?;
                let leave = Action::Discharge { less: None, card_given: true, pending_owner: None };
                (doctor, leave)
            }
            Step::Pass => (Actor::system(), Action::PassTime),
            Step::Answer(told) => {
                let told = told.clone();
                let id = ActorId::new("patient").map_err(|_| ServerError::NoRandom)?;
                let patient = Actor { id, role: StaffRole::System };
                (patient, Action::AnswerCheckIn { told, found: Found::default() })
            }
            Step::Observe(minutes) => (doctor, Action::Observe { again_at: now + minutes * 60 }),
        };
        self.act(&by, visit, action).await
    }
}

fn found(role: Role, signed: &[&str], said: &[(&str, &str)], at: i64) -> Found {
    Found {
        findings: said
            .iter()
            .map(|(fact, value)| FindingSaid {
                fact: (*fact).to_string(),
                value: (*value).to_string(),
                said_by: role,
                at,
                limited_by_pain: false,
            })
            .collect(),
        signed: signed
            .iter()
            .map(|id| SignedGroup { attestation: (*id).to_string(), said_by: role, at })
            .collect(),
    }
}

/// A step that is refused is left out: the department is shown without it.
fn kept(done: Result<(), ActError>) -> Result<(), ServerError> {
    match done {
        Ok(()) => Ok(()),
        Err(ActError::Refused(refusal)) => {
            // Invented words only.
            tracing::warn!(
                why = refusal.why.words(),
                message = refusal.message,
                "a step of the demonstration was refused"
            );
            Ok(())
        }
        Err(ActError::NotSaved { error, .. }) => Err(error.into()),
        Err(ActError::Failed(error)) => Err(error),
        Err(ActError::NoSuchVisit) => Ok(()),
    }
}
