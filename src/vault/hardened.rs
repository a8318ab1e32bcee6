//! A process that holds codes keeps its memory to itself: no core dump, no reader of its memory, no swap, no life without its
//! parent.
//!
//! What is relied on is the kernel. A process that is not dumpable is dumped nowhere, whatever the pattern of core dumps says,
//! and neither traced nor read by a process of the same user (`/proc/PID/mem`, `ptrace`): only root, or who else has
//! `CAP_SYS_PTRACE` (to read, from Linux 6.12 on, also `CAP_PERFMON` or `CAP_SYS_ADMIN`), can. Yama's ban on tracers is asked for, too, where the kernel has it.

use std::io;

/// Keeps this process's memory to itself, for good. Warns, once, where the memory can't be locked: the work goes on.
///
/// # Errors
/// I/O errors: the system refuses the rest.
#[cfg(target_os = "linux")]
pub(crate) fn keep_to_itself() -> io::Result<()> {
    use rustix::process::{DumpableBehavior, PTracer, set_dumpable_behavior, set_ptracer};
    no_core()?;
    set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    // Where the kernel has no Yama there is nobody to ask.
    let _ = set_ptracer(PTracer::None);
    if let Err(reason) = lock_memory() {
        warn_of_swap(&reason);
    }
    Ok(())
}

/// Keeps this process's memory to itself as far as other systems let a process.
///
/// # Errors
/// I/O errors.
#[cfg(not(target_os = "linux"))]
pub(crate) fn keep_to_itself() -> io::Result<()> {
    #[cfg(unix)]
    no_core()?;
    warn_of_swap("only on Linux");
    Ok(())
}

fn warn_of_swap(reason: &str) {
    tracing::warn!(
        code = "memory_not_locked",
        "the memory of the process that holds codes can't be locked ({reason}): it could reach the swap; raise the limit (`ulimit -l unlimited`), or run without swap or with an encrypted one"
    );
}

/// Ends this process when its parent ends, however that ends.
///
/// # Errors
/// I/O errors.
#[cfg(target_os = "linux")]
pub(crate) fn end_with_parent() -> io::Result<()> {
    use rustix::process::{Signal, set_parent_process_death_signal};
    Ok(set_parent_process_death_signal(Some(Signal::KILL))?)
}

/// Other systems have no such signal: a child ends once it speaks to its parent.
///
/// # Errors
/// Never fails.
#[cfg(not(target_os = "linux"))]
pub(crate) fn end_with_parent() -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn no_core() -> io::Result<()> {
    use rustix::process::{Resource, Rlimit, setrlimit};
    Ok(setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })?)
}

/// Locks all memory, present and to come, as it is touched. Returns why not.
///
/// All or nothing: under a limit that is not enough an allocation would fail later on, and end the process. So the limit is
/// lifted where the system lets it, and otherwise set to nothing, with which the call succeeds for a privileged process alone.
#[cfg(target_os = "linux")]
fn lock_memory() -> Result<(), String> {
    use rustix::mm::{MlockAllFlags, mlockall};
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Memlock);
    let current = if limit.maximum.is_none() { None } else { Some(0) };
    setrlimit(Resource::Memlock, Rlimit { current, maximum: limit.maximum })
        .map_err(|error| error.to_string())?;
    mlockall(MlockAllFlags::CURRENT | MlockAllFlags::FUTURE | MlockAllFlags::ONFAULT).map_err(|error| {
        match limit.current {
            Some(allowed) => format!("{} KiB are allowed", allowed >> 10),
            None => error.to_string(),
        }
    })
}
