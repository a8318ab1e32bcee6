//! Small objects gathered into one deflated stream (ISO 32000-1 §7.5.7).
//!
//! Takes dictionaries. Gives the stream that holds them. Never takes a stream, which may not lie in another.

use super::deflate::deflate_resource;
use super::number::push_int;

/// Objects in one stream: enough for deflate to find what repeats, few enough for a reader to open one quickly.
const OBJECTS: usize = 100;

/// An object stream being filled.
#[derive(Debug, Default)]
pub(super) struct ObjectStream {
    number: u32,
    objects: usize,
    places: Vec<u8>,
    bodies: Vec<u8>,
}

impl ObjectStream {
    /// Begins a stream of that number.
    pub fn begin(&mut self, number: u32) {
        self.number = number;
    }

    /// Whether no stream is begun.
    pub fn is_closed(&self) -> bool {
        self.number == 0
    }

    /// Whether it should be written before more is put in.
    pub fn is_full(&self) -> bool {
        self.objects >= OBJECTS
    }

    /// The stream's own number.
    pub fn number(&self) -> u32 {
        self.number
    }

    /// Begins an object; its body goes to the bytes returned. The second is the object's rank in the stream.
    pub fn object(&mut self, number: u32) -> (&mut Vec<u8>, u16) {
        if self.objects > 0 {
            self.bodies.push(b'\n');
        }
        push_int(&mut self.places, i64::from(number));
        self.places.push(b' ');
        push_int(&mut self.places, self.bodies.len() as i64);
        self.places.push(b' ');
        let rank = self.objects as u16;
        self.objects += 1;
        (&mut self.bodies, rank)
    }

    /// The stream as an indirect object; nothing is begun afterwards.
    pub fn close(&mut self) -> Vec<u8> {
        let first = self.places.len();
        let mut plain = std::mem::take(&mut self.places);
        plain.extend_from_slice(&self.bodies);
        self.bodies.clear();
        let deflated = deflate_resource(&plain);
        let head = format!(
            "{} 0 obj\n<</Type/ObjStm/N {}/First {first}/Length {}/Filter/FlateDecode>>\nstream\n",
            self.number,
            self.objects,
            deflated.len()
        );
        (self.number, self.objects) = (0, 0);
        plain.clear();
        self.places = plain;
        [head.as_bytes(), &deflated, b"\nendstream\nendobj\n"].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_reader_finds_every_object() {
        let mut stream = ObjectStream::default();
        stream.begin(9);
        for number in 20..23 {
            let (body, rank) = stream.object(number);
            assert_eq!(u32::from(rank) + 20, number);
            body.extend_from_slice(format!("<</Rank {rank}>>").as_bytes());
        }
        let written = stream.close();
        assert!(stream.is_closed());
        let text = String::from_utf8_lossy(&written);
        assert!(text.starts_with("9 0 obj\n<</Type/ObjStm/N 3/First "), "{text}");
    }
}
