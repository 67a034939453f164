//! What whoever sends commands has to say so that Systems Manager notifies the topic: the two calls, filled in.
//!
//! **Invariant:** the lines run in a POSIX shell once the words in capitals are replaced; nothing in them is quoted by hand. The role
//! beside a notification is the one that publishes; a window's task has another one beside it, which people confuse
//! (SSM API reference, `SendCommand` and `MaintenanceWindowRunCommandParameters`).

use serde_json::json;

use super::Principal;
use super::render::shell;
use crate::arn::TopicArn;

/// The two ways to a notification, as lines for the aws CLI.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotifyLines {
    /// `aws ssm send-command …`
    pub send_command: String,
    /// `aws ssm register-task-with-maintenance-window …`
    pub register_task: String,
}

/// The arguments for this topic, published to as `sns_role`.
pub fn notify_lines(topic: &TopicArn, sns_role: &Principal) -> NotifyLines {
    let (partition, account, region) = (topic.partition(), topic.account(), topic.region());
    let role = sns_role.arn(partition, account);
    // One message a node and status; `Command` would be one a command.
    let config = json!({ "NotificationArn": topic, "NotificationEvents": ["All"], "NotificationType": "Invocation" });
    let task = json!({ "RunCommand": { "ServiceRoleArn": role, "NotificationConfig": config } });
    NotifyLines {
        send_command: format!(
            "aws ssm send-command --region {region} --document-name DOCUMENT --targets Key=tag:NAME,Values=VALUE \
             --service-role-arn {} --notification-config {}",
            shell(&role),
            shell(&config.to_string())
        ),
        register_task: format!(
            "aws ssm register-task-with-maintenance-window --region {region} --window-id WINDOW_ID \
             --task-type RUN_COMMAND --task-arn DOCUMENT --targets Key=WindowTargetIds,Values=TARGET_ID \
             --service-role-arn WINDOW_ROLE_ARN --max-concurrency 10 --max-errors 1 --task-invocation-parameters {}",
            shell(&task.to_string())
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_calls_name_the_topic_and_the_role_that_publishes() {
        let topic: TopicArn = "arn:aws-cn:sns:cn-north-1:123456789012:ssm-notify".parse().unwrap();
        let lines = notify_lines(&topic, &Principal::role("notify").unwrap());
        let role = "arn:aws-cn:iam::123456789012:role/notify";
        assert!(lines.send_command.contains(&format!("--service-role-arn '{role}'")), "{}", lines.send_command);
        assert!(lines.register_task.contains("--service-role-arn WINDOW_ROLE_ARN"), "another role runs the task");
        assert!(lines.register_task.contains(&format!("\"ServiceRoleArn\":\"{role}\"")), "{}", lines.register_task);
        for line in [&lines.send_command, &lines.register_task] {
            assert!(line.contains("--region cn-north-1") && line.contains(topic.as_str()), "{line}");
        }
    }
}
