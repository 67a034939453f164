//! Laws over whatever may happen, in any order: the budget holds, nothing fails without an answer, and sums are exact.

use super::*;

#[derive(Debug, Clone)]
enum Act {
    Fail { command: u8, node: u8, late: i64 },
    Mend { command: u8, node: u8 },
    Acknowledge { command: u8 },
    Fate { command: u8, fate: Fate },
    FateOfMany { kind: Kind, fate: Fate },
    Snooze { minutes: i64 },
    Unsnooze,
    CaughtUp,
    ServerReplaced,
}

fn failures() -> impl Strategy<Value = Act> {
    (0_u8..12, 0_u8..5, prop_oneof![3 => Just(0_i64), 1 => 11_i64..600]).prop_map(|(command, node, late)| Act::Fail {
        command,
        node,
        late,
    })
}

fn fates() -> impl Strategy<Value = Fate> {
    prop_oneof![Just(Fate::Shown), Just(Fate::Dismissed), Just(Fate::Clicked), Just(Fate::Expired), Just(Fate::Refused)]
}

fn people() -> impl Strategy<Value = Act> {
    let kinds = prop_oneof![Just(Kind::Overflow), Just(Kind::Digest), Just(Kind::Held)];
    prop_oneof![
        (0_u8..12).prop_map(|command| Act::Acknowledge { command }),
        (0_u8..12, fates()).prop_map(|(command, fate)| Act::Fate { command, fate }),
        (kinds, fates()).prop_map(|(kind, fate)| Act::FateOfMany { kind, fate }),
        (1_i64..90).prop_map(|minutes| Act::Snooze { minutes }),
        Just(Act::Unsnooze),
        Just(Act::CaughtUp),
        Just(Act::ServerReplaced),
        (0_u8..12, 0_u8..5).prop_map(|(command, node)| Act::Mend { command, node }),
    ]
}

impl Sea {
    fn act(&mut self, act: &Act) {
        match act {
            Act::Fail { command, node, late } => self.fail(*command, *node, *late),
            Act::Mend { command, node } => self.mend(*command, *node),
            Act::Acknowledge { command } => {
                let Some(held) = self.commands.get(command) else { return };
                let nodes: Vec<String> = held.failed.iter().map(|node| format!("i-{node:017x}")).collect();
                self.input(*command, Input::Acknowledged { failing_nodes: &nodes });
                self.end_of_transaction();
            }
            Act::Fate { command, fate } => {
                let Some(held) = self.commands.get_mut(command).filter(|held| held.screen.is_some()) else { return };
                if *fate != Fate::Shown {
                    held.screen = None;
                }
                held.again = matches!(fate, Fate::Refused | Fate::ServerChanged);
                self.input(*command, Input::Fate(*fate));
                self.end_of_transaction();
            }
            Act::FateOfMany { kind, fate } => {
                if self.many.contains_key(kind) {
                    if *fate != Fate::Shown {
                        self.many.remove(kind);
                    }
                    self.hall(HallInput::Fate(*kind, *fate));
                }
            }
            Act::Snooze { minutes } => {
                let until = self.now + SignedDuration::from_mins(*minutes);
                self.hall(HallInput::Snooze { until, window: false });
            }
            Act::Unsnooze => self.hall(HallInput::Unsnooze),
            Act::CaughtUp => self.hall(HallInput::CaughtUp),
            Act::ServerReplaced => self.replace_server(),
        }
    }

    /// What was up is gone: as the store tells it, what is of many commands first.
    fn replace_server(&mut self) {
        for kind in Kind::ALL {
            self.many.remove(&kind);
            self.hall(HallInput::Fate(kind, Fate::ServerChanged));
        }
        let up = |held: &Command| held.screen.is_some();
        let up: Vec<u8> = self.commands.iter().filter(|(_, held)| up(held)).map(|(id, _)| *id).collect();
        let fate = if up.len() > 1 { Fate::Regrouped } else { Fate::ServerChanged };
        for command in up {
            let held = self.commands.get_mut(&command).unwrap();
            held.screen = None;
            held.again = fate == Fate::ServerChanged;
            self.input(command, Input::Fate(fate));
        }
        self.end_of_transaction();
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_budget_is_never_exceeded_and_nothing_fails_without_an_answer(
        script in proptest::collection::vec((prop_oneof![4 => failures(), 1 => people()], 0_i64..4_000), 1..120)
    ) {
        let mut sea = Sea::new();
        for (act, pause) in &script {
            sea.act(act);
            for held in sea.commands.values().filter(|held| !held.failed.is_empty()) {
                prop_assert!(Sea::is_answered(held), "something fails, and there is neither an alert nor a reason");
            }
            sea.pass(SignedDuration::from_millis(*pause));
        }
        for (place, first) in sea.rang.iter().enumerate() {
            let within = sea.rang[place..].iter().filter(|at| at.duration_since(*first).as_secs() < 10).count();
            prop_assert!(within <= 5, "{within} new alerts within ten seconds");
        }
    }

    #[test]
    fn the_counts_of_an_alert_for_many_are_those_of_its_members(
        script in proptest::collection::vec((failures(), 0_i64..500), 1..80)
    ) {
        let mut sea = Sea::new();
        for (act, pause) in &script {
            sea.act(act);
            sea.pass(SignedDuration::from_millis(*pause));
        }
        sea.pass(SignedDuration::from_secs(3));
        for kind in Kind::ALL {
            let told = sea.hall.collective(kind).map_or((0, 0), |held| (held.commands(), held.nodes()));
            prop_assert_eq!(told, sea.members(kind), "the sums are kept by difference and stay exact");
        }
        let on_their_own = sea.commands.values().filter(|held| held.group.member_of().is_none());
        for held in on_their_own {
            let failed = held.failed.len();
            let told = held.screen.as_ref().map(|text| text.title.clone()).unwrap_or_default();
            let expected = if failed == 1 { " failed on ".to_owned() } else { format!(": {failed} failed of {} heard from", failed + 3) };
            prop_assert!(told.contains(&expected), "the last text is the true one: {told}, not {expected}");
        }
    }

    #[test]
    fn any_order_with_any_duplicates_counts_the_same(
        failures in proptest::collection::vec((0_u8..9, 0_u8..6), 1..60),
        seed in any::<u64>(),
    ) {
        let run = |order: &[(u8, u8)]| {
            let mut sea = Sea::new();
            for (command, node) in order {
                sea.fail(*command, *node, 0);
            }
            sea.pass(SignedDuration::from_secs(3));
            let nodes: usize = sea.commands.values().map(|held| held.failed.len()).sum();
            (sea.commands.keys().copied().collect::<Vec<_>>(), nodes, sea.rang.len(), sea.members(Kind::Overflow).0)
        };
        let mut shuffled: Vec<_> = failures.iter().chain(&failures).copied().collect();
        let length = shuffled.len();
        for place in 0..length {
            let other = usize::try_from(seed.rotate_left(u32::try_from(place % 64).unwrap()) % length as u64).unwrap();
            shuffled.swap(place, other);
        }
        prop_assert_eq!(run(&failures), run(&shuffled), "arrival decides which command rings, not how many do or how much failed");
    }
}
