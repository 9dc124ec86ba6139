//! Reports and test results: received, acknowledged, amended, late (CR17, CR19).

use crate::clocks::TaskKind;
use crate::command::Action;
use crate::event::{ReportState, ResultNumber, What};
use crate::handle::Writing;
use crate::identity::Text;
use crate::refusal::{Refusal, Why};
use crate::tasks::Raise;
use crate::visit::Pending;

impl Writing<'_> {
    pub(crate) fn act_on_result(&mut self, action: &Action) -> Result<(), Refusal> {
        match action {
            Action::ReceiveReport { order, state, emergency, words, found } => {
                self.awaited(*order, true)?;
                self.limited_excludes_no_more(*order, found)?;
                self.record(What::ReportReceived {
                    order: *order,
                    state: *state,
                    emergency: *emergency,
                    words: words.clone(),
                })?;
                self.find_if_any(found)?;
                self.recall_for_news(*state == ReportState::Amended || *emergency, words)
            }
            Action::ReceiveTestResult { result, emergency, words, found } => {
                self.awaited(*result, false)?;
                let (result, emergency) = (*result, *emergency);
                self.record(What::TestResulted { result, emergency, words: words.clone() })?;
                self.find_if_any(found)?;
                self.recall_for_news(emergency, words)
            }
            Action::OrderTest { name } => {
                let result = self.next_result();
                self.record(What::TestOrdered { result, name: name.clone() })
            }
            Action::AcknowledgeResult { result, found } => {
                self.reported(*result)?;
                self.limited_excludes_no_more(*result, found)?;
                self.done(TaskKind::AcknowledgeDanger, Some(*result))?;
                self.done(TaskKind::AcknowledgeResult, Some(*result))?;
                self.find_if_any(found)?;
                self.record(What::ResultAcknowledged { result: *result })
            }
            _ => Ok(()),
        }
    }

    /// The scan or test of that number. A report of a cancelled order is taken:
    /// the scan was done after all.
    fn awaited(&self, number: ResultNumber, scan: bool) -> Result<&Pending, Refusal> {
        let found = self.visit.result(number);
        found.filter(|pending| pending.order.is_some() == scan).ok_or_else(|| {
            let what = if scan { "order" } else { "test" };
            let message = format!("there is no {what} {number}; enter it first, then its result");
            Refusal::new(Why::NoSuchThing, message)
        })
    }

    fn reported(&self, number: ResultNumber) -> Result<(), Refusal> {
        let report = self.visit.result(number).and_then(|pending| pending.report.as_ref());
        match report {
            Some(_) => Ok(()),
            None => {
                let message =
                    format!("result {number} has not come; acknowledge it when it is here");
                Err(Refusal::new(Why::NoSuchThing, message))
            }
        }
    }

    /// An amended report or a late result that asks for action opens a recall
    /// with an owner, whoever was told at the discharge (CR19).
    fn recall_for_news(&mut self, is_news: bool, words: &Text) -> Result<(), Refusal> {
        if !is_news || !self.visit.phase.is_alive_end() {
            return Ok(());
        }
        self.record(What::RecallOpened { reason: words.clone() })?;
        let gone = self.visit.phase.is_gone();
        let kind = if gone { TaskKind::Recall } else { TaskKind::TellReceiver };
        if self.has_open(kind, None) { Ok(()) } else { self.raise(kind, Raise::default()) }
    }
}
