//! What the workspace's manifests say about benchmarks.
