//! Source, build and machine.

use serde::{Deserialize, Serialize};

use super::number;
use crate::model::{
    machine::{Circumstance, Identity, Machine},
    revision::{Build, Executable, Features, Provenance, Revision},
};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::store) struct WireProvenance {
    measured_at: String,
    command: Vec<String>,
    #[serde(with = "optional_revision")]
    revision: Option<Revision>,
    build: WireBuild,
    #[serde(with = "WireMachine")]
    machine: Machine,
    executables: Vec<WireExecutable>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Revision", deny_unknown_fields)]
pub(in crate::store) struct WireRevision {
    commit: String,
    branch: Option<String>,
    dirty_tree: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::store) struct WireBuild {
    rustc: Vec<String>,
    cargo_profile: String,
    #[serde(with = "WireFeatures")]
    features: Features,
    rustflags: Vec<String>,
    lockfile_sha256: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Features", deny_unknown_fields)]
struct WireFeatures {
    named: Vec<String>,
    all: bool,
    no_default: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Machine", deny_unknown_fields)]
pub(in crate::store) struct WireMachine {
    #[serde(with = "WireIdentity")]
    identity: Identity,
    #[serde(with = "WireCircumstance")]
    circumstance: Circumstance,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Identity", deny_unknown_fields)]
struct WireIdentity {
    cpu_model: String,
    cores: u32,
    architecture: String,
    operating_system: String,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Circumstance", deny_unknown_fields)]
struct WireCircumstance {
    kernel: String,
    governor: Option<String>,
    turbo: Option<bool>,
    #[serde(with = "number")]
    load_1min: f64,
    hypervisor: Option<String>,
    on_battery: Option<bool>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::store) struct WireExecutable {
    package: String,
    suite: String,
    sha256: String,
}

mod optional_revision {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::{Revision, WireRevision};

    #[derive(Serialize, Deserialize)]
    struct Wrapped(#[serde(with = "WireRevision")] Revision);

    pub(super) fn serialize<S: Serializer>(
        value: &Option<Revision>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        value.clone().map(Wrapped).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Revision>, D::Error> {
        Ok(Option::<Wrapped>::deserialize(deserializer)?.map(|wrapped| wrapped.0))
    }
}

impl From<&Build> for WireBuild {
    fn from(build: &Build) -> Self {
        let build = build.clone();
        Self {
            rustc: build.rustc,
            cargo_profile: build.cargo_profile,
            features: build.features,
            rustflags: build.rustflags,
            lockfile_sha256: build.lockfile_sha256,
        }
    }
}

impl From<WireBuild> for Build {
    fn from(wire: WireBuild) -> Self {
        Self {
            rustc: wire.rustc,
            cargo_profile: wire.cargo_profile,
            features: wire.features,
            rustflags: wire.rustflags,
            lockfile_sha256: wire.lockfile_sha256,
        }
    }
}

impl From<&Executable> for WireExecutable {
    fn from(one: &Executable) -> Self {
        Self {
            package: one.package.clone(),
            suite: one.suite.clone(),
            sha256: one.sha256.clone(),
        }
    }
}

impl From<WireExecutable> for Executable {
    fn from(wire: WireExecutable) -> Self {
        Self {
            package: wire.package,
            suite: wire.suite,
            sha256: wire.sha256,
        }
    }
}

impl From<&Provenance> for WireProvenance {
    fn from(provenance: &Provenance) -> Self {
        Self {
            measured_at: provenance.measured_at.clone(),
            command: provenance.command.clone(),
            revision: provenance.revision.clone(),
            build: (&provenance.build).into(),
            machine: provenance.machine.clone(),
            executables: provenance.executables.iter().map(Into::into).collect(),
        }
    }
}

impl From<WireProvenance> for Provenance {
    fn from(wire: WireProvenance) -> Self {
        Self {
            measured_at: wire.measured_at,
            command: wire.command,
            revision: wire.revision,
            build: wire.build.into(),
            machine: wire.machine,
            executables: wire.executables.into_iter().map(Into::into).collect(),
        }
    }
}
