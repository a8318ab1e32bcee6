//! `--shard`: the share of a night that this process makes, as written or from the environment of its batch engine.
//!
//! Slurm sets the index of a job in its array, and the array's bounds and step. Kubernetes sets only the index of a pod in
//! its indexed job, from 0.

use std::str::FromStr;

use crate::failure::Failure;
use crate::night::order::{Shard, ShardFault};

/// The value of `--shard`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ShardChoice {
    /// `K/N`
    Given(Shard),
    /// `auto`: number and count are the batch engine's.
    Auto,
    /// `auto/N`: the number is the batch engine's.
    AutoOf(u32),
}

impl FromStr for ShardChoice {
    type Err = ShardFault;

    fn from_str(text: &str) -> Result<ShardChoice, ShardFault> {
        if text == "auto" {
            return Ok(ShardChoice::Auto);
        }
        match text.strip_prefix("auto/") {
            // Parsed as the first share of so many, which checks the count.
            Some(of) => format!("1/{of}").parse().map(|shard: Shard| ShardChoice::AutoOf(shard.of())),
            None => text.parse().map(ShardChoice::Given),
        }
    }
}

/// The variables of a Slurm array.
const SLURM: [&str; 5] = [
    "SLURM_ARRAY_TASK_ID",
    "SLURM_ARRAY_TASK_MIN",
    "SLURM_ARRAY_TASK_MAX",
    "SLURM_ARRAY_TASK_STEP",
    "SLURM_ARRAY_TASK_COUNT",
];
/// The variable of an indexed job of Kubernetes.
const KUBERNETES: &str = "JOB_COMPLETION_INDEX";

impl ShardChoice {
    /// Finds the share; `variable` looks up a variable of the environment.
    ///
    /// # Errors
    /// `shard`: no batch engine, two of them, or an index that names no share.
    pub(super) fn resolve(&self, variable: impl Fn(&str) -> Option<String>) -> Result<Shard, Failure> {
        let of = match self {
            ShardChoice::Given(shard) => return Ok(*shard),
            ShardChoice::Auto => None,
            ShardChoice::AutoOf(of) => Some(*of),
        };
        let task = SLURM[0];
        let (slurm_index, kubernetes_index) = (number(&variable, task)?, number(&variable, KUBERNETES)?);
        match (slurm_index, kubernetes_index, of) {
            (Some(_), Some(_), _) => {
                let problem = format!("`--shard`: both {task} and {KUBERNETES} are set");
                Err(no_shard(problem, "write the share as K/N, or unset one of them"))
            }
            (Some(index), None, Some(of)) => Shard::new(index, of).map_err(|fault| {
                let problem = format!("`--shard auto/{of}`: {task} is {index}: {fault}");
                no_shard(problem, format!("submit with --array=1-{of}"))
            }),
            (Some(index), None, None) => slurm(index, &variable),
            (None, Some(index), Some(of)) => Shard::new(index.saturating_add(1), of).map_err(|fault| {
                let problem = format!("`--shard auto/{of}`: {KUBERNETES} is {index}, from 0: {fault}");
                no_shard(problem, format!("set the job's completions to {of}"))
            }),
            (None, Some(_), None) => Err(no_shard(
                "`--shard auto`: Kubernetes sets the index of a pod, and not how many there are",
                "write `--shard auto/N`, with N as the job's completions",
            )),
            (None, None, _) => {
                let problem = format!("`--shard auto`: neither {task} nor {KUBERNETES} is set");
                Err(no_shard(
                    problem,
                    "submit an array with `sbatch --array=1-N` or an indexed job, or write the share as K/N",
                ))
            }
        }
    }
}

fn no_shard(problem: impl Into<String>, advice: impl Into<String>) -> Failure {
    Failure::usage("shard", problem).with_advice(advice)
}

/// The share of a job in a Slurm array of any bounds and step: `0-3`, `1-4`, `10-40:10` are four shares each.
fn slurm(index: u32, variable: impl Fn(&str) -> Option<String>) -> Result<Shard, Failure> {
    let set = |name: &str| {
        let missing = || {
            no_shard(
                format!("`--shard auto`: {name} is not set"),
                "submit an array with `sbatch --array=1-N`, or write the share as K/N",
            )
        };
        number(&variable, name)?.ok_or_else(missing)
    };
    let [least, greatest, step, count] = [set(SLURM[1])?, set(SLURM[2])?, set(SLURM[3])?, set(SLURM[4])?];
    let unfit = |problem: String| {
        no_shard(
            format!("`--shard auto`: {problem}"),
            "submit with --array=1-N, or write the share as K/N or `auto/N`",
        )
    };
    if step == 0 || greatest < least || index < least || index > greatest {
        return Err(unfit(format!(
            "index {index} of an array from {least} to {greatest} by {step} names no share"
        )));
    }
    // A list such as 1,2,7 has the bounds of 1-7 and another count.
    let regular = (greatest - least).is_multiple_of(step)
        && (greatest - least) / step + 1 == count
        && (index - least).is_multiple_of(step);
    if !regular {
        return Err(unfit(format!("an array of {count} jobs from {least} to {greatest} by {step} has gaps")));
    }
    if count == 1 && index > 1 {
        return Err(unfit(format!(
            "an array of one job, {index}, looks like one share of several run again, and does not say of how many"
        )));
    }
    Shard::new((index - least) / step + 1, count).map_err(|fault| unfit(fault.to_string()))
}

/// A variable as a number, where it is set.
fn number(variable: impl Fn(&str) -> Option<String>, name: &str) -> Result<Option<u32>, Failure> {
    let Some(text) = variable(name).filter(|text| !text.is_empty()) else { return Ok(None) };
    let unfit =
        |_| no_shard(format!("`--shard`: {name} is `{text}`, which is no index"), "write the share as K/N");
    text.parse().map(Some).map_err(unfit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolved(choice: &str, variables: &[(&str, &str)]) -> Result<String, String> {
        let choice: ShardChoice = choice.parse().expect("a choice");
        let variable = |name: &str| variables.iter().find(|v| v.0 == name).map(|v| v.1.to_owned());
        choice.resolve(variable).map(|shard| shard.to_string()).map_err(|failure| failure.to_string())
    }

    fn array(values: [&'static str; 5]) -> Vec<(&'static str, &'static str)> {
        SLURM.into_iter().zip(values).collect()
    }

    #[test]
    fn any_regular_array_of_slurm_names_a_share() {
        for (values, share) in [
            (["3", "1", "4", "1", "4"], "3/4"),
            (["0", "0", "3", "1", "4"], "1/4"),
            (["40", "10", "40", "10", "4"], "4/4"),
            (["1", "1", "1", "1", "1"], "1/1"),
            (["0", "0", "0", "1", "1"], "1/1"),
        ] {
            assert_eq!(resolved("auto", &array(values)), Ok(share.to_owned()));
        }
    }

    #[test]
    fn an_array_that_names_no_share_is_refused() {
        for values in [
            ["2", "1", "7", "1", "3"],
            ["9", "1", "4", "1", "4"],
            ["3", "1", "5", "2", "4"],
            ["2", "1", "5", "2", "3"],
            ["1", "1", "4", "0", "4"],
            ["1", "4", "1", "1", "4"],
            ["1", "1", "5000", "1", "5000"],
            ["3", "3", "3", "1", "1"],
            ["two", "1", "4", "1", "4"],
        ] {
            assert!(resolved("auto", &array(values)).is_err(), "{values:?}");
        }
        let half = resolved("auto", &[("SLURM_ARRAY_TASK_ID", "2")]).expect_err("no bounds");
        assert!(half.contains("SLURM_ARRAY_TASK_MIN"), "{half}");
    }

    #[test]
    fn a_pod_counts_from_0_and_needs_the_count() {
        assert_eq!(resolved("auto/4", &[(KUBERNETES, "0")]), Ok("1/4".to_owned()));
        assert_eq!(resolved("auto/4", &[(KUBERNETES, "3")]), Ok("4/4".to_owned()));
        assert!(resolved("auto/4", &[(KUBERNETES, "4")]).expect_err("out of bounds").contains("completions"));
        assert!(resolved("auto/4", &[(KUBERNETES, "4294967295")]).is_err());
        assert!(resolved("auto", &[(KUBERNETES, "0")]).expect_err("no count").contains("auto/N"));
    }

    #[test]
    fn a_count_that_is_given_goes_with_an_array_from_1() {
        assert_eq!(resolved("auto/4", &[(SLURM[0], "3")]), Ok("3/4".to_owned()));
        assert!(resolved("auto/4", &[(SLURM[0], "0")]).expect_err("from 0").contains("--array=1-4"));
    }

    #[test]
    fn no_engine_and_two_engines_are_refused() {
        assert!(resolved("auto", &[]).expect_err("none").contains("K/N"));
        let both = [(SLURM[0], "1"), (KUBERNETES, "0")];
        assert!(resolved("auto/4", &both).expect_err("two").contains("both"));
        assert_eq!(resolved("2/3", &both), Ok("2/3".to_owned()), "what is written counts");
        for choice in ["auto/0", "auto/", "auto/x", "auto/1001", "AUTO"] {
            assert!(choice.parse::<ShardChoice>().is_err(), "{choice}");
        }
    }
}
