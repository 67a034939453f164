//! Reading and working the window as a person does: what it says, what is pressed, what is clicked.

use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::{Client, Locator};
use serde_json::Value;

use crate::desk::{LOOK_EVERY, until};

pub(crate) const ENTER: char = '\u{e007}';
pub(crate) const ESCAPE: char = '\u{e00c}';
pub(crate) const DOWN: char = '\u{e015}';

/// What a script in the page gives.
pub(crate) async fn ask(page: &Client, script: &str) -> Value {
    page.execute(script, Vec::new()).await.unwrap_or_else(|error| panic!("the page does not answer {script}: {error}"))
}

/// Everything that the window says.
pub(crate) async fn words(page: &Client) -> String {
    let text = page.execute("return document.body.innerText", Vec::new()).await.unwrap_or_default();
    text.as_str().unwrap_or_default().to_owned()
}

pub(crate) async fn until_words(page: &Client, wanted: &str) {
    for _ in 0..300 {
        if words(page).await.contains(wanted) {
            return;
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    panic!("the window never said {wanted:?}; it says: {}", words(page).await);
}

pub(crate) async fn until_no_words(page: &Client, gone: &str) {
    until(&format!("the window says {gone:?} no more"), async || !words(page).await.contains(gone)).await;
}

/// The feed's rows from top to bottom, each in one line.
pub(crate) async fn rows(page: &Client) -> Vec<String> {
    let script = "return [...document.querySelectorAll('[role=option]')].map((row) => row.innerText.replace(/\\s+/g, ' ').trim())";
    let Ok(Value::Array(rows)) = page.execute(script, Vec::new()).await else { return Vec::new() };
    rows.iter().map(|row| row.as_str().unwrap_or_default().to_owned()).collect()
}

pub(crate) async fn until_rows(page: &Client, count: usize) -> Vec<String> {
    for _ in 0..300 {
        let listed = rows(page).await;
        // A row that was just made is not shown until it has been measured.
        if listed.len() == count && listed.iter().all(|row| !row.is_empty()) {
            return listed;
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    panic!("the feed never listed {count} commands; it lists {:?}", rows(page).await);
}

/// Clicks the first element of this kind whose words contain `said`.
pub(crate) async fn click(page: &Client, css: &str, said: &str) {
    let clicked = async || {
        for element in page.find_all(Locator::Css(css)).await.unwrap_or_default() {
            let text = element.text().await.unwrap_or_default();
            let label = element.attr("aria-label").await.ok().flatten().unwrap_or_default();
            if (text.contains(said) || label.contains(said)) && element.click().await.is_ok() {
                return true;
            }
        }
        false
    };
    until(&format!("{css} {said:?} can be clicked"), clicked).await;
}

/// Puts this text into the field in place of what it holds, as if it had been typed.
pub(crate) async fn fill(page: &Client, css: &str, text: &str) {
    let filled = async || {
        let Ok(field) = page.find(Locator::Css(css)).await else { return false };
        field.clear().await.is_ok() && field.send_keys(text).await.is_ok()
    };
    until(&format!("{css} takes {text:?}"), filled).await;
}

/// Presses and lets go one key after another.
pub(crate) async fn press(page: &Client, keys: &[char]) {
    for &value in keys {
        let stroke = KeyActions::new("keyboard".into()).then(KeyAction::Down { value }).then(KeyAction::Up { value });
        page.perform_actions(stroke).await.unwrap();
    }
}

/// The command that is open: the words of its heading.
pub(crate) async fn open_document(page: &Client) -> Option<String> {
    let script = "return document.querySelector('section[aria-label=Command] h2')?.innerText ?? null";
    page.execute(script, Vec::new()).await.ok()?.as_str().map(str::to_owned)
}

pub(crate) async fn until_open(page: &Client, document: &str) {
    let open = async || open_document(page).await.as_deref() == Some(document);
    until(&format!("the window shows the command {document}"), open).await;
}

/// Goes on with the window that was made after the one before was destroyed.
pub(crate) async fn follow_new_window(page: &Client) {
    until("there is a window again", async || {
        let Ok(handles) = page.windows().await else { return false };
        let Some(handle) = handles.into_iter().next_back() else { return false };
        page.switch_to_window(handle).await.is_ok() && !words(page).await.is_empty()
    })
    .await;
}
