//! A table is checked against its guideline.

use cauda_chart::Table;

use crate::shipped::{folder, guideline, table};

fn fault(text: &str) -> String {
    Table::of(text, guideline()).unwrap_err().to_string()
}

#[test]
fn the_shipped_table_fits_the_shipped_guideline_whole() {
    assert!(table().left_out().is_empty(), "{:?}", table().left_out());
}

#[test]
fn a_row_of_a_fact_that_a_guideline_lacks_is_left_out_and_listed() {
    let text = "[[condition]]\nfact = \"gone\"\nvalue = \"present\"\n\
                codes = [{ icd = \"C50\", display = \"x\" }]\n";
    let table = Table::of(text, guideline()).unwrap();
    assert_eq!(table.left_out(), ["condition: gone"]);
}

#[test]
fn a_diagnosis_may_not_reassure() {
    let row = |value: &str| {
        format!(
            "[[condition]]\nfact = \"diabetes\"\nvalue = \"{value}\"\n\
             codes = [{{ icd = \"E11\", display = \"x\" }}]\n"
        )
    };
    assert!(Table::of(&row("present"), guideline()).is_ok());
    assert!(fault(&row("absent")).contains("reassures"));
    assert!(fault(&row("maybe")).contains("none of its values"));
}

#[test]
fn a_row_says_the_worst_or_why_not() {
    let row = |more: &str| {
        format!(
            "[[procedure]]\nfact = \"spine_surgery\"\nvalue = \"past\"\n{more}\
             codes = [{{ snomed = \"387731002\", display = \"x\" }}]\n"
        )
    };
    assert!(fault(&row("")).contains("rules out what is worse"));
    assert!(Table::of(&row("not_worst = \"x\"\n"), guideline()).is_ok());
}

#[test]
fn units_values_codes_and_worked_out_facts_are_checked() {
    let measured = "[[measured]]\nfact = \"temperature\"\nunits = [\"K\"]\n\
                    codes = [{ loinc = \"8310-5\", display = \"x\" }]\n";
    assert!(fault(measured).contains("units"));
    let derived = "[[condition]]\nfact = \"new_weakness\"\nvalue = \"present\"\n\
                   codes = [{ icd = \"C50\", display = \"x\" }]\n";
    assert!(fault(derived).contains("worked out"));
    let report = "[[condition]]\nfact = \"cauda_equina_scan\"\nvalue = \"clear\"\n\
                  codes = [{ icd = \"C50\", display = \"x\" }]\n";
    assert!(fault(report).contains("no dangerous side"));
    let two = "[[condition]]\nfact = \"diabetes\"\nvalue = \"present\"\n\
               codes = [{ icd = \"E11\", snomed = \"1\", display = \"x\" }]\n";
    assert!(fault(two).contains("one system"));
    let twice = "[[condition]]\nfact = \"diabetes\"\nvalue = \"present\"\n\
                 codes = [{ icd = \"E11\", display = \"x\" }, { icd = \"E11\", display = \"x\" }]\n";
    assert!(fault(twice).contains("stands twice"));
    assert!(fault("[[nonsense]]\n").contains("not read"));
}

#[test]
fn codes_of_the_facts_themselves_are_rows() {
    use cauda_chart::{Kind, System};
    for fact in &guideline().facts {
        for code in &fact.codes {
            assert_eq!(code.system, "LOINC");
            let mut rows = table().rows(Kind::Measured).filter(|row| row.fact == fact.id);
            let known =
                rows.any(|row| row.codes.iter().any(|row| row.takes(System::Loinc, &code.code)));
            assert!(known, "{} of {}", code.code, fact.id);
        }
    }
    assert!(!folder().files.is_empty());
}
