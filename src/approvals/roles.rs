//! Roles: letters and mailers have operators of their own, and both work for the user to whom the job belongs.

use crate::failure::Failure;
use crate::files::{name_of_user, working_user};
use crate::job::Job;
use crate::ledger::SystemUser;
use mail::piece::PieceKind;

/// Whether this user may print what is asked: one kind, and the user's own. Every user may where the job names none.
///
/// # Errors
/// `roles_need_only`: both kinds are asked for at once; `wrong_user`: the kind is another user's; `no_user`.
pub(crate) fn permit(job: &Job, kind: Option<PieceKind>) -> Result<(), Failure> {
    if !job.roles().separate() {
        return Ok(());
    }
    let Some(kind) = kind else {
        let problem =
            "letters and mailers have operators of their own (`[roles]`), and are not printed by one command";
        return Err(Failure::usage("roles_need_only", problem)
            .with_advice("run it as the user of either kind, with `--only letters` or `--only mailers`"));
    };
    permit_user(job, kind, &SystemUser::of_process()?)
}

/// Whether this user may recall pieces of a kind, or say that they have left. An operator may for the kind that is the user's own;
/// whoever is no operator, as the office, for both.
///
/// # Errors
/// `wrong_user`: the user is an operator of the other kind; `no_user`.
pub(crate) fn permit_moving(job: &Job, kind: PieceKind) -> Result<(), Failure> {
    if !job.roles().separate() {
        return Ok(());
    }
    permit_user_to_move(job, kind, &SystemUser::of_process()?)
}

fn permit_user_to_move(job: &Job, kind: PieceKind, user: &SystemUser) -> Result<(), Failure> {
    let other = PieceKind::ALL.into_iter().find(|other| *other != kind);
    let is_of = |kind| job.roles().users(kind).iter().any(|text| user.is(text));
    let Some(other) = other.filter(|other| is_of(*other)) else { return Ok(()) };
    let (kind, other) = (kind.folder(), other.folder());
    let problem = format!("the user {} prints {other}, and neither recalls nor dispatches {kind}", user.name);
    let advice = match PACKAGED.iter().any(|(_, name)| user.is(name)) {
        true => format!(
            "run it as root with `{AS} office pli …`, or with `{AS} {kind} pli …` if it is of {kind} alone"
        ),
        false => format!(
            "run it as the office, who is no operator, or as an operator of {kind} if it is of {kind} alone"
        ),
    };
    Err(Failure::refused("wrong_user", problem).with_advice(advice))
}

/// The program of the Debian package that becomes an operator who works for the office, and the names of its operators.
const AS: &str = "/usr/lib/pli/as";
const PACKAGED: [(PieceKind, &str); 2] =
    [(PieceKind::Letter, "pli-letters"), (PieceKind::Mailer, "pli-mailers")];

/// Refuses a command that writes into a job of another user: its files would be that user's neither to read nor to write, and
/// would stop the nights.
///
/// # Errors
/// `job_of_another_user`.
pub(crate) fn refuse_another_user(job: &Job) -> Result<(), Failure> {
    let Some(owner) = job.owner_other_than_this_user() else { return Ok(()) };
    let this = working_user().and_then(name_of_user).unwrap_or_else(|| "this user".to_owned());
    let problem = format!(
        "the job belongs to the user {}, and files that {this} makes in it would stop its nights",
        owner.name()
    );
    let office = format!("run the same command as that user: `{} pli …`", owner.runner());
    let operators =
        PACKAGED.iter().filter(|(kind, name)| job.roles().users(*kind).iter().any(|user| user == name));
    let operators: Vec<String> = operators
        .map(|(kind, _)| format!("{} as root with `{AS} {} pli …`", kind.folder(), kind.folder()))
        .collect();
    let advice = match operators.is_empty() {
        true => office,
        false => format!("{office}; print {}", operators.join(", ")),
    };
    Err(Failure::usage("job_of_another_user", problem).in_file(job.file.display()).with_advice(advice))
}

fn permit_user(job: &Job, kind: PieceKind, user: &SystemUser) -> Result<(), Failure> {
    let named = |kind| job.roles().users(kind).iter().any(|text| user.is(text));
    let other = PieceKind::ALL.into_iter().find(|other| *other != kind);
    let problem = match (named(kind), other.is_some_and(named)) {
        (true, false) => return Ok(()),
        (true, true) => format!("the user {} is named for letters and for mailers", user.name),
        (false, _) => format!("the user {} does not print {}", user.name, kind.folder()),
    };
    let users = job.roles().users(kind);
    let packaged = users.iter().any(|user| PACKAGED.contains(&(kind, user)));
    let advice = match packaged {
        true => format!("run it as root with `{AS} {} pli …`", kind.folder()),
        false => format!("run it as one of: {}", users.join(", ")),
    };
    Err(Failure::refused("wrong_user", problem).with_advice(advice))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_prints_one_kind() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("job.toml");
        let begin = "[bureau]\nname = \"Bureau\"\n[input]\ncards = [\"cards.csv\"]\n";
        let job = |roles: &str| {
            fs_err::write(&file, format!("{begin}{roles}")).unwrap();
            Job::load(&file).unwrap()
        };
        let user = |name: &str, number| SystemUser { name: name.to_owned(), number };
        let code = |job: &Job, kind, user: &SystemUser| {
            permit_user(job, kind, user).err().map(|failure| (failure.code(), failure.exit().code()))
        };
        let wrong = Some(("wrong_user", 3));
        let separate = job("[roles]\nletters = [\"anna\"]\nmailers = [\"1001\"]\n");
        let (anna, bruno) = (user("anna", 1000), user("bruno", 1001));
        assert_eq!(code(&separate, PieceKind::Letter, &anna), None);
        assert_eq!(code(&separate, PieceKind::Mailer, &anna), wrong);
        assert_eq!(code(&separate, PieceKind::Mailer, &bruno), None);
        assert_eq!(code(&separate, PieceKind::Letter, &user("root", 0)), wrong);
        // One user under two names.
        let same = job("[roles]\nletters = [\"anna\"]\nmailers = [\"1000\"]\n");
        assert_eq!(code(&same, PieceKind::Letter, &anna), wrong);
        let moves = |kind, user: &SystemUser| {
            permit_user_to_move(&separate, kind, user).err().map(|failure| failure.code())
        };
        assert_eq!([moves(PieceKind::Letter, &anna), moves(PieceKind::Mailer, &bruno)], [None; 2]);
        assert_eq!(
            [moves(PieceKind::Mailer, &anna), moves(PieceKind::Letter, &bruno)],
            [Some("wrong_user"); 2]
        );
        assert_eq!(PieceKind::ALL.map(|kind| moves(kind, &user("office", 1002))), [None; 2]);
        let both = permit(&separate, None).unwrap_err();
        assert_eq!((both.code(), both.exit().code()), ("roles_need_only", 2));
        assert!(permit(&job(""), None).is_ok());
    }
}
