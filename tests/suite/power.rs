//! Power loss: a job's folder is put back to what its disk was sure to have.
//!
//! The model is strict. The bytes of a file are durable as they were when the file was synced last, and those of a file that
//! never was are lost. The names in a folder are durable as they were when the folder itself was synced last: syncing a file
//! brings no name along. What was there before the program started is durable. Changes that were not synced may have reached
//! the disk all the same, in any order: see [`Loss`].

use std::collections::BTreeMap;
use std::fs::{File, Permissions};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// What a power loss takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// All that was not synced.
    Unsynced,
    /// The bytes that were not synced: names reached the disk.
    Bytes,
    /// The names that were not synced: bytes reached the disk.
    Names,
    /// Of each file and each folder what was not synced, or nothing: a seed decides.
    Some(u32),
}

impl Loss {
    /// Another loss for each number.
    pub fn of(number: u32) -> Loss {
        [Loss::Unsynced, Loss::Bytes, Loss::Names, Loss::Some(number)][number as usize % 4]
    }

    fn takes(self, node: &Node, path: &Path) -> bool {
        match (self, node) {
            (Loss::Unsynced, _) | (Loss::Bytes, Node::File(_)) | (Loss::Names, Node::Folder(_)) => true,
            (Loss::Bytes, Node::Folder(_)) | (Loss::Names, Node::File(_)) => false,
            (Loss::Some(seed), _) => {
                let mut hasher = DefaultHasher::new();
                (seed, path).hash(&mut hasher);
                hasher.finish().is_multiple_of(2)
            }
        }
    }
}

/// A file or folder without its name.
#[derive(Clone)]
enum Node {
    File(Vec<u8>),
    Folder(Vec<Entry>),
}

/// A name in a folder.
#[derive(Clone)]
struct Entry {
    name: String,
    inode: u64,
    is_folder: bool,
    mode: u32,
}

/// What lies below a folder, by inode.
type Nodes = BTreeMap<u64, Node>;

/// The disk below a folder, while a program works there.
pub struct Disk {
    root: PathBuf,
    store: TempDir,
    before: Nodes,
    /// All files of before: an inode that is open is given to no other file.
    _held: Vec<File>,
}

impl Disk {
    /// All that is below `root` is durable.
    pub fn of(root: &Path) -> Disk {
        let (mut before, mut held) = (Nodes::new(), Vec::new());
        walk(root, &mut before, &mut held);
        Disk { root: root.to_owned(), store: tempfile::tempdir().expect("a folder"), before, _held: held }
    }

    /// Has a program recorded what it syncs; `kill_at.c` is loaded into it.
    pub fn watches(&self, command: &mut Command) {
        command.env("DURABLE", self.store.path()).env("WATCHED", fs_err::canonicalize(&self.root).unwrap());
    }

    /// Puts the folder back, once the program has ended.
    pub fn lose(self, loss: Loss) {
        let (mut now, mut held) = (Nodes::new(), Vec::new());
        walk(&self.root, &mut now, &mut held);
        let root = inode(&self.root);
        let durable = |inode: u64, is_folder: bool| -> Node {
            let recorded = fs_err::read(self.store.path().join(inode.to_string())).ok();
            let recorded = recorded
                .map(|bytes| if is_folder { Node::Folder(entries(&bytes)) } else { Node::File(bytes) });
            let never = || if is_folder { Node::Folder(Vec::new()) } else { Node::File(Vec::new()) };
            recorded.or_else(|| self.before.get(&inode).cloned()).unwrap_or_else(never)
        };
        let mut left: Vec<(PathBuf, u32, Node)> = Vec::new();
        let mut open = vec![(root, true, 0o755, PathBuf::new())];
        while let Some((inode, is_folder, mode, path)) = open.pop() {
            let kept = now.get(&inode).filter(|node| !loss.takes(node, &path));
            let node = kept.cloned().unwrap_or_else(|| durable(inode, is_folder));
            if let Node::Folder(entries) = &node {
                open.extend(entries.iter().map(|it| (it.inode, it.is_folder, it.mode, path.join(&it.name))));
            }
            left.push((path, mode, node));
        }
        for entry in fs_err::read_dir(&self.root).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                fs_err::remove_dir_all(path).unwrap()
            } else {
                fs_err::remove_file(path).unwrap()
            }
        }
        // A folder comes before what is in it.
        for (path, mode, node) in &left {
            let path = self.root.join(path);
            match node {
                Node::Folder(_) => fs_err::create_dir_all(&path).unwrap(),
                Node::File(bytes) => fs_err::write(&path, bytes).unwrap(),
            }
            if path != self.root.join("") {
                fs_err::set_permissions(path, Permissions::from_mode(*mode)).unwrap();
            }
        }
    }
}

fn inode(path: &Path) -> u64 {
    fs_err::symlink_metadata(path).unwrap().ino()
}

fn walk(folder: &Path, nodes: &mut Nodes, held: &mut Vec<File>) {
    held.push(File::open(folder).unwrap());
    let mut entries = Vec::new();
    for entry in fs_err::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let found = fs_err::symlink_metadata(&path).unwrap();
        assert!(found.is_dir() || found.is_file(), "{}: a link", path.display());
        if found.is_dir() {
            walk(&path, nodes, held);
        } else {
            held.push(File::open(&path).unwrap());
            nodes.insert(found.ino(), Node::File(fs_err::read(&path).unwrap()));
        }
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        entries.push(Entry {
            name,
            inode: found.ino(),
            is_folder: found.is_dir(),
            mode: found.mode() & 0o7777,
        });
    }
    nodes.insert(inode(folder), Node::Folder(entries));
}

/// The entries that `kill_at.c` wrote, one a line: inode, kind, mode, name.
fn entries(bytes: &[u8]) -> Vec<Entry> {
    let text = std::str::from_utf8(bytes).unwrap();
    let entry = |line: &str| {
        let mut parts = line.splitn(4, ' ');
        let mut part = || parts.next().expect("a column");
        let (inode, kind, mode) = (part().parse().unwrap(), part(), part());
        let mode = u32::from_str_radix(mode, 8).unwrap();
        Entry { name: part().to_owned(), inode, is_folder: kind == "d", mode }
    };
    text.lines().map(entry).collect()
}

/// The model itself: what a synced file, an unsynced one, and their folders keep.
#[test]
fn a_loss_takes_what_was_not_synced_and_nothing_else() {
    use crate::killing::{Cut, Killer};
    let Some(killer) = Killer::new() else { return };
    let script = "printf new > old; printf new > a; printf new > b; sync -d a; sync .; printf newer > a; mkdir d; printf c > d/c; \
        sync d/c; sync d; rm old; printf x > late";
    let cases = [
        (Loss::Unsynced, vec![("a", "new"), ("b", ""), ("old", "before")]),
        (Loss::Bytes, vec![("a", "new"), ("b", ""), ("d/c", "c"), ("late", "")]),
        (Loss::Names, vec![("a", "newer"), ("b", "new"), ("old", "before")]),
    ];
    for (loss, left) in cases {
        let folder = tempfile::tempdir().unwrap();
        fs_err::write(folder.path().join("old"), "before").unwrap();
        let mut command = Command::new("sh");
        command.args(["-c", script]).current_dir(folder.path());
        assert!(killer.cuts(&mut command, 1000, Cut::Power(loss), folder.path()).is_done);
        let text = |path| Some((path, fs_err::read_to_string(folder.path().join(path)).ok()?));
        let found: Vec<_> = ["a", "b", "d/c", "late", "old"].into_iter().filter_map(text).collect();
        let left: Vec<_> = left.into_iter().map(|(path, text)| (path, text.to_owned())).collect();
        assert_eq!(found, left, "{loss:?}");
    }
}
