//! Tells receivers of orders: what is still to be told is written down, then sent until it is
//! answered, for each receiver by itself.
//!
//! At least once: a message that no answer came to goes out again, byte for byte, under the same
//! control id. Of one order the messages go in their order; a receiver that is away holds up
//! nobody but itself, and a message that it does not take holds up no other order.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use cauda_hl7::{Fault, Hl7Error, Sender, Verdict, wait_seconds};
use cauda_pathway::identity::{Actor, Text};
use cauda_scans::Scan;
use cauda_store::{Append, Expected, StoreError, StreamAppend};
use jiff::tz::TimeZone;
use tokio::sync::Notify;
use tokio::sync::broadcast::error::RecvError;

use super::kept::{self, Event, MESSAGE_BYTES_MAX, Queued, TOLD_OPEN, Told, VERSION};
use super::message::{Message, Now, Step};
use super::receiver::{Receiver, Signs};
use crate::hl7::Service;
use crate::hl7::letters::{Letter, Letters, Refusal, To};
use crate::scans::ScanList;
use crate::{ServerError, ids, streams};

/// How often the clock is looked at, in seconds: time alone ends waits and decisions.
const LOOK_SECONDS: u64 = 1;
/// How often what is to be told is worked out without a change, in seconds.
const ANEW_SECONDS: i64 = 60;
/// Answers "later" to one message before a person has to look: about two minutes.
const LATER_MAX: u32 = 6;
/// Times that the line broke, or no answer came, at one message before a person has to look.
const BROKEN_MAX: u32 = 12;
/// A receiver that has not been told for so long is shown on the board, in seconds.
const SILENT_SECONDS: i64 = 60;
/// Most characters of a receiver's reason that are kept.
const WHY_CHARACTERS_MAX: usize = 200;

/// A receiver that has not been told for some time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Silent {
    /// Its name.
    pub name: String,
    /// Since when the oldest message waits.
    pub since: i64,
    /// How many wait.
    pub waiting: usize,
    /// What the last try came to.
    pub why: String,
}

/// Tells receivers of orders.
pub struct Telling {
    list: Arc<ScanList>,
    letters: Letters,
    services: Vec<Service>,
    zone: TimeZone,
    lines: Vec<Line>,
}

/// The line to one receiver.
struct Line {
    receiver: Receiver,
    state: Mutex<State>,
    /// One at a time adds to what is told.
    writing: tokio::sync::Mutex<()>,
    wake: Notify,
    sent: AtomicU64,
    refused: AtomicU64,
}

/// A message of ours that a person has to look at.
struct Unsent<'a> {
    order: &'a str,
    /// The how-many-th about the order, if it was written.
    number: Option<u32>,
    code: &'static str,
    why: &'a str,
}

#[derive(Default)]
struct State {
    /// What was told of each order that is on the list or not over.
    told: BTreeMap<String, Told>,
    /// Tries of the message at the front of an order, and when the next one is due.
    tries: BTreeMap<String, (u32, i64)>,
    /// Failures of the line in a row, and when it is tried next.
    failures: u32,
    next_at: i64,
    why: Option<String>,
}

impl Line {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Telling {
    /// Reads what was told so far; nothing is sent yet.
    ///
    /// # Errors
    /// As the record's, and settings or files that cannot be used.
    pub async fn open(
        list: Arc<ScanList>,
        receivers: Vec<Receiver>,
        services: Vec<Service>,
        zone: TimeZone,
    ) -> Result<Arc<Telling>, ServerError> {
        let record = list.record().clone();
        let mut lines = Vec::new();
        for receiver in receivers {
            if let Some(what) = receiver.fault() {
                return Err(Hl7Error::Setting { name: "[[hl7.to]]", what }.into());
            }
            drop(receiver.line()?);
            let mut state = State::default();
            let prefix = format!("{}/", receiver.name);
            let mut after = prefix.clone();
            loop {
                let page = record.notes(TOLD_OPEN, &after).await?;
                let of = page.iter().map_while(|note| note.key.strip_prefix(&prefix));
                let of: Vec<String> = of.map(str::to_string).collect();
                for order in &of {
                    let told = kept::read(&record, &receiver.name, order).await?;
                    state.told.insert(order.clone(), told);
                }
                match page.last().filter(|_| of.len() == page.len()) {
                    Some(last) => after = last.key.clone(),
                    None => break,
                }
            }
            lines.push(Line {
                receiver,
                state: Mutex::new(state),
                writing: tokio::sync::Mutex::default(),
                wake: Notify::new(),
                sent: AtomicU64::new(0),
                refused: AtomicU64::new(0),
            });
        }
        let letters = Letters::new(record);
        Ok(Arc::new(Telling { list, letters, services, zone, lines }))
    }

    /// The tasks that tell, until they are aborted.
    pub fn start(self: &Arc<Telling>) -> Vec<tokio::task::JoinHandle<()>> {
        let mut tasks = vec![tokio::spawn(self.clone().follow())];
        for at in 0..self.lines.len() {
            tasks.push(tokio::spawn(self.clone().send(at)));
        }
        tasks
    }

    /// Looks at the clock now, as who moved it by hand wants.
    pub fn look(&self) {
        self.lines.iter().for_each(|line| line.wake.notify_one());
    }

    /// Messages that were refused.
    pub fn letters(&self) -> &Letters {
        &self.letters
    }

    /// Receivers that have not been told for some time.
    pub fn silent(&self) -> Vec<Silent> {
        let now = self.list.now();
        let silent = self.lines.iter().filter_map(|line| {
            let state = line.state();
            let waiting = state.told.values().flat_map(|told| &told.waiting);
            let since = waiting.clone().map(|one| one.at).min()?;
            (now - since >= SILENT_SECONDS).then(|| Silent {
                name: line.receiver.name.clone(),
                since,
                waiting: waiting.count(),
                why: state.why.clone().unwrap_or_else(|| "it has not answered yet".to_string()),
            })
        });
        silent.collect()
    }

    /// Of each receiver: its name, how many messages wait, for how many seconds the oldest does,
    /// and how many were taken and refused since the start.
    pub fn figures(&self) -> Vec<(String, usize, i64, u64, u64)> {
        let now = self.list.now();
        let of = |line: &Line| {
            let state = line.state();
            let waiting = state.told.values().flat_map(|told| &told.waiting);
            let oldest = waiting.clone().map(|one| now - one.at).max().unwrap_or(0);
            let (sent, refused) = (&line.sent, &line.refused);
            let counts = (sent.load(Ordering::Relaxed), refused.load(Ordering::Relaxed));
            (line.receiver.name.clone(), waiting.count(), oldest.max(0), counts.0, counts.1)
        };
        self.lines.iter().map(of).collect()
    }

    /// Writes down what is to be told, whenever something changed.
    async fn follow(self: Arc<Telling>) {
        let mut changes = self.list.department().changes();
        let mut done_at = i64::MIN;
        let mut changed = true;
        loop {
            let now = self.list.now();
            if changed || now.saturating_sub(done_at) >= ANEW_SECONDS {
                done_at = now;
                changed = false;
                for line in &self.lines {
                    if let Err(error) = self.work_out(line).await {
                        let receiver = &line.receiver.name;
                        tracing::warn!(receiver, %error, "what to tell by HL7 was not kept; again soon");
                        changed = true;
                    }
                }
            }
            tokio::select! {
                () = tokio::time::sleep(Duration::from_secs(LOOK_SECONDS)) => {}
                change = changes.recv() => {
                    if matches!(change, Err(RecvError::Closed)) {
                        return;
                    }
                    changed = true;
                    // What came together is told together.
                    while changes.try_recv().is_ok() {}
                }
            }
        }
    }

    /// Writes down what one receiver is to be told.
    async fn work_out(&self, line: &Line) -> Result<(), ServerError> {
        let scans = self.list.scans();
        let mut seen = BTreeSet::new();
        for scan in &scans {
            seen.insert(scan.id.as_str());
            self.work_out_one(line, scan, false).await?;
        }
        // Those that are not over there, and are no longer on the list here.
        let missing: Vec<String> = {
            let state = line.state();
            let open = state.told.iter().filter(|(_, told)| !told.is_over());
            open.map(|(id, _)| id.clone()).filter(|id| !seen.contains(id.as_str())).collect()
        };
        for id in missing {
            match self.list.read(&id).await? {
                Some((scan, over)) => self.work_out_one(line, &scan, over).await?,
                None => drop(line.state().told.remove(&id)),
            }
        }
        let mut state = line.state();
        state.told.retain(|id, told| !told.is_over() || seen.contains(id.as_str()));
        let State { told, tries, .. } = &mut *state;
        tries.retain(|id, _| told.contains_key(id));
        Ok(())
    }

    async fn work_out_one(&self, line: &Line, scan: &Scan, over: bool) -> Result<(), ServerError> {
        let now = self.list.now();
        let Some(of) = Now::of(scan, now, over) else { return Ok(()) };
        if !line.receiver.hears_of(of.request) {
            return Ok(());
        }
        let name = &line.receiver.name;
        let known = line.state().told.contains_key(&scan.id);
        if !known {
            let told = kept::read(self.list.record(), name, &scan.id).await?;
            line.state().told.insert(scan.id.clone(), told);
        }
        let writing = line.writing.lock().await;
        let (steps, told_stage, unheard, number, waits) = {
            let state = line.state();
            let Some(told) = state.told.get(&scan.id) else { return Ok(()) };
            let mut steps = of.steps(told.last.as_ref(), now);
            if told.is_unheard() && !steps.is_empty() {
                steps = of.steps(None, now);
            }
            let stage = told.last.as_ref().map(|last| last.stage);
            (steps, stage, told.is_unheard(), told.number, !told.waiting.is_empty())
        };
        let ended = of.stage.is_last() && !waits;
        if steps.is_empty() && ended && told_stage.is_some_and(|stage| !stage.is_last()) {
            return self.append(line, &scan.id, vec![Event::Over { at: now }]).await;
        }
        if steps.is_empty() {
            return Ok(());
        }
        let mut events = Vec::new();
        let mut stage = told_stage.filter(|_| !unheard);
        for (step, number) in steps.into_iter().zip(number + 1..) {
            stage = Some(step.stage(stage));
            let control_id = kept::control_id(name, &scan.id, number);
            events.push(self.event(line, &of, step, number, &control_id).await?);
        }
        let done = self.append(line, &scan.id, events).await;
        drop(writing);
        line.wake.notify_one();
        done
    }

    /// A step as an event: its message, or that it cannot be written, which a person sees.
    async fn event(
        &self,
        line: &Line,
        of: &Now<'_>,
        step: Step,
        number: u32,
        control_id: &str,
    ) -> Result<Event, ServerError> {
        let now = self.list.now();
        let about = &of.request.about;
        let keys = about.number.as_ref().map(|number| streams::number_key(number.as_str()));
        let keys: Vec<String> = keys.into_iter().chain([of.scan.id.clone()]).collect();
        let (content, start) = (of.content.clone(), of.request.not_before);
        let message = Message {
            receiver: &line.receiver,
            services: &self.services,
            scanners: &self.list.config().scanners,
            at: now,
            control_id,
            zone: &self.zone,
        };
        let why = match of.message(&message, step) {
            Ok(bytes) if bytes.len() <= MESSAGE_BYTES_MAX => {
                let message = kept::hex_of(&bytes);
                let (version, at, of) = (VERSION, now, keys);
                return Ok(Event::Queued(Queued {
                    version,
                    at,
                    number,
                    step,
                    content,
                    start,
                    of,
                    message,
                }));
            }
            Ok(_) => "the message would be larger than any that is sent".to_string(),
            Err(error) => error.to_string(),
        };
        // As far as it can be read by a person.
        let receiver = Receiver { signs: Signs::Utf8, ..line.receiver.clone() };
        let raw = of.message(&Message { receiver: &receiver, ..message }, step).unwrap_or_default();
        let unsent = Unsent { order: &of.scan.id, number: None, code: "not sent", why: &why };
        self.refuse(line, unsent, &raw, keys.clone()).await?;
        Ok(Event::Unwritable { version: VERSION, at: now, step, content, start, of: keys, why })
    }

    /// Keeps a message of ours that a person has to look at.
    async fn refuse(
        &self,
        line: &Line,
        unsent: Unsent<'_>,
        raw: &[u8],
        of: Vec<String>,
    ) -> Result<(), ServerError> {
        let Unsent { order, number, code, why } = unsent;
        line.refused.fetch_add(1, Ordering::Relaxed);
        let receiver = &line.receiver;
        tracing::warn!(receiver = receiver.name, code, "an HL7 message of ours needs a person");
        let control_id = number.map(|number| kept::control_id(&receiver.name, order, number));
        let kind = match receiver.form {
            super::receiver::Form::Orm => "ORM^O01",
            super::receiver::Form::Omi => "OMI^O23",
        };
        let to = To { receiver: receiver.name.clone(), order: order.to_string(), number };
        let refusal = Refusal {
            id: letter_id(&receiver.name, order, number),
            peer: format!("{}:{}", receiver.host, receiver.port),
            sender: format!("{}, {}", receiver.sender.0, receiver.sender.1),
            kind: kind.to_string(),
            control_id: control_id.unwrap_or_default(),
            comes_again: false,
            code: code.to_string(),
            place: None,
            why: why.to_string(),
            raw,
            to: Some(to),
            of,
            waits: Vec::new(),
        };
        self.letters.put(refusal, self.list.now()).await
    }

    /// Adds to what is told of an order. Where another server was first, what it wrote is read and
    /// nothing is added.
    async fn append(
        &self,
        line: &Line,
        order: &str,
        events: Vec<Event>,
    ) -> Result<(), ServerError> {
        let name = &line.receiver.name;
        let stream = kept::stream_of(name, order)?;
        let record = self.list.record();
        let before = line.state().told.get(order).cloned().unwrap_or_default();
        let mut after = before.clone();
        let mut rows = Vec::new();
        for event in events {
            rows.push(streams::row("told", VERSION, &event)?);
            after.apply(event);
        }
        let append = Append {
            command: format!("{stream}-{}", before.events),
            actor: Actor::system().id.to_string(),
            recorded_at: self.list.now().saturating_mul(1_000_000),
            streams: vec![StreamAppend {
                stream: stream.clone(),
                expected: Expected::Exactly(before.events),
                events: rows,
            }],
        };
        let notes = after.notes(name, order, &stream);
        match record.append_noting(append, notes).await {
            Ok(written) if !written.already => {
                line.state().told.insert(order.to_string(), after);
            }
            // Another server wrote, or it is not known whether it was written: as the record has it.
            Ok(_) | Err(StoreError::Conflict { .. } | StoreError::OutcomeUnknown(_)) => {
                let told = kept::read(record, name, order).await?;
                line.state().told.insert(order.to_string(), told);
            }
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }

    /// Sends what waits for one receiver, for ever.
    async fn send(self: Arc<Telling>, at: usize) {
        let Some(line) = self.lines.get(at) else { return };
        let Ok(mut sender) = line.receiver.line() else { return };
        loop {
            let next = self.next(line);
            let Some((order, message)) = next else {
                tokio::select! {
                    () = line.wake.notified() => {}
                    () = tokio::time::sleep(Duration::from_secs(LOOK_SECONDS)) => {}
                }
                continue;
            };
            if let Err(error) = self.send_one(line, &mut sender, &order, &message).await {
                if matches!(error, ServerError::Store(StoreError::Closed)) {
                    return;
                }
                let receiver = &line.receiver.name;
                tracing::warn!(receiver, %error, "an HL7 message of ours was not noted; again soon");
                self.unnoted(line);
            }
        }
    }

    /// What is sent next: of all orders the message at the front that was tried least, then the
    /// oldest.
    fn next(&self, line: &Line) -> Option<(String, Queued)> {
        let now = self.list.now();
        let state = line.state();
        if state.next_at > now {
            return None;
        }
        let fronts = state.told.iter().filter_map(|(order, told)| {
            let (tries, due) = state.tries.get(order).copied().unwrap_or((0, i64::MIN));
            let message = told.waiting.front().filter(|_| due <= now)?;
            Some(((tries, message.at, order), message))
        });
        let ((_, _, order), message) = fronts.min_by(|one, other| one.0.cmp(&other.0))?;
        Some((order.clone(), message.clone()))
    }

    async fn send_one(
        &self,
        line: &Line,
        sender: &mut Sender,
        order: &str,
        message: &Queued,
    ) -> Result<(), ServerError> {
        let name = &line.receiver.name;
        let stream = kept::stream_of(name, order)?;
        let known = line.state().told.get(order).map_or(0, |told| told.events);
        // Another server on the same record may have told it already.
        if self.list.record().sequence(&stream).await? != known {
            let _writing = line.writing.lock().await;
            let told = kept::read(self.list.record(), name, order).await?;
            line.state().told.insert(order.to_string(), told);
            return Ok(());
        }
        let answer = sender.send(&message.bytes()).await;
        let now = self.list.now();
        let why = |why: Option<String>| {
            let plain = |sign: &char| !sign.is_control();
            let why: String =
                why.unwrap_or_default().chars().filter(plain).take(WHY_CHARACTERS_MAX).collect();
            if why.is_empty() { "it gave no reason".to_string() } else { why }
        };
        let (for_good, code, said) = match answer {
            Ok(sent) => match sent.verdict {
                Verdict::Taken => {
                    self.reached(line, order, None);
                    line.sent.fetch_add(1, Ordering::Relaxed);
                    return self.settle(line, order, message, true).await;
                }
                Verdict::Never => {
                    self.reached(line, order, None);
                    (true, "refused, AR", why(sent.why))
                }
                Verdict::Later => {
                    let tries = self.reached(line, order, Some(now));
                    (tries >= LATER_MAX, "refused again and again, AE", why(sent.why))
                }
            },
            Err(fault) => {
                let tries = self.broke(line, order, fault, now);
                (tries >= BROKEN_MAX, "no answer again and again", fault.to_string())
            }
        };
        if !for_good {
            return Ok(());
        }
        let unsent = Unsent { order, number: Some(message.number), code, why: &said };
        self.refuse(line, unsent, &message.bytes(), message.of.clone()).await?;
        self.settle(line, order, message, false).await
    }

    /// The receiver answered. Of one that wants a message later, when, and how often it said so.
    fn reached(&self, line: &Line, order: &str, later: Option<i64>) -> u32 {
        let mut state = line.state();
        (state.failures, state.next_at, state.why) = (0, i64::MIN, None);
        let Some(now) = later else {
            state.tries.remove(order);
            return 0;
        };
        state.why = Some("it asks for a message to be sent again later".to_string());
        let entry = state.tries.entry(order.to_string()).or_insert((0, now));
        entry.0 += 1;
        entry.1 = now.saturating_add(wait_seconds(entry.0, draw(order, entry.0)));
        entry.0
    }

    /// The line failed. How often it did so at this very message, unless nobody was there at all:
    /// that is no fault of a message.
    fn broke(&self, line: &Line, order: &str, fault: Fault, now: i64) -> u32 {
        let mut state = line.state();
        state.failures = state.failures.saturating_add(1);
        let wait = wait_seconds(state.failures, draw(&line.receiver.name, state.failures));
        state.next_at = now.saturating_add(wait);
        state.why = Some(fault.to_string());
        if state.failures == 1 {
            tracing::warn!(receiver = line.receiver.name, %fault, "a receiver of HL7 is not told");
        }
        if matches!(fault, Fault::Away | Fault::Encryption | Fault::Forbidden) {
            return 0;
        }
        let entry = state.tries.entry(order.to_string()).or_insert((0, now));
        entry.0 += 1;
        entry.0
    }

    /// What became of a message cannot be written: it goes again later, and not without end.
    fn unnoted(&self, line: &Line) {
        let mut state = line.state();
        state.failures = state.failures.saturating_add(1);
        let wait = wait_seconds(state.failures, draw(&line.receiver.name, state.failures));
        state.next_at = self.list.now().saturating_add(wait);
        state.why = Some("the record cannot be written".to_string());
    }

    async fn settle(
        &self,
        line: &Line,
        order: &str,
        message: &Queued,
        taken: bool,
    ) -> Result<(), ServerError> {
        {
            let _writing = line.writing.lock().await;
            let event = Event::Settled { at: self.list.now(), number: message.number, taken };
            self.append(line, order, vec![event]).await?;
        }
        line.state().tries.remove(order);
        if !taken {
            return Ok(());
        }
        let Ok(reason) = Text::new("taken by its receiver") else { return Ok(()) };
        let now = self.list.now();
        let name = &line.receiver.name;
        for number in [Some(message.number), None] {
            // What could not be written before is written now.
            let id = letter_id(name, order, number);
            self.letters.close(&Actor::system(), &id, reason.clone(), now).await?;
        }
        Ok(())
    }

    /// Tells again what a receiver did not take: the same message, where nothing was told of the
    /// order since; else what it does not know, as it is now.
    ///
    /// # Errors
    /// Why nothing is told.
    pub async fn again(&self, by: &Actor, letter: &Letter) -> Result<(), String> {
        let to = letter.to.as_ref().ok_or("it is no message of ours")?;
        let line = self.lines.iter().find(|line| line.receiver.name == to.receiver);
        let line = line.ok_or("its receiver is no longer in the settings: close it")?;
        let failed = |_| "the record cannot be reached; try again".to_string();
        let latest = {
            let _writing = line.writing.lock().await;
            let told = kept::read(self.list.record(), &to.receiver, &to.order).await;
            let told = told.map_err(failed)?;
            let latest = to.number.is_some_and(|number| told.is_latest(number));
            if !told.waiting.is_empty() {
                return Err("messages about this order are on their way; wait for them".into());
            }
            line.state().told.insert(to.order.clone(), told);
            let at = self.list.now();
            let events = match latest {
                true => vec![Event::Again { at, by: by.clone() }],
                false => vec![Event::Anew { at, by: by.clone() }],
            };
            self.append(line, &to.order, events).await.map_err(failed)?;
            latest
        };
        self.work_out(line).await.map_err(failed)?;
        line.wake.notify_one();
        let waits = line.state().told.get(&to.order).is_some_and(|told| !told.waiting.is_empty());
        if waits && !latest && to.number.is_some() {
            // What is told now has a letter of its own if it is refused.
            let reason = Text::new("told anew, as it is now").map_err(|why| why.to_string())?;
            let closed = self.letters.close(by, &letter.id, reason, self.list.now()).await;
            closed.map_err(failed)?;
        }
        match waits || latest {
            true => Ok(()),
            false => Err("it still cannot be written, or there is nothing more to tell".into()),
        }
    }
}

/// The id of the letter about a message of ours; of all that cannot be written of an order, one.
fn letter_id(receiver: &str, order: &str, number: Option<u32>) -> String {
    let number = number.map(|number| number.to_string()).unwrap_or_default();
    ids::kept(&format!("letter {receiver} {order} {number}")).chars().take(32).collect()
}

/// A number that differs between receivers and tries, so that not all come back in one second.
fn draw(of: &str, tries: u32) -> u32 {
    let kept = ids::kept(&format!("{of} {tries}"));
    kept.get(..8).and_then(|digits| u32::from_str_radix(digits, 16).ok()).unwrap_or(0)
}
