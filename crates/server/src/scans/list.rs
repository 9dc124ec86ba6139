//! Every order for a scanner as it is now: those of visits, read from them each time, and the
//! others, each always as the record has it. What people and scanners do is written first.

use std::collections::BTreeMap;
use std::sync::{Arc, RwLock};
use std::time::Duration;

use cauda_pathway::command::{Action as VisitAction, Found};
use cauda_pathway::event::{Less, LessReason, ReportState};
use cauda_pathway::identity::{Actor, ActorId, CommandId, Text, VisitId};
use cauda_queue::{Department as Queue, Down, State};
use cauda_scans::{
    Action, Catalogue, Chip, Event, Known, Request, Scan, ScanError, ScannerWhat, SiteEvent,
    Source, VERSION, handle, id_of, of_visit, orders_of, scanners,
};
use cauda_store::{Append, Expected, NewEvent, Note, Record, StoreError, StreamAppend, StreamName};
use thiserror::Error;
use tokio::sync::watch;

use super::config::ScannersConfig;
use crate::accounts::{Account, Accounts};
use crate::clock::Clock;
use crate::department::{ActError, Department, Entry};
use crate::following::{Follower, follow};
use crate::{ServerError, hl7, ids, streams};

/// Orders on the list, by their ids.
const OPEN_SCAN: &str = "open_scan";
/// Orders that left the list, by day and id.
const LEFT_SCAN: &str = "left_scan";
/// Scanners of which something was said.
const SCANNER: &str = "scanner";
/// Orders by their number elsewhere: placer's number or reference.
pub(super) const SCAN_OF_NUMBER: &str = "scan_of_number";
/// Orders by the patient's number in the hospital, for whoever asks for a patient's data.
const SCAN_OF: &str = "scan_of";
/// Most orders that are kept in memory.
const SCANS_MAX: usize = 5_000;
/// How often a command is worked out again because somebody else was first.
const TRIES_MAX: usize = 16;
/// How long a command waits for its own events to come round, in seconds.
const ROUND_SECONDS: u64 = 10;
/// Orders that left are shown for so long, in seconds.
pub(super) const SHOWN_SECONDS: i64 = 86_400;

/// Why nothing was done.
#[derive(Debug, Error)]
pub enum ScanActError {
    /// It was refused; the sentence is for the screen.
    #[error(transparent)]
    Refused(#[from] ScanError),
    /// The visit of the order refused it.
    #[error("refused by the visit")]
    Visit(Box<ActError>),
    /// There is no such order.
    #[error("there is no such order")]
    NoSuchScan,
    /// The record did not take it.
    #[error(transparent)]
    Failed(#[from] ServerError),
}

impl From<StoreError> for ScanActError {
    fn from(error: StoreError) -> ScanActError {
        ScanActError::Failed(error.into())
    }
}

/// What is known of the board itself.
#[derive(Default)]
struct Board {
    scans: BTreeMap<String, Scan>,
    down: BTreeMap<String, Down>,
}

/// The list.
pub struct ScanList {
    department: Arc<Department>,
    accounts: Arc<Accounts>,
    /// Names of the accounts, by their ids.
    names: RwLock<BTreeMap<String, String>>,
    record: Record,
    clock: Clock,
    config: ScannersConfig,
    catalogue: Catalogue,
    board: RwLock<Board>,
    applied: watch::Sender<u64>,
}

impl ScanList {
    /// The list of a record.
    ///
    /// # Errors
    /// As the record's.
    pub async fn open(
        department: Arc<Department>,
        accounts: Arc<Accounts>,
        config: ScannersConfig,
        clock: Clock,
    ) -> Result<Arc<ScanList>, ServerError> {
        let record = department.record().clone();
        let catalogue = Catalogue::new(department.guideline(), config.protocols.clone());
        let size = record.size().await?;
        let list = ScanList {
            department,
            names: RwLock::default(),
            accounts,
            record,
            clock,
            config,
            catalogue,
            board: RwLock::default(),
            applied: watch::Sender::new(size),
        };
        for account in list.accounts.all().await? {
            list.name(account);
        }
        let mut ids = list.noted(OPEN_SCAN, "").await?;
        let now = list.clock.now();
        for day in [now - SHOWN_SECONDS, now] {
            let left = list.noted(LEFT_SCAN, &day_of(day)).await?;
            ids.extend(left.iter().filter_map(|key| Some(key.split_once('/')?.1.to_string())));
        }
        for id in ids {
            list.refresh(&id).await?;
        }
        for id in list.noted(SCANNER, "").await? {
            list.scanner_anew(&id).await?;
        }
        Ok(Arc::new(list))
    }

    fn name(&self, account: Account) {
        if let Ok(mut names) = self.names.write() {
            names.insert(account.id.to_string(), account.name);
        }
    }

    /// Keys of a list of notes that begin so.
    async fn noted(&self, list: &str, prefix: &str) -> Result<Vec<String>, ServerError> {
        let (mut keys, mut after) = (Vec::new(), prefix.to_string());
        loop {
            let page = self.record.notes(list, &after).await?;
            let fits = page.iter().take_while(|note| note.key.starts_with(prefix));
            let fits: Vec<String> = fits.map(|note| note.key.clone()).collect();
            let whole = fits.len() == page.len();
            keys.extend(fits);
            match page.last() {
                Some(last) if whole && keys.len() < SCANS_MAX => after = last.key.clone(),
                _ => return Ok(keys),
            }
        }
    }

    /// What was said of the scanners.
    pub fn config(&self) -> &ScannersConfig {
        &self.config
    }

    /// What can be scanned.
    pub fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// The department whose patients are on it.
    pub fn department(&self) -> &Arc<Department> {
        &self.department
    }

    /// The record.
    pub fn record(&self) -> &Record {
        &self.record
    }

    /// Seconds since 1970 UTC.
    pub fn now(&self) -> i64 {
        self.clock.now()
    }

    /// All orders: those that wait or are scanned, and those that left within a day.
    pub fn scans(&self) -> Vec<Scan> {
        let now = self.now();
        let stored = self.board.read().map(|board| board.scans.clone()).unwrap_or_default();
        let of_visit = |id: &str| id.contains('.');
        let mut all: Vec<Scan> =
            stored.iter().filter(|(id, _)| !of_visit(id)).map(|(_, scan)| scan.clone()).collect();
        for entry in self.department.open_visits() {
            let Some(identity) = &entry.visit.identity else { continue };
            for order in orders_of(&entry.visit, &self.catalogue) {
                let id = id_of(identity.visit.as_str(), order);
                all.extend(self.merged(&id, stored.get(&id), &entry, order, now));
            }
        }
        let shown = |scan: &Scan| match &scan.state {
            State::Left(_) => {
                scan.left_at().is_none_or(|at| now - at < SHOWN_SECONDS) || scan.is_watched(now)
            }
            _ => true,
        };
        all.retain(|scan| scan.request.is_some() && shown(scan));
        all
    }

    fn merged(
        &self,
        id: &str,
        stored: Option<&Scan>,
        entry: &Entry,
        order: u32,
        now: i64,
    ) -> Option<Scan> {
        let mut scan = stored.cloned().unwrap_or_else(|| Scan::new(id));
        let (guideline, catalogue) = (self.department.guideline(), &self.catalogue);
        let patient = entry.patient.as_deref();
        of_visit(&mut scan, &entry.visit, order, patient, guideline, catalogue, now)?;
        // Who ordered, by name; while it is not known, the role stands there. Never an id.
        let by = entry.visit.result(order).map(|pending| pending.by.id.to_string());
        let name = self.names.read().ok().and_then(|names| names.get(&by?).cloned());
        if let (Some(request), Some(name)) = (&mut scan.request, name) {
            request.asked_by = name;
        }
        Some(scan)
    }

    /// The order of that id.
    pub fn find(&self, id: &str) -> Option<Scan> {
        self.scans().into_iter().find(|scan| scan.id == id)
    }

    /// An order as the record has it, also one that left the list long ago; and whether its visit
    /// is over. Nothing of one that there is not, or that was erased.
    ///
    /// # Errors
    /// As the record's.
    pub async fn read(&self, id: &str) -> Result<Option<(Scan, bool)>, ServerError> {
        let events: Vec<Event> =
            streams::all(&self.record, &StreamName::new(format!("scan/{id}"))?).await?;
        let mut scan = Scan::new(id);
        events.iter().for_each(|event| scan.apply(event));
        let Some((visit, order)) = id.rsplit_once('.') else {
            return Ok(scan.request.is_some().then_some((scan, false)));
        };
        let (Ok(visit), Ok(order)) = (VisitId::new(visit), order.parse()) else { return Ok(None) };
        let entry = match self.department.entry(&visit).await {
            Ok(entry) => entry,
            Err(ActError::Failed(error)) => return Err(error),
            Err(_) => return Ok(None),
        };
        let over = !streams::is_open(&entry.visit);
        let scan = self.merged(id, Some(&scan), &entry, order, self.now());
        Ok(scan.map(|scan| (scan, over)))
    }

    /// All that the queue looks at.
    pub fn queue(&self) -> Queue {
        self.queue_of(&self.scans())
    }

    /// The same of these orders.
    pub fn queue_of(&self, scans: &[Scan]) -> Queue {
        let now = self.now();
        let down = self.board.read().map(|board| board.down.clone()).unwrap_or_default();
        let mut queue = Queue {
            scanners: scanners(&self.config.scanners, &down, now),
            entries: scans.iter().filter_map(|scan| scan.entry(now)).collect(),
            now,
            ..Queue::default()
        };
        // What was on a scanner last decides about its coil and its injector.
        for scanner in &mut queue.scanners {
            let mut last: Option<(i64, &Scan)> = None;
            for scan in scans {
                let (Some(began), Some(on)) = (scan.times.0, scan.scanner.as_deref()) else {
                    continue;
                };
                if on == scanner.id.as_str() && last.is_none_or(|(at, _)| began >= at) {
                    last = Some((began, scan));
                }
            }
            let Some((_, scan)) = last else { continue };
            let Some(request) = &scan.request else { continue };
            scanner.coil = request.protocol.coil.clone();
            scanner.contrast = request.protocol.contrast;
            scanner.free_since = scan.times.1;
            // Who scans works, whatever the board thought.
            let began = scan.times.0;
            scanner.down = scanner.down.filter(|down| began.is_none_or(|began| began < down.since));
        }
        queue
    }

    /// The id of the order that a command asks for: the same command again is the same order.
    pub fn id_of_request(command: &CommandId) -> String {
        ids::kept(command.as_str()).chars().take(24).collect()
    }

    /// A new order; its id.
    ///
    /// # Errors
    /// [`ScanActError`].
    pub async fn request(
        &self,
        by: &Actor,
        command: &CommandId,
        request: Request,
    ) -> Result<String, ScanActError> {
        let id = ScanList::id_of_request(command);
        let scan = Scan::new(&id);
        let action = Action::Request(Box::new(request));
        let what = handle(&scan, &self.queue(), action, by, self.now())?;
        self.append(by, command, &scan, what).await?;
        Ok(id)
    }

    /// Does something with an order. Sent twice, it is done once.
    ///
    /// # Errors
    /// [`ScanActError`].
    pub async fn act(
        &self,
        by: &Actor,
        id: &str,
        command: &CommandId,
        action: Action,
    ) -> Result<(), ScanActError> {
        for _ in 0..TRIES_MAX {
            let scans = self.scans();
            let scan = scans.iter().find(|scan| scan.id == id).ok_or(ScanActError::NoSuchScan)?;
            let queue = self.queue_of(&scans);
            let what = handle(scan, &queue, action.clone(), by, self.now())?;
            if what.is_empty() {
                return Ok(());
            }
            if let Some((visit, step)) = in_visit(scan, &action, by) {
                let command = command_of_visit(command)?;
                let done = self.department.act(by, &visit, &command, step).await;
                done.map_err(|error| ScanActError::Visit(Box::new(error)))?;
            }
            match self.append(by, command, scan, what).await {
                Err(ScanActError::Failed(ServerError::Store(StoreError::Conflict { .. }))) => {
                    self.refresh(id).await?;
                }
                done => return done,
            }
        }
        Err(StoreError::Closed.into())
    }

    /// A scanner fails, or works again.
    ///
    /// # Errors
    /// As the record's.
    pub async fn scanner(
        &self,
        by: &Actor,
        command: &CommandId,
        scanner: &str,
        what: ScannerWhat,
    ) -> Result<(), ScanActError> {
        if !self.config.scanners.iter().any(|one| one.id == scanner) {
            return Err(ScanActError::NoSuchScan);
        }
        let stream = StreamName::new(format!("scanner/{scanner}"))?;
        let event = SiteEvent {
            version: VERSION,
            at: self.now(),
            by: by.clone(),
            scanner: scanner.to_string(),
            what,
        };
        let part = StreamAppend {
            stream: stream.clone(),
            expected: Expected::Any,
            events: vec![streams::row("scanner", VERSION, &event)?],
        };
        let note = note(SCANNER, scanner.to_string(), &stream, Some(String::new()));
        self.write(by, command.as_str(), vec![part], vec![note]).await
    }

    async fn append(
        &self,
        by: &Actor,
        command: &CommandId,
        scan: &Scan,
        what: Vec<cauda_scans::What>,
    ) -> Result<(), ScanActError> {
        let stream = StreamName::new(format!("scan/{}", scan.id))?;
        let (at, mut after) = (self.now(), scan.clone());
        let mut events: Vec<NewEvent> = Vec::new();
        for what in what {
            let event = Event { version: VERSION, at, by: by.clone(), what };
            after.apply(&event);
            events.push(streams::row("scan", VERSION, &event)?);
        }
        // Of an order of a visit the record of the visit says whose it is.
        let own = scan.id.contains('.');
        let mut notes = notes_of(&after, &stream);
        notes.retain(|note| !own || note.list != SCAN_OF);
        let part = StreamAppend { stream, expected: Expected::Exactly(scan.events as u64), events };
        self.write(by, command.as_str(), vec![part], notes).await
    }

    async fn write(
        &self,
        by: &Actor,
        command: &str,
        streams: Vec<StreamAppend>,
        notes: Vec<Note>,
    ) -> Result<(), ScanActError> {
        let append = Append {
            command: format!("scan-{command}"),
            actor: by.id.to_string(),
            recorded_at: self.clock.micros(),
            streams,
        };
        let written = self.record.append_noting(append, notes).await?;
        let mut applied = self.applied.subscribe();
        let round = applied.wait_for(|position| *position >= written.positions.end);
        drop(tokio::time::timeout(Duration::from_secs(ROUND_SECONDS), round).await);
        Ok(())
    }

    /// Reads an order anew.
    async fn refresh(&self, id: &str) -> Result<(), ServerError> {
        let events: Vec<Event> =
            streams::all(&self.record, &StreamName::new(format!("scan/{id}"))?).await?;
        let mut scan = Scan::new(id);
        events.iter().for_each(|event| scan.apply(event));
        if let Ok(mut board) = self.board.write() {
            if events.is_empty() {
                board.scans.remove(id);
            } else {
                board.scans.insert(id.to_string(), scan);
            }
        }
        Ok(())
    }

    async fn scanner_anew(&self, id: &str) -> Result<(), ServerError> {
        let events: Vec<SiteEvent> =
            streams::all(&self.record, &StreamName::new(format!("scanner/{id}"))?).await?;
        let down = events.last().and_then(|event| match &event.what {
            ScannerWhat::Down { until, .. } => Some(Down { since: event.at, until: *until }),
            ScannerWhat::Up => None,
        });
        if let Ok(mut board) = self.board.write() {
            match down {
                Some(down) => drop(board.down.insert(id.to_string(), down)),
                None => drop(board.down.remove(id)),
            }
        }
        Ok(())
    }

    /// Takes the log in as it grows, until the record is closed.
    pub async fn follow(self: Arc<ScanList>) {
        follow(&*self).await;
    }

    fn apply(&self, id: &str, row: &cauda_store::Event) -> bool {
        let Ok(mut board) = self.board.write() else { return false };
        let scan = board.scans.entry(id.to_string()).or_insert_with(|| Scan::new(id));
        let known = scan.events as u64;
        if row.sequence <= known {
            return true;
        }
        let Ok(Some(event)) = streams::read::<Event>(row) else { return false };
        if row.sequence != known + 1 {
            return false;
        }
        scan.apply(&event);
        true
    }

    /// Lets go of what left the list more than a day ago.
    fn forget(&self) {
        let now = self.now();
        if let Ok(mut board) = self.board.write() {
            board.scans.retain(|_, scan| {
                let left = scan.left_at().filter(|_| scan.has_left());
                left.is_none_or(|at| now - at < SHOWN_SECONDS) || scan.is_watched(now)
            });
        }
    }
}

impl Follower for ScanList {
    const KINDS: [&'static str; 3] = ["scan", "scanner", "account"];

    fn record(&self) -> &Record {
        &self.record
    }

    fn applied(&self) -> &watch::Sender<u64> {
        &self.applied
    }

    async fn take(&self, rows: &[cauda_store::Event]) -> Result<(), ServerError> {
        let mut changed = None;
        for row in rows {
            let id = match row.stream.split_once('/') {
                Some(("scan", id)) => {
                    if !self.apply(id, row) {
                        self.refresh(id).await?;
                    }
                    id
                }
                Some(("scanner", id)) => {
                    self.scanner_anew(id).await?;
                    id
                }
                Some(("account", id)) => {
                    let Ok(id) = ActorId::new(id) else { continue };
                    if let Some(account) = self.accounts.get(&id).await? {
                        self.name(account);
                    }
                    continue;
                }
                _ => continue,
            };
            tracing::debug!(id, "the list of scans changed");
            changed = Some(row.position + 1);
        }
        if let Some(position) = changed {
            self.forget();
            self.department.announce(position, "scans");
        }
        Ok(())
    }
}

/// What a row of the log adds to the notes, for making them anew.
///
/// # Errors
/// As the record's.
pub async fn notes(record: &Record, row: &cauda_store::Event) -> Result<Vec<Note>, ServerError> {
    let stream = StreamName::new(row.stream.clone())?;
    // Once, by its last event: it is folded whole then.
    if record.sequence(&stream).await? != row.sequence {
        return Ok(Vec::new());
    }
    match row.stream.split_once('/') {
        Some(("scan", id)) => {
            let mut scan = Scan::new(id);
            let events: Vec<Event> = streams::all(record, &stream).await?;
            events.iter().for_each(|event| scan.apply(event));
            Ok(notes_of(&scan, &stream))
        }
        Some(("scanner", id)) => {
            Ok(vec![note(SCANNER, id.to_string(), &stream, Some(String::new()))])
        }
        Some(("mpps", _)) => super::steps::notes(row, &stream),
        _ => Ok(Vec::new()),
    }
}

/// What the notes say of an order: that it is on the list or left it, whose it is, and its number
/// elsewhere.
fn notes_of(scan: &Scan, stream: &StreamName) -> Vec<Note> {
    let left = scan.left_at();
    let at = left.or(scan.last.as_ref().map(|(at, _)| *at)).unwrap_or(0);
    let on = || Some(String::new());
    let open = left.is_none() || scan.is_watched(at);
    let mut notes = vec![
        // What nobody reported or read yet is still found after days.
        note(OPEN_SCAN, scan.id.clone(), stream, open.then(String::new)),
        note(
            LEFT_SCAN,
            format!("{}/{}", day_of(at), scan.id),
            stream,
            left.is_some().then(String::new),
        ),
    ];
    let Some(request) = &scan.request else { return notes };
    if let Some(number) = number_of(request).filter(|key| key.len() <= cauda_store::NAME_BYTES_MAX)
    {
        let id = Some(scan.id.clone());
        notes.push(Note { sole: true, ..note(SCAN_OF_NUMBER, number, stream, id) });
    }
    let of = request.about.number.as_ref().map(|number| streams::number_key(number.as_str()));
    if let Some(of) = of.filter(|of| !of.is_empty() && of.len() < 100) {
        notes.push(note(SCAN_OF, format!("{of}/{}", scan.id), stream, on()));
    }
    notes
}

/// Streams of orders, of scanners' steps and of HL7 messages of the patient with that number.
///
/// # Errors
/// As the record's.
pub async fn of_number(record: &Record, number: &str) -> Result<Vec<StreamName>, ServerError> {
    let key = streams::number_key(number);
    if key.is_empty() || key.len() > 100 {
        return Ok(Vec::new());
    }
    of_key(record, &key).await
}

/// What was told elsewhere of an order, and what of it was refused there.
///
/// # Errors
/// As the record's.
pub async fn of_order(record: &Record, order: &str) -> Result<Vec<StreamName>, ServerError> {
    of_key(record, order).await
}

async fn of_key(record: &Record, key: &str) -> Result<Vec<StreamName>, ServerError> {
    let mut found = Vec::new();
    let prefix = format!("{key}/");
    let lists = [
        (SCAN_OF, "scan"),
        (super::steps::STEP_OF, "mpps"),
        (hl7::RECEIPT_OF, "message"),
        (hl7::LETTER_OF, "letter"),
        (hl7::TOLD_OF, "told"),
    ];
    for (list, kind) in lists {
        let mut after = prefix.clone();
        loop {
            let page = record.notes(list, &after).await?;
            let of: Vec<&str> =
                page.iter().map_while(|note| note.key.strip_prefix(&prefix)).collect();
            for id in &of {
                found.push(StreamName::new(format!("{kind}/{id}"))?);
            }
            match page.last().filter(|_| of.len() == page.len() && !page.is_empty()) {
                Some(last) => after = last.key.clone(),
                None => break,
            }
        }
    }
    Ok(found)
}

/// What the visit of an order is told, in its own words.
fn in_visit(scan: &Scan, action: &Action, by: &Actor) -> Option<(VisitId, VisitAction)> {
    let Source::Visit { visit, order } = &scan.request.as_ref()?.source else { return None };
    let order = *order;
    let step = match action {
        Action::Answer { chip: Chip::Screening, known, words, .. } => {
            let cleared = match known {
                Known::Yes => true,
                Known::No => false,
                Known::Unknown => return None,
            };
            VisitAction::ScreenForScanner { order, cleared, words: words.clone() }
        }
        // The visit has it; only the scanner was not known.
        Action::Start { .. } if scan.is_unplaced() => return None,
        Action::Start { despite, .. } => {
            let told = || {
                let open = scan.in_the_way_words()?;
                Text::new(format!("told by the scanner: {open}")).ok()
            };
            VisitAction::StartScan { order, despite: despite.clone().or_else(told) }
        }
        Action::End { complete, .. } => VisitAction::EndScan { order, complete: *complete },
        // It was somebody else: this patient waits again.
        Action::WrongEntry { .. } if scan.on_table().is_some() => {
            VisitAction::EndScan { order, complete: false }
        }
        Action::Convert { protocol, reason } => {
            VisitAction::ScanAs { order, image: protocol.id.clone(), words: reason.clone() }
        }
        Action::ReadLimited { shows, words, .. } => {
            VisitAction::ReadLimited { order, shows: *shows, words: words.clone() }
        }
        Action::Report { state, critical, .. } => VisitAction::ReceiveReport {
            order,
            state: report_state(state),
            // What somebody called an emergency stays one until a physician has read it.
            emergency: *critical || scan.report.as_ref().is_some_and(|known| known.critical),
            words: Text::new(format!("{state}; the text is in the reporting system")).ok()?,
            found: Found::default(),
        },
        Action::TakeReport => {
            VisitAction::ReassignTask { task: scan.visit_report.as_ref()?.task?, to: by.id.clone() }
        }
        Action::Cancel { reason } => VisitAction::CancelOrder {
            order,
            less: Less { reason: LessReason::ClinicalJudgement, words: reason.clone() },
        },
        Action::AcceptWait { consultant, reason } => VisitAction::AcceptWait {
            order,
            reason: Text::new(format!("{}: {}", consultant.as_str(), reason.as_str())).ok()?,
        },
        _ => return None,
    };
    Some((visit.clone(), step))
}

/// A report's state as a visit knows it. One that was withdrawn is news like one that was amended;
/// one that does not say how final it is closes nothing.
fn report_state(state: &str) -> ReportState {
    match state {
        "final" => ReportState::Final,
        "corrected" | "withdrawn" => ReportState::Amended,
        _ => ReportState::Preliminary,
    }
}

fn command_of_visit(command: &CommandId) -> Result<CommandId, ScanActError> {
    let kept: String = ids::kept(command.as_str()).chars().take(40).collect();
    CommandId::new(kept).map_err(|_| StoreError::Malformed("an id does not fit").into())
}

fn number_of(request: &Request) -> Option<String> {
    match &request.source {
        Source::Hl7 { placer } => Some(format!("hl7/{}", placer.as_str())),
        Source::Fhir { tenant, reference, .. } => {
            Some(format!("fhir/{}/{}", tenant.as_str(), reference.as_str()))
        }
        Source::Board | Source::Visit { .. } => None,
    }
}

fn day_of(second: i64) -> String {
    cauda_guideline::time::write(second).get(..10).unwrap_or_default().to_string()
}

fn note(list: &str, key: String, stream: &StreamName, value: Option<String>) -> Note {
    Note { list: list.to_string(), key, stream: stream.clone(), value, sole: false }
}
