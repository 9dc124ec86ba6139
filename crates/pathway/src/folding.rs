//! What each event leaves in the state. Numbers that point nowhere are ignored:
//! a fold never fails.

use cauda_guideline::vocabulary::Tier;

use crate::check_in::{Answered, Stop};
use crate::clocks::TaskKind;
use crate::event::{Carried, Event, FindingSaid, Leaving, Less, ReportState, ResultNumber, What};
use crate::identity::{Actor, StaffRole};
use crate::table::EventKind;
use crate::tasks::Task;
use crate::visit::{Booked, Finding, Order, Override, Pending, Referral, Report, Signature, Visit};

impl Visit {
    pub(crate) fn take(&mut self, event: &Event) {
        match &event.what {
            What::Arrived { identity, returning } => {
                self.identity = Some(identity.clone());
                self.arrived_at = Some(event.at);
                self.returning = returning.clone();
                if let Some(carried) = returning {
                    self.bring(carried, event);
                }
            }
            What::TriageRecorded { acuity } | What::AcuityChanged { to: acuity, .. } => {
                self.acuity = Some(*acuity);
            }
            What::FindingsRecorded { findings } => self.say(findings, &event.by),
            What::Attested { attestation, said_by, at } => self.signatures.push(Signature {
                attestation: attestation.clone(),
                said_by: *said_by,
                at: *at,
                signed: event.by.id.clone(),
                withdrawn: false,
            }),
            What::FindingsWithdrawn { findings, attestations, .. } => {
                for finding in &mut self.findings {
                    finding.withdrawn |= findings.contains(&finding.number);
                }
                for signature in &mut self.signatures {
                    signature.withdrawn |= attestations.contains(&signature.attestation);
                }
            }
            What::Seen {} => self.responsible = Some(event.by.clone()),
            What::ExaminationRecorded {} => {
                self.examined_at = Some(event.at);
                self.responsible.get_or_insert_with(|| event.by.clone());
            }
            What::DecisionMade { after, .. } => {
                if after.verdict.acted_on >= Tier::Urgent && self.suspected_at.is_none() {
                    self.suspected_at = Some(event.at);
                }
                self.answer = Some(after.as_ref().clone());
                self.answered_at = event.at;
            }
            What::MergedFrom { carried } => self.bring(carried, event),
            What::MergedInto { visit } => {
                self.merged_into = Some(visit.clone());
                self.at_home.stop(Stop::Merged);
            }
            What::Unmerged { .. } => self.merged_into = None,
            _ => self.take_of_results(event),
        }
    }

    fn bring(&mut self, carried: &Carried, event: &Event) {
        self.say(&carried.findings, &event.by);
        if carried.tier >= Tier::Urgent && self.suspected_at.is_none() {
            self.suspected_at = Some(event.at);
        }
    }

    fn say(&mut self, findings: &[FindingSaid], by: &Actor) {
        for said in findings {
            let number = u32::try_from(self.findings.len()).unwrap_or(u32::MAX).saturating_add(1);
            let (said, by) = (said.clone(), by.clone());
            self.findings.push(Finding { number, said, by, withdrawn: false });
        }
    }

    fn order_of(&mut self, number: ResultNumber) -> Option<&mut Order> {
        let pending = self.pending.iter_mut().find(|pending| pending.number == number)?;
        pending.order.as_mut()
    }

    fn take_of_results(&mut self, event: &Event) {
        match &event.what {
            What::ImagingOrdered { order, image, tier, deadline, less, .. } => {
                self.new_order(event, *order, image, *tier, *deadline);
                self.note_less(event, less.as_ref());
            }
            What::ImagingDeclined { image, less } => {
                self.declined.push(image.clone());
                self.note_less(event, Some(less));
            }
            What::OrderHeld { order } => {
                if let Some(order) = self.order_of(*order) {
                    order.held = true;
                }
            }
            What::OrderHastened { order, tier, deadline } => {
                if let Some(order) = self.order_of(*order) {
                    // The wait that was accepted was of the urgency before.
                    order.wait_accepted = false;
                    (order.tier, order.deadline) = (*tier, *deadline);
                }
            }
            What::OrderCancelled { order, less } => {
                let found = self.pending.iter_mut().find(|pending| pending.number == *order);
                if let Some(pending) = found {
                    pending.cancelled = true;
                }
                self.note_less(event, Some(less));
            }
            What::SafetyScreened { order, cleared, words } => {
                if let Some(order) = self.order_of(*order) {
                    order.cleared = Some(*cleared);
                    order.screened.clone_from(words);
                }
            }
            What::ScanScheduled { order, start } => {
                if let Some(order) = self.order_of(*order) {
                    order.scheduled = Some(*start);
                }
            }
            What::WaitAccepted { order, .. } => {
                if let Some(order) = self.order_of(*order) {
                    order.wait_accepted = true;
                }
            }
            What::ScanStarted { order, despite } => {
                if let Some(order) = self.order_of(*order) {
                    order.started = Some(event.at);
                    order.despite.clone_from(despite);
                    order.held = false;
                    // What earlier pictures showed says nothing about the new ones.
                    (order.limited, order.limited_words) = (None, None);
                }
            }
            What::ScanChanged { order, image, shows, words } => {
                if let Some(order) = self.order_of(*order) {
                    order.scanned_as = Some(image.clone());
                    order.limited = *shows;
                    order.limited_words = words.clone().filter(|_| shows.is_some());
                    // The program changes it by itself for a new sign alone.
                    let forced = event.by.role == StaffRole::System && shows.is_none();
                    let sign = words.clone().filter(|_| forced);
                    order.forced = sign.map(|sign| (event.at, sign));
                }
            }
            What::ScanEnded { order, complete: false } => {
                // It waits for the scanner again, and may be made more urgent.
                if let Some(order) = self.order_of(*order) {
                    (order.started, order.ended) = (None, None);
                }
            }
            What::ScanEnded { order, complete: true } => {
                if let Some(order) = self.order_of(*order) {
                    order.ended = Some(event.at);
                }
            }
            _ => self.take_of_reports(event),
        }
    }

    fn take_of_reports(&mut self, event: &Event) {
        match &event.what {
            What::ReportReceived { order, state, emergency, words } => {
                let report = Report {
                    state: *state,
                    emergency: *emergency,
                    at: event.at,
                    words: words.clone(),
                };
                self.report(*order, report);
            }
            What::TestOrdered { result, name } => self.pending.push(Pending {
                number: *result,
                at: event.at,
                by: event.by.clone(),
                order: None,
                test: Some(name.clone()),
                report: None,
                read_at: None,
                acknowledged: false,
                cancelled: false,
            }),
            What::TestResulted { result, emergency, words } => {
                let (emergency, words) = (*emergency, words.clone());
                let report = Report { state: ReportState::Final, emergency, at: event.at, words };
                self.report(*result, report);
            }
            What::ResultAcknowledged { result } => {
                let found = self.pending.iter_mut().find(|pending| pending.number == *result);
                if let Some(pending) = found {
                    // A preliminary report is read, and the final one still awaited.
                    let state = pending.report.as_ref().map(|report| report.state);
                    pending.read_at = Some(event.at);
                    pending.acknowledged = state != Some(ReportState::Preliminary);
                }
            }
            _ => self.take_of_the_way_out(event),
        }
    }

    fn new_order(
        &mut self,
        event: &Event,
        number: ResultNumber,
        image: &str,
        tier: Tier,
        deadline: i64,
    ) {
        self.pending.push(Pending {
            number,
            at: event.at,
            by: event.by.clone(),
            order: Some(Order {
                image: image.to_string(),
                tier,
                deadline,
                scheduled: None,
                cleared: None,
                screened: None,
                started: None,
                despite: None,
                ended: None,
                scanned_as: None,
                limited: None,
                limited_words: None,
                forced: None,
                held: false,
                wait_accepted: false,
            }),
            test: None,
            report: None,
            read_at: None,
            acknowledged: false,
            cancelled: false,
        });
    }

    fn report(&mut self, number: ResultNumber, report: Report) {
        if let Some(pending) = self.pending.iter_mut().find(|pending| pending.number == number) {
            pending.report = Some(report);
            // A report of a cancelled order is read like any other.
            pending.cancelled = false;
            pending.read_at = None;
            pending.acknowledged = false;
        }
    }

    fn note_less(&mut self, event: &Event, less: Option<&Less>) {
        if let Some(less) = less {
            self.overrides.push(Override {
                at: event.at,
                by: event.by.clone(),
                kind: event.what.kind(),
                less: less.clone(),
            });
        }
    }

    fn take_of_the_way_out(&mut self, event: &Event) {
        match &event.what {
            What::Referred { referral, to } => self.referrals.push(Referral {
                number: *referral,
                to: to.clone(),
                at: event.at,
                answer: None,
            }),
            What::ReferralAnswered { referral, words } => {
                let found = self.referrals.iter_mut().find(|asked| asked.number == *referral);
                if let Some(asked) = found {
                    asked.answer = Some(words.clone());
                }
            }
            What::HandedOver { to, .. } => self.responsible = Some(to.clone()),
            What::TransferRequested { site, telephone } => {
                self.transfer.site = Some(site.clone());
                self.transfer.telephone = telephone.clone();
            }
            What::TransferAccepted { accepted_by } => {
                self.transfer.accepted_by = Some(accepted_by.clone());
            }
            What::ArrivalConfirmed { by } => self.transfer.confirmed_by = Some(by.clone()),
            What::ObservationStarted { again_at } => self.again_at = Some(*again_at),
            What::PlanSigned { plan, offers, taught_back } => {
                self.plan = Some(plan.clone());
                self.offers.clone_from(offers);
                self.taught_back = *taught_back;
            }
            What::Discharged { less, .. } => self.note_less(event, less.as_ref()),
            What::Died {} => self.at_home.stop(Stop::Died),
            What::LeftBeforeSeen { leaving }
            | What::LeftAgainstAdvice { leaving }
            | What::Absconded { leaving } => self.left(leaving),
            _ => self.take_of_home(event),
        }
    }

    fn take_of_home(&mut self, event: &Event) {
        match &event.what {
            What::CheckInsPlanned { rounds } => self.at_home.plan(rounds),
            What::CheckInDue { round } => self.at_home.ask(*round),
            What::CheckInAnswered { danger, round, told } => self.at_home.answer(Answered {
                at: event.at,
                by: event.by.clone(),
                round: *round,
                danger: *danger,
                told: told.clone().unwrap_or_default(),
            }),
            What::CheckInsStopped { why, .. } => self.at_home.stop(*why),
            What::Returned { visit } => {
                self.returned_to = Some(visit.clone());
                self.at_home.stop(Stop::Returned);
                self.at_home.returned_at = Some(event.at);
            }
            What::ContactMade { settled: true, .. } => self.at_home.settled_at = Some(event.at),
            What::FollowUpBooked { on, with } => {
                self.booked.push(Booked { on: *on, with: with.clone() });
            }
            What::Messaged(messaged) => {
                self.at_home.messages.retain(|known| known.round != messaged.round);
                self.at_home.messages.push(messaged.clone());
            }
            What::Released { phrases } => self.released.clone_from(phrases),
            What::LinksRevoked {} => {
                self.links_revoked = self.links_revoked.saturating_add(1);
                // A message with the old link leads nowhere any more.
                self.at_home.messages.clear();
            }
            _ => self.take_of_tasks(event),
        }
    }

    fn left(&mut self, leaving: &Leaving) {
        self.leaving = Some(leaving.clone());
    }

    fn take_of_tasks(&mut self, event: &Event) {
        if let What::TaskRaised { .. } = &event.what {
            self.tasks.extend(Task::raised(event));
            return;
        }
        let number = match &event.what {
            What::TaskDone { task, .. }
            | What::TaskClosed { task }
            | What::TaskOverdue { task }
            | What::TaskEscalated { task, .. }
            | What::TaskReassigned { task, .. } => *task,
            _ => return,
        };
        let Some(task) = self.tasks.iter_mut().find(|task| task.number == number) else { return };
        task.take(event);
        // Whoever called closes the round, whatever was said.
        if task.kind == TaskKind::CheckIn && !task.is_open() {
            self.at_home.close();
        }
    }
}

/// Whether an event of that kind may change what the engine answers.
pub(crate) fn changes_facts(kind: EventKind) -> bool {
    matches!(
        kind,
        EventKind::Arrived
            | EventKind::FindingsRecorded
            | EventKind::Attested
            | EventKind::FindingsWithdrawn
            | EventKind::MergedFrom
    )
}
