//! Where the two sides come from, and what the reader must know.

use serde::{Deserialize, Serialize};

use super::form::{As, Form, WireSides, form};
use crate::{
    model::{
        comparison::{Sides, Subject, Warning},
        revision::{Build, Executable, Revision},
        settlement::{Origin, Side, Unbuilt},
    },
    store::wire::provenance::{WireBuild, WireExecutable, WireRevision},
};

form!(WireSide, Side, "SideDefinition");
form!(WireOneRevision, Revision, "WireRevision");
form!(WireUnbuilt, Unbuilt, "UnbuiltDefinition");
form!(WireWarning, Warning, "WarningDefinition");

#[derive(Serialize, Deserialize)]
#[serde(remote = "Side", deny_unknown_fields)]
struct SideDefinition {
    name: String,
    #[serde(with = "OriginDefinition")]
    origin: Origin,
    #[serde(with = "As::<Vec<WireOneRevision>>")]
    revisions: Vec<Revision>,
    #[serde(with = "As::<Vec<WireBuild>>")]
    builds: Vec<Build>,
    #[serde(with = "As::<Vec<WireExecutable>>")]
    executables: Vec<Executable>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Unbuilt", deny_unknown_fields)]
struct UnbuiltDefinition {
    package: String,
    suite: String,
    #[serde(with = "As::<WireSides<Vec<String>>>")]
    why: Sides<Vec<String>>,
}

impl Form<Build> for WireBuild {
    fn of(build: &Build) -> Self {
        build.into()
    }

    fn back(self) -> Build {
        self.into()
    }
}

impl Form<Executable> for WireExecutable {
    fn of(executable: &Executable) -> Self {
        executable.into()
    }

    fn back(self) -> Executable {
        self.into()
    }
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Origin", rename_all = "kebab-case")]
enum OriginDefinition {
    Capture,
    Revision,
    WorkingTree,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Warning", deny_unknown_fields)]
struct WarningDefinition {
    #[serde(with = "SubjectDefinition")]
    subject: Subject,
    text: String,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Subject", rename_all = "kebab-case")]
enum SubjectDefinition {
    Kernel,
    Governor,
    Turbo,
    Load,
    Power,
    Hypervisor,
    Rustc,
    Rustflags,
    CargoProfile,
    #[serde(rename = "lock-file")]
    Lockfile,
    DirtyTree,
    Quick,
    Unit,
    Rate,
    SameExecutable,
}
