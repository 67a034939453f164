//! Kill -9 at any moment: what was called stored is there, and nothing is half there.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use super::*;

const FOLDER: &str = "WATCHBELL_TEST_CRASH_FOLDER";

fn call(number: u32) -> Vec<String> {
    (0..10).map(|one| node(number % 7, number * 10 + one, if one == 0 { "Failed" } else { "Success" }, 1)).collect()
}

/// Stores until it is killed; says each call that was committed.
#[tokio::test]
#[ignore = "the child of the test below"]
async fn child() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let dir = DataDir::resolve(Some(folder.as_ref())).unwrap();
    let store = Store::open(&dir).unwrap();
    for number in 0.. {
        store.ingest(call(number).iter().map(|body| incoming(body, at(1))).collect()).await.unwrap();
        println!("\ncommitted {number}");
    }
}

#[test]
fn a_killed_engine_leaves_all_that_it_called_stored_and_nothing_half() {
    let temp = tempfile::tempdir().unwrap();
    let dir = DataDir::resolve(Some(temp.path())).unwrap();
    for round in 1..4 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "store::tests::crash::child", "--ignored", "--nocapture"])
            .env(FOLDER, temp.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut committed = None;
        for line in BufReader::new(child.stdout.take().unwrap()).lines() {
            let line = line.unwrap();
            if let Some(number) = line.strip_prefix("committed ") {
                committed = Some(number.parse::<u32>().unwrap());
                if committed >= Some(round * 13) {
                    child.kill().unwrap();
                    break;
                }
            }
        }
        child.wait().unwrap();
        let committed = committed.expect("the child must have stored something before it died");
        let held: std::collections::BTreeSet<String> = kept(&dir).into_iter().collect();
        for number in 0..=committed {
            for body in call(number) {
                assert!(held.contains(&body), "call {number} was called stored before the kill");
            }
        }
        assert_eq!(held.len() % 10, 0, "a call is stored whole or not at all");
        assert_whole(&dir);
    }
}
