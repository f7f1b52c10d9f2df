//! Takes from this process what a record could abuse: memory and time beyond its limits, files, the network, and other
//! processes. On Linux, only the system calls that an analysis needs are permitted (seccomp); elsewhere files and the network
//! are not taken away, so a service runs on Linux.

use std::{fs, io};

use nix::sys::resource::{Resource, getrlimit, setrlimit};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SandboxLimits {
    /// Memory besides the program itself.
    pub(super) memory_bytes: u64,
    pub(super) cpu_seconds: u64,
}

/// Closes what the parent, or whoever started it, left open for its children besides the three standard descriptors. Nothing
/// else may be open yet.
pub(super) fn close_inherited_files() -> io::Result<()> {
    let folder = if cfg!(target_os = "linux") { "/proc/self/fd" } else { "/dev/fd" };
    let names =
        fs::read_dir(folder)?.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<i32>().ok());
    let inherited: Vec<i32> = names.filter(|descriptor| *descriptor > 2).collect();
    for descriptor in inherited {
        // The folder's own is among them, and closed by now.
        let _ = nix::unistd::close(descriptor);
    }
    Ok(())
}

/// Confines this process and all its threads for good.
pub(super) fn confine(limits: SandboxLimits) -> io::Result<()> {
    limit_memory(limits.memory_bytes)?;
    limit(Resource::RLIMIT_CORE, 0)?;
    limit(Resource::RLIMIT_FSIZE, 0)?;
    // No descriptor beyond those that are open, the three standard ones.
    limit(Resource::RLIMIT_NOFILE, 0)?;
    // At the soft limit comes the signal that the parent knows it by, at the hard one the kernel kills.
    let (_, hard_limit) = getrlimit(Resource::RLIMIT_CPU)?;
    let seconds = limits.cpu_seconds.min(hard_limit);
    setrlimit(Resource::RLIMIT_CPU, seconds, seconds.saturating_add(1).min(hard_limit))?;
    permit_few_system_calls()
}

fn limit(resource: Resource, value: u64) -> io::Result<()> {
    let (_, hard_limit) = getrlimit(resource)?;
    let value = value.min(hard_limit);
    Ok(setrlimit(resource, value, value)?)
}

/// Limits the address space to what the program takes already and this much more.
#[cfg(target_os = "linux")]
fn limit_memory(bytes: u64) -> io::Result<()> {
    // The first number is the size of the address space in pages (proc(5)).
    let sizes = fs::read_to_string("/proc/self/statm")?;
    let pages: Option<u64> = sizes.split(' ').next().and_then(|pages| pages.parse().ok());
    let pages = pages.ok_or_else(|| io::Error::other("/proc/self/statm has no size"))?;
    let page_bytes = nix::unistd::sysconf(nix::unistd::SysconfVar::PAGE_SIZE)?;
    let page_bytes = page_bytes.and_then(|bytes| u64::try_from(bytes).ok()).unwrap_or(4096);
    limit(Resource::RLIMIT_AS, pages * page_bytes + bytes)
}

#[cfg(not(target_os = "linux"))]
fn limit_memory(bytes: u64) -> io::Result<()> {
    limit(Resource::RLIMIT_DATA, bytes)
}

#[cfg(target_os = "linux")]
fn permit_few_system_calls() -> io::Result<()> {
    use std::collections::BTreeMap;

    use nix::libc;
    use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, TargetArch};

    /// What reads, writes, allocates, waits and ends. All else fails with EPERM: opening, connecting, starting, signalling.
    const PERMITTED: &[libc::c_long] = &[
        libc::SYS_read,
        libc::SYS_readv,
        libc::SYS_write,
        libc::SYS_writev,
        libc::SYS_close,
        libc::SYS_brk,
        libc::SYS_mmap,
        libc::SYS_munmap,
        libc::SYS_mremap,
        libc::SYS_mprotect,
        libc::SYS_madvise,
        libc::SYS_futex,
        libc::SYS_sched_yield,
        libc::SYS_clock_gettime,
        libc::SYS_getrandom,
        libc::SYS_getpid,
        libc::SYS_gettid,
        libc::SYS_tgkill,
        libc::SYS_rt_sigaction,
        libc::SYS_rt_sigprocmask,
        libc::SYS_rt_sigreturn,
        libc::SYS_sigaltstack,
        libc::SYS_restart_syscall,
        libc::SYS_exit,
        libc::SYS_exit_group,
    ];
    let rules: BTreeMap<_, _> = PERMITTED.iter().map(|call| (*call, Vec::new())).collect();
    let target: TargetArch = std::env::consts::ARCH.try_into().map_err(io::Error::other)?;
    let refused = SeccompAction::Errno(libc::EPERM.cast_unsigned());
    let filter =
        SeccompFilter::new(rules, refused, SeccompAction::Allow, target).map_err(io::Error::other)?;
    let program: BpfProgram = filter.try_into().map_err(io::Error::other)?;
    seccompiler::apply_filter_all_threads(&program).map_err(io::Error::other)
}

#[cfg(not(target_os = "linux"))]
fn permit_few_system_calls() -> io::Result<()> {
    Ok(())
}
