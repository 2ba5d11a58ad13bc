//! Programs that are not ours: an SMSC, an SMPP client, the published schemas, a bank.
//!
//! `tools/install-witnesses` installs them. A missing one fails the test.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    time::Duration,
};

use deliver::port::{BankStatus, FromNetwork, Movement, Submission, Submitted};
use outside::smpp::{Binds, Link, LinkConfig, Password};
use trial::{
    bank::{Bank, BankConfig, StatementVersion},
    smsc::{Config, Smsc},
};

use super::bank::{account, batch, day, entries, folder, reports, send};

/// A script beside these tests, with the Python that has its packages.
fn script(name: &str) -> Command {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let python = target.join("witness-venv/bin/python");
    assert!(python.exists(), "{} is missing: run tools/install-witnesses", python.display());
    let mut command = Command::new(python);
    command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/witness").join(name));
    command
}

/// Ends a program when a test ends, however it ends.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn told(output: &Output) -> String {
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{out}\n{err}");
    out.into_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn our_client_exchanges_messages_with_kannel() {
    let mut kannel = Running(script("kannel_smsc.py").arg("4").stdout(Stdio::piped()).spawn().unwrap());
    let mut lines = BufReader::new(kannel.0.stdout.take().unwrap()).lines();
    let port = lines.next().unwrap().unwrap().strip_prefix("listening ").unwrap().to_owned();
    let mut config = LinkConfig::new(format!("127.0.0.1:{port}"), "foo", Password("bar".to_owned()));
    config.binds = Binds::Pair;
    let link = Link::start(config, [], |what: FromNetwork| async move { panic!("{what:?}") }).unwrap();
    link.up().await;
    for attempt in 1..=5 {
        let text = format!("1414: сәлем {attempt}. {}", "Өтініш пен дерек. ".repeat(5));
        let submission = Submission { attempt, to: "77011234567".parse().unwrap(), text };
        let Submitted::Accepted { ids } = link.submit(submission).await else { panic!("not accepted") };
        assert_eq!(ids.len(), 2);
    }
    // Kannel writes from 456, which is no mobile number: told apart, answered, never handed on.
    for _ in 0..200 {
        if link.health().unreadable == 4 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(link.health().unreadable, 4);
    link.close().await;
    let rest: Vec<String> = lines.map(Result::unwrap).collect();
    let all = rest.join("\n");
    assert!(all.contains("Number of messages sent to SMSC: 10"), "{all}");
    assert!(all.contains("Number of messages sent to ESME: 4"), "{all}");
    assert!(!all.contains("ERROR") && !all.contains("unpacking failed"), "{all}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_foreign_client_exchanges_messages_with_our_smsc() {
    let config = Config { receipt_after: Duration::from_millis(200), ..Config::default() };
    let smsc = Smsc::start("127.0.0.1:0", config).await.unwrap();
    smsc.reply("77011234567", "Иә, келісемін 👍");
    let port = smsc.address().port().to_string();
    let client = tokio::task::spawn_blocking(move || script("smpplib_client.py").arg(port).output().unwrap());
    let all = told(&client.await.unwrap());
    let lines: Vec<serde_json::Value> = all.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |what: &str| lines.iter().filter(|line| line["what"] == what).collect::<Vec<_>>();

    // What smpplib cut is what the phone shows.
    let thread = smsc.thread("77011234567");
    for submitted in of("submitted") {
        let shown = thread.iter().find(|m| !m.from_phone && m.text == submitted["text"].as_str().unwrap());
        assert_eq!(u64::from(shown.expect("the whole text").parts), submitted["parts"].as_u64().unwrap());
    }
    assert_eq!(of("submitted").len(), 2);
    assert_eq!(of("message")[0]["text"], "Иә, келісемін 👍");
    let ids = |what| -> Vec<u64> {
        let radix = if what == "sent" { 16 } else { 10 };
        let mut ids: Vec<_> =
            of(what).iter().map(|l| u64::from_str_radix(l["id"].as_str().unwrap(), radix).unwrap()).collect();
        ids.sort_unstable();
        ids
    };
    assert_eq!(ids("sent"), ids("receipt"));
    assert!(of("receipt").iter().all(|r| r["text"].as_str().unwrap().contains("stat:DELIVRD")));
    assert_eq!(of("done").len(), 1);
}

fn validate(files: &[PathBuf]) {
    let all = told(&script("validate.py").args(files).output().unwrap());
    assert_eq!(all.matches("valid ").count(), files.len(), "{all}");
}

#[test]
fn every_bank_file_is_valid_by_the_published_schemas() {
    for version in [StatementVersion::V06, StatementVersion::V08] {
        let root = folder("schemas");
        let mut config = BankConfig::new(root.join("in"), root.join("out"));
        (config.rejected, config.returned, config.version) = (50, 50, version);
        let mut bank = Bank::open(config.clone()).unwrap();
        let mut files = vec![send(&batch("RUN-1", 120), &config.inbox)];
        let wrong = send(&batch("RUN-2", 2), &config.inbox);
        let xml = fs::read_to_string(&wrong).unwrap();
        fs::write(&wrong, xml.replacen("<NbOfTxs>2<", "<NbOfTxs>3<", 1)).unwrap();
        files.push(wrong);
        let done = bank.process(card::Moment::local(day("2026-12-15"), 9, 0)).unwrap();
        assert_eq!(done.written.len(), 4, "two answers, a statement and its returns");
        files.extend(done.written);
        validate(&files);
    }
}

#[test]
#[should_panic(expected = "not expected")]
fn the_schema_notices_a_wrong_file() {
    let root = folder("wrong");
    let path = send(&batch("RUN-1", 1), &root);
    let xml = fs::read_to_string(&path).unwrap();
    fs::write(&path, xml.replace("<PmtMtd>TRF</PmtMtd>", "")).unwrap();
    validate(&[path]);
}

#[test]
fn a_foreign_bank_reads_our_orders_and_we_read_its_answers() {
    let root = folder("mock-bank");
    let (inbox, outbox) = (root.join("in"), root.join("out"));
    fs::create_dir_all(&inbox).unwrap();
    fs::create_dir_all(&outbox).unwrap();
    let batch = batch("RUN-1", 6);
    send(&batch, &inbox);
    let mut bank = script("mock_bank.py");
    bank.arg(&inbox).arg(&outbox).args([account(1).expose(), account(1003).expose()]).arg("RUN-1-O5");
    let all = told(&bank.output().unwrap());
    let mut files: Vec<_> = fs::read_dir(&outbox).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let of = |kind: &str| -> Vec<&PathBuf> {
        files
            .iter()
            .filter(|path| fs::read_to_string(path).unwrap().contains(&format!("xsd:{kind}.")))
            .collect()
    };
    let statuses: Vec<_> = of("pain.002").into_iter().flat_map(|path| reports(path)).collect();
    let refused =
        statuses.iter().find(|report| report.end_to_end.as_deref() == Some("RUN-1-O3")).expect(&all);
    assert_eq!(refused.status, BankStatus::Rejected { reason: "AC04".to_owned() });
    assert!(statuses.iter().all(|report| report.batch == "RUN-1"));
    assert_eq!(statuses.iter().filter(|r| matches!(r.status, BankStatus::Rejected { .. })).count(), 1);

    let booked: Vec<_> = of("camt.054").into_iter().flat_map(|path| entries(path)).collect();
    let paid: Vec<_> = booked.iter().filter(|entry| entry.movement == Movement::Paid).collect();
    assert_eq!(paid.len(), 5);
    for entry in paid {
        let order = batch.transfers.iter().find(|t| t.end_to_end == entry.end_to_end).unwrap();
        assert_eq!((entry.amount, entry.booked), (order.amount, day("2026-12-10")));
    }
    let returned: Vec<_> = booked.iter().filter(|entry| entry.movement != Movement::Paid).collect();
    let [returned] = returned[..] else { panic!("one return: {booked:?}") };
    assert_eq!(returned.end_to_end, "RUN-1-O5");
    assert_eq!(returned.movement, Movement::Returned { reason: "AC04".to_owned() });
}
