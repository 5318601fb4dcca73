// SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
//! The library from Rust, by what bindgen makes of its headers and no crate: a VMM's RAM file and its boot processor's
//! first state, byte for byte as `pvhload dump` writes them.
//!
//!     dump KERNEL MEMORY-FILE CPU-FILE [COMMAND-LINE [INITRD]]
//!
//! In a folder with a copy of this file:
//!
//!     echo '#include <pvhload/pvhload.h>' >pvhload-all.h
//!     bindgen pvhload-all.h -o pvhload.rs --with-derive-default \
//!         --allowlist-function 'pvhload_.*' --allowlist-type 'pvhload_.*' --allowlist-var 'PVHLOAD_.*' \
//!         -- $(pkg-config --cflags libpvhload)
//!     rustc --edition 2021 dump.rs $(pkg-config --libs libpvhload)
use std::ffi::{CStr, CString};
use std::fs::{File, OpenOptions};
use std::os::unix::io::AsRawFd;
use std::process::ExitCode;
use std::{env, fs, mem, ptr};

#[allow(dead_code, non_camel_case_types, non_snake_case, non_upper_case_globals)]
mod pvhload; // by bindgen
use pvhload::*;

const RAM_SIZE: u64 = 512 << 20;
const RAM_SLOTS: usize = PVHLOAD_X86_SLOTS_MAX as usize;
const MAP_ENTRIES: usize = 8;

/// What the macros PVHLOAD_..._INIT are in C: the struct's own size, then some members; the others are 0.
macro_rules! sized {
    ($name:ident { $($member:ident: $value:expr),* }) => {{
        #[allow(clippy::needless_update)]
        let value = $name {
            struct_size: mem::size_of::<$name>() as _,
            $($member: $value,)*
            ..Default::default()
        };
        value
    }};
}

/// Call a function that can fail; its message is the error.
fn call(function: impl FnOnce(*mut pvhload_error) -> pvhload_status) -> Result<(), String> {
    let mut err = sized!(pvhload_error {});
    if function(&mut err) == pvhload_status_PVHLOAD_OK {
        return Ok(());
    }
    let message = unsafe { CStr::from_ptr(err.message.as_ptr()) };
    Err(message.to_string_lossy().into_owned())
}

/// A plan that is freed when it goes out of scope.
struct Plan(*mut pvhload_plan);

impl Drop for Plan {
    fn drop(&mut self) {
        unsafe { pvhload_plan_free(self.0) }
    }
}

impl Plan {
    fn new(kernel: &File, initrd: Option<&File>, cmdline: &CStr) -> Result<Plan, String> {
        let x86 = sized!(pvhload_memmap_x86 { ram_size: RAM_SIZE });
        let mut entries = [pvhload_memmap_entry::default(); MAP_ENTRIES];
        let mut map = sized!(pvhload_memmap {
            entries: entries.as_mut_ptr(),
            capacity: MAP_ENTRIES as _
        });
        call(|err| unsafe { pvhload_memmap_init_x86(&x86, &mut map, err) })?;

        let kernel = unsafe { pvhload_source_fd(kernel.as_raw_fd()) };
        let initrd = initrd.map(|file| unsafe { pvhload_source_fd(file.as_raw_fd()) });
        let config = sized!(pvhload_boot_config {
            kernel: &kernel,
            initrds: initrd.as_ref().map_or(ptr::null(), |source| source),
            initrd_count: initrd.iter().count() as _,
            memmap: &map,
            cmdline: cmdline.as_ptr()
        });
        let mut plan = ptr::null_mut();
        call(|err| unsafe { pvhload_boot_plan(&config, &mut plan, err) })?;
        Ok(Plan(plan)) // it keeps nothing of what was borrowed
    }

    /// Fill a file that is the guest's RAM: what lies below the 32-bit hole and, at once, what lies above.
    fn write_memory(&self, file: &File) -> Result<(), String> {
        let x86 = sized!(pvhload_memmap_x86 { ram_size: RAM_SIZE });
        let mut slots = [pvhload_ram_slot::default(); RAM_SLOTS];
        let mut count = 0;
        call(|err| unsafe {
            let capacity = RAM_SLOTS as _;
            pvhload_memmap_x86_slots(&x86, ptr::null_mut(), 0, slots.as_mut_ptr(), capacity, &mut count, err)
        })?;
        let file_slots = [
            pvhload_ram_file_slot { gpa: slots[0].gpa, size: slots[0].size, ..Default::default() },
            pvhload_ram_file_slot {
                gpa: slots[1].gpa,
                size: slots[1].size,
                offset: slots[0].size,
                ..Default::default()
            },
        ];
        let mut ram = sized!(pvhload_ram_file {
            slots: file_slots.as_ptr(),
            count: count,
            fd: file.as_raw_fd()
        });
        let memory = sized!(pvhload_memory {
            ops: unsafe { pvhload_ram_file_ops() },
            user: &mut ram as *mut pvhload_ram_file as _,
            flags: PVHLOAD_MEMORY_ZEROED
        });
        file.set_len(RAM_SIZE).map_err(|e| e.to_string())?;
        call(|err| unsafe { pvhload_plan_commit(self.0, &memory, err) })
    }

    fn cpu(&self) -> Result<pvhload_x86_cpu, String> {
        let mut cpu = sized!(pvhload_x86_cpu {});
        call(|err| unsafe { pvhload_plan_get_x86_cpu(self.0, &mut cpu, err) })?;
        Ok(cpu)
    }
}

/// Members as JSON has them, by name: of a register, its number.
type Members = Vec<(&'static str, String)>;

macro_rules! numbers {
    // bindgen's type_ is type, which is a word of Rust's
    ($of:expr, $($member:ident)*) => {
        vec![$((stringify!($member).trim_end_matches('_'), $of.$member.to_string())),*]
    };
}

fn indented(lines: Vec<String>) -> String {
    lines.iter().map(|line| format!("\n{line}").replace('\n', "\n  ")).collect::<Vec<_>>().join(",")
}

fn object(members: Members) -> String {
    let lines = members.iter().map(|(name, value)| format!("\"{name}\": {value}")).collect();
    format!("{{{}\n}}", indented(lines))
}

fn segment(s: &pvhload_x86_segment) -> String {
    object(numbers!(s, selector base limit type_ s dpl present l db g avl))
}

fn table(t: &pvhload_x86_table) -> String {
    object(numbers!(t, base limit))
}

fn msrs(cpu: &pvhload_x86_cpu) -> String {
    let used = &cpu.msrs[..cpu.msr_count as usize];
    format!("[{}\n]", indented(used.iter().map(|m| object(numbers!(m, index mask value))).collect()))
}

fn cpu_json(cpu: &pvhload_x86_cpu) -> String {
    let mut members = numbers!(cpu, rax rbx rcx rdx rsi rdi rsp rbp r8 r9 r10 r11 r12 r13 r14 r15
                               rip rflags cr0 cr2 cr3 cr4 cr8 efer);
    members.extend([
        ("cs", segment(&cpu.cs)),
        ("ds", segment(&cpu.ds)),
        ("es", segment(&cpu.es)),
        ("fs", segment(&cpu.fs)),
        ("gs", segment(&cpu.gs)),
        ("ss", segment(&cpu.ss)),
        ("tr", segment(&cpu.tr)),
        ("ldt", segment(&cpu.ldt)),
        ("gdt", table(&cpu.gdt)),
        ("idt", table(&cpu.idt)),
        ("msrs", msrs(cpu)),
        ("lapic", object(numbers!(cpu.lapic, lint0 lint1))),
    ]);
    object(members)
}

fn dump(args: &[String]) -> Result<(), String> {
    let open = |path: &String| File::open(path).map_err(|e| format!("{path}: {e}"));
    let cmdline = CString::new(args.get(3).map_or("", |text| text)).map_err(|e| e.to_string())?;
    let initrd = args.get(4).map(open).transpose()?;
    let plan = Plan::new(&open(&args[0])?, initrd.as_ref(), &cmdline)?;

    let mut options = OpenOptions::new();
    let memory = options.read(true).write(true).create(true).truncate(true).open(&args[1]);
    plan.write_memory(&memory.map_err(|e| format!("{}: {e}", args[1]))?)?;
    fs::write(&args[2], cpu_json(&plan.cpu()?) + "\n").map_err(|e| format!("{}: {e}", args[2]))
}

fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    if args.len() < 3 || args.len() > 5 {
        eprintln!("usage: dump KERNEL MEMORY-FILE CPU-FILE [COMMAND-LINE [INITRD]]");
        return ExitCode::FAILURE;
    }
    if let Err(message) = dump(&args) {
        eprintln!("dump: {message}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
