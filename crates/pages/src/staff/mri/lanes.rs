//! Lanes of the scanners: what runs, what is planned, as a drawing with the same in words below.

use cauda_queue::{Block, BlockKind, Lane};
use maud::{Markup, PreEscaped, html};

use super::super::frame::time;
use super::{Board, name};

/// Hours that are drawn.
const HOURS: i64 = 8;
/// Width of the drawing, height of a lane, room for its name, in units.
const WIDTH: i64 = 960;
const HEIGHT: i64 = 44;
const LEFT: i64 = 90;
/// Most blocks of a lane that are drawn.
const BLOCKS_MAX: usize = 40;

/// The lanes.
pub fn lanes(board: &Board) -> Markup {
    let now = board.calendar.now();
    let (from, to) = (now - 1_800, now + HOURS * 3_600);
    let tall = HEIGHT * i64::try_from(board.plan.lanes.len()).unwrap_or(1) + 24;
    let mut drawing = String::new();
    let at = |second: i64| LEFT + (second.clamp(from, to) - from) * (WIDTH - LEFT) / (to - from);
    for hour in 0..=HOURS {
        let second = now - now.rem_euclid(3_600) + hour * 3_600;
        let x = at(second);
        drawing.push_str(&format!(
            "<line class=\"grid\" x1=\"{x}\" x2=\"{x}\" y1=\"0\" y2=\"{}\"/><text x=\"{x}\" y=\"{}\">{}</text>",
            tall - 22,
            tall - 6,
            board.calendar.time(second)
        ));
    }
    for (row, lane) in board.plan.lanes.iter().enumerate() {
        draw(&mut drawing, board, lane, HEIGHT * i64::try_from(row).unwrap_or(0), &at);
    }
    let x = at(now);
    drawing.push_str(&format!(
        "<line class=\"now\" x1=\"{x}\" x2=\"{x}\" y1=\"0\" y2=\"{}\"/>",
        tall - 22
    ));
    html! {
        section.panel aria-labelledby="h-lanes" {
            h2 id="h-lanes" { "The next " (HOURS) " hours" }
            div.scroll tabindex="0" role="group" aria-label="Drawing of the lanes; the same stands in words below" {
                (PreEscaped(format!("<svg class=\"lanes\" viewBox=\"0 0 {WIDTH} {tall}\" role=\"img\" aria-label=\"Scanner lanes\">{drawing}</svg>")))
            }
            (reserved(board, true))
            details id="lanes-in-words" { summary { "In words" }
                @for lane in &board.plan.lanes {
                    h3 { (board.scanner(lane.scanner.as_str())) }
                    ul { @for block in lane.blocks.iter().take(BLOCKS_MAX) {
                        li { (board.calendar.clock(block.from)) " to " (board.calendar.clock(block.to)) ": " (words(board, lane, block)) }
                    } }
                }
            }
        }
    }
}

fn draw(to: &mut String, board: &Board, lane: &Lane, y: i64, at: &dyn Fn(i64) -> i64) {
    let now = board.calendar.now();
    let name = escaped(&board.scanner(lane.scanner.as_str()));
    to.push_str(&format!("<text class=\"lane\" x=\"4\" y=\"{}\">{name}</text>", y + 26));
    // What is reserved stands behind the scans that use it.
    let gap = |block: &&Block| matches!(block.what, BlockKind::Gap { .. });
    let blocks = lane.blocks.iter().take(BLOCKS_MAX);
    let (behind, before) = (blocks.clone().filter(gap), blocks.filter(|block| !gap(block)));
    for block in behind.chain(before) {
        let (x, end) = (at(block.from), at(block.to));
        if end <= x {
            continue;
        }
        let class = match &block.what {
            BlockKind::Running { .. } => "running",
            BlockKind::Scan { .. } => "scan",
            BlockKind::Change => "change",
            BlockKind::Hold { .. } => "hold",
            BlockKind::Gap { released_at, .. } if *released_at <= now => "gap released",
            BlockKind::Gap { .. } => "gap",
            BlockKind::Shut => "shut",
        };
        let wide = end - x;
        let edge = if gap(&block) { 2 } else { 6 };
        to.push_str(&format!(
            "<rect class=\"{class}\" x=\"{x}\" y=\"{}\" width=\"{wide}\" height=\"{}\"><title>{}</title></rect>",
            y + edge,
            HEIGHT - 2 * edge,
            escaped(&words(board, lane, block))
        ));
        let free = !gap(&block) || lane.within(block.from, block.to).next().is_none();
        if let Some(short) = short(board, block).filter(|_| wide > 46 && free) {
            let fits = usize::try_from(wide / 9).unwrap_or(0);
            let short: String = short.chars().take(fits).collect();
            to.push_str(&format!(
                "<text class=\"in\" x=\"{}\" y=\"{}\">{}</text>",
                x + 4,
                y + 26,
                escaped(&short)
            ));
        }
    }
}

fn short(board: &Board, block: &Block) -> Option<String> {
    let id = match &block.what {
        BlockKind::Running { entry } => entry.as_ref()?,
        BlockKind::Scan { entry } | BlockKind::Hold { entry } => entry,
        BlockKind::Gap { .. } => return Some("kept".to_string()),
        _ => return None,
    };
    board.scan(id.as_str()).map(name)
}

/// Time that is reserved, lane by lane; with `names`, who uses it.
pub(super) fn reserved(board: &Board, names: bool) -> Markup {
    let gaps = board.plan.lanes.iter().flat_map(|lane| {
        let drawn = board.calendar.now() + HOURS * 3_600;
        let gap = move |it: &&Block| matches!(it.what, BlockKind::Gap { .. }) && it.from < drawn;
        let gaps = lane.blocks.iter().filter(gap);
        gaps.take(BLOCKS_MAX).map(move |block| (lane, block))
    });
    let gaps: Vec<(&Lane, &Block)> = gaps.collect();
    html! {
        @if !gaps.is_empty() {
            @if names { h3 { "Reserved" } } @else { h2 { "Reserved" } }
            ul.plain { @for (lane, block) in gaps { li {
                b { (board.scanner(lane.scanner.as_str())) } ", " (time(board.calendar, block.from)) " to " (time(board.calendar, block.to)) ": "
                (kept(board, block)) @if names { "; " (used(board, lane, block)) } "."
            } } }
        }
    }
}

/// For whom a gap is kept, and until when.
fn kept(board: &Board, block: &Block) -> String {
    let BlockKind::Gap { least, released_at } = &block.what else { return String::new() };
    let at = board.calendar.clock(*released_at);
    match *released_at <= board.calendar.now() {
        true => format!("released at {at}, it is everybody's now"),
        false => format!("kept for {least} and above; everybody's from {at} on"),
    }
}

/// Whose scans are in it.
fn used(board: &Board, lane: &Lane, block: &Block) -> String {
    let whose = lane.within(block.from, block.to).filter_map(|id| {
        let planned = board.plan.entries.iter().find(|one| one.id == *id)?;
        Some(format!("{} ({})", board.scan(id.as_str()).map(name)?, planned.tier))
    });
    let whose: Vec<String> = whose.collect();
    match whose.is_empty() {
        true => "nobody is planned in it".to_string(),
        false => format!("used by {}", whose.join(", ")),
    }
}

fn words(board: &Board, lane: &Lane, block: &Block) -> String {
    let whose = short(board, block).unwrap_or_else(|| "a scan".to_string());
    match &block.what {
        BlockKind::Running { .. } => format!("{whose}, on the table"),
        BlockKind::Scan { .. } => format!("{whose}, planned"),
        BlockKind::Change => "change of coil or contrast".to_string(),
        BlockKind::Hold { .. } => format!("kept free for {whose}"),
        BlockKind::Gap { .. } => {
            format!("reserved, {}; {}", kept(board, block), used(board, lane, block))
        }
        BlockKind::Shut => "out of order".to_string(),
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
