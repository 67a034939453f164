//! The house itself: the crate arrows point only inward, and the visible folders are those of the map, and nothing is named that is not used.

#![allow(clippy::expect_used, reason = "a broken workspace is this test's finding")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use cargo_metadata::{CargoOpt, DependencyKind, Metadata, MetadataCommand};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().expect("the workspace root exists")
}

fn metadata() -> Metadata {
    MetadataCommand::new()
        .manifest_path(root().join("Cargo.toml"))
        .features(CargoOpt::AllFeatures)
        .other_options(vec!["--offline".to_owned(), "--locked".to_owned()])
        .exec()
        .expect("cargo metadata reads this workspace")
}

/// Every package each workspace member links, however deep, leaving out what only tests and build scripts use.
fn linked(metadata: &Metadata, member: &str) -> BTreeSet<String> {
    let resolve = metadata.resolve.as_ref().expect("cargo resolved the workspace");
    let names: BTreeMap<_, _> = metadata.packages.iter().map(|p| (&p.id, p.name.to_string())).collect();
    let nodes: BTreeMap<_, _> = resolve.nodes.iter().map(|n| (&n.id, n)).collect();
    let start = metadata.packages.iter().find(|p| p.name.as_str() == member).expect("the member exists");
    let (mut seen, mut todo) = (BTreeSet::new(), vec![&start.id]);
    while let Some(id) = todo.pop() {
        for dep in &nodes[id].deps {
            let normal = dep.dep_kinds.iter().any(|k| k.kind == DependencyKind::Normal);
            if normal && seen.insert(names[&dep.pkg].clone()) {
                todo.push(&dep.pkg);
            }
        }
    }
    seen
}

fn members_linked_by(metadata: &Metadata, member: &str) -> BTreeSet<String> {
    let members: BTreeSet<_> = metadata.workspace_packages().iter().map(|p| p.name.to_string()).collect();
    linked(metadata, member).intersection(&members).cloned().collect()
}

#[test]
fn arrows_point_only_inward() {
    let metadata = metadata();
    let inward: [(&str, &[&str]); 4] = [
        ("watchbell-core", &[]),
        ("watchbell-engine", &["watchbell-core"]),
        ("watchbell-cli", &["watchbell-core", "watchbell-engine"]),
        ("watchbell", &["watchbell-core", "watchbell-engine"]),
    ];
    for (member, allowed) in inward {
        let found = members_linked_by(&metadata, member);
        let allowed: BTreeSet<_> = allowed.iter().map(|&a| a.to_owned()).collect();
        assert_eq!(found, allowed, "{member} may know only the rooms further in");
    }
}

#[test]
fn the_core_is_pure() {
    let linked = linked(&metadata(), "watchbell-core");
    for used in ["serde_json", "jiff"] {
        assert!(linked.contains(used), "what is linked is known by its name: {used}");
    }
    for foreign in ["tokio", "rusqlite", "zbus", "tauri", "aws-config", "aws-sdk-sqs", "rand", "fastrand", "tracing"] {
        assert!(
            !linked.contains(foreign),
            "watchbell-core must stay free of {foreign}: time, chance and I/O are arguments"
        );
    }
}

#[test]
fn only_the_shell_knows_tauri() {
    let metadata = metadata();
    assert!(linked(&metadata, "watchbell").contains("tauri"), "the shell is made of it");
    for member in ["watchbell-engine", "watchbell-cli"] {
        assert!(!linked(&metadata, member).contains("tauri"), "{member} must run without a window system");
    }
}

#[test]
fn the_visible_folders_are_the_four_of_the_house() {
    let tracked = std::process::Command::new("git")
        .args(["ls-tree", "-d", "--name-only", "HEAD"])
        .current_dir(root())
        .output()
        .expect("git lists the tree");
    assert!(tracked.status.success(), "this test reads the committed tree, so it needs git");
    let visible: BTreeSet<_> =
        String::from_utf8_lossy(&tracked.stdout).lines().filter(|f| !f.starts_with('.')).map(str::to_owned).collect();
    let house: BTreeSet<_> = ["icons", "src-tauri", "tests", "ui"].map(str::to_owned).into();
    assert!(visible.is_subset(&house), "no other visible folders: {visible:?}");
}

#[test]
fn every_dependency_is_used() {
    let metadata = metadata();
    // A library may have another name than its package (`hcl` of hcl-rs).
    let library = |package: &str| {
        let package = metadata.packages.iter().find(|one| one.name.as_str() == package)?;
        let library = package.targets.iter().find(|target| {
            !(target.is_bin()
                || target.is_example()
                || target.is_test()
                || target.is_bench()
                || target.is_custom_build())
        });
        library.map(|target| target.name.replace('-', "_"))
    };
    for package in metadata.workspace_packages() {
        let folder = package.manifest_path.parent().expect("a manifest lies in a folder");
        let code = sources(folder.as_std_path());
        for dependency in &package.dependencies {
            let name = library(&dependency.name).unwrap_or_else(|| dependency.name.replace('-', "_"));
            assert!(mentions(&code, &name), "{} names {} and does not use it", package.name, dependency.name);
        }
    }
}

#[test]
fn the_core_touches_neither_files_nor_processes_nor_its_surroundings() {
    let core = sources(&root().join("src-tauri/crates/core/src"));
    assert!(core.contains("std::collections"), "the core's own lines were read");
    for foreign in ["std::fs", "std::env", "std::process", "std::net", "std::thread", "std::time::SystemTime"] {
        assert!(!core.contains(foreign), "watchbell-core must not use {foreign}: the engine is its outside");
    }
}

/// Every line of Rust below a folder that belongs to its own package.
fn sources(folder: &Path) -> String {
    let mut all = String::new();
    for entry in std::fs::read_dir(folder).expect("the folder can be read").flatten() {
        let path = entry.path();
        // A package inside a package has lines of its own.
        if path.is_dir() && !path.join("Cargo.toml").exists() && path.file_name().is_some_and(|name| name != "crates") {
            all += &sources(&path);
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            all += &std::fs::read_to_string(&path).expect("a source can be read");
        }
    }
    all
}

/// Whether the crate is named as one: in a path, an attribute or a `use`.
fn mentions(code: &str, name: &str) -> bool {
    code.match_indices(name).any(|(at, _)| {
        let before = code[..at].chars().next_back().is_none_or(|c| !c.is_alphanumeric() && c != '_');
        let after = &code[at + name.len()..];
        before
            && (after.starts_with("::")
                || after.starts_with(';')
                || after.starts_with(" as ")
                || after.starts_with('!'))
    })
}
