//! What lies in the clipboard of this screen, for tests that press a button which fills it.

#![allow(clippy::print_stdout, reason = "a program whose output is its purpose")]

#[cfg(target_os = "linux")]
fn main() {
    if gtk::init().is_ok()
        && let Some(text) = gtk::Clipboard::get(&gtk::gdk::SELECTION_CLIPBOARD).wait_for_text()
    {
        println!("{text}");
    }
}

#[cfg(not(target_os = "linux"))]
fn main() {}
