//! The result of a self-test on the disk: written after every try, so that nothing of a long run is lost.

use std::collections::BTreeMap;

use anyhow::Result;
use camino::Utf8PathBuf;

use super::request::{Earlier, Place};
use crate::{
    cmd::{Context, captures},
    model::{
        machine::Identity,
        revision::Provenance,
        selftest::{Run, Selftest, Try},
        suite::Workspace,
    },
    problem::Problem,
    store,
};

/// A result and the folder that it is kept in.
#[derive(Debug)]
pub struct Kept {
    folder: Utf8PathBuf,
    /// The result.
    pub selftest: Selftest,
}

/// Reads the stored result.
///
/// # Errors
/// If there is none, or it is damaged.
pub fn stored(context: &Context<'_>, workspace: &Workspace) -> Result<Selftest> {
    let folder = folder(context, workspace, Place::Store);
    read(context, &folder)?.ok_or_else(|| {
        Problem::usage(format!(
            "no self-test is stored in `{}`",
            context.shown(&folder)
        ))
        .hint(format!("run `{} selftest --save`", context.program()))
        .into()
    })
}

impl Kept {
    /// Opens the result that tries are to be added to.
    ///
    /// # Errors
    /// If there is one that has to stay as it is, or it cannot be read.
    pub fn open(
        context: &Context<'_>,
        workspace: &Workspace,
        place: Place,
        earlier: Earlier,
    ) -> Result<Self> {
        let folder = folder(context, workspace, place);
        let selftest = match (earlier, place) {
            (Earlier::Overwrite, _) | (Earlier::Keep, Place::Scratch) => None,
            (Earlier::Continue, _) => read(context, &folder)?,
            (Earlier::Keep, Place::Store) => match read(context, &folder)? {
                Some(_) => return Err(is_there(&context.shown(&folder)).into()),
                None => None,
            },
        };
        Ok(Self {
            folder,
            selftest: selftest.unwrap_or_default(),
        })
    }

    /// Begins a run.
    ///
    /// # Errors
    /// If the runs before it were made on another machine.
    pub fn begin(&mut self, provenance: Provenance) -> Result<()> {
        let machine = &provenance.machine.identity;
        let mut others = self
            .selftest
            .runs
            .iter()
            .map(|run| &run.provenance.machine.identity);
        if let Some(other) = others.find(|other| *other != machine) {
            return Err(of_another_machine(other, machine).into());
        }
        self.selftest.runs.push(Run {
            provenance,
            tries: Vec::new(),
        });
        Ok(())
    }

    /// Adds a try to the last run, and writes all of it.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn add(&mut self, context: &Context<'_>, one: Try) -> Result<()> {
        if let Some(run) = self.selftest.runs.last_mut() {
            run.tries.push(one);
        }
        let bytes = store::selftest::encode(&self.selftest);
        let files = BTreeMap::from([(store::selftest::PATH.to_owned(), bytes)]);
        context.host.write_files(&self.folder, &files)
    }

    /// Where it is, for the user.
    pub fn shown(&self, context: &Context<'_>) -> String {
        context.shown(&self.folder.join(store::selftest::PATH))
    }
}

fn folder(context: &Context<'_>, workspace: &Workspace, place: Place) -> Utf8PathBuf {
    match place {
        Place::Store => captures::store_folder(context, workspace),
        Place::Scratch => workspace.target_directory.join("yardstick"),
    }
}

fn read(context: &Context<'_>, folder: &Utf8PathBuf) -> Result<Option<Selftest>> {
    let bytes = context
        .host
        .read_file(&folder.join(store::selftest::PATH))?;
    let selftest = bytes.map(|bytes| store::selftest::decode(&bytes));
    Ok(selftest.transpose()?)
}

fn is_there(folder: &str) -> Problem {
    Problem::usage(format!("a self-test is stored in `{folder}` already"))
        .hint("add `--more` to go on with it, or `--overwrite` to replace it")
}

fn of_another_machine(other: &Identity, machine: &Identity) -> Problem {
    let line = |what: &str, identity: &Identity| {
        format!("{what}: {} ({} cores)", identity.cpu_model, identity.cores)
    };
    Problem::failure("the self-test that is there was made on another machine")
        .fact(line("there", other))
        .fact(line("here ", machine))
        .hint("add `--overwrite` instead of `--more` to begin a new one")
}
