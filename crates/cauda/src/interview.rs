//! `cauda interview`: asks in the terminal, the question that matters most
//! first, several on one screen where one signature answers them, and stops
//! early when an emergency is certain. Every answer is saved before the next
//! question, and nothing is decided that `cauda assess` would not decide of the
//! same file.

mod answer;
mod record;
mod screen;

use std::io::BufRead;

use anstyle::{AnsiColor, Style};
use cauda_guideline::Guideline;
use cauda_guideline::decision::{Decision, explain};
use cauda_guideline::facts::{Role, Stage};
use cauda_guideline::resolve::resolve;
use cauda_guideline::vocabulary::Tier;

use self::answer::Typed;
use self::record::Record;
use self::screen::Screen;
use crate::args::Interview;
use crate::error::CliError;
use crate::{assess, guideline, page};

/// Most lines read from the keyboard in one interview.
const LINES_MAX: usize = 5_000;
/// Longest line read.
const LINE_BYTES_MAX: u64 = 1_024;

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const RED: Style = AnsiColor::Red.on_default().bold();

/// Runs the command; the number is the exit code.
///
/// # Errors
/// A file that cannot be read or written, or a guideline that may not be used.
pub fn run(args: &Interview) -> Result<u8, CliError> {
    let proved = guideline::open(args.guideline.as_deref(), args.site.as_deref())?;
    let guideline = proved.guideline();
    let record = Record::open(guideline, args)?;
    let role = assess::role(args.role);
    let mut interview = Interviewer {
        guideline,
        record,
        role,
        stage: args.at.map(assess::stage),
        later: Vec::new(),
        refused: Vec::new(),
        lines: 0,
        told: false,
        actions: 0,
    };
    interview.greet(args);
    let ended = interview.ask(&mut std::io::stdin().lock());
    let decision = interview.decision()?;
    interview.part(&decision, args);
    ended.map(|()| assess::exit_code(&decision))
}

struct Interviewer<'a> {
    guideline: &'a Guideline,
    record: Record<'a>,
    role: Role,
    stage: Option<Stage>,
    /// Facts put off for later.
    later: Vec<usize>,
    /// Groups that were not signed and are asked one by one.
    refused: Vec<usize>,
    lines: usize,
    /// A certain emergency was told already.
    told: bool,
    /// Screens answered.
    actions: usize,
}

/// What the person wants after a screen.
enum Next {
    Go,
    Stop,
}

impl Interviewer<'_> {
    fn greet(&self, args: &Interview) {
        let saved = match &args.file {
            Some(file) => format!("Every answer is saved to {} at once.", file.display()),
            None => "Nothing is saved: name a file to keep the visit.".to_string(),
        };
        crate::out::line(&format!(
            "{BOLD}{}{BOLD:#}, {}. You answer as {}.\n{saved}\n\
             Enter puts a question off, `b` takes the last answer back, `s` stops. The clinician decides.",
            self.guideline.title,
            self.guideline.version,
            self.role.words(),
        ));
    }

    fn decision(&self) -> Result<Decision, CliError> {
        let visit = self.record.visit()?;
        let findings = resolve(self.guideline, &visit.entries, visit.as_of);
        Ok(explain(self.guideline, &findings, self.stage))
    }

    fn ask(&mut self, input: &mut impl BufRead) -> Result<(), CliError> {
        loop {
            let decision = self.decision()?;
            if !self.told && decision.decided && decision.urgency.acted_on >= Tier::Emergency {
                self.told = true;
                crate::out::line(&format!(
                    "\n{RED}An emergency is certain. Further answers cannot lower it.{RED:#}\n"
                ));
                crate::out::print(&page::write(self.guideline, &decision, false));
                crate::out::line("Enter stops here; `c` goes on asking.");
                match self.read(input)? {
                    Some(text) if text == "c" => {}
                    _ => return Ok(()),
                }
            }
            let next =
                screen::next(self.guideline, &decision, self.role, (&self.later, &self.refused));
            let Some(screen) = next else { return Ok(()) };
            self.progress(&decision);
            match self.show(&screen, input)? {
                Next::Go => {}
                Next::Stop => return Ok(()),
            }
        }
    }

    /// One line: what is known so far, and how much could still matter.
    fn progress(&self, decision: &Decision) {
        let open = decision.missing.iter().filter(|missing| !missing.detail_only).count();
        let urgency = decision.urgency;
        let so_far = match (urgency.at_least, urgency.at_most) {
            (Tier::None, most) => format!("unfinished; perhaps {}", most.id()),
            (least, most) if least == most => least.id().to_string(),
            (least, most) => format!("at least {}; perhaps {}", least.id(), most.id()),
        };
        let noun = if open == 1 { "question" } else { "questions" };
        crate::out::line(&format!("\n{DIM}{so_far}; {open} {noun} could still matter{DIM:#}"));
    }

    fn show(&mut self, screen: &Screen, input: &mut impl BufRead) -> Result<Next, CliError> {
        crate::out::print(&screen.text(self.guideline));
        loop {
            let Some(text) = self.read(input)? else { return Ok(Next::Stop) };
            let typed = answer::typed(self.guideline, screen, &text);
            match typed {
                Typed::Stop => return Ok(Next::Stop),
                Typed::Back => {
                    match self.record.take_back()? {
                        Some(what) => crate::out::line(&format!("taken back: {what}")),
                        None => crate::out::line("there is nothing to take back"),
                    }
                    self.later.clear();
                    self.refused.clear();
                    self.told = false;
                    return Ok(Next::Go);
                }
                Typed::Why => crate::out::print(&screen.why(self.guideline)),
                Typed::Later => {
                    self.put_off(screen);
                    return Ok(Next::Go);
                }
                Typed::OneByOne => {
                    if let Screen::Group { attestation, .. } = screen {
                        self.refused.push(*attestation);
                    }
                    return Ok(Next::Go);
                }
                Typed::Signed => {
                    if let Screen::Group { attestation, .. } = screen {
                        self.record.sign(*attestation)?;
                        // What it does not cover is asked one by one.
                        self.refused.push(*attestation);
                    }
                    self.actions += 1;
                    return Ok(Next::Go);
                }
                Typed::Value(value) => {
                    self.record.answer(&screen.facts(), &value)?;
                    self.actions += 1;
                    return Ok(Next::Go);
                }
                Typed::Refused(message, help) => {
                    crate::out::line(&format!("{message}; {help}"));
                }
            }
        }
    }

    fn put_off(&mut self, screen: &Screen) {
        self.later.extend(screen.facts());
        if let Screen::Group { attestation, .. } = screen {
            self.refused.push(*attestation);
        }
    }

    /// One line from the keyboard; `None` at its end or past the limit.
    fn read(&mut self, input: &mut impl BufRead) -> Result<Option<String>, CliError> {
        self.lines += 1;
        if self.lines > LINES_MAX {
            crate::out::line(&format!("more than {LINES_MAX} lines: stopped"));
            return Ok(None);
        }
        crate::out::print("> ");
        let mut bytes = Vec::new();
        let mut limited = std::io::Read::take(input, LINE_BYTES_MAX);
        let read = limited.read_until(b'\n', &mut bytes);
        let unreadable = |why: String| CliError::Unreadable { path: "the keyboard".into(), why };
        let count = read.map_err(|error| unreadable(error.to_string()))?;
        let text = String::from_utf8_lossy(&bytes).trim().to_string();
        Ok((count > 0).then_some(text))
    }

    fn part(&self, decision: &Decision, args: &Interview) {
        crate::out::line("");
        if !self.told || !decision.decided {
            crate::out::print(&page::write(self.guideline, decision, false));
        }
        let kept = match &args.file {
            Some(file) => {
                format!("Saved to {0}; `cauda assess {0}` shows it again.", file.display())
            }
            None => "Nothing was saved.".to_string(),
        };
        let noun = if self.actions == 1 { "action" } else { "actions" };
        crate::out::line(&format!("{} {noun}. {kept}", self.actions));
    }
}
