//! Whether the tray's library can be found. Its binding panics where it cannot, so it is looked for first.

/// Every name that the binding tries.
#[cfg(target_os = "linux")]
const NAMES: [&str; 4] =
    ["libayatana-appindicator3.so.1", "libappindicator3.so.1", "libayatana-appindicator3.so", "libappindicator3.so"];

/// Looks where the loader looks: its variable, its cache, the usual folders.
#[cfg(target_os = "linux")]
pub(super) fn is_there() -> bool {
    use std::path::{Path, PathBuf};
    let variable = std::env::var_os("LD_LIBRARY_PATH").unwrap_or_default();
    let usual = ["/usr/lib", "/usr/lib64", "/lib", "/lib64", "/usr/local/lib"].map(PathBuf::from);
    let in_folders = std::env::split_paths(&variable)
        .chain(usual)
        .any(|folder| NAMES.iter().any(|name| !folder.as_os_str().is_empty() && folder.join(name).exists()));
    let cache = std::fs::read("/etc/ld.so.cache").unwrap_or_default();
    in_folders || cached(&cache).any(|path| Path::new(path).exists())
}

#[cfg(not(target_os = "linux"))]
pub(super) fn is_there() -> bool {
    true
}

/// The paths of our libraries in the loader's cache: its strings end with a zero byte each.
#[cfg(target_os = "linux")]
fn cached(cache: &[u8]) -> impl Iterator<Item = &str> {
    cache
        .split(|byte| *byte == 0)
        .filter_map(|bytes| std::str::from_utf8(bytes).ok())
        .filter(|path| path.starts_with('/') && NAMES.iter().any(|name| path.rsplit('/').next() == Some(name)))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn the_library_is_found_by_its_whole_name_in_the_loaders_cache() {
        let cache = b"glibc-ld.so.cache1.1\0\xff\xfe\0/lib/libz.so.1\0libayatana-appindicator3.so.1\0/lib/x/libayatana-appindicator3.so.1\0/lib/notlibappindicator3.so.1\0";
        let found: Vec<_> = cached(cache).collect();
        assert_eq!(
            found,
            ["/lib/x/libayatana-appindicator3.so.1"],
            "a path to the library itself, and nothing like it"
        );
    }
}
