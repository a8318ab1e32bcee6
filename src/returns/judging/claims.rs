//! What the symbols of a page claim: which of them speak for one piece, and why it came back.
//!
//! Bars and block with one number are one piece's. A block and bars that stand alone on a page are one piece's too, so that a
//! letter whose two symbols differ is never taken for two good ones.

use composition::BlockMap;
use mail::card::CardNumber;
use mail::piece::PieceKind;
use mail::returned::ReturnReasons;
use twoddoc::VerificationReport;
use twoddoc::trust::{Policy, Status, TrustStore};

use super::super::outcome::{SymbolFormat, SymbolRead};
use super::super::reading::{OnPage, PageRead, middle};
use crate::inserting::Named;
use crate::job::Job;

/// What our symbols say, and who vouches for them.
pub(in super::super) struct Words<'j> {
    job: &'j Job,
    reasons: ReturnReasons,
    trust: &'j TrustStore,
    block_map: BlockMap,
    /// The identifier of the block's field that is the card's number.
    number_field: Option<String>,
}

/// A signed block on a page.
#[derive(Debug, Clone)]
pub(in super::super) struct Block {
    /// Its examination.
    pub report: VerificationReport,
    /// The card's number that it states.
    pub number: Option<CardNumber>,
}

impl Block {
    /// Whether its signature vouches for it.
    pub(in super::super) fn is_valid(&self) -> bool {
        self.report.signature.status == Status::Valid
    }
}

/// What speaks for one piece.
#[derive(Debug, Clone, Default)]
pub(in super::super) struct Claim {
    /// The symbols, by their places on the page.
    pub symbols: Vec<usize>,
    /// The number that bars read, and whether two bands of them agree on it.
    pub bars: Option<(CardNumber, bool)>,
    /// The signed block.
    pub block: Option<Block>,
    /// What control codes and references name.
    pub named: Vec<Named>,
    /// Where it is on the page.
    pub(super) place: [f32; 2],
}

/// The claims of a page.
#[derive(Debug, Clone, Default)]
pub(in super::super) struct PageClaims {
    /// One for each piece, from the top down.
    pub pieces: Vec<Claim>,
    /// The reasons that barcodes of separators state, each once.
    pub reasons: Vec<String>,
    /// The reason that follows from the text of the post's label.
    pub of_label: Option<String>,
    /// The texts of symbols that are not ours.
    pub foreign: Vec<String>,
}

/// What a symbol is to us.
enum Meaning {
    Number(CardNumber, bool),
    Block(Box<Block>),
    Named(Named),
    Reason(String),
    Foreign,
}

impl<'j> Words<'j> {
    /// Those of a job, with what it trusts.
    pub(in super::super) fn new(job: &'j Job, trust: &'j TrustStore) -> Words<'j> {
        let block_map = job.letters().block_map;
        let number_field = block_map.fields.iter().find(|field| field.value == "{card_number}");
        let number_field = number_field.map(|field| field.id.clone());
        Words { job, reasons: job.return_reasons(), trust, block_map, number_field }
    }

    /// The fields of our signed blocks.
    pub(super) fn block_map(&self) -> &BlockMap {
        &self.block_map
    }

    /// The reasons for which mail comes back.
    pub(in super::super) fn reasons(&self) -> &ReturnReasons {
        &self.reasons
    }

    /// What the symbols of a page claim.
    pub(in super::super) fn claims(&self, page: &PageRead) -> PageClaims {
        let mut claims = PageClaims::default();
        let (mut bars, mut weak, mut blocks, mut named) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for (index, symbol) in page.symbols.iter().enumerate() {
            match self.meaning(symbol) {
                Meaning::Number(number, true) => bars.push((index, number)),
                Meaning::Number(number, false) => weak.push((index, number)),
                Meaning::Block(block) => blocks.push((index, *block)),
                Meaning::Named(name) => named.push((index, name)),
                Meaning::Reason(code) if claims.reasons.contains(&code) => {}
                Meaning::Reason(code) => claims.reasons.push(code),
                // One reading of bars that nothing confirms says nothing.
                Meaning::Foreign if !symbol.read.agreed => {}
                Meaning::Foreign => {
                    let text = &symbol.read.text;
                    claims.of_label =
                        claims.of_label.take().or_else(|| self.reasons.of_label(text).map(str::to_owned));
                    claims.foreign.push(text.clone());
                }
            }
        }
        let place = |index: usize| middle(&page.symbols[index].read.polygon);
        for (index, block) in blocks {
            claims.add_block(index, block, place(index));
        }
        for (index, number) in bars {
            claims.add_bars(index, number, place(index));
        }
        for (index, number) in weak {
            claims.add_weak_bars(index, number, place(index));
        }
        for (index, name) in named {
            claims.add_name(index, name, place(index));
        }
        claims.join_lonely_ones();
        claims.pieces.sort_by_key(|claim| (claim.place[1] as i64, claim.place[0] as i64));
        claims
    }

    fn meaning(&self, OnPage { read, bytes }: &OnPage) -> Meaning {
        let SymbolRead { format, text, agreed, .. } = read;
        if *format == SymbolFormat::DataMatrix && (bytes.starts_with(b"DC") || bytes.first() == Some(&0xDC)) {
            return self.block(bytes);
        }
        if let Ok(number) = CardNumber::parse(text) {
            return match format {
                SymbolFormat::Code39 => Meaning::Number(number, *agreed),
                // No symbol of ours holds a bare number in modules.
                SymbolFormat::DataMatrix => Meaning::Foreign,
            };
        }
        if !agreed {
            return Meaning::Foreign;
        }
        if let Some(code) = self.reasons.of_barcode(text) {
            return Meaning::Reason(code.to_owned());
        }
        match Named::in_job(self.job, text) {
            Named::Nothing | Named::Card(_) => Meaning::Foreign,
            named => Meaning::Named(named),
        }
    }

    /// A 2D-DOC: ours, or another's, which is none of our business.
    fn block(&self, bytes: &[u8]) -> Meaning {
        let report = VerificationReport::of_symbol(bytes, self.trust, &Policy::default());
        let map = &self.block_map;
        let is_ours = report
            .header
            .as_ref()
            .is_some_and(|header| header.document_type == map.document_type && header.ca_id == map.ca_id);
        let number = report
            .fields
            .iter()
            .find(|field| Some(&field.id) == self.number_field.as_ref())
            .and_then(|field| CardNumber::parse(&field.value).ok());
        // One of another authority or type that states a card's number is no letter of another house.
        if !is_ours && number.is_none() {
            return Meaning::Foreign;
        }
        Meaning::Block(Box::new(Block { report, number }))
    }
}

impl Claim {
    fn number(&self) -> Option<&CardNumber> {
        let of_block = self.block.as_ref().and_then(|block| block.number.as_ref());
        of_block.or(self.bars.as_ref().map(|(number, _)| number))
    }
}

impl PageClaims {
    fn of_number(&mut self, number: &CardNumber) -> Option<&mut Claim> {
        self.pieces.iter_mut().find(|claim| claim.number() == Some(number))
    }

    fn add_block(&mut self, index: usize, block: Block, place: [f32; 2]) {
        let number = block.number;
        match number.and_then(|number| self.of_number(&number)) {
            // The same block twice on one page. One that is not valid is not passed over.
            Some(claim) => {
                claim.symbols.push(index);
                if !block.is_valid() {
                    claim.block = Some(block);
                }
            }
            None => self.pieces.push(Claim {
                symbols: vec![index],
                block: Some(block),
                place,
                ..Claim::default()
            }),
        }
    }

    fn add_bars(&mut self, index: usize, number: CardNumber, place: [f32; 2]) {
        match self.of_number(&number) {
            Some(claim) => {
                claim.symbols.push(index);
                claim.bars = Some((number, true));
            }
            None => {
                let bars = Some((number, true));
                self.pieces.push(Claim { symbols: vec![index], bars, place, ..Claim::default() });
            }
        }
    }

    /// Bars on which no two bands agree count where a block or other bars say the same, or where nothing else is on the page.
    fn add_weak_bars(&mut self, index: usize, number: CardNumber, place: [f32; 2]) {
        let is_empty = self.pieces.is_empty();
        match self.of_number(&number) {
            Some(claim) => {
                claim.symbols.push(index);
                claim.bars.get_or_insert((number, false));
            }
            None if is_empty => {
                let bars = Some((number, false));
                self.pieces.push(Claim { symbols: vec![index], bars, place, ..Claim::default() });
            }
            None => {}
        }
    }

    /// A letter's name belongs to the bars or the block that are nearest to it. A mailer's is a piece of its own.
    fn add_name(&mut self, index: usize, name: Named, place: [f32; 2]) {
        let is_mailer = is_mailer(&name);
        let away = |claim: &Claim| (claim.place[0] - place[0]).hypot(claim.place[1] - place[1]);
        let fits = |claim: &&mut Claim| {
            let names_it = claim.named.iter().any(|known| is_same(known, &name));
            names_it || (!is_mailer && claim.number().is_some())
        };
        let nearest =
            self.pieces.iter_mut().filter(fits).min_by(|one, other| away(one).total_cmp(&away(other)));
        match nearest {
            Some(claim) => {
                claim.symbols.push(index);
                if !claim.named.contains(&name) {
                    claim.named.push(name);
                }
            }
            None => {
                self.pieces.push(Claim {
                    symbols: vec![index],
                    named: vec![name],
                    place,
                    ..Claim::default()
                });
            }
        }
    }

    /// A block without bars and the bars without a block that are nearest to it are one piece's, whatever they say.
    fn join_lonely_ones(&mut self) {
        let is_block = |claim: &Claim| claim.block.is_some() && claim.bars.is_none();
        let is_bars = |claim: &Claim| claim.bars.is_some() && claim.block.is_none();
        while let Some(block) = self.pieces.iter().position(is_block) {
            let from = self.pieces[block].place;
            let away = |claim: &Claim| (claim.place[0] - from[0]).hypot(claim.place[1] - from[1]);
            let bars = (0..self.pieces.len())
                .filter(|place| is_bars(&self.pieces[*place]))
                .min_by(|one, other| away(&self.pieces[*one]).total_cmp(&away(&self.pieces[*other])));
            let Some(bars) = bars else { break };
            let bars = self.pieces.remove(bars);
            let Some(block) = self.pieces.iter_mut().find(|claim| is_block(claim)) else { break };
            block.symbols.extend(bars.symbols);
            block.bars = bars.bars;
            block.named.extend(bars.named);
        }
    }
}

/// Whether a name is a mailer's.
fn is_mailer(name: &Named) -> bool {
    match name {
        Named::Tracking(_) => true,
        Named::Piece(piece) => piece.kind == Some(PieceKind::Mailer),
        Named::Sheet { kind, .. } => *kind == Some(PieceKind::Mailer),
        Named::Card(_) | Named::Nothing => false,
    }
}

/// Whether two names are of one piece: its reference, and the control code of one of its sheets.
fn is_same(one: &Named, other: &Named) -> bool {
    let place = |name: &Named| match name {
        Named::Piece(piece) if piece.attempt == 0 => Some((piece.lot.as_str().to_owned(), piece.sequence)),
        Named::Sheet { lot, sequence, .. } => Some((lot.clone(), *sequence)),
        _ => None,
    };
    one == other || (place(one).is_some() && place(one) == place(other) && is_mailer(one) == is_mailer(other))
}

#[cfg(test)]
mod tests;
