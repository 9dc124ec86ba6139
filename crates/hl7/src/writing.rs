//! Segments as text: fields, components and subcomponents, each value escaped.

use crate::Delimiters;

/// Highest number of a field that is written.
const FIELDS_MAX: usize = 64;
/// Highest number of a component or subcomponent that is written.
const COMPONENTS_MAX: usize = 16;

/// A segment being written.
pub(crate) struct Line {
    delimiters: Delimiters,
    name: &'static str,
    fields: Vec<String>,
}

/// One repetition of a field being written.
pub(crate) struct Encoded<'l> {
    delimiters: &'l Delimiters,
    components: Vec<Vec<String>>,
}

impl Line {
    pub(crate) fn new(name: &'static str, delimiters: Delimiters) -> Line {
        Line { delimiters, name, fields: Vec::new() }
    }

    /// A plain value.
    pub(crate) fn text(&mut self, field: usize, value: &str) {
        let escaped = self.delimiters.escaped(value);
        self.set(field, escaped);
    }

    pub(crate) fn option(&mut self, field: usize, value: Option<&str>) {
        if let Some(value) = value {
            self.text(field, value);
        }
    }

    /// What is written as it stands: delimiters, numbers and codes of ours.
    pub(crate) fn set(&mut self, field: usize, value: String) {
        let Some(at) = field.checked_sub(1).filter(|at| *at < FIELDS_MAX) else { return };
        if self.fields.len() <= at {
            self.fields.resize(at + 1, String::new());
        }
        if let Some(place) = self.fields.get_mut(at) {
            *place = value;
        }
    }

    /// One value of several components.
    pub(crate) fn one(&mut self, field: usize, fill: impl FnOnce(&mut Encoded<'_>)) {
        let delimiters = self.delimiters;
        let mut encoded = Encoded { delimiters: &delimiters, components: Vec::new() };
        fill(&mut encoded);
        let value = encoded.finish();
        if !value.is_empty() {
            self.set(field, value);
        }
    }

    /// Several values, one a repetition.
    pub(crate) fn many<T>(
        &mut self,
        field: usize,
        values: &[T],
        fill: impl Fn(&T, &mut Encoded<'_>),
    ) {
        let delimiters = self.delimiters;
        let written: Vec<String> = values
            .iter()
            .map(|value| {
                let mut encoded = Encoded { delimiters: &delimiters, components: Vec::new() };
                fill(value, &mut encoded);
                encoded.finish()
            })
            .collect();
        if !written.is_empty() {
            self.set(field, written.join(&delimiters.repetition().to_string()));
        }
    }

    /// The segment with its CR.
    pub(crate) fn finish(mut self) -> String {
        while self.fields.last().is_some_and(String::is_empty) {
            self.fields.pop();
        }
        let separator = self.delimiters.field();
        let mut text = self.name.to_string();
        // MSH-1 is the separator itself.
        let skipped = usize::from(self.name == "MSH");
        for field in self.fields.iter().skip(skipped) {
            text.push(separator);
            text.push_str(field);
        }
        if self.fields.is_empty() {
            text.push(separator);
        }
        text.push('\r');
        text
    }
}

impl Encoded<'_> {
    pub(crate) fn text(&mut self, component: usize, value: &Option<String>) {
        self.sub(component, 1, value);
    }

    pub(crate) fn plain(&mut self, component: usize, value: &str) {
        self.put(component, 1, self.delimiters.escaped(value));
    }

    pub(crate) fn sub(&mut self, component: usize, subcomponent: usize, value: &Option<String>) {
        if let Some(value) = value {
            self.put(component, subcomponent, self.delimiters.escaped(value));
        }
    }

    fn put(&mut self, component: usize, subcomponent: usize, value: String) {
        let at = |number: usize| number.checked_sub(1).filter(|at| *at < COMPONENTS_MAX);
        let (Some(component), Some(subcomponent)) = (at(component), at(subcomponent)) else {
            return;
        };
        if self.components.len() <= component {
            self.components.resize(component + 1, Vec::new());
        }
        let Some(place) = self.components.get_mut(component) else { return };
        if place.len() <= subcomponent {
            place.resize(subcomponent + 1, String::new());
        }
        if let Some(place) = place.get_mut(subcomponent) {
            *place = value;
        }
    }

    fn finish(self) -> String {
        let inner = self.delimiters.subcomponent().to_string();
        let outer = self.delimiters.component();
        let components: Vec<String> =
            self.components.iter().map(|component| component.join(&inner)).collect();
        components.join(&outer.to_string()).trim_end_matches(outer).to_string()
    }
}
