//! The child's side of mailers that are printed again, with the template and the settings of their originals and the codes files
//! of the job, which must still be there.

use std::collections::BTreeSet;

use composition::{PieceNumbers, fact_values};
use jiff::civil::Date;
use mail::lot::LotPosition;
use mail::piece::PieceKind;
use print_file::Conformance;
use rayon::prelude::*;

use super::link::Link;
use super::message::{AgainMailer, AgainTask, MadeLot, Report};
use crate::approvals::{self, Allowed};
use crate::failure::{Failure, Position};
use crate::job::Job;
use crate::kept::KeptTemplate;
use crate::night::intake::codes_of_night;
use crate::night::lot::{NumberedPiece, Numbering, SheetLayout, refuse_light_paper};
use crate::night::order::NightOrder;
use crate::night::planning::DuePiece;
use crate::night::printing::SheetCount;
use crate::night::production::{
    LotPress, MAKING_CODES_KEY, PreparedPieces, StockCache, lay_out, not_printable, recipients_of_mailers,
    refuse_heavy_pieces, stamper,
};
use crate::vault::{CardCodes, CheckedMailer, CodesOfNight, MailerComposer, MailerOrder};

/// Opens the codes files of the job and finds the codes of all pieces in them.
///
/// # Errors
/// `codes_gone`, `codes_unusable`: a piece without codes; those of the codes files.
pub(super) fn codes_of(job: &Job, day: Date, pieces: &[AgainMailer]) -> Result<CodesOfNight, Failure> {
    let codes = codes_of_night(job, day)?;
    pieces.iter().try_for_each(|piece| codes_of_piece(&codes, piece).map(drop))?;
    Ok(codes)
}

/// The codes of a piece.
///
/// # Errors
/// `codes_gone`: no codes file has its card; `codes_unusable`: its row there is faulty; `codes_changed`, `codes_unreadable`.
fn codes_of_piece(codes: &CodesOfNight, piece: &AgainMailer) -> Result<CardCodes, Failure> {
    let piece_id = &piece.piece_id;
    let found = codes.of_card(piece.issuance.card_number.as_str());
    codes.check_unchanged()?;
    match found {
        Some(Ok(codes)) => Ok(codes),
        Some(Err(fault)) => {
            let problem =
                format!("the codes of `{piece_id}` can't be printed: {}: {}", fault.field, fault.message);
            Err(Failure::refused("codes_unusable", problem).at(Position::line(&fault.file, fault.line)))
        }
        None => {
            let problem =
                format!("no codes file has the codes of `{piece_id}` any more; nothing was printed");
            Err(Failure::refused("codes_gone", problem).with_advice(
                "put the codes file of its night back where `input.codes` finds it, or leave the piece out",
            ))
        }
    }
}

/// Prints the mailers of one lot again, sealed to the job's present recipients, and proves them.
///
/// # Errors
/// `template_gone`, `template_changed`; `approved_changed`: other recipients than were approved; `paper_opacity`; `not_printable`: a record does not fit; key, template and I/O errors.
pub(super) fn print_again(
    order: &NightOrder,
    allowed: &Allowed,
    task: AgainTask,
    codes: &CodesOfNight,
    link: &Link,
    stock: &StockCache,
) -> Result<MadeLot, Failure> {
    let kind = PieceKind::Mailer;
    let AgainTask { kept, first_night, pieces, lot } = task;
    let (numbers, day) = (lot.numbers()?, order.night);
    let kept = KeptTemplate::open(&order.job.kept_templates().join(kept))?;
    let known = kept.facts();
    let facts = pieces.iter().map(|piece| fact_values(kind, &piece.issuance)).collect::<BTreeSet<_>>();
    let template = lay_out(order, link, stock, &kept.template()?, &known.bureau, facts, None)?;
    refuse_heavy_pieces(order.job, &template)?;
    refuse_light_paper(order.job, &template.name, &template.manifest)?;
    let press = known.press();
    let stamper = stamper(&template, &press, known.inserter.clone())?;
    let layout = SheetLayout::of(&press, &template)?;
    let intent = kept.output_intent()?;
    let seal_to = recipients_of_mailers(order.job)?;
    allowed.check(approvals::press_keys(seal_to.as_ref()))?;
    let key = MailerOrder::of(&order.job.mailers().codes_identity, first_night);
    let pattern = key.map_err(|error| error.in_job(MAKING_CODES_KEY, true))?.pattern();
    let composer = MailerComposer::new(&stamper, first_night, pattern).again(day);
    let check = |(entry, piece): (u32, AgainMailer)| {
        let checked = composer.check(&piece.issuance, &codes_of_piece(codes, &piece)?);
        let checked = checked.map_err(|faults| not_printable(&piece.piece_id, &faults))?;
        Ok((DuePiece { entry, issuance: piece.issuance }, checked))
    };
    let pieces: Vec<_> = (0..).zip(pieces).collect();
    let checked: Vec<(DuePiece, CheckedMailer)> =
        pieces.into_par_iter().with_min_len(8).map(check).collect::<Result<_, Failure>>()?;
    let mut numbering = Numbering::begin(&numbers, known.tracking_prefix.as_deref().unwrap_or_default());
    let number = |(piece, checked)| Ok((numbering.number(piece)?, checked));
    let numbered: Vec<_> = checked.into_iter().map(number).collect::<Result<_, Failure>>()?;
    let expected = numbered.len() as u64;
    let compose = |piece: &NumberedPiece, checked: CheckedMailer| {
        let tracking_id = piece.tracking.map(|id| id.to_string()).unwrap_or_default();
        let position = Some(LotPosition { lot: &numbers.name, kind, sequence: piece.sequence });
        let numbers = PieceNumbers { piece_id: &piece.piece_id, tracking_id: &tracking_id, position };
        composer.compose(checked, &numbers).map_err(|faults| not_printable(&piece.piece_id, &faults))
    };
    let press = LotPress {
        order,
        progress: link,
        numbers: &numbers,
        stamper: &stamper,
        stock,
        layout,
        intent: &intent,
        conformance: if known.archive { Conformance::PressAndArchive } else { Conformance::Press },
        seal_to: seal_to.as_ref(),
        proof_key: None,
        block_map: None,
        codes: Some(codes),
        first_night,
        key: None,
        kept: None,
        staging: &lot.staging,
        mark: &lot.mark,
        salts: None,
    };
    let sheets = SheetCount::begin(layout, order.job.pieces_per_file());
    let mut batches = PreparedPieces::new(numbered, &compose, sheets);
    let made = press.print(&mut batches, expected, false)?;
    let made = made.ok_or_else(|| Failure::bug("a lot without pieces"))?;
    link.tell(&Report::Printed(batches.printed()))?;
    Ok(MadeLot::of(made))
}
