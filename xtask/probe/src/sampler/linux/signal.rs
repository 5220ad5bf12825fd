//! The signal, its timer and its handler. See the module above for why the handler is safe.

use std::io;
use std::mem;
use std::ptr;
use std::sync::atomic::{AtomicPtr, AtomicU32, AtomicUsize, Ordering};
use std::thread;

use super::super::{STACK_COPY_BYTES, StartError};
use super::ring::{RawSample, Ring};
use crate::wire::recording::Registers;

/// The ring to fill, null between recordings.
static RING: AtomicPtr<Ring> = AtomicPtr::new(ptr::null_mut());
/// The thread that drains the ring; its own work is not recorded.
static IGNORED_TID: AtomicU32 = AtomicU32::new(0);
/// Handlers that may still use the ring they read.
static HANDLERS_RUNNING: AtomicUsize = AtomicUsize::new(0);

/// Copies of the stack are made page by page, so that the pages before an unmapped one are kept.
const PAGE_BYTES: usize = 4096;
/// A copy that does not start on a page boundary touches one page more.
const PAGE_COUNT: usize = STACK_COPY_BYTES / PAGE_BYTES + 1;

/// Installs the handler. It stays for the life of the process.
pub(super) fn install() -> Result<(), StartError> {
    // SAFETY: all zeros is a valid `sigaction`: no flags, an empty mask and the default action.
    let mut action: libc::sigaction = unsafe { mem::zeroed() };
    let handler: extern "C" fn(libc::c_int, *mut libc::siginfo_t, *mut libc::c_void) = on_sigprof;
    action.sa_sigaction = handler as libc::sighandler_t;
    // Interrupted system calls are restarted, so that sampling does not change what the program sees.
    action.sa_flags = libc::SA_SIGINFO | libc::SA_RESTART;
    // SAFETY: `action` is initialised, names a handler of the three-argument type that SA_SIGINFO wants, and outlives the call.
    let result = unsafe { libc::sigaction(libc::SIGPROF, &raw const action, ptr::null_mut()) };
    check(result, "sigaction")
}

/// Lets the handler fill `ring`, from now until [`disarm`], at `rate_hz` per second of CPU time of the process.
pub(super) fn arm(ring: &'static Ring, ignored_tid: u32, rate_hz: u32) -> Result<(), StartError> {
    IGNORED_TID.store(ignored_tid, Ordering::Relaxed);
    RING.store(ptr::from_ref(ring).cast_mut(), Ordering::SeqCst);
    set_timer(1_000_000 / i64::from(rate_hz.clamp(1, 1_000_000))).inspect_err(|_| disarm())
}

/// Stops the timer and returns when no handler uses the ring any more.
pub(super) fn disarm() {
    // Stopping a timer cannot fail: its arguments are valid.
    let _ = set_timer(0);
    RING.store(ptr::null_mut(), Ordering::SeqCst);
    // Either a handler counted itself before it read the pointer, then this loop sees it, or it read null: both sides use
    // one total order (SeqCst). A handler runs for microseconds.
    while HANDLERS_RUNNING.load(Ordering::SeqCst) > 0 {
        thread::yield_now();
    }
}

/// Whether this process may read its own memory by system call; some sandboxes forbid it.
pub(super) fn check_stack_copy() -> Result<(), StartError> {
    let known = [0x5Au8; 64];
    let mut copy = [0u8; 64];
    let copied = read_own_memory(known.as_ptr() as usize, &mut copy);
    if copied == copy.len() && copy == known {
        return Ok(());
    }
    Err(StartError::Refused {
        call: "process_vm_readv",
        error: io::Error::last_os_error(),
    })
}

pub(super) fn current_tid() -> u32 {
    // SAFETY: the call takes no arguments and always succeeds.
    unsafe { libc::syscall(libc::SYS_gettid) as u32 }
}

extern "C" fn on_sigprof(
    _signal: libc::c_int,
    _info: *mut libc::siginfo_t,
    context: *mut libc::c_void,
) {
    // SAFETY: the location of the calling thread's errno is always valid, and reading it is async-signal-safe.
    let errno = unsafe { *libc::__errno_location() };
    HANDLERS_RUNNING.fetch_add(1, Ordering::SeqCst);
    // SAFETY: the pointer is null or came from a `&'static Ring`.
    if let Some(ring) = unsafe { RING.load(Ordering::SeqCst).as_ref() } {
        let tid = current_tid();
        if tid != IGNORED_TID.load(Ordering::Relaxed) {
            // SAFETY: with SA_SIGINFO the kernel passes a pointer to a `ucontext_t` that is valid until the handler returns.
            let registers = registers(unsafe { &*context.cast::<libc::ucontext_t>() });
            ring.push(|sample| fill(sample, tid, registers));
        }
    }
    HANDLERS_RUNNING.fetch_sub(1, Ordering::SeqCst);
    // SAFETY: as above; the interrupted code must find its errno again.
    unsafe { *libc::__errno_location() = errno };
}

fn fill(sample: &mut RawSample, tid: u32, registers: Registers) {
    sample.time_ns = crate::clock::monotonic_ns();
    sample.tid = tid;
    sample.cpu = current_cpu();
    sample.registers = registers;
    sample.stack_length = read_own_memory(registers.sp as usize, &mut sample.stack);
}

/// Copies memory from `address` upwards and returns how many bytes were mapped, 0 if the first was not.
fn read_own_memory(address: usize, target: &mut [u8]) -> usize {
    let local = libc::iovec {
        iov_base: target.as_mut_ptr().cast(),
        iov_len: target.len(),
    };
    let mut remote = [libc::iovec {
        iov_base: ptr::null_mut(),
        iov_len: 0,
    }; PAGE_COUNT];
    let mut next = address;
    let mut left = target.len();
    let mut parts = 0;
    for part in &mut remote {
        if left == 0 {
            break;
        }
        let to_page_end = PAGE_BYTES - next % PAGE_BYTES;
        let length = if left < to_page_end {
            left
        } else {
            to_page_end
        };
        *part = libc::iovec {
            iov_base: ptr::without_provenance_mut(next),
            iov_len: length,
        };
        // Wrapping: an address near the end of the address space is unmapped, and the kernel says so.
        next = next.wrapping_add(length);
        left -= length;
        parts += 1;
    }
    // SAFETY: `local` describes `target`, which is writable and borrowed uniquely. The remote addresses may be anything: the
    // kernel reads them on our behalf and stops at what is unmapped. All arguments outlive the call.
    let copied = unsafe {
        libc::syscall(
            libc::SYS_process_vm_readv,
            libc::getpid(),
            &raw const local,
            1usize,
            remote.as_ptr(),
            parts as usize,
            0usize,
        )
    };
    usize::try_from(copied).unwrap_or(0)
}

fn current_cpu() -> u32 {
    let mut cpu: libc::c_uint = 0;
    // SAFETY: `cpu` outlives the call, which only writes to it; the other two results are not wanted.
    let result = unsafe {
        libc::syscall(
            libc::SYS_getcpu,
            &raw mut cpu,
            ptr::null_mut::<libc::c_uint>(),
            ptr::null_mut::<libc::c_void>(),
        )
    };
    if result == 0 {
        cpu
    } else {
        crate::wire::recording::Sample::UNKNOWN_CPU
    }
}

#[cfg(target_arch = "x86_64")]
fn registers(context: &libc::ucontext_t) -> Registers {
    let general = &context.uc_mcontext.gregs;
    Registers {
        ip: general[libc::REG_RIP as usize] as u64,
        sp: general[libc::REG_RSP as usize] as u64,
        bp: general[libc::REG_RBP as usize] as u64,
        lr: 0,
    }
}

#[cfg(target_arch = "aarch64")]
fn registers(context: &libc::ucontext_t) -> Registers {
    let machine = &context.uc_mcontext;
    Registers {
        ip: machine.pc,
        sp: machine.sp,
        bp: machine.regs[29],
        lr: machine.regs[30],
    }
}

/// Raises SIGPROF every `interval_us` of CPU time of the process; 0 stops it.
fn set_timer(interval_us: i64) -> Result<(), StartError> {
    let interval = libc::timeval {
        tv_sec: (interval_us / 1_000_000) as libc::time_t,
        tv_usec: (interval_us % 1_000_000) as libc::suseconds_t,
    };
    let timer = libc::itimerval {
        it_interval: interval,
        it_value: interval,
    };
    // SAFETY: `timer` outlives the call, which only reads it; the old value is not wanted.
    let result = unsafe { libc::setitimer(libc::ITIMER_PROF, &raw const timer, ptr::null_mut()) };
    check(result, "setitimer")
}

fn check(result: libc::c_int, call: &'static str) -> Result<(), StartError> {
    if result == 0 {
        Ok(())
    } else {
        Err(StartError::Refused {
            call,
            error: io::Error::last_os_error(),
        })
    }
}
