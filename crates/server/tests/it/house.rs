//! A department for one test: a server on a free port, a record in a folder of its own, a clock
//! that stands until it is moved.

use std::path::Path;
use std::sync::{Arc, LazyLock};

use cauda_guideline::{Folder, Guideline, load_checked};
use cauda_server::clock::Clock;
use cauda_server::{Config, Server};
use cauda_store::Options;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::browser::Browser;

/// 2026-11-26T09:00:00Z.
pub const MORNING: i64 = 1_795_683_600;

static SHIPPED: LazyLock<Arc<Guideline>> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../guidelines/back_pain");
    let mut folder = Folder::default();
    add(&mut folder, &root, &root);
    Arc::new(load_checked(&folder).map_err(|faults| faults.len()).unwrap())
});

fn add(folder: &mut Folder, root: &Path, dir: &Path) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            add(folder, root, &path);
            continue;
        }
        let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_string();
        if Folder::takes(&name) {
            folder.files.insert(name, std::fs::read_to_string(&path).unwrap());
        }
    }
}

/// The shipped guideline.
pub fn guideline() -> Arc<Guideline> {
    SHIPPED.clone()
}

/// A department that is open.
pub struct House {
    pub server: Option<Server>,
    pub clock: Clock,
    pub options: Options,
    pub folder: TempDir,
    pub runtime: Runtime,
    pub config: Config,
}

impl House {
    /// With invented patients and a button a role.
    pub fn demo() -> House {
        House::with(Config { demo: true, self_check: true, ..House::config() })
    }

    /// Empty, with passwords.
    pub fn empty() -> House {
        House::with(House::config())
    }

    pub fn config() -> Config {
        Config { listen: "127.0.0.1:0".parse().unwrap(), ..Config::default() }
    }

    pub fn with(config: Config) -> House {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("record.sqlite");
        let options = Options::new(file.to_str().unwrap(), folder.path().join("key"));
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let clock = Clock::at(MORNING);
        let mut house = House { server: None, clock, options, folder, runtime, config };
        house.open();
        house
    }

    pub fn open(&mut self) {
        let starting = Server::start(
            self.config.clone(),
            &self.options,
            guideline(),
            Arc::new(|| None),
            self.clock.clone(),
        );
        self.server = Some(self.runtime.block_on(starting).unwrap());
    }

    pub fn close(&mut self) {
        let server = self.server.take().unwrap();
        self.runtime.block_on(server.stop());
    }

    pub fn server(&self) -> &Server {
        self.server.as_ref().unwrap()
    }

    pub fn address(&self) -> String {
        format!("http://{}", self.server().address)
    }

    /// Nobody, at the door.
    pub fn browser(&self) -> Browser {
        Browser::new(self.address())
    }

    /// Somebody signed in by the button of that role.
    pub fn as_role(&self, role: &str) -> Browser {
        let mut browser = self.browser();
        let page = browser.get("/sign-in");
        let id = page.button(role).unwrap_or_else(|| panic!("no button for {role}"));
        let answer = browser.post("/sign-in", &[("account", &id), ("next", "/")]);
        assert_eq!(answer.status, 303, "{}", answer.text);
        browser
    }
}
