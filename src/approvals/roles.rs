//! Roles: letters and mailers have operators of their own.

use crate::failure::Failure;
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

fn permit_user(job: &Job, kind: PieceKind, user: &SystemUser) -> Result<(), Failure> {
    let named = |kind| job.roles().users(kind).iter().any(|text| user.is(text));
    let other = PieceKind::ALL.into_iter().find(|other| *other != kind);
    let problem = match (named(kind), other.is_some_and(named)) {
        (true, false) => return Ok(()),
        (true, true) => format!("the user {} is named for letters and for mailers", user.name),
        (false, _) => format!("the user {} does not print {}", user.name, kind.folder()),
    };
    let advice = format!("run it as one of: {}", job.roles().users(kind).join(", "));
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
        let both = permit(&separate, None).unwrap_err();
        assert_eq!((both.code(), both.exit().code()), ("roles_need_only", 2));
        assert!(permit(&job(""), None).is_ok());
    }
}
