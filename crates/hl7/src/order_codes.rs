//! The codes of an order: what is wanted, how far it is, how urgent it is (HL7 v2.5.1 sections
//! 4.5.1 and 4.5.4).

use crate::header::table;

/// What an order wants, HL7 table 0119.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Control {
    /// `NW`: a new order.
    New,
    /// `CA`: cancel it, please.
    Cancel,
    /// `DC`: discontinue it, please.
    Discontinue,
    /// `XO`: change it, please.
    Change,
    /// `HD`: hold it, please.
    Hold,
    /// `RL`: release it from hold.
    Release,
    /// `RP`: replace it, please.
    Replace,
    /// `RO`: the order that replaces.
    Replacement,
    /// `SC`: its status changed; see `status`.
    StatusChanged,
    /// `SN`: send a number for it.
    SendNumber,
    /// `NA`: here is a number for it.
    NumberAssigned,
    /// `SS`: send its status.
    SendStatus,
    /// `SR`: here is its status.
    StatusSent,
    /// `PA`: the parent of others.
    Parent,
    /// `CH`: the child of another.
    Child,
    /// `RE`: observations follow.
    Observations,
    /// `OK`: accepted.
    Accepted,
    /// `UA`: cannot be accepted.
    UnableToAccept,
    /// `CR`: cancelled as asked.
    CancelledAsAsked,
    /// `OC`: cancelled by who fills it.
    CancelledByFiller,
    /// `UC`: cannot be cancelled.
    UnableToCancel,
    /// `DR`: discontinued as asked.
    DiscontinuedAsAsked,
    /// `OD`: discontinued by who fills it.
    DiscontinuedByFiller,
    /// `UD`: cannot be discontinued.
    UnableToDiscontinue,
    /// `XR`: changed as asked.
    ChangedAsAsked,
    /// `XX`: changed by who fills it.
    ChangedByFiller,
    /// `UX`: cannot be changed.
    UnableToChange,
}

table!(Control, "NW" => New, "CA" => Cancel, "DC" => Discontinue, "XO" => Change, "HD" => Hold,
    "RL" => Release, "RP" => Replace, "RO" => Replacement, "SC" => StatusChanged,
    "SN" => SendNumber, "NA" => NumberAssigned, "SS" => SendStatus, "SR" => StatusSent,
    "PA" => Parent, "CH" => Child, "RE" => Observations, "OK" => Accepted,
    "UA" => UnableToAccept, "CR" => CancelledAsAsked, "OC" => CancelledByFiller,
    "UC" => UnableToCancel, "DR" => DiscontinuedAsAsked, "OD" => DiscontinuedByFiller,
    "UD" => UnableToDiscontinue, "XR" => ChangedAsAsked, "XX" => ChangedByFiller,
    "UX" => UnableToChange);

/// The status of an order, HL7 table 0038.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OrderStatus {
    /// `SC`
    Scheduled,
    /// `IP`
    InProcess,
    /// `CM`
    Completed,
    /// `CA`
    Cancelled,
    /// `DC`
    Discontinued,
    /// `HD`
    OnHold,
    /// `A`: some results.
    SomeResults,
    /// `RP`
    Replaced,
    /// `ER`: not found.
    NotFound,
}

table!(OrderStatus, "SC" => Scheduled, "IP" => InProcess, "CM" => Completed, "CA" => Cancelled,
    "DC" => Discontinued, "HD" => OnHold, "A" => SomeResults, "RP" => Replaced, "ER" => NotFound);

/// How urgent it is, HL7 tables 0027 and 0485. Nothing is made of it here: a tier comes from a
/// decision, or from a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Priority {
    /// `S`
    Stat,
    /// `A`
    Asap,
    /// `R`
    Routine,
    /// `P`
    Preoperative,
    /// `C`
    Callback,
    /// `T`
    TimingCritical,
    /// `PRN`
    AsNeeded,
}

table!(Priority, "S" => Stat, "A" => Asap, "R" => Routine, "P" => Preoperative, "C" => Callback,
    "T" => TimingCritical, "PRN" => AsNeeded);

impl Priority {
    /// Also the words that many systems send.
    pub(crate) fn read_any(code: &str) -> Option<Priority> {
        match code.to_ascii_uppercase().as_str() {
            "STAT" => Some(Priority::Stat),
            "ASAP" => Some(Priority::Asap),
            "ROUTINE" => Some(Priority::Routine),
            // TM3 and the like: timing critical within so long.
            code if code.starts_with('T') => Some(Priority::TimingCritical),
            code => Priority::read(code),
        }
    }
}
