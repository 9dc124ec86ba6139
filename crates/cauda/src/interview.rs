//! `cauda interview`: asks in the terminal, the question that matters most
//! first, several on one screen where that is safe. An emergency is told the
//! moment it is raised, and every line typed is saved and shown in words before
//! the next question. Nothing is decided that `cauda assess` would not decide
//! of the same file.

mod announce;
mod answer;
mod echo;
mod ending;
mod greeting;
mod keyboard;
mod number;
mod record;
mod screen;
mod shown;

use std::collections::BTreeSet;
use std::io::BufRead;

use anstyle::{AnsiColor, Style};
use cauda_guideline::Guideline;
use cauda_guideline::decision::{Decision, explain};
use cauda_guideline::facts::{FactIndex, Stage};
use cauda_guideline::resolve::resolve;
use cauda_guideline::vocabulary::Tier;

use self::announce::{News, Told};
use self::answer::{Move, Typed};
use self::keyboard::Keyboard;
use self::record::{Entered, Record};
use self::screen::{Asked, Screen, Slot};
use crate::args::{Interview, Who};
use crate::error::CliError;
use crate::out::width;
use crate::{assess, guideline, page};

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
    let mut stage = args.at.map(assess::stage);
    if matches!(args.role, Who::Nurse) && stage.is_none() {
        stage = Some(Stage::Triage);
    }
    let asked = Asked {
        role: assess::role(args.role),
        stage,
        only_stage: matches!(args.role, Who::Nurse)
            || (matches!(args.role, Who::Patient) && stage.is_some()),
        later: Vec::new(),
        refused: Vec::new(),
        said: BTreeSet::new(),
    };
    let keyboard = Keyboard::new(std::io::stdin().lock());
    let mut interview = Interviewer {
        guideline,
        record,
        asked,
        keyboard,
        first: Vec::new(),
        told: Told::default(),
    };
    say(&greeting::text(guideline, &interview.asked, &interview.record));
    let ended = interview.ask();
    let decision = interview.decision()?;
    interview.part(&decision, &ended);
    ended.map(|_| assess::exit_code(&decision))
}

struct Interviewer<'a, Input> {
    guideline: &'a Guideline,
    record: Record<'a>,
    asked: Asked,
    keyboard: Keyboard<Input>,
    /// Questions the person wants to answer before the group they belong to.
    first: Vec<FactIndex>,
    told: Told,
}

/// What the person wants after a screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    Go,
    Stop,
}

impl<Input: BufRead> Interviewer<'_, Input> {
    fn decision(&mut self) -> Result<Decision, CliError> {
        let visit = self.record.visit()?;
        self.asked.said = visit.entries.by_fact.keys().copied().collect();
        let findings = resolve(self.guideline, &visit.entries, visit.as_of);
        Ok(explain(self.guideline, &findings, self.asked.stage))
    }

    /// Asks until nothing is left or the person stops.
    fn ask(&mut self) -> Result<Next, CliError> {
        loop {
            let decision = self.decision()?;
            let next = self.next(&decision);
            if self.tell(&decision, next.is_some())? == Next::Stop {
                return Ok(Next::Stop);
            }
            let Some(screen) = next else { return Ok(Next::Go) };
            self.progress(&decision);
            if self.show(&screen)? == Next::Stop {
                return Ok(Next::Stop);
            }
        }
    }

    fn next(&mut self, decision: &Decision) -> Option<Screen> {
        let next = screen::next(self.guideline, decision, &self.asked)?;
        let open = screen::deciding(self.guideline, decision);
        self.first.retain(|fact| open.contains(fact));
        let first = if self.first.is_empty() { None } else { Some(self.first.remove(0)) };
        Some(first.map_or(next, Screen::One))
    }

    /// An emergency at once; goes on only when the person wants it.
    fn tell(&mut self, decision: &Decision, questions_left: bool) -> Result<Next, CliError> {
        let (news, pages) = self.told.hear(decision);
        match news {
            News::None => return Ok(Next::Go),
            News::Another => {
                crate::out::print(&announce::another(decision, &pages));
                return Ok(Next::Go);
            }
            News::Alarm => {}
        }
        let Asked { role, stage, .. } = self.asked;
        crate::out::line("");
        crate::out::print(&announce::block(self.guideline, decision, role, stage));
        if !questions_left {
            return Ok(Next::Go);
        }
        let still =
            if decision.decided { "" } else { "It stands while other answers are unknown. " };
        say(&format!("{still}Enter goes on asking; q stops, all is saved."));
        loop {
            let Some(text) = self.keyboard.line()? else { return Ok(Next::Stop) };
            match text.to_lowercase().as_str() {
                "" => return Ok(Next::Go),
                "q" | "quit" | "s" | "stop" => return Ok(Next::Stop),
                _ => say("Nothing was recorded. Enter goes on asking; q stops, all is saved."),
            }
        }
    }

    /// One line: what is known so far, and how much could still matter.
    fn progress(&self, decision: &Decision) {
        let open = decision.missing.iter().filter(|missing| !missing.detail_only).count();
        let urgency = decision.urgency;
        let so_far = match (urgency.at_least, urgency.at_most) {
            (Tier::None, _) => "unfinished; no concern raised so far".to_string(),
            (least, most) if least == most => least.id().to_string(),
            (least, most) => format!("at least {}; perhaps {}", least.id(), most.id()),
        };
        let text = format!("{so_far}; {} could still matter", count(open, "question"));
        crate::out::line(&format!("\n{DIM}{text}{DIM:#}"));
    }

    fn show(&mut self, screen: &Screen) -> Result<Next, CliError> {
        crate::out::print(&shown::text(self.guideline, &self.asked, screen));
        loop {
            let Some(text) = self.keyboard.line()? else { return Ok(Next::Stop) };
            match answer::typed(self.guideline, screen, &text) {
                Typed::Stop => return Ok(Next::Stop),
                Typed::Back => {
                    self.take_back()?;
                    return Ok(Next::Go);
                }
                Typed::Why => crate::out::print(&shown::why(self.guideline, screen)),
                Typed::Help => crate::out::print(&shown::help(screen)),
                Typed::First(facts) => {
                    self.first = facts;
                    return Ok(Next::Go);
                }
                Typed::Answer(moves) => {
                    if self.is_meant(&moves, &text)? {
                        self.take(moves)?;
                        return Ok(Next::Go);
                    }
                }
                Typed::Refused(why) => say(&format!("Nothing was recorded: {why}.")),
            }
        }
    }

    /// One key that says of several questions that they cannot be answered has
    /// to be typed again.
    fn is_meant(&mut self, moves: &[Move], text: &str) -> Result<bool, CliError> {
        let many = moves.iter().find_map(|one| match one {
            Move::Enter(Entered::Said(facts, word)) if facts.len() > 1 => Some((facts, word)),
            _ => None,
        });
        let Some((facts, word)) = many else { return Ok(true) };
        say(&format!(
            "That records `{word}` for {} questions. Type `{text}` again to confirm; anything else records nothing.",
            facts.len()
        ));
        let again = self.keyboard.line()?;
        let is_meant = again.is_some_and(|again| again.eq_ignore_ascii_case(text));
        if !is_meant {
            say("Nothing was recorded. Answer the screen above.");
        }
        Ok(is_meant)
    }

    /// Enters what was typed, and shows it in words.
    fn take(&mut self, moves: Vec<Move>) -> Result<(), CliError> {
        let mut entered = Vec::new();
        let mut covered = Vec::new();
        for one in moves {
            match one {
                Move::OneByOne(attestation) => self.asked.refused.push(attestation),
                Move::Later(slot) => {
                    self.asked.later.extend(slot.facts());
                    if let Slot::Signed(attestation, _) = slot {
                        self.asked.refused.push(attestation);
                    }
                }
                Move::Enter(what) => {
                    if let Entered::Signed(attestation) = what {
                        covered.push(self.asked.cleared_by(self.guideline, attestation));
                        // What it does not cover is asked one by one.
                        self.asked.refused.push(attestation);
                    }
                    entered.push(what);
                }
            }
        }
        if !entered.is_empty() {
            self.record.enter(&entered)?;
            crate::out::print(&echo::text(self.guideline, &entered, &covered));
        }
        Ok(())
    }

    fn take_back(&mut self) -> Result<(), CliError> {
        self.asked.later.clear();
        self.asked.refused.clear();
        self.first.clear();
        let Some(ids) = self.record.take_back()? else {
            say("Nothing was entered in this interview, so there is nothing to take back.");
            return Ok(());
        };
        let words = ids.iter().map(|id| {
            let group = self.guideline.attestations.iter().find(|group| group.id == *id);
            let fact = self.guideline.fact(id).map(|fact| &self.guideline.facts[fact].staff);
            fact.or(group.map(|group| &group.staff)).map_or(id.as_str(), String::as_str)
        });
        say(&format!("taken back: {}", words.collect::<Vec<_>>().join("; ")));
        Ok(())
    }

    fn part(&self, decision: &Decision, ended: &Result<Next, CliError>) {
        crate::out::line("");
        let stopped = !matches!(ended, Ok(Next::Go));
        crate::out::print(&ending::text(self.guideline, decision, &self.asked, stopped));
        let kept = match (self.record.file(), ended, self.record.counts()) {
            (None, ..) => "Nothing was saved.".to_string(),
            (Some(file), Err(_), _) => format!(
                "The last line could not be saved; {} holds what was saved before it.",
                file.display()
            ),
            (Some(file), Ok(_), (0, 0)) => {
                format!("Nothing was answered; {} holds an empty visit.", file.display())
            }
            (Some(file), Ok(_), _) => {
                format!("Saved to {0}; `cauda assess {0}` shows it again.", file.display())
            }
        };
        say(&format!("{}. {kept}", count(self.keyboard.lines(), "action")));
    }
}

fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// Sentences, each line wrapped.
fn say(text: &str) {
    for line in text.lines().flat_map(|line| page::wrapped(line, width())) {
        crate::out::line(&line);
    }
}
