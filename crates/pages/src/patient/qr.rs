//! A code as a picture that a scanner reads.

use maud::{Markup, PreEscaped, html};
use qrcodegen::{QrCode, QrCodeEcc};

/// Quiet squares around the code, as the standard asks for.
const QUIET: i32 = 4;

/// The squares of the picture, quiet ones around it, row by row; nothing if the text is too long.
pub fn squares(text: &str) -> Option<(usize, Vec<bool>)> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).ok()?;
    let side = code.size() + 2 * QUIET;
    let places = (0..side).flat_map(|y| (0..side).map(move |x| (x, y)));
    let dark = places.map(|(x, y)| code.get_module(x - QUIET, y - QUIET));
    Some((usize::try_from(side).ok()?, dark.collect()))
}

/// The picture; nothing if the text is too long for one.
pub fn picture(text: &str) -> Markup {
    let Ok(code) = QrCode::encode_text(text, QrCodeEcc::Medium) else { return html! {} };
    let side = code.size() + 2 * QUIET;
    let mut path = String::new();
    for y in 0..code.size() {
        for x in (0..code.size()).filter(|x| code.get_module(*x, y)) {
            path.push_str(&format!("M{},{}h1v1h-1z", x + QUIET, y + QUIET));
        }
    }
    PreEscaped(format!(
        "<svg class=\"qr\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" \
         role=\"img\" aria-label=\"The code as a picture to scan\">\
         <path class=\"quiet\" d=\"M0,0h{side}v{side}h-{side}z\"/><path d=\"{path}\"/></svg>"
    ))
}
