// The set-up of the fixtures: a made-up account with profiles, topics and a queue. `?draft=STEP` begins as after a crash, with
// `?account=center` in a role of IAM Identity Center, with `?account=portal` before one was chosen there, with `?account=role` in
// a role with an external id and an MFA device. What else `?account=` does is said where it is done.
import type { Draft, RoleForm, SetupHost, SignIn } from "../host";
import { keeping } from "./keeping";
import { signing } from "./signing";
import { subscribing } from "./subscribing";
import { ACCOUNT, TOPIC, type World } from "./world";

const PORTAL = { start_url: "https://d-1234567890.awsapps.com/start", region: "eu-central-1" };
const ROLE: RoleForm = {
  arn: `arn:aws:iam::${ACCOUNT}:role/watchbell`,
  external_id: "acme",
  mfa_serial: `arn:aws:iam::${ACCOUNT}:mfa/ann`,
};

function chosen(account: string | null): SignIn | null {
  if (account === "portal") return null;
  if (account !== "center") return { kind: "profile", name: "acme-prod" };
  return { kind: "identity_center", ...PORTAL, account_id: ACCOUNT, role_name: "PatchingOperator" };
}

function begun(step: string, account: string | null): Draft {
  return {
    step,
    sign_in: chosen(account),
    role: account === "role" ? ROLE : null,
    portal: account === "portal" ? PORTAL : null,
    region: "eu-central-1",
    topic_arn: TOPIC,
    filter: "all",
    queue_url: null,
  };
}

export function setup(world: World): SetupHost {
  const { answer, scene } = world;
  let draft = world.draft === null ? null : begun(world.draft, world.account);
  return {
    setupWanted: () => answer(() => scene === "first"),
    setupDraft: () => answer(() => draft),
    saveSetupDraft: (told) => answer(() => void (draft = told)),
    endSetup: () => answer(() => void (draft = null)),
    ...signing(world),
    ...subscribing(world),
    ...keeping(world),
  };
}
