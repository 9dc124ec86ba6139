//! A small layered layout: columns from left to right, few crossings, every
//! box as near as may be to the boxes its arrows come from.
//!
//! An arrow over several columns is led through a place of its own in each of
//! them. The order within a column follows the mean of what comes before, and
//! the sweep with the fewest crossings is kept. Heights are then the best ones
//! for that order (least squares, pooling what would overlap).

/// Most sweeps over the columns.
const SWEEPS_MAX: usize = 8;
/// Blank between two boxes of a column.
const ROW_GAP: usize = 10;
/// Blank between two columns of a chart with corners.
const CORNER_GAP: usize = 30;
/// Blank between two columns of a chart with curves.
const CURVE_GAP: usize = 48;
/// Blank around the whole.
const MARGIN: usize = 6;
/// Before a box: where its arrows turn.
const TURN: usize = 17;

/// An arrow from one box to another in a later column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrow {
    /// Where it begins.
    pub from: usize,
    /// Where it ends.
    pub to: usize,
    /// It may hold, or may not.
    pub dashed: bool,
    /// It runs in corners and shares its last part with others of the same goal
    /// or start; else in a curve.
    pub corners: bool,
}

/// Size of a box in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Across.
    pub width: usize,
    /// Down.
    pub height: usize,
}

/// Where everything stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Laid {
    /// Of the whole.
    pub width: usize,
    /// Of the whole.
    pub height: usize,
    /// Upper left corner of every box.
    pub corners: Vec<(usize, usize)>,
    /// Path of every arrow.
    pub paths: Vec<String>,
    /// Arrow heads, one a goal.
    pub heads: Vec<String>,
}

/// A box, or a place an arrow is led through.
#[derive(Clone, Copy)]
struct Spot {
    column: usize,
    size: Size,
    /// Middle, measured from wherever; the least is moved to the margin.
    y: f64,
}

/// Lays out boxes with their columns. An arrow that does not lead to a later
/// column is not drawn.
pub fn lay_out(boxes: &[(usize, Size)], arrows: &[Arrow]) -> Laid {
    let mut spots: Vec<Spot> =
        boxes.iter().map(|(column, size)| Spot { column: *column, size: *size, y: 0.0 }).collect();
    let ways: Vec<Vec<usize>> = arrows.iter().map(|arrow| way(&mut spots, arrow)).collect();
    let columns = order(&spots, &ways);
    for column in &columns {
        place(&mut spots, column, &ways);
    }
    begin_at_top(&mut spots, &columns);
    let top = spots.iter().map(|spot| spot.y - half(spot.size)).fold(f64::INFINITY, f64::min);
    for spot in &mut spots {
        spot.y += MARGIN as f64 - top;
    }
    let gap = if arrows.iter().all(|arrow| arrow.corners) { CORNER_GAP } else { CURVE_GAP };
    let lefts = lefts(&spots, columns.len(), gap);
    let bottom = spots.iter().map(|spot| spot.y + half(spot.size)).fold(0.0, f64::max);
    let right = spots.iter().map(|spot| lefts[spot.column] + spot.size.width).max().unwrap_or(0);
    let mut goals: Vec<usize> = ways.iter().filter_map(|way| way.last()).copied().collect();
    goals.sort_unstable();
    goals.dedup();
    let corner = |spot: &Spot| (lefts[spot.column], (spot.y - half(spot.size)).round() as usize);
    Laid {
        width: right + MARGIN,
        height: bottom.ceil() as usize + MARGIN,
        corners: spots[..boxes.len()].iter().map(corner).collect(),
        paths: ways
            .iter()
            .zip(arrows)
            .map(|(way, arrow)| path(&spots, way, &lefts, arrow.corners))
            .collect(),
        heads: goals.iter().map(|goal| head(&spots[*goal], &lefts)).collect(),
    }
}

fn half(size: Size) -> f64 {
    size.height as f64 / 2.0
}

/// The spots an arrow goes through, its ends included.
fn way(spots: &mut Vec<Spot>, arrow: &Arrow) -> Vec<usize> {
    let (from, to) = (spots[arrow.from].column, spots[arrow.to].column);
    if from >= to {
        return Vec::new();
    }
    let mut way = vec![arrow.from];
    for column in from + 1..to {
        way.push(spots.len());
        spots.push(Spot { column, size: Size { width: 0, height: 0 }, y: 0.0 });
    }
    way.push(arrow.to);
    way
}

/// Every column's spots from top to bottom.
fn order(spots: &[Spot], ways: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let count = spots.iter().map(|spot| spot.column + 1).max().unwrap_or(0);
    let mut columns: Vec<Vec<usize>> = vec![Vec::new(); count];
    for (at, spot) in spots.iter().enumerate() {
        columns[spot.column].push(at);
    }
    let links: Vec<(usize, usize)> =
        ways.iter().flat_map(|way| way.windows(2).map(|two| (two[0], two[1]))).collect();
    let mut best = columns.clone();
    let mut fewest = usize::MAX;
    for sweep in 0..SWEEPS_MAX {
        let forward = sweep % 2 == 0;
        let turns: Vec<usize> =
            if forward { (1..count).collect() } else { (1..count.max(1) - 1).rev().collect() };
        for column in turns {
            sort_by_mean(&mut columns, column, &links, forward);
        }
        let found = crossings(&columns, &links, spots);
        if found < fewest {
            (best, fewest) = (columns.clone(), found);
        }
        if fewest == 0 {
            break;
        }
    }
    best
}

fn positions(columns: &[Vec<usize>], spots: usize) -> Vec<usize> {
    let mut positions = vec![0; spots];
    for column in columns {
        for (at, spot) in column.iter().enumerate() {
            positions[*spot] = at;
        }
    }
    positions
}

fn sort_by_mean(
    columns: &mut [Vec<usize>],
    column: usize,
    links: &[(usize, usize)],
    forward: bool,
) {
    let spots = columns.iter().map(Vec::len).sum();
    let positions = positions(columns, spots);
    let mean = |spot: usize| {
        let beside = links.iter().filter_map(|(from, to)| match forward {
            true => (*to == spot).then_some(*from),
            false => (*from == spot).then_some(*to),
        });
        let places: Vec<usize> = beside.map(|other| positions[other]).collect();
        // In thousandths, so that the order needs no float.
        match places.len() {
            0 => positions[spot] * 1_000,
            count => places.iter().sum::<usize>() * 1_000 / count,
        }
    };
    let mut sorted = columns[column].clone();
    sorted.sort_by_key(|spot| mean(*spot));
    columns[column] = sorted;
}

fn crossings(columns: &[Vec<usize>], links: &[(usize, usize)], spots: &[Spot]) -> usize {
    let positions = positions(columns, spots.len());
    let mut count = 0;
    for (at, (a, b)) in links.iter().enumerate() {
        for (c, d) in &links[at + 1..] {
            let beside = spots[*a].column == spots[*c].column;
            let (before, after) =
                (positions[*a].cmp(&positions[*c]), positions[*b].cmp(&positions[*d]));
            count += usize::from(beside && before.is_ne() && before == after.reverse());
        }
    }
    count
}

/// Heights of one column: each spot at the mean of where its arrows come from,
/// or as near as the others let it.
fn place(spots: &mut [Spot], column: &[usize], ways: &[Vec<usize>]) {
    // Of every run of spots that touch: how many, sum of wishes, wish of the first.
    let mut runs: Vec<(usize, f64)> = Vec::new();
    let mut offsets = Vec::with_capacity(column.len());
    let mut offset = 0.0;
    for (at, spot) in column.iter().enumerate() {
        if let Some(before) = at.checked_sub(1).map(|before| column[before]) {
            let gap = if spots[*spot].size.height == 0 { ROW_GAP / 2 } else { ROW_GAP };
            offset += half(spots[before].size) + half(spots[*spot].size) + gap as f64;
        }
        offsets.push(offset);
        runs.push((1, wish(spots, *spot, ways).map_or(0.0, |wish| wish - offset)));
        while let [.., (first, low), (second, high)] = runs[..]
            && low > high
        {
            runs.truncate(runs.len() - 2);
            let count = first + second;
            let mean = (low * first as f64 + high * second as f64) / count as f64;
            runs.push((count, mean));
        }
    }
    let bases = runs.iter().flat_map(|(count, base)| std::iter::repeat_n(*base, *count));
    for ((spot, offset), base) in column.iter().zip(&offsets).zip(bases) {
        spots[*spot].y = base + offset;
    }
}

fn wish(spots: &[Spot], spot: usize, ways: &[Vec<usize>]) -> Option<f64> {
    let from: Vec<f64> = ways
        .iter()
        .flat_map(|way| way.windows(2))
        .filter(|two| two[1] == spot)
        .map(|two| spots[two[0]].y)
        .collect();
    (!from.is_empty()).then(|| from.iter().sum::<f64>() / from.len() as f64)
}

/// A chart that begins with one box begins at its top, where reading begins.
fn begin_at_top(spots: &mut [Spot], columns: &[Vec<usize>]) {
    let [first, second, ..] = columns else { return };
    if let ([only], Some(next)) = (first.as_slice(), second.first())
        && second.len() > 1
    {
        let top = spots[*next].y - half(spots[*next].size);
        spots[*only].y = top + half(spots[*only].size);
    }
}

/// Left edge of every column.
fn lefts(spots: &[Spot], columns: usize, gap: usize) -> Vec<usize> {
    let mut lefts = Vec::with_capacity(columns);
    let mut x = MARGIN;
    for column in 0..columns {
        lefts.push(x);
        let inside = spots.iter().filter(|spot| spot.column == column);
        x += inside.map(|spot| spot.size.width).max().unwrap_or(0) + gap;
    }
    lefts
}

fn path(spots: &[Spot], way: &[usize], lefts: &[usize], corners: bool) -> String {
    let Some(first) = way.first().map(|first| spots[*first]) else { return String::new() };
    let mut path = format!("M{} {}", lefts[first.column] + first.size.width, first.y.round());
    for two in way.windows(2) {
        let (from, to) = (spots[two[0]], spots[two[1]]);
        let end = lefts[to.column];
        if corners {
            path += &format!("H{}V{}H{end}", end.saturating_sub(TURN), to.y.round());
        } else {
            // First past the other boxes of its own column.
            let begin = end.saturating_sub(CURVE_GAP);
            let (middle, before, after) = ((begin + end) / 2, from.y.round(), to.y.round());
            path += &format!("H{begin}C{middle} {before} {middle} {after} {end} {after}");
        }
    }
    path
}

fn head(goal: &Spot, lefts: &[usize]) -> String {
    let (x, y) = (lefts[goal.column], goal.y.round());
    format!("M{x} {y}l-9 -5v10z")
}
