//! The conformance statement (PS3.2), made from the tables that the listener itself uses.

use std::fmt::Write as _;

use crate::charset::Charset;
use crate::command::status;
use crate::dataset::{MAX_DEPTH, MAX_ELEMENTS, Syntax};
use crate::keys::{KEYS, Key, Matching, Place, Return};
use crate::message::MAX_DATA;
use crate::negotiate::{IMPLEMENTATION_CLASS, IMPLEMENTATION_VERSION, Service};
use crate::settings::{Host, Settings};
use crate::values::name;
use crate::worklist::MAX_ENTRIES;

/// Every status of a response, with the service and what it means.
const STATUSES: [(&str, u16, &str); 16] = [
    ("every", status::SUCCESS, "done"),
    ("every", status::UNRECOGNIZED_OPERATION, "this operation does not exist here"),
    ("every", status::CLASS_NOT_SUPPORTED, "the SOP class is not that of the context"),
    ("C-FIND", status::PENDING, "a match"),
    ("C-FIND", status::PENDING_WITH_WARNING, "a match; a key is not supported"),
    ("C-FIND", status::CANCELLED, "stopped by C-CANCEL"),
    ("C-FIND", status::OUT_OF_RESOURCES, "more matches than the limit; the first were returned"),
    ("C-FIND", status::IDENTIFIER_MISMATCH, "a key is ill-formed: Offending Element says which"),
    ("C-FIND", status::UNABLE_TO_PROCESS, "the identifier cannot be read"),
    ("N-CREATE", status::DUPLICATE_INSTANCE, "this performed step exists already"),
    ("N-CREATE", status::INVALID_INSTANCE, "no UID, or one that is ill-formed"),
    ("N-CREATE", status::MISSING_ATTRIBUTE, "an attribute of type 1 is missing"),
    ("N-CREATE", status::MISSING_VALUE, "an attribute of type 1 has no value"),
    ("N-CREATE, N-SET", status::INVALID_VALUE, "a value is invalid, or a state that cannot follow"),
    (
        "N-CREATE, N-SET",
        status::PROCESSING_FAILURE,
        "it could not be written down; with Error ID A710 the step is final",
    ),
    ("N-SET", status::NO_SUCH_INSTANCE, "no performed step has this UID"),
];

/// The conformance statement as Markdown, for these settings.
pub fn conformance(settings: &Settings) -> String {
    let mut out = String::new();
    // Writing into a string cannot fail.
    let _ = write(&mut out, settings);
    out
}

fn write(out: &mut String, settings: &Settings) -> std::fmt::Result {
    writeln!(out, "# DICOM conformance statement\n")?;
    writeln!(
        out,
        "Cauda provides the worklist to scanners and takes their performed procedure steps.\n\
         It stores no images and answers no queries for them.\n"
    )?;
    implementation(out, settings)?;
    services(out)?;
    keys(out)?;
    matching(out)?;
    steps(out)?;
    statuses(out)?;
    character_sets(out)?;
    devices(out, settings)?;
    limits(out, settings)
}

fn implementation(out: &mut String, settings: &Settings) -> std::fmt::Result {
    let encrypted = match settings.tls {
        Some(_) => "TLS 1.2 or 1.3",
        None => {
            "none; TLS 1.2 or 1.3 where a site sets a certificate, then with the certificates of \
             scanners if it names their authority"
        }
    };
    writeln!(out, "## Implementation\n")?;
    writeln!(out, "| what | value |\n|---|---|")?;
    writeln!(out, "| AE title | `{}` |", settings.ae_title)?;
    writeln!(out, "| Implementation Class UID | `{IMPLEMENTATION_CLASS}` |")?;
    writeln!(out, "| Implementation Version Name | `{IMPLEMENTATION_VERSION}` |")?;
    writeln!(out, "| encryption | {encrypted} |")?;
    writeln!(out, "| asynchronous operations | one at a time |")?;
    writeln!(out, "| extended negotiation | none is answered |\n")
}

fn services(out: &mut String) -> std::fmt::Result {
    writeln!(out, "## Services as a provider (SCP)\n")?;
    writeln!(out, "| service | SOP class | transfer syntaxes |\n|---|---|---|")?;
    let syntaxes = [Syntax::Explicit, Syntax::Implicit].map(|syntax| format!("`{}`", syntax.uid()));
    for service in Service::ALL {
        let (name, class) = (service.name(), service.class());
        writeln!(out, "| {name} | `{class}` | {} |", syntaxes.join(", "))?;
    }
    writeln!(
        out,
        "\nThe first of the two syntaxes is chosen when both are offered.\n\
         Any other SOP class is refused for its presentation context alone.\n"
    )
}

fn keys(out: &mut String) -> std::fmt::Result {
    writeln!(out, "## Worklist keys\n")?;
    writeln!(out, "| tag | key | where | matching | without a value |\n|---|---|---|---|---|")?;
    for Key { tag, place, matching, returned } in KEYS {
        let place = match place {
            Place::Root => "identifier",
            Place::Step => "scheduled step",
            Place::Code => "codes",
            Place::Reference => "references",
        };
        let matching = match matching {
            Matching::Single => "single value",
            Matching::Text => "single value, wildcard",
            Matching::Name => "single value, wildcard; case and accents do not count",
            Matching::Date => "day, range",
            Matching::Time => "time, range",
            Matching::Uid => "list of UIDs",
            Matching::Sequence => "sequence",
            Matching::No => "none",
        };
        let returned = match returned {
            Return::Always => "cannot be (type 1)",
            Return::IfKnown => "left out (type 1C)",
            Return::Empty => "empty (type 2, 3)",
        };
        writeln!(out, "| {tag} | {} | {place} | {matching} | {returned} |", name(*tag))?;
    }
    writeln!(out)
}

fn matching(out: &mut String) -> std::fmt::Result {
    writeln!(
        out,
        "## How keys are matched\n\n\
         Only what was asked for is returned.\n\
         A sequence without items, or with one empty item, asks for all of it.\n\
         A key that is empty, absent or `*` matches everything.\n\
         A range of days and a range of times are one interval from the first to the last moment.\n\
         A time without minutes or seconds stands for all of that hour or minute.\n\
         Names are compared without case, accents and empty components at the end; one component \
         group matches any group of the name.\n\
         A name without wildcards is the whole name, unless the device has the option to take it \
         as a beginning.\n\
         Steps that are started or departed are returned only to a query that names their status.\n\
         A Query/Retrieve Level is not needed and not regarded.\n\
         Matches come in the order of their planned start.\n\
         C-CANCEL is honoured between responses.\n"
    )
}

fn steps(out: &mut String) -> std::fmt::Result {
    writeln!(
        out,
        "## Performed procedure steps\n\n\
         N-CREATE begins a step with the status IN PROGRESS; N-SET changes it until it is \
         COMPLETED or DISCONTINUED, and never after that.\n\
         Status, start date and time, station AE title, modality, performed step ID and the \
         Scheduled Step Attributes Sequence must be given; the sequence may be empty for a scan \
         that was not planned, or have several items for one that serves several orders.\n\
         Success is told after the step has been written down.\n\
         The patient, the station and the scheduled steps cannot be changed by N-SET; what it \
         holds of them is not regarded.\n\
         Discontinuation with the code (110514, DCM, \"Incorrect worklist entry selected\") brings \
         the entry back into the worklist.\n\
         An end without a date and time is taken at the time of its arrival.\n"
    )
}

fn statuses(out: &mut String) -> std::fmt::Result {
    writeln!(out, "## Statuses\n")?;
    writeln!(out, "| operation | status | meaning |\n|---|---|---|")?;
    for (operation, status, meaning) in STATUSES {
        writeln!(out, "| {operation} | `{status:04X}` | {meaning} |")?;
    }
    writeln!(out)
}

fn character_sets(out: &mut String) -> std::fmt::Result {
    writeln!(out, "## Character sets\n")?;
    let terms: Vec<String> =
        Charset::all().map(|charset| format!("`{}`", charset.term())).collect();
    writeln!(
        out,
        "Each device has one of {}.\n\
         Specific Character Set (0008,0005) is sent with every answer beyond ASCII.\n\
         An entry with a letter that the set has not is not sent to that device, and the \
         department is told; no letter is replaced and no value is cut.\n\
         A query may be written in any of these sets; without a declaration it is read as UTF-8 \
         or in the set of the device.\n",
        terms.join(", ")
    )
}

fn devices(out: &mut String, settings: &Settings) -> std::fmt::Result {
    writeln!(out, "## Devices\n")?;
    writeln!(out, "Any other AE title is refused. An AE title is no proof of who calls.\n")?;
    writeln!(out, "| AE title | host | scanner | set | worklist | steps | options |")?;
    writeln!(out, "|---|---|---|---|---|---|---|")?;
    for device in &settings.devices {
        let host = match device.host {
            Host::Any => "any".to_string(),
            Host::Network(address, bits) => format!("{address}/{bits}"),
        };
        let yes = |yes| if yes { "yes" } else { "no" };
        let mut options = Vec::new();
        if device.append_star {
            options.push("a name is a beginning");
        }
        if device.own_only {
            options.push("own steps only");
        }
        let options = if options.is_empty() { "none".to_string() } else { options.join(", ") };
        writeln!(
            out,
            "| `{}` | {host} | {} | `{}` | {} | {} | {options} |",
            device.ae_title,
            device.scanner.replace('|', "/"),
            device.charset.term(),
            yes(device.worklist),
            yes(device.steps),
        )?;
    }
    writeln!(out)
}

fn limits(out: &mut String, settings: &Settings) -> std::fmt::Result {
    let limits = &settings.limits;
    writeln!(out, "## Limits\n")?;
    writeln!(out, "| what | limit |\n|---|---|")?;
    writeln!(out, "| associations at a time | {} |", limits.associations)?;
    writeln!(out, "| associations of one device at a time | {} |", limits.per_device)?;
    writeln!(out, "| bytes of a PDU that is received | {} |", limits.pdu_bytes)?;
    writeln!(out, "| bytes of a data set that is received | {MAX_DATA} |")?;
    writeln!(out, "| elements of a data set | {MAX_ELEMENTS} |")?;
    writeln!(out, "| depth of sequences | {MAX_DEPTH} |")?;
    writeln!(out, "| requests of an association | {} |", limits.requests)?;
    writeln!(out, "| matches of a query | {} |", limits.matches)?;
    writeln!(out, "| entries of the worklist | {MAX_ENTRIES} |")?;
    writeln!(out, "| seconds without a request | {} |", limits.idle.as_secs())
}
