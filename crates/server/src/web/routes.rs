//! Every address, and who may.

use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn_with_state};
use axum::routing::{MethodRouter, get, options, post, put};

use super::guard::let_in;
use super::staff::{
    arrival, at_home, decision, downtime, examination, follow_up, for_patient, glass, handover,
    leaving, letter, merge, messages, mri, results, sheet, tasks, timeline, triage, waiting,
};
use super::{
    App, accounts, assets, check, ehr, guideline, health, home, languages, live, sign_in, sign_on,
};
use crate::access::Act;

/// An address, and what asking for it is. `None` is for everybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    /// `GET`, `POST`, `PUT` or `OPTIONS`.
    pub method: &'static str,
    /// With its places in braces.
    pub path: &'static str,
    /// What it is.
    pub act: Option<Act>,
}

/// Makes the table and the router from one list, so that no address is in one of them alone.
macro_rules! routes {
    ($( $method:ident $path:literal $act:ident => $handler:path; )*) => {
        /// All addresses.
        pub const ROUTES: &[Route] = &[
            $( Route { method: stringify!($method), path: $path, act: act!($act) }, )*
        ];

        pub(super) fn router(app: &App) -> Router<App> {
            let mut router = Router::new();
            $( router = router.route($path, guarded(app, act!($act), method!($method, $handler))); )*
            router
        }
    };
}

macro_rules! act {
    (Everybody) => {
        None
    };
    ($act:ident) => {
        Some(Act::$act)
    };
}

macro_rules! method {
    (GET, $handler:path) => {
        get($handler)
    };
    (POST, $handler:path) => {
        post($handler)
    };
    (PUT, $handler:path) => {
        put($handler)
    };
    (OPTIONS, $handler:path) => {
        options($handler)
    };
}

routes! {
    GET "/" Everybody => sign_in::first;
    GET "/sign-in" Everybody => sign_in::page;
    POST "/sign-in" Everybody => sign_in::sign_in;
    GET "/sign-on" Everybody => sign_on::begin;
    GET "/sign-on/back" Everybody => sign_on::back;
    POST "/sign-in-anew" Everybody => sign_in::sign_in_anew;
    POST "/sign-out" Everybody => sign_in::sign_out;
    POST "/lock" Everybody => sign_in::lock;
    GET "/locked" Everybody => sign_in::locked_page;
    POST "/unlock" Everybody => sign_in::unlock;
    GET "/first" Everybody => sign_in::first_password;
    POST "/first" Everybody => sign_in::set_first_password;
    GET "/check" Everybody => check::start;
    POST "/check" Everybody => check::step;
    GET "/check/about" Everybody => check::about;
    GET "/w/{token}" Everybody => home::waits;
    GET "/w/{token}/live" Everybody => home::live;
    GET "/c/{token}" Everybody => home::asks;
    POST "/c/{token}" Everybody => home::answers;
    POST "/c/{token}/more" Everybody => home::tells_more;
    POST "/c/{token}/stop" Everybody => home::stops;
    GET "/cds-services" Everybody => ehr::discovery::services;
    OPTIONS "/cds-services" Everybody => ehr::calling::preflight;
    POST "/cds-services/{id}" Everybody => ehr::service::service;
    OPTIONS "/cds-services/{id}" Everybody => ehr::calling::preflight;
    POST "/cds-services/{id}/feedback" Everybody => ehr::feedback::feedback;
    OPTIONS "/cds-services/{id}/feedback" Everybody => ehr::calling::preflight;
    GET "/.well-known/jwks.json" Everybody => ehr::discovery::keys;
    GET "/ehr/source" Everybody => ehr::source::show;
    GET "/ehr/source.json" Everybody => ehr::source::as_json;
    GET "/ehr/launch" Everybody => ehr::launch::launch;
    GET "/ehr/back" Everybody => ehr::launch::back;
    GET "/ehr/app/{secret}" Everybody => ehr::app::show;
    POST "/ehr/app/{secret}/answers" Everybody => ehr::app::answers;
    POST "/ehr/app/{secret}/write-back" Everybody => ehr::app::writes_back;
    GET "/fhir/metadata" Everybody => ehr::fhir::metadata;
    GET "/fhir/CodeSystem/{id}" Everybody => ehr::fhir::code_system;
    GET "/fhir/Questionnaire" Everybody => ehr::fhir::questionnaires;
    GET "/fhir/Questionnaire/{id}" Everybody => ehr::fhir::questionnaire;
    POST "/fhir/Questionnaire/$populate" Everybody => ehr::fhir::populate;
    POST "/fhir/Questionnaire/$next-question" Everybody => ehr::fhir::next_question;
    POST "/fhir/QuestionnaireResponse/$extract" Everybody => ehr::fhir::extract;
    POST "/fhir/PlanDefinition/$apply" Everybody => ehr::fhir::apply;
    POST "/fhir/PlanDefinition/{id}/$apply" Everybody => ehr::fhir::apply_one;
    POST "/fhir/ServiceRequest" Everybody => ehr::orders::place;
    OPTIONS "/fhir/ServiceRequest" Everybody => ehr::calling::preflight;
    GET "/fhir/ServiceRequest/{id}" Everybody => ehr::orders::show;
    PUT "/fhir/ServiceRequest/{id}" Everybody => ehr::orders::change;
    OPTIONS "/fhir/ServiceRequest/{id}" Everybody => ehr::calling::preflight;
    GET "/assets/{name}" Everybody => assets::asset;
    GET "/health" Everybody => health::alive;
    GET "/ready" Everybody => health::ready;
    GET "/metrics" Everybody => health::metrics;
    GET "/accounts" ManageAccounts => accounts::list;
    POST "/accounts" ManageAccounts => accounts::create;
    POST "/accounts/{id}/invite" ManageAccounts => accounts::invite;
    POST "/accounts/{id}/disable" ManageAccounts => accounts::disable;
    GET "/languages" ManageAccounts => languages::show;
    GET "/guideline" SeeGuideline => guideline::first;
    GET "/guideline/{*file}" SeeGuideline => guideline::file;
    GET "/live" SeeWaiting => live::live;
    GET "/mri" SeeVisit => mri::board;
    GET "/mri/wall" SeeVisit => mri::wall;
    GET "/mri/day" SeeVisit => mri::day;
    GET "/mri/new" Scan => mri::new;
    POST "/mri/new" Scan => mri::ordered;
    GET "/mri/messages" Scan => messages::list;
    GET "/mri/messages/{id}" Scan => messages::show;
    POST "/mri/messages/{id}/{what}" Scan => messages::change;
    GET "/mri/order/{id}" SeeVisit => mri::order;
    POST "/mri/order/{id}/{what}" Scan => mri::change;
    POST "/mri/scanner/{id}/{what}" Scan => mri::scanner;
    GET "/waiting" SeeWaiting => waiting::list;
    GET "/tasks" SeeTasks => tasks::list;
    GET "/arrival" Register => arrival::show;
    POST "/arrival" Register => arrival::save;
    POST "/arrival/look" Register => arrival::show;
    GET "/visit/{id}/person" Register => arrival::person;
    POST "/visit/{id}/person" Register => arrival::correct;
    POST "/visit/{id}/contact" HandOver => leaving::contact;
    POST "/visit/{id}/recall" HandOver => leaving::recall;
    GET "/visit/{id}/triage" SeeVisit => triage::show;
    POST "/visit/{id}/triage" Triage => triage::save;
    POST "/visit/{id}/check" Triage => triage::told;
    POST "/visit/{id}/acuity" Triage => triage::acuity;
    GET "/visit/{id}/examination" SeeVisit => examination::show;
    POST "/visit/{id}/examination" Triage => examination::save;
    GET "/visit/{id}/decision" SeeVisit => decision::show;
    POST "/visit/{id}/decide/{what}" Decide => decision::decide;
    GET "/visit/{id}/results" SeeVisit => results::show;
    POST "/visit/{id}/results" Triage => results::save;
    POST "/visit/{id}/test" Triage => results::test;
    POST "/visit/{id}/result/{number}/{what}" Scan => results::scan;
    POST "/visit/{id}/acknowledge/{number}/{what}" Acknowledge => results::acknowledge;
    POST "/visit/{id}/open" SeeVisit => glass::open;
    GET "/reviews" Review => glass::reviews;
    POST "/reviews/{id}" Review => glass::reviewed;
    GET "/visit/{id}/timeline" SeeVisit => timeline::show;
    POST "/visit/{id}/withdraw" Withdraw => timeline::withdraw;
    GET "/visit/{id}/handover" SeeVisit => handover::show;
    POST "/visit/{id}/handover" HandOver => handover::hand_over;
    POST "/visit/{id}/refer" HandOver => handover::refer;
    POST "/visit/{id}/referral/{number}" HandOver => handover::answer;
    POST "/visit/{id}/transfer/{what}" HandOver => handover::transfer;
    GET "/downtime" SeeWaiting => downtime::blank;
    GET "/visit/{id}/downtime" SeeVisit => downtime::filled;
    GET "/follow-up" FollowUp => follow_up::list;
    GET "/visit/{id}/at-home" FollowUp => at_home::show;
    POST "/visit/{id}/at-home/{what}" FollowUp => at_home::save;
    GET "/visit/{id}/patient" SeeVisit => for_patient::show;
    POST "/visit/{id}/patient" Triage => for_patient::release;
    POST "/visit/{id}/patient/revoke" HandOver => for_patient::revoke;
    GET "/visit/{id}/merge" FollowUp => merge::show;
    POST "/visit/{id}/merge" FollowUp => merge::merge;
    POST "/visit/{id}/unmerge" FollowUp => merge::undo;
    GET "/visit/{id}/sheet" SeeVisit => sheet::show;
    GET "/visit/{id}/sheet.pdf" SeeVisit => sheet::pdf;
    GET "/visit/{id}/letter" SeeVisit => letter::show;
    GET "/visit/{id}/letter.pdf" SeeVisit => letter::pdf;
    GET "/visit/{id}/letter.json" SeeVisit => letter::fhir;
    GET "/visit/{id}/leaving" SeeVisit => leaving::show;
    POST "/visit/{id}/leaving" Leave => leaving::save;
    POST "/visit/{id}/task/{task}/{what}" DoTask => tasks::change;
}

fn guarded(app: &App, act: Option<Act>, handler: MethodRouter<App>) -> MethodRouter<App> {
    let Some(act) = act else { return handler };
    let guard = move |state: axum::extract::State<App>, request: Request, next: Next| {
        let_in(state.0, act, request, next)
    };
    handler.route_layer(from_fn_with_state(app.clone(), guard))
}
