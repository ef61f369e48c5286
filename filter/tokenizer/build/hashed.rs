//! Perfect hashes: every key has its own slot, found with one displacement per bucket.
//!
//! The tag in a slot holds what the slot's place does not already say about the key, so a lookup is exact without storing
//! the key (see the README for the drawing).

use crate::layout::{self, SLOT_BYTES, TAG_BITS};

/// Three hundredths more slots than keys, so that the last buckets find a place.
const SLACK: usize = 33;

/// Multipliers to try; two or three are needed.
const TRIES: u32 = 50;

/// A key as its hash sees it.
struct Spot {
    bucket: u32,
    /// Its slot before the displacement of its bucket.
    base: u32,
}

/// The sizes of a hash and the multiplier that places all its keys.
pub struct Shape {
    pub bucket_bits: u32,
    pub slot_count: u32,
    pub multiplier: u64,
}

/// A hash of pairs to values.
pub struct Pairs {
    pub id_bits: u32,
    pub shape: Shape,
    pub buckets: Vec<u8>,
    pub slots: Vec<u8>,
}

/// A set of words.
pub struct Words {
    pub shape: Shape,
    pub slot_bytes: usize,
    pub buckets: Vec<u8>,
    pub slots: Vec<u8>,
}

/// `pairs` are (left, right, value).
pub fn pairs(pairs: &[(u32, u32, u32)], ids: u32) -> Pairs {
    let id_bits = 32 - (ids - 1).leading_zeros();
    let (shape, displacements) = settle(pairs.len(), |at, shape| {
        let (left, right, _) = pairs[at];
        let place = layout::place(left, right, id_bits, shape.bucket_bits, shape.multiplier);
        Spot { bucket: place.bucket, base: place.rest % shape.slot_count }
    });
    let mut buckets: Vec<u32> = displacements.iter().map(|&displacement| u32::from(displacement)).collect();
    let mut slots = Slots::new(&shape, SLOT_BYTES);
    for &(left, right, value) in pairs {
        let place = layout::place(left, right, id_bits, shape.bucket_bits, shape.multiplier);
        let bucket = place.bucket as usize;
        buckets[bucket] |= layout::presence(place.rest);
        let tag = (place.rest / shape.slot_count) << shape.bucket_bits | place.bucket;
        assert!(tag < 1 << TAG_BITS && value < layout::NONE, "a slot holds 20 + 20 bits");
        let slot = (place.rest % shape.slot_count + u32::from(displacements[bucket])) % shape.slot_count;
        slots.set(slot, u64::from(value) << TAG_BITS | u64::from(tag));
    }
    Pairs {
        id_bits,
        shape,
        buckets: buckets.into_iter().flat_map(u32::to_le_bytes).collect(),
        slots: slots.bytes,
    }
}

/// `words` are keys, no two alike.
pub fn words(words: &[u64]) -> Words {
    let (shape, displacements) = settle(words.len(), |at, shape| {
        let place = layout::words::place(words[at], shape.bucket_bits, shape.multiplier);
        Spot { bucket: place.bucket, base: place.low % shape.slot_count }
    });
    let tag = |word| {
        let place = layout::words::place(word, shape.bucket_bits, shape.multiplier);
        (place, layout::words::tag(place, shape.bucket_bits, shape.slot_count))
    };
    // All bits set stand for an empty slot, so no quotient may have all its bits set.
    let quotient_max = u32::MAX / shape.slot_count;
    assert!(!(quotient_max + 1).is_power_of_two(), "an entry could look like an empty slot");
    let bits = 32 + (quotient_max + 1).next_power_of_two().trailing_zeros();
    let slot_bytes = bits.div_ceil(8) as usize;
    let mut slots = Slots::new(&shape, slot_bytes);
    for &word in words {
        let (place, tag) = tag(word);
        let displacement = u32::from(displacements[place.bucket as usize]);
        slots.set((place.low % shape.slot_count + displacement) % shape.slot_count, tag);
    }
    Words {
        shape,
        slot_bytes,
        buckets: displacements.into_iter().flat_map(u16::to_le_bytes).collect(),
        slots: slots.bytes,
    }
}

/// Slots of a few bytes each, with room behind them to read the last one as eight.
struct Slots {
    bytes: Vec<u8>,
    slot_bytes: usize,
}

impl Slots {
    fn new(shape: &Shape, slot_bytes: usize) -> Self {
        Self { bytes: vec![0xFF; shape.slot_count as usize * slot_bytes + 8 - slot_bytes], slot_bytes }
    }

    fn set(&mut self, slot: u32, entry: u64) {
        let bytes = entry.to_le_bytes();
        assert!(bytes[self.slot_bytes..].iter().all(|byte| *byte == 0), "the entry fits its slot");
        self.bytes[slot as usize * self.slot_bytes..][..self.slot_bytes]
            .copy_from_slice(&bytes[..self.slot_bytes]);
    }
}

/// Finds a multiplier and displacements for `count` keys, whose spots depend on the multiplier.
fn settle(count: usize, spot: impl Fn(usize, &Shape) -> Spot) -> (Shape, Vec<u16>) {
    // Two to four keys per bucket: with more, the last buckets find no place.
    let bucket_bits = (count / 4).next_power_of_two().trailing_zeros();
    let slot_count = (count + count / SLACK) as u32;
    let mut shape = Shape { bucket_bits, slot_count, multiplier: 0x9E37_79B9_7F4A_7C15 };
    for _ in 0..TRIES {
        let spots: Vec<Spot> = (0..count).map(|at| spot(at, &shape)).collect();
        if let Some(displacements) = displace(&spots, &shape) {
            return (shape, displacements);
        }
        shape.multiplier = shape.multiplier.wrapping_mul(0xD129_0D3B_3F2B_0C2D) | 1;
    }
    panic!("no multiplier of {TRIES} places all keys");
}

/// One displacement per bucket such that no two keys meet; fullest buckets first. None if a bucket finds no place.
fn displace(spots: &[Spot], shape: &Shape) -> Option<Vec<u16>> {
    let mut members: Vec<Vec<u32>> = vec![Vec::new(); 1 << shape.bucket_bits];
    for spot in spots {
        let bases = &mut members[spot.bucket as usize];
        if bases.contains(&spot.base) {
            return None;
        }
        bases.push(spot.base);
    }
    let mut order: Vec<usize> = (0..members.len()).collect();
    order.sort_by_key(|&bucket| std::cmp::Reverse(members[bucket].len()));
    let mut taken = vec![false; shape.slot_count as usize];
    let mut displacements = vec![0u16; members.len()];
    for bucket in order {
        // Starting elsewhere for each bucket keeps the free slots spread. No displacement exceeds the number of slots.
        let most = shape.slot_count.min(1 << 16);
        let start = (bucket as u32).wrapping_mul(0x9E37_79B1) % most;
        let slot = |base: u32, displacement: u32| ((base + displacement) % shape.slot_count) as usize;
        let found = (0..most)
            .map(|step| (start + step) % most)
            .find(|&displacement| members[bucket].iter().all(|&base| !taken[slot(base, displacement)]))?;
        for &base in &members[bucket] {
            taken[slot(base, found)] = true;
        }
        displacements[bucket] = found as u16;
    }
    Some(displacements)
}
