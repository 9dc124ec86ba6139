//! What registration says of patients, and which patient a number means.

use cauda_guideline::vocabulary::Tier;
use cauda_hl7::{Admission, AdmissionEvent, Code, Designator, Identifier, Merge, Patient, Refused};
use cauda_scans::{About, Action, Kind, Request, Scan};

use super::{Board, MERGED, MERGES_MAX, Message, RECEIPT_OF, never, text};
use crate::hl7::numbers::{Authority, authority, contradicts, differ, is_patient, seen};
use crate::hl7::request;
use crate::streams;

impl Board {
    pub(super) async fn admission(
        &self,
        message: &mut Message<'_>,
        admission: &Admission,
    ) -> Result<(), Refused> {
        let patient = self.whose(Some(&admission.patient)).await?;
        let Some(number) = patient.as_ref().and_then(Patient::identifier) else { return Ok(()) };
        let at = admission.at().map_or(message.now, |at| at.earliest);
        let about_now = |request: &Request| {
            request::about(patient.as_ref(), admission.visit.as_ref(), Some(&request.about))
        };
        let scans = self.of_patient(&number.id, number.authority.as_ref());
        let other = |request: &Request| contradicts(&request.about, &about_now(request));
        if scans.iter().filter_map(|scan| scan.request.as_ref()).any(other) {
            return Err(another());
        }
        for scan in scans {
            let Some(mut request) = scan.request.clone() else { continue };
            let mut about = about_now(&request);
            request.numbers.patient_authority =
                request::patient_authority(patient.as_ref(), Some(&request));
            let urgent = matches!(request.tier, Tier::Immediate | Tier::Emergency);
            let gone = match admission.event {
                AdmissionEvent::Discharged if request.ordered_at > at => continue,
                // Who comes from home for a scan is discharged in between.
                AdmissionEvent::Discharged if request.kind == Kind::Outpatient => continue,
                // No message takes an emergency off the list: a person looks.
                AdmissionEvent::Discharged if urgent || scan.on_table().is_some() => {
                    Some("discharged, says registration")
                }
                AdmissionEvent::Discharged => {
                    self.act(message, &scan.id, Action::Discharge).await?;
                    continue;
                }
                AdmissionEvent::AdmissionCancelled => Some("not registered after all"),
                _ => None,
            };
            if let Some(gone) = gone {
                about.place = Some(text(gone)?);
            }
            self.become_of(message, &scan, request, about).await?;
        }
        Ok(())
    }

    pub(super) async fn become_of(
        &self,
        message: &mut Message<'_>,
        scan: &Scan,
        request: Request,
        about: About,
    ) -> Result<(), Refused> {
        let wanted = Request { about, ..request };
        if scan.request.as_ref() == Some(&wanted) {
            return Ok(());
        }
        self.act(message, &scan.id, Action::Request(Box::new(wanted))).await
    }

    pub(super) async fn merge(
        &self,
        message: &mut Message<'_>,
        merge: &Merge,
    ) -> Result<(), Refused> {
        let Some(kept) = merge.kept.identifier() else { return Ok(()) };
        let gave = kept.authority.as_ref();
        let same = |lost: &&Identifier| {
            let authorities = (lost.authority.as_ref().map(authority), gave.map(authority));
            lost.id == kept.id && !differ(authorities.0.as_ref(), authorities.1.as_ref())
        };
        for lost in merge.lost.iter().filter(|lost| !same(lost)) {
            let key = merged_key(&lost.id, lost.authority.as_ref());
            if !seen(&lost.id).is_empty() && key.len() < 150 {
                let gave = gave.and_then(|gave| gave.name()).unwrap_or_default();
                message.done.note(MERGED, &key, &format!("{}\n{gave}", kept.id));
                // Both numbers are the patient's, for whoever asks for what is kept.
                let receipt: String = message.inbound.keys.message.chars().take(40).collect();
                for number in [streams::number_key(&lost.id), streams::number_key(&kept.id)] {
                    message.done.note(RECEIPT_OF, &format!("{number}/{receipt}"), "");
                }
            }
            // Those that left the list as well: their report may still come.
            for scan in self.all_of_patient(&lost.id, lost.authority.as_ref()) {
                let Some(mut request) = scan.request.clone() else { continue };
                let about = request::about(Some(&merge.kept), None, Some(&request.about));
                request.numbers.patient_authority = gave.map(authority);
                self.become_of(message, &scan, request, about).await?;
            }
        }
        Ok(())
    }

    /// The patient under the number that counts now.
    pub(super) async fn whose(
        &self,
        patient: Option<&Patient>,
    ) -> Result<Option<Patient>, Refused> {
        let Some(mut patient) = patient.cloned() else { return Ok(None) };
        let Some(mut number) = patient.identifier().cloned() else { return Ok(Some(patient)) };
        for _ in 0..MERGES_MAX {
            let Some(kept) = self.merged(&number).await? else { break };
            number = kept;
        }
        patient.identifiers = vec![number];
        Ok(Some(patient))
    }

    /// The number that took the place of one.
    pub(super) async fn merged(&self, lost: &Identifier) -> Result<Option<Identifier>, Refused> {
        let gave = lost.authority.as_ref();
        let keys = [merged_key(&lost.id, gave), merged_key(&lost.id, None)];
        // As earlier versions noted it.
        for key in keys.into_iter().chain([streams::number_key(&lost.id)]) {
            let Some(kept) = self.note(MERGED, &key).await? else { continue };
            let (id, gave) = kept.split_once('\n').unwrap_or((&kept, ""));
            let gave = (!gave.is_empty()).then(|| Designator::named(gave));
            let authority = gave.or_else(|| lost.authority.clone());
            return Ok(Some(Identifier { id: id.to_string(), authority, ..lost.clone() }));
        }
        Ok(None)
    }

    /// A number that was mistyped must not change another patient's order.
    pub(super) async fn same_patient(
        &self,
        scan: &Scan,
        patient: Option<&Patient>,
    ) -> Result<(), Refused> {
        let told = self.whose(patient).await?;
        let told = told.as_ref().and_then(Patient::identifier);
        let known = scan.request.as_ref().and_then(|request| request.about.number.as_ref());
        let (Some(told), Some(_)) = (told, known) else { return Ok(()) };
        match is_patient(scan, &told.id, told.authority.as_ref().map(authority).as_ref()) {
            true => Ok(()),
            false => {
                Err(never(Code::UnknownKey, "an order of this number is known of another patient"))
            }
        }
    }

    /// Orders on the list of that patient which are no visit's: a visit knows its patient itself.
    pub(super) fn of_patient(&self, number: &str, gave: Option<&Designator>) -> Vec<Scan> {
        let all = self.all_of_patient(number, gave);
        all.into_iter().filter(|scan| !scan.has_left()).collect()
    }

    /// The same, and those that left it within a day.
    pub(super) fn all_of_patient(&self, number: &str, gave: Option<&Designator>) -> Vec<Scan> {
        let gave: Option<Authority> = gave.map(authority);
        let own = |scan: &Scan| !scan.id.contains('.');
        let of = |scan: &Scan| own(scan) && is_patient(scan, number, gave.as_ref());
        self.list.scans().into_iter().filter(of).collect()
    }
}

/// Under what the number that took the place of one is noted.
pub(super) fn merged_key(number: &str, gave: Option<&Designator>) -> String {
    format!("={}@{}", seen(number), gave.and_then(|gave| gave.name()).unwrap_or_default())
}

/// The name and the birth date are another's.
pub(super) fn another() -> Refused {
    let why = "family name and birth date are both others than the board knows under this number";
    never(Code::Internal, why)
}
