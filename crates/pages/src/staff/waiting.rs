//! The waiting list: who waits for what, how long, the verdict so far, what nobody asked, what next.

use cauda_pathway::patient::Patient;
use cauda_pathway::views::{Unasked, WaitingRow};
use maud::{Markup, html};

use super::frame::{Calendar, left, time};
use super::verdict::Level;

/// Danger signs that are named in a row; the rest is counted.
const SIGNS_SHOWN: usize = 2;

/// A row with its patient.
pub struct Row<'a> {
    /// The row.
    pub row: &'a WaitingRow,
    /// What nobody asked yet.
    pub unasked: &'a Unasked,
    /// The patient; nothing once erased.
    pub patient: Option<&'a Patient>,
    /// How the visit stands.
    pub level: Level,
    /// What is decided, in words.
    pub verdict: Option<String>,
    /// The record holds an event of it that this program cannot read.
    pub unreadable: bool,
}

/// The page; the rows in their order. Who may not see visits gets no link and no finding.
pub fn page(rows: &[Row], sees_visits: bool, registers: bool, calendar: &dyn Calendar) -> Markup {
    let late = rows.iter().filter(|row| row.row.late > 0).count();
    html! {
        h1 { "Waiting " small { (rows.len()) @if rows.len() == 1 { " patient" } @else { " patients" }
            @if late > 0 { ", " b { (late) " with something late" } } } }
        @if sees_visits { p { a href="/downtime" { "Blank downtime sheet" } } }
        @if registers { p.actions { a.button href="/arrival" { "New arrival" } } }
        @if rows.is_empty() { p.empty { "Nobody is here." } }
        @else {
            table.list role="table" {
                thead role="rowgroup" { tr role="row" {
                    @for title in ["Next by", "Patient", "Level", "Next", "Not asked", "Here since"] {
                        th role="columnheader" scope="col" { (title) }
                    }
                } }
                tbody role="rowgroup" { @for row in rows { (line(row, sees_visits, calendar)) } }
            }
        }
    }
}

fn line(row: &Row, sees_visits: bool, calendar: &dyn Calendar) -> Markup {
    let waiting = row.row;
    let visit = &waiting.identity.visit;
    let signs = &row.unasked.signs;
    let name = row.patient.map_or("Name erased", |patient| patient.person.name.as_str());
    let born = row.patient.and_then(|patient| patient.person.born);
    html! {
        tr role="row" class=[(waiting.late > 0).then_some("late")] {
            td role="cell" data-label="Next by" {
                @if let Some(due) = waiting.next_due { (time(calendar, due)) " " small { (left(calendar, due)) } }
                @else { "none" }
            }
            th.name role="rowheader" scope="row" data-label="Patient" {
                @if sees_visits { a href={ "/visit/" (visit) "/decision" } { (name) } } @else { (name) }
                " " small { @if let Some(born) = born { "born " (born.words()) } }
            }
            td role="cell" data-label="Level" {
                @if sees_visits {
                    (row.level.tag())
                    @if let Some(acuity) = waiting.acuity { " " small { "acuity " (acuity) } }
                    @if let Some(verdict) = &row.verdict { " " small { (verdict) } }
                    @if waiting.review || row.unreadable { " " b { "needs review" } }
                } @else { (waiting.phase.words()) }
            }
            td role="cell" data-label="Next" {
                @if let Some(next) = waiting.next { span { (next.words()) } }
                @if let Some(holder) = waiting.next_holder { " " small { (holder.words()) } }
                @if sees_visits { " " small { (waiting.phase.words()) } }
            }
            td role="cell" data-label="Not asked" {
                @if sees_visits {
                    @if signs.is_empty() { "none" }
                    @for sign in signs.iter().take(SIGNS_SHOWN) { span { (sign.name) } br; }
                    @if signs.len() > SIGNS_SHOWN { small { "and " (signs.len() - SIGNS_SHOWN) " more" } }
                }
            }
            td role="cell" data-label="Here since" { (time(calendar, waiting.arrived_at)) }
        }
    }
}
