import { expect, test } from "vitest";
import { accountDetail, accountsWords, noAccountWords, rolesWords } from "./center";
import { signInWords } from "./setup";

const account = { id: "123456789012", name: "acme-prod", email: null };

test("accounts that are not listed are counted, and the way to them is told", () => {
  expect(accountsWords({ accounts: [], found: 0 })).toBe("No account");
  expect(accountsWords({ accounts: [account], found: 1 })).toBe("1 account");
  expect(accountsWords({ accounts: [account, account], found: 340 })).toBe(
    "2 of 340 accounts shown: search for the others",
  );
});

test("no account at all is the administrator's to mend, no fitting one is the search's", () => {
  expect(noAccountWords(" ")).toContain("Ask your administrator");
  expect(noAccountWords("prod")).toContain("No account fits");
});

test("roles are counted with their account", () => {
  expect(rolesWords([], account)).toBe("No role in acme-prod");
  expect(rolesWords(["Admin"], account)).toBe("1 role in acme-prod");
});

test("an account and a role are named whole", () => {
  expect(accountDetail(account)).toBe("123456789012");
  expect(accountDetail({ ...account, email: "a@b.example" })).toBe("123456789012 a@b.example");
  expect(
    signInWords({
      kind: "identity_center",
      start_url: "https://acme.awsapps.com/start",
      region: "eu-central-1",
      account_id: "123456789012",
      role_name: "ReadOnly",
    }),
  ).toBe("ReadOnly in 123456789012, through IAM Identity Center");
});
