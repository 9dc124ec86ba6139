//! `OperationOutcome` of FHIR R4: what was not done, where, and why. It says where a fault stands,
//! never what was written there.

use serde_json::{Value, json};

/// Most issues that are told; the last one then says that there are more.
const ISSUES_MAX: usize = 200;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// Something was not read.
    Error,
    /// Something needs eyes.
    Warning,
    /// For information.
    Information,
}

/// One thing to tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issue {
    /// How bad.
    pub severity: Severity,
    /// A code of `http://hl7.org/fhir/issue-type`.
    pub code: &'static str,
    /// One sentence.
    pub text: String,
    /// Where, as a path, `QuestionnaireResponse.item[2]`.
    pub path: Option<String>,
}

impl Issue {
    /// Something that was not read, and where.
    pub fn error(code: &'static str, text: &str, path: &str) -> Issue {
        Issue { severity: Severity::Error, code, text: text.into(), path: Some(path.into()) }
    }

    pub(crate) fn warning(code: &'static str, text: impl Into<String>) -> Issue {
        Issue { severity: Severity::Warning, code, text: text.into(), path: None }
    }

    pub(crate) fn note(text: impl Into<String>) -> Issue {
        let severity = Severity::Information;
        Issue { severity, code: "informational", text: text.into(), path: None }
    }
}

/// All of it as a resource; with nothing to tell it says that all is well.
pub fn operation_outcome(issues: &[Issue]) -> Value {
    let mut told: Vec<Value> = issues.iter().take(ISSUES_MAX).map(one).collect();
    if issues.len() > ISSUES_MAX {
        let more = format!("{} more are not told", issues.len() - ISSUES_MAX);
        told.push(one(&Issue::warning("incomplete", more)));
    }
    if told.is_empty() {
        told.push(one(&Issue::note("all is well")));
    }
    json!({ "resourceType": "OperationOutcome", "issue": told })
}

fn one(issue: &Issue) -> Value {
    let severity = match issue.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Information => "information",
    };
    let mut value = json!({
        "severity": severity,
        "code": issue.code,
        "details": { "text": issue.text },
    });
    if let Some(path) = &issue.path {
        value["expression"] = json!([path]);
    }
    value
}
