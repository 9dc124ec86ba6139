//! Who may do what: one table of roles and acts, which every route names one of.
//!
//! It opens pages. What may be done in a visit is decided once more by the visit itself
//! (`Action::is_for`), so a mistake here shows a page too many and changes nothing.

use cauda_pathway::identity::StaffRole;

/// What a request is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Act {
    /// The waiting list, and being told that something changed.
    SeeWaiting,
    /// One's own tasks.
    SeeTasks,
    /// The guideline: no patient is in it.
    SeeGuideline,
    /// Registering a patient and an arrival.
    Register,
    /// Everything of one visit.
    SeeVisit,
    /// Patients at home: the list, their answers, their links.
    FollowUp,
    /// Writing down what a nurse asks and measures.
    Triage,
    /// Writing down an examination.
    Examine,
    /// Ordering, declining, sending home, admitting.
    Decide,
    /// Orders on their way: screening, scan, report.
    Scan,
    /// Reading a result and answering for it.
    Acknowledge,
    /// Handing over, referring, transferring.
    HandOver,
    /// The patient leaves without being sent.
    Leave,
    /// Taking back what was entered in error.
    Withdraw,
    /// Doing, raising, passing on a task.
    DoTask,
    /// Reviewing who looked at a visit that was over.
    Review,
    /// Accounts of people.
    ManageAccounts,
}

impl Act {
    /// All of them.
    pub const ALL: [Act; 17] = [
        Act::SeeWaiting,
        Act::SeeTasks,
        Act::SeeGuideline,
        Act::Register,
        Act::SeeVisit,
        Act::FollowUp,
        Act::Triage,
        Act::Examine,
        Act::Decide,
        Act::Scan,
        Act::Acknowledge,
        Act::HandOver,
        Act::Leave,
        Act::Withdraw,
        Act::DoTask,
        Act::Review,
        Act::ManageAccounts,
    ];

    /// As the audit has it.
    pub fn words(self) -> &'static str {
        match self {
            Act::SeeWaiting => "see the waiting list",
            Act::SeeTasks => "see own tasks",
            Act::SeeGuideline => "see the guideline",
            Act::Register => "register",
            Act::SeeVisit => "see a visit",
            Act::FollowUp => "follow up",
            Act::Triage => "triage",
            Act::Examine => "examine",
            Act::Decide => "decide",
            Act::Scan => "carry out a scan",
            Act::Acknowledge => "acknowledge",
            Act::HandOver => "hand over",
            Act::Leave => "note a leaving",
            Act::Withdraw => "withdraw",
            Act::DoTask => "do a task",
            Act::Review => "review",
            Act::ManageAccounts => "manage accounts",
        }
    }
}

/// What somebody is signed in as.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum AccountRole {
    /// Works with patients.
    Staff(StaffRole),
    /// Keeps the accounts, and sees no patient.
    Administrator,
}

impl AccountRole {
    /// Every role somebody can be signed in as.
    pub fn all() -> impl Iterator<Item = AccountRole> {
        let staff = StaffRole::ALL.iter().filter(|role| **role != StaffRole::System);
        staff.map(|role| AccountRole::Staff(*role)).chain([AccountRole::Administrator])
    }

    /// As people read it.
    pub fn words(self) -> &'static str {
        match self {
            AccountRole::Staff(role) => role.words(),
            AccountRole::Administrator => "administrator",
        }
    }

    /// Its id in forms.
    pub fn id(self) -> String {
        self.words().replace(' ', "-").to_lowercase()
    }

    /// The role with that id.
    pub fn of_id(id: &str) -> Option<AccountRole> {
        AccountRole::all().find(|role| role.id() == id)
    }

    /// Whether somebody in that role may.
    pub fn may(self, act: Act) -> bool {
        let AccountRole::Staff(role) = self else {
            return matches!(act, Act::ManageAccounts | Act::Review | Act::SeeGuideline);
        };
        let clinical = role.treats() || role.is_nurse();
        let scanner = matches!(role, StaffRole::MriCoordinator | StaffRole::Radiologist);
        match act {
            Act::SeeWaiting | Act::SeeTasks | Act::SeeGuideline | Act::DoTask => true,
            Act::Register => clinical || role == StaffRole::Clerk,
            Act::SeeVisit => clinical || scanner,
            Act::FollowUp | Act::Triage | Act::HandOver | Act::Leave | Act::Withdraw => clinical,
            Act::Examine | Act::Decide | Act::Acknowledge => role.treats(),
            Act::Scan => clinical || scanner,
            Act::Review => role == StaffRole::SeniorPhysician,
            Act::ManageAccounts => false,
        }
    }
}
