//! A Chromium without a window, spoken to over two pipes in its own protocol.
//!
//! Pipes need no port and no library for sockets, and the browser ends by itself when they close; the process group is
//! killed all the same.

use std::{
    env,
    fs::File,
    io::{BufRead, BufReader, PipeReader, PipeWriter, Write, pipe},
    os::{
        fd::{AsRawFd, FromRawFd, OwnedFd},
        unix::process::CommandExt,
    },
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
    time::Duration,
};

use base64::{Engine, prelude::BASE64_STANDARD};
use nix::fcntl::{FcntlArg, fcntl};
use serde_json::{Value, json};
use tempfile::TempDir;
use yardstick::host::process::{Running, start};

/// What an answer may take: the machine may be busy with other tests.
const PATIENCE: Duration = Duration::from_secs(60);

/// Names of the browser, and whether it can be had by them.
const NAMES: [&str; 4] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
];

const FLAGS: [&str; 14] = [
    "--headless",
    "--no-sandbox",
    "--no-zygote",
    "--disable-gpu",
    "--disable-quic",
    "--disable-breakpad",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-extensions",
    "--disable-sync",
    "--remote-debugging-pipe",
];

/// One browser with one page.
pub(crate) struct Browser {
    // In this order: the pipe closes, the group is killed, its folder goes.
    to: PipeWriter,
    messages: Receiver<Value>,
    session: Option<String>,
    sent: u64,
    events: Vec<Value>,
    _running: Running,
    _profile: TempDir,
}

/// Where the browser is; `None` where there is none.
pub(crate) fn installed() -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    let folders: Vec<PathBuf> = env::split_paths(&path).collect();
    let candidates = NAMES
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    candidates.into_iter().find(|candidate| candidate.is_file())
}

impl Browser {
    /// Starts it with a fresh profile.
    pub(crate) fn start(program: &Path) -> Self {
        let profile = tempfile::Builder::new()
            .prefix("yardstick-browser-")
            .tempdir()
            .expect("a folder");
        let (commands, to) = pipe().expect("a pipe");
        let (from, answers) = pipe().expect("a pipe");
        let mut command = Command::new(program);
        command
            .args(FLAGS)
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg("about:blank")
            .env("HOME", profile.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        hand_over(&mut command, commands, answers);
        let running = start(&mut command).expect("it starts");
        drop(command);
        let mut browser = Self {
            to,
            messages: read(from),
            session: None,
            sent: 0,
            events: Vec::new(),
            _running: running,
            _profile: profile,
        };
        let target = browser.ask("Target.createTarget", &json!({ "url": "about:blank" }));
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let session = browser.ask("Target.attachToTarget", &attach);
        browser.session = session["sessionId"].as_str().map(str::to_owned);
        for domain in ["Page", "Runtime", "Log", "Network"] {
            browser.ask(&format!("{domain}.enable"), &json!({}));
        }
        browser
    }

    /// Asks for something and waits for the answer.
    pub(crate) fn ask(&mut self, method: &str, parameters: &Value) -> Value {
        self.sent += 1;
        let mut message = json!({ "id": self.sent, "method": method, "params": parameters });
        if let Some(session) = &self.session {
            message["sessionId"] = json!(session);
        }
        let mut bytes = message.to_string().into_bytes();
        bytes.push(0);
        self.to.write_all(&bytes).expect("the browser listens");
        loop {
            let message = self.next();
            if message["id"] == self.sent {
                assert!(message.get("error").is_none(), "{method}: {message}");
                return message["result"].clone();
            }
            self.events.push(message);
        }
    }

    /// Opens a file, and waits until the page has done all that it does by itself.
    pub(crate) fn open(&mut self, file: &Path, fragment: &str) {
        // Another fragment of the same file would be no load at all.
        self.navigate("about:blank");
        self.navigate(&format!("file://{}{fragment}", file.display()));
    }

    fn navigate(&mut self, url: &str) {
        self.events
            .retain(|event| event["method"] != "Page.loadEventFired");
        let answer = self.ask("Page.navigate", &json!({ "url": url }));
        assert!(answer.get("errorText").is_none(), "{url}: {answer}");
        while !self
            .events
            .iter()
            .any(|event| event["method"] == "Page.loadEventFired")
        {
            let event = self.next();
            self.events.push(event);
        }
    }

    /// The value of an expression of JavaScript.
    pub(crate) fn value(&mut self, expression: &str) -> Value {
        let parameters =
            json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
        let answer = self.ask("Runtime.evaluate", &parameters);
        assert!(
            answer.get("exceptionDetails").is_none(),
            "{expression}: {answer}"
        );
        answer["result"]["value"].clone()
    }

    /// A value that is a text.
    pub(crate) fn text(&mut self, expression: &str) -> String {
        let value = self.value(expression);
        match value.as_str() {
            Some(text) => text.to_owned(),
            None => panic!("{expression} is no text: {value}"),
        }
    }

    /// Waits for an expression to have this value: following a link is not done when the key is up.
    pub(crate) fn until(&mut self, expression: &str, wanted: &str) {
        let mut found = Value::Null;
        for _ in 0..200 {
            found = self.value(expression);
            if found == wanted {
                return;
            }
            self.value("new Promise((done) => setTimeout(done, 25))");
        }
        panic!("{expression} is {found} and not {wanted:?}");
    }

    /// Presses keys, as a person does: `Tab`, `Enter`, `/`, `a`. Each is handled when this returns.
    pub(crate) fn press(&mut self, keys: &[&str]) {
        for key in keys {
            let (code, text) = match *key {
                "Enter" => (13, "\r"),
                "Tab" => (9, ""),
                "Escape" => (27, ""),
                "ArrowRight" => (39, ""),
                "ArrowLeft" => (37, ""),
                "ArrowUp" => (38, ""),
                "ArrowDown" => (40, ""),
                " " => (32, " "),
                key => (0, key),
            };
            let mut down = json!({ "type": "keyDown", "key": key, "windowsVirtualKeyCode": code });
            if !text.is_empty() {
                down["text"] = json!(text);
            }
            self.ask("Input.dispatchKeyEvent", &down);
            let up = json!({ "type": "keyUp", "key": key, "windowsVirtualKeyCode": code });
            self.ask("Input.dispatchKeyEvent", &up);
        }
    }

    /// Makes the window so large, in CSS pixels.
    pub(crate) fn resize(&mut self, width: u32, height: u32) {
        let metrics =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.ask("Emulation.setDeviceMetricsOverride", &metrics);
    }

    /// `screen` or `print`, and the system's theme: `light` or `dark`.
    pub(crate) fn media(&mut self, media: &str, scheme: &str) {
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        self.ask(
            "Emulation.setEmulatedMedia",
            &json!({ "media": media, "features": features }),
        );
    }

    /// The whole page as a picture.
    pub(crate) fn picture(&mut self, file: &Path) {
        let parameters = json!({ "format": "png", "captureBeyondViewport": true, "clip": {
            "x": 0, "y": 0, "scale": 1,
            "width": self.value("document.documentElement.clientWidth"),
            "height": self.value("Math.min(document.documentElement.scrollHeight, 6000)"),
        } });
        self.save("Page.captureScreenshot", &parameters, file);
    }

    /// The page as it is printed.
    pub(crate) fn print(&mut self, file: &Path) {
        let parameters = json!({ "paperWidth": 8.27, "paperHeight": 11.69, "preferCSSPageSize": true, "printBackground": true });
        self.save("Page.printToPDF", &parameters, file);
    }

    fn save(&mut self, method: &str, parameters: &Value, file: &Path) {
        let answer = self.ask(method, parameters);
        let data = answer["data"].as_str().expect("data");
        let bytes = BASE64_STANDARD.decode(data).expect("base64");
        File::create(file)
            .and_then(|mut file| file.write_all(&bytes))
            .expect("writable");
    }

    /// Everything that went wrong in the page, and everything that it asked of a network.
    pub(crate) fn complaints(&self) -> Vec<String> {
        let complaint = |event: &Value| {
            let parameters = &event["params"];
            let is_bad = match event["method"].as_str()? {
                "Runtime.exceptionThrown" => true,
                "Runtime.consoleAPICalled" => parameters["type"] != "log",
                "Log.entryAdded" => parameters["entry"]["level"] != "verbose",
                "Network.requestWillBeSent" => {
                    let url = parameters["request"]["url"].as_str()?;
                    !(url.starts_with("file://")
                        || url.starts_with("data:")
                        || url == "about:blank")
                }
                _ => false,
            };
            is_bad.then(|| event.to_string())
        };
        self.events.iter().filter_map(complaint).collect()
    }

    /// The files that the page was made from.
    pub(crate) fn files(&self) -> Vec<String> {
        let requests = self
            .events
            .iter()
            .filter(|event| event["method"] == "Network.requestWillBeSent");
        let urls = requests.filter_map(|event| event["params"]["request"]["url"].as_str());
        urls.filter(|url| url.starts_with("file://"))
            .map(str::to_owned)
            .collect()
    }

    fn next(&mut self) -> Value {
        self.messages
            .recv_timeout(PATIENCE)
            .expect("the browser answers")
    }
}

/// Gives the browser its ends of the pipes, as the third and fourth of its files: where it expects them.
fn hand_over(command: &mut Command, commands: PipeReader, answers: PipeWriter) {
    // Elsewhere, so that neither is in the place of the other.
    let away = |end: OwnedFd| {
        let moved = fcntl(&end, FcntlArg::F_DUPFD_CLOEXEC(64)).expect("a free number");
        // SAFETY: the number is new, and nobody else knows it.
        unsafe { OwnedFd::from_raw_fd(moved) }
    };
    let ends = [(away(commands.into()), 3), (away(answers.into()), 4)];
    // SAFETY: between fork and exec the closure only calls dup2, which is async-signal-safe.
    unsafe {
        command.pre_exec(move || {
            for (from, to) in &ends {
                if libc::dup2(from.as_raw_fd(), *to) < 0 {
                    return Err(std::io::Error::last_os_error());
                }
            }
            Ok(())
        });
    }
}

/// Messages as they come; each ends with a zero.
fn read(from: PipeReader) -> Receiver<Value> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        let mut from = BufReader::new(from);
        loop {
            let mut message = Vec::new();
            match from.read_until(0, &mut message) {
                Ok(length) if length > 0 => message.pop(),
                _ => return,
            };
            let Ok(message) = serde_json::from_slice(&message) else {
                return;
            };
            if sender.send(message).is_err() {
                return;
            }
        }
    });
    receiver
}
