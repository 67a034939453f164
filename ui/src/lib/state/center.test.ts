import { expect, it, vi } from "vitest";
import { Refusal, type AccountList, type Host, type SignIn } from "../ipc/host";
import { CenterState } from "./center.svelte";

const one = { id: "1", name: "one", email: null };
const two = { id: "2", name: "two", email: null };

function made(parts: Partial<Host>) {
  const chosen: SignIn[] = [];
  const host = {
    onSignInAsked: async () => () => undefined,
    signInCenter: async () => undefined,
    cancelSignIn: async () => undefined,
    centerAccounts: async () => ({ accounts: [one, two], found: 2 }),
    centerRoles: async () => ["Admin", "Reader"],
    ...parts,
  } as unknown as Host;
  const center = new CenterState(host, (signIn) => chosen.push(signIn));
  center.startUrl = " https://acme.awsapps.com/start ";
  center.region = "eu-central-1";
  return { center, chosen };
}

it("a sign-in that was called off says nothing when it ends, and the next one counts", async () => {
  const ends: (() => void)[] = [];
  const { center } = made({
    signInCenter: () =>
      new Promise((_, reject) =>
        ends.push(() => reject(new Refusal({ code: "no", message: "called off", hint: "" }))),
      ),
  });
  const first = center.signIn(false);
  await vi.waitFor(() => expect(ends.length).toBe(1));
  await center.cancel();
  const second = center.signIn(true);
  await vi.waitFor(() => expect(ends.length).toBe(2));
  ends[0]?.();
  await first;
  expect([center.phase, center.problem]).toEqual(["waiting", null]);
  ends[1]?.();
  await second;
  expect([center.phase, center.problem?.message]).toEqual(["out", "called off"]);
});

it("while one search is under way the others wait, and only the last is asked", async () => {
  const asked: string[] = [];
  const answers: ((list: AccountList) => void)[] = [];
  const { center } = made({
    centerAccounts: (_url, _region, search) => {
      asked.push(search);
      return new Promise((answer) => answers.push(answer));
    },
  });
  const signing = center.signIn(false);
  await vi.waitFor(() => expect(asked).toEqual([""]));
  for (const text of ["t", "tw", "two"]) center.setSearch(text);
  answers[0]?.({ accounts: [one, two], found: 2 });
  await vi.waitFor(() => expect(asked).toEqual(["", "two"]));
  answers[1]?.({ accounts: [two], found: 1 });
  await signing;
  expect(center.list?.accounts).toEqual([two]);
  expect(center.account, "a search picks nothing by itself").toBeNull();
});

it("the roles of the account that was picked last are shown", async () => {
  const answers: ((roles: string[]) => void)[] = [];
  const { center, chosen } = made({ centerRoles: () => new Promise((answer) => answers.push(answer)) });
  const first = center.pick(one);
  const second = center.pick(two);
  answers[1]?.(["Admin", "Reader"]);
  answers[0]?.(["Other"]);
  await Promise.all([first, second]);
  expect([center.roles, chosen]).toEqual([["Admin", "Reader"], []]);
});

it("what leaves no choice is chosen, with the place as it was typed but for blanks", async () => {
  const { center, chosen } = made({
    centerAccounts: async () => ({ accounts: [one], found: 1 }),
    centerRoles: async () => ["Admin"],
  });
  await center.signIn(false);
  expect(chosen).toEqual([
    {
      kind: "identity_center",
      start_url: "https://acme.awsapps.com/start",
      region: "eu-central-1",
      account_id: "1",
      role_name: "Admin",
    },
  ]);
  expect(center.has(chosen[0] ?? null)).toBe(true);
  center.region = "us-east-1";
  expect(center.has(chosen[0] ?? null), "rights of another place").toBe(false);
});
