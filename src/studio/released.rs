//! A released piece as it was: from its record, what is kept of its template, and the job's signing key.

use composition::{
    BlockComposer, BlockMap, ComposedPiece, LetterComposer, LetterFault, PieceFault, PieceNumbers, Stamper,
};
use mail::issuance::Issuance;
use mail::piece::PieceKind;
use mail::tracking::TrackingId;

use super::specimen::{Sheet, of_kept, print};
use crate::failure::Failure;
use crate::job::Job;
use crate::kept::{KeptFacts, KeptTemplate};
use crate::ledger::ReleasedPiece;
use crate::vault::{CardCodes, MailerComposer, MailerPattern, load_signing_key};

/// The piece as a PDF. A letter's pages are those that were released, where the job signs by the same key; a mailer shows
/// invented codes.
///
/// # Errors
/// `record_forgotten`: a purge removed its record; `template_gone`, `template_changed`: what was kept of its template; template
/// and key errors.
pub(crate) fn released_piece(job: &Job, piece: &ReleasedPiece, overlay: bool) -> Result<Vec<u8>, Failure> {
    let Some(record) = &piece.issuance else {
        let problem =
            format!("the record of `{}` was forgotten: nobody knows any more what it said", piece.piece_id);
        return Err(Failure::refused("record_forgotten", problem)
            .with_advice("`pli status` still says where the piece is and when it left"));
    };
    let Some(kept) = &piece.kept else {
        let problem = format!(
            "nothing is kept of the template of `{}`: an earlier version released it",
            piece.piece_id
        );
        return Err(Failure::refused("template_gone", problem)
            .with_advice("show its record in a template of today: `pli render TEMPLATE --record FILE`"));
    };
    let kept = KeptTemplate::open(&job.kept_templates().join(kept))?;
    let (template, setting) = of_kept(&kept)?;
    let lot = piece.lot.to_string();
    let sheet = Sheet {
        kind: piece.kind,
        night: piece.night,
        overlay,
        lot: &lot,
        piece: &piece.piece_id,
        sequence: piece.sequence,
        title: "Again",
    };
    match piece.kind {
        PieceKind::Letter => {
            let blocks = blocks(job, kept.facts(), piece)?;
            print(&template, &setting, record, &sheet, |stamper| letter(stamper, &blocks, record, piece))
        }
        PieceKind::Mailer => {
            let tracking = tracking_id(kept.facts(), piece);
            print(&template, &setting, record, &sheet, |stamper| mailer(stamper, &tracking, record, piece))
        }
    }
}

/// What signs the blocks of a letter, as it did.
fn blocks(job: &Job, facts: &KeptFacts, piece: &ReleasedPiece) -> Result<BlockComposer, Failure> {
    let Some(signing) = facts.signing.clone() else {
        return Err(Failure::bug("a kept letter's template says nothing of its signer"));
    };
    let map = BlockMap {
        ca_id: signing.ca_id,
        certificate_id: signing.certificate_id,
        document_type: signing.document_type,
        fields: signing.fields,
    };
    let key = load_signing_key(&job.letters().key, signing.profile)?;
    Ok(BlockComposer::new(&map, key, piece.night)?)
}

fn letter(
    stamper: &Stamper,
    blocks: &BlockComposer,
    record: &Issuance,
    piece: &ReleasedPiece,
) -> Result<ComposedPiece, Vec<PieceFault>> {
    let composer = LetterComposer::new(stamper, blocks, piece.first_night).again(piece.night);
    let (checked, _) = composer.check(record)?;
    let numbers =
        PieceNumbers { piece_id: &piece.piece_id, tracking_id: "", position: Some(piece.position()) };
    composer.compose(checked, &numbers).map_err(|failed| match failed {
        LetterFault::Piece(faults) => faults,
        LetterFault::Signer(signer) => {
            let (field, message) = ("signing".to_owned(), signer.to_string());
            vec![PieceFault { field, code: "specimen", french: message.clone(), message, advice: None }]
        }
    })
}

fn mailer(
    stamper: &Stamper,
    tracking_id: &str,
    record: &Issuance,
    piece: &ReleasedPiece,
) -> Result<ComposedPiece, Vec<PieceFault>> {
    let composer =
        MailerComposer::new(stamper, piece.first_night, MailerPattern::specimen()).again(piece.night);
    let numbers = PieceNumbers { piece_id: &piece.piece_id, tracking_id, position: Some(piece.position()) };
    composer.compose(composer.check(record, &CardCodes::specimen())?, &numbers)
}

/// The tracking identifier on a mailer.
fn tracking_id(facts: &KeptFacts, piece: &ReleasedPiece) -> String {
    let prefix = facts.tracking_prefix.as_deref().unwrap_or_default();
    let tracking = piece.tracking.and_then(|number| TrackingId::new(prefix, number).ok());
    tracking.map(|tracking| tracking.to_string()).unwrap_or_default()
}
