//! Where a path really leads: symbolic links that leave the folder in which a path lies.

use std::path::{Component, Path, PathBuf};

/// Whether a path lies in a folder by its name.
pub(crate) fn is_named_within(folder: &Path, path: &Path) -> bool {
    let climbs = path.components().any(|part| part == Component::ParentDir);
    // The folder of a file that is named without one.
    let here = folder.as_os_str().is_empty();
    !climbs && path.starts_with(folder) && !(here && path.is_absolute())
}

/// Where a symbolic link leads a path that lies in `folder` by its name, if that is outside of the folder. `None` for a path
/// that stays inside, for one that names another folder by itself, and where nothing is that this process can examine.
pub(crate) fn link_out_of(folder: &Path, path: &Path) -> Option<PathBuf> {
    if !is_named_within(folder, path) {
        return None;
    }
    let here = Path::new(".");
    let root = std::fs::canonicalize(if folder.as_os_str().is_empty() { here } else { folder }).ok()?;
    let mut found = root.clone();
    for part in path.strip_prefix(folder).ok()? {
        let next = found.join(part);
        found = match std::fs::symlink_metadata(&next).ok()?.is_symlink() {
            false => next,
            true => match std::fs::canonicalize(&next) {
                Ok(target) => target,
                // Whoever makes what a dangling link names decides what is read or written.
                Err(_) => return Some(found.join(std::fs::read_link(&next).ok()?)),
            },
        };
        if !found.starts_with(&root) {
            return Some(found);
        }
    }
    None
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_link_that_leaves_the_folder_is_found_wherever_it_stands() {
        let place = tempfile::tempdir().unwrap();
        let place = fs_err::canonicalize(place.path()).unwrap();
        let (job, outside) = (place.join("job"), place.join("outside"));
        for folder in [&job.join("inbox"), &job.join("other/deep"), &outside.join("deep")] {
            fs_err::create_dir_all(folder).unwrap();
        }
        fs_err::write(outside.join("cards.csv"), "").unwrap();
        fs_err::write(job.join("other/cards.csv"), "").unwrap();
        symlink(outside.join("cards.csv"), job.join("inbox/out.csv")).unwrap();
        symlink("../other/cards.csv", job.join("inbox/within.csv")).unwrap();
        symlink("../../outside", job.join("inbox/folder")).unwrap();
        symlink("/nowhere/at/all", job.join("inbox/dangling")).unwrap();
        symlink(&job, place.join("job-by-link")).unwrap();
        let leads = |path: &str| link_out_of(&job, &job.join(path));
        assert_eq!(leads("inbox/out.csv"), Some(outside.join("cards.csv")));
        assert_eq!(leads("inbox/folder"), Some(outside.clone()));
        assert_eq!(leads("inbox/folder/deep/none"), Some(outside.clone()));
        assert_eq!(leads("inbox/dangling"), Some("/nowhere/at/all".into()));
        for inside in ["inbox/within.csv", "inbox", "", "new/folder", "../outside/cards.csv"] {
            assert_eq!(leads(inside), None, "{inside}");
        }
        // The job's own folder may be reached by a link, and another folder be named by itself.
        let by_link = place.join("job-by-link");
        assert_eq!(link_out_of(&by_link, &by_link.join("inbox/within.csv")), None);
        assert_eq!(link_out_of(&by_link, &by_link.join("inbox/folder")), Some(outside.clone()));
        assert_eq!(link_out_of(&job, &outside.join("deep")), None);
        assert_eq!(link_out_of(Path::new(""), &outside), None);
    }
}
