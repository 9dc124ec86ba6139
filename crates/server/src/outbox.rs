//! The outbox: messages that ask patients at home how it goes. What is due is the visit's to say;
//! here it is claimed, written without anything clinical, sent, and what became of it noted.
//!
//! At least once: a claim that nobody ended is made up for, under the same key. Nothing of an
//! address or a link stands in a log.

use std::sync::Arc;
use std::time::Duration;

use cauda_pathway::check_in::Round;
use cauda_pathway::command::Action;
use cauda_pathway::identity::{Actor, CommandId, VisitId};
use cauda_pathway::messaging::Sending;
use cauda_pathway::visit::Visit;
use cauda_post::{Address, Channel, Message, Outcome, PostError, Quiet, Smtp, SmtpSettings};
use cauda_post::{Webhook, WebhookSettings};
use cauda_words::{Language, Page};
use tokio::sync::broadcast::error::RecvError;

use crate::clock::Clock;
use crate::config::Config;
use crate::department::{ActError, Department, Entry};
use crate::ids;
use crate::languages::Languages;
use crate::links::{Links, Purpose};
use crate::web::LocalTime;

/// Longest time between two looks, in seconds.
const LOOK_SECONDS: u64 = 20;
/// Characters of a subject; `cauda-post` takes 200.
const SUBJECT_CHARS_MAX: usize = 190;

/// How messages leave. Without a way none is sent, and the list has the call.
#[derive(Clone, Debug, Default)]
pub struct Messages {
    /// The mail server.
    pub smtp: Option<SmtpSettings>,
    /// Whoever sends text messages for the hospital; also e-mail, where there is no mail server.
    pub webhook: Option<WebhookSettings>,
    /// When nobody is written to; 21:00 to 08:00 if nothing is said.
    pub quiet: Option<Quiet>,
}

/// The ways of the settings, opened; nothing is connected.
#[derive(Default)]
pub struct Ways {
    smtp: Option<Channel>,
    webhook: Option<Channel>,
}

impl Ways {
    /// Reads the files of the settings.
    ///
    /// # Errors
    /// Settings that cannot be used.
    pub fn open(messages: &Messages, clock: &Clock) -> Result<Ways, PostError> {
        let ticking = clock.clone();
        let clock: cauda_post::Clock = Arc::new(move || ticking.now());
        let smtp = messages.smtp.as_ref().map(|smtp| Smtp::open(smtp, clock.clone()));
        let webhook = messages.webhook.as_ref().map(|webhook| Webhook::open(webhook, clock));
        Ok(Ways {
            smtp: smtp.transpose()?.map(Channel::Smtp),
            webhook: webhook.transpose()?.map(Channel::Webhook),
        })
    }

    /// Whether each way could be used now; nothing is sent.
    pub async fn check(&self) -> Vec<(&'static str, Result<(), PostError>)> {
        let mut found = Vec::new();
        for (what, channel) in [("mail", &self.smtp), ("webhook", &self.webhook)] {
            if let Some(channel) = channel {
                found.push((what, channel.check().await));
            }
        }
        found
    }
}

/// A message that is due.
struct Due<'a> {
    id: &'a VisitId,
    visit: &'a Visit,
    round: Round,
    tries: u32,
}

/// The ways that are open.
pub struct Outbox {
    smtp: Option<Channel>,
    webhook: Option<Channel>,
    quiet: Quiet,
    url: String,
    department: String,
    links: Links,
    languages: Arc<Languages>,
    local: LocalTime,
}

impl Outbox {
    /// With these ways. `None` where there is none, or no address at which patients would reach
    /// the server.
    pub(crate) fn new(
        config: &Config,
        ways: Ways,
        links: Links,
        languages: Arc<Languages>,
        local: LocalTime,
    ) -> Option<Outbox> {
        let url = config.patient_url.clone()?;
        let Ways { smtp, webhook } = ways;
        if smtp.is_none() && webhook.is_none() {
            return None;
        }
        Some(Outbox {
            smtp,
            webhook,
            quiet: config.messages.quiet.unwrap_or(Quiet::NIGHT),
            url,
            department: config.department.clone(),
            links,
            languages,
            local,
        })
    }

    /// Sends what is due, until nobody holds the department any more.
    pub async fn run(self, department: Arc<Department>) {
        let mut changes = department.changes();
        loop {
            self.send_due(&department).await;
            tokio::select! {
                () = tokio::time::sleep(Duration::from_secs(LOOK_SECONDS)) => {}
                changed = changes.recv() => {
                    if matches!(changed, Err(RecvError::Closed)) {
                        return;
                    }
                }
            }
        }
    }

    /// Sends what is due now.
    pub async fn send_due(&self, department: &Department) {
        for entry in department.open_visits() {
            // Asked before each: a slow mail server may take until the night.
            let now = department.now();
            if self.quiet.holds(self.local.minute_of_day(now)) {
                return;
            }
            let Some(identity) = &entry.visit.identity else { continue };
            let Some((round, tries)) = entry.visit.message_due(now) else { continue };
            let Some((channel, to)) = self.way(&entry) else { continue };
            let due = Due { id: &identity.visit, visit: &entry.visit, round, tries };
            let sent = self.send(department, due, channel, to);
            if let Err(error) = sent.await {
                tracing::warn!(visit = %identity.visit, %error, "a message could not be noted; again soon");
            }
        }
    }

    /// The way to a patient: mail by the mail server, everything else by the webhook.
    fn way(&self, entry: &Entry) -> Option<(&Channel, Address)> {
        let typed = entry.patient.as_deref()?.person.write_to.as_deref()?;
        let to = Address::parse(typed).ok()?;
        let mail = self.smtp.as_ref().filter(|_| matches!(to, Address::Email(_)));
        Some((mail.or(self.webhook.as_ref())?, to))
    }

    async fn send(
        &self,
        department: &Department,
        due: Due<'_>,
        channel: &Channel,
        to: Address,
    ) -> Result<(), ActError> {
        let Due { id, visit, round, tries } = due;
        let Some(message) = self.message(visit, id, round, to) else { return Ok(()) };
        // A name of its own: of two servers that claim at once, the visit keeps the first one's.
        let Ok(claim) = CommandId::new(format!("m-{}", ids::new_id())) else { return Ok(()) };
        let claiming = Action::ClaimMessage { round };
        let claimed = department.act(&Actor::system(), id, &claim, claiming).await?;
        let mut known = claimed.visit.at_home.messages.iter();
        if !known.any(|m| m.round == round && m.sending == Sending::Claimed && m.claim == claim) {
            return Ok(());
        }
        let outcome = channel.send(&message).await;
        let now = department.now();
        let minute = |at: i64| self.local.minute_of_day(at);
        let again = outcome.again_at(tries + 1, now, message.key());
        let again = again.map(|at| self.quiet.next_allowed(at, minute));
        let sending = match (outcome, again) {
            (Outcome::Sent, _) => Sending::Sent,
            (Outcome::Later { .. }, Some(_)) => Sending::Again,
            _ => Sending::GivenUp,
        };
        if let Outcome::Later { what, .. } | Outcome::Never { what } = outcome {
            tracing::warn!(visit = %id, %what, tries = tries + 1, "a message was not sent");
        }
        let again_at = again.filter(|_| sending == Sending::Again);
        let note = Action::NoteMessage { round, sending, again_at };
        let Ok(noted) = CommandId::new(format!("m-{}", ids::new_id())) else { return Ok(()) };
        match department.act(&Actor::system(), id, &noted, note).await {
            // The patient died, or the plan is another one meanwhile.
            Ok(_) | Err(ActError::Refused(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// What is written: who asks, and the link. No name, no illness, no visit. Below the English
    /// stands every language in which message and page were checked: nobody knows which one the
    /// patient reads.
    fn message(&self, visit: &Visit, id: &VisitId, round: Round, to: Address) -> Option<Message> {
        let token = self.links.give(visit, Purpose::Home)?;
        let link = format!("{}{}{token}", self.url, Purpose::Home.path());
        let way = to.reveal();
        let key = ids::kept(&format!("{id} {round:?} {} {way}", visit.links_revoked));
        let mut text = String::new();
        let mut subject = String::new();
        for language in self.written_in() {
            let one = self.words_of(language, "message-subject");
            if subject.is_empty() {
                subject = one;
                text = self.text(language, &link);
                continue;
            }
            // A subject that is too long would keep the message from leaving.
            if subject.chars().count() + one.chars().count() < SUBJECT_CHARS_MAX {
                subject = format!("{subject} / {one}");
            }
            let there = format!("{link}?lang={}", language.code());
            text = format!("{text}\n---\n\n{}", self.text(language, &there));
        }
        Message::new(key.get(..32)?, to, &subject, &text).ok()
    }

    /// English, and each language in which both the message and the page it leads to were checked.
    fn written_in(&self) -> impl Iterator<Item = Language> {
        Language::ALL.iter().copied().filter(|language| {
            let pages = [Page::Message, Page::Home];
            pages.into_iter().all(|page| self.languages.is_checked(page, *language))
        })
    }

    fn text(&self, language: Language, link: &str) -> String {
        let say = |id: &str| self.words_of(language, id);
        format!(
            "{}\n\n{}\n{link}\n\n{}\n{}\n",
            say("message-ask"),
            say("message-open"),
            say("message-wrong"),
            say("message-stop"),
        )
    }

    fn words_of(&self, language: Language, id: &str) -> String {
        let department = [("department", self.department.as_str())];
        self.languages.words().say(language, id, &department).into_owned()
    }
}
