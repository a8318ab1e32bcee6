//! Object streams: many small objects in one deflated stream (ISO 32000-1 §7.5.7).
//!
//! Takes dictionaries and returns the stream that holds them. Takes no stream: one may not be inside another.

use super::deflate::deflate_resource;
use super::number::push_int;

/// The most objects in one stream: enough for deflate to find repetitions, few enough for a reader to open one quickly.
const MAX_OBJECTS: usize = 100;

/// An object stream that is being filled.
#[derive(Debug, Default)]
pub(super) struct ObjectStream {
    number: u32,
    objects: usize,
    /// The number and the offset of each object, as text.
    index: Vec<u8>,
    bodies: Vec<u8>,
}

impl ObjectStream {
    /// Begins the stream with object number `number`.
    pub fn begin(&mut self, number: u32) {
        self.number = number;
    }

    /// Whether no stream is open.
    pub fn is_closed(&self) -> bool {
        self.number == 0
    }

    /// Whether the stream must be closed before another object is added.
    pub fn is_full(&self) -> bool {
        self.objects >= MAX_OBJECTS
    }

    /// The stream's object number.
    pub fn number(&self) -> u32 {
        self.number
    }

    /// Begins an object. Returns the buffer for its body, and the object's index in the stream.
    pub fn object(&mut self, number: u32) -> (&mut Vec<u8>, u16) {
        if self.objects > 0 {
            self.bodies.push(b'\n');
        }
        push_int(&mut self.index, i64::from(number));
        self.index.push(b' ');
        push_int(&mut self.index, self.bodies.len() as i64);
        self.index.push(b' ');
        let index = self.objects as u16;
        self.objects += 1;
        (&mut self.bodies, index)
    }

    /// Closes the stream. Returns it as an indirect object.
    pub fn close(&mut self) -> Vec<u8> {
        let first = self.index.len();
        let mut plain = std::mem::take(&mut self.index);
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
        self.index = plain;
        [head.as_bytes(), &deflated, b"\nendstream\nendobj\n"].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closed_stream_counts_its_objects() {
        let mut stream = ObjectStream::default();
        stream.begin(9);
        for number in 20..23 {
            let (body, index) = stream.object(number);
            assert_eq!(u32::from(index) + 20, number);
            body.extend_from_slice(format!("<</Index {index}>>").as_bytes());
        }
        let written = stream.close();
        assert!(stream.is_closed());
        let text = String::from_utf8_lossy(&written);
        assert!(text.starts_with("9 0 obj\n<</Type/ObjStm/N 3/First "), "{text}");
    }
}
