//! Addresses as clerks type them.

use cauda_post::{Address, Email, Message, PostError, Telephone};
use proptest::prelude::*;

fn check(typed: &str, expect: Result<(&str, &str), &str>) {
    match (Address::parse(typed), expect) {
        (Ok(address), Ok((whole, masked))) => {
            assert_eq!(address.reveal(), whole);
            assert_eq!(address.to_string(), masked);
            assert_eq!(format!("{address:?}"), masked);
        }
        (Err(error), Err(part)) => assert!(error.to_string().contains(part), "{typed:?}: {error}"),
        (found, expect) => panic!("{typed:?}: {found:?}, not {expect:?}"),
    }
}

#[test]
fn an_email_address() {
    check("maria.muster@example.org", Ok(("maria.muster@example.org", "m…@example.org")));
    check(
        "  o'neil+er@mail.example.co.uk\t",
        Ok(("o'neil+er@mail.example.co.uk", "o…@mail.example.co.uk")),
    );
    check("anna@Müller.de", Ok(("anna@xn--mller-kva.de", "a…@xn--mller-kva.de")));
    check("maria.example.org", Err("neither an e-mail address"));
    check("", Err("neither an e-mail address"));
    check("@example.org", Err("before the @ is missing"));
    check("maria@", Err("has a dot"));
    check("maria@localhost", Err("has a dot"));
    check("maria@@example.org", Err("only one @"));
    check("ma ria@example.org", Err("no spaces"));
    check("maria@exam ple.org", Err("no spaces"));
    check("märia@example.org", Err("plain letters"));
    check("\"maria\"@example.org", Err("plain letters"));
    check("Maria <maria@example.org>", Err("no spaces"));
    check("maria@example.org, x@example.org", Err("only one @"));
    check(".maria@example.org", Err("a dot stands between"));
    check("maria@example..org", Err("no name of a mail server"));
    check("maria@-example.org", Err("no name of a mail server"));
    check("maria@127.0.0.1", Err("no name of a mail server"));
    check("maria@[127.0.0.1]", Err("no name of a mail server"));
    check("maria@exa_mple.org", Err("no name of a mail server"));
    check("maria@example.org\r\nBcc: x.example.org", Err("one line"));
    check("maria\n@example.org", Err("one line"));
    check("maria@example\0.org", Err("one line"));
    check(&format!("{}@example.org", "m".repeat(65)), Err("at most 64"));
    check(&format!("m@{}org", "example.".repeat(32)), Err("at most 254"));
    check(&format!("m@{}.org", "e".repeat(64)), Err("no name of a mail server"));
    check(&format!("m@{}", "e".repeat(1_000)), Err("too long"));
}

#[test]
fn a_telephone_number() {
    check("+49 170 1234512", Ok(("+491701234512", "+49 … 12")));
    check("+49 (170) 123-45/12", Ok(("+491701234512", "+49 … 12")));
    check("+1 212 555 0123", Ok(("+12125550123", "+1 … 23")));
    check("+353 1 2345678", Ok(("+35312345678", "+353 … 78")));
    check("+39 06 12345678", Ok(("+390612345678", "+39 … 78")));
    check("0170 1234512", Err("begin the number with +"));
    check("(0170) 1234512", Err("begin the number with +"));
    check("0049 170 1234512", Err("begin the number with +"));
    check("+49 (0)170 1234512", Err("leave out the (0)"));
    check("+0 170 1234512", Err("no country begins with 0"));
    check("+49 170 CALLNOW", Err("only digits"));
    check("+49 170 ١٢٣٤٥٦٧", Err("only digits"));
    check("+49 12", Err("7 to 15 digits"));
    check("+49 1234567890123456", Err("7 to 15 digits"));
    check("+49 170 123\r\n4512", Err("one line"));
}

#[test]
fn a_message_shows_neither_address_nor_text() {
    let to = Address::parse("maria.muster@example.org").unwrap();
    let message = Message::new("k1", to, "Your back", "Does it hurt?").unwrap();
    assert_eq!(format!("{message:?}"), "message k1 to m…@example.org");
}

proptest! {
    #[test]
    fn whatever_is_typed_is_read_or_refused(typed in any::<String>()) {
        look_at(&typed)?;
    }

    #[test]
    fn nearly_addresses_are_read_or_refused(
        typed in "[ \\r\\n]{0,1}[a-zä.+\"<>\\r\\n ]{0,8}@[a-zü.\\-:\\[\\]0-9\\r\\n]{0,12}"
    ) {
        look_at(&typed)?;
    }

    #[test]
    fn nearly_numbers_are_read_or_refused(typed in "[+0]{0,2}[0-9 ()/.\\-\\r\\n]{0,20}") {
        look_at(&typed)?;
    }

    #[test]
    fn plain_addresses_are_read(
        local in "[a-z0-9]{2,20}(\\.[a-z0-9]{1,20}){0,2}", domain in "([a-z]{1,20}\\.){1,4}[a-z]{2,9}"
    ) {
        let typed = format!("{local}@{domain}");
        let email = Email::parse(&typed).unwrap();
        prop_assert_eq!(email.reveal(), &typed);
        prop_assert!(lettre::Address::new(&local, &domain).is_ok());
        let masked = email.to_string();
        prop_assert!(!masked.starts_with(&local), "{}", masked);
    }

    #[test]
    fn numbers_are_read(digits in "[1-9][0-9]{6,14}") {
        let telephone = Telephone::parse(&format!("+{digits}")).unwrap();
        prop_assert_eq!(telephone.reveal(), format!("+{digits}"));
        prop_assert!(telephone.to_string().chars().filter(char::is_ascii_digit).count() <= 5);
    }
}

/// What holds of everything that is read, and of every refusal.
fn look_at(typed: &str) -> Result<(), TestCaseError> {
    match Address::parse(typed) {
        Ok(address) => {
            let whole = address.reveal();
            prop_assert!(whole.is_ascii() && whole.len() <= 254);
            prop_assert!(!whole.chars().any(|letter| letter.is_control() || letter == ' '));
            prop_assert_eq!(Address::parse(whole), Ok(address.clone()));
            prop_assert!(!address.to_string().contains(whole));
            if let Address::Email(email) = &address {
                prop_assert!(email.reveal().parse::<lettre::Address>().is_ok(), "{}", whole);
            }
        }
        Err(error) => {
            prop_assert!(matches!(error, PostError::Address(_)));
            prop_assert!(typed.len() < 12 || !error.to_string().contains(typed));
        }
    }
    Ok(())
}
