use rstest::rstest;
use watchbell_core::status::{Bucket, Level, Status, bucket};

#[rstest]
#[case("Pending", Status::Pending)]
#[case("InProgress", Status::InProgress)]
#[case("In Progress", Status::InProgress)]
#[case("Success", Status::Success)]
#[case("Failed", Status::Failed)]
#[case("TimedOut", Status::TimedOut)]
#[case("Timed Out", Status::TimedOut)]
#[case("TIMED_OUT", Status::TimedOut)]
#[case("Cancelled", Status::Cancelled)]
#[case("Canceled", Status::Cancelled)]
#[case("Failed!", Status::Other("Failed!".to_owned()))]
#[case("Delayed", Status::Other("Delayed".to_owned()))]
#[case("", Status::Other(String::new()))]
fn every_spelling_is_read_and_the_unknown_is_kept(#[case] text: &str, #[case] status: Status) {
    assert_eq!(Status::parse(text), status, "{text}");
}

#[test]
fn a_status_comes_back_from_json_as_it_went() {
    for status in ["pending", "in_progress", "success", "failed", "timed_out", "cancelled", "Brandnew <b>"] {
        let held = Status::parse(status);
        assert_eq!(held.as_str(), status);
        assert_eq!(serde_json::from_str::<Status>(&serde_json::to_string(&held).unwrap()).unwrap(), held);
    }
}

#[rstest]
#[case("ExecutionTimedOut", Some(Status::TimedOut))]
#[case("DeliveryTimedOut", Some(Status::TimedOut))]
#[case("Undeliverable", Some(Status::Failed))]
#[case("Terminated", Some(Status::Failed))]
#[case("InvalidPlatform", Some(Status::Failed))]
#[case("AccessDenied", Some(Status::Failed))]
#[case("Incomplete", Some(Status::Failed))]
#[case("LimitExceeded", Some(Status::Failed))]
#[case("NoInstancesInTag", Some(Status::Success))]
#[case("Cancelled", Some(Status::Cancelled))]
#[case("Delayed", None)]
#[case("Shiny", None)]
fn the_coarse_status_follows_from_the_detail(#[case] detail: &str, #[case] status: Option<Status>) {
    assert_eq!(Status::of_detail(detail), status, "{detail}");
}

#[test]
fn a_node_that_never_ran_did_not_fail() {
    assert_eq!(bucket(&Status::Failed, Some("Terminated")), Bucket::NotRun);
    assert_eq!(bucket(&Status::Failed, Some("Undeliverable")), Bucket::Failed);
    assert_eq!(bucket(&Status::Failed, None), Bucket::Failed);
    assert_eq!(bucket(&Status::TimedOut, Some("DeliveryTimedOut")), Bucket::TimedOut);
    assert!(!Bucket::NotRun.is_failing(), "a node that never ran does not ring by itself");
}

#[test]
fn names_are_read_back() {
    for bucket in Bucket::ALL {
        assert_eq!(Bucket::parse(bucket.as_str()), Some(bucket));
    }
    for level in [Level::Command, Level::Invocation] {
        assert_eq!(Level::parse(level.as_str()), Some(level));
    }
}
