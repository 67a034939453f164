//! The clients of each service, made of an access.
//!
//! **Invariant:** each has the time-outs and the retries that its use asks for; how long a person waits is the access's own to say.

use std::time::Duration;

use aws_config::retry::RetryConfig;
use watchbell_core::plan::stable_caller;

use super::Access;
use crate::error::Problem;

impl Access {
    /// SQS in the queue's region, with time-outs above a long poll and no retries: receiving has its own back-off.
    pub async fn sqs(&self, region: &str) -> aws_sdk_sqs::Client {
        let config = self.config(region, Duration::from_secs(35), RetryConfig::disabled()).await;
        aws_sdk_sqs::Client::new(&config)
    }

    /// SQS for setting up, with short time-outs and a few retries.
    pub async fn sqs_setup(&self, region: &str) -> aws_sdk_sqs::Client {
        aws_sdk_sqs::Client::new(&self.ordinary(region).await)
    }

    /// SNS in the topic's region.
    pub async fn sns(&self, region: &str) -> aws_sdk_sns::Client {
        aws_sdk_sns::Client::new(&self.ordinary(region).await)
    }

    /// STS, to ask who we are.
    pub async fn sts(&self, region: &str) -> aws_sdk_sts::Client {
        aws_sdk_sts::Client::new(&self.ordinary(region).await)
    }

    /// SSM, with retries that slow down when it says that we ask too much: it publishes no limits for its reads.
    pub async fn ssm(&self, region: &str) -> aws_sdk_ssm::Client {
        let retry = RetryConfig::adaptive().with_max_attempts(4);
        aws_sdk_ssm::Client::new(&self.config(region, Duration::from_secs(20), retry).await)
    }

    /// IAM, which has one address for all regions of a partition.
    pub async fn iam(&self, region: &str) -> aws_sdk_iam::Client {
        aws_sdk_iam::Client::new(&self.ordinary(region).await)
    }

    /// KMS, in the region of a key.
    pub async fn kms(&self, region: &str) -> aws_sdk_kms::Client {
        aws_sdk_kms::Client::new(&self.ordinary(region).await)
    }

    /// The account that the credentials belong to. Needs no permission.
    pub async fn account(&self, region: &str) -> Result<String, Problem> {
        Ok(self.caller(region).await?.account)
    }

    /// Who the credentials belong to, in a form that stays: [`stable_caller`].
    ///
    /// # Errors
    /// Why there are no credentials, or what AWS refused.
    pub(in crate::aws) async fn stable_caller(&self, region: &str) -> Result<Option<String>, Problem> {
        Ok(stable_caller(&Box::pin(self.caller(region)).await?.arn))
    }
}
