use super::*;

#[test]
fn the_tables_say_what_cost_how_much() {
    let wanted = "\
e2e/linear: 962.0 ns of CPU time per iteration, 1000 iterations
  104 samples of cpu-clock at 966 Hz (999 Hz asked for), 0 lost
  frames symbolised 99.5 %, stacks rooted 99.0 %, harness 0.0 %, trimmed 3.8 %

           own  per iteration    self   total  function of the workspace
  60.0 % ± 9.6       577.2 ns  30.0 %  60.0 %  runtime::workflow::run
  25.0 % ± 8.5       240.5 ns   0.0 %  25.0 %  runtime::actor::pump
  15.0 % ± 7.0 lie in no function of the workspace: the executor between tasks, and foreign threads

  outside the workspace, by where the CPU was
          self  per iteration   total  function
  30.0 % ± 9.0       288.6 ns  30.0 %  malloc
  25.0 % ± 8.5       240.5 ns  25.0 %  tokio::sync::mpsc::recv
  15.0 % ± 7.0       144.3 ns  15.0 %  epoll_wait

          self  per iteration   total  module
  45.0 % ± 9.8       432.9 ns  45.0 %  libc.so.6
  30.0 % ± 9.0       288.6 ns  60.0 %  runtime::workflow
  25.0 % ± 8.5       240.5 ns  25.0 %  tokio::sync::mpsc
";
    let text = terminal(&sample::profile(), None);
    assert_eq!(text.get(..wanted.len()), Some(wanted), "{text}");
}

#[test]
fn every_line_fits_the_terminal() {
    let mut profile = sample::profile();
    let name = format!("runtime::{}::f", "deep::".repeat(40));
    profile.stacks.add(vec![name.clone()], 50);
    let origin = profile.origins["runtime::actor::pump"].clone();
    profile.origins.insert(name, origin);
    let text = terminal(&profile, Some(100));
    let widest = text.lines().map(|line| line.chars().count()).max();
    assert!(widest <= Some(100), "{text}");
}

#[test]
fn without_iterations_there_are_shares_and_no_times() {
    let mut profile = sample::profile();
    profile.work.iterations = Iterations::Unknown;
    let text = terminal(&profile, None);
    assert!(
        text.starts_with("e2e/linear: iterations unknown, so shares only\n"),
        "{text}"
    );
    assert!(!text.contains("per iteration"), "{text}");
}

#[test]
fn derived_iterations_are_labelled() {
    let mut profile = sample::profile();
    profile.work.iterations = Iterations::Derived(500.0);
    let text = terminal(&profile, None);
    assert!(
        text.contains("1.924 µs of CPU time per iteration (derived from the stored time)"),
        "{text}"
    );
}

#[test]
fn a_long_name_keeps_both_ends() {
    assert_eq!(
        shortened("runtime::actor::pump", 20),
        "runtime::actor::pump"
    );
    assert_eq!(shortened("runtime::actor::pump", 10), "run…::pump");
}
