//! As much of a browser as the tests of whole flows need: forms and pages over HTTP on loopback.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::PathBuf,
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

/// The part of a page between two marks.
pub fn between<'p>(page: &'p str, from: &str, to: &str) -> &'p str {
    let start = page.find(from).unwrap_or_else(|| panic!("no {from:?} in\n{page}")) + from.len();
    &page[start..start + page[start..].find(to).unwrap()]
}

/// A demo that runs as the real binary, stopped when dropped.
pub struct Running {
    process: Child,
    address: String,
    pub dir: PathBuf,
}

/// The root of the project, from which the binary is run as the README says.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A command of the real binary.
pub fn family_card(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_family-card"));
    command.args(arguments).current_dir(root());
    command
}

/// A folder of one test, empty.
pub fn folder(name: &str) -> PathBuf {
    let dir = std::env::temp_dir().join(format!("family-card-{}-{name}", std::process::id()));
    let _ = std::fs::remove_dir_all(&dir);
    dir
}

impl Running {
    /// Starts a demo and waits for its first screen.
    pub fn demo(dir: PathBuf, people: &str) -> Self {
        Self::demo_on(dir, people, "2026-11-24")
    }

    /// Starts a demo that begins on a day, and waits for its first screen.
    pub fn demo_on(dir: PathBuf, people: &str, day: &str) -> Self {
        let place = dir.display().to_string();
        let mut process = family_card(&["demo", "--people", people, "--dir", &place, "--port", "0"])
            .args(["--day", day])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let address = lines
            .by_ref()
            .map(Result::unwrap)
            .find_map(|line| Some(line.strip_prefix("Open http://")?.split(' ').next()?.to_owned()))
            .expect("the demo says where it listens");
        std::thread::spawn(move || lines.for_each(drop));
        Self { process, address, dir }
    }

    /// What a request is answered with, head and body.
    pub fn ask(&self, method: &str, path: &str, body: &str) -> String {
        self.ask_as(0, method, path, body)
    }

    /// The same, as another official than the first.
    pub fn ask_as(&self, officer: usize, method: &str, path: &str, body: &str) -> String {
        self.ask_in("en", officer, method, path, body)
    }

    fn ask_in(&self, lang: &str, officer: usize, method: &str, path: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let length = body.len();
        write!(
            stream,
            "{method} {path} HTTP/1.0\r\nCookie: lang={lang}; officer={officer}\r\nContent-Type: \
             application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n{body}"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// A page.
    pub fn get(&self, path: &str) -> String {
        self.get_as(0, path)
    }

    /// A page as another official than the first sees it.
    pub fn get_as(&self, officer: usize, path: &str) -> String {
        let answer = self.ask_as(officer, "GET", path, "");
        assert!(answer.starts_with("HTTP/1.0 200"), "{path}: {}", answer.lines().next().unwrap_or_default());
        answer
    }

    /// A page in a language.
    pub fn get_in(&self, lang: &str, path: &str) -> String {
        let answer = self.ask_in(lang, 0, "GET", path, "");
        assert!(answer.starts_with("HTTP/1.0 200"), "{path}: {}", answer.lines().next().unwrap_or_default());
        answer
    }

    /// Sends a form; where it leads to.
    pub fn post(&self, path: &str, body: &str) -> String {
        let answer = self.ask("POST", path, body);
        let to = answer.lines().find_map(|line| line.strip_prefix("location: "));
        to.unwrap_or_else(|| panic!("{path} leads nowhere: {answer}")).trim().to_owned()
    }

    /// Sends a form as another official than the first.
    pub fn post_as(&self, officer: usize, path: &str, body: &str) {
        let answer = self.ask_as(officer, "POST", path, body);
        assert!(answer.starts_with("HTTP/1.0 303"), "{path}: {answer}");
    }

    /// Waits until a page says something; what it says then.
    pub fn until(&self, path: &str, says: &str) -> String {
        self.until_it(path, says, |page| page.contains(says))
    }

    /// Waits until something is true of a page; what it says then.
    pub fn until_it(&self, path: &str, what: &str, holds: impl Fn(&str) -> bool) -> String {
        let begun = Instant::now();
        loop {
            let page = self.get(path);
            if holds(&page) {
                return page;
            }
            assert!(begun.elapsed() < Duration::from_mins(3), "{path} never says {what:?}:\n{page}");
            sleep(Duration::from_millis(100));
        }
    }

    /// Stops it as Ctrl-C does, and waits for its end.
    pub fn interrupt(mut self) -> PathBuf {
        let id = self.process.id().to_string();
        assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
        assert!(self.process.wait().unwrap().success(), "Ctrl-C ends it without a failure");
        self.dir.clone()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It has ended already where the test interrupted it.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Opens the card of a phone's person as an official does, and gives its address.
pub fn card(demo: &Running, phone: &str, officer: usize) -> String {
    let page = demo.get(phone);
    let number: String = between(&page, "· +7 ", "<").chars().filter(char::is_ascii_digit).collect();
    let form = format!("query=7{number}&reason=caller_identified");
    let found = demo.ask_as(officer, "POST", "/desk", &form);
    between(&found, "<li><a href=\"", "\"").to_owned()
}
