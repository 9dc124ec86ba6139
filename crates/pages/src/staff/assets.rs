//! What the staff pages bring along, inside the program.

/// The assets by name, with their types.
pub const ASSETS: [(&str, &str, &[u8]); 5] = [
    ("staff.css", "text/css; charset=utf-8", include_bytes!("../../assets/staff/staff.css")),
    ("icon.svg", "image/svg+xml", include_bytes!("../../assets/staff/icon.svg")),
    ("live.js", "text/javascript; charset=utf-8", include_bytes!("../../assets/staff/live.js")),
    (
        "atkinson-regular.woff2",
        "font/woff2",
        include_bytes!("../../assets/staff/atkinson-regular.woff2"),
    ),
    ("atkinson-bold.woff2", "font/woff2", include_bytes!("../../assets/staff/atkinson-bold.woff2")),
];
