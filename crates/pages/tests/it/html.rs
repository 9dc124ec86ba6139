//! Pages as a parser sees them.

use html5gum::{Token, Tokenizer};

/// Elements that have no end.
const VOID: [&str; 3] = ["meta", "link", "br"];

/// An opening tag.
#[derive(Debug, Clone)]
pub struct Element {
    pub name: String,
    pub attributes: Vec<(String, String)>,
    /// The text up to the next tag.
    pub text: String,
}

impl Element {
    pub fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }
}

fn utf8(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Every element in its order; fails when tags do not match or the parser
/// finds a fault.
pub fn elements(file: &str, page: &str) -> Vec<Element> {
    let mut open: Vec<String> = Vec::new();
    let mut found: Vec<Element> = Vec::new();
    for token in Tokenizer::new(page).flatten() {
        match token {
            Token::StartTag(tag) => {
                let name = utf8(&tag.name);
                if !VOID.contains(&name.as_str()) && !tag.self_closing {
                    open.push(name.clone());
                }
                let attributes =
                    tag.attributes.iter().map(|(name, value)| (utf8(name), utf8(value))).collect();
                found.push(Element { name, attributes, text: String::new() });
            }
            Token::EndTag(tag) => {
                assert_eq!(open.pop().as_deref(), Some(utf8(&tag.name).as_str()), "{file}");
            }
            Token::String(text) => {
                if let Some(last) = found.last_mut() {
                    last.text.push_str(&utf8(&text));
                }
            }
            Token::Error(fault) => panic!("{file}: {fault:?}"),
            Token::Comment(_) | Token::Doctype(_) => {}
        }
    }
    assert!(open.is_empty(), "{file}: {open:?} not closed");
    found
}

/// All pages of a publication with their elements.
pub fn pages(made: &cauda_pages::Publication) -> Vec<(&str, Vec<Element>)> {
    let pages = made.files.iter().filter(|(file, _)| file.ends_with(".html"));
    pages.map(|(file, text)| (file.as_str(), elements(file, text))).collect()
}
