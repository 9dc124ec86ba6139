//! A new record for each test, and what most tests do with one.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock};

use cauda_store::{
    Append, Appended, Expected, NewEvent, Options, Record, Report, StoreError, StreamAppend,
    StreamName, Trust,
};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, SqliteConnection};
use tempfile::TempDir;

use crate::server::Server;

/// The time all events of a test are recorded at.
pub const AT: i64 = 1_764_000_000_000_000;

/// A database of one test, empty at first.
pub struct Home {
    folder: TempDir,
    pub database: String,
    pub options: Options,
}

/// A SQLite file.
pub fn sqlite() -> Home {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("record.db").to_str().unwrap().to_owned();
    Home::new(folder, database)
}

/// A database on the one server of this program, copied from a template.
pub fn postgres() -> Home {
    let number = DATABASES.fetch_add(1, Ordering::Relaxed);
    let name = format!("test_{number}");
    let server = server();
    let copied = COPYING.lock();
    admin(server, format!("CREATE DATABASE {name} TEMPLATE cauda_template"));
    drop(copied);
    Home::new(tempfile::tempdir().unwrap(), server.address(&name))
}

static DATABASES: AtomicU32 = AtomicU32::new(0);
static COPYING: Mutex<()> = Mutex::new(());

fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| {
        let server = Server::start("fsync = off");
        admin(&server, "CREATE DATABASE cauda_template".to_owned());
        let folder = tempfile::tempdir().unwrap();
        let options = Options::new(server.address("cauda_template"), folder.path().join("key"));
        let made = async move { Record::open(&options).await.unwrap().close().await };
        std::thread::spawn(|| runtime().block_on(made)).join().unwrap();
        server
    })
}

/// Runs a statement on the server, on a thread of its own, as a test may have a runtime already.
fn admin(server: &Server, statement: String) {
    let address = server.address("postgres");
    let run = move || runtime().block_on(run_sql(&address, &statement));
    std::thread::spawn(run).join().unwrap();
}

/// An empty database without a schema.
pub fn postgres_without_schema() -> Home {
    let number = DATABASES.fetch_add(1, Ordering::Relaxed);
    let server = server();
    admin(server, format!("CREATE DATABASE test_{number} TEMPLATE template0"));
    Home::new(tempfile::tempdir().unwrap(), server.address(&format!("test_{number}")))
}

/// Runs a test on a runtime of its own.
pub fn on(home: Home, test: impl AsyncFnOnce(Home)) {
    runtime().block_on(test(home));
}

pub fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

impl Home {
    pub fn new(folder: TempDir, database: String) -> Home {
        let options = Options::new(database.clone(), folder.path().join("key"));
        Home { folder, database, options }
    }

    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    pub fn is_sqlite(&self) -> bool {
        !self.database.starts_with("postgres:")
    }

    pub async fn record(&self) -> Record {
        Record::open(&self.options).await.unwrap()
    }

    /// Runs statements past the record, as somebody with the database's password could.
    pub async fn sql(&self, statements: &str) {
        run_sql(&self.database, statements).await;
    }
}

async fn run_sql(database: &str, statements: &str) {
    let sql = sqlx::raw_sql(AssertSqlSafe(statements.to_owned()));
    if database.starts_with("postgres:") {
        let mut connection = PgConnection::connect(database).await.unwrap();
        sql.execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    } else {
        let mut connection = SqliteConnection::connect(&format!("sqlite://{database}")).await;
        let connection = connection.as_mut().unwrap();
        sql.execute(connection).await.unwrap();
    }
}

pub fn stream(name: &str) -> StreamName {
    StreamName::new(name).unwrap()
}

pub fn event(body: &str) -> NewEvent {
    NewEvent { kind: "noted".to_owned(), version: 1, body: body.to_owned() }
}

/// What a command writes to one stream.
pub fn part(name: &str, expected: Expected, bodies: &[&str]) -> StreamAppend {
    let events = bodies.iter().map(|body| event(body)).collect();
    StreamAppend { stream: stream(name), expected, events }
}

pub fn command(id: &str, streams: Vec<StreamAppend>) -> Append {
    let (command, actor) = (id.to_owned(), "nurse-1".to_owned());
    Append { command, actor, recorded_at: AT, streams }
}

/// Appends to one stream.
pub async fn append(
    record: &Record,
    id: &str,
    name: &str,
    expected: u64,
    bodies: &[&str],
) -> Result<Appended, StoreError> {
    let part = part(name, Expected::Exactly(expected), bodies);
    record.append(command(id, vec![part])).await
}

/// Fills a record with `events` events, in commands of up to ten, in five streams.
pub async fn fill(record: &Record, events: u64) {
    let mut at = record.size().await.unwrap();
    let end = at + events;
    while at < end {
        let bodies: Vec<String> =
            (at..end.min(at + 10)).map(|n| format!("{{\"n\":{n}}}")).collect();
        let bodies: Vec<&str> = bodies.iter().map(String::as_str).collect();
        let part = part(&format!("visit/{}", at / 10 % 5), Expected::Any, &bodies);
        record.append(command(&format!("fill-{at}"), vec![part])).await.unwrap();
        at += bodies.len() as u64;
    }
}

/// Verifies a record and expects nothing to be wrong.
pub async fn whole(record: &Record) -> Report {
    let report = record.verify(&Trust::default(), &mut |_, _| ()).await.unwrap();
    assert_eq!(report.faults, []);
    assert!(report.is_whole());
    report
}

/// The first column of a table's key.
pub fn key_of(table: &str) -> &'static str {
    match table {
        "log_head" | "command" => "id",
        "event" => "position",
        "tree_node" => "ends",
        _ => "size",
    }
}

/// The rows of a SQLite record as statements that both databases take.
pub async fn dump(home: &Home, key: &cauda_store::PublicKey) -> String {
    let mut text = format!("-- A record as this version wrote it; see migrate.rs.\n-- key {key}\n");
    text.push_str("DELETE FROM log_head;\n");
    let mut connection =
        SqliteConnection::connect(&format!("sqlite://{}", home.database)).await.unwrap();
    let tables = "SELECT name FROM sqlite_master WHERE type = 'table' \
        AND name <> 'schema_migration' ORDER BY name";
    let tables: Vec<String> = sqlx::query_scalar(tables).fetch_all(&mut connection).await.unwrap();
    for table in tables {
        let columns = format!("SELECT name FROM pragma_table_info('{table}') ORDER BY cid");
        let columns: Vec<String> =
            sqlx::query_scalar(AssertSqlSafe(columns)).fetch_all(&mut connection).await.unwrap();
        let quoted: Vec<String> = columns.iter().map(|name| format!("quote({name})")).collect();
        let rows = format!(
            "SELECT {} FROM {table} ORDER BY {}, {}",
            quoted.join(" || ', ' || "),
            columns[0],
            columns[1]
        );
        let rows: Vec<String> =
            sqlx::query_scalar(AssertSqlSafe(rows)).fetch_all(&mut connection).await.unwrap();
        for row in rows {
            let row = row.replace("X'", "x'");
            text.push_str(&format!(
                "INSERT INTO {table} ({}) VALUES ({row});\n",
                columns.join(", ")
            ));
        }
    }
    text
}
