//! Data sets: the tagged values that queries, answers and procedure steps are made of (PS3.5 §7).
//!
//! Read with limits on depth, number and size before anything is allocated, because they come
//! from whoever reaches the port. `dicom-object` reads the same bytes, but reserves whatever
//! length an element claims and descends as deep as the sender likes; the tests hold this reader
//! against it.

use dicom_core::dictionary::DataDictionary;
use dicom_core::{Tag, VR};
use dicom_dictionary_std::StandardDataDictionary;

use crate::error::DataError;

/// Sequences within sequences; a worklist query needs two.
pub const MAX_DEPTH: usize = 8;
/// Elements and items of one data set, the nested ones counted. A performed step of MRI names each
/// of its images, three elements for one; there may be ten thousand.
pub const MAX_ELEMENTS: usize = 65_536;

const UNDEFINED: u32 = 0xFFFF_FFFF;
const ITEM: Tag = Tag(0xFFFE, 0xE000);
const ITEM_END: Tag = Tag(0xFFFE, 0xE00D);
const SEQUENCE_END: Tag = Tag(0xFFFE, 0xE0DD);

/// How elements are written on the wire; both little endian.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Syntax {
    /// `1.2.840.10008.1.2`: the kind of value is looked up in the dictionary.
    Implicit,
    /// `1.2.840.10008.1.2.1`: the kind of value stands beside the tag.
    Explicit,
}

impl Syntax {
    /// The transfer syntax with this UID, if it is one of the two.
    pub fn of(uid: &str) -> Option<Syntax> {
        match uid {
            "1.2.840.10008.1.2" => Some(Syntax::Implicit),
            "1.2.840.10008.1.2.1" => Some(Syntax::Explicit),
            _ => None,
        }
    }

    /// Its UID.
    pub fn uid(self) -> &'static str {
        match self {
            Syntax::Implicit => "1.2.840.10008.1.2",
            Syntax::Explicit => "1.2.840.10008.1.2.1",
        }
    }
}

/// What an element holds.
#[derive(Clone, PartialEq, Eq)]
pub enum Value {
    /// The bytes as sent, in the character set of the data set.
    Bytes(Vec<u8>),
    /// The items of a sequence.
    Items(Vec<DataSet>),
}

/// One tagged value.
#[derive(Clone, PartialEq, Eq)]
pub struct Element {
    /// Group and element number.
    pub tag: Tag,
    /// The kind of value.
    pub vr: VR,
    /// The value.
    pub value: Value,
}

/// Elements in ascending order of their tags, each once.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct DataSet {
    elements: Vec<Element>,
}

// A data set holds names and findings: nothing of it may reach a log.
impl std::fmt::Debug for DataSet {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "DataSet({} elements)", self.elements.len())
    }
}

impl DataSet {
    /// Without elements.
    pub fn new() -> DataSet {
        DataSet::default()
    }

    /// The elements in ascending order of their tags.
    pub fn elements(&self) -> &[Element] {
        &self.elements
    }

    /// Puts an element in its place; one of the same tag is replaced.
    pub fn put(&mut self, tag: Tag, vr: VR, value: Value) {
        let element = Element { tag, vr, value };
        match self.elements.binary_search_by_key(&tag, |known| known.tag) {
            Ok(at) => {
                if let Some(known) = self.elements.get_mut(at) {
                    *known = element;
                }
            }
            Err(at) => self.elements.insert(at, element),
        }
    }

    /// The same with a text, which is taken as it is.
    pub fn text(&mut self, tag: Tag, vr: VR, text: &str) {
        self.put(tag, vr, Value::Bytes(text.as_bytes().to_vec()));
    }

    /// The same with the items of a sequence.
    pub fn items(&mut self, tag: Tag, items: Vec<DataSet>) {
        self.put(tag, VR::SQ, Value::Items(items));
    }

    /// The element with this tag.
    pub fn get(&self, tag: Tag) -> Option<&Element> {
        let at = self.elements.binary_search_by_key(&tag, |known| known.tag).ok()?;
        self.elements.get(at)
    }

    /// Its bytes; `None` when it is not there or a sequence.
    pub fn bytes(&self, tag: Tag) -> Option<&[u8]> {
        match &self.get(tag)?.value {
            Value::Bytes(bytes) => Some(bytes),
            Value::Items(_) => None,
        }
    }

    /// Its bytes as text of ASCII without padding; empty when it is not there.
    pub fn ascii(&self, tag: Tag) -> &str {
        let bytes = self.bytes(tag).unwrap_or_default();
        std::str::from_utf8(bytes).unwrap_or_default().trim_matches([' ', '\0'])
    }

    /// The items of a sequence; empty when it is not there or no sequence.
    pub fn sequence(&self, tag: Tag) -> &[DataSet] {
        match self.get(tag).map(|element| &element.value) {
            Some(Value::Items(items)) => items,
            _ => &[],
        }
    }

    /// Reads a data set; group lengths, which are retired, are left out.
    ///
    /// # Errors
    /// [`DataError`] when the bytes are no data set or exceed a limit.
    pub fn read(bytes: &[u8], syntax: Syntax) -> Result<DataSet, DataError> {
        let mut reader = Reader { bytes, at: 0, left: MAX_ELEMENTS };
        let set = reader.set(syntax, Some(bytes.len()), 0)?;
        if reader.at == bytes.len() { Ok(set) } else { Err(DataError::Torn) }
    }

    /// Appends the data set to `out`, sequences with their lengths.
    pub fn write(&self, syntax: Syntax, out: &mut Vec<u8>) {
        for element in &self.elements {
            match &element.value {
                Value::Bytes(bytes) => write_element(out, syntax, element.tag, element.vr, bytes),
                Value::Items(items) => write_sequence(out, syntax, element.tag, |out| {
                    for item in items {
                        write_item(out, |out| item.write(syntax, out));
                    }
                }),
            }
        }
    }
}

/// Appends one element with its header, padded to an even length.
pub(crate) fn write_element(out: &mut Vec<u8>, syntax: Syntax, tag: Tag, vr: VR, value: &[u8]) {
    let padded = value.len() + value.len() % 2;
    let length = u32::try_from(padded).unwrap_or(0);
    write_tag(out, tag);
    match (syntax, u16::try_from(padded)) {
        (Syntax::Implicit, _) => out.extend_from_slice(&length.to_le_bytes()),
        (Syntax::Explicit, Ok(short)) if !is_long(vr) => {
            out.extend_from_slice(vr.to_string().as_bytes());
            out.extend_from_slice(&short.to_le_bytes());
        }
        // A value too long for the short form is sent as of unknown kind (PS3.5 §6.2.2 note).
        (Syntax::Explicit, fits) => {
            let vr = if fits.is_ok() || is_long(vr) { vr } else { VR::UN };
            out.extend_from_slice(vr.to_string().as_bytes());
            out.extend_from_slice(&[0, 0]);
            out.extend_from_slice(&length.to_le_bytes());
        }
    }
    out.extend_from_slice(value);
    if padded > value.len() {
        out.push(if matches!(vr, VR::UI | VR::OB | VR::UN) { 0 } else { b' ' });
    }
}

/// Appends a sequence whose items `content` writes.
pub(crate) fn write_sequence(
    out: &mut Vec<u8>,
    syntax: Syntax,
    tag: Tag,
    content: impl FnOnce(&mut Vec<u8>),
) {
    write_tag(out, tag);
    if syntax == Syntax::Explicit {
        out.extend_from_slice(b"SQ\0\0");
    }
    write_counted(out, content);
}

/// Appends one item of a sequence.
pub(crate) fn write_item(out: &mut Vec<u8>, content: impl FnOnce(&mut Vec<u8>)) {
    write_tag(out, ITEM);
    write_counted(out, content);
}

fn write_tag(out: &mut Vec<u8>, tag: Tag) {
    out.extend_from_slice(&tag.group().to_le_bytes());
    out.extend_from_slice(&tag.element().to_le_bytes());
}

fn write_counted(out: &mut Vec<u8>, content: impl FnOnce(&mut Vec<u8>)) {
    let at = out.len();
    out.extend_from_slice(&[0; 4]);
    content(out);
    let length = u32::try_from(out.len() - at - 4).unwrap_or(0);
    if let Some(place) = out.get_mut(at..at + 4) {
        place.copy_from_slice(&length.to_le_bytes());
    }
}

/// The kinds whose explicit header has two spare bytes and a long length.
fn is_long(vr: VR) -> bool {
    matches!(
        vr,
        VR::OB
            | VR::OD
            | VR::OF
            | VR::OL
            | VR::OV
            | VR::OW
            | VR::SQ
            | VR::SV
            | VR::UC
            | VR::UN
            | VR::UR
            | VR::UT
            | VR::UV
    )
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    left: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], DataError> {
        let end = self.at.checked_add(length).ok_or(DataError::Torn)?;
        let taken = self.bytes.get(self.at..end).ok_or(DataError::Torn)?;
        self.at = end;
        Ok(taken)
    }

    fn u16(&mut self) -> Result<u16, DataError> {
        let taken = self.take(2)?;
        Ok(u16::from_le_bytes(taken.try_into().map_err(|_| DataError::Torn)?))
    }

    fn u32(&mut self) -> Result<u32, DataError> {
        let taken = self.take(4)?;
        Ok(u32::from_le_bytes(taken.try_into().map_err(|_| DataError::Torn)?))
    }

    fn tag(&mut self) -> Result<Tag, DataError> {
        Ok(Tag(self.u16()?, self.u16()?))
    }

    fn end(&self, length: u32) -> Result<Option<usize>, DataError> {
        if length == UNDEFINED {
            return Ok(None);
        }
        let end = usize::try_from(length).ok().and_then(|length| self.at.checked_add(length));
        end.filter(|end| *end <= self.bytes.len()).map(Some).ok_or(DataError::Torn)
    }

    fn count(&mut self) -> Result<(), DataError> {
        self.left = self.left.checked_sub(1).ok_or(DataError::Many)?;
        Ok(())
    }

    /// Elements up to `end`, or up to the end mark of an item of undefined length.
    fn set(
        &mut self,
        syntax: Syntax,
        end: Option<usize>,
        depth: usize,
    ) -> Result<DataSet, DataError> {
        let mut elements: Vec<Element> = Vec::new();
        while end.is_none_or(|end| self.at < end) {
            let tag = self.tag()?;
            if tag == ITEM_END && end.is_none() {
                self.u32()?;
                break;
            }
            if tag.group() == 0xFFFE {
                return Err(DataError::Misplaced);
            }
            self.count()?;
            let element = self.element(syntax, tag, depth)?;
            if tag.element() != 0 {
                elements.push(element);
            }
        }
        if end.is_some_and(|end| self.at != end) {
            return Err(DataError::Torn);
        }
        elements.sort_by_key(|element| element.tag);
        if elements.windows(2).any(|pair| matches!(pair, [a, b] if a.tag == b.tag)) {
            return Err(DataError::Twice);
        }
        Ok(DataSet { elements })
    }

    fn element(&mut self, syntax: Syntax, tag: Tag, depth: usize) -> Result<Element, DataError> {
        let (vr, length) = match syntax {
            Syntax::Implicit => (known_vr(tag), self.u32()?),
            Syntax::Explicit => {
                let code = self.take(2)?;
                let vr = VR::from_binary(code.try_into().map_err(|_| DataError::Torn)?)
                    .ok_or(DataError::Kind)?;
                if is_long(vr) {
                    self.u16()?;
                    (vr, self.u32()?)
                } else {
                    (vr, u32::from(self.u16()?))
                }
            }
        };
        if vr == VR::SQ || length == UNDEFINED {
            // Of unknown kind and undefined length means an implicit sequence (PS3.5 §6.2.2).
            let inner = if vr == VR::SQ { syntax } else { Syntax::Implicit };
            let items = self.sequence(inner, length, depth + 1)?;
            return Ok(Element { tag, vr: VR::SQ, value: Value::Items(items) });
        }
        let value = self.take(usize::try_from(length).map_err(|_| DataError::Torn)?)?;
        Ok(Element { tag, vr, value: Value::Bytes(value.to_vec()) })
    }

    fn sequence(
        &mut self,
        syntax: Syntax,
        length: u32,
        depth: usize,
    ) -> Result<Vec<DataSet>, DataError> {
        if depth > MAX_DEPTH {
            return Err(DataError::Deep);
        }
        let end = self.end(length)?;
        let mut items = Vec::new();
        while end.is_none_or(|end| self.at < end) {
            let tag = self.tag()?;
            let length = self.u32()?;
            if tag == SEQUENCE_END && end.is_none() {
                break;
            }
            if tag != ITEM {
                return Err(DataError::Misplaced);
            }
            self.count()?;
            let item_end = self.end(length)?;
            items.push(self.set(syntax, item_end, depth)?);
        }
        if end.is_some_and(|end| self.at != end) {
            return Err(DataError::Torn);
        }
        Ok(items)
    }
}

/// The kind of value that the dictionary of the standard gives for a tag.
pub(crate) fn known_vr(tag: Tag) -> VR {
    StandardDataDictionary.by_tag(tag).map_or(VR::UN, |entry| entry.vr.relaxed())
}
