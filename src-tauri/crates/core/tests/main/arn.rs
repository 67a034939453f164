use rstest::rstest;
use watchbell_core::arn::{ArnError, QueueArn, TopicArn, dns_suffix, is_opt_in};

#[test]
fn a_pasted_topic_arn_comes_apart_into_its_parts() {
    let topic: TopicArn = "  arn:aws-cn:sns:cn-north-1:012345678901:ssm_notify-1\n".parse().unwrap();
    assert_eq!(topic.as_str(), "arn:aws-cn:sns:cn-north-1:012345678901:ssm_notify-1", "spaces around it are dropped");
    assert_eq!(
        (topic.partition(), topic.region(), topic.account(), topic.name()),
        ("aws-cn", "cn-north-1", "012345678901", "ssm_notify-1")
    );
}

#[rstest]
#[case("")]
#[case("ssm-notify")]
#[case("arn:aws:sns:us-east-1")]
#[case("arn:aws:sqs:us-east-1:123456789012:q")]
#[case("arn:aws:sns:us-east-1:123456789012:ssm.fifo")]
#[case("arn:aws:sns:us-east-1:12345:ssm")]
#[case("arn:aws:sns::123456789012:ssm")]
#[case("arn:azure:sns:us-east-1:123456789012:ssm")]
#[case("arn:aws:sns:us-east-1:123456789012:a b")]
#[case("arn:aws:sns:us-east-1:123456789012:")]
#[case("arn:aws:sns:us-east-1:123456789012:.fifo")]
#[case("arn:aws:sns:us-east-1:123456789012:ssm:83e2289d-27e6-42f3-a496-0704d76f136f")]
#[case("arn:aws:sns:us-east-1:123456789012:ssm\u{202e}")]
fn what_is_no_standard_topic_is_refused(#[case] text: &str) {
    assert!(text.parse::<TopicArn>().is_err(), "{text:?} must be refused before any call");
}

#[test]
fn refusals_say_what_is_wrong() {
    let said: Vec<String> = [
        "ssm-notify",
        "arn:aws:sns:us-east-1",
        "arn:aws:lambda:us-east-1:123456789012:function:f",
        "arn:aws:sns:us-east-1:123456789012:ssm.fifo",
        "arn:azure:sns:us-east-1:123456789012:ssm",
        "arn:aws:sns:us-east-1:1234:ssm",
        "arn:aws:sns:us-east-1:123456789012:ssm:83e2289d",
    ]
    .iter()
    .map(|text| text.parse::<TopicArn>().unwrap_err().to_string())
    .collect();
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn a_queue_arn_is_not_a_topic_arn() {
    assert_eq!(
        "arn:aws:sns:us-east-1:123456789012:q".parse::<QueueArn>(),
        Err(ArnError::NotSqs("sns".to_owned())),
        "the other service is named"
    );
    assert!("arn:aws:sqs:us-east-1:123456789012:q".parse::<QueueArn>().is_ok());
}

#[test]
fn names_have_the_length_aws_allows() {
    let topic = |n: usize| format!("arn:aws:sns:us-east-1:123456789012:{}", "t".repeat(n)).parse::<TopicArn>();
    let queue = |n: usize| format!("arn:aws:sqs:us-east-1:123456789012:{}", "q".repeat(n)).parse::<QueueArn>();
    assert!(topic(256).is_ok() && topic(257).is_err(), "a topic's name has at most 256 letters");
    assert!(queue(80).is_ok() && queue(81).is_err(), "a queue's name has at most 80 letters");
}

#[test]
fn an_arn_is_its_text_in_json_and_a_bad_one_does_not_come_in() {
    let text = "\"arn:aws:sns:us-east-1:123456789012:ssm\"";
    let topic: TopicArn = serde_json::from_str(text).unwrap();
    assert_eq!(serde_json::to_string(&topic).unwrap(), text);
    assert!(serde_json::from_str::<TopicArn>("\"ssm\"").is_err());
}

#[rstest]
#[case("us-east-1", false)]
#[case("sa-east-1", false)]
#[case("eu-south-1", true)]
#[case("me-central-1", true)]
#[case("ap-southeast-9", true)] // opened after this was written
#[case("cn-north-1", false)]
#[case("us-gov-west-1", false)]
#[case("eusc-de-east-1", false)]
#[case("us-iso-east-1", false)]
#[case("local", false)]
fn only_regions_that_must_be_switched_on_are_opt_in(#[case] region: &str, #[case] opt_in: bool) {
    assert_eq!(is_opt_in(region), opt_in, "{region}");
}

#[test]
fn only_real_partitions_have_a_suffix() {
    assert_eq!(dns_suffix("aws-eusc"), Some("amazonaws.eu"));
    assert_eq!(dns_suffix("aws-moon"), None);
}
