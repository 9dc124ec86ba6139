//! The detail of a card: GitHub-flavoured Markdown (CDS Hooks 2.0, `detail`). HTML in it is shown
//! as text, pictures are their words, and links leave in a window of their own.

use maud::PreEscaped;
use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use crate::hooks::card::is_absolute;

/// Most characters that are shown.
const CHARACTERS_MAX: usize = 20_000;

/// Markdown as markup.
pub(crate) fn show(text: &str) -> PreEscaped<String> {
    let end = text.char_indices().nth(CHARACTERS_MAX).map_or(text.len(), |(at, _)| at);
    let options =
        Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let mut out = String::new();
    let mut in_head = false;
    // Whether each link around is one that may be followed.
    let mut links = Vec::new();
    for event in Parser::new_ext(&text[..end], options) {
        match event {
            Event::Start(Tag::Link { dest_url, .. }) => {
                let follows = is_absolute(&dest_url);
                if follows {
                    out.push_str("<a target=\"_blank\" rel=\"noopener noreferrer\" href=\"");
                    escape(&dest_url, &mut out);
                    out.push_str("\">");
                }
                links.push(follows);
            }
            Event::End(TagEnd::Link) => {
                let follows = links.pop() == Some(true);
                out.push_str(if follows { "</a>" } else { "" });
            }
            Event::Start(tag) => {
                in_head = in_head || matches!(tag, Tag::TableHead);
                start(&tag, in_head, &mut out);
            }
            Event::End(tag) => {
                end_of(&tag, in_head, &mut out);
                in_head = in_head && tag != TagEnd::TableHead;
            }
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => {
                escape(&text, &mut out);
            }
            Event::Code(text) => {
                out.push_str("<code>");
                escape(&text, &mut out);
                out.push_str("</code>");
            }
            Event::SoftBreak => out.push('\n'),
            Event::HardBreak => out.push_str("<br>"),
            Event::Rule => out.push_str("<hr>"),
            Event::TaskListMarker(done) => out.push_str(if done { "[x] " } else { "[ ] " }),
            _ => {}
        }
    }
    PreEscaped(out)
}

fn start(tag: &Tag, in_head: bool, out: &mut String) {
    match tag {
        Tag::List(Some(1)) => out.push_str("<ol>"),
        Tag::List(Some(first)) => out.push_str(&format!("<ol start=\"{first}\">")),
        Tag::CodeBlock(CodeBlockKind::Fenced(_) | CodeBlockKind::Indented) => {
            out.push_str("<pre><code>");
        }
        tag => {
            if let Some(name) = name(&tag.to_end(), in_head) {
                out.push_str(&format!("<{name}>"));
            }
        }
    }
}

fn end_of(tag: &TagEnd, in_head: bool, out: &mut String) {
    match tag {
        TagEnd::List(true) => out.push_str("</ol>"),
        TagEnd::CodeBlock => out.push_str("</code></pre>"),
        tag => {
            if let Some(name) = name(tag, in_head) {
                out.push_str(&format!("</{name}>"));
            }
        }
    }
}

/// The element of a tag. Headings begin below those of the page.
fn name(tag: &TagEnd, in_head: bool) -> Option<&'static str> {
    Some(match tag {
        TagEnd::Paragraph => "p",
        TagEnd::Heading(HeadingLevel::H1 | HeadingLevel::H2) => "h4",
        TagEnd::Heading(_) => "h5",
        TagEnd::BlockQuote(_) => "blockquote",
        TagEnd::List(false) => "ul",
        TagEnd::Item => "li",
        TagEnd::Table => "table",
        TagEnd::TableHead | TagEnd::TableRow => "tr",
        TagEnd::TableCell if in_head => "th",
        TagEnd::TableCell => "td",
        TagEnd::Emphasis => "em",
        TagEnd::Strong => "strong",
        TagEnd::Strikethrough => "s",
        _ => return None,
    })
}

fn escape(text: &str, out: &mut String) {
    for sign in text.chars() {
        match sign {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            sign => out.push(sign),
        }
    }
}
