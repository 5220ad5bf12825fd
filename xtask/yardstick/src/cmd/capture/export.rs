//! `capture export`: a capture in the forms that other tools read.

use std::collections::BTreeMap;

use anyhow::Result;
use camino::{Utf8Path, Utf8PathBuf};

use super::super::{Context, captures, counted, did_you_mean::list_shortly};
use crate::{
    cli::ExportForm,
    model::{capture::Capture, profile::Profile, suite::Workspace},
    problem::Problem,
    render::export::{Form, export},
    store,
};

/// What to write of which capture, and where to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The capture.
    pub name: String,
    /// The form of its profiles; without it the benchmarks are written, as Criterion's own baseline of the same name.
    pub form: Option<Form>,
    /// A suite, or a part of ids; all profiles without it.
    pub filter: Option<String>,
    /// The file or folder; below the target folder without it.
    pub output: Option<Utf8PathBuf>,
}

impl From<ExportForm> for Option<Form> {
    fn from(typed: ExportForm) -> Self {
        match typed {
            ExportForm::Criterion => None,
            ExportForm::Firefox => Some(Form::Firefox),
            ExportForm::Speedscope => Some(Form::Speedscope),
            ExportForm::Pprof => Some(Form::Pprof),
            ExportForm::Folded => Some(Form::Folded),
        }
    }
}

/// Writes it.
///
/// # Errors
/// If there is no capture of that name or no such profile in it, it is damaged, or something cannot be written.
pub fn run(
    context: &Context<'_>,
    workspace: &Workspace,
    store: &Utf8Path,
    request: &Request,
) -> Result<()> {
    let name = &request.name;
    let (filter, output) = (request.filter.as_deref(), request.output.as_deref());
    let Some(form) = request.form else {
        if filter.is_some() || output.is_some() {
            return Err(part_of_baseline(context, name).into());
        }
        return baseline(context, workspace, store, name);
    };
    let stored = captures::load(context, store, name)?;
    let profiles = meant(context, &stored.capture, filter)?;
    let (folder, files) = match (output, profiles.as_slice()) {
        (Some(output), [profile]) if !output.as_str().ends_with('/') => {
            one_file(context, profile, form, output)?
        }
        (Some(output), profiles) => (
            context.host.working_directory()?.join(output),
            by_benchmark(profiles, form),
        ),
        (None, profiles) => {
            let folder = workspace.target_directory.join("yardstick/export");
            (folder.join(name), by_benchmark(profiles, form))
        }
    };
    context.host.write_files(&folder, &files)?;
    let list: String = files
        .keys()
        .map(|file| format!("  {}\n", context.shown(&folder.join(file))))
        .collect();
    context.host.note(&format!(
        "wrote {}; {}:\n{list}",
        counted(files.len(), "profile"),
        opened_with(form)
    ));
    Ok(())
}

fn part_of_baseline(context: &Context<'_>, name: &str) -> Problem {
    Problem::usage(format!(
        "Criterion's baseline `{name}` is written as a whole and into Criterion's home, so it takes no filter and no `--output`"
    ))
    .hint(format!(
        "to write profiles, say in which form: `{} capture export {name} --as speedscope`",
        context.program()
    ))
}

fn baseline(
    context: &Context<'_>,
    workspace: &Workspace,
    store: &Utf8Path,
    name: &str,
) -> Result<()> {
    let stored = captures::load(context, store, name)?;
    let home = captures::install_baseline(context, workspace, &stored.capture)?;
    let count = counted(stored.capture.benchmarks().count(), "benchmark");
    context.host.note(&format!(
        "wrote {count} as Criterion's baseline `{name}` in `{}`\n",
        context.shown(&home)
    ));
    Ok(())
}

/// The profiles of a suite, or those with a part in their ids.
fn meant<'c>(
    context: &Context<'_>,
    capture: &'c Capture,
    filter: Option<&str>,
) -> Result<Vec<&'c Profile>> {
    let name = &capture.name;
    if capture.profiles.is_empty() {
        return Err(
            Problem::usage(format!("the capture `{name}` holds no profile"))
                .hint(format!(
                    "record one: `{} profile SUITE --save {name}`",
                    context.program()
                ))
                .into(),
        );
    }
    let all = || capture.profiles.values();
    let Some(filter) = filter else {
        return Ok(all().collect());
    };
    let is_suite = all().any(|profile| profile.key.suite == filter);
    let profiles: Vec<&Profile> = all()
        .filter(|profile| match is_suite {
            true => profile.key.suite == filter,
            false => profile.key.id.contains(filter),
        })
        .collect();
    if profiles.is_empty() {
        let ids = all().map(|profile| profile.key.id.as_str());
        return Err(Problem::usage(format!(
            "the capture `{name}` holds no profile of a suite `{filter}` or of a benchmark with `{filter}` in its id"
        ))
        .fact(list_shortly("profiles", ids))
        .into());
    }
    Ok(profiles)
}

type Files = BTreeMap<String, Vec<u8>>;

fn one_file(
    context: &Context<'_>,
    profile: &Profile,
    form: Form,
    output: &Utf8Path,
) -> Result<(Utf8PathBuf, Files)> {
    let path = context.host.working_directory()?.join(output);
    let (Some(folder), Some(file)) = (path.parent(), path.file_name()) else {
        return Err(Problem::usage(format!("`{output}` is no name of a file")).into());
    };
    let files = Files::from([(file.to_owned(), export(profile, form))]);
    Ok((folder.to_owned(), files))
}

/// A file for each, in folders as in a capture.
fn by_benchmark(profiles: &[&Profile], form: Form) -> Files {
    profiles
        .iter()
        .map(|profile| {
            let place = store::profile_folder(&profile.key);
            let place = place.strip_prefix("profiles/").unwrap_or(&place);
            (
                format!("{place}.{}", form.extension()),
                export(profile, form),
            )
        })
        .collect()
}

fn opened_with(form: Form) -> &'static str {
    match form {
        Form::Firefox => "https://profiler.firefox.com opens them, and so does `samply load FILE`",
        Form::Speedscope => "https://www.speedscope.app opens them, and so does `speedscope FILE`",
        Form::Pprof => "`go tool pprof -http=: FILE` opens them",
        Form::Folded => "every flame graph tool reads them",
    }
}
