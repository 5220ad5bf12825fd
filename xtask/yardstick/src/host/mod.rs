//! The only I/O: files, processes, the clock, the environment, perf events.
