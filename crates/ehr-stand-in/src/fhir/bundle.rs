//! The Bundle that a search gives, a page at a time.

use serde_json::{Value, json};

use crate::fhir::answer::address;
use crate::fhir::search::Search;

/// One page of the matches. A limit below the page asked for makes more pages of it.
pub(crate) fn page(search: &Search, found: &[Value], base: &str, limit: Option<usize>) -> Value {
    let size = search.count.min(limit.unwrap_or(usize::MAX));
    let these = found.iter().skip(search.offset).take(size);
    let entries: Vec<Value> = these.map(|resource| entry(resource, base)).collect();
    let mut links = vec![link("self", &address_of(search, base, search.offset))];
    let next = search.offset.saturating_add(size);
    if size > 0 && next < found.len() {
        links.push(link("next", &address_of(search, base, next)));
    }
    bundle(found.len(), links, entries)
}

/// All matches on one page, as a prefetch wants them: as many as the search asks for.
pub(crate) fn whole(search: &Search, found: &[Value], base: &str) -> Value {
    let most = if search.counted { search.count } else { crate::fhir::search::PAGE_MAX };
    let entries = found.iter().take(most).map(|resource| entry(resource, base)).collect();
    bundle(found.len(), vec![link("self", &address_of(search, base, 0))], entries)
}

fn bundle(total: usize, links: Vec<Value>, entries: Vec<Value>) -> Value {
    let mut bundle = json!({
        "resourceType": "Bundle", "type": "searchset", "total": total, "link": links,
    });
    // Nothing in FHIR's JSON is an empty list.
    if !entries.is_empty() {
        bundle["entry"] = Value::Array(entries);
    }
    bundle
}

fn entry(resource: &Value, base: &str) -> Value {
    let url = format!("{base}/{}", address(resource).unwrap_or_default());
    json!({"fullUrl": url, "resource": resource, "search": {"mode": "match"}})
}

fn link(relation: &str, url: &str) -> Value {
    json!({"relation": relation, "url": url})
}

fn address_of(search: &Search, base: &str, offset: usize) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(&search.pairs);
    if offset > 0 {
        query.append_pair("_offset", &offset.to_string());
    }
    let query = query.finish();
    let mark = if query.is_empty() { "" } else { "?" };
    format!("{base}/{}{mark}{query}", search.kind)
}
