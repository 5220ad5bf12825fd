//! What the kernel says about the machine, from the files of `/proc` and `/sys`.

use std::collections::BTreeMap;

use crate::model::machine::{Circumstance, Identity, Machine};

/// Reads the machine from the kernel's files, by absolute path. What a file would have told is unknown where it is missing.
pub fn machine(
    architecture: &str,
    operating_system: &str,
    files: &BTreeMap<String, String>,
) -> Machine {
    let text = |path: &str| {
        files
            .get(path)
            .map(|text| text.trim())
            .filter(|text| !text.is_empty())
    };
    let cpuinfo = text("/proc/cpuinfo").unwrap_or_default();
    Machine {
        identity: Identity {
            cpu_model: field(cpuinfo, "model name").unwrap_or("unknown").to_owned(),
            cores: cpuinfo
                .lines()
                .filter(|line| key_of(line) == "processor")
                .count() as u32,
            architecture: architecture.to_owned(),
            operating_system: operating_system.to_owned(),
        },
        circumstance: Circumstance {
            kernel: text("/proc/sys/kernel/osrelease")
                .unwrap_or("unknown")
                .to_owned(),
            governor: text("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")
                .map(str::to_owned),
            turbo: turbo(
                text("/sys/devices/system/cpu/intel_pstate/no_turbo"),
                text("/sys/devices/system/cpu/cpufreq/boost"),
            ),
            load_1min: text("/proc/loadavg")
                .and_then(|text| text.split(' ').next()?.parse().ok())
                .unwrap_or(0.0),
            hypervisor: hypervisor(
                cpuinfo,
                text("/sys/hypervisor/type"),
                text("/sys/devices/virtual/dmi/id/sys_vendor"),
                text("/sys/devices/virtual/dmi/id/product_name"),
            ),
            on_battery: on_battery(files),
        },
    }
}

/// The process that has the only lock on the whole file with this inode number, from `/proc/locks`; `None` where it tells of
/// no such one, or of one in another container.
pub fn lock_holder(locks: &str, inode: u64) -> Option<u32> {
    locks.lines().find_map(|line| {
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        // Whoever waits has an arrow before the kind.
        let [_, "FLOCK", _, "WRITE", pid, file, ..] = words.as_slice() else {
            return None;
        };
        let is_it = file.rsplit(':').next()?.parse() == Ok(inode);
        is_it.then(|| pid.parse().ok().filter(|pid| *pid > 0))?
    })
}

fn key_of(line: &str) -> &str {
    line.split(':').next().unwrap_or_default().trim()
}

fn field<'a>(cpuinfo: &'a str, key: &str) -> Option<&'a str> {
    let line = cpuinfo.lines().find(|line| key_of(line) == key)?;
    line.split_once(':').map(|(_, value)| value.trim())
}

fn turbo(no_turbo: Option<&str>, boost: Option<&str>) -> Option<bool> {
    match (no_turbo, boost) {
        (Some(no_turbo), _) => Some(no_turbo == "0"),
        (None, Some(boost)) => Some(boost == "1"),
        (None, None) => None,
    }
}

fn hypervisor(
    cpuinfo: &str,
    xen: Option<&str>,
    vendor: Option<&str>,
    product: Option<&str>,
) -> Option<String> {
    let flags = field(cpuinfo, "flags").unwrap_or_default();
    let virtual_cpu = flags.split(' ').any(|flag| flag == "hypervisor");
    if !virtual_cpu && xen.is_none() {
        return None;
    }
    let name = match (xen, vendor, product) {
        (Some(kind), _, _) => kind.to_owned(),
        (None, Some(vendor), Some(product)) => format!("{vendor} {product}"),
        (None, Some(one), None) | (None, None, Some(one)) => one.to_owned(),
        (None, None, None) => "unknown".to_owned(),
    };
    Some(name)
}

/// On battery is: a battery discharges, or there is one and no mains is online.
fn on_battery(files: &BTreeMap<String, String>) -> Option<bool> {
    let of_kind = |kind: &str| -> Vec<&str> {
        files
            .iter()
            .filter(|(path, text)| {
                path.starts_with("/sys/class/power_supply/")
                    && path.ends_with("/type")
                    && text.trim() == kind
            })
            .filter_map(|(path, _)| path.strip_suffix("type"))
            .collect()
    };
    let says = |supply: &str, file: &str, answer: &str| {
        files
            .get(&format!("{supply}{file}"))
            .is_some_and(|text| text.trim() == answer)
    };
    let (batteries, mains) = (of_kind("Battery"), of_kind("Mains"));
    if batteries.is_empty() {
        return None;
    }
    let discharges = batteries
        .iter()
        .any(|battery| says(battery, "status", "Discharging"));
    let online = mains.iter().any(|mains| says(mains, "online", "1"));
    Some(discharges || (!mains.is_empty() && !online))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CPU: &str = "processor\t: 0\nmodel name\t: Intel(R) Xeon(R)\nflags\t\t: fpu vme hypervisor\n\nprocessor\t: 1\nmodel name\t: Intel(R) Xeon(R)\n";

    fn read(files: &[(&str, &str)]) -> Machine {
        let files = files
            .iter()
            .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
            .collect();
        machine("x86_64", "linux", &files)
    }

    #[test]
    fn a_virtual_machine_is_read_from_the_kernels_files() {
        let machine = read(&[
            ("/proc/cpuinfo", CPU),
            ("/proc/loadavg", "3.25 1.00 0.50 1/100 42\n"),
            ("/proc/sys/kernel/osrelease", "6.1.0\n"),
            ("/sys/devices/virtual/dmi/id/sys_vendor", "QEMU\n"),
        ]);
        assert_eq!(machine.identity.cpu_model, "Intel(R) Xeon(R)");
        assert_eq!(machine.identity.cores, 2);
        assert_eq!(machine.circumstance.kernel, "6.1.0");
        assert_eq!(machine.circumstance.load_1min, 3.25);
        assert_eq!(machine.circumstance.hypervisor.as_deref(), Some("QEMU"));
        assert_eq!(machine.circumstance.governor, None);
        assert_eq!(machine.circumstance.turbo, None);
        assert_eq!(machine.circumstance.on_battery, None);
    }

    #[test]
    fn governor_turbo_and_battery_are_told_where_the_machine_shows_them() {
        let supply = "/sys/class/power_supply";
        let machine = read(&[
            (
                "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor",
                "powersave\n",
            ),
            ("/sys/devices/system/cpu/intel_pstate/no_turbo", "0\n"),
            (&format!("{supply}/BAT0/type"), "Battery\n"),
            (&format!("{supply}/BAT0/status"), "Full\n"),
            (&format!("{supply}/AC/type"), "Mains\n"),
            (&format!("{supply}/AC/online"), "0\n"),
        ]);
        assert_eq!(machine.circumstance.governor.as_deref(), Some("powersave"));
        assert_eq!(machine.circumstance.turbo, Some(true));
        assert_eq!(machine.circumstance.on_battery, Some(true));
        assert_eq!(machine.circumstance.hypervisor, None);
    }

    #[test]
    fn who_has_a_lock_is_told_from_who_waits_for_it_and_who_reads() {
        let locks = "1: POSIX  ADVISORY  WRITE 11 fe:00:77 0 EOF\n2: FLOCK  ADVISORY  READ 12 fe:00:77 0 EOF\n3: FLOCK  ADVISORY  WRITE 13 fe:00:77 0 EOF\n3: -> FLOCK  ADVISORY  WRITE 14 fe:00:77 0 EOF\n4: FLOCK  ADVISORY  WRITE 0 fe:00:78 0 EOF\n";
        assert_eq!(lock_holder(locks, 77), Some(13));
        assert_eq!(lock_holder(locks, 78), None);
        assert_eq!(lock_holder(locks, 79), None);
    }
}
