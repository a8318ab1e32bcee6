//! A PostgreSQL server of the tests' own, from the distribution's packages, in a folder of its own: it listens on a socket there,
//! and on no network unless it is asked to.
//!
//! A shell stands between: it stops the server and removes the folder when its standard input closes, which the system sees to
//! however the tests end. Both the program's unit tests and the suite use this file.
#![allow(dead_code, unreachable_pub)]

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Starts a program (`$3` and what follows) that works in the folder `$1`, waits for the end of its own input, and ends the
/// program with the signal `$2`; the folder goes with the server, which takes `QUIT` as the order to stop at once.
const KEEPER: &str = r#"
folder=$1 signal=$2
shift 2
"$@" >>"$folder/log" 2>&1 </dev/null &
program=$!
read -r _
kill -"$signal" "$program" 2>/dev/null
wait "$program" 2>/dev/null
[ "$signal" = TERM ] || rm -rf "$folder"
"#;
/// How the server is made fast where nothing has to last.
const SETTINGS: &str = "
listen_addresses = ''
fsync = off
shared_buffers = 32MB
max_connections = 40
autovacuum = off
";
/// The longest start.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running server.
pub struct Server {
    keeper: Child,
    folder: PathBuf,
    binaries: PathBuf,
    port: u16,
}

/// The server that tests share; each takes a database of its own. `None` where PostgreSQL is not installed.
pub fn shared() -> Option<&'static Server> {
    static SHARED: OnceLock<Option<Server>> = OnceLock::new();
    SHARED.get_or_init(|| Server::start("")).as_ref()
}

impl Server {
    /// Starts a server with further settings; `None` where PostgreSQL is not installed.
    pub fn start(settings: &str) -> Option<Server> {
        let binaries = binaries()?;
        let folder = new_folder();
        let data = folder.join("data");
        let mut initdb = as_server(&binaries.join("initdb"));
        initdb.args(["-U", "pli", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "-D"]);
        let made = initdb.current_dir(&folder).arg(&data).output().expect("initdb runs");
        assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
        let settings = format!("{SETTINGS}{settings}");
        Some(Server::of_folder(binaries, folder, &settings))
    }

    /// Starts the server of a folder with further settings.
    fn of_folder(binaries: PathBuf, folder: PathBuf, settings: &str) -> Server {
        let port = port();
        let file = folder.join("data/postgresql.auto.conf");
        let before = fs_err::read_to_string(&file).expect("settings");
        let place = format!("unix_socket_directories = '{}'\nport = {port}", folder.display());
        fs_err::write(&file, format!("{before}\n{settings}\n{place}\n")).expect("settings");
        let server = Server { keeper: server(&binaries, &folder), folder, binaries, port };
        server.wait_until_it_answers();
        server
    }

    /// Starts a standby of this server, which answers queries alone.
    pub fn standby(&self) -> Server {
        let folder = new_folder();
        let mut copy = as_server(&self.binaries.join("pg_basebackup"));
        copy.args([
            "-U",
            "pli",
            "-R",
            "-X",
            "stream",
            "-c",
            "fast",
            "--no-sync",
            "-p",
            &self.port.to_string(),
        ]);
        copy.arg("-h").arg(&self.folder).arg("-D").arg(folder.join("data")).current_dir(&folder);
        let made = copy.output().expect("pg_basebackup runs");
        assert!(made.status.success(), "pg_basebackup: {}", String::from_utf8_lossy(&made.stderr));
        Server::of_folder(self.binaries.clone(), folder, "hot_standby = on")
    }

    /// The folder of the socket, where a test may put files too.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The port, which is part of the socket's name.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The URL of a database, for a role.
    pub fn url(&self, role: &str, database: &str) -> String {
        format!("postgres://{role}@:{}/{database}?host={}", self.port, self.folder.display())
    }

    /// A new database, with its URL for the server's owner.
    pub fn database(&self) -> String {
        static NEXT: AtomicUsize = AtomicUsize::new(1);
        let name = format!("ledger_{}", NEXT.fetch_add(1, Ordering::Relaxed));
        self.sql("postgres", &format!("CREATE DATABASE {name}"));
        self.url("pli", &name)
    }

    /// Runs SQL as the server's owner, through `psql`, and returns the answer's rows.
    ///
    /// # Panics
    /// The server does not take it.
    pub fn sql(&self, database: &str, sql: &str) -> String {
        let output = self.psql(database, sql);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{sql}: {errors}");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    fn psql(&self, database: &str, sql: &str) -> std::process::Output {
        let mut psql = Command::new(self.binaries.join("psql"));
        psql.env_remove("PGPASSWORD").args(["-XAtq", "-v", "ON_ERROR_STOP=1", "-U", "pli", "-d", database]);
        psql.args(["-p", &self.port.to_string(), "-h"]).arg(&self.folder).args(["-c", sql]);
        psql.output().expect("psql runs")
    }

    /// Kills the server at once with all its processes.
    pub fn kill(&self) {
        self.signal("-KILL");
        self.wait_until(|server| server.processes().is_empty());
        // Nobody may have waited for the process yet, so that it seems to live.
        for left in ["data/postmaster.pid".to_owned(), format!(".s.PGSQL.{}.lock", self.port)] {
            let _ = fs_err::remove_file(self.folder.join(left));
        }
    }

    /// Sends a signal to all processes of the server: `-STOP` hangs it, `-CONT` lets it go on.
    pub fn signal(&self, signal: &str) {
        let processes = self.processes();
        if !processes.is_empty() {
            // One of them may have ended meanwhile.
            let _ = Command::new("kill").arg(signal).args(&processes).stderr(Stdio::null()).status();
        }
    }

    /// Starts a server again that was killed.
    pub fn start_again(&mut self) {
        // The keeper of the killed server would remove the folder.
        let _ = self.keeper.kill();
        let _ = self.keeper.wait();
        self.keeper = server(&self.binaries, &self.folder);
        self.wait_until_it_answers();
    }

    /// The server's processes: they work in its folder.
    fn processes(&self) -> Vec<String> {
        let data = self.folder.join("data");
        let all = fs_err::read_dir("/proc").expect("processes").filter_map(Result::ok);
        let own =
            all.filter(|process| fs_err::read_link(process.path().join("cwd")).is_ok_and(|cwd| cwd == data));
        own.map(|process| process.file_name().to_string_lossy().into_owned()).collect()
    }

    fn wait_until_it_answers(&self) {
        self.wait_until(|server| server.psql("postgres", "SELECT 1").status.success());
    }

    fn wait_until(&self, done: impl Fn(&Server) -> bool) {
        let began = Instant::now();
        while !done(self) {
            let log = || fs_err::read_to_string(self.folder.join("log")).unwrap_or_default();
            assert!(began.elapsed() < PATIENCE, "PostgreSQL: {}", log());
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.signal("-CONT");
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
    }
}

fn server(binaries: &Path, folder: &Path) -> Child {
    keeper(folder, "QUIT", &binaries.join("postgres"), &[Path::new("-D"), &folder.join("data")])
}

/// The folder of the server's programs; the test fails, or is skipped, where there is none.
fn binaries() -> Option<PathBuf> {
    let versions = fs_err::read_dir("/usr/lib/postgresql").ok().into_iter().flatten().filter_map(Result::ok);
    let debian = versions.map(|version| version.path().join("bin"));
    let named = Command::new("pg_config").arg("--bindir").output().ok();
    let named = named.map(|output| PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()));
    let mut found: Vec<PathBuf> =
        debian.chain(named).filter(|folder| folder.join("initdb").exists()).collect();
    found.sort();
    if found.is_empty() {
        crate::missing::missing("PostgreSQL's server");
    }
    found.pop()
}

/// A command of the server, which refuses to run as root.
fn as_server(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=nobody", "--regid=nogroup", "--clear-groups"]).arg(program);
    command
}

/// A folder of the server's own. It lies at the top: a socket's path takes at most 107 bytes.
fn new_folder() -> PathBuf {
    let folder = tempfile::Builder::new().prefix("pli-pg-").tempdir_in("/tmp").expect("a folder").keep();
    let mode = std::fs::Permissions::from_mode(0o700);
    fs_err::set_permissions(&folder, mode).expect("a mode");
    if is_root() {
        let owned = Command::new("chown").arg("nobody:nogroup").arg(&folder).status().expect("chown runs");
        assert!(owned.success(), "chown");
    }
    folder
}

fn is_root() -> bool {
    let user = Command::new("id").arg("-u").output().expect("id runs");
    user.stdout.trim_ascii() == b"0"
}

/// A port that nobody listens on.
fn port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}

/// Starts a program with the shell that ends it.
fn keeper(folder: &Path, signal: &str, program: &Path, arguments: &[&Path]) -> Child {
    let mut shell = as_server(Path::new("sh"));
    shell
        .args(["-c", KEEPER, "keeper"])
        .arg(folder)
        .arg(signal)
        .arg(program)
        .args(arguments)
        .current_dir(folder);
    shell.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    shell.spawn().expect("a shell")
}

/// A pooler that may give each transaction another connection.
pub struct Pooler {
    keeper: Child,
    port: u16,
}

impl Pooler {
    /// Starts a pooler before a server; `None` where PgBouncer is not installed.
    pub fn start(server: &Server) -> Option<Pooler> {
        if Command::new("pgbouncer").arg("--version").output().is_err() {
            crate::missing::missing("`pgbouncer`");
            return None;
        }
        let (folder, port) = (server.folder(), port());
        let users = folder.join("users");
        fs_err::write(&users, "\"pli\" \"\"\n").expect("users");
        let settings = format!(
            "[databases]\n* = host={0} port={1}\n[pgbouncer]\nunix_socket_dir = {0}\nlisten_port = {port}\n\
             auth_type = trust\nauth_file = {2}\npool_mode = transaction\ndefault_pool_size = 2\n",
            folder.display(),
            server.port(),
            users.display(),
        );
        let file = folder.join("pooler.ini");
        fs_err::write(&file, settings).expect("settings");
        let keeper = keeper(folder, "TERM", Path::new("pgbouncer"), &[&file]);
        server.wait_until(|_| folder.join(format!(".s.PGSQL.{port}")).exists());
        Some(Pooler { keeper, port })
    }

    /// The port, which is part of the socket's name in the server's folder.
    pub fn port(&self) -> u16 {
        self.port
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
    }
}
