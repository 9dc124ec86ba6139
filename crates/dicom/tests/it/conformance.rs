//! The statement says what the code does.

use cauda_dicom::charset::Charset;
use cauda_dicom::conformance::conformance;
use cauda_dicom::keys::KEYS;
use cauda_dicom::negotiate::Service;
use dicom_core::dictionary::{DataDictionary, DataDictionaryEntry};
use dicom_dictionary_std::StandardDataDictionary;

use crate::site::settings;

#[test]
fn every_service_key_set_status_and_device_stands_in_it() {
    let mut settings = settings();
    settings.devices[1].append_star = true;
    let text = conformance(&settings);
    for service in Service::ALL {
        assert!(text.contains(service.class()), "{service:?}");
    }
    for key in KEYS {
        let alias = StandardDataDictionary.by_tag(key.tag).unwrap().alias();
        assert!(text.contains(&format!("| {} | {alias} |", key.tag)), "{alias}");
    }
    for charset in Charset::all() {
        assert!(text.contains(charset.term()), "{charset:?}");
    }
    for status in ["0000", "0106", "0110", "0111", "0112", "0120", "A700", "A900", "FE00", "FF01"] {
        assert!(text.contains(&format!("`{status}`")), "{status}");
    }
    for device in &settings.devices {
        assert!(text.contains(&format!("| `{}` |", device.ae_title)));
    }
    assert!(text.contains("a name is a beginning"));
    assert!(text.lines().all(|line| !line.ends_with(' ')), "spaces at an end of line");
}
