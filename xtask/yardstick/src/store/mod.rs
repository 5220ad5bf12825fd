//! The stored form of a capture: paths, versioned wire types, checksums.
