//! The structure a screen reader walks through (ISO 32000-1, 14.8).

use std::num::NonZeroU16;

use krilla::tagging::{
    Identifier, ListNumbering, Node, TableHeaderScope, Tag, TagGroup, TagKind, TagTree,
};

/// A part of the structure: a group, or text with the number under which it is drawn.
#[derive(Debug)]
pub(crate) enum Tagged {
    Group(TagKind, Vec<Tagged>),
    Leaf(usize),
}

pub(crate) fn heading(level: NonZeroU16, words: &str, parts: Vec<Tagged>) -> Tagged {
    Tagged::Group(Tag::Hn(level, Some(words.to_string())).into(), parts)
}

pub(crate) fn paragraph(parts: Vec<Tagged>) -> Tagged {
    Tagged::Group(Tag::P.into(), parts)
}

pub(crate) fn strong(leaf: usize) -> Tagged {
    Tagged::Group(Tag::Strong.into(), vec![Tagged::Leaf(leaf)])
}

pub(crate) fn section(parts: Vec<Tagged>) -> Tagged {
    Tagged::Group(Tag::Section.into(), parts)
}

pub(crate) fn list(items: Vec<Tagged>) -> Tagged {
    Tagged::Group(Tag::L(ListNumbering::Disc).into(), items)
}

pub(crate) fn item(bullet: usize, parts: Vec<Tagged>) -> Tagged {
    let bullet = Tagged::Group(Tag::Lbl.into(), vec![Tagged::Leaf(bullet)]);
    Tagged::Group(Tag::LI.into(), vec![bullet, Tagged::Group(Tag::LBody.into(), parts)])
}

pub(crate) fn table(head: Vec<Tagged>, body: Vec<Tagged>) -> Tagged {
    let parts = [(TagKind::from(Tag::THead), head), (Tag::TBody.into(), body)];
    let parts = parts.into_iter().filter(|(_, rows)| !rows.is_empty());
    Tagged::Group(Tag::Table.into(), parts.map(|(tag, rows)| Tagged::Group(tag, rows)).collect())
}

pub(crate) fn row(cells: Vec<Tagged>) -> Tagged {
    Tagged::Group(Tag::TR.into(), cells)
}

pub(crate) fn cell(names: Option<TableHeaderScope>, parts: Vec<Tagged>) -> Tagged {
    match names {
        Some(scope) => Tagged::Group(Tag::TH(scope).into(), parts),
        None => Tagged::Group(Tag::TD.into(), parts),
    }
}

/// The structure with what was drawn under each number, in the order it was drawn.
pub(crate) fn tree(tags: Vec<Tagged>, drawn: &[Vec<Identifier>], language: &str) -> TagTree {
    let mut tree = TagTree::new().with_lang(Some(language.to_string()));
    tree.children = tags.into_iter().flat_map(|tag| nodes(tag, drawn)).collect();
    tree
}

fn nodes(tag: Tagged, drawn: &[Vec<Identifier>]) -> Vec<Node> {
    match tag {
        Tagged::Leaf(leaf) => {
            drawn.get(leaf).into_iter().flatten().map(|identifier| (*identifier).into()).collect()
        }
        Tagged::Group(kind, parts) => {
            let parts = parts.into_iter().flat_map(|part| nodes(part, drawn)).collect();
            vec![TagGroup::with_children(kind, parts).into()]
        }
    }
}
