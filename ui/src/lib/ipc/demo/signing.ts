// Signing in in the fixtures: profiles, keys, roles, codes of MFA devices, IAM Identity Center. `?account=nothing` has no profile,
// `?account=mfa` wants a code for the profile acme-patch; any role with an MFA device wants one, and takes every code of six digits
// but 000000. Signing in again is with a code of a device, with `?account=browser` in the browser, with `?account=code` with a code of
// a page, with `?account=elsewhere` not ours to do. At IAM Identity Center `?account=waiting` signs in never, `?account=refused` is refused there, `?account=many` has more
// accounts than are listed.
import {
  Refusal,
  type Entered,
  type Rights,
  type RoleForm,
  type RoleMistake,
  type SetupHost,
  type SignInAsked,
} from "../host";
import { ACCOUNT, refuse, type World } from "./world";

type Signing = Pick<
  SetupHost,
  | "signInCandidates"
  | "signIn"
  | "signInWithKey"
  | "giveSignInCode"
  | "checkRole"
  | "signInCenter"
  | "cancelSignIn"
  | "centerAccounts"
  | "centerRoles"
  | "onSignInAsked"
  | "signInAgain"
  | "giveCode"
>;

const CODE = {
  url: "https://d-1234567890.awsapps.com/start/#/device?user_code=KQXF-WVRB",
  code: "KQXF-WVRB",
  until: "2026-03-01T09:10:00Z",
};
const PAGE = {
  url: "https://oidc.eu-central-1.amazonaws.com/authorize?response_type=code&client_id=c0ffee&redirect_uri=http%3A%2F%2F127.0.0.1%3A40123%2Foauth%2Fcallback&code_challenge_method=S256",
  code: null,
  until: null,
};
const DEVICE = `arn:aws:iam::${ACCOUNT}:mfa/ann`;

function accounts(count: number) {
  const named = [
    { id: ACCOUNT, name: "acme-prod", email: "aws-prod@acme.example" },
    { id: "210987654321", name: "acme-staging", email: "aws-staging@acme.example" },
    { id: "345678901234", name: "sandbox-of-the-platform-team-with-a-very-long-name", email: null },
  ];
  const more = Array.from({ length: Math.max(0, count - 3) }, (_, at) => ({
    id: String(400000000000 + at),
    name: `team-${at}`,
    email: null,
  }));
  return [...named, ...more];
}

/** The program's own rules are in Rust; these few are enough for the pages. */
function mistakes(role: RoleForm): RoleMistake[] {
  const found: RoleMistake[] = [];
  const arn = role.arn.trim();
  if (!arn)
    found.push({
      field: "arn",
      message: "an external id and an MFA device belong to a role, and none is named",
      hint: "Give the role's ARN, or leave all three empty.",
    });
  else if (!/^arn:[\w-]+:iam::\d{12}:role\/\S+$/.test(arn))
    found.push({
      field: "arn",
      message: `"${arn}" is a name, where a role's ARN is needed`,
      hint: "Give it as the IAM console shows it: arn:aws:iam::123456789012:role/name",
    });
  if (/^\d{1,8}$/.test(role.mfa_serial.trim()))
    found.push({
      field: "mfa_serial",
      message: "this looks like a code of the device, where the device itself is needed",
      hint: "Give the device's ARN or serial number here; its code is asked for when you sign in.",
    });
  return found;
}

function checkCode(code: string): void {
  if (!/^\d{6}$/.test(code.trim()))
    refuse("a code of an MFA device has six digits", "type the six digits that the device shows now");
  if (code.trim() === "000000")
    refuse(
      "AWS did not take the code: MultiFactorAuthentication failed with invalid MFA one time pass code.",
      "each code works once: wait until the device shows the next one and type that; if it goes on, check the device's serial number",
      "aws_refused",
    );
}

export function signing(world: World): Signing {
  const { account, answer } = world;
  const asks = new Set<(asked: SignInAsked) => void>();
  let callOff = () => {};
  const caller = (arn: string): Entered => ({ kind: "in", caller: { account: ACCOUNT, arn } });
  const session = () => caller(`arn:aws:sts::${ACCOUNT}:assumed-role/patching/ann`);
  const checkRole = (role: RoleForm | null) => {
    const [wrong] = role ? mistakes(role) : [];
    if (wrong) refuse(wrong.message, wrong.hint);
  };
  const entered = (rights: Rights): Entered => {
    checkRole(rights.role);
    const serial = rights.role?.mfa_serial.trim();
    if (serial) return { kind: "code", serial };
    const { sign_in: chosen } = rights;
    if (account === "mfa" && chosen.kind === "profile" && chosen.name === "acme-patch")
      return { kind: "code", serial: DEVICE };
    return session();
  };

  return {
    signInCandidates: () =>
      answer(() => ({
        profiles:
          account === "nothing"
            ? []
            : [
                { name: "acme-prod", region: "eu-central-1", kind: "sso", source: null, trouble: null },
                {
                  name: "acme-patch",
                  region: "eu-central-1",
                  kind: "role",
                  source: "acme-prod",
                  trouble: null,
                },
                {
                  name: "old",
                  region: null,
                  kind: "unusable",
                  source: null,
                  trouble: "its source_profile goes in a circle through old",
                },
              ],
        problems:
          account === "nothing"
            ? [
                {
                  code: "usage",
                  message: "the AWS config cannot be read: error parsing ~/.aws/config on line 3",
                  hint: "correct that line",
                },
              ]
            : [],
        environment: false,
        region: "us-east-1",
      })),
    signIn: (rights) => answer(() => entered(rights)),
    giveSignInCode: (_rights, _region, code) =>
      answer(() => {
        checkCode(code);
        return session();
      }),
    checkRole: (role) => answer(() => mistakes(role)),
    signInWithKey: ({ id, secret }, role) =>
      answer(() => {
        if (!/^A[A-Z0-9]{15,}$/.test(id))
          refuse("the access key id is not one", "it has 16 or more capital letters and digits");
        if (secret === "wrong")
          refuse(
            "the secret for this access key is wrong: AWS refused the signature of sts:GetCallerIdentity",
            "type the right secret; if it is right, check this machine's clock",
            "aws_refused",
          );
        checkRole(role);
        if (role?.mfa_serial.trim()) return { kind: "code", serial: role.mfa_serial.trim() };
        return caller(`arn:aws:iam::${ACCOUNT}:user/ann`);
      }),
    signInCenter: async (startUrl, _region, device) => {
      if (!/^https:\/\/[^\s/]+/.test(startUrl))
        refuse(
          "the start URL is not one",
          "it looks like https://d-1234567890.awsapps.com/start: the page on which you choose an AWS account",
        );
      for (const hear of asks) hear({ topic_arn: null, ...(device ? CODE : PAGE) });
      if (account === "refused")
        await answer(() =>
          refuse(
            "the sign-in was refused on the page in the browser",
            "allow Watchbell there, or ask your administrator whether applications may be allowed",
            "aws_refused",
          ),
        );
      if (account === "waiting")
        await new Promise<void>((_, reject) => {
          callOff = () =>
            reject(new Refusal({ code: "no", message: "the sign-in was called off", hint: "" }));
        });
      await answer(() => undefined);
    },
    cancelSignIn: async () => callOff(),
    centerAccounts: (_url, _region, search) =>
      answer(() => {
        const fit = accounts(account === "many" ? 340 : 3).filter((one) =>
          `${one.name} ${one.id} ${one.email ?? ""}`.toLowerCase().includes(search.toLowerCase()),
        );
        return { accounts: fit.slice(0, 50), found: fit.length };
      }),
    centerRoles: (_url, _region, id) =>
      answer(() => (id === ACCOUNT ? ["PatchingOperator", "ReadOnlyAccess"] : ["ReadOnlyAccess"])),
    onSignInAsked: async (hear) => {
      asks.add(hear);
      return () => asks.delete(hear);
    },
    signInAgain: async (topic_arn, how) => {
      if (how === "join") return answer(() => ({ kind: "idle" as const }));
      if (account === "elsewhere")
        return answer(() => ({
          kind: "elsewhere" as const,
          hint: "sign in again: aws sso login --profile acme-prod",
          command: "aws sso login --profile acme-prod",
        }));
      if (account !== "browser" && account !== "code")
        return answer(() => ({ kind: "code" as const, serial: DEVICE }));
      callOff();
      const asked = how === "device" || account === "code" ? CODE : PAGE;
      for (const hear of asks) hear({ topic_arn, ...asked });
      return new Promise((done) => (callOff = () => done({ kind: "idle" })));
    },
    giveCode: (_topic, code) =>
      answer(() => {
        checkCode(code);
        return { kind: "done" as const };
      }),
  };
}
