//! A company's network between here and AWS: a proxy, and a CA of its own that reads the traffic. It is named, whether it is trusted or not, and
//! where it is trusted everything works through it.

use std::sync::atomic::Ordering;

use watchbell_tests::harness::interceptor::{ISSUER, Interceptor};
use watchbell_tests::harness::ministack::Auth;

use crate::desk::{depend, ends, subscribed};
use crate::world::World;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ca_that_reads_the_traffic_is_named_and_refused_until_it_is_trusted() {
    let world = World::new(Auth::Open).await;
    let between = Interceptor::before(&world.aws.url).await.unwrap();
    let (mut terminal, ..) = subscribed(&world, &world.aws.url).await;
    terminal.endpoint.clone_from(&between.url);
    let ran = terminal.run(&["doctor"]).await.unwrap();
    for service in ["sts", "sns", "sqs"] {
        ends(&ran, service, "failed", &["TLS: ", ISSUER, "does not trust", "SSL_CERT_FILE"]);
    }
    depend(&ran, &["identity"], "\"sts\"");
    let refused = terminal.run(&["watch", "--once"]).await.unwrap();
    assert_eq!(refused.code, 4, "and nothing is sent to it: {refused:?}");

    terminal.session.set("SSL_CERT_FILE", Interceptor::ca());
    let ran = terminal.run(&["doctor"]).await.unwrap();
    for service in ["sts", "sns", "sqs"] {
        ends(&ran, service, "ok", &["certificate by", ISSUER]);
    }
    ends(&ran, "identity", "ok", &[]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_works_through_a_proxy_that_is_asked_for_the_way_on() {
    let world = World::new(Auth::Open).await;
    let between = Interceptor::before(&world.aws.url).await.unwrap();
    let (mut terminal, ..) = subscribed(&world, &world.aws.url).await;
    terminal.endpoint.clone_from(&between.url);
    terminal.session.set("SSL_CERT_FILE", Interceptor::ca());
    terminal.session.set("HTTPS_PROXY", &between.proxy);
    let ran = terminal.run(&["doctor"]).await.unwrap();
    ends(&ran, "sqs", "ok", &["through the proxy 127.0.0.1:", "certificate by", ISSUER]);
    ends(&ran, "identity", "ok", &[]);
    let looked = between.tunnels.load(Ordering::Relaxed);
    assert!(looked > 3, "the calls go that way, too: {looked}");

    world.publish(r#"{"commandId":"x"}"#).await;
    let drained = terminal.run(&["watch", "--once"]).await.unwrap();
    assert_eq!((drained.code, &drained.document()["received"]), (0, &1.into()), "messages as well: {drained:?}");
    assert!(between.tunnels.load(Ordering::Relaxed) > looked, "through the proxy");
}
