// The words of IAM Identity Center: the accounts there are, and what to do when there is none.
import type { AccountList, AccountRow } from "../ipc/host";
import { number } from "./counts";
import { shown } from "./ids";
import { amount } from "./rules";

/** "3 accounts", "50 of 340 accounts shown: search for the others". */
export function accountsWords(list: AccountList): string {
  if (list.found > list.accounts.length)
    return `${number(list.accounts.length)} of ${amount(list.found, "account")} shown: search for the others`;
  return list.found === 0 ? "No account" : amount(list.found, "account");
}

/** Why there is none, and the next step. */
export function noAccountWords(search: string): string {
  return search.trim()
    ? "No account fits. Search by a part of its name, its number or its mail address."
    : "IAM Identity Center gives you no account. Ask your administrator to assign you one.";
}

/** What stands beside an account's name: its number, and the mail address where there is one. */
export function accountDetail(account: AccountRow): string {
  return account.email ? `${account.id} ${account.email}` : account.id;
}

/** "2 roles in acme-prod". */
export function rolesWords(roles: readonly string[], account: Pick<AccountRow, "name">): string {
  return `${roles.length === 0 ? "No role" : amount(roles.length, "role")} in ${shown(account.name)}`;
}
