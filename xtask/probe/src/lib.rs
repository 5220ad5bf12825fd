//! What a bench executable may link.
