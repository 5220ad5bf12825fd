//! A comparison on the disk: begun with its plan, kept up with every round, and read again.
//!
//! Every run has a folder of its own, numbered from 1, so that no run takes anything from another.

use std::collections::BTreeMap;

use anyhow::Result;
use camino::{Utf8Path, Utf8PathBuf};

use crate::{
    cmd::{Context, did_you_mean::list_shortly},
    host::{HeldFolder, Hold, Holder},
    model::{comparison::Sides, round::Round, settlement::Settlement},
    problem::Problem,
    store::settlement::{self, ROUNDS, SETTLEMENT},
};

/// A run of a comparison that is stored.
#[derive(Debug)]
pub struct Journal {
    folder: Utf8PathBuf,
    number: u32,
    /// Whoever adds rounds has the folder: those of two would get the same numbers.
    held: Option<HeldFolder>,
}

impl Journal {
    /// Stores a settlement that has a plan and no rounds yet as the next run of its sides.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn begin(context: &Context<'_>, store: &Utf8Path, settlement: &Settlement) -> Result<Self> {
        let runs = folder(
            store,
            settlement.sides.as_ref().map(|side| side.name.as_str()),
        );
        let files = BTreeMap::from([
            (SETTLEMENT.to_owned(), settlement::encode(settlement)),
            (ROUNDS.to_owned(), Vec::new()),
        ]);
        let last = numbers(context, &runs)?.last().copied().unwrap_or(0);
        for number in last + 1.. {
            let mut is_taken = false;
            let name = number.to_string();
            let stored =
                context
                    .host
                    .update_capture(&runs, &name, &BTreeMap::new(), &mut |there| {
                        // Another comparison of these sides was faster.
                        is_taken = there.is_some();
                        match is_taken {
                            true => Err(Problem::failure(format!("run {name} is taken")).into()),
                            false => Ok(files.clone()),
                        }
                    });
            if !is_taken {
                stored?;
                let mut journal = Self {
                    folder: runs.join(name),
                    number,
                    held: None,
                };
                journal.hold(
                    context,
                    settlement.sides.as_ref().map(|side| side.name.as_str()),
                )?;
                return Ok(journal);
            }
        }
        Err(Problem::failure(format!("`{runs}` has no number left for a run")).into())
    }

    /// Reads a stored run of two sides: the one with this number, or the last one.
    ///
    /// # Errors
    /// If there is none, or it is damaged.
    pub fn open(
        context: &Context<'_>,
        store: &Utf8Path,
        names: Sides<&str>,
        number: Option<u32>,
    ) -> Result<(Self, Settlement)> {
        let journal = Self::find(context, store, names, number)?;
        let settlement = journal.read(context)?;
        Ok((journal, settlement))
    }

    /// Reads the last stored run of two sides and makes it ready for further rounds. Nobody else can go on with it as long
    /// as the journal is there.
    ///
    /// # Errors
    /// If there is none, another process is at it, or it is damaged or cannot be written.
    pub fn resume(
        context: &Context<'_>,
        store: &Utf8Path,
        names: Sides<&str>,
    ) -> Result<(Self, Settlement)> {
        let mut journal = Self::find(context, store, names, None)?;
        // Before it is read: whoever has it adds rounds.
        journal.hold(context, names)?;
        let settlement = journal.read(context)?;
        journal.mend(context)?;
        Ok((journal, settlement))
    }

    fn find(
        context: &Context<'_>,
        store: &Utf8Path,
        names: Sides<&str>,
        number: Option<u32>,
    ) -> Result<Self> {
        let runs = folder(store, names);
        let there = numbers(context, &runs)?;
        let found = match number {
            None => there.last().copied(),
            Some(number) => there.contains(&number).then_some(number),
        };
        let Some(number) = found else {
            return Err(no_run(context, names, number, &there).into());
        };
        Ok(Self {
            folder: runs.join(number.to_string()),
            number,
            held: None,
        })
    }

    fn hold(&mut self, context: &Context<'_>, names: Sides<&str>) -> Result<()> {
        match context.host.hold_folder(&self.folder)? {
            Hold::Ours(held) => self.held = Some(held),
            Hold::Theirs(holder) => return Err(self.taken(names, holder).into()),
        }
        Ok(())
    }

    fn taken(&self, names: Sides<&str>, holder: Option<Holder>) -> Problem {
        let Sides { before, after } = names;
        let who = holder.map_or("another process".to_owned(), |holder| holder.to_string());
        Problem::failure(format!(
            "run {} of `compare {before} {after}` is not over yet",
            self.number
        ))
        .fact(format!("rounds are added to it by {who}"))
        .hint("wait until it ends, or end it with Ctrl-C: its rounds are kept")
    }

    /// A line that a killed run did not finish goes.
    fn mend(&self, context: &Context<'_>) -> Result<()> {
        let path = self.folder.join(ROUNDS);
        let bytes = context.host.read_file(&path)?.unwrap_or_default();
        let finished = settlement::finished(&bytes);
        match finished.len() == bytes.len() {
            true => Ok(()),
            false => context.host.write_files(
                &self.folder,
                &BTreeMap::from([(ROUNDS.to_owned(), finished.to_vec())]),
            ),
        }
    }

    /// Adds a round; it is on the disk when this returns.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn add(&self, context: &Context<'_>, round: &Round) -> Result<()> {
        let line = settlement::encode_round(round);
        context.host.append(&self.folder.join(ROUNDS), &line)
    }

    /// Stores everything besides the rounds, which were added one by one.
    ///
    /// # Errors
    /// If it cannot be written; the plan and the rounds are still there.
    pub fn finish(&self, context: &Context<'_>, settlement: &Settlement) -> Result<()> {
        let file = (SETTLEMENT.to_owned(), settlement::encode(settlement));
        context
            .host
            .write_files(&self.folder, &BTreeMap::from([file]))
    }

    /// Where it lies.
    pub fn folder(&self) -> &Utf8Path {
        &self.folder
    }

    /// Its number.
    pub fn number(&self) -> u32 {
        self.number
    }

    fn read(&self, context: &Context<'_>) -> Result<Settlement> {
        let shown = context.shown(&self.folder);
        let file = |name: &str| {
            let bytes = context.host.read_file(&self.folder.join(name))?;
            bytes.ok_or_else(|| {
                let what = format!("the comparison `{shown}` is damaged: `{name}` is missing");
                anyhow::Error::from(Problem::failure(what))
            })
        };
        Ok(settlement::decode(
            &shown,
            &file(SETTLEMENT)?,
            &file(ROUNDS)?,
        )?)
    }
}

fn folder(store: &Utf8Path, names: Sides<&str>) -> Utf8PathBuf {
    store.join(settlement::folder(names))
}

/// The numbers of the runs that are there, ascending.
fn numbers(context: &Context<'_>, runs: &Utf8Path) -> Result<Vec<u32>> {
    let names = context.host.capture_names(runs)?;
    let number = |name: &String| name.parse().ok().filter(|n: &u32| n.to_string() == *name);
    let mut numbers: Vec<u32> = names.iter().filter_map(number).collect();
    numbers.sort_unstable();
    Ok(numbers)
}

fn no_run(
    context: &Context<'_>,
    names: Sides<&str>,
    number: Option<u32>,
    there: &[u32],
) -> Problem {
    let Sides { before, after } = names;
    let program = context.program();
    match number.filter(|_| !there.is_empty()) {
        Some(number) => {
            let there: Vec<String> = there.iter().map(u32::to_string).collect();
            Problem::usage(format!(
                "no run {number} of `compare {before} {after}` is stored"
            ))
            .fact(list_shortly(
                "stored runs",
                there.iter().map(String::as_str),
            ))
        }
        None => Problem::usage(format!(
            "no comparison of `{before}` and `{after}` is stored"
        ))
        .fact("only what `compare` settled by rounds is, under the names that were typed")
        .hint(format!("make one: `{program} compare {before} {after}`")),
    }
}
