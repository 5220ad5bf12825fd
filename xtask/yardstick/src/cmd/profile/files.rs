//! Where profiles are kept: in a capture, or beside the build.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result};
use camino::{Utf8Path, Utf8PathBuf};

use super::super::{Context, captures, recording::Raw, save::Save};
use crate::{
    model::{profile::Profile, suite::Workspace},
    render,
    store::{self, Stored},
};

const PICTURE: &str = "flamegraph.svg";
const STACKS: &str = "stacks.folded";

/// A profile with its flame graph.
pub(super) struct Drawn {
    pub(super) profile: Profile,
    pub(super) picture: Vec<u8>,
    /// The recordings it was made from; an imported one stays where it is.
    pub(super) raw: Vec<Raw>,
}

/// Stores the profiles, and names what to open.
pub(super) fn keep(
    context: &Context<'_>,
    workspace: &Workspace,
    captures: &Utf8Path,
    save: Option<&Save>,
    drawn: Vec<Drawn>,
) -> Result<()> {
    let folder = match save {
        Some(save) => {
            store(context, captures, save, &drawn)?;
            captures.join(&save.name)
        }
        None => {
            let folder = workspace.target_directory.join("yardstick");
            let profiles: Vec<&Profile> = drawn.iter().map(|drawn| &drawn.profile).collect();
            let mut files = suite_pictures(&profiles)?;
            for Drawn {
                profile, picture, ..
            } in &drawn
            {
                let place = store::profile_folder(&profile.key);
                files.insert(format!("{place}/{PICTURE}"), picture.clone());
                files.insert(
                    format!("{place}/{STACKS}"),
                    profile.stacks.to_string().into_bytes(),
                );
            }
            context.host.write_files(&folder, &files)?;
            folder
        }
    };
    name_files(context, &folder, &drawn);
    Ok(())
}

fn store(context: &Context<'_>, captures: &Utf8Path, save: &Save, drawn: &[Drawn]) -> Result<()> {
    let mut raw: BTreeMap<String, Utf8PathBuf> = BTreeMap::new();
    for Drawn {
        profile, raw: runs, ..
    } in drawn
    {
        let place = store::profile_folder(&profile.key);
        for (run, recording) in runs.iter().enumerate() {
            let name = match run {
                0 => format!("{place}/recording"),
                later => format!("{place}/recording.{}", later + 1),
            };
            raw.insert(name, recording.file.clone());
        }
    }
    captures::update(
        context,
        captures,
        &save.name,
        &raw,
        &mut |stored: &mut Stored| {
            // Somebody else may have saved meanwhile.
            let keys = drawn.iter().map(|drawn| &drawn.profile.key);
            let profiles = &stored.capture.profiles;
            save.refuse_to_replace("profiles", keys.filter(|key| profiles.contains_key(key)))?;
            for Drawn {
                profile, picture, ..
            } in drawn
            {
                let place = store::profile_folder(&profile.key);
                stored
                    .pictures
                    .insert(format!("{place}/{PICTURE}"), picture.clone());
                stored
                    .capture
                    .profiles
                    .insert(profile.key.clone(), profile.clone());
            }
            let profiles: Vec<&Profile> = stored.capture.profiles.values().collect();
            let pictures = suite_pictures(&profiles)?;
            stored.pictures.extend(pictures);
            Ok(())
        },
    )
}

/// One picture per suite with all its benchmarks, by path.
fn suite_pictures(profiles: &[&Profile]) -> Result<BTreeMap<String, Vec<u8>>> {
    let suites: BTreeSet<(&str, &str)> = profiles
        .iter()
        .map(|profile| (profile.key.package.as_str(), profile.key.suite.as_str()))
        .collect();
    suites
        .into_iter()
        .map(|(package, suite)| {
            let of_suite = profiles
                .iter()
                .filter(|profile| profile.key.package == package && profile.key.suite == suite);
            let picture = render::flamegraph::draw_suite(suite, of_suite.copied())
                .with_context(|| format!("cannot draw the flame graph of the suite `{suite}`"))?;
            Ok((
                format!("{}/{PICTURE}", store::suite_folder(package, suite)),
                picture,
            ))
        })
        .collect()
}

fn name_files(context: &Context<'_>, folder: &Utf8Path, drawn: &[Drawn]) {
    let mut places: BTreeSet<String> = BTreeSet::new();
    for Drawn { profile, .. } in drawn {
        places.insert(store::suite_folder(
            &profile.key.package,
            &profile.key.suite,
        ));
        places.insert(store::profile_folder(&profile.key));
    }
    let shown =
        |place: &String| format!("  {}\n", context.shown(&folder.join(place).join(PICTURE)));
    let list: String = places.iter().map(shown).collect();
    context.host.note(&format!(
        "flame graphs, to open in a browser (folded stacks lie beside them):\n{list}"
    ));
}
