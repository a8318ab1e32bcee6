//! What shows of mailers that are held to the light, by judges that share no code with the program: tesseract, and matched
//! filters that know how codes are drawn (tests/light.py).

use serde_json::Value;

use crate::job::{MONDAY, TestJob};
use crate::tools::{python, text};

/// Mailers and blurs of a short run. With PLI_THROUGH_LIGHT=200 that many mailers are judged, from all sides and at four blurs.
const SHORT: [&str; 8] = ["--mailers", "20", "--blurs", "0.3", "--views", "flat", "--tesseract", "2"];

#[test]
fn nobody_reads_codes_through_the_built_in_mailers() {
    let long = std::env::var("PLI_THROUGH_LIGHT").ok();
    let templates =
        if long.is_some() { &["mailer-igc-sante", "mailer-legacy"][..] } else { &["mailer-igc-sante"] };
    for template in templates {
        let Some(judged) = judged(template, long.as_deref()) else { return };
        let mailers = judged["mailers"].as_f64().expect("a count");
        // Each position by itself in a long run, against chance. All positions together in a short one, against the share that
        // docs/through-light.md states for this blur: every run has patterns of its own, so that a run in 100,000 may exceed it.
        let (which, share, tries, deviations) =
            if long.is_some() { ("worst", 0.1, mailers, 3.0) } else { ("mean", 0.125, 12.0 * mailers, 4.5) };
        let limit = share + deviations * (share * (1.0 - share) / tries).sqrt();
        for filter in judged["filters"].as_array().expect("filters") {
            assert!(filter[which].as_f64().expect("a share") <= limit, "{template}, {limit:.3}: {filter}");
        }
        for read in judged["tesseract"].as_array().expect("readings") {
            assert_eq!(read["whole"], 0, "{template}: {read}");
        }
    }
}

/// What the judges say of the mailers of a night.
fn judged(template: &str, mailers: Option<&str>) -> Option<Value> {
    let job = TestJob::new();
    let toml = job.read("job.toml");
    job.write("job.toml", &format!("{toml}\n[mailers]\ntemplate = \"{template}\"\n"));
    job.replace(
        "job.toml",
        "dir = \"out\"\nseal_to = [\"keys/press.pub\"]",
        "dir = \"out\"\nunsealed = true",
    );
    job.both_nights();
    let file = job.path(&format!("out/{MONDAY}/mailers/26327A-0001.pdf"));
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/light.py");
    let arguments = match mailers {
        Some(count) => vec![script, text(&file), "--mailers", count],
        None => [&[script, text(&file)][..], &SHORT].concat(),
    };
    Some(serde_json::from_str(&python("numpy", &arguments)?).expect("JSON"))
}
