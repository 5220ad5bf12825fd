//! Addresses to functions: debug information first, symbol tables where it has nothing.
//!
//! Every distinct address is resolved once. A worker takes neighbouring addresses, because debug
//! information is read one compilation unit at a time, and neighbours share theirs.

mod debug_info;
mod symbol_table;

use std::{
    collections::{BTreeMap, HashMap},
    num::NonZeroUsize,
    sync::Arc,
    thread,
};

use debug_info::{DebugInfo, Found, Sections};
use object::Object;
use symbol_table::SymbolTable;

use super::{images::Image, names, trim};
use crate::model::profile::NoSymbols;

/// Where a frame of a stack lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Site {
    /// At an address of an image, as the file itself counts. Of a return address it is the byte before:
    /// the call, not what follows it.
    Code {
        /// The image, by position.
        image: usize,
        /// The address.
        address: u64,
    },
    /// In the kernel, whose functions are not told apart.
    Kernel,
    /// In no mapped file.
    Unmapped,
}

/// One function at one site.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Frame {
    /// The normalised name; the file's in brackets where the function is not known.
    pub(super) function: Arc<str>,
    /// The source file, as the debug information spells it.
    pub(super) file: Option<Arc<str>>,
    /// The image, by position.
    pub(super) image: Option<usize>,
    /// Whether `function` is the name of a function.
    pub(super) named: Named,
    /// Of the code of a future, the types that it is used with.
    pub(super) types: Option<Arc<str>>,
}

/// Whether a frame found its function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Named {
    /// It did.
    Yes,
    /// It did not.
    No,
    /// Nothing was looked for: the kernel.
    NotAsked,
}

/// The functions of every site that was asked for.
pub(super) struct Resolved {
    /// The distinct frames.
    pub(super) frames: Vec<Frame>,
    /// By site: positions in `frames`, the function first and then what is inlined into it.
    sites: HashMap<Site, Box<[u32]>>,
}

impl Resolved {
    /// The frames at a site; none for one that was not asked for.
    pub(super) fn at(&self, site: Site) -> &[u32] {
        self.sites.get(&site).map_or(&[], |frames| frames)
    }
}

/// Finds the functions of all `sites`, which must be sorted.
pub(super) fn resolve(sites: &[Site], images: &[Image<'_>], threads: NonZeroUsize) -> Resolved {
    let mut used: BTreeMap<usize, Sections<'_>> = BTreeMap::new();
    for site in sites {
        if let Site::Code { image, .. } = site {
            used.entry(*image)
                .or_insert_with(|| Sections::of(&images[*image]));
        }
    }
    let share = sites.len().div_ceil(threads.get()).max(1);
    let parts: Vec<Part> = thread::scope(|scope| {
        let workers: Vec<_> = sites
            .chunks(share)
            .map(|sites| scope.spawn(|| Worker::new(images, &used).resolve(sites)))
            .collect();
        workers
            .into_iter()
            .map(|worker| match worker.join() {
                Ok(part) => part,
                Err(panic) => std::panic::resume_unwind(panic),
            })
            .collect()
    });
    join(parts)
}

/// What one worker found.
struct Part {
    frames: Vec<Frame>,
    sites: Vec<(Site, Box<[u32]>)>,
}

fn join(parts: Vec<Part>) -> Resolved {
    let mut frames = Interner::default();
    let mut sites = HashMap::new();
    for part in parts {
        let positions: Vec<u32> = part
            .frames
            .into_iter()
            .map(|frame| frames.position(frame))
            .collect();
        for (site, found) in part.sites {
            sites.insert(
                site,
                found.iter().map(|&at| positions[at as usize]).collect(),
            );
        }
    }
    Resolved {
        frames: frames.items,
        sites,
    }
}

#[derive(Default)]
struct Interner {
    items: Vec<Frame>,
    positions: HashMap<Frame, u32>,
}

impl Interner {
    fn position(&mut self, frame: Frame) -> u32 {
        let next = self.items.len() as u32;
        *self.positions.entry(frame).or_insert_with_key(|frame| {
            self.items.push(frame.clone());
            next
        })
    }
}

/// Resolves one share of the sites; reads each image when its first site comes.
struct Worker<'a> {
    images: &'a [Image<'a>],
    sections: &'a BTreeMap<usize, Sections<'a>>,
    sources: HashMap<usize, Source<'a>>,
    frames: Interner,
    names: HashMap<String, Arc<str>>,
    files: HashMap<String, Arc<str>>,
}

/// What an image knows of its functions.
struct Source<'a> {
    debug_info: Option<DebugInfo<'a>>,
    symbols: SymbolTable<'a>,
}

impl<'a> Worker<'a> {
    fn new(images: &'a [Image<'a>], sections: &'a BTreeMap<usize, Sections<'a>>) -> Self {
        Self {
            images,
            sections,
            sources: HashMap::new(),
            frames: Interner::default(),
            names: HashMap::new(),
            files: HashMap::new(),
        }
    }

    fn resolve(mut self, sites: &[Site]) -> Part {
        let sites = sites
            .iter()
            .map(|&site| (site, self.frames_at(site)))
            .collect();
        Part {
            frames: self.frames.items,
            sites,
        }
    }

    fn frames_at(&mut self, site: Site) -> Box<[u32]> {
        match site {
            Site::Kernel => Box::new([self.nameless("[kernel]", None, Named::NotAsked)]),
            Site::Unmapped => Box::new([self.nameless("[unmapped]", None, Named::No)]),
            Site::Code { image, address } => self.frames_in(image, address),
        }
    }

    fn frames_in(&mut self, image: usize, address: u64) -> Box<[u32]> {
        let source = self.sources.entry(image).or_insert_with(|| Source {
            debug_info: self.sections.get(&image).and_then(Sections::read),
            symbols: SymbolTable::of(&self.images[image]),
        });
        let mut found: Vec<Function> = Vec::new();
        if let Some(debug_info) = &source.debug_info {
            debug_info.visit_frames(
                address,
                |Found {
                     symbol,
                     file,
                     entry,
                 }| {
                    let name = symbol.map(|symbol| {
                        shared(&mut self.names, symbol.into_owned(), |symbol| {
                            names::normalise(symbol).into()
                        })
                    });
                    let future = name.as_deref().is_some_and(trim::is_future);
                    let stated = entry.filter(|_| future);
                    let stated = stated.and_then(|entry| debug_info.stated_name(address, entry));
                    found.push(Function {
                        name,
                        file: file.map(|file| {
                            shared(&mut self.files, file.to_owned(), |file| file.into())
                        }),
                        types: stated
                            .and_then(|stated| names::type_arguments(&stated))
                            .map(|types| shared(&mut self.files, types, |types| types.into())),
                    });
                },
            );
        }
        // Debug information lists the innermost inlined function first and the real one last.
        found.reverse();
        if found.first().is_none_or(|real| real.name.is_none()) {
            let symbol = source.symbols.function_at(address).map(str::to_owned);
            let name = symbol.map(|symbol| {
                shared(&mut self.names, symbol, |symbol| {
                    names::normalise(symbol).into()
                })
            });
            match found.first_mut() {
                Some(real) => real.name = name,
                None => found.push(Function {
                    name,
                    ..Function::default()
                }),
            }
        }
        found
            .into_iter()
            .map(|function| self.frame(image, function))
            .collect()
    }

    fn frame(&mut self, image: usize, function: Function) -> u32 {
        let Some(name) = function.name else {
            let name = bracketed(self.images[image].path);
            return self.nameless(&name, Some(image), Named::No);
        };
        self.frames.position(Frame {
            function: name,
            file: function.file,
            image: Some(image),
            named: Named::Yes,
            types: function.types,
        })
    }

    fn nameless(&mut self, name: &str, image: Option<usize>, named: Named) -> u32 {
        self.frames.position(Frame {
            function: names::normalise(name).into(),
            file: None,
            image,
            named,
            types: None,
        })
    }
}

/// What was found about one function at an address.
#[derive(Default)]
struct Function {
    /// Its normalised name.
    name: Option<Arc<str>>,
    file: Option<Arc<str>>,
    types: Option<Arc<str>>,
}

fn shared(
    known: &mut HashMap<String, Arc<str>>,
    key: String,
    make: impl FnOnce(&str) -> Arc<str>,
) -> Arc<str> {
    Arc::clone(known.entry(key).or_insert_with_key(|key| make(key)))
}

/// The last part of a path, in brackets: `[libc.so.6]`, `[vdso]`.
fn bracketed(path: &str) -> String {
    let name = path.rsplit('/').next().unwrap_or(path);
    format!("[{}]", name.trim_matches(['[', ']']))
}

/// Why an address of an image found no function.
pub(super) fn reason_without_name(image: &Image<'_>) -> NoSymbols {
    match &image.elf {
        Err(reason) => *reason,
        Ok(elf) => {
            let has_names = |elf: &object::File<'_>| {
                elf.section_by_name(".debug_info").is_some() || elf.symbols().next().is_some()
            };
            if has_names(elf) || image.debug.as_ref().is_some_and(has_names) {
                NoSymbols::NoMatch
            } else {
                NoSymbols::Stripped
            }
        }
    }
}
