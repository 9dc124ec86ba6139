//! Which association is accepted, and what may be said on it (PS3.8 §7.1, PS3.7 annex D).

use std::net::IpAddr;

use dicom_ul::pdu::{
    AssociationAC, AssociationRJ, AssociationRJResult, AssociationRJServiceProviderASCEReason,
    AssociationRJServiceUserReason, AssociationRJSource, AssociationRQ, Pdu,
    PresentationContextResult, PresentationContextResultReason, UserVariableItem,
};

use crate::dataset::Syntax;
use crate::settings::{Device, Settings};

/// Presentation contexts of one association; their numbers are odd and below 256.
const MAX_CONTEXTS: usize = 128;
/// The one application context there is.
pub(crate) const APPLICATION: &str = "1.2.840.10008.3.1.1.1";
/// Names this implementation.
pub const IMPLEMENTATION_CLASS: &str = "2.25.117093623463156376380102361554988717172";
/// The same in letters.
pub const IMPLEMENTATION_VERSION: &str = "CAUDA";

/// What is offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Service {
    /// Verification: C-ECHO.
    Verification,
    /// Modality Worklist: C-FIND.
    Worklist,
    /// Modality Performed Procedure Step: N-CREATE and N-SET.
    Steps,
}

impl Service {
    /// Every service.
    pub const ALL: [Service; 3] = [Service::Verification, Service::Worklist, Service::Steps];

    /// The service of this SOP class.
    pub fn of(class: &str) -> Option<Service> {
        Service::ALL.into_iter().find(|service| service.class() == class)
    }

    /// Its SOP class UID.
    pub fn class(self) -> &'static str {
        match self {
            Service::Verification => "1.2.840.10008.1.1",
            Service::Worklist => "1.2.840.10008.5.1.4.31",
            Service::Steps => "1.2.840.10008.3.1.2.3.3",
        }
    }

    /// Its name in the standard.
    pub fn name(self) -> &'static str {
        match self {
            Service::Verification => "Verification",
            Service::Worklist => "Modality Worklist Information Model - FIND",
            Service::Steps => "Modality Performed Procedure Step",
        }
    }
}

/// A presentation context that was accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Context {
    /// Its number.
    pub id: u8,
    /// What may be said on it.
    pub service: Service,
    /// How data sets are written on it.
    pub syntax: Syntax,
}

/// An association that is accepted.
#[derive(Clone, Debug)]
pub struct Agreed {
    /// Which device it is.
    pub device: Device,
    /// What may be said.
    pub contexts: Vec<Context>,
    /// The longest PDU that the device takes; 0 is any.
    pub peer_max: u32,
    /// The answer.
    pub reply: Pdu,
    /// What an installer should know, in words.
    pub notes: Vec<String>,
}

/// An association that is refused.
#[derive(Clone, Debug)]
pub struct Refused {
    /// The answer.
    pub reply: Pdu,
    /// Why, in words.
    pub why: String,
}

/// Decides on a request for an association.
///
/// # Errors
/// [`Refused`] when it is not accepted at all; a presentation context that is not supported is
/// answered on its own.
pub fn negotiate(
    request: &AssociationRQ,
    host: IpAddr,
    settings: &Settings,
) -> Result<Agreed, Box<Refused>> {
    use AssociationRJServiceUserReason as Reason;
    if request.protocol_version & 1 == 0 {
        let reason = AssociationRJServiceProviderASCEReason::ProtocolVersionNotSupported;
        let source = AssociationRJSource::ServiceProviderASCE(reason);
        return Err(refused(source, "it speaks no version of the protocol that is spoken here"));
    }
    let user = |reason, why: &str| Err(refused(AssociationRJSource::ServiceUser(reason), why));
    if request.application_context_name.trim_end_matches('\0') != APPLICATION {
        return user(Reason::ApplicationContextNameNotSupported, "it does not speak DICOM");
    }
    if request.called_ae_title != settings.ae_title {
        let why = format!(
            "it calls {}, and this is {}; correct the called AE title at the device",
            shown(&request.called_ae_title),
            settings.ae_title
        );
        return user(Reason::CalledAETitleNotRecognized, &why);
    }
    let calling = &request.calling_ae_title;
    let Some(device) = settings.devices.iter().find(|device| device.ae_title == *calling) else {
        let why = format!("no device {} is in the settings", shown(calling));
        return user(Reason::CallingAETitleNotRecognized, &why);
    };
    if !device.host.holds(host) {
        let why = format!("{} may not call from this address", device.ae_title);
        return user(Reason::CallingAETitleNotRecognized, &why);
    }
    let mut ids = std::collections::HashSet::new();
    let proposed = &request.presentation_contexts;
    let well = proposed.iter().all(|context| context.id % 2 == 1 && ids.insert(context.id));
    if !well || proposed.is_empty() || proposed.len() > MAX_CONTEXTS {
        return user(Reason::NoReasonGiven, "its presentation contexts are not numbered well");
    }
    Ok(agree(request, device, settings))
}

fn agree(request: &AssociationRQ, device: &Device, settings: &Settings) -> Agreed {
    let (mut contexts, mut notes, mut results) = (Vec::new(), Vec::new(), Vec::new());
    for proposed in &request.presentation_contexts {
        let class = proposed.abstract_syntax.trim_end_matches(['\0', ' ']);
        let allowed = Service::of(class).filter(|service| match service {
            Service::Verification => true,
            Service::Worklist => device.worklist,
            Service::Steps => device.steps,
        });
        let syntax = preferred(&proposed.transfer_syntaxes);
        let reason = match (allowed, syntax) {
            (Some(service), Some(syntax)) => {
                contexts.push(Context { id: proposed.id, service, syntax });
                PresentationContextResultReason::Acceptance
            }
            (None, _) => {
                notes.push(unsupported(class, device));
                PresentationContextResultReason::AbstractSyntaxNotSupported
            }
            (Some(service), None) => {
                notes.push(format!(
                    "{} offers {} without a little endian transfer syntax that is uncompressed",
                    device.ae_title,
                    service.name()
                ));
                PresentationContextResultReason::TransferSyntaxesNotSupported
            }
        };
        let transfer_syntax = syntax.unwrap_or(Syntax::Implicit).uid().to_string();
        results.push(PresentationContextResult { id: proposed.id, reason, transfer_syntax });
    }
    let peer_max = request.user_variables.iter().find_map(|variable| match variable {
        UserVariableItem::MaxLength(length) => Some(*length),
        _ => None,
    });
    let reply = Pdu::AssociationAC(AssociationAC {
        protocol_version: 1,
        application_context_name: APPLICATION.to_string(),
        called_ae_title: request.called_ae_title.clone(),
        calling_ae_title: request.calling_ae_title.clone(),
        presentation_contexts: results,
        user_variables: own_variables(settings.limits.pdu_bytes),
    });
    // Without a length the device takes any; what is sent has a limit all the same.
    Agreed { device: device.clone(), contexts, peer_max: peer_max.unwrap_or(0), reply, notes }
}

/// What both sides tell of themselves.
pub(crate) fn own_variables(pdu_bytes: u32) -> Vec<UserVariableItem> {
    vec![
        UserVariableItem::MaxLength(pdu_bytes),
        UserVariableItem::ImplementationClassUID(IMPLEMENTATION_CLASS.to_string()),
        UserVariableItem::ImplementationVersionName(IMPLEMENTATION_VERSION.to_string()),
    ]
}

/// Explicit when it is offered: what it holds can be read without a dictionary.
fn preferred(offered: &[String]) -> Option<Syntax> {
    let offered: Vec<Syntax> =
        offered.iter().filter_map(|uid| Syntax::of(uid.trim_end_matches(['\0', ' ']))).collect();
    offered.iter().find(|syntax| **syntax == Syntax::Explicit).or(offered.first()).copied()
}

fn unsupported(class: &str, device: &Device) -> String {
    let title = &device.ae_title;
    match class {
        "1.2.840.10008.5.1.4.1.2.1.1" | "1.2.840.10008.5.1.4.1.2.2.1" => format!(
            "{title} queries for stored images (Query/Retrieve); this is the worklist, set it up \
             as Modality Worklist at the device"
        ),
        class if Service::of(class).is_some() => {
            format!("{title} may not use this service by the settings: {}", shown(class))
        }
        class => format!("{title} asks for a SOP class that is not offered: {}", shown(class)),
    }
}

fn refused(source: AssociationRJSource, why: &str) -> Box<Refused> {
    let result = AssociationRJResult::Permanent;
    let reply = Pdu::AssociationRJ(AssociationRJ { result, source });
    Box::new(Refused { reply, why: why.to_string() })
}

/// What a stranger sent, fit for a log: short and printable.
pub(crate) fn shown(text: &str) -> String {
    let shown: String = text
        .chars()
        .filter(|letter| letter.is_ascii_graphic() || *letter == ' ')
        .take(64)
        .collect();
    format!("`{shown}`")
}
