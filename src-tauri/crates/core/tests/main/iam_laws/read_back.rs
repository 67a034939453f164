//! Each language read back into the policies that it stands for, as its own tool would.

use serde_json::Value;

/// The whole of a heredoc, or the JSON between comments.
pub(super) fn json_in(text: &str) -> Vec<Value> {
    let mut found = Vec::new();
    let mut held = String::new();
    for line in text.lines() {
        if line == "{" || !held.is_empty() {
            held.push_str(line);
            held.push('\n');
        }
        if line == "}" {
            found.push(serde_json::from_str(&held).expect("what begins and ends with a brace is JSON"));
            held.clear();
        }
    }
    found
}

/// `aws_iam_policy_document` back to what it stands for, as the provider does it.
pub(super) fn from_terraform(text: &str) -> Vec<Value> {
    let body: hcl::Body = hcl::from_str(text).expect("it is HCL");
    let locals: Vec<_> = body.blocks().filter(|block| block.identifier() == "locals").collect();
    let local = |name: &str| {
        let value = locals.iter().flat_map(|block| block.body().attributes()).find(|one| one.key() == name);
        plain(value.expect("each local that is used is named").expr(), &|_| Value::Null)
    };
    let data = body.blocks().filter(|block| block.identifier() == "data");
    data.map(|block| {
        let statements: Vec<_> = block.body().blocks().map(|one| statement(one.body(), &local)).collect();
        serde_json::json!({ "Version": "2012-10-17", "Statement": statements })
    })
    .collect()
}

fn statement(body: &hcl::Body, local: &dyn Fn(&str) -> Value) -> Value {
    let field = |body: &hcl::Body, name: &str| {
        let found = body.attributes().find(|one| one.key() == name);
        found.map(|one| one_or_many(plain(one.expr(), local)))
    };
    let mut out = serde_json::Map::new();
    out.insert("Sid".into(), field(body, "sid").unwrap());
    out.insert("Effect".into(), "Allow".into());
    out.insert("Action".into(), field(body, "actions").unwrap());
    out.extend(field(body, "resources").map(|resources| ("Resource".to_owned(), resources)));
    let mut conditions = serde_json::Map::new();
    for block in body.blocks() {
        let text = |name: &str| field(block.body(), name).unwrap().as_str().unwrap().to_owned();
        if block.identifier() == "principals" {
            let names = field(block.body(), "identifiers").unwrap();
            out.insert("Principal".into(), serde_json::json!({ text("type"): names }));
        } else {
            let values = field(block.body(), "values").unwrap();
            conditions.insert(text("test"), serde_json::json!({ text("variable"): values }));
        }
    }
    if !conditions.is_empty() {
        out.insert("Condition".into(), conditions.into());
    }
    out.into()
}

pub(super) fn plain(expression: &hcl::Expression, local: &dyn Fn(&str) -> Value) -> Value {
    match expression {
        hcl::Expression::String(text) => text.clone().into(),
        hcl::Expression::Array(items) => items.iter().map(|item| plain(item, local)).collect(),
        hcl::Expression::Traversal(path) => match &path.operators[..] {
            [hcl::TraversalOperator::GetAttr(name)] => local(name.as_str()),
            // The role that is made: IAM gives it this ARN.
            [_, hcl::TraversalOperator::GetAttr(_)] => {
                format!("arn:aws-us-gov:iam::123456789012:role/{}", local("sns_role_name").as_str().unwrap()).into()
            }
            other => panic!("a local is named, not {other:?}"),
        },
        other => panic!("texts and lists only, not {other:?}"),
    }
}

fn one_or_many(value: Value) -> Value {
    match value {
        Value::Array(mut one) if one.len() == 1 => one.remove(0),
        other => other,
    }
}

/// Every `PolicyDocument`, `AssumeRolePolicyDocument` and `Policy` of a template.
pub(super) fn from_template(value: &Value, out: &mut Vec<Value>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                if key.ends_with("PolicyDocument") || key == "Policy" {
                    out.push(value.clone());
                } else {
                    from_template(value, out);
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| from_template(item, out)),
        _ => {}
    }
}

pub(super) fn sorted(mut values: Vec<Value>) -> Vec<String> {
    let mut texts: Vec<_> = values.drain(..).map(|value| ordered(&value).to_string()).collect();
    texts.sort();
    texts
}

/// With keys in order, whatever features of `serde_json` the build has switched on.
fn ordered(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let mut keys: Vec<_> = fields.iter().collect();
            keys.sort_by_key(|(key, _)| key.as_str());
            Value::Object(keys.into_iter().map(|(key, value)| (key.clone(), ordered(value))).collect())
        }
        Value::Array(values) => values.iter().map(ordered).collect(),
        other => other.clone(),
    }
}
