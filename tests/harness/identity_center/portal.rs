//! Its access portal: accounts, roles and their credentials, for whoever has a token.

use serde_json::{Value, json};

use super::wire::{Answer, Request, ok, refused};
use super::{ACCOUNTS, Books, ROLES, now};

impl Books {
    pub(super) fn signed_in(&mut self, asked: &Request, what: &str) -> Result<(), Answer> {
        self.seen.push(what.to_owned());
        match self.tokens.get(&asked.token) {
            Some(ends) if *ends > now() => Ok(()),
            _ => Err(refused(401, "UnauthorizedException", "Session token not found or invalid")),
        }
    }

    /// A page of one, so that every reader has to ask for the next.
    pub(super) fn accounts(&mut self, asked: &Request) -> Answer {
        if let Err(answer) = self.signed_in(asked, "ListAccounts") {
            return answer;
        }
        let at: usize = asked.query.get("next_token").and_then(|at| at.parse().ok()).unwrap_or(0);
        let (id, name) = ACCOUNTS[at.min(ACCOUNTS.len() - 1)];
        let mut page =
            json!({ "accountList": [{ "accountId": id, "accountName": name, "emailAddress": "root@example.com" }] });
        if at + 1 < ACCOUNTS.len() {
            page["nextToken"] = json!((at + 1).to_string());
        }
        ok(&page)
    }

    pub(super) fn roles(&mut self, asked: &Request) -> Answer {
        if let Err(answer) = self.signed_in(asked, "ListAccountRoles") {
            return answer;
        }
        let account = asked.query.get("account_id").cloned().unwrap_or_default();
        let roles: Vec<Value> = ROLES.iter().map(|role| json!({ "roleName": role, "accountId": account })).collect();
        ok(&json!({ "roleList": roles }))
    }

    pub(super) fn credentials(&mut self, asked: &Request) -> Answer {
        if let Err(answer) = self.signed_in(asked, "GetRoleCredentials") {
            return answer;
        }
        if !asked.query.get("role_name").is_some_and(|role| ROLES.contains(&role.as_str())) {
            return refused(403, "ForbiddenException", "No access");
        }
        let (id, secret) = self.manners.role_key.clone().unwrap_or_else(|| ("test".into(), "test".into()));
        let token = self.secret("session-token");
        self.roles.insert(token.clone(), now() + self.manners.role_seconds);
        ok(&json!({ "roleCredentials": {
            "accessKeyId": id, "secretAccessKey": secret, "sessionToken": token,
            "expiration": (now() + self.manners.role_seconds) * 1000,
        }}))
    }
}
