//! The names of a system.

use crate::address::Address;
use crate::cell::{AnyCell, Cell};
use crate::sync::Mutex;
use std::any::Any;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Which actor has which name. A name is taken when its actor is made, and free
/// again when it has ended for good; a restart keeps it.
pub(crate) struct Registry {
    names: Mutex<BTreeMap<Arc<str>, Arc<dyn AnyCell>>>,
}

impl Registry {
    pub(crate) fn new() -> Self {
        Self {
            names: Mutex::new(BTreeMap::new()),
        }
    }

    /// Takes a name for a cell; false when another has it.
    pub(crate) fn take(&self, name: &Arc<str>, cell: Arc<dyn AnyCell>) -> bool {
        let mut names = self.names.lock();
        if names.contains_key(name) {
            return false;
        }
        names.insert(Arc::clone(name), cell);
        true
    }

    pub(crate) fn release(&self, name: &str) {
        let cell = self.names.lock().remove(name);
        drop(cell);
    }

    /// The address of the actor of this name, if it takes messages of type `M`.
    pub(crate) fn find<M: Send + 'static>(&self, name: &str) -> Option<Address<M>> {
        let cell = Arc::clone(self.names.lock().get(name)?);
        let cell: Arc<dyn Any + Send + Sync> = cell;
        cell.downcast::<Cell<M>>().ok().map(Address::new)
    }
}
