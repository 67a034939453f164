//! Secrets stay out, and what is inside is for its owner alone (invariant 5).

use super::*;
use crate::settings::Settings;

const SECRET: &str = "hunter2-in-the-script";

fn eventbridge() -> String {
    json!({
        "version": "0", "id": "51c0891d-0e34-45b1-83d6-95db273d1602", "account": "123456789012",
        "detail-type": "EC2 Command Status-change Notification", "source": "aws.ssm", "region": "eu-central-1",
        "time": at(1).to_string(), "resources": [],
        "detail": {"command-id": command_id(1), "document-name": "AWS-RunShellScript", "status": "Failed",
            "requested-date-time": at(0).to_string(), "parameters": {"commands": [format!("echo {SECRET}")]}},
    })
    .to_string()
}

/// Everything in the data folder, as bytes.
fn holds(dir: &DataDir, text: &str) -> bool {
    std::fs::read_dir(dir.root()).unwrap().any(|file| {
        let path = file.unwrap().path();
        path.is_file() && std::fs::read(&path).unwrap().windows(text.len()).any(|bytes| bytes == text.as_bytes())
    })
}

#[tokio::test]
async fn command_text_never_reaches_the_disk_unless_asked_for() {
    let house = House::new();
    let report = house.hear(&[eventbridge(), wrap(&eventbridge()), eventbridge().replace("\"Failed\"", "7")]).await;
    assert_eq!((report.stored, report.quarantined), (2, 1), "it came straight, wrapped, and not understood");
    assert!(!holds(&house.dir, SECRET), "command text often holds secrets: it is dropped before storing");
    house.store.configure(&Settings { keep_parameters: true, ..Settings::default() });
    let copy = house.hear(&[eventbridge()]).await;
    assert_eq!(copy.duplicates, 1, "the same message is the same, whatever the setting");
    house.hear(&[eventbridge().replace(&command_id(1), &command_id(2))]).await;
    assert!(holds(&house.dir, SECRET), "the person may turn it on");
}

#[cfg(unix)]
#[tokio::test]
async fn every_file_is_for_its_owner_alone() {
    use std::os::unix::fs::MetadataExt;
    let house = House::new();
    house.hear(&[node(1, 1, "Failed", 1)]).await;
    let mut seen = 0;
    for file in std::fs::read_dir(house.dir.root()).unwrap() {
        let path = file.unwrap().path();
        assert_eq!(path.metadata().unwrap().mode() & 0o777, 0o600, "{} is for its owner alone", path.display());
        seen += 1;
    }
    assert!(seen >= 3, "the database, its log and its index");
}
