// What the server says, and what the page keeps: types alone, which no browser loads. Lengths are millimetres from the page's
// top left corner; pages count from 1.

/** Words in both languages. */
export interface Named { id: string; en: string; fr: string }
/** A rectangle. */
export interface Box { x: number; y: number; width: number; height: number }
/** A rectangle on a page. */
export interface PageBox extends Box { page: number }
/** A rectangle on a page of a variant; `null`: of every variant. */
export interface VariantBox extends PageBox { variant: string | null }

/** A fault of the template, or of a record in it. */
export interface Fault {
  severity: 'error' | 'warning'; code: string; message: string; advice: string | null; place: string | null;
  file: string | null; line: number | null; column: number | null; variants: number; boxes: VariantBox[];
}
/** A fact that makes variants, and the number of variants of each value. */
export interface Fact { name: string; values: { value: string; variants: number }[] }
/** A variant: one value of each fact. */
export interface Variant { id: string; facts: Record<string, string> }
/** A record that can be shown. */
export interface RecordChoice extends Named { group: 'samples' | 'csv' | 'job' }
/** How the sheet is printed, folded and put into its envelope. */
export interface Sheet {
  dpi: number; turn: string; fold: { kind: string; at_mm: number[] } | null;
  envelope: { name: string | null; width_mm: number | null; height_mm: number | null; play_mm: { x: number; y: number } } | null;
}
/** The template as last read. */
export interface Bench {
  /** `null` while there is none that can be read. */
  template: { name: string; title: string; version: string; kind: 'letter' | 'mailer'; media: string } | null;
  generation: number; state: 'sound' | 'broken' | 'working'; faults: Fault[]; facts: Fact[]; variants: Variant[];
  records: RecordChoice[]; sheet: Sheet | null; against: Named[]; editor: boolean; exports: string[];
}

/** A tile, in pixels from the page's corner, and the same tile of what it is compared with. */
export interface TilePlace extends Box { hash: string; before?: string | null }
/** A page's tiles, and its size in pixels. */
export interface PageTiles { page: number; width: number; height: number; tiles: TilePlace[] }
/** What is in view. */
export interface ViewAnswer {
  client?: string; against: string | null; piece: string | null; stale: boolean; generation: number; faults: Fault[]; pages: PageTiles[];
}
/** What the view is asked of. */
export interface ViewOrder {
  client: string; variant: string; record: string; against: string | null; dpi: number; pages: PageBox[];
}
/** A picture of the gallery. */
export interface Cell { variant: string; record: string; piece: string | null; pages: Omit<PageTiles, 'page'>[]; faults: Fault[] }
/** What differs in a variant. */
export interface VariantChange { variant: string; pages: { page: number; boxes: Box[] }[] }

/** A mark of the template. */
export interface Mark extends Box {
  id: string; kind: string; name: string | null; quiet: Box | null; holds: string[] | null;
  file: string | null; line: number | null; column: number | null;
  font: string | null; size_pt: number | null; set_pt: number | null; value: string | null; room_mm: number | null;
  lines: number | null; lines_used: number | null; state: string | null; reason: string | null;
}
/** A text, picture or shape of the layout. */
export interface Item extends Box {
  id: string; kind: 'text' | 'image' | 'shape'; file: string | null; line: number | null; column: number | null;
  text: string | null; font: string | null; size_pt: number | null;
}
/** A page of a piece. */
export interface PiecePage {
  page: number; side: 'front' | 'back'; width: number; height: number; marks: Mark[]; items: Item[]; coverage_percent: number;
}
/** The lines of the card's facsimile. */
export interface CardLines {
  title: string; order: string; site: string; profession: string; reference: string; name: string; number: string; issued: string;
}
/** Instead of a piece while there is no sound version of it. */
export interface NoPiece { piece: null }
/** A piece: one record in one variant. */
export interface Piece { piece: string; pages: PiecePage[]; card: CardLines | null }
/** What a scanner reads. */
export interface SymbolRead {
  dpi: number; format: string; text: string; expected: string | null; ok: boolean; signature: string | null; polygon: [number, number][];
}
/** What a window shows, and what it should show and loses. */
export interface WindowView {
  id: string; shows: { id: string; name: string; part_percent: number }[]; loses: { id: string; name: string; by_mm: number }[];
}
/** A place that an editor asks to see. */
export interface Reveal extends PageBox { place: string | null; variant: string | null }
